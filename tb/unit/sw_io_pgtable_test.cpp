// SPDX-License-Identifier: Apache-2.0
//
// Stage 1 tables: what the driver writes, read back by a walker written from smmuv3.md §6 with its own constants.

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <thread>
#include <vector>

extern "C" {
#include "../../sw/iommu/io_pgtable.h"
#include "port_host.h"
}

namespace {

struct Leaf {
  uint64_t pa;
  bool write, unpriv, af, ng, xn;
  unsigned sh, attr;
};

// 48 bits, four levels; nullopt = F_TRANSLATION.
std::optional<Leaf> Walk(uint64_t root, uint64_t va) {
  if (va >> 48) return std::nullopt;
  uint64_t table = root;
  for (unsigned shift : {39u, 30u, 21u, 12u}) {
    const uint64_t d = reinterpret_cast<const uint64_t*>(table)[va >> shift & 511];
    if ((d & 3) != 3) return std::nullopt;  // no blocks are made
    table = d & 0x0000fffffffff000;
    if (shift == 12) {
      return Leaf{table | (va & 0xfff),   !(d >> 7 & 1),          (d >> 6 & 1) != 0, (d >> 10 & 1) != 0,
                  (d >> 11 & 1) != 0,     (d >> 53 & 3) == 3,     unsigned(d >> 8 & 3), unsigned(d >> 2 & 7)};
    }
  }
  return std::nullopt;
}

class Pgtable : public ::testing::Test {
 protected:
  Pgtable() {
    static const port_host_ops ops{};
    port_ = port_host_create(4, &ops, nullptr);
    EXPECT_EQ(io_pgtable_init(port_, &t_), 0);
  }
  ~Pgtable() override {
    io_pgtable_free(&t_);
    EXPECT_EQ(port_host_destroy(port_), 0u);
  }
  int Map(uint64_t iova, uint64_t pa, uint64_t n, unsigned prot = IO_PROT_READ | IO_PROT_WRITE) {
    return io_pgtable_map(&t_, iova, pa, n, prot, &done_);
  }
  int Unmap(uint64_t iova, uint64_t n) { return io_pgtable_unmap(&t_, iova, n, &missing_); }

