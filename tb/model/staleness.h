// SPDX-License-Identifier: Apache-2.0
//
// The caches of the SMMU as "what may still be used": memory changes in numbered versions; a completed invalidation
// (its SYNC consumed) forbids answers made from configuration or tables older than it, for what it names.

#ifndef ATCBENCH_TB_MODEL_STALENESS_H_
#define ATCBENCH_TB_MODEL_STALENESS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/command.h"
#include "model/types.h"

namespace model {

class Staleness {
 public:
  // A consumed CFGI or TLBI; it counts from Complete() on.
  void Consumed(const Command& command) { pending_.push_back(command); }
  // The SYNC after it is consumed; whatever was written to memory up to `version` is seen from now on.
  void Complete(uint64_t version);
  // Everything cached is gone (CFGI_ALL and TLBI of every regime, with SYNC): forget the history.
  void Collapse() {
    pending_.clear();
    done_.clear();
  }
  // A request accepted now is bound by the invalidations completed so far.
  size_t Mark() const { return done_.size(); }
  const std::vector<Command>& Pending() const { return pending_; }

  bool ConfigAllowed(uint64_t version, size_t mark, uint32_t sid, bool ssv, uint32_t ssid) const;
  bool TlbAllowed(uint64_t version, size_t mark, const TlbTag& tag, bool e2h, bool s2p) const;

 private:
  struct Done {
    Command command;
    uint64_t version;
  };
  std::vector<Command> pending_;
  std::vector<Done> done_;
};

// What a command names.
bool CfgiCovers(const Command& command, uint32_t sid, uint32_t ssid);
bool TlbiCovers(const Command& command, const TlbTag& tag, bool e2h, bool s2p);

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_STALENESS_H_
