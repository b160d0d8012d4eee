// SPDX-License-Identifier: Apache-2.0
//
// A device of two physical functions and two virtual ones of the first: what each has for itself and what they share.
#include "Vep_device_tb.h"
#define ATC_ROOT_DUT Vep_device_tb
#include <map>
#include <set>

#include "ep_root.h"

namespace {

using namespace atcbench::tb;

constexpr uint32_t kVfBar = 0x5010'0000;

// Points the root at function `n`: 0, 1 physical, 2, 3 virtual.
void At(Root& r, unsigned n) {
  r.bdf = static_cast<uint16_t>(kBdf + n);
  r.bar = n < 2 ? kBar + n * 0x10000 : kVfBar + (n - 2) * 0x10000;
}

void EnableVfs(Root& r, unsigned count = 2) {
  At(r, 0);
  r.CfgWrite(CFG_SRIOV_NUM_VFS, count);
  r.CfgWrite(CFG_SRIOV_VF_BAR0, kVfBar);
  r.CfgWrite(CFG_SRIOV_CTRL_STATUS, CFG_SRIOV_CTRL_STATUS_VF_ENABLE | CFG_SRIOV_CTRL_STATUS_VF_MSE);
}

void EnableAll(Root& r) {
  EnableVfs(r);
  for (unsigned n = 0; n < 4; ++n) {
    At(r, n);
    r.Enable();
  }
}

bool From(const Tlp& t, unsigned n) { return t.dw[1] >> 16 == kBdf + n; }
uint8_t IdStatus(Root& r, unsigned n) {
  return r.Ask(r.CfgTlp(false, 0, 0xf, 0, static_cast<uint16_t>(kBdf + n))).status();
}
uint32_t Atc(Root& r, unsigned n) {
  At(r, n);
  return r.BarRead(EP_STAT_ATC);
}
uint32_t Cfg(Root& r, unsigned n, uint32_t at) {
  At(r, n);
  return r.CfgRead(at);
}

std::map<uint32_t, uint32_t> Extended(Root& r) {
  std::map<uint32_t, uint32_t> found;
  for (uint32_t at = 0x100; at != 0;) {
    const uint32_t h = r.CfgRead(at);
    EXPECT_TRUE(found.emplace(h & 0xffff, at).second);
    at = h >> 20;
  }
  return found;
}

TEST(EpDevice, Enumeration) {
  Root r;
  const std::set<uint32_t> common = {EXT_CAP_ID_AER, EXT_CAP_ID_ATS, EXT_CAP_ID_PASID, EXT_CAP_ID_PRI, EXT_CAP_ID_ARI, EXT_CAP_ID_ACS};
  for (unsigned n = 0; n < 8; ++n) EXPECT_EQ(IdStatus(r, n), n < 2 ? kSc : kUr) << n;
  for (unsigned n = 0; n < 2; ++n) {
    At(r, n);
    EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xa7cb1234u);
    EXPECT_TRUE(r.CfgRead(CFG_HEADER_TYPE) & CFG_HEADER_TYPE_MULTI_FN);
    std::set<uint32_t> ids;
    for (auto& [id, at] : Extended(r)) ids.insert(id);
    std::set<uint32_t> want = common;
    if (n == 0) want.insert(EXT_CAP_ID_SRIOV);
    EXPECT_EQ(ids, want);
    EXPECT_EQ(r.CfgRead(CFG_ARI_CAP_CTRL) >> 8, n == 0 ? 1u : 0u);
  }
  At(r, 0);
  EXPECT_EQ(r.CfgRead(CFG_SRIOV_VFS), 0x00020002u);
  EXPECT_EQ(r.CfgRead(CFG_SRIOV_RID), 0x00010002u);
  r.CfgWrite(CFG_SRIOV_VF_BAR0, 0xffffffff);
  EXPECT_EQ(r.CfgRead(CFG_SRIOV_VF_BAR0), 0xffff0000u);
  r.CfgWrite(CFG_SRIOV_NUM_VFS, 9);
  EXPECT_EQ(r.CfgRead(CFG_SRIOV_NUM_VFS), 2u);
  At(r, 1);
  EXPECT_EQ(r.CfgRead(CFG_SRIOV_VFS), 0u);
  // ACS: the controls of one function are its own.
  r.CfgWrite(CFG_ACS_CAP_CTRL, 0xffffffff);
  EXPECT_EQ(r.CfgRead(CFG_ACS_CAP_CTRL), 0x000c000cu);
  EXPECT_EQ(Cfg(r, 0, CFG_ACS_CAP_CTRL), 0x0000000cu);
}

