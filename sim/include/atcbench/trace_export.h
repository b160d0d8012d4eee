// SPDX-License-Identifier: Apache-2.0
//
// The event log in the Trace Event Format (JSON), which the Perfetto viewer and chrome://tracing open.
//
// Processes: CPUs, SMMU, links, devices; a thread for each CPU, unit, link direction and device. What nests (an unmap and its
// SYNC wait) is a complete event; what overlaps (invalidations of one device) is an asynchronous one; a moment is a
// complete event of one cycle. A flow runs from the command in the driver's hands over fetch, tag, Invalidate Request,
// device and Invalidate Completion to the tag's end. One cycle is written as one nanosecond.
#pragma once

#include <string>
#include <vector>

#include "atcbench/event_log.h"

namespace atcbench {

std::string trace_json(const std::vector<Event>& events);

}  // namespace atcbench
