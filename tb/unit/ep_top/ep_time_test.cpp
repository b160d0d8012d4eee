// SPDX-License-Identifier: Apache-2.0
//
// The endpoint and time: latencies, jumps, quiet (D21).
#include "../ep_root.h"

namespace atcbench::tb {
namespace {

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
}  // namespace atcbench::tb
