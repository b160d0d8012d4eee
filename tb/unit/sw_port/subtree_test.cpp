// SPDX-License-Identifier: Apache-2.0
//
// The two deliveries of an error: to the function, or to everything below the port.
#include "port.h"

namespace sw_port {
namespace {

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

}  // namespace
}  // namespace sw_port
