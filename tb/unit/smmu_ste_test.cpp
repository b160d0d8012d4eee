// SPDX-License-Identifier: Apache-2.0
//
// smmu_ste against the reference: linear and two-level tables, span rules, alignment of bases, illegal STEs, aborts.

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "Vsmmu_ste_tb.h"
#include "smmu_ref.h"

namespace {

class SteTest : public testing::Test {
 protected:
  SteTest() {
    top_.rst_ni = 0;
    Edge();
    top_.rst_ni = 1;
    top_.mrd_req_ready_i = 1;
  }

  void Settle() {
    const MrdMemory::Beat beat = mem_.Respond(now_);
    top_.mrd_rsp_valid_i = beat.valid;
    top_.mrd_lo_i = beat.lo;
    top_.mrd_hi_i = beat.hi;
    top_.mrd_err_i = beat.err;
    top_.mrd_last_i = beat.last;
    top_.clk_i = 0;
    top_.eval();
    if (top_.mrd_req_valid_o && top_.mrd_req_ready_i) {
      EXPECT_LE((top_.mrd_addr_o & 0xFFF) + 16 * (top_.mrd_beats_o + 1), 0x1000u) << "burst crosses 4 KiB";
      mem_.Request(top_.mrd_addr_o, top_.mrd_beats_o, now_);
    }
  }
  void Edge() {
    top_.clk_i = 1;
    top_.eval();
    ++now_;
  }

  uint64_t Lookup(const ref::Cfg& cfg, uint32_t sid) {
    top_.strtab_base_i = cfg.strtab_base;
    top_.strtab_log2size_i = cfg.log2size;
    top_.strtab_split_i = cfg.split;
    top_.strtab_2lvl_i = cfg.two_level;
    top_.sid_i = sid;
    top_.start_i = 1;
    const uint64_t begin = now_;
    for (;;) {
      Settle();
      if (top_.done_o) break;
      if (now_ - begin > 1000) {
        ADD_FAILURE() << "no answer";
        break;
      }
      Edge();
      top_.start_i = 0;
    }
    const uint64_t cycles = now_ - begin;
    Edge();
    return cycles;
  }

  void Check(const ref::Cfg& cfg, uint32_t sid) {
    const ref::Ste want = ref::LookupSte(mem_, cfg, sid);
    ASSERT_EQ(top_.fault_o, want.fault) << "sid " << std::hex << sid << " fetch " << want.fetch;
    if (want.fault == ref::kSteFetch) {
      ASSERT_EQ(top_.faddr_o, want.fetch);
    }
    if (want.fault == ref::kNone) {
      ASSERT_EQ(top_.config_o, want.config);
      ASSERT_EQ(top_.eats_full_o, want.eats_full);
      if (want.config == 5) {
        ASSERT_EQ(top_.s1fmt_o, want.s1fmt);
        ASSERT_EQ(uint64_t{top_.s1ptr_o} << 6, want.s1ptr);
        ASSERT_EQ(top_.s1cdmax_o, want.s1cdmax);
        ASSERT_EQ(top_.s1dss_o, want.s1dss);
        ASSERT_EQ(top_.el2_o, want.el2);
      }
    }
    ++seen_[want.fault];
  }

  // An STE with all words but dw0 and dw1 at noise, so that only the right fields can decide.
  void WriteSte(uint64_t addr, uint64_t d0, uint64_t d1) {
    mem_.Write64(addr, d0);
    mem_.Write64(addr + 8, d1);
    for (int i = 2; i < 8; ++i) mem_.Write64(addr + 8 * i, rng_());
  }
  int FaultOf(uint64_t d0, uint64_t d1) {
    ref::Cfg cfg;
    cfg.strtab_base = 0x10000;
    cfg.log2size = 4;
    WriteSte(0x10000 + 64 * 5, d0, d1);
    Lookup(cfg, 5);
    Check(cfg, 5);
    return top_.fault_o;
  }

