// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: packets in, packets out.
#include <random>
#include <set>

#include "ep_root.h"

namespace {

using namespace atcbench::tb;
using Answer = Root::Answer;
using Dma = Root::Dma;

constexpr uint64_t kBase = 0x1000'0000;
constexpr uint64_t kPage = 0x1000;

bool IsTranslated(const Tlp& t) { return (t.is_write() || t.is_read()) && t.at() == 2; }
bool IsUntranslated(const Tlp& t) { return (t.is_write() || t.is_read()) && t.at() == 0; }
bool IsXlat(const Tlp& t) { return t.is_xlat(); }
bool IsWrite(const Tlp& t) { return t.is_write(); }
bool IsInvCpl(const Tlp& t) { return t.is_inv_cpl(); }

uint32_t Aer(Root& r) { return r.CfgRead(CFG_AER_UNCOR_STATUS); }

// ------------------------------------------------------------------------------------------- configuration

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

// ------------------------------------------------------------------------------------------- BAR0

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

// ------------------------------------------------------------------------------------------- DMA

TEST(EpDma, UntranslatedInOrderAndSigned) {
  Root r;
  r.Enable(false);
  r.StartDma(Dma().base(0x9'0000'0000).log2_pages(2).interval(10).count(9).flags(EP_DMA_CTRL_WR));
  r.Run(200);
  ASSERT_EQ(r.Count(IsWrite), 9u);
  long at = -1;
  for (unsigned n = 0; n < 9; ++n) {
    at = r.Find(IsWrite, static_cast<size_t>(at + 1));
    const Tlp& t = r.up[static_cast<size_t>(at)].tlp;
    EXPECT_EQ(t.addr(), 0x9'0000'0000 + n % 4 * kPage + n / 4 * 64);
    EXPECT_EQ(t.dw[0], 0x60000000u | 16);
    EXPECT_EQ(t.dw[1], uint32_t{kBdf} << 16 | 0xff);
    for (uint64_t w = 0; w < 8; ++w) {
      EXPECT_EQ(t.word(static_cast<unsigned>(w)), uint64_t{kIndex} << 48 | uint64_t{n} << 16 | w);
    }
    if (n > 0) {
      const long before = at - 1;
      EXPECT_EQ(r.up[static_cast<size_t>(at)].cycle - r.up[static_cast<size_t>(before)].cycle, 10u);
    }
  }
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 9u);
}

TEST(EpDma, ReadsInFlightAndAborted) {
  Root r;
  r.Enable(false);
  unsigned n = 0;
  r.read = [&](const Tlp&) { return Answer{false, n++ == 3 ? kUr : kSc, 0, 400}; };
  r.StartDma(Dma().log2_pages(3).count(20).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_RANDOM));
  r.Run(100);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_read(); }), 8u);  // tags
  std::set<uint8_t> tags;
  for (auto& s : r.up) {
    if (s.tlp.is_read()) tags.insert(s.tlp.tag());
  }
  EXPECT_EQ(tags.size(), 8u);
  EXPECT_TRUE(r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_TRPND);
  r.Run(2000);
  EXPECT_FALSE(r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_TRPND);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 19u);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 1u);
  EXPECT_TRUE(r.CfgRead(CFG_COMMAND_STATUS) & CFG_COMMAND_STATUS_RCV_MA);
  std::set<uint64_t> pages;
  for (auto& s : r.up) {
    if (s.tlp.is_read()) pages.insert(s.tlp.addr() / kPage);
  }
  EXPECT_GT(pages.size(), 4u);
  EXPECT_GE(*pages.begin(), kBase / kPage);
  EXPECT_LT(*pages.rbegin(), kBase / kPage + 8);
}

TEST(EpDma, NothingWithoutBusMaster) {
  Root r;
  r.Enable(false);
  r.CfgWrite(CFG_COMMAND_STATUS, CFG_COMMAND_STATUS_MEM_EN, 0x1);
  r.StartDma(Dma().count(0).flags(EP_DMA_CTRL_WR));
  r.Run(200);
  EXPECT_EQ(r.Count(IsWrite), 0u);
}

// ------------------------------------------------------------------------------------------- ATS

TEST(EpAts, MissAskUseAgain) {
  Root r;
  r.Enable();
  r.StartDma(Dma().interval(100).count(3));
  r.Run(500);
  ASSERT_EQ(r.Count(IsXlat), 1u);
  const Tlp& tr = r.up[static_cast<size_t>(r.Find(IsXlat))].tlp;
  EXPECT_EQ(tr.dw[0], 0x00000400u | 2);
  EXPECT_EQ(tr.dw[1] & 0xff, 0xffu);
  EXPECT_EQ(tr.dw[2], kBase);  // NW = 0
  ASSERT_EQ(r.Count(IsTranslated), 3u);
  EXPECT_EQ(r.up[static_cast<size_t>(r.Find(IsTranslated))].tlp.addr(), kBase + Root::kOffset);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 3u);
}

TEST(EpAts, OnlyReadsAskForNoWrite) {
  Root r;
  r.Enable();
  r.StartDma(Dma().flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  r.Run(200);
  EXPECT_EQ(r.up[static_cast<size_t>(r.Find(IsXlat))].tlp.last_addr_dw() & 1, 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 1u);
}

TEST(EpAts, LargeRangeServesTheWholeWindow) {
  Root r;
  r.Enable();
  r.translate = [](const Tlp&) { return Answer{false, kSc, Entry(0x4020'0000, kR | kW, 9), 20}; };
  r.StartDma(Dma().base(0x1020'0000).log2_pages(4).interval(60).count(32));
  r.Run(2500);
  EXPECT_EQ(r.Count(IsXlat), 1u);
  ASSERT_EQ(r.Count(IsTranslated), 32u);
  for (auto& s : r.up) {
    if (IsTranslated(s.tlp)) EXPECT_EQ(s.tlp.addr() >> 21, 0x4020'0000u >> 21);
  }
  EXPECT_EQ(r.up.back().tlp.addr(), 0x4020'0000u + 15 * kPage + 64);
}

TEST(EpAts, StuAlignsTheRequestAndChecksTheAnswer) {
  Root r;
  r.Enable(false);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80020000, 0xc);  // 16 KiB
  r.StartDma(Dma().base(kBase + 3 * kPage));
  r.Run(200);
  EXPECT_EQ(r.up[static_cast<size_t>(r.Find(IsXlat))].tlp.addr(), kBase);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 1u);  // 4 KiB answer: too small
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  EXPECT_EQ(r.Count(IsTranslated), 0u);
}

TEST(EpAts, UntranslatedOnlyEntry) {
  Root r;
  r.Enable();
  r.translate = [](const Tlp& t) { return Answer{false, kSc, Entry(t.addr(), kR | kW | kU), 20}; };
  r.StartDma(Dma().interval(50).count(2));
  r.Run(300);
  EXPECT_EQ(r.Count(IsXlat), 1u);
  EXPECT_EQ(r.Count(IsTranslated), 0u);
  EXPECT_EQ(r.Count(IsUntranslated), 2u);
}

TEST(EpAts, NoPermissionIsDroppedAndNotCached) {
  Root r;
  r.Enable();
  unsigned flags = 0;
  r.translate = [&](const Tlp& t) { return Answer{false, kSc, Entry(t.addr() + Root::kOffset, flags), 20}; };
  r.StartDma(Dma().interval(50).count(2));
  r.Run(300);
  EXPECT_EQ(r.Count(IsXlat), 2u);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 2u);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  flags = kR;  // readable: cached, yet a write is dropped
  r.StartDma(Dma().interval(50).count(1));
  r.Run(300);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 3u);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
  EXPECT_FALSE(r.Saw(IsTranslated) || r.Saw(IsUntranslated));
}

TEST(EpAts, CompleterAbortIsNotCached) {
  Root r;
  r.Enable();
  r.translate = [](const Tlp&) { return Answer{false, kCa, 0, 20}; };
  r.StartDma(Dma().interval(50).count(2));
  r.Run(300);
  EXPECT_EQ(r.Count(IsXlat), 2u);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 2u);
  EXPECT_TRUE(r.CfgRead(CFG_COMMAND_STATUS) & CFG_COMMAND_STATUS_RCV_TA);
}

TEST(EpAts, UnsupportedRequestStopsAtsUntilEnabledAnew) {
  Root r;
  r.Enable();
  r.StartDma({});
  r.Run(200);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
  r.translate = [](const Tlp&) { return Answer{false, kUr, 0, 20}; };
  r.StartDma(Dma().base(kBase + kPage).interval(50).count(4));
  r.Run(400);
  EXPECT_EQ(r.Count(IsXlat), 2u);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);  // emptied
  EXPECT_EQ(r.Count(IsUntranslated), 4u);
  r.translate = [](const Tlp& t) { return Answer{false, kSc, Entry(t.addr(), kR | kW), 20}; };
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);  // 1 over 1: no change
  r.StartDma({});
  r.Run(200);
  EXPECT_EQ(r.Count(IsXlat), 2u);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0, 0xc);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);
  r.StartDma({});
  r.Run(200);
  EXPECT_EQ(r.Count(IsXlat), 3u);
}

