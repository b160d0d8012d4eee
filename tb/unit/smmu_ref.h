// SPDX-License-Identifier: Apache-2.0
//
// Reference of the SMMU's lookups for unit benches, written from the fact sheet (smmuv3 sections 1.5, 5, 5.1, 5.2, 6, 7, 8)
// and not from the design: plain functions over a memory.

#ifndef ATCBENCH_TB_UNIT_SMMU_REF_H_
#define ATCBENCH_TB_UNIT_SMMU_REF_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "mrd_memory.h"

namespace ref {

enum Fault : int {
  kNone = 0,
  kUut = 0x01,
  kBadStreamId = 0x02,
  kSteFetch = 0x03,
  kBadSte = 0x04,
  kBadAtsTreq = 0x05,
  kStreamDisabled = 0x06,
  kTranslForbidden = 0x07,
  kBadSubstreamId = 0x08,
  kCdFetch = 0x09,
  kBadCd = 0x0A,
  kWalkEabt = 0x0B,
  kTranslation = 0x10,
  kAddrSize = 0x11,
  kAccess = 0x12,
  kPermission = 0x13,
};

constexpr uint64_t Bits(uint64_t v, int hi, int lo) {
  return (v >> lo) & (~uint64_t{0} >> (63 - (hi - lo)));
}

struct Cfg {
  bool smmuen = true;
  bool atschk = false;
  bool recinvsid = true;
  bool rec_cfg_ats = false;
  bool gbpa_abort = false;
  bool e2h = false;
  uint64_t strtab_base = 0;
  int log2size = 0;
  int split = 8;
  bool two_level = false;
};

struct Ste {
  int fault = kNone;
  uint64_t fetch = 0;
  int config = 0;
  int s1fmt = 0;
  uint64_t s1ptr = 0;
  int s1cdmax = 0;
  int s1dss = 0;
  bool eats_full = false;
  bool el2 = false;
  bool s1stalld = false;
  int vmid = 0;
  // stage 2
  int s2t0sz = 0;
  int s2sl0 = 0;
  int s2ps_bits = 0;
  bool s2affd = false;
  bool s2ptw = false;
  bool s2s = false;
  bool s2r = false;
  uint64_t s2ttb = 0;

