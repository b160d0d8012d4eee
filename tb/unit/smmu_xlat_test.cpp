// SPDX-License-Identifier: Apache-2.0
//
// smmu_xlat as a whole: the tables of the fact sheet (smmuv3 sections 5.1, 5.2, 7.1, 7.2), events bit for bit, a random run
// against the cacheless reference, the pipeline's latency and rate, walks side by side, stalled transactions, answers of several
// entries, and what a SYNC relies on: nofill and the drain.

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
#include "smmu_ref.h"

namespace {

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

Req Untranslated(uint32_t sid, uint64_t addr, bool write = false, int port = 0) {
  Req q;
  q.port = port;
  q.sid = sid;
  q.addr = addr;
  q.write = write;
  return q;
}
Req Translated(uint32_t sid, uint64_t addr, bool write = false) {
  Req q = Untranslated(sid, addr, write);
  q.at = ref::kTranslated;
  return q;
}
Req Ats(uint32_t sid, uint64_t addr, bool nw = false, int port = 0) {
  Req q = Untranslated(sid, addr, false, port);
  q.at = ref::kTranslationReq;
  q.nw = nw;
  return q;
}
Req WithSsid(Req q, uint32_t ssid) {
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

TEST_F(XlatRows, Untranslated) {
  for (int round = 0; round < 2; ++round) {  // from memory, then as cached as it gets
    Row("bad sid", Untranslated(256, 0x1000), ref::kAbort, ref::kBadStreamId);
    Row("huge sid", Untranslated(0x10003, 0x1000), ref::kAbort, ref::kBadStreamId);
    cfg.recinvsid = false;
    Row("bad sid, not recorded", Untranslated(256, 0x1000), ref::kAbort, 0);
    cfg.recinvsid = true;
    Row("ste abort", Untranslated(kSteErr, 0x1000), ref::kAbort, ref::kSteFetch);
    Row("ste invalid", Untranslated(kInvalid, 0x1000), ref::kAbort, ref::kBadSte);
    Row("config 000", Untranslated(kAbortS, 0x1000), ref::kAbort, 0);
    Row("bypass", Untranslated(kBypassS, 0x1234567, true), ref::kOk, 0);
    Row("bypass beyond OAS", Untranslated(kBypassS, kBeyond), ref::kAbort, ref::kAddrSize);
    Row("bypass with ssid", WithSsid(Untranslated(kBypassS, 0x1000), 1), ref::kAbort, ref::kBadSubstreamId);
    Row("read", Untranslated(kFull, 0x1234), ref::kOk, 0);
    Row("write", Untranslated(kFull, 0x1FFF, true), ref::kOk, 0);
    Row("ro read", Untranslated(kFull, 0x2008), ref::kOk, 0);
    Row("ro write", Untranslated(kFull, 0x2008, true), ref::kAbort, ref::kPermission);
    Row("privileged page", Untranslated(kFull, 0x3000), ref::kAbort, ref::kPermission);
    Row("AF", Untranslated(kFull, 0x4000), ref::kAbort, ref::kAccess);
    Row("output size", Untranslated(kFull, 0x5000), ref::kAbort, ref::kAddrSize);
    Row("unmapped", Untranslated(kFull, 0x8123, true), ref::kAbort, ref::kTranslation);
    Row("EPD1", Untranslated(kFull, ~uint64_t{0xFFF}), ref::kAbort, ref::kTranslation);
    Row("2 MiB", Untranslated(kFull, 0x712345), ref::kOk, 0);
    Row("1 GiB", Untranslated(kFull, (uint64_t{3} << 30) + 0x12345678), ref::kOk, 0);
    Row("ssid without substreams", WithSsid(Untranslated(kFull, 0x1000), 0), ref::kAbort, ref::kBadSubstreamId);
    Row("ssid 3", WithSsid(Untranslated(kDssTerm, 0x1000), 3), ref::kOk, 0);
    Row("ssid 4 of 4", WithSsid(Untranslated(kDssTerm, 0x1000), 4), ref::kAbort, ref::kBadSubstreamId);
    Row("no ssid, S1DSS 0", Untranslated(kDssTerm, 0x1000), ref::kAbort, ref::kStreamDisabled);
    Row("no ssid, S1DSS 1", Untranslated(kDssBypass, 0x7654321), ref::kOk, 0);
    Row("no ssid, S1DSS 1, beyond OAS", Untranslated(kDssBypass, kBeyond), ref::kAbort, ref::kAddrSize);
    Row("ssid 0, S1DSS 1", WithSsid(Untranslated(kDssBypass, 0x1000), 0), ref::kOk, 0);
    Row("no ssid, S1DSS 2", Untranslated(kDssZero, 0x1000), ref::kOk, 0);
    Row("ssid 0, S1DSS 2", WithSsid(Untranslated(kDssZero, 0x1000), 0), ref::kAbort, ref::kStreamDisabled);
    Row("ssid 1, S1DSS 2", WithSsid(Untranslated(kDssZero, 0x1000), 1), ref::kOk, 0);
    Row("cd abort", Untranslated(kCdErr, 0x1000), ref::kAbort, ref::kCdFetch);
    Row("cd invalid", Untranslated(kBadCdS, 0x1000), ref::kAbort, ref::kBadCd);
    Row("walk abort", Untranslated(kWalkErr, 0x1000, true), ref::kAbort, ref::kWalkEabt);
    Row("two-level CD", WithSsid(Untranslated(kTwoLevel, 0x1000), 5), ref::kOk, 0);
    Row("two-level CD, hole", WithSsid(Untranslated(kTwoLevel, 0x1000), 64), ref::kAbort, ref::kBadSubstreamId);
    Row("R = 0", Untranslated(kQuietCd, 0x8000), ref::kAbort, 0);
    Row("R = 0, permission", Untranslated(kQuietCd, 0x2000, true), ref::kAbort, 0);
    Req x = WithSsid(Untranslated(kDssTerm, 0x1000), 3);
    x.exec = true;
    Row("execute", x, ref::kOk, 0);
    x.addr = 0x6000;
    Row("execute, UXN", x, ref::kAbort, ref::kPermission);
    x.addr = 0x3000;
    x.exec = false;
    x.priv = true;
    Row("privileged", x, ref::kOk, 0);
    Req reserved = Untranslated(kFull, 0x1000);
    reserved.at = ref::kReserved;
    Row("reserved AT", reserved, ref::kAbort, ref::kUut);
  }
  cfg.smmuen = false;
  Row("disabled", Untranslated(kInvalid, 0xFEDC, true), ref::kOk, 0);
  Row("disabled, beyond OAS", Untranslated(kInvalid, kBeyond), ref::kAbort, 0);
  cfg.gbpa_abort = true;
  Row("disabled, GBPA abort", Untranslated(kInvalid, 0xFEDC), ref::kAbort, 0);
}

TEST_F(XlatRows, TranslatedRequests) {
  for (int round = 0; round < 2; ++round) {
    Row("config 000", Translated(kAbortS, 0x1000), ref::kAbort, 0);
    Row("config 100", Translated(kBypassS, 0x1000), ref::kAbort, ref::kTranslForbidden);
    Row("EATS 00", Translated(kNoAts, 0x1000, true), ref::kAbort, ref::kTranslForbidden);
    Row("EATS 11", Translated(kReservedEats, 0x1000), ref::kAbort, ref::kTranslForbidden);
    Row("config fault", Translated(kInvalid, 0x1000), ref::kAbort, 0);
    Row("bad sid", Translated(256, 0x1000), ref::kAbort, 0);
    Row("ste abort", Translated(kSteErr, 0x1000), ref::kAbort, 0);
    Row("EATS 01", Translated(kFull, 0xDEADBEEF, true), ref::kOk, 0);
    Row("EATS 01, CD not looked at", Translated(kBadCdS, 0x1000), ref::kOk, 0);
    Row("EATS 01, beyond OAS", Translated(kFull, kBeyond), ref::kAbort, 0);
    Row("with PASID", WithSsid(Translated(kFull, 0x1000), 99), ref::kOk, 0);
    Row("CD needed after it", Untranslated(kFull, 0x1000), ref::kOk, 0);
  }
  cfg.atschk = false;
  const uint64_t reads = mem.requests;
  Row("ATSCHK 0", Translated(kNoAts, 0x1000), ref::kOk, 0);
  Row("ATSCHK 0, no stream", Translated(0xFFFF, 0x1000), ref::kOk, 0);
  Row("ATSCHK 0, beyond OAS", Translated(kFull, kBeyond), ref::kAbort, 0);
  EXPECT_EQ(mem.requests, reads) << "no STE lookup";
  cfg.atschk = true;
  cfg.smmuen = false;
  Row("disabled", Translated(kFull, 0x1000, true), ref::kAbort, ref::kTranslForbidden);
}

TEST_F(XlatRows, TranslationRequests) {
  for (int round = 0; round < 2; ++round) {
    Row("bad sid", Ats(256, 0x1000), ref::kCa, 0);
    Row("ste abort", Ats(kSteErr, 0x1000), ref::kCa, 0);
    Row("ste invalid", Ats(kInvalid, 0x1000), ref::kCa, 0);
    Row("config 000", Ats(kAbortS, 0x1000), ref::kUr, 0);
    Row("config 100", Ats(kBypassS, 0x1000), ref::kUr, ref::kBadAtsTreq);
    Row("EATS 00", Ats(kNoAts, 0x1000), ref::kUr, ref::kBadAtsTreq);
    Row("EATS 11", Ats(kReservedEats, 0x1000, true), ref::kUr, ref::kBadAtsTreq);
    Row("bad ssid", WithSsid(Ats(kFull, 0x1000), 1), ref::kCa, 0);
    Row("S1DSS 0", Ats(kDssTerm, 0x1000), ref::kCa, 0);
    Row("cd abort", Ats(kCdErr, 0x1000), ref::kCa, 0);
    Row("cd invalid", Ats(kBadCdS, 0x1000), ref::kCa, 0);
    Row("walk abort", Ats(kWalkErr, 0x1000), ref::kCa, 0);
    Row("F_TRANSLATION", Ats(kFull, 0x8000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("region", Ats(kFull, uint64_t{1} << 60), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("F_ADDR_SIZE", Ats(kFull, 0x5000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("F_ACCESS", Ats(kFull, 0x4000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("rw", Ats(kFull, 0x1000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xABC003u);
    Row("rw, NW", Ats(kFull, 0x1000, true), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xABC003u);
    Row("ro", Ats(kFull, 0x2000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xABD001u);
    Row("privileged page", Ats(kFull, 0x3000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0u);
    Row("2 MiB", Ats(kFull, 0x712000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0x12400000u | 0xFF000u | 0x803u);
    Row("1 GiB", Ats(kFull, (uint64_t{3} << 30) + 0x12345000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, (uint64_t{5} << 30) | 0x1FFFF000u | 0x803u);
    Row("S1DSS 1 without PASID", Ats(kDssBypass, 0x7654000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0x7654003u);
    Req p = WithSsid(Ats(kDssBypass, 0x3000), 2);
    p.priv = true;
    p.exec = true;
    Row("PASID, privileged, execute", p, ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xABE01Bu);                          // Priv, Exe, W, R
  }
  cfg.smmuen = false;
  Row("disabled", Ats(kFull, 0x1000), ref::kUr, ref::kBadAtsTreq);
}

TEST_F(XlatRows, EventsBitForBit) {
  const auto Last = [&] { return events.back().event; };
  Ask(Untranslated(kFull, 0x8123, true));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0003'0000'0010, 0x0000'0200'0000'0000, 0x8123, 0}));
  Ask(Untranslated(kFull, 0x8123));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0003'0000'0010, 0x0000'0208'0000'0000, 0x8123, 0}));
  Req x = WithSsid(Untranslated(kDssTerm, 0x6004), 3);
  x.exec = true;
  x.priv = false;
  Ask(x);
  EXPECT_EQ(Last(), (ref::Event{0x0000'0006'0000'3813, 0x0000'020C'0000'0000, 0x6004, 0}));
  x.write = true;  // a write is never an instruction fetch; privileged
  x.priv = true;
  x.addr = 0x8000;
  Ask(x);
  EXPECT_EQ(Last(), (ref::Event{0x0000'0006'0000'3810, 0x0000'0202'0000'0000, 0x8000, 0}));
  Ask(Untranslated(kWalkErr, 0x1004));
  EXPECT_EQ(Last(), (ref::Event{0x0000'000B'0000'000B, 0x0000'0108'0000'0000, 0x1004, PteAddr(walk_root, 0x1000, 2)}));
  Ask(Untranslated(kSteErr, 0x1004));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0008'0000'0003, 0, 0, SteAddr(kSteErr)}));
  Ask(Untranslated(kCdErr, 0x1004));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0009'0000'0009, 0, 0, kCds + 64 * 10}));
  Ask(WithSsid(Untranslated(kBypassS, 0x1004), 0xABCDE));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0002'ABCD'E008, 0, 0, 0}));        // SSID without SSV
  Ask(WithSsid(Untranslated(kDssZero, 0x1004), 0));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0007'0000'0006, 0, 0, 0}));
  Ask(WithSsid(Translated(kNoAts, 0x1004, true), 5));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0004'0000'5807, 0, 0x1004, 0}));
  Ask(Translated(kNoAts, 0x1004));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0004'0000'0007, 0x0000'0008'0000'0000, 0x1004, 0}));
  Req a = WithSsid(Ats(kNoAts, 0x1234, false), 5);
  a.priv = true;
  a.exec = true;
  Ask(a);
  EXPECT_EQ(Last(), (ref::Event{0x0000'0004'0000'5805, 0x0000'101E'0000'0000, 0x1000, 0}));
  Ask(Ats(kNoAts, 0x1000, true));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0004'0000'0005, 0x0000'1002'0000'0000, 0x1000, 0}));
  Req u = Untranslated(kFull, 0x1004, true);
  u.at = ref::kReserved;
  Ask(u);
  EXPECT_EQ(Last(), (ref::Event{0x0000'0003'0000'0001, 0, 0x1004, 0}));
}

// ---------------------------------------------------------------- both stages
class XlatS2 : public XlatTest {
 protected:
  enum : uint32_t { kS2Only = 1, kNested, kNoRecord, kCdBehind, kByp, kS2Stall, kEl2Ignored, kTtd, kL1Behind, kS1Stall };
  // Stage 2 maps IPA = PA + 1 GiB for what the tables use, with 4 KiB pages, and a few windows with less access.
  XlatS2() {
    s2root = NewTable();
    root = NewTable();
    Map(root, 0x1000, 0x5000, kRw);
    Map(root, 0x2000, 0x6000, kRw);
    Map(root, 0x3000, 0x7000, kRw);                          // not mapped by stage 2
    Map(root, 0x4000, 0x8000, kRw);                          // AF = 0 there
    Map(root, 0xA000, 0x7000, kRo);                          // denied by stage 1, and not mapped by stage 2
    Map(root, 0xB000, 0x8000, kRo);
    Map(root, 0xC000, uint64_t{1} << 40, kRo);               // no entry at level 0 of stage 2
    Map(root, 0xD000, 0x7000, kPrivOnly | uint64_t{1} << 53);  // PXN
    Map(root, 0xE000, 0x5000, kRo);
    Map(root, 0x200000, 0x40000000, kRw, 2);                 // 2 MiB over 4 KiB pages and over a block
    Map(root, 0x400000, 0x40200000, kRo, 2);
    // The tables themselves: reachable through stage 2, identity.
    for (uint64_t t = kTables; t < kTables + 0x40000; t += 0x1000) Map(s2root, t, t, kS2Rw);
    Map(s2root, kCds, kCds, kS2Rw);
    Map(s2root, kCds + 0x1000, kCds + 0x1000, kS2Rw & ~uint64_t{0x40});   // no read
    Map(s2root, 0x5000, 0xA5000, kS2Rw);
    Map(s2root, 0x6000, 0xA6000, kS2Rw & ~uint64_t{0x80});                // read only
    Map(s2root, 0x8000, 0xA8000, kS2Rw & ~uint64_t{0x400});
    for (uint64_t p = 0; p < 4; ++p) Map(s2root, 0x40000000 + 0x1000 * p, 0xB0000000 + 0x1000 * p, kS2Rw);
    Map(s2root, 0x40200000, 0xC0000000, kS2Rw, 2);
    SetCd(kCds, Cd0(10), root);
    SetCd(kCds + 64, Cd0(11) & ~(uint64_t{1} << 45), root);               // CD.R = 0
    Map(s2root, 0x90000000, kTables + 0x1000, kS2Rw & ~uint64_t{0x40});   // some table, not readable at this IPA
    SetCd(kCds + 128, Cd0(12), 0x90000000);
    SetSte(kTtd, 7, kCds + 128, 0, 0, 1);
    SetSte(kS2Only, 6, 0, 0, 0, 1);
    SetSte(kNested, 7, kCds, 0, 0, 1);
    SetSte(kNoRecord, 7, kCds, 0, 0, 1);
    SetSte(kCdBehind, 7, kCds + 0x1000, 0, 0, 1);
    SetSte(kByp, 7, kCds, 2, 1, 1);
    SetSte(kS2Stall, 7, kCds, 0, 0, 0);
    SetSte(kEl2Ignored, 7, kCds, 0, 0, 1, 0, 2);
    for (uint32_t sid : {kS2Only, kNested, kCdBehind, kByp, kEl2Ignored, kTtd}) SetS2(sid, s2root, 5);
    SetS2(kNoRecord, s2root, 5, 0);
    SetS2(kS2Stall, s2root, 5, kS2S);
    mem.Write64(kCds + 0x3000, (kCds + 0x1000) | 1);                      // level 1 CD table, its leaf not readable
    Map(s2root, kCds + 0x3000, kCds + 0x3000, kS2Rw);
    SetSte(kL1Behind, 7, kCds + 0x3000, 7, 0, 1, 1);
    SetS2(kL1Behind, s2root, 5);
    SetCd(kCds + 192, Cd0(13) | uint64_t{1} << 44, root);                 // CD.S
    SetSte(kS1Stall, 7, kCds + 192);
    SetS2(kS1Stall, s2root, 5);
  }
  static constexpr uint64_t kS2Rw = 0x4F0 | 0xC;             // AF, S2AP = 3, Normal memory
  uint64_t s2root = 0, root = 0;
};

TEST_F(XlatS2, Rows) {
  for (int round = 0; round < 2; ++round) {
    Row("stage 2 only", Untranslated(kS2Only, 0x5008, true), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.pa, 0xA5008u);
    Row("stage 2 only, ro", Untranslated(kS2Only, 0x6000), ref::kOk, 0);
    Row("stage 2 only, ro, write", Untranslated(kS2Only, 0x6000, true), ref::kAbort, ref::kPermission);
    Row("stage 2 only, unmapped", Untranslated(kS2Only, 0x7000), ref::kAbort, ref::kTranslation);
    Row("stage 2 only, AF", Untranslated(kS2Only, 0x8000), ref::kAbort, ref::kAccess);
    Row("stage 2 only, beyond IAS", Untranslated(kS2Only, kBeyond), ref::kAbort, ref::kAddrSize);
    Row("stage 2 only, SSID", WithSsid(Untranslated(kS2Only, 0x5000), 1), ref::kAbort, ref::kBadSubstreamId);
    Row("nested", Untranslated(kNested, 0x1008, true), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.pa, 0xA5008u);
    Row("nested, STRW ignored", Untranslated(kEl2Ignored, 0x1008, true), ref::kOk, 0);
    Row("nested, stage 2 read only", Untranslated(kNested, 0x2000, true), ref::kAbort, ref::kPermission);
    Row("nested, stage 2 hole", Untranslated(kNested, 0x3000), ref::kAbort, ref::kTranslation);
    EXPECT_EQ(events.back().event, (ref::Event{0x0000'0002'0000'0010, 0x0000'0288'0000'0000, 0x3000, 0x7000}));
    Row("nested, stage 1 hole", Untranslated(kNested, 0x9000), ref::kAbort, ref::kTranslation);
    EXPECT_EQ(events.back().event, (ref::Event{0x0000'0002'0000'0010, 0x0000'0208'0000'0000, 0x9000, 0}));
    Row("nested, stage 2 not recorded", Untranslated(kNoRecord, 0x3000), ref::kAbort, 0);
    Row("nested, stage 1 recorded", Untranslated(kNoRecord, 0x9000), ref::kAbort, ref::kTranslation);
    Row("CD not readable through stage 2", Untranslated(kCdBehind, 0x1000, true), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event,
              (ref::Event{uint64_t{kCdBehind} << 32 | 0x13, 0x0000'0080'0000'0000, 0x1000, kCds + 0x1000}));
    Row("table not readable through stage 2", Untranslated(kTtd, 0x1000), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event, (ref::Event{uint64_t{kTtd} << 32 | 0x13, 0x0000'1188'0000'0000, 0x1000, 0x90000000}));
    Row("S1DSS bypass goes through stage 2", Untranslated(kByp, 0x5000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.pa, 0xA5000u);
    Row("stage 2 only, ATS", Ats(kS2Only, 0x5000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xA5003u);
    Row("stage 2 only, ATS, ro", Ats(kS2Only, 0x6000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xA6001u);
    Row("nested, ATS, the smaller size", Ats(kNested, 0x201000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xB0001003u);
    Row("nested, ATS, both 2 MiB, ro", Ats(kNested, 0x433000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xC00FF801u);
    Row("nested, ATS, stage 2 hole", Ats(kNested, 0x3000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("CD fault of stage 2, ATS", Ats(kCdBehind, 0x1000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("ATS, SSID without stage 1", WithSsid(Ats(kS2Only, 0x5000), 1), ref::kCa, 0);
    Row("S1DSS bypass, ATS", Ats(kByp, 0x5000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xA5003u);
    Row("translated", Translated(kS2Only, 0xDEAD000, true), ref::kOk, 0);
  }
  Check(Untranslated(kS2Stall, 0x3000), "stage 2 stalls");
  EXPECT_EQ(seen[0x2000], 1);
  mem.errors.insert(PteAddr(s2root, 0x5000) & ~uint64_t{15});
  FlushAll();
  Tlbi(kNhAll);
  Row("abort of a stage 2 descriptor", Untranslated(kNested, 0x1000), ref::kAbort, ref::kWalkEabt);
  EXPECT_EQ(events.back().event, (ref::Event{0x0000'0002'0000'000B, 0x0000'0288'0000'0000, 0x1000, PteAddr(s2root, 0x5000)}));
}

// What stage 1 denies is its fault, whatever stage 2 would make of the output.
TEST_F(XlatS2, Stage1DeniesBeforeStage2Faults) {
  const ref::Event denied = {uint64_t{kNested} << 32 | 0x13, uint64_t{ref::kClassIn} << 40, 0, 0};
  const auto Denied = [&](const char* what, uint64_t addr) {
    ref::Event want = denied;
    want[2] = addr;
    Row(what, Untranslated(kNested, addr, true), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event, want) << what;
  };
  for (int round = 0; round < 2; ++round) {
    Denied("F_TRANSLATION behind", 0xA008);
    Denied("F_ACCESS behind", 0xB008);
    Denied("F_TRANSLATION behind, no entry at level 0", 0xC008);
    Denied("nothing behind", 0xE008);
    Row("allowed by stage 1", Untranslated(kNested, 0xA008), ref::kAbort, ref::kTranslation);
    EXPECT_EQ(events.back().event[3], 0x7000u);
    Row("allowed by stage 1, AF", Untranslated(kNested, 0xB008), ref::kAbort, ref::kAccess);
    Row("privileged only", Untranslated(kNested, 0xD000), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event[1], uint64_t{ref::kClassIn} << 40 | uint64_t{1} << 35);
    Row("not denied by the table that stage 2 refuses", Untranslated(kTtd, 0xA000, true), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event[1] >> 39 & 7, uint64_t{1 | ref::kClassTtd << 1});
    // Recording and stalling go by the stage that is named.
    Row("S2R = 0", Untranslated(kNoRecord, 0xA000, true), ref::kAbort, ref::kPermission);
    Row("S2R = 0, stage 2", Untranslated(kNoRecord, 0xA000), ref::kAbort, 0);
    Row("S2S = 1", Untranslated(kS2Stall, 0xA000, true), ref::kAbort, ref::kPermission);
    Row("translation request", Ats(kNested, 0xA000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0u);
  }
  EXPECT_EQ(seen[0x2000], 0);
  Check(Untranslated(kS1Stall, 0xA000, true), "CD.S");
  EXPECT_EQ(seen[0x2000], 1);
  mem.errors.insert(PteAddr(s2root, 0x7000) & ~uint64_t{15});
  FlushAll();
  Denied("F_WALK_EABT behind", 0xA008);
  Row("abort, allowed by stage 1", Untranslated(kNested, 0xA008), ref::kAbort, ref::kWalkEabt);
}

// A descriptor of stage 2 that cannot be read while a CD or a level 1 CD descriptor is fetched: S2 = 1, CLASS = CD.
TEST_F(XlatS2, AbortOnTheWayToACd) {
  cfg.rec_cfg_ats = true;
  const auto Walked = [&](const char* what, const Req& q, int status, uint64_t ipa, int klass) {
    Row(what, q, status, ref::kWalkEabt);
    EXPECT_EQ(events.back().event[1] >> 39 & 7, uint64_t(1 | klass << 1)) << what;
    EXPECT_EQ(events.back().event[3], PteAddr(s2root, ipa)) << what;
  };
  const auto Break = [&](uint64_t ipa) {
    mem.errors = {PteAddr(s2root, ipa) & ~uint64_t{15}};
    FlushAll();
  };
  for (bool ats : {false, true}) {
    const int status = ats ? ref::kCa : ref::kAbort;
    const auto Read = [&](uint32_t sid) { return ats ? Ats(sid, 0x1000) : Untranslated(sid, 0x1000); };
    Break(kCds);
    Walked("CD", Read(kNested), status, kCds, ref::kClassCd);
    Break(kCds + 0x3000);
    Walked("level 1 CD descriptor", WithSsid(Read(kL1Behind), 5), status, kCds + 0x3000, ref::kClassCd);
    Break(kCds + 0x1000);
    Walked("CD of a leaf table", WithSsid(Read(kL1Behind), 5), status, kCds + 0x1000, ref::kClassCd);
    Break(root);
    Walked("table", Read(kNested), status, root, ref::kClassTtd);
    Break(0x5000);
    Walked("input", Read(kNested), status, 0x5000, ref::kClassIn);
  }
}

// Configuration faults of ATS requests are recorded on demand.
TEST_F(XlatRows, RecCfgAts) {
  cfg.rec_cfg_ats = true;
  for (int round = 0; round < 2; ++round) {
    cfg.recinvsid = round == 0;
    Row("bad sid", Ats(256, 0x1000), ref::kCa, cfg.recinvsid ? ref::kBadStreamId : 0);
    Row("ste abort", Ats(kSteErr, 0x1000), ref::kCa, ref::kSteFetch);
    Row("ste invalid", Ats(kInvalid, 0x1000), ref::kCa, ref::kBadSte);
    Row("bad ssid", WithSsid(Ats(kFull, 0x1000), 1), ref::kCa, ref::kBadSubstreamId);
    Row("S1DSS 0", Ats(kDssTerm, 0x1000), ref::kCa, ref::kStreamDisabled);
    Row("cd abort", Ats(kCdErr, 0x1000), ref::kCa, ref::kCdFetch);
    Row("cd invalid", Ats(kBadCdS, 0x1000), ref::kCa, ref::kBadCd);
    Row("walk abort", Ats(kWalkErr, 0x1000), ref::kCa, ref::kWalkEabt);
    Row("F_TRANSLATION", Ats(kFull, 0x8000), ref::kOk, 0);
    Row("config 000", Ats(kAbortS, 0x1000), ref::kUr, 0);
    Row("translated, ste invalid", Translated(kInvalid, 0x1000), ref::kAbort, ref::kBadSte);
    Row("translated, bad sid", Translated(256, 0x1000), ref::kAbort, cfg.recinvsid ? ref::kBadStreamId : 0);
  }
}

// ---------------------------------------------------------------- several translations
TEST_F(XlatRows, SeveralTranslations) {
  for (uint64_t page = 0; page < 12; ++page) Map(root, 0x100000 + (page << 12), 0xC00000 + (page << 13), page == 10 ? kPrivOnly : kRw);
  Map(root, 0x5FF000, 0xE00000, kRw);
  Map(root, 0x800000, 0x22400000, kRw, 2);
  Map(root, 0xA00000, 0x22800000, kRo, 2);
  const auto Ask8 = [&](uint64_t addr, int num) {
    Req q = Ats(kFull, addr);
    q.num = num;
    Row("several", q, ref::kOk, 0);
    return 1 + rsps.back().rsp.further.size();
  };
  for (int round = 0; round < 2; ++round) {
    for (int num = 0; num < 8; ++num) EXPECT_EQ(Ask8(0x100000, num), size_t(num) + 1);
    EXPECT_EQ(rsps.back().rsp.further.back(), 0xC00003u + (7 << 13));
    EXPECT_EQ(Ask8(0x108000, 7), 2u) << "ends before the page without access";
    EXPECT_EQ(Ask8(0x107000, 2), 3u);
    EXPECT_EQ(Ask8(0x10B000, 7), 1u) << "ends before the unmapped page";
    EXPECT_EQ(Ask8(0x10C000, 7), 1u) << "the first has no access";
    EXPECT_EQ(Ask8(0x7FF000, 7), 2u) << "two leaves of 2 MiB";
    EXPECT_EQ(Ask8(0x5FF000, 7), 1u) << "ends where the size changes";
    EXPECT_EQ(Ask8(0x812000, 7), 1u) << "one leaf covers it";
    EXPECT_EQ(Ask8(0x9FD000, 3), 2u) << "two leaves";
    EXPECT_EQ(Ask8(0x9FD000, 2), 1u);
    Req byp = Ats(kDssBypass, 0xFFFFFFFE000);
    byp.num = 3;
    Row("identity", byp, ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.further.size(), 3u);
    byp.addr = 0xFFFF'FFFF'E000;
    Row("identity up to the output size", byp, ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.further.size(), 1u);
  }
  Req refused = Ats(kNoAts, 0x1000);
  refused.num = 4;
  Row("refused", refused, ref::kUr, ref::kBadAtsTreq);
  EXPECT_EQ(events.back().event[1] >> 44 & 0xFF, 5u) << "Span";
  // Hits of other ports pass between the entries, and nothing gets lost when the root complex is slow.
  for (int i = 0; i < 400; ++i) {
    top.rsp_ready_i = i % 3 == 0;
    if (!to_send) {
      for (int port = 0; port < 4 && !to_send; ++port) {
        if (open[port]) continue;
        Req q = Ats(kFull, 0x100000 + 0x1000 * uint64_t(i % 3), false, port);
        q.num = port == 0 ? 5 : 0;
        to_send = q;
      }
    }
    const size_t before = rsps.size();
    Step();
    for (size_t k = before; k < rsps.size(); ++k) EXPECT_EQ(rsps[k].rsp.further.size(), rsps[k].rsp.port == 0 ? 5u : 0u);
  }
  top.rsp_ready_i = 1;
}

// ---------------------------------------------------------------- stalls
class XlatStall : public XlatTest {
 protected:
  XlatStall() {
    root = NewTable();
    Map(root, 0x1000, 0xABC000, kRw);
    SetCd(kCds, Cd0(10) | uint64_t{1} << 44, root);
    for (uint32_t sid = 1; sid < 5; ++sid) SetSte(sid, 5, kCds, 0, 0, 1);
    mem.latency = 3;
  }
  // Sends a request that stalls; its STAG.
  int Stall(const Req& q) {
    const size_t had = events.size();
    to_send = q;
    for (int i = 0; i < 200 && events.size() == had; ++i) Step();
    for (int i = 0; i < 3; ++i) Step();
    EXPECT_EQ(events.size(), had + 1);
    if (events.size() == had) return -1;
    EXPECT_TRUE(events.back().event[1] >> 31 & 1);
    EXPECT_TRUE(open[q.port]);
    return static_cast<int>(events.back().event[1] & 0xFFFF);
  }
  uint64_t root = 0;
};

TEST_F(XlatStall, OnlyItsPortWaitsAndRetryFindsTheNewTable) {
  const int stag = Stall(Untranslated(1, 0x8008, true, 0));
  EXPECT_EQ(events.back().event, (ref::Event{0x0000'0001'0000'0010, 0x0000'0200'8000'0000 | uint64_t(stag), 0x8008, 0}));
  for (int i = 0; i < 20; ++i) Step();
  EXPECT_TRUE(quiet);
  for (int i = 0; i < 20; ++i) {
    Ask(Untranslated(2, 0x1000, false, 1 + i % 3));
    EXPECT_EQ(rsps.back().rsp.status, ref::kOk);
  }
  const size_t before = rsps.size();
  // None of these names it.
  const auto Vain = [&](uint32_t sid, int tag) {
    SetResume(sid, tag, true);
    for (int i = 0; i < 40; ++i) Step();
    EXPECT_EQ(rsps.size(), before);
    EXPECT_EQ(events.size(), 1u);
  };
  Vain(2, stag);
  Vain(1, stag ^ 1);
  Vain(1, stag ^ 0x10);
  Vain(0x10001, stag);
  SetStallTerm(2);
  for (int i = 0; i < 40; ++i) Step();
  EXPECT_EQ(rsps.size(), before);
  Map(root, 0x8000, 0xDEF000, kRw);
  SetResume(1, stag, true);
  for (int i = 0; i < 60 && rsps.size() == before; ++i) Step();
  ASSERT_EQ(rsps.size(), before + 1);
  EXPECT_EQ(rsps.back().rsp.status, ref::kOk);
  EXPECT_EQ(rsps.back().rsp.pa, 0xDEF008u);
  EXPECT_EQ(rsps.back().rsp.port, 0);
  SetResume(1, stag, true);  // once more: names nothing
  for (int i = 0; i < 40; ++i) Step();
  EXPECT_EQ(rsps.size(), before + 1);
}

TEST_F(XlatStall, RetryThatFaultsAgainHasANewTag) {
  const int first = Stall(Untranslated(1, 0x8000));
  const size_t had = events.size();
  SetResume(1, first, true);
  for (int i = 0; i < 100 && events.size() == had; ++i) Step();
  ASSERT_EQ(events.size(), had + 1);
  const int second = static_cast<int>(events.back().event[1] & 0xFFFF);
  EXPECT_NE(first, second);
  for (int i = 0; i < 5; ++i) Step();
  SetResume(1, first, false);
  for (int i = 0; i < 20; ++i) Step();
  EXPECT_TRUE(rsps.empty()) << "the old tag names nothing";
  SetResume(1, second, false);
  for (int i = 0; i < 5; ++i) Step();
  ASSERT_EQ(rsps.size(), 1u);
  EXPECT_EQ(rsps.back().rsp.status, ref::kAbort);
}

TEST_F(XlatStall, StallTermEndsTheStreamsOwn) {
  std::array<int, 4> stags{};
  for (int port = 0; port < 4; ++port) stags[port] = Stall(Untranslated(port == 3 ? 2 : 1, 0x8000 + 8 * uint64_t(port), false, port));
  for (int port = 0; port < 4; ++port) EXPECT_EQ(std::count(stags.begin(), stags.end(), stags[port]), 1);
  SetStallTerm(1);
  for (int i = 0; i < 8; ++i) Step();
  ASSERT_EQ(rsps.size(), 3u);
  for (const Stamp& s : rsps) {
    EXPECT_EQ(s.rsp.status, ref::kAbort);
    EXPECT_NE(s.rsp.port, 3);
  }
  EXPECT_TRUE(open[3]);
}

// D7: a SYNC does not wait for stalled transactions, but for those taken up again.
TEST_F(XlatStall, DrainLeavesThemOut) {
  done_delay = 30;
  const int stag = Stall(Untranslated(1, 0x8000, false, 0));
  const auto Drain = [&] {
    top.drain_start_i = 1;
    Step();
    int cycles = 0;
    for (; cycles < 200; ++cycles) {
      Step();
      if (drain_done) break;
    }
    return cycles;
  };
  EXPECT_EQ(Drain(), 0) << "nothing but a stalled transaction";
  Map(root, 0x8000, 0xDEF000, kRw);
  SetResume(1, stag, true);
  Step();
  Step();
  const int cycles = Drain();
  EXPECT_GT(cycles, 30) << "the resumed one is waited for";
  EXPECT_LT(cycles, 199);
  ASSERT_EQ(rsps.size(), 1u);
  EXPECT_EQ(rsps.back().rsp.status, ref::kOk);
  // It stalls while the drain waits for it: then the drain is over.
  to_send = Untranslated(1, 0x9000, false, 0);
  Step();
  const int until = Drain();
  EXPECT_GT(until, 3);
  EXPECT_LT(until, 60);
  EXPECT_TRUE(open[0]);
}

TEST_F(XlatStall, DisableEndsAll) {
  done_delay = 10;
  for (int port = 0; port < 4; ++port) Stall(Untranslated(1 + uint32_t(port), 0x8000, false, port));
  cfg.smmuen = false;
  top.eval();
  Step();
  EXPECT_FALSE(drain_done) << "those that are being ended count from now on";
  for (int i = 0; i < 40; ++i) Step();
  ASSERT_EQ(rsps.size(), 4u);
  for (const Stamp& s : rsps) EXPECT_EQ(s.rsp.status, ref::kAbort);
  EXPECT_TRUE(drain_done);
  EXPECT_TRUE(quiet);
}

// ATS requests of a stalling stream never wait.
TEST_F(XlatStall, TranslationRequestsDoNot) {
  Check(Ats(1, 0x8000), "unmapped");
  EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
  EXPECT_TRUE(events.empty());
}

TEST_F(XlatTest, IllegalContextDescriptors) {
  const uint64_t root = NewTable();
  Map(root, 0x1000, 0xABC000, kRw);
  SetSte(1, 5, kCds);
  const uint64_t good = Cd0(1);
  const auto With = [&](uint64_t d0, int fault, uint64_t ttb0, uint64_t ttb1 = 0) {
    SetCd(kCds, d0, ttb0, ttb1);
    FlushAll();
    Row("cd", Untranslated(1, 0x1000), fault ? ref::kAbort : ref::kOk, fault);
  };
  With(good, 0, root);
  for (int bit : {31, 41, 46}) With(good & ~(uint64_t{1} << bit), ref::kBadCd, root);  // V, AA64, A
  for (int bit : {15, 42, 43}) With(good | uint64_t{1} << bit, ref::kBadCd, root);  // ENDI, HD, HA
  With(good | uint64_t{1} << 44, 0, root);                                             // S
  mem.Write64(SteAddr(1) + 8, uint64_t{1} << 27);                                      // S1STALLD
  With(good, 0, root);
  With(good | uint64_t{1} << 44, ref::kBadCd, root);
  mem.Write64(SteAddr(1) + 8, 0);
  for (int tg : {1, 2, 3}) With(good | uint64_t(tg) << 6, ref::kBadCd, root);
  for (int tsz : {0, 15, 40, 63}) With((good & ~uint64_t{63}) | tsz, ref::kBadCd, root);
  const uint64_t both = good & ~(uint64_t{1} << 30);  // EPD1 = 0: T1SZ = 0, TG1 = 0 are wrong
  With(both, ref::kBadCd, root);
  With(both | uint64_t{16} << 16 | uint64_t{2} << 22, 0, root, root);
  With(both | uint64_t{16} << 16 | uint64_t{1} << 22, ref::kBadCd, root, root);
  With(both | uint64_t{15} << 16 | uint64_t{2} << 22, ref::kBadCd, root, root);
  With(both | uint64_t{16} << 16 | uint64_t{2} << 22, ref::kBadCd, root, uint64_t{1} << 48);
  With(good, ref::kBadCd, uint64_t{1} << 48);
  With(good & ~(uint64_t{7} << 32), ref::kBadCd, uint64_t{1} << 32);                  // IPS = 32 bits
  With((good & ~(uint64_t{7} << 32)) | uint64_t{7} << 32, 0, root);                   // IPS is clamped
}

TEST_F(XlatTest, El2HasOneHalfAndOnePrivilegeLevelUnlessE2h) {
  const uint64_t root = NewTable();
  Map(root, 0x1000, 0xABC000, kPrivOnly);
  Map(root, 0x7FFFFFFFF000 | uint64_t{0x800000000000}, 0xABD000, kRw);
  SetSte(1, 5, kCds, 0, 0, 1, 0, 2);
  SetCd(kCds, (Cd0(1) & ~(uint64_t{1} << 30)) | uint64_t{16} << 16 | uint64_t{2} << 22, root, root);
  for (bool e2h : {false, true}) {
    cfg.e2h = e2h;
    FlushAll();
    for (int round = 0; round < 2; ++round) {
      Row("no privileges", Untranslated(1, 0x1000, true), e2h ? ref::kAbort : ref::kOk, e2h ? ref::kPermission : 0);
      Row("upper half", Untranslated(1, 0xFFFFFFFFFFFFF000), e2h ? ref::kOk : ref::kAbort, e2h ? 0 : ref::kTranslation);
    }
    // NS-EL1 operations leave EL2 alone.
    Tlbi(kNsnhAll);
    const uint64_t reads = mem.requests;
    Ask(Untranslated(1, e2h ? 0xFFFFFFFFFFFFF000 : 0x1000, false));
    EXPECT_EQ(mem.requests, reads);
  }
}

// Everything random but constant during the run, so that caches must not be visible.
TEST_F(XlatTest, RandomAgainstReference) {
  std::mt19937_64 rng(99);
  for (int world = 0; world < 40 && !HasFatalFailure(); ++world) {
    mem = MrdMemory();
    mem.latency = 1 + rng() % 8;
    const uint64_t seed = rng();
    mem.fallback = [seed](uint64_t addr) {
      uint64_t h = (addr ^ seed) * 0x9E3779B97F4A7C15u;
      h ^= h >> 29;
      h *= 0xBF58476D1CE4E5B9u;
      h ^= h >> 32;
      uint64_t d = (h & 0x7FFF'F000) | (h >> 60) << 59 | (h & 0x0060'0000'0000'00C0u) | 0xC00;
      if ((h >> 20) % 4) d |= 0x40;
      if ((h >> 33) % 16 == 0) d &= ~uint64_t{0x400};
      if ((h >> 37) % 16 == 0) d |= uint64_t{1} << 40;
      const unsigned type = (h >> 42) % 8;
      return d | (type == 0 ? 0 : type == 1 ? 1 : 3);
    };
    cfg.e2h = rng() & 1;
    cfg.atschk = rng() % 4 != 0;
    cfg.recinvsid = rng() & 1;
    cfg.rec_cfg_ats = rng() & 1;
    cfg.log2size = 5;
    int asid = 0;
    for (uint32_t sid = 0; sid < 32; ++sid) {
      constexpr int kConfigs[] = {5, 5, 5, 7, 7, 4, 0, 6};
      // EL2 without E2H has no ASIDs: its streams must share their tables, so here they share a CD.
      const bool el2 = rng() % 4 == 0, shared = el2 && !cfg.e2h;
      const uint64_t cds = kCds + 0x1000 * (shared ? 40 : sid);
      const int eats = rng() % 16 == 0 ? 2 : rng() % 4 == 0 ? 0 : 1;
      SetSte(sid, kConfigs[rng() % 8], cds, !shared && rng() % 3 == 0 ? 2 : 0, static_cast<int>(rng() % 4), eats, 0,
             el2 ? 2 : 0);
      // Streams of one VMID share stage 2, so each has its own here. The walker takes care of the geometry.
      constexpr std::array<std::pair<int, int>, 8> kShapes = {{{16, 2}, {24, 2}, {25, 1}, {21, 1}, {33, 1}, {30, 0}, {34, 0}, {39, 0}}};
      const auto [t0sz, sl0] = kShapes[rng() % 4 ? rng() % 4 : rng() % 8];
      const uint64_t s2flags = (rng() % 4 ? kS2R : 0) | (rng() & uint64_t{1} << 53) | (eats != 1 ? rng() & rng() & kS2S : 0);
      SetS2(sid, rng() & 0x7FFF'FFF0, static_cast<int>(sid) + 1, s2flags, t0sz, sl0);
      if (rng() % 12 == 0) mem.Write64(SteAddr(sid), 0);
      for (int i = 0; i < 4 && !(shared && mem.Read64(cds) & (kV << 31)); ++i) {
        uint64_t d0 = Cd0(++asid, 16 + static_cast<int>(rng() % 24));
        d0 = (d0 & ~(uint64_t{1} << 30)) | uint64_t(16 + rng() % 24) << 16 | uint64_t{2} << 22;
        d0 ^= (rng() & rng()) & (uint64_t{0x3F} << 35);                               // AFFD .. PAN
        d0 ^= (rng() & rng() & rng() & rng()) & (uint64_t{1} << 14 | uint64_t{1} << 30 | uint64_t{1} << 31 | uint64_t{3} << 44);
        SetCd(cds + 64 * i, d0, rng() & 0x7FFF'FFF0, rng() & 0x7FFF'FFF0);
      }
    }
    FlushAll();
    for (int i = 0; i < 1500 && !HasFatalFailure(); ++i) {
      Req q;
      q.port = static_cast<int>(rng() % 4);
      q.sid = static_cast<uint32_t>(rng() % (rng() % 32 == 0 ? 40 : 32));
      if (rng() % 2) q.sid %= 6;
      q.ssv = rng() % 3 == 0;
      q.ssid = static_cast<uint32_t>(rng() % (rng() % 16 == 0 ? 1 << 20 : 4));
      q.priv = rng() & 1;
      q.exec = rng() & 1;
      q.at = static_cast<int>(rng() % 3);
      q.write = rng() & 1;
      q.nw = rng() & 1;
      q.num = q.at == ref::kTranslationReq && rng() % 3 == 0 ? static_cast<int>(rng() % 8) : 0;
      q.addr = (rng() % 4) << 12 | (rng() % 4) << 21 | (rng() % 2) << 30 | (rng() & 0xFFF);
      if (rng() % 4 == 0) q.addr |= ~uint64_t{0} << 25;
      if (rng() % 16 == 0) q.addr ^= uint64_t{1} << (rng() % 64);
      if (q.at == ref::kTranslationReq) q.addr &= ~uint64_t{0xFFF};
      Check(q);
      if (rng() % 500 == 0) FlushAll();
      if (rng() % 100 == 0) Tlbi(kNhVaa, 0, q.addr);
      if (rng() % 100 == 0) Cfgi(kSteRange, q.sid, 0, static_cast<int>(rng() % 4));
    }
  }
  // Further entries, stalls; stage 2 faults by class: on the CD, on a stage 1 table, on the input.
  for (int key : {0x1000, 0x2000, 0x210, 0x213, 0x310, 0x410, 0x412, 0x413, 0x100, 0x101, 0x102, 0x103, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0A, 0x10, 0x11, 0x12, 0x13}) {
    EXPECT_GT(seen[key], key == 0x310 || key == 0x412 ? 3 : 20) << std::hex << key;
  }
}

TEST_F(XlatRows, LatencyOfHitsAndMisses) {
  mem.latency = 20;
  Ask(Untranslated(kFull, 0x1000));
  // STE and CD: 4 beats each; 4 levels. Constant part in doc/rtl/smmu_xlat.md.
  EXPECT_EQ(last_latency, 14u + 2 * (20 + 3) + 4 * 20);
  Ask(Untranslated(kFull, 0x1008));
  EXPECT_EQ(last_latency, 2u) << "hit";
  Ask(Ats(kFull, 0x1000));
  EXPECT_EQ(last_latency, 2u) << "hit";
  Ask(Untranslated(kFull, 0x2000));
  EXPECT_EQ(last_latency, 8u + 20) << "TLB miss, level 3 table in the walk cache";
  Tlbi(kNhVaa, 0, 0x2000);
  Ask(Untranslated(kFull, 0x2000));
  EXPECT_EQ(last_latency, 8u + 4 * 20) << "TLB miss, walk cache empty";
  cfg.atschk = false;
  Ask(Translated(kFull, 0x1000));
  EXPECT_EQ(last_latency, 2u);
}

TEST_F(XlatRows, HitsOneACycle) {
  Ask(Untranslated(kFull, 0x1000));
  const size_t before = rsps.size();
  const uint64_t begin = now;
  for (int i = 0; i < 200; ++i) {
    to_send = Untranslated(kFull, 0x1000 + 8 * uint64_t(i), i & 1, i % 4);
    Step();
    ASSERT_FALSE(to_send.has_value()) << "not accepted at once";
  }
  Step();
  Step();
  ASSERT_EQ(rsps.size() - before, 200u);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(rsps[before + i].cycle, begin + i + 2);
    EXPECT_EQ(rsps[before + i].rsp.port, i % 4);
    EXPECT_EQ(rsps[before + i].rsp.pa, 0xABC000u + 8 * i);
  }
}

TEST_F(XlatRows, MissAndBlockedEventDoNotHoldOtherPorts) {
  Ask(Untranslated(kFull, 0x1000));
  mem.latency = 100;
  Tlbi(kNhVaa, 0, 0x2000);
  to_send = Untranslated(kFull, 0x2000, false, 1);  // a walk of all levels
  Step();
  for (int i = 0; i < 50; ++i) {
    Ask(Untranslated(kFull, 0x1000, false, 2));
    EXPECT_EQ(last_latency, 2u);
  }
  while (rsps.back().rsp.port != 1) Step();
  mem.latency = 1;
  top.evt_ready_i = 0;
  to_send = Untranslated(kFull, 0x8000, false, 3);  // a fault whose event nobody takes
  for (int i = 0; i < 60; ++i) Step();
  for (int i = 0; i < 10; ++i) {
    Ask(Untranslated(kFull, 0x1000, false, 0));
    EXPECT_EQ(last_latency, 2u);
  }
  EXPECT_TRUE(quiet || rsps.back().cycle == now - 1);
  const size_t before = rsps.size();
  for (int i = 0; i < 20; ++i) Step();
  EXPECT_EQ(rsps.size(), before) << "the response waits for its event";
  EXPECT_TRUE(quiet);
  top.evt_ready_i = 1;
  for (int i = 0; i < 5; ++i) Step();
  ASSERT_EQ(rsps.size(), before + 1);
  EXPECT_EQ(rsps.back().rsp.port, 3);
  EXPECT_LT(events.back().cycle, rsps.back().cycle);
}

// As many walks as resolvers run side by side: the time of one, and a cycle for each that shares the bus.
TEST_F(XlatRows, FourWalksOverlap) {
  mem.latency = 40;
  for (int port = 0; port < 4; ++port) Ask(Untranslated(kFull, 0x1000, false, port));
  const size_t before = rsps.size();
  const uint64_t begin = now;
  for (int port = 0; port < 4; ++port) {
    to_send = Untranslated(kFull, 0x8000 + 0x1000 * uint64_t(port), false, port);
    Step();
  }
  while (rsps.size() < before + 4 && now < begin + 1000) Step();
  ASSERT_EQ(rsps.size(), before + 4);
  EXPECT_LE(rsps.back().cycle - begin, 8u + 4 * 41 + 8) << "last of four";
  for (int port = 0; port < 4; ++port) EXPECT_EQ(rsps[before + port].rsp.port, port);
  // And when every port misses again and again: 4 walks in the time of one.
  uint64_t page = 0x100;
  const auto Walks = [&](int ports) {
    size_t walks = 0, taken = rsps.size();
    std::array<bool, 4> busy{};
    for (int i = 0; i < 10000; ++i) {
      for (int port = 0; port < ports && !to_send; ++port) {
        if (busy[port]) continue;
        busy[port] = true;
        to_send = Untranslated(kFull, ++page << 12, false, port);
      }
      Step();
      for (; taken < rsps.size(); ++taken) {
        busy[rsps[taken].rsp.port] = false;
        ++walks;
      }
    }
    for (int i = 0; i < 400; ++i) Step();
    return static_cast<double>(walks);
  };
  const double one = Walks(1), four = Walks(4);
  EXPECT_GT(four, 3.8 * one);
  std::printf("walks in 10000 cycles: one port %.0f, four ports %.0f\n", one, four);
}

TEST_F(XlatRows, StatisticsCountWhatHappens) {
  stat_sum = {};
  Ask(Untranslated(kFull, 0x1000));
  Step();
  EXPECT_EQ(stat_sum, (std::array<int, 6>{1, 0, 1, 1, 1, 1})) << "cold";
  stat_sum = {};
  Ask(Ats(kFull, 0x1000));
  EXPECT_EQ(stat_sum, (std::array<int, 6>{1, 1, 0, 0, 0, 0})) << "hit";
  stat_sum = {};
  Ask(Untranslated(kFull, 0x2000));
  EXPECT_EQ(stat_sum, (std::array<int, 6>{1, 0, 0, 1, 1, 1})) << "TLB miss";
  stat_sum = {};
  Ask(Untranslated(kBypassS, 0x2000));
  EXPECT_EQ(stat_sum, (std::array<int, 6>{1, 0, 1, 0, 0, 0})) << "no translation wanted";
}

TEST_F(XlatRows, ResponsesWaitForTheRootComplex) {
  Ask(Untranslated(kFull, 0x1000));
  top.rsp_ready_i = 0;
  const size_t before = rsps.size();
  for (int port = 0; port < 4; ++port) {
    to_send = Untranslated(kFull, port == 2 ? 0x8000 : 0x1000, false, port);
    Step();
  }
  for (int i = 0; i < 100; ++i) Step();
  EXPECT_EQ(rsps.size(), before);
  EXPECT_TRUE(quiet) << "stalled is quiet";
  top.rsp_ready_i = 1;
  for (int i = 0; i < 5; ++i) Step();
  ASSERT_EQ(rsps.size(), before + 4);
  EXPECT_EQ(rsps.back().rsp.port, 2);
}

TEST_F(XlatRows, GlobalEntriesAreSharedAndGoByAddressOnly) {
  Map(root, 0x10000, 0xDDD000, kRw & ~uint64_t{0x800});
  SetSte(20, 5, kCds + 64, 0, 0, 1);   // another ASID, same tables
  Ask(Untranslated(kFull, 0x10000));
  Ask(Untranslated(20, 0x1000));
  uint64_t reads = mem.requests;
  Ask(Untranslated(20, 0x10000));
  EXPECT_EQ(mem.requests, reads) << "global entry of the other ASID";
  Tlbi(kNhAsid, 11);
  Step();
  Ask(Untranslated(20, 0x10000));
  EXPECT_EQ(mem.requests, reads) << "TLBI by ASID leaves global entries";
  Ask(Untranslated(20, 0x1000));
  EXPECT_EQ(mem.requests, reads + 4) << "and drops the ASID's own";
  reads = mem.requests;
  Tlbi(kNhVa, 10, 0x10000);
  Step();
  Ask(Untranslated(20, 0x10000));
  EXPECT_EQ(mem.requests, reads + 4) << "TLBI by address drops them";
}

TEST_F(XlatRows, CfgiNamesWhatItSays) {
  const auto Cached = [&](const Req& q) {
    const uint64_t reads = mem.requests;
    Ask(q);
    return mem.requests == reads;
  };
  const Req a = Untranslated(kDssZero, 0x1000), b = WithSsid(Untranslated(kDssZero, 0x1000), 1),
            c = Untranslated(kFull, 0x1000);
  const auto Warm = [&] {
    for (const Req& q : {a, b, c}) Ask(q);
    for (const Req& q : {a, b, c}) EXPECT_TRUE(Cached(q));
  };
  Warm();
  Cfgi(kCdOne, kDssZero, 0);
  Step();
  EXPECT_FALSE(Cached(a)) << "no SSID uses CD 0";
  EXPECT_TRUE(Cached(b));
  EXPECT_TRUE(Cached(c));
  Warm();
  Cfgi(kCdAll, kDssZero);
  Step();
  EXPECT_FALSE(Cached(a));
  EXPECT_FALSE(Cached(b));
  EXPECT_TRUE(Cached(c));
  Warm();
  Cfgi(kSte, kFull);
  Step();
  EXPECT_TRUE(Cached(a));
  EXPECT_FALSE(Cached(c));
  Warm();
  Cfgi(kSteRange, 5, 0, 1);  // 4..7
  Step();
  EXPECT_FALSE(Cached(a));
  EXPECT_TRUE(Cached(c));
  Warm();
  Cfgi(kSteRange, 0xFFFF, 0, 31);
  Step();
  EXPECT_FALSE(Cached(a));
  EXPECT_FALSE(Cached(c));
  Warm();
  Cfgi(kSte, 0x10000 + kFull);  // out of range: no effect
  Step();
  EXPECT_TRUE(Cached(c));
}

TEST_F(XlatRows, DrainCountsColoursUntilTxnDone) {
  done_delay = 50;
  Ask(Untranslated(kFull, 0x1000));
  EXPECT_TRUE(drain_done) << "nothing of the other colour";
  const int old_colour = rsps.back().rsp.colour;
  top.drain_start_i = 1;
  to_send = Untranslated(kFull, 0x1000);  // accepted in the very cycle: old colour
  Step();
  Step();
  EXPECT_FALSE(drain_done);
  Step();
  EXPECT_EQ(rsps.back().rsp.colour, old_colour);
  const uint64_t last_old = rsps.back().cycle + done_delay;
  uint64_t done_cycle = 0;
  while (!done_cycle && now < 10000) {
    to_send = Untranslated(kFull, 0x1000, false, 1 + now % 3);  // new traffic does not hold the drain up
    Step();
    if (drain_done) done_cycle = now - 1;
    EXPECT_EQ(rsps.back().rsp.colour == old_colour, rsps.back().cycle < last_old - done_delay + 1);
  }
  EXPECT_EQ(done_cycle, last_old + 1);
}

// The race that a SYNC closes: software changes a table, invalidates, drains; from then on nothing old may be seen.
class XlatRace : public XlatTest {
 protected:
  static constexpr uint64_t kOldPa = 0x111000, kNewPa = 0x222000, kVa = 0x1000;
  XlatRace() {
    root = NewTable();
    SetCd(kCds, Cd0(7), root);
    for (uint32_t sid = 0; sid < 4; ++sid) SetSte(sid, 5, kCds, 0, 0, 1);
    mem.latency = 6;
    done_delay = 9;
  }
  // `offset` cycles of traffic, then change(), invalidate(), drain; all four ports busy throughout.
  template <typename Change, typename Invalidate, typename IsOld>
  void Run(int offset, std::mt19937_64& rng, Change change, Invalidate invalidate, IsOld is_old) {
    std::array<bool, 4> busy{};
    size_t taken = rsps.size();
    bool drained = false;
    int port = 0;
    const auto Traffic = [&] {
      if (!to_send && rng() % 4 != 0) {
        for (int k = 0; k < 4; ++k) {
          port = (port + 1) % 4;
          if (busy[port]) continue;
          Req q = rng() & 1 ? Ats(port, kVa, false, port) : Untranslated(port, kVa, false, port);
          if (rng() % 4 == 0) q.addr = 0x200000 * (1 + rng() % 3);       // other pages, to have walks
          to_send = q;
          busy[port] = true;
          asked[port] = q;
          break;
        }
      }
      Step();
      for (; taken < rsps.size(); ++taken) {
        const ref::Rsp& r = rsps[taken].rsp;
        busy[r.port] = false;
        if (asked[r.port].addr != kVa) continue;
        const bool old = is_old(asked[r.port], r);
        if (!drained) {
          olds += old;
        } else {
          ++news;
          ASSERT_FALSE(old) << "answer from the old table after the drain, offset " << offset;
        }
      }
    };
    for (int i = 0; i < offset && !HasFatalFailure(); ++i) Traffic();
    change();
    invalidate();
    Traffic();                                   // the command's cycle
    top.drain_start_i = 1;                       // in the next one
    Traffic();
    for (int i = 0; i < 3000 && !HasFatalFailure(); ++i) {
      Traffic();
      if (drain_done) break;
    }
    ASSERT_TRUE(drain_done);
    drained = true;
    for (int i = 0; i < 150 && !HasFatalFailure(); ++i) Traffic();
    while (std::any_of(busy.begin(), busy.end(), [](bool b) { return b; }) && !HasFatalFailure()) {
      Step();
      for (; taken < rsps.size(); ++taken) busy[rsps[taken].rsp.port] = false;
    }
  }

  uint64_t root = 0, olds = 0, news = 0;
  std::array<Req, 4> asked{};
};

TEST_F(XlatRace, TlbiThenDrain) {
  std::mt19937_64 rng(5);
  uint64_t pa = kOldPa;
  Map(root, kVa, pa, kRw);
  for (int offset = 0; offset < 400 && !HasFatalFailure(); ++offset) {
    const uint64_t old_pa = pa;
    pa = pa == kOldPa ? kNewPa : kOldPa;
    if (offset % 3 == 0) FlushAll();
    Run(offset % 130, rng, [&] { mem.Write64(PteAddr(root, kVa), pa | kRw | 3); },
        [&] { SetTlbi(offset & 1 ? kNhVa : kNhAsid, 7, kVa); },
        [&](const Req& q, const ref::Rsp& r) {
          return (q.at == ref::kTranslationReq ? r.entry & ~uint64_t{0xFFF} : r.pa & ~uint64_t{0xFFF}) == old_pa;
        });
  }
  EXPECT_GT(olds, 1000u) << "the race was there";
  EXPECT_GT(news, 1000u);
}

// One walk, and the invalidation in each of its cycles: what it read before must not be found after.
TEST_F(XlatRace, NoFillAfterInvalidation) {
  enum Kind { kLeaf, kTable, kContext };
  Map(root, kVa, kOldPa, kRw);
  const uint64_t other = NewTable(), level0 = mem.Read64(root);
  Map(other, kVa, kNewPa, kRw);
  for (const Kind kind : {kLeaf, kTable, kContext}) {
    int raced = 0;
    for (int offset = 0; offset < 120; ++offset) {
      SetCd(kCds, Cd0(7), root);
      mem.Write64(root, level0);
      Map(root, kVa, kOldPa, kRw);
      FlushAll();
      const size_t before = rsps.size();
      to_send = Untranslated(0, kVa);
      Step();
      for (int i = 0; i < offset; ++i) Step();
      switch (kind) {
        case kLeaf:
          mem.Write64(PteAddr(root, kVa), kNewPa | kRw | 3);
          Tlbi(kNhVa, 7, kVa);
          break;
        case kTable:
          mem.Write64(root, mem.Read64(other));
          Tlbi(kNhAsid, 7);
          break;
        case kContext:
          SetCd(kCds, Cd0(8), other);
          Cfgi(kCdOne, 0, 0);
          break;
      }
      const uint64_t applied = now;
      do {
        Step();
      } while (rsps.size() == before || !inval_idle);
      raced += rsps.back().cycle > applied && rsps.back().rsp.pa == kOldPa;
      EXPECT_EQ(Ask(Untranslated(0, kVa)).pa, kNewPa) << "kind " << kind << " at " << offset;
    }
    EXPECT_GE(raced, kind == kLeaf ? 2 : 15) << "the invalidation met a walk that had read the old entry";
  }
}

TEST_F(XlatRace, CfgiThenDrain) {
  std::mt19937_64 rng(6);
  Map(root, kVa, kOldPa, kRw);
  bool full = true;
  for (int offset = 0; offset < 400 && !HasFatalFailure(); ++offset) {
    full = !full;
    if (offset % 3 == 0) FlushAll();
    Run(offset % 130, rng, [&] {
          for (uint32_t sid = 0; sid < 4; ++sid) SetSte(sid, full ? 5 : 0, kCds, 0, 0, full ? 1 : 0);
        },
        [&] {
          top.cfgi_valid_i = 1;
          top.cfgi_op_i = kSteRange;
          top.cfgi_sid_i = 0;
          top.cfgi_range_i = 1;
        },
        [&](const Req&, const ref::Rsp& r) { return (r.status == ref::kOk) != full; });
  }
  EXPECT_GT(olds, 1000u);
  EXPECT_GT(news, 1000u);
}

TEST_F(XlatRows, QuietExactly) {
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_TRUE(quiet);
  mem.latency = 40;
  Ask(Untranslated(kFull, 0x1000));
  Tlbi(kNhVaa, 0, 0x2000);
  Step();
  int quiet_cycles = 0, busy_cycles = 0;
  to_send = Untranslated(kFull, 0x2000);
  const size_t before = rsps.size();
  while (rsps.size() == before) {
    Step();
    (quiet ? quiet_cycles : busy_cycles)++;
  }
  EXPECT_EQ(quiet_cycles, 4 * 39) << "all the time that only the memory knows";
  EXPECT_EQ(busy_cycles, 8 + 4 * 40 + 1 - 4 * 39);
}

}  // namespace
