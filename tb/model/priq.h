// SPDX-License-Identifier: Apache-2.0
//
// Page requests: into the PRI queue, answered by hardware, or dropped (smmuv3 section 9). With IDR3.PPS = 1, so that an
// automatic success carries the PASID of its request.

#ifndef ATCBENCH_TB_MODEL_PRIQ_H_
#define ATCBENCH_TB_MODEL_PRIQ_H_

#include <array>
#include <cstdint>

#include "model/command.h"
#include "model/registers.h"

namespace model {

struct PageRequest {
  uint32_t rid = 0;
  bool ssv = false;
  uint32_t ssid = 0;
  bool priv = false, exec = false, r = false, w = false, last = false;
  uint32_t prgi = 0;
  uint64_t addr = 0;
  bool StopMarker() const { return ssv && last && !r && !w; }
};

struct PageOutcome {
  bool written = false;
  uint64_t slot = 0;  // address of the entry
  std::array<uint64_t, PRI_ENT_DWORDS> entry{};
  bool answered = false;
  PrgResponse response;
};

// Changes PRIQ_PROD of `regs`: index and OVFLG.
PageOutcome TakePageRequest(const PageRequest& request, const Features& features, Registers* regs);

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_PRIQ_H_
