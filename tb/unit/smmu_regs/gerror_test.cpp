// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs: GERROR and GERRORN.

#include "regs_bench.h"

namespace regs {
namespace {

TEST_F(Regs, GerrorIsATogglePair) {
  EXPECT_EQ(Read64(kGerror), 0u);
  RaiseCmdError(1);
  EXPECT_TRUE(top.gerror_irq_o) << "with the toggle";
  EXPECT_TRUE(top.cmdq_err_o);
  Tick();
  EXPECT_FALSE(top.gerror_irq_o) << "a pulse";
  EXPECT_EQ(Read64(kGerror), 1u);
  Write32(kGerrorn, 1);
  EXPECT_EQ(Read64(kGerror), 0x00000001'00000001u);
  EXPECT_FALSE(top.cmdq_err_o);
  // The second error toggles back to 0, and is acknowledged by 0.
  RaiseCmdError(2);
  EXPECT_TRUE(top.cmdq_err_o);
  EXPECT_EQ(Read64(kGerror), 0x00000001'00000000u);
  Write32(kGerrorn, 1);  // not an acknowledge: the bit already is 1
  EXPECT_TRUE(top.cmdq_err_o);
  Write32(kGerrorn, 0);
  EXPECT_FALSE(top.cmdq_err_o);
}

TEST_F(Regs, GerrorWhileActiveDoesNotToggleBack) {
  Pulse(top.evtq_abort_i);
  EXPECT_TRUE(top.gerror_irq_o);
  Tick();
  Pulse(top.evtq_abort_i);
  EXPECT_FALSE(top.gerror_irq_o);
  EXPECT_EQ(Read64(kGerror), 4u);
}

TEST_F(Regs, GerrornCannotActivateAnError) {
  Write32(kGerrorn, 0x1FD);
  EXPECT_EQ(Read64(kGerror), 0u) << "toggles of inactive bits are dropped";
  Pulse(top.evtq_abort_i);
  Write32(kGerrorn, 0x1FD);
  EXPECT_EQ(Read64(kGerror), 0x00000004'00000004u) << "only the active one was stored";
}

TEST_F(Regs, GerrorInTheCycleOfItsAcknowledgeIsNotLost) {
  Pulse(top.evtq_abort_i);
  Tick();
  top.reg_awaddr_i = kGerrorn;
  top.reg_wdata_i = uint64_t{4} << 32;
  top.reg_wstrb_i = 0xF0;
  top.reg_awvalid_i = top.reg_wvalid_i = 1;
  Pulse(top.evtq_abort_i);
  top.reg_awvalid_i = top.reg_wvalid_i = 0;
  EXPECT_TRUE(top.gerror_irq_o);
  Tick();
  EXPECT_EQ(Read64(kGerror), 0x00000004'00000000u) << "active again";
}

TEST_F(Regs, MsiAborts) {
  top.msi_abort_i = 1;  // SYNC
  Tick();
  EXPECT_TRUE(top.gerror_irq_o);
  top.msi_abort_i = 4;  // EVENTQ
  Tick();
  EXPECT_TRUE(top.gerror_irq_o);
  top.msi_abort_i = 2;  // GERROR: no interrupt about its own MSI
  Tick();
  EXPECT_FALSE(top.gerror_irq_o);
  top.msi_abort_i = 0;
  Tick();
  EXPECT_EQ(Read64(kGerror), 0xB0u);
}

}  // namespace
}  // namespace regs
