// SPDX-License-Identifier: Apache-2.0

#include "model/stream.h"

#include "model/walk.h"

namespace model {

bool SteLegal(const Ste& ste, const Features& f) {
  if (!Has(ste.dw[0], STE0_V)) return false;
  if (ste.Config() < STE_CONFIG_BYPASS) return true;
  const uint64_t eats = Get(ste.dw[1], STE1_EATS);
  const bool s2s = Has(ste.dw[2], STE2_S2S);
  if (ste.Stage1()) {
    if (!f.s1p || ste.CdMax() > f.ssidsize) return false;
    if (Get(ste.dw[0], STE0_S1FMT) % 3 != 0 && ste.CdMax() > 0 && !f.cd2l) return false;
    const uint64_t strw = Get(ste.dw[1], STE1_STRW);
    // With a stage 2 the world is EL1 whatever STRW says.
    if (!ste.Stage2() && ((strw & 1) || (strw == STE_STRW_EL2 && !f.hyp))) return false;
    if (ste.StallDisabled() && f.stall_model != 0) return false;
    if (!ste.Stage2() && (ste.CdTable() >> kPaBits)) return false;
  }
  if (ste.Stage2()) {
    if (!f.s2p || !Stage2Legal(ste, f)) return false;
    if (s2s ? f.stall_model == 1 : f.stall_model == 2) return false;
    if (f.ats && eats == STE_EATS_FULL && s2s) return false;
  }
  if (f.s2p && !f.vmid16 && ste.Config() != STE_CONFIG_BYPASS && ste.Vmid() > 0xFF) return false;
  if (f.ats && eats == STE_EATS_SPLIT && ste.Config() != STE_CONFIG_BYPASS) {
    if (ste.Config() != STE_CONFIG_NESTED || s2s || f.ns1ats) return false;
  }
  return true;
}

SteLookup LookupSte(const Memory& memory, const Control& control, const Features& f, uint32_t sid) {
  SteLookup r;
  const auto fail = [&r](int number, uint64_t fetch = 0) {
    r.fault.number = number;
    r.fault.fetch = fetch & kPaMask;
    return r;
  };
  const int size = std::min(control.strtab_log2size, f.sidsize);
  if (sid >> size) return fail(EVT_C_BAD_STREAMID);
  const uint64_t base = control.strtab_base & kPaMask;
  uint64_t addr;
  if (!control.strtab_two_level || !f.two_level) {
    addr = (base & ~Ones(size + 6)) + uint64_t{sid} * 64;
  } else {
    const int split = control.strtab_split == 8 || control.strtab_split == 10 ? control.strtab_split : 6;
    const int l1_bits = size > split ? size - split : 0;
    const uint64_t l1 = (base & ~Ones(std::max(6, l1_bits + 3))) + uint64_t{sid >> split} * 8;
    if (memory.Fails(l1)) return fail(EVT_F_STE_FETCH, l1);
    const uint64_t desc = memory.Read64(l1);
    const int span = static_cast<int>(Get(desc, L1STD0_SPAN));
    const uint64_t index = sid & Ones(split);
    if (span == 0 || span > 11 || span > split + 1 || index >> (span - 1)) return fail(EVT_C_BAD_STREAMID);
    addr = ((desc & L1STD0_L2PTR) & ~Ones(span - 1 + 6)) + index * 64;
    if (addr >> kPaBits) return fail(EVT_F_STE_FETCH, addr);
  }
  bool failed = false;
  for (int i = 0; i < 4; ++i) failed |= memory.Fails(addr + 16 * static_cast<uint64_t>(i));
  if (failed) return fail(EVT_F_STE_FETCH, addr);
  for (size_t i = 0; i < r.ste.dw.size(); ++i) r.ste.dw[i] = memory.Read64(addr + 8 * i);
  if (!SteLegal(r.ste, f)) return fail(EVT_C_BAD_STE);
  return r;
}

}  // namespace model
