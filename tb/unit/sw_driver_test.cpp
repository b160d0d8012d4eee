// SPDX-License-Identifier: Apache-2.0
//
// The whole driver on the host-test port against a model of the SMMU's interface and of a few functions: bring-up, attach,
// unmap, and the seven steps after an ATC time-out, with the races that are hard to meet in a longer run. The model checks
// at each step that EATS = 1 is never in force while the driver has a master's entries marked.

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "sw_driver_fixture.h"

namespace {

using fake::Machine;
using sw::Bdf;

class Driver : public sw::DriverFixture {};

// ------------------------------------------------------------------ bring-up
TEST_F(Driver, ProbeLeavesTheSmmuOn) {
  Start(false);
  EXPECT_EQ(m.reg32[0x20], 0x1du);  // SMMUEN EVENTQEN CMDQEN ATSCHK
  EXPECT_EQ(m.reg32[0x50], 0x5u);   // GERROR and EVENTQ
  EXPECT_EQ(m.reg32[0x44] >> 20 & 1, 1u);
  EXPECT_EQ(m.reg32[0x2c], 0x6u);   // PTM RECINVSID
  EXPECT_EQ(m.reg32[0x88], 16u | 8u << 6 | 1u << 16);
  EXPECT_EQ(m.reg32[0xe00], 2000u);
  EXPECT_EQ(m.reg32[0xe20], 8u);  // INV_LIMIT from the queue depth
}

TEST_F(Driver, WithoutQdepTheLimitIsThatOfLinux) {
  plat.use_qdep = false;
  Start();
  EXPECT_EQ(m.reg32[0xe20], 32u);
}

TEST_F(Driver, ProbeRefusesWhatItCannotDrive) {
  const std::vector<std::pair<uint32_t, uint32_t>> bad = {
      {0x00, 1u << 1},         // no stage 1
      {0x00, 1u << 4},         // not coherent
      {0x00, 1u << 3},         // TTF loses AArch64
      {0x14, 1u << 4},         // no 4 KiB granule
  };
  for (const auto& [reg, bit] : bad) {
    m.reg32[reg] ^= bit;
    EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ENODEV) << reg << " " << bit;
    EXPECT_EQ(s, nullptr);
    m.reg32[reg] ^= bit;
    EXPECT_EQ(m.reg32[0x20], 0u);  // untouched
  }
  m.reg32[0x04] |= 1u << 30;  // TABLES_PRESET
  EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ENODEV);
  m.mute = true;
  EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ENODEV);
  EXPECT_EQ(port_host_allocs(m.p), 0u);
}

TEST_F(Driver, ProbeRefusesImpossibleParameters) {
  for (auto f : std::vector<std::function<void(smmu_platform&)>>{
           [](smmu_platform& p) { p.batch = 0; }, [](smmu_platform& p) { p.batch = 64; },
           [](smmu_platform& p) { p.policy = "nobody"; }, [](smmu_platform& p) { p.poll_period = 0; },
           [](smmu_platform& p) { p.irq_cpu = 99; }, [](smmu_platform& p) { p.cmdq_log2 = 3; }}) {
    smmu_platform p = plat;
    f(p);
    EXPECT_EQ(smmu_probe(m.p, &p, &s), -EINVAL);
  }
  EXPECT_EQ(port_host_allocs(m.p), 0u);
}

TEST_F(Driver, ProbeSurvivesEveryFailedAllocation) {
  for (unsigned nth = 1;; nth++) {
    port_host_fail_alloc(m.p, nth);
    const int r = smmu_probe(m.p, &plat, &s);
    port_host_fail_alloc(m.p, 0);
    if (r == 0) {
      smmu_remove(s);
      s = nullptr;
      EXPECT_GT(nth, 5u);
      break;
    }
    ASSERT_EQ(r, -ENOMEM);
    ASSERT_EQ(port_host_allocs(m.p), 0u) << nth;
  }
}

TEST_F(Driver, StuckCommandQueueEndsProbe) {
  m.stuck = true;
  plat.poll_timeout = 500;
  plat.expiry_limit = 2;
  EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ETIMEDOUT);
  EXPECT_EQ(port_host_allocs(m.p), 0u);
}

