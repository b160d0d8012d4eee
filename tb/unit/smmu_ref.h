// SPDX-License-Identifier: Apache-2.0
//
// Reference of the SMMU's lookups for unit benches, written from the fact sheet (smmuv3 sections 1.5, 5, 5.1, 5.2, 6, 7, 8)
// and not from the design: plain functions over a memory.

#ifndef ATCBENCH_TB_UNIT_SMMU_REF_H_
#define ATCBENCH_TB_UNIT_SMMU_REF_H_

#include <algorithm>
#include <array>
#include <cstdint>

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
};

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
  r.eats_full = r.config == 5 && eats == 1;
  r.el2 = strw == 2;
  const bool bad = !(d0 & 1) || r.config >= 6 ||
                   (r.config == 5 && (r.s1cdmax > 20 || (strw & 1) || Bits(d1, 27, 27) || eats == 2 ||
                                      (r.s1ptr >> 48) != 0));
  if (bad) r.fault = kBadSte;
  return r;
}

struct Cd {
  int fault = kNone;
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
  bool Record() const { return Bits(d0, 45, 45); }
};

inline int OasBits(int code) {
  constexpr std::array<int, 8> kBits = {32, 36, 40, 42, 44, 48, 48, 48};
  return kBits[code];
}

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
  uint64_t addr = (ste.s1ptr + 64 * index) & mask48;
  if (ste.s1cdmax > 0 && ste.s1fmt != 0) {
    const uint64_t leaf = ste.s1fmt == 1 ? 64 : 1024;
    const uint64_t l1_addr = (ste.s1ptr + 8 * (index / leaf)) & mask48;
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
  bool bad = !v || !aa64 || endi || hd || ha || s || !a;
  if (!r.Epd0()) {
    bad |= Bits(r.d0, 7, 6) != 0 || r.T0sz() < 16 || r.T0sz() > 39 || (r.ttb0 >> r.ips_bits) != 0;
  }
  if (!r.Epd1()) {
    bad |= Bits(r.d0, 23, 22) != 2 || r.T1sz() < 16 || r.T1sz() > 39 || (r.ttb1 >> r.ips_bits) != 0;
  }
  if (bad) r.fault = kBadCd;
  return r;
}

struct Leaf {
  int fault = kNone;
  uint64_t fetch = 0;
  uint64_t base = 0;   // of the page or block
  int level = 0;
  int levels_read = 0;
  bool ng = false;
  bool af = false;
  bool ro = false;
  bool unpriv = false;
  bool pxn = false;
  bool uxn = false;

  uint64_t Size() const { return uint64_t{4096} << (9 * (3 - level)); }
};

inline Leaf Walk(const MrdMemory& mem, const Cd& cd, uint64_t va) {
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
    const uint64_t addr = table + 8 * ((va >> lo) % entries);
    r.fetch = addr;
    ++r.levels_read;
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
  uint64_t addr = 0;
};

struct Rsp {
  int port = 0;
  int status = kOk;
  uint64_t pa = 0;     // memory request with kOk
  uint64_t entry = 0;  // translation request with kOk
  int colour = 0;
};

using Event = std::array<uint64_t, 4>;

struct Answer {
  int status = kOk;
  uint64_t pa = 0;
  uint64_t entry = 0;
  bool has_event = false;
  Event event{};
};

inline Event MakeEvent(int number, const Req& q, uint64_t fetch) {
  Event e{};
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
             uint64_t{priv} << 36 | uint64_t{1} << 44;
      e[2] = q.addr & ~uint64_t{0xFFF};
      break;
    case kTranslForbidden:
      e[1] = uint64_t{!q.write} << 35;
      e[2] = q.addr;
      break;
    case kWalkEabt:
      e[1] = access | uint64_t{1} << 40;
      e[2] = q.addr;
      e[3] = fetch & ~uint64_t{7};
      break;
    case kTranslation:
    case kAddrSize:
    case kAccess:
    case kPermission:
      e[1] = access | uint64_t{2} << 40;
      e[2] = q.addr;
      break;
    default:
      break;
  }
  return e;
}

