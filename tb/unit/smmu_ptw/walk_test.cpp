// SPDX-License-Identifier: Apache-2.0
//
// smmu_ptw against the reference walker: random descriptors under random geometries, one stage, the other and both, every
// fault, blocks, aborts, the latency cycle for cycle.
#include "ptw_bench.h"

namespace ptw {
namespace {

TEST_F(PtwTest, RandomStage1) {
  RandomRun(true, false, 100000);
  for (int fault : {walk_ref::kNone, walk_ref::kTranslation, walk_ref::kAddrSize, walk_ref::kAccess}) {
    EXPECT_GT((seen_[{true, false, fault, false, walk_ref::kInput}]), 500) << fault;
  }
  EXPECT_GT((seen_[{true, false, walk_ref::kWalkEabt, false, walk_ref::kTtd}]), 500);
  for (int level : {1, 2, 3}) EXPECT_GT(levels_[level], 500) << level;
}

TEST_F(PtwTest, RandomStage2) {
  RandomRun(false, true, 100000);
  EXPECT_GT((seen_[{false, true, walk_ref::kNone, false, walk_ref::kInput}]), 5000);
  EXPECT_GT((seen_[{false, true, walk_ref::kAddrSize, false, walk_ref::kInput}]), 500);  // the input address
  for (int fault : {walk_ref::kTranslation, walk_ref::kAddrSize, walk_ref::kAccess, walk_ref::kPermission,
                    walk_ref::kWalkEabt}) {
    EXPECT_GT((seen_[{false, true, fault, true, walk_ref::kInput}]), 500) << fault;
  }
  for (int level : {1, 2, 3}) EXPECT_GT(levels_[level], 500) << level;
}

TEST_F(PtwTest, RandomNested) {
  RandomRun(true, true, 100000);
  EXPECT_GT((seen_[{true, true, walk_ref::kNone, false, walk_ref::kInput}]), 2000);
  for (int fault : {walk_ref::kTranslation, walk_ref::kAddrSize, walk_ref::kAccess}) {
    EXPECT_GT((seen_[{true, true, fault, false, walk_ref::kInput}]), 20) << fault;
    EXPECT_GT((seen_[{true, true, fault, true, walk_ref::kInput}]), 20) << fault;
    EXPECT_GT((seen_[{true, true, fault, true, walk_ref::kTtd}]), 200) << fault;
  }
  EXPECT_GT((seen_[{true, true, walk_ref::kPermission, true, walk_ref::kTtd}]), 500);
  EXPECT_GT((seen_[{true, true, walk_ref::kWalkEabt, true, walk_ref::kTtd}]), 500);
  EXPECT_GT((seen_[{true, true, walk_ref::kWalkEabt, true, walk_ref::kInput}]), 100);
  EXPECT_GT((seen_[{true, true, walk_ref::kWalkEabt, false, walk_ref::kTtd}]), 100);
  for (int level : {1, 2, 3}) EXPECT_GT(levels_[level], 50) << level;
}

TEST_F(PtwTest, GeometryRule) {
  for (int t0sz = 0; t0sz < 64; ++t0sz) {
    for (int sl0 = 0; sl0 < 4; ++sl0) {
      top_.geometry_t0sz_i = t0sz;
      top_.geometry_sl0_i = sl0;
      top_.eval();
      EXPECT_EQ(top_.geometry_ok_o, walk_ref::GeometryOk(t0sz, sl0)) << t0sz << " " << sl0;
    }
  }
}

// Every table at its place, identity pages: 4 levels of stage 1 in IPA space, 4 of stage 2 with S2SL0 = 2.
TEST_F(PtwTest, LatencyColdAndWithTheCache) {
  mem_.fallback = [](uint64_t addr) {
    const uint64_t page = addr >> 12;
    if (page >= 0x20 && page < 0x23) return ((page + 1) << 12) | 0x4F3;  // stage 2, levels 0 to 2
    if (page == 0x23) return ((addr & 0xFF8) << 9) | 0x4F3;              // stage 2, level 3: identity
    if (page >= 0x10 && page < 0x13) return ((page + 1) << 12) | 3;      // stage 1, levels 0 to 2
    return uint64_t{0x55000 | 0x4C3};                                    // stage 1, level 3
  };
  Config c;
  c.half[0].ttb = c.half[1].ttb = 0x10000;
  c.s2ttb = 0x20000;
  for (uint64_t latency : {1, 5, 40}) {
    SetLatency(latency);
    top_.wc_on_i = 0;
    c.s1 = true;
    c.s2 = false;
    EXPECT_EQ(Walk(c, 0, false), 1 + 4 * latency);
    c.s2 = true;
    EXPECT_EQ(Walk(c, 0, false), 6 + 24 * latency);
    EXPECT_EQ(top_.base_o[0], 0x55000u);
    c.s1 = false;
    EXPECT_EQ(Walk(c, 0x55000, false), 2 + 4 * latency);

    top_.wc_on_i = 1;
    c.s1 = true;
    c.s2 = false;
    EXPECT_EQ(Walk(c, 0, false), 1 + 4 * latency);
    EXPECT_EQ(Walk(c, 0x1000, false), 1 + latency);
    c.s2 = true;
    EXPECT_EQ(Walk(c, 0, false), 6 + 12 * latency);      // all of stage 2 but the first finds its level 3 table
    EXPECT_EQ(Walk(c, 0x1000, false), 3 + 2 * latency);  // the level 3 descriptors of both stages are read
    c.s1 = false;
    EXPECT_EQ(Walk(c, 0x56000, false), 2 + latency);
    top_.cfgi_i = 1;
    Settle();
    Edge();
  }
}

TEST_F(PtwTest, QuietWhileItWaits) {
  SetLatency(50);
  Config c;
  c.half[0].ttb = 0x10000;
  Settle();
  EXPECT_TRUE(top_.quiet_o[0]);
  Start(0, c, 0);
  top_.mrd_req_ready_i[0] = 0;
  Settle();
  EXPECT_FALSE(top_.quiet_o[0]);
  Edge();
  Settle();
  EXPECT_TRUE(top_.mrd_req_valid_o[0]);
  EXPECT_TRUE(top_.quiet_o[0]);  // a stalled request is quiet
  top_.mrd_req_ready_i[0] = 1;
  Settle();
  EXPECT_FALSE(top_.quiet_o[0]);
  Edge();
  for (int i = 0; i < 48; ++i) {
    Settle();
    EXPECT_TRUE(top_.quiet_o[0]) << i;
    Edge();
  }
}

}  // namespace
}  // namespace ptw
