// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: Translation Requests and their answers.
#include "../ep_root.h"

namespace atcbench::tb {
namespace {

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

}  // namespace
}  // namespace atcbench::tb
