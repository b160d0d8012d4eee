// SPDX-License-Identifier: Apache-2.0
//
// smmu_sync and smmu_drain_share against models of what a SYNC waits for: transactions of two
// colours, events, ATC invalidations with time-outs, the MSI before. Never too early, never later
// than it must be, errors as D2 and D3 say.

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "Vsmmu_sync_tb.h"

namespace {

struct Bench {
  Bench() {
    top.rst_ni = 0;
    Edge();
    top.rst_ni = 1;
    top.inval_idle_i = 1;
    top.evt_idle_i = 1;
    top.evt_done_i = 1;
    top.atc_idle_i = 1;
    top.drain_done_i = 1;
    top.eval();
  }
  void Edge() {
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
  }
  Vsmmu_sync_tb top;
};

TEST(Sync, NothingOutstanding) {
  Bench b;
  auto& t = b.top;
  t.valid_i = 1;
  t.irq_i = 1;
  t.eval();
  EXPECT_TRUE(t.drain_start_o) << "the drain starts in the cycle of the SYNC";
  EXPECT_FALSE(t.done_o);
  b.Edge();
  EXPECT_TRUE(t.done_o) << "one cycle";
  EXPECT_TRUE(t.irq_o);
  b.Edge();
  t.valid_i = 0;
  t.eval();
  EXPECT_FALSE(t.done_o);
  EXPECT_TRUE(t.quiet_o);
}

TEST(Sync, ErrorInTheCycleItsConditionHolds) {
  Bench b;
  auto& t = b.top;
  t.atc_idle_i = 0;
  t.valid_i = 1;
  for (int i = 0; i < 50; ++i) b.Edge();
  EXPECT_TRUE(t.quiet_o) << "waiting for invalidations is quiet";
  t.atc_timed_out_i = 1;
  t.eval();
  EXPECT_FALSE(t.error_o) << "drained mode: others are outstanding";
  for (int i = 0; i < 10; ++i) b.Edge();
  t.atc_idle_i = 1;
  t.eval();
  EXPECT_TRUE(t.error_o);
  EXPECT_TRUE(t.atc_clear_o);
  EXPECT_FALSE(t.done_o || t.irq_o);
  b.Edge();
  t.valid_i = 0;
  t.atc_timed_out_i = 0;
  b.Edge();
  // The retried SYNC starts from a clean slate.
  t.valid_i = 1;
  b.Edge();
  EXPECT_TRUE(t.done_o);
}

TEST(Sync, FirstModeErrsWithOthersOutstanding) {
  Bench b;
  auto& t = b.top;
  t.err_first_i = 1;
  t.atc_idle_i = 0;
  t.valid_i = 1;
  b.Edge();
  t.atc_timed_out_i = 1;
  t.eval();
  EXPECT_TRUE(t.error_o);
  b.Edge();
  t.valid_i = 0;
  t.atc_timed_out_i = 0;
  b.Edge();
  t.valid_i = 1;
  for (int i = 0; i < 20; ++i) {
    b.Edge();
    EXPECT_FALSE(t.error_o || t.done_o) << "waits for the rest";
  }
  t.atc_idle_i = 1;
  t.eval();
  EXPECT_TRUE(t.done_o);
}

TEST(Sync, RereportsAsOftenAsTold) {
  for (int n : {0, 1, 5}) {
    Bench b;
    auto& t = b.top;
    t.rereport_i = static_cast<CData>(n);
    t.atc_timed_out_i = 1;
    int errors = 0;
    for (int attempt = 0; attempt < 10; ++attempt) {
      t.valid_i = 1;
      t.eval();
      while (!t.done_o && !t.error_o) b.Edge();
      const bool failed = t.error_o;
      errors += failed;
      b.Edge();
      t.valid_i = 0;
      t.atc_timed_out_i = 0;
      b.Edge();
      if (!failed) break;
    }
    EXPECT_EQ(errors, n + 1);
  }
}

TEST(Sync, DrainErrorsDoNotWaitForTransactions) {
  Bench b;
  auto& t = b.top;
  t.valid_i = 1;
  b.Edge();
  t.drain_done_i = 0;  // transactions of the old colour
  b.Edge();
  t.atc_timed_out_i = 1;
  t.eval();
  EXPECT_TRUE(t.error_o);
  b.Edge();
  t.valid_i = 0;
  t.atc_timed_out_i = 0;
  b.Edge();
  t.valid_i = 1;  // the retry may start a drain only when the one under way is over
  for (int i = 0; i < 10; ++i) {
    b.Edge();
    EXPECT_FALSE(t.drain_start_o || t.done_o);
  }
  t.drain_done_i = 1;
  t.eval();
  EXPECT_TRUE(t.drain_start_o);
  EXPECT_FALSE(t.done_o) << "the epoch before the retry does not count";
  b.Edge();
  EXPECT_TRUE(t.done_o);
}

// A transaction or an event: everything accepted before the SYNC must be over when it completes.
struct Item {
  uint64_t accepted;
  uint64_t colour;
};

void RandomRun(unsigned seed, uint64_t* dones, uint64_t* errors, uint64_t* others) {
  std::mt19937 rng(seed);
  auto percent = [&](int p) { return static_cast<int>(rng() % 100) < p; };
  Bench b;
  auto& t = b.top;
  const bool first = seed % 2;
  const int rereport = seed % 3 ? 0 : static_cast<int>(rng() % 4);
  const int busy = 5 + static_cast<int>(rng() % 60);  // how loaded the other units are
  t.err_first_i = first;
  t.rereport_i = static_cast<CData>(rereport);
  std::vector<Item> txns;
  std::vector<uint64_t> events;  // accepted at
  uint64_t colour = 0, mark = 0;
  int inval = 0, atc = 0, msi = 0, again = 0;
  bool timed_out = false, valid = false, other = false;
  uint64_t valid_since = 0, ready_since = 0, other_since = 0;
  for (uint64_t cycle = 1; cycle < 30000; ++cycle) {
    // ---- a new SYNC; invalidations come only between SYNCs
    if (!valid) {
      if (percent(30)) {
        valid = true;
        valid_since = cycle;
        ready_since = 0;
      } else {
        inval += percent(busy / 4);
        atc += percent(busy);
      }
    }
    if (!other && percent(2)) {
      other = true;
      other_since = cycle;
    }
    // ---- units
    bool old_colour = false;
    for (const Item& x : txns) old_colour |= x.colour != colour;
    bool marked = false;
    for (uint64_t e : events) marked |= e <= mark;
    t.valid_i = valid;
    t.irq_i = percent(50);
    t.inval_idle_i = inval == 0;
    t.drain_done_i = !old_colour;
    t.evt_idle_i = events.empty();
    t.evt_done_i = !marked;
    t.atc_idle_i = atc == 0;
    t.atc_timed_out_i = timed_out;
    t.msi_busy_i = msi > 0;
    t.other_req_i = other;
    t.eval();

    // ---- checks
    ASSERT_FALSE(t.done_o && t.error_o);
    ASSERT_EQ(bool(t.irq_o), t.done_o && t.irq_i);
    ASSERT_EQ(bool(t.atc_clear_o), bool(t.error_o));
    const bool must_fail = valid && (timed_out || again > 0) && (first || atc == 0);
    ASSERT_EQ(bool(t.error_o), must_fail) << "cycle " << cycle;
    bool older = inval > 0;
    for (const Item& x : txns) older |= x.accepted < valid_since;
    for (uint64_t e : events) older |= e < valid_since;
    if (t.done_o) {
      ASSERT_TRUE(valid);
      ASSERT_FALSE(older) << "a transaction or event from before the SYNC is not over; cycle "
                          << cycle;
      ASSERT_EQ(atc, 0) << "never completes before outstanding = 0";
      ASSERT_FALSE(timed_out);
      ASSERT_EQ(msi, 0);
    }
    // Transactions younger than the SYNC delay it by at most the epoch they are in: give the drain
    // and its events time.
    if (valid && !older && atc == 0 && msi == 0 && !old_colour && !marked) {
      if (ready_since == 0) ready_since = cycle;
      ASSERT_LT(cycle - ready_since, 4000u) << "the SYNC never completes";
    }
    if (t.other_done_o) {
      ASSERT_TRUE(other);
      for (const Item& x : txns) ASSERT_GE(x.accepted, other_since);
    }
    if (t.drain_start_o) ASSERT_FALSE(old_colour);
    const bool done = t.done_o, error = t.error_o, start = t.drain_start_o, set_mark = t.evt_mark_o;
    const bool other_done = t.other_done_o, irq = t.irq_o;
    if (t.quiet_o) b.Edge();
    b.Edge();

    // ---- next cycle. A transaction hands its event over before it is done.
    for (size_t i = 0; i < txns.size();) {
      if (percent(8)) {
        if (percent(30)) events.push_back(txns[i].accepted);
        txns.erase(txns.begin() + static_cast<long>(i));
      } else {
        ++i;
      }
    }
    if (set_mark) mark = cycle;
    if (percent(20) && !events.empty()) events.erase(events.begin());
    if (percent(busy)) txns.push_back({cycle, colour});
    if (start) colour ^= 1;
    if (inval > 0) inval -= percent(40);
    if (atc > 0 && percent(25)) {
      --atc;
      timed_out |= percent(4);
    }
    if (msi > 0) --msi;
    if (error) {
      ++*errors;
      again = timed_out ? rereport : again - 1;
      timed_out = false;
      valid = false;
    }
    if (done) {
      ++*dones;
      valid = false;
      if (irq) msi = 1 + static_cast<int>(rng() % 30);
    }
    if (other_done) {
      ++*others;
      other = false;
    }
  }
}

TEST(Sync, RandomAgainstModel) {
  uint64_t dones = 0, errors = 0, others = 0;
  for (unsigned seed = 1; seed <= 24; ++seed) {
    RandomRun(seed, &dones, &errors, &others);
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(dones, 3000u);
  EXPECT_GT(errors, 100u);
  EXPECT_GT(others, 500u);
}

}  // namespace
