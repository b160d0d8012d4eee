// SPDX-License-Identifier: Apache-2.0
//
// smmu_walk_cache: two walkers share it while tables change under them, each change followed by some TLBI that must cover it.
#include "ptw_bench.h"

namespace ptw {
namespace {

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
}  // namespace ptw
