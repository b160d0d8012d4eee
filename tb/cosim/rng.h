// SPDX-License-Identifier: Apache-2.0
//
// Random choices of the co-simulation: the project's generator with the shapes that tests want.

#ifndef ATCBENCH_TB_COSIM_RNG_H_
#define ATCBENCH_TB_COSIM_RNG_H_

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "atcbench/rng.h"

namespace cosim {

class Rng {
 public:
  // Neighbouring seeds of the generator give the same sequence one step apart, hence the detour.
  explicit Rng(uint64_t seed) : rng_(atcbench::Rng(seed, 0xC0517).next()) {}
  uint64_t Bits() { return rng_.next(); }
  uint64_t Below(uint64_t n) { return rng_.below(n); }
  uint64_t In(uint64_t lo, uint64_t hi) { return lo + Below(hi - lo + 1); }
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  template <typename T>
  T Of(std::initializer_list<T> list) {
    return *(list.begin() + Below(list.size()));
  }
  template <typename T>
  const T& Of(const std::vector<T>& list) {
    return list[Below(list.size())];
  }

 private:
  atcbench::Rng rng_;
};

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_RNG_H_
