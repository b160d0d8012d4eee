// SPDX-License-Identifier: Apache-2.0
//
// D3hot: quiesced first, and a quarantine outlasts it.
#include "port.h"

namespace sw_port {
namespace {

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

}  // namespace
}  // namespace sw_port
