// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: Page Requests.
#include <random>
#include <set>

#include "../ep_root.h"

namespace atcbench::tb {
namespace {

class EpPri : public ::testing::Test {
 protected:
  void Begin(uint32_t allocation = 4, bool enable = true) {
    r.Enable(false);
    r.CfgWrite(CFG_PASID_CAP_CTRL, 0x00010000, 0xc);
    r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);
    EXPECT_EQ(r.CfgRead(CFG_PRI_CTRL_STATUS), CFG_PRI_CTRL_STATUS_STOPPED | CFG_PRI_CTRL_STATUS_PASID_REQUIRED);
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
  // The response to that page's group; with its PASID, as PASID_REQUIRED says.
  void Respond(const Tlp& page, unsigned code) { Respond(Index(page), code, page.pfx_valid ? page.pfx : 0); }
  void Respond(unsigned index, unsigned code, uint32_t pfx = 0) {
    Tlp t;
    t.dw = {0x32u << 24, 0x00000005u, uint32_t{kBdf} << 16 | code << 12 | index, 0};
    t.pfx_valid = pfx != 0;
    t.pfx = pfx;
    r.Send(t);
    r.Run(200);
  }
  // Without the bit that never changes.
  uint32_t Status() { return r.CfgRead(CFG_PRI_CTRL_STATUS) & ~CFG_PRI_CTRL_STATUS_PASID_REQUIRED; }

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

// Section 10: the response carries the PASID of the requests, or none if they had none. Any other is for no group.
TEST_F(EpPri, TheResponseNeedsThePasidOfTheGroup) {
  Begin();
  constexpr uint32_t kUnexpected = CFG_PRI_CTRL_STATUS_UNEXPECTED_INDEX;
  Go(1, 0, EP_DMA_CTRL_WR, 0x80000000 | 0x12345);
  ASSERT_EQ(r.Count(IsPage), 1u);
  flags = kR | kW;
  for (uint32_t wrong : {0u, 0x91012344u, 0x91000000u, 0x91092345u}) {
    Respond(Index(Page(0)), 0, wrong);
    EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE | kUnexpected) << std::hex << wrong;
    r.CfgWrite(CFG_PRI_CTRL_STATUS, kUnexpected, 0xc);
    EXPECT_EQ(r.BarRead(EP_STAT_DONE) + r.BarRead(EP_STAT_DROPPED), 0u);
  }
  Respond(Index(Page(0)), 15, 0x91012344u);  // and stops nothing
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE | kUnexpected);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, kUnexpected, 0xc);
  Respond(Index(Page(0)), 0, 0x91312345u);  // the two upper bits are reserved here (section 1.4)
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 1u);
  // Asked without a PASID; the slot's former group had one.
  flags = 0;
  r.StartDma(Dma().base(0x9'0000'3000).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_PRI));
  r.Run(200);
  ASSERT_EQ(r.Count(IsPage), 2u);
  ASSERT_FALSE(Page(1).pfx_valid);
  flags = kR | kW;
  for (uint32_t wrong : {0x91012345u, 0x91000000u}) {
    Respond(Index(Page(1)), 0, wrong);
    EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE | kUnexpected);
    r.CfgWrite(CFG_PRI_CTRL_STATUS, kUnexpected, 0xc);
  }
  Respond(Page(1), 0);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 2u);
}

// A group of four pages: four requests with one index, the page that is wanted last, one response; each counts.
TEST_F(EpPri, GroupsOfSeveralPages) {
  Begin(9);
  r.BarWrite(EP_DMA_XFER, 2 << EP_DMA_XFER_PRI_LOG2_SHIFT | 1 << EP_DMA_XFER_TCS_SHIFT);
  const uint64_t wanted = 0x7'0000'6000;
  r.StartDma(Dma().base(wanted).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_PRI).pasid(0x80000012));
  r.Run(200);
  ASSERT_EQ(r.Count(IsPage), 4u);
  std::set<uint32_t> pages;
  for (size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(Index(Page(n)), Index(Page(0)));
    EXPECT_EQ(Page(n).dw[2], 7u);
    EXPECT_EQ(Page(n).dw[3] & 7, n == 3 ? 5u : 1u);            // R, and L on the last
    EXPECT_EQ(Page(n).pfx, 0x91000012u);
    pages.insert(Page(n).dw[3] >> 12);
  }
  EXPECT_EQ(Page(3).dw[3] >> 12, 6u);
  EXPECT_EQ(pages, (std::set<uint32_t>{4, 5, 6, 7}));
  EXPECT_EQ(r.BarRead(EP_STAT_PAGES), 4u);
  // Two groups fill eight of nine: the third waits for a whole group's room.
  Go(2, 3, EP_DMA_CTRL_RD);
  EXPECT_EQ(r.Count(IsPage), 8u);
  flags = kR;
  Respond(Page(0), 0);
  EXPECT_EQ(r.Count(IsPage), 12u);
  Respond(Page(4), 0);
  Respond(Page(8), 0);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 3u);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE);
}

// A group that nobody answers is given up at the limit; the answer that comes later is unexpected.
TEST_F(EpPri, ResponseTimeLimit) {
  Begin();
  r.BarWrite(EP_PRI_LIMIT, 1000);
  Go(1);
  ASSERT_EQ(r.Count(IsPage), 1u);
  const uint64_t asked = r.up[static_cast<size_t>(r.Find(IsPage))].cycle;
  EXPECT_TRUE(r.dut().quiet_o);
  EXPECT_LE(r.dut().next_deadline_o, asked + 1000);
  r.RunTo(asked + 900);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 0u);
  r.RunTo(asked + 1010);
  EXPECT_EQ(r.BarRead(EP_STAT_DROPPED), 1u);
  Respond(Index(Page(0)), 0);
  EXPECT_EQ(Status(), CFG_PRI_CTRL_STATUS_ENABLE | CFG_PRI_CTRL_STATUS_UNEXPECTED_INDEX);
  EXPECT_EQ(r.Count(IsTranslated), 0u);
  // In time: nothing of the limit is seen.
  flags = kR | kW;
  Go(1);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 1u);
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
    EXPECT_EQ(x.CfgRead(CFG_PRI_CTRL_STATUS), CFG_PRI_CTRL_STATUS_ENABLE | CFG_PRI_CTRL_STATUS_PASID_REQUIRED);
  }
}

}  // namespace
}  // namespace atcbench::tb
