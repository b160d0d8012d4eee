// SPDX-License-Identifier: Apache-2.0
//
// smmu_top from its registers to its pins: what software and the device see of the command path.
// Latencies are checked for equality where they are contract (doc/rtl/smmu_top.md), so a change of
// one is a reviewed difference.

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
#include "smmu_top_bench.h"

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

TEST(Top, DetectionLatency) {
  for (bool first : {false, true}) {
    Bench b;
    b.top.sync_err_first_i = first;
    b.Start();
    b.Write(0xE00, 200, true);
    b.answer = 50;
    b.dead = {1};
    b.Run({AtcInv(0), AtcInv(1), AtcInv(1), Sync(1, kMsi, 1)});
    b.Until([&] { return !b.at["irq_gerror"].empty(); });
    // The deadline of the oldest (first) or of the newest (drained) request.
    const uint64_t deadline = b.at["alloc"][first ? 1 : 2] + 200;
    EXPECT_EQ(Last(b, "timed_out"), b.at["alloc"][1] + 201);
    EXPECT_EQ(Last(b, "gerror") - deadline, 2u);
    EXPECT_EQ(Last(b, "cons"), Last(b, "gerror")) << "CONS.ERR not after GERROR";
    EXPECT_EQ(Last(b, "irq_gerror") - deadline, 3u) << "at most 8";
    EXPECT_EQ(b.Err(), 3u);
    EXPECT_EQ(b.Rd(), 3u) << "at the SYNC";
    b.Cycles(50);
    EXPECT_EQ(b.Load(kMsi), 0u) << "no MSI of a failed SYNC";
    b.Ack();
    b.Until([&] { return b.Drained() || b.at["irq_gerror"].size() > 1; });
    if (first && b.at["irq_gerror"].size() > 1) {
      b.Ack();  // the second request timed out after the first error: once more
      b.Until([&] { return b.Drained(); });
    }
    b.Until([&] { return b.Load(kMsi) == 1; });
  }
}

TEST(Top, DetectionByMsiAndRestart) {
  Bench b;
  b.Write(0x68, kMsi + 0x80, true);
  b.Write(0x70, 0x6E);
  b.Start();
  b.Write(0xE00, 200, true);
  b.Run({AtcInv(0), Sync()});
  b.Until([&] { return !b.at["aw"].empty(); });
  EXPECT_EQ(Last(b, "aw") - (Last(b, "alloc") + 200), 4u);
  b.Until([&] { return b.Load(kMsi + 0x80) == 0x6E; });
  EXPECT_TRUE(b.at["irq_gerror"].empty());
  b.Cycles(50);
  const uint32_t gerror = b.Read(0x60);
  const uint64_t acknowledged = b.now;
  b.at.clear();
  b.Write(0x64, gerror);
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(b.at["ar"].front() - acknowledged, 2u) << "the acknowledge alone restarts";
}

