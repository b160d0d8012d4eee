// SPDX-License-Identifier: Apache-2.0
//
// smmu_atc_inv, 4 devices of 32 tags: payload, rate, latency, and the promise of D1 with dead
// devices.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <tuple>
#include <vector>

#include "Vsmmu_atc_inv_tb.h"

namespace {

constexpr int kEps = 4;
constexpr int kTags = 32;
constexpr uint64_t kNoDeadline = (uint64_t{1} << 48) - 1;
enum Stall { kStallNone, kStallTag, kStallLimit, kStallPending };

struct Command {
  uint32_t sid = 0x100;
  uint64_t addr = 0;
  unsigned size = 0;
  bool ssv = false;
  uint32_t ssid = 0;
  bool g = false;
};

uint32_t Sid(int dev) { return static_cast<uint32_t>(dev + 1) << 8; }

Command Inv(uint32_t sid, uint64_t addr = 0, unsigned size = 0) {
  return {sid, addr, size, false, 0, false};
}

struct Request {
  uint64_t cycle;
  int dev;
  unsigned rid, itag, ssv, ssid;
  uint64_t payload;
  bool operator==(const Request& o) const {
    return std::tie(cycle, dev, rid, itag, ssv, ssid, payload) ==
           std::tie(o.cycle, o.dev, o.rid, o.itag, o.ssv, o.ssid, o.payload);
  }
};

// The block with a device model per port: takes a request when its port is ready and answers after
// `latency`.
class Bench {
 public:
  explicit Bench(uint64_t timeout = 20000, uint64_t interval = 0) {
    top_.timeout_i = timeout;
    top_.quar_interval_i = interval;
    top_.inv_limit_i = 32u | 32u << 6 | 32u << 12 | 32u << 18;
    top_.clk_i = 0;
    top_.rst_ni = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.rst_ni = 1;
    ready.fill(true);
    latency.fill(10);
  }

  Vsmmu_atc_inv_tb& top() { return top_; }
  void Limit(int dev, unsigned n) {
    top_.inv_limit_i = (top_.inv_limit_i & ~(63u << (6 * dev))) | n << (6 * dev);
  }
  unsigned QuarBusy(int dev) const { return (top_.quar_busy_o >> (6 * dev)) & 63; }

