// SPDX-License-Identifier: Apache-2.0
//
// hang: fault.count endpoints stop answering invalidations in the middle of the load, fault.repeat times. Each
// must be found, isolated, quarantined, reset, and translate again, while the others go on.
//
// slow: the same devices answer, but only after the time-out: the late completion must be discarded.
#include <fmt/format.h>

#include <map>

#include "atcbench/error.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "ep_regs.h"

namespace atcbench {
namespace {

constexpr uint64_t kSettleRounds = 5;

uint32_t mode_of(const std::string& mode) {
  const uint32_t value = mode == "cleared" ? NEVER_ANSWER_CLEARED : mode == "stuck" ? NEVER_ANSWER_STUCK : NEVER_ANSWER_DEAD;
  return EP_FAULT_CTRL_NEVER_ANSWER | value << EP_FAULT_CTRL_MODE_SHIFT;
}

class Hang final : public Scenario {
 public:
  explicit Hang(bool slow) : slow_(slow) {}

  void configure(Config& config) const override {
    if (config.fault.device + config.fault.count > config.system.devices)
      throw UsageError(fmt::format("fault.device = {} and fault.count = {} need {} devices, system.devices is {}",
                                   config.fault.device, config.fault.count, config.fault.device + config.fault.count,
                                   config.system.devices));
    if (config.load.dma_interval == 0 || config.load.use_ats == 0)
      throw UsageError("hang and slow need ATS and DMA: load.use_ats = 1 and load.dma_interval > 0");
    if (slow_ && !config.given("fault.delay"))
      config.set("fault.delay", fmt::format("{}", config.smmu.atc_timeout + 400));
  }

  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    testbed.sim().log().observe([this](const Event& e) { on_event(e); });
    workload_ = std::make_unique<Workload>(testbed, [this](unsigned cpu, uint64_t round) {
      if (cpu == 0) control(round);
      return !finished_;
    });
    workload_->start();
  }

  void verify(Testbed& testbed) override {
    const Config& config = testbed.config();
    const smmu_stats stats = testbed.stats();
    testbed.check("fault_hit", timeouts_ >= config.fault.repeat * config.fault.count,
                  fmt::format("{} devices timed out, {} expected", timeouts_, config.fault.repeat * config.fault.count));
    testbed.check("recovered", !gave_up_ && done_ == config.fault.repeat,
                  fmt::format("{} of {} recoveries, gave up at cycle {}", done_, config.fault.repeat, gave_up_));
    for (auto& ep : testbed.endpoints()) {
      const bool faulty = is_faulty(ep.index);
      const unsigned expected = faulty ? static_cast<unsigned>(config.fault.repeat) : 0;
      testbed.check(fmt::format("resets_of_{}", ep.index), ep.slot_resets == expected,
                    fmt::format("endpoint {} was reset {} times, {} expected", ep.index, ep.slot_resets, expected));
    }
    testbed.check("unmap_success", testbed.unmap_failures() == 0,
                  fmt::format("{} unmaps failed", testbed.unmap_failures()));
    testbed.check("queue_alive", stats.cerror_ill == 0 && stats.cerror_abt == 0, "CERROR_ILL or CERROR_ABT");
    if (slow_) testbed.check("late_completion_discarded", strays_ > 0, "no late completion was seen");
  }

 private:
  bool is_faulty(unsigned index) const {
    const Config& config = testbed_->config();
    return index >= config.fault.device && index < config.fault.device + config.fault.count;
  }

  void on_event(const Event& e) {
    switch (e.event) {
      case EV_INV_TIMEOUT:
        if (armed_ && is_faulty(e.src) && !back_[e.src].timed_out) {
          back_[e.src].timed_out = true;
          ++timeouts_;
        }
        break;
      case EV_FIRST_GOOD_INV:
        back_[(e.a0 >> 8) - 1].invalidated = true;
        break;
      case EV_FIRST_GOOD_ACCESS:
        back_[e.src].accessed = true;
        break;
      case EV_INV_CPL_STRAY:
        ++strays_;
        break;
      default:
        break;
    }
  }

  bool all_back() const {
    const Config& config = testbed_->config();
    for (uint64_t i = 0; i < config.fault.count; ++i) {
      const auto it = back_.find(static_cast<unsigned>(config.fault.device + i));
      if (it == back_.end() || !it->second.timed_out || !it->second.invalidated || !it->second.accessed) return false;
    }
    return true;
  }

  // On CPU 0, once a round.
  void control(uint64_t round) {
    const Config& config = testbed_->config();
    const Cycle now = testbed_->machine().now();
    if (!armed_) {
      if (round < next_round_ || (done_ == 0 && round < config.fault.at)) return;
      if (done_ == config.fault.repeat) {
        finished_ = true;
        return;
      }
      back_.clear();
      armed_ = true;
      armed_at_ = now;
      testbed_->phase(Phase::kFault);
      for (uint64_t i = 0; i < config.fault.count; ++i)
        testbed_->arm_fault(static_cast<unsigned>(config.fault.device + i),
                            slow_ ? EP_FAULT_CTRL_ANSWER_AFTER : mode_of(config.fault.mode));
      return;
    }
    if (all_back()) {
      armed_ = false;
      ++done_;
      next_round_ = round + kSettleRounds;
      testbed_->phase(Phase::kRecovered);
      return;
    }
    const Cycle patience = 4 * config.fault.count * config.smmu.atc_timeout + 4 * config.cpu.poll_timeout +
                           4 * config.ep.flr_cycles + 4 * config.cpu.ready_timeout;
    if (now - armed_at_ > patience) {
      gave_up_ = now;
      finished_ = true;
    }
  }

  struct Back {
    bool timed_out = false;
    bool invalidated = false;
    bool accessed = false;
  };

  const bool slow_;
  Testbed* testbed_ = nullptr;
  std::unique_ptr<Workload> workload_;
  std::map<unsigned, Back> back_;
  bool armed_ = false;
  bool finished_ = false;
  Cycle armed_at_ = 0;
  Cycle gave_up_ = 0;
  uint64_t next_round_ = 0;
  uint64_t done_ = 0;
  uint64_t timeouts_ = 0;
  uint64_t strays_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_hang() { return std::make_unique<Hang>(false); }
std::unique_ptr<Scenario> make_slow() { return std::make_unique<Hang>(true); }

}  // namespace atcbench
