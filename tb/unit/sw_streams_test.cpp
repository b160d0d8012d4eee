// SPDX-License-Identifier: Apache-2.0
//
// A StreamID that two functions share, and a device with several StreamIDs: what happens to one of them happens to all, and to nobody
// else.
#include "sw_driver_fixture.h"

namespace {

// Functions 0 and 1 are the subject, 2 and 3 stand outside with a device each.
class Streams : public sw::DriverFixture {
 protected:
  void Begin() {
    devices = 0;
    Start();
    for (unsigned i = 0; i < kDevices; i++) {
      ASSERT_EQ(pci_dev_create(host, sw::Bdf(i), &pdev[i]), 0);
      ASSERT_EQ(pci_enable_device(pdev[i]), 0);
      pci_bind_driver(pdev[i], &sw::kDriver, &drv[i]);
    }
    for (unsigned i = 2; i < kDevices; i++) {
      ASSERT_EQ(Create(i, sw::Bdf(i)), 0);
      ASSERT_EQ(iommu_attach(dom, dev[i]), 0);
    }
  }
  int Create(unsigned i, uint32_t sid) {
    iommu_device_cfg c{};
    c.sid = sid;
    c.hw_index = i;
    c.ats = true;
    c.group = i < 2 ? group : nullptr;
    if (joined) {
      c.more = 1;
      c.also[0].pdev = pdev[1];
      c.also[0].sid = sw::Bdf(1);
      c.also[0].hw_index = 1;
    }
    const int r = iommu_device_create(s, pdev[i], &c, &dev[i]);
    joined = false;
    return r;
  }
  void Share() {
    Begin();
    ASSERT_EQ(iommu_group_create(s, &group), 0);
    ASSERT_EQ(Create(0, sw::Bdf(0)), 0);
    ASSERT_EQ(Create(1, sw::Bdf(0)), 0);
    ASSERT_EQ(iommu_attach(dom, dev[1]), 0);
    Forget();
  }
  void Join() {
    Begin();
    pci_join_function(pdev[0], pdev[1]);
    joined = true;
    ASSERT_EQ(Create(0, sw::Bdf(0)), 0);
    ASSERT_EQ(iommu_attach(dom, dev[0]), 0);
    Forget();
  }
  void Forget() {
    m.events.clear();
    m.consumed.clear();
  }
  bool InForce(unsigned i) { return Machine::EatsInForce(Fn(i)); }
  bool Blocked(unsigned i) { return (Fn(i).ste0 >> 1 & 7) == 0; }
  void OutsidersUntouched() {
    for (unsigned i : {2u, 3u}) {
      ExpectWorking(i);
      EXPECT_EQ(Fn(i).flrs, 0u);
      EXPECT_TRUE(drv[i].calls.empty());
    }
  }
  void TearDown() override {
    if (s) {
      for (unsigned i = kDevices; i-- > 0;)
        if (dev[i]) iommu_device_destroy(dev[i]);
      for (unsigned i = kDevices; i-- > 0;)
        if (pdev[i]) pci_dev_destroy(pdev[i]);
      if (group) EXPECT_EQ(iommu_group_destroy(group), 0);
    }
    DriverFixture::TearDown();
  }
  using Machine = fake::Machine;
  iommu_group* group = nullptr;
  bool joined = false;
};

// ------------------------------------------------------------------ two functions, one StreamID
TEST_F(Streams, TheSecondFunctionFollowsWithoutAts) {
  Share();
  ExpectWorking(0);
  EXPECT_FALSE(Fn(1).ats());
  EXPECT_FALSE(Info(1).ats_on);
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(sw::Bdf(0)), 1u);  // once, for the one StreamID
  EXPECT_EQ(AtcInvs(sw::Bdf(1)), 0u);
  EXPECT_EQ(iommu_detach(dev[0]), 0);
  EXPECT_TRUE(Blocked(0));
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  ExpectWorking(0);
}

