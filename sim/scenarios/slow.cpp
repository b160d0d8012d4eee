// SPDX-License-Identifier: Apache-2.0
//
// slow: devices answer, but only after the time-out: the late completion must be discarded, and the device is
// dealt with as in hang.
#include <fmt/format.h>

#include "ep_regs.h"
#include "fault_cycle.h"

namespace atcbench {
namespace {

class Slow final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    // FAULT_DELAY has 32 bits: with time=real the threshold is 4 s, not 90
    if (config.time == "real" && !config.given("smmu.atc_timeout")) config.set("smmu.atc_timeout", "4000000000");
    FaultCycle::configure(config);
    if (!config.given("fault.delay")) config.set("fault.delay", fmt::format("{}", config.smmu.atc_timeout + 400));
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    testbed.check("late_completion_discarded", strays_ > 0, "no late completion was seen");
  }

 protected:
  uint32_t fault_ctrl() const override { return EP_FAULT_CTRL_ANSWER_AFTER; }
  void observe(const Event& e) override { strays_ += e.event == EV_INV_CPL_STRAY; }

 private:
  uint64_t strays_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_slow() { return std::make_unique<Slow>(); }

}  // namespace atcbench
