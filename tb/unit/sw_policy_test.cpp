// SPDX-License-Identifier: Apache-2.0
//
// What every policy that isolates promises, and what its search costs: SYNCs and time-outs are counted for equality.

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "sw_driver_fixture.h"

extern "C" {
#include "../../sw/smmu/policy.h"
}

namespace {

using fake::Machine;
using sw::Bdf;

class Policy : public sw::DriverFixture {
 protected:
  unsigned Syncs() {
    unsigned n = 0;
    for (const auto& c : m.consumed) n += c.op() == 0x46;
    return n;
  }
  bool Innocent(unsigned i) { return drv[i].calls.empty() && Fn(i).flrs == 0; }
};

TEST_F(Policy, NamesAreListedAndFound) {
  unsigned n = 0;
  while (const char* name = smmu_policy_name(n)) {
    ASSERT_NE(smmu_policy_find(name), nullptr);
    EXPECT_STREQ(smmu_policy_find(name)->name, name);
    EXPECT_NE(std::string(smmu_policy_summary(n)), "");
    n++;
  }
  EXPECT_EQ(n, 9u);
  EXPECT_EQ(smmu_policy_summary(n), nullptr);
  EXPECT_EQ(smmu_policy_find("minima"), nullptr);
  EXPECT_EQ(smmu_policy_find("minimal2"), nullptr);
  EXPECT_EQ(smmu_policy_find(nullptr), nullptr);
}

// ------------------------------------------------------------------ all that isolate
class Isolating : public Policy, public ::testing::WithParamInterface<std::tuple<const char*, smmu_isolate_order>> {
 protected:
  void SetUp() override {
    plat.policy = std::get<0>(GetParam());
    plat.order = std::get<1>(GetParam());
  }
  bool Spares() { return std::string(plat.policy) != "block-all"; }
};

TEST_P(Isolating, OneHangsAndComesBackFortyTimes) {
  Start();
  for (unsigned round = 0; round < 40; round++) {
    drv[1].calls.clear();
    Fn(1).dead = true;
    ASSERT_EQ(MapUnmap(), 0);
    ExpectIsolated(1);  // before unmap returned (D24)
    EXPECT_EQ(Info(1).state, IOMMU_DEV_QUARANTINED);
    m.consumed.clear();
    ASSERT_EQ(MapUnmap(), 0);
    EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
    EXPECT_EQ(port_host_run_work(m.p), Spares() ? 1u : 4u);
    EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "slot_reset", "resume"}));
    for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
    m.consumed.clear();
    ASSERT_EQ(MapUnmap(), 0);
    EXPECT_EQ(AtcInvs(Bdf(1)), 1u);
  }
  for (unsigned i : {0u, 2u, 3u}) EXPECT_EQ(Innocent(i), Spares());
  EXPECT_EQ(Stats().foreign_errors, 0u);
}

TEST_P(Isolating, OrderOfTheTwoSwitches) {
  Start();
  Fn(1).dead = true;
  ASSERT_EQ(MapUnmap(), 0);
  const size_t from = [&] {
    size_t at = m.Find(EV_ISOLATED);
    while (m.events[at].a0 != Bdf(1)) at = m.Find(EV_ISOLATED, at + 1);
    return at;
  }();
  const size_t pci = m.Find(EV_ATS_DISABLE_WRITE, from), eats = m.Find(EV_STE_EATS_CLEAR, from);
  EXPECT_EQ(pci < eats, plat.order == SMMU_PCI_FIRST);
}

TEST_P(Isolating, KOfNInOneBatch) {
  devices = 8;
  Start();
  for (unsigned i : {0u, 3u, 4u, 7u}) Fn(i).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  for (unsigned i : {0u, 3u, 4u, 7u}) ExpectIsolated(i);
  for (unsigned i : {1u, 2u, 5u, 6u}) EXPECT_EQ(Info(i).ats_on, Spares());
  port_host_run_work(m.p);
  for (unsigned i = 0; i < devices; i++) ExpectWorking(i);
  for (unsigned i : {1u, 2u, 5u, 6u}) EXPECT_EQ(Innocent(i), Spares());
}

TEST_P(Isolating, EveryDomainOfThePasidsStopsSending) {
  Start();
  iommu_domain* sva;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &sva), 0);
  ASSERT_EQ(iommu_attach_pasid(sva, dev[1], 3), 0);
  ASSERT_EQ(iommu_attach_pasid(dom, dev[1], 4), 0);  // two entries of one device in one list
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(1);
  m.consumed.clear();
  EXPECT_EQ(iommu_map(sva, 0x7000, 0x80000000, 1, IOMMU_READ), 0);
  EXPECT_EQ(iommu_unmap(sva, 0x7000, 1), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  port_host_run_work(m.p);
  ExpectWorking(1);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 2u);
  EXPECT_EQ(iommu_detach_pasid(dev[1], 4), 0);
  EXPECT_EQ(iommu_detach_pasid(dev[1], 3), 0);
  EXPECT_EQ(iommu_domain_destroy(sva), 0);
}