TEST_F(Driver, LinearStreamTableWhenThatIsAllThereIs) {
  m.reg32[0x00] &= ~(3u << 27);
  m.reg32[0x04] = (m.reg32[0x04] & ~0x3fu) | 11;
  Start();
  EXPECT_EQ(m.reg32[0x88], 11u);
  EXPECT_TRUE(Machine::EatsInForce(Fn(0)));
  EXPECT_EQ(MapUnmap(), 0);
}

TEST_F(Driver, NoFunctionThere) {
  Start();
  pci_dev* none;
  EXPECT_EQ(pci_dev_create(host, 0x7700, &none), -ENODEV);
}

// ------------------------------------------------------------------ attach and unmap
TEST_F(Driver, AttachOrder) {
  Start(false);
  m.consumed.clear();
  m.events.clear();
  bool eats_before_pci = false;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_REATTACHED) eats_before_pci = Machine::EatsInForce(Fn(0)) && Fn(0).ats();
  };
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  m.on_event = nullptr;
  EXPECT_TRUE(eats_before_pci);
  ExpectWorking(0);
  EXPECT_EQ(AtcInvs(Bdf(0)), 1u);  // the mandatory ATC_INV(all), last
  ASSERT_GE(m.consumed.size(), 2u);
  EXPECT_EQ(m.consumed[m.consumed.size() - 2].op(), 0x40u);
  EXPECT_EQ(m.consumed[m.consumed.size() - 2].dw1, 52u);
  EXPECT_EQ(Fn(0).Read(0x156, 2) & 1, 1u);  // PASID was enabled before ATS
}

TEST_F(Driver, UnmapIsTwoSyncs) {
  Start();
  EXPECT_EQ(MapUnmap(0x10000, 2), 0);
  std::vector<unsigned> ops;
  for (const auto& c : m.consumed) ops.push_back(c.op());
  EXPECT_EQ(ops, (std::vector<unsigned>{0x12, 0x46, 0x40, 0x40, 0x40, 0x40, 0x46}));
  EXPECT_EQ(m.consumed[2].dw1, 0x10001u);  // pages 0x10, 0x11
  for (unsigned i = 0; i < kDevices; i++) EXPECT_EQ(m.consumed[2 + i].sid(), Bdf(i));
}

TEST_F(Driver, SmallBatchesEachWithItsSync) {
  plat.batch = 3;
  Start();
  EXPECT_EQ(MapUnmap(), 0);
  std::vector<unsigned> ops;
  for (const auto& c : m.consumed) ops.push_back(c.op());
  EXPECT_EQ(ops, (std::vector<unsigned>{0x12, 0x46, 0x40, 0x40, 0x40, 0x46, 0x40, 0x46}));
}

TEST_F(Driver, UnmapErrors) {
  Start();
  EXPECT_EQ(iommu_unmap(dom, 0x10000, 1), -ENOENT);
  EXPECT_EQ(iommu_unmap(dom, 0x10001, 1), -EINVAL);
  EXPECT_EQ(iommu_unmap(dom, 0x10000, 0), -EINVAL);
  iommu_domain* blocking;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_BLOCKING, &blocking), 0);
  EXPECT_EQ(iommu_map(blocking, 0, 0, 1, IOMMU_READ), -EINVAL);
  EXPECT_EQ(iommu_unmap(blocking, 0, 1), -EINVAL);
  EXPECT_EQ(iommu_domain_destroy(blocking), 0);
}

TEST_F(Driver, DetachFlushesAndStopsInvalidating) {
  Start();
  EXPECT_EQ(iommu_detach(dev[1]), 0);
  EXPECT_EQ(Fn(1).ste0, 1u);
  EXPECT_FALSE(Fn(1).ats());
  EXPECT_EQ(AtcInvs(Bdf(1)), 1u);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  EXPECT_EQ(AtcInvs(Bdf(2)), 1u);
  EXPECT_EQ(iommu_domain_destroy(dom), -EBUSY);
}

