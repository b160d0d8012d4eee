// SPDX-License-Identifier: Apache-2.0
//
// smmu_pmcg: registers, what is counted, StreamID filter, overflow, interrupt, capture, freeze; and that a run with jumps
// of `now` leaves the same counters, at the same times, as the run without.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "Vsmmu_pmcg_tb.h"

namespace {

constexpr uint32_t kEvtyper = 0x400, kSvr = 0x600, kSmr0 = 0xA00, kCntenset = 0xC00, kCntenclr = 0xC20,
                   kIntenset = 0xC40, kIntenclr = 0xC60, kOvsclr = 0xC80, kOvsset = 0xCC0, kCapr = 0xD88,
                   kCfgr = 0xE00, kCr = 0xE04, kCeid0 = 0xE20, kIrqCtrl = 0xE50, kIrqAck = 0xE54,
                   kIrqCfg0 = 0xE58, kIrqCfg1 = 0xE60, kIrqStatus = 0xE68;
constexpr uint32_t kSpan = 1u << 29, kOvfcap = 1u << 31;
constexpr uint64_t kMax = (uint64_t{1} << 36) - 1, kNever = (uint64_t{1} << 48) - 1;
// Event numbers of software and the places of the wrapper's mask (pmu_event_e).
constexpr std::array<uint32_t, 14> kEvents = {0x00, 0x01, 0x02, 0x03, 0x06, 0x07, 0x80,
                                              0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87};
constexpr uint32_t kLevels = 1u << 0 | 1u << 9 | 1u << 10;
constexpr uint32_t kTxn = 1u << 1, kAtsReq = 1u << 4, kSent = 1u << 6;

struct Bench {
  Bench() {
    top.rst_ni = 0;
    top.step_i = 1;
    Edge();
    top.rst_ni = 1;
    top.eval();
  }
  void Edge(uint64_t step = 1) {
    top.now_i = now;
    top.step_i = step;
    top.clk_i = 0;
    top.eval();
    irqs += top.irq_o;
    top.clk_i = 1;
    top.eval();
    now += step;
    top.clk_i = 0;
    top.now_i = now;
    top.eval();
  }
  void Cycles(uint64_t n) {
    for (uint64_t i = 0; i < n; ++i) Edge();
  }
  void Write64(uint32_t addr, uint64_t v) {
    Set(addr, v, 3);
    Edge();
    top.wr_valid_i = 0;
    top.eval();
  }
  void Write(uint32_t addr, uint32_t v) {
    Set(addr, (addr & 4) ? uint64_t{v} << 32 : v, (addr & 4) ? 2 : 1);
    Edge();
    top.wr_valid_i = 0;
    top.eval();
  }
  void Set(uint32_t addr, uint64_t v, int half) {
    top.wr_valid_i = 1;
    top.wr_addr_i = static_cast<SData>(addr >> 3);
    top.wr_half_i = static_cast<CData>(half);
    top.wr_data_i = v;
  }
  uint64_t Read64(uint32_t addr) {
    top.rd_sel_i = 1;
    top.rd_addr_i = static_cast<SData>(addr >> 3);
    top.eval();
    const uint64_t v = top.rd_data_o;
    top.rd_sel_i = 0;
    top.eval();
    EXPECT_EQ(top.rd_data_o, 0u);
    return v;
  }
  uint32_t Read(uint32_t addr) {
    return static_cast<uint32_t>(Read64(addr & ~7u) >> ((addr & 4) ? 32 : 0));
  }
  uint64_t Counter(int i) { return Read64(static_cast<uint32_t>(8 * i)); }
  Vsmmu_pmcg_tb top;
  uint64_t now = 100;
  int irqs = 0;
};

TEST(Pmcg, IdentificationAndStorage) {
  Bench b;
  const uint32_t cfgr = b.Read(kCfgr);
  EXPECT_EQ(cfgr & 0x3F, 7u);
  EXPECT_EQ(cfgr >> 8 & 0x3F, 35u);
  EXPECT_EQ(cfgr >> 20 & 0xF, 0xEu) << "one filter, capture, MSI, no second page";
  EXPECT_EQ(b.Read64(kCeid0) & 0xC3, 0xC3u);
  for (int i = 0; i < 8; ++i) {
    b.Write64(static_cast<uint32_t>(8 * i), 0x123'4567'89AB'CDEF + static_cast<uint64_t>(i));
    b.Write(kEvtyper + 4 * static_cast<uint32_t>(i), 0xFFFFFF00u | static_cast<uint32_t>(0x80 + i));
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(b.Counter(i), (0x123'4567'89AB'CDEF + static_cast<uint64_t>(i)) & kMax);
    EXPECT_EQ(b.Read(kEvtyper + 4 * static_cast<uint32_t>(i)),
              kOvfcap | (i == 0 ? kSpan : 0) | static_cast<uint32_t>(0x80 + i));
  }
  b.Write(0x0C, 0x5);  // half of counter 1
  EXPECT_EQ(b.Counter(1), 0x5'89AB'CDF0u);
  b.Write(kSmr0, 0xFFFF1234);
  EXPECT_EQ(b.Read(kSmr0), 0x1234u);
  b.Write64(kCntenset, 0xF0F);
  EXPECT_EQ(b.Read64(kCntenset), 0x0Fu);
  b.Write64(kCntenclr, 0x5);
  EXPECT_EQ(b.Read64(kCntenclr), 0x0Au);
  b.Write64(kIntenset, 0xC0);
  b.Write64(kIntenclr, 0x40);
  EXPECT_EQ(b.Read64(kIntenset), 0x80u);
  b.Write64(kOvsset, 0x3);
  b.Write64(kOvsclr, 0x1);
  EXPECT_EQ(b.Read64(kOvsset), 0x2u);
  EXPECT_EQ(b.irqs, 0) << "OVSSET has no side effect";
  EXPECT_TRUE(b.top.quiet_o);
  EXPECT_EQ(b.top.next_deadline_o, kNever);
}

TEST(Pmcg, EveryEventReachesItsCounterOnly) {
  for (size_t e = 0; e < kEvents.size(); ++e) {
    Bench b;
    b.Write(kEvtyper, kSpan | kEvents[e]);
    b.Write(kSmr0, 0xFFFF);
    b.Write64(kCntenset, 1);
    b.Cycles(3);
    EXPECT_EQ(b.Counter(0), 0u) << "off while CR.E is 0";
    b.Write(kCr, 1);
    const uint64_t start = b.Counter(0);
    b.top.count_i = 3;
    for (uint32_t other = 0; other < 15; ++other) {
      b.top.event_i = static_cast<SData>(1u << other);
      b.top.level_i = static_cast<SData>(1u << other);
      b.Edge();
    }
    b.top.event_i = b.top.level_i = 0;
    const uint64_t expected = e == 0 ? 15 : (kLevels >> e & 1) ? 1 : 3;
    EXPECT_EQ(b.Counter(0) - start, expected) << "event " << e;
  }
  Bench b;  // a number that is not there counts nothing
  b.Write(kEvtyper, kSpan | 0x08);
  b.Write64(kCntenset, 1);
  b.Write(kCr, 1);
  b.top.event_i = b.top.level_i = 0x7FFF;
  b.top.count_i = 1;
  b.Cycles(5);
  EXPECT_EQ(b.Counter(0), 0u);
}

TEST(Pmcg, StreamIdFilter) {
  struct Case {
    bool span;
    uint32_t smr;
    uint32_t sid;
    bool counts;
  };
  const Case cases[] = {{false, 0x100, 0x100, true},  {false, 0x100, 0x101, false},
                        {false, 0xFFFF, 0x100, false}, {true, 0xFFFF, 0x100, true},
                        {true, 0x42, 0x42, true},     {true, 0x42, 0x43, true},
                        {true, 0x42, 0x40, false},    {true, 0x1FF, 0x3FF, true},
                        {true, 0x1FF, 0x000, true},   {true, 0x1FF, 0x400, false},
                        {true, 0x7FFF, 0x1234, true}};
  for (const Case& c : cases) {
    Bench b;
    b.Write(kEvtyper, (c.span ? kSpan : 0) | 0x01);
    b.Write(kEvtyper + 4, 0x06);
    b.Write(kEvtyper + 8, 0x80);  // no StreamID: always counted
    b.Write(kSmr0, c.smr);
    b.Write64(kCntenset, 7);
    b.Write(kCr, 1);
    b.top.event_i = kTxn | kAtsReq | kSent;
    b.top.count_i = 1;
    b.top.sid_i = static_cast<SData>(c.sid);
    b.Edge();
    EXPECT_EQ(b.Counter(0), c.counts) << c.smr << " " << c.sid;
    EXPECT_EQ(b.Counter(1), c.counts);
    EXPECT_EQ(b.Counter(2), 1u);
  }
}

TEST(Pmcg, OverflowInterruptsAndCaptures) {
  Bench b;
  b.Write64(0x00, kMax - 2);
  b.Write64(0x08, 1000);
  b.Write(kEvtyper, kOvfcap | 0x00);
  b.Write(kEvtyper + 4, 0x80);
  b.Write64(kCntenset, 3);
  b.Write64(kIntenset, 1);
  b.Write64(kIrqCfg0, 0xFFF0'0000'0800'0043);
  b.Write64(kIrqCfg1, 0x55);
  b.Write(kIrqCtrl, 1);
  b.Write64(kIrqCfg0, 0);  // locked
  EXPECT_EQ(b.Read(kIrqAck), 1u);
  EXPECT_EQ(b.top.msi_addr_o, 0x0800'0040u);
  EXPECT_EQ(b.top.msi_data_o, 0x55u);
  EXPECT_TRUE(b.top.irq_on_o);
  b.Write(kCr, 1);
  EXPECT_EQ(b.Counter(0), kMax - 2);
  EXPECT_EQ(b.top.next_deadline_o, b.now + 2);
  b.top.event_i = kSent;
  b.top.count_i = 7;
  b.Cycles(2);
  EXPECT_EQ(b.Counter(0), kMax);
  EXPECT_EQ(b.irqs, 0);
  EXPECT_EQ(b.Read64(kOvsset), 0u);
  EXPECT_FALSE(b.top.quiet_o);
  b.Edge();
  EXPECT_EQ(b.irqs, 1);
  EXPECT_EQ(b.Counter(0), 0u);
  EXPECT_EQ(b.Read64(kOvsset), 1u);
  EXPECT_EQ(b.Read64(kSvr), 0u);
  EXPECT_EQ(b.Read64(kSvr + 8), 1021u) << "all counters, at the same edge";
  b.Edge();
  EXPECT_EQ(b.irqs, 1);
  EXPECT_EQ(b.Read64(kSvr + 8), 1021u);
  b.top.event_i = 0;
  b.Write(kCapr, 1);
  EXPECT_EQ(b.Read64(kSvr + 8), 1028u);
  EXPECT_EQ(b.Read64(kSvr), 2u) << "the value after the edge of the write";
  // A counter whose OVFCAP and INTEN are 0 does neither.
  b.Write64(0x08, kMax);
  b.top.event_i = kSent;
  b.Edge();
  b.top.event_i = 0;
  EXPECT_EQ(b.Counter(1), 6u) << "the rest of the increment counts";
  EXPECT_EQ(b.Read64(kOvsset), 3u);
  EXPECT_EQ(b.irqs, 1);
  EXPECT_EQ(b.Read64(kSvr + 8), 1028u);
}

TEST(Pmcg, InterruptAcknowledgeWaitsForItsMsi) {
  Bench b;
  b.Write(kIrqCtrl, 1);
  b.Edge();
  b.top.msi_busy_i = 1;
  b.Write(kIrqCtrl, 0);
  b.Cycles(4);
  EXPECT_EQ(b.Read(kIrqAck), 1u);
  EXPECT_FALSE(b.top.irq_on_o);
  b.Write(kIrqCtrl, 1);  // ignored: in transition
  b.top.msi_abort_i = 1;
  b.top.msi_busy_i = 0;
  b.Edge();
  b.top.msi_abort_i = 0;
  b.Cycles(2);
  EXPECT_EQ(b.Read(kIrqAck), 0u);
  EXPECT_EQ(b.Read(kIrqStatus), 1u) << "still there after 1 to 0";
  b.Write(kIrqCtrl, 1);
  b.Edge();
  EXPECT_EQ(b.Read(kIrqStatus), 0u);
}

TEST(Pmcg, FreezesAtOverflowWhenBuiltSo) {
  Bench b;
  auto frozen = [&](uint32_t addr) {
    b.top.frozen_addr_i = static_cast<SData>(addr >> 3);
    b.top.eval();
    return b.top.frozen_data_o;
  };
  b.Write64(0x00, ~uint64_t{0} - 3);
  b.Write64(0x08, 0);
  b.Write(kEvtyper, 0);
  b.Write(kEvtyper + 4, 0);
  b.Write64(kCntenset, 3);
  b.Write(kCr, 1);
  b.Cycles(10);
  EXPECT_EQ(frozen(0x00), 0u);
  EXPECT_EQ(frozen(0x08), 4u);
  EXPECT_EQ(b.Counter(1), 10u) << "the other one goes on";
  b.Write64(kOvsclr, 1);
  b.Cycles(5);
  EXPECT_EQ(frozen(0x08), 9u);
}

// One script of writes, events and levels at given times, on two groups: one steps, the other jumps whenever it is quiet.
struct Item {
  uint64_t at;
  int kind;  // 0 write, 1 pulse, 2 levels
  uint32_t addr;
  uint64_t value;
};
std::vector<uint64_t> Play(const std::vector<Item>& script, uint64_t end, bool jump, uint64_t* edges) {
  Bench b;
  std::vector<uint64_t> seen;
  size_t next = 0;
  b.now = 0;
  b.top.count_i = 5;
  b.top.sid_i = 0x100;
  while (b.now < end) {
    b.top.wr_valid_i = 0;
    b.top.event_i = 0;
    if (next < script.size() && script[next].at == b.now) {
      const Item& i = script[next++];
      if (i.kind == 0) b.Set(i.addr, i.value, 3);
      if (i.kind == 1) b.top.event_i = static_cast<SData>(i.value);
      if (i.kind == 2) b.top.level_i = static_cast<SData>(i.value);
    }
    b.top.now_i = b.now;
    b.top.eval();
    uint64_t step = 1;
    if (jump && b.top.quiet_o) {
      const uint64_t due = std::min<uint64_t>(b.top.next_deadline_o, next < script.size() ? script[next].at : end);
      if (due > b.now) step = due - b.now;
    }
    const int before = b.irqs;
    const uint64_t at = b.now;
    b.Edge(step);
    ++*edges;
    if (b.irqs != before) seen.push_back(at);
  }
  b.top.wr_valid_i = 0;
  b.top.event_i = 0;
  for (int i = 0; i < 8; ++i) {
    seen.push_back(b.Counter(i));
    seen.push_back(b.Read64(kSvr + 8 * static_cast<uint32_t>(i)));
  }
  seen.push_back(b.Read64(kOvsset));
  return seen;
}

TEST(Pmcg, JumpsChangeNothing) {
  uint64_t interrupts = 0, saved = 0;
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 rng(seed);
    std::vector<Item> script;
    uint64_t at = 1;
    auto add = [&](int kind, uint32_t addr, uint64_t value) {
      script.push_back({at, kind, addr, value});
      at += 1 + rng() % ((rng() % 4) ? 3 : 400);
    };
    add(0, kSmr0, 0xFFFF);
    for (uint32_t i = 0; i < 8; i += 2) {
      auto type = [&] {
        return (rng() % 3 ? kEvents[rng() % 14] : 0) | (rng() % 2 ? kOvfcap : 0) | kSpan;
      };
      add(0, kEvtyper + 4 * i, type() | uint64_t{type()} << 32);
    }
    for (uint32_t i = 0; i < 8; ++i) add(0, 8 * i, kMax - rng() % 2000);
    add(0, kCntenset, rng() & 0xFF);
    add(0, kIntenset, 0xFF);
    add(0, kIrqCtrl, 1);
    add(0, kCfgr, uint64_t{1} << 32);  // CR.E
    for (int i = 0; i < 60; ++i) {
      switch (rng() % 8) {
        case 0: add(0, kOvsclr, rng() & 0xFF); break;
        case 1: add(0, rng() % 2 ? kCntenset : kCntenclr, rng() & 0xFF); break;
        case 2: add(0, 8 * (rng() % 8), kMax - rng() % 800); break;
        case 3: add(0, kCapr, 1); break;
        case 4: add(1, 0, rng() & 0x7FFF); break;
        default: add(2, 0, rng() & 0x7FFF); break;
      }
    }
    uint64_t stepped = 0, jumped = 0;
    const auto a = Play(script, at + 3000, false, &stepped);
    const auto c = Play(script, at + 3000, true, &jumped);
    ASSERT_EQ(a, c) << "seed " << seed;
    interrupts += a.size() - 17;
    saved += stepped - jumped;
  }
  EXPECT_GT(interrupts, 40u);
  EXPECT_GT(saved, 100000u);
}

}  // namespace
