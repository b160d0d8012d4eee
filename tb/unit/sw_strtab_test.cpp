// SPDX-License-Identifier: Apache-2.0
//
// The stream table's shape, the slot of a new master, the list of masters, ASIDs: what there is, what there is not enough of.

#include <gtest/gtest.h>

#include <vector>

#include "sw_driver_fixture.h"

namespace {

using fake::Machine;
using sw::Bdf;

class Strtab : public sw::DriverFixture {
 protected:
  void Bare() {
    ASSERT_EQ(smmu_probe(m.p, &plat, &s), 0);
    ASSERT_EQ(pci_host_create(m.p, &hcfg, &host), 0);
    devices = 0;
  }
  void TearDown() override {
    for (auto* d : made) iommu_device_destroy(d);
    for (auto* f : functions) pci_dev_destroy(f);
    if (!dom && s) pci_host_destroy(host);
    DriverFixture::TearDown();
  }
  int Create(uint16_t bdf, unsigned ssid_bits = 4, unsigned hw_index = 0, bool ats = true) {
    iommu_device_cfg c{};
    c.sid = bdf;
    c.hw_index = hw_index;
    c.ats = ats;
    c.ssid_bits = ssid_bits;
    if (!m.fn.count(bdf)) m.AddFunction(bdf);
    pci_dev* f;
    EXPECT_EQ(pci_dev_create(host, bdf, &f), 0);
    iommu_device* d = nullptr;
    const int r = iommu_device_create(s, f, &c, &d);
    if (r == 0) {
      made.push_back(d);
      functions.push_back(f);
    } else {
      EXPECT_EQ(d, nullptr);
      pci_dev_destroy(f);
    }
    return r;
  }

  std::vector<iommu_device*> made;
  std::vector<pci_dev*> functions;
};

TEST_F(Strtab, FewerStreamsThanALevelTwoTableHolds) {
  m.reg32[0x04] = (m.reg32[0x04] & ~0x3fu) | 7;
  Bare();
  EXPECT_EQ(m.reg32[0x88], 7u | 8u << 6 | 1u << 16);
  EXPECT_EQ(Create(0x7f), 0);
  EXPECT_EQ(Create(0x80), -EINVAL);  // a StreamID that the SMMU cannot tell from another one
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &dom), 0);
  EXPECT_EQ(iommu_attach(dom, made[0]), 0);
  EXPECT_TRUE(Machine::EatsInForce(m.fn[0x7f]));
  EXPECT_EQ(iommu_detach(made[0]), 0);
}

TEST_F(Strtab, LinearTableHoldsItsStreamsOnly) {
  m.reg32[0x00] &= ~(3u << 27);
  m.reg32[0x04] = (m.reg32[0x04] & ~0x3fu) | 9;
  Bare();
  const uint64_t base = (uint64_t{m.reg32[0x84]} << 32 | m.reg32[0x80]) & 0x00ffffffffffffc0;
  for (unsigned i = 0; i < 512; i++) ASSERT_EQ(Machine::Mem(base + 64 * i), 1u) << i;  // V, Config 000: aborts
  EXPECT_EQ(Create(0x1ff), 0);
  EXPECT_EQ(Create(0x200), -EINVAL);
}

TEST_F(Strtab, ALevelTwoTableIsMadeOnceAndAbortsAll) {
  Bare();
  const uint64_t base = (uint64_t{m.reg32[0x84]} << 32 | m.reg32[0x80]) & 0x00ffffffffffffc0;
  ASSERT_EQ(Create(0x205), 0);
  const uint64_t l1 = Machine::Mem(base + 8 * 2);
  EXPECT_EQ(l1 & 0x1f, 9u);  // SPAN: 2^8 STEs
  for (unsigned i = 0; i < 256; i++) ASSERT_EQ(Machine::Mem((l1 & ~0x3full) + 64 * i), 1u) << i;
  const unsigned before = port_host_allocs(m.p);
  ASSERT_EQ(Create(0x206), 0);
  EXPECT_EQ(Machine::Mem(base + 8 * 2), l1);
  EXPECT_LT(port_host_allocs(m.p) - before, 6u);
}