TEST(EpDevice, VirtualFunctionsComeAndGo) {
  Root r;
  EnableVfs(r, 1);
  EXPECT_EQ(IdStatus(r, 2), kSc);
  EXPECT_EQ(IdStatus(r, 3), kUr);
  At(r, 0);
  r.CfgWrite(CFG_SRIOV_NUM_VFS, 2);  // locked while enabled
  EXPECT_EQ(IdStatus(r, 3), kUr);
  r.CfgWrite(CFG_SRIOV_CTRL_STATUS, 0);
  EXPECT_EQ(IdStatus(r, 2), kUr);
  EnableVfs(r);
  At(r, 3);
  EXPECT_EQ(r.CfgRead(CFG_VENDOR_DEVICE), 0xffffffffu);
  EXPECT_EQ(r.CfgRead(CFG_HEADER_TYPE), 0u);
  EXPECT_EQ(r.CfgRead(CFG_BAR0), 0u);
  r.CfgWrite(CFG_BAR0, 0xffffffff);
  EXPECT_EQ(r.CfgRead(CFG_BAR0), 0u);
  r.CfgWrite(CFG_COMMAND_STATUS, 0xffff, 0x3);
  EXPECT_EQ(r.CfgRead(CFG_COMMAND_STATUS) & 0xffff, uint32_t{CFG_COMMAND_STATUS_BME});
  EXPECT_EQ(r.CfgRead(CFG_MSI_CTRL) & 0xffff, uint32_t{CAP_ID_MSI});  // last of the list
  std::set<uint32_t> ids;
  for (auto& [id, at] : Extended(r)) ids.insert(id);
  EXPECT_EQ(ids, (std::set<uint32_t>{EXT_CAP_ID_AER, EXT_CAP_ID_ATS, EXT_CAP_ID_ARI, EXT_CAP_ID_ACS}));
  EXPECT_EQ(r.CfgRead(CFG_PRI_CTRL_STATUS), 0u);
  EXPECT_EQ(r.CfgRead(CFG_PASID_CAP_CTRL), 0u);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL) & 0x1f, 0u);
}

TEST(EpDevice, EachHasItsBarsAndItsEngine) {
  Root r;
  EnableAll(r);
  for (unsigned n = 0; n < 4; ++n) {
    At(r, n);
    r.BarWrite(EP_DMA_SEED, 0x1000 + n);
  }
  for (unsigned n = 0; n < 4; ++n) {
    At(r, n);
    EXPECT_EQ(r.BarRead(EP_DMA_SEED), 0x1000u + n);
    r.StartDma(Dma().base(kBase).flags(EP_DMA_CTRL_WR));
    r.Run(30);
    ASSERT_TRUE(IsWrite(r.up.back().tlp));
    EXPECT_TRUE(From(r.up.back().tlp, n));
    EXPECT_EQ(r.up.back().tlp.word(0) >> 48, kIndex + n);
  }
  // An address nobody claims: function 0 reports it.
  const Tlp c = r.Ask(r.MemTlp(false, kVfBar + 0x20000, 0xf, 0));
  EXPECT_EQ(c.status(), kUr);
  EXPECT_EQ(c.dw[1] >> 16, kBdf);
  EXPECT_EQ(Cfg(r, 0, CFG_AER_UNCOR_STATUS), CFG_AER_UNCOR_STATUS_UR);
  for (unsigned n = 1; n < 4; ++n) EXPECT_EQ(Cfg(r, n, CFG_AER_UNCOR_STATUS), 0u);
}

