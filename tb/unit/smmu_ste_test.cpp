// SPDX-License-Identifier: Apache-2.0
//
// smmu_ste against the reference: linear and two-level tables, span rules, alignment of bases, illegal STEs, aborts.

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "Vsmmu_ste_tb.h"
#include "smmu_ref/ste.h"

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
      if (want.S1() || want.S2()) {
        ASSERT_EQ(top_.vmid_o, want.vmid);
      }
      if (want.S2()) {
        ASSERT_EQ(top_.s2t0sz_o, want.s2t0sz);
        ASSERT_EQ(top_.s2sl0_o, want.s2sl0);
        ASSERT_EQ(ref::OasBits(top_.s2ps_o), want.s2ps_bits);
        ASSERT_EQ(top_.s2flags_o, want.s2r << 3 | want.s2s << 2 | want.s2ptw << 1 | int{want.s2affd});
        ASSERT_EQ(uint64_t{top_.s2ttb_o} << 4, want.s2ttb);
        ++s2_seen_;
      }
      if (want.S1()) {
        ASSERT_EQ(top_.s1stalld_o, want.s1stalld);
        ASSERT_EQ(top_.s1fmt_o, want.s1fmt);
        ASSERT_EQ(uint64_t{top_.s1ptr_o} << 6, want.s1ptr);
        ASSERT_EQ(top_.s1cdmax_o, want.s1cdmax);
        ASSERT_EQ(top_.s1dss_o, want.s1dss);
        ASSERT_EQ(top_.el2_o, want.el2);
      }
    }
    ++seen_[want.fault];
  }

  // An STE with all other words at noise, so that only the right fields can decide.
  void WriteSte(uint64_t addr, uint64_t d0, uint64_t d1, uint64_t d2, uint64_t d3) {
    mem_.Write64(addr, d0);
    mem_.Write64(addr + 8, d1);
    mem_.Write64(addr + 16, d2);
    mem_.Write64(addr + 24, d3);
    for (int i = 4; i < 8; ++i) mem_.Write64(addr + 8 * i, rng_());
  }
  int FaultOf(uint64_t d0, uint64_t d1) { return FaultOf(d0, d1, rng_(), rng_()); }
  int FaultOf(uint64_t d0, uint64_t d1, uint64_t d2, uint64_t d3) {
    ref::Cfg cfg;
    cfg.strtab_base = 0x10000;
    cfg.log2size = 4;
    WriteSte(0x10000 + 64 * 5, d0, d1, d2, d3);
    Lookup(cfg, 5);
    Check(cfg, 5);
    return top_.fault_o;
  }

  Vsmmu_ste_tb top_;
  MrdMemory mem_;
  uint64_t now_ = 0;
  std::mt19937_64 rng_{77};
  std::map<int, int> seen_;
  int s2_seen_ = 0;
};

constexpr uint64_t kV = 1;
constexpr uint64_t Config(uint64_t c) { return c << 1; }

TEST_F(SteTest, IllegalStes) {
  EXPECT_EQ(FaultOf(kV | Config(5), 0), ref::kNone);
  EXPECT_EQ(FaultOf(Config(5), 0), ref::kBadSte);                          // V = 0
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
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{1} << 27), ref::kNone);       // S1STALLD: STALL_MODEL = 0
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{1} << 28), ref::kNone);       // EATS
  EXPECT_TRUE(top_.eats_full_o);
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{2} << 28), ref::kBadSte);
  EXPECT_EQ(FaultOf(kV | Config(5), uint64_t{3} << 28), ref::kNone);
  EXPECT_FALSE(top_.eats_full_o);
  EXPECT_EQ(FaultOf(kV | Config(5) | uint64_t{1} << 48, 0), ref::kBadSte);  // context pointer beyond 48 bits
}

