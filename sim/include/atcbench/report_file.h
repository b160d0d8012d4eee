// SPDX-License-Identifier: Apache-2.0
//
// Reports read back. Each error is one line that names the file: unreadable, cut short, something else, another
// version, or not as sim/schema/report.schema.json says (the schema is part of the tool).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "atcbench/config.h"

namespace atcbench {

// Any JSON file of ours: parsed, with a `schema` member. `what` is its name in errors ("a report").
// Throws HostError when it cannot be read, UsageError when it is something else.
nlohmann::json read_json(const std::string& path, const std::string& what);

// A report that matches the schema; throws like read_json.
nlohmann::json read_report(const std::string& path);

// The first violation of the report schema, empty when there is none.
std::string report_schema_error(const nlohmann::json& report);

// The run that a report describes. UsageError when this tool does not know a key or a value any more.
struct RunOfReport {
  std::string scenario;
  Config config;
  bool skip = true;
  Cycle anchor = 0;
};
RunOfReport run_of_report(const nlohmann::json& report, const std::string& path);

}  // namespace atcbench
