// SPDX-License-Identifier: Apache-2.0
#include "sibling_cycle.h"

#include <fmt/format.h>

#include <cerrno>

namespace atcbench {
namespace {

constexpr Cycle kLook = 20;

}  // namespace

void SiblingCycle::start(Testbed& testbed) {
  siblings_ = std::make_unique<Siblings>(testbed);
  FaultCycle::start(testbed);
}

void SiblingCycle::attach_in_reset(Testbed::Endpoint& who, Testbed::Endpoint& resetting) {
  iommu_device_info before, after;
  testbed().call(iommu_device_get_info, resetting.dev, &before);
  const int error = testbed().call(iommu_attach, testbed().domain_of_endpoint(who.index), who.dev);
  testbed().call(iommu_device_get_info, resetting.dev, &after);
  refused_ += error == -EBUSY;
  slipped_ += error != -EBUSY && before.reset_depth > 0 && after.reset_depth > 0;
}

std::function<void()> SiblingCycle::beside() {
  return [this] {
    while (!finished()) {
      testbed().machine().sleep(kLook);
      if (!go_) continue;
      go_ = false;
      knock();
    }
    for (auto& ep : testbed().endpoints()) testbed().call(iommu_flush_events, ep.dev);
    for (auto& ep : testbed().endpoints()) disagree_ += disagreement(testbed(), ep, wants_ats(ep.index));
    at_rest();
  };
}

void SiblingCycle::check_siblings(Testbed& testbed, Cycle gap, uint64_t refused_at_least) {
  std::string idle;
  for (const auto& ep : testbed.endpoints())
    if (!is_faulty(ep.index) && siblings()[ep.index].last_good <= armed_at()) idle += fmt::format(" endpoint {}", ep.index);
  testbed.check("siblings_back", idle.empty(), fmt::format("no access after the fault:{}", idle));
  testbed.check("others_keep_going", gap < config().smmu.atc_timeout / 4,
                fmt::format("an endpoint that has nothing to lose had no access for {} cycles", gap));
  testbed.check("attach_refused", refused_ >= refused_at_least,
                fmt::format("{} attaches in the middle of a reset were refused with -EBUSY, {} expected", refused_, refused_at_least));
  testbed.check("attach_kept_out", slipped_ == 0, fmt::format("{} attaches went through in the middle of a reset", slipped_));
  testbed.check("views_agree", disagree_.empty(), disagree_);
  testbed.figure("attach_refused", refused_);
}

}  // namespace atcbench
