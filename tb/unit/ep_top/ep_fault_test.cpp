// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: misbehaviour.
#include "../ep_root.h"

namespace atcbench::tb {
namespace {

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
  EXPECT_EQ(r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_FLR, 0u);  // reads 0 always, no reset has cleared it here
  r.Run(20);
  EXPECT_EQ(r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_FLR, 0u);
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

}  // namespace
}  // namespace atcbench::tb
