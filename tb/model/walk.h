// SPDX-License-Identifier: Apache-2.0
//
// VMSAv8-64 walks with 4 KiB granule: stage 1, stage 2, nested (smmuv3 section 6).

#ifndef ATCBENCH_TB_MODEL_WALK_H_
#define ATCBENCH_TB_MODEL_WALK_H_

#include "model/stream.h"

namespace model {

struct Permissions {
  bool r = false, w = false, x = false;
};

// The output of one stage for one address.
struct Leaf {
  Fault fault;
  uint64_t out = 0;       // full output address
  uint64_t size = kPage;  // of the page or block
  bool global = false;
  bool device = false;    // stage 2: Device memory
  Permissions perm;       // for the requester that asked
};

// Who asks: decides permissions of stage 1.
struct Accessor {
  bool el2_single = false;  // EL2 without E2H: one privilege level
  bool priv = false;
};

// The walking half of a CD.
struct Stage1Regs {
  struct Half {
    uint64_t ttb;
    int tsz;
    bool epd, tbi;
  };
  Half half[2];
  int ips_bits;
  bool affd, wxn, pan;
};

bool Stage2Legal(const Ste& ste, const Features& features);

// Stage 2 of `ipa`; `klass` is what the fault record says. Permission is not checked here.
Leaf WalkStage2(const Memory& memory, const Ste& ste, uint64_t ipa, int klass);

// Reads 8 bytes (or 64) at `ipa`, through stage 2 if the STE has one. Returns the fault, else the physical address.
struct Where {
  Fault fault;
  uint64_t pa = 0;
};
Where ThroughStage2(const Memory& memory, const Ste& ste, uint64_t ipa, int klass);

// Stage 1 of `va`; with a stage 2 in the STE, `out` is an IPA.
Leaf WalkStage1(const Memory& memory, const Ste& ste, const Stage1Regs& regs, const Accessor& who, uint64_t va);

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_WALK_H_
