// SPDX-License-Identifier: Apache-2.0
//
// smmu_xlat behind its wrapper: a cycle at a time, requests and what comes of them, tables in memory, the reference beside it.

#ifndef ATCBENCH_TB_UNIT_SMMU_XLAT_XLAT_BENCH_H_
#define ATCBENCH_TB_UNIT_SMMU_XLAT_XLAT_BENCH_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "Vsmmu_xlat_tb.h"
#include "../smmu_ref.h"

namespace xlat {

using ref::Req;

enum CfgiOp { kSte, kSteRange, kCfgAll, kCdOne, kCdAll };
enum TlbiOp { kNhAll, kNhAsid, kNhVa, kNhVaa, kEl2All, kNsnhAll = 10 };

constexpr uint64_t kStrtab = 0x100000;
constexpr uint64_t kCds = 0x200000;     // CD i at kCds + 64 i
constexpr uint64_t kTables = 0x300000;  // page table pages
constexpr uint64_t kV = 1;

struct Stamp {
  uint64_t cycle;
  ref::Rsp rsp;
};
struct EventAt {
  uint64_t cycle;
  ref::Event event;
};

class XlatTest : public testing::Test {
 protected:
  XlatTest() {
    cfg.smmuen = true;
    cfg.atschk = true;
    cfg.strtab_base = kStrtab;
    cfg.log2size = 8;
    top.rst_ni = 0;
    top.rsp_ready_i = 1;
    top.evt_ready_i = 1;
    Step();
    top.rst_ni = 1;
    Step();
  }

  // ---- one cycle
  void Step() {
    top.smmuen_i = cfg.smmuen;
    top.atschk_i = cfg.atschk;
    top.recinvsid_i = cfg.recinvsid;
    top.rec_cfg_ats_i = cfg.rec_cfg_ats;
    top.gbpa_abort_i = cfg.gbpa_abort;
    top.e2h_i = cfg.e2h;
    top.strtab_base_i = cfg.strtab_base;
    top.strtab_log2size_i = cfg.log2size;
    top.strtab_split_i = cfg.split;
    top.strtab_2lvl_i = cfg.two_level;

    top.req_valid_i = to_send.has_value();
    if (to_send) {
      const Req& q = *to_send;
      top.req_port_i = q.port;
      top.req_sid_i = q.sid;
      top.req_ssv_i = q.ssv;
      top.req_ssid_i = q.ssid;
      top.req_priv_i = q.priv;
      top.req_exec_i = q.exec;
      top.req_at_i = q.at;
      top.req_write_i = q.write;
      top.req_nw_i = q.nw;
      top.req_num_i = q.num;
      top.req_addr_i = q.addr;
    }
    top.txn_done_i = 0;
    top.txn_colour_i = 0;
    for (int i = 0; i < 4 && !done_at.empty() && done_at.front().first <= now; ++i) {
      top.txn_done_i |= 1 << i;
      top.txn_colour_i |= done_at.front().second << i;
      done_at.pop_front();
    }
    const MrdMemory::Beat beat = mem.Respond(now);
    top.mrd_rsp_valid_i = beat.valid << beat.port;
    top.mrd_req_ready_i = 0;
    top.mrd_lo_i = beat.lo;
    top.mrd_hi_i = beat.hi;
    top.mrd_err_i = beat.err;
    top.mrd_last_i = beat.last;
    top.clk_i = 0;
    top.eval();

    if (top.mrd_req_valid_o) {  // ports in turn, one a cycle
      do {
        turn = (turn + 1) % 4;
      } while (!(top.mrd_req_valid_o >> turn & 1));
      top.mrd_req_ready_i = 1 << turn;
      top.eval();
      mem.Request(top.mrd_addr_o, top.mrd_beats_o, now, turn);
    }
    if (to_send && top.req_ready_o) {
      EXPECT_FALSE(open[to_send->port]) << "the bench broke the rule of one request per port";
      open[to_send->port] = true;
      to_send.reset();
    }
    if (top.rsp_valid_o && top.rsp_ready_i) {
      ref::Rsp r;
      r.port = top.rsp_port_o;
      EXPECT_TRUE(open[r.port]) << "response without a request";
      entries[r.port].push_back(top.rsp_entry_o);
      if (!top.rsp_more_o) {
        open[r.port] = false;
        r.status = top.rsp_status_o;
        r.pa = top.rsp_pa_o;
        r.entry = entries[r.port].front();
        r.further.assign(entries[r.port].begin() + 1, entries[r.port].end());
        r.colour = top.rsp_colour_o;
        entries[r.port].clear();
        rsps.push_back({now, r});
        done_at.push_back({now + done_delay, r.colour});
      }
    }
    if (top.evt_valid_o && top.evt_ready_i) {
      events.push_back({now, {top.evt0_o, top.evt1_o, top.evt2_o, top.evt3_o}});
    }
    const int stat = top.stat_o;
    const std::array<int, 6> part = {stat >> 11 & 1, stat >> 10 & 1, stat >> 9 & 1, stat >> 6 & 7, stat >> 3 & 7, stat & 7};
    for (size_t i = 0; i < part.size(); ++i) stat_sum[i] += part[i];
    drain_done = top.drain_done_o;
    inval_idle = top.inval_idle_o;
    quiet = top.quiet_o;

    top.clk_i = 1;
    top.eval();
    ++now;
    top.cfgi_valid_i = 0;
    top.tlbi_valid_i = 0;
    top.stall_valid_i = 0;
    top.drain_start_i = 0;
  }

