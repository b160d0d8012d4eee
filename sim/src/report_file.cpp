// SPDX-License-Identifier: Apache-2.0
#include "atcbench/report_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "atcbench/error.h"
#include "atcbench/report.h"

namespace atcbench {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr const char* kSchemaText =
#include "report_schema.inc"  // sim/schema/report.schema.json
    ;

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

}  // namespace

nlohmann::json read_json(const std::string& path, const std::string& what) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw HostError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  // A folder opens and then cannot be read.
  if (file.peek() == std::ifstream::traits_type::eof())
    throw UsageError(fmt::format("{} is not {}: it is empty or not a file", path, what));
  nlohmann::json j;
  try {
    j = nlohmann::json::parse(file);
  } catch (const nlohmann::json::parse_error& e) {
    throw UsageError(fmt::format("{} is not {}, or was cut short: no JSON from byte {} on", path, what, e.byte));
  }
  if (j.is_array() && !j.empty() && j[0].is_object() && j[0].contains("scenario")) return j;  // what `matrix` writes
  if (!j.is_object() || !j.contains("schema") || !j["schema"].is_string())
    throw UsageError(fmt::format("{} is not {}: it names no schema", path, what));
  return j;
}

std::string report_schema_error(const nlohmann::json& report) {
  const nlohmann::json text = nlohmann::json::parse(kSchemaText);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(Adapter(text), schema);
  valijson::ValidationResults results;
  if (valijson::Validator().validate(schema, Adapter(report), &results)) return {};
  // The innermost place comes first; what encloses it only repeats that something is wrong.
  valijson::ValidationResults::Error error;
  if (!results.popError(error)) return "does not match";
  std::string place;
  for (const std::string& step : error.context) place += step == "<root>" ? "" : step;
  return one_line(fmt::format("{}: {}", place.empty() ? "top level" : place, error.description));
}

nlohmann::json read_report(const std::string& path) {
  nlohmann::json j = read_json(path, "a report");
  if (j.is_array()) throw UsageError(path + " is not a report: it is the list of a matrix");
  const std::string schema = j["schema"];
  if (schema != kReportSchema) {
    std::string by;
    if (j.contains("tools") && j["tools"].is_object()) by = j["tools"].value("git_revision", "");
    throw UsageError(fmt::format("{} has schema {}, this tool reads {}{}", path, schema, kReportSchema,
                                 by.empty() ? "" : "; it was written by revision " + by));
  }
  const std::string error = report_schema_error(j);
  if (!error.empty()) throw UsageError(fmt::format("{} does not match {}: {}", path, kReportSchema, error));
  return j;
}

RunOfReport run_of_report(const nlohmann::json& report, const std::string& path) {
  RunOfReport run;
  run.scenario = report.at("scenario");
  run.skip = report.at("idle_skip");
  run.anchor = report.at("anchor");
  try {
    for (const auto& [key, value] : report.at("config").items()) run.config.set(key, value.get<std::string>());
    run.config.finish();
  } catch (const UsageError& e) {
    throw UsageError(fmt::format("{}: {}", path, e.what()));
  }
  return run;
}

}  // namespace atcbench
