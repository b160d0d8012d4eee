// SPDX-License-Identifier: Apache-2.0
//
// pcie_link: exact latency, order, classes, credits, rate, link down, idle jump.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "Vpcie_link.h"
#include "tlp.h"

namespace {

using tb::Tlp;

constexpr uint64_t kNever = (uint64_t{1} << 48) - 1;
constexpr std::array<unsigned, 3> kDown = {40, 4, 32};  // defaults of the module, {P, NP, CPL}
constexpr std::array<unsigned, 3> kUp = {64, 32, 8};
constexpr unsigned kFraming = 8;

uint64_t SerialCycles(const Tlp& t, unsigned width) { return (t.wire_bytes() + kFraming + width - 1) / width; }

Tlp OfClass(int cls, unsigned number) {
  Tlp t;
  switch (cls) {
    case tb::kPosted: t = tb::Memory(true, 0x100, 0, 0x1000, 1 + number % 16); break;
    case tb::kNonPosted: t = tb::Memory(false, 0x100, static_cast<uint8_t>(number), 0x1000, 16); break;
    default: t = tb::Completion(0x100, 0, static_cast<uint8_t>(number), tb::kSc, true); break;
  }
  t.data.fill(static_cast<uint8_t>(number));
  t.pfx = number;  // not on the wire without pfx_valid: identifies the packet
  return t;
}

struct Arrival {
  uint64_t cycle;
  Tlp tlp;
};

// One cycle: inputs are put, outputs looked at, then the edge.
class Bench {
 public:
  Bench(unsigned latency, unsigned width) : width_(width), latency_(latency) {
    top_.latency_i = static_cast<uint16_t>(latency);
    top_.width_i = static_cast<uint8_t>(width);
    top_.up_i = 1;
    top_.rc_rx_class_ready_i = 7;
    top_.ep_rx_class_ready_i = 7;
    top_.rst_ni = 0;
    top_.now_i = 0;
    Edge();
    top_.rst_ni = 1;
  }

  // direction 0: root to endpoint; 1: endpoint to root
  std::array<std::optional<Tlp>, 2> send;
  std::array<bool, 2> take = {true, true};
  unsigned root_classes = 7;
  bool up = true;
  uint64_t now = 0;

  struct Seen {
    std::array<bool, 2> accepted{};
    std::array<unsigned, 2> class_ready{};
    std::array<bool, 2> offered{};
    std::array<std::optional<Tlp>, 2> arrived;
    bool quiet = false;
    uint64_t deadline = 0;
  };

  Seen Look() {
    top_.now_i = now;
    top_.up_i = up;
    top_.rc_tx_valid_i = send[0].has_value();
    if (send[0]) send[0]->To(top_.rc_tx_i);
    top_.ep_tx_valid_i = send[1].has_value();
    if (send[1]) send[1]->To(top_.ep_tx_i);
    top_.ep_rx_ready_i = take[0];
    top_.rc_rx_ready_i = take[1];
    top_.rc_rx_class_ready_i = static_cast<uint8_t>(root_classes);
    top_.clk_i = 0;
    top_.eval();
    Seen s;
    s.accepted = {send[0] && top_.rc_tx_ready_o, send[1] && top_.ep_tx_ready_o};
    s.class_ready = {top_.rc_tx_class_ready_o, top_.ep_tx_class_ready_o};
    s.offered = {top_.ep_rx_valid_o != 0, top_.rc_rx_valid_o != 0};
    if (s.offered[0] && take[0]) s.arrived[0] = Tlp::From(top_.ep_rx_o);
    if (s.offered[1] && take[1]) s.arrived[1] = Tlp::From(top_.rc_rx_o);
    s.quiet = top_.quiet_o;
    s.deadline = top_.next_deadline_o;
    return s;
  }
  void Advance(uint64_t step = 1) {
    Edge();
    now += step;
  }
  Seen Step() {
    Seen s = Look();
    Advance();
    return s;
  }
  unsigned width() const { return width_; }
  unsigned latency() const { return latency_; }