TEST_P(Isolating, HangsAgainAfterTheResetIsGivenUpOnce) {
  Start();
  Fn(1).dead = Fn(1).survives = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(Fn(1).flrs, 1u);
  EXPECT_EQ(std::count(drv[1].calls.begin(), drv[1].calls.end(), "failure"), 1);
  EXPECT_EQ(std::count(drv[1].calls.begin(), drv[1].calls.end(), "resume"), 0);
  ExpectIsolated(1);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  EXPECT_EQ(port_host_run_work(m.p), 0u);
  Fn(1).dead = Fn(1).survives = false;
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

TEST_P(Isolating, WithoutADriverUntilAnOutsideReset) {
  Start();
  pci_bind_driver(pdev[1], nullptr, nullptr);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(Fn(1).flrs, 0u);
  ExpectIsolated(1);
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

TEST_P(Isolating, QueueErrorsOfTheSearchReachTheCaller) {
  plat.poll_timeout = 20000;
  plat.expiry_limit = 1;
  Start();
  Fn(1).dead = true;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_ISOLATE_START) m.stuck = true;
  };
  EXPECT_EQ(MapUnmap(), -ETIMEDOUT);
  m.on_event = nullptr;
  m.stuck = false;
}

std::string Name(const ::testing::TestParamInfo<std::tuple<const char*, smmu_isolate_order>>& i) {
  std::string name = std::get<0>(i.param);
  for (char& c : name) c = c == '-' ? '_' : c;
  return name + (std::get<1>(i.param) == SMMU_PCI_FIRST ? "_pci_first" : "_eats_first");
}
INSTANTIATE_TEST_SUITE_P(All, Isolating,
                         ::testing::Combine(::testing::Values("minimal", "fenced", "bitmap-core", "bitmap-core-keep", "bisect",
                                                              "sync-per-device", "block-all"),
                                            ::testing::Values(SMMU_PCI_FIRST, SMMU_EATS_FIRST)),
                         Name);

// ------------------------------------------------------------------ what the search costs
struct Cost {
  unsigned probes, timeouts, syncs;
};

// One unmap of N devices of which those in `dead` do not answer.
class SearchCost : public Policy {
 protected:
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
    TearDown();
    s = nullptr;
    dom = nullptr;
    dev = {};
    pdev = {};
    m.fn.clear();
    for (unsigned i = 0; i < kDevices; i++) m.AddFunction(Bdf(i));
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

// ------------------------------------------------------------------ bisect
TEST_F(Policy, BisectForgivesATransient) {
  plat.policy = "bisect";
  devices = 8;
  Start();
  Fn(5).dead = true;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_ISOLATE_START) Fn(5).dead = false;
  };
  EXPECT_EQ(MapUnmap(), 0);
  m.on_event = nullptr;
  EXPECT_EQ(Stats().probes, 2u);
  EXPECT_EQ(Stats().isolated, 0u);
  for (unsigned i = 0; i < devices; i++) ExpectWorking(i);
}

// Another CPU isolates one of them while the halves are asked: it is waited for, not asked.
TEST_F(Policy, BisectWaitsForWhatAnotherCpuIsolates) {
  plat.policy = "bisect";
  plat.sync_irq_off = false;
  Start();
  Fn(0).dead = Fn(1).dead = true;
  bool once = false;
  std::thread other;
  std::atomic<bool> claimed{false};
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_ISOLATE_START && !once) {
      once = true;
      const uint64_t gen = dev[1]->master.state.v >> MASTER_GEN_SHIFT;
      other = std::thread([&, gen] {
        port_host_set_cpu(m.p, 2);
        EXPECT_EQ(smmu_ats_isolate(&dev[1]->master, gen, 0, 0), 0);
      });
      while (!claimed) std::this_thread::yield();
    }
    if (e.ev == EV_ISOLATED && e.a0 == Bdf(1)) claimed = true;
  };
  EXPECT_EQ(MapUnmap(), 0);
  other.join();
  m.on_event = nullptr;
  ExpectIsolated(0);
  ExpectIsolated(1);
  EXPECT_EQ(Stats().isolated, 2u);
  port_host_run_work(m.p);
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
}

// ------------------------------------------------------------------ an attach overtakes the failing batch
class Overtaken : public Policy, public ::testing::WithParamInterface<const char*> {};

TEST_P(Overtaken, ByANewGeneration) {
  plat.policy = GetParam();
  plat.sync_irq_off = false;
  Start();
  Fn(1).dead = true;
  bool once = false;
  m.on_event = [&](const fake::Event& e) {
    // between the failure and the claim: as an attach would do, EATS being set already
    if (e.ev == EV_ISOLATE_START && !once) {
      once = true;
      std::thread([&] {
        port_host_set_cpu(m.p, 2);
        smmu_ats_new_generation(&dev[1]->master);
      }).join();
    }
  };
  EXPECT_EQ(MapUnmap(), 0);
  m.on_event = nullptr;
  ExpectIsolated(1);
  EXPECT_EQ(Stats().isolated, std::string(plat.policy) == "block-all" ? 4u : 1u);
  port_host_run_work(m.p);
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
}
INSTANTIATE_TEST_SUITE_P(All, Overtaken, ::testing::Values("minimal", "bisect", "sync-per-device", "block-all"));

}  // namespace
