// SPDX-License-Identifier: Apache-2.0
#include "atcbench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atcbench/versions.h"

namespace atcbench {
namespace {

using Json = nlohmann::ordered_json;

struct Style {
  const char* bold = "";
  const char* dim = "";
  const char* good = "";
  const char* bad = "";
  const char* off = "";
};

Style style(bool colour) {
  if (!colour) return {};
  return {"\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"};
}

std::string ratio(uint64_t a, uint64_t b) {
  return fmt::format("{:.3g}", b ? static_cast<double>(a) / static_cast<double>(b) : 0.0);
}

void add_distribution(std::string& out, const RunResult& r, const char* name, const char* label) {
  const auto it = r.figures.find(name);
  if (it == r.figures.end()) return;
  const Distribution& d = it->second;
  out += fmt::format("  {:<38} {:>8} {:>10} {:>10} {:>10} {:>10}\n", label, d.count(), d.min(), d.quantile(50),
                     d.quantile(99), d.max());
}

}  // namespace

std::string report_json(const RunResult& r) {
  Json j;
  j["schema"] = kReportSchema;
  j["scenario"] = r.scenario;
  j["policy"] = r.config.driver.policy;
  j["seed"] = r.config.seed;
  j["command"] = run_command(r);
  Json config = Json::object();
  for (const auto& [key, value] : r.config.dump()) config[key] = value;
  j["config"] = config;
  j["idle_skip"] = r.skip;
  j["verdict"] = r.pass() ? "pass" : "fail";
  j["cycles"] = r.cycles;
  j["cycles_jumped"] = r.jumped;
  j["host_seconds"] = r.host_seconds;
  j["cycles_per_second"] = r.cycles_per_second();
  j["model_share"] = r.model_share;
  j["harness_share"] = r.model_share > 0 ? 1 - r.model_share : 0;
  j["tools"] = {{"git_revision", git_revision()}, {"verilator", verilator_version()}, {"compiler", compiler_version()}};
  j["model"] = {{"endpoints", r.model.endpoints},
                {"itags", r.model.itags},
                {"itag_scope", r.model.itag_scope_global ? "global" : "device"},
                {"atc_entries", r.model.atc_entries},
                {"max_payload", r.model.max_payload},
                {"ecmdqs", r.model.ecmdqs},
                {"topology", r.model.topology}};
  j["waterfall"] = Json::array();
  for (const WaterfallStep& s : r.waterfall) {
    j["waterfall"].push_back({{"event", s.event}, {"cycle", s.cycle}, {"delta", s.delta}, {"detail", s.detail}});
    if (s.instructions) j["waterfall"].back()["instructions"] = *s.instructions;
  }
  j["figures"] = Json::object();
  for (const auto& [name, d] : r.figures)
    j["figures"][name] = {{"count", d.count()},
                          {"min", d.min()},
                          {"p50", d.quantile(50)},
                          {"p99", d.quantile(99)},
                          {"max", d.max()}};
  j["counters"] = {{"events", r.events}, {"dma_accesses", r.dma_accesses}, {"driver_log_lines", r.log_lines}};
  for (const auto& [name, value] : r.counters) j["counters"][name] = value;
  j["stale_accesses"] = {{"after_success", r.stale.after_success}, {"after_failure", r.stale.after_failure}};
  j["stale_window"] = {{"first", r.stale.first_cycle}, {"last", r.stale.last_cycle}, {"longest", r.stale.longest_window}};
  j["anchor"] = r.anchor;
  j["checks"] = Json::array();
  for (const CheckResult& c : r.checks) {
    Json check = {{"name", c.name}, {"verdict", c.pass ? "pass" : "fail"}, {"cycle", c.cycle}};
    if (!c.pass) {
      check["message"] = c.message;
      check["violations"] = c.violations;
    }
    j["checks"].push_back(check);
  }
  return j.dump(2) + "\n";
}

std::string report_text(const RunResult& r, bool colour) {
  const Style s = style(colour);
  std::string out;
  const Config& c = r.config;
  out += fmt::format("{}{}{}: {} devices, {} CPUs{}, policy {}, seed {}\n", s.bold, r.scenario, s.off, c.system.devices,
                     c.system.cpus, c.cpu.port == "aarch64" ? " (AArch64)" : "", c.driver.policy, c.seed);
  if (!r.waterfall.empty()) {
    const bool counted = r.waterfall.front().instructions.has_value();
    out += fmt::format("\n{}  {:<22} {:>12} {:>10}  {}who and what{}\n", s.bold, "event", "cycle", "delta",
                       counted ? fmt::format("{:>8}  ", "instr.") : "", s.off);
    Cycle longest = 0;
    for (const WaterfallStep& w : r.waterfall) longest = std::max(longest, w.delta);
    for (const WaterfallStep& w : r.waterfall)
      out += fmt::format("  {:<22} {:>12} {}{:>10}{}  {}{}{}{}\n", w.event, w.cycle,
                         w.delta == longest && longest ? s.bold : "", fmt::format("+{}", w.delta), s.off,
                         counted ? fmt::format("{:>8}  ", *w.instructions) : "", s.dim, w.detail, s.off);
    out += fmt::format("  {:<22} {:>12} {:>10}\n", "total", "",
                       fmt::format("{}", r.waterfall.back().cycle - r.waterfall.front().cycle));
  }
  out += fmt::format("\n{}  {:<38} {:>8} {:>10} {:>10} {:>10} {:>10}{}\n", s.bold, "cycles", "count", "min", "p50",
                     "p99", "max", s.off);
  add_distribution(out, r, "unmap", "unmap, all");
  add_distribution(out, r, "hot.total", "unmap, undisturbed");
  add_distribution(out, r, "inv.round_trip", "invalidation round trip");
  add_distribution(out, r, "detect.hw.irq_assert", "time-out -> interrupt pin");
  add_distribution(out, r, "detect.driver.first", "time-out -> driver knows");
  add_distribution(out, r, "protection", "time-out -> protected");
  add_distribution(out, r, "quarantine", "time-out -> quarantined");
  add_distribution(out, r, "outage", "time-out -> first good access");
  add_distribution(out, r, "recovery", "FLR write -> first good access");
  add_distribution(out, r, "blackout.others", "blackout: other CPUs' unmaps meanwhile");
  add_distribution(out, r, "irq_off.longest", "longest stretch with interrupts off");

  if (r.figures.count("instr.total")) {
    out += fmt::format("\n{}  {:<38} {:>8} {:>10} {:>10} {:>10} {:>10}{}\n", s.bold, "instructions", "count", "min", "p50", "p99",
                       "max", s.off);
    add_distribution(out, r, "instr.prod_write_t", "unmap entry -> PROD (TLBI)");
    add_distribution(out, r, "instr.prod_write_a", "first SYNC seen -> PROD (ATC_INV)");
    add_distribution(out, r, "instr.total", "unmap, undisturbed");
  }

  out += fmt::format("\n  stale accesses: {} after success, {} after failure", r.stale.after_success,
                     r.stale.after_failure);
  if (r.stale.after_success + r.stale.after_failure)
    out += fmt::format("; cycles {} to {}, up to {} cycles after the release", r.stale.first_cycle, r.stale.last_cycle,
                       r.stale.longest_window);
  out += fmt::format(" (of {} device accesses)\n", r.dma_accesses);
  out += fmt::format("  ratios: poll limit / ATC time-out {}, FLR / ATC time-out {}, completion time-out / ATC time-out {}\n",
                     ratio(c.cpu.poll_timeout, c.smmu.atc_timeout), ratio(c.ep.flr_cycles, c.smmu.atc_timeout),
                     ratio(c.cfg.timeout, c.smmu.atc_timeout));
  out += fmt::format("  speed: {} cycles ({} jumped over) in {:.2f} s = {:.0f} simulated cycles/s; model {:.0f} %, harness {:.0f} %\n",
                     r.cycles, r.jumped, r.host_seconds, r.cycles_per_second(), 100 * r.model_share,
                     100 * (1 - r.model_share));
  size_t held = 0;
  for (const CheckResult& check : r.checks) held += check.pass;
  out += fmt::format("\n  {}{}{}: {} of {} checks held\n", r.pass() ? s.good : s.bad, r.pass() ? "PASS" : "FAIL", s.off, held,
                     r.checks.size());
  for (const CheckResult& check : r.checks)
    if (!check.pass)
      out += fmt::format("  {}{}{} at cycle {}: {}\n", s.bad, check.name, s.off, check.cycle, check.message);
  return out;
}

std::string run_command(const RunResult& r) {
  std::string command = fmt::format("atcbench run {} --seed {}", r.scenario, r.config.seed);
  for (const auto& [key, value] : r.config.differences())
    if (key != "seed") command += fmt::format(" --set {}={}", key, value);
  return command + (r.skip ? "" : " --no-skip");
}

std::string replay_command(const std::string& report_path, const std::string& waves_path) {
  return fmt::format("build/atcbench replay {} --waves {}", report_path, waves_path);
}

}  // namespace atcbench
