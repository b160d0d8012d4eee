// SPDX-License-Identifier: Apache-2.0
//
// SubstreamID checks, context descriptor lookup and its legality (smmuv3 sections 5.1, 5.2 steps 5 to 7).

#ifndef ATCBENCH_TB_MODEL_CONTEXT_H_
#define ATCBENCH_TB_MODEL_CONTEXT_H_

#include "model/walk.h"

namespace model {

struct Cd {
  std::array<uint64_t, 3> dw{};
  uint32_t Asid() const { return static_cast<uint32_t>(Get(dw[0], CD0_ASID)); }
  bool Stall() const { return Has(dw[0], CD0_S); }
  bool Record() const { return Has(dw[0], CD0_R); }
  Stage1Regs Regs(bool el2_single) const;
};

struct CdLookup {
  Fault fault;  // C_BAD_SUBSTREAMID, F_STREAM_DISABLED, F_CD_FETCH, C_BAD_CD, or a stage 2 fault with CLASS = CD
  bool stage1_off = false;  // this request bypasses stage 1
  Cd cd;
};

// For an STE that is legal and not Config 0xx.
CdLookup LookupCd(const Memory& memory, const Ste& ste, const Control& control, const Features& features, bool ssv,
                  uint32_t ssid);

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_CONTEXT_H_
