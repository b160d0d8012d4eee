// SPDX-License-Identifier: Apache-2.0
//
// What is changed afterwards: words at random, what a request has made the SMMU cache, and the commands that name it.
#include <algorithm>

#include "model/bits.h"
#include "world.h"
#include "world_table.h"

namespace cosim {

using model::Ones;
using model::Put;

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
