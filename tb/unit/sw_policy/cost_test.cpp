// SPDX-License-Identifier: Apache-2.0
//
// What the search for the broken device costs: SYNCs and time-outs are counted for equality.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../sw_driver_fixture.h"

namespace {

using sw::Bdf;

struct Cost {
  unsigned probes, timeouts, syncs;
};

// One unmap of N devices of which those in `dead` do not answer.
class SearchCost : public sw::DriverFixture {
 protected:
  unsigned Syncs() {
    unsigned n = 0;
    for (const auto& c : m.consumed) n += c.op() == 0x46;
    return n;
  }
  Cost Measure(const char* policy, unsigned n, const std::vector<unsigned>& dead) {
    plat.policy = policy;
    devices = n;
    Start();
    for (unsigned i : dead) Fn(i).dead = true;
    const auto before = Stats();
    EXPECT_EQ(MapUnmap(), 0);
    const auto after = Stats();
    for (unsigned i : dead) ExpectIsolated(i);
    EXPECT_EQ(after.probes_failed - before.probes_failed, after.probes == before.probes ? 0u : after.timeouts - 1);
    const Cost cost = {static_cast<unsigned>(after.probes), static_cast<unsigned>(after.timeouts), Syncs()};
    Stop();
    return cost;
  }
};

constexpr unsigned kTlbi = 1;   // the SYNC of the TLBI half
constexpr unsigned kBatch = 1;  // that of the ATC half

TEST_F(SearchCost, MinimalAsksEverybodyOnce) {
  for (const char* policy : {"minimal", "fenced", "bitmap-core"}) {
    for (unsigned n : {1u, 2u, 4u, 7u, 16u}) {
      for (unsigned k = 1; k <= n; k += 3) {
        std::vector<unsigned> dead;
        for (unsigned i = 0; i < k; i++) dead.push_back(n - 1 - i);
        const Cost c = Measure(policy, n, dead);
        SCOPED_TRACE(policy + std::string(" n=") + std::to_string(n) + " k=" + std::to_string(k));
        EXPECT_EQ(c.probes, n);
        EXPECT_EQ(c.timeouts, 1 + k);
        EXPECT_EQ(c.syncs, kTlbi + kBatch + n + k);  // one CFGI_STE + SYNC for each broken device
      }
    }
  }
}

TEST_F(SearchCost, BisectHalves) {
  for (unsigned d = 1; d <= 4; d++) {
    const unsigned n = 1u << d;
    for (unsigned at = 0; at < n; at++) {
      const Cost c = Measure("bisect", n, {at});
      SCOPED_TRACE("n=" + std::to_string(n) + " at=" + std::to_string(at));
      EXPECT_EQ(c.probes, 2 * d);
      EXPECT_EQ(c.timeouts, 1 + d);
      EXPECT_EQ(c.syncs, kTlbi + kBatch + 2 * d + 1);
    }
  }
}

TEST_F(SearchCost, BisectOfAnyNumber) {
  for (unsigned n : {1u, 3u, 5u, 11u, 13u}) {
    unsigned levels = 0;
    while ((1u << levels) < n) levels++;
    for (unsigned at = 0; at < n; at++) {
      const Cost c = Measure("bisect", n, {at});
      SCOPED_TRACE("n=" + std::to_string(n) + " at=" + std::to_string(at));
      EXPECT_LE(c.timeouts - 1, n == 1 ? 1 : levels);
      EXPECT_GE(c.timeouts - 1, n == 1 ? 1 : levels - 1);
      EXPECT_EQ(c.probes, n == 1 ? 1 : 2 * (c.timeouts - 1));  // alone, it is asked once, as minimal does
    }
  }
}

TEST_F(SearchCost, BisectOfAllIsTheWorst) {
  const Cost c = Measure("bisect", 8, {0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(c.probes, 14u);
  EXPECT_EQ(c.timeouts, 15u);
}

TEST_F(SearchCost, SyncPerDeviceAsksNobody) {
  for (unsigned n : {1u, 4u, 16u}) {
    const Cost c = Measure("sync-per-device", n, {n - 1});
    EXPECT_EQ(c.probes, 0u);
    EXPECT_EQ(c.timeouts, 1u);
    EXPECT_EQ(c.syncs, kTlbi + n + 1);
  }
  const Cost c = Measure("sync-per-device", 8, {0, 3, 7});
  EXPECT_EQ(c.probes, 0u);
  EXPECT_EQ(c.timeouts, 3u);
  EXPECT_EQ(c.syncs, kTlbi + 8 + 3);
  const Cost healthy = Measure("sync-per-device", 8, {});
  EXPECT_EQ(healthy.syncs, kTlbi + 8);  // what the hot path pays
}

TEST_F(SearchCost, BlockAllAsksNobody) {
  const Cost c = Measure("block-all", 8, {2});
  EXPECT_EQ(c.probes, 0u);
  EXPECT_EQ(c.timeouts, 1u);
  EXPECT_EQ(c.syncs, kTlbi + kBatch + 8);
}

}  // namespace