TEST_F(Streams, ResetOfEitherBlocksTheStreamForBoth) {
  Share();
  for (unsigned who : {0u, 1u}) {
    EXPECT_EQ(iommu_reset_prepare(dev[who]), 0);
    EXPECT_TRUE(Blocked(0));
    EXPECT_EQ(Info(0).reset_depth, 1u);
    EXPECT_EQ(Info(1).reset_depth, 1u);
    EXPECT_EQ(iommu_attach(dom, dev[!who]), -EBUSY);
    EXPECT_EQ(iommu_reset_prepare(dev[!who]), 0);
    EXPECT_EQ(iommu_reset_done(dev[who], true), 0);
    EXPECT_TRUE(Blocked(0)) << "the other one is still being reset";
    EXPECT_EQ(iommu_reset_done(dev[!who], true), 0);
    ExpectWorking(0);
    EXPECT_EQ(iommu_reset_done(dev[who], true), -EINVAL);
  }
  OutsidersUntouched();
}

TEST_F(Streams, ResetOfTheFollowerEndsNoQuarantine) {
  Share();
  Fn(0).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(0);
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectIsolated(0);
  EXPECT_TRUE(Blocked(0)) << "nobody has reset the owner";
  EXPECT_EQ(port_host_run_work(m.p), 1u);
  ExpectWorking(0);
  EXPECT_EQ(Fn(0).flrs, 1u);
  EXPECT_EQ(Fn(1).flrs, 1u);
  OutsidersUntouched();
}

TEST_F(Streams, AFollowerHasNoPasidsAndNoStreamsOfItsOwn) {
  Begin();
  ASSERT_EQ(iommu_group_create(s, &group), 0);
  ASSERT_EQ(Create(0, sw::Bdf(0)), 0);
  iommu_device_cfg c{};
  c.sid = sw::Bdf(0);
  c.group = group;
  c.ssid_bits = 1;
  EXPECT_EQ(iommu_device_create(s, pdev[1], &c, &dev[1]), -EINVAL);
  EXPECT_EQ(dev[1], nullptr);
  c.ssid_bits = 0;
  c.more = IOMMU_STREAMS_MAX;
  EXPECT_EQ(iommu_device_create(s, pdev[1], &c, &dev[1]), -EINVAL);
}

TEST_F(Streams, AnOwnerThatGoesFirstLeavesAFollowerThatReachesNothing) {
  Share();
  iommu_device_destroy(dev[0]);
  dev[0] = nullptr;
  EXPECT_TRUE(Blocked(0));
  EXPECT_EQ(iommu_reset_prepare(dev[1]), 0);
  EXPECT_EQ(iommu_reset_done(dev[1], true), 0);
  EXPECT_TRUE(Blocked(0));
}

// ------------------------------------------------------------------ one device, two StreamIDs
TEST_F(Streams, EachStreamIsInvalidated) {
  Join();
  EXPECT_TRUE(InForce(0) && InForce(1));
  EXPECT_TRUE(Fn(0).ats() && Fn(1).ats());
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(sw::Bdf(0)), 1u);
  EXPECT_EQ(AtcInvs(sw::Bdf(1)), 1u);
  EXPECT_EQ(iommu_detach(dev[0]), 0);
  EXPECT_FALSE(InForce(0) || InForce(1));
  EXPECT_FALSE(Fn(0).ats() || Fn(1).ats());
}

TEST_F(Streams, ATimeOutOfOneIsolatesAndResetsAll) {
  for (unsigned who : {0u, 1u}) {
    if (who == 0) Join();
    Forget();
    Fn(who).dead = true;
    EXPECT_EQ(MapUnmap(), 0);
    EXPECT_FALSE(InForce(0) || InForce(1));
    EXPECT_FALSE(Fn(0).ats() || Fn(1).ats());
    EXPECT_TRUE(Fn(0).marked && Fn(1).marked);
    EXPECT_EQ(Stats().isolated, who + 1u) << "one isolation, not one a stream";
    m.consumed.clear();
    EXPECT_EQ(MapUnmap(), 0);
    EXPECT_EQ(AtcInvs(sw::Bdf(0)) + AtcInvs(sw::Bdf(1)), 0u);
    EXPECT_EQ(port_host_run_work(m.p), 1u);
    EXPECT_EQ(Fn(0).flrs, who + 1u);
    EXPECT_EQ(Fn(1).flrs, who + 1u);
    ExpectWorking(0);
    EXPECT_TRUE(InForce(1) && Fn(1).ats());
    OutsidersUntouched();
  }
}