TEST(EpAts, PasidTravelsAndTags) {
  Root r;
  r.Enable(false);
  r.CfgWrite(CFG_PASID_CAP_CTRL, 0x00010000, 0xc);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);
  r.StartDma(Dma().pasid(0x80000000 | 0x12345));
  r.Run(200);
  const long tr = r.Find(IsXlat), wr = r.Find(IsTranslated);
  ASSERT_TRUE(tr >= 0 && wr >= 0);
  EXPECT_TRUE(r.up[static_cast<size_t>(tr)].tlp.pfx_valid);
  EXPECT_EQ(r.up[static_cast<size_t>(tr)].tlp.pfx, 0x91012345u);
  EXPECT_EQ(r.up[static_cast<size_t>(wr)].tlp.pfx, 0x91012345u);
  r.Send(Root::InvTlp(1, kBase, 0, 0x54321));
  r.Run(20);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
  r.Send(Root::InvTlp(2, kBase, 0, 0x54321, true));
  r.Run(20);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  EXPECT_TRUE(r.SawInvCpl(1) && r.SawInvCpl(2));
}

TEST(EpAts, FourRequestsOpenAtOnce) {
  Root r;
  r.Enable();
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().log2_pages(3).count(0));
  r.Run(100);
  EXPECT_EQ(r.held.size(), 4u);
  // Answered out of order: each transfer goes to its own page.
  for (size_t n : {2u, 0u, 1u, 0u}) {
    const uint64_t page = r.held[n].addr();
    const size_t from = r.up.size();
    r.AnswerHeld(n, {false, kSc, Entry(page + Root::kOffset, kR | kW)});
    r.Run(20);
    const long w = r.Find(IsTranslated, from);
    ASSERT_GE(w, 0);
    EXPECT_EQ(r.up[static_cast<size_t>(w)].tlp.addr() & ~0xfffull, page + Root::kOffset);
  }
}

// ------------------------------------------------------------------------------------------- page requests

bool IsPage(const Tlp& t) { return t.is_msg(0x04); }

class EpPri : public ::testing::Test {
 protected:
  void Begin(uint32_t allocation = 4, bool enable = true) {
    r.Enable(false);
    r.CfgWrite(CFG_PASID_CAP_CTRL, 0x00010000, 0xc);
    r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);
    EXPECT_EQ(r.CfgRead(CFG_PRI_CTRL_STATUS), CFG_PRI_CTRL_STATUS_STOPPED);
    r.CfgWrite(CFG_PRI_ALLOCATION, allocation);
    if (enable) r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_ENABLE, 0x3);
    r.translate = [this](const Tlp& t) { return Answer{false, kSc, Entry(t.addr() + Root::kOffset, flags), 20}; };
  }
  void Go(uint32_t count, unsigned log2_pages = 0, uint32_t dir = EP_DMA_CTRL_WR, uint32_t pasid = 0) {
    r.StartDma(Dma().interval(20).count(count).log2_pages(log2_pages).pasid(pasid).flags(
        dir | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_PRI));
    r.Run(200);
  }
  const Tlp& Page(size_t n = 0) {
    long at = -1;
    for (size_t i = 0; i <= n; ++i) at = r.Find(IsPage, static_cast<size_t>(at + 1));
    EXPECT_GE(at, 0);
    return r.up[static_cast<size_t>(at)].tlp;
  }
  static unsigned Index(const Tlp& t) { return t.dw[3] >> 3 & 0x1ff; }
  void Respond(unsigned index, unsigned code) {
    Tlp t;
    t.dw = {0x32u << 24, 0x00000005u, uint32_t{kBdf} << 16 | code << 12 | index, 0};
    r.Send(t);
    r.Run(200);
  }
  uint32_t Status() { return r.CfgRead(CFG_PRI_CTRL_STATUS); }

  Root r;
  unsigned flags = 0;
};

TEST_F(EpPri, AskedGrantedAndRetried) {
  Begin();
  Go(1);
  ASSERT_EQ(r.Count(IsPage), 1u);
  const Tlp p = Page();
  EXPECT_EQ(p.dw[0], 0x30000000u);
  EXPECT_EQ(p.dw[1], uint32_t{kBdf} << 16 | 0x04);
  EXPECT_EQ(p.dw[2], 0u);
  EXPECT_EQ(p.dw[3] & ~0xff8u, kBase | 0x6);  // L and W
  EXPECT_FALSE(p.pfx_valid);
  EXPECT_TRUE(r.dut().quiet_o);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 0u);
  flags = kR | kW;
  Respond(Index(p), 0);
  EXPECT_EQ(r.Count(IsXlat), 2u);
  EXPECT_EQ(r.Count(IsTranslated), 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_PAGES), 1u);
  EXPECT_EQ(Aer(r), 0u);
  // A page that may be read only: the write asks, although an entry is there; a response that is late by one is no answer.
  flags = kR;
  r.StartDma(Dma().base(0x9'0000'3000).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_PRI));
  r.Run(200);
  ASSERT_EQ(r.Count(IsPage), 2u);
  EXPECT_EQ(Page(1).dw[2], 9u);
  EXPECT_EQ(Page(1).dw[3] & ~0xff8u, 0x3000u | 0x6);
  EXPECT_NE(Index(Page(1)), Index(p));
  Respond(Index(p), 0);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE | CFG_PRI_CTRL_STATUS_UNEXPECTED_INDEX);
  EXPECT_EQ(r.Count(IsXlat), 3u);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_UNEXPECTED_INDEX, 0xc);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE);
  flags = kR | kW;
  Respond(Index(Page(1)), 0);
  EXPECT_EQ(r.Count(IsTranslated), 2u);
}

TEST_F(EpPri, OffMeansDropped) {
  Begin(4, false);
  Go(2);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 2u);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_ENABLE, 0x3);
  r.StartDma(Dma());  // without PRI in DMA_CTRL
  r.Run(100);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 3u);
  EXPECT_FALSE(r.Saw(IsPage));
}

TEST_F(EpPri, InvalidEndsOneFailureStopsAll) {
  Begin();
  Go(1);
  Respond(Index(Page(0)), 1);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 1u);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE);
  Go(2, 1);
  ASSERT_EQ(r.Count(IsPage), 3u);
  Respond(Index(Page(1)), 15);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE | CFG_PRI_CTRL_STATUS_RESP_FAILURE);  // one is still out
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 2u);
  Go(1, 0, EP_DMA_CTRL_RD);
  EXPECT_EQ(r.Count(IsPage), 3u);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 3u);
  Respond(Index(Page(2)), 7);  // any other code is a failure
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE | CFG_PRI_CTRL_STATUS_RESP_FAILURE | CFG_PRI_CTRL_STATUS_STOPPED);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_RESP_FAILURE, 0xc);
  Go(1, 0, EP_DMA_CTRL_RD);
  ASSERT_EQ(r.Count(IsPage), 4u);
  EXPECT_EQ(Page(3).dw[3] & 7, 5u);  // L and R
}

TEST_F(EpPri, AllocationIsTheLimit) {
  Begin(2);
  Go(4, 2);
  EXPECT_EQ(r.Count(IsXlat), 4u);
  EXPECT_EQ(r.Count(IsPage), 2u);
  flags = kR | kW;
  Respond(Index(Page(0)), 0);
  EXPECT_EQ(r.Count(IsPage), 3u);
  r.CfgWrite(CFG_PRI_ALLOCATION, 0xffffffff);
  r.Run(50);
  EXPECT_EQ(r.Count(IsPage), 4u);
  std::set<unsigned> indices;
  for (size_t n = 0; n < 4; ++n) indices.insert(Index(Page(n)));
  EXPECT_EQ(indices.size(), 4u);
  for (size_t n : {3u, 1u, 2u}) Respond(Index(Page(n)), 0);
  EXPECT_EQ(r.Count(IsTranslated), 4u);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE);
}

