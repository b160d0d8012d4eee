// SPDX-License-Identifier: Apache-2.0
//
// Legality of a command, and the message of an ATC_INV (smmuv3 sections 2, 2.1, 2.5).

#ifndef ATCBENCH_TB_MODEL_COMMAND_H_
#define ATCBENCH_TB_MODEL_COMMAND_H_

#include "model/features.h"
#include "smmu_fmt.h"

namespace model {

struct Command {
  uint64_t dw0 = 0, dw1 = 0;
  int Op() const { return static_cast<int>(Get(dw0, CMD0_OP)); }
  uint32_t Sid() const { return static_cast<uint32_t>(Get(dw0, CMD0_SID)); }
  uint32_t Ssid() const { return static_cast<uint32_t>(Get(dw0, CMD0_SSID)); }
};

bool Legal(const Command& command, const Features& features);

// An Invalidate Request as the root complex gets it.
struct InvMessage {
  uint32_t rid = 0;
  bool ssv = false;
  uint32_t ssid = 0;
  uint64_t payload = 0;
  bool operator==(const InvMessage& o) const {
    return rid == o.rid && ssv == o.ssv && ssid == o.ssid && payload == o.payload;
  }
};
InvMessage MessageOf(const Command& atc_inv, const Features& features);

// A PRG Response as the root complex gets it.
struct PrgResponse {
  uint32_t rid = 0;
  bool ssv = false;
  uint32_t ssid = 0, prgi = 0, code = 0;
  bool operator==(const PrgResponse& o) const {
    return rid == o.rid && ssv == o.ssv && ssid == o.ssid && prgi == o.prgi && code == o.code;
  }
};
PrgResponse ResponseOf(const Command& pri_resp);

}  // namespace model

#endif  // ATCBENCH_TB_MODEL_COMMAND_H_
