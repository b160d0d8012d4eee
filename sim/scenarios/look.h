// SPDX-License-Identifier: Apache-2.0
//
// The pace of a scenario's own tasks, which play the operating system, in both time scales (D19).
#pragma once

#include <algorithm>

#include "atcbench/config.h"

namespace atcbench {

// Cycles between two looks at the state of something: as often as the load does anything.
inline Cycle look_interval(const Config& config) { return std::max<Cycle>(200, config.load.hold / 2); }

// The same while accesses are waited for.
inline Cycle access_interval(const Config& config) { return std::max(look_interval(config), config.load.dma_interval / 4); }
// As many rounds of the load as `cycles` are with the usual pause in a round.
inline Cycle rounds_of(const Config& config, Cycle cycles) { return cycles * std::max<uint64_t>(1, config.load.hold / 300); }

// DMA of a scenario that waits for accesses rather than for ATC time-outs: `cycles` between transfers with time=real,
// where the default is made for 90 s of waiting.
inline void real_dma_interval(Config& config, const char* cycles) {
  if (config.time == "real" && !config.given("load.dma_interval")) config.set("load.dma_interval", cycles);
}

// A load that goes on through several thresholds of 90 s: `hold` cycles between map and unmap.
inline void real_slow_load(Config& config, const char* hold = "100000000") {
  real_dma_interval(config, "500000000");
  if (config.time == "real" && !config.given("load.hold")) config.set("load.hold", hold);
}

}  // namespace atcbench
