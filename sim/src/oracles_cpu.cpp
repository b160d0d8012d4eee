// SPDX-License-Identifier: Apache-2.0
//
// The CPUs' side: what was started for them happens, what they wait for is noticed, no wait outlives its limit.
#include <fmt/format.h>

#include <map>
#include <set>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"
#include "smmu_regs.h"

namespace atcbench {
namespace {

constexpr uint32_t kGerrorIrq = 0;

class CpuOracle final : public Oracle {
 public:
  explicit CpuOracle(const CpuPromises& promises) : Oracle("cpu_side"), promises_(promises) {}

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_IRQ_ASSERT:
        if (e.a0 == kGerrorIrq) asserted_ = e.cycle;
        break;
      case EV_IRQ_ENTRY:
        if (e.a0 == kGerrorIrq) entered_ = e.cycle;
        break;
      case EV_GERROR_SET:
        msi_lost_ |= ((e.a0 ^ e.a1) & SMMU_GERROR_MSI_CMDQ_ABT_ERR) != 0;
        break;
      case EV_WORK_QUEUED:
        work_.emplace(std::make_pair(e.a0, e.a1), e.cycle);
        break;
      case EV_WORKER_START:
        work_.erase({e.a0, e.a1});
        break;
      case EV_SYNC_COMPLETE:
        complete_[queue_slot(e)] = e.cycle;
        break;
      case EV_SYNC_WAIT:
        waits_[e.a1] = {e.a0, e.cycle, e.cycle};
        break;
      case EV_SYNC_EXPIRED:
        if (const auto it = waits_.find(e.a1); it != waits_.end()) {
          in_time(e, it->second);
          it->second.since = e.cycle;
        }
        break;
      case EV_SYNC_SEEN:
      case EV_SYNC_FAILED:
        ended(e);
        break;
      default:
        break;
    }
  }

  void finish(Cycle now) override {
    if (promises_.gerror_irq && asserted_ > entered_)
      fail(now, fmt::format("the GERROR interrupt of cycle {} was never taken", asserted_));
    for (const auto& [what, since] : work_)
      fail(now, fmt::format("work {:#x} for device {:#x}, queued in cycle {}, never started", what.first, what.second, since));
  }

 private:
  struct Wait {
    uint32_t index = 0;  // queue and index
    Cycle begin = 0;
    Cycle since = 0;  // the limit counts from here
  };

  void in_time(const Event& e, const Wait& wait) {
    // Twice: interrupts that are taken inside the wait are not its fault.
    if (e.cycle - wait.since > 2 * promises_.poll_timeout)
      fail(e.cycle, fmt::format("the SYNC wait of batch {} of cycle {} ended {} cycles late", e.a1, wait.begin,
                                e.cycle - wait.since - promises_.poll_timeout));
  }
  void ended(const Event& e) {
    const auto it = waits_.find(e.a1);
    if (it == waits_.end()) return;
    const Wait& wait = it->second;
    in_time(e, wait);
    const auto done = complete_.find(wait.index);
    if (e.event == EV_SYNC_SEEN && done != complete_.end() && done->second >= wait.begin &&
        e.cycle - done->second > promises_.wake_up + (msi_lost_ ? promises_.last_look : 0))
      fail(e.cycle, fmt::format("SYNC {:#x} completed in cycle {}, its waiter noticed {} cycles later", wait.index, done->second,
                                e.cycle - done->second));
    waits_.erase(it);
  }

  const CpuPromises promises_;
  Cycle asserted_ = 0, entered_ = 0;
  bool msi_lost_ = false;
  std::map<std::pair<uint32_t, uint64_t>, Cycle> work_;
  std::map<uint32_t, Cycle> complete_;
  std::map<uint64_t, Wait> waits_;
};

}  // namespace

std::unique_ptr<Oracle> make_cpu_oracle(const CpuPromises& promises) { return std::make_unique<CpuOracle>(promises); }

}  // namespace atcbench
