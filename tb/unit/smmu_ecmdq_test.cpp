// SPDX-License-Identifier: Apache-2.0
//
// smmu_top with two enhanced command queues beside CMDQ: their registers, their sharing of the units, and above all that
// nothing that happens in one queue touches a SYNC of another (smmuv3 §4; D7, D8).

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "Vsmmu_ecmdq_tb.h"
#include "smmu_top_bench.h"

namespace {

using namespace smmu_bench;
using Bench = SmmuBench<Vsmmu_ecmdq_tb>;

constexpr int kQueues = 3;
constexpr uint32_t kPage = 0x20000, kNext = 0x28000;  // of ECMDQ 0 and 1
constexpr uint32_t kProd = 8, kCons = 12;
constexpr uint32_t kEn = 0x8000'0000, kErr = 1u << 23;

void StartAll(Bench& b) {
  b.Start();
  for (int q = 1; q < kQueues; ++q) b.StartEcmdq(q);
}
uint32_t Reason(uint32_t cons) { return cons >> 24 & 7; }

TEST(Ecmdq, WhatIsAnnounced) {
  Bench b;
  EXPECT_EQ(b.Read(0x4) >> 31, 1u) << "IDR1.ECMDQ";
  EXPECT_EQ(b.Read(0x190), 1u << 16) << "IDR6: one page of two queues";
  EXPECT_EQ(b.Read(0x4000), 0x20003u) << "at 0x20000, 64 KiB, PRESET";
  EXPECT_EQ(b.Read(0x4004), 0u);
  EXPECT_EQ(b.Read(0x4008), 1u);
  EXPECT_EQ(b.Read(0x400C), 1u);
  b.Write(0x4008, 0);
  EXPECT_EQ(b.Read(0x4008), 1u);
  EXPECT_EQ(b.Read(0x4020), 0u) << "no second page";
}

TEST(Ecmdq, Registers) {
  Bench b;
  for (uint32_t page : {kPage, kNext}) {
    b.Write(page, 0x4012'3456'789A'BFE5, true);
    EXPECT_EQ(b.Read(page), 0x789ABFE5u);
    EXPECT_EQ(b.Read(page + 4), 0x40123456u);
    b.Write(page + 4, 0);
    b.Write(page, 0x8000'0002);
    EXPECT_EQ(b.Read(page + 4), 0u) << "halves apart";
    b.Write(page + kProd, 0x0085'6785);  // ERRACK without an error: not stored
    EXPECT_EQ(b.Read(page + kProd), 0x5'6785u);
    b.Write(page + kCons, 0x8785'6785);
    EXPECT_EQ(b.Read(page + kCons), 0x5'6785u) << "ERR, ERR_REASON and ENACK are the hardware's";
    b.Write(page + kProd, 3);
    b.Write(page + kCons, 3);
    b.Write(page + kProd, kEn | 3);
    EXPECT_EQ(b.Read(page + kProd), kEn | 3);
    EXPECT_EQ(b.Read(page + kCons), kEn | 3);
    b.Write(page, 0);
    b.Write(page + kCons, 0);
    EXPECT_EQ(b.Read(page), 0x8000'0002u) << "guarded while the queue is on";
    EXPECT_EQ(b.Read(page + kCons), kEn | 3);
    b.Write(page + kProd, 3);
    EXPECT_EQ(b.Read(page + kCons), 3u);
  }
  for (uint32_t addr : {kPage + 0x10u, kPage + 0x4000u, kNext + 0x10u, 0x2FFF8u, 0x40000u, 0x7FFF8u}) {
    b.Write(addr, ~uint64_t{0}, true);
    EXPECT_EQ(b.Read(addr), 0u) << std::hex << addr;
  }
  // Queue attributes are guarded by any queue.
  b.Write(kPage + kProd, kEn | 3);
  b.Write(0x28, 0x3F);
  EXPECT_EQ(b.Read(0x28), 0u);
}

TEST(Ecmdq, EachQueueWorksByItself) {
  for (int q = 1; q < kQueues; ++q) {
    Bench b;
    b.Write(0x20, kSmmuEn);  // CMDQ stays off
    b.StartEcmdq(q);
    b.answer = 20;
    b.Run({AtcInv(0), kTlbiAll, kCfgiAll, Sync(1, kMsi, 0xCAFE)}, q);
    b.Until([&] { return b.Load(kMsi) == 0xCAFE; });
    EXPECT_TRUE(b.Drained(q));
    EXPECT_EQ(b.at["inv"].size(), 1u);
    EXPECT_GT(b.at["consume" + std::to_string(q)].back(), b.at["cpl"].back());
    b.Run({Sync(1), Sync(2)}, q);
    b.Until([&] { return b.Drained(q); });
    b.Cycles(5);
    EXPECT_EQ(b.at["irq_sync"].size(), 1u) << "CS = 1 without an address: the wire";
    EXPECT_EQ(b.at["sev"].size(), 1u);
    EXPECT_TRUE(b.at["consume"].empty());
    EXPECT_EQ(b.Read(0x60), 0u);
  }
}

TEST(Ecmdq, SizesAndWrap) {
  for (uint32_t qs : {0u, 1u, 5u, 19u}) {
    Bench b;
    b.qs = qs;
    b.Start();
    b.answer = 3;
    for (int q = 1; q < kQueues; ++q) {
      b.prods[static_cast<size_t>(q)] = 2 * (1u << qs) - 1;
      b.Write(Bench::Ecmdq(q) + kCons, b.prods[static_cast<size_t>(q)]);
      b.Write(Bench::Ecmdq(q) + kProd, b.prods[static_cast<size_t>(q)]);
      b.Write(Bench::Ecmdq(q), Bench::Slot(q, 0) | qs, true);
      b.Ring(q);
    }
    size_t sent = 0;
    for (int round = 0; round < 4; ++round) {
      for (int q = 0; q < kQueues; ++q) {
        std::vector<Command> batch(std::min<size_t>(1u << qs, 9) - 1, AtcInv(q & 1));
        sent += batch.size();
        batch.push_back(Sync());
        b.Run(batch, q);
      }
      b.Until([&] { return b.Drained(0) && b.Drained(1) && b.Drained(2); });
    }
    EXPECT_EQ(b.at["inv"].size(), sent) << "2^" << qs;
  }
}

TEST(Ecmdq, LatencyOfASyncIsTheSameInEveryQueue) {
  Bench b;
  StartAll(b);
  for (int q = 0; q < kQueues; ++q) {
    const std::string tail = q ? std::to_string(q) : "";
    b.Run({Sync(1, kMsi + 16, 1)}, q);
    b.Until([&] { return b.Drained(q); });
    EXPECT_EQ(Last(b, "consume" + tail) - Last(b, "sync_start" + tail), 1u);
    b.Until([&] { return !b.at["aw"].empty(); });
    EXPECT_LE(Last(b, "aw") - Last(b, "consume" + tail), 4u);
    b.Cycles(50);
    b.at.clear();
  }
}

TEST(Ecmdq, ATimeoutTouchesNoOtherQueue) {
  for (bool first : {false, true}) {
    for (int sick = 0; sick < kQueues; ++sick) {
      Bench b;
      b.top.sync_err_first_i = first;
      StartAll(b);
      const uint64_t threshold = 2000;
      b.Write(0xE00, threshold, true);
      b.answer = 30;
      b.dead = {1};
      b.Run({AtcInv(1), AtcInv(1), Sync(1, kMsi, 0x66)}, sick);
      std::vector<int> well;
      for (int q = 0; q < kQueues; ++q) {
        if (q != sick) well.push_back(q);
      }
      // The others invalidate the other device all the time, two SYNCs a batch, before and across the time-out.
      uint32_t rounds = 0;
      while (!b.Failed(sick) || rounds < 60) {
        ++rounds;
        ASSERT_LT(rounds, 500u);
        const uint64_t begin = b.now;
        for (int q : well) b.Run({AtcInv(0), kTlbiAll, Sync(), AtcInv(0), kCfgiAll, Sync()}, q);
        for (int q : well) b.Until([&] { return b.Drained(q); }, 400);
        ASSERT_LT(b.now - begin, 400u) << "a SYNC waited for the device of another queue";
        for (int q : well) ASSERT_FALSE(b.Failed(q));
      }
      EXPECT_EQ(b.at["timed_out" + (sick ? std::to_string(sick) : std::string())].size(), 1u);
      for (int q : well) EXPECT_TRUE(b.at["timed_out" + (q ? std::to_string(q) : std::string())].empty());
      EXPECT_EQ(b.top.gerror_active_o, sick ? 0x200u : 1u) << "CMDQP_ERR or CMDQ_ERR, not both";
      EXPECT_EQ(b.Load(kMsi), 0u);
      EXPECT_EQ(b.Rd(sick), 2u) << "at the SYNC";
      if (sick) {
        EXPECT_EQ(b.AckEcmdq(sick), 3u);
      } else {
        EXPECT_EQ(b.Err(), 3u);
        b.Ack();
      }
      b.Until([&] { return b.Failed(sick) || b.Load(kMsi) == 0x66; });
      if (b.Failed(sick)) {
        EXPECT_TRUE(first) << "the second time-out after the first error";
        if (sick)
          b.AckEcmdq(sick);
        else
          b.Ack();
      }
      b.Until([&] { return b.Load(kMsi) == 0x66; });
    }
  }
}

TEST(Ecmdq, DetectionLatency) {
  Bench b;
  StartAll(b);
  b.Write(0xE00, 300, true);
  b.Run({AtcInv(1), Sync()}, 2);
  b.Until([&] { return !b.at["irq_gerror"].empty(); });
  const uint64_t deadline = b.at["alloc2"].back() + 300;
  EXPECT_EQ(Last(b, "error2") - deadline, 2u);
  EXPECT_EQ(Last(b, "gerror"), Last(b, "error2")) << "CONS.ERR not after GERROR";
  EXPECT_LE(Last(b, "irq_gerror") - deadline, 6u);
}

TEST(Ecmdq, AnErrorStopsItsQueueOnly) {
  Bench b;
  StartAll(b);
  b.answer = 10;
  b.Run({kTlbiAll, kIllegal, AtcInv(0), Sync()}, 1);
  b.Until([&] { return b.Failed(1); });
  EXPECT_EQ(b.Rd(1), 1u);
  EXPECT_EQ(b.Read(kPage + kCons), kEn | 1u << 24 | kErr | 1);
  EXPECT_EQ(b.Read(0x60), 0x200u);
  EXPECT_EQ(b.at["irq_gerror"].size(), 1u);
  for (int round = 0; round < 10; ++round) {
    for (int q : {0, 2}) b.Run({AtcInv(1), Sync()}, q);
    b.Until([&] { return b.Drained(0) && b.Drained(2); });
  }
  EXPECT_EQ(b.at["inv"].size(), 20u) << "what is behind the illegal command was not executed";
  // A second queue fails while CMDQP_ERR is active: its own CONS says so.
  b.abort = {Bench::Slot(2, b.prods[2] + 1)};
  b.Run({kTlbiAll, Sync()}, 2);
  b.Until([&] { return b.Failed(2); });
  EXPECT_EQ(Reason(b.Read(kNext + kCons)), 2u);
  EXPECT_EQ(b.Read(0x60), 0x200u) << "no toggle back";
  b.Ack();  // GERRORN alone restarts nobody
  b.Cycles(100);
  EXPECT_TRUE(b.Failed(1) && b.Failed(2));
  // ERRACK alone does, and the entries are read again.
  b.abort.clear();
  EXPECT_EQ(b.AckEcmdq(2), 2u);
  b.Until([&] { return b.Drained(2); });
  b.Store(Bench::Slot(1, 1), kTlbiAll.dw0);
  b.Store(Bench::Slot(1, 2), Sync().dw0);
  EXPECT_EQ(b.AckEcmdq(1), 1u);
  b.Until([&] { return b.Drained(1); });
  EXPECT_EQ(b.at["inv"].size(), 20u) << "a stale ATC_INV was executed";
  // CMDQP_ERR is inactive: the next error toggles it again, to 0 this time; ERR of the queue goes back to 0.
  b.Run({kIllegal}, 1);
  b.Until([&] { return b.Failed(1); });
  EXPECT_EQ(b.Read(0x60), 0u);
  EXPECT_EQ(b.top.gerror_active_o, 0x200u);
  EXPECT_EQ(b.Read(kPage + kCons) & kErr, 0u);
  EXPECT_EQ(b.Read(kPage + kProd) & kErr, kErr);
}

TEST(Ecmdq, ProdCanBePulledBackWhileStopped) {
  Bench b;
  StartAll(b);
  b.Run({kTlbiAll, kIllegal, AtcInv(0), AtcInv(0)}, 2);
  b.Until([&] { return b.Failed(2); });
  b.prods[2] = 1;
  b.AckEcmdq(2);
  b.Cycles(100);
  EXPECT_FALSE(b.Failed(2));
  EXPECT_EQ(b.Rd(2), 1u);
  EXPECT_TRUE(b.at["inv"].empty());
}

TEST(Ecmdq, DisableDrains) {
  Bench b;
  StartAll(b);
  b.answer = 400;
  b.Run({AtcInv(0), Sync(), kTlbiAll, kTlbiAll}, 1);
  b.Until([&] { return b.top.sync_valid_o >> 1 & 1; });
  b.Write(kPage + kProd, b.prods[1]);  // EN = 0
  EXPECT_EQ(b.Read(kPage + kCons) & kEn, kEn) << "the SYNC is in progress";
  EXPECT_EQ(b.Read(kPage + kProd) & kEn, 0u);
  b.Write(kPage + kProd, kEn | b.prods[1]);
  EXPECT_EQ(b.Read(kPage + kProd) & kEn, 0u) << "a change under way is not overtaken";
  b.answer = 10;
  for (int q : {0, 2}) b.Run({AtcInv(1), Sync()}, q);
  b.Until([&] { return b.Drained(0) && b.Drained(2); }, 200);
  EXPECT_EQ(b.Read(kPage + kCons) & kEn, kEn);
  b.Until([&] { return b.Rd(1) == 2; });
  b.Cycles(5);
  EXPECT_EQ(b.Read(kPage + kCons), 2u);
  b.Cycles(50);
  EXPECT_EQ(b.Rd(1), 2u) << "the next command is not begun";
  b.Ring(1);
  b.Until([&] { return b.Drained(1); });
}

TEST(Ecmdq, ADrainUnderWayIsNotJoined) {
  Bench b;
  StartAll(b);
  b.txn_delay = 300;
  b.transactions = 1;
  b.Until([&] { return b.at["rsp"].size() == 1; });
  b.Run({Sync()}, 0);  // waits for the first transaction
  b.Cycles(20);
  b.txn_delay = 1000;
  b.transactions = 1;
  b.Until([&] { return b.at["rsp"].size() == 2; });
  b.Run({Sync()}, 1);  // must wait for the second too
  b.Run({Sync()}, 2);
  b.Until([&] { return b.Drained(0); });
  EXPECT_FALSE(b.Drained(1) || b.Drained(2));
  EXPECT_GT(Last(b, "consume"), b.at["txn_done"][0]);
  b.Until([&] { return b.Drained(1) && b.Drained(2); });
  ASSERT_EQ(b.at["txn_done"].size(), 2u);
  EXPECT_GT(Last(b, "consume1"), b.at["txn_done"][1]);
  EXPECT_GT(Last(b, "consume2"), b.at["txn_done"][1]);
  EXPECT_LT(Last(b, "consume"), b.at["txn_done"][1]);
}

TEST(Ecmdq, OthersDoNotKeepASyncFromItsTurn) {
  // Two queues issue TLBI and CFGI without a pause; a SYNC in the third waits a few cycles, and all commands together go
  // one a cycle of each kind.
  Bench b;
  b.latency = 5;
  StartAll(b);
  b.Put(std::vector<Command>(255, kTlbiAll), 1);
  b.Put(std::vector<Command>(255, kTlbiAll), 2);
  b.Ring(1);
  b.Ring(2);
  b.Until([&] { return b.at["consume2"].size() > 5; });
  b.Run({Sync()}, 0);
  b.Until([&] { return b.Drained(0); }, 60);
  EXPECT_FALSE(b.Drained(1) || b.Drained(2));
  EXPECT_LE(Last(b, "consume") - Last(b, "sync_start"), 8u);
  b.Until([&] { return b.Drained(1) && b.Drained(2); });
  const auto &one = b.at["consume1"], &two = b.at["consume2"];
  EXPECT_LE(std::max(one.back(), two.back()) - std::min(one.front(), two.front()), 530u);
  EXPECT_LT(std::max(one.back(), two.back()) - std::min(one.back(), two.back()), 12u) << "in turns";
}

TEST(Ecmdq, ASyncGetsThroughAStreamOfInvalidations) {
  // All queues wait for one drain with their buffers full; then two of them issue TLBI without a gap, and the second SYNC of
  // the third comes to its head. It keeps the others back until what it waits for is done.
  Bench b;
  b.latency = 5;
  StartAll(b);
  b.txn_delay = 400;
  b.transactions = 1;
  b.Until([&] { return !b.at["rsp"].empty(); });
  std::vector<Command> stream(200, kTlbiAll);
  stream.insert(stream.begin(), Sync());
  for (int q : {1, 2}) b.Run(stream, q);
  b.Run({Sync(), Sync()}, 0);
  b.Until([&] { return !b.at["consume"].empty(); });
  b.Until([&] { return b.Drained(0); }, 20);
  ASSERT_EQ(b.at["consume"].size(), 2u);
  EXPECT_LE(b.at["consume"][1] - b.at["consume"][0], 8u);
  EXPECT_FALSE(b.Drained(1) || b.Drained(2));
  b.Until([&] { return b.Drained(1) && b.Drained(2); });
}

TEST(Ecmdq, AnInvalidationThatWaitsHoldsUpItsOwnQueueOnly) {
  Bench b;
  StartAll(b);
  b.Write(0xE00, 3000, true);
  b.answer = 20;
  b.dead = {1};
  b.Run(std::vector<Command>(60, AtcInv(1)), 1);  // more than there are tags
  b.Until([&] { return b.at["consume1"].size() >= 25; });
  b.Cycles(20);
  const size_t stuck = b.at["consume1"].size();
  EXPECT_LT(stuck, 60u);
  const uint64_t begin = b.now;
  for (int q : {0, 2}) {
    std::vector<Command> batch(20, AtcInv(0));
    batch.push_back(Sync());
    b.Run(batch, q);
  }
  b.Until([&] { return b.Drained(0) && b.Drained(2); }, 300);
  EXPECT_LT(b.now - begin, 300u);
  EXPECT_EQ(b.at["consume1"].size(), stuck);
  // D1 for all: each queue gets to its end whatever the device does.
  for (int q = 0; q < kQueues; ++q) b.Run({AtcInv(1), Sync()}, q);
  for (int acknowledged = 0; acknowledged < 20;) {
    b.Cycles(500);
    bool busy = false;
    for (int q = 0; q < kQueues; ++q) {
      busy |= !b.Drained(q);
      if (!b.Failed(q)) continue;
      ++acknowledged;
      if (q)
        b.AckEcmdq(q);
      else
        b.Ack();
    }
    if (!busy) break;
    ASSERT_LT(b.now - begin, 20000u);
  }
  for (int q = 0; q < kQueues; ++q) EXPECT_TRUE(b.Drained(q)) << q;
}

TEST(Ecmdq, SyncMsiAbort) {
  Bench b;
  StartAll(b);
  b.abort = {kMsi};
  b.Run({Sync(1, kMsi, 1)}, 2);
  b.Until([&] { return b.top.gerror_active_o == 0x10; });
  EXPECT_TRUE(b.Drained(2)) << "the SYNC is complete all the same";
  EXPECT_FALSE(b.Failed(2));
}

TEST(Ecmdq, MsisOfTheQueuesDoNotWaitForEachOther) {
  Bench b;
  b.latency = 200;
  StartAll(b);
  for (int q = 0; q < kQueues; ++q) b.Put({Sync(1, kMsi + 16 * static_cast<uint64_t>(q), 1)}, q);
  for (int q = 0; q < kQueues; ++q) b.Ring(q);
  b.Until([&] { return b.Drained(0) && b.Drained(1) && b.Drained(2); });
  b.Until([&] { return b.at["aw"].size() == 3; }, 20);
  b.Until([&] { return b.at["write"].size() == 3; });
  for (int q = 0; q < kQueues; ++q) EXPECT_EQ(b.Load(kMsi + 16 * static_cast<uint64_t>(q)), 1u);
}

// Random programs in all queues at once. A queue fails only by what it did itself: an illegal command, or an invalidation of
// a device that was dead at some time since its last good SYNC. The log does not depend on how idle time is passed.
std::vector<std::pair<uint64_t, std::string>> Scenario(unsigned seed, bool jump, uint64_t* jumps) {
  Bench b(seed);
  std::mt19937 rng(seed * 31 + 7);
  b.jump = jump;
  b.latency = 1 + rng() % 40;
  StartAll(b);
  const uint64_t threshold = 300 + rng() % 1500;
  b.Write(0xE00, threshold, true);
  b.Write(0xE08, 1 + rng() % 1000, true);
  b.answer = 5 + static_cast<int>(rng() % 100);
  b.dead = {1};
  const int sick = static_cast<int>(rng() % kQueues);  // the only queue that names the dead device, or errs
  for (int round = 0; round < 8; ++round) {
    b.transactions = rng() % 3;
    b.txn_delay = 1 + rng() % 300;
    for (int q = 0; q < kQueues; ++q) {
      std::vector<Command> batch;
      for (int i = static_cast<int>(rng() % 30); i >= 0; --i) {
        switch (rng() % 8) {
          case 0:
            batch.push_back(kTlbiAll);
            break;
          case 1:
            batch.push_back(kCfgiAll);
            break;
          case 2:
            batch.push_back(rng() % 3 ? Sync() : Sync(1, kMsi + 4 * (rng() % 8), rng()));
            break;
          case 3:
            batch.push_back(AtcInv(q == sick ? 1 : 0));
            break;
          case 4:
            batch.push_back(q == sick && rng() % 8 == 0 ? kIllegal : kTlbiAll);
            break;
          default:
            batch.push_back(AtcInv(0, uint64_t{rng()} << 12));
            break;
        }
      }
      batch.push_back(Sync());
      b.Run(batch, q);
    }
    for (int look = 0; look < 300; ++look) {
      bool busy = false;
      for (int q = 0; q < kQueues; ++q) {
        busy |= !b.Drained(q);
        if (!b.Failed(q)) continue;
        EXPECT_EQ(q, sick);
        const uint32_t code = q ? Reason(b.Read(Bench::Ecmdq(q) + kCons)) : b.Err();
        if (code == 1) {
          b.Store(Bench::Slot(q, b.Rd(q) % (1u << b.qs)), Sync().dw0);
          b.Store(Bench::Slot(q, b.Rd(q) % (1u << b.qs)) + 8, 0);
        } else {
          EXPECT_EQ(code, 3u);
        }
        if (q) b.AckEcmdq(q);
        b.Ack();
      }
      if (!busy) break;
      b.Cycles(700);
    }
    for (int q = 0; q < kQueues; ++q) EXPECT_TRUE(b.Drained(q)) << "seed " << seed << " queue " << q;
    b.Write(0x100AC, b.top.evtq_prod_o);
    if (::testing::Test::HasFailure()) break;
  }
  *jumps += b.jumps;
  return b.log;
}

TEST(Ecmdq, RandomProgramsAndTheIdleJump) {
  uint64_t jumps = 0, none = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    const auto slow = Scenario(seed, false, &none);
    const auto fast = Scenario(seed, true, &jumps);
    ASSERT_EQ(slow.size(), fast.size()) << "seed " << seed;
    for (size_t i = 0; i < slow.size(); ++i)
      ASSERT_EQ(slow[i], fast[i]) << "seed " << seed << " event " << i;
  }
  EXPECT_EQ(none, 0u);
  EXPECT_GT(jumps, 200u);
}

}  // namespace
