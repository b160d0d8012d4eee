// SPDX-License-Identifier: Apache-2.0
#include "fault_cycle.h"

#include <fmt/format.h>

#include <cerrno>

#include "atcbench/error.h"
#include "ep_regs.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr uint64_t kSettleRounds = 5;
constexpr uint32_t kCmdqErr = 1;
constexpr uint64_t kCallPeriod = 20;

}  // namespace

void FaultCycle::configure(Config& config) const {
  if (config.fault.device + config.fault.count > config.system.devices)
    throw UsageError(fmt::format("fault.device = {} and fault.count = {} need {} devices, system.devices is {}",
                                 config.fault.device, config.fault.count, config.fault.device + config.fault.count,
                                 config.system.devices));
  if (config.load.dma_interval == 0 || config.load.use_ats == 0)
    throw UsageError("a device that fails needs ATS and DMA: load.use_ats = 1 and load.dma_interval > 0");
}

void FaultCycle::start(Testbed& testbed) {
  testbed_ = &testbed;
  functions_ = testbed.config().functions();
  devices_.resize(testbed.config().system.devices);
  testbed.sim().log().observe([this](const Event& e) { on_event(e); });
  workload_ = std::make_unique<Workload>(testbed, [this](unsigned cpu, uint64_t round) {
    if (cpu == 0) control(round);
    return !finished_;
  }, true);
  if (auto task = beside()) workload_->beside(std::move(task));
  workload_->start();
}

void FaultCycle::finish() {
  finished_ = true;
  called_.v |= kOver;
}

bool FaultCycle::sleep_until_called() {
  port_src called{};
  called.kind = PORT_SRC_ATOMIC;
  called.atomic = &called_;
  called.mask = ~uint64_t{0};
  port_wait(testbed_->port(), &called, 1, kCallPeriod, PORT_FOREVER, PORT_WAIT_SLEEP);
  const bool somebody = called_.v & kCalled;
  called_.v &= ~kCalled;
  return somebody;
}

uint32_t FaultCycle::fault_ctrl() const {
  const std::string& mode = config().fault.mode;
  const uint32_t value = mode == "cleared" ? NEVER_ANSWER_CLEARED : mode == "stuck" ? NEVER_ANSWER_STUCK : NEVER_ANSWER_DEAD;
  return EP_FAULT_CTRL_NEVER_ANSWER | value << EP_FAULT_CTRL_MODE_SHIFT;
}

bool FaultCycle::is_faulty(unsigned index) const {
  return index >= config().fault.device && index < config().fault.device + config().fault.count;
}

void FaultCycle::on_event(const Event& e) {
  switch (e.event) {
    case EV_INV_TIMEOUT:
      ++timeouts_seen_;
      if (armed_ && is_faulty(e.src)) devices_[e.src].timed_out = true;
      break;
    case EV_FIRST_GOOD_INV:
      devices_[functions_.endpoint(e.a0)].invalidated = true;
      break;
    case EV_FIRST_GOOD_ACCESS:
      devices_[e.src].accessed = true;
      break;
    case EV_FLR_START:
      ++devices_[e.src].flrs;
      break;
    // A reset of the link is one of every function behind it.
    case EV_LINK_DOWN:
      for (unsigned i = functions_.behind(e.src).first; i < functions_.behind(e.src).last && i < devices_.size(); ++i) ++devices_[i].flrs;
      break;
    case EV_SIBLING_HIT:
      ++siblings_;
      break;
    case EV_ISOLATED:
      ++devices_[functions_.endpoint(e.a0)].isolated;
      break;
    case EV_QUARANTINED:
      ++devices_[functions_.endpoint(e.a0)].quarantined;
      break;
    case EV_GERROR_SET:
      if (((e.a0 ^ e.a1) & kCmdqErr) && !error_since_) error_since_ = e.cycle;
      break;
    case EV_IRQ_ENTRY:
    case EV_GERROR_POLL_HIT:
      if (error_since_ && (e.event == EV_GERROR_POLL_HIT || e.a0 == PORT_IRQ_GERROR)) {
        detection_ = std::max(detection_, e.cycle - error_since_);
        error_since_ = 0;
      }
      break;
    default:
      on_batch_event(e);
      break;
  }
  observe(e);
}

