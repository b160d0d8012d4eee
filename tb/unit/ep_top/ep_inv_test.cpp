// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: invalidations and what they wait for.
#include <set>

#include "../ep_root.h"

namespace atcbench::tb {
namespace {

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

// Each class on which a translated request has left gets a copy, behind its writes; all carry the same count.
TEST(EpInv, ACopyOnEachClassInUse) {
  Root r;
  r.Enable();
  r.BarWrite(EP_DMA_XFER, 0x8b << EP_DMA_XFER_TCS_SHIFT);
  for (unsigned transfers : {2u, 1u, 6u}) {
    r.class_ready = 7;
    r.StartDma(Dma().interval(20).count(transfers));
    r.Run(300);
    r.class_ready = 6;
    const size_t from = r.up.size();
    r.Send(Root::InvTlp(9, kBase));
    r.Send(Root::InvTlp(10, kBase));  // gathers behind
    r.Run(50);
    r.class_ready = 7;
    r.Run(50);
    std::set<unsigned> used, answered[2];
    for (const Sent& s : r.up) {
      if (IsTranslated(s.tlp)) used.insert(s.tlp.tc());
    }
    for (size_t i = from; i < r.up.size(); ++i) {
      const Tlp& t = r.up[i].tlp;
      ASSERT_TRUE(t.is_inv_cpl());
      EXPECT_EQ(t.cc(), used.size());
      for (unsigned n : {0u, 1u}) {
        if (t.dw[3] >> (9 + n) & 1) EXPECT_TRUE(answered[n].insert(t.tc()).second) << "two copies on one class";
      }
    }
    EXPECT_GE(used.size(), transfers == 6 ? 4u : 2u);
    EXPECT_EQ(answered[0], used);
    EXPECT_EQ(answered[1], used);
  }
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

}  // namespace
}  // namespace atcbench::tb
