// SPDX-License-Identifier: Apache-2.0
//
// Latency and rate, walks side by side, statistics, when it is quiet.

#include "xlat_bench.h"

namespace xlat {
namespace {

TEST_F(XlatRows, LatencyOfHitsAndMisses) {
  mem.latency = 20;
  Ask(Untranslated(kFull, 0x1000));
  // STE and CD: 4 beats each; 4 levels. Constant part in doc/rtl/smmu_xlat.md.
  EXPECT_EQ(last_latency, 14u + 2 * (20 + 3) + 4 * 20);
  Ask(Untranslated(kFull, 0x1008));
  EXPECT_EQ(last_latency, 2u) << "hit";
  Ask(Ats(kFull, 0x1000));
  EXPECT_EQ(last_latency, 2u) << "hit";
  Ask(Untranslated(kFull, 0x2000));
  EXPECT_EQ(last_latency, 8u + 20) << "TLB miss, level 3 table in the walk cache";
  Tlbi(kNhVaa, 0, 0x2000);
  Ask(Untranslated(kFull, 0x2000));
  EXPECT_EQ(last_latency, 8u + 4 * 20) << "TLB miss, walk cache empty";
  cfg.atschk = false;
  Ask(Translated(kFull, 0x1000));
  EXPECT_EQ(last_latency, 2u);
}

TEST_F(XlatRows, HitsOneACycle) {
  Ask(Untranslated(kFull, 0x1000));
  const size_t before = rsps.size();
  const uint64_t begin = now;
  for (int i = 0; i < 200; ++i) {
    to_send = Untranslated(kFull, 0x1000 + 8 * uint64_t(i), i & 1, i % 4);
    Step();
    ASSERT_FALSE(to_send.has_value()) << "not accepted at once";
  }
  Step();
  Step();
  ASSERT_EQ(rsps.size() - before, 200u);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(rsps[before + i].cycle, begin + i + 2);
    EXPECT_EQ(rsps[before + i].rsp.port, i % 4);
    EXPECT_EQ(rsps[before + i].rsp.pa, 0xABC000u + 8 * i);
  }
}

TEST_F(XlatRows, MissAndBlockedEventDoNotHoldOtherPorts) {
  Ask(Untranslated(kFull, 0x1000));
  mem.latency = 100;
  Tlbi(kNhVaa, 0, 0x2000);
  to_send = Untranslated(kFull, 0x2000, false, 1);  // a walk of all levels
  Step();
  for (int i = 0; i < 50; ++i) {
    Ask(Untranslated(kFull, 0x1000, false, 2));
    EXPECT_EQ(last_latency, 2u);
  }
  while (rsps.back().rsp.port != 1) Step();
  mem.latency = 1;
  top.evt_ready_i = 0;
  to_send = Untranslated(kFull, 0x8000, false, 3);  // a fault whose event nobody takes
  for (int i = 0; i < 60; ++i) Step();
  for (int i = 0; i < 10; ++i) {
    Ask(Untranslated(kFull, 0x1000, false, 0));
    EXPECT_EQ(last_latency, 2u);
  }
  EXPECT_TRUE(quiet || rsps.back().cycle == now - 1);
  const size_t before = rsps.size();
  for (int i = 0; i < 20; ++i) Step();
  EXPECT_EQ(rsps.size(), before) << "the response waits for its event";
  EXPECT_TRUE(quiet);
  top.evt_ready_i = 1;
  for (int i = 0; i < 5; ++i) Step();
  ASSERT_EQ(rsps.size(), before + 1);
  EXPECT_EQ(rsps.back().rsp.port, 3);
  EXPECT_LT(events.back().cycle, rsps.back().cycle);
}

// As many walks as resolvers run side by side: the time of one, and a cycle for each that shares the bus.
TEST_F(XlatRows, FourWalksOverlap) {
  mem.latency = 40;
  for (int port = 0; port < 4; ++port) Ask(Untranslated(kFull, 0x1000, false, port));
  const size_t before = rsps.size();
  const uint64_t begin = now;
  for (int port = 0; port < 4; ++port) {
    to_send = Untranslated(kFull, 0x8000 + 0x1000 * uint64_t(port), false, port);
    Step();
  }
  while (rsps.size() < before + 4 && now < begin + 1000) Step();
  ASSERT_EQ(rsps.size(), before + 4);
  EXPECT_LE(rsps.back().cycle - begin, 8u + 4 * 41 + 8) << "last of four";
  for (int port = 0; port < 4; ++port) EXPECT_EQ(rsps[before + port].rsp.port, port);
  // And when every port misses again and again: 4 walks in the time of one.
  uint64_t page = 0x100;
  const auto Walks = [&](int ports) {
    size_t walks = 0, taken = rsps.size();
    std::array<bool, 4> busy{};
    for (int i = 0; i < 10000; ++i) {
      for (int port = 0; port < ports && !to_send; ++port) {
        if (busy[port]) continue;
        busy[port] = true;
        to_send = Untranslated(kFull, ++page << 12, false, port);
      }
      Step();
      for (; taken < rsps.size(); ++taken) {
        busy[rsps[taken].rsp.port] = false;
        ++walks;
      }
    }
    for (int i = 0; i < 400; ++i) Step();
    return static_cast<double>(walks);
  };
  const double one = Walks(1), four = Walks(4);
  EXPECT_GT(four, 3.8 * one);
  std::printf("walks in 10000 cycles: one port %.0f, four ports %.0f\n", one, four);
}

TEST_F(XlatRows, StatisticsCountWhatHappens) {
  stat_sum = {};
  Ask(Untranslated(kFull, 0x1000));
  Step();
  EXPECT_EQ(stat_sum, (std::array<int, 6>{1, 0, 1, 1, 1, 1})) << "cold";
  stat_sum = {};
  Ask(Ats(kFull, 0x1000));
  EXPECT_EQ(stat_sum, (std::array<int, 6>{1, 1, 0, 0, 0, 0})) << "hit";
  stat_sum = {};
  Ask(Untranslated(kFull, 0x2000));
  EXPECT_EQ(stat_sum, (std::array<int, 6>{1, 0, 0, 1, 1, 1})) << "TLB miss";
  stat_sum = {};
  Ask(Untranslated(kBypassS, 0x2000));
  EXPECT_EQ(stat_sum, (std::array<int, 6>{1, 0, 1, 0, 0, 0})) << "no translation wanted";
}

TEST_F(XlatRows, ResponsesWaitForTheRootComplex) {
  Ask(Untranslated(kFull, 0x1000));
  top.rsp_ready_i = 0;
  const size_t before = rsps.size();
  for (int port = 0; port < 4; ++port) {
    to_send = Untranslated(kFull, port == 2 ? 0x8000 : 0x1000, false, port);
    Step();
  }
  for (int i = 0; i < 100; ++i) Step();
  EXPECT_EQ(rsps.size(), before);
  EXPECT_TRUE(quiet) << "stalled is quiet";
  top.rsp_ready_i = 1;
  for (int i = 0; i < 5; ++i) Step();
  ASSERT_EQ(rsps.size(), before + 4);
  EXPECT_EQ(rsps.back().rsp.port, 2);
}

TEST_F(XlatRows, QuietExactly) {
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_TRUE(quiet);
  mem.latency = 40;
  Ask(Untranslated(kFull, 0x1000));
  Tlbi(kNhVaa, 0, 0x2000);
  Step();
  int quiet_cycles = 0, busy_cycles = 0;
  to_send = Untranslated(kFull, 0x2000);
  const size_t before = rsps.size();
  while (rsps.size() == before) {
    Step();
    (quiet ? quiet_cycles : busy_cycles)++;
  }
  EXPECT_EQ(quiet_cycles, 4 * 39) << "all the time that only the memory knows";
  EXPECT_EQ(busy_cycles, 8 + 4 * 40 + 1 - 4 * 39);
}

}  // namespace
}  // namespace xlat