TEST_F(Strtab, ContextTablesOfAllSizesAreAligned) {
  Bare();
  for (unsigned bits = 0; bits <= IOMMU_SSID_BITS_MAX; bits++) {
    ASSERT_EQ(Create(Bdf(bits), bits), 0);
    for (uint64_t table : made.back()->master.cd_table) {
      EXPECT_NE(table, 0u);
      EXPECT_EQ(table % 4096, 0u);
      EXPECT_EQ(Machine::Mem(table + 64 * ((1u << bits) - 1)) & 0x80000000u, 0u);  // not valid
    }
  }
  EXPECT_EQ(Create(Bdf(9), IOMMU_SSID_BITS_MAX + 1), -EINVAL);
}

TEST_F(Strtab, MoreThanTheHardwareHas) {
  m.reg32[0x04] = (m.reg32[0x04] & ~(0x1fu << 6)) | 2u << 6;  // SSIDSIZE
  Bare();
  EXPECT_EQ(Create(0x100, 3), -EINVAL);
  EXPECT_EQ(Create(0x100, 2, 99), -EINVAL);  // there is no limit register of that index
  EXPECT_EQ(Create(0x100, 2), 0);
}

TEST_F(Strtab, WithoutAtsTheLimitRegisterIsLeftAlone) {
  Bare();
  m.reg32[0xe20 + 4 * 3] = 77;
  EXPECT_EQ(Create(0x100, 4, 3, false), 0);
  EXPECT_EQ(m.reg32[0xe20 + 4 * 3], 77u);
  EXPECT_EQ(Create(0x200, 4, 3), 0);
  EXPECT_EQ(m.reg32[0xe20 + 4 * 3], 8u);
}

// With and without the list of masters, which a creation that fails must not enter nor damage.
class StrtabMemory : public Strtab, public ::testing::WithParamInterface<const char*> {};

TEST_P(StrtabMemory, CreationSurvivesEveryFailedAllocation) {
  plat.policy = GetParam();
  Bare();
  ASSERT_EQ(Create(0x100), 0);
  const auto* listed = s->masters;
  unsigned failed = 0;
  for (bool done = false; !done;) {
    const uint16_t bdf = Bdf(2 + failed);  // on a bus of its own, whose level 2 table is not there yet
    m.AddFunction(bdf);
    pci_dev* f;
    ASSERT_EQ(pci_dev_create(host, bdf, &f), 0);
    const unsigned before = port_host_allocs(m.p);
    iommu_device_cfg c{};
    c.sid = bdf;
    c.ats = true;
    c.ssid_bits = 4;
    iommu_device* d;
    port_host_fail_alloc(m.p, failed + 1);
    const int r = iommu_device_create(s, f, &c, &d);
    port_host_fail_alloc(m.p, 0);
    done = r == 0;
    if (done) {
      iommu_device_destroy(d);
    } else {
      ASSERT_EQ(r, -ENOMEM);
      failed++;
      // a level 2 table stays
      ASSERT_LE(port_host_allocs(m.p), before + 1);
    }
    ASSERT_EQ(s->masters, listed);
    pci_dev_destroy(f);
  }
  EXPECT_EQ(failed, 4u);  // the device, the level 2 table, two context tables
}
INSTANTIATE_TEST_SUITE_P(Both, StrtabMemory, ::testing::Values("minimal", "isr-reset"),
                         [](const auto& i) { return i.index == 0 ? "unlisted" : "listed"; });

TEST_F(Strtab, AsidsRunOutAndComeBack) {
  m.reg32[0x00] &= ~(1u << 12);  // ASID16 = 0: 256 of them, 0 is not used
  Bare();
  std::vector<iommu_domain*> all;
  iommu_domain* d;
  while (all.size() < 300 && iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &d) == 0) all.push_back(d);
  EXPECT_EQ(all.size(), 255u);
  EXPECT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &d), -ENOSPC);
  ASSERT_EQ(iommu_domain_destroy(all[100]), 0);
  EXPECT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &all[100]), 0);
  for (auto* x : all) EXPECT_EQ(iommu_domain_destroy(x), 0);
}

}  // namespace
