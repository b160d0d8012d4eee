// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: completion time-outs of reads and AtomicOps (pcie-ats.md section 9.2). Those of
// Translation Requests: ep_pages_test.
#include <map>

#include "../ep_root.h"

namespace atcbench::tb {
namespace {

constexpr uint64_t kTimeout = 300;
constexpr uint32_t kRead = EP_DMA_CTRL_RD, kNonfatal = 0x31;
constexpr unsigned kNp = 1;  // class of requests

bool IsRead(const Tlp& t) { return t.is_read(); }
bool IsNonfatal(const Tlp& t) { return t.is_msg(kNonfatal); }

class EpCto : public ::testing::Test {
 protected:
  EpCto() {
    r.dut().cpl_timeout_i = kTimeout;
    r.read = [](const Tlp&) { return Answer{true}; };
  }
  void Begin(bool ats = false) {
    r.Enable(ats);
    r.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf, 0x1);  // errors reported
  }
  // Runs until one more read has left; when that was.
  uint64_t Left() {
    const size_t from = r.up.size();
    EXPECT_TRUE(r.RunUntil([&] { return r.Saw(IsRead, from); }));
    return r.up.back().cycle;
  }
  bool Pending() { return r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_TRPND; }

  Root r;
};

TEST_F(EpCto, ReportedOnceGivenUpAndALateCompletionIsUnexpected) {
  Begin();
  r.StartDma(Dma().flags(kRead));
  const uint64_t left = Left();
  EXPECT_TRUE(Pending());
  r.RunTo(left + 20);
  EXPECT_TRUE(r.dut().quiet_o);
  EXPECT_EQ(r.dut().next_deadline_o, left + kTimeout);
  r.RunTo(left + kTimeout);
  EXPECT_FALSE(r.Saw(IsNonfatal));
  r.Run(10);
  EXPECT_EQ(r.Count(IsNonfatal), 1u);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO);
  EXPECT_EQ(r.CfgRead(CFG_AER_CAP_CTL) & 0x1f, 14u);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 0u);
  EXPECT_FALSE(Pending());

  // The slot is used again under another tag; the late completion belongs to nobody.
  ASSERT_EQ(r.held.size(), 1u);
  const Tlp old = r.held[0];
  r.StartDma(Dma().flags(kRead));
  Left();
  ASSERT_EQ(r.held.size(), 2u);
  EXPECT_NE(r.held[1].tag(), old.tag());
  r.AnswerHeld(0, {});
  r.Run(30);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UC);
  EXPECT_TRUE(Pending());
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 0u);
  r.AnswerHeld(0, {});
  r.Run(30);
  EXPECT_FALSE(Pending());
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 1u);
}

// The tag differs although it is not used again: late completions of a free slot.
TEST_F(EpCto, LateCompletionOfAFreeSlot) {
  Begin();
  r.StartDma(Dma().flags(kRead));
  Left();
  r.Run(kTimeout + 20);
  r.AnswerHeld(0, {});
  r.Run(30);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UC);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 0u);
}

TEST_F(EpCto, AnswerInTheLastMomentCounts) {
  for (int early : {1, 0, -1}) {
    Root x;
    x.dut().cpl_timeout_i = kTimeout;
    x.Enable(false);
    x.read = [](const Tlp&) { return Answer{true}; };
    x.StartDma(Dma().flags(kRead));
    ASSERT_TRUE(x.RunUntil([&] { return x.held.size() == 1; }));
    x.RunTo(x.up.back().cycle + kTimeout - static_cast<uint64_t>(early));
    x.AnswerHeld(0, {});
    x.Run(50);
    EXPECT_EQ(Aer(x), early >= 0 ? 0u : CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UC) << early;
    EXPECT_EQ(x.BarRead(EP_STAT_DONE), early >= 0 ? 1u : 0u) << early;
  }
}

// A read of 256 bytes whose last completion does not come: what came is thrown away, the rest is unexpected.
TEST_F(EpCto, PartOfAnAnswerIsNotEnough) {
  Begin();
  r.BarWrite(EP_DMA_XFER, 2 << EP_DMA_XFER_LOG2_LINES_SHIFT | 1 << EP_DMA_XFER_TCS_SHIFT);
  r.StartDma(Dma().flags(kRead));
  const uint64_t left = Left();
  ASSERT_EQ(r.held[0].length(), 64u);
  std::vector<Tlp> parts;
  for (unsigned at = 0; at < 64; at += 16) {
    Tlp t = Root::CplTlp(r.held[0], {});
    t.dw[0] = (t.dw[0] & ~0x3ffu) | 16;
    t.dw[1] = (t.dw[1] & ~0xfffu) | 4 * (64 - at);
    parts.push_back(t);
  }
  for (unsigned n = 0; n < 3; ++n) r.Send(parts[n], 90 * n);
  r.RunTo(left + kTimeout + 10);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 1u);
  r.Send(parts[3]);
  r.Run(20);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UC);
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 0u);
}

