// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs through its AXI4-Lite port: identification, access sizes, guards, update/acknowledge
// pairs, GERROR toggles, queue registers, the IMPLEMENTATION DEFINED block. Offsets and bits are
// written from the fact sheet.

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "Vsmmu_regs_tb.h"

namespace {

constexpr uint32_t kIdr0 = 0x0, kIdr1 = 0x4, kIdr3 = 0xC, kIdr5 = 0x14, kAidr = 0x1C;
constexpr uint32_t kCr0 = 0x20, kCr0Ack = 0x24, kCr1 = 0x28, kCr2 = 0x2C, kGbpa = 0x44;
constexpr uint32_t kIrqCtrl = 0x50, kIrqCtrlAck = 0x54, kGerror = 0x60, kGerrorn = 0x64;
constexpr uint32_t kGerrorCfg0 = 0x68, kGerrorCfg1 = 0x70, kGerrorCfg2 = 0x74;
constexpr uint32_t kStrtabBase = 0x80, kStrtabCfg = 0x88;
constexpr uint32_t kCmdqBase = 0x90, kCmdqProd = 0x98, kCmdqCons = 0x9C;
constexpr uint32_t kEvtqBase = 0xA0, kEvtqCfg0 = 0xB0, kEvtqProd = 0x100A8, kEvtqCons = 0x100AC;
constexpr uint32_t kAtcTimeout = 0xE00, kQuarInterval = 0xE08, kInvLimit = 0xE20,
                   kQuarRelease = 0xE60;
constexpr uint32_t kQuarBusy = 0xE70, kStray = 0xEB0;
constexpr uint32_t kSmmuEn = 1, kPriqEn = 2, kEventqEn = 4, kCmdqEn = 8, kAtsChk = 16;

class Regs : public ::testing::Test {
 protected:
  Regs() {
    top.rst_ni = 0;
    Tick();
    top.rst_ni = 1;
    top.reg_bready_i = 1;
    top.reg_rready_i = 1;
    top.cmdq_idle_i = 1;
    top.evtq_idle_i = 1;
    top.priq_idle_i = 1;
    top.eval();
  }
  void Tick() {
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
    ++now;
  }
  void Ticks(int n) {
    for (int i = 0; i < n; ++i) Tick();
  }
  void WriteLane(uint32_t addr, uint64_t data, uint8_t strobes) {
    top.reg_awaddr_i = addr;
    top.reg_awvalid_i = 1;
    top.reg_wdata_i = data;
    top.reg_wstrb_i = strobes;
    top.reg_wvalid_i = 1;
    top.eval();
    ASSERT_TRUE(top.reg_awready_o && top.reg_wready_o);
    Tick();
    top.reg_awvalid_i = 0;
    top.reg_wvalid_i = 0;
    top.eval();
    ASSERT_TRUE(top.reg_bvalid_o);
    EXPECT_EQ(top.reg_bresp_o, 0);
    Tick();
  }
  void Write32(uint32_t addr, uint32_t value) {
    const bool high = addr & 4;
    WriteLane(addr, uint64_t{value} << (high ? 32 : 0), high ? 0xF0 : 0x0F);
  }
  void Write64(uint32_t addr, uint64_t value) { WriteLane(addr, value, 0xFF); }
  uint64_t Read64(uint32_t addr) {
    top.reg_araddr_i = addr;
    top.reg_arvalid_i = 1;
    top.eval();
    EXPECT_TRUE(top.reg_arready_o);
    Tick();
    top.reg_arvalid_i = 0;
    top.eval();
    EXPECT_TRUE(top.reg_rvalid_o);
    EXPECT_EQ(top.reg_rresp_o, 0);
    const uint64_t v = top.reg_rdata_o;
    Tick();
    return v;
  }
  uint32_t Read32(uint32_t addr) {
    return static_cast<uint32_t>(Read64(addr & ~7u) >> ((addr & 4) ? 32 : 0));
  }
  // One cycle with an input high.
  void Pulse(CData& input) {
    input = 1;
    Tick();
    input = 0;
    top.eval();
  }
  void RaiseCmdError(int code) {
    top.cmd_error_code_i = static_cast<uint8_t>(code);
    Pulse(top.cmd_error_i);
  }

