// SPDX-License-Identifier: Apache-2.0
#include "sync_waits.h"

#include <algorithm>

#include "log_events.h"

namespace atcbench {
namespace {

// What a SYNC waits in a queue that runs and meets no time-out: the commands of all CPUs, with an ATC_INV for each device and its round
// trip.
Cycle queue_wait(const Config& c) { return 1600 + 250 * std::max<uint64_t>(c.system.devices, 4) + 8 * c.link.latency; }

}  // namespace

// A waiter or the handler looks, finds the slot's owner and acknowledges (D20, D23). Eight AArch64 CPUs that do it at once need up to 727
// cycles, and 2,178 with cpu.cpi = 4.
Cycle SyncWaits::stand_bound(const Config& config) { return config.cpu.cpi * 1000 + 2 * config.cpu.poll_period; }

Cycle SyncWaits::longest_stand(Cycle now) const {
  Cycle longest = longest_stand_;
  for (const auto& [queue, state] : queues_) longest = std::max(longest, state.stands(now));
  return longest;
}

Cycle SyncWaits::stood(unsigned queue, Cycle now) const {
  const auto it = queues_.find(queue);
  return it == queues_.end() ? 0 : it->second.stood + it->second.stands(now);
}

void SyncWaits::observe(const Config& config, const Event& e) {
  switch (e.event) {
    case EV_SYNC_ERROR:
      ++sync_errors_;
      break;
    case EV_CMDQ_STOPPED:
      queues_[e.src].since = e.cycle;
      break;
    case EV_CMDQ_RESUMED: {
      Queue& queue = queues_[e.src];
      longest_stand_ = std::max(longest_stand_, queue.stands(e.cycle));
      queue.stood += queue.stands(e.cycle);
      queue.since = 0;
      break;
    }
    case EV_SYNC_WAIT:
      waits_[e.a1] = {e.cycle, sync_errors_, stood(queue_of_slot(e.a0), e.cycle)};
      break;
    case EV_SYNC_SEEN:
    case EV_SYNC_FAILED: {
      const auto it = waits_.find(e.a1);
      if (it == waits_.end()) break;
      const Wait& wait = it->second;
      const Cycle allowed = (sync_errors_ - wait.errors) * config.smmu.atc_timeout + queue_wait(config);
      const Cycle waited = e.cycle - wait.since - (stood(queue_of_slot(e.a0), e.cycle) - wait.stood);
      if (waited > allowed) {
        ++unexplained_;
        longest_unexplained_ = std::max(longest_unexplained_, waited - allowed);
      }
      waits_.erase(it);
      break;
    }
    default:
      break;
  }
}

}  // namespace atcbench
