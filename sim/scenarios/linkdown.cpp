// SPDX-License-Identifier: Apache-2.0
//
// linkdown: a device is pulled under load (slot.what = remove, the default), its line breaks (line), or its link falls silent
// without anybody's noticing (mute); later it is back. With hot-plug events (slot.event) the driver's slot service marks the device
// before it does anything else, sends it nothing from then on, and takes it off everything; its objects are destroyed and made anew
// for what comes into the slot. Without an event exactly one time-out isolates it, and all ones is never believed. With
// fault.quarantine the device that goes is in quarantine already.
#include <fmt/format.h>

#include <map>

#include "atcbench/error.h"
#include "atcbench/root_ports.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "look.h"
#include "quarantine.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr unsigned kSettle = 12;     // attach attempts, a time-out length apart
constexpr uint64_t kAccesses = 8;    // transfers after the return until the device counts as back
constexpr unsigned kPatience = 400;  // looks

class Linkdown final : public Scenario {
 public:
  void configure(Config& config) const override {
    if (config.slot.what == "mute") real_slow_load(config, "500000000");
    if (config.fault.quarantine) real_slow_load(config);
    real_dma_interval(config, "10000000");
    if (!config.given("slot.what")) config.slot.what = "remove";
    if (config.slot.what == "none") throw UsageError("linkdown needs slot.what = remove, line or mute");
    if (!config.given("driver.port_services")) config.driver.port_services = 1;
    if (!config.driver.port_services) throw UsageError("linkdown is about the driver's slot service: driver.port_services = 1");
    // Nobody notices a silent link; and an error service that resets it and finds nobody must not take the slot for empty.
    if (config.slot.what == "mute" && !config.given("slot.event")) config.slot.event = 0;
    if (!config.given("slot.at")) config.slot.at = config.fault.quarantine ? std::min<Cycle>(12 * config.smmu.atc_timeout, 500'000'000'000) : rounds_of(config, 80000);
    // silence has to be found out first, by a time-out
    const uint64_t away = config.slot.what == "mute" ? std::min<Cycle>(14 * config.smmu.atc_timeout, 900'000'000'000) : rounds_of(config, 100000);
    if (!config.given("slot.back")) config.slot.back = config.slot.at + away;
    if (config.slot.back <= config.slot.at) throw UsageError("linkdown needs slot.back after slot.at");
    if (config.functions().per_device > 1) throw UsageError("linkdown pulls devices of one function");
    if (config.slot.device >= config.system.devices)
      throw UsageError(fmt::format("slot.device = {}, system.devices is {}", config.slot.device, config.system.devices));
  }

  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    sid_ = testbed.config().functions().rid(gone());
    testbed.sim().log().observe([this](const Event& e) { on_event(e); });
    workload_ = std::make_unique<Workload>(testbed, [this](unsigned, uint64_t) { return !finished_; });
    workload_->beside([this] { watch(); });
    workload_->start();
  }

  void verify(Testbed& testbed) override {
    const Config& c = testbed.config();
    const uint64_t met = event() ? batches_met() : met_;
    if (c.fault.quarantine) testbed.check("quarantined_before", quarantined_, "the device was not in quarantine when it went");
    if (event()) {
      testbed.check("noticed", info_.interrupts > 0 && marked_at_ && info_.disconnected == 1 && info_.removed == 1,
                    fmt::format("{} interrupts, {} functions marked, {} removed", info_.interrupts, info_.disconnected, info_.removed));
      testbed.check("marked_first", touched_before_mark_.empty(), touched_before_mark_);
      testbed.check("nothing_sent_after_mark", late_ == 0, fmt::format("{} ATC_INVs to a device that was marked as gone", late_));
      testbed.check("at_most_one_timeout", c.fault.quarantine || met <= c.system.cpus,
                    fmt::format("{} batches met a time-out, {} CPUs", met, c.system.cpus));
    } else {
      // Another CPU's batch may be in the queue already when the first one errs (D8).
      const bool silent = c.slot.what == "mute" && !c.fault.quarantine;
      if (silent)
        testbed.check("exactly_one_timeout", met >= 1 && met <= c.system.cpus && alone_ == 1,
                      fmt::format("{} batches met a time-out, {} CPUs, {} isolations", met, c.system.cpus, alone_));
      else
        testbed.check("at_most_one_timeout", c.fault.quarantine || (met <= c.system.cpus && alone_ <= 1),
                      fmt::format("{} batches met a time-out, {} CPUs, {} isolations", met, c.system.cpus, alone_));
      testbed.check("met_all_ones", met_all_ones_, "the device was back before the attach that was to read all ones had ended");
      testbed.check("all_ones_not_enabled", believed_.empty(), believed_);
    }
    testbed.check("innocent_untouched", others_ == 0, fmt::format("{} time-outs, isolations or resets of other devices", others_));
    testbed.check("works_again", accesses_ >= kAccesses, fmt::format("{} accesses after the return", accesses_));
    testbed.check("unmap_success", testbed.unmap_failures() == 0, fmt::format("{} unmaps failed", testbed.unmap_failures()));
    testbed.figure("device_timeouts", timeouts_);
    testbed.figure("batches_met", met);
    testbed.figure("local_ur", local_ur_);
    testbed.figure("sent_after_mark", late_);
    testbed.figure("straggling_batches", straggling_batches_);
    testbed.figure("timeouts_after_mark", timeouts_after_mark_);
    testbed.figure("port_interrupts", info_.interrupts);
    if (gone_at_) testbed.figure("mark_latency", gone_at_ - c.slot.at);
  }

 private:
  struct Cpu {
    bool in_unmap = false;
    Cycle since = 0;
    uint64_t batch = 0;
  };

  unsigned gone() const { return static_cast<unsigned>(testbed_->config().slot.device); }
  // Whether the port can say so and somebody listens.
  bool event() const { return testbed_->config().slot.event && testbed_->config().slot.what != "mute"; }
  // Time-outs but for those of the search, which are its own questions: batches that met the dead device.
  uint64_t batches_met() {
    const smmu_stats stats = testbed_->stats();
    return stats.timeouts - stats.probes_failed - stats.attach_probes_failed;
  }
  // From the moment in which the driver knows: the slot is gone, and the mark is the first thing that follows.
  bool marked() const { return gone_at_ != 0 && !recreated_; }

  void on_event(const Event& e) {
    const Config& c = testbed_->config();
    switch (e.event) {
      case EV_UNMAP_ENTER:
        cpus_[e.src].in_unmap = true;
        cpus_[e.src].since = e.cycle;
        break;
      case EV_UNMAP_EXIT:
        cpus_[e.src].in_unmap = false;
        break;
      case EV_CMD_SLOT:
        cpus_[e.src].batch = e.a2;
        break;
      case EV_CMD_WRITTEN:
        if (marked() && (e.a1 & 0xff) == OP_ATC_INV && e.a1 >> 32 == sid_) on_atc_inv(cpus_[e.src]);
        break;
      case EV_SLOT_STATE:
        if (e.a0 == port_bdf(c, gone()) && e.a1 == PCI_SLOT_GONE) gone_at_ = e.cycle;
        break;
      case EV_DEV_DISCONNECTED:
        if (e.a0 == sid_) marked_at_ = e.cycle;
        break;
      case EV_DRV_ERROR_CB:
      case EV_BLOCKED:
      case EV_DEV_REMOVED:
        if (e.a0 == sid_ && e.cycle >= c.slot.at && event() && !marked_at_)
          touched_before_mark_ += fmt::format(" event {} at cycle {} before the mark;", e.event, e.cycle);
        break;
      case EV_REATTACHED:
        if (e.a0 == sid_ && !event() && e.cycle >= c.slot.at && e.cycle < c.slot.back)
          believed_ += fmt::format(" cycle {}: attached with ATS, although its configuration space reads all ones;", e.cycle);
        break;
      case EV_INV_TIMEOUT:
        if (e.src != gone()) {
          ++others_;
        } else {
          ++timeouts_;
          timeouts_after_mark_ += marked() && e.a2 > gone_at_;
        }
        break;
      case EV_ISOLATED:
        (e.a0 == sid_ ? isolations_ : others_) += 1;
        break;
      case EV_FLR_START:
        others_ += e.src != gone();
        break;
      case EV_INV_UR_LOCAL:
        local_ur_ += e.src == gone();
        break;
      case EV_DMA_DONE:
        if (e.src == gone() && attached_ && e.a2 == 0) ++accesses_;
        break;
      default:
        break;
    }
  }

  // An unmap that had looked at the list before the mark may still send what it saw; whatever began later may not.
  void on_atc_inv(Cpu& cpu) {
    if (!cpu.in_unmap || cpu.since > gone_at_) ++late_;
    if (straggling_.emplace(cpu.batch, true).second && cpu.in_unmap && cpu.since <= gone_at_) ++straggling_batches_;
  }

  // The part of the operating system that owns the devices.
  void watch() {
    const Config& c = testbed_->config();
    Machine& machine = testbed_->machine();
    Testbed::Endpoint& ep = testbed_->endpoints()[gone()];
    if (c.fault.quarantine) quarantined_ = quarantine(*testbed_, ep) && machine.now() < c.slot.at;
    testbed_->call(pci_save_state, ep.pdev);
    if (machine.now() < c.slot.at) machine.sleep(c.slot.at - machine.now());
    if (event())
      replace(ep);
    else
      reconnect(ep);
    info_ = testbed_->port_info(gone());
    attached_ = true;
    for (unsigned i = 0; i < kPatience && accesses_ < kAccesses; ++i) machine.sleep(access_interval(c));
    finished_ = true;
  }

  // The slot service takes the device off everything; then its objects go, and come again with the next one.
  void replace(Testbed::Endpoint& ep) {
    Machine& machine = testbed_->machine();
    const auto wait = [&](auto&& over) {
      bool done = over();
      for (unsigned i = 0; i < kPatience && !done; ++i) {
        machine.sleep(look_interval(testbed_->config()));
        done = over();
      }
      return done;
    };
    removed_ = wait([&] { return testbed_->port_info(gone()).removed != 0; });
    if (!removed_) return;
    testbed_->remove_function(ep);
    const Config& c = testbed_->config();
    if (machine.now() < c.slot.back) machine.sleep(c.slot.back - machine.now());
    if (!wait([&] { const pci_port_info i = testbed_->port_info(gone()); return i.slot == PCI_SLOT_ON && i.added != 0; })) return;
    recreated_ = true;
    testbed_->add_function(ep);
    testbed_->start_dma(ep);
  }

  // Nobody was told. An attach meanwhile reads all ones, and must not take that for an answer.
  void reconnect(Testbed::Endpoint& ep) {
    const Config& c = testbed_->config();
    Machine& machine = testbed_->machine();
    iommu_domain* domain = testbed_->domain_of_endpoint(ep.index);
    // either nothing is in flight any more, or somebody has found out
    for (Cycle end = machine.now() + (c.slot.back - c.slot.at) / 2; machine.now() < end && !isolations_;) machine.sleep(look_interval(c));
    testbed_->call(iommu_flush_events, ep.dev);
    testbed_->read_stats();
    met_ = batches_met();
    alone_ = isolations_;
    // From here on it is listed again for a while, so others may meet it once more (step 5).
    const int error = testbed_->call(iommu_attach, domain, ep.dev);
    const iommu_device_info info = testbed_->device_info(ep.index);
    met_all_ones_ = machine.now() < c.slot.back;
    if (error == 0 || info.ats_on || info.ste_eats)
      believed_ += fmt::format(" an attach while configuration space reads all ones: {}, core {}, EATS {}", error, info.ats_on, info.ste_eats);
    if (machine.now() < c.slot.back + c.link.train) machine.sleep(c.slot.back + c.link.train + look_interval(c) - machine.now());
    // Whoever isolated it meanwhile has a worker on the way. A device that was in reset has lost everything.
    testbed_->call(iommu_flush_events, ep.dev);
    testbed_->call(pci_restore_state, ep.pdev);
    // A silent link has swallowed completions that the device still waits for; one that was down has reset it.
    if (c.fault.quarantine) testbed_->bind(ep);
    if (c.fault.quarantine || c.slot.what == "mute") testbed_->call(pci_reset_function, ep.pdev);
    for (unsigned i = 0; i < kSettle && testbed_->call(iommu_attach, domain, ep.dev) != 0; ++i) machine.sleep(c.smmu.atc_timeout);
    testbed_->start_dma(ep);
  }

  Testbed* testbed_ = nullptr;
  std::unique_ptr<Workload> workload_;
  uint32_t sid_ = 0;
  std::map<uint16_t, Cpu> cpus_;
  std::map<uint64_t, bool> straggling_;
  pci_port_info info_{};
  Cycle gone_at_ = 0, marked_at_ = 0;
  bool recreated_ = false;
  bool quarantined_ = false;
  bool removed_ = false;
  bool met_all_ones_ = false;
  bool attached_ = false;
  bool finished_ = false;
  std::string touched_before_mark_, believed_;
  uint64_t late_ = 0, straggling_batches_ = 0, timeouts_after_mark_ = 0;
  uint64_t met_ = 0, alone_ = 0;  // until the attach that reads all ones
  uint64_t timeouts_ = 0, local_ur_ = 0, others_ = 0, isolations_ = 0, accesses_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_linkdown() { return std::make_unique<Linkdown>(); }

}  // namespace atcbench
