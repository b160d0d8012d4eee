// SPDX-License-Identifier: Apache-2.0
//
// hang: fault.count endpoints stop answering invalidations in the middle of the load, fault.repeat times. Each
// must be found, isolated, quarantined, reset, and translate again, while the others go on.
//
// hang-many: the same with half of the devices in one batch.
#include <fmt/format.h>

#include "fault_cycle.h"
#include "smmu.h"
#include "sync_waits.h"

namespace atcbench {
namespace {

class Hang final : public FaultCycle {
 public:
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    // Who looks at GERROR itself: else the handler, which the waiter keeps out, decides when a queue that stands goes on.
    if (config().driver.poll_gerror && config().driver.policy != "legacy" && config().driver.policy != "isr-reset") {
      testbed.check("waits_explained", waits_.unexplained() == 0,
                    fmt::format("{} SYNCs waited longer than the time-outs ahead of them explain (D8), by up to {} cycles",
                                waits_.unexplained(), waits_.longest_unexplained()));
      const Cycle stand = waits_.longest_stand(testbed.machine().now()), bound = SyncWaits::stand_bound(config());
      testbed.check("queue_resumed", stand <= bound,
                    fmt::format("the command queue stood for {} cycles behind an error, the bound is {} (D23)", stand, bound));
    }
  }

 protected:
  void observe(const Event& e) override { waits_.observe(config(), e); }

 private:
  SyncWaits waits_;
};

class HangMany final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("fault.count")) config.fault.count = (config.system.devices - config.fault.device + 1) / 2;
    FaultCycle::configure(config);
  }
};

}  // namespace

std::unique_ptr<Scenario> make_hang() { return std::make_unique<Hang>(); }
std::unique_ptr<Scenario> make_hang_many() { return std::make_unique<HangMany>(); }

}  // namespace atcbench