  bool S1() const { return config == 5 || config == 7; }
  bool S2() const { return config == 6 || config == 7; }
};

inline int OasBits(int code) {
  constexpr std::array<int, 8> kBits = {32, 36, 40, 42, 44, 48, 48, 48};
  return kBits[code];
}

// First level and lowest IPA bit of its index, by S2SL0 (4 KiB granule).
inline int S2StartLevel(int sl0) { return 2 - sl0; }
inline int S2StartLow(int sl0) { return 39 - 9 * S2StartLevel(sl0); }

inline Ste LookupSte(const MrdMemory& mem, const Cfg& cfg, uint32_t sid) {
  Ste r;
  const int size = std::min(cfg.log2size, 16);
  if (uint64_t{sid} >= (uint64_t{1} << size)) {
    r.fault = kBadStreamId;
    return r;
  }
  uint64_t ste;
  if (!cfg.two_level) {
    ste = cfg.strtab_base / (uint64_t{64} << size) * (uint64_t{64} << size) + sid * uint64_t{64};
  } else {
    const int split = (cfg.split == 8 || cfg.split == 10) ? cfg.split : 6;
    const uint64_t l1_count = size > split ? uint64_t{1} << (size - split) : 1;
    const uint64_t align = std::max<uint64_t>(64, 8 * l1_count);
    const uint64_t l1_addr = cfg.strtab_base / align * align + 8 * (uint64_t{sid} >> split);
    if (mem.Fails(l1_addr)) {
      r.fault = kSteFetch;
      r.fetch = l1_addr;
      return r;
    }
    const uint64_t l1 = mem.Read64(l1_addr);
    const int span = static_cast<int>(Bits(l1, 4, 0));
    const uint64_t l2 = sid % (uint64_t{1} << split);
    if (span == 0 || span > 11 || span > split + 1 || l2 >= (uint64_t{1} << (span - 1))) {
      r.fault = kBadStreamId;
      return r;
    }
    const uint64_t ptr = Bits(l1, 55, 6) << 6;
    const uint64_t l2_bytes = uint64_t{64} << (span - 1);
    ste = ptr / l2_bytes * l2_bytes + 64 * l2;
    if (ste >> 48) {
      r.fault = kSteFetch;
      r.fetch = ste & ((uint64_t{1} << 48) - 1);
      return r;
    }
  }
  r.fetch = ste;
  for (int beat = 0; beat < 4; ++beat) {
    if (mem.Fails(ste + 16 * beat)) {
      r.fault = kSteFetch;
      return r;
    }
  }
  const uint64_t d0 = mem.Read64(ste);
  const uint64_t d1 = mem.Read64(ste + 8);
  r.config = static_cast<int>(Bits(d0, 3, 1));
  r.s1fmt = static_cast<int>(Bits(d0, 5, 4)) % 3;
  r.s1ptr = Bits(d0, 55, 6) << 6;
  r.s1cdmax = static_cast<int>(Bits(d0, 63, 59));
  r.s1dss = static_cast<int>(Bits(d1, 1, 0));
  const int eats = static_cast<int>(Bits(d1, 29, 28));
  const int strw = static_cast<int>(Bits(d1, 31, 30));
  const uint64_t d2 = mem.Read64(ste + 16);
  const uint64_t d3 = mem.Read64(ste + 24);
  r.eats_full = (r.S1() || r.S2()) && eats == 1;
  r.el2 = r.config == 5 && strw == 2;
  r.s1stalld = Bits(d1, 27, 27);
  r.vmid = r.el2 ? 0 : static_cast<int>(Bits(d2, 15, 0));
  r.s2t0sz = static_cast<int>(Bits(d2, 37, 32));
  r.s2sl0 = static_cast<int>(Bits(d2, 39, 38));
  r.s2ps_bits = OasBits(static_cast<int>(Bits(d2, 50, 48)));
  r.s2affd = Bits(d2, 53, 53);
  r.s2ptw = Bits(d2, 54, 54);
  r.s2s = Bits(d2, 57, 57);
  r.s2r = Bits(d2, 58, 58);
  r.s2ttb = Bits(d3, 51, 4) << 4;
  bool bad = !(d0 & 1);
  if (r.S1()) bad |= r.s1cdmax > 20 || (r.s1ptr >> 48) != 0;
  if (r.config == 5) bad |= strw & 1;
  if (r.S1() || r.S2()) bad |= eats == 2;
  if (r.S2()) {
    const bool tg = Bits(d2, 47, 46) != 0, aa64 = Bits(d2, 51, 51), endi = Bits(d2, 52, 52);
    const bool hd = Bits(d2, 55, 55), ha = Bits(d2, 56, 56);
    bad |= tg || !aa64 || endi || hd || ha || (r.s2s && eats == 1) || (r.s2ttb >> r.s2ps_bits) != 0;
    bad |= r.s2t0sz < 16 || r.s2t0sz > 39 || r.s2sl0 == 3;
    if (r.s2sl0 != 3) {
      const int index_bits = 64 - r.s2t0sz - S2StartLow(r.s2sl0);       // of the start tables, up to 16 side by side
      bad |= index_bits < 1 || index_bits > 9 + 4;
    }
  }
  if (bad) r.fault = kBadSte;
  return r;
}

enum Class : int { kClassCd = 0, kClassTtd = 1, kClassIn = 2 };

// A translation of one IPA; `fetch` is the last descriptor's address.
struct S2Leaf {
  int fault = kNone;
  uint64_t fetch = 0;
  uint64_t base = 0;
  int level = 3;
  bool af = true;
  bool r = true;
  bool w = true;
  bool x = true;