  // ---- single requests
  ref::Rsp Ask(const Req& q) {
    const size_t before = rsps.size();
    to_send = q;
    const uint64_t begin = now;
    while (rsps.size() == before) {
      Step();
      if (now - begin > 5000) {
        ADD_FAILURE() << "no response";
        return {};
      }
    }
    last_latency = rsps.back().cycle - begin;
    return rsps.back().rsp;
  }

  // Asks, and compares response and events with the reference.
  void Check(const Req& q, const char* what = "") {
    const ref::Answer want = ref::Translate(mem, cfg, q);
    const size_t before = events.size();
    if (want.stall) return CheckStall(q, want, what);
    const ref::Rsp got = Ask(q);
    ASSERT_EQ(got.port, q.port) << what;
    ASSERT_EQ(got.status, want.status) << what << " sid " << q.sid << " at " << q.at << std::hex << " " << q.addr;
    if (want.status == ref::kOk && q.at != ref::kTranslationReq) {
      ASSERT_EQ(got.pa, want.pa) << what << " sid " << q.sid << " dw0 " << std::hex << mem.Read64(SteAddr(q.sid)) << " address " << q.addr;
    }
    if (want.status == ref::kOk && q.at == ref::kTranslationReq) {
      ASSERT_EQ(got.entry, want.entry) << what << std::hex << q.addr;
      ASSERT_EQ(got.further, want.further) << what << std::hex << q.addr << " num " << q.num;
    }
    ASSERT_EQ(events.size() - before, want.has_event) << what;
    if (want.has_event) {
      ASSERT_EQ(events.back().event, want.event) << what;
      ASSERT_LE(events.back().cycle, rsps.back().cycle);
      Count(events.back().event);
    }
    if (!want.further.empty()) ++seen[0x1000];
    ++seen[want.has_event ? static_cast<int>(want.event[0] & 0xFF) : 0x100 + want.status];
  }

  void Count(const ref::Event& e) {
    if (e[1] >> 39 & 1) ++seen[static_cast<int>(0x200 + (e[1] >> 40 & 3) * 0x100 + (e[0] & 0xFF))];
  }

