// SPDX-License-Identifier: Apache-2.0
//
// The services of a root port (hot plug, error reporting, containment) and the recovery of a subtree, with ports and slots that lie.
#include <memory>

#include "sw_driver_fixture.h"
#include "sw_fake_port.h"

namespace sw {
namespace {

using fake::RootPort;
using Calls = std::vector<std::string>;

class PortFixture : public DriverFixture {
 protected:
  PortFixture() {
    hcfg.flr_wait = 600;
    hcfg.ready_timeout = 20000;
    hcfg.link_timeout = 5000;
    for (unsigned i = 0; i < kDevices; i++)
      root[i] = std::make_unique<RootPort>(m, RootBdf(i), static_cast<uint8_t>(i + 1), PORT_IRQ_PCIE + i);
    before_devices = [this] {
      for (unsigned i = 0; i < kDevices; i++) ASSERT_EQ(Create(i), 0);
    };
    before_host_goes = [this] {
      for (auto* p : port) {
        if (p) pci_port_destroy(p);
      }
    };
  }
  static uint16_t RootBdf(unsigned i) { return static_cast<uint16_t>(i << 3); }
  int Create(unsigned i) {
    pci_port_cfg c{};
    c.bdf = RootBdf(i);
    c.irq = PORT_IRQ_PCIE + i;
    c.cpu = 0;
    c.hotplug = hotplug;
    c.aer = true;
    c.dpc = 3;
    return pci_port_create(host, &c, &port[i]);
  }
  pci_port_info PortInfo(unsigned i) {
    pci_port_info info;
    pci_port_get_info(port[i], &info);
    return info;
  }
  // The interrupt is taken at the end of a port call.
  void TakeInterrupt() { port_now(m.p), port_irq_restore(m.p, port_irq_save(m.p)); }
  void Serve() {
    TakeInterrupt();
    port_host_run_work(m.p);
  }
  void Destroy(unsigned i) {
    iommu_device_destroy(dev[i]);
    pci_dev_destroy(pdev[i]);
    dev[i] = nullptr, pdev[i] = nullptr;
  }
  void Recreate(unsigned i) {
    Destroy(i);
    iommu_device_cfg c{};
    c.sid = Bdf(i);
    c.hw_index = i;
    c.ats = true;
    c.ssid_bits = 4;
    ASSERT_EQ(pci_dev_create(host, Bdf(i), &pdev[i]), 0);
    ASSERT_EQ(pci_assign_bar(pdev[i], 0, 0x50000000 + i * 0x10000), 0);
    ASSERT_EQ(pci_enable_device(pdev[i]), 0);
    ASSERT_EQ(iommu_device_create(s, pdev[i], &c, &dev[i]), 0);
    pci_bind_driver(pdev[i], &kDriver, &drv[i]);
  }

  bool hotplug = true;
  std::array<std::unique_ptr<RootPort>, kDevices> root;
  std::array<pci_port*, kDevices> port{};
};

// ------------------------------------------------------------------ hot plug

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

// Configuration space that flips between "nobody" and "not yet" for ever.
TEST_F(PortFixture, VendorThatNeverSettles) {
  Start();
  root[1]->Pull();
  Serve();
  unsigned reads = 0;
  m.lie_cfg = [&](uint16_t bdf, unsigned off, uint32_t& v) {
    if (bdf == Bdf(1) && off == 0) v = reads++ % 2 ? 0xffffffff : 0xffff0001;
  };
  root[1]->Plug();
  Serve();
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_OFF);
  EXPECT_EQ(PortInfo(1).added, 0u);
}

TEST_F(PortFixture, SlotStatusThatNeverSettles) {
  Start();
  root[1]->slot_events_stick = true;
  root[1]->Flap();
  Serve();
  EXPECT_EQ(PortInfo(1).unsettled, 1u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_DEAD);
  EXPECT_EQ(PortInfo(1).removed, 1u);
  EXPECT_EQ(root[1]->reg(0x58) & 0xffff, 0u) << "its interrupt is off";
  EXPECT_TRUE(m.LogHas("slot events do not end"));
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  // the others are served as ever
  root[2]->Pull();
  Serve();
  EXPECT_EQ(PortInfo(2).slot, PCI_SLOT_OFF);
}

TEST_F(PortFixture, PortThatDoesNotAnswerItsOwnInterrupt) {
  Start();
  root[1]->Pull();
  root[1]->mute = true;
  TakeInterrupt();
  EXPECT_EQ(PortInfo(1).disconnected, 0u) << "all ones is no event";
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_ON);
  // it answers again when the work looks: the event is not lost
  root[1]->mute = false;
  port_host_run_work(m.p);
  EXPECT_EQ(PortInfo(1).disconnected, 1u);
  EXPECT_EQ(PortInfo(1).removed, 1u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_OFF);
}

