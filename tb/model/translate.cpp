// SPDX-License-Identifier: Apache-2.0

#include "model/translate.h"

namespace model {
namespace {

// Address and size of an ATS translation entry (pcie-ats section 2.1): ones below the size's bit, S for more than a page.
uint64_t EntryRange(uint64_t pa, uint64_t size) {
  const uint64_t base = pa & ~(size - 1);
  return size == kPage ? base : base | ((size / 2 - 1) & ~uint64_t{0xFFF}) | 0x800;
}

bool IsTranslationFault(int number) { return number >= EVT_F_TRANSLATION && number <= EVT_F_PERMISSION; }

// The outcome of both stages.
struct Result {
  Fault fault;
  uint64_t pa = 0, size = kPage;
  Permissions perm;
  TlbTag tag;
};

Fault PermissionFault(bool stage2, uint64_t ipa) {
  Fault f;
  f.number = EVT_F_PERMISSION;
  f.stage2 = stage2;
  f.ipa = ipa;
  return f;
}

bool Allows(const Permissions& p, const Request& q) { return q.write ? p.w : q.Execute() ? p.x : p.r; }

class Translator {
 public:
  Translator(const Views& v, const Control& c, const Features& f, const Request& q) : v_(v), c_(c), f_(f), q_(q) {}

  Answer Run() {
    if (q_.at == At::kReserved) return Abort(EVT_F_UUT);
    if (!c_.smmuen) {
      if (q_.at == At::kTranslationReq) return Refuse(Status::kUr, EVT_F_BAD_ATS_TREQ);
      if (q_.at == At::kTranslated) return Abort(EVT_F_TRANSL_FORBIDDEN);
      return c_.gbpa_abort ? Abort() : PassThrough();
    }
    if (q_.at == At::kTranslated && !c_.atschk) return PassThrough();
    if (IsTr() && !f_.ats) return Refuse(Status::kUr);

    const SteLookup s = LookupSte(v_.config, c_, f_, q_.sid);
    if (s.fault) {
      if (IsTr()) return Refuse(Status::kCa, RecordsConfig(s.fault.number) ? s.fault.number : 0, s.fault.fetch);
      const bool record = q_.at == At::kTranslated ? RecordsConfig(s.fault.number)
                                                   : s.fault.number != EVT_C_BAD_STREAMID || c_.recinvsid;
      return record ? Abort(s.fault) : Abort();
    }
    const Ste& ste = s.ste;
    if (ste.Config() < STE_CONFIG_BYPASS) return IsTr() ? Refuse(Status::kUr) : Abort();
    if (q_.at == At::kTranslated) return ste.FullAts(f_) ? PassThrough() : Abort(EVT_F_TRANSL_FORBIDDEN);
    if (IsTr() && !ste.FullAts(f_)) return Refuse(Status::kUr, EVT_F_BAD_ATS_TREQ);

    const CdLookup cd = LookupCd(v_.config, ste, c_, f_, q_.ssv, q_.ssid);
    if (cd.fault) return Faulted(cd.fault, ste, cd.cd);
    // A bypassed stage 1 still checks the size of the address.
    if (cd.stage1_off && (!ste.Stage2() || !InOas())) return Bypass();

    Answer a = Translated(ste, cd);
    return a;
  }

 private:
  bool IsTr() const { return q_.at == At::kTranslationReq; }
  bool InOas() const { return (q_.addr >> f_.oas_bits) == 0; }
  bool RecordsConfig(int number) const {
    return f_.atsrecerr && c_.rec_cfg_ats && (number != EVT_C_BAD_STREAMID || c_.recinvsid);
  }

  Answer Refuse(Status status, int number = 0, uint64_t fetch = 0) const {
    Fault f;
    f.number = number;
    f.fetch = fetch;
    return Finish(status, f);
  }
  Answer Abort(int number = 0) const { return Refuse(Status::kAbort, number); }
  Answer Abort(const Fault& fault) const { return Finish(Status::kAbort, fault); }
  Answer Finish(Status status, const Fault& fault) const {
    Answer a;
    a.status = status;
    a.has_record = static_cast<bool>(fault);
    if (fault) a.record = MakeRecord(fault, q_);
    return a;
  }
  // Translated traffic, and untranslated with the SMMU off: only the size of the address is checked, silently.
  Answer PassThrough() const {
    if (!InOas()) return Abort();
    Answer a;
    a.pa = q_.addr;
    return a;
  }
  Answer Bypass() const {
    Answer a;
    if (IsTr()) {
      if (InOas()) a.entry = (q_.addr & ~uint64_t{0xFFF}) | 3;
      return a;
    }
    if (!InOas()) return Abort(EVT_F_ADDR_SIZE);
    a.pa = q_.addr;
    return a;
  }

