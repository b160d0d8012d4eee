// SPDX-License-Identifier: Apache-2.0
//
// The scenario x policy matrix as data: which runs there are, and what is expected of each policy in them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace atcbench {

// One scenario in every combination of devices and CPUs.
struct MatrixRow {
  const char* scenario;
  std::vector<unsigned> devices;
  std::vector<unsigned> cpus;
  std::vector<const char*> settings;  // key=value
  bool optional = false;              // of hardware that not every build has
};
const std::vector<MatrixRow>& matrix_rows();

// A number of the run that must lie in [min, max]: of the report's counters, or `stale` (all stale accesses).
struct Bound {
  const char* figure;
  uint64_t min;
  uint64_t max;
};

// What a policy is meant to do in a scenario. Without an entry all checks hold.
struct Expectation {
  const char* scenario;
  const char* setting;                // nullptr: any row of the scenario; else only rows with this setting
  std::vector<const char*> policies;
  std::vector<const char*> fails;     // these checks fail ...
  std::vector<const char*> may_fail;  // ... these may, as the seed has it; all others hold
  std::vector<Bound> bounds;
  unsigned min_devices = 1;           // only rows with so many devices
};
const std::vector<Expectation>& expectations();

// Of this run; an all-holds entry if the table has none. The last entry that fits counts.
const Expectation& expectation_of(const MatrixRow& row, const std::string& policy, unsigned devices);
// With isolation by the root complex (D16): the same, but that no device that has let a time-out pass has a stale access, whatever the
// policy does, and nobody at all with a policy whose unmaps wait for their commands.
Expectation isolated_expectation_of(const MatrixRow& row, const std::string& policy, unsigned devices);

}  // namespace atcbench
