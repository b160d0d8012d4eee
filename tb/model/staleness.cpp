// SPDX-License-Identifier: Apache-2.0

#include "model/staleness.h"

namespace model {
namespace {

struct Span {
  uint64_t first, last;
};

// The pages a by-address TLBI covers (smmuv3 section 2), cut at the end of the address space.
Span PagesOf(const Command& c) {
  const uint64_t page = c.dw1 >> 12;
  const uint64_t tg = Get(c.dw1, CMD_TLBI_NH_VA1_TG);
  if (tg == TLBI_TG_NONE) return {page, page};
  const int shift = tg == TLBI_TG_4K ? 0 : tg == TLBI_TG_16K ? 2 : 4;
  const int scale = static_cast<int>(Get(c.dw0, CMD_TLBI_NH_VA0_SCALE));
  const uint64_t granules = (Get(c.dw0, CMD_TLBI_NH_VA0_NUM) + 1) << scale;
  const uint64_t first = page & ~Ones(shift);
  const uint64_t count = granules << shift;
  return {first, first + count - 1};
}

// Pages of the two halves are told apart by VA[55]; the top byte may be ignored (TBI), so only [55:12] is compared.
bool Overlaps(const Span& pages, const TlbTag& tag) {
  constexpr uint64_t kMask = (uint64_t{1} << 36) - 1;
  const auto key = [](uint64_t page) { return (page & kMask) | ((page >> 43 & 1) << 36); };
  const uint64_t first = key((tag.va & ~(tag.size - 1)) >> 12);
  const uint64_t last = first + (tag.size >> 12) - 1;
  if (pages.last - pages.first >= kMask) return key(pages.first) <= last;
  const uint64_t lo = key(pages.first), hi = lo + (pages.last - pages.first);
  return lo <= last && first <= hi;
}

}  // namespace

bool CfgiCovers(const Command& c, uint32_t sid, uint32_t ssid) {
  switch (c.Op()) {
    case OP_CFGI_STE:
    case OP_CFGI_CD_ALL:
      return c.Sid() == sid;
    case OP_CFGI_STE_RANGE: {
      const int range = static_cast<int>(Get(c.dw1, CMD_CFGI_STE_RANGE1_RANGE));
      return range == 31 || (c.Sid() >> (range + 1)) == (sid >> (range + 1));
    }
    case OP_CFGI_CD:
      return c.Sid() == sid && c.Ssid() == ssid;
    default:
      return false;
  }
}

bool TlbiCovers(const Command& c, const TlbTag& t, bool e2h, bool s2p) {
  const uint32_t vmid = s2p ? static_cast<uint32_t>(Get(c.dw0, CMD_TLBI_NH_VA0_VMID)) : 0;
  const uint32_t asid = static_cast<uint32_t>(Get(c.dw0, CMD_TLBI_NH_VA0_ASID));
  const bool el1 = t.regime == Regime::kEl1;
  switch (c.Op()) {
    case OP_TLBI_NSNH_ALL:
      return el1;
    case OP_TLBI_NH_ALL:
      return el1 && t.stage1 && t.vmid == vmid;
    case OP_TLBI_NH_ASID:
      return el1 && t.stage1 && t.vmid == vmid && !t.global && t.asid == asid;
    case OP_TLBI_NH_VA:
      return el1 && t.stage1 && t.vmid == vmid && (t.global || t.asid == asid) && Overlaps(PagesOf(c), t);
    case OP_TLBI_NH_VAA:
      return el1 && t.stage1 && t.vmid == vmid && Overlaps(PagesOf(c), t);
    case OP_TLBI_S12_VMALL:
      return el1 && t.vmid == vmid;
    case OP_TLBI_S2_IPA:
      // A stage 2 entry by itself. An entry that combines both stages is named by the stage 1 commands.
      return el1 && t.stage2 && !t.stage1 && t.vmid == vmid && Overlaps(PagesOf(c), t);
    case OP_TLBI_EL2_ALL:
      return !el1;
    case OP_TLBI_EL2_ASID:
      return !el1 && (!e2h || (!t.global && t.asid == asid));
    case OP_TLBI_EL2_VA:
      return !el1 && (!e2h || t.global || t.asid == asid) && Overlaps(PagesOf(c), t);
    case OP_TLBI_EL2_VAA:
      return !el1 && Overlaps(PagesOf(c), t);
    default:
      return false;
  }
}

void Staleness::Complete(size_t count) {
  const auto end = pending_.begin() + static_cast<long>(count);
  done_.insert(done_.end(), pending_.begin(), end);
  pending_.erase(pending_.begin(), end);
}

bool Staleness::ConfigAllowed(uint64_t version, size_t mark, uint32_t sid, bool ssv, uint32_t ssid) const {
  for (size_t i = 0; i < mark; ++i) {
    if (done_[i].version > version && CfgiCovers(done_[i].command, sid, ssv ? ssid : 0)) return false;
  }
  return true;
}

const Command* Staleness::TlbForbidden(uint64_t version, size_t mark, const TlbTag& tag, bool e2h, bool s2p) const {
  if (!tag.used) return nullptr;
  for (size_t i = 0; i < mark; ++i) {
    if (done_[i].version > version && TlbiCovers(done_[i].command, tag, e2h, s2p)) return &done_[i].command;
  }
  return nullptr;
}

}  // namespace model