TEST(EpDevice, InvalidationTouchesItsFunctionOnly) {
  Root r;
  EnableAll(r);
  for (unsigned n = 0; n < 4; ++n) {
    At(r, n);
    r.StartDma(Dma().base(kBase).log2_pages(2).interval(40).count(4));
    r.Run(300);
  }
  for (unsigned target : {1u, 3u, 0u, 2u}) {
    std::array<uint32_t, 4> before{};
    for (unsigned n = 0; n < 4; ++n) before[n] = Atc(r, n);
    ASSERT_EQ(before[target], 4u);
    const size_t from = r.up.size();
    At(r, target);
    r.Invalidate(7, kBase, 1);
    r.Run(20);
    ASSERT_EQ(r.Count(IsInvCpl, from), 1u);
    EXPECT_TRUE(From(r.up[static_cast<size_t>(r.Find(IsInvCpl, from))].tlp, target));
    for (unsigned n = 0; n < 4; ++n) EXPECT_EQ(Atc(r, n), n == target ? 2u : before[n]) << target;
  }
}

TEST(EpDevice, ResetOfOneFunction) {
  for (unsigned target : {1u, 2u}) {
    Root r;
    EnableAll(r);
    for (unsigned n = 0; n < 4; ++n) {
      At(r, n);
      r.StartDma(Dma().base(kBase).log2_pages(2).interval(25).count(0));
    }
    r.Run(300);
    At(r, target);
    r.CfgWrite(CFG_DEVCTL_DEVSTA, CFG_DEVCTL_DEVSTA_FLR, 0x3);
    r.Run(50);
    const size_t from = r.up.size();
    EXPECT_EQ(IdStatus(r, target), kRrs);
    r.Run(200);
    for (unsigned n = 0; n < 4; ++n) {
      const size_t sent = r.Count([&](const Tlp& t) { return IsTranslated(t) && From(t, n); }, from);
      if (n == target) EXPECT_EQ(sent, 0u);
      else EXPECT_GT(sent, 5u) << n;
    }
    r.Run(500);
    EXPECT_EQ(Cfg(r, target, CFG_ATS_CAP_CTRL) >> 31, 0u);
    for (unsigned n = 0; n < 4; ++n) {
      if (n != target) EXPECT_EQ(Cfg(r, n, CFG_ATS_CAP_CTRL) >> 31, 1u);
    }
  }
}

TEST(EpDevice, ResetOfThePhysicalFunctionTakesTheVirtualOnes) {
  Root r;
  EnableAll(r);
  for (unsigned n = 0; n < 4; ++n) {
    At(r, n);
    r.StartDma(Dma().base(kBase).interval(25).count(0));
  }
  r.Run(200);
  At(r, 0);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, CFG_DEVCTL_DEVSTA_FLR, 0x3);
  r.Run(20);
  const size_t from = r.up.size();
  EXPECT_EQ(IdStatus(r, 2), kRrs);  // nobody there: function 0 answers, and it is in reset
  r.Run(600);
  EXPECT_EQ(IdStatus(r, 2), kUr);
  for (unsigned n : {0u, 2u, 3u}) EXPECT_EQ(r.Count([&](const Tlp& t) { return !t.is_cpl() && From(t, n); }, from), 0u);
  EXPECT_GT(r.Count([&](const Tlp& t) { return IsTranslated(t) && From(t, 1); }, from), 10u);
  EnableVfs(r);
  EXPECT_EQ(Cfg(r, 2, CFG_ATS_CAP_CTRL) >> 31, 0u);
  EXPECT_EQ(Cfg(r, 2, CFG_COMMAND_STATUS) & 0xffff, 0u);
}

