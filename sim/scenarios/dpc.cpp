// SPDX-License-Identifier: Apache-2.0
//
// dpc: a root port contains itself under load, without asking or telling anybody, fault.repeat times: because software triggers it (the
// default), or because of a malformed packet of the device (rc.dpc = fatal with fault.malformed). The driver finds it, tells the
// device's driver, blocks, releases, sets up, attaches. What is sent meanwhile ends at the port; what was in flight times out once.
// With fault.quarantine the device was in quarantine before and nobody answers for it: it comes back from containment with ATS off.
#include <fmt/format.h>

#include "atcbench/error.h"
#include "atcbench/root_ports.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "look.h"
#include "port_cfg.h"
#include "quarantine.h"

namespace atcbench {
namespace {

constexpr unsigned kPatience = 800;  // looks

class Dpc final : public Scenario {
 public:
  void configure(Config& config) const override {
    if (config.fault.quarantine) real_slow_load(config);
    real_dma_interval(config, "10000000");
    if (!config.given("driver.port_services")) config.driver.port_services = 1;
    if (!config.driver.port_services) throw UsageError("dpc is about the driver's containment service: driver.port_services = 1");
    if (!config.given("fault.repeat")) config.fault.repeat = 3;
    if (config.fault.device >= config.system.devices)
      throw UsageError(fmt::format("fault.device = {}, system.devices is {}", config.fault.device, config.system.devices));
    if (config.functions().per_device > 1) throw UsageError("dpc contains ports of devices with one function");
    if (config.fault.malformed != "none" && (config.rc.dpc == "off" || config.fault.quarantine))
      throw UsageError("fault.malformed contains a port with rc.dpc = fatal, and a quarantined device sends nothing");
  }

  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    functions_ = testbed.config().functions();
    ats_ = std::make_unique<AtsWatch>(functions_);
    comeback_ = std::make_unique<ComebackWatch>(index());
    testbed.sim().log().observe([this](const Event& e) { on_event(e); });
    workload_ = std::make_unique<Workload>(testbed, [this](unsigned, uint64_t) { return !finished_; }, true);
    workload_->beside([this] { watch(); });
    workload_->start();
  }

  void verify(Testbed& testbed) override {
    const Config& c = testbed.config();
    const smmu_stats stats = testbed.stats();
    const uint64_t met = stats.timeouts - stats.probes_failed - stats.attach_probes_failed;
    const uint64_t n = c.fault.repeat;
    const Testbed::Endpoint& ep = testbed.endpoints()[c.fault.device];
    if (c.fault.quarantine) testbed.check("quarantined_before", quarantined_, "the device was not in quarantine when its port was contained");
    testbed.check("contained", contained_ == n, fmt::format("{} containments, {} expected", contained_, n));
    testbed.check("found", info_.contained == n && unserved_ == 0,
                  fmt::format("{} containments found, {} not served in time", info_.contained, unserved_));
    testbed.check("released", link_up_ && info_.disconnected == 0,
                  fmt::format("the link is {}, {} functions taken for removed", link_up_ ? "up" : "down", info_.disconnected));
    // Retired at the port, or in the link when it died and timed out once: nothing that is sent later.
    testbed.check("once_at_most", late_timeouts_ == 0 && met <= n * c.system.cpus + quarantine_timeouts_,
                  fmt::format("{} batches met a time-out in {} containments, {} CPUs; {} of what was sent into the contained port", met, n,
                              c.system.cpus, late_timeouts_));
    testbed.check("ats_needs_eats", ats_->violations().empty(), ats_->violations());
    if (c.fault.quarantine) {
      testbed.check("stays_off", came_on_ == 0, fmt::format("ATS of the quarantined device was on after {} recoveries", came_on_));
    } else {
      testbed.check("recovered", info_.recovered == n && came_on_ == n,
                    fmt::format("{} recoveries, ATS on after {}", info_.recovered, came_on_));
      testbed.check("callbacks", ep.slot_resets == n && ep.resumes == n,
                    fmt::format("{} slot resets and {} resumes of the device's driver", ep.slot_resets, ep.resumes));
    }
    testbed.check("innocent_untouched", others_ == 0, fmt::format("{} time-outs, isolations or resets of other devices", others_));
    testbed.check("works_again", works_, "the device does not reach memory at the end");
    testbed.check("unmap_success", testbed.unmap_failures() == 0, fmt::format("{} unmaps failed", testbed.unmap_failures()));
    testbed.figure("batches_met", met);
    testbed.figure("device_timeouts", timeouts_);
    testbed.figure("local_ur", local_ur_);
    testbed.figure("siblings", info_.siblings);
    testbed.figure("containment_max", longest_);
  }

