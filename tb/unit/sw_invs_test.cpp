// SPDX-License-Identifier: Apache-2.0
//
// Invalidation lists: order, growth, removal without allocation, marks that no copy loses, and grace periods under real
// threads (the address sanitizer sees a reader that outlives what it reads).

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

extern "C" {
#include "../../sw/iommu/invs.h"
#include "port_host.h"
}

namespace {

class Invs : public ::testing::Test {
 protected:
  Invs() {
    static const port_host_ops ops{};
    port_ = port_host_create(4, &ops, nullptr);
    EXPECT_EQ(invs_init(port_, &list_), 0);
  }
  ~Invs() override {
    invs_free(&list_);
    EXPECT_EQ(port_host_destroy(port_), 0u);
  }

  static inv_entry Entry(inv_type type, uint32_t id, uint32_t ssid = 0) {
    inv_entry e{};
    e.type = type;
    e.id = id;
    e.ssid = ssid;
    return e;
  }
  std::vector<inv_entry*> Snapshot() {
    unsigned token;
    const inv_array* a = invs_enter(&list_, &token);
    std::vector<inv_entry*> r(a->e, a->e + a->n);
    invs_exit(&list_, token);
    return r;
  }
  static bool Ordered(const inv_entry* a, const inv_entry* b) {
    return std::tie(a->type, a->id, a->ssid) < std::tie(b->type, b->id, b->ssid);
  }