TEST(EpDevice, DisablingVirtualFunctionsDropsWhatTheyHold) {
  Root r;
  EnableAll(r);
  for (unsigned n = 1; n < 4; ++n) {  // function 0 keeps its egress free for the completion
    At(r, n);
    r.StartDma(Dma().base(kBase).interval(0).count(0));
  }
  r.Run(200);
  r.class_ready = 6;  // writes of all functions wait at the link
  r.Run(100);
  At(r, 0);
  r.CfgWrite(CFG_SRIOV_CTRL_STATUS, 0);
  const size_t from = r.up.size();
  r.class_ready = 7;
  r.Run(100);
  for (unsigned n : {2u, 3u}) EXPECT_EQ(r.Count([&](const Tlp& t) { return From(t, n); }, from), 0u);
  EXPECT_GT(r.Count([&](const Tlp& t) { return IsTranslated(t) && From(t, 1); }, from), 10u);
  const Tlp c = r.Ask(r.MemTlp(false, kVfBar, 0xf, 0));
  EXPECT_EQ(c.status(), kUr);
}

// Placeless requests wait for credit: two functions that share the queue hold 32, two that do not hold more.
TEST(EpDevice, SharedInvalidationQueue) {
  size_t left[2];
  for (unsigned other : {1u, 2u}) {
    Root r;
    EnableAll(r);
    r.class_ready = 6;  // no answer leaves
    for (unsigned i = 0; i < 200; ++i) {
      Tlp t = Root::InvTlp(i % 32, kBase, 0, -1, false, static_cast<uint16_t>(kBdf + (i & 1 ? other : 0)));
      t.dw[1] |= (i >> 1 & 1) << 27;  // neighbours differ in who asks: never answered together
      r.Send(t);
    }
    r.Run(600);
    left[other - 1] = r.Waiting();
    r.class_ready = 7;
    ASSERT_TRUE(r.RunUntil([&] { return r.Idle(); }));
    r.Run(200);
    for (unsigned n : {0u, other}) EXPECT_GT(r.Count([&](const Tlp& t) { return IsInvCpl(t) && From(t, n); }), 30u) << n;
  }
  EXPECT_EQ(left[1], left[0] + 32);
}

TEST(EpDevice, VirtualFunctionsUseTheStuAndPasidOfTheirs) {
  Root r;
  EnableVfs(r);
  At(r, 0);
  r.CfgWrite(CFG_PASID_CAP_CTRL, CFG_PASID_CAP_CTRL_ENABLE);
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80020000, 0xc);  // 16 KiB
  At(r, 2);
  r.Enable();
  r.CfgWrite(CFG_ATS_CAP_CTRL, 0x80050000, 0xc);
  EXPECT_EQ(r.CfgRead(CFG_ATS_CAP_CTRL), 0x80000060u);
  r.translate = [](const Tlp& t) { return Answer{false, kSc, Entry(t.addr(), kR | kW, 2), 20}; };
  r.StartDma(Dma().base(kBase + 3 * kPage).pasid(EP_DMA_PASID_VALID | 77));
  r.Run(100);
  ASSERT_EQ(r.Count(IsXlat), 1u);
  const Tlp& t = r.up[static_cast<size_t>(r.Find(IsXlat))].tlp;
  EXPECT_TRUE(From(t, 2));
  EXPECT_EQ(t.addr(), kBase);
  EXPECT_EQ(t.pfx & 0xfffff, 77u);
}

Tlp Response(const Tlp& page, unsigned code) {
  Tlp t;
  t.dw = {0x32u << 24, 0x05u, (page.dw[1] & 0xffff0000u) | code << 12 | (page.dw[3] >> 3 & 0x1ff), 0};
  return t;
}