TEST_F(EpPri, PasidAndStopMarker) {
  Begin();
  Go(1, 0, EP_DMA_CTRL_WR, 0x80000000 | 0x54321);
  ASSERT_EQ(r.Count(IsPage), 1u);
  EXPECT_TRUE(Page().pfx_valid);
  EXPECT_EQ(Page().pfx, 0x91054321u);
  r.BarWrite(EP_DMA_CTRL, EP_DMA_CTRL_STOP_MARKER);
  r.Run(50);
  ASSERT_EQ(r.Count(IsPage), 2u);
  EXPECT_EQ(Page(1).dw[1], uint32_t{kBdf} << 16 | 0x04);
  EXPECT_EQ(Page(1).dw[3] & 7, 4u);
  EXPECT_EQ(Page(1).pfx, 0x91054321u);
  EXPECT_EQ(r.BarRead(EP_DMA_CTRL), 0u);
  EXPECT_EQ(r.BarRead(EP_STAT_PAGES), 1u);
  r.BarWrite(EP_DMA_PASID, 0);
  r.BarWrite(EP_DMA_CTRL, EP_DMA_CTRL_STOP_MARKER);  // none without a PASID
  r.Run(50);
  EXPECT_EQ(r.Count(IsPage), 2u);
}

TEST_F(EpPri, AtsDisabledResetAndFlr) {
  Begin();
  Go(2, 1);
  ASSERT_EQ(r.Count(IsPage), 2u);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, 0, 0x3);
  EXPECT_EQ(Status(), 0u);  // not stopped: two are out
  r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_RESET, 0x3);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_STOPPED);
  r.Run(20);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 2u);
  Respond(Index(Page(0)), 0);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_STOPPED | CFG_PRI_CTRL_STATUS_UNEXPECTED_INDEX);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_ENABLE | CFG_PRI_CTRL_STATUS_UNEXPECTED_INDEX);
  Go(1);
  ASSERT_EQ(r.Count(IsPage), 3u);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0, 0xc);
  r.Run(50);
  EXPECT_EQ(r.Count(IsUntranslated), 1u);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE);
  Respond(Index(Page(2)), 0);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);
  Go(1);
  ASSERT_EQ(r.Count(IsPage), 4u);
  r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
  r.Run(600);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_STOPPED);
  EXPECT_EQ(r.CfgRead(CFG_PRI_ALLOCATION), 0u);
  Respond(Index(Page(3)), 0);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_STOPPED | CFG_PRI_CTRL_STATUS_UNEXPECTED_INDEX);
}

// Every transfer ends once, whatever the answers are; never more requests are out than allowed; each index names one page.
TEST_F(EpPri, RandomAnswers) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    Root x;
    std::mt19937_64 rng(seed);
    x.Enable();
    const uint32_t limit = 1 + seed % 4;
    x.CfgWrite(CFG_PRI_ALLOCATION, limit);
    x.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_ENABLE, 0x3);
    x.translate = [&](const Tlp& t) { return Answer{false, kSc, Entry(t.addr() + Root::kOffset, rng() % 4), 5 + rng() % 60}; };
    x.StartDma(Dma().log2_pages(5).interval(15).count(400).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS |
                                                                   EP_DMA_CTRL_PRI | EP_DMA_CTRL_RANDOM));
    std::map<unsigned, uint64_t> out;
    size_t seen = x.up.size(), pages = 0;
    for (unsigned n = 0; n < 60000; ++n) {
      x.Run(1);
      for (; seen < x.up.size(); ++seen) {
        if (!IsPage(x.up[seen].tlp)) continue;
        ASSERT_TRUE(out.emplace(Index(x.up[seen].tlp), x.now() + 10 + rng() % 90).second);
        ASSERT_LE(out.size(), limit);
        ++pages;
      }
      for (auto it = out.begin(); it != out.end();) {
        if (it->second > x.now()) {
          ++it;
          continue;
        }
        Tlp t;
        t.dw = {0x32u << 24, 0x00000005u, uint32_t{kBdf} << 16 | (rng() % 4 == 0 ? 1u : 0u) << 12 | it->first, 0};
        x.Send(t);
        it = out.erase(it);
      }
      if (rng() % 100 == 0) x.Send(Root::InvTlp(rng() % 32, kBase + rng() % 32 * kPage));
    }
    EXPECT_GT(pages, 50u);
    EXPECT_EQ(x.BarRead(EP_STAT_PAGES), pages);
    EXPECT_EQ(x.BarRead(EP_STAT_DONE) + x.BarRead(EP_STAT_DROPPED), 400u);
    EXPECT_GT(x.BarRead(EP_STAT_DROPPED), 0u);
    EXPECT_EQ(x.CfgRead(CFG_PRI_CTRL_STATUS), CFG_PRI_CTRL_STATUS_ENABLE);
  }
}

// ------------------------------------------------------------------------------------------- invalidation

TEST(EpInv, IdleLatencyAndHeader) {
  Root r;
  r.Enable();
  r.Run(10);
  r.Send(Root::InvTlp(17, kBase));
  const uint64_t start = r.now();
  r.Run(20);
  const long at = r.Find(IsInvCpl);
  ASSERT_GE(at, 0);
  const Sent& s = r.up[static_cast<size_t>(at)];
  EXPECT_EQ(s.cycle - start, 3u);
  EXPECT_LE(s.cycle - start, 6u);
  EXPECT_EQ(s.tlp.dw[0], 0x32000000u);
  EXPECT_EQ(s.tlp.dw[1], uint32_t{kBdf} << 16 | 0x02);
  EXPECT_EQ(s.tlp.dw[2], 1u);  // to the root, CC = 1
  EXPECT_EQ(s.tlp.dw[3], 1u << 17);
}

TEST(EpInv, OneACycle) {
  Root r;
  r.Enable();
  r.Run(10);
  const uint64_t start = r.now();
  for (unsigned n = 0; n < 32; ++n) r.Send(Root::InvTlp(n, kBase + n * kPage));
  r.Run(80);
  EXPECT_EQ(r.last_taken - start, 31u);  // none was held off
  uint32_t seen = 0;
  for (auto& s : r.up) {
    if (!s.tlp.is_inv_cpl()) continue;
    EXPECT_EQ(seen & s.tlp.dw[3], 0u);
    seen |= s.tlp.dw[3];
    EXPECT_LE(s.cycle, start + 31 + 6);
  }
  EXPECT_EQ(seen, 0xffffffffu);
  EXPECT_EQ(r.BarRead(EP_STAT_INV), 32u);
}

TEST(EpInv, DropsTheEntryAndAsksAgain) {
  Root r;
  r.Enable();
  r.StartDma(Dma().log2_pages(1).interval(40).count(4));
  r.Run(300);
  EXPECT_EQ(r.Count(IsXlat), 2u);
  r.Send(Root::InvTlp(0, kBase + kPage));
  r.Run(20);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
  r.StartDma(Dma().log2_pages(1).interval(40).count(4));
  r.Run(300);
  EXPECT_EQ(r.Count(IsXlat), 3u);
}

TEST(EpInv, ReadsOutstandingHoldTheCompletion) {
  Root r;
  r.Enable();
  r.read = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().interval(30).count(3).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  r.RunUntil([&] { return r.held.size() == 3; });
  r.Send(Root::InvTlp(4, kBase));
  r.Run(200);
  EXPECT_FALSE(r.SawInvCpl(4));
  EXPECT_TRUE(r.dut().quiet_o);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);  // not used any more meanwhile
  r.AnswerHeld(0, {});
  r.AnswerHeld(0, {});
  r.Run(50);
  EXPECT_FALSE(r.SawInvCpl(4));
  // A read that starts now used a newer translation: it is not waited for.
  r.StartDma(Dma().count(1).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  r.RunUntil([&] { return r.held.size() == 2; });
  // A second invalidation gathers behind the first.
  r.Send(Root::InvTlp(5, kBase));
  r.Run(20);
  r.AnswerHeld(0, {});
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(4));
  EXPECT_FALSE(r.SawInvCpl(5));
  r.AnswerHeld(0, {});
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(5));
}

TEST(EpInv, UntranslatedReadsAreNotWaitedFor) {
  Root r;
  r.Enable();
  r.read = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().count(1).flags(EP_DMA_CTRL_RD));
  r.RunUntil([&] { return r.held.size() == 1; });
  r.Send(Root::InvTlp(4, kBase));
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(4));
}

