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

// The least power of two that holds n things; 0 for none and one.
constexpr unsigned log2_ceil(uint64_t n) {
  unsigned log = 0;
  while ((uint64_t{1} << log) < n) ++log;
  return log;
}

// Address map, doc/interfaces.md.
constexpr Addr kDoorbellBase = 0x08000000;
constexpr uint64_t kDoorbellBytes = 0x10000;
constexpr Addr kSmmuBase = 0x2B400000;
constexpr uint64_t kSmmuBytes = 0x80000;
constexpr Addr kEcamBase = 0x40000000;
constexpr uint64_t kEcamBytes = 0x10000000;
constexpr Addr kBarBase = 0x50000000;
constexpr uint64_t kBarBytes = 0x10000;  // per endpoint
constexpr uint64_t kBridgeBytes = 0x100000;  // memory window of a bridge: a multiple of this
constexpr Addr kDramBase = 0x80000000;

// Where functions are: device d alone on bus first_bus + d, its functions numbered from 0. An "endpoint" of the harness is a
// function: endpoint d * per_device + f, the SMMU's device index.
struct FunctionMap {
  unsigned first_bus = 1;
  unsigned per_device = 1;
  unsigned physical = 1;  // of those; the others are virtual functions of function 0
  bool bridged = false;   // each device has a bridge of its own above it, with a memory window

  constexpr unsigned device(unsigned endpoint) const { return endpoint / per_device; }
  constexpr unsigned function(unsigned endpoint) const { return endpoint % per_device; }
  constexpr bool is_virtual(unsigned endpoint) const { return function(endpoint) >= physical; }
  constexpr uint16_t rid(unsigned endpoint) const {
    return static_cast<uint16_t>((first_bus + device(endpoint)) << 8 | function(endpoint));
  }
  // Endpoints first to last - 1.
  struct Span {
    unsigned first, last;
  };
  // Behind the link of a device.
  constexpr Span behind(unsigned device) const { return {device * per_device, (device + 1) * per_device}; }
  // Whom a function level reset takes along: the virtual functions, if it is of their physical one.
  constexpr Span taken_along(unsigned endpoint) const {
    return function(endpoint) == 0 ? Span{endpoint + physical, endpoint + per_device} : Span{endpoint, endpoint};
  }
  // 0xFFFF: nobody's.
  constexpr unsigned endpoint(uint64_t rid) const {
    const unsigned bus = rid >> 8 & 0xFF, function = rid & 0xFF;
    return bus < first_bus || function >= per_device ? 0xFFFF : (bus - first_bus) * per_device + function;
  }
  constexpr Addr bar(unsigned endpoint) const {
    return kBarBase + (bridged ? device(endpoint) * kBridgeBytes + function(endpoint) * kBarBytes : endpoint * kBarBytes);
  }
};

}  // namespace atcbench
