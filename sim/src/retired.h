// SPDX-License-Identifier: Apache-2.0
//
// When a CPU executed how many instructions: runs of them at one rate.
#pragma once

#include <algorithm>
#include <vector>

#include "atcbench/types.h"

namespace atcbench {

class Retired {
 public:
  explicit Retired(Cycle cpi) : cpi_(cpi) {}

  // `count` instructions that begin in cycle `from`, one behind the other.
  void add(Cycle from, uint64_t count) {
    if (!runs_.empty() && runs_.back().from + runs_.back().count * cpi_ == from)
      runs_.back().count += count;
    else
      runs_.push_back({from, total_, count});
    total_ += count;
  }

  // Complete at cycle `at`.
  uint64_t until(Cycle at) const {
    auto it = std::upper_bound(runs_.begin(), runs_.end(), at, [](Cycle cycle, const Run& run) { return cycle < run.from; });
    if (it == runs_.begin()) return 0;
    --it;
    return it->before + std::min(it->count, (at - it->from) / cpi_);
  }

 private:
  struct Run {
    Cycle from;
    uint64_t before;
    uint64_t count;
  };
  const Cycle cpi_;
  std::vector<Run> runs_;
  uint64_t total_ = 0;
};

}  // namespace atcbench