// Section 5 rule 2: an invalidation waits for the read that uses the translation, to its time-out and no longer.
TEST_F(EpCto, EndsTheDrain) {
  Begin(true);
  r.StartDma(Dma().flags(kRead | EP_DMA_CTRL_USE_ATS));
  const uint64_t left = Left();
  ASSERT_EQ(r.held[0].at(), 2u);
  r.Invalidate(3, kBase);
  r.RunTo(left + kTimeout);
  EXPECT_FALSE(r.Saw(IsInvCpl));
  r.Run(10);
  EXPECT_TRUE(r.SawInvCpl(3));
  r.AnswerHeld(0, {});
  r.Run(20);
  EXPECT_EQ(r.Count(IsInvCpl), 1u);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UC);
  // The count of reads is right again: the next one is waited for.
  r.StartDma(Dma().flags(kRead | EP_DMA_CTRL_USE_ATS));
  Left();
  r.Invalidate(4, kBase);
  r.Run(100);
  EXPECT_FALSE(r.SawInvCpl(4));
  r.AnswerHeld(0, {});
  r.Run(20);
  EXPECT_TRUE(r.SawInvCpl(4));
}

// Waiting for credit is not waiting for a completion: nothing times out, nothing piles up in front of posted packets
// (ep_tx_sva), and the time runs from the departure.
TEST_F(EpCto, ARequestWithoutCreditDoesNotTimeOut) {
  Begin(true);
  r.StartDma(Dma().log2_pages(4).count(1));  // a translation, so that reads and Translation Requests both wait below
  r.Run(100);
  r.class_ready = 7 & ~(1u << kNp);
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.StartDma(Dma().log2_pages(4).count(0).interval(20).flags(kRead | EP_DMA_CTRL_USE_ATS));
  const size_t from = r.up.size();
  r.Run(20 * kTimeout);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 0u);
  EXPECT_EQ(Aer(r), 0u);
  EXPECT_FALSE(r.Saw(IsXlat, from));
  r.Invalidate(9, kBase + 0x100000);
  r.Run(30);
  EXPECT_TRUE(r.SawInvCpl(9));  // posted, past the requests
  r.BarWrite(EP_DMA_CTRL, 0);
  r.class_ready = 7;
  const uint64_t start = r.now();
  r.RunUntil([&] { return r.Saw(IsXlat, from); });
  EXPECT_LT(r.now(), start + 20);
  r.RunTo(start + kTimeout - 1);
  EXPECT_EQ(Aer(r), 0u);
  r.Run(50);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_CTO);
}

TEST_F(EpCto, EveryValueOfDeviceControl2) {
  const std::map<unsigned, double> scale = {{0x0, 1}, {0x1, 1.0 / 512}, {0x2, 1.0 / 8}, {0x5, 1}, {0x6, 4}, {0x9, 16}, {0xA, 64},
                                            {0xD, 256}, {0xE, 1024}, {0x3, 1}, {0xF, 1}};
  constexpr uint64_t kNormal = 51200;
  for (const auto& [value, times] : scale) {
    Root x(true);
    x.dut().cpl_timeout_i = kNormal;
    x.Enable(false);
    x.CfgWrite(CFG_DEVCTL2, value);
    EXPECT_EQ(x.CfgRead(CFG_DEVCTL2), value);
    x.read = [](const Tlp&) { return Answer{true}; };
    x.StartDma(Dma().flags(kRead));
    ASSERT_TRUE(x.RunUntil([&] { return x.held.size() == 1; }));
    const uint64_t deadline = x.up.back().cycle + static_cast<uint64_t>(kNormal * times);
    x.RunTo(x.up.back().cycle + 5);
    EXPECT_EQ(x.dut().next_deadline_o, deadline) << value;
    x.RunTo(deadline + 5);
    EXPECT_EQ(Aer(x), CFG_AER_UNCOR_STATUS_CTO) << value;
  }
}

TEST_F(EpCto, DisabledOrUnlimitedNeverEnds) {
  for (bool disabled : {true, false}) {
    Root x(true);
    x.dut().cpl_timeout_i = disabled ? kTimeout : Root::kNever;
    x.Enable(false);
    x.CfgWrite(CFG_DEVCTL2, disabled ? CFG_DEVCTL2_CTO_DIS : 0xE);  // and no overflow
    x.read = [](const Tlp&) { return Answer{true}; };
    x.StartDma(Dma().flags(kRead));
    x.Run(1000);
    EXPECT_EQ(x.dut().next_deadline_o, Root::kNever);
    x.Run(1u << 20);
    EXPECT_EQ(Aer(x), 0u);
    x.AnswerHeld(0, {});
    x.Run(20);
    EXPECT_EQ(x.BarRead(EP_STAT_DONE), 1u);
  }
}

