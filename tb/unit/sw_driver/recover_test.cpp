// SPDX-License-Identifier: Apache-2.0
//
// Recovery: resets that fail, nest, meet an attach or a detach; what the device's driver answers.

#include "driver.h"

namespace sw_driver {
namespace {

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

}  // namespace
}  // namespace sw_driver