TEST_F(SteTest, IllegalStage2) {
  constexpr uint64_t kTtb = 0x1234'5678'9AB0;
  const auto D2 = [](int t0sz, int sl0, uint64_t extra = 0) {
    return uint64_t(t0sz) << 32 | uint64_t(sl0) << 38 | uint64_t{5} << 48 | uint64_t{1} << 51 | 0xBEEF | extra;
  };
  const auto Bit = [](int n) { return uint64_t{1} << n; };
  for (int config : {6, 7}) {
    const uint64_t d0 = kV | Config(config);
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2), kTtb), ref::kNone);
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2) & ~Bit(51), kTtb), ref::kBadSte);          // AA64
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2, Bit(52)), kTtb), ref::kBadSte);            // ENDI
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2, Bit(55)), kTtb), ref::kBadSte);            // HD
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2, Bit(56)), kTtb), ref::kBadSte);            // HA
    for (uint64_t tg : {1, 2, 3}) EXPECT_EQ(FaultOf(d0, 0, D2(16, 2, tg << 46), kTtb), ref::kBadSte);
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2), Bit(48)), ref::kBadSte);                  // S2TTB beyond S2PS
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2) & ~(uint64_t{5} << 48), Bit(32)), ref::kBadSte);
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2, uint64_t{7} << 48), kTtb), ref::kNone);    // S2PS is clamped
    EXPECT_EQ(FaultOf(d0, 0, D2(16, 2, Bit(57)), kTtb), ref::kNone);              // S2S
    EXPECT_EQ(FaultOf(d0, Bit(28), D2(16, 2, Bit(57)), kTtb), ref::kBadSte);      // S2S with EATS = 1
    EXPECT_EQ(FaultOf(d0, Bit(29) | Bit(28), D2(16, 2, Bit(57)), kTtb), ref::kNone);
    EXPECT_EQ(FaultOf(d0, Bit(28), D2(16, 2), kTtb), ref::kNone);
    EXPECT_TRUE(top_.eats_full_o);
    EXPECT_EQ(FaultOf(d0, Bit(29), D2(16, 2), kTtb), ref::kBadSte);               // EATS = 2: NS1ATS = 1
    EXPECT_EQ(FaultOf(d0, Bit(30), D2(16, 2), kTtb), ref::kNone);                 // STRW is ignored
    EXPECT_EQ(FaultOf(d0, Bit(31), D2(16, 2), kTtb), ref::kNone);
    EXPECT_FALSE(top_.el2_o);
    EXPECT_EQ(top_.vmid_o, 0xBEEF);
    // {first, last} legal S2T0SZ of each start level, from the number of index bits: 1 to 9 + 4.
    constexpr int kLegal[3][2] = {{30, 39}, {21, 33}, {16, 24}};
    for (int sl0 = 0; sl0 < 4; ++sl0) {
      for (int t0sz = 0; t0sz < 64; ++t0sz) {
        const bool legal = sl0 < 3 && t0sz >= kLegal[sl0][0] && t0sz <= kLegal[sl0][1];
        EXPECT_EQ(FaultOf(d0, 0, D2(t0sz, sl0), kTtb), legal ? ref::kNone : ref::kBadSte) << sl0 << " " << t0sz;
      }
    }
  }
  EXPECT_EQ(FaultOf(kV | Config(5), Bit(28), ~uint64_t{0}, ~uint64_t{0}), ref::kNone) << "all of it ignored without stage 2";
  EXPECT_EQ(FaultOf(kV | Config(6) | uint64_t{31} << 59 | Bit(55), Bit(27), D2(16, 2), kTtb), ref::kNone)
      << "and of stage 1 without stage 1";
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
      uint64_t d0 = rng_(), d1 = rng_(), d2 = rng_(), d3 = rng_();
      if (rng_() % 8) d0 |= 1;
      if (rng_() % 4) d0 = (d0 & ~uint64_t{0xE}) | Config(4 + rng_() % 4);
      if (rng_() % 4) d0 &= ~(uint64_t{0xFF} << 48) & ~(uint64_t{1} << 63);
      if (rng_() % 4) d1 &= ~(uint64_t{1} << 27) & ~(uint64_t{1} << 30);
      if (rng_() % 8) {
        constexpr int kShapes[][2] = {{16, 2}, {24, 2}, {25, 1}, {21, 1}, {33, 1}, {30, 0}, {39, 0}, {40, 0}};
        const auto& shape = kShapes[rng_() % 8];
        d2 &= ~(uint64_t{0xFF} << 32 | uint64_t{0x1F} << 46);
        d2 |= uint64_t(shape[0]) << 32 | uint64_t(shape[1]) << 38 | uint64_t{5} << 48 | uint64_t{1} << 51;
        d2 &= ~(uint64_t{1} << 52 | uint64_t{3} << 55);
        d3 &= (uint64_t{1} << 48) - 1;
        if (rng_() % 4) d2 &= ~(uint64_t{1} << 57);
      }
      WriteSte(at.fetch, d0, d1, d2, d3);
    }
    if (at.fetch && rng_() % 10 == 0) mem_.errors.insert((at.fetch + 16 * (rng_() % 4)) & ~uint64_t{15});
    Lookup(cfg, sid);
    Check(cfg, sid);
    if (HasFatalFailure()) return;
  }
  for (int fault : {ref::kNone, ref::kBadStreamId, ref::kSteFetch, ref::kBadSte}) EXPECT_GT(seen_[fault], 300) << fault;
  EXPECT_GT(s2_seen_, 1000);
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
