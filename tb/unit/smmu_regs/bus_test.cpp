// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs: the AXI4-Lite port: sizes, orders, holding, what is not implemented, quiet.

#include <random>

#include "regs_bench.h"

namespace regs {
namespace {

TEST_F(Regs, UnimplementedSpaceReadsZeroAndIgnoresWrites) {
  for (uint32_t addr : {0x30u, 0x58u, 0xA8u, 0xC8u, 0x100u, 0x4000u, 0x8000u, 0x1FFF8u, 0xED0u}) {
    Write64(addr, ~uint64_t{0});
    EXPECT_EQ(Read64(addr), 0u) << std::hex << addr;
  }
}

TEST_F(Regs, AccessSizes) {
  Write64(kCmdqBase, 0x40001234'56789AA5);
  EXPECT_EQ(Read64(kCmdqBase), 0x40001234'56789AA5u);
  Write32(kCmdqBase, 0x11111120);  // low half only
  EXPECT_EQ(Read64(kCmdqBase), 0x40001234'11111120u);
  Write32(kCmdqBase + 4, 0x00222222);  // high half only
  EXPECT_EQ(Read64(kCmdqBase), 0x00222222'11111120u);
  // One 64-bit write to a lane of two 32-bit registers writes both.
  Write64(kGerrorCfg1, 0x00000035'CAFEF00D);
  EXPECT_EQ(Read32(kGerrorCfg1), 0xCAFEF00Du);
  EXPECT_EQ(Read32(kGerrorCfg2), 0x35u);
  // A half with only some of its bytes is not an access of any register.
  WriteLane(kGerrorCfg1, ~uint64_t{0}, 0x3F);
  EXPECT_EQ(Read32(kGerrorCfg1), 0xFFFFFFFFu);
  EXPECT_EQ(Read32(kGerrorCfg2), 0x35u);
}

TEST_F(Regs, AddressAndDataInAnyOrder) {
  std::mt19937 rng(3);
  for (int i = 0; i < 500; ++i) {
    const uint32_t value = rng();
    const int aw_delay = rng() % 4, w_delay = rng() % 4, b_delay = rng() % 4;
    bool aw = false, w = false;
    top.reg_bready_i = 0;
    for (int t = 0; !(aw && w); ++t) {
      ASSERT_LT(t, 20);
      top.reg_awaddr_i = kCmdqProd;
      top.reg_awvalid_i = !aw && t >= aw_delay;
      top.reg_wdata_i = value;
      top.reg_wstrb_i = 0x0F;
      top.reg_wvalid_i = !w && t >= w_delay;
      top.eval();
      const bool aw_take = top.reg_awvalid_i && top.reg_awready_o;
      const bool w_take = top.reg_wvalid_i && top.reg_wready_o;
      Tick();
      aw |= aw_take;
      w |= w_take;
    }
    top.reg_awvalid_i = 0;
    top.reg_wvalid_i = 0;
    for (int t = 0; t < b_delay; ++t) {
      EXPECT_TRUE(top.reg_bvalid_o);
      Tick();
    }
    top.reg_bready_i = 1;
    top.eval();
    EXPECT_TRUE(top.reg_bvalid_o);
    Tick();
    EXPECT_FALSE(top.reg_bvalid_o);
    EXPECT_EQ(top.cmdq_prod_o, value & 0xFFFFF);
  }
}

TEST_F(Regs, ReadDataIsHeld) {
  Write32(kCmdqProd, 0x55);
  top.reg_rready_i = 0;
  top.reg_araddr_i = kCmdqProd;
  top.reg_arvalid_i = 1;
  Tick();
  top.reg_arvalid_i = 0;
  for (int i = 0; i < 5; ++i) {
    Pulse(top.cmd_consume_i);
    EXPECT_TRUE(top.reg_rvalid_o);
    EXPECT_FALSE(top.reg_arready_o);
    EXPECT_EQ(top.reg_rdata_o, 0x55u) << "the value of the cycle of AR";
  }
  top.reg_rready_i = 1;
  Tick();
  EXPECT_FALSE(top.reg_rvalid_o);
}

TEST_F(Regs, QuietWhenNothingHappens) {
  Ticks(3);
  EXPECT_TRUE(top.quiet_o);
  // A disable that waits is quiet; its acknowledge is not.
  Write32(kCr0, kCmdqEn);
  top.cmdq_idle_i = 0;
  Write32(kCr0, 0);
  Ticks(3);
  EXPECT_TRUE(top.quiet_o);
  top.cmdq_idle_i = 1;
  top.eval();
  EXPECT_FALSE(top.quiet_o);
  Tick();
  EXPECT_TRUE(top.quiet_o);
  RaiseCmdError(1);
  EXPECT_FALSE(top.quiet_o) << "the interrupt pulse is still to fall";
  Tick();
  EXPECT_TRUE(top.quiet_o);
}

}  // namespace
}  // namespace regs
