// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs: update and acknowledge: CR0, CR1, CR2, GBPA, IRQ_CTRL, and what they guard.

#include "regs_bench.h"

namespace regs {
namespace {

TEST_F(Regs, Cr0AcknowledgesWhatIsImplemented) {
  Write32(kCr0, 0xFFFFFFFF);
  EXPECT_EQ(Read32(kCr0), kSmmuEn | kPriqEn | kEventqEn | kCmdqEn | kAtsChk) << "VMW is RES0";
  EXPECT_EQ(Read32(kCr0Ack), kSmmuEn | kPriqEn | kEventqEn | kCmdqEn | kAtsChk);
  EXPECT_TRUE(top.smmuen_o && top.atschk_o && top.cmdq_enable_o && top.evtq_enable_o);
}

TEST_F(Regs, CmdqDisableWaitsForTheCommandInProgress) {
  Write32(kCr0, kCmdqEn);
  top.cmdq_idle_i = 0;
  Write32(kCr0, 0);
  EXPECT_FALSE(top.cmdq_enable_o) << "off at once";
  Ticks(20);
  EXPECT_EQ(Read64(kCr0), uint64_t{kCmdqEn} << 32) << "CR0 reads back, CR0ACK waits";
  // A field in transition ignores writes; another one does not.
  Write32(kCr0, kCmdqEn | kEventqEn);
  EXPECT_EQ(Read32(kCr0), kEventqEn);
  EXPECT_EQ(Read32(kCr0Ack), kCmdqEn | kEventqEn);
  // Still guarded.
  Write64(kCmdqBase, 0x80000005);
  Write32(kCmdqCons, 3);
  EXPECT_EQ(Read64(kCmdqBase), 0u);
  EXPECT_EQ(Read32(kCmdqCons), 0u);
  top.cmdq_idle_i = 1;
  Tick();
  EXPECT_EQ(Read32(kCr0Ack), kEventqEn);
  Write64(kCmdqBase, 0x80000005);
  EXPECT_EQ(Read64(kCmdqBase), 0x80000005u);
}

TEST_F(Regs, SmmuenOffWaitsForADrain) {
  Write32(kCr0, kSmmuEn);
  EXPECT_FALSE(top.drain_req_o);
  Write32(kCr0, 0);
  EXPECT_FALSE(top.smmuen_o);
  Ticks(10);
  EXPECT_TRUE(top.drain_req_o);
  EXPECT_EQ(Read32(kCr0Ack), kSmmuEn);
  Write64(kStrtabBase, 0x1000);
  EXPECT_EQ(Read64(kStrtabBase), 0u) << "the acknowledge still guards it";
  Pulse(top.drain_done_i);
  EXPECT_FALSE(top.drain_req_o);
  EXPECT_EQ(Read32(kCr0Ack), 0u);
  Write64(kStrtabBase, 0x1000);
  EXPECT_EQ(Read64(kStrtabBase), 0x1000u);
}

TEST_F(Regs, EventqDisableWaitsForTheWriteUnderWay) {
  Write32(kCr0, kEventqEn);
  top.evtq_idle_i = 0;
  Write32(kCr0, 0);
  Ticks(5);
  EXPECT_EQ(Read32(kCr0Ack), kEventqEn);
  EXPECT_FALSE(top.evtq_enable_o);
  top.evtq_idle_i = 1;
  Tick();
  EXPECT_EQ(Read32(kCr0Ack), 0u);
}

TEST_F(Regs, Cr1AndCr2Guards) {
  Write32(kCr1, 0xFFFFFFFF);
  Write32(kCr2, 0xFFFFFFFF);
  EXPECT_EQ(Read32(kCr1), 0xFFFu);
  EXPECT_EQ(Read32(kCr2), 0xFu);
  EXPECT_TRUE(top.recinvsid_o);
  Write32(kCr0, kCmdqEn);
  Write32(kCr1, 0);
  EXPECT_EQ(Read32(kCr1), 0x03Fu) << "a queue is on: only the table fields can be written";
  Write32(kCr0, kSmmuEn);
  Write32(kCr1, 0xFC0);
  EXPECT_EQ(Read32(kCr1), 0x000u) << "translation is on: only the queue fields";
  Write32(kCr2, 0);
  EXPECT_EQ(Read32(kCr2), 0xFu);
}

TEST_F(Regs, GbpaUpdate) {
  EXPECT_EQ(Read32(kGbpa), 0x1000u);
  Write32(kGbpa, 0x00100000);
  EXPECT_EQ(Read32(kGbpa), 0x1000u) << "no effect without Update";
  EXPECT_FALSE(top.gbpa_abort_o);
  top.reg_awaddr_i = kGbpa;
  top.reg_awvalid_i = top.reg_wvalid_i = 1;
  top.reg_wdata_i = uint64_t{0x80100000} << 32;
  top.reg_wstrb_i = 0xF0;
  Tick();
  top.reg_awvalid_i = top.reg_wvalid_i = 0;
  top.eval();
  EXPECT_FALSE(top.quiet_o) << "an update is under way";
  EXPECT_FALSE(top.gbpa_abort_o);
  Tick();
  EXPECT_TRUE(top.gbpa_abort_o);
  EXPECT_EQ(Read32(kGbpa), 0x00100000u) << "Update reads 0 when it is done";
}

TEST_F(Regs, IrqConfigIsGuardedByItsEnable) {
  Write64(kGerrorCfg0, ~uint64_t{0});
  EXPECT_EQ(Read64(kGerrorCfg0), 0x00FFFFFF'FFFFFFFCu);
  Write64(kGerrorCfg0, 0x08000040);
  Write32(kGerrorCfg1, 7);
  EXPECT_EQ(top.gerror_msi_addr_o, 0x08000040u);
  EXPECT_EQ(top.gerror_msi_data_o, 7u);
  Write32(kIrqCtrl, 7);
  EXPECT_EQ(Read32(kIrqCtrl), 7u);
  EXPECT_EQ(Read32(kIrqCtrlAck), 7u);
  EXPECT_EQ(top.irq_on_o, 15);
  Write64(kGerrorCfg0, 0);
  Write32(kGerrorCfg1, 0);
  Write64(kEvtqCfg0, 0x1000);
  EXPECT_EQ(Read64(kGerrorCfg0), 0x08000040u);
  EXPECT_EQ(Read32(kGerrorCfg1), 7u);
  EXPECT_EQ(Read64(kEvtqCfg0), 0u);
  // Off: the acknowledge waits for an MSI on its way, the guard for the acknowledge.
  top.irq_busy_i = 2;
  Write32(kIrqCtrl, 4);
  EXPECT_EQ(top.irq_on_o, 5);
  EXPECT_EQ(Read32(kIrqCtrlAck), 5u);
  Write64(kGerrorCfg0, 0);
  EXPECT_EQ(Read64(kGerrorCfg0), 0x08000040u);
  top.irq_busy_i = 0;
  Tick();
  EXPECT_EQ(Read32(kIrqCtrlAck), 4u);
  Write64(kGerrorCfg0, 0);
  EXPECT_EQ(Read64(kGerrorCfg0), 0u);
}

}  // namespace
}  // namespace regs
