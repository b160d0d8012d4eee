// SPDX-License-Identifier: Apache-2.0
//
// smmu_evtq against a model of the queue: what is written where, when PROD moves, several records in flight,
// overflow toggles, aborts, records of stalled transactions, the mark of a SYNC, interrupts.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "Vsmmu_evtq_tb.h"

namespace {

constexpr uint64_t kBase = 0x8000'4000;
constexpr uint32_t kOvf = 0x8000'0000;
constexpr size_t kDepth = 8, kAside = 4;  // parameters of the wrapper

struct Bench {
  Bench() {
    top.rst_ni = 0;
    Edge();
    top.rst_ni = 1;
    top.eval();
  }
  void Edge() {
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
  }
  void RegWrite(uint32_t addr, uint64_t data, int half) {
    top.wr_valid_i = 1;
    top.wr_addr_i = addr >> 3;
    top.wr_half_i = static_cast<CData>(half);
    top.wr_data_i = data;
  }
  void Setup(int log2size, uint32_t index) {
    top.enable_i = 0;
    RegWrite(0xA0, kBase | log2size, 3);
    Edge();
    RegWrite(0x100A8, uint64_t{index} << 32 | index, 3);
    Edge();
    top.wr_valid_i = 0;
    top.enable_i = 1;
    top.eval();
  }
  Vsmmu_evtq_tb top;
};

TEST(Evtq, RecordThenProdThenInterrupt) {
  Bench b;
  b.Setup(4, 3);
  auto& t = b.top;
  t.evt_valid_i = 1;
  t.evt_dw0_i = 0x1234;
  t.evt_dw3_i = 0x5678;
  b.Edge();
  t.evt_valid_i = 0;
  t.eval();
  EXPECT_TRUE(t.mwr_valid_o) << "1 cycle after the record was taken";
  EXPECT_EQ(t.mwr_addr_o, kBase + 3 * 32);
  EXPECT_EQ(t.mwr_dw0_o, 0x1234u);
  EXPECT_EQ(t.mwr_dw3_o, 0x5678u);
  EXPECT_EQ(t.mwr_size_o, 2) << "32 bytes";
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(t.quiet_o) << "a stalled write is quiet";
    b.Edge();
    EXPECT_TRUE(t.mwr_valid_o);
  }
  t.mwr_ready_i = 1;
  b.Edge();
  t.mwr_ready_i = 0;
  EXPECT_FALSE(t.mwr_valid_o);
  for (int i = 0; i < 5; ++i) {
    b.Edge();
    EXPECT_EQ(t.prod_o, 3u) << "not before the response";
    EXPECT_FALSE(t.idle_o);
    EXPECT_TRUE(t.busy_o);
  }
  t.mwr_done_i = 1;
  t.eval();
  EXPECT_FALSE(t.irq_o);
  b.Edge();
  t.mwr_done_i = 0;
  t.eval();
  EXPECT_EQ(t.prod_o, 4u);
  EXPECT_TRUE(t.irq_o) << "when PROD can be read";
  EXPECT_TRUE(t.idle_o);
  b.Edge();
  EXPECT_FALSE(t.irq_o);
  EXPECT_TRUE(t.quiet_o);
}

TEST(Evtq, ConsWrittenWithProdStillInterrupts) {
  Bench b;
  b.Setup(4, 0);
  auto& t = b.top;
  t.mwr_ready_i = 1;
  int irqs = 0;
  for (int n = 0; n < 2; ++n) {
    t.evt_valid_i = 1;
    b.Edge();
    t.evt_valid_i = 0;
    b.Edge();
    b.Edge();
    t.mwr_done_i = 1;
    if (n == 1)
      b.RegWrite(0x100A8, uint64_t{1} << 32, 2);  // software empties the queue at this very edge
    b.Edge();
    t.mwr_done_i = 0;
    t.wr_valid_i = 0;
    t.eval();
    irqs += t.irq_o;
    b.Edge();
  }
  EXPECT_EQ(t.prod_o, 2u);
  EXPECT_EQ(irqs, 2) << "the second record came into an empty queue";
}

TEST(Evtq, BurstIsLimitedByTheBusNotByItsLatency) {
  Bench b;
  b.Setup(8, 0);
  auto& t = b.top;
  t.mwr_ready_i = 1;
  std::deque<int> due;  // cycle of the response, 6 after the write
  int taken = 0, cycle = 0;
  for (; (t.prod_o & 0xFFFFF) < 64 && cycle < 1000; ++cycle) {
    t.evt_valid_i = taken < 64;
    t.mwr_done_i = !due.empty() && due.front() <= cycle;
    t.eval();
    if (t.mwr_done_i) due.pop_front();
    if (t.mwr_valid_o) due.push_back(cycle + 6);
    taken += t.evt_valid_i && t.evt_ready_o;
    b.Edge();
  }
  EXPECT_EQ(cycle, 64 + 7) << "one record a cycle, plus the latency of the last";
}

