// SPDX-License-Identifier: Apache-2.0
//
// Innocent devices whose invalidations are in an enhanced command queue, while CMDQ holds more requests to a dead device
// than there are tags, and its SYNC (D7, D8).

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "Vsmmu_bench_ecmdq.h"
#include "bench.h"
#include "smmu_bench.h"

namespace bench {
namespace {

constexpr Addr kEcmdq = 0x8004'0000;
constexpr uint32_t kBase = 0x20000, kProd = 0x20008, kCons = 0x2000C, kEn = 0x8000'0000;
constexpr unsigned kDead = kEps - 1, kRounds = 80;
constexpr Cycle kThreshold = 4000;

struct Figures {
  double mean = 0;   // inv_sent -> inv_cpl of the innocents
  Cycle sync = 0;    // from ringing ECMDQ to its SYNC consumed
};

Figures Measure(bool dead) {
  SmmuBench<Vsmmu_bench_ecmdq> b;
  b.rtt.fill(60);
  if (dead) b.rtt[kDead] = 0;
  b.Start(kThreshold);
  b.Write(kBase, kEcmdq | kQueueLog2, true);
  b.Write(kProd, kEn);

  std::vector<Command> to_dead(2 * kTags, AtcInv(kDead));
  to_dead.push_back(Sync());
  b.Issue(to_dead);
  b.Run(100);  // the tags of the dead device are gone, CMDQ stands

  uint32_t prod = 0;
  const auto put = [&](const Command& c) {
    b.Store(kEcmdq + 16 * prod, c.dw0);
    b.Store(kEcmdq + 16 * prod + 8, c.dw1);
    ++prod;
  };
  for (unsigned i = 0; i < kRounds * kDead; ++i) put(AtcInv(i % kDead, uint64_t{i} << 12));
  put(Sync());
  const Cycle start = b.now;
  b.Write(kProd, kEn | prod);
  b.Until([&] { return (b.Read(kCons) & 0xFFFFF) == prod; }, 8 * kThreshold);

  Figures f;
  f.sync = b.now - start;
  EXPECT_EQ(b.Read(kCons) & (1u << 23), 0u) << "no error in this queue";
  EXPECT_EQ(b.count[EV_INV_TIMEOUT], 0u) << "it was over before the threshold";
  std::map<std::pair<unsigned, unsigned>, Cycle> sent;
  unsigned n = 0;
  for (const Event& e : b.log.events()) {
    if (e.src == kDead) continue;
    if (e.event == EV_INV_SENT) sent[{e.src, e.a0}] = e.cycle;
    if (e.event == EV_INV_CPL) {
      f.mean += static_cast<double>(e.cycle - sent[{e.src, e.a0}]);
      ++n;
    }
  }
  EXPECT_EQ(n, kRounds * kDead);
  f.mean /= n;
  return f;
}

TEST(Ecmdq, InnocentsBesideADeadDeviceInCmdq) {
  const Figures clean = Measure(false), dirty = Measure(true);
  const std::string conditions = "7 innocent devices in an ECMDQ, " + std::to_string(kRounds) +
                                 " requests each and a SYNC; CMDQ: 64 requests to a dead device and its SYNC; round trip 60, "
                                 "time-out 4000, device scope; fault-free ";
  Ratio("inv-sent-to-cpl-other-queue", dirty.mean / clean.mean, 1.1, conditions + std::to_string(clean.mean));
  Ratio("sync-other-queue", static_cast<double>(dirty.sync) / static_cast<double>(clean.sync), 1.1,
        conditions + std::to_string(clean.sync));
}

}  // namespace
}  // namespace bench
