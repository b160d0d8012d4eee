// SPDX-License-Identifier: Apache-2.0
//
// ep_inv_queue: rate, latency, batching rules, faults, never a stalled request among 32 ITags.
#include <gtest/gtest.h>
#include <verilated.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "Vep_inv_queue_tb.h"

namespace {

class EpInvQueue : public ::testing::Test {
 protected:
  EpInvQueue()
      : context_(std::make_unique<VerilatedContext>()), dut_(std::make_unique<Vep_inv_queue_tb>(context_.get())) {
    dut_->rst_ni = 0;
    Tick();
    dut_->rst_ni = 1;
    dut_->batch_ready_i = 1;
    dut_->match_ready_i = 1;
    dut_->depth_i = 32;
    dut_->tcs_i = 1;
    cycle_ = 0;
  }
  void Request(unsigned itag, uint64_t page = 0, unsigned ta = 0) {
    dut_->req_valid_i = 1;
    dut_->itag_i = itag;
    dut_->page_i = page;
    dut_->ta_i = ta;
  }
  // One cycle with the inputs as they are; what happened in it is recorded with its cycle.
  void Tick() {
    dut_->now_i = cycle_;
    dut_->clk_i = 0;
    dut_->eval();
    accepted_ = dut_->req_valid_i && dut_->req_ready_o;
    if (dut_->match_valid_o && dut_->match_ready_i) matches_.push_back({cycle_, dut_->match_itag_o});
    if (dut_->batch_valid_o && dut_->batch_ready_i) {
      batches_.push_back({cycle_, dut_->batch_itags_o, dut_->batch_ta_o, dut_->batch_tcs_o});
      for (unsigned i = 0; i < 32; ++i) answered_[i] += dut_->batch_itags_o >> i & 1;
    }
    dut_->clk_i = 1;
    dut_->eval();
    dut_->clk_i = 0;
    ++cycle_;
  }
  void Quiesce(unsigned n = 8) {
    dut_->req_valid_i = 0;
    while (n-- > 0) Tick();
  }

