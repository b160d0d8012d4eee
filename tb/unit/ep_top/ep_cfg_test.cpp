// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: configuration space and BAR0.
#include <set>

#include "../ep_root.h"

namespace atcbench::tb {
namespace {

TEST(EpCfg, WalkTheCapabilities) {
  Root r;
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xa7cb1234u);
  EXPECT_EQ(r.CfgRead(CFG_HEADER_TYPE) >> 16 & 0x7f, 0u);
  ASSERT_TRUE(r.CfgRead(CFG_COMMAND_STATUS) & CFG_COMMAND_STATUS_CAP_LIST);
  const uint32_t cap = r.CfgRead(CFG_CAP_PTR) & 0xff;
  EXPECT_EQ(r.CfgRead(cap) & 0xff, 0x10u);
  EXPECT_TRUE(r.CfgRead(cap + 4) & CFG_DEVCAP_FLR);
  std::map<uint32_t, uint32_t> found;
  for (uint32_t at = 0x100; at != 0;) {
    const uint32_t h = r.CfgRead(at);
    ASSERT_TRUE(found.emplace(h & 0xffff, at).second);
    at = h >> 20;
  }
  ASSERT_TRUE(found.count(0x0f) && found.count(0x01) && found.count(0x1b) && found.count(0x13));
  EXPECT_EQ(r.CfgRead(found[0x13] + 8), 32u);
  EXPECT_EQ(r.CfgRead(found[0x0f] + 4) & 0xffff, 0x0060u);  // depth 32 reads 0; page aligned, global
  r.dut().inv_depth_i = 8;
  EXPECT_EQ(r.CfgRead(found[0x0f] + 4) & 0x1f, 8u);
}

TEST(EpCfg, ReservedReadsZeroAndIgnoresWrites) {
  Root r;
  std::set<uint32_t> known;
  for (uint32_t at : {0x00,  0x04,  0x08,  0x0c,  0x10,  0x18,  0x1c,  0x2c,  0x34,  0x3c,  0x40,  0x44,  0x48, 0x4c,
                      0x50,  0x64,  0x68,  0x80,  0x84,  0x90,  0x94,  0x98,  0x9c,  0xa0,  0xb0,  0xb4,  0xb8, 0x100,
                      0x10c, 0x114, 0x140, 0x144, 0x150, 0x154, 0x160, 0x164, 0x168, 0x16c}) {
    known.insert(at);
  }
  for (uint32_t at = 0; at < 0x1000; at += at < 0x200 ? 4 : 0x3c) {
    if (known.count(at)) continue;
    if (at != CFG_AER_UNCOR_MASK && at != CFG_AER_CAP_CTL) r.CfgWrite(at, 0xffffffff);
    EXPECT_EQ(r.CfgRead(at), 0u) << std::hex << at;
  }
}

TEST(EpCfg, ReadOnlyBitsStay) {
  // What reads back after all ones and after zero: the bits that differ are the writable ones.
  struct Row {
    uint32_t at, writable;
  };
  constexpr Row kRows[] = {{CFG_VENDOR_DEVICE, 0},       {CFG_COMMAND_STATUS, 0x547},  {CFG_CLASS_REV, 0},
                           {CFG_BAR0, 0xffff0000},       {CFG_BAR1, 0},                {CFG_BAR2, 0xfffff000},
                           {CFG_BAR3, 0xffffffff},       {CFG_SUBSYSTEM, 0},           {CFG_INTERRUPT, 0xff},
                           {CFG_DEVCAP, 0},              {CFG_DEVCTL_DEVSTA, 0x79ff},  {CFG_LNKCAP, 0},
                           {CFG_LNKCTL_LNKSTA, 0x48},    {CFG_DEVCAP2, 0},             {CFG_DEVCTL2, 0x1f},
                           {CFG_PM_CAP, 0},              {CFG_MSI_CTRL, 0x710000},     {CFG_MSI_ADDR_LO, 0xfffffffc},
                           {CFG_MSI_ADDR_HI, 0xffffffff}, {CFG_MSI_DATA, 0xffff},      {CFG_MSI_MASK, 0xff},
                           {CFG_MSI_PENDING, 0},         {CFG_MSIX_CTRL, 0xc0000000},  {CFG_MSIX_TABLE, 0},
                           {CFG_MSIX_PBA, 0},            {CFG_AER_UNCOR_STATUS, 0},    {CFG_AER_COR_STATUS, 0},
                           {CFG_ATS_HDR, 0},             {CFG_PASID_CAP_CTRL, 0x70000}};
  Root r;
  for (const Row& row : kRows) {
    r.CfgWrite(row.at, row.at == CFG_DEVCTL_DEVSTA ? 0xffff7fff : 0xffffffff);
    const uint32_t ones = r.CfgRead(row.at);
    r.CfgWrite(row.at, 0);
    EXPECT_EQ(ones ^ r.CfgRead(row.at), row.writable) << std::hex << row.at;
  }
}

TEST(EpCfg, CapabilityList) {
  Root r;
  std::map<uint32_t, uint32_t> found;
  for (uint32_t at = r.CfgRead(CFG_CAP_PTR) & 0xff; at != 0;) {
    ASSERT_EQ(at & 3, 0u);
    const uint32_t h = r.CfgRead(at);
    ASSERT_TRUE(found.emplace(h & 0xff, at).second);
    at = h >> 8 & 0xff;
  }
  EXPECT_EQ(found, (std::map<uint32_t, uint32_t>{
                       {CAP_ID_PM, CFG_PM_CAP}, {CAP_ID_MSI, CFG_MSI_CTRL}, {CAP_ID_PCIE, CFG_PCIE_CAP}, {CAP_ID_MSIX, CFG_MSIX_CTRL}}));
  EXPECT_EQ(r.CfgRead(CFG_PCIE_CAP) >> 16 & 0xf, 2u);
  EXPECT_EQ(r.CfgRead(CFG_MSI_CTRL) >> 16 & 0x18e, 0x186u);  // 64-bit, mask bits, 8 vectors wanted
  EXPECT_EQ(r.CfgRead(CFG_MSIX_CTRL) >> 16 & 0x7ff, 7u);
}

TEST(EpCfg, BarSizeAndByteEnables) {
  Root r;
  r.CfgWrite(CFG_BAR0, 0xffffffff);
  EXPECT_EQ(r.CfgRead(CFG_BAR0), 0xffff0000u);
  r.CfgWrite(CFG_BAR0, 0x12345678, 0x4);  // one byte
  EXPECT_EQ(r.CfgRead(CFG_BAR0), 0xff340000u);
  r.CfgWrite(CFG_COMMAND_STATUS, 0x0506, 0x2);
  EXPECT_EQ(r.CfgRead(CFG_COMMAND_STATUS) & 0xffff, 0x0500u);
  // The 64-bit one: size over both halves, type bits 10 = 64-bit.
  r.CfgWrite(CFG_BAR2, 0xffffffff);
  r.CfgWrite(CFG_BAR3, 0xffffffff);
  EXPECT_EQ(r.CfgRead(CFG_BAR2), 0xfffff004u);
  EXPECT_EQ(r.CfgRead(CFG_BAR3), 0xffffffffu);
  r.CfgWrite(CFG_BAR3, 0x00000900, 0x2);
  EXPECT_EQ(r.CfgRead(CFG_BAR3), 0xffff09ffu);
  r.CfgWrite(CFG_BAR2, 0x00003000);
  EXPECT_EQ(r.CfgRead(CFG_BAR2), 0x00003004u);
}

TEST(EpCfg, FlrKeepsTheStickyRegistersOnly) {
  Root r;
  r.Enable();
  r.CfgWrite(CFG_MSI_ADDR_HI, 0x1234);
  r.CfgWrite(CFG_BAR2, 0x7000);
  r.CfgWrite(CFG_INTERRUPT, 0x55);
  r.CfgWrite(CFG_AER_UNCOR_MASK, CFG_AER_UNCOR_STATUS_CA);
  r.CfgWrite(CFG_AER_COR_MASK, 0);
  EXPECT_EQ(r.Ask(r.MemTlp(false, kBar + 0x10000, 0xf, 0)).status(), kUr);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, CFG_DEVCTL_DEVSTA_FLR, 0x3);
  r.Run(600);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);
  EXPECT_EQ(r.CfgRead(CFG_AER_UNCOR_MASK), CFG_AER_UNCOR_STATUS_CA);
  EXPECT_EQ(r.CfgRead(CFG_AER_HDR_LOG(2)), kBar + 0x10000);
  for (uint32_t at : {CFG_BAR0, CFG_BAR3, CFG_INTERRUPT, CFG_MSI_ADDR_HI}) EXPECT_EQ(r.CfgRead(at), 0u) << std::hex << at;
  EXPECT_EQ(r.CfgRead(CFG_BAR2), 4u);
  EXPECT_EQ(r.CfgRead(CFG_COMMAND_STATUS) & 0xffff, 0u);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) >> 16, 0u);
}

