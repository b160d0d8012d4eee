// SPDX-License-Identifier: Apache-2.0
//
// The seven steps after an ATC time-out, forty times in a row, and the planted bugs that its checks must see. The model checks at each step
// that EATS = 1 is never in force while the driver has a master's entries marked.

#include "driver.h"

namespace sw_driver {
namespace {

class SevenSteps : public Driver, public ::testing::WithParamInterface<std::tuple<smmu_isolate_order, bool, bool>> {
 protected:
  void SetUp() override {
    plat.order = std::get<0>(GetParam());
    plat.sync_msi = std::get<1>(GetParam());
    m.first_error_mode = std::get<2>(GetParam());
  }
};

TEST_P(SevenSteps, HangFortyTimesInARow) {
  Start();
  for (unsigned round = 0; round < 40; round++) {
    m.events.clear();
    m.consumed.clear();
    drv[1].calls.clear();
    Fn(1).dead = true;
    ASSERT_EQ(MapUnmap(), 0);  // every failing device was isolated first (D24)

    ExpectIsolated(1);
    EXPECT_TRUE(Fn(1).marked);
    EXPECT_EQ(Info(1).state, IOMMU_DEV_QUARANTINED);
    EXPECT_EQ(m.Count(EV_ISOLATED), 1u);
    EXPECT_EQ(m.Count(EV_ISOLATE_PROBE), kDevices);
    EXPECT_EQ(m.Count(EV_ERROR_EVENT), 1u);
    const std::vector<atc_log_event> order =
        plat.order == SMMU_PCI_FIRST
            ? std::vector<atc_log_event>{EV_SYNC_FAILED, EV_ISOLATE_START, EV_ISOLATED, EV_ATS_DISABLE_WRITE,
                                         EV_STE_EATS_CLEAR, EV_PROTECTED, EV_INVS_MARKED, EV_QUARANTINED,
                                         EV_ERROR_EVENT, EV_WORK_QUEUED, EV_UNMAP_EXIT}
            : std::vector<atc_log_event>{EV_SYNC_FAILED, EV_ISOLATE_START, EV_ISOLATED, EV_STE_EATS_CLEAR,
                                         EV_PROTECTED, EV_INVS_MARKED, EV_ATS_DISABLE_WRITE, EV_QUARANTINED,
                                         EV_ERROR_EVENT, EV_WORK_QUEUED, EV_UNMAP_EXIT};
    size_t at = 0;
    for (auto ev : order) {
      at = m.Find(ev, at);
      ASSERT_LT(at, m.events.size()) << ev;
    }

    // step 4: no further ATC_INV to it, and the others make progress
    m.consumed.clear();
    EXPECT_EQ(MapUnmap(), 0);
    EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
    EXPECT_EQ(AtcInvs(Bdf(0)), 1u);
    EXPECT_EQ(m.Count(EV_INV_SUPPRESSED), 1u);

    // steps 6 and 7
    EXPECT_EQ(port_host_run_work(m.p), 1u);
    EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "slot_reset", "resume"}));
    EXPECT_EQ(Fn(1).flrs, round + 1);
    ExpectWorking(1);
    at = 0;
    for (auto ev : {EV_WORKER_START, EV_RESET_PREPARE, EV_BLOCKED, EV_DRV_ERROR_CB, EV_FLR_WRITE, EV_RESET_DONE,
                    EV_ATTACH_START, EV_INVS_UNMARKED, EV_REATTACHED, EV_FIRST_GOOD_INV, EV_QUARANTINE_CLEARED}) {
      at = m.Find(ev, at);
      ASSERT_LT(at, m.events.size()) << ev;
    }
    m.consumed.clear();
    EXPECT_EQ(MapUnmap(), 0);
    EXPECT_EQ(AtcInvs(Bdf(1)), 1u);
    for (unsigned i : {0u, 2u, 3u}) {
      EXPECT_TRUE(drv[i].calls.empty());
      EXPECT_EQ(Fn(i).flrs, 0u);
      ExpectWorking(i);
    }
  }
  EXPECT_EQ(Stats().resets, 40u);
  EXPECT_EQ(Stats().reattached, 40u);
  EXPECT_EQ(pci_bar(pdev[1], 0), 0x50010000u);
  EXPECT_EQ(Fn(1).Read(0x10, 4), 0x50010000u);  // restored after the last FLR
  EXPECT_EQ(Fn(1).Read(0x04, 2) & 6, 6u);
}