TEST_F(Driver, LastDetachFlushesTheAsid) {
  Start();
  for (unsigned i = 0; i < kDevices; i++) EXPECT_EQ(iommu_detach(dev[i]), 0);
  EXPECT_EQ(m.consumed[m.consumed.size() - 2].op(), 0x11u);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_TRUE(m.consumed.empty());
}

TEST_F(Driver, AnotherDomainIdentityAndBack) {
  Start();
  iommu_domain *other, *identity;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_IDENTITY, &identity), 0);
  EXPECT_EQ(iommu_attach(other, dev[0]), 0);
  ExpectWorking(0);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(0)), 0u);
  EXPECT_EQ(iommu_attach(identity, dev[0]), 0);
  EXPECT_EQ(Fn(0).ste0 >> 1 & 7, 4u);
  EXPECT_FALSE(Fn(0).ats());
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  ExpectWorking(0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
  EXPECT_EQ(iommu_domain_destroy(identity), 0);
}

TEST_F(Driver, AttachSurvivesEveryFailedAllocation) {
  Start(false);
  for (unsigned nth = 1;; nth++) {
    const unsigned before = port_host_allocs(m.p);
    port_host_fail_alloc(m.p, nth);
    const int r = iommu_attach(dom, dev[0]);
    port_host_fail_alloc(m.p, 0);
    if (r == 0) break;
    ASSERT_EQ(r, -ENOMEM);
    ASSERT_EQ(port_host_allocs(m.p), before);
    ASSERT_EQ(Info(0).ats_on, false);
  }
  ExpectWorking(0);
}

TEST_F(Driver, Pasids) {
  Start();
  iommu_domain* sva;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &sva), 0);
  EXPECT_EQ(iommu_attach_pasid(sva, dev[0], 0), -EINVAL);
  EXPECT_EQ(iommu_attach_pasid(sva, dev[0], 16), -EINVAL);
  EXPECT_EQ(iommu_attach_pasid(sva, dev[0], 5), 0);
  EXPECT_EQ(iommu_attach_pasid(sva, dev[0], 5), -EBUSY);
  m.consumed.clear();
  EXPECT_EQ(iommu_map(sva, 0x7000, 0x80000000, 1, IOMMU_READ), 0);
  EXPECT_EQ(iommu_unmap(sva, 0x7000, 1), 0);
  ASSERT_EQ(m.consumed.size(), 4u);
  EXPECT_EQ(m.consumed[2].dw0 & 0xffffffff, 0x5840u);  // SSV, SSID 5, ATC_INV
  EXPECT_EQ(iommu_detach(dev[0]), -EBUSY);
  EXPECT_EQ(iommu_detach_pasid(dev[0], 5), 0);
  EXPECT_EQ(iommu_detach_pasid(dev[0], 5), -ENOENT);
  EXPECT_EQ(iommu_domain_destroy(sva), 0);
}

// ------------------------------------------------------------------ the seven steps
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

TEST_F(Driver, HangsAgainAfterTheResetIsGivenUpOnce) {
  Start();
  Fn(1).dead = Fn(1).survives = true;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(port_host_run_work(m.p), 2u);  // the recovery, and the report of the failed probe
  EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "slot_reset", "failure"}));
  EXPECT_EQ(Fn(1).flrs, 1u);  // no second reset by itself
  ExpectIsolated(1);
  EXPECT_EQ(Info(1).state, IOMMU_DEV_BLOCKED);
  EXPECT_TRUE(Info(1).failed);
  EXPECT_EQ(port_host_run_work(m.p), 0u);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  // an outside reset of a repaired device brings it back
  Fn(1).dead = Fn(1).survives = false;
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

TEST_F(Driver, TheResetDoesNotBringItBack) {
  Start();
  Fn(1).dead = Fn(1).never_back = true;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_DRV_ERROR_CB) Fn(1).never_back = false;
    if (e.ev == EV_FLR_WRITE) Fn(1).never_back = true;
  };
  Fn(1).never_back = false;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "failure"}));
  EXPECT_EQ(Info(1).state, IOMMU_DEV_BLOCKED);
  EXPECT_TRUE(Info(1).failed);
  EXPECT_EQ(Stats().resets_failed, 1u);
  EXPECT_EQ(Info(1).reset_depth, 0u);
  EXPECT_EQ(MapUnmap(), 0);
}