TEST(EpCfg, AnotherFunctionIsUnsupported) {
  Root r;
  EXPECT_EQ(r.Ask(r.CfgTlp(false, 0, 0xf, 0, kBdf + 1)).status(), kUr);
  EXPECT_EQ(r.Ask(r.CfgTlp(false, 0, 0xf, 0, kBdf + 8)).status(), kUr);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);
}

TEST(EpCfg, StuIsLockedWhileEnabled) {
  Root r;
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80030000, 0xc);  // both in one write
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) >> 16, 0x8003u);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80050000, 0xc);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) >> 16, 0x8003u);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x00050000, 0xc);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) >> 16, 0x0003u);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x00050000, 0xc);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) >> 16, 0x0005u);
}

TEST(EpCfg, CompletionHeader) {
  Root r;
  Tlp t = r.CfgTlp(false, 0, 0xf, 0);
  t.dw[0] |= 3u << 20 | 1u << 18 | 2u << 12;  // TC 3, IDO, RO
  t.dw[1] |= 0x0100u << 16;
  const size_t sent = r.now();
  const Tlp c = r.Ask(t);
  EXPECT_EQ(c.dw[0], 0x4a000000u | 3u << 20 | 1u << 18 | 2u << 12 | 1u);
  EXPECT_EQ(c.dw[1], uint32_t{kBdf} << 16 | 4u);
  EXPECT_EQ(c.dw[2], 0x0100u << 16 | uint32_t{t.tag()} << 8);
  EXPECT_LE(r.up.back().cycle - sent, 3u);
}