TEST(EpDevice, OnePageRequestInterface) {
  Root r;
  EnableAll(r);
  At(r, 0);
  r.CfgWrite(CFG_PRI_ALLOCATION, 1);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_ENABLE);
  r.translate = [](const Tlp&) { return Answer{false, kSc, 0, 20}; };  // no permission
  for (unsigned n : {3u, 2u, 0u}) {
    At(r, n);
    r.StartDma(Dma().base(kBase).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_PRI));
  }
  r.Run(200);
  ASSERT_EQ(r.Count(IsPage), 1u);  // the allocation holds for all of them
  const Tlp first = r.up[static_cast<size_t>(r.Find(IsPage))].tlp;
  EXPECT_TRUE(From(first, 3));
  r.translate = [](const Tlp& t) { return Answer{false, kSc, Entry(t.addr() + Root::kOffset, kR | kW), 20}; };
  r.Send(Response(first, 0));
  r.Run(200);
  ASSERT_EQ(r.Count(IsPage), 2u);
  EXPECT_EQ(r.Count([](const Tlp& t) { return IsTranslated(t) && From(t, 3); }), 1u);
  const Tlp second = r.up[static_cast<size_t>(r.Find(IsPage, static_cast<size_t>(r.Find(IsPage)) + 1))].tlp;
  ASSERT_FALSE(From(second, 3));
  r.Send(Response(second, 15));  // Response Failure to one stops the interface of all
  r.Run(200);
  EXPECT_EQ(r.Count(IsPage), 2u);
  EXPECT_TRUE(Cfg(r, 0, CFG_PRI_CTRL_STATUS) & CFG_PRI_CTRL_STATUS_RESP_FAILURE);
}

TEST(EpDevice, RoomForOneIsGivenOnce) {
  Root r;
  EnableAll(r);
  At(r, 0);
  r.CfgWrite(CFG_PRI_ALLOCATION, 2);
  r.CfgWrite(CFG_PRI_CTRL_STATUS, CFG_PRI_CTRL_STATUS_ENABLE);
  r.translate = [](const Tlp&) { return Answer{true, kSc, 0, 20}; };
  for (unsigned n : {0u, 2u, 3u}) {
    At(r, n);
    r.StartDma(Dma().base(kBase).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_PRI));
  }
  r.Run(100);
  ASSERT_EQ(r.held.size(), 3u);
  r.class_ready = 6;  // so that no request leaves before all three want to ask
  for (int i = 0; i < 3; ++i) r.AnswerHeld(0, {false, kSc, 0, 1});
  r.Run(100);
  r.class_ready = 7;
  r.Run(100);
  EXPECT_EQ(r.Count(IsPage), 2u);
}

// No_Soft_Reset: waking keeps what is configured, and the others never noticed.
TEST(EpDevice, PowerStateOfOneFunction) {
  Root r;
  EnableAll(r);
  for (unsigned n = 0; n < 4; ++n) {
    At(r, n);
    EXPECT_TRUE(r.CfgRead(CFG_PM_CTRL_STATUS) & CFG_PM_CTRL_STATUS_NO_SOFT_RESET);
    r.StartDma(Dma().base(kBase).interval(25).count(0));
  }
  r.Run(200);
  At(r, 1);
  r.CfgWrite(CFG_PM_CTRL_STATUS, 3, 0x1);
  r.Run(40);
  const size_t from = r.up.size();
  EXPECT_EQ(r.Ask(r.MemTlp(false, r.bar, 0xf, 0)).dw[1] >> 13 & 7, unsigned{kUr});
  EXPECT_EQ(r.up.back().tlp.dw[1] >> 16, kBdf + 1u);  // by the function that owns the address
  r.Invalidate(1, kBase);
  r.Run(200);
  EXPECT_EQ(r.Count([](const Tlp& t) { return !t.is_cpl() && From(t, 1); }, from), 0u);
  EXPECT_GT(r.Count([](const Tlp& t) { return IsTranslated(t) && From(t, 2); }, from), 5u);
  const size_t awake = r.up.size();
  r.CfgWrite(CFG_PM_CTRL_STATUS, 0, 0x1);
  r.Run(100);
  EXPECT_EQ(r.CfgRead(CFG_BAR0), r.bar);
  const long first = r.Find([](const Tlp& t) { return !t.is_cpl() && From(t, 1); }, awake);
  ASSERT_GE(first, 0);
  EXPECT_TRUE(IsXlat(r.up[static_cast<size_t>(first)].tlp));  // the ATC is empty
  EXPECT_FALSE(r.SawInvCpl(1, from));
}

