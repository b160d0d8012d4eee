// SPDX-License-Identifier: Apache-2.0
//
// Step 5: an attach runs at each access to shared memory of an isolation, and the other way round.

#include "driver.h"

namespace sw_driver {
namespace {

class Interleave : public sw::InterleaveFixture,
                   public ::testing::WithParamInterface<std::tuple<smmu_isolate_order, bool>> {};

TEST_P(Interleave, AttachInsideIsolation) {
  plat.order = std::get<0>(GetParam());
  plat.sync_irq_off = false;
  plat.atc_timeout = 300;
  const bool heals = std::get<1>(GetParam());
  Start();
  iommu_domain* other;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  bool more = true;
  unsigned n = 0, raced_total = 0;
  for (; more; n++) {
    SCOPED_TRACE(n);
    Fn(1).dead = true;
    const uint64_t phase = port_atomic_read(m.p, &dom->invs.phase);
    const auto before = Stats();
    int attached = 1;
    more = Run(
        n, [&] { EXPECT_EQ(MapUnmap(), 0); },
        [&] {
          if (heals) Fn(1).dead = false;
          attached = iommu_attach(other, dev[1]);
        },
        [&] { return port_atomic_read(m.p, &dom->invs.phase) != phase; }, true);
    const auto after = Stats();
    ASSERT_NO_FATAL_FAILURE(ExpectConsistent(!heals && Fn(1).dead));
    if (HasFailure()) break;
    if (more && !heals) {
      EXPECT_TRUE(attached == -EIO) << attached;
    }
    EXPECT_LE(after.timeouts - before.timeouts, 5u);  // batch, question, attach, and once more for the race
    raced_total += static_cast<unsigned>(after.isolate_raced - before.isolate_raced);
    // recovery, and back to where we started
    Fn(1).dead = false;
    port_host_run_work(m.p);
    ASSERT_EQ(iommu_attach(dom, dev[1]), 0);
    ExpectWorking(1);
  }
  EXPECT_GT(n, 60u);
  EXPECT_GT(raced_total, 0u);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

TEST_P(Interleave, IsolationInsideAttach) {
  plat.order = std::get<0>(GetParam());
  plat.sync_irq_off = false;
  plat.atc_timeout = 300;
  const bool heals = std::get<1>(GetParam());
  Start();
  iommu_domain* other;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &other), 0);
  iommu_domain *from = dom, *to = other;
  bool more = true;
  unsigned n = 0;
  for (; more; n++) {
    SCOPED_TRACE(n);
    int r = 1;
    more = Run(
        n, [&] { r = iommu_attach(to, dev[1]); },
        [&] {
          Fn(1).dead = true;
          // unmap in both lists: whichever names the device meets the time-out
          for (iommu_domain* d : {from, to}) {
            EXPECT_EQ(iommu_map(d, 0x10000, 0x80000000, 1, IOMMU_READ), 0);
            EXPECT_EQ(iommu_unmap(d, 0x10000, 1), 0);
          }
          if (heals) Fn(1).dead = false;
        },
        [] { return false; }, false);
    ASSERT_NO_FATAL_FAILURE(ExpectConsistent(false));
    // 0 with the device isolated is right only if that came after the attach had looked for the last time
    EXPECT_TRUE(r == 0 || (r == -EIO && !Machine::EatsInForce(Fn(1)))) << r;
    // a dead device that is still trusted must be found by the next unmap at the latest
    EXPECT_EQ(iommu_map(to, 0x20000, 0x80000000, 1, IOMMU_READ), 0);
    EXPECT_EQ(iommu_unmap(to, 0x20000, 1), 0);
    ASSERT_NO_FATAL_FAILURE(ExpectConsistent(Fn(1).dead));
    if (HasFailure()) break;
    Fn(1).dead = false;
    port_host_run_work(m.p);
    std::swap(from, to);
    ASSERT_EQ(iommu_attach(from, dev[1]), 0);
    ExpectWorking(1);
  }
  EXPECT_GT(n, 60u);
  ASSERT_EQ(iommu_attach(dom, dev[1]), 0);
  EXPECT_EQ(iommu_domain_destroy(other), 0);
}

INSTANTIATE_TEST_SUITE_P(All, Interleave,
                         ::testing::Combine(::testing::Values(SMMU_PCI_FIRST, SMMU_EATS_FIRST), ::testing::Bool()));

}  // namespace
}  // namespace sw_driver