TEST(EpInv, CompletionStaysBehindWrites) {
  Root r;
  r.Enable();
  r.StartDma({});
  r.Run(100);
  r.class_ready = 6;  // no posted credit
  const size_t from = r.up.size();
  r.StartDma(Dma().interval(5).count(5));
  r.Run(100);
  r.Send(Root::InvTlp(30, kBase));
  r.Run(50);
  EXPECT_FALSE(r.Saw(IsWrite, from));
  r.class_ready = 7;
  r.Run(50);
  const long cpl = r.Find(IsInvCpl, from);
  ASSERT_GE(cpl, 0);
  EXPECT_EQ(r.Count(IsWrite, from), 5u);
  for (size_t i = static_cast<size_t>(cpl); i < r.up.size(); ++i) EXPECT_FALSE(IsTranslated(r.up[i].tlp));
}

TEST(EpInv, ConfigurationCompletionPushesWrites) {
  Root r;
  r.Enable(false);
  r.class_ready = 6;
  r.StartDma(Dma().interval(1).count(3).flags(EP_DMA_CTRL_WR));
  r.Run(30);
  const size_t from = r.up.size();
  r.Send(r.CfgTlp(false, 0, 0xf, 0));
  r.Run(50);
  EXPECT_EQ(r.up.size(), from);
  r.class_ready = 7;
  r.Run(50);
  ASSERT_EQ(r.up.size(), from + 4);
  EXPECT_TRUE(r.up.back().tlp.is_cpl());
}

TEST(EpInv, PostedIsNotBlockedByRequestsWithoutCredit) {
  Root r;
  r.Enable();
  r.class_ready = 5;  // no non-posted credit
  r.StartDma(Dma().log2_pages(3).count(0).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  r.Run(100);
  r.Send(Root::InvTlp(3, kBase));
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(3));
}

TEST(EpInv, CompletesWithAtsDisabled) {
  Root r;
  r.Enable(false);
  r.Send(Root::InvTlp(3, kBase, 9));
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(3));
}

// D11: the request is on its way, the invalidation overtakes its answer.
TEST(EpInv, StaleAnswerIsNotUsed) {
  Root r;
  r.Enable();
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.StartDma({});
  r.RunUntil([&] { return r.held.size() == 1; });
  r.Send(Root::InvTlp(3, kBase));
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(3));  // the request is not waited for
  r.AnswerHeld(0, {false, kSc, Entry(0x7'0000'0000, kR | kW)});
  r.Run(50);
  EXPECT_FALSE(r.Saw(IsTranslated));
  ASSERT_EQ(r.held.size(), 1u);  // asked again
  r.AnswerHeld(0, {false, kSc, Entry(0x8'0000'0000, kR | kW)});
  r.Run(50);
  EXPECT_EQ(r.up[static_cast<size_t>(r.Find(IsTranslated))].tlp.addr(), 0x8'0000'0000u);
}

TEST(EpInv, AnswerAndInvalidationBackToBack) {
  for (int gap = -4; gap <= 4; ++gap) {
    Root r;
    r.Enable();
    r.translate = [](const Tlp&) { return Answer{true}; };
    r.StartDma({});
    r.RunUntil([&] { return r.held.size() == 1; });
    const Tlp req = r.held[0];
    // gap < 0: the invalidation arrives first.
    r.Send(Root::InvTlp(3, kBase), 10);
    r.Send(Root::CplTlp(req, {false, kSc, Entry(0x7'0000'0000, kR | kW)}),
           static_cast<uint64_t>(10 + (gap < 0 ? -gap : 0)));
    if (gap > 0) continue;
    r.Run(60);
    const long cpl = r.Find(IsInvCpl);
    ASSERT_GE(cpl, 0);
    EXPECT_FALSE(r.Saw(IsTranslated)) << gap;
    EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  }
  for (uint64_t gap = 0; gap <= 6; ++gap) {  // the answer first: it may be used, but not after the completion
    Root r;
    r.Enable();
    r.translate = [](const Tlp&) { return Answer{true}; };
    r.StartDma(Dma().interval(1).count(0));
    r.RunUntil([&] { return r.held.size() == 4; });
    r.Send(Root::CplTlp(r.held[0], {false, kSc, Entry(0x7'0000'0000, kR | kW)}), 10);
    r.Send(Root::InvTlp(3, kBase), 10 + gap);
    r.Run(100);
    const long cpl = r.Find(IsInvCpl);
    ASSERT_GE(cpl, 0);
    EXPECT_FALSE(r.Saw(IsTranslated, static_cast<size_t>(cpl))) << gap;
  }
}

// An answer that arrived waits for its place in the ATC behind a blocked transfer when the invalidation comes.
TEST(EpInv, AnswerWaitingForInsertionIsMarkedToo) {
  Root r;
  r.Enable();
  r.StartDma(Dma().base(kBase + 16 * kPage));
  r.Run(100);
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().log2_pages(1).count(2));
  r.RunUntil([&] { return r.held.size() == 2; });
  r.class_ready = 6;
  r.StartDma(Dma().base(kBase + 16 * kPage).count(0));  // fills the egress queue
  r.Run(50);
  const uint64_t second = r.held[1].addr();
  r.AnswerHeld(0, {false, kSc, Entry(0x6'0000'0000, kR | kW)});
  r.Run(10);
  r.AnswerHeld(0, {false, kSc, Entry(0x7'0000'0000, kR | kW)});
  r.Run(10);
  r.Send(Root::InvTlp(3, second));
  r.Run(10);
  r.class_ready = 7;
  r.Run(100);
  const long cpl = r.Find(IsInvCpl);
  ASSERT_GE(cpl, 0);
  auto at = [](uint64_t page) { return [page](const Tlp& t) { return IsTranslated(t) && t.addr() >> 12 == page; }; };
  EXPECT_TRUE(r.Saw(at(0x60'0000)));
  EXPECT_FALSE(r.Saw(at(0x70'0000), static_cast<size_t>(cpl)));
}

TEST(EpInv, OtherRangesDoNotMakeAnAnswerStale) {
  Root r;
  r.Enable();
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.StartDma({});
  r.RunUntil([&] { return r.held.size() == 1; });
  for (unsigned n = 0; n < 100; ++n) r.Send(Root::InvTlp(n % 32, kBase + (n + 1) * kPage));
  r.Run(150);
  r.AnswerHeld(0, {false, kSc, Entry(0x7'0000'0000, kR | kW)});
  r.Run(50);
  EXPECT_EQ(r.Count(IsTranslated), 1u);
}

TEST(EpInv, AnswerLargerThanAskedMeetsTheKeptRanges) {
  for (unsigned others : {0u, 15u, 40u}) {  // 40: more than are kept
    for (bool overlap : {true, false}) {
      Root r;
      r.Enable();
      r.translate = [](const Tlp&) { return Answer{true}; };
      r.StartDma({});
      r.RunUntil([&] { return r.held.size() == 1; });
      r.Send(Root::InvTlp(3, overlap ? kBase + 0x1f'f000 : kBase + 0x20'0000));
      for (unsigned n = 0; n < others; ++n) r.Send(Root::InvTlp(4 + n % 8, kBase + 0x4000'0000));
      r.Run(100);
      r.AnswerHeld(0, {false, kSc, Entry(0x7'0000'0000, kR | kW, 9)});
      r.Run(50);
      const bool stale = overlap || others > 15;
      EXPECT_EQ(r.Count(IsTranslated), stale ? 0u : 1u) << others << overlap;
      EXPECT_EQ(r.held.size(), stale ? 1u : 0u);
    }
  }
}

TEST(EpInv, DisablingAtsEmptiesAndAbandons) {
  Root r;
  r.Enable();
  r.StartDma(Dma().base(kBase + 8 * kPage));
  r.Run(100);
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.StartDma({});
  r.RunUntil([&] { return r.held.size() == 1; });
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0, 0xc);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);
  r.AnswerHeld(0, {false, kSc, Entry(0x7'0000'0000, kR | kW)});  // of the time before
  r.Run(50);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  EXPECT_EQ(r.held.size(), 1u);  // asked anew
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0, 0xc);
  r.AnswerHeld(0, {false, kUr, 0});
  const size_t from = r.up.size();
  r.Run(50);
  EXPECT_EQ(r.Count(IsUntranslated, from), 1u);
  EXPECT_FALSE(r.Saw(IsTranslated, from));
}

// ------------------------------------------------------------------------------------------- reset

TEST(EpFlr, TakesEffectAfterItsCompletion) {
  Root r;
  r.Enable();
  r.StartDma(Dma().interval(20).count(0));
  r.Run(200);
  r.read = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().interval(20).count(0).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  r.RunUntil([&] { return r.held.size() >= 2; });
  r.Send(r.MemTlp(true, 0xdead0000, 0xf, 0));  // UR, for the sticky log
  const Tlp late = r.held[0];
  const Tlp c = r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
  EXPECT_EQ(c.status(), kSc);
  const uint64_t start = r.up.back().cycle;
  const size_t from = r.up.size();
  r.Send(Root::InvTlp(3, kBase));
  r.Send(r.MemTlp(true, kBar + EP_DMA_SEED, 0xf, 5));
  r.Send(r.MemTlp(false, kBar + EP_DMA_SEED, 0xf, 5));
  r.Send(Root::CplTlp(late, {}));
  r.Run(100);
  EXPECT_EQ(r.up.size(), from);  // silence
  EXPECT_EQ(r.Ask(r.CfgTlp(false, 0, 0xf, 0)).status(), kRrs);
  EXPECT_TRUE(r.Idle());  // and the packets were taken
  r.RunTo(start + 499);
  EXPECT_EQ(r.Ask(r.CfgTlp(false, 0, 0xf, 0)).status(), kRrs);
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xa7cb1234u);
  EXPECT_LE(r.now() - start, 510u);
  EXPECT_EQ(r.CfgRead(CFG_COMMAND_STATUS) & 0x7, 0u);
  EXPECT_EQ(r.CfgRead(CFG_BAR0), 0u);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) >> 16, 0u);
  EXPECT_FALSE(r.CfgRead(CFG_DEVCTL_DEVSTA) & (CFG_DEVCTL_DEVSTA_TRPND | CFG_DEVCTL_DEVSTA_FLR));
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);  // sticky
  r.Send(Root::CplTlp(late, {}));
  r.Run(20);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR | CFG_AER_UNCOR_STATUS_UC);
  r.Enable();
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  EXPECT_EQ(r.BarRead(EP_DMA_CTRL), 0u);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 0u);
  EXPECT_FALSE(r.SawInvCpl(3));
}

