// SPDX-License-Identifier: Apache-2.0
//
// atcbench matrix: every scenario with every policy, judged against what that policy is meant to do there; and with what the root
// complex can do (D16) beside the policy that does nothing, and beside the reference policy.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "atcbench/error.h"
#include "atcbench/report.h"
#include "atcbench/runner.h"
#include "atcbench/scenario.h"
#include "commands.h"
#include "matrix_rows.h"
#include "smmu.h"

namespace atcbench {
namespace {

struct Args {
  std::vector<std::string> scenarios, policies, sets, isolate;
  std::string seed = "1";
  std::string json;
  bool quick = false;
};

// Policies that also run with the root complex's isolation.
constexpr const char* kIsolated[] = {"legacy", "minimal"};

struct Cell {
  const MatrixRow* row;
  std::string policy;
  std::string isolate;  // rc.isolate_on_inv_timeout; empty: as the row has it
  unsigned devices, cpus;
  bool pass = false;
  bool expected_pass = true;
  std::vector<std::string> failed;      // checks
  std::vector<std::string> deviations;  // from the expectation, one line each
  std::map<std::string, uint64_t> figures;

  std::string label() const {
    std::string out = fmt::format("{} {}x{}", row->scenario, devices, cpus);
    for (const char* setting : row->settings) out += fmt::format(" {}", std::strchr(setting, '=') + 1);
    return out;
  }
  std::string column() const { return isolate.empty() ? policy : fmt::format("{}+rc.{}", policy, isolate); }
  std::vector<std::string> settings() const {
    std::vector<std::string> all(row->settings.begin(), row->settings.end());
    if (!isolate.empty()) all.push_back("rc.isolate_on_inv_timeout=" + isolate);
    return all;
  }
  std::string text() const { return fmt::format("{}{}", pass ? "pass" : "fail", deviations.empty() ? "" : " !"); }
};

// The figures of the product's comparison; a figure that the run does not have is left out.
std::map<std::string, uint64_t> figures_of(const RunResult& r) {
  std::map<std::string, uint64_t> f = r.counters;
  f["stale"] = r.stale.after_success + r.stale.after_failure;
  f["stale_window"] = r.stale.longest_window;
  const auto timed_out = r.figures.find("stale.timed_out");
  f["stale_timed_out"] = timed_out == r.figures.end() ? 0 : timed_out->second.count();
  f["cycles"] = r.cycles;
  const auto longest = [&](const char* name, const char* from) {
    const auto it = r.figures.find(from);
    if (it != r.figures.end()) f[name] = it->second.max();
  };
  longest("isolation", "isolation");
  longest("protection", "protection");
  longest("quarantine", "quarantine");
  longest("outage", "outage");
  longest("blackout", "blackout.others");
  const auto blackout = r.figures.find("blackout.others");
  if (blackout != r.figures.end()) f["blackout_p99"] = blackout->second.quantile(99);
  for (const char* part : {"commands", "syncs", "timeouts", "probes"})
    longest(fmt::format("isolation_{}", part).c_str(), fmt::format("isolation.{}", part).c_str());
  f["storm_log_lines"] = r.log_lines;
  longest("irq_off", "irq_off.longest");
  longest("lock_wait", "lock_wait");
  longest("lock_hold", "lock_hold");
  longest("lock_hold_raw", "lock_hold_raw");
  // against watchdogs of 10 and 20 s: the poll limit stands for 1 s (D19)
  f["lockup_percent_10s"] = f["irq_off"] * 100 / (10 * r.config.cpu.poll_timeout);
  f["lockup_percent_20s"] = f["irq_off"] * 100 / (20 * r.config.cpu.poll_timeout);
  const auto unmap = r.figures.find("unmap");
  if (unmap != r.figures.end()) {
    f["unmap_p50"] = unmap->second.quantile(50);
    f["unmap_max"] = unmap->second.max();
  }
  return f;
}

bool has(const std::vector<const char*>& list, const std::string& name) {
  return std::any_of(list.begin(), list.end(), [&](const char* item) { return name == item; });
}

void judge(Cell& cell, const RunResult& r) {
  const Expectation expected = cell.isolate.empty() ? expectation_of(*cell.row, cell.policy, cell.devices)
                                                    : isolated_expectation_of(*cell.row, cell.policy, cell.devices);
  cell.pass = r.pass();
  cell.expected_pass = expected.fails.empty();
  for (const CheckResult& check : r.checks) {
    if (check.pass) continue;
    cell.failed.push_back(check.name);
    if (!has(expected.fails, check.name) && !has(expected.may_fail, check.name))
      cell.deviations.push_back(fmt::format("{} at cycle {}: {}", check.name, check.cycle, check.message));
  }
  for (const char* name : expected.fails)
    if (std::find(cell.failed.begin(), cell.failed.end(), name) == cell.failed.end())
      cell.deviations.push_back(fmt::format("{} holds, but this policy is meant to fail it", name));
  for (const Bound& b : expected.bounds) {
    const auto it = cell.figures.find(b.figure);
    const uint64_t value = it == cell.figures.end() ? 0 : it->second;
    if (value < b.min || value > b.max)
      cell.deviations.push_back(fmt::format("{} = {}, {} to {} expected", b.figure, value, b.min,
                                            b.max == UINT64_MAX ? "any" : fmt::format("{}", b.max)));
  }
}

Config config_of(const Args& args, const Cell& cell) {
  Config config;
  config.set("driver.policy", cell.policy);
  config.set("system.devices", fmt::format("{}", cell.devices));
  config.set("system.cpus", fmt::format("{}", cell.cpus));
  config.set("seed", args.seed);
  for (const std::string& setting : cell.settings()) config.set(setting);
  for (const std::string& setting : args.sets) config.set(setting);
  config.finish();
  return config;
}

std::string repeat_command(const Args& args, const Cell& cell) {
  std::string out = fmt::format("build/atcbench run {} --policy {} --devices {} --cpus {} --seed {}", cell.row->scenario,
                                cell.policy, cell.devices, cell.cpus, args.seed);
  for (const std::string& setting : cell.settings()) out += fmt::format(" --set {}", setting);
  for (const std::string& setting : args.sets) out += fmt::format(" --set {}", setting);
  return out;
}

std::vector<Cell> cells_of(const Args& args) {
  for (const std::string& name : args.scenarios) {
    find_scenario(name);
    const auto& rows = matrix_rows();
    if (std::none_of(rows.begin(), rows.end(), [&](const MatrixRow& r) { return name == r.scenario; }))
      throw UsageError(fmt::format("scenario '{}' has no row in the matrix", name));
  }
  std::vector<std::string> policies = args.policies;
  if (policies.empty())
    for (unsigned i = 0; const char* name = smmu_policy_name(i); ++i) policies.emplace_back(name);
  for (const std::string& name : policies) Config().set("driver.policy", name);  // a UsageError if there is none
  std::vector<Cell> cells;
  for (const MatrixRow& row : matrix_rows()) {
    if (!args.scenarios.empty() && std::find(args.scenarios.begin(), args.scenarios.end(), row.scenario) == args.scenarios.end())
      continue;
    for (unsigned devices : row.devices)
      for (unsigned cpus : row.cpus) {
        if (args.quick && (devices != row.devices.back() || cpus != row.cpus.back())) continue;
        for (const std::string& policy : policies) cells.push_back(Cell{&row, policy, "", devices, cpus, false, true, {}, {}, {}});
        for (const std::string& mode : args.isolate)
          for (const char* policy : kIsolated)
            if (std::find(policies.begin(), policies.end(), policy) != policies.end())
              cells.push_back(Cell{&row, policy, mode, devices, cpus, false, true, {}, {}, {}});
      }
  }
  return cells;
}

std::string json_of(const Args& args, const std::vector<Cell>& cells) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Cell& c : cells) {
    nlohmann::ordered_json j = {{"scenario", c.row->scenario}, {"policy", c.policy}, {"devices", c.devices}, {"cpus", c.cpus},
                                {"verdict", c.pass ? "pass" : "fail"}, {"expected", c.expected_pass ? "pass" : "fail"},
                                {"as_expected", c.deviations.empty()}};
    j["settings"] = c.settings();
    j["failed_checks"] = c.failed;
    j["deviations"] = c.deviations;
    j["command"] = repeat_command(args, c);
    j["figures"] = c.figures;
    list.push_back(j);
  }
  return list.dump(1) + "\n";
}

