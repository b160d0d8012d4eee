// SPDX-License-Identifier: Apache-2.0
//
// Stream table lookup (smmuv3 sections 1.5, 5, 5.1), and what the whole reference shares: faults, bits, configuration.

#ifndef ATCBENCH_TB_UNIT_SMMU_REF_STE_H_
#define ATCBENCH_TB_UNIT_SMMU_REF_STE_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "../mrd_memory.h"

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

}  // namespace ref

#endif  // ATCBENCH_TB_UNIT_SMMU_REF_STE_H_