TEST_F(PortFixture, PortThatReadsAllOnes) {
  Start();
  root[1]->Pull();
  root[1]->mute = true;
  Serve();
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_DEAD) << "nobody can say what is below it";
  EXPECT_EQ(PortInfo(1).removed, 1u);
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  root[1]->mute = false;
  // in the middle of the work: given up, not believed to be an active link
  root[2]->Pull();
  Serve();
  root[2]->Plug();
  TakeInterrupt();
  root[2]->mute = true;
  port_host_run_work(m.p);
  EXPECT_EQ(PortInfo(2).slot, PCI_SLOT_DEAD);
  root[2]->mute = false;
}

TEST_F(PortFixture, WhatCannotBeServedIsRefused) {
  hotplug = true;
  Start();
  const unsigned before = port_host_allocs(m.p);
  pci_port* p = nullptr;
  pci_port_cfg c{};
  c.irq = PORT_IRQ_PCIE + 9;
  c.hotplug = true;
  c.bdf = 0x00f0;  // nobody
  EXPECT_EQ(pci_port_create(host, &c, &p), -ENODEV);
  c.bdf = Bdf(0);  // no port
  EXPECT_EQ(pci_port_create(host, &c, &p), -ENODEV);
  c.bdf = RootBdf(0);
  c.irq = PORT_IRQ_PCIE;  // taken
  EXPECT_EQ(pci_port_create(host, &c, &p), -EBUSY);
  c.irq = PORT_IRQ_COUNT;
  EXPECT_EQ(pci_port_create(host, &c, &p), -EINVAL);
  c.irq = PORT_IRQ_PCIE + 9;
  root[0]->reg(0x54) = 0;  // a slot without hot plug
  EXPECT_EQ(pci_port_create(host, &c, &p), -ENODEV);
  EXPECT_EQ(p, nullptr);
  EXPECT_EQ(port_host_allocs(m.p), before);
  for (unsigned n = 1; n <= 2; n++) {
    port_host_fail_alloc(m.p, n);
    EXPECT_EQ(pci_port_create(host, &c, &p), -ENOMEM);
    EXPECT_EQ(port_host_allocs(m.p), before);
  }
  port_host_fail_alloc(m.p, 0);
}

// ------------------------------------------------------------------ error reporting

TEST_F(PortFixture, CorrectableErrorIsCountedAndCleared) {
  Start();
  Fn(1).Set(0x110, 4, 1 << 6);
  root[1]->Error(0, Bdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).aer_cor, 1u);
  EXPECT_EQ(Fn(1).Read(0x110, 4), 0u);
  EXPECT_EQ(root[1]->reg(0x130) & 0x7f, 0u);
  EXPECT_TRUE(drv[1].calls.empty());
}

TEST_F(PortFixture, NonFatalErrorGoesToItsFunction) {
  Start();
  drv[1].answer = PCI_ERS_CAN_RECOVER;
  Fn(1).Set(0x104, 4, 1 << 20);
  root[1]->Error(1, Bdf(1));
  Serve();
  EXPECT_EQ(drv[1].calls, (Calls{"nonfatal", "mmio_enabled", "resume"}));
  EXPECT_EQ(Fn(1).Read(0x104, 4), 0u);
  EXPECT_EQ(PortInfo(1).aer_nonfatal, 1u);
  EXPECT_EQ(Fn(1).flrs, 0u);
  ExpectWorking(1);
}

TEST_F(PortFixture, NonFatalErrorWithASecondThought) {
  Start();
  drv[1].answer = PCI_ERS_CAN_RECOVER;
  drv[1].mmio_answer = PCI_ERS_NEED_RESET;
  root[1]->Error(1, Bdf(1));
  Serve();
  EXPECT_EQ(drv[1].calls, (Calls{"nonfatal", "mmio_enabled", "slot_reset", "resume"}));
  EXPECT_EQ(Fn(1).flrs, 1u);
  ExpectWorking(1);
}