// All eight slots and bad packets in the same cycles; the same with jumps as without.
TEST_F(EpCto, SeveralAtOnceBesideOtherErrors) {
  std::vector<uint64_t> when[2];
  for (bool jump : {false, true}) {
    Root x(jump);
    x.dut().cpl_timeout_i = kTimeout;
    x.Enable();
    x.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf, 0x1);
    x.read = [](const Tlp&) { return Answer{true}; };
    x.StartDma(Dma().count(8).flags(kRead));
    ASSERT_TRUE(x.RunUntil([&] { return x.held.size() == 8; }));
    x.translate = x.read;
    x.StartDma(Dma().log2_pages(2).count(4));  // and Translation Requests
    Tlp bad = x.MemTlp(true, 0x1000, 0xf, 0);
    for (unsigned n = 0; n < 40; ++n) x.Send(bad, 270 + n);
    x.Run(500);
    EXPECT_EQ(Aer(x), CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UR);
    EXPECT_EQ(x.BarRead(EP_STAT_ABORTED), 12u);
    for (const Sent& s : x.up) when[jump].push_back(s.cycle);
    if (jump) EXPECT_GT(x.jumps, 0u);
  }
  EXPECT_EQ(when[0], when[1]);
}

// What was under way when the function was reset is not counted by its next life.
TEST_F(EpCto, AResetForgets) {
  Begin();
  r.StartDma(Dma().count(3).flags(kRead));
  r.Run(50);
  ASSERT_EQ(r.held.size(), 3u);
  r.Ask(r.CfgTlp(true, CFG_DEVCTL_DEVSTA, 0x2, CFG_DEVCTL_DEVSTA_FLR));
  r.Run(600);
  EXPECT_FALSE(Pending());
  r.Run(kTimeout);
  EXPECT_EQ(Aer(r), 0u);
}

// ------------------------------------------------------------------------------------------- descriptor ring
constexpr uint64_t kRing = 0x2'0000'0000, kData = 0x1'4000'0000;

// An AtomicOp (0x2: FetchAdd) and a read of the ring: their outcome says "aborted", and the ring goes on.
TEST_F(EpCto, RingReportsAnAtomicOpAndARead) {
  for (const uint32_t op : {0x2u, 0x0u}) {
    Root x;
    x.dut().cpl_timeout_i = kTimeout;
    x.Enable(false);
    bool silent = true;
    x.read = [&](const Tlp& t) {
      if (t.addr() >> 32 != kRing >> 32) return silent ? Answer{true} : Answer{false, kSc, 0, 20, std::vector<uint8_t>(8, 0x5a)};
      Answer a{false, kSc, 0, 20, std::vector<uint8_t>(32)};
      const uint64_t iova = kData;
      const uint32_t bytes = 8, control = op;
      std::memcpy(&a.data[0], &iova, 8);
      std::memcpy(&a.data[8], &bytes, 4);
      std::memcpy(&a.data[12], &control, 4);
      return a;
    };
    x.BarWrite(EP_RING_BASE_LO, static_cast<uint32_t>(kRing));
    x.BarWrite(EP_RING_BASE_HI, static_cast<uint32_t>(kRing >> 32));
    x.BarWrite(EP_RING_CTRL, EP_RING_CTRL_EN | 3 << EP_RING_CTRL_LOG2_SHIFT);
    x.BarWrite(EP_RING_TAIL, 1);
    ASSERT_TRUE(x.RunUntil([&] { return x.Saw(IsWrite); }));
    EXPECT_EQ(x.up.back().tlp.word(0) & 0xffffffff, 0x80000002u) << "aborted";
    EXPECT_EQ(Aer(x), CFG_AER_UNCOR_STATUS_CTO);
    ASSERT_EQ(x.held.size(), 1u);
    // A second transfer in the same slot is on its way when the first one's completion comes.
    const size_t from = x.up.size();
    x.BarWrite(EP_RING_TAIL, 2);
    ASSERT_TRUE(x.RunUntil([&] { return x.held.size() == 2; }));
    x.Reply(x.held[0], {false, kSc, 0, 0, std::vector<uint8_t>(8, 0xee)});
    x.Run(50);
    EXPECT_FALSE(x.Saw(IsWrite, from));
    x.Reply(x.held[1], {false, kSc, 0, 0, std::vector<uint8_t>(8, 0x5a)});
    ASSERT_TRUE(x.RunUntil([&] { return x.Saw(IsWrite, from); }));
    EXPECT_EQ(x.up.back().tlp.word(0) & 0xffffffff, 0x80000000u) << "done";
    if (op == 0x2) EXPECT_EQ(x.up.back().tlp.word(1), 0x5a5a5a5a5a5a5a5au);
    EXPECT_EQ(Aer(x), CFG_AER_UNCOR_STATUS_CTO | CFG_AER_UNCOR_STATUS_UC);
  }
}

}  // namespace
}  // namespace atcbench::tb