 private:
  unsigned index() const { return static_cast<unsigned>(testbed_->config().fault.device); }

  void on_event(const Event& e) {
    ats_->on_event(e);
    comeback_->on_event(e);
    switch (e.event) {
      case EV_PORT_CONTAINED:
        ++contained_;
        contained_at_ = e.cycle;
        break;
      case EV_PORT_RELEASED:
        released_at_ = e.cycle;
        longest_ = std::max(longest_, released_at_ - contained_at_);
        break;
      case EV_INV_TIMEOUT:
        if (e.src != index()) {
          ++others_;
        } else {
          ++timeouts_;
          // sent between containment and release
          late_timeouts_ += contained_at_ && e.a2 > contained_at_ && (released_at_ < contained_at_ || e.a2 < released_at_);
        }
        break;
      case EV_ISOLATED:
        others_ += functions_.endpoint(e.a0) != index();
        break;
      case EV_FLR_START:
        others_ += e.src != index();
        break;
      case EV_INV_UR_LOCAL:
        local_ur_ += e.src == index();
        break;
      default:
        break;
    }
  }

  void contain() {
    const Config& c = testbed_->config();
    if (c.fault.malformed != "none") {
      testbed_->arm_fault(index(), 0);
      return;
    }
    const uint32_t ctrl = read_port_cfg(*testbed_, index(), PORT_DPC_CAP_CTRL);
    write_port_cfg(*testbed_, index(), PORT_DPC_CAP_CTRL, ctrl | PORT_DPC_CAP_CTRL_SW_TRIGGER);
  }

  void watch() {
    const Config& c = testbed_->config();
    Machine& machine = testbed_->machine();
    Testbed::Endpoint& ep = testbed_->endpoints()[index()];
    Rng rng(c.seed, 4343);
    if (c.fault.quarantine) {
      quarantined_ = quarantine(*testbed_, ep);
      testbed_->read_stats();
      quarantine_timeouts_ = testbed_->stats().timeouts;
    }
    for (uint64_t i = 0; i < c.fault.repeat; ++i) {
      machine.sleep(10 * c.load.hold + rng.below(4 * c.load.hold + 1));
      contain();
      pci_port_info info{};
      for (unsigned look = 0; look < kPatience && info.recovered + info.failed <= i; ++look) {
        machine.sleep(look_interval(c));
        info = testbed_->port_info(index());
      }
      unserved_ += info.recovered + info.failed <= i;
      testbed_->call(iommu_flush_events, ep.dev);  // a policy that does not ask may have isolated it for what was in flight
      came_on_ += c.fault.quarantine ? !ats_is_off(*testbed_, ep) : ats_is_on(*testbed_, ep);
    }
    info_ = testbed_->port_info(index());
    link_up_ = (read_port_cfg(*testbed_, index(), PORT_LINKCTL_LINKSTA) & PORT_LINKCTL_LINKSTA_DL_ACTIVE) != 0;
    if (c.fault.quarantine) reset_from_outside(*testbed_, ep);
    works_ = comeback_->works_again(*testbed_);
    finished_ = true;
  }

  Testbed* testbed_ = nullptr;
  FunctionMap functions_;
  std::unique_ptr<AtsWatch> ats_;
  std::unique_ptr<ComebackWatch> comeback_;
  std::unique_ptr<Workload> workload_;
  pci_port_info info_{};
  bool quarantined_ = false, link_up_ = false, works_ = false, finished_ = false;
  Cycle contained_at_ = 0, released_at_ = 0, longest_ = 0;
  uint64_t contained_ = 0, unserved_ = 0, came_on_ = 0, quarantine_timeouts_ = 0;
  uint64_t timeouts_ = 0, late_timeouts_ = 0, local_ur_ = 0, others_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_dpc() { return std::make_unique<Dpc>(); }

}  // namespace atcbench