TEST(EpFlr, AnAnswerOfTheFormerLifeIsNotTakenForANewOne) {
  Root r;
  r.Enable();
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.StartDma({});
  r.RunUntil([&] { return r.held.size() == 1; });
  const Tlp old = r.held[0];
  r.held.clear();
  r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
  r.Run(600);
  r.Enable();
  r.StartDma({});
  r.RunUntil([&] { return r.held.size() == 1; });
  r.Send(Root::CplTlp(old, {false, kSc, Entry(0x7'0000'0000, kR | kW)}));
  r.Run(50);
  EXPECT_FALSE(r.Saw(IsTranslated));
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UC);
  r.AnswerHeld(0, {false, kSc, Entry(0x8'0000'0000, kR | kW)});
  r.Run(50);
  EXPECT_TRUE(r.Saw(IsTranslated));
}

// ------------------------------------------------------------------------------------------- misbehaviour

class EpFault : public ::testing::Test {
 protected:
  // One page cached, DMA going on it every 20 cycles, then the fault.
  void Begin(uint32_t ctrl, uint32_t delay = 0, uint32_t skip = 0) {
    r.Enable();
    r.BarWrite(EP_FAULT_DELAY, delay);
    r.BarWrite(EP_FAULT_SKIP, skip);
    r.BarWrite(EP_FAULT_CTRL, ctrl);
    r.StartDma(Dma().interval(20).count(0));
    r.Run(200);
    mark = r.up.size();
  }
  // The page moves; what the device does after the invalidation.
  void Unmap(unsigned itag) {
    r.translate = [](const Tlp& t) { return Answer{false, kSc, Entry(t.addr() + 2 * Root::kOffset, kR | kW), 20}; };
    r.Send(Root::InvTlp(itag, kBase));
    r.Run(10);
    mark = r.up.size();
    r.Run(500);
  }
  size_t Old() const {
    return r.Count([](const Tlp& t) { return IsTranslated(t) && (t.addr() & ~0xfffull) == kBase + Root::kOffset; },
                   mark);
  }
  size_t New() const {
    return r.Count([](const Tlp& t) { return IsTranslated(t) && (t.addr() & ~0xfffull) == kBase + 2 * Root::kOffset; },
                   mark);
  }
  static uint32_t Never(uint32_t mode) { return EP_FAULT_CTRL_NEVER_ANSWER | mode << 1; }

  Root r;
  size_t mark = 0;
};

TEST_F(EpFault, Healthy) {
  Begin(0);
  Unmap(1);
  EXPECT_TRUE(r.SawInvCpl(1));
  EXPECT_EQ(Old(), 0u);
  EXPECT_GT(New(), 10u);
}

TEST_F(EpFault, DeadKeepsUsingTheEntry) {
  Begin(Never(NEVER_ANSWER_DEAD));
  Unmap(1);
  EXPECT_FALSE(r.Saw(IsInvCpl));
  EXPECT_GT(Old(), 10u);
  EXPECT_EQ(New(), 0u);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_INV), 1u);
  for (unsigned n = 0; n < 100; ++n) r.Send(Root::InvTlp(n % 32, kBase));  // always accepted
  r.Run(150);
  EXPECT_TRUE(r.Idle());
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0, 0xc);  // configuration space works
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  mark = r.up.size();
  r.Run(200);
  EXPECT_EQ(Old(), 0u);
  EXPECT_TRUE(r.Saw(IsUntranslated, mark));
}

TEST_F(EpFault, DeadLeavesOpenRequestsUnmarked) {
  Begin(Never(NEVER_ANSWER_DEAD));
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().base(kBase + kPage));
  r.RunUntil([&] { return r.held.size() == 1; });
  r.Send(Root::InvTlp(3, kBase + kPage));
  r.Run(20);
  r.AnswerHeld(0, {false, kSc, Entry(0x7'0000'0000, kR | kW)});
  r.Run(50);
  EXPECT_TRUE(r.Saw([](const Tlp& t) { return IsTranslated(t) && t.addr() >> 12 == 0x70'0000; }));
}

TEST_F(EpFault, ClearedDropsTheEntryAndIsSilent) {
  Begin(Never(NEVER_ANSWER_CLEARED));
  Unmap(1);
  EXPECT_FALSE(r.Saw(IsInvCpl));
  EXPECT_EQ(Old(), 0u);
  EXPECT_GT(New(), 10u);
}

TEST_F(EpFault, StuckStopsDma) {
  Begin(Never(NEVER_ANSWER_STUCK), 0, 1);
  Unmap(1);  // the one that is skipped
  EXPECT_TRUE(r.SawInvCpl(1));
  Unmap(2);
  r.Run(100);
  mark = r.up.size();
  r.Run(300);
  EXPECT_EQ(r.up.size(), mark);
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xa7cb1234u);
}

TEST_F(EpFault, SkipCountsNormalAnswers) {
  Begin(Never(NEVER_ANSWER_DEAD), 0, 3);
  for (unsigned n = 0; n < 5; ++n) {
    r.Send(Root::InvTlp(n, kBase));
    r.Run(100);
    EXPECT_EQ(r.SawInvCpl(n), n < 3);
  }
}

TEST_F(EpFault, AnswerAfter) {
  Begin(EP_FAULT_CTRL_ANSWER_AFTER, 300);
  r.Send(Root::InvTlp(1, kBase));
  const uint64_t start = r.now();
  r.Run(400);
  const long at = r.Find(IsInvCpl);
  ASSERT_GE(at, 0);
  EXPECT_GE(r.up[static_cast<size_t>(at)].cycle - start, 303u);
  EXPECT_LE(r.up[static_cast<size_t>(at)].cycle - start, 310u);  // behind writes
}

TEST_F(EpFault, PlantedKeepStale) {
  Begin(EP_FAULT_CTRL_KEEP_STALE);
  Unmap(1);
  EXPECT_TRUE(r.SawInvCpl(1));
  EXPECT_GT(Old(), 10u);  // after the completion: the oracle must see this
}

TEST_F(EpFault, PlantedEarlyCompletionWithReads) {
  Begin(EP_FAULT_CTRL_EARLY_CPL);
  r.read = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().count(1).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  r.RunUntil([&] { return r.held.size() == 1; });
  r.Send(Root::InvTlp(1, kBase));
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(1));  // although the read is outstanding
}

TEST_F(EpFault, PlantedEarlyCompletionWithLingeringWrites) {
  Begin(EP_FAULT_CTRL_EARLY_CPL, 150);
  Unmap(1);
  EXPECT_TRUE(r.SawInvCpl(1));
  EXPECT_EQ(Old(), 1u);  // the write that lingered leaves after the completion
}