  // The transaction must wait, with its event out; then it is looked up again, or ended.
  void CheckStall(const Req& q, const ref::Answer& want, const char* what) {
    const size_t before = rsps.size();
    for (int again = static_cast<int>(stall_turn % 3);; --again) {
      const size_t had = events.size();
      if (rsps.size() == before && !open[q.port]) to_send = q;
      for (int i = 0; i < 3000 && events.size() == had; ++i) Step();
      for (int i = 0; i < 5; ++i) Step();
      ASSERT_EQ(rsps.size(), before) << what << " a stalled transaction has no answer";
      ASSERT_EQ(events.size(), had + 1) << what;
      ref::Event e = events.back().event;
      const int stag = static_cast<int>(e[1] & 0xFFFF);
      e[1] &= ~uint64_t{0xFFFF};
      ASSERT_EQ(e, want.event) << what;
      Count(e);
      ++seen[0x2000];
      if (again == 0) {
        if (stall_turn++ % 2) SetResume(q.sid, stag, false);
        else SetStallTerm(q.sid);
        break;
      }
      SetResume(q.sid, stag, true);
    }
    for (int i = 0; i < 10 && rsps.size() == before; ++i) Step();
    ASSERT_EQ(rsps.size(), before + 1) << what;
    ASSERT_EQ(rsps.back().rsp.status, ref::kAbort) << what;
    ASSERT_EQ(rsps.back().rsp.port, q.port) << what;
  }

  // Explicit row: what the fact sheet's table says, and the reference with it.
  void Row(const char* what, const Req& q, int status, int event) {
    const size_t before = events.size();
    Check(q, what);
    EXPECT_EQ(rsps.back().rsp.status, status) << what;
    EXPECT_EQ(events.size() - before, event != 0) << what;
    if (event && events.size() > before) {
      EXPECT_EQ(events.back().event[0] & 0xFF, uint64_t(event)) << what;
    }
  }

  // ---- commands
  void Cfgi(int op, uint32_t sid = 0, uint32_t ssid = 0, int range = 0) {
    top.cfgi_valid_i = 1;
    top.cfgi_op_i = op;
    top.cfgi_sid_i = sid;
    top.cfgi_ssid_i = ssid;
    top.cfgi_range_i = range;
    Step();
  }
  void SetTlbi(int op, int asid = 0, uint64_t va = 0) {
    top.tlbi_valid_i = 1;
    top.tlbi_op_i = op;
    top.tlbi_asid_i = asid;
    top.tlbi_page_i = va >> 12;
  }
  void Tlbi(int op, int asid = 0, uint64_t va = 0) {
    SetTlbi(op, asid, va);
    Step();
  }
  void SetResume(uint32_t sid, int stag, bool retry) {
    top.stall_valid_i = 1;
    top.stall_all_i = 0;
    top.stall_sid_i = sid;
    top.stall_stag_i = stag;
    top.stall_retry_i = retry;
  }
  void SetStallTerm(uint32_t sid) {
    top.stall_valid_i = 1;
    top.stall_all_i = 1;
    top.stall_sid_i = sid;
    top.stall_stag_i = 0;
    top.stall_retry_i = 0;
  }
  void FlushAll() {
    Cfgi(kCfgAll);
    Tlbi(kNsnhAll);
    Tlbi(kEl2All);
    Step();
  }

