// SPDX-License-Identifier: Apache-2.0
//
// suspend: a device goes to D3hot and comes back, fault.repeat times, while the CPUs map and unmap for it all the time (runtime
// suspend). Quiesced first: ATS is off before D3, and no invalidation is sent to a device that cannot answer. With fault.quarantine
// one device is in quarantine and nobody asks for its reset, and all devices are suspended and resumed together (system suspend): the
// others work again, that one stays off, until an outside reset.
#include <fmt/format.h>

#include <map>

#include "atcbench/error.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "look.h"
#include "quarantine.h"

namespace atcbench {
namespace {

constexpr uint32_t kD3hot = 3;
constexpr uint32_t kByWrite = 0;  // cause of ats_disabled

class Suspend final : public Scenario {
 public:
  void configure(Config& config) const override {
    if (config.fault.quarantine) real_slow_load(config);
    real_dma_interval(config, "10000000");
    if (!config.given("fault.repeat")) config.fault.repeat = 6;
    if (config.fault.device >= config.system.devices)
      throw UsageError(fmt::format("fault.device = {}, system.devices is {}", config.fault.device, config.system.devices));
    if (!config.load.use_ats) throw UsageError("suspend is about ATS: load.use_ats = 1");
  }

  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    functions_ = testbed.config().functions();
    ats_ = std::make_unique<AtsWatch>(functions_);
    comeback_ = std::make_unique<ComebackWatch>(index());
    testbed.sim().log().observe([this](const Event& e) { on_event(e); });
    workload_ = std::make_unique<Workload>(testbed, [this](unsigned, uint64_t) { return !finished_; });
    workload_->beside([this] { watch(); });
    workload_->start();
  }

  void verify(Testbed& testbed) override {
    const Config& c = testbed.config();
    const uint64_t devices = c.fault.quarantine ? c.system.devices : 1;
    if (c.fault.quarantine) testbed.check("quarantined_before", quarantined_, "the device was not in quarantine before the suspend");
    testbed.check("suspended", slept_ == c.fault.repeat * devices && refused_.empty(),
                  fmt::format("{} of {} suspends;{}", slept_, c.fault.repeat * devices, refused_));
    testbed.check("ats_off_before_d3", ats_in_d3_ == 0, fmt::format("{} devices went to D3hot with ATS on", ats_in_d3_));
    testbed.check("quiesced_first", sent_in_d3_ == 0, fmt::format("{} invalidations were sent to a device in D3hot", sent_in_d3_));
    testbed.check("no_timeout", testbed.stats().timeouts == quarantine_timeouts_,
                  fmt::format("{} time-outs", testbed.stats().timeouts - quarantine_timeouts_));
    testbed.check("ats_needs_eats", ats_->violations().empty(), ats_->violations());
    if (c.fault.quarantine)
      testbed.check("stays_off", came_on_ == 0, fmt::format("ATS of the quarantined device came on, or was on after a resume, {} times", came_on_));
    testbed.check("resumed", not_back_.empty(), not_back_);
    testbed.check("works_again", works_, "the device does not reach memory at the end");
    testbed.check("unmap_success", testbed.unmap_failures() == 0, fmt::format("{} unmaps failed", testbed.unmap_failures()));
    testbed.figure("unmaps_in_d3", unmaps_in_d3_);
    testbed.figure("sent_in_d3", sent_in_d3_);
    testbed.figure("suspend_cycles_max", suspend_max_);
    testbed.figure("resume_cycles_max", resume_max_);
  }

 private:
  const Config& c() const { return testbed_->config(); }
  unsigned index() const { return static_cast<unsigned>(testbed_->config().fault.device); }

  void on_event(const Event& e) {
    ats_->on_event(e);
    comeback_->on_event(e);
    switch (e.event) {
      case EV_POWER_STATE: {
        const unsigned endpoint = functions_.endpoint(e.a0);
        asleep_[endpoint] = e.a1 == kD3hot;
        if (e.a1 == kD3hot) ats_in_d3_ += !switched_off_[endpoint];
        break;
      }
      // by a write while it was in D0; what a change of state does to it comes later
      case EV_ATS_DISABLED:
        if (!asleep_[e.src] && e.a0 == kByWrite) switched_off_[e.src] = true;
        break;
      case EV_ATS_ENABLED:
        switched_off_[e.src] = false;
        came_on_ += c().fault.quarantine && quarantined_ && !reset_ && e.src == index();
        break;
      case EV_INV_SENT:
        sent_in_d3_ += asleep_[e.src];
        break;
      case EV_UNMAP_EXIT:
        for (const auto& [endpoint, asleep] : asleep_) unmaps_in_d3_ += asleep;
        break;
      default:
        break;
    }
  }

  void suspend(Testbed::Endpoint& ep) {
    const Cycle start = testbed_->machine().now();
    testbed_->stop_dma(ep);
    const int error = testbed_->call(pci_dev_suspend, ep.pdev);
    if (error == 0) ++slept_; else refused_ += fmt::format(" endpoint {}: {};", ep.index, error);
    suspend_max_ = std::max(suspend_max_, testbed_->machine().now() - start);
  }

  void resume(Testbed::Endpoint& ep) {
    const Cycle start = testbed_->machine().now();
    const int error = testbed_->call(pci_dev_resume, ep.pdev);
    resume_max_ = std::max(resume_max_, testbed_->machine().now() - start);
    const bool off = testbed_->config().fault.quarantine && ep.index == index();
    if (off) {
      came_on_ += !ats_is_off(*testbed_, ep);
    } else if (error != 0 || !ats_is_on(*testbed_, ep)) {
      not_back_ += fmt::format(" endpoint {}: resume {}, ATS not on;", ep.index, error);
    } else {
      testbed_->start_dma(ep);
    }
  }

  void watch() {
    const Config& c = testbed_->config();
    Machine& machine = testbed_->machine();
    Testbed::Endpoint& ep = testbed_->endpoints()[index()];
    Rng rng(c.seed, 4444);
    if (c.fault.quarantine) {
      quarantined_ = quarantine(*testbed_, ep);
      testbed_->read_stats();
      quarantine_timeouts_ = testbed_->stats().timeouts;
    }
    for (uint64_t i = 0; i < c.fault.repeat; ++i) {
      machine.sleep(4 * c.load.hold + rng.below(4 * c.load.hold + 1));
      for (auto& each : testbed_->endpoints())
        if (c.fault.quarantine || each.index == index()) suspend(each);
      machine.sleep(10 * c.load.hold + rng.below(4 * c.load.hold + 1));
      for (auto& each : testbed_->endpoints())
        if (c.fault.quarantine || each.index == index()) resume(each);
    }
    if (c.fault.quarantine) {
      reset_ = true;
      reset_from_outside(*testbed_, ep);
    }
    works_ = comeback_->works_again(*testbed_);
    finished_ = true;
  }

  Testbed* testbed_ = nullptr;
  FunctionMap functions_;
  std::unique_ptr<AtsWatch> ats_;
  std::unique_ptr<ComebackWatch> comeback_;
  std::unique_ptr<Workload> workload_;
  std::map<unsigned, bool> asleep_, switched_off_;
  bool quarantined_ = false, reset_ = false, works_ = false, finished_ = false;
  std::string refused_, not_back_;
  Cycle suspend_max_ = 0, resume_max_ = 0;
  uint64_t slept_ = 0, ats_in_d3_ = 0, sent_in_d3_ = 0, unmaps_in_d3_ = 0, came_on_ = 0, quarantine_timeouts_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_suspend() { return std::make_unique<Suspend>(); }

}  // namespace atcbench
