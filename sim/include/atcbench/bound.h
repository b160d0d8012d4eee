// SPDX-License-Identifier: Apache-2.0
//
// The theoretical bound for the throughput of invalidations (D26).
#pragma once

#include "atcbench/config.h"

namespace atcbench {

// Invalidations per million cycles, from the first Invalidate Request of a SYNC to the SYNC, for `load.commands`
// ATC_INVs spread evenly over the devices. `round_trip`: unloaded, inv_sent -> inv_cpl.
// Requests leave at min(1, link rate / f) a cycle, f = 1 / devices, with at most W / f of them unanswered, W =
// min(tags, advertised depth) (with global tags: at most the tags). Without a SYNC that is D26; with one the
// pipeline drains: the bound is the n commands over the time until the last answer when each request leaves as
// early as these two rules let it.
double invalidation_bound(const Config& config, double round_trip);

// Cycles for which one Invalidate Request keeps a link busy (doc/rtl/pcie_link.md).
uint64_t invalidate_request_cycles(const Config& config);

}  // namespace atcbench
