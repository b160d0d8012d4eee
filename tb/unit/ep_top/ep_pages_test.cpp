// SPDX-License-Identifier: Apache-2.0
//
// Translation Requests for several pages, split and short answers, privileges, global entries, stale marks by range, time-out.
#include "../ep_root.h"

namespace atcbench::tb {
namespace {

constexpr uint64_t kTo = 0x7'0000'0000;

Answer Pages(uint64_t first, unsigned n, unsigned log2 = 0, unsigned flags = kR | kW) {
  Answer a{false, kSc, Entry(first, flags, log2), 20};
  for (unsigned k = 1; k < n; ++k) a.more.push_back(Entry(first + (uint64_t{k} * kPage << log2), flags, log2));
  return a;
}

// Part [from, to) of an answer, as a completion of its own.
Tlp Part(const Tlp& req, const Answer& a, size_t from, size_t to) {
  Answer part{false, kSc, from == 0 ? a.entry : a.more[from - 1], 0};
  for (size_t k = from + 1; k < to; ++k) part.more.push_back(a.more[k - 1]);
  Tlp t = Root::CplTlp(req, part);
  t.dw[1] = (t.dw[1] & ~0xfffu) | static_cast<uint32_t>(8 * (a.more.size() + 1 - from));
  return t;
}

class EpPages : public ::testing::Test {
 protected:
  void Begin(unsigned pages, bool hold = true) {
    r.dut().xlat_pages_i = static_cast<uint8_t>(pages - 1);
    r.Enable();
    if (hold) r.translate = [](const Tlp&) { return Answer{true}; };
  }
  void Ask(uint64_t base = kBase, uint32_t flags = EP_DMA_CTRL_WR) {
    r.StartDma(Root::Dma().base(base).flags(flags | EP_DMA_CTRL_USE_ATS));
    r.RunUntil([&] { return !r.held.empty(); });
    ASSERT_EQ(r.held.size(), 1u);
    req = r.held[0];
    r.held.clear();
  }
  uint32_t Held() { return r.BarRead(EP_STAT_ATC); }
  size_t To(uint64_t page) const {
    return r.Count([page](const Tlp& t) { return IsTranslated(t) && (t.addr() & ~0xfffull) == page; });
  }

