// SPDX-License-Identifier: Apache-2.0
//
// First-fit allocator of physical pages out of one range; same calls, same addresses.
#pragma once

#include <map>

#include "atcbench/types.h"

namespace atcbench {

class PageAllocator {
 public:
  PageAllocator(Addr base, uint64_t bytes) { free_[base] = bytes; }

  // Whole pages at a multiple of `align` (a power of two); 0: no room.
  Addr allocate(uint64_t bytes, uint64_t align = kPageBytes) {
    bytes = round_up(bytes);
    if (align < kPageBytes) align = kPageBytes;
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      const auto [start, size] = *it;
      const Addr at = (start + align - 1) & ~(align - 1);
      if (at - start > size || size - (at - start) < bytes) continue;
      free_.erase(it);
      if (at > start) free_[start] = at - start;
      if (start + size > at + bytes) free_[at + bytes] = start + size - at - bytes;
      return at;
    }
    return 0;
  }

  // What `allocate` returned, with the same size.
  void release(Addr at, uint64_t bytes) {
    bytes = round_up(bytes);
    auto it = free_.emplace(at, bytes).first;
    auto next = std::next(it);
    if (next != free_.end() && at + bytes == next->first) {
      it->second += next->second;
      free_.erase(next);
    }
    if (it != free_.begin()) {
      auto before = std::prev(it);
      if (before->first + before->second == it->first) {
        before->second += it->second;
        free_.erase(it);
      }
    }
  }

 private:
  static uint64_t round_up(uint64_t bytes) { return (bytes + kPageBytes - 1) & ~(kPageBytes - 1); }
  std::map<Addr, uint64_t> free_;
};

}  // namespace atcbench
