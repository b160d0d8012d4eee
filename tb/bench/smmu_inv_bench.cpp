// SPDX-License-Identifier: Apache-2.0
//
// Figures of the invalidation path: rate against the bound of D26, innocents beside a dead device, and the promise of
// D1 when a dead device exhausts the tags. Both tag scopes.

#include <algorithm>
#include <random>
#include <string>

#include "Vsmmu_bench.h"
#include "Vsmmu_bench_global.h"
#include "bench.h"
#include "smmu_bench.h"

namespace bench {
namespace {

constexpr unsigned kCommands = 4000;

struct DeviceScope {
  using Top = Vsmmu_bench;
  static constexpr bool kGlobal = false;
  static const char* Name() { return "device"; }
};
struct GlobalScope {
  using Top = Vsmmu_bench_global;
  static constexpr bool kGlobal = true;
  static const char* Name() { return "global"; }
};

template <class Scope>
class Inv : public testing::Test {
 public:
  using Dut = SmmuBench<typename Scope::Top>;

  // inv_sent -> inv_cpl of one request, nothing else under way: the round trip of D26.
  static Cycle RoundTrip(Cycle device) {
    Dut b;
    b.rtt.fill(device);
    b.Start();
    b.Issue({AtcInv(0)});
    b.Until([&] { return b.count[EV_INV_CPL] == 1; });
    return b.Last(EV_INV_CPL) - b.Last(EV_INV_SENT);
  }

  // D26 with the commands spread evenly over the devices.
  static double Bound(unsigned limit, Cycle round_trip) {
    const double one = static_cast<double>(std::min(limit, kTags)) * kEps / static_cast<double>(round_trip);
    const double all = Scope::kGlobal ? static_cast<double>(kTags) / static_cast<double>(round_trip) : 1.0;
    return std::min({1.0, one, all});
  }

  static void Rate(const std::string& what, Cycle device, unsigned limit) {
    const Cycle round_trip = RoundTrip(device);
    Dut b;
    b.rtt.fill(device);
    b.Start();
    for (unsigned d = 0; d < kEps; ++d) b.Limit(d, limit);
    std::vector<Command> batch;
    for (unsigned i = 0; i < kCommands; ++i) batch.push_back(AtcInv(i % kEps, uint64_t{i} << 12));
    b.Issue(batch);
    b.Until([&] { return b.count[EV_CMD_CONSUMED] == kCommands; });
    EXPECT_EQ(b.count[EV_ITAG_ALLOC], kCommands);
    EXPECT_EQ(b.count[EV_INV_TIMEOUT], 0u);
    // From the second quarter on the tags circulate.
    const auto done = b.All(EV_CMD_CONSUMED);
    const size_t from = done.size() / 4, to = done.size() - 1;
    const double rate = static_cast<double>(to - from) / static_cast<double>(done[to].cycle - done[from].cycle);
    bench::Rate("atc-inv-consumed-" + what + "-" + Scope::Name(), rate, Bound(limit, round_trip), 0.95,
                "D26: 8 devices in turn, memory latency 40, 128-bit bus, " + std::to_string(kTags) +
                    (Scope::kGlobal ? " tags in all" : " tags a device") + ", INV_LIMIT " + std::to_string(limit) +
                    ", round trip " + std::to_string(round_trip) + ", no SYNC");
  }

  // Cycles from inv_sent to inv_cpl of every request to a device other than the last, 7 of 8 devices.
  static double Innocents(bool dead, unsigned rounds) {
    Dut b;
    b.rtt.fill(60);
    if (dead) b.rtt[kEps - 1] = 0;
    b.Start(4000);
    std::vector<Command> batch;
    for (unsigned i = 0; i < rounds * kEps; ++i) batch.push_back(AtcInv(i % kEps, uint64_t{i} << 12));
    batch.push_back(Sync());
    b.Issue(batch);
    const uint64_t innocent = uint64_t{rounds} * (kEps - 1);
    const auto done = [&] {
      uint64_t n = b.count[EV_INV_CPL];
      return n >= (dead ? innocent : innocent + rounds);
    };
    b.Until(done, 40000);
    std::map<std::pair<unsigned, unsigned>, Cycle> sent;
    double sum = 0;
    unsigned n = 0;
    for (const Event& e : b.log.events()) {
      if (e.src == kEps - 1) continue;
      if (e.event == EV_INV_SENT) sent[{e.src, e.a0}] = e.cycle;
      if (e.event == EV_INV_CPL) {
        sum += static_cast<double>(e.cycle - sent[{e.src, e.a0}]);
        ++n;
      }
    }
    EXPECT_EQ(n, innocent);
    return sum / n;
  }

