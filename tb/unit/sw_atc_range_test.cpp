// SPDX-License-Identifier: Apache-2.0
//
// The covering range of a CMD_ATC_INV against its definition (smmuv3.md §2.1): naturally aligned, covers every page, and
// nothing half as large that is aligned would do.

#include <gtest/gtest.h>

#include <cstdint>

extern "C" {
#include "../../sw/iommu/atc_range.h"
}

namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kTop = (uint64_t{1} << 52) - 1;

bool Covers(uint64_t base_page, unsigned size, uint64_t first, uint64_t last) {
  if (size >= 52) return true;
  return first >> size == base_page >> size && last >> size == base_page >> size;
}

TEST(AtcRange, OnePage) {
  const atc_range r = atc_range_cover(0x12345000, 1);
  EXPECT_EQ(r.addr, 0x12345000u);
  EXPECT_EQ(r.size, 0u);
}

TEST(AtcRange, StraddlingABoundaryCostsEverythingBelowIt) {
  const atc_range r = atc_range_cover(7 * kPage, 2);  // pages 7 and 8: 0111 and 1000
  EXPECT_EQ(r.size, 4u);
  EXPECT_EQ(r.addr, 0u);
}

TEST(AtcRange, OffsetInsideThePageDoesNotMatter) {
  const atc_range r = atc_range_cover(0x12345678, 1);
  EXPECT_EQ(r.addr, 0x12345000u);
  EXPECT_EQ(r.size, 0u);
}

TEST(AtcRange, NothingMeansEverything) {
  const atc_range r = atc_range_cover(0x12345000, 0);
  EXPECT_EQ(r.size, 52u);
  EXPECT_EQ(r.addr, 0u);
}

TEST(AtcRange, HugeRanges) {
  EXPECT_EQ(atc_range_cover(0x40000000, 512).size, 9u);
  EXPECT_EQ(atc_range_cover(0x40000000, 512).addr, 0x40000000u);
  EXPECT_EQ(atc_range_cover(uint64_t{1} << 63, uint64_t{1} << 51).size, 51u);
  EXPECT_EQ(atc_range_cover(uint64_t{1} << 63, uint64_t{1} << 51).addr, uint64_t{1} << 63);
  EXPECT_EQ(atc_range_cover(0, uint64_t{1} << 52).size, 52u);
  EXPECT_EQ(atc_range_cover(0, UINT64_MAX).size, 52u);
}

TEST(AtcRange, RangeBeyondTheTopIsCut) {
  const atc_range r = atc_range_cover(kTop * kPage, 100);  // the last page and 99 that do not exist
  EXPECT_EQ(r.size, 0u);
  EXPECT_EQ(r.addr, kTop * kPage);
}

TEST(AtcRange, SmallestCoverExhaustive) {
  for (uint64_t first = 0; first < 130; first++) {
    for (uint64_t n = 1; n < 130; n++) {
      const atc_range r = atc_range_cover(first * kPage, n);
      const uint64_t base = r.addr / kPage;
      const uint64_t last = first + n - 1;
      ASSERT_EQ(r.addr % (kPage << r.size), 0u) << first << "+" << n;
      ASSERT_TRUE(Covers(base, r.size, first, last)) << first << "+" << n;
      if (r.size > 0) {
        ASSERT_FALSE(Covers(first, r.size - 1, first, last)) << first << "+" << n;
      }
    }
  }
}

TEST(AtcRange, SmallestCoverAroundEveryBoundary) {
  for (unsigned bit = 1; bit < 52; bit++) {
    const uint64_t edge = uint64_t{1} << bit;
    for (uint64_t before = 0; before < 3; before++) {
      for (uint64_t n = 1; n < 6; n++) {
        const uint64_t first = edge - before, last = first + n - 1;
        const atc_range r = atc_range_cover(first * kPage, n);
        ASSERT_TRUE(Covers(r.addr / kPage, r.size, first, last)) << bit;
        if (r.size > 0) {
          ASSERT_FALSE(Covers(first, r.size - 1, first, last)) << bit;
        }
      }
    }
  }
}

}  // namespace
