// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: the DMA engine.
#include <set>

#include "../ep_root.h"

namespace atcbench::tb {
namespace {

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

}  // namespace
}  // namespace atcbench::tb
