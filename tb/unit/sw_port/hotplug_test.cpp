// SPDX-License-Identifier: Apache-2.0
//
// Hot plug: a device leaves its slot, with an event; marked before anything else, so that nothing is sent to it from then on.
#include "port.h"

namespace sw_port {
namespace {

TEST_F(PortFixture, MarkedBeforeTheEventIsAcknowledged) {
  Start();
  unsigned acknowledged = 0;
  root[1]->on_write = [&](unsigned off, uint32_t v) {
    if (off != 0x5a || v == 0) return;
    EXPECT_TRUE(pci_dev_is_disconnected(pdev[1]));
    for (auto* e = dev[1]->master.entries; e; e = e->next) EXPECT_NE(e->broken.v, 0u);
    acknowledged++;
  };
  root[1]->Pull();
  TakeInterrupt();
  EXPECT_GT(acknowledged, 0u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_GONE);
  EXPECT_EQ(PortInfo(1).disconnected, 1u);
  // the work has not run yet, and already nothing is sent, nor looked at in its configuration space
  const unsigned accesses = Fn(1).accesses;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  EXPECT_EQ(AtcInvs(Bdf(0)), 1u);
  EXPECT_EQ(pci_cfg_read32(pdev[1], 0), UINT32_MAX);
  EXPECT_EQ(iommu_attach(dom, dev[1]), -ENODEV);
  EXPECT_EQ(pci_reset_function(pdev[1]), -ENODEV);
  EXPECT_EQ(pci_dev_suspend(pdev[1]), -ENODEV);
  EXPECT_EQ(Fn(1).accesses, accesses);
  port_host_run_work(m.p);
  EXPECT_EQ(Fn(1).accesses, accesses);
  root[1]->on_write = nullptr;
}

TEST_F(PortFixture, SurpriseRemovalFreesEverythingWithoutAnInvalidation) {
  Start();
  root[1]->Pull();
  Serve();
  EXPECT_EQ(drv[1].calls, Calls{"failure"});
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_OFF);
  EXPECT_EQ(PortInfo(1).removed, 1u);
  EXPECT_TRUE(Info(1).disconnected);
  EXPECT_EQ(Info(1).state, IOMMU_DEV_BLOCKED);
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
  EXPECT_EQ(dev[1]->master.entries, nullptr);
  const unsigned before = port_host_allocs(m.p);
  Destroy(1);
  EXPECT_LT(port_host_allocs(m.p), before);
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  EXPECT_EQ(Fn(1).unanswered, 0u);
  EXPECT_EQ(Stats().timeouts, 0u);
  ExpectWorking(0);
}

TEST_F(PortFixture, PlantedBugWithoutTheMarkInvalidationsGoOn) {
  hcfg.plants = PCI_PLANT_NO_DISCONNECT;
  Start();
  root[1]->Pull();
  TakeInterrupt();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 1u);
  EXPECT_EQ(Fn(1).unanswered, 1u);
}

TEST_F(PortFixture, RemovalOfAQuarantinedDevice) {
  Start();
  pci_bind_driver(pdev[1], nullptr, nullptr);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(Info(1).state, IOMMU_DEV_BLOCKED);
  const uint64_t timeouts = Stats().timeouts;
  m.consumed.clear();
  root[1]->Pull();
  Serve();
  Destroy(1);
  EXPECT_EQ(pci_dev_create(host, Bdf(1), &pdev[1]), -ENODEV);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  EXPECT_EQ(Stats().timeouts, timeouts);
}

TEST_F(PortFixture, PasidsOfADeviceThatIsGoneAreDropped) {
  Start();
  iommu_domain* other;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  ASSERT_EQ(iommu_attach_pasid(other, dev[1], 3), 0);
  m.consumed.clear();
  root[1]->Pull();
  TakeInterrupt();
  EXPECT_EQ(iommu_attach_pasid(other, dev[1], 4), -ENODEV);
  port_host_run_work(m.p);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
}

