// SPDX-License-Identifier: Apache-2.0
//
// Groups of several devices (sw/iommu/group.c): attached together, busy together, quarantined and reset one by one.
#include "sw_driver_fixture.h"

namespace {

using fake::Machine;

// Devices 0 and 1 are one group, the others have one each.
class Group : public sw::DriverFixture {
 protected:
  void Begin(bool attach = true) {
    group_of = [this](unsigned i) -> iommu_group* {
      if (i > 1) return nullptr;
      if (!group) {
        EXPECT_EQ(iommu_group_create(s, &group), 0);
      }
      return group;
    };
    Start(attach);
  }
  iommu_domain* NewDomain(iommu_domain_type type = IOMMU_DOMAIN_PAGING) {
    iommu_domain* d = nullptr;
    EXPECT_EQ(iommu_domain_create(s, type, &d), 0);
    return d;
  }
  void TearDown() override {
    for (unsigned i = 0; i < devices; i++) {
      if (dev[i]) iommu_device_destroy(dev[i]);
      dev[i] = nullptr;
    }
    if (group) EXPECT_EQ(iommu_group_destroy(group), 0);
    DriverFixture::TearDown();
  }
  iommu_group* group = nullptr;
};

TEST_F(Group, AMemberIsAttachedWithItsSiblings) {
  Begin(false);
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  ExpectWorking(0);
  ExpectWorking(1);
  ExpectIsolated(2);
  EXPECT_EQ(iommu_detach(dev[1]), 0);
  ExpectIsolated(0);
  ExpectIsolated(1);
}

TEST_F(Group, WhoJoinsLaterIsAttachedToWhatTheGroupIs) {
  Begin();
  iommu_device_destroy(dev[1]);
  ExpectWorking(0);  // its siblings stay
  iommu_device_cfg c{};
  c.sid = sw::Bdf(1);
  c.hw_index = 1;
  c.ats = true;
  c.group = group;
  ASSERT_EQ(iommu_device_create(s, pdev[1], &c, &dev[1]), 0);
  ExpectWorking(1);
}

TEST_F(Group, NobodyJoinsDuringAReset) {
  Begin();
  iommu_device_destroy(dev[1]);
  dev[1] = nullptr;
  EXPECT_EQ(iommu_reset_prepare(dev[0]), 0);
  iommu_device_cfg c{};
  c.sid = sw::Bdf(1);
  c.hw_index = 1;
  c.group = group;
  EXPECT_EQ(iommu_device_create(s, pdev[1], &c, &dev[1]), -EBUSY);
  EXPECT_EQ(dev[1], nullptr);
  EXPECT_EQ(iommu_reset_done(dev[0], true), 0);
}

TEST_F(Group, AResetOfOneMakesTheWholeGroupBusyAndLeavesItsSiblingsAlone) {
  Begin();
  iommu_domain* other = NewDomain();
  EXPECT_EQ(iommu_reset_prepare(dev[0]), 0);
  EXPECT_EQ(iommu_attach(other, dev[0]), -EBUSY);
  EXPECT_EQ(iommu_attach(other, dev[1]), -EBUSY);
  EXPECT_EQ(iommu_attach_pasid(other, dev[1], 1), -EBUSY);
  ExpectWorking(1);
  EXPECT_EQ(iommu_attach(other, dev[2]), 0);  // of another group
  EXPECT_EQ(iommu_attach(dom, dev[2]), 0);
  EXPECT_EQ(iommu_reset_done(dev[0], true), 0);
  EXPECT_EQ(iommu_attach(other, dev[1]), 0);
  ExpectWorking(0);
  ExpectWorking(1);
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

TEST_F(Group, TwoMembersResetTogether) {
  Begin();
  EXPECT_EQ(iommu_reset_prepare(dev[0]), 0);
  EXPECT_EQ(iommu_reset_prepare(dev[1]), 0);
  EXPECT_EQ(iommu_reset_prepare(dev[0]), 0);
  EXPECT_EQ(iommu_reset_done(dev[1], true), 0);
  ExpectWorking(1);
  EXPECT_EQ(iommu_attach(dom, dev[1]), -EBUSY);
  EXPECT_EQ(iommu_reset_done(dev[0], true), 0);
  EXPECT_EQ(iommu_attach(dom, dev[1]), -EBUSY);
  EXPECT_EQ(iommu_reset_done(dev[0], true), 0);
  ExpectWorking(0);
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
}

TEST_F(Group, TeardownDuringAResetGoesThrough) {
  Begin();
  iommu_domain* other = NewDomain();
  EXPECT_EQ(iommu_attach(other, dev[0]), 0);
  EXPECT_EQ(iommu_reset_prepare(dev[0]), 0);
  EXPECT_EQ(iommu_detach(dev[1]), 0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);  // nobody is attached to it any more
  EXPECT_EQ(iommu_reset_done(dev[0], true), 0);
  ExpectIsolated(0);
  ExpectIsolated(1);
}

TEST_F(Group, ADeviceThatGoesInTheMiddleOfItsResetDoesNotKeepTheGroupBusy) {
  Begin();
  EXPECT_EQ(iommu_reset_prepare(dev[0]), 0);
  iommu_device_destroy(dev[0]);
  dev[0] = nullptr;
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  ExpectWorking(1);
}

TEST_F(Group, OnlyTheBrokenMemberIsQuarantined) {
  Begin();
  Fn(0).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(0);
  ExpectWorking(1);
  port_host_run_work(m.p);
  ExpectWorking(0);
  EXPECT_TRUE(drv[1].calls.empty());
  EXPECT_EQ(Info(1).resets, 0u);
}

TEST_F(Group, AMemberThatDoesNotAnswerItsFirstInvalidationIsAttachedAndIsolated) {
  Begin();
  iommu_domain* other = NewDomain();
  Fn(0).dead = true;
  EXPECT_EQ(iommu_attach(other, dev[1]), -EIO);
  ExpectIsolated(0);
  ExpectWorking(1);
  port_host_run_work(m.p);
  ExpectWorking(0);
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

// Whichever allocation of an attach fails, both members end where they were.
TEST_F(Group, AFailedAttachLeavesTheGroupTogether) {
  Begin();
  iommu_domain* other = NewDomain();
  int error = -1;
  for (unsigned n = 1; n < 32 && error != 0; n++) {
    port_host_fail_alloc(m.p, n);
    error = iommu_attach(other, dev[0]);
    port_host_fail_alloc(m.p, 0);
    EXPECT_TRUE(error == 0 || error == -ENOMEM) << n << ": " << error;
    EXPECT_EQ(dev[0]->att[0].dom, error ? dom : other) << n;
    EXPECT_EQ(dev[1]->att[0].dom, error ? dom : other) << n;
    ExpectWorking(0);
    ExpectWorking(1);
  }
  EXPECT_EQ(error, 0);
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

TEST_F(Group, PasidsOfOneMemberKeepTheGroupPaging) {
  Begin();
  iommu_domain* blocking = NewDomain(IOMMU_DOMAIN_BLOCKING);
  EXPECT_EQ(iommu_attach_pasid(dom, dev[0], 3), 0);
  EXPECT_EQ(iommu_attach(blocking, dev[1]), -EBUSY);
  EXPECT_EQ(iommu_detach(dev[1]), -EBUSY);
  EXPECT_EQ(iommu_detach_pasid(dev[0], 3), 0);
  EXPECT_EQ(iommu_attach(blocking, dev[1]), 0);
  EXPECT_EQ(iommu_detach(dev[1]), 0);
  EXPECT_EQ(iommu_domain_destroy(blocking), 0);
}

}  // namespace
