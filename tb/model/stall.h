// SPDX-License-Identifier: Apache-2.0
//
// Stalled transactions (smmuv3 sections 2, 5.1, 8): one at most for each port. STAG is the implementation's choice: it is
// taken from the event record. Software knows of a stall by its record, so a STALL_TERM may meet a stall that nobody has
// seen, or come before it: then the transaction may end by it, and need not. The model consumes commands as early as can be;
// a STALL_TERM may take effect until it was seen in CONS.

#ifndef ATCBENCH_TB_MODEL_STALL_H_
#define ATCBENCH_TB_MODEL_STALL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "model/command.h"

namespace model {

struct Stall {
  bool busy = false;        // a transaction is on its way
  uint32_t sid = 0;
  size_t mark = 0;          // invalidations that bind its answer, those of a retry too
  bool open = false;        // its record was seen, nothing has ended it
  uint64_t seen = 0;        // when
  uint32_t stag = 0;
  bool must_abort = false;  // RESUME without retry, STALL_TERM, SMMUEN = 0
  bool may_abort = false;   // STALL_TERM of its stream, perhaps before it stalled
};

class Stalls {
 public:
  explicit Stalls(int ports) : at_(static_cast<size_t>(ports)) {}

  void Accepted(int port, uint32_t sid, size_t mark);
  void Answered(int port) { at_[static_cast<size_t>(port)] = Stall{}; }
  // A record with Stall = 1; false: a transaction that is stalled, or over, does not stall.
  bool Seen(int port, uint32_t stag, uint64_t now);
  // RESUME or STALL_TERM, given to the queue at `pushed`.
  void Consumed(const Command& command, uint64_t pushed, size_t mark);
  // The oldest STALL_TERM consumed was seen in CONS.
  void TermSeen() { terms_.pop_front(); }
  // SMMUEN 1 -> 0.
  void Disabled();

  const Stall& At(int port) const { return at_[static_cast<size_t>(port)]; }
  bool AnyOpen() const;

 private:
  std::vector<Stall> at_;
  std::deque<uint32_t> terms_;  // StreamIDs of STALL_TERMs that may still take effect
};

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_STALL_H_