TEST_F(PortFixture, FatalErrorOfAFunctionResetsIt) {
  Start();
  root[1]->Error(2, Bdf(1));
  Serve();
  EXPECT_EQ(drv[1].calls, (Calls{"error", "slot_reset", "resume"}));
  EXPECT_EQ(Fn(1).flrs, 1u);
  EXPECT_EQ(root[1]->resets, 0u) << "an FLR, not the link";
  EXPECT_EQ(PortInfo(1).aer_fatal, 1u);
  ExpectWorking(1);
}

TEST_F(PortFixture, FatalErrorOfThePortResetsTheSubtree) {
  Start();
  root[1]->Error(2, RootBdf(1));
  Serve();
  EXPECT_EQ(drv[1].calls, (Calls{"error", "slot_reset", "resume"}));
  EXPECT_EQ(Fn(1).flrs, 0u);
  EXPECT_EQ(root[1]->resets, 1u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_ON);
  EXPECT_EQ(PortInfo(1).disconnected, 0u) << "our own reset is no removal (H2)";
  EXPECT_EQ(PortInfo(1).recovered, 1u);
  ExpectWorking(1);
}

// Accesses of a recovery to a device that does not answer are errors of the port, too; and what a reset that failed has left is not saved.
TEST_F(PortFixture, ErrorsOfARecoveryAreNoReasonForAnother) {
  Start();
  hcfg.ready_timeout = 2000;
  Fn(1).cfg_dead = true;
  root[1]->Error(2, RootBdf(1));
  m.on_event = [this](const fake::Event& e) {
    if (e.ev == EV_RESET_DONE) root[1]->Error(2, RootBdf(1));
  };
  Serve();
  EXPECT_EQ(root[1]->resets, 1u);
  m.on_event = nullptr;
}

TEST_F(PortFixture, WhatAFailedResetHasLeftIsNotSaved) {
  hotplug = false;
  Start();
  Fn(1).cfg_dead = true;
  root[1]->Error(2, RootBdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).failed, 1u);
  Fn(1).cfg_dead = false;
  EXPECT_EQ(Fn(1).Read(0x10, 4), 0u);
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  EXPECT_EQ(Fn(1).Read(0x10, 4), pci_bar(pdev[1], 0));
  ExpectWorking(1);
}

TEST_F(PortFixture, SourceThatDoesNotAnswerOrIsNobody) {
  Start();
  Fn(1).cfg_dead = true;
  root[1]->Error(0, Bdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).aer_nobody, 1u);
  root[2]->Error(1, 0x7700);
  Serve();
  EXPECT_EQ(PortInfo(2).aer_nobody, 1u);
  EXPECT_TRUE(drv[2].calls.empty());
  Fn(1).cfg_dead = false;
}

TEST_F(PortFixture, RootErrorsThatNeverEnd) {
  Start();
  root[1]->root_errors_stick = true;
  root[1]->Error(0, Bdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).unsettled, 1u);
  EXPECT_EQ(root[1]->reg(0x12c), 0u) << "its interrupts are off";
  EXPECT_TRUE(m.LogHas("root errors do not end"));
  EXPECT_GT(PortInfo(1).aer_lost, 0u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_ON);
  root[1]->root_errors_stick = false;
}

// ------------------------------------------------------------------ containment

TEST_F(PortFixture, ContainedReleasedAndBack) {
  Start();
  Fn(1).accesses = 0;
  root[1]->Contain();
  TakeInterrupt();
  EXPECT_EQ(PortInfo(1).disconnected, 0u) << "it is still in its slot (H2)";
  EXPECT_EQ(MapUnmap(), 0);  // before anybody has blocked it: the port answers for it
  EXPECT_EQ(Fn(1).unanswered, 1u);
  port_host_run_work(m.p);
  EXPECT_EQ(drv[1].calls, (Calls{"error", "slot_reset", "resume"}));
  EXPECT_TRUE(root[1]->link());
  EXPECT_EQ(PortInfo(1).contained, 1u);
  EXPECT_EQ(PortInfo(1).recovered, 1u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_ON);
  EXPECT_EQ(PortInfo(1).removed, 0u);
  ExpectWorking(1);
  EXPECT_EQ(Stats().timeouts, 0u);
}

