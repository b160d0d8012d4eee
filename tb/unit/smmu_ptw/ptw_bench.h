// SPDX-License-Identifier: Apache-2.0
//
// smmu_ptw and smmu_walk_cache, as two walkers that share the cache, on a memory of descriptors.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <tuple>

#include "Vsmmu_ptw_tb.h"
#include "../smmu_walk_ref.h"

namespace ptw {

using walk_ref::Config;
using walk_ref::Result;

constexpr std::array<int, 6> kSizeBits = {32, 36, 40, 42, 44, 48};

inline uint64_t Hash(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9E3779B97F4A7C15u + b;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

inline int SizeCode(int bits) {
  for (size_t i = 0; i < kSizeBits.size(); ++i) {
    if (kSizeBits[i] == bits) return static_cast<int>(i);
  }
  return 5;
}

enum Op { kNhAll, kNhAsid, kNhVa, kNhVaa, kEl2All, kEl2Asid, kEl2Va, kEl2Vaa, kS12Vmall, kS2Ipa, kNsnhAll };

class PtwTest : public testing::Test {
 protected:
  PtwTest() {
    top_.rst_ni = 0;
    Settle();
    Edge();
    top_.rst_ni = 1;
    top_.mrd_req_ready_i[0] = top_.mrd_req_ready_i[1] = 1;
  }

  void Settle() {
    for (int w = 0; w < 2; ++w) {
      const MrdMemory::Beat beat = port_[w].Respond(now_);
      // Words are sampled when they are answered; both ports see one memory.
      top_.mrd_rsp_valid_i[w] = beat.valid;
      if (beat.valid) {
        const uint64_t at = asked_[w];
        top_.mrd_err_i[w] = mem_.Fails(at);
        top_.mrd_lo_i[w] = mem_.Read64(at);
        top_.mrd_hi_i[w] = mem_.Read64(at + 8);
      }
    }
    top_.clk_i = 0;
    top_.eval();
    for (int w = 0; w < 2; ++w) {
      if (top_.mrd_req_valid_o[w] && top_.mrd_req_ready_i[w]) {
        EXPECT_EQ(top_.mrd_beats_o[w], 0);
        asked_[w] = top_.mrd_addr_o[w];
        port_[w].Request(asked_[w], 0, now_);
      }
      if (top_.wc_look_o[w]) {
        ++looks_;
        hits_ += top_.wc_hit_o[w];
      }
    }
  }
  void Edge() {
    top_.clk_i = 1;
    top_.eval();
    ++now_;
    top_.start_i[0] = top_.start_i[1] = 0;
    top_.tlbi_i = 0;
    top_.cfgi_i = 0;
  }
  void SetLatency(uint64_t latency) { port_[0].latency = port_[1].latency = latency; }
  uint64_t Requests() const { return port_[0].requests + port_[1].requests; }

  void Start(int w, const Config& c, uint64_t addr) {
    top_.start_i[w] = 1;
    top_.s1_i[w] = c.s1;
    top_.s2_i[w] = c.s2;
    top_.fetch_i[w] = c.fetch;
    top_.addr_i[w] = addr;
    top_.t0sz_i[w] = c.half[0].tsz;
    top_.t1sz_i[w] = c.half[1].tsz;
    top_.epd_i[w] = c.half[0].epd | c.half[1].epd << 1;
    top_.tbi_i[w] = c.half[0].tbi | c.half[1].tbi << 1;
    top_.affd_i[w] = c.affd;
    top_.ttb0_i[w] = c.half[0].ttb;
    top_.ttb1_i[w] = c.half[1].ttb;
    top_.ips_i[w] = SizeCode(c.ips_bits);
    top_.s2ttb_i[w] = c.s2ttb;
    top_.s2t0sz_i[w] = c.s2t0sz;
    top_.s2sl0_i[w] = c.s2sl0;
    top_.s2ps_i[w] = SizeCode(c.s2ps_bits);
    top_.s2affd_i[w] = c.s2affd;
    top_.s2ptw_i[w] = c.s2ptw;
  }

  // One walk of walker 0; the cycles from start to done.
  uint64_t Walk(const Config& c, uint64_t addr, bool random_ready) {
    Start(0, c, addr);
    const uint64_t begin = now_;
    for (;;) {
      if (random_ready) top_.mrd_req_ready_i[0] = rng_() % 3 != 0;
      Settle();
      if (top_.done_o[0]) break;
      if (now_ - begin > 5000) {
        ADD_FAILURE() << "no answer";
        break;
      }
      Edge();
    }
    const uint64_t cycles = now_ - begin;
    Edge();
    top_.mrd_req_ready_i[0] = 1;
    return cycles;
  }

  static int Stage1Attributes(const Result& r) {
    return r.ng << 5 | r.af << 4 | r.ro << 3 | r.unpriv << 2 | r.pxn << 1 | static_cast<int>(r.uxn);
  }

  void Check(int w, const Result& want, uint64_t addr) {
    ASSERT_EQ(top_.fault_o[w], want.fault) << std::hex << addr;
    if (want.fault != walk_ref::kNone) {
      ASSERT_EQ(top_.s2_o[w], want.s2) << std::hex << addr << " fault " << want.fault;
      ASSERT_EQ(top_.class_o[w], want.cls) << std::hex << addr << " fault " << want.fault;
      if (want.s2) {
        ASSERT_EQ(top_.ipa_o[w], want.ipa) << std::hex << addr;
      }
      if (top_.s1_i[w] && want.s2 && want.cls == walk_ref::kInput) {  // stage 1 is complete
        ASSERT_EQ(top_.attr_o[w] >> 4, Stage1Attributes(want)) << std::hex << addr;
      }
      if (want.fault == walk_ref::kWalkEabt) {
        ASSERT_EQ(top_.faddr_o[w], want.fetch);
      }
    } else {
      ASSERT_EQ(top_.base_o[w], want.base) << std::hex << addr;
      ASSERT_EQ(top_.level_o[w], want.level) << std::hex << addr;
      const int attr = Stage1Attributes(want) << 4 | want.s2af << 3 | want.s2r << 2 | want.s2w << 1 |
                       static_cast<int>(want.s2x);
      ASSERT_EQ(top_.attr_o[w], attr) << std::hex << addr;
      if (top_.s2_i[w]) {
        ASSERT_EQ(top_.ipa_o[w], want.ipa) << std::hex << addr;
      }
    }
    ++seen_[{top_.s1_i[w] != 0, top_.s2_i[w] != 0, want.fault, want.s2, want.cls}];
    if (want.fault == walk_ref::kNone) ++levels_[want.level];
  }

  // Random descriptors, valid more often than not.
  void RandomTables(uint64_t seed, int blocks, int large) {
    mem_.fallback = [=](uint64_t addr) {
      const uint64_t h = Hash(seed, addr), k = Hash(seed + 1, addr);
      uint64_t d = h & 0x000F'FFFF'FFFF'F000u;
      d &= static_cast<int>(k & 127) < large ? ~uint64_t{0} : uint64_t{0xFFFF'FFFF};  // beyond some or all sizes
      d |= (h & uint64_t{0xF} << 60) | (h & 0xFBC);                                   // table and leaf attributes
      d |= k & uint64_t{0x0060'0000'0000'0000u};                                      // PXN, UXN
      if (((k >> 8) & 31) != 0) d |= uint64_t{1} << 10;                               // AF
      if (((k >> 13) & 15) != 0) d |= uint64_t{1} << 6;                               // AP[1], S2AP[0]
      const int type = (k >> 24) & 63;
      d |= type == 0 ? 0 : type <= blocks ? 1 : 3;
      return d;
    };
  }

  Config RandomConfig(bool s1, bool s2) {
    Config c;
    c.s1 = s1;
    c.s2 = s2;
    for (auto& h : c.half) {
      h.tsz = 16 + static_cast<int>(rng_() % 24);
      h.epd = rng_() % 8 == 0;
      h.tbi = rng_() & 1;
      h.ttb = rng_() & 0xFFFF'FFF0;
    }
    c.ips_bits = kSizeBits[rng_() % 6];
    c.affd = rng_() % 4 == 0;
    do {
      c.s2t0sz = 16 + static_cast<int>(rng_() % 24);
      c.s2sl0 = static_cast<int>(rng_() % 3);
    } while (!walk_ref::GeometryOk(c.s2t0sz, c.s2sl0) || (s1 && c.s2t0sz > 32 && rng_() % 8));
    c.s2ttb = rng_() & 0xFFFF'FFF0;
    c.s2ps_bits = kSizeBits[rng_() % 6];
    c.s2affd = rng_() % 4 == 0;
    c.s2ptw = rng_() % 4 == 0;
    c.fetch = !s1 && rng_() % 2;
    return c;
  }

  uint64_t RandomAddress(const Config& c) {
    const bool high = c.s1 && (rng_() & 1);
    const int width = 64 - (c.s1 ? c.half[high].tsz : c.s2t0sz);
    uint64_t addr = rng_() & ((uint64_t{1} << width) - 1);
    if (high) addr |= ~uint64_t{0} << width;
    if (rng_() % 8 == 0) addr ^= uint64_t{1} << (rng_() % 64);  // outside the region, or a tag
    return addr;
  }

  // Walks without the cache; every one is compared, result and cycles.
  void RandomRun(bool s1, bool s2, int walks) {
    for (int i = 0; i < walks; ++i) {
      const bool both = s1 && s2;
      if (i % 100 == 0) RandomTables(rng_(), both ? 3 : 12, both ? 1 : 4);
      const Config c = RandomConfig(s1, s2);
      const uint64_t addr = RandomAddress(c);
      mem_.errors.clear();
      Result want = walk_ref::Walk(mem_, c, addr);
      if (!want.reads.empty() && rng_() % 16 == 0) {
        mem_.errors.insert(want.reads[rng_() % want.reads.size()].desc_addr & ~uint64_t{15});
        want = walk_ref::Walk(mem_, c, addr);
      }
      const uint64_t latency = 1 + rng_() % 6;
      SetLatency(latency);
      const bool wait = rng_() & 1;
      const uint64_t before = Requests();
      const uint64_t cycles = Walk(c, addr, wait);
      Check(0, want, addr);
      ASSERT_EQ(Requests() - before, want.reads.size());
      if (!wait) {
        ASSERT_EQ(cycles, 1 + want.s2_walks + want.reads.size() * latency);
      }
      if (HasFatalFailure()) return;
    }
  }

  Vsmmu_ptw_tb top_;
  MrdMemory mem_;
  std::array<MrdMemory, 2> port_;  // timing only
  std::array<uint64_t, 2> asked_{};
  uint64_t now_ = 0;
  uint64_t looks_ = 0, hits_ = 0;
  std::mt19937_64 rng_{20240617};
  std::map<std::tuple<bool, bool, int, bool, int>, int> seen_;
  std::map<int, int> levels_;
};

}  // namespace ptw