// The whole of an SMMU without caches.
inline Answer Translate(const MrdMemory& mem, const Cfg& cfg, const Req& q) {
  Answer a;
  const bool in_oas = (q.addr >> 48) == 0;
  const uint64_t pa48 = q.addr & ((uint64_t{1} << 48) - 1);
  const auto Finish = [&](int status, int event, uint64_t fetch = 0) {
    a.status = status;
    a.pa = pa48;
    a.has_event = event != kNone;
    if (a.has_event) a.event = MakeEvent(event, q, fetch);
    return a;
  };

  if (q.at == kReserved) return Finish(kAbort, kUut);
  if (!cfg.smmuen) {
    if (q.at == kTranslationReq) return Finish(kUr, kBadAtsTreq);
    if (q.at == kTranslated) return Finish(kAbort, kTranslForbidden);
    return Finish(!cfg.gbpa_abort && in_oas ? kOk : kAbort, kNone);
  }
  if (q.at == kTranslated && !cfg.atschk) return Finish(in_oas ? kOk : kAbort, kNone);

  const bool tr = q.at == kTranslationReq;
  const Ste ste = LookupSte(mem, cfg, q.sid);
  if (ste.fault) {
    if (tr) return Finish(kCa, kNone);
    const bool record = q.at == kUntranslated && (ste.fault != kBadStreamId || cfg.recinvsid);
    return Finish(kAbort, record ? ste.fault : kNone, ste.fetch);
  }
  if (ste.config < 4) return Finish(tr ? kUr : kAbort, kNone);
  if (q.at == kTranslated) {
    if (!ste.eats_full) return Finish(kAbort, kTranslForbidden);
    return Finish(in_oas ? kOk : kAbort, kNone);
  }
  if (tr && !ste.eats_full) return Finish(kUr, kBadAtsTreq);
  const bool bypass = ste.config == 4 || (ste.s1cdmax > 0 && ste.s1dss == 1 && !q.ssv);
  if (bypass) {
    if (tr) {
      if (in_oas) a.entry = (pa48 & ~uint64_t{0xFFF}) | 3;
      return Finish(kOk, kNone);
    }
    if (q.ssv) return Finish(kAbort, kBadSubstreamId);
    return in_oas ? Finish(kOk, kNone) : Finish(kAbort, kAddrSize);
  }
  const Cd cd = LookupCd(mem, ste, cfg.e2h, q.ssv, q.ssid);
  if (cd.fault) return tr ? Finish(kCa, kNone) : Finish(kAbort, cd.fault, cd.fetch);
  const Leaf leaf = Walk(mem, cd, q.addr);
  if (leaf.fault == kWalkEabt) return tr ? Finish(kCa, kNone) : Finish(kAbort, kWalkEabt, leaf.fetch);
  if (leaf.fault) return tr ? Finish(kOk, kNone) : Finish(kAbort, cd.Record() ? leaf.fault : kNone);

  bool r, w, x;
  const bool wr = !leaf.ro;
  if (cd.one_half) {
    r = true;
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
  const bool exec = q.ssv && q.exec;
  if (tr) {
    if (r || w) {
      a.entry = leaf.base | uint64_t{r} | uint64_t{w} << 1 | uint64_t{exec && x && r} << 3 |
                uint64_t{q.ssv && q.priv} << 4;
      if (leaf.level < 3) a.entry |= (leaf.Size() / 2 - 1) & ~uint64_t{0x7FF};
    }
    return Finish(kOk, kNone);
  }
  if (!(q.write ? w : exec ? x : r)) return Finish(kAbort, cd.Record() ? kPermission : kNone);
  Finish(kOk, kNone);
  a.pa = leaf.base | (q.addr & (leaf.Size() - 1));
  return a;
}

}  // namespace ref

#endif  // ATCBENCH_TB_UNIT_SMMU_REF_H_
