// SPDX-License-Identifier: Apache-2.0
#include "atcbench/workload.h"

#include <fmt/format.h>

namespace atcbench {

void Workload::start(std::function<void()> after) {
  after_ = std::move(after);
  testbed_.machine().spawn(0, "boot", [this] {
    Machine& machine = testbed_.machine();
    testbed_.boot();
    const unsigned cpus = machine.cpus();
    left_.v = cpus + (beside_ ? 1 : 0);
    for (auto& ep : testbed_.endpoints()) testbed_.start_dma(ep);
    const Config& config = testbed_.config();
    if (config.fault.keep_stale || config.fault.early_cpl || (!arms_ && testbed_.fault_wanted()))
      for (uint64_t i = 0; i < config.fault.count; ++i)
        testbed_.arm_fault(static_cast<unsigned>(config.fault.device + i), 0);
    testbed_.phase(Phase::kLoad);
    for (unsigned cpu = 0; cpu < cpus; ++cpu)
      machine.spawn(cpu, fmt::format("load/{}", cpu), [this, cpu] { run_cpu(cpu); },
                    machine.now() + 1 + Rng(testbed_.config().seed, cpu).below(64));
    if (beside_)
      machine.spawn(cpus - 1, "beside", [this] {
        beside_();
        port_atomic_fetch_add(testbed_.port(), &left_, ~uint64_t{0});
      });
    port_src all_done{};
    all_done.kind = PORT_SRC_ATOMIC;
    all_done.atomic = &left_;
    all_done.mask = ~uint64_t{0};
    all_done.until_equal = true;
    port_wait(testbed_.port(), &all_done, 1, 100, PORT_FOREVER, PORT_WAIT_SLEEP);
    if (after_) after_();
    testbed_.shut_down();
  });
}

void Workload::run_cpu(unsigned cpu) {
  const Config& config = testbed_.config();
  Machine& machine = testbed_.machine();
  Rng rng(config.seed, 100 + cpu);
  if (!config.load.pri) testbed_.map(cpu, 0, config.load.pages);
  for (uint64_t round = 0; round_(cpu, round); ++round) {
    machine.sleep(config.load.hold + rng.below(config.load.hold / 4 + 1));
    const uint64_t slot = rng.below(config.load.pages - config.driver.batch + 1);
    if (config.load.pri) {
      testbed_.unmap_if_mapped(cpu, slot);
    } else {
      testbed_.unmap(cpu, slot, config.driver.batch);
      testbed_.map(cpu, slot, config.driver.batch);
    }
    machine.cond_resched();
  }
  port_atomic_fetch_add(testbed_.port(), &left_, ~uint64_t{0});
}

}  // namespace atcbench
