// SPDX-License-Identifier: Apache-2.0
//
// group: functions that the system cannot take one by one. One of them stops answering invalidations; what the others lose is
// counted and compared with what their kind of community has to lose (load.share, members: endpoints 0 to load.group - 1):
//   group   one IOMMU group: nothing, but nobody can be attached elsewhere while a member is being reset
//   stream  several requesters behind one StreamID: the blocking STE of the reset stops all; only one of them can have ATS
//   master  one driver, one IOMMU master, several StreamIDs: all lose ATS and are reset
// Whoever is outside loses nothing, and can be attached meanwhile.
#include <fmt/format.h>

#include "atcbench/error.h"
#include "sibling_cycle.h"

namespace atcbench {
namespace {

class Group final : public SiblingCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("load.group")) config.load.group = 2;
    if (!config.given("fault.repeat")) config.fault.repeat = 2;
    if (config.load.group < 2 || config.load.group > config.system.devices || config.fault.count != 1 ||
        config.fault.device >= config.load.group)
      throw UsageError(fmt::format("group breaks one member of a group: fault.device = {} < load.group = {} <= system.devices = {}, "
                                   "load.group >= 2, fault.count = 1",
                                   config.fault.device, config.load.group, config.system.devices));
    if (config.one_stream() && config.fault.device != 0)
      throw UsageError("of several requesters behind one StreamID only endpoint 0 has ATS: fault.device = 0");
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    const auto repeat = static_cast<unsigned>(config().fault.repeat);
    std::string wrong;
    unsigned blocked = 0, ats_lost = 0, resets = 0, refused = 0;
    Cycle gap = 0, outside_gap = 0;
    for (auto& ep : testbed.endpoints()) {
      const Siblings::One& one = siblings()[ep.index];
      if (is_faulty(ep.index)) continue;
      const bool member = ep.index < config().load.group;
      const unsigned hit = member && config().load.share != "group" ? repeat : 0;     // blocked by a reset
      const unsigned cut = member && config().one_master() ? repeat : 0;              // loses ATS, is reset
      if (one.blocked != before_[ep.index].blocked + hit || one.resets != cut || ats_lost_of(ep.index) != cut)
        wrong += fmt::format(" endpoint {}: blocked {} times ({} expected), {} resets, {} times ATS lost ({} expected);", ep.index,
                             one.blocked - before_[ep.index].blocked, hit, one.resets, ats_lost_of(ep.index), cut);
      if (member && config().one_stream() && one.ats_enabled) wrong += fmt::format(" endpoint {} has ATS;", ep.index);
      blocked += one.blocked - before_[ep.index].blocked;
      ats_lost += ats_lost_of(ep.index);
      resets += one.resets;
      refused += one.refused - before_[ep.index].refused;
      (member && config().load.share != "group" ? gap : outside_gap) =
          std::max(member && config().load.share != "group" ? gap : outside_gap, one.longest_gap);
    }
    testbed.check("hit_together", wrong.empty(), wrong);
    check_siblings(testbed, outside_gap, repeat);
    testbed.check("outsider_attached", outsider_ == 0, fmt::format("an attach of somebody outside: {}", outsider_));
    testbed.figure("siblings.blocked", blocked);
    testbed.figure("siblings.ats_lost", ats_lost);
    testbed.figure("siblings.resets", resets);
    testbed.figure("siblings.aborted", refused);
    testbed.figure("siblings.gap", gap);
    testbed.figure("others.gap", outside_gap);
  }

 protected:
  bool may_be_hit(unsigned index) const override { return is_faulty(index) || (config().one_master() && index < config().load.group); }
  void before_fault() override {
    if (before_.empty())
      for (unsigned i = 0; i < config().system.devices; ++i) before_.push_back(siblings()[i]);
    mark();
  }
  void observe(const Event& e) override {
    if (armed() && e.event == EV_RESET_PREPARE && e.a0 == config().functions().rid(lead())) now_knock();
  }
  bool wants_ats(unsigned index) const override { return !(config().one_stream() && index != 0 && index < config().load.group); }
  // A member is in its reset: its sibling cannot be attached, somebody outside can.
  void knock() override {
    auto& eps = testbed().endpoints();
    attach_in_reset(eps[first_faulty() == 0 ? 1 : 0], eps[lead()]);
    if (config().load.group == config().system.devices) return;
    const auto outside = static_cast<unsigned>(config().load.group);
    const int error = testbed().call(iommu_attach, testbed().domain_of_endpoint(outside), eps[outside].dev);
    outsider_ = outsider_ ? outsider_ : error;
  }

 private:
  // The endpoint whose StreamID names the reset.
  unsigned lead() const { return config().one_master() ? 0 : first_faulty(); }
  unsigned ats_lost_of(unsigned index) const { return siblings()[index].ats_lost - before_[index].ats_lost; }

  std::vector<Siblings::One> before_;  // as of the first fault
  int outsider_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_group() { return std::make_unique<Group>(); }

}  // namespace atcbench
