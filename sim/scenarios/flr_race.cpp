// SPDX-License-Identifier: Apache-2.0
//
// flr-race: a healthy device is reset again and again while invalidations are in flight. With prepare and done around it
// (fault.reset = prepare, as sysfs does) nothing times out. A raw reset, of which the IOMMU core learns only when somebody
// attaches the device again, costs at most one time-out; a device that was merely in reset is not reported broken. No tag
// stays quarantined.
#include <fmt/format.h>

#include "atcbench/error.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "smmu_regs.h"

namespace atcbench {
namespace {

constexpr unsigned kSettle = 12;  // sleeps of a time-out length until the driver's worker must be done

class FlrRace final : public Scenario {
 public:
  void configure(Config& config) const override {
    if (!config.given("fault.repeat")) config.fault.repeat = 8;
    if (config.fault.device >= config.system.devices)
      throw UsageError(fmt::format("fault.device = {}, system.devices is {}", config.fault.device, config.system.devices));
  }
  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    testbed.sim().log().observe([this](const Event& e) {
      timeouts_ += e.event == EV_INV_TIMEOUT;
      if (e.event == EV_FLR_START) ++flrs_[e.src];
    });
    workload_ = std::make_unique<Workload>(testbed, [this](unsigned, uint64_t) { return !finished_; });
    workload_->beside([this] { resets(); });
    workload_->start();
  }
  void verify(Testbed& testbed) override {
    const Config& c = testbed.config();
    const bool raw = c.fault.reset == "raw";
    const uint64_t errors = testbed.stats().timeouts;
    testbed.check("timeouts_bounded", raw ? errors <= c.fault.repeat : errors == 0,
                  fmt::format("{} time-outs for {} resets", errors, c.fault.repeat));
    if (raw) testbed.check("met_a_reset", errors > 0, "no invalidation met a reset");
    unsigned reported = 0, others = 0;
    for (auto& ep : testbed.endpoints()) {
      reported += ep.error_callbacks;
      if (ep.index != c.fault.device) others += flrs_[ep.index];
    }
    testbed.check("not_reported", reported == 0, fmt::format("{} error callbacks", reported));
    testbed.check("innocent_untouched", others == 0, fmt::format("{} resets of other devices", others));
    testbed.check("works_again", works_, "the device is not attached with ATS at the end");
    testbed.check("no_tag_leaks", quarantined_tags_ == 0, fmt::format("{} tags stay quarantined", quarantined_tags_));
    testbed.check("unmap_success", testbed.unmap_failures() == 0, fmt::format("{} unmaps failed", testbed.unmap_failures()));
    testbed.figure("device_timeouts", timeouts_);
    testbed.figure("reported", reported);
    testbed.figure("wrong_resets", others);
  }

 private:
  void resets() {
    const Config& c = testbed_->config();
    Machine& machine = testbed_->machine();
    Testbed::Endpoint& ep = testbed_->endpoints()[c.fault.device];
    Rng rng(c.seed, 4242);
    machine.sleep(10 * c.load.hold);
    for (uint64_t i = 0; i < c.fault.repeat; ++i) {
      machine.sleep(2 * c.load.hold + rng.below(4 * c.load.hold + 1));
      if (c.fault.reset == "raw") {
        testbed_->call(pci_save_state, ep.pdev);
        testbed_->call(pci_flr, ep.pdev);
        testbed_->call(pci_restore_state, ep.pdev);
        attach(ep);
      } else {
        testbed_->call(pci_reset_function, ep.pdev);
      }
      testbed_->start_dma(ep);
    }
    for (auto& e : testbed_->endpoints()) testbed_->call(iommu_flush_events, e.dev);
    iommu_device_info info;
    testbed_->call(iommu_device_get_info, ep.dev, &info);
    works_ = info.state == IOMMU_DEV_OK && info.ats_on && testbed_->call(pci_ats_check_disabled, ep.pdev) != 0;
    finished_ = true;
    // hardware releases what nobody else does after one more threshold (D4)
    machine.sleep(3 * c.smmu.atc_timeout);
    for (unsigned i = 0; i < c.system.devices; ++i)
      quarantined_tags_ += port_read32(testbed_->port(), kSmmuBase + SMMU_QUAR_BUSY(i)) & SMMU_QUAR_BUSY_COUNT_MASK;
  }
  // Whoever isolated it while it was away has a worker on the way, and maybe a fence.
  void attach(Testbed::Endpoint& ep) {
    iommu_domain* domain = testbed_->domain_of_endpoint(ep.index);
    for (unsigned i = 0; i < kSettle && testbed_->call(iommu_attach, domain, ep.dev) != 0; ++i) testbed_->machine().sleep(testbed_->config().smmu.atc_timeout);
  }

  Testbed* testbed_ = nullptr;
  std::unique_ptr<Workload> workload_;
  std::map<unsigned, unsigned> flrs_;
  uint64_t timeouts_ = 0;
  uint64_t quarantined_tags_ = 0;
  bool works_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Scenario> make_flr_race() { return std::make_unique<FlrRace>(); }

}  // namespace atcbench
