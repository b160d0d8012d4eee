// SPDX-License-Identifier: Apache-2.0
//
// Ports, slots and devices that lie: what never settles, what reads all ones, what cannot be served.
#include "port.h"

namespace sw_port {
namespace {

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
}  // namespace sw_port
