// SPDX-License-Identifier: Apache-2.0
//
// ep_atc with 4 sets of 2 ways and 4 entries for larger ranges.
#include "Vep_atc_sets_tb.h"
#include "ep_atc_bench.h"

namespace atcbench::tb {
namespace {

using EpAtcSets = AtcBench<Vep_atc_sets_tb>;

TEST_F(EpAtcSets, ASetHoldsItsWays) {
  for (uint64_t p = 0; p < 4; ++p) Insert(Page(p), p);
  EXPECT_EQ(dut_->count_o, 4);
  Insert(Page(4), 4);
  Insert(Page(8), 8);  // the third of set 0
  EXPECT_EQ(dut_->count_o, 5);
  EXPECT_EQ(Hit(Page(0)) + Hit(Page(4)), 1);
  EXPECT_TRUE(Hit(Page(8)));
  for (uint64_t p = 1; p < 4; ++p) EXPECT_TRUE(Hit(Page(p)));
}

TEST_F(EpAtcSets, TheIndexIsThatOfTheStu) {
  dut_->stu_i = 4;
  for (uint64_t p = 0; p < 8; ++p) Insert(Page(p << 4, 15), p);
  EXPECT_EQ(dut_->count_o, 8);
  EXPECT_TRUE(Hit(Page(0x7f)));
  EXPECT_EQ(Invalidate(Page(0x35)), 1u);  // smaller than the STU: the whole entry
  EXPECT_FALSE(Hit(Page(0x30)));
}

TEST_F(EpAtcSets, LargeRangesOfEverySize) {
  for (unsigned log2 = 1; log2 <= 18; ++log2) {  // 8 KiB to 1 GiB
    const uint64_t mask = (1ull << log2) - 1;
    Insert(Page(1ull << 30, mask), log2);
    EXPECT_TRUE(Hit(Page((1ull << 30) + mask))) << log2;
    EXPECT_FALSE(Hit(Page((1ull << 30) + mask + 1))) << log2;
    EXPECT_EQ(Invalidate(Page((1ull << 30) + mask / 2)), 1u) << log2;
  }
}

TEST_F(EpAtcSets, TheNewestWins) {
  Insert(Page(0x10), 1);
  Insert(Page(0, 0xff), 0x1000);
  Drive(Page(0x10));
  dut_->lkp_valid_i = 1;
  dut_->eval();
  EXPECT_EQ(dut_->lkp_mask_o, 0xffu);
  Insert(Page(0x10), 3);  // the large one goes
  EXPECT_FALSE(Hit(Page(0x11)));
  EXPECT_TRUE(Hit(Page(0x10)));
  Insert(Page(0, 0xff), 0x1000);
  EXPECT_EQ(Invalidate(Page(0x10)), 2u);  // both
  EXPECT_FALSE(Hit(Page(0x10)));
}

TEST_F(EpAtcSets, WholeSpace) {
  Insert(Page(1), 1);
  Insert(Pasid(7, 3), 3);
  Insert(Page(0x200, 0x1ff), 4);
  unsigned cycles = 0;
  dut_->search_i = 4;
  EXPECT_EQ(Invalidate(Any(Page(kPages, kPages)), &cycles), 3u);
  EXPECT_EQ(cycles, 3u);
}

TEST_F(EpAtcSets, RandomAgainstModel) {
  for (unsigned stu : {0u, 1u, 4u}) {
    Reset();
    AtcRef model(4, 2, 4, stu);
    Random(&model, 11 + stu, 60000, stu, 64u << stu);
  }
}

TEST_F(EpAtcSets, RandomSlowSearch) {
  AtcRef model(4, 2, 4);
  dut_->search_i = 5;
  Random(&model, 99, 40000, 0, 64);
}

}  // namespace
}  // namespace atcbench::tb
