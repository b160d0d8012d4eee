// SPDX-License-Identifier: Apache-2.0
//
// Reference of the SMMU's translations for unit benches, written from the fact sheet (smmuv3 sections 1.5, 5, 5.1, 5.2, 6, 7, 8)
// and not from the design: plain functions over a memory. Its lookups one by one: smmu_ref/.

#ifndef ATCBENCH_TB_UNIT_SMMU_REF_H_
#define ATCBENCH_TB_UNIT_SMMU_REF_H_

#include <algorithm>
#include <array>
#include <vector>

#include "smmu_ref/walk.h"

namespace ref {

enum At { kUntranslated = 0, kTranslationReq = 1, kTranslated = 2, kReserved = 3 };
enum Status { kOk = 0, kAbort = 1, kUr = 2, kCa = 3 };

struct Req {
  int port = 0;
  uint32_t sid = 0;
  bool ssv = false;
  uint32_t ssid = 0;
  bool priv = false;
  bool exec = false;
  int at = kUntranslated;
  bool write = false;
  bool nw = false;
  int num = 0;         // translation request: translations asked for, minus one
  uint64_t addr = 0;
};

struct Rsp {
  int port = 0;
  int status = kOk;
  uint64_t pa = 0;     // memory request with kOk
  uint64_t entry = 0;  // translation request with kOk
  std::vector<uint64_t> further = {};
  int colour = 0;
};

using Event = std::array<uint64_t, 4>;

struct Answer {
  int status = kOk;
  uint64_t pa = 0;
  uint64_t entry = 0;
  std::vector<uint64_t> further;  // entries after the first
  bool has_event = false;
  bool stall = false;             // no answer: the transaction waits
  Event event{};
};

// STAG of a stalled transaction is left 0: the design chooses it.
inline Event MakeEvent(int number, const Req& q, const Fault2& f, bool stall) {
  Event e{};
  const uint64_t fetch = f.fetch;
  const bool priv = q.ssv && q.priv, exec = q.ssv && q.exec && !q.write;
  e[0] = static_cast<uint64_t>(number) | uint64_t{q.sid} << 32;
  if (number == kStreamDisabled) return e;
  if (q.ssv) e[0] |= uint64_t{q.ssid} << 12;
  if (q.ssv && number != kBadSubstreamId) e[0] |= uint64_t{1} << 11;
  const uint64_t access = uint64_t{priv} << 33 | uint64_t{exec} << 34 | uint64_t{!q.write} << 35;
  switch (number) {
    case kUut:
      e[1] = access;
      e[2] = q.addr;
      break;
    case kSteFetch:
    case kCdFetch:
      e[3] = fetch & ~uint64_t{7};
      break;
    case kBadAtsTreq:
      e[1] = uint64_t{1} << 33 | uint64_t{!q.nw} << 34 | uint64_t{q.ssv && q.exec} << 35 |
             uint64_t{priv} << 36 | (uint64_t(q.num) + 1) << 44;
      e[2] = q.addr & ~uint64_t{0xFFF};
      break;
    case kTranslForbidden:
      e[1] = uint64_t{!q.write} << 35;
      e[2] = q.addr;
      break;
    case kWalkEabt:
      e[1] = access | uint64_t{f.s2} << 39 | uint64_t(f.cls) << 40;
      e[2] = q.addr;
      e[3] = fetch & ~uint64_t{7};
      break;
    case kTranslation:
    case kAddrSize:
    case kAccess:
    case kPermission:
      e[1] = access | uint64_t{stall} << 31 | uint64_t{f.s2} << 39 | uint64_t(f.s2 ? f.cls : kClassIn) << 40;
      if (number == kPermission && f.s2 && f.cls == kClassTtd) e[1] |= uint64_t{1} << 44;
      e[2] = q.addr;
      if (f.s2) e[3] = f.ipa & ~uint64_t{0xFFF};
      break;
    default:
      break;
  }
  return e;
}

// One page of an SMMU without caches. `level`: of the leaf behind an entry.
inline Answer TranslatePage(const MrdMemory& mem, const Cfg& cfg, const Req& q, int* level) {
  Answer a;
  const bool in_oas = (q.addr >> 48) == 0;
  const uint64_t pa48 = q.addr & ((uint64_t{1} << 48) - 1);
  const auto Finish = [&](int status, int event, const Fault2& fault = {}, bool stall = false) {
    a.status = status;
    a.pa = pa48;
    a.has_event = event != kNone;
    a.stall = stall;
    if (a.has_event) a.event = MakeEvent(event, q, fault, stall);
    return a;
  };
  const auto At = [](uint64_t fetch) {
    Fault2 f;
    f.fetch = fetch;
    return f;
  };

  *level = 3;
  if (q.at == kReserved) return Finish(kAbort, kUut);
  if (!cfg.smmuen) {
    if (q.at == kTranslationReq) return Finish(kUr, kBadAtsTreq);
    if (q.at == kTranslated) return Finish(kAbort, kTranslForbidden);
    return Finish(!cfg.gbpa_abort && in_oas ? kOk : kAbort, kNone);
  }
  if (q.at == kTranslated && !cfg.atschk) return Finish(in_oas ? kOk : kAbort, kNone);

  const bool tr = q.at == kTranslationReq;
  // An error of configuration: always recorded for ordinary requests, on demand for the others.
  const auto Config = [&](int fault, const Fault2& f) {
    bool record = q.at == kUntranslated || cfg.rec_cfg_ats;
    if (fault == kBadStreamId) record = record && cfg.recinvsid;
    return Finish(tr ? kCa : kAbort, record ? fault : kNone, f);
  };
  const Ste ste = LookupSte(mem, cfg, q.sid);
  if (ste.fault) return Config(ste.fault, At(ste.fetch));
  if (ste.config < 4) return Finish(tr ? kUr : kAbort, kNone);
  if (q.at == kTranslated) {
    if (!ste.eats_full) return Finish(kAbort, kTranslForbidden);
    return Finish(in_oas ? kOk : kAbort, kNone);
  }
  if (tr && !ste.eats_full) return Finish(kUr, kBadAtsTreq);
  if (q.ssv && !ste.S1()) return Config(kBadSubstreamId, {});
  const bool s1 = ste.S1() && !(ste.s1cdmax > 0 && ste.s1dss == 1 && !q.ssv);
  // A fault of the data address, or of stage 2 on the way there.
  Cd cd;
  const auto Data = [&](int fault, const Fault2& f, bool with_cd) {
    if (tr) return Finish(kOk, kNone);
    const bool stall = f.s2 ? ste.s2s : with_cd && cd.Stall();
    const bool record = stall || (f.s2 ? ste.s2r : !with_cd || cd.Record());
    return Finish(kAbort, record ? fault : kNone, f, stall);
  };
  if (!s1 && !in_oas) return Data(kAddrSize, {}, false);
  if (!s1 && !ste.S2()) {
    if (tr) a.entry = (pa48 & ~uint64_t{0xFFF}) | 3;
    return Finish(kOk, kNone);
  }
  Leaf leaf;
  if (s1) {
    cd = LookupCd(mem, ste, cfg.e2h, q.ssv, q.ssid);
    if (cd.fault) {
      Fault2 f;
      f.s2 = cd.s2;
      f.cls = kClassCd;
      f.ipa = cd.ipa;
      f.fetch = cd.fetch;
      return cd.fault >= kTranslation ? Data(cd.fault, f, false) : Config(cd.fault, f);
    }
    leaf = Walk(mem, cd, q.addr, ste.S2() ? &ste : nullptr);
  } else {
    leaf.level = 0;
    ThroughS2(mem, ste, q.addr, &leaf);
  }
  bool r = true, w = true, x = true;
  if (s1) {
    const bool wr = !leaf.ro;
    if (cd.one_half) {
      w = wr;
      x = !leaf.uxn && !(cd.Wxn() && w);
    } else if (q.ssv && q.priv) {
      r = !(cd.Pan() && leaf.unpriv);
      w = r && wr;
      x = !leaf.pxn && !(cd.Wxn() && wr) && !(leaf.unpriv && wr);
    } else {
      r = leaf.unpriv;
      w = leaf.unpriv && wr;
      x = !leaf.uxn && !(cd.Wxn() && w);
    }
  }
  const bool exec = q.ssv && q.exec;
  // Stage 1 is checked to its end before stage 2 sees its output.
  const bool s1_done = leaf.fault == kNone || (leaf.s2 && leaf.cls == kClassIn);
  if (!tr && s1_done && !(q.write ? w : exec ? x : r)) return Data(kPermission, {}, s1);
  if (leaf.fault == kWalkEabt) return Config(kWalkEabt, leaf);
  if (leaf.fault) return Data(leaf.fault, leaf, s1);
  const S2Leaf& s2 = leaf.s2leaf;
  *level = leaf.level;
  if (tr) {
    r = r && s2.r;
    w = w && s2.w;
    x = x && s2.x;
    if (r || w) {
      a.entry = leaf.base | uint64_t{r} | uint64_t{w} << 1 | uint64_t{exec && x && r} << 3 |
                uint64_t{q.ssv && q.priv} << 4;
      if (leaf.level < 3) a.entry |= (leaf.Size() / 2 - 1) & ~uint64_t{0x7FF};
    }
    return Finish(kOk, kNone);
  }
  Fault2 f = leaf;
  f.cls = kClassIn;
  if (!(q.write ? s2.w : exec ? s2.x : s2.r)) {
    f.s2 = true;
    return Data(kPermission, f, s1);
  }
  Finish(kOk, kNone);
  a.pa = leaf.base | (q.addr & (leaf.Size() - 1));
  return a;
}

// The whole of an SMMU without caches. A request for several translations gets the pages that follow the first as long as
// they resolve, with access, at the same size.
inline Answer Translate(const MrdMemory& mem, const Cfg& cfg, const Req& q) {
  int level = 3;
  Answer a = TranslatePage(mem, cfg, q, &level);
  if (q.at != kTranslationReq || a.status != kOk || (a.entry & 3) == 0) return a;
  const uint64_t size = uint64_t{4096} << (9 * (3 - level)), last = q.addr + 4096 * uint64_t(q.num);
  Req next = q;
  for (;;) {
    next.addr = next.addr / size * size + size;
    if (next.addr == 0 || next.addr > last) return a;
    int other = 3;
    const Answer b = TranslatePage(mem, cfg, next, &other);
    if (b.status != kOk || (b.entry & 3) == 0 || other != level) return a;
    a.further.push_back(b.entry);
  }
}

}  // namespace ref

#endif  // ATCBENCH_TB_UNIT_SMMU_REF_H_