// What each bit of FAULT_CTRL makes, and that nothing else changes.
TEST_F(EpFault, EveryThirdIsAnswered) {
  Begin(0);
  r.BarWrite(EP_FAULT_EVERY, 3);
  r.BarWrite(EP_FAULT_SKIP, 2);
  r.BarWrite(EP_FAULT_CTRL, Never(NEVER_ANSWER_DEAD));
  for (unsigned n = 0; n < 11; ++n) {
    r.Send(Root::InvTlp(n, kBase));
    r.Run(60);
    EXPECT_EQ(r.SawInvCpl(n), n < 2 || (n - 2) % 3 == 2) << n;
  }
}

TEST_F(EpFault, WrongItagRequesterCountAndCopies) {
  Begin(0);
  r.BarWrite(EP_FAULT_RID, 0x4321);
  auto one = [&](uint32_t ctrl, unsigned itag) {
    r.BarWrite(EP_FAULT_CTRL, ctrl);
    r.Run(20);
    const size_t from = r.up.size();
    r.Send(Root::InvTlp(itag, kBase));
    r.Run(60);
    std::vector<Tlp> got;
    for (size_t i = from; i < r.up.size(); ++i)
      if (r.up[i].tlp.is_inv_cpl()) got.push_back(r.up[i].tlp);
    return got;
  };
  auto expect = [](const std::vector<Tlp>& got, size_t copies, uint32_t rid, uint32_t cc, uint32_t itags) {
    ASSERT_EQ(got.size(), copies);
    for (const Tlp& t : got) {
      EXPECT_EQ(t.dw[1], rid << 16 | 0x02);
      EXPECT_EQ(t.dw[2], cc);
      EXPECT_EQ(t.dw[3], itags);
    }
  };
  expect(one(0, 31), 1, kBdf, 1, 1u << 31);
  expect(one(EP_FAULT_CTRL_WRONG_ITAG, 31), 1, kBdf, 1, 1u << 0);
  expect(one(EP_FAULT_CTRL_WRONG_ITAG, 4), 1, kBdf, 1, 1u << 5);
  expect(one(EP_FAULT_CTRL_WRONG_RID, 4), 1, 0x4321, 1, 1u << 4);
  expect(one(EP_FAULT_CTRL_WRONG_CC, 4), 1, kBdf, 2, 1u << 4);
  expect(one(EP_FAULT_CTRL_DUPLICATE, 4), 2, kBdf, 1, 1u << 4);
  expect(one(EP_FAULT_CTRL_DUPLICATE | EP_FAULT_CTRL_WRONG_RID | EP_FAULT_CTRL_WRONG_CC | EP_FAULT_CTRL_WRONG_ITAG, 7), 2,
         0x4321, 2, 1u << 8);
  EXPECT_FALSE(r.Saw([](const Tlp& t) { return !t.is_inv_cpl() && t.dw[1] >> 16 != kBdf; }));
  // The first one is skipped, although its answer leaves when the fault acts already.
  r.BarWrite(EP_FAULT_SKIP, 1);
  r.BarWrite(EP_FAULT_CTRL, EP_FAULT_CTRL_WRONG_ITAG);
  r.Run(20);
  mark = r.up.size();
  r.Send(Root::InvTlp(10, kBase));
  r.Send(Root::InvTlp(20, kBase));
  r.Run(60);
  EXPECT_TRUE(r.SawInvCpl(10, mark) && r.SawInvCpl(21, mark));
  EXPECT_FALSE(r.SawInvCpl(11, mark) || r.SawInvCpl(20, mark));
}

// A batch that waits for a read is sent twice as it was, whatever comes meanwhile, and the drain holds for the next one.
TEST_F(EpFault, DuplicateOfADrainedBatch) {
  Begin(0);
  r.read = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().count(1).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  r.RunUntil([&] { return r.held.size() == 1; });
  r.BarWrite(EP_FAULT_CTRL, EP_FAULT_CTRL_DUPLICATE);
  r.Run(20);
  mark = r.up.size();
  r.Send(Root::InvTlp(1, kBase));
  r.Run(10);
  r.Send(Root::InvTlp(2, kBase));
  r.Run(10);
  EXPECT_FALSE(r.Saw(IsInvCpl, mark));
  r.AnswerHeld(0, {});
  r.Run(50);
  std::vector<uint32_t> got;
  for (size_t i = mark; i < r.up.size(); ++i)
    if (r.up[i].tlp.is_inv_cpl()) got.push_back(r.up[i].tlp.dw[3]);
  EXPECT_EQ(got, (std::vector<uint32_t>{2, 2, 4, 4}));
}

TEST_F(EpFault, UnsupportedRequestIsLoggedAndSilent) {
  Begin(EP_FAULT_CTRL_UR);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, CFG_DEVCTL_DEVSTA_NFERE | CFG_DEVCTL_DEVSTA_URRE, 0x1);
  const Tlp t = Root::InvTlp(9, kBase);
  r.Send(t);
  r.Run(100);
  EXPECT_FALSE(r.Saw(IsInvCpl));
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);
  for (unsigned n = 0; n < 4; ++n) EXPECT_EQ(r.CfgRead(CFG_AER_HDR_LOG(n)), t.dw[n]);
  EXPECT_EQ(r.Count([](const Tlp& m) { return m.is_msg(0x31); }), 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
}

TEST_F(EpFault, ForgedRequests) {
  Begin(0);
  r.BarWrite(EP_FAULT_RID, 0x0408);
  r.BarWrite(EP_FAULT_CTRL, EP_FAULT_CTRL_FORGE_REQ);
  r.Run(20);
  mark = r.up.size();
  r.Send(Root::InvTlp(1, kBase));
  r.Run(200);
  EXPECT_TRUE(r.Saw(IsXlat, mark));  // answers go to the forged ID: its DMA waits for ever
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0, 0xc);
  r.StartDma(Dma().count(9).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_RD));
  r.Run(200);
  for (size_t i = mark; i < r.up.size(); ++i) {
    const Tlp& t = r.up[i].tlp;
    EXPECT_EQ(t.dw[1] >> 16, t.is_mrd() || t.is_write() ? 0x0408u : uint32_t{kBdf});
  }
}

TEST_F(EpFault, RogueUsesAddressesThatWereNeverTranslated) {
  Begin(0);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0, 0xc);
  for (uint32_t ats : {0u, EP_DMA_CTRL_USE_ATS}) {
    r.BarWrite(EP_FAULT_CTRL, EP_FAULT_CTRL_ROGUE);
    r.StartDma(Dma().base(0x7'0000'0000).interval(20).count(8).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_RD | ats));
    mark = r.up.size();
    r.Run(300);
    EXPECT_GT(r.Count([](const Tlp& t) { return IsTranslated(t) && t.is_write() && t.addr() >> 32 == 7; }, mark), 1u);
    EXPECT_GT(r.Count([](const Tlp& t) { return IsTranslated(t) && t.is_read() && t.addr() >> 32 == 7; }, mark), 1u);
    EXPECT_FALSE(r.Saw(IsXlat, mark));
  }
  r.BarWrite(EP_FAULT_CTRL, 0);
  r.StartDma(Dma().interval(20).count(4).flags(EP_DMA_CTRL_WR));
  mark = r.up.size();
  r.Run(200);
  EXPECT_EQ(r.Count(IsUntranslated, mark), 4u);
}

