// SPDX-License-Identifier: Apache-2.0
//
// Power states: what D3hot lets through, and what D0 finds (pcie-ats.md section 7).
#include "../ep_root.h"

namespace {

using namespace atcbench::tb;

void Power(Root& r, uint32_t state) { r.CfgWrite(CFG_PM_CTRL_STATUS, state, 0x1); }
uint32_t Power(Root& r) { return r.CfgRead(CFG_PM_CTRL_STATUS) & 3; }

TEST(EpPm, StatesThatAreNotThere) {
  Root r;
  EXPECT_EQ(Power(r), 0u);
  for (uint32_t state : {1u, 2u}) {
    Power(r, state);
    EXPECT_EQ(Power(r), 0u);
  }
  Power(r, 3);
  EXPECT_EQ(Power(r), 3u);
  Power(r, 2);
  EXPECT_EQ(Power(r), 3u);
  r.CfgWrite(CFG_PM_CTRL_STATUS, 0, 0x2);  // other byte
  EXPECT_EQ(Power(r), 3u);
  EXPECT_EQ(r.CfgRead(CFG_PM_CTRL_STATUS) & CFG_PM_CTRL_STATUS_NO_SOFT_RESET, 0u);
}

TEST(EpPm, D3AnswersConfigurationOnly) {
  Root r;
  r.Enable();
  r.StartDma(Dma().interval(20).count(0));
  r.Run(300);
  EXPECT_GT(r.Count(IsTranslated), 5u);
  r.BarWrite(EP_DMA_CTRL, 0);
  r.Run(100);
  const size_t from = r.up.size();
  Power(r, 3);
  EXPECT_EQ(r.Ask(r.MemTlp(false, kBar, 0xf, 0)).status(), kUr);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);
  r.Invalidate(3, kBase);
  r.BarWrite(EP_DMA_CTRL, EP_DMA_CTRL_EN | EP_DMA_CTRL_WR);
  r.Run(300);
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xa7cb1234u);
  EXPECT_EQ(r.Count([](const Tlp& t) { return !t.is_cpl(); }, from), 0u);
}

TEST(EpPm, NothingStartsInD3) {
  Root r;
  r.Enable();
  r.CfgWrite(CFG_MSI_CTRL, 1u << 16, 0xc);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf, 0x1);  // errors are reported
  r.StartDma(Dma().interval(7).count(0));
  r.Run(200);
  Power(r, 3);
  r.Run(20);  // what is in the egress queues leaves
  const size_t from = r.up.size();
  // An unknown message: logged, no error message while asleep.
  Tlp m;
  m.dw = {0x32u << 24, 0x00000006u, uint32_t{kBdf} << 16, 0};
  r.Send(m);
  r.Run(500);
  EXPECT_EQ(r.up.size(), from);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);
  // It was not sent for being asleep only: awake, the same message is reported. Waking is a reset here, which forgets the one
  // that waited.
  Power(r, 0);
  r.Run(20);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(0x31); }, from), 0u);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf, 0x1);
  r.Send(m);
  r.Run(20);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(0x31); }, from), 1u);
}

TEST(EpPm, WakingIsAReset) {
  Root r;
  r.Enable();
  r.StartDma(Dma().interval(20).count(0));
  r.Run(300);
  Power(r, 3);
  r.Run(100);
  const size_t from = r.up.size();
  Power(r, 0);
  r.Run(200);
  EXPECT_EQ(Power(r), 0u);
  EXPECT_EQ(r.CfgRead(CFG_BAR0), 0u);
  EXPECT_EQ(r.CfgRead(CFG_COMMAND_STATUS) & 0xffff, 0u);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) >> 16, 0u);
  EXPECT_EQ(r.Count([](const Tlp& t) { return !t.is_cpl(); }, from), 0u);  // no request with the old state
  r.Enable();
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  EXPECT_EQ(r.BarRead(EP_DMA_CTRL), 0u);
  r.Invalidate(9, kBase);
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(9, from));
  EXPECT_FALSE(r.SawInvCpl(3, from));
}

// An answer to a request of before is not taken for one of after: the tags have a new life.
TEST(EpPm, LateCompletionOfTheFormerLife) {
  Root r;
  r.Enable(false);
  r.read = [](const Tlp&) { return Answer{true, kSc, 0, 20}; };
  r.StartDma(Dma().count(1).flags(EP_DMA_CTRL_RD));
  r.Run(50);
  ASSERT_EQ(r.held.size(), 1u);
  Power(r, 3);
  Power(r, 0);
  r.Run(10);
  EXPECT_FALSE(r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_TRPND);
  r.Enable(false);
  r.StartDma(Dma().count(1).flags(EP_DMA_CTRL_RD));
  r.Run(50);
  ASSERT_EQ(r.held.size(), 2u);
  r.AnswerHeld(0, {});
  r.Run(20);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UC);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 0u);
  r.AnswerHeld(0, {});
  r.Run(20);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 1u);
}

// Translations of before are gone although nothing told the device to drop them.
TEST(EpPm, TranslationRequestOpenOverTheNap) {
  Root r;
  r.Enable();
  r.translate = [](const Tlp&) { return Answer{true, kSc, 0, 20}; };
  r.StartDma(Dma().count(1));
  r.Run(50);
  ASSERT_EQ(r.held.size(), 1u);
  Power(r, 3);
  r.AnswerHeld(0, {false, kSc, Entry(0x77777000, kR | kW), 1});
  r.Run(50);
  Power(r, 0);
  r.Run(50);
  EXPECT_EQ(r.Count(IsTranslated), 0u);
}

TEST(EpPm, JumpsOverNothing) {
  Root plain, jump(true);
  for (Root* r : {&plain, &jump}) {
    r->Enable();
    r->StartDma(Dma().interval(50).count(0));
    r->Run(400);
    Power(*r, 3);
    r->Run(1000);
    Power(*r, 0);
    r->Run(1000);
    r->Enable();
    r->StartDma(Dma().interval(50).count(4));
    r->Run(1000);
  }
  EXPECT_GT(jump.jumps, 0u);
  ASSERT_EQ(plain.up.size(), jump.up.size());
  for (size_t i = 0; i < plain.up.size(); ++i) EXPECT_EQ(plain.up[i].cycle, jump.up[i].cycle);
}

}  // namespace
