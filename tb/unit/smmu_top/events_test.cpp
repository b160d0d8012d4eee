// SPDX-License-Identifier: Apache-2.0
//
// smmu_top: transactions that a SYNC waits for, events, page requests.

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

}  // namespace
