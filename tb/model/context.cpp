// SPDX-License-Identifier: Apache-2.0

#include "model/context.h"

namespace model {
namespace {

bool HalfLegal(bool epd, uint64_t tg, uint64_t tg_4k, uint64_t tsz, uint64_t ttb, int ips_bits) {
  if (epd) return true;
  return tg == tg_4k && tsz >= 16 && tsz <= 39 && (ttb >> ips_bits) == 0;
}

bool CdLegal(const Cd& cd, const Ste& ste, const Features& f, bool el2_single) {
  const uint64_t d = cd.dw[0];
  if (!Has(d, CD0_V) || !Has(d, CD0_AA64) || Has(d, CD0_ENDI) || Has(d, CD0_HA) || Has(d, CD0_HD)) return false;
  if (!f.asid16 && cd.Asid() > 0xFF) return false;
  if (Has(d, CD0_S) ? f.stall_model == 1 || ste.StallDisabled() : f.stall_model == 2) return false;
  if (!Has(d, CD0_A) && f.term_model) return false;
  const int ips = OasBits(Get(d, CD0_IPS));
  return HalfLegal(Has(d, CD0_EPD0), Get(d, CD0_TG0), TG0_4K, Get(d, CD0_T0SZ), cd.dw[1] & CD1_TTB0, ips) &&
         HalfLegal(Has(d, CD0_EPD1) || el2_single, Get(d, CD0_TG1), TG1_4K, Get(d, CD0_T1SZ), cd.dw[2] & CD2_TTB1, ips);
}

}  // namespace

Stage1Regs Cd::Regs(bool el2_single) const {
  Stage1Regs r;
  r.half[0] = {dw[1] & CD1_TTB0, static_cast<int>(Get(dw[0], CD0_T0SZ)), Has(dw[0], CD0_EPD0), Has(dw[0], CD0_TBI0)};
  r.half[1] = {dw[2] & CD2_TTB1, static_cast<int>(Get(dw[0], CD0_T1SZ)), Has(dw[0], CD0_EPD1) || el2_single,
               Has(dw[0], CD0_TBI1)};
  r.ips_bits = OasBits(Get(dw[0], CD0_IPS));
  r.affd = Has(dw[0], CD0_AFFD);
  r.wxn = Has(dw[0], CD0_WXN);
  r.pan = Has(dw[0], CD0_PAN);
  return r;
}

CdLookup LookupCd(const Memory& memory, const Ste& ste, const Control& control, const Features& f, bool ssv,
                  uint32_t ssid) {
  CdLookup r;
  const auto fail = [&r](int number, uint64_t fetch = 0) {
    r.fault.number = number;
    r.fault.fetch = fetch & kPaMask;
    return r;
  };
  if (!ste.Stage1()) {
    r.stage1_off = true;
    return ssv ? fail(EVT_C_BAD_SUBSTREAMID) : r;
  }
  if (ssv && (ste.CdMax() == 0 || ssid >> ste.CdMax())) return fail(EVT_C_BAD_SUBSTREAMID);
  if (ste.CdMax() > 0) {
    if (!ssv && ste.S1Dss() == STE_S1DSS_BYPASS) {
      r.stage1_off = true;
      return r;
    }
    if (!ssv && ste.S1Dss() != STE_S1DSS_SSID0) return fail(EVT_F_STREAM_DISABLED);
    if (ssv && ssid == 0 && ste.S1Dss() == STE_S1DSS_SSID0) return fail(EVT_F_STREAM_DISABLED);
  }
  const uint64_t index = ssv ? ssid : 0;
  const uint64_t fmt = Get(ste.dw[0], STE0_S1FMT);
  const uint64_t cap = ste.Stage2() ? ~uint64_t{0} : kPaMask;
  uint64_t addr = (ste.CdTable() + 64 * index) & cap;
  if (ste.CdMax() > 0 && (fmt == STE_S1FMT_4K_L2 || fmt == STE_S1FMT_64K_L2)) {
    const uint64_t leaf = fmt == STE_S1FMT_4K_L2 ? 64 : 1024;
    const uint64_t l1 = (ste.CdTable() + 8 * (index / leaf)) & cap;
    const Where at = ThroughStage2(memory, ste, l1, EVT_CLASS_CD);
    if (at.fault) {
      r.fault = at.fault;
      return r;
    }
    if (memory.Fails(at.pa)) return fail(EVT_F_CD_FETCH, at.pa);
    const uint64_t desc = memory.Read64(at.pa);
    if (!Has(desc, L1CD0_V)) return fail(EVT_C_BAD_SUBSTREAMID);
    addr = (desc & L1CD0_L2PTR) + 64 * (index % leaf);
    if (!ste.Stage2() && (addr >> kPaBits)) return fail(EVT_F_CD_FETCH, addr);
  }
  const Where at = ThroughStage2(memory, ste, addr, EVT_CLASS_CD);
  if (at.fault) {
    r.fault = at.fault;
    return r;
  }
  bool failed = false;
  for (int i = 0; i < 4; ++i) failed |= memory.Fails(at.pa + 16 * static_cast<uint64_t>(i));
  if (failed) return fail(EVT_F_CD_FETCH, at.pa);
  for (size_t i = 0; i < r.cd.dw.size(); ++i) r.cd.dw[i] = memory.Read64(at.pa + 8 * i);
  if (!CdLegal(r.cd, ste, f, ste.El2() && !control.e2h)) return fail(EVT_C_BAD_CD);
  return r;
}

}  // namespace model
