// SPDX-License-Identifier: Apache-2.0
//
// ep_atc, fully associative, against a model that keeps the same entries: sizes, overlap, PASIDs, replacement, priorities.
#include "ep_atc_bench.h"

#include "Vep_atc_tb.h"

namespace atcbench::tb {
namespace {

using EpAtc = AtcBench<Vep_atc_tb>;

TEST_F(EpAtc, LargeEntryFallsToAPageInvalidation) {
  Insert(Page(0x200, 0x1ff), 0x1000);  // 2 MiB
  EXPECT_TRUE(Hit(Page(0x3ff)));
  EXPECT_FALSE(Hit(Page(0x400)));
  EXPECT_EQ(Invalidate(Page(0x400)), 0u);
  EXPECT_EQ(Invalidate(Page(0x2ab)), 1u);
  EXPECT_FALSE(Hit(Page(0x3ff)));
}

TEST_F(EpAtc, WholeSpace) {
  Insert(Page(1), 1);
  Insert(Page(kPages), 2);
  Insert(Pasid(7, 3), 3);
  EXPECT_EQ(Invalidate(Any(Page(kPages >> 1, kPages))), 3u);
  EXPECT_EQ(dut_->count_o, 0);
}

TEST_F(EpAtc, PasidRules) {
  Insert(Page(5), 1);
  Insert(Pasid(5, 1), 2);
  Insert(Pasid(5, 2), 3);
  EXPECT_TRUE(Hit(Pasid(5, 2)));
  EXPECT_FALSE(Hit(Pasid(5, 3)));
  EXPECT_EQ(Invalidate(Pasid(5, 1)), 1u);
  EXPECT_TRUE(Hit(Page(5)));
  EXPECT_EQ(Invalidate(Any(Pasid(5, 9))), 2u);  // Global Invalidate
}

TEST_F(EpAtc, InsertionReplacesWhatItOverlaps) {
  Insert(Page(0x10), 1);
  Insert(Page(0x11), 2);
  Insert(Page(0x10, 0xf), 0x40);
  EXPECT_EQ(dut_->count_o, 1);
  Insert(Page(0x12), 9);
  EXPECT_EQ(dut_->count_o, 1);
  EXPECT_FALSE(Hit(Page(0x11)));
  EXPECT_TRUE(Hit(Page(0x12)));
}

TEST_F(EpAtc, InvalidationGoesFirst) {
  Insert(Page(3), 1);
  Drive(Page(3), 7, 15);
  dut_->inv_valid_i = dut_->ins_valid_i = dut_->lkp_valid_i = 1;
  dut_->eval();
  EXPECT_FALSE(dut_->ins_ready_o);
  EXPECT_FALSE(dut_->lkp_ready_o);
  EXPECT_FALSE(dut_->lkp_hit_o);
  Edge();
  Idle();
  EXPECT_EQ(dut_->count_o, 0);
}

TEST_F(EpAtc, GlobalEntriesServeEveryPasid) {
  AtcRange r = Pasid(5, 1);
  r.glob = true;
  Insert(r, 1);
  EXPECT_TRUE(Hit(Pasid(5, 1)));
  EXPECT_TRUE(Hit(Pasid(5, 2)));
  EXPECT_FALSE(Hit(Page(5)));  // not what has no PASID
  EXPECT_EQ(Invalidate(Pasid(5, 7)), 1u);
  Insert(r, 1);
  Insert(Pasid(5, 2), 2);  // the newer one wins
  EXPECT_EQ(dut_->count_o, 1);
}

TEST_F(EpAtc, PrivilegesAreApartAndInvalidatedTogether) {
  AtcRange r = Pasid(5, 1);
  Insert(r, 1);
  r.priv = true;
  EXPECT_FALSE(Hit(r));
  Insert(r, 2);
  EXPECT_TRUE(Hit(r));
  EXPECT_TRUE(Hit(Pasid(5, 1)));
  EXPECT_EQ(Invalidate(Pasid(5, 1)), 2u);
}

// The search takes as many cycles as it has parts; one that is interrupted starts over.
TEST_F(EpAtc, SlowSearch) {
  for (const auto& [rate, want] : {std::pair{0u, 1u}, {8u, 1u}, {5u, 2u}, {3u, 3u}, {1u, 8u}}) {
    dut_->search_i = rate;
    for (uint64_t p = 0; p < 8; ++p) Insert(Page(p), p);
    unsigned cycles = 0;
    EXPECT_EQ(Invalidate(Page(0, 7), &cycles), 8u);
    EXPECT_EQ(cycles, want);
    EXPECT_EQ(dut_->count_o, 0);
  }
  dut_->search_i = 1;
  for (uint64_t p = 0; p < 8; ++p) Insert(Page(p), p);
  Drive(Page(0, 7));
  dut_->inv_valid_i = 1;
  Edge();
  Edge();
  Idle();
  Edge();
  EXPECT_EQ(dut_->count_o, 6);
  unsigned cycles = 0;
  EXPECT_EQ(Invalidate(Page(0, 7), &cycles), 6u);
  EXPECT_EQ(cycles, 8u);
}

TEST_F(EpAtc, RandomAgainstModel) {
  AtcRef model(1, 8, 0);
  Random(&model, 20240611, 200000, 0, 64);
}

TEST_F(EpAtc, RandomSlowSearch) {
  AtcRef model(1, 8, 0);
  dut_->search_i = 3;
  Random(&model, 7, 50000, 2, 256);
}

}  // namespace
}  // namespace atcbench::tb
