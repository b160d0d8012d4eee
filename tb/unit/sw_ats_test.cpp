// SPDX-License-Identifier: Apache-2.0
//
// Isolation of one master (smmu_ats.c): who stores beside the lock, who overtakes at which step, what the queue's failure leaves
// behind, and what the planted bugs break. What the whole driver makes of it is in sw_driver_test.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "sw_driver_fixture.h"

namespace {

using fake::Machine;
using sw::Bdf;

class Ats : public sw::DriverFixture, public ::testing::WithParamInterface<smmu_isolate_order> {
 protected:
  void SetUp() override {
    plat.order = GetParam();
    Start();
  }
  smmu_master* Master() { return &dev[1]->master; }
  uint64_t Gen() { return Master()->state.v >> MASTER_GEN_SHIFT; }
  int Isolate(unsigned flags = SMMU_ISOLATE_QUIET) { return smmu_ats_isolate(Master(), Gen(), 0, flags); }
  void On(atc_log_event ev, std::function<void()> what) {
    m.on_event = [ev, what = std::move(what), done = false](const fake::Event& e) mutable {
      if (e.ev != ev || done) return;
      done = true;
      what();
    };
  }
  void Recover() {
    m.on_event = nullptr;
    ASSERT_EQ(pci_reset_function(pdev[1]), 0);
    ExpectWorking(1);
  }
};

// S4: the compare-exchange keeps what a writer without the lock has stored, at whichever access that falls between.
TEST_P(Ats, AStoreBesideTheLockIsNotLost) {
  constexpr uint64_t kMark = uint64_t{1} << 60;  // SW use: no hardware looks at it
  unsigned between = 0;
  for (unsigned n = 0; n < 8; n++) {
    auto* dw1 = reinterpret_cast<uint64_t*>(Master()->stream[0].ste + 8);
    unsigned at = 0;
    m.on_access = [&] {
      if (Master()->lock.lock.v.v != 0 && at++ == n) *dw1 |= kMark;
    };
    ASSERT_EQ(Isolate(), 0);
    m.on_access = nullptr;
    if (at > n) {
      EXPECT_TRUE(*dw1 & kMark) << n;
      between++;
    }
    EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
    *dw1 &= ~kMark;
    Recover();
  }
  EXPECT_GT(between, 4u);
}

// S3: an attach stores what it wants, whatever has been stored since it looked.
TEST_P(Ats, AnAttachStoresItsOwnValue) {
  unsigned n = 0;
  for (bool more = true, later = false; more; n++) {
    ASSERT_EQ(iommu_detach(dev[1]), 0);
    auto* dw1 = reinterpret_cast<uint64_t*>(Master()->stream[0].ste + 8);
    unsigned at = 0;
    m.on_access = [&] {
      if (Master()->lock.lock.v.v != 0 && at++ == n) *dw1 |= STE1_S1STALLD;
    };
    ASSERT_EQ(iommu_attach(dom, dev[1]), 0);
    m.on_access = nullptr;
    more = at > n;
    ExpectWorking(1);
    if (!more) break;
    const bool kept = (Machine::Mem(Master()->stream[0].ste + 8) & STE1_S1STALLD) != 0;
    EXPECT_TRUE(kept || !later) << n;  // it is what came after the attach's own store
    later = kept;
  }
  EXPECT_GE(n, 8u);
}

// A new generation, as an attach starts it, after each step: nothing is marked, the caller asks again.
TEST_P(Ats, OvertakenAtEachStep) {
  for (atc_log_event step : {EV_ISOLATED, EV_STE_EATS_CLEAR, EV_PROTECTED}) {
    const auto before = Stats();
    On(step, [&] { smmu_ats_new_generation(Master()); });
    EXPECT_EQ(Isolate(), -EAGAIN) << step;
    EXPECT_EQ(Stats().isolate_raced - before.isolate_raced, 1u);
    EXPECT_EQ(Stats().marks, before.marks);
    EXPECT_EQ(Stats().isolated, before.isolated);
    Recover();
  }
}

// PCI ATS is left alone if the attach has come before the write.
TEST_P(Ats, OvertakenBeforeThePciWrite) {
  On(EV_INVS_MARKED, [&] {
    std::thread([&] {  // as soon as the lock that the marks are set under is free
      port_host_set_cpu(m.p, 2);
      Master()->state.v += MASTER_GEN_ONE;
    }).join();
  });
  const int r = Isolate();
  EXPECT_EQ(r, 0);
  EXPECT_EQ(Fn(1).ats(), plat.order == SMMU_EATS_FIRST);
  Recover();
}

TEST_P(Ats, AQueueThatStandsStillLeavesTheClaim) {
  s->plat.poll_timeout = 500;
  s->plat.expiry_limit = 1;
  On(EV_STE_EATS_CLEAR, [&] { m.stuck = true; });
  EXPECT_EQ(Isolate(0), -ETIMEDOUT);
  EXPECT_TRUE(m.LogHas("EATS = 0 could not be put in force"));
  EXPECT_EQ(Stats().isolated + Stats().error_events + Stats().marks, 0u);
  EXPECT_EQ(Info(1).state, IOMMU_DEV_ISOLATING);
  // who comes after waits for the owner of the claim, and not for ever
  EXPECT_EQ(Isolate(), -ETIMEDOUT);
  m.stuck = false;
  Recover();
}

// The owner of the claim is overtaken while somebody waits for it: who waits learns that, too.
TEST_P(Ats, AWaiterLearnsOfANewGeneration) {
  port_atomic_fetch_or(m.p, &Master()->state, MASTER_CLAIMED);
  const uint64_t gen = Gen();
  std::thread other([&] {
    port_host_set_cpu(m.p, 2);
    while (Stats().isolate_lost == 0) std::this_thread::yield();
    smmu_ats_new_generation(Master());
  });
  EXPECT_EQ(smmu_ats_isolate(Master(), gen, 0, 0), -EAGAIN);
  other.join();
  ExpectWorking(1);
}

// The same, if its first expiry comes before.
TEST_P(Ats, AWaiterGoesOnAfterAnExpiry) {
  s->plat.poll_timeout = 100;
  s->plat.expiry_limit = UINT32_MAX;
  port_atomic_fetch_or(m.p, &Master()->state, MASTER_CLAIMED);
  const uint64_t gen = Gen();
  std::thread other([&] {
    port_host_set_cpu(m.p, 2);
    while (!m.LogHas("isolation by another CPU does not end")) std::this_thread::yield();
    smmu_ats_new_generation(Master());
  });
  EXPECT_EQ(smmu_ats_isolate(Master(), gen, 0, 0), -EAGAIN);
  other.join();
  ExpectWorking(1);
}

TEST_P(Ats, RemovingAnEntryThatIsNotThereChangesNothing) {
  inv_entry foreign{};
  auto* first = Master()->entries;
  smmu_ats_entry_del(Master(), &foreign);
  EXPECT_EQ(Master()->entries, first);
  EXPECT_EQ(first->next, nullptr);
}

TEST_P(Ats, PciEnableOfAnOldGenerationIsRefused) {
  EXPECT_EQ(smmu_ats_pci_enable(Master(), Gen() - 1), -EAGAIN);
  ASSERT_EQ(Isolate(), 0);
  EXPECT_EQ(smmu_ats_pci_enable(Master(), Gen()), -EAGAIN);
  ExpectIsolated(1);
  Recover();
}

// ------------------------------------------------------------------ planted bugs
TEST_P(Ats, PlantedUnlockedReadModifyWriteLosesAStore) {
  s->plat.plants = SMMU_PLANT_UNLOCKED_RMW;
  constexpr uint64_t kMark = uint64_t{1} << 60;
  unsigned lost = 0;
  for (unsigned n = 0; n < 40; n++) {
    auto* dw1 = reinterpret_cast<uint64_t*>(Master()->stream[0].ste + 8);
    unsigned at = 0;
    bool stored = false;
    m.on_access = [&] {
      if (at++ != n) return;
      *dw1 |= kMark;
      stored = true;
    };
    ASSERT_EQ(Isolate(), 0);
    m.on_access = nullptr;
    lost += stored && !(*dw1 & kMark);
    *dw1 &= ~kMark;
    Recover();
  }
  EXPECT_EQ(lost, 1u);  // between its read and its write
}

TEST_P(Ats, PlantedMissingClaimIsolatesTwice) {
  s->plat.plants = SMMU_PLANT_NO_CLAIM;
  On(EV_ISOLATED, [&] { EXPECT_EQ(Isolate(), 0); });
  EXPECT_EQ(Isolate(), 0);
  EXPECT_EQ(Stats().isolated, 2u);
  Recover();
}

TEST_P(Ats, PlantedEatsLeftSet) {
  s->plat.plants = SMMU_PLANT_KEEP_EATS;
  m.check_invariant = false;
  EXPECT_EQ(Isolate(), 0);
  EXPECT_TRUE(Machine::EatsInForce(Fn(1)));
  s->plat.plants = 0;
  Recover();
}

INSTANTIATE_TEST_SUITE_P(Both, Ats, ::testing::Values(SMMU_PCI_FIRST, SMMU_EATS_FIRST),
                         [](const auto& i) { return i.param == SMMU_PCI_FIRST ? "pci_first" : "eats_first"; });

}  // namespace
