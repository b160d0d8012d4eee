// SPDX-License-Identifier: Apache-2.0
//
// Stream table lookup and the legality of an STE (smmuv3 sections 1.5, 5, 5.2).

#ifndef ATCBENCH_TB_MODEL_STREAM_H_
#define ATCBENCH_TB_MODEL_STREAM_H_

#include "model/features.h"
#include "model/types.h"

namespace model {

struct Ste {
  std::array<uint64_t, 4> dw{};

  int Config() const { return static_cast<int>(Get(dw[0], STE0_CONFIG)); }
  bool Stage1() const { return (Config() & 5) == 5; }
  bool Stage2() const { return (Config() & 6) == 6; }
  int CdMax() const { return static_cast<int>(Get(dw[0], STE0_S1CDMAX)); }
  int S1Dss() const { return static_cast<int>(Get(dw[1], STE1_S1DSS)); }
  uint64_t CdTable() const { return dw[0] & STE0_S1CONTEXTPTR; }
  bool StallDisabled() const { return Has(dw[1], STE1_S1STALLD); }
  uint32_t Vmid() const { return static_cast<uint32_t>(Get(dw[2], STE2_S2VMID)); }
  // STRW is about stage 1 without stage 2: a stage 2 exists for EL1 only.
  bool El2() const { return Config() == STE_CONFIG_S1 && Get(dw[1], STE1_STRW) == STE_STRW_EL2; }
  // Without ATS, or with Config 0xx and 100, EATS is ignored. 10 needs split-stage ATS, 11 a DPT: neither is there.
  bool FullAts(const Features& f) const {
    return f.ats && (Config() & 3) != 0 && Get(dw[1], STE1_EATS) == STE_EATS_FULL;
  }
  bool Ppar() const { return Has(dw[1], STE1_PPAR); }
};

struct SteLookup {
  Fault fault;  // C_BAD_STREAMID, F_STE_FETCH, C_BAD_STE
  Ste ste;
};

bool SteLegal(const Ste& ste, const Features& features);
SteLookup LookupSte(const Memory& memory, const Control& control, const Features& features, uint32_t sid);

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_STREAM_H_
