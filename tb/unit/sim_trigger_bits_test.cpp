// SPDX-License-Identifier: Apache-2.0
//
// VlTriggerBits does what an array of bools does, across the words.
#include "atcbench/trigger_bits.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace {

constexpr std::size_t kSize = 130;

TEST(TriggerBits, SameAsBools) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    VlTriggerBits<kSize> a, b, both, only;
    std::array<bool, kSize> x{}, y{};
    for (std::size_t i = 0; i < kSize; ++i) {
      a.at(i) = x[i] = random() % 4 == 0;
      b.at(i) = y[i] = random() % 4 == 0;
    }
    both.set(a);
    both.set(b);
    only.andNot(a, b);
    for (std::size_t i = 0; i < kSize; ++i) {
      ASSERT_EQ(a.at(i), x[i]);
      ASSERT_EQ(both.at(i), x[i] || y[i]);
      ASSERT_EQ(only.at(i), x[i] && !y[i]);
    }
    a.clear();
    EXPECT_FALSE(a.any());
    a.at(round % kSize) = true;
    EXPECT_TRUE(a.any());
    a.at(round % kSize) = false;
    EXPECT_FALSE(a.any());
  }
}

}  // namespace
