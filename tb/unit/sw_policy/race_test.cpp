// SPDX-License-Identifier: Apache-2.0
//
// Policies against what happens meanwhile: another CPU isolates, an attach starts a new generation, the queue fails.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../sw_driver_fixture.h"

extern "C" {
#include "../../../sw/smmu/policy.h"
}

namespace {

using sw::Bdf;

class Race : public sw::DriverFixture {};

// ------------------------------------------------------------------ bisect
TEST_F(Race, BisectForgivesATransient) {
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

// A device that is late whenever it is asked with others and answers when it is asked alone: its neighbour, the last of that half, is
// asked too, and nobody is isolated. By elimination it would be the neighbour.
TEST_F(Race, BisectBlamesNobodyByElimination) {
  plat.policy = "bisect";
  devices = 8;
  for (unsigned late : {4u, 5u}) {
    Start();
    Fn(late).dead = true;
    unsigned questions = 0;
    m.on_event = [&](const fake::Event& e) {
      if (e.ev == EV_ISOLATE_PROBE && ++questions == 4) Fn(late).dead = false;  // {0 .. 3}, {4 .. 7}, {4, 5}, {4}
    };
    EXPECT_EQ(MapUnmap(), 0);
    m.on_event = nullptr;
    EXPECT_EQ(Stats().probes, 6u);  // and {5}, {6, 7}
    EXPECT_EQ(Stats().probes_failed, 2u);
    EXPECT_EQ(Stats().isolated, 0u);
    for (unsigned i = 0; i < devices; i++) ExpectWorking(i);
    Stop();
  }
}

TEST_F(Race, BisectLeavesOutWhoIsMarkedAlready) {
  plat.policy = "bisect";
  Start();
  Fn(0).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  const auto before = Stats();
  Fn(2).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(0);
  ExpectIsolated(2);
  ExpectWorking(1);
  ExpectWorking(3);
  EXPECT_EQ(Stats().probes - before.probes, 4u);  // {1, 2}, both of it, {3}
  port_host_run_work(m.p);
}

// Another CPU has claimed one of them when the halves are asked, and ends only when it is waited for: that one is not asked.
TEST_F(Race, BisectWaitsForWhatAnotherCpuIsolates) {
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
    if (e.ev == EV_ISOLATED && e.a0 == Bdf(1)) {
      claimed = true;
      while (Stats().isolate_lost == 0) std::this_thread::yield();
    }
  };
  EXPECT_EQ(MapUnmap(), 0);
  other.join();
  m.on_event = nullptr;
  ExpectIsolated(0);
  ExpectIsolated(1);
  EXPECT_EQ(Stats().isolated, 2u);
  EXPECT_EQ(Stats().isolate_lost, 1u);
  EXPECT_EQ(Stats().probes, 3u);  // device 0 for its half, then by itself, and the other half
  port_host_run_work(m.p);
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
}

// The same while the first half is asked, and to its end: a half of which nobody is left is not asked at all.
TEST_F(Race, BisectAsksNobodyOfAHalfThatIsIsolated) {
  plat.policy = "bisect";
  Start();
  Fn(0).dead = true;
  bool once = false;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev != EV_RETRY_BATCH || once) return;
    once = true;
    for (unsigned i : {2u, 3u}) {
      EXPECT_EQ(smmu_ats_isolate(&dev[i]->master, dev[i]->master.state.v >> MASTER_GEN_SHIFT, 0, 0), 0);
    }
  };
  EXPECT_EQ(MapUnmap(), 0);
  m.on_event = nullptr;
  for (unsigned i : {0u, 2u, 3u}) ExpectIsolated(i);
  EXPECT_EQ(Stats().probes, 3u);  // the first half, then both of it
  port_host_run_work(m.p);
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
}

// More entries than a batch holds: 16 of each of five devices. Those of device 0 are marked when the batch is put together, and
// have lost their marks when the search begins, as an attach would do it.
class BisectOverflow : public Race {
 protected:
  static constexpr unsigned kPasids = 15;
  bool overtaken = false;

