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

struct Entry {
  bool el2;
  int asid;
  uint64_t first;  // byte addresses, sign-extended VA
  uint64_t last;
  uint64_t ppn;
  int level;
  int attr;

  bool Global() const { return !(attr & 0x20); }
  bool Af() const { return attr & 0x10; }
};

struct Tlbi {
  int op;
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

  void Fill(bool el2, int asid, uint64_t va, int level, int attr) {
    const uint64_t size = uint64_t{4096} << (9 * (3 - level));
    Entry e{el2, asid, va & ~(size - 1), va | (size - 1), 0, level, attr};
    e.ppn = (rng_() & 0xF'FFFF'FFFF) & ~((size >> 12) - 1);
    live_.remove_if([&](const Entry& o) {
      return o.el2 == el2 && o.first <= e.last && o.last >= e.first &&
             (o.Global() || e.Global() || o.asid == e.asid);
    });
    live_.push_back(e);
    if (live_.size() > kEntries) exact_ = false;
    top_.fill_i = 1;
    top_.fill_el2_i = el2;
    top_.fill_asid_i = asid;
    top_.fill_va_i = va;
    top_.fill_ppn_i = e.ppn;
    top_.fill_level_i = level;
    top_.fill_attr_i = attr;
    Cycle();
  }

  void Invalidate(const Tlbi& t) {
    const bool e2h = top_.e2h_i;
    live_.remove_if([&](const Entry& e) {
      const bool el2_op = t.op >= kEl2All && t.op <= kEl2Vaa;
      if (t.op == kS2Ipa) return false;
      if (e.el2 != el2_op) return false;
      const bool by_va = t.op == kNhVa || t.op == kNhVaa || t.op == kEl2Va || t.op == kEl2Vaa;
      const bool asid_op = t.op == kNhAsid || (t.op == kEl2Asid && e2h);
      const bool asid_va = t.op == kNhVa || (t.op == kEl2Va && e2h);
      if (asid_op && (e.Global() || e.asid != t.asid)) return false;
      if (asid_va && !e.Global() && e.asid != t.asid) return false;
      if (!by_va) return true;
      const uint64_t base = t.va & ~uint64_t{0xFFF};
      const unsigned __int128 end =
          static_cast<unsigned __int128>(base) + (t.range ? uint64_t{t.num + 1} << t.scale : 1) * 4096 - 1;
      return e.first <= end && e.last >= base;
    });
    top_.inv_valid_i = 1;
    top_.inv_op_i = t.op;
    top_.inv_asid_i = t.asid;
    top_.inv_page_i = t.va >> 12;
    top_.inv_range_i = t.range;
    top_.inv_num_i = t.num;
    top_.inv_scale_i = t.scale;
    Cycle();
    if (live_.empty()) exact_ = true;
  }

  // Returns hit.
  bool Look(bool el2, int asid, uint64_t va, bool affd) {
    const Entry* want = nullptr;
    for (const Entry& e : live_) {
      if (e.el2 == el2 && va >= e.first && va <= e.last && (e.Global() || e.asid == asid)) want = &e;
    }
    if (want && !want->Af() && !affd) want = nullptr;
    top_.lookup_valid_i = 1;
    top_.lookup_el2_i = el2;
    top_.lookup_asid_i = asid;
    top_.lookup_va_i = va;
    top_.lookup_affd_i = affd;
    top_.eval();
    if (exact_) {
      EXPECT_EQ(top_.hit_o, want != nullptr) << std::hex << va;
    }
    if (top_.hit_o) {
      EXPECT_NE(want, nullptr) << "stale or wrong entry for " << std::hex << va;
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
  Tlbi RandomTlbi() {
    Tlbi t{static_cast<int>(rng_() % 11)};
    if (rng_() % 3) t.op = (rng_() & 1) ? kNhVa : kEl2Va;
    t.asid = static_cast<int>(rng_() % 3);
    t.va = RandomVa();
    t.range = rng_() & 1;
    t.num = rng_() % 32;
    t.scale = rng_() % 4 == 0 ? rng_() % 32 : rng_() % 10;
    return t;
  }
  void RandomSteps(int steps, size_t limit) {
    for (int i = 0; i < steps && !HasFailure(); ++i) {
      const unsigned what = rng_() % 16;
      if (what < 3 && live_.size() < limit) {
        Fill(rng_() & 1, static_cast<int>(rng_() % 3), RandomVa(), rng_() % 4 == 0 ? 1 + rng_() % 2 : 3,
             static_cast<int>(rng_() % 64) | (rng_() % 4 ? 0x20 : 0) | (rng_() % 4 ? 0x10 : 0));
      } else if (what == 3) {
        Invalidate(RandomTlbi());
      } else {
        Look(rng_() & 1, static_cast<int>(rng_() % 3), RandomVa(), rng_() & 1);
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

TEST_F(TlbTest, HoldsItsWholeCapacity) {
  for (uint64_t i = 0; i < kEntries; ++i) Fill(false, 1, i << 12, 3, 0x34);
  for (uint64_t i = 0; i < kEntries; ++i) EXPECT_TRUE(Look(false, 1, i << 12, false)) << i;
  Fill(false, 1, kEntries << 12, 3, 0x34);
  EXPECT_TRUE(Look(false, 1, kEntries << 12, false));
  int left = 0;
  for (uint64_t i = 0; i < kEntries; ++i) left += Look(false, 1, i << 12, false);
  EXPECT_EQ(left, 31);
}

TEST_F(TlbTest, RangeEdges) {
  for (uint64_t page = 100; page < 120; ++page) Fill(false, 7, page << 12, 3, 0x34);
  Invalidate({kNhVa, 7, uint64_t{104} << 12, true, 2, 1});  // (2 + 1) << 1 = 6 pages: 104..109
  for (uint64_t page = 100; page < 120; ++page) {
    EXPECT_EQ(Look(false, 7, page << 12, false), page < 104 || page > 109) << page;
  }
  Invalidate({kNhVa, 7, uint64_t{112} << 12, false, 31, 31});  // no range: NUM and SCALE mean nothing
  for (uint64_t page = 110; page < 120; ++page) EXPECT_EQ(Look(false, 7, page << 12, false), page != 112) << page;
  Fill(false, 7, 0xFFFFFFFFFFFFF000, 3, 0x34);
  Invalidate({kNhVa, 7, 0xFFFFFFFFFFFFE000, true, 31, 31});    // runs over the end of the address space
  EXPECT_FALSE(Look(false, 7, 0xFFFFFFFFFFFFF000, false));
  EXPECT_TRUE(Look(false, 7, uint64_t{100} << 12, false));
}

}  // namespace