  Vsmmu_ste_tb top_;
  MrdMemory mem_;
  uint64_t now_ = 0;
  std::mt19937_64 rng_{77};
  std::map<int, int> seen_;
};

constexpr uint64_t kV = 1;
constexpr uint64_t Config(uint64_t c) { return c << 1; }

TEST_F(SteTest, IllegalStes) {
  EXPECT_EQ(FaultOf(kV | Config(5), 0), ref::kNone);
  EXPECT_EQ(FaultOf(Config(5), 0), ref::kBadSte);                          // V = 0
  EXPECT_EQ(FaultOf(kV | Config(6), 0), ref::kBadSte);                     // no stage 2
  EXPECT_EQ(FaultOf(kV | Config(7), 0), ref::kBadSte);
  EXPECT_EQ(FaultOf(kV | Config(0), ~uint64_t{0}), ref::kNone);            // abort: nothing else looked at
  EXPECT_EQ(FaultOf(kV | Config(3) | uint64_t{31} << 59, ~uint64_t{0}), ref::kNone);
  EXPECT_EQ(FaultOf(kV | Config(4) | uint64_t{31} << 59, ~uint64_t{0}), ref::kNone);
  EXPECT_FALSE(top_.eats_full_o);                                          // EATS is ignored with bypass
  EXPECT_EQ(FaultOf(kV | Config(5) | uint64_t{20} << 59, 0), ref::kNone);  // S1CDMax up to SSIDSIZE
  EXPECT_EQ(FaultOf(kV | Config(5) | uint64_t{21} << 59, 0), ref::kBadSte);
  EXPECT_EQ(FaultOf(kV | Config(5) | uint64_t{2} << 4 | uint64_t{8} << 59, 0), ref::kNone);
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{1} << 30), ref::kBadSte);     // STRW
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{2} << 30), ref::kNone);
  EXPECT_TRUE(top_.el2_o);
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{3} << 30), ref::kBadSte);
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{1} << 27), ref::kBadSte);     // S1STALLD
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{1} << 28), ref::kNone);       // EATS
  EXPECT_TRUE(top_.eats_full_o);
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{2} << 28), ref::kBadSte);
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{3} << 28), ref::kNone);
  EXPECT_FALSE(top_.eats_full_o);
  EXPECT_EQ(FaultOf(kV | Config(5) | uint64_t{1} << 48, 0), ref::kBadSte);  // context pointer beyond 48 bits
}

TEST_F(SteTest, RandomTables) {
  for (int round = 0; round < 20000; ++round) {
    ref::Cfg cfg;
    cfg.strtab_base = rng_() & 0xFFFF'FFFF'FFC0;
    cfg.log2size = static_cast<int>(rng_() % 20);
    cfg.two_level = rng_() & 1;
    constexpr int kSplits[] = {6, 8, 10, 7, 0};
    cfg.split = kSplits[rng_() % 5];
    const int split = cfg.split == 8 || cfg.split == 10 ? cfg.split : 6;
    const int size = std::min(cfg.log2size, 16);
    uint32_t sid = static_cast<uint32_t>(rng_() & ((uint64_t{1} << size) - 1));
    if (rng_() % 10 == 0) sid = static_cast<uint32_t>(rng_() >> (rng_() % 32 + 32));
    mem_ = MrdMemory();
    mem_.latency = 1 + rng_() % 4;
    if (cfg.two_level) {
      const uint64_t align = std::max<uint64_t>(64, size > split ? uint64_t{8} << (size - split) : 0);
      uint64_t l1 = (rng_() & 0xFFFF'FFFF'FFC0) | (1 + rng_() % (split + 1));
      if (rng_() % 10 == 0) l1 = (l1 & ~uint64_t{31}) | rng_() % 32;
      if (rng_() % 30 == 0) l1 |= uint64_t{1} << (48 + rng_() % 8);
      if (rng_() % 2 == 0) l1 |= uint64_t{0xFF} << 56 | 32;               // RES0 bits
      mem_.Write64(cfg.strtab_base / align * align + 8 * (uint64_t{sid} >> split), l1);
    }
    const ref::Ste at = ref::LookupSte(mem_, cfg, sid);                    // where the STE is
    if (at.fault == ref::kBadSte || at.fault == ref::kNone) {
      uint64_t d0 = rng_(), d1 = rng_();
      if (rng_() % 8) d0 |= 1;
      if (rng_() % 4) d0 = (d0 & ~uint64_t{0xE}) | Config(4 + rng_() % 2);
      if (rng_() % 4) d0 &= ~(uint64_t{0xFF} << 48) & ~(uint64_t{1} << 63);
      if (rng_() % 4) d1 &= ~(uint64_t{1} << 27) & ~(uint64_t{1} << 30);
      WriteSte(at.fetch, d0, d1);
    }
    if (at.fetch && rng_() % 10 == 0) mem_.errors.insert((at.fetch + 16 * (rng_() % 4)) & ~uint64_t{15});
    Lookup(cfg, sid);
    Check(cfg, sid);
    if (HasFatalFailure()) return;
  }
  for (int fault : {ref::kNone, ref::kBadStreamId, ref::kSteFetch, ref::kBadSte}) EXPECT_GT(seen_[fault], 300) << fault;
}

TEST_F(SteTest, Latency) {
  ref::Cfg cfg;
  cfg.strtab_base = 0x10000;
  cfg.log2size = 8;
  mem_.Write64(0x10000, kV | Config(4));
  for (int latency : {1, 10}) {
    mem_.latency = latency;
    cfg.two_level = false;
    EXPECT_EQ(Lookup(cfg, 0), uint64_t(1 + (1 + latency) + 3)) << "4 beats";
    EXPECT_EQ(Lookup(cfg, 256), 1u);
    cfg.two_level = true;
    mem_.Write64(0x10000, 0x20000 | 1);
    mem_.Write64(0x20000, kV | Config(4));
    EXPECT_EQ(Lookup(cfg, 0), uint64_t(1 + 2 * (1 + latency) + 3));
    mem_.Write64(0x10000, kV | Config(4));
  }
}

}  // namespace
