// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs: the registers of the queues and of the stream table.

#include "regs_bench.h"

namespace regs {
namespace {

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

}  // namespace
}  // namespace regs
