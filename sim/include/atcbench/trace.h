// SPDX-License-Identifier: Apache-2.0
//
// An event log as spans on tracks: what each CPU and each device was doing, from when to when, and what was in use.
// The report page and the trace export draw the same spans.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "atcbench/event_log.h"

namespace atcbench {

struct Span {
  Cycle from = 0, to = 0;
  std::string name;    // what it is: unmap, map, sync_wait, isolation, invalidation, timed_out, exposed, quarantined, flr, stale
  std::string detail;  // for people
  uint32_t itag = 0;   // of an invalidation
  uint64_t sid = 0;
};

struct Track {
  enum class Kind { kCpu, kDevice } kind = Kind::kCpu;
  unsigned index = 0;
  std::vector<Span> spans;                             // by beginning; they may overlap
  std::vector<std::pair<Cycle, std::string>> marks;  // moments
};

// CPUs by number, then devices. What never ended ends at the last event.
std::vector<Track> trace_tracks(const std::vector<Event>& events);

// Value after each change, in order of time; equal neighbours are merged.
using Series = std::vector<std::pair<Cycle, int64_t>>;
struct Occupancy {
  Series commands;                     // written by the driver, not yet consumed
  std::map<unsigned, Series> itags;    // of a device: allocated and not free again, quarantined ones too
};
Occupancy trace_occupancy(const std::vector<Event>& events);

// At most `limit` points, the extremes of each stretch kept.
Series thin_out(const Series& series, size_t limit);

// One line for people: who, and the named fields.
std::string describe_event(const Event& event);

}  // namespace atcbench
