// SPDX-License-Identifier: Apache-2.0
//
// timeout_list against a model that keeps a deadline per entry: expiry exact to the cycle, also
// when `now` jumps, and every done entry leaves.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

#include "Vtimeout_list.h"

namespace {

constexpr int kN = 32;
constexpr uint64_t kNoDeadline = (uint64_t{1} << 48) - 1;

class Dut {
 public:
  Dut() {
    top_.rst_ni = 0;
    top_.clk_i = 0;
    top_.threshold_i = 100;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.rst_ni = 1;
    Idle();
  }
  void Idle() {
    top_.insert_valid_i = 0;
    top_.insert_index_i = 0;
    top_.clear_i = 0;
  }
  void Settle() {
    top_.clk_i = 0;
    top_.now_i = now;
    top_.eval();
  }
  void Edge(uint64_t step) {
    top_.clk_i = 1;
    top_.eval();
    now += step;
  }
  Vtimeout_list* operator->() { return &top_; }

  uint64_t now = 1000;

 private:
  Vtimeout_list top_;
};

struct Entry {
  bool linked = false;
  bool pending = false;
  uint64_t start = 0;
  int done_for = 0;  // cycles since it was cleared, not counting cycles with an insertion
};

struct Mix {
  int insert_percent;
  int clear_percent;
  bool jump;
};

void RandomRun(unsigned seed, uint64_t threshold, Mix mix, int cycles, int* expired) {
  std::mt19937 rng(seed);
  auto percent = [&](int p) { return static_cast<int>(rng() % 100) < p; };
  Dut dut;
  dut->threshold_i = threshold;
  std::array<Entry, kN> model;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    dut.Idle();
    // A burst of insertions, then a pause long enough for the list to empty by time-out.
    const bool burst = (cycle / 200) % 2 == 0;
    std::vector<int> spare;
    for (int i = 0; i < kN; ++i)
      if (!model[i].linked) spare.push_back(i);
    int inserted = -1;
    if (burst && !spare.empty() && percent(mix.insert_percent)) {
      inserted = spare[rng() % spare.size()];
      dut->insert_valid_i = 1;
      dut->insert_index_i = inserted;
    }
    uint32_t clear = 0;
    if (percent(mix.clear_percent))
      clear = rng() & rng();  // also bits of entries that are not pending
    if (inserted >= 0) clear &= ~(1u << inserted);
    // Aim some clears at the cycle of a deadline.
    for (int i = 0; i < kN; ++i)
      if (model[i].pending && model[i].start + threshold == dut.now && percent(30))
        clear |= 1u << i;
    dut->clear_i = clear;
    dut.Settle();

    // What must be true in this cycle.
    int due = -1;
    bool done_linked = false;
    bool clears = false;
    uint32_t linked = 0, pending = 0;
    uint64_t deadline = kNoDeadline;
    for (int i = 0; i < kN; ++i) {
      const Entry& e = model[i];
      linked |= uint32_t{e.linked} << i;
      pending |= uint32_t{e.pending} << i;
      if (!e.linked) continue;
      ASSERT_GE(e.start + threshold, dut.now) << "entry " << i << " is linked after its deadline";
      if (!e.pending) {
        done_linked = true;
        continue;
      }
      deadline = std::min(deadline, e.start + threshold);
      if ((clear >> i) & 1)
        clears = true;
      else if (e.start + threshold == dut.now)
        due = i;
    }
    ASSERT_EQ(dut->linked_o, linked);
    ASSERT_EQ(dut->pending_o, pending);
    ASSERT_EQ(dut->expire_valid_o, due >= 0) << "cycle " << cycle;
    if (due >= 0) {
      ASSERT_EQ(dut->expire_index_o, static_cast<unsigned>(due));
      ++*expired;
      ASSERT_TRUE(dut->unlink_valid_o);
      ASSERT_EQ(dut->unlink_index_o, static_cast<unsigned>(due));
    }
    if (dut->unlink_valid_o) {
      const Entry& e = model[dut->unlink_index_o];
      ASSERT_TRUE(e.linked);
      ASSERT_TRUE(!e.pending || ((clear >> dut->unlink_index_o) & 1) ||
                  static_cast<int>(dut->unlink_index_o) == due);
    } else {
      ASSERT_FALSE(done_linked) << "a done entry is left and nothing was unlinked";
    }
    const bool quiet = inserted < 0 && due < 0 && !done_linked && !clears;
    ASSERT_EQ(dut->quiet_o, quiet);
    if (quiet) ASSERT_EQ(dut->next_deadline_o, deadline);

    // The edge.
    for (int i = 0; i < kN; ++i)
      if ((clear >> i) & 1) model[i].pending = false;
    if (dut->unlink_valid_o) model[dut->unlink_index_o] = Entry{};
    if (inserted >= 0) model[inserted] = Entry{true, true, dut.now, 0};
    for (Entry& e : model) {
      if (e.linked && !e.pending && inserted < 0)
        ASSERT_LE(++e.done_for, kN) << "not unlinked within N cycles";
    }
    uint64_t step = 1;
    if (quiet && mix.jump) {
      const uint64_t limit = std::min<uint64_t>(deadline, dut.now + 1 + rng() % 400) - dut.now;
      step = percent(50) ? limit : 1 + rng() % limit;
    }
    dut.Edge(step);
  }
}

