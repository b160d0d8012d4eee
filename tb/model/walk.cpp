// SPDX-License-Identifier: Apache-2.0

#include "model/walk.h"

namespace model {
namespace {

constexpr uint64_t kDescTable = 3, kDescBlock = 1, kDescPage = 3;
constexpr uint64_t kOutput = 0x000F'FFFF'FFFF'F000;  // [51:12], so that an address above 48 bits is seen
constexpr uint64_t kAf = uint64_t{1} << 10, kNg = uint64_t{1} << 11;
constexpr uint64_t kUxn = uint64_t{1} << 54, kPxn = uint64_t{1} << 53;
constexpr uint64_t kUxnTable = uint64_t{1} << 60, kPxnTable = uint64_t{1} << 59;
constexpr uint64_t kApTableNoUnpriv = uint64_t{1} << 61, kApTableReadOnly = uint64_t{1} << 62;

int S2StartLevel(const Ste& ste) { return 2 - static_cast<int>(Get(ste.dw[2], STE2_S2SL0)); }
int S2Width(const Ste& ste) { return 64 - static_cast<int>(Get(ste.dw[2], STE2_S2T0SZ)); }
int S2OutBits(const Ste& ste) { return OasBits(Get(ste.dw[2], STE2_S2PS)); }
int LevelLow(int level) { return 39 - 9 * level; }  // lowest address bit that the level indexes

Fault Make(int number, bool stage2, int klass, uint64_t ipa, uint64_t fetch = 0) {
  Fault f;
  f.number = number;
  f.stage2 = stage2;
  f.klass = klass;
  f.ipa = ipa;
  f.fetch = fetch;
  return f;
}

}  // namespace

bool Stage2Legal(const Ste& ste, const Features&) {
  const uint64_t d = ste.dw[2];
  if (Get(d, STE2_S2TG) != TG0_4K || !Has(d, STE2_S2AA64) || Has(d, STE2_S2ENDI) || Has(d, STE2_S2HA) ||
      Has(d, STE2_S2HD)) {
    return false;
  }
  const int level = S2StartLevel(ste), width = S2Width(ste);
  if (level < 0 || width < 25 || width > 48) return false;
  // The start table has 1 to 16 x 512 entries.
  const int index_bits = width - LevelLow(level);
  if (index_bits < 1 || index_bits > 13) return false;
  return (ste.dw[3] & STE3_S2TTB) >> S2OutBits(ste) == 0;
}

Leaf WalkStage2(const Memory& memory, const Ste& ste, uint64_t ipa, int klass) {
  Leaf r;
  const auto fail = [&](int number, uint64_t fetch = 0) {
    r.fault = Make(number, true, klass, ipa, fetch);
    return r;
  };
  const int width = S2Width(ste);
  if (ipa >> width) return fail(EVT_F_TRANSLATION);
  int level = S2StartLevel(ste);
  int bits = width - LevelLow(level);
  uint64_t table = (ste.dw[3] & STE3_S2TTB) & ~Ones(bits + 3);
  for (;; ++level, bits = 9) {
    const int low = LevelLow(level);
    const uint64_t addr = table + 8 * ((ipa >> low) & Ones(bits));
    if (memory.Fails(addr)) return fail(EVT_F_WALK_EABT, addr);
    const uint64_t d = memory.Read64(addr);
    const bool is_table = level < 3 && (d & 3) == kDescTable;
    const bool is_leaf = level == 3 ? (d & 3) == kDescPage : level > 0 && (d & 3) == kDescBlock;
    if (!is_table && !is_leaf) return fail(EVT_F_TRANSLATION);
    if ((d & kOutput) >> S2OutBits(ste)) return fail(EVT_F_ADDR_SIZE);
    if (is_table) {
      table = d & kOutput;
      continue;
    }
    if (!(d & kAf) && !Has(ste.dw[2], STE2_S2AFFD)) return fail(EVT_F_ACCESS);
    r.size = uint64_t{1} << low;
    r.out = ((d & kOutput) & ~Ones(low)) | (ipa & Ones(low));
    r.perm.r = (d >> 6) & 1;
    r.perm.w = (d >> 7) & 1;
    r.perm.x = !(d & kUxn);
    r.device = ((d >> 4) & 3) == 0;
    return r;
  }
}

Where ThroughStage2(const Memory& memory, const Ste& ste, uint64_t ipa, int klass) {
  Where w;
  w.pa = ipa;
  if (!ste.Stage2()) return w;
  const Leaf leaf = WalkStage2(memory, ste, ipa, klass);
  w.fault = leaf.fault;
  w.pa = leaf.out;
  if (!leaf.fault) {
    const bool protected_walk = klass == EVT_CLASS_TTD && leaf.device && Has(ste.dw[2], STE2_S2PTW);
    if (!leaf.perm.r || protected_walk) w.fault = Make(EVT_F_PERMISSION, true, klass, ipa);
  }
  return w;
}

Leaf WalkStage1(const Memory& memory, const Ste& ste, const Stage1Regs& regs, const Accessor& who, uint64_t va) {
  Leaf r;
  const auto fail = [&](int number, uint64_t fetch = 0, int klass = EVT_CLASS_INPUT) {
    r.fault = Make(number, false, klass, 0, fetch);
    return r;
  };
  const bool high = (va >> 55) & 1;
  const Stage1Regs::Half& half = regs.half[high];
  const int width = 64 - half.tsz;
  if (half.epd) return fail(EVT_F_TRANSLATION);
  const uint64_t above = (va ^ (high ? ~uint64_t{0} : 0)) & Ones(half.tbi ? 56 : 64);
  if (above >> width) return fail(EVT_F_TRANSLATION);
  int level = width > 39 ? 0 : width > 30 ? 1 : 2;
  int bits = width - LevelLow(level);
  uint64_t table = half.ttb & ~Ones(bits + 3);
  bool no_unpriv = false, read_only = false, pxn = false, uxn = false;
  for (;; ++level, bits = 9) {
    const int low = LevelLow(level);
    const uint64_t ipa = table + 8 * ((va >> low) & Ones(bits));
    const Where at = ThroughStage2(memory, ste, ipa, EVT_CLASS_TTD);
    if (at.fault) {
      r.fault = at.fault;
      return r;
    }
    if (memory.Fails(at.pa)) return fail(EVT_F_WALK_EABT, at.pa, EVT_CLASS_TTD);
    const uint64_t d = memory.Read64(at.pa);
    const bool is_table = level < 3 && (d & 3) == kDescTable;
    const bool is_leaf = level == 3 ? (d & 3) == kDescPage : level > 0 && (d & 3) == kDescBlock;
    if (!is_table && !is_leaf) return fail(EVT_F_TRANSLATION);
    if ((d & kOutput) >> regs.ips_bits) return fail(EVT_F_ADDR_SIZE);
    if (is_table) {
      table = d & kOutput;
      no_unpriv |= Has(d, kApTableNoUnpriv);
      read_only |= Has(d, kApTableReadOnly);
      pxn |= Has(d, kPxnTable);
      uxn |= Has(d, kUxnTable);
      continue;
    }
    if (!(d & kAf) && !regs.affd) return fail(EVT_F_ACCESS);
    r.size = uint64_t{1} << low;
    r.out = ((d & kOutput) & ~Ones(low)) | (va & Ones(low));
    r.global = !(d & kNg);
    const bool unpriv = ((d >> 6) & 1) && !no_unpriv;
    const bool writable = !(((d >> 7) & 1) || read_only);
    pxn |= Has(d, kPxn);
    uxn |= Has(d, kUxn);
    if (who.el2_single) {
      r.perm = {true, writable, !uxn && !(regs.wxn && writable)};
    } else if (who.priv) {
      const bool data = !(regs.pan && unpriv);
      // What unprivileged code may write, privileged code never executes.
      r.perm = {data, data && writable, !pxn && !(regs.wxn && writable) && !(unpriv && writable)};
    } else {
      r.perm = {unpriv, unpriv && writable, !uxn && !(regs.wxn && unpriv && writable)};
    }
    return r;
  }
}

}  // namespace model