  port* port_;
  io_pgtable t_;
  uint64_t done_ = 0, missing_ = 0;
};

TEST_F(Pgtable, OnePageAndItsAttributes) {
  ASSERT_EQ(Map(0x7f1234567000, 0x812345000, 1), 0);
  const auto leaf = Walk(t_.root, 0x7f1234567abc);
  ASSERT_TRUE(leaf);
  EXPECT_EQ(leaf->pa, 0x812345abcu);
  EXPECT_TRUE(leaf->write && leaf->unpriv && leaf->af && leaf->ng && leaf->xn);
  EXPECT_EQ(leaf->sh, 3u);
  EXPECT_EQ(leaf->attr, 0u);
  EXPECT_FALSE(Walk(t_.root, 0x7f1234566000));
  EXPECT_FALSE(Walk(t_.root, 0x7f1234568000));
}

TEST_F(Pgtable, ReadOnly) {
  ASSERT_EQ(Map(0x1000, 0x2000, 1, IO_PROT_READ), 0);
  EXPECT_FALSE(Walk(t_.root, 0x1000)->write);
}

TEST_F(Pgtable, RunAcrossEveryTableBoundary) {
  // the last pages below 2 MiB, 1 GiB and 512 GiB boundaries and the first ones above
  for (uint64_t edge : {uint64_t{1} << 21, uint64_t{1} << 30, uint64_t{1} << 39}) {
    ASSERT_EQ(Map(edge * 3 - 0x3000, 0x100000000, 6), 0);
    for (int i = 0; i < 6; i++) {
      const auto leaf = Walk(t_.root, edge * 3 - 0x3000 + i * 0x1000u);
      ASSERT_TRUE(leaf) << edge << " " << i;
      EXPECT_EQ(leaf->pa, 0x100000000u + i * 0x1000u);
    }
  }
}

TEST_F(Pgtable, WrongArguments) {
  EXPECT_EQ(Map(0x1001, 0x2000, 1), -EINVAL);
  EXPECT_EQ(Map(0x1000, 0x2001, 1), -EINVAL);
  EXPECT_EQ(Map(0x1000, 0x2000, 0), -EINVAL);
  EXPECT_EQ(Map(0x1000, 0x2000, 1, 0), -EINVAL);
  EXPECT_EQ(Map(0x1000, 0x2000, 1, 8), -EINVAL);
  EXPECT_EQ(Map(uint64_t{1} << 48, 0x2000, 1), -EINVAL);
  EXPECT_EQ(Map((uint64_t{1} << 48) - 0x1000, 0x2000, 2), -EINVAL);
  EXPECT_EQ(Map(0x1000, (uint64_t{1} << 48) - 0x1000, 2), -EINVAL);
  EXPECT_EQ(Map(0x1000, 0x2000, UINT64_MAX), -EINVAL);
  EXPECT_EQ(Unmap(0x1000, 0), -EINVAL);
  EXPECT_EQ(Unmap(0x1000, UINT64_MAX), -EINVAL);
  EXPECT_EQ(Map((uint64_t{1} << 48) - 0x1000, (uint64_t{1} << 48) - 0x1000, 1), 0);
}

TEST_F(Pgtable, CollisionKeepsWhatIsThere) {
  ASSERT_EQ(Map(0x3000, 0xa000, 1), 0);
  EXPECT_EQ(Map(0x1000, 0xf0000, 4), -EEXIST);
  EXPECT_EQ(done_, 2u);
  EXPECT_EQ(Walk(t_.root, 0x2000)->pa, 0xf1000u);
  EXPECT_EQ(Walk(t_.root, 0x3000)->pa, 0xa000u);
  EXPECT_FALSE(Walk(t_.root, 0x4000));
}

TEST_F(Pgtable, UnmapCountsWhatWasMissing) {
  ASSERT_EQ(Map(0x1000, 0xa000, 1), 0);
  ASSERT_EQ(Map(0x3000, 0xc000, 1), 0);
  EXPECT_EQ(Unmap(0x0, 5), 0);
  EXPECT_EQ(missing_, 3u);
  EXPECT_FALSE(Walk(t_.root, 0x1000));
  EXPECT_EQ(Unmap(0x123400000000, 2), 0);  // not even tables there
  EXPECT_EQ(missing_, 2u);
}

TEST_F(Pgtable, LookupFindsWhatTheWalkerFinds) {
  EXPECT_EQ(io_pgtable_lookup(&t_, 0x123400001000), 0u);  // not even tables there
  ASSERT_EQ(Map(0x123400001000, 0xa000, 1), 0);
  EXPECT_EQ(io_pgtable_pte_pa(io_pgtable_lookup(&t_, 0x123400001000)), 0xa000u);
  EXPECT_EQ(io_pgtable_lookup(&t_, 0x123400002000), 0u);
}

TEST_F(Pgtable, FreedTwiceIsFreedOnce) {
  ASSERT_EQ(Map(0x1000, 0x2000, 1), 0);
  io_pgtable_free(&t_);
  EXPECT_EQ(port_host_allocs(port_), 0u);
  io_pgtable_free(&t_);
}

TEST_F(Pgtable, OutOfMemoryAtEveryLevel) {
  for (unsigned nth = 1; nth <= 3; nth++) {
    port_host_fail_alloc(port_, nth);
    EXPECT_EQ(Map(uint64_t{nth} << 40, 0x1000, 1), -ENOMEM);
    EXPECT_EQ(done_, 0u);
    port_host_fail_alloc(port_, 0);
    EXPECT_EQ(Map(uint64_t{nth} << 40, 0x1000, 1), 0);
  }
}

TEST_F(Pgtable, RandomAgainstAMap) {
  std::mt19937_64 rng(3);
  std::map<uint64_t, uint64_t> model;
  const uint64_t bases[] = {0, 0x1ff000, 0x3fffe000, 0x7fffffe000, 0xffff00000000};
  for (int step = 0; step < 3000; step++) {
    const uint64_t iova = bases[rng() % 5] + (rng() % 64) * 0x1000, n = 1 + rng() % 8, pa = (rng() % (1 << 20)) * 0x1000;
    if (rng() % 2) {
      uint64_t expect = 0;
      while (expect < n && !model.count(iova + expect * 0x1000)) expect++;
      ASSERT_EQ(Map(iova, pa, n), expect == n ? 0 : -EEXIST);
      ASSERT_EQ(done_, expect);
      for (uint64_t i = 0; i < expect; i++) model[iova + i * 0x1000] = pa + i * 0x1000;
    } else {
      uint64_t missing = 0;
      for (uint64_t i = 0; i < n; i++) missing += model.erase(iova + i * 0x1000) == 0;
      ASSERT_EQ(Unmap(iova, n), 0);
      ASSERT_EQ(missing_, missing);
    }
  }
  for (uint64_t base : bases) {
    for (uint64_t i = 0; i < 80; i++) {
      const auto leaf = Walk(t_.root, base + i * 0x1000);
      const auto it = model.find(base + i * 0x1000);
      ASSERT_EQ(leaf.has_value(), it != model.end());
      if (leaf) {
        ASSERT_EQ(leaf->pa, it->second);
        ASSERT_EQ(io_pgtable_pte_pa(io_pgtable_lookup(&t_, base + i * 0x1000)), it->second);
      }
    }
  }
}

TEST_F(Pgtable, MapsOfNeighboursRaceForTheSameTables) {
  constexpr int kThreads = 4, kPages = 512;
  port_host_set_jitter(port_, 4);
  std::vector<std::thread> threads;
  for (int k = 0; k < kThreads; k++) {
    threads.emplace_back([this, k] {
      uint64_t done, missing;
      for (uint64_t i = 0; i < kPages; i++) {
        const uint64_t iova = (i << 33) + k * 0x1000u;  // fresh level 1 and 2 tables each time, shared by all
        ASSERT_EQ(io_pgtable_map(&t_, iova, (i * kThreads + k) << 12, 1, IO_PROT_READ, &done), 0);
        if (i % 3 == 0) {
          ASSERT_EQ(io_pgtable_unmap(&t_, iova, 1, &missing), 0);
          ASSERT_EQ(missing, 0u);
        }
      }
    });
  }
  for (auto& t : threads) t.join();
  for (uint64_t i = 0; i < kPages; i++) {
    for (uint64_t k = 0; k < kThreads; k++) {
      const auto leaf = Walk(t_.root, (i << 33) + k * 0x1000);
      ASSERT_EQ(leaf.has_value(), i % 3 != 0);
      if (leaf) {
        ASSERT_EQ(leaf->pa, (i * kThreads + k) << 12);
      }
    }
  }
}

}  // namespace
