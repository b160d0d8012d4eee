// SPDX-License-Identifier: Apache-2.0
//
// reset-nested: two devices are one group. While the worker recovers the broken one, somebody resets both from outside; an
// attach of either in between is refused, a detach goes through, and what is attached when the last reset is done comes back.
#include <fmt/format.h>

#include <cerrno>

#include "atcbench/error.h"
#include "fault_cycle.h"
#include "siblings.h"

namespace atcbench {
namespace {

class ResetNested final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("load.group")) config.load.group = 2;
    if (!config.given("fault.repeat")) config.fault.repeat = 3;
    if (config.system.devices < 2 || config.load.group < 2) throw UsageError("reset-nested needs a group of two: system.devices, load.group >= 2");
    if (config.fault.device + 1 >= config.load.group || config.fault.count != 1)
      throw UsageError("reset-nested breaks one device that has a sibling behind it: fault.device + 1 < load.group, fault.count = 1");
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    const uint64_t repeat = config().fault.repeat;
    testbed.check("nested", nested_ == repeat, fmt::format("{} of {} resets met the worker's", nested_, repeat));
    testbed.check("depth_counted", depth_ >= 2, fmt::format("deepest reset {}", depth_));
    testbed.check("attach_refused", refused_ >= repeat, fmt::format("{} attaches were refused with -EBUSY", refused_));
    testbed.check("attach_kept_out", slipped_ == 0, fmt::format("{} attaches went through between prepare and done", slipped_));
    testbed.check("teardown_goes_through", teardown_ == 0, fmt::format("a detach in the middle of it: {}", teardown_));
    testbed.check("views_agree", disagree_.empty(), disagree_);
    testbed.figure("attach_refused", refused_);
    testbed.figure("reset_depth", depth_);
  }

 protected:
  bool over(const Device& d) const override { return d.timed_out && d.accessed && !busy_ && nested_ > done_; }
  // The worker's and ours, or ours alone where it finds the device detached; the sibling is reset on purpose, too.
  bool resets_fit(unsigned flrs) const override { return flrs >= config().fault.repeat && flrs <= 2 * config().fault.repeat; }
  bool may_be_hit(unsigned index) const override { return is_faulty(index) || index == sibling(); }
  void before_fault() override {
    met_ = false;
    done_ = nested_;
  }
  void observe(const Event& e) override {
    if (armed() && !met_ && e.event == EV_RESET_PREPARE && e.a0 == config().functions().rid(first_faulty())) call_beside();
  }
  std::function<void()> beside() override {
    return [this] {
      while (!finished()) {
        if (sleep_until_called()) meet();
      }
      for (auto& ep : testbed().endpoints()) testbed().call(iommu_flush_events, ep.dev);
      for (auto& ep : testbed().endpoints()) disagree_ += disagreement(testbed(), ep, true);
    };
  }

 private:
  unsigned sibling() const { return static_cast<unsigned>(config().fault.device) + 1; }
  iommu_device* dev(unsigned index) { return testbed().endpoints()[index].dev; }
  iommu_device_info info(unsigned index) {
    iommu_device_info i;
    testbed().call(iommu_device_get_info, dev(index), &i);
    return i;
  }
  // Nobody may get in while a member is between prepare and done.
  void knock(iommu_domain* domain, unsigned index) {
    const unsigned depth = info(first_faulty()).reset_depth + info(sibling()).reset_depth;
    const int error = testbed().call(iommu_attach, domain, dev(index));
    refused_ += error == -EBUSY;
    slipped_ += error != -EBUSY && depth > 0 && info(first_faulty()).reset_depth + info(sibling()).reset_depth > 0;
  }

  void meet() {
    busy_ = met_ = true;
    const unsigned broken = first_faulty();
    iommu_domain* home = testbed().domain_of_endpoint(broken);
    // from outside: the sibling is held in its reset until ours of the broken one is over
    const int held = testbed().call(iommu_reset_prepare, dev(sibling()));
    knock(home, broken);
    knock(home, sibling());
    const int ours = testbed().call(iommu_reset_prepare, dev(broken));
    depth_ = std::max(depth_, info(broken).reset_depth);
    knock(home, broken);
    if (nested_ % 3 == 2) {
      const int error = testbed().call(iommu_detach, dev(sibling()));
      teardown_ = teardown_ ? teardown_ : error;
    }
    if (ours == 0) testbed().call(iommu_reset_done, dev(broken), true);
    testbed().call(pci_reset_function, testbed().endpoints()[broken].pdev);
    testbed().call(pci_reset_function, testbed().endpoints()[sibling()].pdev);
    if (held == 0) testbed().call(iommu_reset_done, dev(sibling()), true);
    for (auto& ep : testbed().endpoints()) testbed().call(iommu_flush_events, ep.dev);
    // what was detached comes back as anybody would bring it back
    if (nested_ % 3 == 2) testbed().call(iommu_attach, home, dev(broken));
    for (auto& ep : testbed().endpoints())
      if (ep.dma_wanted) testbed().start_dma(ep);
    ++nested_;
    busy_ = false;
  }

  bool met_ = false, busy_ = false;
  unsigned depth_ = 0;
  uint64_t nested_ = 0, done_ = 0, refused_ = 0, slipped_ = 0;
  int teardown_ = 0;
  std::string disagree_;
};

}  // namespace

std::unique_ptr<Scenario> make_reset_nested() { return std::make_unique<ResetNested>(); }

}  // namespace atcbench
