// SPDX-License-Identifier: Apache-2.0
//
// smmu_top: ATC invalidations, time-outs, their detection.
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

}  // namespace