  // A fault on the way: configuration, fetch, or a stage.
  Answer Faulted(const Fault& fault, const Ste& ste, const Cd& cd) const {
    if (IsTr()) {
      if (IsTranslationFault(fault.number)) return Answer{};  // success without access
      return Finish(Status::kCa, RecordsConfig(fault.number) ? fault : Fault{});
    }
    if (!IsTranslationFault(fault.number)) return Abort(fault);
    const bool stall = fault.stage2 ? Has(ste.dw[2], STE2_S2S) : cd.Stall();
    const bool record = fault.stage2 ? Has(ste.dw[2], STE2_S2R) : cd.Record();
    Answer a = Finish(Status::kAbort, stall || record ? fault : Fault{});
    a.stall = stall;
    if (stall) a.record[1] |= EVT_FAULT1_STALL;
    return a;
  }

  // What the two stages make of the address; permissions of the stages are kept apart, because the fault names one.
  Result Stages(const Ste& ste, const CdLookup& now) const {
    Result r;
    const bool el2 = ste.El2();
    const bool el2_single = el2 && !c_.e2h;
    uint64_t ipa = q_.addr;
    bool denied = false;
    r.perm = {true, true, true};
    r.tag.used = true;
    r.tag.regime = el2 ? Regime::kEl2 : Regime::kEl1;
    r.tag.vmid = f_.s2p && !el2 ? ste.Vmid() : 0;
    r.tag.size = ~uint64_t{0};
    r.tag.va = q_.addr;
    r.tag.stage1 = !now.stage1_off;
    r.tag.stage2 = ste.Stage2();
    if (!now.stage1_off) {
      // The entry was walked with the CD of its day, and is used with the permissions of today.
      const SteLookup old_ste = LookupSte(v_.fill_config, c_, f_, q_.sid);
      const CdLookup old = LookupCd(v_.fill_config, old_ste.ste, c_, f_, q_.ssv, q_.ssid);
      Stage1Regs regs = (old_ste.fault || old.fault || old.stage1_off ? now : old).cd.Regs(el2_single);
      const Stage1Regs today = now.cd.Regs(el2_single);
      regs.affd = today.affd;
      regs.wxn = today.wxn;
      regs.pan = today.pan;
      for (int i = 0; i < 2; ++i) {
        // Region checks are made on every request.
        const bool high = (q_.addr >> 55) & 1;
        if (high == static_cast<bool>(i) && (today.half[i].epd || regs.half[i].epd)) regs.half[i] = today.half[i];
      }
      const Leaf leaf = WalkStage1(v_.tables, ste, regs, {el2_single, q_.Privileged()}, q_.addr);
      r.tag.asid = el2_single ? 0 : now.cd.Asid();
      r.tag.global = leaf.global || el2_single;
      r.fault = leaf.fault;
      if (r.fault) return r;
      r.perm = leaf.perm;
      // Stage 1 is checked to its end before stage 2 sees its output, which is still looked at for the entry's size.
      if (!IsTr() && !Allows(leaf.perm, q_)) denied = true;
      ipa = leaf.out;
      r.size = leaf.size;
      r.tag.size = leaf.size;
    } else {
      r.size = ~uint64_t{0};
    }
    r.pa = ipa;
    if (ste.Stage2()) {
      const Leaf leaf = WalkStage2(v_.tables, ste, ipa, EVT_CLASS_INPUT);
      r.fault = denied ? PermissionFault(false, 0) : leaf.fault;
      if (leaf.fault) return r;
      r.perm = {r.perm.r && leaf.perm.r, r.perm.w && leaf.perm.w, r.perm.x && leaf.perm.x};
      if (!denied && !IsTr() && !Allows(leaf.perm, q_)) {
        r.fault = PermissionFault(true, ipa);
        return r;
      }
      r.pa = leaf.out;
      r.size = std::min(r.size, leaf.size);
      r.tag.size = std::min(r.tag.size, leaf.size);
    } else if (denied) {
      r.fault = PermissionFault(false, 0);
    }
    return r;
  }

