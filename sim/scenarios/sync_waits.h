// SPDX-License-Identifier: Apache-2.0
//
// Judges how long SYNCs wait (D8) and how long a command queue stands behind an error (D23).
#pragma once

#include <map>

#include "atcbench/config.h"
#include "atcbench/event_log.h"

namespace atcbench {

// A SYNC waits for the batches ahead of it that name a dead device, a threshold each, for its queue to go on again where that stands behind
// an error, which is bounded by itself, and for nothing else. For drivers whose waiters look at GERROR.
class SyncWaits {
 public:
  void observe(const Config& config, const Event& e);

  // SYNCs that waited longer than that, and by how many cycles at most.
  uint64_t unexplained() const { return unexplained_; }
  Cycle longest_unexplained() const { return longest_unexplained_; }
  // Longest that a queue stood until it was acknowledged, or until `now`; and the bound of it.
  Cycle longest_stand(Cycle now) const;
  static Cycle stand_bound(const Config& config);

 private:
  struct Wait {
    Cycle since = 0;
    uint64_t errors = 0;  // until then
    Cycle stood = 0;      // its queue, until then
  };
  struct Queue {
    Cycle stood = 0;  // all stands that are over
    Cycle since = 0;  // of the one that is not; 0: it runs
    Cycle stands(Cycle now) const { return since ? now - since : 0; }
  };
  // Cycles that a queue has stood behind errors.
  Cycle stood(unsigned queue, Cycle now) const;

  std::map<uint64_t, Wait> waits_;    // batch
  std::map<unsigned, Queue> queues_;
  uint64_t sync_errors_ = 0;
  uint64_t unexplained_ = 0;
  Cycle longest_unexplained_ = 0;
  Cycle longest_stand_ = 0;  // of those that are over
};

}  // namespace atcbench
