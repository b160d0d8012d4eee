// SPDX-License-Identifier: Apache-2.0
//
// smmu_top from its registers to its pins: the command queue, its SYNCs, its errors.
// Latencies are checked for equality where they are contract (doc/rtl/smmu_top.md), so a change of one is a reviewed difference.

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

TEST(Top, SyncLatency) {
  Bench b;
  b.Start();
  b.Run({Sync(1, kMsi, 0xCAFE)});
  b.Until([&] { return !b.at["write"].empty(); });
  const uint64_t head = Last(b, "sync_start");
  EXPECT_EQ(Last(b, "consume") - head, 1u);
  EXPECT_EQ(Last(b, "cons") - head, 2u) << "SYNC at the head to CONS: at most 4";
  EXPECT_EQ(Last(b, "aw") - Last(b, "cons"), 1u) << "CONS to the MSI on the bus: at most 4";
  EXPECT_EQ(b.Load(kMsi), 0xCAFEu);
  EXPECT_TRUE(b.at["irq_sync"].empty()) << "an MSI, not the wire";
}

TEST(Top, FetchLatency) {
  Bench b;
  b.Start();
  const uint64_t rung = b.now;  // PROD is written at the end of this cycle
  b.Run({kTlbiAll});
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(Last(b, "ar") - rung, 2u);
  EXPECT_EQ(Last(b, "consume") - Last(b, "ar"), b.latency + 2) << "R, buffer, unit";
}

TEST(Top, WiredSyncInterruptIsNotBeforeCons) {
  Bench b;
  b.Start();
  b.Run({Sync(1)});
  b.Until([&] { return !b.at["irq_sync"].empty(); });
  EXPECT_EQ(Last(b, "irq_sync"), Last(b, "cons"));
  b.Run({Sync(2), Sync(0)});
  b.Until([&] { return b.Drained(); });
  b.Cycles(20);
  EXPECT_EQ(b.at["irq_sync"].size(), 1u) << "CS = 2 is not an interrupt";
  EXPECT_EQ(b.at["sev"].size(), 1u);
}

TEST(Top, WakeUpEventComesWithCons) {
  Bench b;
  b.Start();
  b.Run({Sync(2), Sync(0), Sync(2, kMsi, 7)});
  b.Until([&] { return b.Drained(); });
  b.Cycles(20);
  ASSERT_EQ(b.at["sev"].size(), 2u);
  EXPECT_EQ(b.at["sev"][0] - b.at["consume"][0], 1u) << "in the first cycle with the new CONS";
  EXPECT_EQ(b.Load(kMsi), 0u) << "CS = 2 writes nothing";
  EXPECT_TRUE(b.at["irq_sync"].empty());
  // A SYNC that fails wakes nobody.
  b.Write(0xE00, 100, true);
  b.Run({AtcInv(0), Sync(2)});
  b.Until([&] { return b.Failed(); });
  b.Cycles(50);
  EXPECT_EQ(b.at["sev"].size(), 2u);
  b.Ack();
  b.Until([&] { return b.at["sev"].size() == 3; });
}

TEST(Top, QueueSizes) {
  // Every size once round and more, so that the wrap bit flips both ways; 2^0 holds one command, 2^19 is started near its
  // end. Software fills the queue to the last entry.
  for (uint32_t qs : {0u, 1u, 2u, 3u, 4u, 7u, 19u}) {
    Bench b;
    b.qs = qs;
    const uint32_t size = 1u << qs;
    b.prod = qs == 19 ? 2 * size - 5 : 2 * size - 1;
    b.Write(0x9C, b.prod);
    b.Write(0x98, b.prod);
    b.Start();
    b.answer = 5;
    size_t sent = 0;
    for (uint32_t round = 1; round <= 6; ++round) {
      std::vector<Command> batch(std::min<size_t>(size, 20) - 1, AtcInv(0));
      sent += batch.size();
      batch.push_back(Sync(1, kMsi, round));
      b.Run(batch);
      b.Until([&] { return b.Drained() && b.Load(kMsi) == round; });
    }
    EXPECT_EQ(b.at["inv"].size(), sent) << "2^" << qs;
    EXPECT_FALSE(b.Failed());
    EXPECT_EQ(b.Read(0x9C), b.prod);
  }
}

TEST(Top, IllegalDistanceIsNoWork) {
  Bench b;
  b.Start();
  b.Put(std::vector<Command>(3, kTlbiAll));
  b.Write(0x98, 257);  // 256 entries: one more than full
  b.Cycles(100);
  EXPECT_TRUE(b.at["ar"].empty());
  EXPECT_TRUE(b.at["consume"].empty());
  b.Ring();
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(b.at["consume"].size(), 3u);
  // Bits above the wrap bit of PROD mean nothing.
  b.Put({kTlbiAll});
  b.Write(0x98, 0xFFE00 | b.prod);
  b.Until([&] { return b.Drained(); });
}

TEST(Top, EveryOpcode) {
  // Each as an entry of its own: consumed, or CERROR_ILL at itself and nothing behind it executed.
  const std::set<int> legal = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12,
                               0x13, 0x20, 0x21, 0x22, 0x23, 0x30, 0x40, 0x46};
  Bench b;
  b.answer = 5;
  b.Start();
  const uint32_t idr0 = b.Read(0), stall_model = idr0 >> 24 & 3;
  std::set<int> expected = legal;
  if (idr0 & 1) expected.insert({0x28, 0x2A});
  if (idr0 >> 16 & 1) expected.insert(0x41);
  if (stall_model != 1) expected.insert({0x44, 0x45});
  for (int op = 0; op < 256; ++op) {
    const uint32_t at = b.prod;
    b.Run({{static_cast<uint64_t>(op) | (uint64_t{0x100} << 32), 0}, Sync()});
    b.Until([&] { return b.Drained() || b.Failed(); });
    ASSERT_EQ(b.Failed(), expected.count(op) == 0) << std::hex << op;
    if (!b.Failed()) continue;
    ASSERT_EQ(b.Rd(), at);
    ASSERT_EQ(b.Err(), 1u);
    b.Store(Bench::Slot(0, at % 256), Sync().dw0);
    b.Ack();
    b.Until([&] { return b.Drained(); });
  }
}

