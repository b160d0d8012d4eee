// SPDX-License-Identifier: Apache-2.0
//
// fifo_sync against std::deque, four depths.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <random>

#include "Vfifo_sync_tb.h"

namespace {

class FifoSync : public testing::TestWithParam<int> {
 protected:
  FifoSync() {
    top_.sel_i = GetParam();
    top_.clk_i = 0;
    top_.rst_ni = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.rst_ni = 1;
  }

  // One cycle; the outputs before the edge are compared with the model.
  void Cycle(bool push, uint32_t data, bool pop, bool clear = false) {
    top_.clk_i = 0;
    top_.in_valid_i = push;
    top_.in_i = data;
    top_.out_ready_i = pop;
    top_.clear_i = clear;
    top_.eval();
    ASSERT_EQ(top_.in_ready_o, model_.size() < top_.depth_o);
    ASSERT_EQ(top_.out_valid_o, !model_.empty());
    ASSERT_EQ(top_.count_o, model_.size());
    if (!model_.empty()) {
      ASSERT_EQ(top_.out_o, model_.front());
    }
    const bool pushed = push && top_.in_ready_o;
    if (pop && !model_.empty()) {
      model_.pop_front();
      ++popped_;
    }
    if (pushed) model_.push_back(data);
    if (clear) model_.clear();
    top_.clk_i = 1;
    top_.eval();
  }

  Vfifo_sync_tb top_;
  std::deque<uint32_t> model_;
  int popped_ = 0;
};

TEST_P(FifoSync, RandomAgainstModel) {
  std::mt19937 rng(17);
  for (int phase = 0; phase < 60; ++phase) {
    const unsigned push = rng() % 101, pop = rng() % 101;
    for (int i = 0; i < 200; ++i) {
      Cycle(rng() % 100 < push, rng(), rng() % 100 < pop, rng() % 300 == 0);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(popped_, 2000);
}

// One in and one out a cycle, also at the fullest state in which a push is accepted; depth 1 does
// one in two cycles.
TEST_P(FifoSync, SustainedRate) {
  const int depth = (top_.eval(), top_.depth_o);
  for (int i = 0; i < depth - 1; ++i) Cycle(true, i, false);
  const int before = popped_;
  for (int i = 0; i < 1000; ++i) Cycle(true, i, true);
  EXPECT_EQ(popped_ - before, depth == 1 ? 500 : 1000);
}

TEST_P(FifoSync, LatencyOneCycle) {
  Cycle(true, 0x1234, true);  // nothing falls through
  EXPECT_EQ(popped_, 0);
  Cycle(false, 0, true);
  EXPECT_EQ(popped_, 1);
}

INSTANTIATE_TEST_SUITE_P(Depth, FifoSync, testing::Range(0, 4));

}  // namespace
