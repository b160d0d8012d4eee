// SPDX-License-Identifier: Apache-2.0
//
// Drives an ep_atc_tb of any shape, and compares random operations with the reference.
#ifndef ATCBENCH_TB_EP_ATC_BENCH_H
#define ATCBENCH_TB_EP_ATC_BENCH_H

#include <gtest/gtest.h>
#include <verilated.h>

#include <cstdint>
#include <memory>
#include <random>

#include "ep_atc_ref.h"

namespace atcbench::tb {

inline AtcRange Page(uint64_t page, uint64_t mask = 0) {
  AtcRange r;
  r.page = page;
  r.mask = mask;
  return r;
}
inline AtcRange Pasid(uint64_t page, uint32_t pasid, uint64_t mask = 0) {
  AtcRange r = Page(page, mask);
  r.pasid_valid = true;
  r.pasid = pasid;
  return r;
}
inline AtcRange Any(AtcRange r) {
  r.any = true;
  return r;
}

template <class Dut>
class AtcBench : public ::testing::Test {
 protected:
  AtcBench() : context_(std::make_unique<VerilatedContext>()), dut_(std::make_unique<Dut>(context_.get())) { Reset(); }
  void Reset() {
    dut_->rst_ni = 0;
    Edge();
    dut_->rst_ni = 1;
  }
  void Drive(const AtcRange& r, uint64_t pa = 0, unsigned rwxu = 0) {
    dut_->any_pasid_i = r.any;
    dut_->pasid_valid_i = r.pasid_valid;
    dut_->glob_i = r.glob;
    dut_->priv_i = r.priv;
    dut_->pasid_i = r.pasid;
    dut_->page_i = r.page;
    dut_->mask_i = r.mask;
    dut_->pa_i = pa;
    dut_->rwxu_i = rwxu;
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
  void Insert(const AtcRange& r, uint64_t pa, unsigned rwxu = 12) {
    Idle();
    Drive(r, pa, rwxu);
    dut_->ins_valid_i = 1;
    Edge();
    Idle();
  }
  // Number of entries dropped; `cycles` is how long the search took.
  unsigned Invalidate(const AtcRange& r, unsigned* cycles = nullptr) {
    Idle();
    Drive(r);
    dut_->inv_valid_i = 1;
    unsigned n = 0, took = 0;
    for (bool done = false; !done && took < 1000; ++took) {
      dut_->eval();
      EXPECT_EQ(dut_->inv_first_o, took == 0);
      done = dut_->inv_ready_o;
      n = dut_->inv_count_o;
      Edge();
    }
    if (cycles) *cycles = took;
    Idle();
    dut_->eval();
    return n;
  }
  bool Hit(const AtcRange& r) {
    Idle();
    Drive(r);
    dut_->lkp_valid_i = 1;
    dut_->eval();
    const bool hit = dut_->lkp_hit_o;
    Idle();
    dut_->eval();
    return hit;
  }

  // Ranges are multiples of 2^stu pages.
  void Random(AtcRef* model, unsigned seed, unsigned operations, unsigned stu, unsigned span) {
    std::mt19937_64 rng(seed);
    dut_->stu_i = stu;
    const uint64_t least = (1ull << stu) - 1;
    auto range = [&](bool sized) {
      AtcRange r;
      r.page = rng() % span;
      if (rng() % 32 == 0) r.page |= kPages ^ (span - 1);
      r.mask = sized ? (1ull << (stu + rng() % 5)) - 1 : 0;
      if (sized && rng() % 64 == 0) r.mask = kPages;
      r.pasid_valid = rng() % 2;
      r.pasid = r.pasid_valid ? rng() % 2 : 0;
      r.priv = r.pasid_valid && rng() % 4 == 0;
      return r;
    };
    unsigned hits = 0, dropped = 0;
    for (unsigned n = 0; n < operations; ++n) {
      Idle();
      const unsigned op = rng() % 16;
      if (op < 2) {
        AtcRange r = range(true);
        r.mask = rng() % 3 ? r.mask : 0;  // smaller than the STU as well
        r.any = !r.pasid_valid || rng() % 4 == 0;
        r.priv = false;
        const unsigned want = model->Invalidate(r);
        dropped += want;
        ASSERT_EQ(Invalidate(r), want) << "step " << n;
      } else if (op < 7) {
        AtcRange r = range(true);
        if (rng() % 2) r.mask = least;
        r.glob = r.pasid_valid && rng() % 8 == 0;
        const uint64_t pa = rng() & kPages;
        const unsigned rwxu = rng() % 16;
        Insert(r, pa, rwxu);
        model->Insert(r, pa, rwxu);
      } else if (op == 7 && rng() % 64 == 0) {
        dut_->flush_i = 1;
        model->Flush();
        Edge();
      } else {
        const AtcRange r = range(false);
        Drive(r);
        dut_->lkp_valid_i = 1;
        dut_->eval();
        const AtcRef::Entry* e = model->Lookup(r);
        ASSERT_EQ(dut_->lkp_hit_o, e != nullptr) << "step " << n;
        if (e != nullptr) {
          ++hits;
          ASSERT_EQ(dut_->lkp_pa_o, e->pa);
          ASSERT_EQ(dut_->lkp_mask_o, e->range.mask);
          ASSERT_EQ(dut_->lkp_rwxu_o, e->rwxu);
        }
        Edge();
      }
      Idle();
      dut_->eval();
      ASSERT_EQ(dut_->count_o, model->Count()) << "step " << n;
    }
    EXPECT_GT(hits, operations / 20);
    EXPECT_GT(dropped, operations / 40);
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Dut> dut_;
};

}  // namespace atcbench::tb

#endif  // ATCBENCH_TB_EP_ATC_BENCH_H