TEST(Top, OneCommandACycle) {
  Bench b;
  b.latency = 40;
  b.Start();
  b.Run(std::vector<Command>(255, kTlbiAll));
  b.Until([&] { return b.Drained(); });
  const auto& c = b.at["consume"];
  ASSERT_EQ(c.size(), 255u);
  EXPECT_EQ(c.back() - c.front(), 254u);
  // ATC_INV too, until the 32 tags run out.
  b.at.clear();
  b.answer = 500;
  b.Run(std::vector<Command>(32, AtcInv(0)));
  b.Until([&] { return b.Drained(); });
  b.Cycles(5);
  EXPECT_EQ(b.at["alloc"].back() - b.at["alloc"].front(), 31u);
  EXPECT_EQ(b.at["inv"].back() - b.at["inv"].front(), 31u);
}

TEST(Top, EntriesAreReadAgainAfterAnError) {
  Bench b;
  b.Start();
  b.Run({kTlbiAll, kIllegal, AtcInv(0), Sync(1, kMsi, 5)});
  b.Until([&] { return b.Failed(); });
  EXPECT_EQ(b.Err(), 1u);
  EXPECT_EQ(b.Rd(), 1u);
  b.Cycles(100);
  // All of it was prefetched; the handler replaces the bad entry and the one after it, then
  // acknowledges.
  b.Store(kCmdq + 16, Sync().dw0);
  b.Store(kCmdq + 32, kTlbiAll.dw0);
  b.Ack();
  b.Until([&] { return b.Drained(); });
  EXPECT_TRUE(b.at["inv"].empty()) << "a stale ATC_INV was executed";
  b.Until([&] { return b.Load(kMsi) == 5; });
  EXPECT_EQ(b.at["irq_gerror"].size(), 1u);
}

TEST(Top, ProdCanBePulledBackWhileStopped) {
  Bench b;
  b.Start();
  b.Run({kTlbiAll, kIllegal, AtcInv(0), AtcInv(0)});
  b.Until([&] { return b.Failed(); });
  b.prod = 1;
  b.Ring();
  b.Ack();
  b.Cycles(100);
  EXPECT_FALSE(b.Failed());
  EXPECT_EQ(b.Rd(), 1u);
  b.answer = 10;
  b.Run({AtcInv(1), Sync()});
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(b.at["inv"].size(), 1u);
}

TEST(Top, FetchAbort) {
  Bench b;
  b.Start();
  b.abort = {kCmdq + 32};
  b.Run({kTlbiAll, kTlbiAll, kTlbiAll, Sync()});
  b.Until([&] { return b.Failed(); });
  EXPECT_EQ(b.Err(), 2u);
  EXPECT_EQ(b.Rd(), 2u);
  b.abort.clear();
  b.Ack();
  b.Until([&] { return b.Drained(); });
}

TEST(Top, IllegalBeforeTheSyncComesFirst) {
  Bench b;
  b.Start();
  b.Write(0xE00, 100, true);
  b.Run({AtcInv(0)});
  b.Until([&] { return b.top.timed_out_o; });
  b.Run({kIllegal, Sync()});
  b.Until([&] { return b.Failed(); });
  EXPECT_EQ(b.Err(), 1u);
  EXPECT_EQ(b.Rd(), 1u);
  b.Store(kCmdq + 16, kTlbiAll.dw0);
  b.Ack();
  b.Until([&] { return b.Failed() && b.Err() == 3; });
  EXPECT_EQ(b.Rd(), 2u) << "the time-out is remembered for the SYNC";
  b.Ack();
  b.Until([&] { return b.Drained(); });
}

TEST(Top, CmdqDisabledUnderASync) {
  Bench b;
  b.Start();
  b.answer = 400;
  b.Run({AtcInv(0), Sync(), kTlbiAll, kTlbiAll});
  b.Until([&] { return b.top.sync_valid_o; });
  b.Write(0x20, kSmmuEn | kEventqEn);
  EXPECT_EQ(b.Read(0x24) & kCmdqEn, kCmdqEn) << "the SYNC is in progress";
  b.Until([&] { return b.Rd() == 2; });
  b.Cycles(5);
  EXPECT_EQ(b.Read(0x24) & kCmdqEn, 0u);
  const size_t reads = b.at["ar"].size();
  b.Cycles(50);
  EXPECT_EQ(b.Rd(), 2u) << "the next command is not begun";
  EXPECT_EQ(b.at["ar"].size(), reads) << "no more fetches";
  b.Write(0x20, kSmmuEn | kEventqEn | kCmdqEn);
  b.Until([&] { return b.Drained(); });
}

TEST(Top, SecondSyncWaitsForTheMsiOfTheFirst) {
  Bench b;
  b.latency = 60;
  b.Start();
  b.Run({Sync(1, kMsi, 1), Sync(1, kMsi, 2)});
  b.Until([&] { return b.Load(kMsi) == 2; });
  const auto& c = b.at["consume"];
  EXPECT_GE(c[1] - c[0], 60u);
}

}  // namespace
