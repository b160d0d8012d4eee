// SPDX-License-Identifier: Apache-2.0
//
// Reference of the endpoint's translation cache: the entries that it holds, with round-robin replacement. Ranges are
// compared by their ends, not with the mask arithmetic of the design.
#ifndef ATCBENCH_TB_EP_ATC_REF_H
#define ATCBENCH_TB_EP_ATC_REF_H

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace atcbench::tb {

constexpr uint64_t kPages = (1ull << 52) - 1;

struct AtcRange {
  bool any = false;  // invalidation: whatever the PASID
  bool pasid_valid = false;
  bool glob = false;
  bool priv = false;
  uint32_t pasid = 0;
  uint64_t page = 0;
  uint64_t mask = 0;
};

class AtcRef {
 public:
  struct Entry {
    bool valid = false;
    AtcRange range;
    uint64_t pa = 0;
    unsigned rwxu = 0;
  };

  AtcRef(unsigned sets, unsigned ways, unsigned large, unsigned stu = 0)
      : sets_(sets), ways_(ways), stu_(stu), entries_(sets * ways + large), next_(sets + 1) {}

  unsigned Invalidate(const AtcRange& key) {
    unsigned n = 0;
    for (auto& e : entries_) {
      if (e.valid && Meet(e.range, key)) {
        e.valid = false;
        ++n;
      }
    }
    return n;
  }
  void Insert(const AtcRange& range, uint64_t pa, unsigned rwxu) {
    const unsigned base = sets_ * ways_, all = static_cast<unsigned>(entries_.size());
    const bool large = sets_ > 1 && range.mask != (1ull << stu_) - 1;
    const unsigned set = Set(range);
    const unsigned from = large ? base : set * ways_, to = large ? all : from + ways_;
    int overlapped = -1, free = -1;
    for (unsigned i = from; i < to; ++i) {
      if (entries_[i].valid && Same(entries_[i].range, range)) overlapped = static_cast<int>(i);
      if (!entries_[i].valid) free = static_cast<int>(i);
    }
    for (unsigned i = 0; i < all; ++i) {
      const bool looked_at = i >= base || (i >= from && i < to);
      if (looked_at && entries_[i].valid && Same(entries_[i].range, range)) entries_[i].valid = false;
    }
    int victim = overlapped >= 0 ? overlapped : free;
    if (victim < 0) {
      unsigned& next = next_[large ? sets_ : set];
      victim = static_cast<int>(from + next);
      next = (next + 1) % (to - from);
    }
    entries_[static_cast<size_t>(victim)] = Entry{true, range, pa, rwxu};
  }
  const Entry* Lookup(const AtcRange& key) const {
    const unsigned base = sets_ * ways_, from = Set(key) * ways_;
    const Entry* found = nullptr;
    for (unsigned i = from; i < from + ways_; ++i) {
      if (!entries_[i].valid || !Same(entries_[i].range, key)) continue;
      EXPECT_EQ(found, nullptr) << "two entries overlap";
      found = &entries_[i];
    }
    for (unsigned i = base; i < entries_.size(); ++i) {
      if (entries_[i].valid && Same(entries_[i].range, key)) found = &entries_[i];
    }
    return found;
  }
  unsigned Count() const {
    unsigned n = 0;
    for (const auto& e : entries_) n += e.valid;
    return n;
  }
  void Flush() {
    for (auto& e : entries_) e.valid = false;
  }

 private:
  static bool Meet(const AtcRange& held, const AtcRange& key) {
    const uint64_t a0 = held.page & ~held.mask & kPages, a1 = a0 + held.mask;
    const uint64_t b0 = key.page & ~key.mask & kPages, b1 = b0 + key.mask;
    if (a1 < b0 || b1 < a0) return false;
    if (key.any) return true;
    if (held.pasid_valid != key.pasid_valid) return false;
    return !key.pasid_valid || held.pasid == key.pasid || held.glob || key.glob;
  }
  static bool Same(const AtcRange& held, const AtcRange& key) { return Meet(held, key) && held.priv == key.priv; }
  unsigned Set(const AtcRange& r) const { return static_cast<unsigned>(r.page >> stu_) % sets_; }

  const unsigned sets_, ways_, stu_;
  std::vector<Entry> entries_;
  std::vector<unsigned> next_;  // of each set, then of the large ones
};

}  // namespace atcbench::tb

#endif  // ATCBENCH_TB_EP_ATC_REF_H