  Root r;
  Tlp req;
};

TEST_F(EpPages, OneRequestServesItsPages) {
  for (unsigned pages = 1; pages <= 8; ++pages) {
    Root x;
    x.dut().xlat_pages_i = static_cast<uint8_t>(pages - 1);
    x.Enable();
    x.translate = [&](const Tlp& t) {
      EXPECT_EQ(t.length(), 2 * pages);
      EXPECT_EQ(t.dw[1] & 0xff, 0xffu);
      EXPECT_EQ(t.addr(), kBase);
      return Pages(kTo, pages);
    };
    x.StartDma(Root::Dma().log2_pages(3).interval(100).count(pages));
    x.Run(1200);
    EXPECT_EQ(x.Count(IsXlat), 1u);
    EXPECT_EQ(x.BarRead(EP_STAT_ATC), pages);
    ASSERT_EQ(x.Count(IsTranslated), pages);
    long at = -1;
    for (unsigned k = 0; k < pages; ++k) {
      at = x.Find(IsTranslated, static_cast<size_t>(at + 1));
      EXPECT_EQ(x.up[static_cast<size_t>(at)].tlp.addr(), kTo + k * kPage);
    }
  }
}

TEST_F(EpPages, AnswerInSeveralCompletions) {
  Begin(8);
  Ask();
  const Answer a = Pages(kTo, 8);
  r.Send(Part(req, a, 0, 3));
  r.Send(Part(req, a, 3, 4), 30);
  r.Run(60);
  EXPECT_EQ(Held(), 0u);
  EXPECT_TRUE(r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_TRPND);
  r.Send(Part(req, a, 4, 8));
  r.Run(30);
  EXPECT_EQ(Held(), 8u);
  EXPECT_EQ(To(kTo), 1u);
  r.StartDma(Root::Dma().base(kBase + 7 * kPage));
  r.Run(50);
  EXPECT_EQ(To(kTo + 7 * kPage), 1u);
  EXPECT_EQ(Aer(r), 0u);
}

TEST_F(EpPages, ShorterAnswer) {
  Begin(6);
  Ask();
  r.Send(Root::CplTlp(req, Pages(kTo, 2)));
  r.Run(50);
  EXPECT_EQ(Held(), 2u);
  EXPECT_EQ(To(kTo), 1u);
}

TEST_F(EpPages, LargeRangesFollowEachOther) {
  Begin(3);
  Ask(kBase + 5 * kPage);
  r.Send(Root::CplTlp(req, Pages(kTo, 3, 9)));  // 2 MiB each
  r.Run(50);
  EXPECT_EQ(Held(), 3u);
  EXPECT_EQ(To(kTo + 5 * kPage), 1u);
  r.StartDma(Root::Dma().base((kBase & ~0x1f'ffffull) + 0x40'3000));
  r.Run(50);
  EXPECT_EQ(To(kTo + 0x40'3000), 1u);
}

TEST_F(EpPages, HolesAndOddSizesAreNotCached) {
  Begin(4);
  Ask();
  Answer a = Pages(kTo, 4);
  a.more[0] = Entry(kTo + kPage, 0);             // no permission
  a.more[1] = Entry(kTo + 0x20'0000, kR | kW, 9);  // not the size of the first
  r.Send(Root::CplTlp(req, a));
  r.Run(50);
  EXPECT_EQ(Held(), 2u);
  r.StartDma(Root::Dma().base(kBase + 3 * kPage));
  r.Run(50);
  EXPECT_EQ(To(kTo + 3 * kPage), 1u);
  // The transfer's own page without permission: dropped, the others kept.
  Ask(kBase + 16 * kPage);
  a = Pages(kTo, 4);
  a.entry = Entry(kTo, 0);
  r.Send(Root::CplTlp(req, a));
  r.Run(50);
  EXPECT_EQ(Held(), 5u);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 1u);
}

TEST_F(EpPages, AbortAfterPartOfTheAnswer) {
  Begin(4);
  Ask();
  r.Send(Part(req, Pages(kTo, 4), 0, 2));
  r.Send(Root::CplTlp(req, {false, kCa}));
  r.Run(50);
  EXPECT_EQ(Held(), 0u);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 1u);
}

TEST_F(EpPages, AnyPieceMarks) {
  for (unsigned stu : {0u, 2u}) {
    for (int piece : {-1, 0, 3, 5, 6}) {
      Root x;
      x.dut().xlat_pages_i = 5;
      x.Enable(false);
      x.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000 | stu << 16, 0xc);
      x.translate = [](const Tlp&) { return Answer{true}; };
      const uint64_t base = kBase + (6 * kPage << stu);  // not aligned to what is asked for
      x.StartDma(Root::Dma().base(base));
      x.RunUntil([&] { return x.held.size() == 1; });
      EXPECT_EQ(x.held[0].addr(), base);
      x.Send(Root::InvTlp(1, base + static_cast<uint64_t>(static_cast<int64_t>(kPage << stu) * piece)));
      x.Run(20);
      const Tlp t = x.held[0];
      x.held.clear();
      x.Send(Root::CplTlp(t, Pages(kTo, 6, stu)));
      x.Run(50);
      const bool stale = piece >= 0 && piece < 6;
      EXPECT_EQ(x.held.size(), stale ? 1u : 0u) << piece;
      EXPECT_EQ(x.BarRead(EP_STAT_ATC), stale ? 0u : 6u) << piece;
    }
  }
}

// The mark may come while the ranges of an answer are put into the ATC: the rest of them is not.
TEST_F(EpPages, InvalidationAmongTheInsertions) {
  for (uint64_t gap = 0; gap < 16; ++gap) {
    Root x;
    x.dut().xlat_pages_i = 7;
    x.Enable();
    x.translate = [](const Tlp&) { return Answer{true}; };
    x.StartDma(Root::Dma());
    x.RunUntil([&] { return x.held.size() == 1; });
    const Tlp t = x.held[0];
    x.held.clear();
    x.Send(Root::CplTlp(t, Pages(kTo, 8)), 10);
    x.Send(Root::InvTlp(1, kBase, 3), 10 + gap);
    x.Run(100);
    EXPECT_EQ(x.BarRead(EP_STAT_ATC), 0u) << gap;
    EXPECT_FALSE(x.Saw(IsTranslated, static_cast<size_t>(x.Find(IsInvCpl)))) << gap;
    EXPECT_EQ(x.held.size() + x.Count(IsTranslated), 1u) << gap;
  }
}

TEST_F(EpPages, StaleAllMarksWhateverIsInvalidated) {
  for (bool all : {false, true}) {
    Root x;
    x.dut().stale_all_i = all;
    x.Enable();
    x.translate = [](const Tlp&) { return Answer{true}; };
    x.StartDma(Root::Dma());
    x.RunUntil([&] { return x.held.size() == 1; });
    x.Send(Root::InvTlp(1, 0x9'0000'0000));
    x.Run(20);
    x.AnswerHeld(0, Pages(kTo, 1));
    x.Run(30);
    EXPECT_EQ(x.held.size(), all ? 1u : 0u);
  }
}

// ------------------------------------------------------------------------------------------- PASID

class EpPagesPasid : public EpPages {
 protected:
  void BeginPasid(uint32_t enables) {
    r.Enable(false);
    r.CfgWrite(CFG_PASID_CAP_CTRL, CFG_PASID_CAP_CTRL_ENABLE | enables, 0xc);
    r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);
    r.translate = [this](const Tlp& t) { return Answer{false, kSc, Entry(t.addr() + Root::kOffset, flags), 20}; };
  }
  void Go(uint32_t pasid, uint32_t dir = EP_DMA_CTRL_RD) {
    mark = r.up.size();
    r.StartDma(Root::Dma().pasid(EP_DMA_PASID_VALID | pasid).flags(dir | EP_DMA_CTRL_USE_ATS));
    r.Run(150);
  }
  uint32_t Prefix(const std::function<bool(const Tlp&)>& f) const {
    const long at = r.Find(f, mark);
    return at < 0 ? 0 : r.up[static_cast<size_t>(at)].tlp.pfx;
  }

  unsigned flags = kR | kW;
  size_t mark = 0;
};

TEST_F(EpPagesPasid, ExecuteIsAskedForAndNeeded) {
  BeginPasid(CFG_PASID_CAP_CTRL_EXEC_EN);
  Go(5 | EP_DMA_PASID_EXEC);
  EXPECT_EQ(Prefix(IsXlat), 0x91100005u);
  EXPECT_FALSE(r.Saw(IsTranslated, mark));
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 1u);
  EXPECT_EQ(Held(), 1u);  // it may be read
  flags |= kX;
  Go(5);  // a read hits; what was not asked for is not known
  EXPECT_FALSE(r.Saw(IsXlat, mark));
  EXPECT_EQ(Prefix(IsTranslated), 0x91000005u);
  Go(5 | EP_DMA_PASID_EXEC);
  EXPECT_EQ(Prefix(IsXlat), 0x91100005u);
  EXPECT_EQ(Prefix(IsTranslated), 0x91100005u);
  Go(5 | EP_DMA_PASID_EXEC, EP_DMA_CTRL_WR);  // not of writes
  EXPECT_FALSE(r.Saw(IsXlat, mark));
  EXPECT_EQ(Prefix(IsTranslated), 0x91000005u);
}

TEST_F(EpPagesPasid, PrivilegeIsATagAndMustBeGranted) {
  BeginPasid(CFG_PASID_CAP_CTRL_PRIV_EN);
  Go(5 | EP_DMA_PASID_PRIV);
  EXPECT_EQ(Prefix(IsXlat), 0x91200005u);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 1u);  // the answer was for the user
  EXPECT_EQ(Held(), 0u);
  flags |= kPriv;
  Go(5 | EP_DMA_PASID_PRIV);
  EXPECT_EQ(Prefix(IsTranslated), 0x91200005u);
  Go(5);
  EXPECT_EQ(Prefix(IsXlat), 0x91000005u);  // an entry of its own
  EXPECT_EQ(Held(), 2u);
  r.Send(Root::InvTlp(1, kBase, 0, 5));
  r.Run(20);
  EXPECT_EQ(Held(), 0u);
}

