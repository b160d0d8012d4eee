// SPDX-License-Identifier: Apache-2.0
//
// Stage 2 (smmuv3 section 6), and a fault with what its record needs.

#ifndef ATCBENCH_TB_UNIT_SMMU_REF_S2_H_
#define ATCBENCH_TB_UNIT_SMMU_REF_S2_H_

#include <algorithm>

#include "ste.h"

namespace ref {

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

}  // namespace ref

#endif  // ATCBENCH_TB_UNIT_SMMU_REF_S2_H_