TEST_P(SevenSteps, AllOfKHangingDevicesInOneBatch) {
  Start();
  Fn(0).dead = Fn(2).dead = Fn(3).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  for (unsigned i : {0u, 2u, 3u}) ExpectIsolated(i);
  ExpectWorking(1);
  EXPECT_EQ(port_host_run_work(m.p), 3u);
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
  EXPECT_TRUE(drv[1].calls.empty());
}

TEST_P(SevenSteps, EveryDomainStopsSending) {
  Start();
  iommu_domain* sva;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &sva), 0);
  ASSERT_EQ(iommu_attach_pasid(sva, dev[1], 3), 0);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  m.consumed.clear();
  EXPECT_EQ(iommu_map(sva, 0x7000, 0x80000000, 1, IOMMU_READ), 0);
  EXPECT_EQ(iommu_unmap(sva, 0x7000, 1), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  port_host_run_work(m.p);
  ExpectWorking(1);
  m.consumed.clear();
  EXPECT_EQ(iommu_map(sva, 0x7000, 0x80000000, 1, IOMMU_READ), 0);
  EXPECT_EQ(iommu_unmap(sva, 0x7000, 1), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 1u);  // back in the PASID's domain, too
  EXPECT_EQ(iommu_detach_pasid(dev[1], 3), 0);
  EXPECT_EQ(iommu_domain_destroy(sva), 0);
}

INSTANTIATE_TEST_SUITE_P(All, SevenSteps,
                         ::testing::Combine(::testing::Values(SMMU_PCI_FIRST, SMMU_EATS_FIRST), ::testing::Bool(),
                                            ::testing::Bool()));

TEST_F(Driver, DeadConfigurationSpaceDoesNotDelayEats) {
  plat.order = SMMU_EATS_FIRST;
  Start();
  Fn(1).dead = Fn(1).cfg_dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
  const size_t q = m.Find(EV_QUARANTINED);
  ASSERT_LT(q, m.events.size());
  EXPECT_EQ(m.events[q].a1, static_cast<uint64_t>(EIO));  // recorded (D25)
  EXPECT_EQ(Stats().ats_disable_failed, 1u);
  port_host_run_work(m.p);  // the function cannot even be asked whether it has FLR: it stays blocked
  EXPECT_EQ(Info(1).state, IOMMU_DEV_BLOCKED);
  EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "failure"}));
}

// The disable was lost: the device has ATS on, and entries of before, when an attach comes that it answers again.
TEST_F(Driver, AnAttachMakesSureThatAtsIsOffBeforeEats) {
  Start();
  Fn(1).dead = Fn(1).cfg_dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  Fn(1).dead = Fn(1).cfg_dead = false;
  ASSERT_TRUE(Fn(1).ats());
  ASSERT_FALSE(Machine::EatsInForce(Fn(1)));
  bool in_force = false, was_on = true;
  m.on_access = [&] {
    if (!in_force && Machine::EatsInForce(Fn(1))) in_force = true, was_on = Fn(1).ats();
  };
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  m.on_access = nullptr;
  EXPECT_TRUE(in_force);
  EXPECT_FALSE(was_on);
  EXPECT_TRUE(Fn(1).ats() && Machine::EatsInForce(Fn(1)));
}

TEST_F(Driver, AnAttachThatCannotAskTranslatesWithoutAts) {
  Start();
  Fn(1).dead = Fn(1).cfg_dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  unsigned in_force = 0;
  m.on_access = [&] { in_force += Machine::EatsInForce(Fn(1)); };
  EXPECT_EQ(iommu_attach(dom, dev[1]), -ENODEV);
  m.on_access = nullptr;
  EXPECT_EQ(in_force, 0u);
  EXPECT_TRUE(m.LogHas("nobody knows whether its ATS is off"));
}

TEST_F(Driver, ATransientIsForgiven) {
  Start();
  Fn(1).dead = true;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_ISOLATE_START) Fn(1).dead = false;
  };
  EXPECT_EQ(MapUnmap(), 0);
  ExpectWorking(1);
  EXPECT_EQ(Stats().isolated, 0u);
  EXPECT_EQ(port_host_run_work(m.p), 0u);
}

TEST_F(Driver, PlantedEatsLeftSetIsSeenByTheInvariant) {
  plat.plants = SMMU_PLANT_KEEP_EATS;
  Start();
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_GT(m.invariant_violations, 0u);
  m.check_invariant = false;
  expected_violations = m.invariant_violations;
  port_host_run_work(m.p);
}

TEST_F(Driver, PlantedMissingAtcHalf) {
  plat.plants = SMMU_PLANT_SKIP_ATC;
  Start();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(0)), 0u);
}

}  // namespace
}  // namespace sw_driver