  // ---- tables
  uint64_t SteAddr(uint32_t sid) const { return kStrtab + 64 * uint64_t{sid}; }
  void SetSte(uint32_t sid, int config, uint64_t cd, int cdmax = 0, int s1dss = 0, int eats = 0, int s1fmt = 0,
              int strw = 0) {
    mem.Write64(SteAddr(sid), kV | uint64_t(config) << 1 | uint64_t(s1fmt) << 4 | cd | uint64_t(cdmax) << 59);
    mem.Write64(SteAddr(sid) + 8, uint64_t(s1dss) | uint64_t(eats) << 28 | uint64_t(strw) << 30);
  }
  // Stage 2 half of an STE: 48-bit IPAs and PAs, start at level 0, faults recorded; `extra` is or'ed to dw2.
  static constexpr uint64_t kS2R = uint64_t{1} << 58, kS2S = uint64_t{1} << 57;
  void SetS2(uint32_t sid, uint64_t ttb, int vmid, uint64_t extra = kS2R, int t0sz = 16, int sl0 = 2) {
    mem.Write64(SteAddr(sid) + 16, uint64_t(vmid) | uint64_t(t0sz) << 32 | uint64_t(sl0) << 38 | uint64_t{5} << 48 |
                                       uint64_t{1} << 51 | extra);
    mem.Write64(SteAddr(sid) + 24, ttb);
  }
  static uint64_t Cd0(int asid, int t0sz = 16) {
    return uint64_t(t0sz) | uint64_t{1} << 30 | kV << 31 | uint64_t{5} << 32 | uint64_t{1} << 41 | uint64_t{1} << 45 |
           uint64_t{1} << 46 | uint64_t(asid) << 48;
  }
  void SetCd(uint64_t addr, uint64_t d0, uint64_t ttb0, uint64_t ttb1 = 0) {
    mem.Write64(addr, d0);
    mem.Write64(addr + 8, ttb0);
    mem.Write64(addr + 16, ttb1);
  }
  uint64_t NewTable() {
    next_table += 0x1000;
    return next_table;
  }
  // Maps one page or block at `level` below `root` (a level 0 table).
  void Map(uint64_t root, uint64_t va, uint64_t pa, uint64_t attr, int level = 3) {
    uint64_t table = root;
    for (int l = 0; l < level; ++l) {
      const uint64_t at = table + 8 * ref::Bits(va, 47 - 9 * l, 39 - 9 * l);
      if (!(mem.Read64(at) & 1)) mem.Write64(at, NewTable() | 3);
      table = mem.Read64(at) & 0xFFFF'FFFF'F000;
    }
    mem.Write64(PteAddr(root, va, level), pa | attr | (level == 3 ? 3 : 1));
  }
  uint64_t PteAddr(uint64_t root, uint64_t va, int level = 3) const {
    uint64_t table = root;
    for (int l = 0; l < level; ++l) {
      table = mem.Read64(table + 8 * ref::Bits(va, 47 - 9 * l, 39 - 9 * l)) & 0xFFFF'FFFF'F000;
    }
    return table + 8 * ref::Bits(va, 47 - 9 * level, 39 - 9 * level);
  }