TEST_F(Driver, WithoutADriverItStaysQuarantinedUntilAnOutsideReset) {
  Start();
  pci_bind_driver(pdev[1], nullptr, nullptr);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  EXPECT_EQ(Fn(1).flrs, 0u);
  EXPECT_EQ(Info(1).state, IOMMU_DEV_BLOCKED);
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

TEST_F(Driver, DriverAnswers) {
  Start();
  drv[0].answer = PCI_ERS_CAN_RECOVER;
  drv[1].answer = PCI_ERS_DISCONNECT;
  Fn(0).dead = Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  Fn(0).dead = false;
  m.reg32[0xe60] = 99;
  EXPECT_EQ(port_host_run_work(m.p), 2u);
  EXPECT_EQ(Fn(0).flrs + Fn(1).flrs, 0u);
  EXPECT_EQ(m.reg32[0xe60], 99u);  // no FLR, hence no QUAR_RELEASE (D17)
  ExpectWorking(0);
  EXPECT_EQ(drv[0].calls, (std::vector<std::string>{"error", "mmio_enabled", "resume"}));
  EXPECT_EQ(Info(1).state, IOMMU_DEV_BLOCKED);
  EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "failure"}));
}

TEST_F(Driver, AnAttachThatComesBeforeTheWorkerSparesTheReset) {
  Start();
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  Fn(1).dead = false;
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  EXPECT_TRUE(drv[1].calls.empty());
  EXPECT_EQ(Fn(1).flrs, 0u);
  ExpectWorking(1);
}

TEST_F(Driver, AttachBetweenPrepareAndDoneIsRefused) {
  Start();
  Fn(1).dead = true;
  iommu_domain* other;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  drv[1].in_error_detected = [&] {
    EXPECT_EQ(Info(1).reset_depth, 1u);
    EXPECT_EQ(iommu_attach(other, dev[1]), -EBUSY);
    EXPECT_EQ(iommu_attach_pasid(other, dev[1], 2), -EBUSY);
  };
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  ExpectWorking(1);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

TEST_F(Driver, DetachDuringTheResetThenDoneAttachesNothing) {
  Start();
  Fn(1).dead = true;
  drv[1].in_error_detected = [&] { EXPECT_EQ(iommu_detach(dev[1]), 0); };
  EXPECT_EQ(MapUnmap(), 0);
  m.consumed.clear();
  port_host_run_work(m.p);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);  // a marked master gets none
  EXPECT_EQ(Fn(1).ste0, 1u);
  EXPECT_FALSE(Fn(1).ats());
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  ExpectWorking(1);
}

TEST_F(Driver, ResetOfAHealthyDeviceCostsNoTimeOut) {
  Start();
  EXPECT_EQ(pci_reset_function(pdev[2]), 0);
  ExpectWorking(2);
  EXPECT_EQ(Stats().timeouts, 0u);
  EXPECT_EQ(Fn(2).ignored, 0u);
  EXPECT_EQ(MapUnmap(), 0);
}

TEST_F(Driver, NestedResetsAreCounted) {
  Start();
  EXPECT_EQ(iommu_reset_done(dev[0], true), -EINVAL);
  EXPECT_EQ(iommu_reset_prepare(dev[0]), 0);
  EXPECT_EQ(pci_reset_function(pdev[0]), 0);
  EXPECT_EQ(Info(0).state, IOMMU_DEV_BLOCKED);
  EXPECT_EQ(Info(0).reset_depth, 1u);
  EXPECT_EQ(iommu_reset_done(dev[0], true), 0);
  ExpectWorking(0);
}

TEST_F(Driver, ADeviceFoundDeadByPrepareIsNotReported) {
  Start();
  Fn(1).dead = true;
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
  EXPECT_EQ(Stats().timeouts, 1u);
  EXPECT_EQ(Stats().error_events, 0u);
  EXPECT_EQ(port_host_run_work(m.p), 0u);
}