// All functions want the link all the time: each gets a quarter, and none waits for more than one turn of the others.
TEST(EpDevice, TheLinkIsSharedFairly) {
  Root r;
  EnableAll(r);
  for (unsigned n = 0; n < 4; ++n) {
    At(r, n);
    r.StartDma(Dma().base(kBase).count(0).flags(EP_DMA_CTRL_WR));
  }
  r.Run(100);
  const size_t from = r.up.size();
  r.Run(2000);
  std::map<unsigned, unsigned> sent, last;
  for (size_t i = from; i < r.up.size(); ++i) {
    const unsigned fn = (r.up[i].tlp.dw[1] >> 16) - kBdf;
    if (sent[fn]++ > 0) EXPECT_LE(i - last[fn], 4u) << "function " << fn;
    last[fn] = static_cast<unsigned>(i);
  }
  for (unsigned n = 0; n < 4; ++n) EXPECT_EQ(sent[n], 500u) << n;
}

// No_Soft_Reset: an error in D3hot is reported when the function is awake again, and not before.
TEST(EpDevice, AnErrorInD3hotIsReportedInD0) {
  Root r;
  EnableAll(r);
  At(r, 1);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf, 0x1);
  r.CfgWrite(CFG_PM_CTRL_STATUS, 3, 0x1);
  const size_t from = r.up.size();
  Tlp m;
  m.dw = {0x32u << 24, 0x00000006u, uint32_t{kBdf + 1} << 16, 0};
  r.Send(m);
  r.Run(300);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(0x31); }, from), 0u);
  r.CfgWrite(CFG_PM_CTRL_STATUS, 0, 0x1);
  r.Run(20);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(0x31) && From(t, 1); }, from), 1u);
}

// Virtual functions have no completion time-out of their own: their physical function's Device Control 2 holds for them.
TEST(EpDevice, CompletionTimeoutIsThePhysicalFunctions) {
  Root r;
  r.dut().cpl_timeout_i = 800;
  r.read = [](const Tlp&) { return Answer{true}; };
  EnableAll(r);
  At(r, 2);
  r.CfgWrite(CFG_DEVCTL2, 0x6);
  EXPECT_EQ(r.CfgRead(CFG_DEVCTL2), 0u);
  for (const auto& [value, cycles] : std::map<uint32_t, uint64_t>{{0x2, 100}, {0x0, 800}}) {
    At(r, 0);
    r.CfgWrite(CFG_DEVCTL2, value);
    At(r, 2);
    const size_t from = r.up.size();
    r.StartDma(Dma().base(kBase).flags(EP_DMA_CTRL_RD));
    ASSERT_TRUE(r.RunUntil([&] { return r.Saw([](const Tlp& t) { return t.is_read() && From(t, 2); }, from); }));
    const uint64_t left = r.up.back().cycle;
    r.RunTo(left + cycles - 10);
    EXPECT_EQ(Aer(r), 0u);
    r.RunTo(left + cycles + 10);
    EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO);
    r.CfgWrite(CFG_AER_UNCOR_STATUS, ~0u);
  }
}

TEST(EpDevice, JumpsOverNothing) {
  Root plain, jump(true);
  for (Root* r : {&plain, &jump}) {
    EnableAll(*r);
    for (unsigned n = 0; n < 4; ++n) {
      At(*r, n);
      r->StartDma(Dma().base(kBase).log2_pages(3).interval(60 + 7 * n).count(0).flags(
          EP_DMA_CTRL_WR | EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_RANDOM));
    }
    r->Run(1000);
    for (unsigned n : {3u, 1u}) {
      At(*r, n);
      r->Invalidate(n, kBase, 3);
      r->Run(77);
    }
    At(*r, 2);
    r->CfgWrite(CFG_DEVCTL_DEVSTA, CFG_DEVCTL_DEVSTA_FLR, 0x3);
    r->Run(900);
    At(*r, 0);
    r->CfgWrite(CFG_SRIOV_CTRL_STATUS, 0);
    r->Run(900);
    EnableVfs(*r);
    r->Run(500);
  }
  EXPECT_GT(jump.jumps, 0u);
  ASSERT_EQ(plain.up.size(), jump.up.size());
  for (size_t i = 0; i < plain.up.size(); ++i) ASSERT_EQ(plain.up[i].cycle, jump.up[i].cycle) << i;
}

}  // namespace
