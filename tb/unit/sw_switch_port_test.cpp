// SPDX-License-Identifier: Apache-2.0
//
// The services of a switch's downstream ports and of the root port above them: who looks after whom, and whose business an error is that
// the root port collects. Bus 1 holds the switch's upstream port and, beside it, an endpoint function (device 0), which the root port itself
// looks after; devices 1 to 3 are below downstream ports.
#include <memory>

#include "sw_driver_fixture.h"
#include "sw_fake_port.h"

extern "C" {
#include "../../sw/pci/pci_port.h"
}

namespace sw {
namespace {

using fake::RootPort;
using Calls = std::vector<std::string>;
const Calls kReset = {"error", "slot_reset", "resume"};

constexpr uint16_t kRootBdf = 0, kUpstreamBdf = 1 << 8 | 1 << 3;

class SwitchFixture : public DriverFixture {
 protected:
  SwitchFixture() {
    hcfg.flr_wait = 600;
    hcfg.ready_timeout = 20000;
    hcfg.link_timeout = 5000;
    before_devices = [this] {
      // the root port first: it is there before anybody can report an error
      root = std::make_unique<RootPort>(m, kRootBdf, uint8_t{1}, unsigned{PORT_IRQ_PCIE} + 16);
      root->reg(0x18) = 0x20 << 16 | 1 << 8;
      root_port = Create(kRootBdf, PORT_IRQ_PCIE + 16, false, 0);
      for (unsigned i = 1; i < kDevices; i++) {
        below[i] = std::make_unique<RootPort>(m, PortBdf(i), static_cast<uint8_t>(i + 1), PORT_IRQ_PCIE + i);
        below[i]->reg(0x40) = 0x01628010;
        port[i] = Create(PortBdf(i), PORT_IRQ_PCIE + i, true, 3);
      }
    };
    before_host_goes = [this] {
      pci_port_destroy(root_port);
      for (auto* p : port) {
        if (p) pci_port_destroy(p);
      }
    };
  }
  // The bus inside the switch; its number does not matter to the driver.
  static uint16_t PortBdf(unsigned i) { return static_cast<uint16_t>(0x20 << 8 | i << 3); }
  pci_port* Create(uint16_t bdf, unsigned irq, bool hotplug, unsigned dpc) {
    pci_port_cfg c{};
    c.bdf = bdf;
    c.irq = irq;
    c.hotplug = hotplug;
    c.aer = true;
    c.dpc = dpc;
    pci_port* p = nullptr;
    EXPECT_EQ(pci_port_create(host, &c, &p), 0);
    return p;
  }
  static pci_port_info InfoOf(pci_port* p) {
    pci_port_info info;
    pci_port_get_info(p, &info);
    return info;
  }
  pci_port_info PortInfo(unsigned i) { return InfoOf(port[i]); }
  void TakeInterrupt() { port_now(m.p), port_irq_restore(m.p, port_irq_save(m.p)); }
  void Serve() {
    TakeInterrupt();
    port_host_run_work(m.p);
  }
  void ExpectUntouched(std::initializer_list<unsigned> list) {
    for (unsigned i : list) {
      EXPECT_TRUE(drv[i].calls.empty()) << i;
      EXPECT_EQ(Fn(i).flrs, 0u) << i;
      if (i != 0) {
        EXPECT_EQ(below[i]->resets, 0u) << i;
      }
      ExpectWorking(i);
    }
  }

  std::unique_ptr<RootPort> root;
  std::array<std::unique_ptr<RootPort>, kDevices> below;
  pci_port* root_port = nullptr;
  std::array<pci_port*, kDevices> port{};
};

TEST_F(SwitchFixture, TheNearestPortLooksAfterAFunction) {
  Start();
  EXPECT_EQ(pci_port_above(host, Bdf(0)), root_port);
  for (unsigned i = 1; i < kDevices; i++) EXPECT_EQ(pci_port_above(host, Bdf(i)), port[i]) << i;
  EXPECT_EQ(pci_port_above(host, 0x7700), nullptr);
  EXPECT_EQ(root->reg(0x12c), 7u) << "error interrupts where they are collected";
  for (unsigned i = 1; i < kDevices; i++) {
    EXPECT_EQ(below[i]->reg(0x12c), 0u) << "and only there";
    EXPECT_EQ(below[i]->reg(0x48) & 15, 15u) << "but it reports its own";
  }
}

TEST_F(SwitchFixture, RemovalBelowOnePort) {
  Start();
  below[2]->Pull();
  Serve();
  EXPECT_EQ(PortInfo(2).slot, PCI_SLOT_OFF);
  EXPECT_EQ(PortInfo(2).removed, 1u);
  EXPECT_EQ(drv[2].calls, Calls{"failure"});
  EXPECT_TRUE(pci_dev_is_disconnected(pdev[2]));
  EXPECT_EQ(InfoOf(root_port).interrupts, 0u);
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(2)), 0u);
  ExpectUntouched({0, 1, 3});
}

TEST_F(SwitchFixture, ContainmentBelowOnePort) {
  Start();
  below[3]->Contain();
  Serve();
  EXPECT_EQ(drv[3].calls, kReset);
  EXPECT_EQ(PortInfo(3).contained, 1u);
  EXPECT_EQ(PortInfo(3).recovered, 1u);
  ExpectWorking(3);
  ExpectUntouched({0, 1, 2});
}

// ------------------------------------------------------------------ errors, all collected by the root port