TEST(Top, SyncWaitsForTheLastCompletion) {
  Bench b;
  b.Start();
  b.answer = 300;
  b.Run({AtcInv(0), AtcInv(1), AtcInv(0), Sync()});
  b.Until([&] { return b.Drained(); });
  b.Cycle();
  EXPECT_EQ(b.at["cpl"].size(), 3u);
  EXPECT_EQ(Last(b, "cons") - Last(b, "cpl"), 2u);
  EXPECT_EQ(b.Read(0x60), 0u);
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

TEST(Top, ProgressWithADeadDeviceAndNoTags) {
  // D1: 100 invalidations to a device that never answers, 32 tags: each waits at most a threshold
  // for a tag, then the tags are all quarantined and the rest are refused at once. The other device
  // is served in between.
  Bench b;
  b.Start();
  const uint64_t threshold = 500;
  b.Write(0xE00, threshold, true);
  b.answer = 20;
  b.dead = {1};
  std::vector<Command> batch;
  for (int i = 0; i < 100; ++i) batch.push_back(AtcInv(1));
  batch.push_back(AtcInv(0));
  batch.push_back(Sync());
  const uint64_t start = b.now;
  b.Run(batch);
  b.Until([&] { return b.Failed(); }, 20000);
  EXPECT_LE(b.now - start, 4 * threshold + 500)
      << "at most ceil(100 / 32) thresholds and a constant";
  EXPECT_EQ(b.Rd(), 101u);
  EXPECT_EQ(b.Err(), 3u);
  b.Ack();
  b.Until([&] { return b.Drained(); });
  b.Run({AtcInv(0), Sync()});
  b.Until([&] { return b.Drained(); });
  EXPECT_FALSE(b.Failed());
}

TEST(Top, AtcInvWhileTheSmmuIsOff) {
  Bench b;
  b.Start(kCmdqEn);
  b.Run({AtcInv(0), {AtcInv(0).dw0, 53}});
  b.Until([&] { return b.Failed(); });
  EXPECT_EQ(b.Rd(), 1u) << "illegal outranks the silent consumption";
  b.Store(kCmdq + 16, Sync().dw0);
  b.Store(kCmdq + 24, 0);
  b.Ack();
  b.Until([&] { return b.Drained(); });
  EXPECT_TRUE(b.at["inv"].empty());
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

TEST(Top, SyncWaitsForTransactionsAndTheirEvents) {
  Bench b;
  b.Start();
  b.txn_delay = 300;
  b.transactions = 1;
  b.Until([&] { return !b.at["rsp"].empty(); });
  b.Run({kCfgiAll, Sync(1, kMsi, 9)});
  b.Until([&] { return b.Load(kMsi) == 9; });
  EXPECT_GT(Last(b, "consume"), Last(b, "txn_done"));
  ASSERT_FALSE(b.at["evtq_prod"].empty()) << "an STE that is not valid: C_BAD_STE";
  EXPECT_GE(Last(b, "consume"), Last(b, "evtq_prod"));
  EXPECT_EQ(b.Load(kEvtq) & 0xFF, 0x04u);
  EXPECT_EQ(b.Load(kEvtq) >> 32, 0x100u);
  EXPECT_EQ(b.at["irq_evtq"].size(), 1u);
  EXPECT_GT(Last(b, "irq_evtq"), b.at["write"].front());
}

TEST(Top, SmmuOffAcknowledgeWaitsForTransactions) {
  Bench b;
  b.Start();
  b.txn_delay = 300;
  b.transactions = 1;
  b.Until([&] { return !b.at["rsp"].empty(); });
  b.Write(0x20, kCmdqEn | kEventqEn);
  EXPECT_EQ(b.Read(0x24) & kSmmuEn, kSmmuEn);
  b.Until([&] { return !b.at["txn_done"].empty(); });
  b.Cycles(4);
  EXPECT_EQ(b.Read(0x24) & kSmmuEn, 0u);
}

TEST(Top, EventQueueMsiAfterProdAndAborts) {
  Bench b;
  b.Write(0xB0, kMsi + 0x40, true);
  b.Write(0xB8, 0xE7);
  b.Write(0x68, kMsi + 0x80, true);
  b.Write(0x70, 0x6E);
  b.Start();
  b.transactions = 1;
  b.Until([&] { return b.Load(kMsi + 0x40) == 0xE7; });
  EXPECT_TRUE(b.at["irq_evtq"].empty());
  EXPECT_EQ(b.top.evtq_prod_o, 1u);
  // The record aborts: GERROR.EVENTQ_ABT_ERR, its interrupt is an MSI too.
  b.abort = {kEvtq + 32};
  b.transactions = 1;
  b.Until([&] { return b.Load(kMsi + 0x80) == 0x6E; });
  EXPECT_EQ(b.top.gerror_active_o, 4u);
  EXPECT_EQ(b.top.evtq_prod_o, 1u);
  b.Ack();
  // The GERROR MSI aborts: recorded, no interrupt about it.
  b.abort = {kEvtq + 32, (kMsi + 0x80)};
  b.transactions = 1;
  b.Until([&] { return b.top.gerror_active_o == 0x84; });
  b.Cycles(100);
  EXPECT_TRUE(b.at["irq_gerror"].empty());
  b.Ack();
  // The MSI of a SYNC aborts: the SYNC is complete all the same.
  b.abort = {kMsi};
  b.Run({Sync(1, kMsi, 1)});
  b.Until([&] { return b.top.gerror_active_o == 0x10; });
  EXPECT_TRUE(b.Drained());
}

void PageRequest(Bench* b, unsigned prgi) {
  b->top.pri_valid_i = 1;
  b->top.pri_rid_i = 0x200;
  b->top.pri_prgi_i = static_cast<SData>(prgi);
  do b->Cycle();
  while (!b->top.pri_ready_o);
  b->top.pri_valid_i = 0;
}

TEST(Top, PageRequestsAndTheirResponses) {
  constexpr uint64_t kPriq = 0x8050'0000;
  constexpr uint32_t kProd = 0x100C8, kCons = 0x100CC;
  Bench b;
  b.Write(0xC0, kPriq | 1, true);  // two entries
  PageRequest(&b, 1);              // the queue is off
  b.Until([&] { return b.at["prg"].size() == 1; }, 20);
  EXPECT_EQ(b.log.back().second, "prg " + std::to_string(0x0200'001Fu));
  b.Start(kCmdqEn | kEventqEn | kSmmuEn | 2);
  b.Write(0x50, 7);
  PageRequest(&b, 2);
  b.Until([&] { return !b.at["irq_priq"].empty(); }, 100);
  EXPECT_EQ(b.Read(kProd), 1u);
  EXPECT_EQ(b.Load(kPriq), uint64_t{0x5000'0000} << 32 | 0x200);
  EXPECT_EQ(b.Load(kPriq + 8), uint64_t{0x12345} << 12 | 2);
  EXPECT_LT(b.at["write"].back(), b.at["irq_priq"][0]);
  PageRequest(&b, 3);
  PageRequest(&b, 4);  // no room: OVFLG, Success
  b.Until([&] { return b.at["prg"].size() == 2; }, 100);
  EXPECT_EQ(b.Read(kProd), 0x8000'0002u);
  EXPECT_EQ(b.at["irq_priq"].size(), 1u) << "it was not empty";
  b.Write(kCons, 0x8000'0002);
  PageRequest(&b, 5);
  b.Until([&] { return b.at["irq_priq"].size() == 2; }, 100);
  // PRI_RESP: deny, invalid, success
  for (uint64_t resp = 0; resp < 3; ++resp) b.Run({{0x41 | uint64_t{0x200} << 32, 0x10 + resp | resp << 12}});
  b.Run({Sync()});
  b.Until([&] { return b.Drained(); });
  std::vector<std::string> sent;
  for (const auto& e : b.log)
    if (e.second.rfind("prg ", 0) == 0) sent.push_back(e.second.substr(4));
  EXPECT_EQ(sent, (std::vector<std::string>{std::to_string(0x0200'001Fu), std::to_string(0x0200'0040u),
                                            std::to_string(0x0200'010Fu), std::to_string(0x0200'0111u),
                                            std::to_string(0x0200'0120u)}));
  // An aborted write: PRIQ_ABT_ERR, and failure for what comes until it is acknowledged.
  b.abort.insert(kPriq + 16);
  PageRequest(&b, 6);
  b.Until([&] { return b.at["prg"].size() == 6; }, 100);
  EXPECT_EQ(b.log.back().second, "prg " + std::to_string(0x0200'006Fu));
  EXPECT_EQ(b.top.gerror_active_o, 8);
  EXPECT_EQ(b.Read(kProd), 0x8000'0003u);
  b.abort.clear();
  b.Ack();
  PageRequest(&b, 7);
  b.Until([&] { return b.Read(kProd) == 0x8000'0000; }, 100);
  b.Write(0x20, kCmdqEn | kEventqEn | kSmmuEn);
  EXPECT_EQ(b.Read(0x24), kCmdqEn | kEventqEn | kSmmuEn);
}

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

TEST(Top, SecondSyncWaitsForTheMsiOfTheFirst) {
  Bench b;
  b.latency = 60;
  b.Start();
  b.Run({Sync(1, kMsi, 1), Sync(1, kMsi, 2)});
  b.Until([&] { return b.Load(kMsi) == 2; });
  const auto& c = b.at["consume"];
  EXPECT_GE(c[1] - c[0], 60u);
}

TEST(Top, ForgottenStreamsAndRereports) {
  Bench b;
  b.top.sync_rereport_i = 2;
  b.Start();
  b.Write(0xE00, 100, true);
  b.answer = 5;
  b.dead = {0};
  b.Run({AtcInv(9),
         {0x40 | (uint64_t{0x10100} << 32), 0},
         Sync()});  // no such device, no such StreamID: no effect
  b.Until([&] { return b.Drained(); });
  b.Run({AtcInv(0), Sync()});
  for (int i = 0; i < 3; ++i) {
    b.Until([&] { return b.Failed(); });
    b.Ack();
  }
  b.Until([&] { return b.Drained(); });
  EXPECT_EQ(b.at["irq_gerror"].size(), 3u);
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