TEST_F(EpFault, MalformedWrites) {
  const auto is_plain = [](const Tlp& t) {
    return t.is_write() && t.length() == 16 && (t.dw[1] & 0xff) == 0xff && t.addr() % 64 == 0 && !(t.dw[0] >> 14 & 1) &&
           (t.at() & 1) == 0;
  };
  const std::vector<std::function<bool(const Tlp&)>> kinds = {
      is_plain,
      [](const Tlp& t) { return t.is_write() && t.length() == 17 && (t.addr() & 0xfff) == 0; },
      [](const Tlp& t) { return t.is_write() && t.length() == 16 && (t.dw[1] & 0xff) == 0xf0; },
      [](const Tlp& t) { return t.is_write() && (t.addr() & 0xfff) == 0xffc; },
      [](const Tlp& t) { return t.is_write() && t.at() == 3; },
      [](const Tlp& t) { return t.is_write() && (t.dw[0] >> 14 & 1); },
      [](const Tlp& t) { return t.kind() == 0x0a && t.status() == kUr && (t.dw[2] >> 8 & 0xff) == 0xff; },
      [](const Tlp& t) { return t.kind() == 0x30 && (t.dw[1] & 0xff) == 0x2a; },
  };
  Begin(0);
  for (uint64_t base : {kBase, uint64_t{0x9'0000'0000}}) {
    for (uint32_t k = 0; k < kinds.size(); ++k) {
      r.BarWrite(EP_FAULT_CTRL, k << EP_FAULT_CTRL_MALFORMED_SHIFT);
      r.StartDma(Dma().base(base).log2_pages(1).interval(10).count(6).flags(EP_DMA_CTRL_WR));
      mark = r.up.size();
      r.Run(150);
      ASSERT_EQ(r.up.size() - mark, 6u);
      EXPECT_EQ(r.Count(kinds[k], mark), 6u) << k;
      if (k != 0) EXPECT_EQ(r.Count(is_plain, mark), 0u) << k;
      // Reads and what the function answers are as ever.
      r.StartDma(Dma().base(base).interval(10).count(4).flags(EP_DMA_CTRL_RD));
      r.Run(150);
      EXPECT_EQ(r.BarRead(EP_ID), 0x41544345u);
    }
  }
  // Unasked completions never outgrow the room for completions.
  r.BarWrite(EP_FAULT_CTRL, MALFORMED_CPL << EP_FAULT_CTRL_MALFORMED_SHIFT);
  r.StartDma(Dma().count(0).flags(EP_DMA_CTRL_WR));
  r.class_ready = 3;
  r.Run(200);
  r.class_ready = 7;
  EXPECT_EQ(r.BarRead(EP_ID), 0x41544345u);
}

TEST_F(EpFault, NoCreditForAWhile) {
  Begin(0);
  r.BarWrite(EP_FAULT_DELAY, 400);
  r.BarWrite(EP_FAULT_SKIP, 1);
  r.BarWrite(EP_FAULT_CTRL, EP_FAULT_CTRL_NO_CREDIT);
  r.RunUntil([&] { return r.Idle(); });
  r.Run(100);
  r.Send(Root::InvTlp(1, kBase));  // the last one that is treated normally
  r.RunUntil([&] { return r.SawInvCpl(1); });
  const uint64_t start = r.now();
  r.Send(Root::InvTlp(2, kBase));
  r.Send(r.CfgTlp(false, 0, 0xf, 0));
  r.Run(380);
  EXPECT_FALSE(r.Idle());
  EXPECT_FALSE(r.SawInvCpl(2));
  r.RunUntil([&] { return r.SawInvCpl(2); });
  EXPECT_LE(r.now() - start, 410u);
  r.Run(100);
  EXPECT_TRUE(r.Idle());
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xa7cb1234u);
}

TEST_F(EpFault, ConfigurationDead) {
  Begin(EP_FAULT_CTRL_CFG_DEAD);
  mark = r.up.size();
  r.Send(r.CfgTlp(false, 0, 0xf, 0));
  r.Send(r.CfgTlp(true, CFG_BAR0, 0xf, 0));
  r.Run(100);
  EXPECT_TRUE(r.Idle());
  EXPECT_FALSE(r.Saw([](const Tlp& t) { return t.is_cpl(); }, mark));
  r.Invalidate(1, kBase);
  r.BarWrite(EP_FAULT_CTRL, 0);
  r.Run(50);
  EXPECT_TRUE(r.SawInvCpl(1));
  EXPECT_EQ(r.CfgRead(CFG_BAR0) & ~0xfu, kBar);
}

TEST_F(EpFault, FlrThatDoesNothing) {
  Begin(FLR_FAULT_IGNORE << EP_FAULT_CTRL_FLR_SHIFT);
  const Tlp c = r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
  EXPECT_EQ(c.status(), kSc);
  r.Run(20);
  EXPECT_EQ(r.CfgRead(CFG_BAR0) & ~0xfu, kBar);
  EXPECT_GT(r.BarRead(EP_STAT_ATC), 0u);
}

TEST_F(EpFault, FlrThatNeverEnds) {
  Begin(FLR_FAULT_NEVER << EP_FAULT_CTRL_FLR_SHIFT);
  r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
  r.Run(5);
  EXPECT_TRUE(r.dut().quiet_o);
  EXPECT_EQ(r.dut().next_deadline_o, 0xffff'ffff'ffffu);
  r.Run(5000);
  EXPECT_EQ(r.Ask(r.CfgTlp(false, 0, 0xf, 0)).status(), kRrs);
}

TEST_F(EpFault, FlrThatComesBackBroken) {
  Begin(FLR_FAULT_BROKEN << EP_FAULT_CTRL_FLR_SHIFT, 300);
  r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
  const uint64_t start = r.up.back().cycle;
  r.RunTo(start + 510);
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xffffffffu);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL), 0xffffffffu);
  r.CfgWrite(CFG_BAR0, kBar);  // lost
  EXPECT_EQ(r.Ask(r.CfgTlp(false, 0, 0xf, 0, kBdf + 1)).status(), kUr);
  r.RunTo(start + 790);
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xffffffffu);
  r.RunTo(start + 805);
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xa7cb1234u);
  EXPECT_EQ(r.CfgRead(CFG_BAR0) & ~0xfu, 0u);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) >> 16, 0u);
  r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));  // the next one is healthy again
  r.Run(510);
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xa7cb1234u);
}

TEST_F(EpFault, FlrClearsUnlessItSurvives) {
  for (uint32_t survive : {0u, EP_FAULT_CTRL_SURVIVE_FLR}) {
    Root x;
    x.Enable();
    x.BarWrite(EP_FAULT_DELAY, 7);
    x.BarWrite(EP_FAULT_CTRL, Never(NEVER_ANSWER_DEAD) | survive);
    x.Run(10);
    x.Ask(x.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
    x.Run(600);
    x.Enable();
    x.Send(Root::InvTlp(1, kBase));
    x.Run(20);
    EXPECT_EQ(x.SawInvCpl(1), survive == 0);
    EXPECT_EQ(x.BarRead(EP_FAULT_DELAY), survive ? 7u : 0u);
  }
}

// ------------------------------------------------------------------------------------------- random

// Pages are unmapped and mapped to new addresses all the time. After the completion of an invalidation, and in link
// order, no request may use an address that was unmapped before the invalidation was sent, and no read of it may be
// unanswered.
struct Soak {
  Root r;
  std::mt19937_64 rng;
  std::array<uint64_t, 8> pa{};
  uint64_t next_pa = 0x1'0000'0000;
  std::map<unsigned, std::set<uint64_t>> pending;  // itag -> addresses that must be gone after its completion
  std::set<uint64_t> dead;
  std::multiset<uint64_t> reads;  // addresses of unanswered translated reads
  unsigned stale = 0, early = 0, completed = 0;

  explicit Soak(unsigned seed, uint32_t fault, uint32_t delay) : rng(seed) {
    for (auto& p : pa) p = next_pa += kPage;
    r.Enable();
    r.BarWrite(EP_FAULT_DELAY, delay);
    r.BarWrite(EP_FAULT_CTRL, fault);
    r.translate = [this](const Tlp& t) {
      const uint64_t n = (t.addr() - kBase) / kPage;
      EXPECT_LT(n, 8u);
      // The answer is fixed when the request arrives; it may be long on its way.
      return Answer{false, kSc, Entry(pa[n], kR | kW), 5 + rng() % 300};
    };
    r.read = [](const Tlp&) { return Answer{true}; };
    r.StartDma(Dma()
                   .log2_pages(3)
                   .interval(7)
                   .count(0)
                   .flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_RANDOM)
                   .seed(seed));
  }
  void Go(uint64_t cycles) {
    size_t seen = r.up.size();
    const uint64_t end = r.now() + cycles;
    std::multimap<uint64_t, Tlp> due;
    while (r.now() < end) {
      if (rng() % 120 == 0) Move();
      if (rng() % 50 == 0) r.class_ready = rng() % 8;
      if (rng() % 10 == 0) r.class_ready = 7;
      r.Run(1);
      for (; seen < r.up.size(); ++seen) Look(r.up[seen].tlp);
      while (!r.held.empty()) {
        due.emplace(r.now() + 10 + rng() % 200, r.held.front());
        r.held.pop_front();
      }
      while (!due.empty() && due.begin()->first <= r.now()) {
        const Tlp t = due.begin()->second;
        due.erase(due.begin());
        if (IsTranslated(t)) reads.erase(reads.find(t.addr() & ~0xfffull));
        r.Send(Root::CplTlp(t, {}));
      }
    }
  }
  void Move() {
    if (pending.size() == 32) return;
    unsigned itag = rng() % 32;
    while (pending.count(itag)) itag = (itag + 1) % 32;
    const unsigned log2 = rng() % 4, n = rng() % 8 & ~((1u << log2) - 1);
    for (unsigned i = n; i < n + (1u << log2); ++i) {
      pending[itag].insert(pa[i]);
      pa[i] = next_pa += kPage;
    }
    r.Send(Root::InvTlp(itag, kBase + n * kPage, log2));
  }
  void Look(const Tlp& t) {
    if (IsTranslated(t)) {
      const uint64_t page = t.addr() & ~0xfffull;
      stale += dead.count(page);
      if (t.is_read()) reads.insert(page);
    } else if (t.is_inv_cpl()) {
      for (unsigned i = 0; i < 32; ++i) {
        if (!(t.dw[3] >> i & 1)) continue;
        ASSERT_TRUE(pending.count(i)) << "completion of an idle ITag";
        for (uint64_t p : pending[i]) {
          early += reads.count(p) > 0;
          dead.insert(p);
        }
        pending.erase(i);
        ++completed;
      }
    }
  }
};