  // Runs one cycle with the command at the head of `commands` offered.
  void Cycle() {
    top_.clk_i = 0;
    top_.now_i = now;
    top_.cmd_valid_i = !commands.empty();
    if (!commands.empty()) {
      const Command& c = commands.front();
      top_.cmd_sid_i = c.sid;
      top_.cmd_addr_i = c.addr;
      top_.cmd_size_i = c.size;
      top_.cmd_ssv_i = c.ssv;
      top_.cmd_ssid_i = c.ssid;
      top_.cmd_g_i = c.g;
    }
    top_.req_ready_i = 0;
    for (int d = 0; d < kEps; ++d) top_.req_ready_i |= static_cast<unsigned>(ready[d]) << d;
    top_.cpl_valid_i = 0;
    if (!answers.empty() && answers.begin()->first <= now) {
      const auto [dev, itag] = answers.begin()->second;
      answers.erase(answers.begin());
      top_.cpl_valid_i = 1;
      top_.cpl_rid_i = Sid(dev);
      top_.cpl_itags_i = 1u << itag;
      top_.cpl_cc_i = 1;
    }
    top_.eval();

    for (int d = 0; d < kEps; ++d) {
      if (!((top_.req_valid_o >> d) & 1) || !ready[d]) continue;
      const Request r{
          now,
          d,
          static_cast<unsigned>(top_.req_rid_o >> (16 * d)) & 0xffff,
          (top_.req_itag_o >> (5 * d)) & 31,
          (top_.req_ssv_o >> d) & 1u,
          top_.req_ssid_o[d],
          top_.req_payload_o[2 * d] | static_cast<uint64_t>(top_.req_payload_o[2 * d + 1]) << 32};
      sent.push_back(r);
      if (latency[d] > 0) answers.emplace(now + latency[d], std::make_pair(d, r.itag));
    }
    accepted = top_.cmd_valid_i && top_.cmd_ready_o;
    stall = static_cast<Stall>(top_.stall_o);
    stat.stalled += stall != kStallNone;
    stat.sent += top_.stat_sent_o;
    stat.completed += top_.stat_completed_o;
    stat.timed_out += top_.stat_timed_out_o;
    stat.refused += top_.stat_refused_o;
    most_busy = std::max<int>(most_busy, top_.stat_busy_o);
    if (top_.cmd_valid_i) {
      longest_wait = std::max(longest_wait, ++wait_);
      if (accepted) {
        commands.pop_front();
        ++consumed;
        wait_ = 0;
      }
    }
    if (top_.timed_out_o && !was_timed_out_) timed_out_at.push_back(now);
    was_timed_out_ = top_.timed_out_o;
    // How far the clock may go: an answer, if it comes first, is an input.
    uint64_t step = 1;
    if (jump && top_.quiet_o) {
      uint64_t to = std::min<uint64_t>(top_.next_deadline_o, end_of_time);
      if (!answers.empty()) to = std::min(to, answers.begin()->first);
      step = std::max<uint64_t>(to, now + 1) - now;
    }
    top_.clk_i = 1;
    top_.eval();
    top_.quar_release_i = 0;
    top_.timed_out_clear_i = 0;
    top_.ur_valid_i = 0;
    now += step;
    ++edges;
  }
  void Run(uint64_t cycles) {
    const uint64_t end = now + cycles;
    while (now < end) Cycle();
  }
  // Until every command is consumed.
  void Drain(uint64_t at_most) {
    const uint64_t end = now + at_most;
    while (!commands.empty() && now < end) Cycle();
    ASSERT_TRUE(commands.empty()) << "commands are stuck";
  }

  std::array<bool, kEps> ready;
  std::array<int, kEps> latency;  // from the request to its completion; 0: never
  std::deque<Command> commands;
  std::multimap<uint64_t, std::pair<int, unsigned>> answers;
  std::vector<Request> sent;
  std::vector<uint64_t> timed_out_at;
  uint64_t now = 50;
  uint64_t end_of_time = kNoDeadline;
  uint64_t edges = 0;
  int consumed = 0;
  int longest_wait = 0;  // cycles a command was offered, its consumption included
  bool accepted = false;
  struct {
    int stalled = 0, sent = 0, completed = 0, timed_out = 0, refused = 0;
  } stat;  // sums of stat_o
  int most_busy = 0;
  bool jump = false;
  Stall stall = kStallNone;

