// SPDX-License-Identifier: Apache-2.0
//
// What an unmap puts into the queue: the TLBI half for every size and every SMMU, the ATC half in batches, the order of the
// two, and what an error of the one means for the other.

#include <gtest/gtest.h>

#include <vector>

#include "sw_driver_fixture.h"

namespace {

using sw::Bdf;

constexpr unsigned kTlbiAsid = 0x11, kTlbiVa = 0x12, kAtcInv = 0x40, kSync = 0x46;

class Inv : public sw::DriverFixture {
 protected:
  void SetUp() override { devices = 1; }
  std::vector<unsigned> Ops() {
    std::vector<unsigned> ops;
    for (const auto& c : m.consumed) ops.push_back(c.op());
    return ops;
  }
  int Invalidate(uint64_t iova, uint64_t npages) {
    const smmu_inv_request rq = {1, iova, npages};
    m.consumed.clear();
    return smmu_inv_domain(s, &dom->invs, &rq);
  }
  // Pages that the TLBIs consumed so far name, as smmuv3.md §2.3 reads them.
  std::vector<uint64_t> Pages() {
    std::vector<uint64_t> pages;
    for (const auto& c : m.consumed) {
      if (c.op() != kTlbiVa) continue;
      const uint64_t tg = c.dw1 >> 10 & 3, scale = c.dw0 >> 20 & 0x1f, num = c.dw0 >> 12 & 0x1f;
      const uint64_t n = tg ? (num + 1) << scale : 1;
      for (uint64_t i = 0; i < n; i++) pages.push_back((c.dw1 >> 12) + i);
    }
    return pages;
  }
};

TEST_F(Inv, ByRangeEveryPageOnce) {
  Start();
  for (uint64_t n : {1u, 2u, 31u, 32u, 33u, 63u, 64u, 65u, 1023u}) {
    ASSERT_EQ(Invalidate(0x40000, n), 0);
    const auto pages = Pages();
    ASSERT_EQ(pages.size(), n);
    for (uint64_t i = 0; i < n; i++) ASSERT_EQ(pages[i], 0x40 + i);
  }
}

TEST_F(Inv, WithoutRangesPageByPageUpToALimit) {
  m.reg32[0x0c] = 0;  // IDR3.RIL
  Start();
  ASSERT_EQ(Invalidate(0x40000, 32), 0);
  const auto pages = Pages();
  ASSERT_EQ(pages.size(), 32u);
  for (uint64_t i = 0; i < 32; i++) EXPECT_EQ(pages[i], 0x40 + i);
  ASSERT_EQ(Invalidate(0x40000, 33), 0);
  EXPECT_EQ(Ops(), (std::vector<unsigned>{kTlbiAsid, kSync, kAtcInv, kSync}));
}

TEST_F(Inv, EverythingAndMoreThanARangeCanSayIsTheWholeAsid) {
  Start();
  for (uint64_t n : {uint64_t{0}, (uint64_t{1} << 20) + 1}) {
    ASSERT_EQ(Invalidate(0x40000, n), 0);
    EXPECT_EQ(Ops(), (std::vector<unsigned>{kTlbiAsid, kSync, kAtcInv, kSync})) << n;
  }
  ASSERT_EQ(Invalidate(0x40000, uint64_t{1} << 20), 0);
  EXPECT_EQ(Ops()[0], kTlbiVa);
  ASSERT_EQ(Invalidate(0x40000, 0), 0);
  EXPECT_EQ(m.consumed[2].dw1, 52u);  // and the whole ATC
}

// More TLBIs than a batch holds: each full one has a SYNC of its own.
TEST_F(Inv, ALongTlbiHalfIsSeveralBatches) {
  m.reg32[0x0c] = 0;
  plat.batch = 2;
  Start();
  ASSERT_EQ(Invalidate(0x40000, 5), 0);
  EXPECT_EQ(Ops(), (std::vector<unsigned>{kTlbiVa, kTlbiVa, kSync, kTlbiVa, kTlbiVa, kSync, kTlbiVa, kSync, kAtcInv, kSync}));
  EXPECT_EQ(Pages().size(), 5u);
}

TEST_F(Inv, AnIllegalTlbiDoesNotSpareTheDevices) {
  m.reg32[0x0c] = 0;
  plat.batch = 2;
  Start();
  // as if the SMMU did not know the first TLBI: CERROR_ILL, the driver puts a SYNC in its place
  m.ill = kTlbiVa;
  EXPECT_EQ(Invalidate(0x40000, 5), -EINVAL);
  m.ill = 0;
  EXPECT_EQ(AtcInvs(Bdf(0)), 1u);
  EXPECT_EQ(Pages().size(), 1u);  // of the failing batch; the rest was not sent
  EXPECT_EQ(Stats().cerror_ill, 1u);
}

// A list may name several ASIDs: all of them are invalidated, up to the first that fails.
TEST_F(Inv, EveryAsidOfTheList) {
  plat.batch = 1;
  plat.poll_timeout = 500;
  plat.expiry_limit = 1;
  Start();
  inv_entry other{}, third{};
  other.type = third.type = INV_TLBI_ASID;
  other.id = 77;
  third.id = 78;
  ASSERT_EQ(invs_insert(&dom->invs, &other), 0);
  ASSERT_EQ(invs_insert(&dom->invs, &third), 0);
  ASSERT_EQ(Invalidate(0x40000, 0), 0);
  EXPECT_EQ(Ops(), (std::vector<unsigned>{kTlbiAsid, kSync, kTlbiAsid, kSync, kTlbiAsid, kSync, kAtcInv, kSync}));
  EXPECT_EQ(m.consumed[2].dw0 >> 48, 77u);
  EXPECT_EQ(m.consumed[4].dw0 >> 48, 78u);
  m.stuck = true;
  const auto before = Stats();
  EXPECT_EQ(Invalidate(0x40000, 0), -ETIMEDOUT);
  EXPECT_EQ(Stats().tlbi_commands - before.tlbi_commands, 2u);  // the second one finds the batch full, and the queue dead
  m.stuck = false;
  invs_remove(&dom->invs, &other);
  invs_remove(&dom->invs, &third);
}

TEST_F(Inv, AQueueThatStandsStillSendsNoAtcHalf) {
  plat.poll_timeout = 500;
  plat.expiry_limit = 1;
  Start();
  m.stuck = true;
  EXPECT_EQ(Invalidate(0x40000, 1), -ETIMEDOUT);
  m.stuck = false;
  EXPECT_EQ(Stats().atc_batches, 1u);  // that of attach
  EXPECT_EQ(Invalidate(0x40000, 1), 0);
}

TEST_F(Inv, AnIllegalAtcInvIsTheResult) {
  Start();
  m.ill = kAtcInv;
  EXPECT_EQ(Invalidate(0x40000, 1), -EINVAL);
  m.ill = 0;
  EXPECT_EQ(Invalidate(0x40000, 1), 0);
}

TEST_F(Inv, PlantedMissingTlbiHalf) {
  plat.plants = SMMU_PLANT_SKIP_TLBI;
  Start();
  EXPECT_EQ(Invalidate(0x40000, 1), 0);
  EXPECT_EQ(Ops(), (std::vector<unsigned>{kAtcInv, kSync}));
}

}  // namespace
