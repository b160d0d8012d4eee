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
  EXPECT_EQ(r.CfgRead(found[0x13] + 8), 4u);
  EXPECT_EQ(r.CfgRead(found[0x0f] + 4) & 0xffff, 0x0060u);  // depth 32 reads 0; page aligned, global
  r.dut().inv_depth_i = 8;
  EXPECT_EQ(r.CfgRead(found[0x0f] + 4) & 0x1f, 8u);
}

TEST(EpCfg, ReservedReadsZeroAndIgnoresWrites) {
  Root r;
  std::set<uint32_t> known;
  for (uint32_t at : {0x00, 0x04, 0x08, 0x0c, 0x10, 0x34, 0x40, 0x44, 0x48, 0x64, 0x68, 0x100, 0x10c, 0x114, 0x140,
                      0x144, 0x150, 0x154, 0x160, 0x164, 0x168, 0x16c}) {
    known.insert(at);
  }
  for (uint32_t at = 0; at < 0x1000; at += at < 0x180 ? 4 : 0x3c) {
    if (known.count(at)) continue;
    if (at != CFG_AER_UNCOR_MASK && at != CFG_AER_CAP_CTL) r.CfgWrite(at, 0xffffffff);
    EXPECT_EQ(r.CfgRead(at), 0u) << std::hex << at;
  }
}

TEST(EpCfg, BarSizeAndByteEnables) {
  Root r;
  r.CfgWrite(CFG_BAR0, 0xffffffff);
  EXPECT_EQ(r.CfgRead(CFG_BAR0), 0xffff0000u);
  r.CfgWrite(CFG_BAR0, 0x12345678, 0x4);  // one byte
  EXPECT_EQ(r.CfgRead(CFG_BAR0), 0xff340000u);
  r.CfgWrite(CFG_COMMAND_STATUS, 0x0506, 0x2);
  EXPECT_EQ(r.CfgRead(CFG_COMMAND_STATUS) & 0xffff, 0x0500u);
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
  Tlp wide = r.MemTlp(false, kBar, 0xf, 0);
  wide.dw[0] = (wide.dw[0] & ~0x3ffu) | 2;
  EXPECT_EQ(r.Ask(wide).status(), kUr);
  EXPECT_TRUE(r.CfgRead(CFG_AER_COR_STATUS) & CFG_AER_COR_STATUS_ADVNF);
  const Tlp one = r.Ask(r.MemTlp(false, kBar + EP_DMA_SEED, 0x4, 0));  // one byte
  EXPECT_EQ(one.dw[1] & 0xfff, 1u);
  EXPECT_EQ(one.dw[2] & 0x7f, (EP_DMA_SEED & 0x7f) + 2);
}

}  // namespace
}  // namespace atcbench::tb