TEST_F(EpPagesPasid, NothingIsAskedWithoutTheEnables) {
  BeginPasid(0);
  Go(5 | EP_DMA_PASID_EXEC | EP_DMA_PASID_PRIV);
  EXPECT_EQ(Prefix(IsXlat), 0x91000005u);
  EXPECT_EQ(Prefix(IsTranslated), 0x91000005u);
}

TEST_F(EpPagesPasid, GlobalServesOtherPasids) {
  BeginPasid(0);
  Go(5);
  Go(6);
  EXPECT_TRUE(r.Saw(IsXlat, mark));
  r.Send(Root::InvTlp(1, kBase, 0, 5, true));
  r.Run(20);
  EXPECT_EQ(Held(), 0u);
  flags |= kGlobal;
  Go(5);
  Go(6);
  EXPECT_FALSE(r.Saw(IsXlat, mark));
  EXPECT_EQ(Prefix(IsTranslated), 0x91000006u);
}

// ------------------------------------------------------------------------------------------- time-out

class EpTimeout : public EpPages {};

TEST_F(EpTimeout, ReportedGivenUpAndALateAnswerIsUnexpected) {
  r.dut().cpl_timeout_i = 300;
  Begin(1);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf, 0x1);
  Ask();
  const uint64_t sent = r.up.back().cycle;
  r.Run(2);
  EXPECT_EQ(r.dut().next_deadline_o, sent + 300);  // from its departure
  r.RunTo(sent + 295);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(0x31); }), 0u);
  r.RunTo(sent + 310);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(0x31); }), 1u);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO);
  EXPECT_EQ(r.CfgRead(CFG_AER_CAP_CTL) & 0x1f, 14u);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 1u);
  EXPECT_FALSE(r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_TRPND);
  const Tlp old = req;
  Ask();  // the same slot, another tag
  EXPECT_NE(req.tag(), old.tag());
  r.Send(Root::CplTlp(old, Pages(kTo, 1)));
  r.Run(30);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UC);
  EXPECT_EQ(Held(), 0u);
  r.Send(Root::CplTlp(req, Pages(kTo, 1)));
  r.Run(30);
  EXPECT_EQ(To(kTo), 1u);
}