TEST(Evtq, StalledRecordWaitsAsideForRoom) {
  Bench b;
  b.Setup(0, 0);  // one entry
  auto& t = b.top;
  t.mwr_ready_i = 1;
  auto send = [&](uint64_t id, bool stall) {
    t.evt_valid_i = 1;
    t.evt_dw0_i = id;
    t.evt_stall_i = stall;
    t.eval();
    ASSERT_TRUE(t.evt_ready_o);
    b.Edge();
    t.evt_valid_i = 0;
    t.eval();
  };
  auto respond = [&] {
    t.mwr_done_i = 1;
    b.Edge();
    t.mwr_done_i = 0;
    t.eval();
  };
  send(1, false);
  b.Edge();
  respond();
  EXPECT_EQ(t.prod_o, 1u);  // full
  send(2, true);
  t.mark_i = 1;
  b.Edge();
  t.mark_i = 0;
  b.Edge();
  EXPECT_TRUE(t.mark_done_o) << "a SYNC does not wait for it";
  EXPECT_TRUE(t.idle_o);
  EXPECT_EQ(t.prod_o, 1u) << "no overflow: nothing is lost";
  send(3, false);
  b.Edge();
  b.Edge();
  EXPECT_EQ(t.prod_o, 1u | kOvf) << "a record behind it is dropped as usual";
  b.RegWrite(0x100A8, uint64_t{1} << 32, 2);  // room
  b.Edge();
  t.wr_valid_i = 0;
  b.Edge();
  t.eval();
  ASSERT_TRUE(t.mwr_valid_o);
  EXPECT_EQ(t.mwr_dw0_o, 2u);
  b.Edge();
  respond();
  EXPECT_EQ(t.prod_o & 0xFFFFF, 0u);  // index 0, wrap 0
  b.Edge();
  EXPECT_TRUE(t.quiet_o);
}

struct Mix {
  int event, ready, done, cons, abort, stall;
};
struct Count {
  uint64_t written = 0, overflows = 0, aborts = 0, dropped = 0, aside = 0, redone = 0, depth = 0;
};
struct Record {
  uint64_t id;
  bool stall;
};

