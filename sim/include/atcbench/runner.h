// SPDX-License-Identifier: Apache-2.0
//
// Runs one scenario on one model and gathers what came of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "atcbench/config.h"
#include "atcbench/figures.h"
#include "atcbench/model.h"
#include "atcbench/oracle.h"
#include "atcbench/ownership.h"

namespace atcbench {

struct RunOptions {
  bool skip = true;
  bool progress = false;    // a line on stderr, renewed, once a run takes more than two seconds
  bool driver_log = false;  // port_log lines to stderr
  std::string waves;        // empty: none
  Cycle waves_from = 0;
  Cycle waves_to = kNever;
  std::string record_order, enforce_order;  // D28; empty: neither
  std::string pc_trace;  // AArch64: every instruction and driver event, one a line; empty: none
  std::string events;  // where the log goes; empty: nowhere
};

struct RunResult {
  std::string scenario;
  Config config;
  ModelInfo model;
  bool skip = true;
  std::vector<CheckResult> checks;
  std::vector<WaterfallStep> waterfall;
  Figures figures;
  std::map<std::string, uint64_t> counters;  // of the driver and of the scenario
  StaleCounts stale;
  uint64_t dma_accesses = 0;
  Cycle cycles = 0;        // simulated
  Cycle jumped = 0;        // of these, jumped over
  double host_seconds = 0;
  double model_share = 0;
  uint64_t events = 0;
  std::vector<Event> log;  // when it was written to a file
  Cycle anchor = 0;  // where waves are worth looking at: first violation, else first time-out, else 0
  uint64_t log_lines = 0;  // errors and warnings of the driver

  bool pass() const { return first_failure() == nullptr; }
  const CheckResult* first_failure() const;
  double cycles_per_second() const;
};

// Throws UsageError and HostError. `make_model` is called once.
RunResult run_scenario(const std::string& scenario, Config config, const ModelEntry& model, const RunOptions& options);

}  // namespace atcbench
