// SPDX-License-Identifier: Apache-2.0
//
// credit_counter against a saturating counter: random takes, gives, clears.

#include <gtest/gtest.h>

#include <random>

#include "Vcredit_counter.h"

namespace {

constexpr int kMax = 8;  // default of the module

class Bench {
 public:
  Bench() {
    Set(0, 0, 0);
    top_.rst_ni = 0;
    Edge();
    top_.rst_ni = 1;
    top_.eval();
  }
  void Step(bool take, bool give, bool clear) {
    Set(take, give, clear);
    Edge();
    Set(0, 0, 0);
    top_.eval();
  }
  int count() const { return top_.count_o; }
  bool available() const { return top_.available_o; }

 private:
  void Set(bool take, bool give, bool clear) {
    top_.take_i = take;
    top_.give_i = give;
    top_.clear_i = clear;
  }
  void Edge() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
  }
  Vcredit_counter top_;
};

TEST(CreditCounter, StartsFullAndEndsAtZero) {
  Bench b;
  for (int left = kMax; left > 0; --left) {
    EXPECT_EQ(b.count(), left);
    EXPECT_TRUE(b.available());
    b.Step(true, false, false);
  }
  EXPECT_EQ(b.count(), 0);
  EXPECT_FALSE(b.available());
}

TEST(CreditCounter, NeverWraps) {
  Bench b;
  b.Step(false, true, false);
  EXPECT_EQ(b.count(), kMax);
  for (int i = 0; i < kMax + 3; ++i) b.Step(true, false, false);
  EXPECT_EQ(b.count(), 0);
  b.Step(true, true, false);  // the take is void, the give counts
  EXPECT_EQ(b.count(), 1);
}

TEST(CreditCounter, AgreesWithTheModel) {
  Bench b;
  std::mt19937 rng(7);
  int model = kMax;
  for (int i = 0; i < 20000; ++i) {
    const int mood = i / 500 % 3;  // drifts to empty, to full, wanders
    const bool take = rng() % 4 < (mood == 0 ? 3u : 1u);
    const bool give = rng() % 4 < (mood == 1 ? 3u : 1u);
    const bool clear = rng() % 300 == 0;
    b.Step(take, give, clear);
    const bool took = take && model > 0;
    if (clear) {
      model = kMax;
    } else {
      if (took) --model;
      if (give && model < kMax) ++model;
    }
    ASSERT_EQ(b.count(), model) << "step " << i;
    ASSERT_EQ(b.available(), model > 0);
  }
}

}  // namespace
