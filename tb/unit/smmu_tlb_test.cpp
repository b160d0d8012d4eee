// SPDX-License-Identifier: Apache-2.0
//
// smmu_tlb and smmu_tlbi against a model without a capacity: an entry is there until something names or overlaps it.
//
// While the model holds no more than 32 entries the hardware must agree exactly (a miss is an error, so invalidation
// that reaches too far is one too); with more, a hit must still be right.

#include <gtest/gtest.h>

#include <list>
#include <random>

#include "Vsmmu_tlb_tb.h"

namespace {

constexpr size_t kEntries = 32;
enum Op { kNhAll, kNhAsid, kNhVa, kNhVaa, kEl2All, kEl2Asid, kEl2Va, kEl2Vaa, kS12Vmall, kS2Ipa, kNsnhAll };

enum Regime { kS1, kS12, kS2, kEl2 };

// What a translation belongs to. What a regime does not have is 0.
struct Space {
  int regime;
  int vmid;
  int asid;
};

struct Entry {
  Space space;
  uint64_t first;  // byte addresses, sign-extended VA
  uint64_t last;
  uint64_t ppn;
  int level;
  int attr;

  bool Global() const { return !(attr & 0x200); }
  bool Af() const { return attr & 0x100; }
  bool S2Af() const { return attr & 0x008; }
  bool Of(const Space& s) const {
    return space.regime == s.regime && space.vmid == s.vmid && (Global() || space.asid == s.asid);
  }
};

struct Tlbi {
  int op;
  int vmid = 0;
  int asid = 0;
  uint64_t va = 0;
  bool range = false;
  unsigned num = 0;
  unsigned scale = 0;
};

class TlbTest : public testing::Test {
 protected:
  TlbTest() {
    top_.rst_ni = 0;
    Cycle();
    top_.rst_ni = 1;
  }
  void Cycle() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.fill_i = 0;
    top_.inv_valid_i = 0;
    top_.clk_i = 0;
    top_.eval();
  }

  void Fill(const Space& space, uint64_t va, int level, int attr) {
    const uint64_t size = uint64_t{4096} << (9 * (3 - level));
    Entry e{space, va & ~(size - 1), va | (size - 1), 0, level, attr};
    e.ppn = (rng_() & 0xF'FFFF'FFFF) & ~((size >> 12) - 1);
    live_.remove_if([&](const Entry& o) {
      return o.first <= e.last && o.last >= e.first && (o.Of(e.space) || (e.Global() && e.Of(o.space)));
    });
    live_.push_back(e);
    if (live_.size() > kEntries) exact_ = false;
    top_.fill_i = 1;
    top_.fill_regime_i = space.regime;
    top_.fill_vmid_i = space.vmid;
    top_.fill_asid_i = space.asid;
    top_.fill_va_i = va;
    top_.fill_ppn_i = e.ppn;
    top_.fill_level_i = level;
    top_.fill_attr_i = attr;
    Cycle();
  }

  bool Named(const Tlbi& t, const Entry& e) const {
    const bool e2h = top_.e2h_i;
    const int regime = e.space.regime;
    const uint64_t base = t.va & ~uint64_t{0xFFF};
    const unsigned __int128 end =
        static_cast<unsigned __int128>(base) + (t.range ? uint64_t{t.num + 1} << t.scale : 1) * 4096 - 1;
    const bool here = e.first <= end && e.last >= base;
    const bool el1 = (regime == kS1 || regime == kS12) && e.space.vmid == t.vmid;
    const bool own = e.space.asid == t.asid;
    switch (t.op) {
      case kNhAll: return el1;
      case kNhAsid: return el1 && !e.Global() && own;
      case kNhVa: return el1 && (e.Global() || own) && here;
      case kNhVaa: return el1 && here;
      case kEl2All: return regime == kEl2;
      case kEl2Asid: return regime == kEl2 && (!e2h || (!e.Global() && own));
      case kEl2Va: return regime == kEl2 && (!e2h || e.Global() || own) && here;
      case kEl2Vaa: return regime == kEl2 && here;
      case kS12Vmall: return regime != kEl2 && e.space.vmid == t.vmid;
      // An entry of both stages holds no IPA, so all of the VMID go.
      case kS2Ipa: return e.space.vmid == t.vmid && (regime == kS12 || (regime == kS2 && here));
      default: return regime != kEl2;
    }
  }