  uint64_t Size() const { return uint64_t{4096} << (9 * (3 - level)); }
};

// `own`: the SMMU itself reads there (a stage 1 table or a CD), so that permission and memory type matter here.
inline S2Leaf WalkS2(const MrdMemory& mem, const Ste& ste, uint64_t ipa, bool own) {
  S2Leaf r;
  const int width = 64 - ste.s2t0sz;
  if (ipa >> width) {
    r.fault = kTranslation;
    return r;
  }
  int level = S2StartLevel(ste.s2sl0);
  int lo = S2StartLow(ste.s2sl0);
  uint64_t entries = uint64_t{1} << (width - lo);
  const uint64_t bytes = 8 * entries;
  uint64_t table = ste.s2ttb / bytes * bytes;
  for (;; ++level, lo -= 9, entries = 512) {
    const uint64_t addr = table + 8 * ((ipa >> lo) % entries);
    r.fetch = addr;
    if (mem.Fails(addr)) {
      r.fault = kWalkEabt;
      return r;
    }
    const uint64_t d = mem.Read64(addr);
    const bool table_desc = level < 3 && (d & 3) == 3;
    const bool leaf_desc = level == 3 ? (d & 3) == 3 : level > 0 && (d & 3) == 1;
    if (!table_desc && !leaf_desc) {
      r.fault = kTranslation;
      return r;
    }
    if ((Bits(d, 51, 12) << 12) >> ste.s2ps_bits) {
      r.fault = kAddrSize;
      return r;
    }
    if (table_desc) {
      table = Bits(d, 47, 12) << 12;
      continue;
    }
    r.level = level;
    r.base = Bits(d, 47, lo) << lo;
    r.af = Bits(d, 10, 10);
    r.r = Bits(d, 6, 6);
    r.w = Bits(d, 7, 7);
    r.x = !Bits(d, 54, 54);
    if (!r.af && !ste.s2affd) {
      r.fault = kAccess;
    } else if (own && (!r.r || (ste.s2ptw && Bits(d, 5, 4) == 0))) {
      r.fault = kPermission;
    }
    return r;
  }
}

// A fault with what its record needs.
struct Fault2 {
  int fault = kNone;
  bool s2 = false;
  int cls = kClassIn;
  uint64_t ipa = 0;
  uint64_t fetch = 0;
};

struct Cd {
  int fault = kNone;
  bool s2 = false;         // the fault is of stage 2, at `ipa`
  uint64_t ipa = 0;
  uint64_t fetch = 0;
  uint64_t d0 = 0;
  uint64_t ttb0 = 0;
  uint64_t ttb1 = 0;
  int ips_bits = 0;
  bool one_half = false;  // EL2 without E2H: no TTB1, one privilege level

