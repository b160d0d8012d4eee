// SPDX-License-Identifier: Apache-2.0
//
// Context descriptors, the stream table, and requests that somebody might send.
#include <algorithm>

#include "model/bits.h"
#include "world.h"

namespace cosim {

using model::Ones;
using model::Put;

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

}  // namespace cosim
