// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: function level reset.
#include "../ep_root.h"

namespace atcbench::tb {
namespace {

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

}  // namespace
}  // namespace atcbench::tb