TEST_F(SwitchFixture, AnErrorGoesToThePortAboveItsSource) {
  Start();
  Fn(1).Set(0x110, 4, 1 << 6);
  root->Error(0, Bdf(1));
  Serve();
  EXPECT_EQ(PortInfo(1).aer_cor, 1u);
  EXPECT_EQ(Fn(1).Read(0x110, 4), 0u);
  ExpectUntouched({0, 1, 2, 3});
  root->Error(2, Bdf(2));
  Serve();
  EXPECT_EQ(drv[2].calls, kReset);
  EXPECT_EQ(Fn(2).flrs, 1u);
  EXPECT_EQ(PortInfo(2).aer_fatal, 1u);
  EXPECT_EQ(below[2]->resets, 0u) << "an FLR, not the link";
  EXPECT_EQ(InfoOf(root_port).aer_fatal + InfoOf(root_port).aer_nobody, 0u);
  EXPECT_EQ(root->reg(0x130) & 0x7f, 0u) << "the next error finds room";
  ExpectWorking(2);
  ExpectUntouched({0, 1, 3});
}

TEST_F(SwitchFixture, WhoIsBelowTheRootPortAloneIsItsOwn) {
  Start();
  root->Error(2, Bdf(0));
  Serve();
  EXPECT_EQ(drv[0].calls, kReset);
  EXPECT_EQ(InfoOf(root_port).aer_fatal, 1u);
  ExpectWorking(0);
}

TEST_F(SwitchFixture, FatalErrorOfADownstreamPortResetsItsSubtree) {
  Start();
  below[2]->reg(0x104) = 1 << 18;
  root->Error(2, PortBdf(2));
  Serve();
  EXPECT_EQ(drv[2].calls, kReset);
  EXPECT_EQ(below[2]->resets, 1u);
  EXPECT_EQ(below[2]->reg(0x104), 0u);
  EXPECT_EQ(PortInfo(2).recovered, 1u);
  EXPECT_EQ(PortInfo(2).disconnected, 0u) << "our own reset is no removal (H2)";
  ExpectWorking(2);
  ExpectUntouched({0, 1, 3});
}

// Nobody knows whose packet it was: everybody's. The devices are reset, each by its own port, the switch is not.
TEST_F(SwitchFixture, FatalErrorAboveTheSwitchIsEverybodys) {
  for (uint16_t source : {kRootBdf, kUpstreamBdf}) {
    SCOPED_TRACE(source);
    if (!s) Start();
    for (auto& d : drv) d.calls.clear();
    for (unsigned i = 1; i < kDevices; i++) below[i]->resets = 0;
    root->Error(2, source);
    Serve();
    for (unsigned i = 1; i < kDevices; i++) {
      EXPECT_EQ(drv[i].calls, kReset) << i;
      EXPECT_EQ(below[i]->resets, 1u) << i;
      ExpectWorking(i);
    }
    EXPECT_EQ(root->resets, 0u);
    EXPECT_TRUE(root->link());
  }
  EXPECT_EQ(InfoOf(root_port).aer_fatal, 2u);
  EXPECT_EQ(InfoOf(root_port).aer_nobody, 1u) << "an upstream port has no service of its own";
}

TEST_F(SwitchFixture, CorrectableErrorAboveTheSwitchIsNobodysReset) {
  Start();
  root->reg(0x110) = 1 << 13;
  root->Error(0, kRootBdf);
  Serve();
  EXPECT_EQ(InfoOf(root_port).aer_cor, 1u);
  EXPECT_EQ(root->reg(0x110), 0u);
  ExpectUntouched({0, 1, 2, 3});
}

// One source is kept; the others are found by asking.
TEST_F(SwitchFixture, SeveralAtOnce) {
  Start();
  for (unsigned i : {0u, 1u, 3u}) Fn(i).Set(0x104, 4, 1 << 20);
  for (unsigned i : {0u, 1u, 3u}) drv[i].answer = PCI_ERS_CAN_RECOVER;
  below[2]->reg(0x104) = 1 << 20;
  root->Error(1, Bdf(1));
  root->Error(1, Bdf(3));
  root->Error(1, Bdf(0));
  Serve();
  for (unsigned i : {0u, 1u, 3u}) {
    EXPECT_EQ(drv[i].calls, (Calls{"nonfatal", "mmio_enabled", "resume"})) << i;
    EXPECT_EQ(Fn(i).Read(0x104, 4), 0u) << i;
  }
  EXPECT_EQ(below[2]->reg(0x104), 0u) << "a port is asked, too";
  EXPECT_EQ(PortInfo(1).aer_nonfatal, 1u);
}

TEST_F(SwitchFixture, MoreErrorsThanRoomAreCounted) {
  Start();
  root->root_errors_stick = true;
  root->Error(0, Bdf(1));
  Serve();
  EXPECT_EQ(InfoOf(root_port).unsettled, 1u);
  EXPECT_GT(InfoOf(root_port).aer_lost + PortInfo(1).aer_lost, 0u);
  EXPECT_TRUE(m.LogHas("root errors do not end"));
  root->root_errors_stick = false;
}

TEST_F(SwitchFixture, PlantedBugErrorsAreNotPassedOn) {
  hcfg.plants = PCI_PLANT_DEAF_AER;
  Start();
  root->Error(2, Bdf(2));
  Serve();
  EXPECT_TRUE(drv[2].calls.empty());
}

}  // namespace
}  // namespace sw
