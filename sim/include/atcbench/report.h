// SPDX-License-Identifier: Apache-2.0
//
// What a run leaves behind: report.json for machines, a few screens of text for people.
#pragma once

#include <string>

#include "atcbench/runner.h"

namespace atcbench {

constexpr const char* kReportSchema = "atcbench-report-1";

// As sim/schema/report.schema.json says; a later version of the same number only adds.
std::string report_json(const RunResult& result);

// Waterfall, blackout, stale window, checks, verdict, speed. `colour` for terminals.
std::string report_text(const RunResult& result, bool colour);

// The command that repeats this run: everything that is not a default.
std::string run_command(const RunResult& result);

// The command that repeats this run with waves.
std::string replay_command(const std::string& report_path, const std::string& waves_path);

}  // namespace atcbench
