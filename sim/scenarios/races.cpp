// SPDX-License-Identifier: Apache-2.0
//
// attach-race: while a device is being quarantined, another CPU attaches it again, to the same domain or to another one and
// back, after a different delay each time. EATS, PCI ATS enable and the core's view agree in the end.
//
// detach-race: while an unmap sits in the time-out, another CPU detaches the broken device and an innocent one, makes and
// frees a domain, and attaches them again.
#include <fmt/format.h>

#include <cerrno>

#include "fault_cycle.h"

namespace atcbench {
namespace {

class Race : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("fault.repeat")) config.fault.repeat = 3;
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    testbed.check("views_agree", disagree_.empty(), disagree_);
    testbed.check("raced", meetings_ >= config().fault.repeat, fmt::format("{} of {} races took place", meetings_, config().fault.repeat));
    testbed.figure("races", meetings_);
    testbed.figure("attach_refused", refused_);
    testbed.figure("attach_isolated_again", again_);
  }

 protected:
  // The device's time-out, and everything that the other CPU did is done. Resets that find it detached revive nothing, so
  // there may be no probe of their own.
  bool over(const Device& d) const override { return d.timed_out && d.accessed && !busy_; }
  std::function<void()> beside() override {
    return [this] { race(); };
  }
  void observe(const Event& e) override {
    // at a different step of the story each time
    static constexpr uint16_t kSteps[] = {EV_INV_TIMEOUT, EV_SYNC_FAILED, EV_ISOLATED, EV_STE_EATS_CLEAR, EV_PROTECTED, EV_QUARANTINED};
    if (armed() && !met_ && e.event == kSteps[meetings_ % std::size(kSteps)]) call_beside();
  }
  void before_fault() override { met_ = false; }

  virtual void meet(uint64_t n) = 0;

  // Attaches until it is neither in a reset nor behind a fence.
  int attach(iommu_domain* domain, unsigned index) {
    int error = -EBUSY;
    for (unsigned i = 0; i < 200 && error == -EBUSY; ++i) {
      error = testbed().call(iommu_attach, domain, testbed().endpoints()[index].dev);
      refused_ += error == -EBUSY;
      again_ += error == -EIO;
      if (error == -EBUSY) testbed().machine().sleep(std::max<Cycle>(500, config().ep.flr_cycles / 4));
    }
    return error;
  }
  iommu_domain* home(unsigned index) { return testbed().domain_of_endpoint(index); }
  iommu_domain* make_domain() {
    iommu_domain* domain = nullptr;
    const int error = testbed().call(iommu_domain_create, testbed().smmu(), IOMMU_DOMAIN_PAGING, &domain);
    if (error) testbed().machine().fatal(fmt::format("iommu_domain_create: {}", error));
    return domain;
  }
  void free_domain(iommu_domain* domain) {
    const int error = testbed().call(iommu_domain_destroy, domain);
    if (error) testbed().machine().fatal(fmt::format("iommu_domain_destroy: {}", error));
  }

 private:
  void race() {
    Rng rng(config().seed, 7777);
    while (!finished()) {
      if (!sleep_until_called()) continue;
      busy_ = met_ = true;
      testbed().machine().sleep(1 + rng.below(300));
      meet(meetings_++);
      // DMA of a device that was attached to nothing may have ended in an abort
      for (auto& ep : testbed().endpoints())
        if (ep.dma_wanted) testbed().start_dma(ep);
      busy_ = false;
    }
    for (auto& ep : testbed().endpoints()) testbed().call(iommu_flush_events, ep.dev);
    for (auto& ep : testbed().endpoints()) agree(ep);
  }
  void agree(Testbed::Endpoint& ep) {
    iommu_device_info info;
    testbed().call(iommu_device_get_info, ep.dev, &info);
    const bool on = testbed().call(pci_ats_check_disabled, ep.pdev) != 0;
    if (info.ats_on == info.ste_eats && info.ste_eats == on && on == (info.state == IOMMU_DEV_OK)) return;
    disagree_ += fmt::format(" endpoint {}: core {}, EATS {}, ATS enable {}, state {};", ep.index, info.ats_on, info.ste_eats, on,
                             static_cast<int>(info.state));
  }

  bool met_ = false, busy_ = false;
  uint64_t meetings_ = 0, refused_ = 0, again_ = 0;
  std::string disagree_;
};

class AttachRace final : public Race {
 protected:
  void meet(uint64_t n) override {
    const unsigned index = first_faulty();
    if (n % 2 == 0) {
      attach(home(index), index);
    } else {
      iommu_domain* other = make_domain();
      testbed().call(iommu_attach, other, testbed().endpoints()[index].dev);
      attach(home(index), index);
      free_domain(other);
    }
  }
};

class DetachRace final : public Race {
 protected:
  void meet(uint64_t n) override {
    const unsigned index = first_faulty();
    const unsigned innocent = (index + static_cast<unsigned>(config().fault.count)) % static_cast<unsigned>(config().system.devices);
    iommu_domain* other = make_domain();
    testbed().call(iommu_detach, testbed().endpoints()[index].dev);
    testbed().call(iommu_detach, testbed().endpoints()[innocent].dev);
    if (n % 2 == 1) attach(other, innocent);
    attach(home(index), index);
    attach(home(innocent), innocent);
    free_domain(other);
  }
};

}  // namespace

std::unique_ptr<Scenario> make_attach_race() { return std::make_unique<AttachRace>(); }
std::unique_ptr<Scenario> make_detach_race() { return std::make_unique<DetachRace>(); }

}  // namespace atcbench
