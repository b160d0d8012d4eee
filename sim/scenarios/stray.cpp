// SPDX-License-Identifier: Apache-2.0
//
// stray: a device answers invalidations wrongly (fault.kind: duplicate by default; wrong-itag, wrong-rid, wrong-cc). What it
// sends is reported and discarded. A duplicate harms nobody: nothing times out, nobody is isolated. Where the real answer is
// missing as well, the time-out comes as in `hang`; a wrong count (wrong-cc) is nothing else, as it is the copy that never comes. With fault.malformed = completion the packet is not even an answer.
#include <fmt/format.h>

#include "atcbench/error.h"
#include "fault_cycle.h"

namespace atcbench {
namespace {

constexpr uint64_t kEnough = 20;  // wrong completions of a device that times out on nothing

class Stray final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("fault.kind")) config.fault.kind = config.fault.malformed == "none" ? "duplicate" : "none";
    const std::string& kind = config.fault.kind;
    if (kind != "none" && kind != "duplicate" && kind != "wrong-itag" && kind != "wrong-rid" && kind != "wrong-cc")
      throw UsageError(fmt::format("fault.kind = {}: stray takes duplicate, wrong-itag, wrong-rid, wrong-cc, none", kind));
    if (kind == "none" && config.fault.malformed == "none") throw UsageError("stray needs a fault.kind or a fault.malformed");
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    testbed.check("reported", reported_ > 0, "no wrong completion was reported");
    testbed.check("others_undisturbed", others_ == 0, fmt::format("{} time-outs of devices that answer", others_));
    testbed.figure("strays", strays_);
    testbed.figure("dropped", dropped_);
    testbed.figure("false_completions", false_);
  }

 protected:
  bool times_out() const override { return config().fault.kind != "duplicate" && config().fault.kind != "none"; }
  bool over(const Device& d) const override { return times_out() ? FaultCycle::over(d) : reported_ >= kEnough; }
  void observe(const Event& e) override {
    switch (e.event) {
      case EV_INV_CPL_STRAY:
        ++strays_;
        break;
      case EV_TLP_DROP:
        if (!is_faulty(e.src)) break;
        ++dropped_;
        break;
      case EV_INV_CPL_FALSE:
        ++false_;
        break;
      case EV_INV_TIMEOUT:
        others_ += !is_faulty(e.src);
        missing_ += is_faulty(e.src) && config().fault.kind == "wrong-cc";
        break;
      default:
        return;
    }
    reported_ = strays_ + dropped_ + false_ + missing_;
  }

 private:
  uint64_t strays_ = 0, dropped_ = 0, false_ = 0, missing_ = 0, reported_ = 0, others_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_stray() { return std::make_unique<Stray>(); }

}  // namespace atcbench