TEST(EpSoak, HealthyNeverUsesADeadAddress) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    Soak s(seed, 0, 0);
    s.Go(40000);
    EXPECT_EQ(s.stale, 0u);
    EXPECT_EQ(s.early, 0u);
    EXPECT_GT(s.completed, 250u);
    EXPECT_GT(s.r.Count(IsTranslated), 800u);
    s.r.class_ready = 7;
    s.r.Run(2000);
    EXPECT_EQ(s.r.BarRead(EP_STAT_DROPPED), 0u);
  }
}

TEST(EpSoak, TheCheckSeesKeptEntries) {
  Soak s(9, EP_FAULT_CTRL_KEEP_STALE, 0);
  s.Go(5000);
  EXPECT_GT(s.stale, 0u);
}

TEST(EpSoak, TheCheckSeesEarlyCompletions) {
  Soak s(9, EP_FAULT_CTRL_EARLY_CPL, 0);
  s.Go(5000);
  EXPECT_GT(s.early, 0u);
  Soak t(9, EP_FAULT_CTRL_EARLY_CPL, 100);
  t.Go(5000);
  EXPECT_GT(t.stale, 0u);
}

// ------------------------------------------------------------------------------------------- time

// D21: the same packets in the same cycles with and without idle jumps.
void Scenario(Root& r) {
  r.Enable();
  r.read = [](const Tlp&) { return Answer{false, kSc, 0, 700}; };
  r.translate = [](const Tlp& t) { return Answer{false, kSc, Entry(t.addr() + Root::kOffset, kR | kW), 350}; };
  r.StartDma(Dma().log2_pages(3).interval(123).count(0).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS |
                                                              EP_DMA_CTRL_RANDOM));
  for (unsigned n = 0; n < 20; ++n) r.Send(Root::InvTlp(n, kBase + n % 8 * kPage), 500 + 377 * n);
  r.Run(9000);
  r.BarWrite(EP_FAULT_DELAY, 900);
  r.BarWrite(EP_FAULT_CTRL, EP_FAULT_CTRL_ANSWER_AFTER);
  for (unsigned n = 0; n < 5; ++n) r.Send(Root::InvTlp(n, kBase + n % 8 * kPage), 50 + 377 * n);
  r.Run(4000);
  r.BarWrite(EP_FAULT_CTRL, EP_FAULT_CTRL_EARLY_CPL);
  for (unsigned n = 0; n < 5; ++n) r.Send(Root::InvTlp(n, kBase + n % 8 * kPage), 50 + 377 * n);
  r.Run(4000);
  r.BarWrite(EP_FAULT_DELAY, 1500);
  r.BarWrite(EP_FAULT_CTRL, EP_FAULT_CTRL_NO_CREDIT | FLR_FAULT_BROKEN << EP_FAULT_CTRL_FLR_SHIFT);
  for (unsigned n = 0; n < 5; ++n) r.Send(Root::InvTlp(n, kBase + n % 8 * kPage), 50 + 377 * n);
  r.Run(4000);
  r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
  r.Run(3000);
  r.Enable();
  r.StartDma(Dma().interval(1000).count(4).flags(EP_DMA_CTRL_WR));
  r.Run(9000);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 4u);
  r.CfgWrite(CFG_PRI_ALLOCATION, 2);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_ENABLE, 0x3);
  r.translate = [](const Tlp& t) { return Answer{false, kSc, Entry(t.addr(), 0), 350}; };
  r.StartDma(Dma().log2_pages(3).interval(123).count(7).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_PRI));
  for (unsigned n = 0; n < 40; ++n) {
    r.Run(700);
    const unsigned code = n % 5 == 4 ? 1 : 0;
    for (size_t i = r.up.size(); i-- > 0;) {
      if (!IsPage(r.up[i].tlp)) continue;
      Tlp t;
      t.dw = {0x32u << 24, 0x00000005u, uint32_t{kBdf} << 16 | code << 12 | (r.up[i].tlp.dw[3] >> 3 & 0x1ff), 0};
      r.Send(t, 100);
      break;
    }
  }
}

TEST(EpTime, JumpsChangeNothing) {
  Root plain(false), jump(true);
  Scenario(plain);
  Scenario(jump);
  EXPECT_GT(jump.jumps, 50u);
  ASSERT_EQ(plain.up.size(), jump.up.size());
  for (size_t i = 0; i < plain.up.size(); ++i) {
    ASSERT_EQ(plain.up[i].cycle, jump.up[i].cycle) << i;
    ASSERT_EQ(plain.up[i].tlp.dw, jump.up[i].tlp.dw) << i;
    ASSERT_EQ(plain.up[i].tlp.data, jump.up[i].tlp.data) << i;
  }
}

// The table of doc/rtl/ep_top.md, to the cycle.
TEST(EpTime, Latencies) {
  auto seen = [](Root& r, const std::function<bool(const Tlp&)>& f, size_t from) {
    r.RunUntil([&] { return r.Saw(f, from); });
    return r.up[static_cast<size_t>(r.Find(f, from))].cycle;
  };
  auto is_cpl = [](const Tlp& t) { return t.is_cpl(); };
  Root r;
  r.Enable();
  r.Run(20);
  r.Send(r.CfgTlp(false, 0, 0xf, 0));
  uint64_t t0 = r.now();
  EXPECT_EQ(seen(r, is_cpl, r.up.size()) - t0, 2u);
  r.Send(r.MemTlp(false, kBar, 0xf, 0));
  t0 = r.now();
  EXPECT_EQ(seen(r, is_cpl, r.up.size()) - t0, 2u);

  // A miss, its answer; then hits.
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.read = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().interval(200).count(2));
  t0 = r.last_taken + 1;  // EN is set from here on: the first start
  EXPECT_EQ(seen(r, IsXlat, 0) - t0, 4u);
  r.AnswerHeld(0, {false, kSc, Entry(0x7'0000'0000, kR | kW)});
  t0 = r.now();
  EXPECT_EQ(seen(r, IsTranslated, 0) - t0, 3u);
  r.Run(20);
  t0 = r.dut().next_deadline_o;
  EXPECT_EQ(seen(r, IsTranslated, r.up.size()) - t0, 2u);
  r.StartDma(Dma().interval(200).count(2).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  r.Run(20);
  t0 = r.dut().next_deadline_o;
  EXPECT_EQ(seen(r, IsTranslated, r.up.size()) - t0, 3u);

  // The drain.
  r.Send(Root::InvTlp(1, kBase));
  r.Run(20);
  EXPECT_FALSE(r.Saw(IsInvCpl));
  ASSERT_EQ(r.held.size(), 2u);
  r.AnswerHeld(0, {});
  r.Run(20);
  r.AnswerHeld(0, {});
  t0 = r.now();
  EXPECT_EQ(seen(r, IsInvCpl, 0) - t0, 2u);
}

TEST(EpTime, WaitingIsQuiet) {
  Root r;
  r.Enable(false);
  r.Run(10);
  EXPECT_TRUE(r.dut().quiet_o);
  EXPECT_EQ(r.dut().next_deadline_o, 0xffff'ffff'ffffu);
  r.StartDma(Dma().interval(1000).count(0).flags(EP_DMA_CTRL_WR));
  r.RunUntil([&] { return r.Saw(IsWrite); });
  const uint64_t first = r.up.back().cycle;
  r.Run(10);
  EXPECT_TRUE(r.dut().quiet_o);
  const uint64_t deadline = r.dut().next_deadline_o;
  r.Run(1100);
  EXPECT_EQ(r.up.back().cycle - first, 1000u);
  EXPECT_EQ(r.up.back().cycle - deadline, 2u);  // start, egress queue, out
}

}  // namespace
