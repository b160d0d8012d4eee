// SPDX-License-Identifier: Apache-2.0
//
// Containment: found, released, set up again; ATS comes back by an attach only.
#include "port.h"

namespace sw_port {
namespace {

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

}  // namespace
}  // namespace sw_port
