// SPDX-License-Identifier: Apache-2.0
//
// Stalled transactions: who waits, RESUME, STALL_TERM, the drain.

#include "xlat_bench.h"

namespace xlat {
namespace {

class XlatStall : public XlatTest {
 protected:
  XlatStall() {
    root = NewTable();
    Map(root, 0x1000, 0xABC000, kRw);
    SetCd(kCds, Cd0(10) | uint64_t{1} << 44, root);
    for (uint32_t sid = 1; sid < 5; ++sid) SetSte(sid, 5, kCds, 0, 0, 1);
    mem.latency = 3;
  }
  // Sends a request that stalls; its STAG.
  int Stall(const Req& q) {
    const size_t had = events.size();
    to_send = q;
    for (int i = 0; i < 200 && events.size() == had; ++i) Step();
    for (int i = 0; i < 3; ++i) Step();
    EXPECT_EQ(events.size(), had + 1);
    if (events.size() == had) return -1;
    EXPECT_TRUE(events.back().event[1] >> 31 & 1);
    EXPECT_TRUE(open[q.port]);
    return static_cast<int>(events.back().event[1] & 0xFFFF);
  }
  uint64_t root = 0;
};

TEST_F(XlatStall, OnlyItsPortWaitsAndRetryFindsTheNewTable) {
  const int stag = Stall(Untranslated(1, 0x8008, true, 0));
  EXPECT_EQ(events.back().event, (ref::Event{0x0000'0001'0000'0010, 0x0000'0200'8000'0000 | uint64_t(stag), 0x8008, 0}));
  for (int i = 0; i < 20; ++i) Step();
  EXPECT_TRUE(quiet);
  for (int i = 0; i < 20; ++i) {
    Ask(Untranslated(2, 0x1000, false, 1 + i % 3));
    EXPECT_EQ(rsps.back().rsp.status, ref::kOk);
  }
  const size_t before = rsps.size();
  // None of these names it.
  const auto Vain = [&](uint32_t sid, int tag) {
    SetResume(sid, tag, true);
    for (int i = 0; i < 40; ++i) Step();
    EXPECT_EQ(rsps.size(), before);
    EXPECT_EQ(events.size(), 1u);
  };
  Vain(2, stag);
  Vain(1, stag ^ 1);
  Vain(1, stag ^ 0x10);
  Vain(0x10001, stag);
  SetStallTerm(2);
  for (int i = 0; i < 40; ++i) Step();
  EXPECT_EQ(rsps.size(), before);
  Map(root, 0x8000, 0xDEF000, kRw);
  SetResume(1, stag, true);
  for (int i = 0; i < 60 && rsps.size() == before; ++i) Step();
  ASSERT_EQ(rsps.size(), before + 1);
  EXPECT_EQ(rsps.back().rsp.status, ref::kOk);
  EXPECT_EQ(rsps.back().rsp.pa, 0xDEF008u);
  EXPECT_EQ(rsps.back().rsp.port, 0);
  SetResume(1, stag, true);  // once more: names nothing
  for (int i = 0; i < 40; ++i) Step();
  EXPECT_EQ(rsps.size(), before + 1);
}

TEST_F(XlatStall, RetryThatFaultsAgainHasANewTag) {
  const int first = Stall(Untranslated(1, 0x8000));
  const size_t had = events.size();
  SetResume(1, first, true);
  for (int i = 0; i < 100 && events.size() == had; ++i) Step();
  ASSERT_EQ(events.size(), had + 1);
  const int second = static_cast<int>(events.back().event[1] & 0xFFFF);
  EXPECT_NE(first, second);
  for (int i = 0; i < 5; ++i) Step();
  SetResume(1, first, false);
  for (int i = 0; i < 20; ++i) Step();
  EXPECT_TRUE(rsps.empty()) << "the old tag names nothing";
  SetResume(1, second, false);
  for (int i = 0; i < 5; ++i) Step();
  ASSERT_EQ(rsps.size(), 1u);
  EXPECT_EQ(rsps.back().rsp.status, ref::kAbort);
}

TEST_F(XlatStall, StallTermEndsTheStreamsOwn) {
  std::array<int, 4> stags{};
  for (int port = 0; port < 4; ++port) stags[port] = Stall(Untranslated(port == 3 ? 2 : 1, 0x8000 + 8 * uint64_t(port), false, port));
  for (int port = 0; port < 4; ++port) EXPECT_EQ(std::count(stags.begin(), stags.end(), stags[port]), 1);
  SetStallTerm(1);
  for (int i = 0; i < 8; ++i) Step();
  ASSERT_EQ(rsps.size(), 3u);
  for (const Stamp& s : rsps) {
    EXPECT_EQ(s.rsp.status, ref::kAbort);
    EXPECT_NE(s.rsp.port, 3);
  }
  EXPECT_TRUE(open[3]);
}

// D7: a SYNC does not wait for stalled transactions, but for those taken up again.
TEST_F(XlatStall, DrainLeavesThemOut) {
  done_delay = 30;
  const int stag = Stall(Untranslated(1, 0x8000, false, 0));
  const auto Drain = [&] {
    top.drain_start_i = 1;
    Step();
    int cycles = 0;
    for (; cycles < 200; ++cycles) {
      Step();
      if (drain_done) break;
    }
    return cycles;
  };
  EXPECT_EQ(Drain(), 0) << "nothing but a stalled transaction";
  Map(root, 0x8000, 0xDEF000, kRw);
  SetResume(1, stag, true);
  Step();
  Step();
  const int cycles = Drain();
  EXPECT_GT(cycles, 30) << "the resumed one is waited for";
  EXPECT_LT(cycles, 199);
  ASSERT_EQ(rsps.size(), 1u);
  EXPECT_EQ(rsps.back().rsp.status, ref::kOk);
  // It stalls while the drain waits for it: then the drain is over.
  to_send = Untranslated(1, 0x9000, false, 0);
  Step();
  const int until = Drain();
  EXPECT_GT(until, 3);
  EXPECT_LT(until, 60);
  EXPECT_TRUE(open[0]);
}

TEST_F(XlatStall, DisableEndsAll) {
  done_delay = 10;
  for (int port = 0; port < 4; ++port) Stall(Untranslated(1 + uint32_t(port), 0x8000, false, port));
  cfg.smmuen = false;
  top.eval();
  Step();
  EXPECT_FALSE(drain_done) << "those that are being ended count from now on";
  for (int i = 0; i < 40; ++i) Step();
  ASSERT_EQ(rsps.size(), 4u);
  for (const Stamp& s : rsps) EXPECT_EQ(s.rsp.status, ref::kAbort);
  EXPECT_TRUE(drain_done);
  EXPECT_TRUE(quiet);
}

// ATS requests of a stalling stream never wait.
TEST_F(XlatStall, TranslationRequestsDoNot) {
  Check(Ats(1, 0x8000), "unmapped");
  EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
  EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace xlat
