// SPDX-License-Identifier: Apache-2.0
//
// What the SMMU says it implements (smmuv3 section 1.1). The model follows the ID registers, so one model serves every
// configuration and every stage of the design.

#ifndef ATCBENCH_TB_MODEL_FEATURES_H_
#define ATCBENCH_TB_MODEL_FEATURES_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "model/bits.h"
#include "smmu_regs.h"

namespace model {

struct Features {
  bool s1p = true, s2p = false, ats = true, ns1ats = true, pri = false, hyp = true, asid16 = true;
  bool vmid16 = false, cd2l = true, msi = true, sev = false, atsrecerr = false, term_model = true;
  bool ril = true, pps = false, two_level = true, ecmdq = false;
  int stall_model = 1;  // 0 stall and terminate, 1 terminate only, 2 stall forced
  int sidsize = 16, ssidsize = 20, cmdqs = 19, eventqs = 19, priqs = 0;
  int oas_bits = 48;

  static Features FromIds(const std::array<uint32_t, 6>& idr) {
    Features f;
    f.s2p = Has(idr[0], SMMU_IDR0_S2P);
    f.s1p = Has(idr[0], SMMU_IDR0_S1P);
    f.hyp = Has(idr[0], SMMU_IDR0_HYP);
    f.ats = Has(idr[0], SMMU_IDR0_ATS);
    f.ns1ats = Has(idr[0], SMMU_IDR0_NS1ATS);
    f.asid16 = Has(idr[0], SMMU_IDR0_ASID16);
    f.msi = Has(idr[0], SMMU_IDR0_MSI);
    f.sev = Has(idr[0], SMMU_IDR0_SEV);
    f.pri = Has(idr[0], SMMU_IDR0_PRI);
    f.vmid16 = Has(idr[0], SMMU_IDR0_VMID16);
    f.cd2l = Has(idr[0], SMMU_IDR0_CD2L);
    f.atsrecerr = Has(idr[0], SMMU_IDR0_ATSRECERR);
    f.term_model = Has(idr[0], SMMU_IDR0_TERM_MODEL);
    f.stall_model = static_cast<int>(Get(idr[0], SMMU_IDR0_STALL_MODEL_MASK));
    f.two_level = Get(idr[0], SMMU_IDR0_ST_LEVEL_MASK) != 0;
    f.sidsize = static_cast<int>(Get(idr[1], SMMU_IDR1_SIDSIZE_MASK));
    f.ssidsize = static_cast<int>(Get(idr[1], SMMU_IDR1_SSIDSIZE_MASK));
    f.cmdqs = static_cast<int>(Get(idr[1], SMMU_IDR1_CMDQS_MASK));
    f.eventqs = static_cast<int>(Get(idr[1], SMMU_IDR1_EVENTQS_MASK));
    f.priqs = static_cast<int>(Get(idr[1], SMMU_IDR1_PRIQS_MASK));
    f.ecmdq = Has(idr[1], SMMU_IDR1_ECMDQ);
    f.ril = Has(idr[3], SMMU_IDR3_RIL);
    f.pps = Has(idr[3], SMMU_IDR3_PPS);
    f.oas_bits = OasBits(Get(idr[5], SMMU_IDR5_OAS_MASK));
    return f;
  }
};

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_FEATURES_H_
