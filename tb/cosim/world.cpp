// SPDX-License-Identifier: Apache-2.0

#include "world.h"

#include <algorithm>

#include "model/bits.h"

namespace cosim {

using model::Get;
using model::Has;
using model::Ones;
using model::Put;

namespace {

constexpr uint64_t kTable = 3;
constexpr uint64_t kOut = 0x0000'FFFF'FFFF'F000;
// Level 2 slot that all spaces with a window give to the shared leaves.
constexpr uint64_t kWindowVa = 0x3FC0'0000;

int Low(int level) { return 39 - 9 * level; }

}  // namespace

uint64_t World::Alloc(uint64_t bytes) {
  bytes = std::max<uint64_t>(bytes, 64);
  next_ = (next_ + bytes - 1) & ~(bytes - 1);
  const uint64_t at = next_;
  next_ += bytes;
  return at;
}

uint64_t World::LeafBits() {
  uint64_t d = uint64_t{1} << 10 | uint64_t{1} << 11;  // AF, nG
  if (rng_.OneIn(12)) d &= ~(uint64_t{1} << 10);
  if (!rng_.OneIn(5)) d |= uint64_t{1} << 6;
  if (rng_.OneIn(4)) d |= uint64_t{1} << 7;
  if (rng_.OneIn(4)) d |= uint64_t{1} << 53;
  if (rng_.OneIn(4)) d |= uint64_t{1} << 54;
  d |= (rng_.Bits() & 7) << 2 | (rng_.Bits() & 3) << 8;
  if (rng_.OneIn(8)) d |= uint64_t{1} << 52;
  return d;
}

uint64_t World::OutputFor(const Space& space) {
  if (space.vm >= 0 && !rng_.OneIn(10)) {
    const Vm& vm = vms_[static_cast<size_t>(space.vm)];
    if (!vm.ipas.empty()) return rng_.Of(vm.ipas) & ~uint64_t{0xFFF};
  }
  if (rng_.OneIn(25)) return rng_.Bits() & 0x000F'FFFF'FFFF'F000;  // maybe above IPS
  return rng_.Bits() & Ones(model::OasBits(static_cast<uint64_t>(space.ips))) & ~uint64_t{0xFFF};
}

void World::MapStage2(Vm* vm, uint64_t ipa, uint64_t pa, int level) {
  uint64_t table = vm->root;
  int bits = vm->width - Low(vm->level);
  if (level < vm->level || level == 0) level = std::max(1, vm->level);
  for (int l = vm->level;; ++l, bits = 9) {
    const uint64_t slot = table + 8 * ((ipa >> Low(l)) & Ones(bits));
    const uint64_t d = m_.Peek(slot);
    if (l == level) {
      if (d & 1) return;
      uint64_t leaf = (pa & kOut & ~Ones(Low(l))) | (l == 3 ? 3 : 1) | uint64_t{0xF} << 2 | uint64_t{3} << 6 | uint64_t{1} << 10;
      m_.Write(slot, leaf);
      leaves_.push_back(slot);
      aborts_.push_back(slot);
      return;
    }
    if ((d & 3) == 1) return;  // a block is there
    if (!(d & 1)) {
      const uint64_t next = Alloc(4096);
      m_.Write(slot, next | kTable);
      table = next;
    } else {
      table = d & kOut;
    }
  }
}

void World::MakeVm() {
  Vm vm;
  vm.vmid = static_cast<uint32_t>(3 + vms_.size() * (rng_.OneIn(2) ? 1 : 0x40));
  struct Shape {
    int level, width;
  };
  const Shape s = rng_.Of<Shape>({{2, 34}, {1, 34}, {1, 36}, {1, 39}, {1, 40}, {1, 42}, {1, 43}, {0, 42}, {0, 44}, {0, 48}});
  vm.level = s.level;
  vm.width = s.width;
  vm.root = Alloc(uint64_t{8} << (s.width - Low(s.level)));
  vm.offset = rng_.Of<uint64_t>({0, 0x4000'0000, 0x20'0000, s.width > 38 ? 0x10'0000'0000u : 0});
  const int ps = rng_.Of({5, 5, 4, 3, 2, 1});
  vm.dw2 = Put(vm.vmid, STE2_S2VMID) | Put(static_cast<uint64_t>(64 - s.width), STE2_S2T0SZ) |
           Put(static_cast<uint64_t>(2 - s.level), STE2_S2SL0) | Put(static_cast<uint64_t>(ps), STE2_S2PS) | STE2_S2AA64 |
           (rng_.Chance(80) ? STE2_S2R : 0) | (rng_.OneIn(6) ? STE2_S2AFFD : 0) | (rng_.OneIn(4) ? STE2_S2PTW : 0);
  if (stalls_ && rng_.OneIn(2)) vm.dw2 |= STE2_S2S;
  vm.dw3 = vm.root;
  // The tables, by blocks or by pages; then data.
  const int grain = rng_.Of({1, 2, 2, 3});
  const uint64_t step = uint64_t{1} << Low(std::max(grain, 1));
  const bool aligned = ((vm.offset & (step - 1)) == 0) || grain > 1;
  if (grain == 1 && aligned) {
    MapStage2(&vm, 0x8000'0000 + vm.offset, 0x8000'0000, 1);
  } else {
    for (uint64_t pa = kTableRegion; pa < kTableEnd; pa += 0x20'0000) {
      MapStage2(&vm, pa + vm.offset, pa, 2);
    }
  }
  for (int i = 0; i < 10; ++i) {
    const int level = rng_.Of({3, 3, 3, 2, 1});
    const uint64_t ipa = rng_.Bits() & Ones(vm.width) & ~Ones(Low(level));
    const uint64_t pa = rng_.Bits() & Ones(model::OasBits(static_cast<uint64_t>(ps))) & ~Ones(Low(level));
    MapStage2(&vm, ipa, pa, level);
    vm.ipas.push_back(ipa | (rng_.Bits() & Ones(Low(level)) & ~uint64_t{0xFFF}));
    if (level == 3) {
      MapStage2(&vm, ipa + 0x1000, pa ^ 0x5000, level);
      vm.ipas.push_back(ipa + 0x1000);
    }
  }
  vms_.push_back(vm);
}

void World::MapStage1(Space* space, uint64_t va, uint64_t out, int level, uint64_t attributes) {
  const bool high = va >> 55 & 1;
  const int width = 64 - space->tsz[high];
  const int start = width > 39 ? 0 : width > 30 ? 1 : 2;
  level = std::max({level, start, 1});
  uint64_t offset = 0;
  if (space->vm >= 0) offset = vms_[static_cast<size_t>(space->vm)].offset;
  uint64_t table = space->root[high];
  int bits = width - Low(start);
  for (int l = start;; ++l, bits = 9) {
    const uint64_t slot = table + 8 * ((va >> Low(l)) & Ones(bits));
    const uint64_t d = m_.Peek(slot);
    if (l == level) {
      if (d & 1) return;
      m_.Write(slot, (out & 0x000F'FFFF'FFFF'F000 & ~Ones(Low(l))) | (l == 3 ? 3 : 1) | attributes);
      leaves_.push_back(slot);
      if (!space->window) aborts_.push_back(slot);
      return;
    }
    if ((d & 3) == 1) return;
    if (!(d & 1)) {
      const uint64_t next = Alloc(4096);
      uint64_t bits63 = 0;
      if (!space->window && rng_.OneIn(6)) bits63 = (rng_.Bits() & 0xF) << 59;
      m_.Write(slot, (next + offset) | kTable | bits63);
      table = next;
    } else {
      table = (d & kOut) - offset;
    }
  }
}

void World::MakeSpace(int vm, bool el2) {
  Space s;
  s.vm = vm;
  s.el2 = el2;
  s.asid = next_asid_++;
  if (rng_.OneIn(3)) s.asid |= 0x100 * static_cast<uint32_t>(rng_.In(1, 255));
  s.vmid = vm >= 0 ? vms_[static_cast<size_t>(vm)].vmid : f_.s2p ? static_cast<uint32_t>(rng_.Below(3)) : 0;
  s.ips = rng_.Of({5, 5, 5, 4, 2, 1, 6});
  for (int h = 0; h < 2; ++h) s.tsz[h] = static_cast<int>(rng_.Of<uint64_t>({16, 16, 25, 24, 33, 34, rng_.In(16, 39)}));
  s.epd[1] = rng_.OneIn(2);
  s.epd[0] = rng_.OneIn(15);
  for (int h = 0; h < 2; ++h) {
    const int width = 64 - s.tsz[h];
    const int start = width > 39 ? 0 : width > 30 ? 1 : 2;
    s.root[h] = Alloc(uint64_t{8} << (width - Low(start)));
  }
  s.window = !el2 && s.tsz[0] <= 33 && rng_.OneIn(2);
  const uint64_t offset = vm >= 0 ? vms_[static_cast<size_t>(vm)].offset : 0;
  if (s.window) {
    size_t w = 0;
    while (w < window_.size() && window_vmid_[w] != (s.vmid | (vm >= 0 ? 0x10000 : 0))) ++w;
    // One table of leaves with nG = 0 for a VMID and a kind of stage 2, outputs that every IPS reaches.
    if (w == window_.size()) {
      bool taken = false;
      for (uint32_t v : window_vmid_) taken |= (v & 0xFFFF) == s.vmid;
      if (taken) {
        s.window = false;
      } else {
        window_.push_back(Alloc(4096));
        window_vmid_.push_back(s.vmid | (vm >= 0 ? 0x10000 : 0));
        for (uint64_t i = 0; i < 6; ++i) {
          m_.Write(window_.back() + 8 * i, (rng_.Bits() & 0xFFFF'F000) | 3 | (LeafBits() & ~(uint64_t{1} << 11)) | 1 << 10);
          leaves_.push_back(window_.back() + 8 * i);
        }
      }
    }
    if (s.window) {
      // The way down to it has no attributes.
      const int width = 64 - s.tsz[0];
      const int start = width > 39 ? 0 : width > 30 ? 1 : 2;
      uint64_t table = s.root[0];
      int bits = width - Low(start);
      for (int l = start; l < 3; ++l, bits = 9) {
        const uint64_t slot = table + 8 * ((kWindowVa >> Low(l)) & Ones(bits));
        const uint64_t next = l == 2 ? window_[w] : Alloc(4096);
        m_.Write(slot, (next + offset) | kTable);
        table = next;
      }
      for (uint64_t i = 0; i < 6; ++i) s.vas.push_back(kWindowVa + 0x1000 * i);
    }
  }
  for (int h = 0; h < 2; ++h) {
    if (s.epd[h]) continue;
    const int width = 64 - s.tsz[h];
    const uint64_t top = h ? ~Ones(width) : 0;
    const int groups = h ? 2 : 3;
    for (int g = 0; g < groups; ++g) {
      uint64_t base = (rng_.Bits() & Ones(width) & ~uint64_t{0x1F'FFFF}) | top;
      if (rng_.OneIn(6)) base = (Ones(width) & ~uint64_t{0x1F'FFFF}) | top;
      if (rng_.OneIn(6)) base = top;
      const int level = rng_.Of({3, 3, 3, 2, 1});
      const int n = level == 3 ? 5 : 2;
      for (int i = 0; i < n; ++i) {
        const uint64_t va = base + (static_cast<uint64_t>(i) << Low(level)) * (rng_.OneIn(3) ? 3 : 1);
        if ((va ^ top) >> width) continue;
        MapStage1(&s, va, OutputFor(s), level, LeafBits());
        s.vas.push_back(va);
      }
    }
  }
  if (s.vas.empty()) s.vas.push_back(0);
  spaces_.push_back(s);
}

uint64_t World::NewCd(const Space& s) {
  uint64_t d = CD0_V | CD0_AA64 | CD0_A | Put(static_cast<uint64_t>(s.tsz[0]), CD0_T0SZ) |
               Put(static_cast<uint64_t>(s.tsz[1]), CD0_T1SZ) | Put(TG1_4K, CD0_TG1) | Put(s.asid, CD0_ASID) |
               Put(static_cast<uint64_t>(s.ips), CD0_IPS) | (s.epd[0] ? CD0_EPD0 : 0) | (s.epd[1] ? CD0_EPD1 : 0);
  if (rng_.Chance(80)) d |= CD0_R;
  for (uint64_t bit : {CD0_AFFD, CD0_WXN, CD0_UWXN, CD0_TBI0, CD0_TBI1, CD0_PAN}) {
    if (rng_.OneIn(4)) d |= bit;
  }
  if (rng_.OneIn(4)) d |= rng_.Bits() & (CD0_IR0 | CD0_OR0 | CD0_SH0 | CD0_ASET);
  if (f_.stall_model == 2 || (stalls_ && rng_.OneIn(2))) d |= CD0_S;
  if (rng_.OneIn(12)) {  // something illegal
    const uint64_t bits[] = {CD0_V, CD0_AA64, CD0_ENDI, CD0_HA, CD0_HD, CD0_ENDI, CD0_A, uint64_t{1} << 6, uint64_t{1} << 22};
    d ^= bits[rng_.Below(9)];
  }
  return d;
}

uint64_t World::SteAddress(uint32_t sid) {
  if (!control.strtab_two_level) return control.strtab_base + uint64_t{sid} * 64;
  const int split = control.strtab_split == 8 || control.strtab_split == 10 ? control.strtab_split : 6;
  const uint64_t slot = control.strtab_base + 8 * uint64_t{sid >> split};
  uint64_t desc = m_.Peek(slot);
  if (desc == 0) {
    const uint64_t span = rng_.OneIn(3) ? rng_.In(1, static_cast<uint64_t>(split) + 1) : static_cast<uint64_t>(split) + 1;
    desc = Alloc(uint64_t{64} << split) | span;
    if (rng_.OneIn(20)) desc = (desc & ~uint64_t{31}) | rng_.Of<uint64_t>({0, 12, static_cast<uint64_t>(split) + 2});
    m_.Write(slot, desc);
    aborts_.push_back(slot);
  }
  return (desc & L1STD0_L2PTR) + 64 * (sid & Ones(split));
}

void World::MakeStream(uint32_t sid) {
  if (sid >> control.strtab_log2size) return;
  Stream s;
  s.sid = sid;
  s.ste = SteAddress(sid);
  uint64_t config = STE_CONFIG_S1;
  const uint64_t roll = rng_.Below(100);
  if (roll < 8) config = STE_CONFIG_BYPASS;
  else if (roll < 11) config = STE_CONFIG_ABORT + rng_.Below(4);
  else if (roll < (f_.s2p ? 28u : 13u)) config = STE_CONFIG_S2;
  else if (roll < (f_.s2p ? 52u : 15u)) config = STE_CONFIG_NESTED;
  if (config == STE_CONFIG_S2 || config == STE_CONFIG_NESTED) s.vm = static_cast<int>(rng_.Below(vms_.size()));
  const bool el2 = config == STE_CONFIG_S1 && rng_.OneIn(6);
  std::vector<int> fit;
  for (size_t i = 0; i < spaces_.size(); ++i) {
    if (spaces_[i].el2 == el2 && spaces_[i].vm == (config == STE_CONFIG_NESTED ? s.vm : -1)) fit.push_back(static_cast<int>(i));
  }
  if (fit.empty()) fit.push_back(0);
  uint32_t vmid = s.vm >= 0 ? vms_[static_cast<size_t>(s.vm)].vmid : 0;
  if (s.vm < 0 && f_.s2p) {  // the spaces of one stream have one VMID
    vmid = spaces_[static_cast<size_t>(rng_.Of(fit))].vmid;
    fit.erase(std::remove_if(fit.begin(), fit.end(), [&](int i) { return spaces_[static_cast<size_t>(i)].vmid != vmid; }), fit.end());
  }
  const int cdmax = rng_.Of({0, 0, 1, 3, 6, 7, 8, 12, 20});
  const uint64_t fmt = cdmax > 8 ? rng_.Of<uint64_t>({1, 2}) : rng_.Of<uint64_t>({0, 0, 1, 2});
  const uint64_t offset = config == STE_CONFIG_NESTED ? vms_[static_cast<size_t>(s.vm)].offset : 0;
  uint64_t table, leaf[2] = {0, 0};
  if (cdmax == 0 || fmt == 0) {
    table = Alloc(uint64_t{64} << cdmax);
  } else {
    table = Alloc(4096);
    for (int i = 0; i < 2; ++i) {
      leaf[i] = Alloc(fmt == 1 ? 4096 : 65536);
      m_.Write(table + 8 * static_cast<uint64_t>(i), ((leaf[i] + offset) & L1CD0_L2PTR) | 1);
      aborts_.push_back(table + 8 * static_cast<uint64_t>(i));
    }
  }
  const uint32_t per_leaf = fmt == 2 ? 1024 : 64;
  for (uint32_t ssid : {0u, 1u, 2u, 5u, 70u, 1030u}) {
    if (ssid >> cdmax) continue;
    uint64_t cd;
    if (cdmax == 0 || fmt == 0) {
      cd = table + 64 * uint64_t{ssid};
    } else if (ssid / per_leaf < 2) {
      cd = leaf[ssid / per_leaf] + 64 * uint64_t{ssid % per_leaf};
    } else {
      continue;
    }
    const int space = rng_.Of(fit);
    const Space& sp = spaces_[static_cast<size_t>(space)];
    const uint64_t tables = sp.vm >= 0 ? vms_[static_cast<size_t>(sp.vm)].offset : 0;
    m_.Write(cd, NewCd(sp));
    m_.Write(cd + 8, sp.root[0] + tables);
    m_.Write(cd + 16, sp.root[1] + tables);
    m_.Write(cd + 24, rng_.Bits());
    s.ssids.push_back(ssid);
    s.spaces.push_back(space);
    s.cds.push_back(cd);
    words_.push_back(cd);
    aborts_.push_back(cd + 16 * rng_.Below(4));
  }
  uint64_t dw0 = STE0_V | Put(config, STE0_CONFIG) | Put(fmt, STE0_S1FMT) | ((table + offset) & STE0_S1CONTEXTPTR) |
                 Put(static_cast<uint64_t>(cdmax), STE0_S1CDMAX);
  uint64_t dw1 = Put(rng_.Of<uint64_t>({0, 1, 2, 2, 3}), STE1_S1DSS) | Put(rng_.Of<uint64_t>({0, 1, 1, 1, 1, 3}), STE1_EATS) |
                 Put(el2 ? STE_STRW_EL2 : 0, STE1_STRW) | (rng_.OneIn(2) ? STE1_PPAR : 0);
  uint64_t dw2 = s.vm >= 0 ? vms_[static_cast<size_t>(s.vm)].dw2 : Put(f_.s2p ? vmid : 0, STE2_S2VMID);
  const uint64_t dw3 = s.vm >= 0 ? vms_[static_cast<size_t>(s.vm)].dw3 : 0;
  if (stalls_ && rng_.OneIn(8)) dw1 |= STE1_S1STALLD;
  // A stalling stage 2 and full ATS are illegal together.
  if (s.vm >= 0 && (dw2 & STE2_S2S) && !rng_.OneIn(8)) dw1 &= ~STE1_EATS;
  if (rng_.OneIn(10)) {  // illegal, or nearly
    switch (rng_.Below(9)) {
      case 0: dw0 &= ~STE0_V; break;
      case 1: dw0 |= Put(21 + rng_.Below(11), STE0_S1CDMAX); break;
      case 2: dw1 ^= Put(1, STE1_STRW); break;
      case 3: dw1 |= STE1_S1STALLD; break;
      case 4: dw1 = (dw1 & ~STE1_EATS) | Put(2, STE1_EATS); break;
      case 5: dw2 ^= STE2_S2AA64; break;
      case 6: dw2 |= rng_.Of({STE2_S2ENDI, STE2_S2HA, STE2_S2HD, f_.stall_model == 1 ? STE2_S2S : STE2_S2HD}); break;
      case 7: dw2 |= Put(1 + rng_.Below(2), STE2_S2TG); break;
      default: dw1 |= rng_.Bits() & (STE1_S1CIR | STE1_S1COR | STE1_CONT | STE1_MEMATTR | STE1_SHCFG | STE1_PRIVCFG); break;
    }
  }
  m_.Write(s.ste, dw0);
  m_.Write(s.ste + 8, dw1);
  m_.Write(s.ste + 16, dw2);
  m_.Write(s.ste + 24, dw3);
  for (int i = 4; i < 8; ++i) m_.Write(s.ste + 8 * static_cast<uint64_t>(i), rng_.OneIn(4) ? rng_.Bits() : 0);
  words_.push_back(s.ste);
  words_.push_back(s.ste + 8);
  aborts_.push_back(s.ste + 16 * rng_.Below(4));
  streams_.push_back(s);
}

void World::Build(const model::Features& features) {
  f_ = features;
  next_ = kTableRegion;
  next_asid_ = 1;
  stalls_ = f_.stall_model == 0 && rng_.Chance(60);
  vms_.clear();
  spaces_.clear();
  streams_.clear();
  leaves_.clear();
  words_.clear();
  aborts_.clear();
  window_.clear();
  window_vmid_.clear();
  control = model::Control{};
  control.e2h = rng_.OneIn(3);
  control.strtab_two_level = rng_.OneIn(2);
  control.strtab_log2size = static_cast<int>(rng_.Of<uint64_t>({9, 10, 11, 11, 12, 16, 20}));
  control.strtab_split = rng_.Of({6, 8, 10, 7});
  const int size = std::min(control.strtab_log2size, f_.sidsize);
  control.strtab_base = kStrtabRegion;
  strtab_cfg = Put(static_cast<uint64_t>(control.strtab_log2size), SMMU_STRTAB_BASE_CFG_LOG2SIZE_MASK) |
               Put(static_cast<uint64_t>(control.strtab_split), SMMU_STRTAB_BASE_CFG_SPLIT_MASK) |
               Put(control.strtab_two_level ? 1 : rng_.Of<uint64_t>({0, 2, 3}), SMMU_STRTAB_BASE_CFG_FMT_MASK);
  m_.Batch();
  for (int i = 0; i < 2; ++i) MakeVm();
  for (int i = 0; i < 4; ++i) MakeSpace(-1, false);
  for (int i = 0; i < (control.e2h ? 2 : 1); ++i) MakeSpace(-1, true);
  for (int vm = 0; vm < 2; ++vm) {
    for (int i = 0; i < 2; ++i) MakeSpace(vm, false);
  }
  for (uint32_t sid : {0x100u, 0x200u, 0x300u, 0x400u, 0x101u, 0x1FFu, 0u, 0x3C0u, 0x2A5u}) {
    if (!(uint64_t{sid} >> size)) MakeStream(sid);
  }
}

model::Request World::Draw() {
  model::Request q;
  const uint64_t kind = rng_.Below(100);
  q.at = kind < 55 ? model::At::kUntranslated : kind < 82 ? model::At::kTranslationReq : kind < 99 ? model::At::kTranslated : model::At::kReserved;
  q.write = q.at != model::At::kTranslationReq && rng_.OneIn(2);
  q.nw = rng_.OneIn(2);
  const Stream& s = rng_.Of(streams_);
  q.sid = s.sid;
  if (rng_.OneIn(40)) q.sid = rng_.Of<uint32_t>({0x500, 0x10000, 0xFFFF, 0xFFFFFFFF, 0x80000100, 0x1FE, 0x7FF});
  size_t which = 0;
  if (!s.ssids.empty()) which = rng_.Below(s.ssids.size());
  if (rng_.OneIn(2) && !s.ssids.empty()) {
    q.ssv = true;
    q.ssid = s.ssids[which];
  } else if (rng_.OneIn(20)) {
    q.ssv = true;
    q.ssid = static_cast<uint32_t>(rng_.Bits() & rng_.Of<uint64_t>({0xF, 0xFFF, 0xFFFFF}));
  } else {
    which = 0;
  }
  q.priv = rng_.OneIn(3);
  q.exec = rng_.OneIn(3);
  if (q.at == model::At::kTranslated && !rng_.OneIn(10)) {
    q.addr = rng_.Bits() & (rng_.OneIn(8) ? ~uint64_t{0} : model::kPaMask);
  } else if (!s.spaces.empty() && !rng_.OneIn(12)) {
    const Space& sp = spaces_[static_cast<size_t>(s.spaces[which])];
    q.addr = rng_.Of(sp.vas) + (rng_.Bits() & (rng_.OneIn(6) ? 0x3FFFFF : 0xFFF));
    if (rng_.OneIn(20)) q.addr ^= uint64_t{1} << rng_.Below(64);
    if (rng_.OneIn(20)) q.addr ^= rng_.Bits() << 56;
    if (rng_.OneIn(20)) q.addr = ~q.addr;
  } else {
    q.addr = rng_.Bits() >> rng_.Below(40);
  }
  if (s.vm >= 0 && s.spaces.empty() && rng_.Chance(80)) q.addr = rng_.Of(vms_[static_cast<size_t>(s.vm)].ipas) | (rng_.Bits() & 0xFFF);
  if (s.vm >= 0 && rng_.OneIn(4)) q.addr = rng_.Of(vms_[static_cast<size_t>(s.vm)].ipas) | (rng_.Bits() & 0xFFF);
  if (q.at == model::At::kTranslationReq) {
    q.addr &= ~uint64_t{0xFFF};
    if (rng_.OneIn(16)) q.addr |= 0x1FF000;
    if (rng_.OneIn(2)) q.num = static_cast<uint32_t>(rng_.Below(8));
  }
  return q;
}

bool World::Mutate() {
  const uint64_t kind = rng_.Below(10);
  if (kind < 6 && !leaves_.empty()) {
    const uint64_t slot = rng_.Of(leaves_);
    uint64_t d = m_.Peek(slot);
    switch (rng_.Below(6)) {
      case 0: d ^= 1; break;
      case 1: d ^= uint64_t{1} << 7; break;
      case 2: d ^= uint64_t{1} << 6; break;
      case 3: d ^= uint64_t{1} << 54; break;
      case 4: d ^= rng_.Bits() & 0x7000'0000; break;
      default: d |= 1 << 10; break;
    }
    m_.Write(slot, d);
    return true;
  }
  if (kind < 9 && !words_.empty()) {
    const uint64_t slot = rng_.Of(words_);
    uint64_t d = m_.Peek(slot);
    bool is_cd = false, is_dw1 = false;
    for (const Stream& s : streams_) {
      is_dw1 |= s.ste + 8 == slot;
      is_cd |= std::find(s.cds.begin(), s.cds.end(), slot) != s.cds.end();
    }
    if (is_cd) {
      d ^= rng_.Of({CD0_R, CD0_WXN, CD0_PAN, CD0_V, CD0_TBI0, CD0_EPD0, CD0_AFFD, CD0_A, stalls_ ? CD0_S : CD0_R});
    } else if (is_dw1) {
      d = rng_.OneIn(3) ? (d & ~STE1_S1DSS) | Put(rng_.Below(3), STE1_S1DSS) : d ^ Put(1, STE1_EATS);
    } else {
      d ^= STE0_V;
    }
    m_.Write(slot, d);
    return true;
  }
  if (aborts_.empty()) return false;
  const uint64_t beat = rng_.Of(aborts_) & ~uint64_t{15};
  m_.WriteBad(beat, !m_.Bad(beat));
  return true;
}

model::Request World::Target() {
  model::Request q;
  target_stream_ = rng_.Below(streams_.size());
  const Stream& s = streams_[target_stream_];
  q.sid = s.sid;
  q.priv = rng_.OneIn(3);
  target_va_ = rng_.Bits() & model::kPaMask;
  if (!s.spaces.empty()) {
    target_ssid_ = rng_.Below(s.spaces.size());
    q.ssid = s.ssids[target_ssid_];
    q.ssv = q.ssid != 0 || rng_.OneIn(2);
    if (!q.ssv) q.ssid = 0;
    target_va_ = rng_.Of(spaces_[static_cast<size_t>(s.spaces[target_ssid_])].vas);
  }
  q.addr = target_va_ | (rng_.Bits() & 0xFFF);
  if (rng_.OneIn(3)) {
    q.at = model::At::kTranslationReq;
    q.addr &= ~uint64_t{0xFFF};
    if (rng_.OneIn(2)) q.num = static_cast<uint32_t>(rng_.Below(8));
  }
  return q;
}

uint64_t World::FindLeaf(const Space& space, uint64_t va) const {
  const bool high = va >> 55 & 1;
  const int width = 64 - space.tsz[high];
  const uint64_t offset = space.vm >= 0 ? vms_[static_cast<size_t>(space.vm)].offset : 0;
  int level = width > 39 ? 0 : width > 30 ? 1 : 2;
  uint64_t table = space.root[high];
  for (int bits = width - Low(level);; ++level, bits = 9) {
    const uint64_t slot = table + 8 * ((va >> Low(level)) & Ones(bits));
    const uint64_t d = m_.Peek(slot);
    if (level == 3 || (d & 3) == 1) return d & 1 ? slot : 0;
    if ((d & 3) != kTable) return 0;
    table = (d & kOut) - offset;
  }
}

bool World::Repair(const model::Request& q) {
  const auto stream = std::find_if(streams_.begin(), streams_.end(), [&](const Stream& s) { return s.sid == q.sid; });
  if (stream == streams_.end()) return false;
  const auto ssid = std::find(stream->ssids.begin(), stream->ssids.end(), q.ssv ? q.ssid : 0);
  if (ssid == stream->ssids.end()) return false;
  const Space& space = spaces_[static_cast<size_t>(stream->spaces[static_cast<size_t>(ssid - stream->ssids.begin())])];
  const bool high = q.addr >> 55 & 1;
  if (space.epd[high]) return false;
  const int width = 64 - space.tsz[high];
  const uint64_t offset = space.vm >= 0 ? vms_[static_cast<size_t>(space.vm)].offset : 0;
  int level = width > 39 ? 0 : width > 30 ? 1 : 2;
  uint64_t slot = 0, d = 0, table = space.root[high];
  for (int bits = width - Low(level);; ++level, bits = 9) {
    slot = table + 8 * ((q.addr >> Low(level)) & Ones(bits));
    d = m_.Peek(slot);
    if (level == 3 || (d & 3) != kTable) break;
    table = (d & kOut) - offset;
  }
  const uint64_t page = level == 3 ? 3 : 1, af = uint64_t{1} << 10, ng = uint64_t{1} << 11, el0 = uint64_t{1} << 6;
  if (d != 0) {
    d = (d | page | af | el0) & ~(uint64_t{1} << 7 | uint64_t{3} << 53);
  } else if (level == 0 || (space.window && !high && (q.addr & Ones(width)) >> 21 == kWindowVa >> 21)) {
    return false;
  } else {
    d = (OutputFor(space) & ~Ones(Low(level))) | page | af | ng | el0;
    leaves_.push_back(slot);
  }
  m_.Write(slot, d);
  return true;
}

std::vector<model::Command> World::ChangeUnderTarget() {
  const Stream& s = streams_[target_stream_];
  const uint64_t sid = Put(s.sid, CMD_CFGI_STE0_SID);
  const uint64_t range = rng_.Below(5);
  const model::Command of_ste = rng_.OneIn(3)
      ? model::Command{OP_CFGI_STE_RANGE | Put(s.sid ^ rng_.Below(uint64_t{2} << range), CMD_CFGI_STE0_SID), range}
      : model::Command{OP_CFGI_STE | sid, 1};
  const uint64_t kind = s.spaces.empty() ? 0 : rng_.Below(6);
  if (kind == 0) {
    m_.Write(s.ste + 8, m_.Peek(s.ste + 8) ^ Put(1, STE1_EATS));
    return {of_ste};
  }
  if (kind <= 2) {
    const uint64_t cd = s.cds[target_ssid_];
    m_.Write(cd, m_.Peek(cd) ^ rng_.Of({CD0_WXN, CD0_PAN, CD0_V, CD0_EPD0, CD0_R}));
    const uint64_t ssid = Put(s.ssids[target_ssid_], CMD_CFGI_CD0_SSID);
    switch (rng_.Below(4)) {
      case 0: return {{OP_CFGI_CD_ALL | sid, 0}};
      case 1: return {of_ste};
      default: return {{OP_CFGI_CD | sid | ssid, 1}};
    }
  }
  const Space& sp = spaces_[static_cast<size_t>(s.spaces[target_ssid_])];
  const uint64_t slot = FindLeaf(sp, target_va_);
  if (slot == 0) return {};
  const uint64_t d = m_.Peek(slot);
  m_.Write(slot, rng_.OneIn(3) ? d ^ uint64_t{1} << 7 : d ^ (rng_.Bits() & 0x7000'0000));
  const bool global = !(d >> 11 & 1);
  // A global entry belongs to every ASID.
  const uint64_t asid = Put(global && !sp.el2 ? rng_.Bits() : sp.asid, CMD_TLBI_NH_VA0_ASID);
  const uint64_t vmid = Put(sp.vmid, CMD_TLBI_NH_VA0_VMID);
  uint64_t scope = 0, addr = (target_va_ & ~uint64_t{0xFFF}) | CMD_TLBI_NH_VA1_LEAF;
  if (rng_.OneIn(3)) {
    const uint64_t num = rng_.Below(32), scale = rng_.Below(5);
    scope = Put(num, CMD_TLBI_NH_VA0_NUM) | Put(scale, CMD_TLBI_NH_VA0_SCALE);
    const uint64_t before = rng_.Below((num + 1) << scale) << 12;  // the page is anywhere in the range
    if ((target_va_ & Ones(36)) > before) addr -= before;
    addr |= Put(TLBI_TG_4K, CMD_TLBI_NH_VA1_TG) | Put(3, CMD_TLBI_NH_VA1_TTL);
  }
  if (sp.el2) {
    if (rng_.OneIn(3)) return {{OP_TLBI_EL2_VAA | scope, addr}};
    if (rng_.OneIn(3) && !(global && control.e2h)) return {{OP_TLBI_EL2_ASID | asid, 0}};
    return {{OP_TLBI_EL2_VA | asid | scope, addr}};
  }
  switch (rng_.Below(5)) {
    case 0: return {{OP_TLBI_NH_VAA | vmid | scope, addr}};
    case 1: return {{global ? OP_TLBI_NH_ALL | vmid : OP_TLBI_NH_ASID | asid | vmid, 0}};
    default: return {{OP_TLBI_NH_VA | asid | vmid | scope, addr}};
  }
}

model::Command World::Tlbi() {
  const Space& s = rng_.Of(spaces_);
  const uint64_t page = rng_.Of(s.vas) & ~uint64_t{0xFFF};
  uint64_t dw0 = Put(s.asid, CMD_TLBI_NH_VA0_ASID) | Put(s.vmid, CMD_TLBI_NH_VA0_VMID);
  uint64_t dw1 = page | (rng_.OneIn(2) ? CMD_TLBI_NH_VA1_LEAF : 0);
  if (rng_.OneIn(3)) {
    dw0 |= Put(rng_.Below(32), CMD_TLBI_NH_VA0_NUM) | Put(rng_.Below(rng_.OneIn(4) ? 32 : 6), CMD_TLBI_NH_VA0_SCALE);
    dw1 |= Put(rng_.Of<uint64_t>({1, 1, 2, 3}), CMD_TLBI_NH_VA1_TG) | Put(1 + rng_.Below(3), CMD_TLBI_NH_VA1_TTL);
  }
  switch (rng_.Below(f_.s2p ? 12 : 9)) {
    case 0: return {OP_TLBI_NH_ALL | Put(s.vmid, CMD_TLBI_NH_VA0_VMID), 0};
    case 1: return {OP_TLBI_NH_ASID | (dw0 & (CMD_TLBI_NH_VA0_ASID | CMD_TLBI_NH_VA0_VMID)), 0};
    case 2: return {OP_TLBI_NH_VAA | (dw0 & ~CMD_TLBI_NH_VA0_ASID), dw1};
    case 3: return {OP_TLBI_EL2_ALL, 0};
    case 4: return {OP_TLBI_EL2_VA | (dw0 & ~CMD_TLBI_NH_VA0_VMID), dw1};
    case 5: return {OP_TLBI_EL2_ASID | (dw0 & CMD_TLBI_NH_VA0_ASID), 0};
    case 6: return rng_.OneIn(3) ? model::Command{OP_TLBI_NSNH_ALL, 0} : model::Command{OP_TLBI_EL2_VAA | (dw0 & ~(CMD_TLBI_NH_VA0_VMID | CMD_TLBI_NH_VA0_ASID)), dw1};
    case 9: return {OP_TLBI_S12_VMALL | Put(s.vmid, CMD_TLBI_NH_VA0_VMID), 0};
    case 10:
    case 11: {
      const Vm& vm = rng_.Of(vms_);
      return {OP_TLBI_S2_IPA | Put(vm.vmid, CMD_TLBI_NH_VA0_VMID) | (dw0 & (CMD_TLBI_NH_VA0_NUM | CMD_TLBI_NH_VA0_SCALE)),
              (rng_.Of(vm.ipas) & ~uint64_t{0xFFF}) | (dw1 & 0xFFF)};
    }
    default: return {OP_TLBI_NH_VA | dw0, dw1};
  }
}

model::Command World::Cfgi() {
  const Stream& s = rng_.Of(streams_);
  const uint64_t sid = Put(s.sid, CMD_CFGI_STE0_SID);
  switch (rng_.Below(5)) {
    case 0: return {OP_CFGI_STE_RANGE | sid, rng_.OneIn(4) ? 31 : rng_.Below(16)};
    case 1: return {OP_CFGI_CD_ALL | sid, 0};
    case 2:
    case 3: {
      const uint64_t ssid = s.ssids.empty() ? 0 : rng_.Of(s.ssids);
      return {OP_CFGI_CD | sid | Put(ssid, CMD_CFGI_CD0_SSID), rng_.Below(2)};
    }
    default: return {OP_CFGI_STE | sid, rng_.Below(2)};
  }
}

}  // namespace cosim
