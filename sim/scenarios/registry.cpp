// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "atcbench/error.h"
#include "atcbench/scenario.h"

namespace atcbench {

const std::vector<ScenarioEntry>& scenario_registry() {
  static const std::vector<ScenarioEntry> entries = {
      {"healthy", "N ATS devices share a domain, maps and unmaps under DMA load", make_healthy},
      {"hang", "fault.count of N devices stop answering invalidations; found, isolated, reset, back", make_hang},
      {"slow", "a device answers after the time-out; the late completion is credited to nobody", make_slow},
      {"inv-stream", "ATC_INVs as fast as the hardware takes them: throughput against its bound", make_inv_stream},
      {"cmdq-error", "illegal command and aborted fetch: skipped, the queue goes on", make_cmdq_error},
  };
  return entries;
}

const ScenarioEntry& find_scenario(const std::string& name) {
  std::vector<std::string> names;
  for (const ScenarioEntry& entry : scenario_registry()) {
    if (name == entry.name) return entry;
    names.emplace_back(entry.name);
  }
  const std::string near = nearest(name, names);
  throw UsageError(fmt::format("unknown scenario '{}'; there are {}{}", name, fmt::join(names, ", "),
                               near.empty() ? "" : "; nearest is '" + near + "'"));
}

}  // namespace atcbench
