// SPDX-License-Identifier: Apache-2.0
//
// Where software's queues and messages are, and how long anything may take.

#ifndef ATCBENCH_TB_COSIM_REGIONS_H_
#define ATCBENCH_TB_COSIM_REGIONS_H_

#include <cstdint>

namespace cosim {

constexpr uint64_t kCmdqRegion = 0x9000'0000, kEvtqRegion = 0xA000'0000, kMsiRegion = 0x0800'0000;
constexpr uint64_t kPriqRegion = 0xB000'0000, kPriqMsi = kMsiRegion + 0x108;
constexpr uint64_t kGerrorMsi = kMsiRegion + 0x100, kEvtqMsi = kMsiRegion + 0x104, kSyncMsi = kMsiRegion + 0x200;
constexpr uint64_t kWatchdog = 60000;  // cycles in which something must happen

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_REGIONS_H_