// One line for each scenario with its devices and CPUs, one column for each policy.
void print_table(const std::vector<Cell>& cells) {
  std::vector<std::string> policies;
  for (const Cell& c : cells)
    if (std::find(policies.begin(), policies.end(), c.column()) == policies.end()) policies.push_back(c.column());
  fmt::print("\n{:<44}", "scenario, devices x CPUs");
  for (const std::string& p : policies) fmt::print("  {}", p);
  std::string line;
  for (const Cell& c : cells) {
    const std::string label = c.label();
    if (label != line) fmt::print("\n{:<44}", label);
    line = label;
    fmt::print("  {:<{}}", c.text(), c.column().size());
  }
  fmt::print("\n");
}

constexpr const char* kColumns[] = {"stale",      "stale_window", "driver.timeouts", "driver.probes", "isolation",
                                    "isolation_syncs", "protection", "quarantine", "blackout",      "outage",
                                    "collateral", "wrong_resets", "lost_io",         "irq_off",       "driver.syncs"};

void print_header() {
  fmt::print("{:<44} {:<21} {:<6}", "scenario, devices x CPUs", "policy", "");
  for (const char* name : kColumns) fmt::print(" {:>10.10}", std::strchr(name, '.') ? std::strchr(name, '.') + 1 : name);
  fmt::print("\n");
}