  void SetUp() override {
    plat.policy = "bisect";
    devices = 5;
    Start();
    for (unsigned i = 0; i < devices; i++) {
      for (unsigned ssid = 1; ssid <= kPasids; ssid++) ASSERT_EQ(iommu_attach_pasid(dom, dev[i], ssid), 0);
    }
    ASSERT_EQ(smmu_ats_isolate(&dev[0]->master, dev[0]->master.state.v >> MASTER_GEN_SHIFT, 0, SMMU_ISOLATE_QUIET), 0);
    m.on_event = [&](const fake::Event& e) {
      if (e.ev != EV_ISOLATE_START || overtaken) return;
      overtaken = true;
      EXPECT_EQ(e.a1, SMMU_BATCH_MAX + 1u + kPasids);
      smmu_ats_new_generation(&dev[0]->master);
    };
  }
  void TearDown() override {
    m.on_event = nullptr;
    EXPECT_EQ(pci_reset_function(pdev[0]), 0);
    Race::TearDown();
  }
};

TEST_F(BisectOverflow, WhatDoesNotFitIsAskedAlone) {
  Fn(4).dead = true;  // its entries are the last ones
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(4);
  for (unsigned i = 1; i < 4; i++) ExpectWorking(i);
  EXPECT_EQ(Stats().isolated, 2u);
  EXPECT_EQ(Stats().timeouts, 2u);  // the batch, and the question to the first of them; the others are marked by then
  port_host_run_work(m.p);
  ExpectWorking(4);
}

TEST_F(BisectOverflow, AnErrorThereEndsTheSearch) {
  auto& state = dev[4]->master.state;
  s->plat.poll_timeout = 5000;
  s->plat.expiry_limit = 1;
  Fn(1).dead = true;
  port_atomic_fetch_or(m.p, &state, MASTER_CLAIMED);  // by a CPU that never ends
  EXPECT_EQ(MapUnmap(), -ETIMEDOUT);
  EXPECT_EQ(Stats().probes, 1u);  // the last entry of device 3 does not fit, either
  port_atomic_fetch_andnot(m.p, &state, MASTER_CLAIMED);
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(1);
  port_host_run_work(m.p);
}

TEST_F(Race, BisectGivesUpWhenAnIsolationByAnotherCpuDoesNotEnd) {
  plat.policy = "bisect";
  plat.poll_timeout = 20000;
  plat.expiry_limit = 2;
  Start();
  auto& state = dev[0]->master.state;
  Fn(1).dead = true;
  port_atomic_fetch_or(m.p, &state, MASTER_CLAIMED);
  EXPECT_EQ(MapUnmap(), -ETIMEDOUT);
  EXPECT_TRUE(m.LogHas("isolation by another CPU does not end"));
  EXPECT_EQ(Stats().probes, 0u);
  port_atomic_fetch_andnot(m.p, &state, MASTER_CLAIMED);
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(1);
  port_host_run_work(m.p);
}

// ------------------------------------------------------------------ an attach overtakes the failing batch
class Overtaken : public Race, public ::testing::WithParamInterface<const char*> {};

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

// Attaches that never cease to overtake: each costs one question more, up to a limit, and then the caller learns that nothing is
// settled (D24: that is no success).
constexpr unsigned kRaceLimit = 64;

TEST_F(Race, QuestionsEndWithTheLimit) {
  plat.policy = "minimal";
  Start();
  Fn(1).dead = true;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_RETRY_BATCH && e.a0 == Bdf(1)) smmu_ats_new_generation(&dev[1]->master);
  };
  EXPECT_EQ(MapUnmap(), -EAGAIN);
  m.on_event = nullptr;
  EXPECT_EQ(Stats().isolate_raced, kRaceLimit);
  EXPECT_EQ(Stats().probes, 1 + kRaceLimit);  // device 0 once
  EXPECT_EQ(Stats().isolated, 0u);
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(1);
  port_host_run_work(m.p);
  ExpectWorking(1);
}

TEST_F(Race, ClaimsEndWithTheLimit) {
  plat.policy = "block-all";
  Start();
  Fn(1).dead = true;
  unsigned races = 1;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_ISOLATED && e.a0 == Bdf(0) && races != 0) {
      races--;
      smmu_ats_new_generation(&dev[0]->master);
    }
  };
  EXPECT_EQ(MapUnmap(), 0);  // one is survived
  EXPECT_EQ(Stats().isolate_raced, 1u);
  for (unsigned i = 0; i < kDevices; i++) ExpectIsolated(i);
  port_host_run_work(m.p);
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);

  Fn(1).dead = true;
  races = UINT32_MAX;
  EXPECT_EQ(MapUnmap(), -EAGAIN);
  m.on_event = nullptr;
  EXPECT_EQ(Stats().isolate_raced, 1 + kRaceLimit);
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
}

}  // namespace
