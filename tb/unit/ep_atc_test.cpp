// SPDX-License-Identifier: Apache-2.0
//
// ep_atc against a model that keeps the same entries: sizes, overlap, PASIDs, replacement, priorities.
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <cstdint>
#include <memory>
#include <random>

#include "Vep_atc_tb.h"

namespace {

constexpr uint64_t kPages = (1ull << 52) - 1;

struct Range {
  bool any = false;
  bool pasid_valid = false;
  uint32_t pasid = 0;
  uint64_t page = 0;
  uint64_t mask = 0;
};

bool Covers(const Range& held, const Range& key) {
  // Intervals compared by their ends: not the mask arithmetic of the design.
  const uint64_t a0 = held.page & ~held.mask & kPages, a1 = a0 + held.mask;
  const uint64_t b0 = key.page & ~key.mask & kPages, b1 = b0 + key.mask;
  if (a1 < b0 || b1 < a0) return false;
  if (key.any) return true;
  if (held.pasid_valid != key.pasid_valid) return false;
  return !key.pasid_valid || held.pasid == key.pasid;
}

class Model {
 public:
  struct Entry {
    bool valid = false;
    Range range;
    uint64_t pa = 0;
    unsigned rwu = 0;
  };

  unsigned Invalidate(const Range& key) {
    unsigned n = 0;
    for (auto& e : entries_) {
      if (e.valid && Covers(e.range, key)) {
        e.valid = false;
        ++n;
      }
    }
    return n;
  }
  void Insert(const Range& range, uint64_t pa, unsigned rwu) {
    int victim = -1;
    for (int i = 0; i < 8; ++i) {
      if (entries_[i].valid && Covers(entries_[i].range, range)) {
        entries_[i].valid = false;
        victim = i;
      }
    }
    if (victim < 0) {
      for (int i = 0; i < 8; ++i) {
        if (!entries_[i].valid) victim = i;
      }
    }
    if (victim < 0) {
      victim = next_;
      next_ = (next_ + 1) % 8;
    }
    entries_[victim] = Entry{true, range, pa, rwu};
  }
  const Entry* Lookup(const Range& key) const {
    const Entry* found = nullptr;
    for (const auto& e : entries_) {
      if (e.valid && Covers(e.range, key)) {
        EXPECT_EQ(found, nullptr) << "two entries overlap";
        found = &e;
      }
    }
    return found;
  }
  unsigned Count() const {
    unsigned n = 0;
    for (const auto& e : entries_) n += e.valid;
    return n;
  }
  void Flush() {
    for (auto& e : entries_) e.valid = false;
  }

