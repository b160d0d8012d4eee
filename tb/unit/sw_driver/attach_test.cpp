// SPDX-License-Identifier: Apache-2.0
//
// Attach, detach, map and unmap; events.

#include "driver.h"

namespace sw_driver {
namespace {

TEST_F(Driver, AttachOrder) {
  Start(false);
  m.consumed.clear();
  m.events.clear();
  bool eats_before_pci = false;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_REATTACHED) eats_before_pci = Machine::EatsInForce(Fn(0)) && Fn(0).ats();
  };
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  m.on_event = nullptr;
  EXPECT_TRUE(eats_before_pci);
  ExpectWorking(0);
  EXPECT_EQ(AtcInvs(Bdf(0)), 1u);  // the mandatory ATC_INV(all), last
  ASSERT_GE(m.consumed.size(), 2u);
  EXPECT_EQ(m.consumed[m.consumed.size() - 2].op(), 0x40u);
  EXPECT_EQ(m.consumed[m.consumed.size() - 2].dw1, 52u);
  EXPECT_EQ(Fn(0).Read(0x156, 2) & 1, 1u);  // PASID was enabled before ATS
}

TEST_F(Driver, UnmapIsTwoSyncs) {
  Start();
  EXPECT_EQ(MapUnmap(0x10000, 2), 0);
  std::vector<unsigned> ops;
  for (const auto& c : m.consumed) ops.push_back(c.op());
  EXPECT_EQ(ops, (std::vector<unsigned>{0x12, 0x46, 0x40, 0x40, 0x40, 0x40, 0x46}));
  EXPECT_EQ(m.consumed[2].dw1, 0x10001u);  // pages 0x10, 0x11
  for (unsigned i = 0; i < kDevices; i++) EXPECT_EQ(m.consumed[2 + i].sid(), Bdf(i));
}

TEST_F(Driver, SmallBatchesEachWithItsSync) {
  plat.batch = 3;
  Start();
  EXPECT_EQ(MapUnmap(), 0);
  std::vector<unsigned> ops;
  for (const auto& c : m.consumed) ops.push_back(c.op());
  EXPECT_EQ(ops, (std::vector<unsigned>{0x12, 0x46, 0x40, 0x40, 0x40, 0x46, 0x40, 0x46}));
}

TEST_F(Driver, UnmapErrors) {
  Start();
  EXPECT_EQ(iommu_unmap(dom, 0x10000, 1), -ENOENT);
  EXPECT_EQ(iommu_unmap(dom, 0x10001, 1), -EINVAL);
  EXPECT_EQ(iommu_unmap(dom, 0x10000, 0), -EINVAL);
  iommu_domain* blocking;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_BLOCKING, &blocking), 0);
  EXPECT_EQ(iommu_map(blocking, 0, 0, 1, IOMMU_READ), -EINVAL);
  EXPECT_EQ(iommu_unmap(blocking, 0, 1), -EINVAL);
  EXPECT_EQ(iommu_domain_destroy(blocking), 0);
}

TEST_F(Driver, DetachFlushesAndStopsInvalidating) {
  Start();
  EXPECT_EQ(iommu_detach(dev[1]), 0);
  EXPECT_EQ(Fn(1).ste0, 1u);
  EXPECT_FALSE(Fn(1).ats());
  EXPECT_EQ(AtcInvs(Bdf(1)), 1u);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(1)), 0u);
  EXPECT_EQ(AtcInvs(Bdf(2)), 1u);
  EXPECT_EQ(iommu_domain_destroy(dom), -EBUSY);
}

TEST_F(Driver, LastDetachFlushesTheAsid) {
  Start();
  for (unsigned i = 0; i < kDevices; i++) EXPECT_EQ(iommu_detach(dev[i]), 0);
  EXPECT_EQ(m.consumed[m.consumed.size() - 2].op(), 0x11u);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_TRUE(m.consumed.empty());
}

