// SPDX-License-Identifier: Apache-2.0
#include "atcbench/compare.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "atcbench/error.h"
#include "atcbench/report.h"
#include "atcbench/report_file.h"
#include "atcbench/sweep.h"
#include "commands.h"

namespace atcbench {
namespace {

constexpr const char* kAbsent = "-";

template <class Map>
std::set<std::string> names_of(const Map& a, const Map& b) {
  std::set<std::string> names;
  for (const auto& entry : a) names.insert(entry.first);
  for (const auto& entry : b) names.insert(entry.first);
  return names;
}

void compare_words(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b,
                   Difference::Kind kind, std::vector<Difference>& out) {
  for (const std::string& name : names_of(a, b)) {
    const auto ia = a.find(name), ib = b.find(name);
    const std::string va = ia == a.end() ? kAbsent : ia->second, vb = ib == b.end() ? kAbsent : ib->second;
    if (va != vb) out.push_back({kind, name, va, vb, 0, kind == Difference::Kind::kVerdict});
  }
}

void print(const std::vector<Difference>& all, double threshold, bool colour) {
  size_t width = 8;
  for (const Difference& d : all) width = std::max(width, d.name.size());
  const auto section = [&](Difference::Kind kind, const char* title) {
    bool first = true;
    for (const Difference& d : all) {
      if (d.kind != kind) continue;
      if (first) fmt::print("{:<{}} {:>14} {:>14}\n", title, width + 2, "A", "B");
      first = false;
      std::string change;
      if (kind == Difference::Kind::kFigure && std::isfinite(d.percent)) change = fmt::format("{:+.1f} %", d.percent);
      fmt::print("{}  {:<{}} {:>14} {:>14} {:>10}{}{}\n", d.beyond && colour ? "\033[1m" : "", d.name, width, d.a, d.b, change,
                 d.beyond ? "  !" : "", d.beyond && colour ? "\033[0m" : "");
    }
  };
  section(Difference::Kind::kSetting, "settings");
  section(Difference::Kind::kVerdict, "verdicts");
  section(Difference::Kind::kFigure, "figures");
  const auto of = [&all](Difference::Kind kind, bool beyond) {
    return std::count_if(all.begin(), all.end(),
                         [=](const Difference& d) { return d.kind == kind && (!beyond || d.beyond); });
  };
  fmt::print("{} settings, {} verdicts and {} figures differ; {} figures by more than {:g} %\n",
             of(Difference::Kind::kSetting, false), of(Difference::Kind::kVerdict, false),
             of(Difference::Kind::kFigure, false), of(Difference::Kind::kFigure, true), threshold);
}

}  // namespace

Result result_of_report(const nlohmann::json& report) {
  Result r;
  for (const char* name : {"scenario", "policy"}) r.settings[name] = report.at(name);
  for (const auto& [key, value] : report.at("config").items()) r.settings[key] = value;
  r.verdicts["verdict"] = report.at("verdict");
  for (const auto& check : report.at("checks")) r.verdicts["check " + check.at("name").get<std::string>()] = check.at("verdict");
  r.figures["cycles"] = report.at("cycles");
  for (const auto& [figure, statistics] : report.at("figures").items())
    for (const auto& [name, value] : statistics.items()) r.figures[figure + "." + name] = value;
  for (const char* group : {"stale_accesses", "stale_window"})
    for (const auto& [name, value] : report.at(group).items()) r.figures[fmt::format("{}.{}", group, name)] = value;
  return r;
}

namespace {

Result result_of_sweep(const nlohmann::json& sweep, const std::string& path) {
  Result r;
  try {
    r.settings["scenario"] = sweep.at("scenario");
    for (const auto& [key, value] : sweep.at("set").items()) r.settings[key] = value;
    for (const auto& row : sweep.at("points")) {
      std::string point;
      for (const auto& [key, value] : row.at("settings").items())
        point += fmt::format("{}{}={}", point.empty() ? "" : ",", key, value.get<std::string>());
      r.verdicts[point] = row.at("status");
      for (const auto& [name, value] : row.at("figures").items()) r.figures[point + ": " + name] = value;
    }
  } catch (const nlohmann::json::exception& e) {
    throw UsageError(fmt::format("{} does not match {}: {}", path, kSweepSchema, e.what()));
  }
  return r;
}

// The list that `atcbench matrix --json` writes: one object for each run, which its settings name.
Result result_of_matrix(const nlohmann::json& matrix, const std::string& path) {
  Result r;
  try {
    for (const auto& row : matrix) {
      std::string run = fmt::format("{} {} {}x{}", row.at("scenario").get<std::string>(), row.at("policy").get<std::string>(),
                                    row.at("devices").get<unsigned>(), row.at("cpus").get<unsigned>());
      for (const auto& setting : row.at("settings")) run += " " + setting.get<std::string>();
      if (r.verdicts.count(run)) throw UsageError(fmt::format("{}: two runs '{}'", path, run));
      std::vector<std::string> failed = row.at("failed_checks");
      r.verdicts[run] = failed.empty() ? row.at("verdict").get<std::string>() : fmt::format("fail: {}", fmt::join(failed, " "));
      r.verdicts[run + ": as expected"] = row.at("as_expected").get<bool>() ? "yes" : "no";
      for (const auto& [name, value] : row.at("figures").items()) r.figures[run + ": " + name] = value;
    }
  } catch (const nlohmann::json::exception& e) {
    throw UsageError(fmt::format("{} is not a list of runs as `matrix --json` writes it: {}", path, e.what()));
  }
  return r;
}

}  // namespace

Result read_result(const std::string& path) {
  const nlohmann::json j = read_json(path, "a report, a sweep or a matrix");
  Result r = j.is_array()                     ? result_of_matrix(j, path)
             : j.at("schema") == kSweepSchema ? result_of_sweep(j, path)
                                              : result_of_report(read_report(path));
  r.kind = j.is_array() ? "matrix" : j.at("schema") == kSweepSchema ? "sweep" : "report";
  return r;
}

std::vector<Difference> compare_results(const Result& a, const Result& b, double threshold_percent) {
  std::vector<Difference> out;
  compare_words(a.settings, b.settings, Difference::Kind::kSetting, out);
  compare_words(a.verdicts, b.verdicts, Difference::Kind::kVerdict, out);
  for (const std::string& name : names_of(a.figures, b.figures)) {
    const auto ia = a.figures.find(name), ib = b.figures.find(name);
    const bool both = ia != a.figures.end() && ib != b.figures.end();
    if (both && ia->second == ib->second) continue;
    Difference d;
    d.name = name;
    d.a = ia == a.figures.end() ? kAbsent : fmt::format("{:.12g}", ia->second);
    d.b = ib == b.figures.end() ? kAbsent : fmt::format("{:.12g}", ib->second);
    d.percent = both && ia->second != 0 ? 100 * (ib->second - ia->second) / std::abs(ia->second)
                                        : std::numeric_limits<double>::infinity();
    d.beyond = std::abs(d.percent) > threshold_percent;
    out.push_back(d);
  }
  return out;
}

void add_compare(CLI::App& app, int& status) {
  struct Args {
    std::string a, b;
    double threshold = 0;
  };
  CLI::App& command = *app.add_subcommand("compare", "what changed between two results, and by how much");
  const auto args = std::make_shared<Args>();
  command.add_option("A", args->a, "report.json, or the JSON file of a sweep or a matrix")->required();
  command.add_option("B", args->b, "the same kind of file")->required();
  command.add_option("--threshold", args->threshold, "per cent up to which a change of a figure is accepted (0)")
      ->check(CLI::Range(0.0, 1e9));
  command.callback([args, &status] {
    const Result a = read_result(args->a), b = read_result(args->b);
    if (a.kind != b.kind) throw UsageError(fmt::format("{} is a {}, {} is a {}", args->a, a.kind, args->b, b.kind));
    const auto all = compare_results(a, b, args->threshold);
    print(all, args->threshold, ::isatty(STDOUT_FILENO));
    status = std::any_of(all.begin(), all.end(), [](const Difference& d) { return d.beyond; });
  });
}

}  // namespace atcbench
