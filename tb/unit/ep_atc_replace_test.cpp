// SPDX-License-Identifier: Apache-2.0
//
// ep_atc_replace: what each policy evicts.
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "Vep_atc_replace_tb.h"

namespace {

class EpAtcReplace : public ::testing::Test {
 protected:
  EpAtcReplace() : context_(std::make_unique<VerilatedContext>()), dut_(std::make_unique<Vep_atc_replace_tb>(context_.get())) {
    dut_->rst_ni = 0;
    Edge();
    dut_->rst_ni = 1;
    Edge();
  }
  void Edge() {
    dut_->clk_i = 0;
    dut_->eval();
    dut_->clk_i = 1;
    dut_->eval();
    dut_->use_i = dut_->evict_i = 0;
    dut_->eval();
  }
  void Use(unsigned way) {
    dut_->use_i = 1;
    dut_->way_i = way;
    Edge();
  }
  void Evict() {
    dut_->evict_i = 1;
    Edge();
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vep_atc_replace_tb> dut_;
};

TEST_F(EpAtcReplace, RoundRobinAndPlruEvictEachWayOnce) {
  std::mt19937 rng(5);
  for (unsigned round = 0; round < 20; ++round) {
    std::set<unsigned> rr, plru;
    for (unsigned n = 0; n < 8; ++n) {
      rr.insert(dut_->rr_o);
      plru.insert(dut_->plru_o);
      Evict();
    }
    EXPECT_EQ(rr.size(), 8u);
    EXPECT_EQ(plru.size(), 8u);
    for (unsigned n = rng() % 5; n > 0; --n) Use(rng() % 8);
  }
}

TEST_F(EpAtcReplace, SetsAreApart) {
  for (unsigned n = 0; n < 3; ++n) Evict();
  EXPECT_EQ(dut_->rr_o, 3u);
  const unsigned plru = dut_->plru_o;
  dut_->set_i = 1;
  dut_->eval();
  EXPECT_EQ(dut_->rr_o, 0u);
  Use(dut_->plru_o);
  Use(dut_->plru_o);
  dut_->set_i = 0;
  dut_->eval();
  EXPECT_EQ(dut_->plru_o, plru);
  EXPECT_EQ(dut_->rr_o, 3u);
}

// The bits of the tree, kept as the halves used last.
TEST_F(EpAtcReplace, PlruIsTheTree) {
  std::mt19937 rng(6);
  std::array<unsigned, 8> tree{};
  for (unsigned n = 0; n < 2000; ++n) {
    const unsigned way = rng() % 8;
    Use(way);
    tree[1] = way < 4;
    tree[2 + way / 4] = way % 4 < 2;
    tree[4 + way / 2] = way % 2 == 0;
    const unsigned half = tree[1], quarter = tree[2 + half];
    const unsigned want = half * 4 + quarter * 2 + tree[4 + half * 2 + quarter];
    ASSERT_EQ(dut_->plru_o, want) << n;
    ASSERT_NE(dut_->plru_o, way);
  }
}

TEST_F(EpAtcReplace, RandomIsSpreadAndWaits) {
  std::array<unsigned, 8> count{};
  std::vector<unsigned> first;
  for (unsigned n = 0; n < 8000; ++n) {
    ++count[dut_->random_o];
    const unsigned before = dut_->random_o;
    Use(n % 8);
    ASSERT_EQ(dut_->random_o, before);
    Evict();
  }
  for (unsigned c : count) {
    EXPECT_GT(c, 700u);
    EXPECT_LT(c, 1300u);
  }
  EXPECT_EQ(dut_->one_o, 0);
}

}  // namespace