 private:
  Vsmmu_atc_inv_tb top_;
  int wait_ = 0;
  bool was_timed_out_ = false;
};

uint64_t Payload(Bench& b, const Command& c) {
  b.commands.push_back(c);
  b.sent.clear();
  b.Run(30);
  EXPECT_EQ(b.sent.size(), 1u);
  return b.sent.empty() ? 0 : b.sent[0].payload;
}

TEST(SmmuAtcInv, PayloadTable) {
  Bench b;
  auto payload = [&](unsigned size, uint64_t addr) { return Payload(b, Inv(0x100, addr, size)); };
  EXPECT_EQ(payload(0, 0x12345000), 0x0000000012345000u);
  EXPECT_EQ(payload(1, 0x12344000), 0x0000000012344800u);
  EXPECT_EQ(payload(4, 0x1234F000), 0x0000000012347800u);
  EXPECT_EQ(payload(9, 0x40000000), 0x00000000400FF800u);
  EXPECT_EQ(payload(18, 0x80000000), 0x000000009FFFF800u);
  EXPECT_EQ(payload(51, 0x8000000000000000), 0xBFFFFFFFFFFFF800u);
  EXPECT_EQ(payload(52, 0), 0x7FFFFFFFFFFFF800u);
  EXPECT_EQ(payload(52, 0xFEDCBA9876543000), 0x7FFFFFFFFFFFF800u);
}

// The receiver's rule (pcie-ats section 2.1) must give back exactly the span of the command.
TEST(SmmuAtcInv, PayloadDecodesToTheSpan) {
  std::mt19937_64 rng(5);
  Bench b;
  constexpr uint64_t kPages = (uint64_t{1} << 52) - 1;
  for (unsigned size = 0; size <= 52; ++size) {
    const uint64_t addr = rng() & ~uint64_t{0xfff};
    const uint64_t word = Payload(b, Inv(0x200, addr, size));
    const uint64_t t = word >> 12;
    const uint64_t mask = (word >> 11) & 1 ? (t ^ (t + 1)) & kPages : 0;
    EXPECT_EQ(mask, ((__uint128_t{1} << size) - 1)) << size;
    EXPECT_EQ(t & ~mask, (addr >> 12) & ~mask) << size;
    EXPECT_EQ(word & 0x7ff, 0u);
  }
}

TEST(SmmuAtcInv, GlobalNeedsPasid) {
  Bench b;
  EXPECT_EQ(Payload(b, {0x100, 0x1000, 0, false, 0x12345, true}), 0x1000u);
  EXPECT_EQ(b.sent[0].ssv, 0u);
  EXPECT_EQ(Payload(b, {0x100, 0x1000, 0, true, 0x12345, true}), 0x1001u);
  EXPECT_EQ(b.sent[0].ssv, 1u);
  EXPECT_EQ(b.sent[0].ssid, 0x12345u);
  EXPECT_EQ(Payload(b, {0x100, 0x1000, 0, true, 0xfffff, false}), 0x1000u);
}

TEST(SmmuAtcInv, RequestOneCycleAfterTheCommand) {
  Bench b;
  const uint64_t t = b.now;
  b.commands.push_back(Inv(Sid(2)));
  b.Run(20);
  ASSERT_EQ(b.sent.size(), 1u);
  EXPECT_EQ(b.sent[0].cycle, t + 1);
  EXPECT_EQ(b.sent[0].dev, 2);
  EXPECT_EQ(b.sent[0].rid, 0x300u);
  EXPECT_EQ(b.sent[0].itag, 0u);
}

// D7: not idle from the edge that consumes the command; idle again one cycle after the completion.
TEST(SmmuAtcInv, IdleHasNoHole) {
  Bench b;
  b.latency[0] = 5;
  b.commands.push_back(Inv(Sid(0)));
  std::vector<int> idle;
  for (int i = 0; i < 10; ++i) {
    b.Cycle();
    idle.push_back(b.top().idle_o);  // after the edge
  }
  // Consumed in cycle 0, sent in 1, completed in 6.
  EXPECT_EQ(idle, (std::vector<int>{0, 0, 0, 0, 0, 0, 1, 1, 1, 1}));
}

// One command a cycle, sustained: over four devices at any latency that 128 tags cover, and over
// one device as long as its 32 tags cover the round trip (1 cycle to the request, 1 for the tag to
// come back).
TEST(SmmuAtcInv, OneCommandACycleSustained) {
  auto cycles = [](int devices, int latency, int count) {
    Bench b;
    b.latency.fill(latency);
    for (int i = 0; i < count; ++i)
      b.commands.push_back(Inv(Sid(i % devices), uint64_t{0x1000} * i));
    const uint64_t t = b.now;
    b.Drain(100000);
    return b.now - t;
  };
  EXPECT_EQ(cycles(1, kTags - 2, 5000), 5000u);
  EXPECT_EQ(cycles(2, 2 * kTags - 2, 5000), 5000u);
  EXPECT_EQ(cycles(4, 4 * kTags - 2, 5000), 5000u);
  // One cycle more of latency and the tags do not suffice: the figure above is a limit, not slack.
  EXPECT_GT(cycles(1, kTags - 1, 5000), 5000u);
  EXPECT_GT(cycles(4, 4 * kTags - 1, 5000), 5000u);
}

// Completions out of order: entries leave the middle of the list, still one command a cycle.
TEST(SmmuAtcInv, OneCommandACycleOutOfOrder) {
  Bench b;
  std::mt19937 rng(3);
  for (int i = 0; i < 5000; ++i) b.commands.push_back(Inv(Sid(static_cast<int>(rng() % kEps))));
  const uint64_t t = b.now;
  while (!b.commands.empty()) {
    for (int& l : b.latency) l = 5 + static_cast<int>(rng() % 12);
    b.Cycle();
    ASSERT_LT(b.now, t + 20000);
  }
  EXPECT_EQ(b.now - t, 5000u);
}

TEST(SmmuAtcInv, LimitCountsPendingOnly) {
  Bench b(200, 5000);
  b.Limit(1, 3);
  b.latency[1] = 0;
  for (int i = 0; i < 5; ++i) b.commands.push_back(Inv(Sid(1)));
  b.Run(20);
  EXPECT_EQ(b.sent.size(), 3u);
  EXPECT_EQ(b.stall, kStallLimit);
  b.Run(200);  // the first three have timed out: quarantined tags do not count
  EXPECT_EQ(b.sent.size(), 5u);
  EXPECT_EQ(b.QuarBusy(1), 3u);
  EXPECT_TRUE(b.top().timed_out_o);
}

TEST(SmmuAtcInv, LimitZeroActsAsThirtyTwo) {
  Bench b;
  b.Limit(0, 0);
  b.latency[0] = 0;
  for (int i = 0; i < 40; ++i) b.commands.push_back(Inv(Sid(0)));
  b.Run(100);
  EXPECT_EQ(b.sent.size(), 32u);
}

TEST(SmmuAtcInv, StreamWithoutEndpointIsConsumedSilently) {
  for (const uint32_t sid : {0x0u, 0x500u, 0x101u, 0xff00u, 0x10100u, 0xffffff00u}) {
    Bench b;
    b.commands.push_back(Inv(sid));
    b.Cycle();
    EXPECT_TRUE(b.accepted) << sid;
    EXPECT_TRUE(b.top().idle_o);
    b.Run(50);
    EXPECT_TRUE(b.sent.empty()) << sid;
    EXPECT_FALSE(b.top().timed_out_o);
    EXPECT_TRUE(b.top().quiet_o);
  }
}

TEST(SmmuAtcInv, LocalUrRetiresWithoutError) {
  Bench b(300);
  b.latency[2] = 0;
  b.commands.push_back(Inv(Sid(2)));
  b.Run(10);
  ASSERT_EQ(b.sent.size(), 1u);
  b.top().ur_valid_i = 1;
  b.top().ur_rid_i = Sid(2);
  b.top().ur_itag_i = b.sent[0].itag;
  b.Cycle();
  EXPECT_TRUE(b.top().idle_o);
  b.Run(1000);
  EXPECT_FALSE(b.top().timed_out_o);
}

// Time-out exactly `timeout` after the command: the flag is visible in the cycle after.
TEST(SmmuAtcInv, DetectionIsExact) {
  for (const bool port_ready : {true, false}) {
    Bench b(777);
    b.ready[3] = port_ready;
    b.latency[3] = 0;
    b.jump = true;
    const uint64_t t = b.now;
    b.commands.push_back(Inv(Sid(3)));
    b.end_of_time = t + 3000;
    while (b.now < t + 3000) b.Cycle();
    ASSERT_EQ(b.timed_out_at.size(), 1u);
    EXPECT_EQ(b.timed_out_at[0], t + 777 + 1);
    EXPECT_LT(b.edges, 40u);
  }
}

// D1: a dead device never blocks the others. Whatever it does (swallows requests, or never gives
// credit), every command is consumed within timeout + 1 cycles; with software releases within
// timeout + 2 + one cycle per entry.
class DeadDevice : public testing::TestWithParam<std::tuple<bool, int, int>> {};

TEST_P(DeadDevice, EveryCommandIsConsumedInTime) {
  const auto [credits, limit, seed] = GetParam();
  const int timeout = 400;
  std::mt19937 rng(seed);
  Bench b(timeout, 900);
  b.ready[0] = credits;
  b.latency[0] = 0;
  b.Limit(0, limit);
  int sent_to_others = 0;
  for (int i = 0; i < 6000; ++i) {
    const int dev = rng() % 3 ? static_cast<int>(rng() % kEps) : 0;
    b.commands.push_back(Inv(Sid(dev)));
    sent_to_others += dev != 0;
  }
  // With room for 32 at once the dead device costs at most a time-out per 32 commands.
  while (!b.commands.empty()) {
    b.Cycle();
    ASSERT_LE(b.longest_wait, timeout + 1) << "command " << b.consumed;
    if (b.top().timed_out_o && rng() % 50 == 0) b.top().timed_out_clear_i = 1;
  }
  b.Run(200);
  EXPECT_EQ(
      std::count_if(b.sent.begin(), b.sent.end(), [](const Request& r) { return r.dev != 0; }),
      sent_to_others);
  EXPECT_FALSE(b.timed_out_at.empty());
  if (!credits) EXPECT_EQ(b.QuarBusy(0), 0u) << "nothing was sent, nothing to quarantine";
}

INSTANTIATE_TEST_SUITE_P(D1, DeadDevice,
                         testing::Combine(testing::Bool(), testing::Values(1, 4, 32),
                                          testing::Values(1, 2)));

TEST(SmmuAtcInv, ConsumedInTimeWithReleases) {
  const int timeout = 300;
  std::mt19937 rng(11);
  Bench b(timeout, 2000);
  b.latency.fill(0);
  while (b.now < 60000) {
    if (b.commands.size() < 4) b.commands.push_back(Inv(Sid(static_cast<int>(rng() % kEps))));
    if (rng() % 300 == 0) b.top().quar_release_i = rng() % 16;
    if (rng() % 100 == 0) b.ready[rng() % kEps] = rng() % 2;
    b.Cycle();
    ASSERT_LE(b.longest_wait, timeout + 2 + kEps * kTags);
  }
  EXPECT_GT(b.consumed, 1000);
}

// All tags quarantined: consumed at once, nothing sent, the flag set again after it was cleared.
TEST(SmmuAtcInv, RefusedWhenAllTagsAreQuarantined) {
  Bench b(100, 100000);
  b.latency[0] = 0;
  for (int i = 0; i < kTags; ++i) b.commands.push_back(Inv(Sid(0)));
  b.Run(200);
  ASSERT_EQ(b.QuarBusy(0), 32u);
  b.top().timed_out_clear_i = 1;
  b.Cycle();
  ASSERT_FALSE(b.top().timed_out_o);
  b.sent.clear();
  b.commands.push_back(Inv(Sid(0)));
  b.Cycle();
  EXPECT_TRUE(b.accepted);
  EXPECT_TRUE(b.top().timed_out_o);
  EXPECT_TRUE(b.top().idle_o);
  b.Run(10);
  EXPECT_TRUE(b.sent.empty());
  // Released, it is served again.
  b.top().quar_release_i = 1;
  b.Cycle();
  b.latency[0] = 10;
  b.commands.push_back(Inv(Sid(0)));
  b.Run(50);
  EXPECT_EQ(b.sent.size(), 1u);
  EXPECT_EQ(b.QuarBusy(0), 0u);
}

// What the counters are told: every command that had an endpoint is refused, or ends by completion or time-out; every
// cycle of waiting is one of a stall.
TEST(SmmuAtcInv, CountersSeeEverything) {
  constexpr int kAll = 600, kBeforeReady = 40;
  Bench b(300, 100000);
  b.latency = {20, 0, 60, 150};
  b.ready[2] = false;
  std::mt19937 rng(21);
  for (int i = 0; i < kAll; ++i) b.commands.push_back(Inv(Sid(static_cast<int>(rng() % kEps))));
  int waited = 0;
  const uint64_t start = b.now;
  while (!b.commands.empty()) {
    b.Cycle();
    waited += !b.accepted;
    if (b.now == start + kBeforeReady) b.ready[2] = true;
    ASSERT_LT(b.now, start + 20000);
  }
  b.Run(400);
  EXPECT_EQ(b.stat.stalled, waited);
  EXPECT_GT(waited, 300);
  EXPECT_EQ(b.stat.sent, static_cast<int>(b.sent.size()));
  EXPECT_EQ(b.stat.timed_out, kTags) << "device 1 answers nothing: its tags time out once";
  EXPECT_GT(b.stat.refused, 50);
  EXPECT_EQ(b.stat.completed + b.stat.timed_out + b.stat.refused, kAll);
  EXPECT_GT(b.most_busy, kTags);
  EXPECT_EQ(b.top().stat_busy_o, 0);
}

// `hang` 40 times in a row, nothing but the hardware interval between: there is always a tag for
// the next probe.
TEST(SmmuAtcInv, FortyHangsDoNotRunOut) {
  Bench b(1000);  // quarantine interval: one more threshold
  b.jump = true;
  for (int round = 0; round < 40; ++round) {
    b.latency[1] = 0;
    for (int i = 0; i < kTags; ++i) b.commands.push_back(Inv(Sid(1)));
    b.end_of_time = b.now + 1100;
    while (b.now < b.end_of_time) b.Cycle();
    ASSERT_TRUE(b.top().timed_out_o);
    ASSERT_EQ(b.QuarBusy(1), 32u) << "round " << round;
    b.top().timed_out_clear_i = 1;
    b.end_of_time = b.now + 1100;
    while (b.now < b.end_of_time) b.Cycle();
    ASSERT_EQ(b.QuarBusy(1), 0u) << "round " << round;
    b.latency[1] = 20;
    b.sent.clear();
    b.commands.push_back(Inv(Sid(1)));
    b.end_of_time = b.now + 100;
    while (b.now < b.end_of_time) b.Cycle();
    ASSERT_EQ(b.sent.size(), 1u) << "round " << round;
    ASSERT_TRUE(b.top().idle_o);
    ASSERT_FALSE(b.top().timed_out_o);
  }
}

// The same run with and without jumps of the clock: the same requests at the same times, far fewer
// edges.
TEST(SmmuAtcInv, JumpsChangeNothing) {
  auto run = [](bool jump, uint64_t* edges) {
    Bench b(5000, 3000);
    b.jump = jump;
    b.latency = {700, 0, 1500, 40};
    b.ready[2] = true;
    std::mt19937 rng(9);
    for (int i = 0; i < 400; ++i)
      b.commands.push_back(Inv(Sid(static_cast<int>(rng() % kEps)), rng() & ~0xfffu));
    b.end_of_time = 100000;
    while (b.now < b.end_of_time) b.Cycle();
    EXPECT_TRUE(b.commands.empty());
    *edges = b.edges;
    return std::make_pair(b.sent, b.timed_out_at);
  };
  uint64_t plain_edges = 0, jump_edges = 0;
  const auto plain = run(false, &plain_edges);
  const auto jumped = run(true, &jump_edges);
  EXPECT_TRUE(plain == jumped);
  EXPECT_GT(plain.first.size(), 200u);
  EXPECT_LT(jump_edges * 20, plain_edges);
}

}  // namespace