TEST(EpCfg, ErrorLoggingAndMessages) {
  Root r;
  r.Enable(false);
  // A message nobody knows: UR, nothing sent back, ERR_NONFATAL when reporting is on.
  Tlp m;
  m.dw = {0x32u << 24, 0x00000006u, uint32_t{kBdf} << 16, 0};
  r.Send(m);
  r.Run(20);
  EXPECT_EQ(r.Count([](const Tlp& t) { return !t.is_cpl(); }), 0u);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);
  EXPECT_EQ(r.CfgRead(CFG_AER_CAP_CTL) & 0x1f, 20u);
  EXPECT_EQ(r.CfgRead(CFG_AER_HDR_LOG(1)), 0x00000006u);
  EXPECT_EQ(r.CfgRead(CFG_DEVCTL_DEVSTA) & 0xf0000, CFG_DEVCTL_DEVSTA_URD | CFG_DEVCTL_DEVSTA_NFED);
  r.CfgWrite(CFG_AER_UNCOR_STATUS, CFG_AER_UNCOR_STATUS_UR);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf0000, 0xc);
  EXPECT_EQ(Aer(r), 0u);
  EXPECT_EQ(r.CfgRead(CFG_DEVCTL_DEVSTA) & 0xf0000, 0u);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, CFG_DEVCTL_DEVSTA_NFERE | CFG_DEVCTL_DEVSTA_URRE, 0x1);
  r.Send(m);
  r.Run(20);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(0x31); }), 1u);
  EXPECT_EQ(r.up.back().tlp.dw[1] >> 16, kBdf);
}

TEST(EpBar, RegistersAndUnsupported) {
  Root r;
  EXPECT_EQ(r.Ask(r.MemTlp(false, kBar, 0xf, 0)).status(), kUr);  // memory space off
  r.Enable(false);
  EXPECT_EQ(r.BarRead(EP_ID), 0x41544345u);
  r.BarWrite(EP_DMA_SEED, 0x11223344);
  r.BarWrite(EP_DMA_SEED, 0xaabbccdd, 0x6);
  EXPECT_EQ(r.BarRead(EP_DMA_SEED), 0x11bbcc44u);
  EXPECT_EQ(r.BarRead(0x0ffc), 0u);
  EXPECT_EQ(r.BarRead(0xf004), 0u);
  EXPECT_EQ(r.Ask(r.MemTlp(false, kBar + 0x10000, 0xf, 0)).status(), kUr);
  Tlp wide = r.MemTlp(false, kBar, 0xff, 0);
  wide.dw[0] = (wide.dw[0] & ~0x3ffu) | 2;
  EXPECT_EQ(r.Ask(wide).status(), kUr);
  EXPECT_TRUE(r.CfgRead(CFG_AER_COR_STATUS) & CFG_AER_COR_STATUS_ADVNF);
  const Tlp one = r.Ask(r.MemTlp(false, kBar + EP_DMA_SEED, 0x4, 0));  // one byte
  EXPECT_EQ(one.dw[1] & 0xfff, 1u);
  EXPECT_EQ(one.dw[2] & 0x7f, (EP_DMA_SEED & 0x7f) + 2);
}

}  // namespace
}  // namespace atcbench::tb