TEST(TimeoutList, ExactAgainstModel) {
  int expired = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    for (const Mix mix :
         {Mix{90, 20, false}, Mix{30, 5, true}, Mix{100, 60, true}, Mix{60, 2, false}}) {
      for (const uint64_t threshold : {1u, 2u, 7u, 31u, 32u, 33u, 100u, 1000u}) {
        RandomRun(seed, threshold, mix, 1500, &expired);
        if (HasFatalFailure()) FAIL() << "seed " << seed << " threshold " << threshold;
      }
    }
  }
  EXPECT_GT(expired, 5000);
}

// Same stimuli at the same times, once cycle by cycle and once with jumps: the same expiries at the
// same times.
TEST(TimeoutList, JumpsChangeNothing) {
  using Log = std::vector<std::tuple<uint64_t, int>>;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    auto run = [seed](bool jump, int* edges) {
      std::mt19937 rng(seed);
      Dut dut;
      dut->threshold_i = 50 + rng() % 2000;
      std::vector<std::tuple<uint64_t, bool, int>> plan;  // time, insert or clear, index
      uint64_t t = dut.now + 1;
      for (int k = 0; k < 60; ++k) {
        plan.emplace_back(t, true, k % kN);
        if (rng() % 3 == 0) plan.emplace_back(t + 1 + rng() % 300, false, k % kN);
        t += 1 + (rng() % 4 ? rng() % 5 : rng() % 5000);
      }
      std::stable_sort(plan.begin(), plan.end(), [](const auto& a, const auto& b) {
        return std::get<0>(a) < std::get<0>(b);
      });
      Log log;
      size_t next = 0;
      const uint64_t end = t + 10000;
      *edges = 0;
      while (dut.now < end) {
        dut.Idle();
        dut.Settle();
        const uint32_t linked = dut->linked_o;
        while (next < plan.size() && std::get<0>(plan[next]) == dut.now) {
          const auto [time, insert, index] = plan[next++];
          if (!insert) {
            dut->clear_i |= 1u << index;
          } else if (!((linked >> index) & 1)) {
            dut->insert_valid_i = 1;
            dut->insert_index_i = index;
          }
        }
        if (dut->insert_valid_i) dut->clear_i &= ~(1u << dut->insert_index_i);
        dut.Settle();
        if (dut->expire_valid_o) log.emplace_back(dut.now, dut->expire_index_o);
        uint64_t step = 1;
        if (jump && dut->quiet_o) {
          uint64_t to = std::min<uint64_t>(dut->next_deadline_o, end);
          if (next < plan.size()) to = std::min(to, std::get<0>(plan[next]));
          step = to - dut.now;
        }
        dut.Edge(step);
        ++*edges;
      }
      return log;
    };
    int plain_edges = 0, jump_edges = 0;
    const Log plain = run(false, &plain_edges);
    const Log jumped = run(true, &jump_edges);
    EXPECT_EQ(plain, jumped) << "seed " << seed;
    EXPECT_FALSE(plain.empty());
    EXPECT_LT(jump_edges * 10, plain_edges);
  }
}

// A lowered threshold makes several entries overdue: one expires each cycle, oldest first.
TEST(TimeoutList, LoweredThresholdExpiresOneACycle) {
  Dut dut;
  dut->threshold_i = 1000;
  for (int i = 0; i < 5; ++i) {
    dut->insert_valid_i = 1;
    dut->insert_index_i = 7 - i;
    dut.Settle();
    dut.Edge(1);
  }
  dut.Idle();
  for (int i = 0; i < 20; ++i) {
    dut.Settle();
    ASSERT_FALSE(dut->expire_valid_o);
    dut.Edge(1);
  }
  dut->threshold_i = 10;
  for (int i = 0; i < 5; ++i) {
    dut.Settle();
    ASSERT_TRUE(dut->expire_valid_o);
    ASSERT_EQ(dut->expire_index_o, 7u - i);
    ASSERT_FALSE(dut->quiet_o);
    dut.Edge(1);
  }
  dut.Settle();
  EXPECT_FALSE(dut->expire_valid_o);
  EXPECT_TRUE(dut->quiet_o);
  EXPECT_EQ(dut->next_deadline_o, kNoDeadline);
}

TEST(TimeoutList, DeadlineBeyondTheClockIsNone) {
  Dut dut;
  dut->threshold_i = kNoDeadline;
  dut->insert_valid_i = 1;
  dut->insert_index_i = 3;
  dut.Settle();
  dut.Edge(1);
  dut.Idle();
  dut.Settle();
  EXPECT_EQ(dut->next_deadline_o, kNoDeadline);
  EXPECT_FALSE(dut->expire_valid_o);
  EXPECT_TRUE(dut->quiet_o);
}

}  // namespace