void FaultCycle::on_batch_event(const Event& e) {
  switch (e.event) {
    case EV_CMD_SLOT:
      writing_[e.src] = e.a2;
      names_faulty_[e.a2] = false;
      break;
    case EV_CMD_WRITTEN:
      if ((e.a1 & 0xff) == OP_ATC_INV && is_faulty(functions_.endpoint(e.a1 >> 32))) names_faulty_[writing_[e.src]] = true;
      break;
    case EV_SYNC_FAILED: {
      const auto it = names_faulty_.find(e.a1);
      if (e.a2 == EIO && it != names_faulty_.end() && !it->second) ++wrongly_charged_;
      break;
    }
    case EV_SYNC_SEEN:
      names_faulty_.erase(e.a1);
      break;
    default:
      break;
  }
}

bool FaultCycle::all_over() const {
  for (unsigned i = 0; i < devices_.size(); ++i)
    if (is_faulty(i) && !over(devices_[i])) return false;
  return true;
}

// On CPU 0, once a round.
void FaultCycle::control(uint64_t round) {
  const Config& c = config();
  const Cycle now = testbed_->machine().now();
  if (!armed_) {
    if (round < next_round_ || (done_ == 0 && round < c.fault.at)) return;
    if (done_ == c.fault.repeat) {
      finish();
      return;
    }
    for (Device& d : devices_) d.timed_out = d.invalidated = d.accessed = false;
    before_fault();
    armed_ = true;
    armed_at_ = now;
    testbed_->phase(Phase::kFault);
    for (unsigned i = 0; i < devices_.size(); ++i)
      if (is_faulty(i)) testbed_->arm_fault(i, fault_ctrl());
    after_fault();
    return;
  }
  if (all_over()) {
    armed_ = false;
    ++done_;
    next_round_ = round + kSettleRounds + (done_ == c.fault.repeat ? rounds_after() : 0);
    testbed_->phase(Phase::kRecovered);
    return;
  }
  // several CPUs may search at once, behind one another in the queue
  const Cycle patience =
      4 * (c.fault.count + c.system.cpus) * c.smmu.atc_timeout + 2 * c.cpu.poll_timeout + 4 * c.ep.flr_cycles + c.cpu.ready_timeout;
  if (now - armed_at_ > patience) {
    gave_up_ = now;
    finish();
  }
}

void FaultCycle::verify(Testbed& testbed) {
  const Config& c = config();
  const smmu_stats stats = testbed.stats();
  bool hit = true, resets = true, quarantined = true;
  std::string innocent;
  uint64_t collateral = 0, wrong_resets = 0, lost_io = 0;
  for (auto& ep : testbed.endpoints()) {
    const Device& d = devices_[ep.index];
    if (d.flrs > ep.resumes) ++lost_io;
    if (is_faulty(ep.index)) {
      hit = hit && (d.timed_out || d.flrs) == times_out();
      resets = resets && resets_fit(d.flrs);
      quarantined = quarantined && (d.quarantined > 0) == times_out();
    } else if (!may_be_hit(ep.index) && (d.flrs || d.isolated)) {
      innocent += fmt::format(" endpoint {}: {} isolations, {} resets;", ep.index, d.isolated, d.flrs);
      ++collateral;
      wrong_resets += d.flrs;
    }
  }
  testbed.check("fault_hit", hit, times_out() ? "a device that was to fail met no time-out" : "a device met a time-out");
  testbed.check("recovered", !gave_up_ && done_ == c.fault.repeat,
                fmt::format("{} of {} recoveries, gave up at cycle {}", done_, c.fault.repeat, gave_up_));
  testbed.check("isolated", quarantined, times_out() ? "a device that failed was never quarantined" : "a device was quarantined");
  testbed.check("resets_of_faulty", resets, fmt::format("a device that failed was not reset {} times", resets_expected()));
  testbed.check("innocent_untouched", innocent.empty(), innocent);
  testbed.check("charged_to_owner", wrongly_charged_ == 0,
                fmt::format("{} batches were charged that named no failing device", wrongly_charged_));
  testbed.check("unmap_success", testbed.unmap_failures() == 0, fmt::format("{} unmaps failed", testbed.unmap_failures()));
  testbed.check("queue_alive", stats.cerror_ill == 0 && stats.cerror_abt == 0, "CERROR_ILL or CERROR_ABT");
  testbed.figure("collateral", collateral);
  testbed.figure("wrong_resets", wrong_resets);
  testbed.figure("lost_io", lost_io);
  testbed.figure("wrongly_charged", wrongly_charged_);
  testbed.figure("siblings", siblings_);
  testbed.figure("detection", detection_);
  testbed.figure("device_timeouts", timeouts_seen_);
}

}  // namespace atcbench