  Answer Translated(const Ste& ste, const CdLookup& cd) const {
    const Result r = Stages(ste, cd);
    Answer a;
    if (r.fault) {
      a = Faulted(r.fault, ste, cd.cd);
    } else if (IsTr()) {
      const Permissions& p = r.perm;
      if (p.r || p.w) {
        a.entry = EntryRange(r.pa, r.size) | (p.r ? 1 : 0) | (p.w ? 2 : 0) | (q_.Execute() && p.x && p.r ? 8 : 0) |
                  (q_.Privileged() ? 16 : 0);
      }
    } else {
      a.pa = r.pa;
    }
    a.tag = r.tag;
    return a;
  }

  const Views& v_;
  const Control& c_;
  const Features& f_;
  const Request& q_;
};

}  // namespace

Record MakeRecord(const Fault& fault, const Request& q) {
  Record e{};
  e[0] = Put(static_cast<uint64_t>(fault.number), EVT0_NUM) | Put(q.sid, EVT0_SID);
  if (fault.number == EVT_F_STREAM_DISABLED) return e;
  if (q.ssv) e[0] |= Put(q.ssid, EVT0_SSID);
  if (q.ssv && fault.number != EVT_C_BAD_SUBSTREAMID) e[0] |= EVT0_SSV;
  const uint64_t access = (q.Privileged() ? EVT_FAULT1_PNU : 0) | (q.Fetch() ? EVT_FAULT1_IND : 0) |
                          (q.write ? 0 : EVT_FAULT1_RNW);
  const uint64_t where = (fault.stage2 ? EVT_FAULT1_S2 : 0) | Put(static_cast<uint64_t>(fault.klass), EVT_FAULT1_CLASS);
  switch (fault.number) {
    case EVT_F_UUT:
      e[1] = access;
      e[2] = q.addr;
      break;
    case EVT_F_STE_FETCH:
    case EVT_F_CD_FETCH:
      e[3] = fault.fetch & EVT_FETCH3_FETCHADDR;
      break;
    case EVT_F_BAD_ATS_TREQ:
      e[1] = EVT_BAD_ATS_TREQ1_R | (q.nw ? 0 : EVT_BAD_ATS_TREQ1_W) | (q.Execute() ? EVT_BAD_ATS_TREQ1_X : 0) |
             (q.Privileged() ? EVT_BAD_ATS_TREQ1_P : 0) | Put(q.num + 1, EVT_BAD_ATS_TREQ1_SPAN);
      e[2] = q.addr & EVT_BAD_ATS_TREQ2_INPUTADDR;
      break;
    case EVT_F_TRANSL_FORBIDDEN:
      e[1] = q.write ? 0 : EVT_FAULT1_RNW;
      e[2] = q.addr;
      break;
    case EVT_F_WALK_EABT:
      e[1] = access | (fault.stage2 ? EVT_WALK_EABT1_S2 : 0) | Put(static_cast<uint64_t>(fault.klass), EVT_WALK_EABT1_CLASS);
      e[2] = q.addr;
      e[3] = fault.fetch & EVT_WALK_EABT3_FETCHADDR;
      break;
    case EVT_F_PERMISSION:
      if (fault.stage2 && fault.klass == EVT_CLASS_TTD) e[1] |= EVT_FAULT1_TTRNW;
      [[fallthrough]];
    case EVT_F_TRANSLATION:
    case EVT_F_ADDR_SIZE:
    case EVT_F_ACCESS:
      e[1] |= access | where;
      e[2] = q.addr;
      if (fault.stage2) e[3] = fault.ipa & EVT_FAULT3_IPA;
      break;
    default:
      break;
  }
  return e;
}

uint64_t EntrySize(uint64_t entry) {
  if (!(entry & 0x800)) return kPage;
  uint64_t size = 2 * kPage;
  while (entry & (size >> 1)) size <<= 1;
  return size;
}

bool NextPages(const Request& q, uint64_t size, Request* next) {
  const uint64_t last = q.addr | (size - 1);
  const uint64_t covered = (last - q.addr) / kPage + 1;
  if (covered > q.num || last == ~uint64_t{0}) return false;
  *next = q;
  next->addr = last + 1;
  next->num = q.num - static_cast<uint32_t>(covered);
  return true;
}

bool Continues(const Answer& a, uint64_t size) {
  return a.status == Status::kOk && (a.entry & 3) != 0 && EntrySize(a.entry) == size;
}

Answer Translate(const Views& views, const Control& control, const Features& features, const Request& request) {
  return Translator(views, control, features, request).Run();
}

}  // namespace model