  // Random batches for 8 devices, one dead, more requests to it than there are tags. Software acknowledges at once.
  // Longest time that a SYNC, and that any other command, spends at the head of the queue.
  static void Progress(Cycle threshold, Cycle* sync, Cycle* command) {
    *sync = *command = 0;
    for (unsigned seed = 1; seed <= 3; ++seed) {
      std::mt19937 rng(seed);
      Dut b;
      b.rtt.fill(30);
      const unsigned dead = rng() % kEps;
      b.rtt[dead] = 0;
      b.Start(threshold);
      for (unsigned round = 0; round < 12; ++round) {
        std::vector<Command> batch;
        const unsigned length = 1 + rng() % 160;
        for (unsigned i = 0; i < length; ++i) batch.push_back(AtcInv(rng() % 2 ? dead : rng() % kEps));
        batch.push_back(Sync());
        b.Issue(batch);
        for (;;) {
          const uint64_t errors = b.irq_gerror.size();
          if (!b.Until([&] { return b.irq_gerror.size() > errors || b.Rd() == b.prod; }, 8 * threshold)) return;
          if (b.Rd() == b.prod) break;
          b.Acknowledge();
        }
      }
      EXPECT_GT(b.count[EV_SYNC_ERROR], 0u);
      EXPECT_GT(b.count[EV_ITAG_STALL], 0u) << "the tags were never exhausted";
      EXPECT_GT(b.count[EV_INV_TIMEOUT], 32u);
      Cycle start = 0, stall = 0;
      for (const Event& e : b.log.events()) {
        if (e.event == EV_SYNC_START) start = e.cycle;
        if (e.event == EV_SYNC_COMPLETE || e.event == EV_SYNC_ERROR) *sync = std::max(*sync, e.cycle - start);
        if (e.event == EV_ITAG_STALL && !stall) stall = e.cycle;
        if (e.event == EV_CMD_CONSUMED && stall) {
          *command = std::max(*command, e.cycle - stall);
          stall = 0;
        }
      }
    }
  }
};

using Scopes = testing::Types<DeviceScope, GlobalScope>;
struct ScopeNames {
  template <class Scope>
  static std::string GetName(int) {
    return Scope::Name();
  }
};
TYPED_TEST_SUITE(Inv, Scopes, ScopeNames);

TYPED_TEST(Inv, AtcInvConsumed) { this->Rate("at-once", 1, 32); }
// Round trips that the tags do not cover: the bound is below one a cycle.
TYPED_TEST(Inv, AtcInvConsumedFarDevices) { this->Rate("far", TypeParam::kGlobal ? 64 : 400, 32); }
TYPED_TEST(Inv, AtcInvConsumedSmallLimit) { this->Rate("limit-4", 80, 4); }

TYPED_TEST(Inv, InnocentsAheadOfTheSync) {
  const unsigned rounds = TypeParam::kGlobal ? 20 : 80;
  const double clean = this->Innocents(false, rounds), dirty = this->Innocents(true, rounds);
  Ratio(std::string("inv-sent-to-cpl-beside-dead-") + TypeParam::Name(), dirty / clean, 1.1,
        "mean of 7 innocent devices, the eighth dead, " + std::to_string(rounds) +
            " requests each ahead of the SYNC, round trip 60, time-out 4000, fault-free mean " + std::to_string(clean));
}

TYPED_TEST(Inv, ProgressWithADeadDevice) {
  constexpr Cycle kThreshold = 600;
  Cycle sync, command;
  this->Progress(kThreshold, &sync, &command);
  const std::string conditions =
      "8 devices, one dead with half of the requests, tags exhausted, time-out " + std::to_string(kThreshold);
  Latency(std::string("sync-with-dead-device-") + TypeParam::Name(), static_cast<double>(sync), kThreshold + 200,
          conditions, kThreshold);
  Latency(std::string("command-with-dead-device-") + TypeParam::Name(), static_cast<double>(command), kThreshold + 200,
          conditions, kThreshold);
}

}  // namespace
}  // namespace bench