  port* port_;
  invs list_;
};

TEST_F(Invs, TlbiBeforeAtcWhateverTheOrderOfInsertion) {
  std::vector<inv_entry> e = {Entry(INV_ATS, 0x400), Entry(INV_TLBI_ASID, 9), Entry(INV_ATS, 0x100, 3),
                              Entry(INV_ATS, 0x100), Entry(INV_TLBI_ASID, 2)};
  for (auto& x : e) ASSERT_EQ(invs_insert(&list_, &x), 0);
  EXPECT_EQ(Snapshot(), (std::vector<inv_entry*>{&e[4], &e[1], &e[3], &e[2], &e[0]}));
}

TEST_F(Invs, RandomInsertAndRemoveAgainstAModel) {
  std::mt19937 rng(7);
  std::vector<inv_entry> pool;
  for (unsigned i = 0; i < 100; i++) pool.push_back(Entry(i % 7 ? INV_ATS : INV_TLBI_ASID, i * 37 % 101, i % 3));
  std::set<inv_entry*> in;
  for (int step = 0; step < 4000; step++) {
    inv_entry* e = &pool[rng() % pool.size()];
    if (in.count(e)) {
      invs_remove(&list_, e);
      in.erase(e);
    } else {
      ASSERT_EQ(invs_insert(&list_, e), 0);
      in.insert(e);
    }
    const auto got = Snapshot();
    ASSERT_EQ(std::set<inv_entry*>(got.begin(), got.end()), in);
    ASSERT_EQ(got.size(), in.size());
    for (size_t i = 1; i < got.size(); i++) ASSERT_FALSE(Ordered(got[i], got[i - 1]));
  }
}

TEST_F(Invs, TheSameKeyTwice) {  // a re-attach: fresh entry in, old entry out
  inv_entry old = Entry(INV_ATS, 0x100), fresh = Entry(INV_ATS, 0x100);
  ASSERT_EQ(invs_insert(&list_, &old), 0);
  ASSERT_EQ(invs_insert(&list_, &fresh), 0);
  EXPECT_EQ(Snapshot(), (std::vector<inv_entry*>{&old, &fresh}));
  invs_remove(&list_, &old);
  EXPECT_EQ(Snapshot(), (std::vector<inv_entry*>{&fresh}));
}

TEST_F(Invs, RemovingWhatIsNotThereChangesNothing) {
  inv_entry a = Entry(INV_ATS, 1), b = Entry(INV_ATS, 2);
  ASSERT_EQ(invs_insert(&list_, &a), 0);
  invs_remove(&list_, &b);
  EXPECT_EQ(Snapshot(), (std::vector<inv_entry*>{&a}));
}

TEST_F(Invs, AMarkIsSeenThroughAnArrayThatWasReadBefore) {
  inv_entry a = Entry(INV_ATS, 1), b = Entry(INV_ATS, 2);
  ASSERT_EQ(invs_insert(&list_, &a), 0);
  unsigned token;
  const inv_array* before = invs_enter(&list_, &token);
  port_atomic_set(port_, &a.broken, 1);
  EXPECT_TRUE(inv_entry_broken(port_, before->e[0]));
  invs_exit(&list_, token);
  ASSERT_EQ(invs_insert(&list_, &b), 0);  // and through one that is built after it
  EXPECT_TRUE(inv_entry_broken(port_, Snapshot()[0]));
  EXPECT_FALSE(inv_entry_broken(port_, Snapshot()[1]));
}

TEST_F(Invs, FailedGrowthChangesNothingAndRemovalNeedsNoMemory) {
  std::vector<inv_entry> e;
  for (unsigned i = 0; i < 9; i++) e.push_back(Entry(INV_ATS, i));
  for (unsigned i = 0; i < 8; i++) ASSERT_EQ(invs_insert(&list_, &e[i]), 0);
  for (unsigned nth = 1; nth <= 2; nth++) {
    port_host_fail_alloc(port_, nth);
    EXPECT_LT(invs_insert(&list_, &e[8]), 0);
    EXPECT_EQ(Snapshot().size(), 8u);
    port_host_fail_alloc(port_, 0);
  }
  for (unsigned i = 0; i < 8; i++) {
    port_host_fail_alloc(port_, 1);
    invs_remove(&list_, &e[i]);
    port_host_fail_alloc(port_, 0);
  }
  EXPECT_TRUE(Snapshot().empty());
  ASSERT_EQ(invs_insert(&list_, &e[8]), 0);
}

TEST_F(Invs, InitWithoutMemoryLeavesNothing) {
  for (unsigned nth = 1; nth <= 2; nth++) {
    invs list;
    port_host_fail_alloc(port_, nth);
    EXPECT_EQ(invs_init(port_, &list), -ENOMEM);
    port_host_fail_alloc(port_, 0);
    EXPECT_EQ(port_host_allocs(port_), 2u);  // those of list_
  }
}

// A reader that does not leave is complained about, and waited for all the same.
TEST(InvsGrace, ASlowReaderIsReportedAndNotLeftBehind) {
  static std::atomic<unsigned> complaints;
  complaints = 0;
  port_host_ops ops{};
  ops.log = [](void*, port_log_level level, const char*) { complaints += level == PORT_LOG_ERR; };
  port* p = port_host_create(2, &ops, nullptr);
  invs list;
  ASSERT_EQ(invs_init(p, &list), 0);
  inv_entry e{};
  unsigned token;
  ASSERT_EQ(invs_insert(&list, &e), 0);
  const inv_array* seen = invs_enter(&list, &token);
  std::atomic<bool> removed{false};
  std::thread updater([&] {
    invs_remove(&list, &e);
    removed = true;
  });
  while (complaints == 0) port_host_advance(p, 1000000000);
  EXPECT_FALSE(removed);
  EXPECT_EQ(seen->n, 1u);
  EXPECT_EQ(seen->e[0], &e);
  invs_exit(&list, token);
  updater.join();
  EXPECT_EQ(invs_enter(&list, &token)->n, 0u);
  invs_exit(&list, token);
  invs_free(&list);
  EXPECT_EQ(port_host_destroy(p), 0u);
}

// Entries are freed as soon as invs_remove() returns. Readers touch all they see, slowly.
TEST_F(Invs, ReadersAgainstAnUpdater) {
  constexpr int kReaders = 3, kUpdates = 3000;
  port_host_set_jitter(port_, 4);
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> seen{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; i++) {
    readers.emplace_back([&] {
      while (!stop) {
        unsigned token;
        const inv_array* a = invs_enter(&list_, &token);
        for (unsigned k = 0; k < a->n; k++) {
          ASSERT_LT(a->e[k]->id, 1000u);
          seen += a->e[k]->id != 0;
          std::this_thread::yield();
        }
        invs_exit(&list_, token);
      }
    });
  }
  std::mt19937 rng(11);
  std::vector<std::unique_ptr<inv_entry>> in;
  for (int i = 0; i < kUpdates || seen < 50000; i++) {  // until the readers have had enough chances
    if (in.size() < 3 || (in.size() < 12 && rng() % 2)) {
      in.push_back(std::make_unique<inv_entry>(Entry(INV_ATS, 1 + rng() % 999)));
      ASSERT_EQ(invs_insert(&list_, in.back().get()), 0);
    } else {
      const size_t k = rng() % in.size();
      invs_remove(&list_, in[k].get());
      in[k]->id = 1000000;  // nobody may look any more
      in.erase(in.begin() + static_cast<long>(k));
    }
  }
  stop = true;
  for (auto& t : readers) t.join();
  for (auto& e : in) invs_remove(&list_, e.get());
  EXPECT_GT(seen, 0u);
}

}  // namespace
