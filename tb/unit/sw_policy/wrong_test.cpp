// SPDX-License-Identifier: Apache-2.0
//
// The policies that are expected to be wrong: they are wrong in the way that doc/policies.md says, and in no other.

#include <gtest/gtest.h>

#include "../sw_driver_fixture.h"

namespace {

using fake::Machine;
using sw::Bdf;

// Interrupts are taken by the CPU that waits.
class Old : public sw::DriverFixture {
 protected:
  void Start(const char* policy) {
    plat.policy = policy;
    plat.irq_cpu = 0;
    plat.sync_irq_off = false;
    DriverFixture::Start();
  }
};

// ------------------------------------------------------------------ legacy
TEST_F(Old, LegacyReportsSuccessAndTrustsTheDeviceStill) {
  Start("legacy");
  Fn(1).dead = true;
  for (unsigned i = 0; i < 5; i++) {
    EXPECT_EQ(MapUnmap(), 0);
    EXPECT_TRUE(Machine::EatsInForce(Fn(1)));
    EXPECT_TRUE(Fn(1).ats());
  }
  const auto st = Stats();
  EXPECT_EQ(st.timeouts, 5u);  // the storm: one for each unmap
  EXPECT_EQ(st.gerror_irqs, 5u);
  EXPECT_EQ(st.gerror_polls + st.probes + st.isolated + st.suppressed + st.error_events, 0u);
  EXPECT_TRUE(m.LogHas("time-out"));
  EXPECT_EQ(port_host_run_work(m.p), 0u);
  EXPECT_EQ(m.Count(EV_SYNC_FAILED), 0u);
}

TEST_F(Old, LegacyWaiterOnTheInterruptCpuLeavesAtThePollLimit) {
  plat.poll_timeout = 5000;
  plat.policy = "legacy";
  plat.irq_cpu = 0;
  DriverFixture::Start();  // interrupts off while it waits
  Fn(1).dead = true;
  const uint64_t start = port_now(m.p);
  EXPECT_EQ(MapUnmap(), 0);  // and success all the same
  EXPECT_GE(port_now(m.p) - start, 5000u);
  EXPECT_EQ(m.Count(EV_SYNC_EXPIRED), 1u);
  const size_t at = m.Find(EV_SYNC_FAILED);
  ASSERT_LT(at, m.events.size());
  EXPECT_EQ(m.events[at].a2, static_cast<uint64_t>(ETIMEDOUT));
  EXPECT_EQ(m.Count(EV_SYNC_SEEN), 1u);  // the TLBI half only
  Fn(1).dead = false;
  port_host_advance(m.p, 1);
  EXPECT_EQ(Stats().gerror_irqs, 1u);  // the handler could not run before
  EXPECT_EQ(MapUnmap(), 0);
}

// ------------------------------------------------------------------ isr-reset
TEST_F(Old, IsrResetFindsTheOnlyDeviceOfABatch) {
  devices = 1;
  Start("isr-reset");
  Fn(0).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_TRUE(Machine::EatsInForce(Fn(0)));  // until the worker runs
  EXPECT_EQ(Stats().isolated, 0u);
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  EXPECT_EQ(Fn(0).flrs, 1u);
  ExpectWorking(0);
  EXPECT_TRUE(drv[0].calls.empty());  // its driver knows nothing
}

TEST_F(Old, IsrResetTakesTheLastDeviceOfAMixedBatch) {
  Start("isr-reset");
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(MapUnmap(), 0);  // the second time-out: scheduled already
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  EXPECT_EQ(Fn(3).flrs, 1u);
  EXPECT_EQ(Fn(1).flrs, 0u);
  EXPECT_TRUE(Fn(1).dead);
  EXPECT_EQ(MapUnmap(), 0);  // and again, for ever
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  EXPECT_EQ(Fn(3).flrs, 2u);
  Fn(1).dead = false;
}

TEST_F(Old, IsrResetSurvivesTheTimeOutOfItsOwnReset) {
  devices = 1;
  Start("isr-reset");
  Fn(0).dead = Fn(0).survives = true;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  EXPECT_EQ(Fn(0).flrs, 1u);
  Fn(0).dead = false;
}

TEST_F(Old, IsrResetThatFailsIsLogged) {
  devices = 1;
  Start("isr-reset");
  Fn(0).dead = true;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_FLR_WRITE) Fn(0).never_back = true;
  };
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  m.on_event = nullptr;
  EXPECT_TRUE(m.LogHas("reset failed"));
  Fn(0).never_back = Fn(0).dead = false;
}

