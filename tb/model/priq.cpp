// SPDX-License-Identifier: Apache-2.0

#include "model/priq.h"

namespace model {

PageOutcome TakePageRequest(const PageRequest& q, const Features& f, Registers* regs) {
  PageOutcome o;
  o.response.rid = q.rid;
  o.response.prgi = q.prgi;
  const bool on = Has(regs->Cr0(), SMMU_CR0_PRIQEN) && Has(regs->Cr0(), SMMU_CR0_SMMUEN) &&
                  !Has(regs->ActiveErrors(), SMMU_GERROR_PRIQ_ABT_ERR);
  if (!on) {
    o.answered = !q.StopMarker();
    o.response.code = 15;
    return o;
  }
  const Ring ring = regs->priq.ring(f.priqs);
  const uint32_t index = regs->priq.prod & ring.Mask();
  const bool full = ring.Full(index, regs->priq.cons & ring.Mask());
  if (full || regs->PriOverflow()) {
    if (!regs->PriOverflow()) regs->priq.prod ^= 0x80000000;
    o.answered = q.last && !q.StopMarker();
    o.response.ssv = q.ssv;
    o.response.ssid = q.ssv ? q.ssid : 0;
    return o;
  }
  o.written = true;
  o.slot = regs->priq.Address(f.priqs, 16) + 16 * uint64_t{ring.Slot(index)};
  o.entry[0] = Put(q.rid, PRI_ENT0_SID) | Put(q.ssid, PRI_ENT0_SSID) | (q.priv ? PRI_ENT0_PRIV : 0) | (q.exec ? PRI_ENT0_X : 0) |
               (q.r ? PRI_ENT0_R : 0) | (q.w ? PRI_ENT0_W : 0) | (q.last ? PRI_ENT0_LAST : 0) | (q.ssv ? PRI_ENT0_SSV : 0);
  o.entry[1] = Put(q.prgi, PRI_ENT1_PRGINDEX) | (q.addr & PRI_ENT1_ADDR);
  regs->priq.prod = ring.Next(index) | (regs->priq.prod & 0x80000000);
  return o;
}

}  // namespace model