 private:
  void Edge() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
  }
  Vpcie_link top_;
  unsigned width_, latency_;
};

TEST(PcieLink, LatencyIsExact) {
  for (unsigned latency : {1u, 2u, 17u, 250u}) {
    for (unsigned width : {4u, 8u, 16u, 32u}) {
      for (int dir = 0; dir < 2; ++dir) {
        Bench b(latency, width);
        for (unsigned dwords : {1u, 2u, 7u, 16u}) {
          Tlp t = tb::Memory(true, 0x100, 0, 0x1000, dwords);
          if (dwords == 7) tb::SetPasid(t, 5);
          b.send[dir] = t;
          const uint64_t start = b.now;
          ASSERT_TRUE(b.Step().accepted[dir]);
          b.send[dir].reset();
          const uint64_t expected = start + SerialCycles(t, width) + latency;
          while (b.now < expected) ASSERT_FALSE(b.Step().offered[dir]) << "early at " << b.now - 1 - start;
          Bench::Seen s = b.Step();
          ASSERT_TRUE(s.arrived[dir].has_value()) << latency << " " << width << " " << dwords;
          EXPECT_TRUE(*s.arrived[dir] == t);
        }
      }
    }
  }
}

TEST(PcieLink, SerialiserTakesTheBytesOfEachPacket) {
  for (unsigned width : {4u, 8u, 16u, 32u}) {
    Bench b(5, width);
    std::optional<uint64_t> last;
    uint64_t gap = 0;
    for (int i = 0; i < 12; ++i) {  // fewer than the credits
      b.send[1] = OfClass(tb::kPosted, static_cast<unsigned>(i) * 5);
      while (!b.Look().accepted[1]) b.Advance();
      if (last) EXPECT_EQ(b.now - *last, gap);
      last = b.now;
      gap = SerialCycles(*b.send[1], width);
      b.Advance();
    }
  }
}

// A 64-byte write and its header need 6 cycles at 16 bytes; 64 credits cover the round trip of 200 cycles each way.
TEST(PcieLink, UpstreamWritesKeepTheLinkBusy) {
  Bench b(180, 16);
  b.send[1] = tb::Memory(true, 0x100, 0, uint64_t{1} << 40, 16);
  unsigned arrived = 0;
  const uint64_t cycles = 6000;
  for (uint64_t i = 0; i < cycles; ++i) arrived += b.Step().arrived[1].has_value();
  EXPECT_GE(arrived, (cycles - 190) / 6);
}

TEST(PcieLink, CreditsStopTheSenderPerClassAndComeBack) {
  const unsigned latency = 9;
  for (int dir = 0; dir < 2; ++dir) {
    const auto& limit = dir == 0 ? kDown : kUp;
    Bench b(latency, 32);
    b.take[dir] = false;
    for (int cls = 0; cls < 3; ++cls) {
      unsigned sent = 0;
      b.send[dir] = OfClass(cls, 0);
      for (int i = 0; i < 600; ++i) sent += b.Step().accepted[dir];
      EXPECT_EQ(sent, limit[cls]) << "direction " << dir << " class " << cls;
      EXPECT_EQ(b.Look().class_ready[dir], cls == 0 ? 6u : cls == 1 ? 4u : 0u);
    }
    // one packet taken: its class, and no other, may send one more, latency + 1 cycles later
    b.send[dir].reset();
    b.take[dir] = true;
    const uint64_t popped = b.now;
    ASSERT_EQ(b.Step().arrived[dir]->cls(), tb::kPosted);
    b.take[dir] = false;
    while (b.Look().class_ready[dir] == 0 && b.now < popped + 100) b.Advance();
    EXPECT_EQ(b.Look().class_ready[dir], 1u);
    EXPECT_EQ(b.now, popped + latency + 1);
    // everything is taken: every credit is there again
    b.take[dir] = true;
    for (int i = 0; i < 400; ++i) b.Step();
    b.take[dir] = false;
    for (int cls = 0; cls < 3; ++cls) {
      unsigned sent = 0;
      b.send[dir] = OfClass(cls, 0);
      for (int i = 0; i < 600; ++i) sent += b.Step().accepted[dir];
      EXPECT_EQ(sent, limit[cls]);
    }
  }
}