void print_figures(const Cell& c) {
  fmt::print("{:<44} {:<21} {:<6}", c.label(), c.column(), c.text());
  for (const char* name : kColumns) {
    const auto it = c.figures.find(name);
    fmt::print(" {:>10}", it == c.figures.end() ? "-" : fmt::format("{}", it->second));
  }
  fmt::print("\n");
  std::fflush(stdout);
}

int run_matrix(const Args& args) {
  std::vector<Cell> cells = cells_of(args);
  // A row for hardware that is not built is left out, and named; a scenario that was asked for by name has to be there.
  std::set<std::string> missing;
  const auto not_built = [&](const Cell& cell) {
    try {
      select_model(config_of(args, cell), model_registry());
      return false;
    } catch (const UsageError& e) {
      const auto always = [&](const MatrixRow& row) { return !row.optional && !std::strcmp(row.scenario, cell.row->scenario); };
      if (!cell.row->optional || (!args.scenarios.empty() && std::none_of(matrix_rows().begin(), matrix_rows().end(), always))) throw;
      missing.insert(fmt::format("{}: {}", cell.label(), e.what()));
      return true;
    }
  };
  cells.erase(std::remove_if(cells.begin(), cells.end(), not_built), cells.end());
  if (!args.json.empty()) {  // before a long run rather than after
    const auto folder = std::filesystem::absolute(args.json).parent_path();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error || ::access(folder.c_str(), W_OK) != 0) throw HostError(fmt::format("cannot write to {}", folder.string()));
  }
  for (const std::string& row : missing) fmt::print("left out: {}\n", row);
  print_header();
  for (Cell& cell : cells) {
    const Config config = config_of(args, cell);
    const RunResult r = run_scenario(cell.row->scenario, config, select_model(config, model_registry()), RunOptions());
    cell.figures = figures_of(r);
    judge(cell, r);
    print_figures(cell);
  }
  print_table(cells);
  if (!args.json.empty()) write_file_atomically(args.json, json_of(args, cells));
  size_t deviating = 0;
  for (const Cell& c : cells) {
    if (c.deviations.empty()) continue;
    ++deviating;
    fmt::print("\nnot as expected: {}\n", repeat_command(args, c));
    for (const std::string& d : c.deviations) fmt::print("  {}\n", d);
  }
  fmt::print("\n{} runs, {} as expected, {} not\n", cells.size(), cells.size() - deviating, deviating);
  return deviating ? 1 : 0;
}

}  // namespace

void add_matrix(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("matrix", "every scenario with every policy, against what is expected of it");
  const auto args = std::make_shared<Args>();
  command.add_option("--json", args->json, "where the list of results goes");
  command.add_option("--scenario", args->scenarios, "only this one, may be repeated");
  command.add_option("--policy", args->policies, "only this one, may be repeated");
  command.add_option("--seed", args->seed, "seed of every run");
  command.add_option("--set", args->sets, "key=value for every run, may be repeated");
  command.add_option("--isolate", args->isolate,
                     "rc.isolate_on_inv_timeout of the further columns of legacy and minimal (D16): translated (default), all, port, may be "
                     "repeated; off: no such columns")
      ->check(CLI::IsMember({"off", "translated", "all", "port"}));
  command.add_flag("--quick", args->quick, "only the most devices and CPUs of each row");
  command.callback([args, &status] {
    if (args->isolate.empty()) args->isolate.emplace_back("translated");
    args->isolate.erase(std::remove(args->isolate.begin(), args->isolate.end(), "off"), args->isolate.end());
    status = run_matrix(*args);
  });
}

}  // namespace atcbench
