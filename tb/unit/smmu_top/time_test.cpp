// SPDX-License-Identifier: Apache-2.0
//
// smmu_top: counters, and a log that depends neither on how idle time is passed nor, in its order, on the timing of the bus.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "Vsmmu_top_tb.h"
#include "../smmu_top_bench.h"

namespace {

using namespace smmu_bench;
using Bench = SmmuBench<Vsmmu_top_tb>;

// The counters against what the bench saw, and against a run that jumps.
std::vector<uint64_t> CountersOf(bool jump) {
  constexpr uint32_t kPmcg = 0x30000;
  Bench b(5);
  b.jump = jump;
  b.answer = 30;
  b.dead = {1};
  b.Start();
  b.Write(0xE00, 700, true);
  const uint32_t events[8] = {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x01};
  for (uint32_t i = 0; i < 8; ++i) b.Write(kPmcg + 0x400 + 4 * i, (i == 0 ? 1u << 29 : 0) | events[i]);
  b.Write(kPmcg + 0xA00, 0xFFFF);
  b.Write(kPmcg + 0xC00, 0xFF);
  b.Write(kPmcg + 0xE04, 1);
  b.Write(kPmcg + 0xD88, 1);
  const uint64_t start = b.now;
  auto shadow = [&](uint32_t i) {
    return b.Read(kPmcg + 0x600 + 8 * i) | uint64_t{b.Read(kPmcg + 0x604 + 8 * i)} << 32;
  };
  const uint64_t first = shadow(0);
  std::vector<Command> commands;
  for (int i = 0; i < 50; ++i) commands.push_back(AtcInv(i % 5 == 4, 0x1000u * static_cast<uint64_t>(i)));
  commands.push_back(Sync());
  b.transactions = 7;
  b.Run(commands);
  b.Until([&] { return b.Failed(); }, 20000);
  b.Cycles(3000);
  b.Write(kPmcg + 0xD88, 1);
  std::vector<uint64_t> v;
  for (uint32_t i = 0; i < 8; ++i) v.push_back(shadow(i));
  // The reads above come after the capture, so the time is that of the write.
  EXPECT_EQ(b.Read(kPmcg + 0xE00) >> 8 & 0x3F, 47u);
  v[0] -= first;
  EXPECT_EQ(v[1], b.at["inv"].size());
  EXPECT_EQ(v[2], b.at["cpl"].size());
  EXPECT_EQ(v[3], 10u) << "every invalidation of the dead device";
  EXPECT_GT(v[5], 700u) << "the SYNC waits for the time-out";
  EXPECT_EQ(v[7], b.at["tbu"].size());
  v.push_back(b.now - start);
  // 8 reads of two words and one more, two cycles each, lie after the second capture, 2 reads after the first.
  EXPECT_EQ(v[0], v.back() - 2 * 17);
  if (jump) EXPECT_GT(b.jumps, 10u);
  return v;
}

TEST(Top, CountersCountWhatHappensWithAndWithoutTheIdleJump) {
  EXPECT_EQ(CountersOf(false), CountersOf(true));
}

TEST(Top, CounterOverflowIsADeadline) {
  constexpr uint32_t kPmcg = 0x30000;
  for (const bool msi : {false, true}) {
    Bench b;
    b.jump = true;
    b.Write(kPmcg, 0xFFFF'FFFF'FFFF - 5000, true);
    b.Write(kPmcg + 0x400, 1u << 29);
    b.Write(kPmcg + 0xC00, 1);
    b.Write(kPmcg + 0xC40, 1);
    if (msi) b.Write(kPmcg + 0xE58, kMsi, true);
    b.Write(kPmcg + 0xE60, 0x77);
    b.Write(kPmcg + 0xE50, 1);
    const uint64_t start = b.now;
    b.Write(kPmcg + 0xE04, 1);
    b.Cycles(6000);
    EXPECT_GT(b.jumps, 0u);
    EXPECT_EQ(b.Read(kPmcg + 0xCC0), 1u);
    if (msi) {
      EXPECT_EQ(b.Load(kMsi), 0x77u);
      EXPECT_TRUE(b.at["irq_pmcg"].empty());
    } else {
      ASSERT_EQ(b.at["irq_pmcg"].size(), 1u);
      EXPECT_EQ(b.at["irq_pmcg"][0], start + 1 + 5001);
    }
  }
}

// One program of software and devices; the log must not depend on how idle time is passed.
std::vector<std::pair<uint64_t, std::string>> Scenario(unsigned seed, bool jump, uint64_t* jumps) {
  Bench b(seed);
  std::mt19937 rng(seed * 7 + 1);
  b.jump = jump;
  b.latency = 1 + rng() % 50;
  b.Start();
  const uint64_t threshold = 300 + rng() % 3000;
  b.Write(0xE00, threshold, true);
  b.Write(0xE08, 1 + rng() % 2000, true);
  b.Write(0xE20, 1 + rng() % 32);
  b.answer = 10 + static_cast<int>(rng() % (threshold + threshold / 4));
  for (int round = 0; round < 12; ++round) {
    b.dead.clear();
    if (rng() % 3 == 0) b.dead.insert(static_cast<int>(rng() % 2));
    std::vector<Command> batch;
    for (int i = static_cast<int>(rng() % 40); i >= 0; --i) {
      switch (rng() % 6) {
        case 0:
          batch.push_back(kTlbiAll);
          break;
        case 1:
          batch.push_back(kCfgiAll);
          break;
        case 2:
          batch.push_back(rng() % 4 ? Sync() : Sync(1, kMsi + 4 * (rng() % 4), rng()));
          break;
        default:
          batch.push_back(AtcInv(static_cast<int>(rng() % 2), uint64_t{rng()} << 12));
          break;
      }
    }
    batch.push_back(Sync(static_cast<int>(rng() % 2)));
    b.transactions = rng() % 3;
    b.txn_delay = 1 + rng() % 400;
    b.Run(batch);
    // Software looks every 1000 cycles and acknowledges what it finds; the wait is one jump-able
    // stretch.
    for (int look = 0; look < 200 && !b.Drained(); ++look) {
      b.Cycles(1000);
      if (b.top.gerror_active_o) b.Ack();
    }
    EXPECT_TRUE(b.Drained());
    b.Cycles(rng() % 5000);
    b.Write(0x100AC, b.top.evtq_prod_o);
  }
  *jumps += b.jumps;
  return b.log;
}

TEST(Top, TheLogDoesNotDependOnTheIdleJump) {
  uint64_t jumps = 0, none = 0;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    const auto slow = Scenario(seed, false, &none);
    const auto fast = Scenario(seed, true, &jumps);
    ASSERT_EQ(slow.size(), fast.size()) << "seed " << seed;
    for (size_t i = 0; i < slow.size(); ++i)
      ASSERT_EQ(slow[i], fast[i]) << "seed " << seed << " event " << i;
  }
  EXPECT_EQ(none, 0u);
  EXPECT_GT(jumps, 500u);
}

TEST(Top, AnyBusTiming) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Bench b(seed);
    std::mt19937 rng(seed);
    b.bus_percent = 10 + static_cast<int>(rng() % 80);
    b.latency = 1 + rng() % 60;
    b.Start();
    b.answer = 30;
    for (uint32_t round = 0; round < 20; ++round) {
      std::vector<Command> batch;
      const int n = 1 + static_cast<int>(rng() % 20);
      for (int i = 0; i < n; ++i) batch.push_back(AtcInv(static_cast<int>(rng() % 2)));
      batch.push_back(Sync(1, kMsi, 100 + round));
      b.at.clear();
      b.transactions = rng() % 4;
      b.Run(batch);
      b.Until([&] { return b.Load(kMsi) == 100 + round; }, 20000);
      EXPECT_EQ(b.at["inv"].size(), static_cast<size_t>(n));
      EXPECT_EQ(b.at["cpl"].size(), static_cast<size_t>(n));
      EXPECT_GT(Last(b, "cons"), Last(b, "cpl"));
      b.Write(0x100AC, b.top.evtq_prod_o);
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_EQ(b.Read(0x60), 0u);
  }
}

}  // namespace