TEST_F(PortFixture, BackInItsSlotItIsAnotherDevice) {
  Start();
  root[1]->Pull();
  Serve();
  root[1]->Plug();
  Serve();
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_ON);
  EXPECT_EQ(PortInfo(1).added, 1u);
  EXPECT_TRUE(pci_dev_is_disconnected(pdev[1])) << "the old object never comes back";
  EXPECT_EQ(iommu_attach(dom, dev[1]), -ENODEV);
  Recreate(1);
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
  ExpectWorking(1);
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(Fn(1).unanswered, 0u);
}

// Up again before anybody looks: the device has been in reset all the same (H1).
TEST_F(PortFixture, FlapIsARemoval) {
  Start();
  root[1]->Flap();
  Serve();
  EXPECT_EQ(PortInfo(1).disconnected, 1u);
  EXPECT_EQ(PortInfo(1).removed, 1u);
  EXPECT_EQ(PortInfo(1).added, 1u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_ON);
  EXPECT_EQ(drv[1].calls, Calls{"failure"});
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
}

// The worker waits for a device that is pulled meanwhile: it does not sit out its limit.
TEST_F(PortFixture, PulledDuringItsReset) {
  hcfg.ready_timeout = 10000000;
  Start();
  Fn(1).dead = Fn(1).never_back = false;
  m.on_tick = [this] {
    if (Fn(1).flrs == 1 && root[1]->present) root[1]->Pull();
  };
  const uint64_t start = port_now(m.p);
  EXPECT_EQ(pci_reset_function(pdev[1]), -ENODEV);
  m.on_tick = nullptr;
  EXPECT_LT(port_now(m.p) - start, 100000u);
  Serve();
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_OFF);
  EXPECT_EQ(AtcInvs(Bdf(1)), 1u) << "the one of the prepare, before it was pulled";
}

TEST_F(PortFixture, OneDeadlineForADeviceThatNeverAnswers) {
  Start();
  root[1]->Pull();
  Serve();
  Fn(1).cfg_dead = true;
  root[1]->Plug();
  const uint64_t start = port_now(m.p);
  Serve();
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_OFF);
  EXPECT_LT(port_now(m.p) - start, 2 * hcfg.ready_timeout);
  EXPECT_TRUE(m.LogHas("no link or no answer"));
}

// The event comes at each access to shared memory of an unmap, an attach and a reset in turn: what begins after the mark sends nothing.
TEST_F(PortFixture, PulledAtEachAccess) {
  for (unsigned what = 0; what < 3; what++) {
    bool happened = true;
    for (unsigned n = 0; happened && n < 400; n += 1 + n / 16) {
      SCOPED_TRACE("operation " + std::to_string(what) + ", access " + std::to_string(n));
      DriverFixture::TearDown();
      for (auto& p : port) p = nullptr;
      s = nullptr, dom = nullptr;
      root[1]->Plug();
      for (unsigned i = 0; i < kDevices; i++) Fn(i) = {}, m.AddFunction(Bdf(i)), drv[i].calls.clear();
      Start();
      unsigned at = 0;
      happened = false;
      m.on_access = [&] {
        if (happened || at++ < n) return;
        happened = true;
        root[1]->Pull();
      };
      if (what == 0) {
        EXPECT_EQ(MapUnmap(), 0);
      } else if (what == 1) {
        iommu_attach(dom, dev[1]);
      } else {
        pci_reset_function(pdev[1]);
      }
      m.on_access = nullptr;
      Serve();
      Serve();
      m.consumed.clear();
      EXPECT_EQ(MapUnmap(), 0);
      if (!happened) break;
      EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
      EXPECT_TRUE(Info(1).disconnected);
      EXPECT_EQ(PortInfo(1).removed, 1u);
      EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
      EXPECT_EQ(dev[1]->master.entries, nullptr);
    }
  }
}

}  // namespace
}  // namespace sw_port
