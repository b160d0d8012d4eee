// SPDX-License-Identifier: Apache-2.0
//
// smmu_cd against numbers by hand and the reference: SubstreamID rules, linear and two-level tables, illegal CDs, aborts,
// and both fetches behind a stage 2 that the bench plays: a script of pages, or the reference's walk.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "Vsmmu_cd_tb.h"
#include "smmu_ref/cd.h"

namespace {

constexpr uint64_t kTable = 0x10000;

constexpr uint64_t Bit(int n) { return uint64_t{1} << n; }

// A legal CD: 48-bit TTB0, EPD1, AA64, R, A.
constexpr uint64_t kGood = 16 | Bit(30) | Bit(31) | uint64_t{5} << 32 | Bit(41) | Bit(45) | Bit(46) | uint64_t{7} << 48;

class CdTest : public testing::Test {
 protected:
  struct Page {            // what stage 2 says to an IPA
    int fault = ref::kNone;
    uint64_t base = 0;     // of the leaf, or the descriptor of the fault
    int level = 3;
  };

  CdTest() {
    ste_.config = 5;
    ste_.s1ptr = kTable;
    top_.rst_ni = 0;
    Edge();
    top_.rst_ni = 1;
    top_.mrd_req_ready_i = 1;
  }

  void Settle() {
    const MrdMemory::Beat beat = mem_.Respond(now_);
    top_.mrd_rsp_valid_i = beat.valid;
    top_.mrd_lo_i = beat.err ? error_data_ : beat.lo;
    top_.mrd_hi_i = beat.err ? error_data_ : beat.hi;
    top_.mrd_err_i = beat.err;
    top_.mrd_last_i = beat.last;
    top_.s2_done_i = walking_ && now_ == walk_end_;
    // The walker's results mean something with done only.
    top_.s2_fault_i = top_.s2_done_i ? page_.fault : 0x55;
    top_.s2_faddr_i = top_.s2_done_i && page_.fault ? page_.base : 0x5555'5555'5555;
    top_.s2_ppn_i = top_.s2_done_i && !page_.fault ? page_.base >> 12 : 0x5'5555'5555;
    top_.s2_level_i = top_.s2_done_i ? page_.level : 1;
    if (top_.s2_done_i) walking_ = false;
    top_.clk_i = 0;
    top_.eval();
    if (top_.s2_start_o) {
      EXPECT_FALSE(walking_);
      ipas_.push_back(top_.s2_ipa_o);
      page_ = Stage2(top_.s2_ipa_o);
      walking_ = true;
      walk_end_ = now_ + walk_cycles_;
    }
    if (top_.mrd_req_valid_o && top_.mrd_req_ready_i) {
      EXPECT_FALSE(walking_);
      EXPECT_LE((top_.mrd_addr_o & 0xFFF) + 16 * (top_.mrd_beats_o + 1), 0x1000u) << "burst crosses 4 KiB";
      reads_.push_back(top_.mrd_addr_o);
      beats_.push_back(top_.mrd_beats_o + 1);
      mem_.Request(top_.mrd_addr_o, top_.mrd_beats_o, now_);
    }
  }
  void Edge() {
    top_.clk_i = 1;
    top_.eval();
    ++now_;
  }

  virtual Page Stage2(uint64_t ipa) {
    const auto it = script_.find(ipa >> 12);
    EXPECT_NE(it, script_.end()) << std::hex << ipa;
    return it == script_.end() ? Page{ref::kTranslation} : it->second;
  }

