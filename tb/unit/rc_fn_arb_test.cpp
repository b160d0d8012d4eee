// SPDX-License-Identifier: Apache-2.0
//
// Requests of functions that share a port: none lost, none twice, in order of each function, in turns.
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <random>

#include "Vrc_fn_arb_tb.h"

namespace {

constexpr unsigned kFn = 3, kPorts = 2;

class Arb {
 public:
  Arb() {
    dut.rst_ni = 0;
    Clock();
    dut.rst_ni = 1;
  }
  void Clock() {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
  }
  VerilatedContext context;
  Vrc_fn_arb_tb dut{&context};
};

TEST(RcFnArb, InTurnsAndInOrder) {
  Arb a;
  std::mt19937 rng(7);
  std::array<unsigned, kFn * kPorts> next{}, waited{};
  std::array<unsigned, kFn * kPorts> taken{};
  unsigned valid = 0;
  for (unsigned cycle = 0; cycle < 20000; ++cycle) {
    valid |= rng() & rng() & 0x3f;                       // held until taken
    a.dut.fn_valid_i = static_cast<uint8_t>(valid);
    a.dut.port_ready_i = static_cast<uint8_t>(rng() & 3);
    uint32_t itags = 0;
    for (unsigned f = 0; f < kFn * kPorts; ++f) itags |= (next[f] & 31) << 5 * f;
    a.dut.fn_itag_i = itags;
    a.dut.eval();
    for (unsigned p = 0; p < kPorts; ++p) {
      const unsigned mine = valid >> p * kFn & 7, ready = a.dut.fn_ready_o >> p * kFn & 7;
      ASSERT_EQ(a.dut.port_valid_o >> p & 1, mine != 0);
      const bool fire = mine != 0 && (a.dut.port_ready_i >> p & 1);
      ASSERT_EQ(__builtin_popcount(ready & mine), fire ? 1 : 0) << cycle;
      for (unsigned k = 0; k < kFn; ++k) {
        const unsigned f = p * kFn + k;
        if (ready & mine & 1u << k) {
          ASSERT_EQ(a.dut.port_itag_o >> 5 * p & 31, next[f] & 31);
          ASSERT_EQ(a.dut.port_rid_o >> 16 * p & 0xffff, f);
          ++next[f];
          ++taken[f];
          waited[f] = 0;
          valid &= ~(1u << f);
        } else if (fire && (mine >> k & 1)) {
          ASSERT_LT(++waited[f], kFn) << "function " << f << " is passed over";
        }
      }
    }
    a.Clock();
  }
  for (unsigned n : taken) EXPECT_GT(n, 1000u);
}

// One that waits for its port holds up neither the other port nor, when it goes, the order of turns.
TEST(RcFnArb, APortThatIsNotReady) {
  Arb a;
  a.dut.fn_valid_i = 0x3f;
  a.dut.port_ready_i = 2;
  for (unsigned cycle = 0; cycle < 12; ++cycle) {
    a.dut.eval();
    EXPECT_EQ(a.dut.fn_ready_o & 7, 0);
    EXPECT_EQ(a.dut.port_rid_o >> 16, 3 + cycle % 3);
    a.Clock();
  }
}

}  // namespace
