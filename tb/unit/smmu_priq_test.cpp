// SPDX-License-Identifier: Apache-2.0
//
// smmu_priq against a model of the queue and of what the architecture answers by itself: entry bits, order, PROD, overflow,
// aborts, disabled queue, stop markers, PRI_RESP, both interrupt rules.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <vector>

#include "Vsmmu_priq_tb.h"

namespace {

constexpr uint64_t kBase = 0x8000'8000;
constexpr size_t kDepth = 8;  // parameter of the wrapper

struct Request {
  uint16_t rid = 0x100;
  bool ssv = false;
  uint32_t ssid = 0;
  bool priv = false, exec = false, r = true, w = false, last = true;
  unsigned prgi = 0;
  uint64_t page = 0;
  bool StopMarker() const { return ssv && last && !r && !w; }
  // smmuv3 section 9
  uint64_t Dw0() const {
    return rid | uint64_t{ssid} << 32 | uint64_t{priv} << 58 | uint64_t{exec} << 59 |
           uint64_t{r} << 60 | uint64_t{w} << 61 | uint64_t{last} << 62 | uint64_t{ssv} << 63;
  }
  uint64_t Dw1() const { return prgi | page << 12; }
};
// {rid, ssv, ssid, prgi, code} as the wrapper packs it.
uint64_t Response(uint16_t rid, bool ssv, uint32_t ssid, unsigned prgi, unsigned code) {
  return uint64_t{rid} << 34 | uint64_t{ssv} << 33 | uint64_t{ssv ? ssid : 0} << 13 |
         uint64_t{prgi} << 4 | code;
}

struct Bench {
  Bench() {
    top.base_i = kBase;
    top.rst_ni = 0;
    Edge();
    top.rst_ni = 1;
    top.enable_i = top.smmuen_i = 1;
    top.rsp_ready_i = 1;
    top.eval();
  }
  void Edge() {
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
  }
  void Put(const Request& q) {
    top.req_valid_i = 1;
    top.req_rid_i = q.rid;
    top.req_ssv_i = q.ssv;
    top.req_ssid_i = q.ssid;
    top.req_flags_i = static_cast<CData>(q.priv << 4 | q.exec << 3 | q.r << 2 | q.w << 1 | q.last);
    top.req_prgi_i = static_cast<SData>(q.prgi);
    top.req_page_i = q.page;
  }
  Vsmmu_priq_tb top;
};

TEST(Priq, EntryThenProdThenInterrupt) {
  Bench b;
  auto& t = b.top;
  t.log2size_i = 3;
  t.prod_i = t.cons_i = 5;
  b.Put({0x300, true, 0xABCDE, true, false, true, true, false, 0x155, 0xF234'5678'9ABCD});
  t.eval();
  ASSERT_TRUE(t.req_ready_o);
  b.Edge();
  t.req_valid_i = 0;
  t.eval();
  ASSERT_TRUE(t.mwr_valid_o) << "1 cycle after the request was taken";
  EXPECT_EQ(t.mwr_addr_o, kBase + 5 * 16);
  EXPECT_EQ(t.mwr_size_o, 1) << "16 bytes";
  // By hand from the fact sheet: SSV, W, R, Priv; PASID; StreamID.
  EXPECT_EQ(t.mwr_dw0_o, 0x8000'0000'0000'0000u | 0x3000'0000'0000'0000u | 0x0400'0000'0000'0000u |
                             0x000A'BCDE'0000'0000u | 0x300u);
  EXPECT_EQ(t.mwr_dw1_o, 0xF234'5678'9ABC'D155u);
  t.mwr_ready_i = 1;
  b.Edge();
  EXPECT_TRUE(t.busy_o);
  EXPECT_TRUE(t.quiet_o);
  t.mwr_done_i = 1;
  t.eval();
  EXPECT_TRUE(t.advance_o);
  EXPECT_FALSE(t.irq_o) << "not before PROD can be read";
  b.Edge();
  t.mwr_done_i = 0;
  t.prod_i = 6;
  t.eval();
  EXPECT_TRUE(t.irq_o);
  EXPECT_FALSE(t.busy_o);
  b.Edge();
  EXPECT_FALSE(t.irq_o);
  EXPECT_TRUE(t.quiet_o);
  EXPECT_FALSE(t.rsp_valid_o) << "software answers";
}

TEST(Priq, PriRespBecomesAResponse) {
  Bench b;
  auto& t = b.top;
  const unsigned code[] = {15, 1, 0};  // deny, invalid, success
  for (unsigned resp = 0; resp < 3; ++resp) {
    t.cmd_valid_i = 1;
    t.cmd_sid_i = 0x400;
    t.cmd_ssv_i = resp == 1;
    t.cmd_ssid_i = 0x12345;
    t.cmd_prgi_i = 0x1F0;
    t.cmd_resp_i = static_cast<CData>(resp);
    t.eval();
    ASSERT_TRUE(t.cmd_ready_o);
    b.Edge();
    t.cmd_valid_i = 0;
    t.eval();
    ASSERT_TRUE(t.rsp_valid_o);
    EXPECT_EQ(t.rsp_o, Response(0x400, resp == 1, 0x12345, 0x1F0, code[resp]));
    b.Edge();
    EXPECT_FALSE(t.rsp_valid_o);
  }
  // Without SMMUEN, and for a StreamID that is no requester ID, it is taken and does nothing.
  for (int i = 0; i < 2; ++i) {
    t.smmuen_i = i == 1;
    t.cmd_sid_i = i == 1 ? 0x1'0400 : 0x400;
    t.cmd_valid_i = 1;
    t.eval();
    EXPECT_TRUE(t.cmd_ready_o);
    b.Edge();
    t.cmd_valid_i = 0;
    t.eval();
    EXPECT_FALSE(t.rsp_valid_o);
  }
  EXPECT_TRUE(t.quiet_o);
}

TEST(Priq, OneRequestACycle) {
  Bench b;
  auto& t = b.top;
  t.log2size_i = 8;
  t.mwr_ready_i = 1;
  std::deque<int> due;
  int taken = 0, cycle = 0;
  for (; t.prod_i < 64 && cycle < 1000; ++cycle) {
    Request q;
    q.prgi = static_cast<unsigned>(taken);
    b.Put(q);
    t.req_valid_i = taken < 64;
    t.mwr_done_i = !due.empty() && due.front() <= cycle;
    t.eval();
    if (t.mwr_done_i) due.pop_front();
    if (t.mwr_valid_o) due.push_back(cycle + 6);
    taken += t.req_valid_i && t.req_ready_o;
    const bool advance = t.advance_o;
    b.Edge();
    t.prod_i += advance;
  }
  EXPECT_EQ(cycle, 64 + 7);
}

struct Mix {
  int request, ready, done, cons, abort, rsp, cmd;
};
struct Count {
  uint64_t written = 0, overflows = 0, aborts = 0, failures = 0, successes = 0, silent = 0, stops = 0,
           commands = 0, irqs = 0;
};

void RandomRun(unsigned seed, Mix mix, Count* n) {
  std::mt19937 rng(seed);
  auto percent = [&](int p) { return static_cast<int>(rng() % 100) < p; };
  Bench b;
  auto& t = b.top;
  const int log2size = static_cast<int>(rng() % 5);
  const uint32_t size = 1u << log2size, mask = 2 * size - 1;
  uint32_t prod = rng() & mask, cons = prod;
  bool ovf = false, ovack = false, enable = true, smmuen = true, abt = false, redo = false;
  bool irq_due = false, last_due = false;
  const bool last_only = seed & 1;
  t.log2size_i = static_cast<CData>(log2size);
  std::deque<Request> core;
  size_t flight = 0;
  struct Write {
    uint64_t addr, dw0, dw1;
  };
  std::deque<Write> bus;
  std::map<uint64_t, Write> memory;
  std::deque<uint64_t> autos, commands;  // responses owed, each kind in order
  for (int cycle = 0; cycle < 20000; ++cycle) {
    if (percent(1)) enable = !enable;
    if (percent(1) && percent(30)) smmuen = !smmuen;
    t.enable_i = enable;
    t.smmuen_i = smmuen;
    t.abt_err_i = abt;
    t.prod_i = prod;
    t.cons_i = cons;
    t.overflowed_i = ovf != ovack;
    t.last_only_i = last_only;
    Request q;
    q.rid = static_cast<uint16_t>((rng() % 4 + 1) << 8);
    q.ssv = percent(50);
    q.ssid = q.ssv ? rng() & 0xFFFFF : 0;
    q.priv = percent(50);
    q.exec = percent(50);
    q.r = percent(50);
    q.w = percent(50);
    q.last = percent(50);
    q.prgi = rng() & 0x1FF;
    q.page = (uint64_t{rng()} << 20 | (rng() & 0xFFFFF)) & ((uint64_t{1} << 52) - 1);
    b.Put(q);
    t.req_valid_i = percent(mix.request);
    t.cmd_valid_i = percent(mix.cmd);
    t.cmd_sid_i = (rng() % 4 + 1) << 8 | (percent(5) ? 0x10000 : 0);
    t.cmd_ssv_i = percent(50);
    t.cmd_ssid_i = rng() & 0xFFFFF;
    t.cmd_prgi_i = rng() & 0x1FF;
    t.cmd_resp_i = static_cast<CData>(rng() % 3);
    t.rsp_ready_i = percent(mix.rsp);
    t.mwr_ready_i = percent(mix.ready);
    t.mwr_done_i = !bus.empty() && percent(mix.done);
    t.mwr_err_i = percent(mix.abort);
    t.eval();

    const uint32_t used = (prod - cons) & mask;
    const bool off = !enable || !smmuen || abt;
    const bool writable = !off && ovf == ovack && used + flight < size;
    const bool offer = core.size() > flight && !redo && writable;
    const bool blocked = !core.empty() && flight == 0 && !writable;
    const bool done = t.mwr_done_i;
    const bool advance = done && !redo && !t.mwr_err_i, abort = done && !redo && t.mwr_err_i;

    ASSERT_EQ(bool(t.req_ready_o), core.size() < kDepth);
    ASSERT_EQ(bool(t.busy_o), flight != 0);
    ASSERT_EQ(bool(t.advance_o), advance);
    ASSERT_EQ(bool(t.abort_o), abort);
    ASSERT_EQ(bool(t.irq_o), last_only ? last_due : irq_due && used == 1) << "cycle " << cycle;
    n->irqs += t.irq_o;
    ASSERT_EQ(bool(t.mwr_valid_o), offer) << "cycle " << cycle;
    if (offer) {
      ASSERT_EQ(t.mwr_addr_o, kBase + 16 * ((prod + flight) & (size - 1)));
      ASSERT_EQ(t.mwr_dw0_o, core[flight].Dw0());
      ASSERT_EQ(t.mwr_dw1_o, core[flight].Dw1());
    }
    if (t.quiet_o) b.Edge();  // no change: an edge more makes no difference
    const bool accepted = t.req_valid_i && t.req_ready_o;
    const bool fire = offer && t.mwr_ready_i;
    if (fire) bus.push_back({t.mwr_addr_o, t.mwr_dw0_o, t.mwr_dw1_o});
    const bool overflow = t.overflow_o;
    if (overflow) {
      ASSERT_TRUE(blocked && !off && used == size && ovf == ovack);
    }
    if (t.rsp_valid_o && t.rsp_ready_i) {
      const uint64_t rsp = t.rsp_o;
      if (!autos.empty() && autos.front() == rsp) {
        autos.pop_front();
      } else {
        ASSERT_FALSE(commands.empty()) << "a response that nobody owes, cycle " << cycle;
        ASSERT_EQ(commands.front(), rsp) << "cycle " << cycle;
        commands.pop_front();
      }
    }
    if (t.cmd_valid_i && t.cmd_ready_o && smmuen && !(t.cmd_sid_i >> 16)) {
      const unsigned codes[] = {15, 1, 0};
      commands.push_back(Response(static_cast<uint16_t>(t.cmd_sid_i), t.cmd_ssv_i, t.cmd_ssid_i,
                                  t.cmd_prgi_i, codes[t.cmd_resp_i]));
      ++n->commands;
    }
    // The head leaves by an answer, or silently. An answer waits for room; what is silent does not.
    bool leaves = false;
    if (blocked) {
      const Request& h = core.front();
      const bool answered = !h.StopMarker() && (off || h.last);
      if (!answered) {
        leaves = true;
        if (h.StopMarker()) ++n->stops;
        else ++n->silent;
      } else {
        leaves = t.skip_o;
        if (leaves) {
          autos.push_back(off ? Response(h.rid, false, 0, h.prgi, 15)
                              : Response(h.rid, h.ssv, h.ssid, h.prgi, 0));
          ++(off ? n->failures : n->successes);
        }
      }
      ASSERT_EQ(bool(t.skip_o), leaves);
      ASSERT_EQ(overflow, leaves && !off && used == size && ovf == ovack) << "cycle " << cycle;
    } else {
      ASSERT_FALSE(t.skip_o);
    }
    b.Edge();

    if (done) {
      if (!t.mwr_err_i) memory[bus.front().addr] = bus.front();
      bus.pop_front();
    }
    flight = flight + fire - done;
    if (abort) ++n->aborts;
    redo = (redo || abort) && flight != 0;
    last_due = advance && core.front().last;
    if (advance) {
      const Write& slot = memory[kBase + 16 * (prod & (size - 1))];
      ASSERT_EQ(slot.dw0, core.front().Dw0()) << "PROD counts what is in memory";
      ASSERT_EQ(slot.dw1, core.front().Dw1());
      prod = (prod + 1) & mask;
      ++n->written;
    }
    irq_due = advance;
    if (advance || leaves) core.pop_front();
    if (accepted) core.push_back(q);
    if (overflow) {
      ovf = !ovf;
      ++n->overflows;
    }
    if (percent(mix.cons)) {
      cons = (cons + rng() % (((prod - cons) & mask) + 1)) & mask;
      if (percent(1) && percent(20)) cons = (cons + size + 1 + rng() % size) & mask;  // software is wrong
      if (percent(50)) ovack = ovf;
    }
    if (abort) abt = true;
    else if (abt && percent(5)) abt = false;
    ASSERT_LE(autos.size() + commands.size(), 2u) << "every response leaves soon";
  }
}

TEST(Priq, RandomAgainstModel) {
  Count n;
  const Mix mixes[] = {{50, 60, 40, 20, 2, 50, 20}, {90, 90, 90, 3, 3, 90, 5}, {10, 30, 10, 30, 0, 30, 50},
                       {100, 100, 100, 100, 0, 100, 0}, {60, 100, 30, 40, 1, 100, 100}};
  for (unsigned seed = 1; seed <= 20; ++seed) {
    RandomRun(seed, mixes[seed % 5], &n);
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(n.written, 5000u);
  EXPECT_GT(n.overflows, 50u);
  EXPECT_GT(n.aborts, 50u);
  EXPECT_GT(n.failures, 1000u);
  EXPECT_GT(n.successes, 1000u);
  EXPECT_GT(n.silent, 1000u);
  EXPECT_GT(n.stops, 100u);
  EXPECT_GT(n.commands, 1000u);
  EXPECT_GT(n.irqs, 1000u);
}

}  // namespace
