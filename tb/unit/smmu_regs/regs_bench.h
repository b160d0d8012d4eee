// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs behind its AXI4-Lite port. Offsets and bits are written from the fact sheet.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>

#include "Vsmmu_regs_tb.h"

namespace regs {

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

inline uint32_t Field(uint32_t v, int hi, int lo) { return (v >> lo) & ((2u << (hi - lo)) - 1); }

}  // namespace regs
