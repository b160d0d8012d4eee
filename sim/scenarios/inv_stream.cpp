// SPDX-License-Identifier: Apache-2.0
//
// inv-stream: the CPUs keep the command queue full of ATC_INVs, round robin over the devices, load.commands of them
// before each SYNC, load.iterations times each. No unmaps, by default no DMA: what limits is the hardware, and the limit is known (D26).
#include <fmt/format.h>

#include <array>
#include <vector>

#include "atcbench/rng.h"
#include "atcbench/scenario.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr uint64_t kPage = 4096;

class InvStream final : public Scenario {
 public:
  void configure(Config& config) const override {
    if (!config.given("load.dma_interval")) config.set("load.dma_interval=0");
    if (!config.given("system.cpus")) config.set("system.cpus=1");
  }

  void start(Testbed& testbed) override {
    testbed.sim().log().observe([this](const Event& e) {
      completed_ += e.event == EV_INV_CPL;
      lock_waits_ += e.event == EV_LOCK_WAIT;
    });
    testbed.machine().spawn(0, "stream", [this, &testbed] {
      testbed.boot();
      for (auto& ep : testbed.endpoints()) testbed.start_dma(ep);
      testbed.phase(Phase::kLoad);
      const uint64_t before = completed_;
      Machine& machine = testbed.machine();
      left_.v = machine.cpus();
      for (unsigned cpu = 1; cpu < machine.cpus(); ++cpu)
        machine.spawn(cpu, fmt::format("stream/{}", cpu), [this, &testbed, cpu] { stream(testbed, cpu); }, machine.now() + 1);
      stream(testbed, 0);
      port_src all_done{};
      all_done.kind = PORT_SRC_ATOMIC;
      all_done.atomic = &left_;
      all_done.mask = ~uint64_t{0};
      all_done.until_equal = true;
      port_wait(testbed.port(), &all_done, 1, 100, PORT_FOREVER, PORT_WAIT_SLEEP);
      streamed_ = completed_ - before;
      testbed.shut_down();
    });
  }

  void verify(Testbed& testbed) override {
    const Config& config = testbed.config();
    testbed.check("all_succeeded", errors_ == 0, fmt::format("{} batches failed", errors_));
    testbed.check("no_timeout", testbed.stats().timeouts == 0, fmt::format("{} time-outs", testbed.stats().timeouts));
    const uint64_t expected = config.system.cpus * config.load.iterations * config.load.commands;
    testbed.check("all_completed", streamed_ == expected, fmt::format("{} of {} invalidations completed", streamed_, expected));
    testbed.check("no_lock", lock_waits_ == 0, fmt::format("{} waits for a lock while streaming", lock_waits_));
  }

 private:
  void stream(Testbed& testbed, unsigned cpu) {
    const Config& config = testbed.config();
    Rng rng(config.seed, cpu);
    std::vector<std::array<uint64_t, 2>> batch(config.load.commands);
    uint64_t next = cpu;
    for (uint64_t round = 0; round < config.load.iterations; ++round) {
      for (auto& command : batch) {
        const uint64_t sid = config.functions().rid(static_cast<unsigned>(next++ % config.system.devices));
        command = {uint64_t{OP_ATC_INV} | sid << 32, Testbed::kWindow + rng.below(config.load.pages) * kPage};
      }
      static_assert(sizeof batch[0] == sizeof(uint64_t[2]), "the driver takes pairs");
      const auto commands = commands_argument(reinterpret_cast<const uint64_t(*)[2]>(batch.data()), batch.size());
      errors_ += testbed.call(smmu_raw_commands, testbed.smmu(), commands, static_cast<unsigned>(batch.size())) != 0;
    }
    port_atomic_fetch_add(testbed.port(), &left_, ~uint64_t{0});
  }

  port_atomic_t left_{0};  // CPUs whose stream has not ended
  uint64_t lock_waits_ = 0;
  uint64_t completed_ = 0;
  uint64_t streamed_ = 0;
  uint64_t errors_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_inv_stream() { return std::make_unique<InvStream>(); }

}  // namespace atcbench
