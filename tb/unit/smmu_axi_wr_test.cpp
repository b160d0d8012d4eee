// SPDX-License-Identifier: Apache-2.0
//
// smmu_axi_wr and smmu_msi on an AXI4 slave that is ready when it likes, takes W before or after
// AW, and answers IDs in any order: stable channels, right beats, every trigger followed by a
// write, one MSI outstanding per source, queue entries in order, aborts.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <random>

#include "Vsmmu_axi_wr_tb.h"

namespace {

struct Address {
  int id;
  uint64_t addr;
  int len;
};
struct Beat {
  uint64_t lo, hi;
  int strobes;
  bool last;
};

void RandomRun(unsigned seed, int aw_percent, int w_percent, uint64_t* records, uint64_t* pages,
               std::array<uint64_t, 3>* msis, uint64_t* aborts) {
  std::mt19937 rng(seed);
  auto percent = [&](int p) { return static_cast<int>(rng() % 100) < p; };
  Vsmmu_axi_wr_tb t;
  auto edge = [&] {
    t.clk_i = 1;
    t.eval();
    t.clk_i = 0;
    t.eval();
  };
  t.rst_ni = 0;
  edge();
  t.rst_ni = 1;
  std::deque<Address> aw;  // accepted, not yet complete
  std::deque<Beat> w;
  std::array<int, 16> due{};   // responses owed, by ID
  std::array<bool, 4> outstanding{};
  std::array<uint64_t, 3> waiting{};  // triggers since the last write of that source started
  bool evt_held = false, pri_held = false;
  uint64_t serial = 0, pri_serial = 0;
  std::deque<uint64_t> evt_sent, pri_sent;  // taken, not yet on the bus
  int evt_out = 0, pri_out = 0, both = 0;
  const uint64_t msi_base = 0x0800'0000 + (rng() % 64) * 16;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    t.msi_addr_i = msi_base;
    t.trig_i = 0;
    for (int i = 0; i < 3; ++i) {
      // A SYNC triggers only when its last MSI is visible.
      if (percent(5) && (i != 0 || !(t.busy_o & 1))) t.trig_i |= 1 << i;
    }
    if (!evt_held && evt_out < 6 && percent(50)) {
      evt_held = true;
      ++serial;
    }
    if (!pri_held && pri_out < 6 && percent(50)) {
      pri_held = true;
      ++pri_serial;
    }
    t.pri_valid_i = pri_held;
    t.pri_addr_i = 0x9000'0000 + 16 * (pri_serial % 128);
    t.pri_dw0_i = pri_serial;
    t.evt_valid_i = evt_held;
    t.evt_addr_i = 0x8000'0000 + 32 * (serial % 128);
    t.evt_dw0_i = serial;
    t.awready_i = percent(aw_percent);
    t.wready_i = percent(w_percent);
    t.bvalid_i = 0;
    const int pick = static_cast<int>(rng() % 5);
    const int id = pick == 4 ? 15 : pick;
    if (due[id] && percent(40)) {
      t.bvalid_i = 1;
      t.bid_i = static_cast<CData>(id);
      t.bresp_i = percent(5) ? 2 + rng() % 2 : 0;
    }
    t.eval();
    ASSERT_TRUE(t.bready_o);
    if (t.quiet_o) edge();

    // ---- responses reach their source
    ASSERT_EQ(bool(t.evt_done_o), t.bvalid_i && id == 0);
    ASSERT_EQ(bool(t.pri_done_o), t.bvalid_i && id == 15);
    const int abort = t.bvalid_i && id != 0 && id != 15 && t.bresp_i ? 1 << (id - 1) : 0;
    ASSERT_EQ(t.abort_o, abort);
    if (abort) ++*aborts;
    if (t.evt_done_o) {
      ASSERT_EQ(bool(t.evt_err_o), t.bresp_i != 0);
      --evt_out;
      ++*records;
    }
    if (t.pri_done_o) {
      ASSERT_EQ(bool(t.pri_err_o), t.bresp_i != 0);
      --pri_out;
      ++*pages;
    }
    for (int i = 0; i < 3; ++i)
      ASSERT_EQ(bool((t.busy_o >> i) & 1), waiting[i] > 0 || outstanding[i + 1]);
    if (t.bvalid_i) {
      --due[id];
      if (id < 4) outstanding[id] = false;
    }

    // ---- channels: stable until accepted
    const bool aw_valid = t.awvalid_o, w_valid = t.wvalid_o;
    const Address a{t.awid_o, t.awaddr_o, t.awlen_o};
    const Beat d{t.wdata_lo_o, t.wdata_hi_o, t.wstrb_o, bool(t.wlast_o)};
    const bool aw_fire = aw_valid && t.awready_i, w_fire = w_valid && t.wready_i;
    if (aw_fire) aw.push_back(a);
    if (w_fire) w.push_back(d);
    const bool evt_fire = t.evt_valid_i && t.evt_ready_o;
    if (evt_fire) {
      evt_held = false;
      ++evt_out;
      evt_sent.push_back(serial);
    }
    if (t.pri_valid_i && t.pri_ready_o) {
      ASSERT_FALSE(evt_fire);
      pri_held = false;
      ++pri_out;
      pri_sent.push_back(pri_serial);
    }
    both = evt_held && pri_held ? both + 1 : 0;
    ASSERT_LT(both, 2000) << "the queues take turns";
    const int trig = t.trig_i;
    edge();
    t.trig_i = 0;
    t.awready_i = t.wready_i = t.bvalid_i = 0;
    t.eval();
    if (aw_valid && !aw_fire) {
      ASSERT_TRUE(t.awvalid_o);
      ASSERT_EQ(t.awaddr_o, a.addr);
      ASSERT_EQ(t.awid_o, a.id);
      ASSERT_EQ(t.awlen_o, a.len);
    } else if (t.awvalid_o && t.awid_o != 0 && t.awid_o != 15) {
      // A new MSI: it carries all triggers of its source up to the cycle before the one in which it
      // was taken.
      const int source = t.awid_o - 1;
      ASSERT_GT(waiting[source], 0u) << "an MSI without a trigger";
      ASSERT_FALSE(outstanding[source + 1]);
      waiting[source] = 0;
      outstanding[source + 1] = true;
      ++(*msis)[source];
    }
    for (int i = 0; i < 3; ++i) waiting[i] += (trig >> i) & 1;
    if (w_valid && !w_fire) {
      ASSERT_TRUE(t.wvalid_o);
      ASSERT_EQ(t.wdata_lo_o, d.lo);
      ASSERT_EQ(t.wdata_hi_o, d.hi);
      ASSERT_EQ(t.wstrb_o, d.strobes);
      ASSERT_EQ(bool(t.wlast_o), d.last);
    }

    // ---- a write is complete when AW and its beats are there
    if (!aw.empty()) {
      const Address& x = aw.front();
      if (static_cast<int>(w.size()) > x.len) {
        for (int i = 0; i <= x.len; ++i) ASSERT_EQ(w[i].last, i == x.len);
        if (x.id == 0) {
          ASSERT_EQ(x.len, 1);
          ASSERT_EQ(x.addr, 0x8000'0000 + 32 * (evt_sent.front() % 128));
          ASSERT_EQ(w[0].lo, evt_sent.front());
          ASSERT_EQ(w[1].hi, ~evt_sent.front());
          ASSERT_EQ(w[0].strobes & w[1].strobes, 0xFFFF);
          evt_sent.pop_front();
        } else if (x.id == 15) {
          ASSERT_EQ(x.len, 0);
          ASSERT_EQ(x.addr, 0x9000'0000 + 16 * (pri_sent.front() % 128));
          ASSERT_EQ(w[0].lo, pri_sent.front());
          ASSERT_EQ(w[0].hi, ~pri_sent.front());
          ASSERT_EQ(w[0].strobes, 0xFFFF);
          pri_sent.pop_front();
        } else {
          ASSERT_EQ(x.len, 0);
          ASSERT_EQ(x.addr, msi_base + 4 * (x.id - 1));
          const int lane = static_cast<int>(x.addr % 16);
          ASSERT_EQ(w[0].strobes, 0xF << lane);
          const uint64_t half = lane >= 8 ? w[0].hi : w[0].lo;
          ASSERT_EQ(static_cast<uint32_t>(half >> (8 * (lane % 8))), static_cast<uint32_t>(x.addr));
        }
        if (x.id != 0 && x.id != 15) ASSERT_EQ(due[x.id], 0) << "one MSI outstanding per source";
        ++due[x.id];
        w.erase(w.begin(), w.begin() + x.len + 1);
        aw.pop_front();
      }
    }
  }
}

TEST(AxiWr, AnySlaveTiming) {
  uint64_t records = 0, pages = 0, aborts = 0;
  std::array<uint64_t, 3> msis{};
  const int rates[][2] = {{100, 100}, {50, 50}, {10, 90}, {90, 10}, {100, 5}};
  for (unsigned seed = 1; seed <= 15; ++seed) {
    RandomRun(seed, rates[seed % 5][0], rates[seed % 5][1], &records, &pages, &msis, &aborts);
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(records, 2000u);
  EXPECT_GT(pages, 2000u);
  for (uint64_t n : msis) EXPECT_GT(n, 2000u);
  EXPECT_GT(aborts, 100u);
}

}  // namespace