 private:
  std::array<Entry, 8> entries_;
  int next_ = 0;
};

class EpAtc : public ::testing::Test {
 protected:
  EpAtc() : context_(std::make_unique<VerilatedContext>()), dut_(std::make_unique<Vep_atc_tb>(context_.get())) {
    dut_->rst_ni = 0;
    Edge();
    dut_->rst_ni = 1;
  }
  void Drive(const Range& r, uint64_t pa = 0, unsigned rwu = 0) {
    dut_->any_pasid_i = r.any;
    dut_->pasid_valid_i = r.pasid_valid;
    dut_->pasid_i = r.pasid;
    dut_->page_i = r.page;
    dut_->mask_i = r.mask;
    dut_->pa_i = pa;
    dut_->rwu_i = rwu;
  }
  void Edge() {
    dut_->clk_i = 0;
    dut_->eval();
    dut_->clk_i = 1;
    dut_->eval();
    dut_->clk_i = 0;
    dut_->eval();
  }
  void Idle() { dut_->inv_valid_i = dut_->ins_valid_i = dut_->lkp_valid_i = dut_->flush_i = 0; }
  void Insert(const Range& r, uint64_t pa, unsigned rwu = 6) {
    Idle();
    Drive(r, pa, rwu);
    dut_->ins_valid_i = 1;
    Edge();
    Idle();
  }
  unsigned Invalidate(const Range& r) {
    Idle();
    Drive(r);
    dut_->inv_valid_i = 1;
    dut_->eval();
    const unsigned n = dut_->inv_count_o;
    Edge();
    Idle();
    return n;
  }
  bool Hit(const Range& r) {
    Idle();
    Drive(r);
    dut_->lkp_valid_i = 1;
    dut_->eval();
    const bool hit = dut_->lkp_hit_o;
    Idle();
    dut_->eval();
    return hit;
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vep_atc_tb> dut_;
};

Range Page(uint64_t page, uint64_t mask = 0) {
  Range r;
  r.page = page;
  r.mask = mask;
  return r;
}

Range Pasid(uint64_t page, uint32_t pasid, uint64_t mask = 0) {
  Range r = Page(page, mask);
  r.pasid_valid = true;
  r.pasid = pasid;
  return r;
}

TEST_F(EpAtc, LargeEntryFallsToAPageInvalidation) {
  Insert(Page(0x200, 0x1ff), 0x1000);  // 2 MiB
  EXPECT_TRUE(Hit(Page(0x3ff)));
  EXPECT_FALSE(Hit(Page(0x400)));
  EXPECT_EQ(Invalidate(Page(0x400)), 0u);
  EXPECT_EQ(Invalidate(Page(0x2ab)), 1u);
  EXPECT_FALSE(Hit(Page(0x3ff)));
}

TEST_F(EpAtc, WholeSpace) {
  Insert(Page(1), 1);
  Insert(Page(kPages), 2);
  Insert(Pasid(7, 3), 3);
  Range all = Page(kPages >> 1, kPages);
  all.any = true;
  EXPECT_EQ(Invalidate(all), 3u);
  EXPECT_EQ(dut_->count_o, 0);
}

TEST_F(EpAtc, PasidRules) {
  Insert(Page(5), 1);
  Insert(Pasid(5, 1), 2);
  Insert(Pasid(5, 2), 3);
  EXPECT_TRUE(Hit(Pasid(5, 2)));
  EXPECT_FALSE(Hit(Pasid(5, 3)));
  EXPECT_EQ(Invalidate(Pasid(5, 1)), 1u);
  EXPECT_TRUE(Hit(Page(5)));
  Range any = Pasid(5, 9);
  any.any = true;  // Global Invalidate
  EXPECT_EQ(Invalidate(any), 2u);
}

TEST_F(EpAtc, InsertionReplacesWhatItOverlaps) {
  Insert(Page(0x10), 1);
  Insert(Page(0x11), 2);
  Insert(Page(0x10, 0xf), 0x40);
  EXPECT_EQ(dut_->count_o, 1);
  Insert(Page(0x12), 9);
  EXPECT_EQ(dut_->count_o, 1);
  EXPECT_FALSE(Hit(Page(0x11)));
  EXPECT_TRUE(Hit(Page(0x12)));
}

TEST_F(EpAtc, InvalidationGoesFirst) {
  Insert(Page(3), 1);
  Drive(Page(3), 7, 7);
  dut_->inv_valid_i = dut_->ins_valid_i = dut_->lkp_valid_i = 1;
  dut_->eval();
  EXPECT_FALSE(dut_->ins_ready_o);
  EXPECT_FALSE(dut_->lkp_ready_o);
  EXPECT_FALSE(dut_->lkp_hit_o);
  Edge();
  Idle();
  EXPECT_EQ(dut_->count_o, 0);
}

TEST_F(EpAtc, RandomAgainstModel) {
  std::mt19937_64 rng(20240611);
  Model model;
  auto range = [&](bool sized) {
    Range r;
    r.page = rng() % 64;
    if (rng() % 32 == 0) r.page |= (kPages ^ 63);
    r.mask = sized ? (1ull << (rng() % 5)) - 1 : 0;
    if (sized && rng() % 64 == 0) r.mask = kPages;
    r.pasid_valid = rng() % 2;
    r.pasid = r.pasid_valid ? rng() % 2 : 0;
    return r;
  };
  unsigned hits = 0, dropped = 0;
  for (int n = 0; n < 200000; ++n) {
    Idle();
    const unsigned op = rng() % 16;
    if (op < 2) {
      Range r = range(true);
      r.any = !r.pasid_valid || rng() % 4 == 0;
      Drive(r);
      dut_->inv_valid_i = 1;
      dut_->eval();
      const unsigned want = model.Invalidate(r);
      dropped += want;
      ASSERT_EQ(dut_->inv_count_o, want) << "step " << n;
      Edge();
    } else if (op < 7) {
      const Range r = range(true);
      const uint64_t pa = rng() & kPages;
      const unsigned rwu = rng() % 8;
      Drive(r, pa, rwu);
      dut_->ins_valid_i = 1;
      model.Insert(r, pa, rwu);
      Edge();
    } else if (op == 7 && rng() % 64 == 0) {
      dut_->flush_i = 1;
      model.Flush();
      Edge();
    } else {
      const Range r = range(false);
      Drive(r);
      dut_->lkp_valid_i = 1;
      dut_->eval();
      const Model::Entry* e = model.Lookup(r);
      ASSERT_EQ(dut_->lkp_hit_o, e != nullptr) << "step " << n;
      if (e != nullptr) {
        ++hits;
        ASSERT_EQ(dut_->lkp_pa_o, e->pa);
        ASSERT_EQ(dut_->lkp_mask_o, e->range.mask);
        ASSERT_EQ(dut_->lkp_rwu_o, e->rwu);
      }
      Edge();
    }
    Idle();
    dut_->eval();
    ASSERT_EQ(dut_->count_o, model.Count()) << "step " << n;
  }
  EXPECT_GT(hits, 10000u);
  EXPECT_GT(dropped, 5000u);
}

}  // namespace