TEST(PcieLink, RandomTrafficArrivesOnceInOrderOnTime) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    std::mt19937 rng(seed);
    Bench b(1 + rng() % 60, 4u << rng() % 4);
    struct Sent {
      uint64_t ready;
      Tlp tlp;
    };
    std::array<std::deque<Sent>, 2> flight;
    std::array<std::array<unsigned, 3>, 2> held{};
    std::array<unsigned, 2> count{};
    unsigned number = 0;
    for (int i = 0; i < 20000; ++i) {
      const bool sending = i < 18000;
      for (int dir = 0; dir < 2; ++dir) {
        if (!b.send[dir] && sending && rng() % 3 != 0) b.send[dir] = OfClass(static_cast<int>(rng() % 3), ++number);
        const unsigned slow = i / 3000 % 2 ? 40 : 2;
        b.take[dir] = !sending || rng() % slow == 0;
      }
      Bench::Seen s = b.Look();
      for (int dir = 0; dir < 2; ++dir) {
        ASSERT_EQ(s.offered[dir], !flight[dir].empty() && flight[dir].front().ready <= b.now)
            << "seed " << seed << " cycle " << b.now << " direction " << dir;
        if (s.arrived[dir]) {
          ASSERT_TRUE(*s.arrived[dir] == flight[dir].front().tlp) << "seed " << seed << " cycle " << b.now;
          --held[dir][s.arrived[dir]->cls()];
          flight[dir].pop_front();
          ++count[dir];
        }
        if (s.accepted[dir]) {
          const Tlp& t = *b.send[dir];
          flight[dir].push_back({b.now + SerialCycles(t, b.width()) + b.latency(), t});
          ASSERT_LE(++held[dir][t.cls()], (dir == 0 ? kDown : kUp)[t.cls()]);
          b.send[dir].reset();
        } else if (b.send[dir] && !sending) {
          b.send[dir].reset();
        }
      }
      b.Advance();
    }
    EXPECT_TRUE(flight[0].empty());
    EXPECT_TRUE(flight[1].empty());
    EXPECT_GT(count[0], 200u);
    EXPECT_GT(count[1], 200u);
  }
}

std::vector<Tlp> Drain(Bench& b, int cycles) {
  std::vector<Tlp> got;
  for (int i = 0; i < cycles; ++i) {
    Bench::Seen s = b.Step();
    if (s.arrived[1]) got.push_back(*s.arrived[1]);
  }
  return got;
}

void SendUp(Bench& b, const Tlp& t) {
  b.send[1] = t;
  while (!b.Step().accepted[1]) {
  }
  b.send[1].reset();
}

// Posted packets and completions pass requests that wait at the root; requests and completions never pass posted ones.
TEST(PcieLink, RootClassesPassAsTheRulesAllow) {
  Bench b(3, 32);
  b.root_classes = 0;
  const std::array<int, 6> classes = {tb::kNonPosted, tb::kPosted, tb::kNonPosted,
                                      tb::kCompletion, tb::kPosted, tb::kCompletion};
  for (unsigned i = 0; i < classes.size(); ++i) SendUp(b, OfClass(classes[i], i));
  EXPECT_TRUE(Drain(b, 30).empty());
  auto numbers = [](const std::vector<Tlp>& v) {
    std::vector<unsigned> n;
    for (const Tlp& t : v) n.push_back(t.pfx);
    return n;
  };
  b.root_classes = 4;  // completions only: both are behind a posted packet
  EXPECT_TRUE(Drain(b, 10).empty());
  b.root_classes = 2;  // request 0 is the oldest; request 2 is behind posted 1
  EXPECT_EQ(numbers(Drain(b, 10)), (std::vector<unsigned>{0}));
  b.root_classes = 1;
  EXPECT_EQ(numbers(Drain(b, 10)), (std::vector<unsigned>{1, 4}));
  b.root_classes = 4;  // completions pass request 2
  EXPECT_EQ(numbers(Drain(b, 10)), (std::vector<unsigned>{3, 5}));
  b.root_classes = 7;
  EXPECT_EQ(numbers(Drain(b, 10)), (std::vector<unsigned>{2}));
}

