// SPDX-License-Identifier: Apache-2.0
//
// Words shared by the whole harness.
#pragma once

#include <cstddef>
#include <cstdint>

namespace atcbench {

using Cycle = uint64_t;  // periods of the single clock
using Addr = uint64_t;   // physical byte address

constexpr Cycle kNever = UINT64_MAX;
constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t kTimeMask = (uint64_t{1} << 48) - 1;  // width of the design's time base

// Address map, doc/interfaces.md.
constexpr Addr kDoorbellBase = 0x08000000;
constexpr uint64_t kDoorbellBytes = 0x10000;
constexpr Addr kSmmuBase = 0x2B400000;
constexpr uint64_t kSmmuBytes = 0x80000;
constexpr Addr kEcamBase = 0x40000000;
constexpr uint64_t kEcamBytes = 0x10000000;
constexpr Addr kBarBase = 0x50000000;
constexpr uint64_t kBarBytes = 0x10000;  // per endpoint
constexpr Addr kDramBase = 0x80000000;

// Endpoint i sits alone on bus i + 1.
constexpr uint16_t requester_id(unsigned endpoint) {
  return static_cast<uint16_t>((endpoint + 1) << 8);
}
constexpr Addr endpoint_bar(unsigned endpoint) { return kBarBase + endpoint * kBarBytes; }

}  // namespace atcbench
