// SPDX-License-Identifier: Apache-2.0
//
// Reference of table walks for unit benches, written from the fact sheet (smmuv3 section 6) and not from the design: stage
// 1, stage 2, both; without caches; every descriptor read is recorded.

#ifndef ATCBENCH_TB_UNIT_SMMU_WALK_REF_H_
#define ATCBENCH_TB_UNIT_SMMU_WALK_REF_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "mrd_memory.h"

namespace walk_ref {

enum Fault : int {
  kNone = 0,
  kWalkEabt = 0x0B,
  kTranslation = 0x10,
  kAddrSize = 0x11,
  kAccess = 0x12,
  kPermission = 0x13,
};
enum Class : int { kCd = 0, kTtd = 1, kInput = 2 };

constexpr uint64_t Field(uint64_t v, int hi, int lo) { return (v >> lo) & (~uint64_t{0} >> (63 - (hi - lo))); }

struct Half {  // of the address space of stage 1
  uint64_t ttb = 0;
  int tsz = 16;
  bool epd = false;
  bool tbi = false;
};

struct Config {
  bool s1 = true;
  Half half[2];  // TTB0, TTB1
  int ips_bits = 48;
  bool affd = false;

  bool s2 = false;
  uint64_t s2ttb = 0;
  int s2t0sz = 16;
  int s2sl0 = 2;
  int s2ps_bits = 48;
  bool s2affd = false;
  bool s2ptw = false;

  bool fetch = false;  // IPA of a read by the SMMU itself
};

// A legal start of stage 2: the level of S2SL0 resolves 1 to 13 bits of the IPA.
inline bool GeometryOk(int t0sz, int sl0) {
  if (t0sz < 16 || t0sz > 39 || sl0 > 2) return false;
  const int first_bit[] = {21, 30, 39};
  const int bits = 64 - t0sz - first_bit[sl0];
  return bits >= 1 && bits <= 13;
}

struct Read {
  uint64_t desc_addr;
  int stage;
  int level;
  bool leaf;
  uint64_t input;  // VA or IPA
};

struct Result {
  int fault = kNone;
  bool s2 = false;
  int cls = kInput;
  uint64_t ipa = 0;
  uint64_t fetch = 0;  // last descriptor
  int s2_walks = 0;
  std::vector<Read> reads;

  uint64_t base = 0;
  int level = 0;
  bool ng = false, af = true, ro = false, unpriv = true, pxn = false, uxn = false;
  bool s2af = true, s2r = true, s2w = true, s2x = true;
};

class Walker {
 public:
  Walker(const MrdMemory& mem, const Config& cfg) : mem_(mem), cfg_(cfg) {}

  Result Walk(uint64_t addr) {
    r_ = Result{};
    r_.ipa = addr & ((uint64_t{1} << 48) - 1);
    if (!cfg_.s1) {
      if (addr >> 48) {
        Fail(kAddrSize, false, kInput);
        return r_;
      }
      if (Stage2(addr, false)) Finish(3 + 1, addr);  // larger than any stage 2 leaf
      return r_;
    }
    Stage1(addr);
    return r_;
  }

 private:
  struct Stage2Leaf {
    uint64_t base;
    uint64_t size;
    int level;
    uint64_t desc;
  };

  void Fail(int fault, bool s2, int cls) {
    r_.fault = fault;
    r_.s2 = s2;
    r_.cls = cls;
  }

  static uint64_t SizeOf(int level) { return uint64_t{4096} << (9 * (3 - level)); }
  static bool IsTable(uint64_t d, int level) { return level < 3 && (d & 3) == 3; }
  static bool IsLeaf(uint64_t d, int level) { return (level == 3 && (d & 3) == 3) || ((level == 1 || level == 2) && (d & 3) == 1); }

  // Reads a descriptor; false when the read or its type is a fault.
  std::optional<uint64_t> Descriptor(uint64_t at, int stage, int level, uint64_t input, int cls) {
    r_.fetch = at;
    r_.reads.push_back({at, stage, level, false, input});
    if (mem_.Fails(at)) {
      Fail(kWalkEabt, stage == 2, stage == 1 ? kTtd : cls);
      return std::nullopt;
    }
    const uint64_t d = mem_.Read64(at);
    if (!IsTable(d, level) && !IsLeaf(d, level)) {
      Fail(kTranslation, stage == 2, cls);
      return std::nullopt;
    }
    const int bits = stage == 2 ? cfg_.s2ps_bits : cfg_.ips_bits;
    if ((Field(d, 51, 12) << 12) >> bits) {
      Fail(kAddrSize, stage == 2, cls);
      return std::nullopt;
    }
    r_.reads.back().leaf = IsLeaf(d, level);
    return d;
  }

