// SPDX-License-Identifier: Apache-2.0
//
// smmu_atc_inv with 2 and 4 command queues, both tag scopes: what one queue does to the others (D7) and the promise of D1
// for each. A model of who owns what predicts idle and the time-out flag of every queue in every cycle.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <random>
#include <tuple>
#include <vector>

#include "Vsmmu_atc_inv_queues_tb.h"

namespace {

constexpr int kEps = 4;
constexpr int kTags = 8;
constexpr int kMaxQueues = 4;
constexpr uint64_t kNoDeadline = (uint64_t{1} << 48) - 1;

uint32_t Sid(int dev) { return static_cast<uint32_t>(dev + 1) << 8; }

struct Config {
  int queues;
  bool global;
};

class Bench {
 public:
  explicit Bench(Config c, uint64_t timeout = 1000, uint64_t interval = 0) : queues(c.queues), timeout_(timeout) {
    top_.dut_i = static_cast<unsigned>((c.queues == 4) * 2 + c.global);
    top_.timeout_i = timeout;
    top_.quar_interval_i = interval;
    for (int d = 0; d < kEps; ++d) Limit(d, 32);
    top_.clk_i = 0;
    top_.rst_ni = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.rst_ni = 1;
    ready.fill(true);
    latency.fill(10);
  }

  Vsmmu_atc_inv_queues_tb& top() { return top_; }
  void Limit(int dev, unsigned n) { top_.inv_limit_i = (top_.inv_limit_i & ~(63u << (6 * dev))) | n << (6 * dev); }
  unsigned QuarBusy(int dev) const { return (top_.quar_busy_o >> (6 * dev)) & 63; }

  void Cycle() {
    top_.clk_i = 0;
    top_.now_i = now;
    top_.cmd_valid_i = 0;
    for (int q = 0; q < queues; ++q) {
      if (commands[q].empty()) continue;
      top_.cmd_valid_i |= 1u << q;
      top_.cmd_sid_i[q] = commands[q].front();
    }
    top_.req_ready_i = 0;
    for (int d = 0; d < kEps; ++d) top_.req_ready_i |= static_cast<unsigned>(ready[d]) << d;
    top_.cpl_valid_i = 0;
    std::pair<int, unsigned> answer{-1, 0};
    if (!answers.empty() && answers.begin()->first <= now) {
      answer = answers.begin()->second;
      answers.erase(answers.begin());
      top_.cpl_valid_i = 1;
      top_.cpl_rid_i = Sid(answer.first);
      top_.cpl_itags_i = 1u << answer.second;
    }
    top_.eval();

    for (int q = 0; q < queues; ++q) {
      ASSERT_EQ((top_.idle_o >> q) & 1, open_[q] == 0) << "queue " << q << " cycle " << now;
      ASSERT_EQ((top_.timed_out_o >> q) & 1, flag[q]) << "queue " << q << " cycle " << now;
      flag[q] = flag[q] && !(top_.timed_out_clear_i >> q & 1);
    }
    // What the model knows of the requests: completion before deadline, deadline before consumption of new ones.
    for (int d = 0; d < kEps; ++d) {
      if (!((top_.req_valid_o >> d) & 1) || !ready[d]) continue;
      const unsigned itag = (top_.req_itag_o >> (5 * d)) & 31;
      const auto it = std::find_if(requests_.begin(), requests_.end(),
                                   [&](const Request& r) { return r.dev == d && r.itag < 0; });
      ASSERT_NE(it, requests_.end()) << "a request without a command";
      it->itag = static_cast<int>(itag);
      ++sent[it->queue];
      if (latency[d] > 0) answers.emplace(now + static_cast<uint64_t>(latency[d]), std::make_pair(d, itag));
    }
    if (answer.first >= 0) {
      const auto it = std::find_if(requests_.begin(), requests_.end(), [&](const Request& r) {
        return r.dev == answer.first && r.itag == static_cast<int>(answer.second);
      });
      if (it != requests_.end()) {
        --open_[it->queue];
        requests_.erase(it);
      }
    }
    while (!requests_.empty() && now >= requests_.front().start + timeout_) {
      const Request& r = requests_.front();
      --open_[r.queue];
      flag[r.queue] = true;
      requests_.pop_front();
    }
    served = -1;
    for (int q = 0; q < queues; ++q) {
      if (!(top_.cmd_valid_i >> q & 1)) continue;
      const bool taken = (top_.cmd_ready_o >> q) & 1;
      longest_wait = std::max(longest_wait, now - (offered_[q] ? first_[q] : now));
      if (!offered_[q]) first_[q] = now;
      offered_[q] = !taken;
      if (!taken) continue;
      ASSERT_LT(served, 0) << "two commands in one cycle";
      served = q;
      ++consumed[q];
      const uint32_t sid = commands[q].front();
      commands[q].pop_front();
      const int dev = static_cast<int>(sid >> 8) - 1;
      if (dev < 0 || dev >= kEps || (sid & 0xFF)) continue;
      if (top_.refused_o) {
        flag[q] = true;
        ++refused[q];
      } else {
        requests_.push_back({q, dev, -1, now});
        ++open_[q];
      }
      log.emplace_back(now, q);
    }
    uint64_t step = 1;
    if (jump && top_.quiet_o) {
      uint64_t to = std::min<uint64_t>(top_.next_deadline_o, end_of_time);
      if (!answers.empty()) to = std::min(to, answers.begin()->first);
      step = std::max<uint64_t>(to, now + 1) - now;
    }
    top_.clk_i = 1;
    top_.eval();
    top_.timed_out_clear_i = 0;
    top_.quar_release_i = 0;
    now += step;
    ++edges;
  }
  void Run(uint64_t cycles) {
    end_of_time = now + cycles;
    for (const uint64_t end = end_of_time; now < end && !testing::Test::HasFatalFailure();) Cycle();
    end_of_time = kNoDeadline;
  }

