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
  // A CFGI or TLBI that the queue got when memory was at `version`; it counts from Complete() on.
  void Consumed(const Command& command, uint64_t version) { pending_.push_back({command, version}); }
  // The SYNC after the `count` oldest is consumed, and software has seen it.
  void Complete(size_t count);
  size_t Pending() const { return pending_.size(); }
  // Everything cached is gone (CFGI_ALL and TLBI of every regime, with SYNC): forget the history.
  void Collapse() {
    pending_.clear();
    done_.clear();
  }
  // A request accepted now is bound by the invalidations completed so far.
  size_t Mark() const { return done_.size(); }

  bool ConfigAllowed(uint64_t version, size_t mark, uint32_t sid, bool ssv, uint32_t ssid) const;
  bool TlbAllowed(uint64_t version, size_t mark, const TlbTag& tag, bool e2h, bool s2p) const {
    return TlbForbidden(version, mark, tag, e2h, s2p) == nullptr;
  }
  // The completed command that forbids it, for the report of a difference.
  const Command* TlbForbidden(uint64_t version, size_t mark, const TlbTag& tag, bool e2h, bool s2p) const;

 private:
  struct Done {
    Command command;
    uint64_t version;
  };
  std::vector<Done> pending_, done_;
};

// What a command names.
bool CfgiCovers(const Command& command, uint32_t sid, uint32_t ssid);
bool TlbiCovers(const Command& command, const TlbTag& tag, bool e2h, bool s2p);

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_STALENESS_H_
