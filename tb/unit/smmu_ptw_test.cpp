// SPDX-License-Identifier: Apache-2.0
//
// smmu_ptw and smmu_walk_cache against the reference walker: random descriptors under random geometries, one stage, the
// other and both, every fault, blocks, aborts, the latency cycle for cycle; and two walkers that share the cache while
// tables change under them, each change followed by some TLBI that must cover it.

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <tuple>

#include "Vsmmu_ptw_tb.h"
#include "smmu_walk_ref.h"

namespace {

using walk_ref::Config;
using walk_ref::Result;

constexpr std::array<int, 6> kSizeBits = {32, 36, 40, 42, 44, 48};

uint64_t Hash(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9E3779B97F4A7C15u + b;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

int SizeCode(int bits) {
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

// ---------------------------------------------------------------------------------------------- cache and invalidation

struct Context {
  Config cfg;
  bool el2 = false;
  int asid = 0;
  int vmid = 0;
};

class CacheTest : public PtwTest {
 protected:
  // Descriptors made on first sight, each with an output of its own: a descriptor is reached on one path only.
  uint64_t Fresh(bool may_block) {
    const uint64_t n = next_++;
    if (may_block && rng_() % 12 == 0) return uint64_t{1} << 42 | (n & 0xFFF) << 30 | 0x4F1 | (rng_() & 0xBC0) | 0x40;
    uint64_t d = (0x80000 + n) << 12 | 0x433 | 0x40 | (rng_() & 0x880);
    if (rng_() % 32 == 0) d = rng_() & ~uint64_t{1};                                    // invalid
    if (rng_() % 8 == 0) d |= rng_() & uint64_t{0xF} << 60;
    if (rng_() % 24 == 0) d &= ~uint64_t{0x440};                                        // AF, S2AP
    if (rng_() % 16 == 0) d &= ~uint64_t{0x030};                                        // Device
    return d;
  }
  void MakeContexts() {
    mem_.fallback = [this](uint64_t addr) {
      const uint64_t d = Fresh(true);
      mem_.Write64(addr, d);
      return d;
    };
    struct Geometry {
      int t0sz, sl0;
    };
    constexpr Geometry kGeometry[] = {{32, 1}, {21, 1}, {16, 2}};
    for (int vmid = 0; vmid < 3; ++vmid) {
      Config s2;
      s2.s2ttb = uint64_t(0x1000'0000 + 0x10'0000 * vmid);
      s2.s2t0sz = kGeometry[vmid].t0sz;
      s2.s2sl0 = kGeometry[vmid].sl0;
      s2.s2ptw = vmid == 1;
      s2.s2affd = vmid == 2;
      for (int kind = 0; kind < 6; ++kind) {  // both stages and stage 1 alone of ASIDs 0 and 1, stage 2 alone, EL2
        Context x;
        x.cfg = s2;
        x.cfg.s1 = kind != 4;
        x.cfg.s2 = kind < 2 || kind == 4;
        x.vmid = vmid;
        x.asid = kind == 5 ? vmid : kind & 1;
        x.el2 = kind == 5;
        for (int h = 0; h < 2; ++h) {
          x.cfg.half[h].ttb = uint64_t(0x2000'0000 + 0x1'0000 * contexts_.size() + 0x8000 * h);
          x.cfg.half[h].tsz = 16 + 9 * h;
        }
        contexts_.push_back(x);
      }
    }
  }
  uint64_t ClusteredAddress(const Context& x) {
    const uint64_t base[] = {0, 0x2000'0000, 0x40'0000'0000};
    uint64_t va = base[rng_() % (x.cfg.s1 ? 3 : 2)] + (rng_() % 3) * 0x20'0000 + (rng_() % 4) * 0x1000 + rng_() % 4096;
    if (x.cfg.s1 && rng_() % 3 == 0) va = ~va | (~uint64_t{0} << 39);
    return va;
  }

  // A TLBI that covers a change of the descriptor `r` of context `x`.
  struct Tlbi {
    int op;
    int vmid = 0, asid = 0;
    uint64_t page = 0;
    bool range = false;
    int num = 0, scale = 0;
    bool leaf = false;
  };
  Tlbi Covering(const Context& x, const walk_ref::Read& r) {
    Tlbi t{kNsnhAll, x.vmid, x.asid};
    const int scale = 9 * (3 - r.level);
    t.page = r.input >> 12;
    t.range = !r.leaf || rng_() % 2;
    if (t.range) {  // what the descriptor covers, and sometimes the same in front of it
      t.scale = scale;
      t.page = t.page >> scale << scale;
      if (rng_() % 2 && (t.page & 0x8'0000'0000) == 0 && t.page >= uint64_t{1} << scale) {
        t.num = 1;
        t.page -= uint64_t{1} << scale;
      }
    }
    t.leaf = r.leaf && rng_() % 2;
    if (r.stage == 2) {
      constexpr int kOps[] = {kS2Ipa, kS2Ipa, kS2Ipa, kS2Ipa, kS12Vmall, kNsnhAll};
      t.op = kOps[rng_() % 6];
    } else if (x.el2) {
      constexpr int kOps[] = {kEl2Va, kEl2Va, kEl2Vaa, kEl2Vaa, kEl2Asid, kEl2All};
      t.op = kOps[rng_() % 6];
    } else {
      constexpr int kOps[] = {kNhVa, kNhVa, kNhVaa, kNhVaa, kNhAsid, kNhAll, kS12Vmall, kNsnhAll};
      t.op = kOps[rng_() % 8];
    }
    const bool by_address = t.op == kS2Ipa || t.op == kEl2Va || t.op == kEl2Vaa || t.op == kNhVa || t.op == kNhVaa;
    if (!by_address) {  // garbage where the command has nothing
      t.page = rng_() >> 12;
      t.leaf = rng_() & 1;
      t.range = rng_() & 1;
    }
    return t;
  }
  void Send(const Tlbi& t) {
    top_.tlbi_i = 1;
    top_.tlbi_op_i = t.op;
    top_.tlbi_vmid_i = t.vmid;
    top_.tlbi_asid_i = t.asid;
    top_.tlbi_page_i = t.page;
    top_.tlbi_range_i = t.range;
    top_.tlbi_num_i = t.num;
    top_.tlbi_scale_i = t.scale;
    top_.tlbi_leaf_i = t.leaf;
  }

  void Run(int cycles) {
    struct Walker {
      bool busy = false, dirty = false;
      size_t context = 0;
      uint64_t addr = 0;
    };
    std::array<Walker, 2> walker;
    uint64_t send_at = 0;
    bool changed = false;
    Tlbi pending{kNsnhAll};
    SetLatency(3);
    for (int i = 0; i < cycles; ++i) {
      for (int w = 0; w < 2; ++w) {
        if (walker[w].busy || rng_() % 4 == 0) continue;
        walker[w] = {true, changed, rng_() % contexts_.size(), 0};
        const Context& x = contexts_[walker[w].context];
        walker[w].addr = ClusteredAddress(x);
        top_.el2_i[w] = x.el2;
        top_.asid_i[w] = x.asid;
        top_.vmid_i[w] = x.el2 ? 0 : x.vmid;
        Start(w, x.cfg, walker[w].addr);
      }
      if (!changed && rng_() % 64 == 0) {
        const Context& x = contexts_[rng_() % contexts_.size()];
        const Result r = walk_ref::Walk(mem_, x.cfg, ClusteredAddress(x));
        if (!r.reads.empty()) {
          const walk_ref::Read& read = r.reads[rng_() % r.reads.size()];
          mem_.Write64(read.desc_addr, Fresh(true));
          pending = Covering(x, read);
          send_at = now_ + rng_() % 4;
          changed = true;
          ++changes_;
          for (auto& k : walker) k.dirty = true;
        }
      }
      if (changed && now_ >= send_at) {
        Send(pending);
        changed = false;
        for (auto& k : walker) k.dirty = true;  // one that starts in this very cycle too
      }
      Settle();
      for (int w = 0; w < 2; ++w) {
        if (!walker[w].busy || !top_.done_o[w]) continue;
        walker[w].busy = false;
        if (walker[w].dirty) continue;
        const Context& x = contexts_[walker[w].context];
        Check(w, walk_ref::Walk(mem_, x.cfg, walker[w].addr), walker[w].addr);
        if (HasFatalFailure()) return;
        ++checked_;
      }
      Edge();
    }
  }

  std::vector<Context> contexts_;
  uint64_t next_ = 0;
  uint64_t changes_ = 0, checked_ = 0;
};

TEST_F(CacheTest, TablesChangeUnderTwoWalkers) {
  top_.wc_on_i = 1;
  top_.e2h_i = 1;
  MakeContexts();
  Run(800000);
  EXPECT_GT(changes_, 5000u);
  EXPECT_GT(checked_, 20000u);
  EXPECT_GT(hits_ * 4, looks_);
}

// A context that gets other tables: CFGI alone must be enough for the walk cache.
TEST_F(CacheTest, OtherTablesAfterCfgi) {
  top_.wc_on_i = 1;
  MakeContexts();
  for (int i = 0; i < 300; ++i) {
    Context& x = contexts_[rng_() % contexts_.size()];
    x.cfg.half[0].ttb = uint64_t(0x3000'0000 + 0x1000 * i);
    x.cfg.s2ttb = uint64_t(0x4000'0000 + 0x10'0000 * i);
    top_.cfgi_i = 1;
    Settle();
    Edge();
    top_.vmid_i[0] = x.el2 ? 0 : x.vmid;
    top_.asid_i[0] = x.asid;
    top_.el2_i[0] = x.el2;
    for (int k = 0; k < 10; ++k) {
      const uint64_t addr = ClusteredAddress(x) & 0x7FFF'FFFF;
      Walk(x.cfg, addr, false);
      Check(0, walk_ref::Walk(mem_, x.cfg, addr), addr);
      ASSERT_FALSE(HasFatalFailure());
    }
  }
  EXPECT_GT(hits_ * 4, looks_);
}

}  // namespace