TEST_F(Driver, AnotherDomainIdentityAndBack) {
  Start();
  iommu_domain *other, *identity;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_IDENTITY, &identity), 0);
  EXPECT_EQ(iommu_attach(other, dev[0]), 0);
  ExpectWorking(0);
  m.consumed.clear();
  EXPECT_EQ(MapUnmap(), 0);
  EXPECT_EQ(AtcInvs(Bdf(0)), 0u);
  EXPECT_EQ(iommu_attach(identity, dev[0]), 0);
  EXPECT_EQ(Fn(0).ste0 >> 1 & 7, 4u);
  EXPECT_FALSE(Fn(0).ats());
  EXPECT_EQ(iommu_attach(dom, dev[0]), 0);
  ExpectWorking(0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
  EXPECT_EQ(iommu_domain_destroy(identity), 0);
}

TEST_F(Driver, AttachSurvivesEveryFailedAllocation) {
  Start(false);
  for (unsigned nth = 1;; nth++) {
    const unsigned before = port_host_allocs(m.p);
    port_host_fail_alloc(m.p, nth);
    const int r = iommu_attach(dom, dev[0]);
    port_host_fail_alloc(m.p, 0);
    if (r == 0) break;
    ASSERT_EQ(r, -ENOMEM);
    ASSERT_EQ(port_host_allocs(m.p), before);
    ASSERT_EQ(Info(0).ats_on, false);
  }
  ExpectWorking(0);
}

TEST_F(Driver, Pasids) {
  Start();
  iommu_domain* sva;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &sva), 0);
  EXPECT_EQ(iommu_attach_pasid(sva, dev[0], 0), -EINVAL);
  EXPECT_EQ(iommu_attach_pasid(sva, dev[0], 16), -EINVAL);
  EXPECT_EQ(iommu_attach_pasid(sva, dev[0], 5), 0);
  EXPECT_EQ(iommu_attach_pasid(sva, dev[0], 5), -EBUSY);
  m.consumed.clear();
  EXPECT_EQ(iommu_map(sva, 0x7000, 0x80000000, 1, IOMMU_READ), 0);
  EXPECT_EQ(iommu_unmap(sva, 0x7000, 1), 0);
  ASSERT_EQ(m.consumed.size(), 4u);
  EXPECT_EQ(m.consumed[2].dw0 & 0xffffffff, 0x5840u);  // SSV, SSID 5, ATC_INV
  EXPECT_EQ(iommu_detach(dev[0]), -EBUSY);
  EXPECT_EQ(iommu_detach_pasid(dev[0], 5), 0);
  EXPECT_EQ(iommu_detach_pasid(dev[0], 5), -ENOENT);
  EXPECT_EQ(iommu_domain_destroy(sva), 0);
}

TEST_F(Driver, EventsAreTakenAndOverflowAcknowledged) {
  Start();
  static std::vector<uint64_t> got;
  got.clear();
  smmu_set_event_handler(s, [](void*, const uint64_t rec[4]) { got.push_back(rec[0]); }, nullptr);
  const uint64_t base = (uint64_t{m.reg32[0xa4]} << 32 | m.reg32[0xa0]) & 0x00ffffffffffffe0 & ~uint64_t{0xfff};
  for (unsigned i = 0; i < 5; i++) *reinterpret_cast<uint64_t*>(base + 32 * i) = 0x0000010000000007ull + i;
  m.reg32[0x100a8] = 5 | 1u << 31;
  port_host_set_cpu(m.p, plat.irq_cpu);
  port_host_raise(m.p, PORT_IRQ_EVENTQ);
  port_host_advance(m.p, 1);
  port_host_set_cpu(m.p, 0);
  EXPECT_EQ(got.size(), 5u);
  EXPECT_EQ(m.reg32[0x100ac], 5u | 1u << 31);
  EXPECT_EQ(Stats().event_overflows, 1u);
}

}  // namespace
}  // namespace sw_driver