  bool Stage2(uint64_t ipa, bool for_table) {
    const int cls = for_table ? kTtd : kInput;
    r_.ipa = ipa;
    ++r_.s2_walks;
    const int width = 64 - cfg_.s2t0sz;
    if (ipa >> width) {
      Fail(kTranslation, true, cls);
      return false;
    }
    int level = 2 - cfg_.s2sl0;
    int low = 39 - 9 * level;
    uint64_t bytes = uint64_t{8} << (width - low);
    uint64_t table = cfg_.s2ttb / bytes * bytes;
    uint64_t index = ipa >> low;
    for (;;) {
      const auto d = Descriptor(table + 8 * index, 2, level, ipa, cls);
      if (!d) return false;
      if (IsLeaf(*d, level)) {
        if (!Field(*d, 10, 10) && !cfg_.s2affd) {
          Fail(kAccess, true, cls);
          return false;
        }
        const bool device = Field(*d, 5, 4) == 0;
        if ((for_table || cfg_.fetch) && (!Field(*d, 6, 6) || (cfg_.s2ptw && device))) {
          Fail(kPermission, true, cls);
          return false;
        }
        leaf_ = {(Field(*d, 47, 12) << 12) / SizeOf(level) * SizeOf(level), SizeOf(level), level, *d};
        return true;
      }
      table = Field(*d, 47, 12) << 12;
      ++level;
      low -= 9;
      index = (ipa >> low) % 512;
    }
  }

  // Both stages have an answer; stage 1 ended at `level1`.
  void Finish(int level1, uint64_t ipa) {
    const int level = level1 > 3 ? leaf_.level : std::max(level1, leaf_.level);
    r_.level = level;
    r_.base = (leaf_.base + ipa % leaf_.size) / SizeOf(level) * SizeOf(level);
    r_.s2af = Field(leaf_.desc, 10, 10);
    r_.s2r = Field(leaf_.desc, 6, 6);
    r_.s2w = Field(leaf_.desc, 7, 7);
    r_.s2x = !Field(leaf_.desc, 54, 54);
  }

  void Stage1(uint64_t va) {
    const bool high = Field(va, 55, 55);
    const Half& h = cfg_.half[high];
    const int width = 64 - h.tsz;
    for (int bit = width; bit < (h.tbi ? 56 : 64); ++bit) {
      if (Field(va, bit, bit) != static_cast<uint64_t>(high)) return Fail(kTranslation, false, kInput);
    }
    if (h.epd) return Fail(kTranslation, false, kInput);
    int level = width > 39 ? 0 : width > 30 ? 1 : 2;
    int low = 39 - 9 * level;
    uint64_t entries = uint64_t{1} << (width - low);
    uint64_t table = h.ttb / (8 * entries) * (8 * entries);
    bool no_unpriv = false;
    for (;; ++level, low -= 9, entries = 512) {
      uint64_t at = table + 8 * ((va >> low) % entries);
      if (cfg_.s2) {
        if (!Stage2(at, true)) return;
        at = leaf_.base + at % leaf_.size;
      }
      const auto d = Descriptor(at, 1, level, va, kInput);
      if (!d) return;
      if (IsTable(*d, level)) {
        no_unpriv |= Field(*d, 61, 61);
        r_.ro |= Field(*d, 62, 62);
        r_.uxn |= Field(*d, 60, 60);
        r_.pxn |= Field(*d, 59, 59);
        table = Field(*d, 47, 12) << 12;
        continue;
      }
      if (!Field(*d, 10, 10) && !cfg_.affd) return Fail(kAccess, false, kInput);
      r_.ng = Field(*d, 11, 11);
      r_.af = Field(*d, 10, 10);
      r_.ro |= Field(*d, 7, 7);
      r_.unpriv = !no_unpriv && Field(*d, 6, 6);
      r_.pxn |= Field(*d, 53, 53);
      r_.uxn |= Field(*d, 54, 54);
      r_.level = level;
      r_.base = (Field(*d, 47, 12) << 12) / SizeOf(level) * SizeOf(level);
      if (cfg_.s2) {
        const uint64_t ipa = r_.base + va % SizeOf(level);
        if (Stage2(ipa, false)) Finish(level, ipa);
      }
      return;
    }
  }

  const MrdMemory& mem_;
  const Config& cfg_;
  Result r_;
  Stage2Leaf leaf_{};
};

inline Result Walk(const MrdMemory& mem, const Config& cfg, uint64_t addr) { return Walker(mem, cfg).Walk(addr); }

}  // namespace walk_ref

#endif  // ATCBENCH_TB_UNIT_SMMU_WALK_REF_H_
