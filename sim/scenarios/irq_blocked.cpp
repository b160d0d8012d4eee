// SPDX-License-Identifier: Apache-2.0
//
// irq-blocked: every waiter has interrupts off, one of them on the CPU that owns the GERROR interrupt; by default that is
// the only CPU. A waiter that looks at GERROR itself finds the error within a poll interval; one that relies on the handler
// keeps it out until the poll limit.
#include <fmt/format.h>

#include "fault_cycle.h"

namespace atcbench {
namespace {

class IrqBlocked final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("system.cpus")) config.system.cpus = 1;
    config.driver.sync_irq_off = 1;
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    // a sample is a bus read, and what the CPU was at before it came back to waiting
    const Cycle limit = 4 * config().cpu.poll_period + 200;
    testbed.check("detected_in_a_poll_interval", detection() <= limit,
                  fmt::format("CMDQ_ERR was active for {} cycles until somebody looked, {} allowed", detection(), limit));
  }
};

}  // namespace

std::unique_ptr<Scenario> make_irq_blocked() { return std::make_unique<IrqBlocked>(); }

}  // namespace atcbench
