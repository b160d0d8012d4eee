// SPDX-License-Identifier: Apache-2.0
//
// Context descriptor lookup (smmuv3 sections 5.1, 5.2).

#ifndef ATCBENCH_TB_UNIT_SMMU_REF_CD_H_
#define ATCBENCH_TB_UNIT_SMMU_REF_CD_H_

#include "s2.h"

namespace ref {

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

}  // namespace ref

#endif  // ATCBENCH_TB_UNIT_SMMU_REF_CD_H_