  int T0sz() const { return static_cast<int>(Bits(d0, 5, 0)); }
  int T1sz() const { return static_cast<int>(Bits(d0, 21, 16)); }
  bool Epd0() const { return Bits(d0, 14, 14); }
  bool Epd1() const { return one_half || Bits(d0, 30, 30); }
  bool Affd() const { return Bits(d0, 35, 35); }
  bool Wxn() const { return Bits(d0, 36, 36); }
  bool Uwxn() const { return Bits(d0, 37, 37); }
  bool Tbi(bool high) const { return high ? Bits(d0, 39, 39) : Bits(d0, 38, 38); }
  bool Pan() const { return Bits(d0, 40, 40); }
  bool Stall() const { return Bits(d0, 44, 44); }
  bool Record() const { return Bits(d0, 45, 45); }
};

inline Cd LookupCd(const MrdMemory& mem, const Ste& ste, bool e2h, bool ssv, uint32_t ssid) {
  Cd r;
  r.one_half = ste.el2 && !e2h;
  if (ssv && (ste.s1cdmax == 0 || ssid >= (uint32_t{1} << ste.s1cdmax))) {
    r.fault = kBadSubstreamId;
    return r;
  }
  if (ste.s1cdmax > 0 && ((!ssv && ste.s1dss != 2) || (ssv && ssid == 0 && ste.s1dss == 2))) {
    r.fault = kStreamDisabled;
    return r;
  }
  const uint64_t index = ssv ? ssid : 0;
  const uint64_t mask48 = (uint64_t{1} << 48) - 1;
  // Pointers are IPAs with both stages.
  const auto Behind = [&](uint64_t* at) {
    if (!ste.S2()) return true;
    const S2Leaf leaf = WalkS2(mem, ste, *at, true);
    r.fault = leaf.fault;
    r.s2 = leaf.fault != kNone;
    r.ipa = *at;
    r.fetch = leaf.fetch;
    *at = leaf.base + *at % leaf.Size();
    return leaf.fault == kNone;
  };
  uint64_t addr = (ste.s1ptr + 64 * index) & mask48;
  if (ste.s1cdmax > 0 && ste.s1fmt != 0) {
    const uint64_t leaf = ste.s1fmt == 1 ? 64 : 1024;
    uint64_t l1_addr = (ste.s1ptr + 8 * (index / leaf)) & mask48;
    if (!Behind(&l1_addr)) return r;
    if (mem.Fails(l1_addr)) {
      r.fault = kCdFetch;
      r.fetch = l1_addr;
      return r;
    }
    const uint64_t l1 = mem.Read64(l1_addr);
    if (!(l1 & 1)) {
      r.fault = kBadSubstreamId;
      return r;
    }
    addr = (Bits(l1, 55, 12) << 12) + 64 * (index % leaf);
    if (addr >> 48) {
      r.fault = kCdFetch;
      r.fetch = addr & mask48;
      return r;
    }
  }
  if (!Behind(&addr)) return r;
  r.fetch = addr;
  for (int beat = 0; beat < 4; ++beat) {
    if (mem.Fails(addr + 16 * beat)) {
      r.fault = kCdFetch;
      return r;
    }
  }
  r.d0 = mem.Read64(addr);
  r.ttb0 = Bits(mem.Read64(addr + 8), 51, 4) << 4;
  r.ttb1 = Bits(mem.Read64(addr + 16), 51, 4) << 4;
  r.ips_bits = OasBits(static_cast<int>(Bits(r.d0, 34, 32)));
  const bool v = Bits(r.d0, 31, 31), aa64 = Bits(r.d0, 41, 41), endi = Bits(r.d0, 15, 15);
  const bool hd = Bits(r.d0, 42, 42), ha = Bits(r.d0, 43, 43), s = Bits(r.d0, 44, 44), a = Bits(r.d0, 46, 46);
  bool bad = !v || !aa64 || endi || hd || ha || (s && ste.s1stalld) || !a;
  if (!r.Epd0()) {
    bad |= Bits(r.d0, 7, 6) != 0 || r.T0sz() < 16 || r.T0sz() > 39 || (r.ttb0 >> r.ips_bits) != 0;
  }
  if (!r.Epd1()) {
    bad |= Bits(r.d0, 23, 22) != 2 || r.T1sz() < 16 || r.T1sz() > 39 || (r.ttb1 >> r.ips_bits) != 0;
  }
  if (bad) r.fault = kBadCd;
  return r;
}

struct Leaf : Fault2 {
  uint64_t base = 0;   // of the page or block
  int level = 0;
  int levels_read = 0;
  bool ng = false;
  bool af = false;
  bool ro = false;
  bool unpriv = false;
  bool pxn = false;
  bool uxn = false;
  S2Leaf s2leaf;       // all allowed without stage 2