void RandomRun(unsigned seed, Mix mix, Count* n) {
  std::mt19937 rng(seed);
  auto percent = [&](int p) { return static_cast<int>(rng() % 100) < p; };
  Bench b;
  auto& t = b.top;
  const int log2size = static_cast<int>(rng() % 5);
  const uint32_t size = 1u << log2size, mask = 2 * size - 1;
  uint32_t prod = rng() & mask, cons = prod;
  bool ovf = false, ovack = false, enable = true, abt = false, redo = false, irq_due = false;
  b.Setup(log2size, prod);
  std::deque<Record> core, aside;
  size_t flight = 0;
  struct Write {
    uint64_t addr, dw0, dw3;
  };
  std::deque<Write> bus;             // issued, response owed
  std::map<uint64_t, Write> memory;  // what is visible
  std::set<uint64_t> stalled;        // must be written some day
  uint64_t serial = 0;
  size_t marked = 0;  // of the records held at the mark, how many still are
  const int kCycles = 20000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const bool closing = cycle > kCycles - 800;  // let everything drain
    // ---- inputs
    if (closing) enable = true;
    else if (percent(1)) enable = !enable;
    t.enable_i = enable;
    t.abt_err_i = abt;
    t.evt_valid_i = !closing && percent(mix.event);
    t.evt_dw0_i = serial + 1;
    t.evt_dw3_i = ~(serial + 1);
    t.evt_stall_i = percent(mix.stall);
    t.mwr_ready_i = percent(mix.ready);
    t.mwr_done_i = !bus.empty() && percent(mix.done);
    t.mwr_err_i = !closing && percent(mix.abort);
    t.wr_valid_i = 0;
    uint32_t next_cons = cons;
    bool next_ovack = ovack;
    if (percent(closing ? 30 : mix.cons)) {
      next_cons = closing ? prod : (cons + rng() % (((prod - cons) & mask) + 1)) & mask;
      if (!closing && percent(1) && percent(20))
        next_cons = (cons + size + 1 + rng() % size) & mask;  // software is wrong
      if (percent(50)) next_ovack = ovf;
      b.RegWrite(0x100A8, uint64_t{next_cons | (next_ovack ? kOvf : 0)} << 32, 2);
    }
    const bool mark_now = marked == 0 && percent(5);
    t.mark_i = mark_now;
    t.eval();

    // ---- the model's view of this cycle
    const uint32_t used = (prod - cons) & mask;
    const bool writable = enable && !abt && used + flight < size;
    const bool offer = core.size() > flight && !redo && writable;
    const bool blocked = !core.empty() && flight == 0 && !writable;
    const bool set_aside = blocked && core.front().stall && aside.size() < kAside;
    const bool drop = blocked && !core.front().stall;
    const bool overflow = drop && enable && !abt && used == size && ovf == ovack;
    const bool back = !aside.empty() && core.size() < kDepth && enable && !abt &&
                      used + core.size() < size;
    const bool done = t.mwr_done_i;
    const bool advance = done && !redo && !t.mwr_err_i, abort = done && !redo && t.mwr_err_i;

    // ---- checks of this cycle
    ASSERT_EQ(t.prod_o, prod | (ovf ? kOvf : 0)) << "cycle " << cycle;
    ASSERT_EQ(t.cons_o, cons | (ovack ? kOvf : 0));
    ASSERT_EQ(bool(t.idle_o), core.empty());
    ASSERT_EQ(bool(t.busy_o), flight != 0);
    ASSERT_EQ(bool(t.irq_o), irq_due && used == 1) << "cycle " << cycle;
    ASSERT_EQ(bool(t.mark_done_o), marked == 0) << "cycle " << cycle;
    ASSERT_EQ(bool(t.evt_ready_o), core.size() < kDepth && !back);
    ASSERT_EQ(bool(t.overflow_o), overflow) << "cycle " << cycle;
    ASSERT_EQ(bool(t.abort_o), abort);
    ASSERT_EQ(bool(t.mwr_valid_o), offer) << "cycle " << cycle;
    if (offer) {
      const uint64_t id = core[flight].id;
      ASSERT_EQ(t.mwr_addr_o, kBase + 32 * ((prod + flight) & (size - 1)));
      ASSERT_EQ(t.mwr_dw0_o, id);
      ASSERT_EQ(t.mwr_dw3_o, ~id);
    }
    if (t.quiet_o && !t.wr_valid_i) {
      b.Edge();  // no change: an edge more makes no difference
    }
    const bool accepted = t.evt_valid_i && t.evt_ready_o;
    const bool fire = offer && t.mwr_ready_i;
    if (fire) bus.push_back({t.mwr_addr_o, t.mwr_dw0_o, t.mwr_dw3_o});
    b.Edge();

    // ---- model
    if (mark_now) marked = core.size();
    if (done) {
      if (!t.mwr_err_i) memory[bus.front().addr] = bus.front();
      bus.pop_front();
    }
    flight = flight + fire - done;
    n->depth = std::max<uint64_t>(n->depth, flight);
    if (abort) ++n->aborts;
    redo = (redo || abort) && flight != 0;
    if (redo) ++n->redone;
    if (advance) {
      const auto& slot = memory[kBase + 32 * (prod & (size - 1))];
      ASSERT_EQ(slot.dw0, core.front().id) << "PROD counts what is in memory";
      if (core.front().stall) stalled.erase(core.front().id);
      prod = (prod + 1) & mask;
      ++n->written;
    }
    irq_due = advance;
    if (set_aside) {
      aside.push_back(core.front());
      ++n->aside;
    }
    if (drop) ++n->dropped;
    if (advance || set_aside || drop) {
      core.pop_front();
      if (marked > 0) --marked;
    }
    if (overflow) {
      ovf = !ovf;
      ++n->overflows;
    }
    if (back) {
      core.push_back(aside.front());
      aside.pop_front();
    } else if (accepted) {
      core.push_back({++serial, bool(t.evt_stall_i)});
      if (t.evt_stall_i) stalled.insert(serial);
    }
    cons = next_cons;
    ovack = next_ovack;
    if (abort) abt = true;
    else if (abt && percent(closing ? 100 : 5)) abt = false;
  }
  ASSERT_TRUE(core.empty() && aside.empty());
  ASSERT_TRUE(stalled.empty()) << "a stalled transaction's record was lost";
}

TEST(Evtq, RandomAgainstModel) {
  Count n;
  const Mix mixes[] = {{50, 60, 40, 20, 2, 10}, {90, 90, 90, 3, 5, 5}, {10, 30, 10, 30, 0, 50},
                       {100, 100, 100, 100, 0, 0}, {60, 100, 30, 40, 1, 20}};
  for (unsigned seed = 1; seed <= 20; ++seed) {
    RandomRun(seed, mixes[seed % 5], &n);
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(n.written, 5000u);
  EXPECT_GT(n.overflows, 50u);
  EXPECT_GT(n.aborts, 50u);
  EXPECT_GT(n.dropped, 1000u);
  EXPECT_GT(n.aside, 500u);
  EXPECT_GT(n.redone, 50u);
  EXPECT_EQ(n.depth, kDepth);
}

}  // namespace
