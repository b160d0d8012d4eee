// SPDX-License-Identifier: Apache-2.0
//
// SplitMix64: a small generator whose sequence is the same everywhere. Seeds and streams are mixed before use: neighbours
// would otherwise walk the same sequence one step apart.
#pragma once

#include <cstdint>

namespace atcbench {

class Rng {
 public:
  explicit Rng(uint64_t seed, uint64_t stream = 0) : state_(mix(mix(seed + kGamma) + stream)) {}
  uint64_t next() { return mix(state_ += kGamma); }
  uint64_t below(uint64_t n) { return next() % n; }

 private:
  static constexpr uint64_t kGamma = 0x9E3779B97F4A7C15u;
  static uint64_t mix(uint64_t z) {
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }

  uint64_t state_;
};

}  // namespace atcbench