  const int queues;
  std::array<std::deque<uint32_t>, kMaxQueues> commands;
  std::array<bool, kEps> ready;
  std::array<int, kEps> latency;
  std::multimap<uint64_t, std::pair<int, unsigned>> answers;
  std::array<int, kMaxQueues> consumed = {}, sent = {}, refused = {};
  std::array<bool, kMaxQueues> flag = {};
  std::vector<std::pair<uint64_t, int>> log;  // consumption: cycle, queue
  uint64_t now = 10, edges = 0, end_of_time = kNoDeadline;
  uint64_t longest_wait = 0;
  int served = -1;
  bool jump = false;

 private:
  struct Request {
    int queue, dev, itag;
    uint64_t start;
  };
  Vsmmu_atc_inv_queues_tb top_;
  const uint64_t timeout_;
  std::list<Request> requests_;  // in order of consumption
  std::array<int, kMaxQueues> open_ = {};
  std::array<bool, kMaxQueues> offered_ = {};
  std::array<uint64_t, kMaxQueues> first_ = {};
};

class Queues : public testing::TestWithParam<std::tuple<int, bool>> {
 protected:
  Config config() const { return {std::get<0>(GetParam()), std::get<1>(GetParam())}; }
};
INSTANTIATE_TEST_SUITE_P(Sizes, Queues, testing::Combine(testing::Values(2, 4), testing::Bool()),
                         [](const auto& info) {
                           return std::to_string(std::get<0>(info.param)) +
                                  (std::get<1>(info.param) ? "Global" : "Device");
                         });

// A queue that waits for a dead device lets the others pass, and takes none of their SYNCs. Scope device: at full rate. Scope
// global: the waiting queue has all numbers but the reserved ones; with one it is a command each round trip and 3 cycles.
TEST_P(Queues, AWaitingQueueHoldsNobodyUp) {
  Bench b(config(), 5000);
  b.latency = {0, 4, 4, 4};
  for (int i = 0; i < 50; ++i) b.commands[0].push_back(Sid(0));
  b.Run(60);  // queue 0 has taken what it may
  ASSERT_EQ(b.top().stall_o, 1) << "waits for a tag";
  for (int i = 0; i < 500; ++i) b.commands[1].push_back(Sid(1 + i % 3));
  b.Run(config().global ? 500 * (4 + 3) : 510);
  EXPECT_TRUE(b.commands[1].empty()) << b.consumed[1] << " of 500";
  EXPECT_FALSE(b.flag[1]);
  b.Run(6000);
  EXPECT_TRUE(b.flag[0]);
  EXPECT_FALSE(b.flag[1]);
}

TEST_P(Queues, QueuesTakeTurns) {
  Bench b(config());
  b.latency.fill(2);
  for (int q = 0; q < b.queues; ++q)
    for (int i = 0; i < 500; ++i) b.commands[q].push_back(Sid(q));
  b.Run(400);
  for (int q = 0; q < b.queues; ++q) EXPECT_EQ(b.consumed[q], 400 / b.queues);
}

// D7: the tag set aside. Queue 0 has filled a device that never answers; another queue's command to the same device is
// consumed at once and has its own deadline.
TEST_P(Queues, TheReservedTagIsThere) {
  Bench b(config(), 1000, 100000);
  b.latency[0] = 0;
  for (int i = 0; i < 20; ++i) b.commands[0].push_back(Sid(0));
  b.Run(500);
  for (int q = 1; q < b.queues; ++q) {
    b.commands[q].push_back(Sid(0));
    b.Cycle();
    EXPECT_EQ(b.served, q) << "at once";
    b.Cycle();
    EXPECT_EQ(b.sent[q], 1);
  }
  b.Run(600);  // queue 0's first round has timed out, the others' not yet
  EXPECT_TRUE(b.flag[0]);
  for (int q = 1; q < b.queues; ++q) EXPECT_FALSE(b.flag[q]);
  b.Run(500);
  for (int q = 1; q < b.queues; ++q) EXPECT_TRUE(b.flag[q]) << "its own time-out";
}

// D1: all queues at one slow device with a small INV_LIMIT, or dead ones: nobody waits longer than a threshold and a turn.
TEST_P(Queues, EveryCommandIsConsumedInTime) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    std::mt19937 rng(seed);
    const uint64_t timeout = 200 + rng() % 200;
    Bench b(config(), timeout, rng() % 2 ? 0 : 50 + rng() % 2000);
    for (int d = 0; d < kEps; ++d) {
      b.latency[d] = rng() % 3 ? static_cast<int>(1 + rng() % 300) : 0;
      b.Limit(d, 1 + rng() % 8);
      b.ready[d] = rng() % 4 != 0;
    }
    b.latency[0] = static_cast<int>(timeout - 3);  // each answer just in time
    b.Limit(0, 1);
    b.ready[0] = true;
    for (int i = 0; i < 12000 && !HasFatalFailure(); ++i) {
      for (int q = 0; q < b.queues; ++q)
        if (b.commands[q].empty() && rng() % 4 == 0) b.commands[q].push_back(rng() % 8 ? Sid(rng() % 2 ? 0 : rng() % kEps) : 0x9900);
      if (rng() % 100 == 0) b.top().timed_out_clear_i = rng() % (1u << b.queues);
      b.Cycle();
      ASSERT_LE(b.longest_wait, timeout + static_cast<uint64_t>(b.queues)) << "seed " << seed;
    }
    EXPECT_GE(b.longest_wait, timeout - 10) << "nobody ever waited";
    for (int q = 0; q < b.queues; ++q) EXPECT_GT(b.consumed[q], 20);
  }
}

