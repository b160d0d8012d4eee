// SPDX-License-Identifier: Apache-2.0
//
// smmu_evtq against a model of the queue: what is written where, when PROD moves, overflow toggles,
// aborts, the mark of a SYNC, interrupts.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <random>

#include "Vsmmu_evtq_tb.h"

namespace {

constexpr uint64_t kBase = 0x8000'4000;
constexpr uint32_t kOvf = 0x8000'0000;

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
    top.wr_addr_i = static_cast<SData>(addr >> 3);
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
  b.Edge();
  EXPECT_TRUE(t.mwr_valid_o) << "2 cycles after the record was taken";
  EXPECT_EQ(t.mwr_addr_o, kBase + 3 * 32);
  EXPECT_EQ(t.mwr_dw0_o, 0x1234u);
  EXPECT_EQ(t.mwr_dw3_o, 0x5678u);
  EXPECT_FALSE(t.mwr_is_msi_o);
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

struct Mix {
  int event, done, cons, abort;
};

void RandomRun(unsigned seed, Mix mix, uint64_t* written, uint64_t* overflows, uint64_t* aborts) {
  std::mt19937 rng(seed);
  auto percent = [&](int p) { return static_cast<int>(rng() % 100) < p; };
  Bench b;
  auto& t = b.top;
  const int log2size = static_cast<int>(rng() % 5);
  const uint32_t size = 1u << log2size, mask = 2 * size - 1;
  uint32_t prod = rng() & mask, cons = prod;
  bool ovf = false, ovack = false;
  b.Setup(log2size, prod);
  std::deque<uint64_t> held;  // records accepted and not yet visible or dropped, oldest first
  uint64_t serial = 0;
  bool enable = true, in_flight = false, irq_due = false;
  long marked = -1;  // serial number of the newest record held at the mark, -1 = none
  bool mark_now;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    // ---- inputs
    if (percent(1)) enable = !enable;
    t.enable_i = enable;
    t.evt_valid_i = percent(mix.event);
    t.evt_dw0_i = serial + 1;
    t.evt_dw3_i = ~(serial + 1);
    t.mwr_ready_i = percent(60);
    t.mwr_done_i = in_flight && percent(mix.done);
    t.mwr_err_i = percent(mix.abort);
    t.wr_valid_i = 0;
    uint32_t next_cons = cons;
    bool next_ovack = ovack;
    if (percent(mix.cons)) {
      next_cons = (cons + rng() % (((prod - cons) & mask) + 1)) & mask;
      if (percent(1) && percent(20))
        next_cons = (cons + size + 1 + rng() % size) & mask;  // software is wrong
      if (percent(50)) next_ovack = ovf;
      b.RegWrite(0x100A8, uint64_t{next_cons | (next_ovack ? kOvf : 0)} << 32, 2);
    }
    mark_now = t.mark_done_o && percent(5);
    t.mark_i = mark_now;
    t.eval();

    // ---- checks of this cycle
    const uint32_t used = (prod - cons) & mask;
    ASSERT_EQ(t.prod_o, prod | (ovf ? kOvf : 0)) << "cycle " << cycle;
    ASSERT_EQ(t.cons_o, cons | (ovack ? kOvf : 0));
    ASSERT_EQ(bool(t.idle_o), held.empty());
    ASSERT_EQ(bool(t.irq_o), irq_due && used == 1) << "cycle " << cycle;
    if (marked >= 0 && !held.empty() && static_cast<long>(held.front()) <= marked) {
      ASSERT_FALSE(t.mark_done_o) << "a record from before the mark is still on its way";
    } else {
      ASSERT_TRUE(t.mark_done_o) << "records after the mark do not count; cycle " << cycle;
      marked = -1;
    }
    if (t.mwr_valid_o) {
      ASSERT_FALSE(in_flight);
      ASSERT_FALSE(held.empty());
      ASSERT_EQ(t.mwr_addr_o, kBase + 32 * (prod & (size - 1)));
      ASSERT_EQ(t.mwr_dw0_o, held.front());
      ASSERT_EQ(t.mwr_dw3_o, ~held.front());
    }
    if (t.quiet_o) {
      b.Edge();  // no change: an edge more makes no difference
    }
    const bool accepted = t.evt_valid_i && t.evt_ready_o;
    const bool abort = t.abort_o;
    const bool written_now = t.mwr_done_i && !t.mwr_err_i;
    ASSERT_EQ(abort, t.mwr_done_i && t.mwr_err_i);
    if (mark_now) marked = held.empty() ? -1 : static_cast<long>(held.back());
    // What the unit does with the oldest record when it is not being written.
    const bool idle_state = !t.busy_o && !held.empty();
    const bool drop = idle_state && (!enable || used >= size);
    const bool overflow = drop && enable && used == size && ovf == ovack;
    const bool fire = t.mwr_valid_o && t.mwr_ready_i;
    const bool done = t.mwr_done_i;
    b.Edge();

    // ---- model
    if (fire) in_flight = true;
    if (done) {
      in_flight = false;
      held.pop_front();
      if (abort) ++*aborts;
    }
    if (written_now) {
      prod = (prod + 1) & mask;
      ++*written;
    }
    irq_due = written_now;
    if (drop) held.pop_front();
    if (overflow) {
      ovf = !ovf;
      ++*overflows;
    }
    if (accepted) held.push_back(++serial);
    cons = next_cons;
    ovack = next_ovack;
  }
}

TEST(Evtq, RandomAgainstModel) {
  uint64_t written = 0, overflows = 0, aborts = 0;
  const Mix mixes[] = {{50, 40, 20, 2}, {90, 90, 3, 5}, {10, 10, 30, 0}, {100, 100, 100, 0}};
  for (unsigned seed = 1; seed <= 16; ++seed) {
    RandomRun(seed, mixes[seed % 4], &written, &overflows, &aborts);
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(written, 5000u);
  EXPECT_GT(overflows, 50u);
  EXPECT_GT(aborts, 50u);
}

}  // namespace
