// SPDX-License-Identifier: Apache-2.0
//
// What changed between two results: settings, verdicts, numbers. Host time and tool versions are not results.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace atcbench {

// A result as three flat tables. Several points (a sweep, a matrix) have their point in front of each name.
struct Result {
  std::string kind;  // report, sweep, matrix
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> verdicts;
  std::map<std::string, double> figures;
};
Result result_of_report(const nlohmann::json& report);
// A report, the table of a sweep, or the list of a matrix; throws like read_json.
Result read_result(const std::string& path);

struct Difference {
  enum class Kind { kSetting, kVerdict, kFigure } kind = Kind::kFigure;
  std::string name;
  std::string a, b;       // "-": not there
  double percent = 0;     // of a; infinite when a is 0 or a side is missing
  bool beyond = false;    // a verdict, or a figure that changed by more than the threshold
};
std::vector<Difference> compare_results(const Result& a, const Result& b, double threshold_percent);

}  // namespace atcbench