  struct Match {
    uint64_t cycle;
    unsigned itag;
  };
  struct Batch {
    uint64_t cycle;
    uint32_t itags;
    unsigned ta;
    unsigned tcs;
  };
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vep_inv_queue_tb> dut_;
  uint64_t cycle_ = 0;
  bool accepted_ = false;
  std::vector<Match> matches_;
  std::vector<Batch> batches_;
  std::map<unsigned, unsigned> answered_;
};

TEST_F(EpInvQueue, Latency) {
  Request(9);
  Tick();  // cycle 0
  Quiesce();
  ASSERT_EQ(matches_.size(), 1u);
  EXPECT_EQ(matches_[0].cycle, 1u);
  ASSERT_EQ(batches_.size(), 1u);
  EXPECT_EQ(batches_[0].cycle, 2u);
  EXPECT_EQ(batches_[0].itags, 1u << 9);
}

TEST_F(EpInvQueue, OneACycleSustained) {
  for (unsigned n = 0; n < 1000; ++n) {
    Request(n % 32);
    Tick();
    ASSERT_TRUE(accepted_) << n;
  }
  Quiesce();
  EXPECT_EQ(matches_.size(), 1000u);
  EXPECT_EQ(matches_.back().cycle, 1000u);
  unsigned total = 0;
  for (auto& a : answered_) total += a.second;
  EXPECT_EQ(total, 1000u);
}

TEST_F(EpInvQueue, ThirtyTwoFitWhileNothingDrains) {
  dut_->batch_ready_i = 0;
  for (unsigned n = 0; n < 32; ++n) {
    Request(n);
    Tick();
    ASSERT_TRUE(accepted_) << n;
  }
  Quiesce();
  EXPECT_EQ(matches_.size(), 32u);  // the ATC does not wait for the drain
  EXPECT_TRUE(dut_->quiet_o);
  dut_->batch_ready_i = 1;
  Quiesce();
  ASSERT_EQ(batches_.size(), 1u);
  EXPECT_EQ(batches_[0].itags, 0xffffffffu);
}

TEST_F(EpInvQueue, OtherTaOrClassesIsABatchOfItsOwn) {
  dut_->batch_ready_i = 0;
  Request(1, 0, 0x0000);
  Tick();
  Request(2, 0, 0x0800);
  Tick();
  Quiesce();
  dut_->batch_ready_i = 1;
  Quiesce();
  ASSERT_EQ(batches_.size(), 2u);
  EXPECT_EQ(batches_[0].ta, 0u);
  EXPECT_EQ(batches_[0].itags, 2u);
  EXPECT_EQ(batches_[1].ta, 0x0800u);
  EXPECT_EQ(batches_[1].itags, 4u);
  dut_->batch_ready_i = 0;
  for (unsigned n = 3; n <= 6; ++n) {
    Request(n, 0, 0x0800);
    Tick();
    Quiesce(2);
    if (n == 4) dut_->tcs_i = 0x81;
  }
  dut_->batch_ready_i = 1;
  Quiesce();
  ASSERT_EQ(batches_.size(), 5u);
  EXPECT_EQ(batches_[2].tcs, 1u);
  EXPECT_EQ(batches_[2].itags, 0b0011000u);
  EXPECT_EQ(batches_[3].tcs & batches_[4].tcs, 0x81u);
  EXPECT_EQ(batches_[3].itags | batches_[4].itags, 0b1100000u);
}

// A search of four cycles: requests wait in the queue, and in the link when the advertised depth is used up.
TEST_F(EpInvQueue, SlowSearchFillsTheAdvertisedDepth) {
  dut_->depth_i = 3;
  unsigned taken = 0;
  for (unsigned n = 0; n < 40; ++n) {
    Request(taken);
    dut_->match_ready_i = n % 4 == 0;
    Tick();
    taken += accepted_;
    if (n < 3) EXPECT_TRUE(accepted_);
    EXPECT_LE(taken, matches_.size() + 3);
  }
  EXPECT_GE(taken, matches_.size() + 2);
  EXPECT_EQ(matches_.size(), 9u);
  dut_->match_ready_i = 1;
  Quiesce();
  for (unsigned i = 0; i < taken; ++i) EXPECT_EQ(answered_[i], 1u) << i;
}

TEST_F(EpInvQueue, EqualItagIsAnsweredOnce) {
  dut_->batch_ready_i = 0;
  Request(5);
  Tick();
  Tick();
  Quiesce();
  dut_->batch_ready_i = 1;
  Quiesce();
  EXPECT_EQ(matches_.size(), 2u);
  EXPECT_EQ(answered_[5], 1u);
}

TEST_F(EpInvQueue, AnswerAfterIsExact) {
  dut_->delay_on_i = 1;
  dut_->delay_i = 100;
  Request(3);
  Tick();  // cycle 0: taken; handled in cycle 1
  Request(4);
  Tick();
  Quiesce(4);
  EXPECT_TRUE(dut_->quiet_o);
  EXPECT_EQ(dut_->next_deadline_o, 101u);
  Quiesce(120);
  ASSERT_EQ(batches_.size(), 2u);
  EXPECT_EQ(batches_[0].cycle, 102u);  // due 101, offered one cycle later
  EXPECT_EQ(batches_[1].cycle, 103u);
  EXPECT_EQ(matches_[0].cycle, 1u);  // the ATC is cleared at once
}

TEST_F(EpInvQueue, NeverAnswerAndKeep) {
  dut_->never_answer_i = dut_->keep_i = 1;
  for (unsigned n = 0; n < 200; ++n) {
    Request(n % 32);
    Tick();
    ASSERT_TRUE(accepted_);
  }
  Quiesce();
  EXPECT_TRUE(matches_.empty());
  EXPECT_TRUE(batches_.empty());
  dut_->keep_i = 0;
  Request(1);
  Tick();
  Quiesce();
  EXPECT_EQ(matches_.size(), 1u);
  EXPECT_TRUE(batches_.empty());
}

// What a fault spoils travels with the answer and never shares a batch with a good one, late or not.
TEST_F(EpInvQueue, SpoiltAnswersGoByThemselves) {
  for (unsigned late : {0u, 40u}) {
    batches_.clear();
    dut_->delay_on_i = late != 0;
    dut_->delay_i = late;
    std::vector<bool> bad;
    uint32_t seen[2] = {0, 0};
    unsigned head = 0;  // the request that is handled next
    for (unsigned n = 0; n < 120; ++n) {
      dut_->req_valid_i = 0;
      if (n < 4) Request(n);
      dut_->bad_i = head == 1 || head == 2;
      dut_->batch_ready_i = n % 8 == 7;
      dut_->eval();
      if (dut_->handled_o) ++head;
      if (dut_->batch_valid_o && dut_->batch_ready_i) {
        seen[dut_->batch_bad_o] |= dut_->batch_itags_o;
        bad.push_back(dut_->batch_bad_o);
      }
      Tick();
    }
    EXPECT_EQ(seen[0], 0b1001u) << late;
    EXPECT_EQ(seen[1], 0b0110u) << late;
    EXPECT_EQ(bad, (std::vector<bool>{false, true, false})) << late;
  }
}

TEST_F(EpInvQueue, ClearForgetsEverything) {
  dut_->batch_ready_i = 0;
  Request(1);
  Tick();
  Request(2);
  Tick();
  dut_->req_valid_i = 0;
  dut_->clear_i = 1;
  Tick();
  dut_->clear_i = 0;
  dut_->batch_ready_i = 1;
  batches_.clear();
  Quiesce();
  EXPECT_TRUE(batches_.empty());
}

TEST_F(EpInvQueue, RandomEveryRequestIsAnsweredExactlyOnce) {
  std::mt19937 rng(77);
  std::map<unsigned, unsigned> sent;
  std::vector<bool> busy(32, false);
  size_t seen = 0;
  for (unsigned n = 0; n < 50000; ++n) {
    const unsigned itag = rng() % 32;
    const bool ask = !busy[itag] && rng() % 2;
    dut_->req_valid_i = 0;
    if (ask) {
      Request(itag);
      busy[itag] = true;
      ++sent[itag];
    }
    dut_->batch_ready_i = rng() % 4 == 0;
    Tick();
    ASSERT_TRUE(!ask || accepted_);
    for (; seen < batches_.size(); ++seen) {
      for (unsigned i = 0; i < 32; ++i) {
        if (!(batches_[seen].itags >> i & 1)) continue;
        ASSERT_TRUE(busy[i]);
        busy[i] = false;
      }
    }
  }
  dut_->batch_ready_i = 1;
  Quiesce();
  for (auto& s : sent) EXPECT_EQ(s.second, answered_[s.first]);
}

}  // namespace