  uint64_t Size() const { return uint64_t{4096} << (9 * (3 - level)); }
};

// The last step of every translation that has a stage 2: where `ipa` is, with the smaller of the two sizes.
inline void ThroughS2(const MrdMemory& mem, const Ste& ste, uint64_t ipa, Leaf* r) {
  r->s2leaf = WalkS2(mem, ste, ipa, false);
  r->ipa = ipa;
  if (r->s2leaf.fault) {
    r->fault = r->s2leaf.fault;
    r->s2 = true;
    r->cls = kClassIn;
    r->fetch = r->s2leaf.fetch;
    return;
  }
  r->level = std::max(r->level, r->s2leaf.level);
  r->base = (r->s2leaf.base + ipa % r->s2leaf.Size()) / r->Size() * r->Size();
}

// Stage 1 as `cd` says; with `nested` its tables and its result are IPAs that go through that STE's stage 2.
inline Leaf Walk(const MrdMemory& mem, const Cd& cd, uint64_t va, const Ste* nested = nullptr) {
  Leaf r;
  const bool high = Bits(va, 55, 55);
  const int tsz = high ? cd.T1sz() : cd.T0sz();
  const int width = 64 - tsz;
  for (int bit = width; bit < (cd.Tbi(high) ? 56 : 64); ++bit) {
    if (Bits(va, bit, bit) != static_cast<uint64_t>(high)) r.fault = kTranslation;
  }
  if (high ? cd.Epd1() : cd.Epd0()) r.fault = kTranslation;
  if (r.fault) return r;

  int level = width > 39 ? 0 : width > 30 ? 1 : 2;
  int lo = 39 - 9 * level;
  uint64_t entries = uint64_t{1} << (width - lo);
  const uint64_t table_bytes = entries * 8;
  uint64_t table = (high ? cd.ttb1 : cd.ttb0) / table_bytes * table_bytes;
  bool no_unpriv = false, ro = false, pxn = false, uxn = false;
  for (;; ++level, lo -= 9, entries = 512) {
    uint64_t addr = table + 8 * ((va >> lo) % entries);
    ++r.levels_read;
    r.cls = kClassTtd;
    if (nested) {
      const S2Leaf at = WalkS2(mem, *nested, addr, true);
      if (at.fault) {
        r.fault = at.fault;
        r.s2 = true;
        r.ipa = addr;
        r.fetch = at.fetch;
        return r;
      }
      addr = at.base + addr % at.Size();
    }
    r.fetch = addr;
    if (mem.Fails(addr)) {
      r.fault = kWalkEabt;
      return r;
    }
    r.cls = kClassIn;
    const uint64_t d = mem.Read64(addr);
    const bool table_desc = level < 3 && (d & 3) == 3;
    const bool leaf_desc = level == 3 ? (d & 3) == 3 : level > 0 && (d & 3) == 1;
    if (!table_desc && !leaf_desc) {
      r.fault = kTranslation;
      return r;
    }
    if ((Bits(d, 51, 12) << 12) >> cd.ips_bits) {
      r.fault = kAddrSize;
      return r;
    }
    if (table_desc) {
      table = Bits(d, 47, 12) << 12;
      no_unpriv |= Bits(d, 61, 61);
      ro |= Bits(d, 62, 62);
      uxn |= Bits(d, 60, 60);
      pxn |= Bits(d, 59, 59);
      continue;
    }
    if (!Bits(d, 10, 10) && !cd.Affd()) {
      r.fault = kAccess;
      return r;
    }
    r.level = level;
    r.base = Bits(d, 47, lo) << lo;
    r.ng = Bits(d, 11, 11);
    r.af = Bits(d, 10, 10);
    r.ro = ro || Bits(d, 7, 7);
    r.unpriv = !no_unpriv && Bits(d, 6, 6);
    r.pxn = pxn || Bits(d, 53, 53);
    r.uxn = uxn || Bits(d, 54, 54);
    if (nested) ThroughS2(mem, *nested, r.base + va % r.Size(), &r);
    return r;
  }
}

enum At { kUntranslated = 0, kTranslationReq = 1, kTranslated = 2, kReserved = 3 };
enum Status { kOk = 0, kAbort = 1, kUr = 2, kCa = 3 };

struct Req {
  int port = 0;
  uint32_t sid = 0;
  bool ssv = false;
  uint32_t ssid = 0;
  bool priv = false;
  bool exec = false;
  int at = kUntranslated;
  bool write = false;
  bool nw = false;
  int num = 0;         // translation request: translations asked for, minus one
  uint64_t addr = 0;
};

struct Rsp {
  int port = 0;
  int status = kOk;
  uint64_t pa = 0;     // memory request with kOk
  uint64_t entry = 0;  // translation request with kOk
  std::vector<uint64_t> further = {};
  int colour = 0;
};

using Event = std::array<uint64_t, 4>;

struct Answer {
  int status = kOk;
  uint64_t pa = 0;
  uint64_t entry = 0;
  std::vector<uint64_t> further;  // entries after the first
  bool has_event = false;
  bool stall = false;             // no answer: the transaction waits
  Event event{};
};

// STAG of a stalled transaction is left 0: the design chooses it.
inline Event MakeEvent(int number, const Req& q, const Fault2& f, bool stall) {
  Event e{};
  const uint64_t fetch = f.fetch;
  const bool priv = q.ssv && q.priv, exec = q.ssv && q.exec && !q.write;
  e[0] = static_cast<uint64_t>(number) | uint64_t{q.sid} << 32;
  if (number == kStreamDisabled) return e;
  if (q.ssv) e[0] |= uint64_t{q.ssid} << 12;
  if (q.ssv && number != kBadSubstreamId) e[0] |= uint64_t{1} << 11;
  const uint64_t access = uint64_t{priv} << 33 | uint64_t{exec} << 34 | uint64_t{!q.write} << 35;
  switch (number) {
    case kUut:
      e[1] = access;
      e[2] = q.addr;
      break;
    case kSteFetch:
    case kCdFetch:
      e[3] = fetch & ~uint64_t{7};
      break;
    case kBadAtsTreq:
      e[1] = uint64_t{1} << 33 | uint64_t{!q.nw} << 34 | uint64_t{q.ssv && q.exec} << 35 |
             uint64_t{priv} << 36 | (uint64_t(q.num) + 1) << 44;
      e[2] = q.addr & ~uint64_t{0xFFF};
      break;
    case kTranslForbidden:
      e[1] = uint64_t{!q.write} << 35;
      e[2] = q.addr;
      break;
    case kWalkEabt:
      e[1] = access | uint64_t{f.s2} << 39 | uint64_t(f.cls) << 40;
      e[2] = q.addr;
      e[3] = fetch & ~uint64_t{7};
      break;
    case kTranslation:
    case kAddrSize:
    case kAccess:
    case kPermission:
      e[1] = access | uint64_t{stall} << 31 | uint64_t{f.s2} << 39 | uint64_t(f.s2 ? f.cls : kClassIn) << 40;
      if (number == kPermission && f.s2 && f.cls == kClassTtd) e[1] |= uint64_t{1} << 44;
      e[2] = q.addr;
      if (f.s2) e[3] = f.ipa & ~uint64_t{0xFFF};
      break;
    default:
      break;
  }
  return e;
}

// One page of an SMMU without caches. `level`: of the leaf behind an entry.
inline Answer TranslatePage(const MrdMemory& mem, const Cfg& cfg, const Req& q, int* level) {
  Answer a;
  const bool in_oas = (q.addr >> 48) == 0;
  const uint64_t pa48 = q.addr & ((uint64_t{1} << 48) - 1);
  const auto Finish = [&](int status, int event, const Fault2& fault = {}, bool stall = false) {
    a.status = status;
    a.pa = pa48;
    a.has_event = event != kNone;
    a.stall = stall;
    if (a.has_event) a.event = MakeEvent(event, q, fault, stall);
    return a;
  };
  const auto At = [](uint64_t fetch) {
    Fault2 f;
    f.fetch = fetch;
    return f;
  };

  *level = 3;
  if (q.at == kReserved) return Finish(kAbort, kUut);
  if (!cfg.smmuen) {
    if (q.at == kTranslationReq) return Finish(kUr, kBadAtsTreq);
    if (q.at == kTranslated) return Finish(kAbort, kTranslForbidden);
    return Finish(!cfg.gbpa_abort && in_oas ? kOk : kAbort, kNone);
  }
  if (q.at == kTranslated && !cfg.atschk) return Finish(in_oas ? kOk : kAbort, kNone);

  const bool tr = q.at == kTranslationReq;
  // An error of configuration: always recorded for ordinary requests, on demand for the others.
  const auto Config = [&](int fault, const Fault2& f) {
    bool record = q.at == kUntranslated || cfg.rec_cfg_ats;
    if (fault == kBadStreamId) record = record && cfg.recinvsid;
    return Finish(tr ? kCa : kAbort, record ? fault : kNone, f);
  };
  const Ste ste = LookupSte(mem, cfg, q.sid);
  if (ste.fault) return Config(ste.fault, At(ste.fetch));
  if (ste.config < 4) return Finish(tr ? kUr : kAbort, kNone);
  if (q.at == kTranslated) {
    if (!ste.eats_full) return Finish(kAbort, kTranslForbidden);
    return Finish(in_oas ? kOk : kAbort, kNone);
  }
  if (tr && !ste.eats_full) return Finish(kUr, kBadAtsTreq);
  if (q.ssv && !ste.S1()) return Config(kBadSubstreamId, {});
  const bool s1 = ste.S1() && !(ste.s1cdmax > 0 && ste.s1dss == 1 && !q.ssv);
  // A fault of the data address, or of stage 2 on the way there.
  Cd cd;
  const auto Data = [&](int fault, const Fault2& f, bool with_cd) {
    if (tr) return Finish(kOk, kNone);
    const bool stall = f.s2 ? ste.s2s : with_cd && cd.Stall();
    const bool record = stall || (f.s2 ? ste.s2r : !with_cd || cd.Record());
    return Finish(kAbort, record ? fault : kNone, f, stall);
  };
  if (!s1 && !in_oas) return Data(kAddrSize, {}, false);
  if (!s1 && !ste.S2()) {
    if (tr) a.entry = (pa48 & ~uint64_t{0xFFF}) | 3;
    return Finish(kOk, kNone);
  }
  Leaf leaf;
  if (s1) {
    cd = LookupCd(mem, ste, cfg.e2h, q.ssv, q.ssid);
    if (cd.fault) {
      Fault2 f;
      f.s2 = cd.s2;
      f.cls = kClassCd;
      f.ipa = cd.ipa;
      f.fetch = cd.fetch;
      return cd.fault >= kTranslation ? Data(cd.fault, f, false) : Config(cd.fault, f);
    }
    leaf = Walk(mem, cd, q.addr, ste.S2() ? &ste : nullptr);
  } else {
    leaf.level = 0;
    ThroughS2(mem, ste, q.addr, &leaf);
  }
  bool r = true, w = true, x = true;
  if (s1) {
    const bool wr = !leaf.ro;
    if (cd.one_half) {
      w = wr;
      x = !leaf.uxn && !(cd.Wxn() && w);
    } else if (q.ssv && q.priv) {
      r = !(cd.Pan() && leaf.unpriv);
      w = r && wr;
      x = !leaf.pxn && !(cd.Wxn() && wr) && !(leaf.unpriv && wr);
    } else {
      r = leaf.unpriv;
      w = leaf.unpriv && wr;
      x = !leaf.uxn && !(cd.Wxn() && w);
    }
  }
  const bool exec = q.ssv && q.exec;
  // Stage 1 is checked to its end before stage 2 sees its output.
  const bool s1_done = leaf.fault == kNone || (leaf.s2 && leaf.cls == kClassIn);
  if (!tr && s1_done && !(q.write ? w : exec ? x : r)) return Data(kPermission, {}, s1);
  if (leaf.fault == kWalkEabt) return Config(kWalkEabt, leaf);
  if (leaf.fault) return Data(leaf.fault, leaf, s1);
  const S2Leaf& s2 = leaf.s2leaf;
  *level = leaf.level;
  if (tr) {
    r = r && s2.r;
    w = w && s2.w;
    x = x && s2.x;
    if (r || w) {
      a.entry = leaf.base | uint64_t{r} | uint64_t{w} << 1 | uint64_t{exec && x && r} << 3 |
                uint64_t{q.ssv && q.priv} << 4;
      if (leaf.level < 3) a.entry |= (leaf.Size() / 2 - 1) & ~uint64_t{0x7FF};
    }
    return Finish(kOk, kNone);
  }
  Fault2 f = leaf;
  f.cls = kClassIn;
  if (!(q.write ? s2.w : exec ? s2.x : s2.r)) {
    f.s2 = true;
    return Data(kPermission, f, s1);
  }
  Finish(kOk, kNone);
  a.pa = leaf.base | (q.addr & (leaf.Size() - 1));
  return a;
}

// The whole of an SMMU without caches. A request for several translations gets the pages that follow the first as long as
// they resolve, with access, at the same size.
inline Answer Translate(const MrdMemory& mem, const Cfg& cfg, const Req& q) {
  int level = 3;
  Answer a = TranslatePage(mem, cfg, q, &level);
  if (q.at != kTranslationReq || a.status != kOk || (a.entry & 3) == 0) return a;
  const uint64_t size = uint64_t{4096} << (9 * (3 - level)), last = q.addr + 4096 * uint64_t(q.num);
  Req next = q;
  for (;;) {
    next.addr = next.addr / size * size + size;
    if (next.addr == 0 || next.addr > last) return a;
    int other = 3;
    const Answer b = TranslatePage(mem, cfg, next, &other);
    if (b.status != kOk || (b.entry & 3) == 0 || other != level) return a;
    a.further.push_back(b.entry);
  }
}

}  // namespace ref

#endif  // ATCBENCH_TB_UNIT_SMMU_REF_H_
