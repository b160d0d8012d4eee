// SPDX-License-Identifier: Apache-2.0
//
// arb_rr against "the first request after the last one that advanced", for 1, 2, 5 and 8 requests.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>

#include "Varb_rr_tb.h"

namespace {

class ArbRr : public testing::TestWithParam<int> {
 protected:
  ArbRr() {
    top_.sel_i = GetParam();
    top_.clk_i = 0;
    top_.rst_ni = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.rst_ni = 1;
    n_ = top_.n_o;
    last_ = n_ - 1;
  }

  // One cycle; returns the granted request or -1.
  int Cycle(unsigned req, bool advance) {
    req &= (1u << n_) - 1;
    top_.clk_i = 0;
    top_.req_i = req;
    top_.advance_i = advance;
    top_.eval();
    int expect = -1;
    for (int k = 1; k <= n_ && expect < 0; ++k)
      if ((req >> ((last_ + k) % n_)) & 1) expect = (last_ + k) % n_;
    EXPECT_EQ(top_.valid_o, expect >= 0);
    EXPECT_EQ(top_.grant_o, expect >= 0 ? 1u << expect : 0u);
    if (expect >= 0) EXPECT_EQ(top_.index_o, static_cast<unsigned>(expect));
    if (advance && expect >= 0) last_ = expect;
    top_.clk_i = 1;
    top_.eval();
    return expect;
  }

  Varb_rr_tb top_;
  int n_ = 0;
  int last_ = 0;
};

TEST_P(ArbRr, RandomAgainstModel) {
  std::mt19937 rng(23);
  for (int i = 0; i < 5000; ++i) {
    Cycle(rng() % 3 ? rng() : rng() & rng(), rng() % 4 != 0);
    if (HasFailure()) FAIL() << "cycle " << i;
  }
}

// A request that stays up is granted within N advances, whatever the others do.
TEST_P(ArbRr, NoStarvation) {
  std::mt19937 rng(29);
  std::array<int, 8> waited = {};
  for (int i = 0; i < 5000; ++i) {
    const bool advance = rng() % 2;
    const int granted = Cycle(0xff, advance);
    if (!advance) continue;
    for (int r = 0; r < n_; ++r) {
      waited[r] = r == granted ? 0 : waited[r] + 1;
      ASSERT_LT(waited[r], n_);
    }
  }
}

TEST_P(ArbRr, GrantDoesNotMoveWithoutAdvance) {
  const int first = Cycle(0xff, false);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Cycle(0xff, false), first);
}

INSTANTIATE_TEST_SUITE_P(N, ArbRr, testing::Range(0, 4));

}  // namespace