TEST_F(EpTimeout, AnswerInTheLastMomentCounts) {
  for (int early : {1, 0, -1}) {
    Root x;
    x.dut().cpl_timeout_i = 300;
    x.Enable();
    x.translate = [](const Tlp&) { return Answer{true}; };
    x.StartDma(Root::Dma());
    x.RunUntil([&] { return x.held.size() == 1; });
    const uint64_t deadline = x.up.back().cycle + 300;
    x.RunTo(deadline - static_cast<uint64_t>(early));
    x.AnswerHeld(0, Pages(kTo, 1));
    x.Run(50);
    EXPECT_EQ(Aer(x), early >= 0 ? 0u : CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UC) << early;
  }
}

TEST_F(EpTimeout, SoftwareMayDisableIt) {
  r.dut().cpl_timeout_i = 300;
  r.CfgWrite(CFG_DEVCTL2, CFG_DEVCTL2_CTO_DIS);
  Begin(1);
  Ask();
  r.Run(1000);
  EXPECT_EQ(Aer(r), 0u);
  r.Send(Root::CplTlp(req, Pages(kTo, 1)));
  r.Run(30);
  EXPECT_EQ(To(kTo), 1u);
}

// All slots at once, while bad packets are logged in the same cycles; with jumps as without.
TEST_F(EpTimeout, SeveralAtOnceBesideOtherErrors) {
  std::vector<uint64_t> when[2];
  for (bool jump : {false, true}) {
    Root x(jump);
    x.dut().cpl_timeout_i = 300;
    x.Enable();
    x.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf, 0x1);
    x.translate = [](const Tlp&) { return Answer{true}; };
    x.StartDma(Root::Dma().log2_pages(2).count(4));
    x.RunUntil([&] { return x.held.size() == 4; });
    Tlp bad = x.MemTlp(true, 0x1000, 0xf, 0);
    for (unsigned n = 0; n < 8; ++n) x.Send(bad, 290 + n);
    x.Run(400);
    EXPECT_EQ(Aer(x), CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UR);
    EXPECT_EQ(x.BarRead(EP_STAT_ABORTED), 4u);
    for (const Sent& s : x.up) when[jump].push_back(s.cycle);
  }
  EXPECT_EQ(when[0], when[1]);
}

}  // namespace
}  // namespace atcbench::tb
