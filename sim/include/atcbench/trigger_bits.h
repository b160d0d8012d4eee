// SPDX-License-Identifier: Apache-2.0
//
// Verilator's VlTriggerVec as bits of words instead of an array of bools: with a clock for each block that can be idle,
// "is one of these 30 clocks rising" is asked hundreds of times a cycle; the compiler makes one AND with a constant of it.
// sim/cmake/FastModel.cmake puts it into a model.
#pragma once

#include <cstddef>
#include <cstdint>

template <std::size_t T_size>
class VlTriggerBits final {
  static constexpr std::size_t kWords = (T_size + 63) / 64;

 public:
  class Bit {
   public:
    Bit(uint64_t& word, uint64_t mask) : word_(word), mask_(mask) {}
    operator bool() const { return (word_ & mask_) != 0; }
    void operator=(bool value) { word_ = value ? word_ | mask_ : word_ & ~mask_; }

   private:
    uint64_t& word_;
    const uint64_t mask_;
  };

  Bit at(std::size_t index) { return Bit(words_[index / 64], uint64_t{1} << index % 64); }
  void clear() {
    for (uint64_t& w : words_) w = 0;
  }
  bool any() const {
    uint64_t all = 0;
    for (const uint64_t& w : words_) all |= w;
    return all != 0;
  }
  void set(const VlTriggerBits& other) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] |= other.words_[i];
  }
  void andNot(const VlTriggerBits& a, const VlTriggerBits& b) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] = a.words_[i] & ~b.words_[i];
  }

 private:
  uint64_t words_[kWords] = {};
};
