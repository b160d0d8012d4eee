// SPDX-License-Identifier: Apache-2.0
//
// hotplug: a device is pulled under load (slot.*), the root port says so, and the device comes back later. While it is away
// its invalidations end as local Unsupported Requests, so no unmap waits for it; only what was in flight when the link died
// may time out. Back again, it is set up and attached by the operating system and works. The others notice nothing.
// slot.what = line: the same with the device still in its slot. mute: the port does not notice, everything times out.
#include <fmt/format.h>

#include "atcbench/error.h"
#include "atcbench/root_ports.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "look.h"
#include "port_cfg.h"

namespace atcbench {
namespace {

constexpr unsigned kSettle = 12;    // attach attempts, a time-out length apart
constexpr uint64_t kAccesses = 8;   // translated transfers after the return until the device counts as back

class Hotplug final : public Scenario {
 public:
  void configure(Config& config) const override {
    real_dma_interval(config, "10000000");
    if (!config.given("slot.what")) config.slot.what = "remove";
    if (config.slot.what == "none") throw UsageError("hotplug needs slot.what = remove, line or mute");
    if (!config.given("slot.at")) config.slot.at = rounds_of(config, 80000);
    if (!config.given("slot.back")) config.slot.back = config.slot.at + rounds_of(config, 60000);
    if (!config.given("rc.interrupts")) config.rc.interrupts = 1;
    if (config.slot.device >= config.system.devices)
      throw UsageError(fmt::format("slot.device = {}, system.devices is {}", config.slot.device, config.system.devices));
    if (config.slot.back <= config.slot.at) throw UsageError("hotplug needs slot.back after slot.at");
  }

  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    testbed.sim().log().observe([this](const Event& e) { on_event(e); });
    // What a line that is good again brings is the device's own report of requests that nobody answered.
    testbed.sim().on_msi([this, &testbed](uint32_t value) {
      const Config::Slot& slot = testbed.config().slot;
      if (value == root_port_msi(gone()) && (slot.what != "mute" || testbed.sim().now() < slot.back)) ++interrupts_;
    });
    workload_ = std::make_unique<Workload>(testbed, [this](unsigned, uint64_t) { return !finished_; });
    workload_->beside([this] { watch(); });
    workload_->start();
  }

  void verify(Testbed& testbed) override {
    const Config& c = testbed.config();
    const bool mute = c.slot.what == "mute";
    testbed.check("interrupted", mute ? interrupts_ == 0 : interrupts_ >= 2,
                  fmt::format("{} interrupts of the root port", interrupts_));
    testbed.check("ends_at_once", mute ? local_ur_ == 0 : local_ur_ > 0,
                  fmt::format("{} local Unsupported Requests", local_ur_));
    testbed.check("only_in_flight_times_out", mute ? late_timeouts_ > 0 : late_timeouts_ == 0,
                  fmt::format("{} requests from after the link's death timed out", late_timeouts_));
    testbed.check("innocent_untouched", others_ == 0, fmt::format("{} time-outs of other devices", others_));
    testbed.check("works_again", accesses_ >= kAccesses, fmt::format("{} accesses after the return", accesses_));
    testbed.check("unmap_success", testbed.unmap_failures() == 0, fmt::format("{} unmaps failed", testbed.unmap_failures()));
    testbed.figure("local_ur", local_ur_);
    testbed.figure("device_timeouts", timeouts_);
    testbed.figure("port_interrupts", interrupts_);
  }

 private:
  unsigned gone() const { return static_cast<unsigned>(testbed_->config().slot.device); }

  void on_event(const Event& e) {
    const Config& c = testbed_->config();
    const bool away = e.cycle >= c.slot.at && e.cycle < c.slot.back;
    switch (e.event) {
      case EV_INV_TIMEOUT:
        if (e.src != gone()) {
          ++others_;
        } else {
          ++timeouts_;
          late_timeouts_ += e.a2 > c.slot.at;
        }
        break;
      case EV_INV_UR_LOCAL:
        local_ur_ += e.src == gone() && away;
        break;
      case EV_DMA_DONE:
        if (e.src == gone() && attached_ && e.a2 == 0) ++accesses_;
        break;
      default:
        break;
    }
  }

  // The part of the operating system that looks after slots.
  void watch() {
    const Config& c = testbed_->config();
    Machine& machine = testbed_->machine();
    Testbed::Endpoint& ep = testbed_->endpoints()[gone()];
    testbed_->call(pci_save_state, ep.pdev);
    while (!link(false)) machine.sleep(look_interval(c));
    acknowledge();
    while (!link(true)) machine.sleep(look_interval(c));
    acknowledge();
    // A device that was in reset has lost everything; whoever isolated it meanwhile has a worker on the way.
    testbed_->call(iommu_flush_events, ep.dev);
    testbed_->call(pci_restore_state, ep.pdev);
    iommu_domain* domain = testbed_->domain_of_endpoint(ep.index);
    for (unsigned i = 0; i < kSettle && testbed_->call(iommu_attach, domain, ep.dev) != 0; ++i)
      machine.sleep(c.smmu.atc_timeout);
    testbed_->start_dma(ep);
    attached_ = true;
    for (unsigned i = 0; i < 200 && accesses_ < kAccesses; ++i) machine.sleep(access_interval(c));
    finished_ = true;
  }

  // Whether the link is in this state, as far as software can tell. A port that notices nothing is believed by the clock.
  bool link(bool up) {
    const Config& c = testbed_->config();
    if (c.slot.what == "mute") return testbed_->machine().now() >= (up ? c.slot.back : c.slot.at);
    const uint32_t status = read_port_cfg(*testbed_, gone(), PORT_LINKCTL_LINKSTA);
    return ((status & PORT_LINKCTL_LINKSTA_DL_ACTIVE) != 0) == up;
  }

  void acknowledge() {
    write_port_cfg(*testbed_, gone(), PORT_SLOTCTL_SLOTSTA, read_port_cfg(*testbed_, gone(), PORT_SLOTCTL_SLOTSTA));
    write_port_cfg(*testbed_, gone(), PORT_AER_UNCOR_STATUS, ~0u);
    const bool switched = testbed_->config().topology == "switch";
    write_port_cfg(*testbed_, switched ? kSwitchRoot : gone(), PORT_AER_ROOT_STATUS, ~0u);
  }

  Testbed* testbed_ = nullptr;
  std::unique_ptr<Workload> workload_;
  uint64_t interrupts_ = 0;
  uint64_t local_ur_ = 0;
  uint64_t timeouts_ = 0;
  uint64_t late_timeouts_ = 0;
  uint64_t others_ = 0;
  uint64_t accesses_ = 0;
  bool attached_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Scenario> make_hotplug() { return std::make_unique<Hotplug>(); }

}  // namespace atcbench
