// SPDX-License-Identifier: Apache-2.0
//
// malicious (D15): one device attacks while the others work. Translated requests to other people's pages, attached to nothing
// (aborted, no event) and attached with EATS = 0 (aborted, an event each; with load.use_ats = 0 in its own domain, otherwise in
// bypass); the requester ID of a neighbour; every malformed packet. Memory stays untouched, nobody else times out, and after a
// reset the device works again.
#include <fmt/format.h>

#include <array>

#include "atcbench/error.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "ep_regs.h"
#include "look.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr uint32_t kAcsViolation = 21;  // AER bit
constexpr Cycle kStep = 6000;  // of each attack
constexpr unsigned kVictimPages = 6;  // log2
constexpr unsigned kMalformed = 7;

class Malicious final : public Scenario {
 public:
  void configure(Config& config) const override {
    if (config.cpu.port != "native") throw UsageError("malicious looks at event records in the driver's interrupt handler: --cpu native");
    if (config.system.devices < 2) throw UsageError("malicious needs a neighbour: system.devices >= 2");
    real_dma_interval(config, "1000000");
    if (config.load.dma_interval == 0) throw UsageError("malicious needs DMA: load.dma_interval > 0");
  }
  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    attacker_ = static_cast<unsigned>(testbed.config().fault.device);
    testbed.sim().log().observe([this](const Event& e) {
      if (e.event == EV_TXN_ABORT && e.src == attacker_ && e.a0 == kTranslated) ++aborts_[step_];
      // a switch answers non-posted ones itself (ACS violation)
      if ((e.event == EV_TLP_DROP || (e.event == EV_PORT_ERROR && e.a0 == kAcsViolation)) && e.src == attacker_) ++drops_[step_];
      timeouts_ += e.event == EV_INV_TIMEOUT;
    });
    testbed.sim().ownership().on_access([this](const Ownership::Access& a) {
      if (a.endpoint == attacker_ && step_ == kAfter && a.good) ++good_;
    });
    workload_ = std::make_unique<Workload>(testbed, [this](unsigned, uint64_t) { return !finished_; }, true);
    workload_->beside([this] { attack(); });
    workload_->start();
  }
  void verify(Testbed& testbed) override {
    const auto seen = [&](const char* name, Step step, uint64_t n, const char* what) {
      testbed.check(name, n > 0, fmt::format("no {} in step {}", what, static_cast<int>(step)));
    };
    seen("detached_aborted", kDetached, aborts_[kDetached], "aborted translated request");
    seen("eats_off_aborted", kEatsOff, aborts_[kEatsOff], "aborted translated request");
    testbed.check("eats_off_recorded", forbidden_[kEatsOff] > 0, "no F_TRANSL_FORBIDDEN with EATS = 0");
    testbed.check("abort_silent", forbidden_[kDetached] == 0, fmt::format("{} events of a stream that aborts", forbidden_[kDetached]));
    seen("forged_dropped", kForged, drops_[kForged], "dropped packet with a forged requester ID");
    for (unsigned i = 0; i < kMalformed; ++i)
      testbed.check("malformed_dropped", drops_[kFirstMalformed + i] > 0, fmt::format("malformed packets of form {} were not dropped", i + 1));
    testbed.check("others_undisturbed", timeouts_ == 0 && testbed.unmap_failures() == 0,
                  fmt::format("{} time-outs, {} unmaps failed", timeouts_, testbed.unmap_failures()));
    testbed.check("works_again", error_ == 0 && good_ > 0, fmt::format("after the reset: {}, {} good accesses", error_, good_));
    testbed.figure("aborted", aborts_[kDetached] + aborts_[kEatsOff]);
    testbed.figure("forged_dropped", drops_[kForged]);
  }

 private:
  enum Step { kBefore, kDetached, kEatsOff, kForged, kFirstMalformed, kAfter = kFirstMalformed + kMalformed, kSteps };
  static constexpr uint32_t kTranslated = 2;  // AT

  void wait(Step step) {
    step_ = step;
    testbed_->machine().sleep(rounds_of(testbed_->config(), kStep));
  }
  // Ends what the step began; packets under way still count for it.
  void stop() {
    Testbed::Endpoint& ep = testbed_->endpoints()[attacker_];
    testbed_->stop_dma(ep);
    testbed_->machine().sleep(10 * testbed_->config().link.latency + 1000);
    testbed_->write_fault(attacker_, 0, 0);
    step_ = kBefore;
  }
  void renew(iommu_domain* domain) {
    Testbed::Endpoint& ep = testbed_->endpoints()[attacker_];
    const int error = testbed_->call(pci_reset_function, ep.pdev);
    error_ = error_ ? error_ : error;
    if (domain) keep(testbed_->call(iommu_attach, domain, ep.dev));
  }
  void keep(int error) { error_ = error_ ? error_ : error; }

  void attack() {
    const Config& c = testbed_->config();
    Machine& machine = testbed_->machine();
    Testbed::Endpoint& ep = testbed_->endpoints()[attacker_];
    iommu_domain* home = testbed_->domain_of_endpoint(attacker_);
    // pages of the neighbours and of everybody else
    const Addr victim = testbed_->sim().dram().base() + driver_pool_bytes(testbed_->sim().dram().bytes());
    smmu_set_event_handler(testbed_->smmu(), on_record, this);
    machine.sleep(4 * c.load.hold);

    stop();
    keep(testbed_->call(iommu_detach, ep.dev));
    testbed_->write_fault(attacker_, EP_FAULT_CTRL_ROGUE, 0);
    testbed_->start_dma_at(ep, victim, kVictimPages);
    wait(kDetached);
    stop();

    iommu_domain* bypass = nullptr;
    if (c.load.use_ats) keep(testbed_->call(iommu_domain_create, testbed_->smmu(), IOMMU_DOMAIN_IDENTITY, &bypass));
    renew(bypass ? bypass : home);
    testbed_->write_fault(attacker_, EP_FAULT_CTRL_ROGUE, 0);
    testbed_->start_dma_at(ep, victim, kVictimPages);
    wait(kEatsOff);
    stop();

    renew(home);
    if (bypass) keep(testbed_->call(iommu_domain_destroy, bypass));
    testbed_->write_fault(attacker_, EP_FAULT_CTRL_FORGE_REQ, c.functions().rid((attacker_ + 1) % static_cast<unsigned>(c.system.devices)));
    testbed_->start_dma(ep);
    wait(kForged);
    stop();

    // nothing that it forged was answered, so its reads are still open: a reset ends them
    renew(home);
    for (unsigned i = 0; i < kMalformed; ++i) {
      testbed_->write_fault(attacker_, (i + 1) << EP_FAULT_CTRL_MALFORMED_SHIFT, 0);
      testbed_->start_dma(ep);
      wait(static_cast<Step>(kFirstMalformed + i));
      stop();
    }
    renew(home);
    testbed_->start_dma(ep);
    wait(kAfter);
    smmu_set_event_handler(testbed_->smmu(), nullptr, nullptr);
    finished_ = true;
  }

  static void on_record(void* arg, const uint64_t rec[4]) {
    auto* self = static_cast<Malicious*>(arg);
    if ((rec[0] & EVT0_NUM) == EVT_F_TRANSL_FORBIDDEN) ++self->forbidden_[self->step_];
  }

  Testbed* testbed_ = nullptr;
  std::unique_ptr<Workload> workload_;
  unsigned attacker_ = 0;
  int step_ = kBefore;
  std::array<uint64_t, kSteps> aborts_{}, drops_{}, forbidden_{};
  uint64_t timeouts_ = 0, good_ = 0;
  int error_ = 0;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Scenario> make_malicious() { return std::make_unique<Malicious>(); }

}  // namespace atcbench