  Vsmmu_regs_tb top;
  uint64_t now = 0;
};

uint32_t Field(uint32_t v, int hi, int lo) { return (v >> lo) & ((2u << (hi - lo)) - 1); }

TEST_F(Regs, IdentificationSaysWhatIsBuilt) {
  const uint32_t id0 = Read32(kIdr0), id1 = Read32(kIdr1), id5 = Read32(kIdr5);
  EXPECT_EQ(Field(id0, 0, 0), 1u) << "S2P";
  EXPECT_EQ(Field(id0, 1, 1), 1u) << "S1P";
  EXPECT_EQ(Field(id0, 3, 2), 2u) << "TTF";
  EXPECT_EQ(Field(id0, 4, 4), 1u) << "COHACC";
  EXPECT_EQ(Field(id0, 9, 9), 1u) << "HYP";
  EXPECT_EQ(Field(id0, 10, 10), 1u) << "ATS";
  EXPECT_EQ(Field(id0, 11, 11), 1u) << "NS1ATS";
  EXPECT_EQ(Field(id0, 13, 13), 1u) << "MSI";
  EXPECT_EQ(Field(id0, 14, 14), 1u) << "SEV";
  EXPECT_EQ(Field(id0, 16, 16), 1u) << "PRI";
  EXPECT_EQ(Field(id0, 18, 18), 1u) << "VMID16";
  EXPECT_EQ(Field(id0, 23, 23), 1u) << "ATSRECERR";
  EXPECT_EQ(Field(id0, 25, 24), 0u) << "STALL_MODEL";
  EXPECT_EQ(Field(id5, 31, 16), 16u) << "STALL_MAX";
  EXPECT_EQ(Field(id0, 28, 27), 1u) << "ST_LEVEL";
  EXPECT_EQ(Field(id1, 5, 0), 16u) << "SIDSIZE";
  EXPECT_EQ(Field(id1, 15, 11), 19u) << "PRIQS";
  EXPECT_EQ(Field(Read32(kIdr3), 5, 5), 1u) << "PPS";
  EXPECT_EQ(Field(id1, 20, 16), 19u) << "EVENTQS";
  EXPECT_EQ(Field(id1, 25, 21), 19u) << "CMDQS";
  EXPECT_EQ(Field(id1, 31, 28), 0u) << "REL, PRESETs, ECMDQ";
  EXPECT_EQ(Field(Read32(kIdr3), 10, 10), 1u) << "RIL";
  EXPECT_EQ(Field(id5, 2, 0), 5u) << "OAS";
  EXPECT_EQ(Field(id5, 6, 4), 1u) << "granules";
  EXPECT_EQ(Read32(kAidr), 2u);
  Write64(kIdr0, 0);
  EXPECT_EQ(Read32(kIdr0), id0);
}

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

TEST_F(Regs, CmdqConsAndErr) {
  Write64(kCmdqBase, 0x80000002);  // 4 entries: index and wrap are 3 bits
  Write32(kCmdqCons, 0x7F0FFFF6);  // ERR is not writable
  EXPECT_EQ(Read32(kCmdqCons), 0x000FFFF6u);
  Write32(kCmdqCons, 6);
  Write32(kCr0, kCmdqEn);
  Pulse(top.cmd_consume_i);
  EXPECT_EQ(Read32(kCmdqCons), 7u);
  Pulse(top.cmd_consume_i);
  EXPECT_EQ(Read32(kCmdqCons), 0u) << "the wrap bit is above the effective size";
  Write32(kCmdqCons, 5);
  EXPECT_EQ(Read32(kCmdqCons), 0u) << "read-only while the queue is on";
  RaiseCmdError(3);
  // In the first cycle with the error active the code and RD are there.
  EXPECT_TRUE(top.cmdq_err_o);
  EXPECT_FALSE(top.cmdq_enable_o);
  EXPECT_EQ(Read32(kCmdqCons), 0x03000000u);
  EXPECT_EQ(Read32(kGerror), 1u);
  Write32(kGerrorn, 1);
  EXPECT_TRUE(top.cmdq_enable_o) << "the acknowledge alone restarts";
  Pulse(top.cmd_consume_i);
  EXPECT_EQ(Read32(kCmdqCons), 0x03000001u) << "the last code is kept";
}

TEST_F(Regs, QueueBasesAndSizes) {
  Write64(kCmdqBase, 0x40FFFFFF'FFFFFFFF);
  EXPECT_EQ(Read64(kCmdqBase), 0x40FFFFFF'FFFFFFFFu);
  EXPECT_EQ(top.cmdq_log2size_o, 19) << "at most IDR1.CMDQS";
  EXPECT_EQ(top.cmdq_base_o, 0xFFFF'FF80'0000u) << "aligned to 16 << 19";
  Write64(kCmdqBase, 0x80000FE0);
  EXPECT_EQ(top.cmdq_base_o, 0x80000FE0u);
  EXPECT_EQ(top.cmdq_log2size_o, 0);
  Write64(kCmdqBase, 0x80000FE4);
  EXPECT_EQ(top.cmdq_base_o, 0x80000F00u);
  Write64(kEvtqBase, 0x80000FFF);
  EXPECT_EQ(top.evtq_log2size_o, 19);
  EXPECT_EQ(top.evtq_base_o, 0x80000000u);
  Write64(kEvtqBase, 0x80000FE1);
  EXPECT_EQ(top.evtq_base_o, 0x80000FC0u);
}

TEST_F(Regs, EventqRegisters) {
  Write64(kEvtqBase, 0x80000002);
  Write32(kEvtqProd, 0x80000006);
  Write32(kEvtqCons, 0x80000006);
  EXPECT_FALSE(top.evtq_overflowed_o);
  Write32(kCr0, kEventqEn);
  Write32(kEvtqProd, 1);
  EXPECT_EQ(Read32(kEvtqProd), 0x80000006u) << "read-only while the queue is on";
  Pulse(top.evtq_advance_i);
  Pulse(top.evtq_advance_i);
  EXPECT_EQ(Read32(kEvtqProd), 0x80000000u);
  Pulse(top.evtq_overflow_i);
  EXPECT_EQ(Read32(kEvtqProd), 0u);
  EXPECT_TRUE(top.evtq_overflowed_o);
  Write32(kEvtqCons, 0);
  EXPECT_FALSE(top.evtq_overflowed_o);
  EXPECT_EQ(Read64(0xA8), 0u) << "no copy on page 0";
}

TEST_F(Regs, PriqRegisters) {
  constexpr uint32_t kPriqBase = 0xC0, kPriqCfg0 = 0xD0, kPriqCfg1 = 0xD8, kPriqCfg2 = 0xDC;
  constexpr uint32_t kPriqProd = 0x100C8, kPriqCons = 0x100CC;
  Write64(kPriqBase, 0x40FFFFFF'FFFFFFFF);
  EXPECT_EQ(Read64(kPriqBase), 0x40FFFFFF'FFFFFFFFu);
  EXPECT_EQ(top.priq_log2size_o, 19) << "at most IDR1.PRIQS";
  EXPECT_EQ(top.priq_base_o, 0xFFFF'FF80'0000u) << "aligned to 16 << 19";
  Write64(kPriqBase, 0x80000FE0);
  EXPECT_EQ(top.priq_base_o, 0x80000FE0u) << "one entry of 16 bytes, aligned to 32";
  Write64(kPriqBase, 0x80000FE2);
  EXPECT_EQ(top.priq_base_o, 0x80000FC0u);
  Write32(kPriqProd, 0x80000006);
  Write32(kPriqCons, 0x80000006);
  EXPECT_EQ(top.priq_prod_o, 6u);
  EXPECT_FALSE(top.priq_overflowed_o);
  // The interrupt's address, data and option, guarded by its enable.
  Write64(kPriqCfg0, 0x08000080);
  Write32(kPriqCfg1, 9);
  Write32(kPriqCfg2, 0xFFFFFFFF);
  EXPECT_EQ(Read32(kPriqCfg2), 0x8000003Fu);
  EXPECT_TRUE(top.priq_irq_last_o);
  EXPECT_EQ(top.priq_msi_addr_o, 0x08000080u);
  EXPECT_EQ(top.priq_msi_data_o, 9u);
  Write32(kIrqCtrl, 2);
  EXPECT_EQ(top.irq_on_o & 8, 8);
  Write32(kPriqCfg2, 0);
  EXPECT_TRUE(top.priq_irq_last_o);
  // On only while the SMMU is; indexes guarded while PRIQEN or its acknowledge is 1.
  Write32(kCr0, kPriqEn);
  EXPECT_EQ(Read32(kCr0Ack), kPriqEn);
  EXPECT_FALSE(top.priq_enable_o);
  Write32(kCr0, kPriqEn | kSmmuEn);
  EXPECT_TRUE(top.priq_enable_o);
  Write32(kPriqProd, 1);
  Write64(kPriqBase, 0);
  EXPECT_EQ(Read32(kPriqProd), 0x80000006u);
  EXPECT_EQ(Read64(kPriqBase), 0x80000FE2u);
  Pulse(top.priq_advance_i);
  Pulse(top.priq_advance_i);
  EXPECT_EQ(Read32(kPriqProd), 0x80000000u) << "wraps at the effective size";
  Pulse(top.priq_overflow_i);
  EXPECT_EQ(Read32(kPriqProd), 0u);
  EXPECT_TRUE(top.priq_overflowed_o);
  Write32(kPriqCons, 0);
  EXPECT_FALSE(top.priq_overflowed_o);
  top.priq_idle_i = 0;
  Write32(kCr0, kSmmuEn);
  EXPECT_FALSE(top.priq_enable_o);
  Ticks(5);
  EXPECT_EQ(Read32(kCr0Ack), kPriqEn | kSmmuEn) << "an entry is being written";
  top.priq_idle_i = 1;
  Tick();
  EXPECT_EQ(Read32(kCr0Ack), kSmmuEn);
  // Errors 3 and 6.
  Pulse(top.priq_abort_i);
  EXPECT_TRUE(top.priq_abt_err_o);
  EXPECT_EQ(Read32(kGerror), 8u);
  top.msi_abort_i = 8;
  Tick();
  top.msi_abort_i = 0;
  EXPECT_EQ(Read32(kGerror), 0x48u);
  Write32(kGerrorn, 0x48);
  EXPECT_FALSE(top.priq_abt_err_o);
}

TEST_F(Regs, NothingOfTheEcmdqsWithoutThem) {
  for (uint32_t addr : {0x4000u, 0x4008u, 0x20000u, 0x20008u}) {
    Write64(addr, ~uint64_t{0});
    EXPECT_EQ(Read64(addr), 0u) << std::hex << addr;
  }
  EXPECT_EQ(Read32(0x190), 0u) << "IDR6";
}

TEST_F(Regs, StreamTable) {
  Write64(kStrtabBase, ~uint64_t{0});
  EXPECT_EQ(Read64(kStrtabBase), 0x40FFFFFF'FFFFFFC0u);
  EXPECT_EQ(top.strtab_base_o, 0xFFFF'FFFF'FFC0u);
  const struct {
    uint32_t cfg;
    int split;
    bool two;
  } cases[] = {{0x00010210, 8, true},
               {0x00010290, 10, true},
               {0x00010190, 6, true},
               {0x000101D0, 6, true},
               {0x00020210, 8, false}};
  for (const auto& c : cases) {
    Write32(kStrtabCfg, c.cfg);
    EXPECT_EQ(Read32(kStrtabCfg), c.cfg);
    EXPECT_EQ(top.strtab_log2size_o, 16);
    EXPECT_EQ(top.strtab_split_o, c.split);
    EXPECT_EQ(bool(top.strtab_2lvl_o), c.two);
  }
  Write32(kCr0, kSmmuEn);
  Write32(kStrtabCfg, 0);
  Write64(kStrtabBase, 0);
  EXPECT_EQ(Read32(kStrtabCfg), 0x00020210u);
  EXPECT_EQ(top.strtab_base_o, 0xFFFF'FFFF'FFC0u);
}

TEST_F(Regs, ImpdefBlock) {
  EXPECT_EQ(top.timeout_o, 20000u);
  EXPECT_EQ(top.quar_interval_o, 20000u) << "0 acts as the time-out";
  Write64(kAtcTimeout, 0xFFFF1234'56789ABC);
  EXPECT_EQ(Read64(kAtcTimeout), 0x1234'56789ABCu);
  EXPECT_EQ(top.quar_interval_o, 0x1234'56789ABCu);
  Write32(kAtcTimeout + 4, 0);
  EXPECT_EQ(top.timeout_o, 0x56789ABCu);
  Write64(kQuarInterval, 5);
  EXPECT_EQ(top.quar_interval_o, 5u);
  EXPECT_EQ(top.inv_limit0_o, 32);
  Write32(kInvLimit, 5);
  Write32(kInvLimit + 4, 33);
  EXPECT_EQ(top.inv_limit0_o, 5);
  EXPECT_EQ(top.inv_limit1_o, 32);
  Write32(kInvLimit + 4, 31);
  EXPECT_EQ(Read64(kInvLimit), 0x0000001F'00000005u);
  Write32(kInvLimit + 4, 0);
  EXPECT_EQ(top.inv_limit1_o, 32) << "0 is the code of 32";
  Write32(kInvLimit + 8, 3);
  EXPECT_EQ(Read64(kInvLimit + 8), 0u) << "no such device";
  top.quar_busy0_i = 7;
  top.quar_busy1_i = 32;
  EXPECT_EQ(Read64(kQuarBusy), 0x00000020'00000007u);
  EXPECT_EQ(Read64(kQuarBusy + 8), 0u);
  for (int cause = 0; cause < 5; ++cause) {
    top.stray_cause_i = static_cast<uint8_t>(cause);
    top.stray_count_i = static_cast<uint8_t>(10 + cause);
    Pulse(top.stray_valid_i);
    Pulse(top.stray_valid_i);
  }
  for (int cause = 0; cause < 5; ++cause) EXPECT_EQ(Read32(kStray + 4 * cause), 2u * (10 + cause));
}

TEST_F(Regs, QuarantineRelease) {
  for (int dev = 0; dev < 4; ++dev) {
    top.reg_awaddr_i = kQuarRelease;
    top.reg_wdata_i = dev;
    top.reg_wstrb_i = 0x0F;
    top.reg_awvalid_i = top.reg_wvalid_i = 1;
    Tick();
    top.reg_awvalid_i = top.reg_wvalid_i = 0;
    top.eval();
    EXPECT_EQ(top.quar_release_o, dev < 2 ? 1 << dev : 0);
    EXPECT_TRUE(!top.quiet_o || dev >= 2 || top.reg_bvalid_o);
    Tick();
    EXPECT_EQ(top.quar_release_o, 0) << "a pulse";
    Tick();
  }
  EXPECT_EQ(Read32(kQuarRelease), 0u);
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
