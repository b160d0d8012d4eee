// SPDX-License-Identifier: Apache-2.0
//
// Stage 1, alone or through a stage 2 (smmuv3 section 6).

#ifndef ATCBENCH_TB_UNIT_SMMU_REF_WALK_H_
#define ATCBENCH_TB_UNIT_SMMU_REF_WALK_H_

#include <algorithm>

#include "cd.h"

namespace ref {

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

}  // namespace ref

#endif  // ATCBENCH_TB_UNIT_SMMU_REF_WALK_H_
