// SPDX-License-Identifier: Apache-2.0
//
// Theoretical bounds for the throughput of invalidations (D26).
#pragma once

#include <string>

#include "atcbench/config.h"

namespace atcbench {

// Invalidations per million cycles, from the first Invalidate Request of a SYNC to the SYNC, for `load.commands`
// ATC_INVs spread evenly over the devices. `round_trip`: unloaded, inv_sent -> inv_cpl.
// Requests leave at min(1, link rate / f) a cycle, f = 1 / devices, with at most W / f of them unanswered, W =
// min(tags, advertised depth) (with global tags: at most the tags). Without a SYNC that is D26; with one the
// pipeline drains: the bound is the n commands over the time until the last answer when each request leaves as
// early as these two rules let it.
double invalidation_bound(const Config& config, double round_trip);

// The same of CPUs that do nothing but unmap, each time from all devices, however many CPUs they are: one queue serves one SYNC at a time
// (D8), so an unmap keeps it for its ATC_INVs, one a device, until the last answer, and for one cycle of consumption each of TLBI,
// SYNC, SYNC (D10; TLBI and its SYNC wait for nothing). Drivers that spend more SYNCs (sync-per-device) stay further below it.
double unmap_bound(const Config& config, double round_trip);

// The one that bounds `scenario`.
double throughput_bound(const std::string& scenario, const Config& config, double round_trip);

// Cycles for which one Invalidate Request keeps a link busy (doc/rtl/pcie_link.md).
uint64_t invalidate_request_cycles(const Config& config);

}  // namespace atcbench
