// SPDX-License-Identifier: Apache-2.0
//
// What every policy that isolates promises.

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "../sw_driver_fixture.h"

extern "C" {
#include "../../../sw/smmu/policy.h"
}

namespace {

using fake::Machine;
using sw::Bdf;

class Policy : public sw::DriverFixture {
 protected:
  bool Innocent(unsigned i) { return drv[i].calls.empty() && Fn(i).flrs == 0; }
};

TEST_F(Policy, NamesAreListedAndFound) {
  unsigned n = 0;
  while (const char* name = smmu_policy_name(n)) {
    ASSERT_NE(smmu_policy_find(name), nullptr);
    EXPECT_STREQ(smmu_policy_find(name)->name, name);
    EXPECT_NE(std::string(smmu_policy_summary(n)), "");
    n++;
  }
  EXPECT_EQ(n, 9u);
  EXPECT_EQ(smmu_policy_summary(n), nullptr);
  EXPECT_EQ(smmu_policy_find("minima"), nullptr);
  EXPECT_EQ(smmu_policy_find("minimal2"), nullptr);
  EXPECT_EQ(smmu_policy_find(nullptr), nullptr);
}

// ------------------------------------------------------------------ all that isolate
class Isolating : public Policy, public ::testing::WithParamInterface<std::tuple<const char*, smmu_isolate_order>> {
 protected:
  void SetUp() override {
    plat.policy = std::get<0>(GetParam());
    plat.order = std::get<1>(GetParam());
  }
  bool Spares() { return std::string(plat.policy) != "block-all"; }
};

TEST_P(Isolating, OneHangsAndComesBackFortyTimes) {
  Start();
  for (unsigned round = 0; round < 40; round++) {
    drv[1].calls.clear();
    Fn(1).dead = true;
    ASSERT_EQ(MapUnmap(), 0);
    ExpectIsolated(1);  // before unmap returned (D24)
    EXPECT_EQ(Info(1).state, IOMMU_DEV_QUARANTINED);
    m.consumed.clear();
    ASSERT_EQ(MapUnmap(), 0);
    EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
    EXPECT_EQ(port_host_run_work(m.p), Spares() ? 1u : 4u);
    EXPECT_EQ(drv[1].calls, (std::vector<std::string>{"error", "slot_reset", "resume"}));
    for (unsigned i = 0; i < kDevices; i++) ExpectWorking(i);
    m.consumed.clear();
    ASSERT_EQ(MapUnmap(), 0);
    EXPECT_EQ(AtcInvs(Bdf(1)), 1u);
  }
  for (unsigned i : {0u, 2u, 3u}) EXPECT_EQ(Innocent(i), Spares());
  EXPECT_EQ(Stats().foreign_errors, 0u);
}

TEST_P(Isolating, OrderOfTheTwoSwitches) {
  Start();
  Fn(1).dead = true;
  ASSERT_EQ(MapUnmap(), 0);
  const size_t from = [&] {
    size_t at = m.Find(EV_ISOLATED);
    while (m.events[at].a0 != Bdf(1)) at = m.Find(EV_ISOLATED, at + 1);
    return at;
  }();
  const size_t pci = m.Find(EV_ATS_DISABLE_WRITE, from), eats = m.Find(EV_STE_EATS_CLEAR, from);
  EXPECT_EQ(pci < eats, plat.order == SMMU_PCI_FIRST);
}

TEST_P(Isolating, KOfNInOneBatch) {
  devices = 8;
  Start();
  for (unsigned i : {0u, 3u, 4u, 7u}) Fn(i).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  for (unsigned i : {0u, 3u, 4u, 7u}) ExpectIsolated(i);
  for (unsigned i : {1u, 2u, 5u, 6u}) EXPECT_EQ(Info(i).ats_on, Spares());
  port_host_run_work(m.p);
  for (unsigned i = 0; i < devices; i++) ExpectWorking(i);
  for (unsigned i : {1u, 2u, 5u, 6u}) EXPECT_EQ(Innocent(i), Spares());
}

TEST_P(Isolating, EveryDomainOfThePasidsStopsSending) {
  Start();
  iommu_domain* sva;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &sva), 0);
  ASSERT_EQ(iommu_attach_pasid(sva, dev[1], 3), 0);
  ASSERT_EQ(iommu_attach_pasid(dom, dev[1], 4), 0);  // two entries of one device in one list
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  ExpectIsolated(1);
  m.consumed.clear();
  EXPECT_EQ(iommu_map(sva, 0x7000, 0x80000000, 1, IOMMU_READ), 0);
  EXPECT_EQ(iommu_unmap(sva, 0x7000, 1), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  port_host_run_work(m.p);
  ExpectWorking(1);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 2u);
  EXPECT_EQ(iommu_detach_pasid(dev[1], 4), 0);
  EXPECT_EQ(iommu_detach_pasid(dev[1], 3), 0);
  EXPECT_EQ(iommu_domain_destroy(sva), 0);
}

TEST_P(Isolating, HangsAgainAfterTheResetIsGivenUpOnce) {
  Start();
  Fn(1).dead = Fn(1).survives = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(Fn(1).flrs, 1u);
  EXPECT_EQ(std::count(drv[1].calls.begin(), drv[1].calls.end(), "failure"), 1);
  EXPECT_EQ(std::count(drv[1].calls.begin(), drv[1].calls.end(), "resume"), 0);
  ExpectIsolated(1);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  EXPECT_EQ(port_host_run_work(m.p), 0u);
  Fn(1).dead = Fn(1).survives = false;
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

TEST_P(Isolating, WithoutADriverUntilAnOutsideReset) {
  Start();
  pci_bind_driver(pdev[1], nullptr, nullptr);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  port_host_run_work(m.p);
  EXPECT_EQ(Fn(1).flrs, 0u);
  ExpectIsolated(1);
  EXPECT_EQ(pci_reset_function(pdev[1]), 0);
  ExpectWorking(1);
}

TEST_P(Isolating, QueueErrorsOfTheSearchReachTheCaller) {
  plat.poll_timeout = 20000;
  plat.expiry_limit = 1;
  Start();
  Fn(1).dead = true;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_ISOLATE_START) m.stuck = true;
  };
  EXPECT_EQ(MapUnmap(), -ETIMEDOUT);
  m.on_event = nullptr;
  m.stuck = false;
}

std::string Name(const ::testing::TestParamInfo<std::tuple<const char*, smmu_isolate_order>>& i) {
  std::string name = std::get<0>(i.param);
  for (char& c : name) c = c == '-' ? '_' : c;
  return name + (std::get<1>(i.param) == SMMU_PCI_FIRST ? "_pci_first" : "_eats_first");
}
INSTANTIATE_TEST_SUITE_P(All, Isolating,
                         ::testing::Combine(::testing::Values("minimal", "fenced", "bitmap-core", "bitmap-core-keep", "bisect",
                                                              "sync-per-device", "block-all"),
                                            ::testing::Values(SMMU_PCI_FIRST, SMMU_EATS_FIRST)),
                         Name);

}  // namespace
