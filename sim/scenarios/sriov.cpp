// SPDX-License-Identifier: Apache-2.0
//
// sriov: a physical function and its virtual ones, which share its invalidation queue. Before each fault the physical function is
// reset from outside, under load: its virtual functions go with it and come back. Then one function hangs: a virtual one (the
// default), which costs the others nothing but the queue's delay (D8), or with fault.device = 0 the physical one, whose reset takes
// all along.
#include <fmt/format.h>

#include "atcbench/error.h"
#include "sibling_cycle.h"
#include "smmu_regs.h"

namespace atcbench {
namespace {

class Sriov final : public SiblingCycle {
 public:
  void configure(Config& config) const override {
    if (config.ep.vfs == 0 || config.system.devices <= config.ep.functions)
      throw UsageError("sriov needs virtual functions: --set ep.vfs=2 --devices 3, and a model that has them (make MODELS=\"4 1v2\")");
    if (!config.given("fault.device")) config.fault.device = config.ep.functions;
    if (!config.given("fault.repeat")) config.fault.repeat = 2;
    if (config.fault.count != 1 || config.functions().device(static_cast<unsigned>(config.fault.device)) != 0)
      throw UsageError("sriov breaks one function of the first device: fault.count = 1");
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    const auto repeat = static_cast<unsigned>(config().fault.repeat);
    const bool pf_broken = first_faulty() == 0;
    const unsigned pf_resets = pf_broken ? 2 * repeat : repeat;
    std::string wrong;
    Cycle gap = 0, round_trip = 0;
    for (auto& ep : testbed.endpoints()) {
      const Siblings::One& one = siblings()[ep.index];
      const unsigned along = is_vf(ep.index) ? pf_resets : 0;
      const unsigned own = ep.index == 0 ? pf_resets : is_faulty(ep.index) ? repeat : 0;
      if (ep.taken_along != along || one.resets != own)
        wrong += fmt::format(" endpoint {}: taken along {} times ({} expected), {} resets of its own ({} expected);", ep.index,
                             ep.taken_along, along, one.resets, own);
      if (is_faulty(ep.index)) continue;
      if (!(pf_broken && is_vf(ep.index))) gap = std::max(gap, one.longest_gap);
      round_trip = std::max(round_trip, one.round_trip);
    }
    testbed.check("taken_along", wrong.empty(), wrong);
    check_siblings(testbed, gap, 1);
    testbed.check("reset_without_timeout", reset_timeouts_ == 0,
                  fmt::format("{} time-outs during the resets of the physical function", reset_timeouts_));
    testbed.check("reset_of_pf", reset_error_ == 0, fmt::format("pci_reset_function of the physical function: {}", reset_error_));
    testbed.check("queue_divided", limits_ <= depth_, fmt::format("limits of {} in all for a queue of {}", limits_, depth_));
    testbed.figure("siblings.gap", gap);
    testbed.figure("siblings.round_trip", round_trip);
    testbed.figure("siblings.round_trip_before", round_trip_before_);
    testbed.figure("reset.pf_gap", pf_gap_);
    testbed.figure("reset.vf_gap", vf_gap_);
  }

 protected:
  bool may_be_hit(unsigned index) const override { return is_faulty(index) || index == 0; }
  // With a broken physical function: its own recoveries, and the resets from outside.
  unsigned resets_expected() const override {
    return static_cast<unsigned>(first_faulty() == 0 ? 2 * config().fault.repeat : config().fault.repeat);
  }
  void before_fault() override {
    for (unsigned i = 0; i < config().system.devices; ++i) round_trip_before_ = std::max(round_trip_before_, siblings()[i].round_trip);
    mark();
    const uint64_t before = timeouts_seen();
    resetting_ = true;
    Testbed::Endpoint& pf = testbed().endpoints()[0];
    const int error = testbed().call(pci_reset_function, pf.pdev);
    reset_error_ = reset_error_ ? reset_error_ : error;
    testbed().start_dma(pf);
    testbed().machine().sleep(kSettle);
    resetting_ = false;
    reset_timeouts_ += timeouts_seen() - before;
    for (unsigned i = 0; i < config().system.devices; ++i) {
      Cycle& longest = is_vf(i) ? vf_gap_ : pf_gap_;
      if (i == 0 || is_vf(i)) longest = std::max(longest, siblings()[i].longest_gap);
    }
    mark();
  }
  void observe(const Event& e) override {
    if (resetting_ && e.event == EV_RESET_PREPARE && e.a0 == config().functions().rid(first_vf())) now_knock();
  }
  void knock() override {
    Testbed::Endpoint& vf = testbed().endpoints()[first_vf()];
    attach_in_reset(vf, vf);
  }
  // The depth of a queue that function 0 and its virtual functions share (D5).
  void at_rest() override {
    depth_ = config().ep.inv_queue_depth;
    for (auto& ep : testbed().endpoints())
      if (ep.index == 0 || is_vf(ep.index))
        limits_ += port_read32(testbed().port(), kSmmuBase + SMMU_INV_LIMIT(ep.index)) & SMMU_INV_LIMIT_LIMIT_MASK;
  }

 private:
  static constexpr Cycle kSettle = 2000;  // until everybody has had an access after the reset

  unsigned first_vf() const { return static_cast<unsigned>(config().ep.functions); }
  bool is_vf(unsigned index) const { return config().functions().device(index) == 0 && config().functions().is_virtual(index); }

  bool resetting_ = false;
  uint64_t reset_timeouts_ = 0, limits_ = 0, depth_ = 0;
  Cycle pf_gap_ = 0, vf_gap_ = 0, round_trip_before_ = 0;
  int reset_error_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_sriov() { return std::make_unique<Sriov>(); }

}  // namespace atcbench
