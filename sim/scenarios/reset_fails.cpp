// SPDX-License-Identifier: Apache-2.0
//
// reset-fails: the device hangs again after the reset (fault.survive_flr = 1, the default here), or the reset does not bring
// it back in time (cpu.flr_wait, cpu.ready_timeout and a configuration time-out shorter than ep.flr_cycles). It stays quarantined, is reset once and
// reported once, and costs nobody another time-out.
#include <fmt/format.h>

#include "fault_cycle.h"
#include "look.h"

namespace atcbench {
namespace {

class ResetFails final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("fault.survive_flr")) config.fault.survive_flr = 1;
    real_slow_load(config);
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    for (auto& ep : testbed.endpoints()) {
      if (!is_faulty(ep.index)) continue;
      testbed.check("reported_once", ep.error_callbacks == 2 && ep.resumes == 0,
                    fmt::format("{} error callbacks, 2 expected (detected, given up); {} resumes", ep.error_callbacks,
                                ep.resumes));
    }
    testbed.check("no_more_timeouts", late_timeouts_ == 0, fmt::format("{} time-outs after the device was given up", late_timeouts_));
  }

 protected:
  // The worker has given it up, and the load went on for the length of two time-outs.
  bool over(const Device&) const override {
    return given_up_ && testbed_now() - given_up_ > 2 * config().smmu.atc_timeout;
  }
  unsigned resets_expected() const override { return 1; }
  // The others without it: `unmap.quarantined` is compared with a run of one device less.
  uint64_t rounds_after() const override { return config().load.iterations; }
  void observe(const Event& e) override {
    if (e.event == EV_DRV_ERROR_CB && e.a1 == PCI_CHANNEL_PERM_FAILURE) given_up_ = e.cycle;
    if (e.event == EV_INV_TIMEOUT && given_up_) ++late_timeouts_;
    now_ = e.cycle;
  }

 private:
  Cycle testbed_now() const { return now_; }

  Cycle now_ = 0;
  Cycle given_up_ = 0;
  uint64_t late_timeouts_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_reset_fails() { return std::make_unique<ResetFails>(); }

}  // namespace atcbench
