// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "atcbench/bound.h"
#include "atcbench/compare.h"
#include "atcbench/error.h"
#include "atcbench/event_log.h"
#include "atcbench/sweep.h"

namespace atcbench {
namespace {

// In CSV, a text that holds a comma or a quote is quoted.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

}  // namespace

const char* status_name(PointResult::Status status) {
  switch (status) {
    case PointResult::Status::kPass:
      return "pass";
    case PointResult::Status::kFail:
      return "fail";
    case PointResult::Status::kImpossible:
      return "impossible";
    case PointResult::Status::kError:
      return "error";
    default:
      return "missing";
  }
}

PointResult result_of_point(const SweepSpec& spec, const SweepPoint& point, const nlohmann::json& report) {
  PointResult r;
  const Result all = result_of_report(report);
  for (const std::string& name : spec.figures) {
    if (name == "bound") {
      const auto trip = all.figures.find("inv.round_trip.min");
      if (trip != all.figures.end()) r.figures[name] = throughput_bound(spec.scenario, point.config, trip->second);
      continue;
    }
    const auto it = all.figures.find(name);
    if (it != all.figures.end()) r.figures[name] = it->second;
  }
  r.status = report.at("verdict") == "pass" ? PointResult::Status::kPass : PointResult::Status::kFail;
  for (const auto& check : report.at("checks"))
    if (check.at("verdict") == "fail")
      r.message += fmt::format("{}{}", r.message.empty() ? "" : "; ", check.at("name").get<std::string>());
  return r;
}

void write_sweep_tables(const SweepSpec& spec, const std::vector<SweepPoint>& points,
                        const std::vector<PointResult>& results, const std::string& folder) {
  std::string csv;
  for (const auto& entry : spec.vary) csv += entry.first + ",";
  csv += "status";
  for (const std::string& name : spec.figures) csv += "," + name;
  csv += ",message\n";
  nlohmann::ordered_json j;
  j["schema"] = kSweepSchema;
  j["name"] = spec.name;
  j["title"] = spec.title;
  j["scenario"] = spec.scenario;
  j["set"] = nlohmann::ordered_json::object();
  for (const auto& [key, value] : spec.fixed) j["set"][key] = value;
  j["points"] = nlohmann::ordered_json::array();
  for (size_t i = 0; i < points.size(); ++i) {
    nlohmann::ordered_json row;
    for (const auto& [key, value] : points[i].settings) {
      csv += field(value) + ",";
      row["settings"][key] = value;
    }
    csv += status_name(results[i].status);
    row["status"] = status_name(results[i].status);
    row["figures"] = nlohmann::ordered_json::object();
    for (const std::string& name : spec.figures) {
      const auto it = results[i].figures.find(name);
      csv += ",";
      if (it == results[i].figures.end()) continue;
      csv += fmt::format("{:.6g}", it->second);
      row["figures"][name] = it->second;
    }
    csv += "," + field(results[i].message) + "\n";
    if (!results[i].message.empty()) row["message"] = results[i].message;
    j["points"].push_back(row);
  }
  write_file_atomically(folder + "/" + spec.name + ".csv", csv);
  write_file_atomically(folder + "/" + spec.name + ".json", j.dump(1) + "\n");
}

}  // namespace atcbench
