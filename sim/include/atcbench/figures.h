// SPDX-License-Identifier: Apache-2.0
//
// What the event log of a run amounts to: distributions, and the steps of one invalidation in order.
// Names are block.figure; a `hot.` figure is the time from the phase before it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "atcbench/event_log.h"

namespace atcbench {

class Distribution {
 public:
  void add(uint64_t value) {
    values_.push_back(value);
    sorted_ = false;
  }
  uint64_t count() const { return values_.size(); }
  uint64_t min() const { return quantile(0); }
  uint64_t max() const { return quantile(100); }
  // The smallest value that at least `percent` of them do not exceed; 0 when empty.
  uint64_t quantile(unsigned percent) const;
  uint64_t at_rank(uint64_t rank) const;  // 0 = the smallest

 private:
  mutable std::vector<uint64_t> values_;
  mutable bool sorted_ = true;
};

using Figures = std::map<std::string, Distribution>;

struct WaterfallStep {
  std::string event;
  Cycle cycle = 0;
  Cycle delta = 0;     // to the step before
  std::string detail;  // src and fields, for people
  uint16_t cpu = 0;    // whose software the step is about
  std::optional<uint64_t> instructions;  // of that CPU since the step before, where they are counted
};

// One unmap of the driver, with the hardware events that belong to it by queue index and batch.
struct UnmapTrace {
  uint16_t cpu = 0;
  Cycle enter = 0, exit = 0;
  uint64_t code = 0;
  struct Half {  // TLBI half and ATC half (D10)
    uint64_t batch = 0;
    uint32_t first_index = 0, sync_index = 0;
    Cycle prod_write = 0, cmd_fetched = 0, sync_complete = 0, sync_wait = 0, sync_seen = 0, sync_failed = 0;
    Cycle inv_sent_first = 0, inv_sent = 0, inv_received = 0, inv_cpl_sent = 0, inv_cpl = 0;  // last of each
    unsigned invalidations = 0;
  };
  std::vector<Half> halves;
};
std::vector<UnmapTrace> trace_unmaps(const std::vector<Event>& events);

// One time-out of a device and what followed, until the next first time-out of the same device.
struct Episode {
  uint16_t device = 0;
  uint32_t sid = 0;
  Cycle alloc = 0;    // of the tag that expired
  Cycle timeout = 0;  // its inv_timeout
  uint16_t cpu = 0;   // that learned of it
  std::map<std::string, Cycle> first;  // event -> first cycle at or after the time-out
};
std::vector<Episode> trace_episodes(const std::vector<Event>& events);

// Whether an event may be part of a time-out: interrupts of other lines than GERROR's are none.
bool about_gerror(const Event& e);

Figures derive_figures(const std::vector<Event>& events);

// Steps of the first time-out, or of the middle unmap when there was none.
std::vector<WaterfallStep> build_waterfall(const std::vector<Event>& events);

// Instructions of a CPU until the end of a cycle.
using InstructionCount = std::function<uint64_t(unsigned cpu, Cycle at)>;
// The software share: figures `instr.`, named as the `hot.` ones that end in the driver, and of each step.
void add_instructions(Figures& figures, const std::vector<Event>& events, const InstructionCount& count);
void add_instructions(std::vector<WaterfallStep>& steps, const InstructionCount& count);

}  // namespace atcbench
