// SPDX-License-Identifier: Apache-2.0
//
// The order in which port calls took effect, recorded in one run and enforced in another (D28).
//
// A call is known by its task and its kind, and by its address where both ports have the same one. In a run that is
// enforced each call waits for its turn; what a task does after a call, until its next one, belongs to the call's turn,
// the harness's own bookkeeping included. A load of shared memory waits in its turn until it gets what the recording got:
// hardware may be later. The SMMU may be earlier, too, while a call waits for its turn: a word that holds what the SMMU wrote then answers
// with what it held before. Interrupts are no port calls: a run that takes one is refused.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "atcbench/types.h"

namespace atcbench {

enum class CallKind : uint8_t { kLoad, kStore, kAtomic, kRegRead, kRegWrite, kAlloc, kWait, kWork };

class CallOrder {
 public:
  struct Entry {
    std::string task;
    CallKind kind;
    Addr addr;
    uint64_t value;  // of a load
  };

  // Records until write(); or enforces what `path` holds. HostError if that is no order.
  CallOrder() = default;
  explicit CallOrder(const std::string& path);
  void write(const std::string& path) const;

  bool enforced() const { return enforced_; }
  void record(Entry entry) { entries_.push_back(std::move(entry)); }

  // ---- enforced
  // nullptr: the recording ends here.
  const Entry* next() const { return next_ < entries_.size() ? &entries_[next_] : nullptr; }
  bool turn_of(const std::string& task) const {
    return (holder_.empty() || holder_ == task) && next() && next()->task == task;
  }
  void take(const std::string& task) {
    ++next_;
    holder_ = task;
  }
  // False: the task did not hold the turn.
  bool pass(const std::string& task) {
    if (holder_ != task) return false;
    holder_.clear();
    return true;
  }
  // The SMMU writes 4 bytes of memory.
  void smmu_wrote(Addr addr, uint32_t before, uint32_t after) { words_[addr] = {before, after}; }
  // What a load of 4 or 8 bytes got before the SMMU's last writes to them; `holds` is what memory holds. nullopt: it did not write there, or
  // memory no longer holds what it wrote.
  std::optional<uint64_t> before_smmu(Addr addr, unsigned bytes, uint64_t holds) const;
  size_t position() const { return next_; }
  size_t size() const { return entries_.size(); }

 private:
  bool enforced_ = false;
  std::vector<Entry> entries_;
  size_t next_ = 0;
  std::string holder_;
  struct Word {
    uint32_t before;
    uint32_t after;
  };
  std::map<Addr, Word> words_;
};

}  // namespace atcbench