  Vsmmu_xlat_tb top;
  MrdMemory mem;
  ref::Cfg cfg;
  uint64_t now = 0;
  int turn = 0;
  std::optional<Req> to_send;
  std::array<bool, 4> open{};
  std::array<std::vector<uint64_t>, 4> entries;
  std::vector<Stamp> rsps;
  std::vector<EventAt> events;
  std::deque<std::pair<uint64_t, int>> done_at;
  uint64_t done_delay = 3;
  uint64_t last_latency = 0;
  uint64_t next_table = kTables;
  unsigned stall_turn = 0;
  std::array<int, 6> stat_sum{};  // txn, ats, cfg_miss, tlb_miss, walk_start, walk_done
  bool drain_done = false, inval_idle = false, quiet = false;
  std::map<int, int> seen;
};

// Leaf attributes: AF, nG, unprivileged; read-only.
constexpr uint64_t kRw = 0xC40, kRo = 0xCC0, kPrivOnly = 0xC00;

inline Req Untranslated(uint32_t sid, uint64_t addr, bool write = false, int port = 0) {
  Req q;
  q.port = port;
  q.sid = sid;
  q.addr = addr;
  q.write = write;
  return q;
}
inline Req Translated(uint32_t sid, uint64_t addr, bool write = false) {
  Req q = Untranslated(sid, addr, write);
  q.at = ref::kTranslated;
  return q;
}
inline Req Ats(uint32_t sid, uint64_t addr, bool nw = false, int port = 0) {
  Req q = Untranslated(sid, addr, false, port);
  q.at = ref::kTranslationReq;
  q.nw = nw;
  return q;
}
inline Req WithSsid(Req q, uint32_t ssid) {
  q.ssv = true;
  q.ssid = ssid;
  return q;
}

// Streams of the row tests.
class XlatRows : public XlatTest {
 protected:
  enum : uint32_t {
    kInvalid, kAbortS, kBypassS, kFull, kNoAts, kDssBypass, kDssTerm, kDssZero, kSteErr, kCdErr, kBadCdS, kWalkErr,
    kTwoLevel, kQuietCd, kReservedEats,
  };
  XlatRows() {
    root = NewTable();
    Map(root, 0x1000, 0xABC000, kRw);
    Map(root, 0x2000, 0xABD000, kRo);
    Map(root, 0x3000, 0xABE000, kPrivOnly);
    Map(root, 0x4000, 0xABF000, kRw & ~uint64_t{0x400});                 // AF = 0
    Map(root, 0x5000, uint64_t{1} << 50, kRw);                           // beyond the output size
    Map(root, 0x600000, 0x12400000, kRw, 2);                             // 2 MiB
    Map(root, uint64_t{3} << 30, uint64_t{5} << 30, kRw, 1);             // 1 GiB
    Map(root, 0x6000, 0xAC0000, kRw | uint64_t{1} << 54);                // UXN
    walk_root = NewTable();
    Map(walk_root, 0x1000, 0xABC000, kRw);
    mem.errors.insert(PteAddr(walk_root, 0x1000, 2) & ~uint64_t{15});
    for (int i = 0; i < 8; ++i) SetCd(kCds + 64 * i, Cd0(10 + i), root);
    SetCd(kCds + 64 * 8, Cd0(20) & ~(kV << 31), root);
    SetCd(kCds + 64 * 9, Cd0(21), walk_root);
    SetCd(kCds + 64 * 11, Cd0(22) & ~(uint64_t{1} << 45), root);         // R = 0
    mem.errors.insert(kCds + 64 * 10 + 16);
    mem.Write64(kCds + 0x1000, (kCds + 0x2000) | 1);                     // level 1 CD table: leaf 0 only
    SetCd(kCds + 0x2000 + 64 * 5, Cd0(30), root);

    mem.Write64(SteAddr(kInvalid), uint64_t{5} << 1);
    SetSte(kAbortS, 0, 0, 0, 0, 1);
    SetSte(kBypassS, 4, 0, 0, 0, 1);
    SetSte(kFull, 5, kCds, 0, 0, 1);
    SetSte(kNoAts, 5, kCds, 0, 0, 0);
    SetSte(kDssBypass, 5, kCds, 2, 1, 1);
    SetSte(kDssTerm, 5, kCds, 2, 0, 1);
    SetSte(kDssZero, 5, kCds, 2, 2, 1);
    SetSte(kSteErr, 5, kCds, 0, 0, 1);
    mem.errors.insert(SteAddr(kSteErr));
    SetSte(kCdErr, 5, kCds + 64 * 10, 0, 0, 1);
    SetSte(kBadCdS, 5, kCds + 64 * 8, 0, 0, 1);
    SetSte(kWalkErr, 5, kCds + 64 * 9, 0, 0, 1);
    SetSte(kTwoLevel, 5, kCds + 0x1000, 7, 0, 1, 1);
    SetSte(kQuietCd, 5, kCds + 64 * 11, 0, 0, 1);
    SetSte(kReservedEats, 5, kCds, 0, 0, 3);
  }
  uint64_t root = 0, walk_root = 0;
};

constexpr uint64_t kBeyond = uint64_t{1} << 48;

}  // namespace xlat

#endif  // ATCBENCH_TB_UNIT_SMMU_XLAT_XLAT_BENCH_H_