TEST_F(Streams, AResetOfEitherFunctionResetsBoth) {
  Join();
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  EXPECT_EQ(Fn(0).flrs, 1u);
  EXPECT_EQ(Fn(1).flrs, 1u);
  EXPECT_EQ(m.Count(EV_RESET_PREPARE), 1u);
  EXPECT_EQ(Stats().timeouts, 0u);
  ExpectWorking(0);
  EXPECT_TRUE(InForce(1) && Fn(1).ats());
  EXPECT_EQ(Fn(1).Read(0x04, 2) & 6, 6u) << "restored";
}

TEST_F(Streams, AFunctionThatDoesNotComeBackKeepsTheDeviceBlocked) {
  Join();
  Fn(1).never_back = true;
  EXPECT_NE(pci_reset_function(pdev[0]), 0);
  EXPECT_TRUE(Blocked(0) && Blocked(1));
  EXPECT_TRUE(Info(0).failed);
  EXPECT_EQ(Info(0).reset_depth, 0u);
}

// A policy that resets behind the driver's back looks the master up by the StreamID of the command that it blames, either of the two.
TEST_F(Streams, AMasterIsFoundByEachOfItsStreams) {
  plat.policy = "isr-reset";
  Join();
  EXPECT_EQ(smmu_master_find(s, sw::Bdf(0)), &dev[0]->master);
  EXPECT_EQ(smmu_master_find(s, sw::Bdf(1)), &dev[0]->master);
  EXPECT_EQ(smmu_master_find(s, sw::Bdf(2)), &dev[2]->master);
  EXPECT_EQ(smmu_master_find(s, 0x7000), nullptr);
}

// An allocation that fails for the first stream asks for nothing for the second; what there is goes back.
TEST_F(Streams, CreationSurvivesEveryFailedAllocation) {
  unsigned failed = 0;
  Begin();
  pci_join_function(pdev[0], pdev[1]);
  for (int r = -ENOMEM; r != 0; failed++) {
    const unsigned before = port_host_allocs(m.p);
    joined = true;
    port_host_fail_alloc(m.p, failed + 1);
    r = Create(0, sw::Bdf(0));
    port_host_fail_alloc(m.p, 0);
    ASSERT_TRUE(r == 0 || r == -ENOMEM) << failed;
    if (r != 0) EXPECT_EQ(dev[0], nullptr);
    if (r != 0) EXPECT_LE(port_host_allocs(m.p), before + 1) << "a level 2 table stays with the stream table";
  }
  EXPECT_GT(failed, 2u);
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  EXPECT_TRUE(InForce(0) && InForce(1));
}

// The entry of the second stream is not touched once the first one's change is not known to be seen.
TEST_F(Streams, AQueueThatStandsStillEndsAnInstallAtTheFirstStream) {
  plat.poll_timeout = 500;
  plat.expiry_limit = 1;
  Join();
  smmu_master* master = &dev[0]->master;
  uint64_t ste[8];
  smmu_ste_make(master, SMMU_STE_ABORT, 0, false, ste);
  m.stuck = true;
  EXPECT_EQ(smmu_ste_install(master, ste, state_gen(master_state(master))), -ETIMEDOUT);
  EXPECT_EQ(Machine::Mem(master->stream[0].ste) >> 1 & 7, 0u);
  EXPECT_NE(Machine::Mem(master->stream[1].ste) >> 1 & 7, 0u);
  m.stuck = false;
  EXPECT_EQ(smmu_ste_install(master, ste, state_gen(master_state(master))), 0);
  EXPECT_TRUE(Blocked(0) && Blocked(1));
}

}  // namespace