TEST(PcieLink, UnknownKindsTravelAsPosted) {
  Bench b(3, 16);
  Tlp t;
  t.dw0 = 0x5c000000;
  SendUp(b, t);
  const std::vector<Tlp> got = Drain(b, 30);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_TRUE(got[0] == t);
}

TEST(PcieLink, DownDropsEverythingAndRenewsCredits) {
  Bench b(20, 32);
  for (int dir = 0; dir < 2; ++dir) b.take[dir] = false;
  for (int dir = 0; dir < 2; ++dir) {
    b.send[dir] = OfClass(tb::kPosted, 1);
    for (int i = 0; i < 400; ++i) b.Step();
    EXPECT_EQ(b.Look().class_ready[dir] & 1u, 0u);
  }
  b.up = false;
  Bench::Seen s = b.Look();
  EXPECT_EQ(s.class_ready[0], 7u);
  EXPECT_TRUE(s.accepted[0] && s.accepted[1]);  // accepted and dropped
  for (int i = 0; i < 5; ++i) b.Step();
  b.send[0].reset();
  b.send[1].reset();
  s = b.Look();
  EXPECT_TRUE(s.quiet);
  EXPECT_EQ(s.deadline, kNever);
  b.up = true;
  for (int dir = 0; dir < 2; ++dir) b.take[dir] = true;
  for (int i = 0; i < 100; ++i) {
    s = b.Step();
    EXPECT_FALSE(s.offered[0] || s.offered[1]);
  }
  b.take[0] = false;
  b.send[0] = OfClass(tb::kPosted, 2);
  unsigned sent = 0;
  for (int i = 0; i < 400; ++i) sent += b.Step().accepted[0];
  EXPECT_EQ(sent, kDown[0]);
}

// D21: quiet promises that nothing happens before the deadline, so a run that jumps sees the same arrivals.
TEST(PcieLink, IdleJumpChangesNothing) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    auto run = [seed](bool jump) {
      std::mt19937 rng(seed);
      Bench b(1 + rng() % 400, 4u << rng() % 4);
      std::vector<std::pair<uint64_t, Tlp>> events;  // when the bench wants to send, per direction
      std::array<std::deque<std::pair<uint64_t, Tlp>>, 2> plan;
      uint64_t at = 0;
      for (unsigned i = 0; i < 300; ++i) {
        at += rng() % 4 ? rng() % 8 : rng() % 3000;
        plan[rng() % 2].push_back({at, OfClass(static_cast<int>(rng() % 3), i)});
      }
      std::vector<std::tuple<uint64_t, int, unsigned>> log;
      uint64_t edges = 0;
      const uint64_t end = at + 20000;
      while (b.now < end) {
        uint64_t own = end;
        for (int dir = 0; dir < 2; ++dir) {
          if (!plan[dir].empty() && plan[dir].front().first <= b.now) b.send[dir] = plan[dir].front().second;
          else b.send[dir].reset();
          if (!plan[dir].empty() && !b.send[dir]) own = std::min(own, plan[dir].front().first);
        }
        Bench::Seen s = b.Look();
        for (int dir = 0; dir < 2; ++dir) {
          if (s.arrived[dir]) log.emplace_back(b.now, dir, s.arrived[dir]->pfx);
          if (s.accepted[dir]) {
            log.emplace_back(b.now, dir + 2, b.send[dir]->pfx);
            plan[dir].pop_front();
          }
        }
        uint64_t step = 1;
        if (jump && s.quiet) step = std::min(s.deadline, own) - b.now;
        EXPECT_GE(step, 1u);
        if (step == 0) break;
        b.Advance(step);
        ++edges;
      }
      EXPECT_EQ(jump ? edges < end / 4 : edges == end, true) << edges << " of " << end;
      return log;
    };
    EXPECT_EQ(run(false), run(true)) << "seed " << seed;
  }
}

}  // namespace