// A raw batch that sits across the end of the ring: what is behind the wrap is not looked at.
TEST_F(Old, IsrResetFindsNobodyAfterTheWrap) {
  plat.cmdq_log2 = 7;
  Start("isr-reset");
  const uint64_t atc[1][2] = {{uint64_t{Bdf(1)} << 32 | 0x40, 52}};
  const uint64_t tlbi[1][2] = {{0x30, 0}};
  const auto prod = [&] { return m.reg32[0x98] & 127; };
  if (prod() % 2 == 0) {
    const uint64_t two[2][2] = {{0x30, 0}, {0x30, 0}};
    ASSERT_EQ(smmu_raw_commands(s, two, 2), 0);
  }
  while (prod() != 127) ASSERT_EQ(smmu_raw_commands(s, tlbi, 1), 0);
  Fn(1).dead = true;
  EXPECT_EQ(smmu_raw_commands(s, atc, 1), 0);  // ATC_INV in slot 127, SYNC in slot 0
  EXPECT_EQ(Stats().timeouts, 1u);
  EXPECT_EQ(Stats().blame_nobody, 1u);
  EXPECT_EQ(port_host_run_work(m.p), 0u);
  Fn(1).dead = false;
}

TEST_F(Old, IsrResetBlamesAStreamThatNobodyOwns) {
  Start("isr-reset");
  const uint64_t atc[2][2] = {{uint64_t{Bdf(1)} << 32 | 0x40, 52}, {uint64_t{0x7700} << 32 | 0x40, 52}};
  Fn(1).dead = true;
  EXPECT_EQ(smmu_raw_commands(s, atc, 2), 0);
  EXPECT_EQ(Stats().blame_nobody, 1u);
  Fn(1).dead = false;
}

TEST_F(Old, IsrResetMastersLeaveTheList) {
  Start("isr-reset");
  for (unsigned i : {1u, 3u, 0u}) {
    iommu_device_destroy(dev[i]);
    dev[i] = nullptr;
  }
  ASSERT_EQ(s->masters, &dev[2]->master);
  EXPECT_EQ(s->masters->next, nullptr);
  iommu_device* none;
  iommu_device_cfg c{};
  c.sid = Bdf(1);
  c.hw_index = 99;  // refused after the list would have been entered
  EXPECT_EQ(iommu_device_create(s, pdev[1], &c, &none), -EINVAL);
  EXPECT_EQ(s->masters, &dev[2]->master);
}

// ------------------------------------------------------------------ bitmap-core: a bit that outlives its waiter
class Bitmap : public sw::DriverFixture, public ::testing::WithParamInterface<const char*> {
 protected:
  // A batch is abandoned at its poll limit; its error is serviced later by somebody else.
  void LeaveABitBehind() {
    plat.policy = GetParam();
    plat.cmdq_log2 = 7;
    plat.poll_timeout = 500;
    plat.expiry_limit = 1;
    Start();
    Fn(1).dead = true;
    EXPECT_EQ(MapUnmap(), -ETIMEDOUT);
    Fn(1).dead = false;
    EXPECT_EQ(Stats().timeouts, 0u);
    port_host_advance(m.p, 3000);
    const uint64_t tlbi[1][2] = {{0x30, 0}};
    ASSERT_EQ(smmu_raw_commands(s, tlbi, 1), 0);  // meets the error, is not charged
    EXPECT_EQ(Stats().timeouts, 1u);
    EXPECT_EQ(Stats().foreign_errors, 0u);
    for (unsigned i = 0; i < 62; i++) ASSERT_EQ(smmu_raw_commands(s, tlbi, 1), 0);
  }
  bool Keeps() { return std::string(GetParam()) == "bitmap-core-keep"; }
};

TEST_P(Bitmap, BlamesTheNextUserOfTheSlotUnlessCleared) {
  LeaveABitBehind();
  const uint64_t atc[1][2] = {{uint64_t{Bdf(2)} << 32 | 0x40, 52}};
  EXPECT_EQ(smmu_raw_commands(s, atc, 1), Keeps() ? -EIO : 0);  // everybody has answered
  EXPECT_EQ(smmu_raw_commands(s, atc, 1), 0);
  EXPECT_EQ(Stats().timeouts, 1u);
}

TEST_P(Bitmap, ForeignErrorOfABatchWithoutAtcInv) {
  LeaveABitBehind();
  const uint64_t tlbi[1][2] = {{0x30, 0}};
  EXPECT_EQ(smmu_raw_commands(s, tlbi, 1), 0);
  EXPECT_EQ(Stats().foreign_errors, Keeps() ? 1u : 0u);
}
INSTANTIATE_TEST_SUITE_P(Both, Bitmap, ::testing::Values("bitmap-core", "bitmap-core-keep"));

