// SPDX-License-Identifier: Apache-2.0
//
// Sweeps: one scenario over a grid of settings. The file (TOML, tb/regress/sweeps/) says what is fixed, what varies,
// which figures become columns and which plots are drawn; doc/sweeps.md describes it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "atcbench/config.h"

namespace atcbench {

constexpr const char* kSweepSchema = "atcbench-sweep-1";

// More lines in one picture cannot be told apart, and their key is taller than the picture.
constexpr size_t kMostLines = 16;

struct SweepPlot {
  std::string name;    // of the files
  std::string title;
  std::string x;       // a key that varies
  std::vector<std::string> y;       // figures
  std::vector<std::string> series;  // keys; a line for each combination of their values
  std::string facet;   // a key, or empty: one picture for each value of it
  bool log_x = false, log_y = false;
  bool bound = false;  // draw a bound: that of D26 (y is a throughput),
  std::string bound_of;  // or this sum of products of numbers and keys, for the settings of each point
  std::string x_label, y_label;
};

// "2 * system.cpus * smmu.atc_timeout + 100" with the values of `config`. Throws UsageError.
double evaluate_bound(const std::string& text, const Config& config);

struct SweepSpec {
  std::string name;   // of the file, without .toml
  std::string title;
  std::string scenario;
  std::vector<std::pair<std::string, std::string>> fixed;
  std::vector<std::pair<std::string, std::vector<std::string>>> vary;  // in the order of the file's text
  std::vector<std::string> figures;  // FIGURE.STATISTIC, cycles, stale_accesses.*, or bound
  std::vector<SweepPlot> plots;
};

// Throws UsageError (what is wrong, with its line) and HostError.
SweepSpec read_sweep(const std::string& path);

struct SweepPoint {
  std::vector<std::pair<std::string, std::string>> settings;  // of what varies
  Config config;            // as the run will have it
  std::string impossible;   // why there is no such run
  std::string id() const;   // file name: its settings
};
// Every combination, the last key fastest.
std::vector<SweepPoint> sweep_points(const SweepSpec& spec, const std::vector<ModelEntry>& models);

struct PointResult {
  enum class Status { kMissing, kPass, kFail, kImpossible, kError } status = Status::kMissing;
  std::string message;                    // why not pass
  std::map<std::string, double> figures;  // those of the spec that the run has
};
const char* status_name(PointResult::Status status);
// The columns of the spec out of a report.
PointResult result_of_point(const SweepSpec& spec, const SweepPoint& point, const nlohmann::json& report);

// DIR/<name>.csv and .json.
void write_sweep_tables(const SweepSpec& spec, const std::vector<SweepPoint>& points,
                        const std::vector<PointResult>& results, const std::string& folder);
// DIR/<plot>.gp with its data, and .svg and .png made from it by gnuplot; with a facet DIR/<plot>-<value>. Returns the names of what was
// drawn, without folder and extension: not that of which no point has a figure. Throws HostError.
std::vector<std::string> draw_sweep_plots(const SweepSpec& spec, const std::vector<SweepPoint>& points,
                                          const std::vector<PointResult>& results, const std::string& folder);

}  // namespace atcbench