// `hang` forty times by each queue in turn, nothing but the hardware interval between: a tag for every probe.
TEST_P(Queues, FortyHangsDoNotRunOut) {
  Bench b(config(), 300, 800);
  b.jump = true;
  for (int round = 0; round < 40; ++round) {
    const int q = round % b.queues;
    b.latency[1] = 0;
    for (int i = 0; i < kTags + 2; ++i) b.commands[q].push_back(Sid(1));
    b.Run(700);
    ASSERT_TRUE(b.commands[q].empty());
    ASSERT_TRUE(b.flag[q]) << "round " << round;
    b.top().timed_out_clear_i = 1u << q;
    b.Run(1000);
    ASSERT_EQ(b.QuarBusy(1), 0u) << "round " << round;
    b.latency[1] = 20;
    const int before = b.sent[q];
    b.commands[q].push_back(Sid(1));
    b.Run(100);
    ASSERT_EQ(b.sent[q], before + 1);
    for (int r = 0; r < b.queues; ++r) ASSERT_FALSE(b.flag[r]);
  }
}

// The same run with and without jumps of the clock, through waits that end by their own deadline.
TEST_P(Queues, JumpsChangeNothing) {
  auto run = [this](unsigned seed, bool jump, uint64_t* edges) {
    Bench b(config(), 4000, 3000);
    b.jump = jump;
    std::mt19937 rng(seed);
    for (int d = 0; d < kEps; ++d) {
      b.latency[d] = rng() % 2 ? static_cast<int>(rng() % 3900) : 0;
      b.Limit(d, 1 + rng() % 3);
    }
    for (int q = 0; q < b.queues; ++q)
      for (int i = 0; i < 15; ++i) b.commands[q].push_back(Sid(static_cast<int>(rng() % 2)));
    b.Run(60000);
    *edges += b.edges;
    return std::make_tuple(b.log, b.consumed, b.refused, b.flag);
  };
  uint64_t plain_edges = 0, jump_edges = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    const auto plain = run(seed, false, &plain_edges);
    EXPECT_TRUE(plain == run(seed, true, &jump_edges)) << "seed " << seed;
    EXPECT_GT(std::get<0>(plain).size(), 20u);
  }
  EXPECT_LT(jump_edges * 20, plain_edges);
}

}  // namespace
