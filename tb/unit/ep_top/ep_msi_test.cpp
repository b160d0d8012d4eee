// SPDX-License-Identifier: Apache-2.0
//
// Interrupts: MSI and MSI-X, what is masked pends, and the write that leaves.
#include "../ep_root.h"

namespace {

using namespace atcbench::tb;

constexpr uint64_t kTable = 0x9'0000'3000;  // BAR2, above 4 GiB
constexpr uint64_t kDoorbell = 0x7'0000'0040;

bool IsMsi(const Tlp& t) { return t.is_write() && t.length() == 1; }

Tlp Far(Root& r, bool write, uint64_t addr, uint8_t be, uint32_t data) {
  Tlp t = r.MemTlp(write, 0, be, data);
  t.dw[0] |= 0x20000000;
  t.dw[2] = static_cast<uint32_t>(addr >> 32);
  t.dw[3] = static_cast<uint32_t>(addr);
  return t;
}
void TableWrite(Root& r, uint32_t at, uint32_t data, uint8_t be = 0xf) { r.Send(Far(r, true, kTable + at, be, data)); }
uint32_t TableRead(Root& r, uint32_t at) {
  const Tlp c = r.Ask(Far(r, false, kTable + at, 0xf, 0));
  EXPECT_EQ(c.status(), kSc);
  return static_cast<uint32_t>(c.word(0));
}

void EnableMsi(Root& r, unsigned granted_log2) {
  r.CfgWrite(CFG_MSI_ADDR_LO, static_cast<uint32_t>(kDoorbell));
  r.CfgWrite(CFG_MSI_ADDR_HI, static_cast<uint32_t>(kDoorbell >> 32));
  r.CfgWrite(CFG_MSI_DATA, 0xabcf);
  r.CfgWrite(CFG_MSI_CTRL, (granted_log2 << 20 | 1u << 16), 0xc);
}

void EnableMsix(Root& r) {
  r.CfgWrite(CFG_BAR2, static_cast<uint32_t>(kTable));
  r.CfgWrite(CFG_BAR3, static_cast<uint32_t>(kTable >> 32));
  for (uint32_t v = 0; v < 8; ++v) {
    TableWrite(r, 16 * v, 0x0800'0000 + 4 * v);
    TableWrite(r, 16 * v + 4, 0);
    TableWrite(r, 16 * v + 8, 100 + v);
  }
  r.CfgWrite(CFG_MSIX_CTRL, CFG_MSIX_CTRL_ENABLE, 0xc);
}

TEST(EpMsi, WriteOfAVector) {
  Root r;
  r.Enable(false);
  EnableMsi(r, 3);
  r.BarWrite(EP_MSI_TEST, 5);
  r.Run(10);
  ASSERT_EQ(r.Count(IsMsi), 1u);
  const Sent& s = r.up[static_cast<size_t>(r.Find(IsMsi))];
  EXPECT_EQ(s.tlp.dw[0], 0x60000001u);              // AT = 00, no attributes
  EXPECT_EQ(s.tlp.dw[1], uint32_t{kBdf} << 16 | 0x0f);
  EXPECT_EQ(s.tlp.addr(), kDoorbell);
  EXPECT_EQ(s.tlp.word(0) & 0xffffffff, 0xabcdu);   // the vector in the three low bits
  EXPECT_FALSE(s.tlp.pfx_valid);
  EXPECT_EQ(s.cycle - r.last_taken, 2u);
}

TEST(EpMsi, FewerVectorsGranted) {
  Root r;
  r.Enable(false);
  EnableMsi(r, 1);
  for (unsigned v : {5u, 6u}) {
    r.BarWrite(EP_MSI_TEST, v);
    r.Run(10);
  }
  ASSERT_EQ(r.Count(IsMsi), 2u);
  EXPECT_EQ(r.up[r.up.size() - 2].tlp.word(0) & 0xffffffff, 0xabcfu);  // 5 mod 2
  EXPECT_EQ(r.up.back().tlp.word(0) & 0xffffffff, 0xabceu);
}

// The vector is taken modulo what is granted, with data whose low bits are 0 (nothing of the vector hides in them), and it is the
// reduced vector that pends.
TEST(EpMsi, VectorModuloWhatIsGranted) {
  for (unsigned log2 = 0; log2 <= 3; ++log2) {
    Root r;
    r.Enable(false);
    EnableMsi(r, log2);
    r.CfgWrite(CFG_MSI_DATA, 0xab40);
    for (unsigned v = 0; v < 8; ++v) {
      const size_t from = r.up.size();
      r.BarWrite(EP_MSI_TEST, v);
      r.Run(10);
      ASSERT_EQ(r.Count(IsMsi, from), 1u);
      EXPECT_EQ(r.up.back().tlp.word(0) & 0xffffffff, 0xab40u | v % (1u << log2)) << log2 << " " << v;
    }
    r.CfgWrite(CFG_MSI_MASK, 0xff);
    r.BarWrite(EP_MSI_TEST, 7);
    r.Run(10);
    EXPECT_EQ(r.CfgRead(CFG_MSI_PENDING), 1u << 7 % (1u << log2));
  }
}

TEST(EpMsi, MaskedPends) {
  Root r;
  r.Enable(false);
  EnableMsi(r, 3);
  r.CfgWrite(CFG_MSI_MASK, 0x0c);
  for (unsigned v : {2u, 3u, 3u, 4u}) r.BarWrite(EP_MSI_TEST, v);
  r.Run(20);
  EXPECT_EQ(r.Count(IsMsi), 1u);                        // 4
  EXPECT_EQ(r.CfgRead(CFG_MSI_PENDING), 0x0cu);
  r.CfgWrite(CFG_MSI_MASK, 0x04);
  r.Run(10);
  EXPECT_EQ(r.Count(IsMsi), 2u);                        // 3, asked for twice: one interrupt
  EXPECT_EQ(r.CfgRead(CFG_MSI_PENDING), 0x04u);
  r.CfgWrite(CFG_MSI_CTRL, 0, 0xc);
  r.CfgWrite(CFG_MSI_MASK, 0);
  EnableMsi(r, 3);
  r.Run(10);
  EXPECT_EQ(r.Count(IsMsi), 2u);                        // disabling forgets
}

TEST(EpMsi, NothingWithoutEnableOrBusMaster) {
  Root r;
  r.Enable(false);
  r.BarWrite(EP_MSI_TEST, 1);
  r.Run(10);
  EnableMsi(r, 3);
  r.Run(10);
  EXPECT_EQ(r.Count(IsMsi), 0u);
  r.CfgWrite(CFG_COMMAND_STATUS, CFG_COMMAND_STATUS_MEM_EN, 0x1);
  r.BarWrite(EP_MSI_TEST, 1);
  r.Run(10);
  EXPECT_EQ(r.Count(IsMsi), 0u);
  r.CfgWrite(CFG_COMMAND_STATUS, CFG_COMMAND_STATUS_MEM_EN | CFG_COMMAND_STATUS_BME, 0x1);
  r.Run(10);
  EXPECT_EQ(r.Count(IsMsi), 1u);
}

TEST(EpMsi, MsixTable) {
  Root r;
  r.Enable(false);
  EnableMsix(r);
  EXPECT_EQ(TableRead(r, 0x3c), 1u);                    // masked after reset
  EXPECT_EQ(TableRead(r, 0x30), 0x0800'000cu);
  TableWrite(r, 0x38, 0x11223344, 0x6);
  EXPECT_EQ(TableRead(r, 0x38), 0x00223367u);           // byte enables
  EXPECT_EQ(TableRead(r, 0x80), 0u);                    // beyond the table
  EXPECT_EQ(r.Ask(Far(r, false, kTable + 0x1000, 0xf, 0)).status(), kUr);
  r.BarWrite(EP_MSI_TEST, 3);
  r.Run(10);
  EXPECT_EQ(r.Count(IsMsi), 0u);
  EXPECT_EQ(TableRead(r, 0x800), 8u);
  TableWrite(r, 0x3c, 0);
  r.Run(10);
  ASSERT_EQ(r.Count(IsMsi), 1u);
  const Tlp& t = r.up[static_cast<size_t>(r.Find(IsMsi))].tlp;
  EXPECT_EQ(t.addr(), 0x0800'000cu);
  EXPECT_EQ(t.kind(), 0x40);
  EXPECT_EQ(t.word(0) & 0xffffffff, 0x00223367u);
  EXPECT_EQ(TableRead(r, 0x800), 0u);
  r.CfgWrite(CFG_MSIX_CTRL, CFG_MSIX_CTRL_ENABLE | CFG_MSIX_CTRL_FUNCTION_MASK, 0xc);
  r.BarWrite(EP_MSI_TEST, 3);
  r.Run(10);
  EXPECT_EQ(r.Count(IsMsi), 1u);
  r.CfgWrite(CFG_MSIX_CTRL, CFG_MSIX_CTRL_ENABLE, 0xc);
  r.Run(10);
  EXPECT_EQ(r.Count(IsMsi), 2u);
}

TEST(EpMsi, BehindTheWritesBeforeIt) {
  Root r;
  r.Enable(false);
  EnableMsi(r, 3);
  r.class_ready = 6;  // no posted credit: everything queues up
  r.StartDma(Dma().count(3).flags(EP_DMA_CTRL_WR));
  r.Run(30);
  r.BarWrite(EP_MSI_TEST, 0);
  r.Run(10);
  r.class_ready = 7;
  r.Run(20);
  ASSERT_EQ(r.Count(IsMsi), 1u);
  EXPECT_EQ(r.Count(IsWrite), 4u);
  EXPECT_TRUE(IsMsi(r.up.back().tlp));
}

TEST(EpMsi, JumpsOverNothing) {
  Root plain, jump(true);
  for (Root* r : {&plain, &jump}) {
    r->Enable(false);
    EnableMsi(*r, 3);
    r->CfgWrite(CFG_MSI_MASK, 1);
    r->BarWrite(EP_MSI_TEST, 0);
    r->Run(500);
    r->CfgWrite(CFG_MSI_CTRL, 0, 0xc);                  // forgets in the cycle after
    r->Run(500);
    EXPECT_EQ(r->CfgRead(CFG_MSI_PENDING), 0u);
    EnableMsi(*r, 3);
    r->BarWrite(EP_MSI_TEST, 3);
    r->Run(500);
  }
  EXPECT_GT(jump.jumps, 0u);
  ASSERT_EQ(plain.up.size(), jump.up.size());
  for (size_t i = 0; i < plain.up.size(); ++i) EXPECT_EQ(plain.up[i].cycle, jump.up[i].cycle);
}

}  // namespace
