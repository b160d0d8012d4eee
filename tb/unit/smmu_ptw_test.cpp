// SPDX-License-Identifier: Apache-2.0
//
// smmu_ptw against the reference walker: random descriptors under random regions, every fault, blocks, aborts; and the
// latency, cycle for cycle.

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "Vsmmu_ptw_tb.h"
#include "smmu_ref.h"

namespace {

uint64_t Hash(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9E3779B97F4A7C15u + b;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

class PtwTest : public testing::Test {
 protected:
  PtwTest() {
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
      mem_.Request(top_.mrd_addr_o, top_.mrd_beats_o, now_);
    }
  }
  void Edge() {
    top_.clk_i = 1;
    top_.eval();
    ++now_;
  }

  // Walks and returns the cycles from start to done.
  uint64_t Walk(const ref::Cd& cd, uint64_t va, bool random_ready) {
    top_.va_i = va;
    top_.t0sz_i = cd.T0sz();
    top_.t1sz_i = cd.T1sz();
    top_.epd0_i = cd.Epd0();
    top_.epd1_i = cd.Epd1();
    top_.tbi0_i = cd.Tbi(false);
    top_.tbi1_i = cd.Tbi(true);
    top_.affd_i = cd.Affd();
    top_.ttb0_i = cd.ttb0 >> 4;
    top_.ttb1_i = cd.ttb1 >> 4;
    top_.ips_i = ref::Bits(cd.d0, 34, 32);
    top_.start_i = 1;
    const uint64_t begin = now_;
    for (;;) {
      if (random_ready) top_.mrd_req_ready_i = rng_() % 3 != 0;
      Settle();
      if (top_.done_o) break;
      if (now_ - begin > 2000) {
        ADD_FAILURE() << "no answer";
        break;
      }
      Edge();
      top_.start_i = 0;
    }
    const uint64_t cycles = now_ - begin;
    Edge();
    top_.mrd_req_ready_i = 1;
    return cycles;
  }

  void Check(const ref::Cd& cd, uint64_t va) {
    const ref::Leaf want = ref::Walk(mem_, cd, va);
    ASSERT_EQ(top_.fault_o, want.fault) << std::hex << va;
    if (want.fault == ref::kWalkEabt) {
      ASSERT_EQ(top_.faddr_o, want.fetch);
    }
    if (want.fault == ref::kNone) {
      ASSERT_EQ(uint64_t{top_.ppn_o} << 12, want.base);
      ASSERT_EQ(top_.level_o, want.level);
      const int attr = want.ng << 5 | want.af << 4 | want.ro << 3 | want.unpriv << 2 | want.pxn << 1 |
                       static_cast<int>(want.uxn);
      ASSERT_EQ(top_.attr_o, attr) << std::hex << va;
    }
    ++seen_[want.fault];
    if (want.fault == ref::kNone) ++levels_[want.level];
  }

  // Random descriptors, valid more often than not.
  void RandomTables(uint64_t seed) {
    mem_.fallback = [seed](uint64_t addr) {
      const uint64_t h = Hash(seed, addr), k = Hash(seed + 1, addr);
      uint64_t d = h & 0x000F'FFFF'FFFF'F000u;
      d &= (k & 63) == 0 ? ~uint64_t{0} : uint64_t{0xFFFF'FFFF};        // beyond some or all output sizes
      d |= h << 60 | (h & 0xFE0);                                       // table and leaf attributes
      d |= k & uint64_t{0x0060'0000'0000'0000u};                        // PXN, UXN
      if (((k >> 8) & 15) != 0) d |= uint64_t{1} << 10;                 // AF
      const unsigned type = (k >> 16) & 15;
      d |= type == 0 ? 0 : type < 4 ? 1 : 3;
      return d;
    };
  }

  Vsmmu_ptw_tb top_;
  MrdMemory mem_;
  uint64_t now_ = 0;
  std::mt19937_64 rng_{20240617};
  std::map<int, int> seen_;
  std::map<int, int> levels_;
};

uint64_t CdWord(int t0sz, int t1sz, int ips) {
  return static_cast<uint64_t>(t0sz) | static_cast<uint64_t>(t1sz) << 16 | uint64_t{2} << 22 | uint64_t{1} << 31 |
         static_cast<uint64_t>(ips) << 32 | uint64_t{1} << 41 | uint64_t{1} << 46;
}

TEST_F(PtwTest, RandomAgainstReference) {
  for (int i = 0; i < 100000; ++i) {
    if (i % 100 == 0) RandomTables(rng_());
    ref::Cd cd;
    cd.d0 = CdWord(16 + static_cast<int>(rng_() % 24), 16 + static_cast<int>(rng_() % 24), static_cast<int>(rng_() % 6));
    cd.d0 |= (rng_() & rng_() & rng_()) & (uint64_t{1} << 14 | uint64_t{1} << 30 | uint64_t{1} << 35);
    cd.d0 |= rng_() & (uint64_t{3} << 38);
    cd.ips_bits = ref::OasBits(static_cast<int>(ref::Bits(cd.d0, 34, 32)));
    cd.ttb0 = (rng_() & 0xFFFF'FFF0);
    cd.ttb1 = (rng_() & 0xFFFF'FFF0);
    const bool high = rng_() & 1;
    const int width = 64 - (high ? cd.T1sz() : cd.T0sz());
    uint64_t va = rng_() & ((uint64_t{1} << width) - 1);
    if (high) va |= ~uint64_t{0} << width;
    if (rng_() % 8 == 0) va ^= uint64_t{1} << (rng_() % 64);              // outside the region, or a tag
    mem_.errors.clear();
    const ref::Leaf plan = ref::Walk(mem_, cd, va);
    if (plan.levels_read > 0 && rng_() % 16 == 0) mem_.errors.insert(plan.fetch & ~uint64_t{15});
    mem_.latency = 1 + rng_() % 6;
    Walk(cd, va, true);
    Check(cd, va);
    if (HasFatalFailure()) return;
  }
  for (int fault : {ref::kNone, ref::kTranslation, ref::kAddrSize, ref::kAccess, ref::kWalkEabt}) {
    EXPECT_GT(seen_[fault], 500) << fault;
  }
  for (int level : {1, 2, 3}) EXPECT_GT(levels_[level], 500) << level;
}

TEST_F(PtwTest, LatencyIsOneRequestCycleAndTheMemoryPerLevel) {
  // 4, 3 and 2 levels by T0SZ; identity pages.
  for (uint64_t table = 0; table < 4; ++table) mem_.Write64(0x10000 + 0x1000 * table, (0x11000 + 0x1000 * table) | 3);
  mem_.Write64(0x13000, 0xABCDE000 | 0x443);
  for (int latency : {1, 5, 40}) {
    for (int levels : {4, 3, 2}) {
      ref::Cd cd;
      cd.d0 = CdWord(levels == 4 ? 16 : levels == 3 ? 25 : 34, 16, 5);
      cd.ips_bits = 48;
      cd.ttb0 = 0x10000 + 0x1000u * (4 - levels);
      mem_.latency = latency;
      EXPECT_EQ(Walk(cd, 0x0, false), uint64_t(1 + levels * (1 + latency))) << latency << " " << levels;
      Check(cd, 0);
      EXPECT_EQ(top_.fault_o, ref::kNone);
    }
  }
}

TEST_F(PtwTest, QuietWhileItWaits) {
  mem_.latency = 50;
  ref::Cd cd;
  cd.d0 = CdWord(16, 16, 5);
  cd.ips_bits = 48;
  cd.ttb0 = 0x10000;
  Settle();
  EXPECT_TRUE(top_.quiet_o);
  top_.va_i = 0;
  top_.t0sz_i = 16;
  top_.start_i = 1;
  Settle();
  EXPECT_FALSE(top_.quiet_o);
  Edge();
  top_.start_i = 0;
  top_.mrd_req_ready_i = 0;
  Settle();
  EXPECT_TRUE(top_.mrd_req_valid_o);
  EXPECT_TRUE(top_.quiet_o);  // a stalled request is quiet
  top_.mrd_req_ready_i = 1;
  Settle();
  EXPECT_FALSE(top_.quiet_o);
  Edge();
  for (int i = 0; i < 48; ++i) {
    Settle();
    EXPECT_TRUE(top_.quiet_o) << i;
    Edge();
  }
}

}  // namespace