TEST_F(Driver, AttachAfterAFailedResetBringsThePasidsBackToo) {
  Start();
  iommu_domain* sva;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &sva), 0);
  ASSERT_EQ(iommu_attach_pasid(sva, dev[1], 3), 0);
  pci_bind_driver(pdev[1], nullptr, nullptr);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(Info(1).state, IOMMU_DEV_BLOCKED);
  Fn(1).dead = false;
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  ExpectWorking(1);
  m.consumed.clear();
  EXPECT_EQ(iommu_map(sva, 0x7000, 0x80000000, 1, IOMMU_READ), 0);
  EXPECT_EQ(iommu_unmap(sva, 0x7000, 1), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 1u);
  EXPECT_EQ(iommu_detach_pasid(dev[1], 3), 0);
  EXPECT_EQ(iommu_domain_destroy(sva), 0);
}

// ------------------------------------------------------------------ step 5: attach against isolation
class Interleave : public sw::InterleaveFixture,
                   public ::testing::WithParamInterface<std::tuple<smmu_isolate_order, bool>> {};

TEST_P(Interleave, AttachInsideIsolation) {
  plat.order = std::get<0>(GetParam());
  plat.sync_irq_off = false;
  plat.atc_timeout = 300;
  const bool heals = std::get<1>(GetParam());
  Start();
  iommu_domain* other;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  bool more = true;
  unsigned n = 0, raced_total = 0;
  for (; more; n++) {
    SCOPED_TRACE(n);
    Fn(1).dead = true;
    const uint64_t phase = port_atomic_read(m.p, &dom->invs.phase);
    const auto before = Stats();
    int attached = 1;
    more = Run(
        n, [&] { EXPECT_EQ(MapUnmap(), 0); },
        [&] {
          if (heals) Fn(1).dead = false;
          attached = iommu_attach(other, dev[1]);
        },
        [&] { return port_atomic_read(m.p, &dom->invs.phase) != phase; }, true);
    const auto after = Stats();
    ASSERT_NO_FATAL_FAILURE(ExpectConsistent(!heals && Fn(1).dead));
    if (HasFailure()) break;
    if (more && !heals) {
      EXPECT_TRUE(attached == -EIO) << attached;
    }
    EXPECT_LE(after.timeouts - before.timeouts, 5u);  // batch, question, attach, and once more for the race
    raced_total += static_cast<unsigned>(after.isolate_raced - before.isolate_raced);
    // recovery, and back to where we started
    Fn(1).dead = false;
    port_host_run_work(m.p);
    ASSERT_EQ(iommu_attach(dom, dev[1]), 0);
    ExpectWorking(1);
  }
  EXPECT_GT(n, 60u);
  EXPECT_GT(raced_total, 0u);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

TEST_P(Interleave, IsolationInsideAttach) {
  plat.order = std::get<0>(GetParam());
  plat.sync_irq_off = false;
  plat.atc_timeout = 300;
  const bool heals = std::get<1>(GetParam());
  Start();
  iommu_domain* other;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  iommu_domain *from = dom, *to = other;
  bool more = true;
  unsigned n = 0;
  for (; more; n++) {
    SCOPED_TRACE(n);
    int r = 1;
    more = Run(
        n, [&] { r = iommu_attach(to, dev[1]); },
        [&] {
          Fn(1).dead = true;
          // unmap in both lists: whichever names the device meets the time-out
          for (iommu_domain* d : {from, to}) {
            EXPECT_EQ(iommu_map(d, 0x10000, 0x80000000, 1, IOMMU_READ), 0);
            EXPECT_EQ(iommu_unmap(d, 0x10000, 1), 0);
          }
          if (heals) Fn(1).dead = false;
        },
        [] { return false; }, false);
    ASSERT_NO_FATAL_FAILURE(ExpectConsistent(false));
    // 0 with the device isolated is right only if that came after the attach had looked for the last time
    EXPECT_TRUE(r == 0 || (r == -EIO && !Machine::EatsInForce(Fn(1)))) << r;
    // a dead device that is still trusted must be found by the next unmap at the latest
    EXPECT_EQ(iommu_map(to, 0x20000, 0x80000000, 1, IOMMU_READ), 0);
    EXPECT_EQ(iommu_unmap(to, 0x20000, 1), 0);
    ASSERT_NO_FATAL_FAILURE(ExpectConsistent(Fn(1).dead));
    if (HasFailure()) break;
    Fn(1).dead = false;
    port_host_run_work(m.p);
    std::swap(from, to);
    ASSERT_EQ(iommu_attach(from, dev[1]), 0);
    ExpectWorking(1);
  }
  EXPECT_GT(n, 60u);
  ASSERT_EQ(iommu_attach(dom, dev[1]), 0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

INSTANTIATE_TEST_SUITE_P(All, Interleave,
                         ::testing::Combine(::testing::Values(SMMU_PCI_FIRST, SMMU_EATS_FIRST), ::testing::Bool()));

// ------------------------------------------------------------------ threads
TEST_F(Driver, UnmapsOnFourThreadsWhileDevicesHangAndRecover) {
  plat.atc_timeout = 1500;
  Start();
  port_host_set_jitter(m.p, 6);
  std::atomic<bool> stop{false};
  std::atomic<unsigned> unmaps{0};
  std::vector<std::thread> threads;
  for (unsigned k = 0; k < 3; k++) {
    threads.emplace_back([&, k] {
      port_host_set_cpu(m.p, k + 1);
      while (!stop) {
        const uint64_t iova = 0x100000000ull * (k + 1);
        ASSERT_EQ(iommu_map(dom, iova, 0x80000000, 3, IOMMU_READ | IOMMU_WRITE), 0);
        ASSERT_EQ(iommu_unmap(dom, iova, 3), 0);
        unmaps++;
      }
    });
  }
  // one CPU takes interrupts, attaches and detaches a fourth device, runs the worker
  port_host_set_cpu(m.p, plat.irq_cpu);
  for (unsigned round = 0; round < 25; round++) {
    {
      std::lock_guard<std::recursive_mutex> l(m.mu);
      Fn(round % 3).dead = true;
      if (round % 5 == 0) Fn((round + 1) % 3).dead = true;
    }
    for (int i = 0; i < 5; i++) {
      ASSERT_EQ(iommu_detach(dev[3]), 0);
      ASSERT_EQ(iommu_attach(dom, dev[3]), 0);
    }
    const unsigned seen = unmaps;
    while (unmaps < seen + 4) {
      port_host_run_work(m.p);
      port_host_advance(m.p, 1);
      std::this_thread::yield();
    }
  }
  const unsigned seen = unmaps;
  while (unmaps < seen + 10 || port_host_run_work(m.p) != 0) {
    port_host_advance(m.p, 1);
    std::this_thread::yield();
  }
  stop = true;
  for (auto& t : threads) t.join();
  while (port_host_run_work(m.p) != 0) {
  }
  for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
  const auto st = Stats();
  EXPECT_GE(st.isolated, 25u);
  EXPECT_EQ(st.isolated, st.error_events);
  EXPECT_EQ(st.foreign_errors, 0u);
  EXPECT_TRUE(drv[3].calls.empty());
}

// ------------------------------------------------------------------ planted bugs: the checks above can fail
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

TEST_F(Driver, EventsAreTakenAndOverflowAcknowledged) {
  Start();
  static std::vector<uint64_t> got;
  got.clear();
  smmu_set_event_handler(s, [](void*, const uint64_t rec[4]) { got.push_back(rec[0]); }, nullptr);
  const uint64_t base = (uint64_t{m.reg32[0xa4]} << 32 | m.reg32[0xa0]) & 0x00ffffffffffffe0 & ~uint64_t{0xfff};
  for (unsigned i = 0; i < 5; i++) *reinterpret_cast<uint64_t*>(base + 32 * i) = 0x0000010000000007ull + i;
  m.reg32[0x100a8] = 5 | 1u << 31;
  port_host_set_cpu(m.p, plat.irq_cpu);
  port_host_raise(m.p, PORT_IRQ_EVENTQ);
  port_host_advance(m.p, 1);
  port_host_set_cpu(m.p, 0);
  EXPECT_EQ(got.size(), 5u);
  EXPECT_EQ(m.reg32[0x100ac], 5u | 1u << 31);
  EXPECT_EQ(Stats().event_overflows, 1u);
}

}  // namespace