  void Invalidate(const Tlbi& t) {
    live_.remove_if([&](const Entry& e) { return Named(t, e); });
    top_.inv_valid_i = 1;
    top_.inv_op_i = t.op;
    top_.inv_vmid_i = t.vmid;
    top_.inv_asid_i = t.asid;
    top_.inv_page_i = t.va >> 12;
    top_.inv_range_i = t.range;
    top_.inv_num_i = t.num;
    top_.inv_scale_i = t.scale;
    Cycle();
    if (live_.empty()) exact_ = true;
  }

  // Returns hit.
  bool Look(const Space& space, uint64_t va, bool affd, bool s2affd = true) {
    const Entry* want = nullptr;
    for (const Entry& e : live_) {
      if (va >= e.first && va <= e.last && e.Of(space)) want = &e;
    }
    if (want && ((!want->Af() && !affd) || (!want->S2Af() && !s2affd))) want = nullptr;
    top_.lookup_valid_i = 1;
    top_.lookup_regime_i = space.regime;
    top_.lookup_vmid_i = space.vmid;
    top_.lookup_asid_i = space.asid;
    top_.lookup_va_i = va;
    top_.lookup_affd_i = affd;
    top_.lookup_s2affd_i = s2affd;
    top_.eval();
    if (exact_) {
      EXPECT_EQ(top_.hit_o, want != nullptr) << std::hex << va << " regime " << space.regime;
    }
    if (top_.hit_o) {
      EXPECT_NE(want, nullptr) << "stale or wrong entry for " << std::hex << va << " regime " << space.regime;
      if (want) {
        EXPECT_EQ(top_.ppn_o, want->ppn);
        EXPECT_EQ(top_.level_o, want->level);
        EXPECT_EQ(top_.attr_o, want->attr);
      }
    }
    ++looks_;
    hits_ += top_.hit_o;
    return top_.hit_o;
  }

  // A few address clusters, so that pages, blocks and ranges meet; both halves.
  uint64_t RandomVa() {
    constexpr uint64_t kBase[] = {0, 0x40000000, 0x7FFFC0000000, 0xFFFF800000000000, 0xFFFFFFFFC0000000};
    uint64_t va = kBase[rng_() % 5] + (rng_() % 4) * 0x200000 + (rng_() % 6) * 0x1000 + rng_() % 4096;
    if (rng_() % 16 == 0) va += 0x1FF000;
    return va;
  }
  Space RandomSpace() {
    Space s{static_cast<int>(rng_() % 4), static_cast<int>(rng_() % 2), static_cast<int>(rng_() % 2)};
    if (s.regime == kS2) s.asid = 0;
    if (s.regime == kEl2) s.vmid = 0;
    return s;
  }
  uint64_t RandomAddress(const Space& s) {
    const uint64_t va = RandomVa();
    return s.regime == kS2 ? va & 0x7FFF'FFFF'FFFF : va;
  }
  Tlbi RandomTlbi() {
    Tlbi t{static_cast<int>(rng_() % 11)};
    constexpr int kByAddress[] = {kNhVa, kNhVaa, kEl2Va, kS2Ipa};
    if (rng_() % 3) t.op = kByAddress[rng_() % 4];
    t.vmid = static_cast<int>(rng_() % 3);
    t.asid = static_cast<int>(rng_() % 3);
    t.va = t.op == kS2Ipa ? RandomVa() & 0x7FFF'FFFF'FFFF : RandomVa();
    t.range = rng_() & 1;
    t.num = rng_() % 32;
    t.scale = rng_() % 4 == 0 ? rng_() % 32 : rng_() % 10;
    return t;
  }
  void RandomSteps(int steps, size_t limit) {
    for (int i = 0; i < steps && !HasFailure(); ++i) {
      const unsigned what = rng_() % 16;
      if (what < 3 && live_.size() < limit) {
        const Space s = RandomSpace();
        int attr = static_cast<int>(rng_() & 0x3FF);
        if (rng_() % 4) attr |= 0x108;
        if (rng_() % 4) attr |= 0x200;
        if (s.regime == kS2) attr &= ~0x200;  // a leaf of stage 2 has no nG
        Fill(s, RandomAddress(s), rng_() % 4 == 0 ? 1 + static_cast<int>(rng_() % 2) : 3, attr);
      } else if (what == 3) {
        Invalidate(RandomTlbi());
      } else {
        const Space s = RandomSpace();
        Look(s, RandomAddress(s), rng_() & 1, rng_() & 1);
      }
    }
  }

