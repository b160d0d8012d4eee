// SPDX-License-Identifier: Apache-2.0
//
// The shape of most time-out scenarios: under the load, fault.count devices from fault.device on begin to
// misbehave; the driver finds, isolates, resets and re-attaches them; fault.repeat times in a row. Whoever does
// not get that far is stopped after a while, so that a policy that never recovers ends with a verdict.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "atcbench/scenario.h"
#include "atcbench/workload.h"

namespace atcbench {

class FaultCycle : public Scenario {
 public:
  void configure(Config& config) const override;
  void start(Testbed& testbed) override;
  void verify(Testbed& testbed) override;

 protected:
  struct Device {
    // of this cycle
    bool timed_out = false;
    bool invalidated = false;  // the probe after the re-attach was answered
    bool accessed = false;     // and translated accesses reach memory again
    // of the run
    unsigned flrs = 0;  // and resets of its link
    unsigned isolated = 0;
    unsigned quarantined = 0;
  };

  // ---- what a scenario may do differently
  // FAULT_CTRL of a device that begins to misbehave.
  virtual uint32_t fault_ctrl() const;
  // On CPU 0, before the devices begin to misbehave, and after they do.
  virtual void before_fault() {}
  virtual void after_fault() {}
  // The cycle is over for this device.
  virtual bool over(const Device& d) const { return d.timed_out && d.invalidated && d.accessed; }
  // Whether the fault keeps an invalidation from being answered. If not, nobody may be isolated or reset.
  virtual bool times_out() const { return true; }
  // Rounds of the load after the last cycle is over.
  virtual uint64_t rounds_after() const { return 0; }
  // A device that the scenario lets be isolated or reset.
  virtual bool may_be_hit(unsigned index) const { return is_faulty(index); }
  virtual bool resets_fit(unsigned flrs) const { return flrs == resets_expected(); }
  // Resets of a faulty device in the whole run.
  virtual unsigned resets_expected() const { return times_out() ? static_cast<unsigned>(config().fault.repeat) : 0; }
  virtual void observe(const Event& event) { (void)event; }
  // A task beside the load, on the last CPU; empty: none. It returns soon after finished().
  virtual std::function<void()> beside() { return {}; }
  // That task sleeps until somebody has called it since it slept last (true), or the run is finished.
  bool sleep_until_called();
  void call_beside() { called_.v |= kCalled; }

  const Config& config() const { return testbed_->config(); }
  Testbed& testbed() { return *testbed_; }
  bool is_faulty(unsigned index) const;
  bool armed() const { return armed_; }
  bool finished() const { return finished_; }
  Device& device(unsigned index) { return devices_[index]; }
  unsigned first_faulty() const { return static_cast<unsigned>(config().fault.device); }
  Cycle armed_at() const { return armed_at_; }
  // Batches that were told -EIO although they named no faulty device.
  uint64_t wrongly_charged() const { return wrongly_charged_; }
  // Longest from CMDQ_ERR to the first handler entry or poll that saw it.
  Cycle detection() const { return detection_; }
  uint64_t timeouts_seen() const { return timeouts_seen_; }

 private:
  void on_event(const Event& e);
  void on_batch_event(const Event& e);
  void control(uint64_t round);
  void finish();
  bool all_over() const;

  Testbed* testbed_ = nullptr;
  std::unique_ptr<Workload> workload_;
  FunctionMap functions_;
  std::vector<Device> devices_;
  std::map<uint16_t, uint64_t> writing_;       // CPU -> the batch whose slots it fills
  std::map<uint64_t, bool> names_faulty_;      // batch -> holds an ATC_INV to a faulty device
  uint64_t wrongly_charged_ = 0;
  uint64_t siblings_ = 0;  // reset with the link of another one, by a recovery of the subtree
  Cycle error_since_ = 0;
  Cycle detection_ = 0;
  uint64_t timeouts_seen_ = 0;
  bool armed_ = false;
  bool finished_ = false;
  static constexpr uint64_t kCalled = 1, kOver = 2;
  port_atomic_t called_{};
  Cycle armed_at_ = 0;
  Cycle gave_up_ = 0;
  uint64_t next_round_ = 0;
  uint64_t done_ = 0;
};

}  // namespace atcbench
