// SPDX-License-Identifier: Apache-2.0
//
// Bring-up: what the SMMU is told, what it is refused for, what is left when it fails.

#include "driver.h"

namespace sw_driver {
namespace {

TEST_F(Driver, ProbeLeavesTheSmmuOn) {
  Start(false);
  EXPECT_EQ(m.reg32[0x20], 0x1du);  // SMMUEN EVENTQEN CMDQEN ATSCHK
  EXPECT_EQ(m.reg32[0x50], 0x5u);   // GERROR and EVENTQ
  EXPECT_EQ(m.reg32[0x44] >> 20 & 1, 1u);
  EXPECT_EQ(m.reg32[0x2c], 0x6u);   // PTM RECINVSID
  EXPECT_EQ(m.reg32[0x88], 16u | 8u << 6 | 1u << 16);
  EXPECT_EQ(m.reg32[0xe00], 2000u);
  EXPECT_EQ(m.reg32[0xe20], 8u);  // INV_LIMIT from the queue depth
}

TEST_F(Driver, WithoutQdepTheLimitIsThatOfLinux) {
  plat.use_qdep = false;
  Start();
  EXPECT_EQ(m.reg32[0xe20], 32u);
}

TEST_F(Driver, ProbeRefusesWhatItCannotDrive) {
  const std::vector<std::pair<uint32_t, uint32_t>> bad = {
      {0x00, 1u << 1},         // no stage 1
      {0x00, 1u << 4},         // not coherent
      {0x00, 1u << 3},         // TTF loses AArch64
      {0x14, 1u << 4},         // no 4 KiB granule
  };
  for (const auto& [reg, bit] : bad) {
    m.reg32[reg] ^= bit;
    EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ENODEV) << reg << " " << bit;
    EXPECT_EQ(s, nullptr);
    m.reg32[reg] ^= bit;
    EXPECT_EQ(m.reg32[0x20], 0u);  // untouched
  }
  m.reg32[0x04] |= 1u << 30;  // TABLES_PRESET
  EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ENODEV);
  m.mute = true;
  EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ENODEV);
  EXPECT_EQ(port_host_allocs(m.p), 0u);
}

TEST_F(Driver, ProbeRefusesImpossibleParameters) {
  for (auto f : std::vector<std::function<void(smmu_platform&)>>{
           [](smmu_platform& p) { p.priq_budget = 0; }, [](smmu_platform& p) { p.batch = 0; }, [](smmu_platform& p) { p.batch = 64; },
           [](smmu_platform& p) { p.policy = "nobody"; }, [](smmu_platform& p) { p.poll_period = 0; },
           [](smmu_platform& p) { p.irq_cpu = 99; }, [](smmu_platform& p) { p.cmdq_log2 = 3; }}) {
    smmu_platform p = plat;
    f(p);
    EXPECT_EQ(smmu_probe(m.p, &p, &s), -EINVAL);
  }
  EXPECT_EQ(port_host_allocs(m.p), 0u);
}

TEST_F(Driver, ProbeSurvivesEveryFailedAllocation) {
  for (unsigned nth = 1;; nth++) {
    port_host_fail_alloc(m.p, nth);
    const int r = smmu_probe(m.p, &plat, &s);
    port_host_fail_alloc(m.p, 0);
    if (r == 0) {
      smmu_remove(s);
      s = nullptr;
      EXPECT_GT(nth, 5u);
      break;
    }
    ASSERT_EQ(r, -ENOMEM);
    ASSERT_EQ(port_host_allocs(m.p), 0u) << nth;
  }
}

TEST_F(Driver, StuckCommandQueueEndsProbe) {
  m.stuck = true;
  plat.poll_timeout = 500;
  plat.expiry_limit = 2;
  EXPECT_EQ(smmu_probe(m.p, &plat, &s), -ETIMEDOUT);
  EXPECT_EQ(port_host_allocs(m.p), 0u);
}

TEST_F(Driver, LinearStreamTableWhenThatIsAllThereIs) {
  m.reg32[0x00] &= ~(3u << 27);
  m.reg32[0x04] = (m.reg32[0x04] & ~0x3fu) | 11;
  Start();
  EXPECT_EQ(m.reg32[0x88], 11u);
  EXPECT_TRUE(Machine::EatsInForce(Fn(0)));
  EXPECT_EQ(MapUnmap(), 0);
}

TEST_F(Driver, NoFunctionThere) {
  Start();
  pci_dev* none;
  EXPECT_EQ(pci_dev_create(host, 0x7700, &none), -ENODEV);
}

}  // namespace
}  // namespace sw_driver