  Vsmmu_tlb_tb top_;
  std::list<Entry> live_;
  bool exact_ = true;
  uint64_t looks_ = 0, hits_ = 0;
  std::mt19937_64 rng_{4242};
};

TEST_F(TlbTest, ExactWhileItFits) {
  for (bool e2h : {false, true}) {
    top_.e2h_i = e2h;
    RandomSteps(200000, kEntries);
    Invalidate({kNsnhAll});
    Invalidate({kEl2All});
  }
  EXPECT_TRUE(exact_);
  EXPECT_GT(hits_ * 20, looks_);
}

TEST_F(TlbTest, NeverStaleWhenItOverflows) {
  for (bool e2h : {false, true}) {
    top_.e2h_i = e2h;
    RandomSteps(200000, 200);
    Invalidate({kNsnhAll});
    Invalidate({kEl2All});
  }
  EXPECT_GT(hits_ * 20, looks_);
}

constexpr Space kOne{kS1, 0, 1};
constexpr int kPlain = 0x34F;  // nG, AF, unprivileged, all of stage 2

TEST_F(TlbTest, HoldsItsWholeCapacity) {
  for (uint64_t i = 0; i < kEntries; ++i) Fill(kOne, i << 12, 3, kPlain);
  for (uint64_t i = 0; i < kEntries; ++i) EXPECT_TRUE(Look(kOne, i << 12, false)) << i;
  Fill(kOne, kEntries << 12, 3, kPlain);
  EXPECT_TRUE(Look(kOne, kEntries << 12, false));
  int left = 0;
  for (uint64_t i = 0; i < kEntries; ++i) left += Look(kOne, i << 12, false);
  EXPECT_EQ(left, 31);
}

TEST_F(TlbTest, RangeEdges) {
  const Space s{kS12, 3, 7};
  for (uint64_t page = 100; page < 120; ++page) Fill(s, page << 12, 3, kPlain);
  Invalidate({kNhVa, 3, 7, uint64_t{104} << 12, true, 2, 1});  // (2 + 1) << 1 = 6 pages: 104..109
  for (uint64_t page = 100; page < 120; ++page) {
    EXPECT_EQ(Look(s, page << 12, false), page < 104 || page > 109) << page;
  }
  Invalidate({kNhVa, 3, 7, uint64_t{112} << 12, false, 31, 31});  // no range: NUM and SCALE mean nothing
  for (uint64_t page = 110; page < 120; ++page) EXPECT_EQ(Look(s, page << 12, false), page != 112) << page;
  Fill(s, 0xFFFFFFFFFFFFF000, 3, kPlain);
  Invalidate({kNhVa, 3, 7, 0xFFFFFFFFFFFFE000, true, 31, 31});  // runs over the end of the address space
  EXPECT_FALSE(Look(s, 0xFFFFFFFFFFFFF000, false));
  EXPECT_TRUE(Look(s, uint64_t{100} << 12, false));
  Invalidate({kNhAll, 2});
  EXPECT_TRUE(Look(s, uint64_t{100} << 12, false));
  Invalidate({kS2Ipa, 3, 0, 0x7000'0000});  // no combined entry of the VMID may stay
  EXPECT_FALSE(Look(s, uint64_t{100} << 12, false));
}

}  // namespace