TEST_F(PortFixture, RecoveryDoesNotBringAtsBackWithoutEats) {
  Start();
  pci_bind_driver(pdev[1], nullptr, nullptr);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  root[1]->Contain();
  Serve();
  EXPECT_EQ(PortInfo(1).failed, 1u) << "nobody could be asked";
  ExpectIsolated(1);
  EXPECT_TRUE(root[1]->link());
  // an outside reset brings it back
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

TEST_F(PortFixture, PlantedBugRestoreSwitchesAtsOn) {
  hcfg.plants = PCI_PLANT_RESTORE_ATS;
  Start();
  pci_bind_driver(pdev[1], nullptr, nullptr);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  root[1]->Contain();
  Serve();
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
  EXPECT_TRUE(Fn(1).ats());
}

TEST_F(PortFixture, ContainedBecauseItWasPulled) {
  Start();
  root[1]->Pull();
  root[1]->Contain();
  Serve();
  EXPECT_EQ(PortInfo(1).disconnected, 1u);
  EXPECT_EQ(PortInfo(1).removed, 1u);
  EXPECT_EQ(root[1]->reg(0x158) & 1, 0u) << "released, so that the slot can be used again";
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
}

TEST_F(PortFixture, LinkThatDoesNotComeBack) {
  Start();
  root[1]->never_trains = true;
  root[1]->Contain();
  Serve();
  EXPECT_EQ(PortInfo(1).failed, 1u);
  EXPECT_EQ(PortInfo(1).slot, PCI_SLOT_OFF);
  EXPECT_EQ(PortInfo(1).removed, 1u);
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
  EXPECT_EQ(drv[1].calls.back(), "failure");
}

TEST_F(PortFixture, PlantedBugNeverReleased) {
  hcfg.plants = PCI_PLANT_KEEP_CONTAINED;
  Start();
  root[1]->Contain();
  Serve();
  EXPECT_EQ(PortInfo(1).recovered, 0u);
  EXPECT_FALSE(root[1]->link());
}

// ------------------------------------------------------------------ the two deliveries

// Three functions below port 0, one below each other port.
class SubtreeFixture : public PortFixture {
 protected:
  SubtreeFixture() {
    for (unsigned f = 1; f < 3; f++) m.AddFunction(static_cast<uint16_t>(Bdf(0) + f));
  }
  void StartThree() {
    Start();
    for (unsigned f = 0; f < 2; f++) {
      iommu_device_cfg c{};
      c.sid = Bdf(0) + f + 1;
      c.hw_index = 8 + f;
      c.ats = true;
      ASSERT_EQ(pci_dev_create(host, static_cast<uint16_t>(c.sid), &below[f]), 0);
      ASSERT_EQ(pci_enable_device(below[f]), 0);
      ASSERT_EQ(iommu_device_create(s, below[f], &c, &below_dev[f]), 0);
      pci_bind_driver(below[f], &kDriver, &below_drv[f]);
      ASSERT_EQ(iommu_attach(dom, below_dev[f]), 0);
    }
  }
  void TearDown() override {
    for (unsigned f = 0; f < 2; f++) {
      if (below_dev[f]) iommu_device_destroy(below_dev[f]);
      if (below[f]) pci_dev_destroy(below[f]);
    }
    PortFixture::TearDown();
  }
  fake::Function& Below(unsigned f) { return m.fn[static_cast<uint16_t>(Bdf(0) + f + 1)]; }
  pci_dev* below[2] = {};
  iommu_device* below_dev[2] = {};
  DeviceDriver below_drv[2];
};

TEST_F(SubtreeFixture, ByFunctionTheSiblingsNoticeNothing) {
  StartThree();
  Fn(0).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(drv[0].calls, (Calls{"error", "slot_reset", "resume"}));
  EXPECT_TRUE(below_drv[0].calls.empty());
  EXPECT_TRUE(below_drv[1].calls.empty());
  EXPECT_EQ(PortInfo(0).siblings, 0u);
  EXPECT_EQ(root[0]->resets, 0u);
  ExpectWorking(0);
}

TEST_F(SubtreeFixture, BySubtreeTheSiblingsAreResetAndCounted) {
  hcfg.delivery = PCI_ERR_SUBTREE;
  StartThree();
  Fn(0).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  Serve();  // the events of its own reset
  for (auto* d : {&drv[0], &below_drv[0], &below_drv[1]}) EXPECT_EQ(d->calls, (Calls{"error", "slot_reset", "resume"}));
  EXPECT_EQ(PortInfo(0).siblings, 2u);
  EXPECT_EQ(m.Count(EV_SIBLING_HIT), 2u);
  EXPECT_EQ(PortInfo(0).removed, 0u);
  EXPECT_EQ(Fn(0).flrs, 0u);
  ExpectWorking(0);
  EXPECT_TRUE(Machine::EatsInForce(Below(0)) && Below(0).ats());
  EXPECT_TRUE(Machine::EatsInForce(Below(1)) && Below(1).ats());
  EXPECT_TRUE(drv[1].calls.empty()) << "below another port";
  const uint64_t timeouts = Stats().timeouts;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(Stats().timeouts, timeouts);
}

// The stock recovery fails as a whole when one function has nobody to ask.
TEST_F(SubtreeFixture, OneWithoutADriverFailsAll) {
  hcfg.delivery = PCI_ERR_SUBTREE;
  StartThree();
  pci_bind_driver(below[1], nullptr, nullptr);
  Fn(0).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(drv[0].calls, (Calls{"error", "failure"}));
  EXPECT_EQ(below_drv[0].calls, (Calls{"error", "failure"}));
  EXPECT_EQ(PortInfo(0).failed, 1u);
  EXPECT_FALSE(Machine::EatsInForce(Fn(0)));
  EXPECT_FALSE(Machine::EatsInForce(Below(0)));
  EXPECT_FALSE(Below(0).ats());
}

TEST_F(SubtreeFixture, SeveralSourcesAreAllLookedAt) {
  StartThree();
  for (auto* d : {&drv[0], &below_drv[0], &below_drv[1]}) d->answer = PCI_ERS_CAN_RECOVER;
  Fn(0).Set(0x104, 4, 1 << 20);
  Below(1).Set(0x104, 4, 1 << 14);
  root[0]->Error(1, Bdf(0));
  root[0]->Error(1, static_cast<uint16_t>(Bdf(0) + 2));
  Serve();
  EXPECT_EQ(drv[0].calls, (Calls{"nonfatal", "mmio_enabled", "resume"}));
  EXPECT_EQ(below_drv[1].calls, (Calls{"nonfatal", "mmio_enabled", "resume"}));
  EXPECT_TRUE(below_drv[0].calls.empty());
}

TEST_F(SubtreeFixture, AnErrorBySubtreeWithoutAReset) {
  hcfg.delivery = PCI_ERR_SUBTREE;
  StartThree();
  for (auto* d : {&drv[0], &below_drv[0], &below_drv[1]}) d->answer = PCI_ERS_CAN_RECOVER;
  root[0]->Error(1, Bdf(0));
  Serve();
  for (auto* d : {&drv[0], &below_drv[0], &below_drv[1]}) EXPECT_EQ(d->calls, (Calls{"nonfatal", "mmio_enabled", "resume"}));
  EXPECT_EQ(root[0]->resets, 0u);
  EXPECT_EQ(PortInfo(0).siblings, 0u);
}

TEST_F(SubtreeFixture, AllThreeGoTogether) {
  StartThree();
  m.consumed.clear();
  root[0]->Pull();
  TakeInterrupt();
  EXPECT_EQ(PortInfo(0).disconnected, 3u);
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(PortInfo(0).removed, 3u);
  for (unsigned f = 0; f < 3; f++) EXPECT_EQ(AtcInvs(Bdf(0) + f), 0u);
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

// ------------------------------------------------------------------ power management

TEST_F(PortFixture, SuspendQuiescesAndResumeAttaches) {
  Start();
  EXPECT_EQ(pci_dev_suspend(pdev[1]), 0);
  EXPECT_EQ(Fn(1).power(), 3u);
  EXPECT_FALSE(Fn(1).ats());
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
  EXPECT_TRUE(Info(1).suspended);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  EXPECT_EQ(iommu_attach(dom, dev[1]), -EBUSY);
  EXPECT_EQ(pci_dev_resume(pdev[1]), 0);
  ExpectWorking(1);
  EXPECT_EQ(pci_bar(pdev[1], 0), Fn(1).Read(0x10, 4));
  EXPECT_EQ(Stats().timeouts, 0u);
}

TEST_F(PortFixture, PlantedBugSuspendedInUse) {
  hcfg.plants = PCI_PLANT_D3_IN_USE;
  Start();
  EXPECT_EQ(pci_dev_suspend(pdev[1]), 0);
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_GT(Stats().timeouts, 0u);
}

TEST_F(PortFixture, QuarantinedAcrossASuspendStaysOff) {
  for (const char* policy : {"minimal", "fenced"}) {
    plat.policy = policy;
    Start();
    pci_bind_driver(pdev[1], nullptr, nullptr);
    Fn(1).dead = true;
    EXPECT_EQ(MapUnmap(), 0);
    port_host_run_work(m.p);
    ExpectIsolated(1);
    EXPECT_EQ(pci_dev_suspend(pdev[1]), 0);
    EXPECT_EQ(pci_dev_resume(pdev[1]), 0);
    ExpectIsolated(1);
    m.consumed.clear();
    EXPECT_EQ(MapUnmap(), 0);
    EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
    EXPECT_EQ(pci_reset_function(pdev[1]), 0);
    ExpectWorking(1);
    if (std::string(policy) == "fenced") break;
    DriverFixture::TearDown();
    for (auto& p : port) p = nullptr;
    s = nullptr, dom = nullptr;
    for (unsigned i = 0; i < kDevices; i++) Fn(i) = {}, m.AddFunction(Bdf(i)), drv[i].calls.clear();
  }
}

TEST_F(PortFixture, PlantedBugResumeAttachesWhatIsQuarantined) {
  plat.plants = SMMU_PLANT_RESUME_ATS;
  Start();
  pci_bind_driver(pdev[1], nullptr, nullptr);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(pci_dev_suspend(pdev[1]), 0);
  EXPECT_EQ(pci_dev_resume(pdev[1]), 0);
  EXPECT_TRUE(Machine::EatsInForce(Fn(1)));
}

// A device that does not answer the last invalidation before D3 is isolated quietly, and reported when it is back.
TEST_F(PortFixture, DeadAtItsSuspend) {
  Start();
  Fn(1).dead = true;
  EXPECT_EQ(pci_dev_suspend(pdev[1]), 0);
  EXPECT_TRUE(drv[1].calls.empty());
  EXPECT_EQ(pci_dev_resume(pdev[1]), 0);
  ExpectIsolated(1);
  port_host_run_work(m.p);
  EXPECT_EQ(drv[1].calls, (Calls{"error", "slot_reset", "resume"}));
  ExpectWorking(1);
}

TEST_F(PortFixture, SuspendMeetsARecovery) {
  Start();
  EXPECT_EQ(iommu_reset_prepare(dev[1]), 0);
  EXPECT_EQ(pci_dev_suspend(pdev[1]), -EBUSY);
  EXPECT_EQ(iommu_reset_done(dev[1], true), 0);
  ExpectWorking(1);
  // the other way round: the recovery is put off
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(pci_dev_suspend(pdev[1]), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(Fn(1).power(), 3u);
  EXPECT_EQ(Fn(1).flrs, 0u);
  Fn(1).dead = true;
  EXPECT_EQ(pci_dev_resume(pdev[1]), 0);
  ExpectIsolated(1);
  port_host_run_work(m.p);
  EXPECT_EQ(Fn(1).flrs, 1u);
  ExpectWorking(1);
}

TEST_F(PortFixture, PowerStateThatDoesNotReadBack) {
  Start();
  m.lie_cfg = [&](uint16_t bdf, unsigned off, uint32_t& v) {
    if (bdf == Bdf(1) && off == 0x84) v = 0;
  };
  EXPECT_EQ(pci_dev_suspend(pdev[1]), -EIO);
  EXPECT_FALSE(Info(1).suspended);
  EXPECT_TRUE(Info(1).failed);
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
  m.lie_cfg = nullptr;
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

TEST_F(PortFixture, DoesNotWakeUp) {
  Start();
  EXPECT_EQ(pci_dev_suspend(pdev[1]), 0);
  Fn(1).cfg_dead = true;
  EXPECT_LT(pci_dev_resume(pdev[1]), 0);
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
  EXPECT_FALSE(Info(1).ats_on);
  Fn(1).cfg_dead = false;
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

// ------------------------------------------------------------------ all ones

TEST_F(PortFixture, AllOnesIsNotEnabled) {
  Start(false);
  Fn(1).cfg_dead = true;
  EXPECT_EQ(pci_ats_read_enabled(pdev[1]), -ENODEV);
  EXPECT_EQ(pci_ats_check_disabled(pdev[1]), -EIO);
  EXPECT_EQ(pci_enable_ats(pdev[1]), -EIO);
  EXPECT_EQ(iommu_attach(dom, dev[1]), -ENODEV);
  EXPECT_FALSE(Machine::EatsInForce(Fn(1)));
}

TEST_F(PortFixture, PlantedBugAllOnesBelieved) {
  hcfg.plants = PCI_PLANT_BELIEVE_ONES;
  Start(false);
  Fn(1).cfg_dead = true;
  EXPECT_EQ(pci_ats_read_enabled(pdev[1]), 1);
  EXPECT_EQ(iommu_attach(dom, dev[1]), 0);
}

}  // namespace
}  // namespace sw