  // The lookup of one request; the cycles from start to done.
  uint64_t Lookup(bool ssv, uint32_t ssid) {
    top_.nested_i = ste_.config == 7;
    top_.s1fmt_i = ste_.s1fmt;
    top_.s1ptr_i = ste_.s1ptr >> 6;
    top_.s1cdmax_i = ste_.s1cdmax;
    top_.s1dss_i = ste_.s1dss;
    top_.el2_i = ste_.el2;
    top_.s1stalld_i = ste_.s1stalld;
    top_.vmid_i = ste_.vmid;
    top_.ssv_i = ssv;
    top_.ssid_i = ssid;
    top_.start_i = 1;
    reads_.clear();
    beats_.clear();
    ipas_.clear();
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
  int FaultOf(bool ssv = false, uint32_t ssid = 0) {
    Lookup(ssv, ssid);
    return top_.fault_o;
  }

  void WriteCd(uint64_t at, uint64_t d0, uint64_t ttb0 = 0, uint64_t ttb1 = 0) {
    mem_.Write64(at, d0);
    mem_.Write64(at + 8, ttb0);
    mem_.Write64(at + 16, ttb1);
    for (int i = 3; i < 8; ++i) mem_.Write64(at + 8 * i, rng_());
  }

  Vsmmu_cd_tb top_;
  MrdMemory mem_;
  ref::Ste ste_;
  uint64_t now_ = 0;
  uint64_t error_data_ = 0;  // of a beat that failed
  uint64_t walk_cycles_ = 4, walk_end_ = 0;
  bool walking_ = false;
  Page page_;
  std::map<uint64_t, Page> script_;  // by IPA page
  std::vector<uint64_t> reads_, ipas_;
  std::vector<int> beats_;
  std::mt19937_64 rng_{4711};
};

using Addresses = std::vector<uint64_t>;

TEST_F(CdTest, SubstreamIdRules) {
  for (int i = 0; i < 8; ++i) WriteCd(kTable + 64 * i, kGood, uint64_t(i + 1) << 12);
  EXPECT_EQ(FaultOf(), ref::kNone);
  for (uint32_t ssid : {0, 1}) EXPECT_EQ(FaultOf(true, ssid), ref::kBadSubstreamId) << "S1CDMax = 0";
  EXPECT_TRUE(reads_.empty());
  ste_.s1cdmax = 3;
  for (int dss : {0, 2, 3}) {
    ste_.s1dss = dss;
    for (uint32_t ssid = 1; ssid < 8; ++ssid) {
      EXPECT_EQ(FaultOf(true, ssid), ref::kNone);
      EXPECT_EQ(reads_, Addresses{kTable + 64 * ssid});
      EXPECT_EQ(uint64_t{top_.ttb0_o} << 4, uint64_t{ssid + 1} << 12);
    }
    EXPECT_EQ(FaultOf(true, 8), ref::kBadSubstreamId);
    EXPECT_EQ(FaultOf(true, 0xF'FFFF), ref::kBadSubstreamId);
    EXPECT_TRUE(reads_.empty());
    EXPECT_EQ(FaultOf(), dss == 2 ? ref::kNone : ref::kStreamDisabled);
    EXPECT_EQ(reads_.size(), dss == 2 ? 1u : 0u);
    EXPECT_EQ(FaultOf(true, 0), dss == 2 ? ref::kStreamDisabled : ref::kNone);
  }
  ste_.s1cdmax = 20;
  ste_.s1dss = 2;
  WriteCd(kTable + 64 * uint64_t{0xF'FFFF}, kGood);
  EXPECT_EQ(FaultOf(true, 0xF'FFFF), ref::kNone);
}

TEST_F(CdTest, TwoLevelTables) {
  ste_.s1cdmax = 16;
  const struct { int fmt; uint32_t leaf; } kFormats[] = {{1, 64}, {2, 1024}};
  for (const auto& f : kFormats) {
    ste_.s1fmt = f.fmt;
    for (uint32_t ssid : {0u, 1u, f.leaf - 1, f.leaf, 3 * f.leaf + 5, 0xFFFFu}) {
      mem_ = MrdMemory();
      const uint64_t l1 = kTable + 8 * (ssid / f.leaf), l2 = 0x1234'5678'0000;
      mem_.Write64(l1, l2 | 1);
      WriteCd(l2 + 64 * (ssid % f.leaf), kGood, 0x7000);
      EXPECT_EQ(FaultOf(true, ssid), ref::kNone) << f.fmt << " " << ssid;
      EXPECT_EQ(reads_, (Addresses{l1 & ~uint64_t{15}, l2 + 64 * (ssid % f.leaf)})) << f.fmt << " " << ssid;
      EXPECT_EQ(beats_, (std::vector<int>{1, 4}));
      EXPECT_EQ(top_.ttb0_o, 0x700u);

      mem_.Write64(l1, l2);
      mem_.Write64(l1 ^ 8, l2 | 1);
      EXPECT_EQ(FaultOf(true, ssid), ref::kBadSubstreamId) << "V = 0";
      EXPECT_EQ(reads_.size(), 1u);
      mem_.Write64(l1, l2 | 1 | Bit(48));
      EXPECT_EQ(FaultOf(true, ssid), ref::kCdFetch) << "beyond 48 bits";
      EXPECT_EQ(reads_.size(), 1u);
      mem_.Write64(l1, l2 | 1);
      mem_.errors = {l1 & ~uint64_t{15}};
      EXPECT_EQ(FaultOf(true, ssid), ref::kCdFetch);
      EXPECT_EQ(top_.faddr_o, l1);
      EXPECT_FALSE(top_.fault_s2_o);
    }
  }
  EXPECT_EQ(FaultOf(true, 0x10000), ref::kBadSubstreamId);
  ste_.s1cdmax = 0;  // one CD, whatever the format
  WriteCd(kTable, kGood);
  EXPECT_EQ(FaultOf(), ref::kNone);
  EXPECT_EQ(reads_, Addresses{kTable});
}

TEST_F(CdTest, IllegalCds) {
  const auto With = [&](uint64_t d0, uint64_t ttb0 = 0x1000, uint64_t ttb1 = 0) {
    WriteCd(kTable, d0, ttb0, ttb1);
    return FaultOf();
  };
  EXPECT_EQ(With(kGood), ref::kNone);
  for (int bit : {31, 41, 46}) EXPECT_EQ(With(kGood ^ Bit(bit)), ref::kBadCd) << "V, AA64, A: " << bit;
  for (int bit : {15, 42, 43}) EXPECT_EQ(With(kGood ^ Bit(bit)), ref::kBadCd) << "ENDI, HD, HA: " << bit;
  for (int bit : {8, 9, 10, 11, 12, 13, 24, 35, 36, 37, 38, 39, 40, 44, 45, 47}) {
    EXPECT_EQ(With(kGood ^ Bit(bit)), ref::kNone) << bit;
  }
  ste_.s1stalld = true;
  EXPECT_EQ(With(kGood), ref::kNone);
  EXPECT_EQ(With(kGood | Bit(44)), ref::kBadCd) << "S behind S1STALLD";
  ste_.s1stalld = false;
  const uint64_t half0 = kGood & ~uint64_t{0xFF};
  const uint64_t half1 = (kGood | Bit(14)) & ~(Bit(30) | uint64_t{0xFF} << 16);  // EPD0 = 1, EPD1 = 0
  for (uint64_t tsz = 0; tsz < 64; ++tsz) {
    const int want = tsz >= 16 && tsz <= 39 ? ref::kNone : ref::kBadCd;
    EXPECT_EQ(With(half0 | tsz), want) << tsz;
    EXPECT_EQ(With(half0 | tsz | Bit(14)), ref::kNone) << "EPD0 " << tsz;
    EXPECT_EQ(With(half1 | tsz << 16 | Bit(23)), want) << tsz;
  }
  for (uint64_t tg = 0; tg < 4; ++tg) {
    EXPECT_EQ(With(kGood | tg << 6), tg == 0 ? ref::kNone : ref::kBadCd) << tg;
    EXPECT_EQ(With(half1 | uint64_t{16} << 16 | tg << 22), tg == 2 ? ref::kNone : ref::kBadCd) << tg;
  }
  constexpr int kBits[] = {32, 36, 40, 42, 44, 48, 48, 48};
  for (uint64_t ips = 0; ips < 8; ++ips) {
    const uint64_t size = ips << 32, all = uint64_t{7} << 32;
    EXPECT_EQ(With((kGood & ~all) | size, Bit(kBits[ips]) - 0x1000), ref::kNone) << ips;
    EXPECT_EQ(top_.ips_o, std::min<uint64_t>(ips, 5));
    EXPECT_EQ(With((kGood & ~all) | size, Bit(kBits[ips])), ref::kBadCd) << ips;
    EXPECT_EQ(With((kGood & ~all) | size | Bit(14), Bit(kBits[ips])), ref::kNone) << "EPD0 " << ips;
    const uint64_t up = (half1 & ~all) | size | uint64_t{16} << 16 | Bit(23);
    EXPECT_EQ(With(up, 0, Bit(kBits[ips]) - 0x1000), ref::kNone) << ips;
    EXPECT_EQ(uint64_t{top_.ttb1_o} << 4, Bit(kBits[ips]) - 0x1000);
    EXPECT_EQ(With(up, 0, Bit(kBits[ips])), ref::kBadCd) << ips;
    EXPECT_EQ(With((kGood & ~all) | size, 0, Bit(kBits[ips])), ref::kNone) << "EPD1 " << ips;
  }
}

// EL2 without E2H has no upper half and no ASID.
TEST_F(CdTest, El2) {
  ste_.el2 = true;
  WriteCd(kTable, kGood & ~Bit(30), 0x1000, Bit(50));  // TG1, T1SZ and TTB1 are wrong
  for (bool e2h : {false, true, false}) {
    top_.e2h_i = e2h;
    EXPECT_EQ(FaultOf(), e2h ? ref::kBadCd : ref::kNone);
    EXPECT_EQ(top_.asid_o, e2h ? 7 : 0);
    EXPECT_EQ(top_.flags_o >> 9 & 1, !e2h) << "EPD1";
  }
}

TEST_F(CdTest, AbortsOutrankWhatTheBeatsSay) {
  for (uint64_t d0 : {kGood, uint64_t{0}}) {
    WriteCd(kTable, d0, 0x1000, Bit(48));  // TTB1 is bad, if what a failed beat 0 shows has EPD1 = 0
    for (int beat = 0; beat < 4; ++beat) {
      for (uint64_t data : {uint64_t{0}, ~uint64_t{0}}) {
        error_data_ = data;
        mem_.errors = {kTable + 16 * uint64_t(beat)};
        EXPECT_EQ(FaultOf(), ref::kCdFetch) << beat;
        EXPECT_EQ(top_.faddr_o, kTable);
        EXPECT_FALSE(top_.fault_s2_o);
      }
    }
    mem_.errors.clear();
    EXPECT_EQ(FaultOf(), d0 ? ref::kNone : ref::kBadCd) << "nothing is kept";
  }
}

TEST_F(CdTest, BehindStage2) {
  ste_.config = 7;
  ste_.s1cdmax = 8;
  ste_.s1dss = 2;
  const uint64_t l2 = 0x9'8765'4000;  // an IPA
  WriteCd(0x5'5550'0000 + 64 * 3, kGood);
  script_[kTable >> 12] = {ref::kNone, 0x5'5550'0000, 3};
  EXPECT_EQ(FaultOf(true, 3), ref::kNone) << "linear";
  EXPECT_EQ(ipas_, Addresses{kTable + 64 * 3});
  EXPECT_EQ(reads_, Addresses{0x5'5550'0000 + 64 * 3});
  EXPECT_EQ(top_.stages_o, 3);

  ste_.s1fmt = 1;
  mem_.Write64(0x5'5550'0008, l2 | 1);
  WriteCd(0x7'4000'0000 + (l2 & 0x3FFF'FFFF) + 64 * 5, kGood);
  script_[l2 >> 12] = {ref::kNone, 0x7'4000'0000, 1};  // a block of 1 GiB
  EXPECT_EQ(FaultOf(true, 64 + 5), ref::kNone) << "two levels";
  EXPECT_EQ(ipas_, (Addresses{kTable + 8, l2 + 64 * 5}));
  EXPECT_EQ(reads_, (Addresses{0x5'5550'0000, 0x7'4000'0000 + (l2 & 0x3FFF'FFFF) + 64 * 5}));
  script_[l2 >> 12] = {ref::kNone, 0x7'4020'0000, 2};  // of 2 MiB
  EXPECT_EQ(FaultOf(true, 64 + 5), ref::kBadCd) << "nothing there";
  EXPECT_EQ(reads_.back(), 0x7'4020'0000 + (l2 & 0x1F'FFFF) + 64 * 5);

  for (int fault : {ref::kWalkEabt, ref::kTranslation, ref::kAddrSize, ref::kAccess, ref::kPermission}) {
    script_[l2 >> 12] = {fault, 0x6000'0018, 3};
    EXPECT_EQ(FaultOf(true, 64 + 5), fault) << "on the CD";
    EXPECT_TRUE(top_.fault_s2_o);
    EXPECT_EQ(top_.faddr_o, 0x6000'0018u);
    EXPECT_EQ(ipas_.size(), 2u);
    EXPECT_EQ(reads_.size(), 1u);
    const Page saved = script_[kTable >> 12];
    script_[kTable >> 12] = {fault, 0x6000'0020, 3};
    EXPECT_EQ(FaultOf(true, 64 + 5), fault) << "on the level 1 descriptor";
    EXPECT_TRUE(top_.fault_s2_o);
    EXPECT_EQ(top_.faddr_o, 0x6000'0020u);
    EXPECT_EQ(ipas_.size(), 1u);
    EXPECT_TRUE(reads_.empty());
    script_[kTable >> 12] = saved;
  }
  mem_.Write64(0x5'5550'0008, 0);
  EXPECT_EQ(FaultOf(true, 64 + 5), ref::kBadSubstreamId);
  EXPECT_FALSE(top_.fault_s2_o) << "nothing is kept";
  mem_.errors = {0x5'5550'0000};
  EXPECT_EQ(FaultOf(true, 64 + 5), ref::kCdFetch);
  EXPECT_FALSE(top_.fault_s2_o);
  EXPECT_EQ(top_.faddr_o, 0x5'5550'0008u) << "where the bus refused, not the IPA";
}

TEST_F(CdTest, LatencyAndQuiet) {
  WriteCd(kTable, kGood);
  mem_.Write64(kTable + 0x1000, kTable | 1);
  script_[kTable >> 12] = {ref::kNone, kTable, 3};
  script_[(kTable >> 12) + 1] = {ref::kNone, kTable + 0x1000, 3};
  for (uint64_t latency : {1, 10}) {
    mem_.latency = latency;
    ste_ = ref::Ste{};
    ste_.config = 5;
    ste_.s1ptr = kTable;
    EXPECT_EQ(Lookup(true, 0), 1u) << "no fetch";
    EXPECT_EQ(Lookup(false, 0), latency + 5);
    ste_.config = 7;
    for (uint64_t walk : {2, 9}) {
      walk_cycles_ = walk;
      EXPECT_EQ(Lookup(false, 0), latency + 5 + walk + 1);
    }
    ste_.config = 5;
    ste_.s1fmt = 2;
    ste_.s1cdmax = 4;
    ste_.s1ptr = kTable + 0x1000;
    EXPECT_EQ(Lookup(true, 0), 2 * latency + 6);
    ste_.config = 7;
    EXPECT_EQ(Lookup(true, 0), 2 * latency + 6 + 2 * (walk_cycles_ + 1));
  }
  // Waits are quiet: a stalled request, the memory.
  ste_.config = 5;
  top_.mrd_req_ready_i = 0;
  Settle();
  EXPECT_TRUE(top_.quiet_o);
  top_.nested_i = 0;
  top_.start_i = 1;
  Settle();
  EXPECT_FALSE(top_.quiet_o);
  Edge();
  top_.start_i = 0;
  for (int i = 0; i < 5; ++i) {
    Settle();
    EXPECT_TRUE(top_.mrd_req_valid_o);
    EXPECT_TRUE(top_.quiet_o);
    Edge();
  }
  top_.mrd_req_ready_i = 1;
  Settle();
  EXPECT_FALSE(top_.quiet_o);
  Edge();
  for (uint64_t i = 1; i < mem_.latency; ++i) {
    Settle();
    EXPECT_TRUE(top_.quiet_o) << i;
    Edge();
  }
  Settle();
  EXPECT_FALSE(top_.quiet_o) << "the answer";
}

class CdRandom : public CdTest {
 protected:
  // Stage 2 as the reference walks it: one table of 1 GiB blocks.
  Page Stage2(uint64_t ipa) override {
    const ref::S2Leaf leaf = ref::WalkS2(mem_, ste_, ipa, true);
    return {leaf.fault, leaf.fault ? leaf.fetch : leaf.base, leaf.level};
  }
};

TEST_F(CdRandom, AgainstReference) {
  std::map<int, int> seen;
  for (int round = 0; round < 40000; ++round) {
    mem_ = MrdMemory();
    mem_.latency = 1 + rng_() % 4;
    error_data_ = rng_();
    walk_cycles_ = 1 + rng_() % 5;
    ste_ = ref::Ste{};
    ste_.config = rng_() & 1 ? 7 : 5;
    ste_.s1fmt = static_cast<int>(rng_() % 3);
    ste_.s1ptr = rng_() & 0x3F'FFFF'FFC0;
    ste_.s1cdmax = static_cast<int>(rng_() % 4 ? rng_() % 21 : 0);
    ste_.s1dss = rng_() % 4 ? 2 : static_cast<int>(rng_() & 1) * 3;
    ste_.el2 = ste_.config == 5 && rng_() % 4 == 0;
    ste_.s1stalld = rng_() % 4 == 0;
    ste_.vmid = static_cast<int>(rng_() & 0xFFFF);
    ste_.s2t0sz = 25;
    ste_.s2sl0 = 1;
    ste_.s2ps_bits = 48;
    ste_.s2ttb = 0x8000'0000'0000;
    const bool e2h = rng_() & 1, ssv = rng_() & 1;
    top_.e2h_i = e2h;
    uint32_t ssid = ssv ? static_cast<uint32_t>(rng_() & 0xF'FFFF) : 0;
    if (rng_() % 8) ssid &= (uint32_t{1} << ste_.s1cdmax) - 1;
    if (ssv && rng_() % 16 == 0) ssid = 0;
    const uint64_t seed = rng_();
    mem_.fallback = [seed](uint64_t at) {
      uint64_t h = (at ^ seed) * 0x9E3779B97F4A7C15u;
      h ^= h >> 31;
      h *= 0xBF58476D1CE4E5B9u;
      h ^= h >> 29;
      if (at >> 47) {  // stage 2: blocks below 2^45, now and then without AF, read, or V
        uint64_t d = (h & 0x1FFF'C000'0000) | 0x4FD;
        if (((h >> 56) & 15) == 0) d ^= (h >> 55) & 1 ? 0x400 : (h >> 54) & 1 ? 0x40 : 1;
        return d;
      }
      // A level 1 descriptor, or any word of a CD: both must be likely to be legal.
      uint64_t d = h & 0x3F'FFFF'F000;
      if (((h >> 40) & 15) != 0) d |= 1;
      if (((h >> 44) & 31) == 0) d |= Bit(48 + (h >> 50) % 4);
      return d;
    };
    const ref::Cd at = ref::LookupCd(mem_, ste_, e2h, ssv, ssid);
    if (at.fault == ref::kBadCd || at.fault == ref::kNone) {
      uint64_t d0 = kGood ^ (rng_() & (uint64_t{0xFFFF} << 48 | uint64_t{0x3F} << 35 | Bit(45)));
      d0 = (d0 & ~uint64_t{63}) | (16 + rng_() % 24);
      d0 = (d0 & ~Bit(30)) | (16 + rng_() % 24) << 16 | uint64_t{2} << 22;
      d0 ^= rng_() & rng_() & (Bit(14) | Bit(30) | Bit(44));
      if (rng_() % 3 == 0) d0 ^= Bit(static_cast<int>(rng_() % 48));
      const auto Ttb = [this] { return rng_() & 0x00FF'FFFF'FFFF'FFFF >> (rng_() % 32); };
      WriteCd(at.fetch, d0, Ttb(), Ttb());
    }
    if (at.fetch && rng_() % 12 == 0) mem_.errors.insert((at.fetch + 16 * (rng_() % 4)) & ~uint64_t{15});
    const ref::Cd want = ref::LookupCd(mem_, ste_, e2h, ssv, ssid);
    Lookup(ssv, ssid);
    ++seen[want.fault + (want.s2 ? 0x100 : 0)];
    ASSERT_EQ(top_.fault_o, want.fault) << "round " << round;
    ASSERT_EQ(top_.fault_s2_o, want.s2);
    if (want.fault == ref::kCdFetch || want.fault == ref::kWalkEabt) {
      ASSERT_EQ(top_.faddr_o & ~uint64_t{7}, want.fetch & ~uint64_t{7});
    }
    if (want.s2) {
      ASSERT_EQ(ipas_.back(), want.ipa);
    }
    if (want.fault) continue;
    ASSERT_EQ(top_.stages_o, ste_.config == 7 ? 3 : 1);
    ASSERT_EQ(top_.vmid_o, ste_.vmid);
    ASSERT_EQ(top_.asid_o, want.one_half ? 0 : ref::Bits(want.d0, 63, 48));
    ASSERT_EQ(top_.t0sz_o, want.T0sz());
    ASSERT_EQ(top_.t1sz_o, want.T1sz());
    const int flags = 1 << 10 | want.Epd1() << 9 | want.Epd0() << 8 | want.Tbi(true) << 7 | want.Tbi(false) << 6 |
                      want.Affd() << 5 | want.Wxn() << 4 | want.Uwxn() << 3 | want.Pan() << 2 | want.Record() << 1 |
                      static_cast<int>(want.Stall());
    ASSERT_EQ(top_.flags_o, flags);
    ASSERT_EQ(ref::OasBits(top_.ips_o), want.ips_bits);
    if (!want.Epd0()) {
      ASSERT_EQ(uint64_t{top_.ttb0_o} << 4, want.ttb0);
    }
    if (!want.Epd1()) {
      ASSERT_EQ(uint64_t{top_.ttb1_o} << 4, want.ttb1);
    }
  }
  for (int key : {0x00, 0x06, 0x08, 0x09, 0x0A, 0x10B, 0x110, 0x112, 0x113}) {
    EXPECT_GT(seen[key], key == 0x10B ? 20 : 50) << std::hex << key;
  }
}

}  // namespace