TEST_F(Old, BitmapProbeSurvivesEveryFailedAllocation) {
  plat.policy = "bitmap-core";
  unsigned failed = 0;
  for (unsigned nth = 1;; nth++) {
    port_host_fail_alloc(m.p, nth);
    const int r = smmu_probe(m.p, &plat, &s);
    port_host_fail_alloc(m.p, 0);
    if (r == 0) break;
    ASSERT_EQ(r, -ENOMEM);
    ASSERT_EQ(port_host_allocs(m.p), 0u) << nth;
    failed++;
  }
  EXPECT_GT(failed, 6u);
}

// ------------------------------------------------------------------ the fence
class Fence : public sw::InterleaveFixture, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override { plat.policy = GetParam(); }
  bool Core() { return std::string(GetParam()) == "bitmap-core"; }
};

TEST_P(Fence, AttachIsRefusedUntilAResetHasSucceeded) {
  Start();
  iommu_domain* other;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  Fn(1).dead = false;
  m.events.clear();
  EXPECT_EQ(iommu_attach(other, dev[1]), -EBUSY);
  EXPECT_EQ(m.Count(EV_DOMAIN_BLOCKED_ATTACH), 1u);
  EXPECT_EQ(iommu_attach_pasid(other, dev[1], 3), -EBUSY);
  ExpectIsolated(1);
  EXPECT_EQ(iommu_attach(other, dev[2]), 0);  // its own fence only
  port_host_run_work(m.p);
  EXPECT_EQ(iommu_attach(other, dev[1]), 0);
  ExpectWorking(1);
  EXPECT_EQ(iommu_detach(dev[1]), 0);
  EXPECT_EQ(iommu_detach(dev[2]), 0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

TEST_P(Fence, AFailedResetDoesNotLiftIt) {
  Start();
  Fn(1).dead = true;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_FLR_WRITE) Fn(1).never_back = true;
  };
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  m.on_event = nullptr;
  EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "failure"}));
  Fn(1).never_back = Fn(1).dead = false;
  Fn(1).flr_until = 0;
  EXPECT_EQ(iommu_attach(dom, dev[1]), -EBUSY);
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  ExpectWorking(1);
}

TEST_P(Fence, ADriverThatWantsNoResetStaysBehindIt) {
  Start();
  drv[1].answer = PCI_ERS_CAN_RECOVER;
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  Fn(1).dead = false;
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "mmio_enabled", "failure"}));
  EXPECT_EQ(Info(1).state, Core() ? IOMMU_DEV_BLOCKED : IOMMU_DEV_QUARANTINED);
  ExpectIsolated(1);
  EXPECT_EQ(iommu_attach(dom, dev[1]), -EBUSY);
  EXPECT_EQ(iommu_detach(dev[1]), 0);  // detach is not fenced
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  ExpectWorking(1);
}

TEST_P(Fence, TheBlockingDomainComesFromTheCoreOrFromPrepare) {
  Start();
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  m.events.clear();
  port_host_run_work(m.p);
  EXPECT_EQ(m.Find(EV_BLOCKED) < m.Find(EV_DRV_ERROR_CB), Core());
  EXPECT_EQ(m.Count(EV_BLOCKED), 1u);
  ExpectWorking(1);
}

// An attach that was let in before the isolation must not switch ATS on after it.
TEST_P(Fence, AnAttachThatWasLetInMeetsTheFence) {
  plat.sync_irq_off = false;
  plat.atc_timeout = 300;
  Start();
  iommu_domain* other;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  iommu_domain *from = dom, *to = other;
  unsigned met = 0, n = 0;
  for (bool more = true; more; n++) {
    SCOPED_TRACE(n);
    int r = 1;
    more = Run(
        n, [&] { r = iommu_attach(to, dev[1]); },
        [&] {
          Fn(1).dead = true;
          EXPECT_EQ(iommu_map(from, 0x10000, 0x80000000, 1, IOMMU_READ), 0);
          EXPECT_EQ(iommu_unmap(from, 0x10000, 1), 0);
          Fn(1).dead = false;
        },
        [] { return false; }, false);
    ASSERT_NO_FATAL_FAILURE(ExpectConsistent(false));
    const bool fenced = dev[1]->master.ats_broken.v != 0;
    EXPECT_EQ(fenced, (dev[1]->master.state.v & 3) != 0);
    met += r == -EIO;
    if (HasFailure()) break;
    port_host_run_work(m.p);
    if (r != -EBUSY) std::swap(from, to);
    ExpectWorking(1);
  }
  EXPECT_GT(n, 30u);
  EXPECT_GT(met, 0u);
  ASSERT_EQ(iommu_attach(dom, dev[1]), 0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}
INSTANTIATE_TEST_SUITE_P(Both, Fence, ::testing::Values("fenced", "bitmap-core"));

}  // namespace
