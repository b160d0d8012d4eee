// SPDX-License-Identifier: Apache-2.0
#include "atcbench/cli.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <regex>

#include "atcbench/error.h"
#include "atcbench/event_names.h"
#include "atcbench/folder_lock.h"
#include "atcbench/report.h"
#include "atcbench/report_file.h"
#include "atcbench/report_html.h"
#include "atcbench/scenario.h"
#include "smmu.h"
#include "atcbench/trace.h"
#include "atcbench/trace_export.h"
#include "atcbench/versions.h"
#include "commands.h"

namespace atcbench {
namespace {

namespace fs = std::filesystem;

constexpr int kPass = 0;
constexpr int kFail = 1;
constexpr int kUsage = 2;

struct RunArgs {
  std::string scenario;
  std::string config_file;
  std::vector<std::string> sets;
  std::string policy, seed, devices, cpus, port;
  std::string json, events, waves, window, out, pc_trace, record_order, enforce_order;
  bool waves_wanted = false;
  bool no_skip = false;
  bool no_events = false;
  bool print_config = false;
  bool verbose = false;
};

Config make_config(const RunArgs& args) {
  Config config;
  if (!args.config_file.empty()) config.load_file(args.config_file);
  const auto shorthand = [&config](const char* key, const std::string& value) {
    if (!value.empty()) config.set(key, value);
  };
  shorthand("driver.policy", args.policy);
  shorthand("system.devices", args.devices);
  shorthand("system.cpus", args.cpus);
  shorthand("cpu.port", args.port);
  shorthand("seed", args.seed);
  for (const std::string& set : args.sets) config.set(set);
  config.finish();
  return config;
}

// "N": N cycles before and after the anchor; "FROM:TO": these cycles.
struct Window {
  bool around = false;
  Cycle from = 0;
  Cycle to = kNever;
};

Cycle parse_cycle(const std::string& text, const std::string& whole) {
  Cycle value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw UsageError(fmt::format("--window '{}': must be CYCLES or FROM:TO", whole));
  return value;
}

Window parse_window(const std::string& text) {
  Window w;
  if (text.empty()) return w;
  const size_t colon = text.find(':');
  if (colon == std::string::npos) {
    w.around = true;
    w.from = w.to = parse_cycle(text, text);
  } else {
    w.from = parse_cycle(text.substr(0, colon), text);
    w.to = parse_cycle(text.substr(colon + 1), text);
    if (w.from > w.to) throw UsageError(fmt::format("--window '{}': ends before it begins", text));
  }
  return w;
}

// The folder of `path` exists and can be written to, before a long run rather than after.
void prepare_folder(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw HostError(fmt::format("cannot make {}: {}", folder.string(), error.message()));
  if (::access(folder.c_str(), W_OK) != 0)
    throw HostError(fmt::format("cannot write to {}: {}", folder.string(), std::strerror(errno)));
}

struct Outputs {
  std::string json, events, waves, pc_trace, record_order, enforce_order;
};

int run_and_report(const std::string& scenario, const Config& config, bool skip, bool verbose, const Window& window,
                   const Outputs& out) {
  const ModelEntry& model = select_model(config, model_registry());
  for (const std::string* path : {&out.events, &out.waves, &out.pc_trace, &out.record_order})
    if (!path->empty()) prepare_folder(*path);
  const fs::path folder = fs::path(out.json).parent_path();
  const FolderLock lock(folder.empty() ? "." : folder.string());
  RunOptions options;
  options.skip = skip;
  options.driver_log = verbose;
  options.progress = ::isatty(STDERR_FILENO);
  RunResult result;
  if (!out.waves.empty() && window.around) {
    // The window is known only after the run; the second run is the same run (D27).
    const Cycle anchor = run_scenario(scenario, config, model, options).anchor;
    options.waves_from = anchor > window.from ? anchor - window.from : 0;
    options.waves_to = anchor + window.to;
    options.driver_log = false;
  } else {
    options.waves_from = window.from;
    options.waves_to = window.to;
  }
  options.waves = out.waves;
  options.events = out.events;
  options.pc_trace = out.pc_trace;
  options.record_order = out.record_order;
  options.enforce_order = out.enforce_order;
  result = run_scenario(scenario, config, model, options);
  const std::string json = report_json(result);
  write_file_atomically(out.json, json);
  const std::string page = fs::path(out.json).replace_extension("html").string();
  if (!out.events.empty()) write_file_atomically(page, report_html(nlohmann::json::parse(json), result.log));
  fmt::print("{}", report_text(result, ::isatty(STDOUT_FILENO)));
  fmt::print("  report: {}{}\n", out.json, out.events.empty() ? "" : fmt::format(", page: {}, log: {}", page, out.events));
  if (!out.waves.empty()) fmt::print("  waves: {}\n", out.waves);
  if (const CheckResult* failure = result.first_failure()) {
    fmt::print("\nfirst violated check: {} at cycle {}\nreplay with waves: {}\n", failure->name, failure->cycle,
               replay_command(out.json, fs::path(out.json).replace_extension("fst").string()));
    return kFail;
  }
  return kPass;
}

int do_list() {
  fmt::print("scenarios:\n");
  for (const ScenarioEntry& entry : scenario_registry()) fmt::print("  {:<12} {}\n", entry.name, entry.summary);
  fmt::print("policies:\n");
  for (unsigned i = 0; const char* name = smmu_policy_name(i); ++i)
    fmt::print("  {:<16} {}\n", name, smmu_policy_summary(i));
  fmt::print("models:\n");
  for (const ModelEntry& m : model_registry())
    fmt::print("  {} endpoints, {} itags per {}, {} ATC entries, {}, packets of {} bytes{}{}{}\n", m.info.endpoints, m.info.itags,
               m.info.itag_scope_global ? "system" : "function", m.info.atc_entries, m.info.topology, m.info.max_payload,
               m.info.functions > 1 ? fmt::format(", {} functions each", m.info.functions) : std::string(),
               m.info.vfs ? fmt::format(", {} virtual functions each", m.info.vfs) : std::string(),
               m.info.ecmdqs ? fmt::format(", {} enhanced command queues", m.info.ecmdqs) : std::string());
  return kPass;
}

int do_run(const RunArgs& args) {
  Config config = make_config(args);
  find_scenario(args.scenario).create()->configure(config);
  if (args.print_config) {
    fmt::print("{}", config.to_toml());
    return kPass;
  }
  if (args.waves.empty() && !args.window.empty()) throw UsageError("--window needs --waves");
  if (!args.pc_trace.empty() && config.cpu.port != "aarch64") throw UsageError("--pc-trace needs --cpu aarch64");
  const std::string folder = args.out.empty() ? "out/run/" + args.scenario : args.out;
  Outputs out;
  out.json = args.json.empty() ? folder + "/report.json" : args.json;
  out.events = args.no_events ? "" : args.events.empty() ? folder + "/events.bin" : args.events;
  out.waves = args.waves;
  out.pc_trace = args.pc_trace;
  out.record_order = args.record_order;
  out.enforce_order = args.enforce_order;
  return run_and_report(args.scenario, config, !args.no_skip, args.verbose, parse_window(args.window), out);
}

int do_replay(const std::string& report, const RunArgs& args) {
  const RunOfReport run = run_of_report(read_report(report), report);
  find_scenario(run.scenario);
  Window window = parse_window(args.window.empty() ? "5000" : args.window);
  if (window.around) {
    const Cycle reach = window.from;
    window = Window{false, run.anchor > reach ? run.anchor - reach : 0, run.anchor + reach};
  }
  Outputs out;
  const fs::path folder = fs::path(report).parent_path() / "replay";
  const fs::path log = fs::path(report).parent_path() / "events.bin";
  out.json = args.json.empty() ? (folder / "report.json").string() : args.json;
  out.events = args.events.empty() ? (folder / "events.bin").string() : args.events;
  out.waves = args.waves;
  if (out.waves.empty() && args.waves_wanted) out.waves = (folder / "waves.fst").string();
  if (fs::exists(out.events) && fs::exists(log) && fs::equivalent(out.events, log))
    throw UsageError(fmt::format("--events {} is the log of the run itself", out.events));
  const int status = run_and_report(run.scenario, run.config, run.skip, args.verbose, window, out);
  if (!fs::exists(log)) return status;
  const std::vector<Event> original = read_event_log(log.string()), again = read_event_log(out.events);
  const auto [a, b] = std::mismatch(original.begin(), original.end(), again.begin(), again.end());
  if (a == original.end() && b == again.end()) {
    fmt::print("  log: the same as {}\n", log.string());
    return status;
  }
  fmt::print("\nthe replayed log differs from {}, first in cycle {}\n", log.string(), (a == original.end() ? *b : *a).cycle);
  return kFail;
}

std::string event_line(const Event& e, bool csv) {
  if (csv)
    return fmt::format("{},{},{},{:#x},{:#x},{:#x}", e.cycle, event_name(e.event), e.src, e.a0, e.a1, e.a2);
  const std::string details = describe_event(e);
  return fmt::format("{:>12}  {:<20}{}{}", e.cycle, event_name(e.event), details.empty() ? "" : " ", details);
}

int do_events(const std::string& path, const std::string& grep, bool csv, const std::string& perfetto) {
  if (!perfetto.empty()) {
    write_file_atomically(perfetto, trace_json(read_event_log(path)));
    return kPass;
  }
  std::regex pattern;
  try {
    pattern.assign(grep, std::regex::extended | std::regex::optimize);
  } catch (const std::regex_error& e) {
    throw UsageError(fmt::format("--grep '{}': {}", grep, e.what()));
  }
  if (csv) fmt::print("cycle,event,src,a0,a1,a2\n");
  for (const Event& e : read_event_log(path)) {
    const std::string line = event_line(e, csv);
    if (grep.empty() || std::regex_search(line, pattern)) fmt::print("{}\n", line);
  }
  return kPass;
}

void add_common(CLI::App& app, RunArgs& args) {
  app.add_option("--json", args.json, "where report.json goes");
  app.add_option("--events", args.events, "where the event log goes");
  app.add_option("--window", args.window, "CYCLES around the first violation or time-out, or FROM:TO");
  app.add_flag("-v,--verbose", args.verbose, "the driver's messages on stderr");
}

}  // namespace

int cli_main(int argc, char** argv) {
  CLI::App app{"atcbench: what happens, cycle by cycle, when an SMMUv3 invalidates a device's ATC"};
  app.require_subcommand(1);
  app.set_version_flag("--version", tool_versions_text());

  CLI::App& list = *app.add_subcommand("list", "scenarios, policies, models");
  bool keys = false;
  list.add_flag("--keys", keys, "the configuration reference instead (doc/config.md)");
  RunArgs args;
  CLI::App& run = *app.add_subcommand("run", "run one scenario");
  run.add_option("scenario", args.scenario, "name from `list`")->required();
  run.add_option("--policy", args.policy, "driver.policy");
  run.add_option("--devices", args.devices, "system.devices");
  run.add_option("--cpus", args.cpus, "system.cpus");
  run.add_option("--cpu", args.port, "cpu.port: native or aarch64");
  run.add_option("--pc-trace", args.pc_trace, "AArch64: write every instruction and driver event, as text");
  CLI::Option* record = run.add_option("--record-order", args.record_order, "write the order of port calls");
  run.add_option("--enforce-order", args.enforce_order, "make the port calls in that order, on whichever port")->excludes(record);
  run.add_option("--seed", args.seed, "seed");
  run.add_option("--config", args.config_file, "TOML file; options win over it");
  run.add_option("--set", args.sets, "key=value, may be repeated");
  run.add_option("--out", args.out, "folder of the results (out/run/<scenario>)");
  run.add_flag("--no-skip", args.no_skip, "simulate every idle cycle");
  run.add_flag("--print-config", args.print_config, "print all keys with their values, run nothing");
  run.add_option("--waves", args.waves, "write waves (FST)");
  add_common(run, args);
  run.add_flag("--no-events", args.no_events, "write no event log")->excludes("--events");
  std::string path, grep, perfetto;
  std::vector<std::string> waves;
  bool csv = false;
  CLI::App& events = *app.add_subcommand("events", "print an event log");
  events.add_option("file", path, "events.bin")->required();
  events.add_option("--grep", grep, "only lines that match this (extended regular expression)");
  events.add_flag("--csv", csv, "comma-separated");
  events.add_option("--perfetto", perfetto, "write a trace for the Perfetto viewer instead")->excludes("--csv")->excludes("--grep");
  CLI::App& replay = *app.add_subcommand("replay", "repeat the run of a report");
  replay.add_option("report", path, "report.json")->required();
  replay.add_option("--waves", waves, "write waves (FST), by default replay/waves.fst beside the report")->expected(0, 1);
  add_common(replay, args);

  int status = kPass;
  add_compare(app, status);
  add_sweep(app, status);
  add_html(app, status);
  add_matrix(app, status);

  try {
    app.parse(argc, argv);
    if (list && keys) {
      fmt::print("{}", config_reference());
      return kPass;
    }
    if (list) return do_list();
    if (run) return do_run(args);
    if (events) return do_events(path, grep, csv, perfetto);
    if (replay) {
      args.waves_wanted = replay.count("--waves") != 0;
      if (!waves.empty()) args.waves = waves.front();
      return do_replay(path, args);
    }
    return status;
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    fmt::print(stderr, "atcbench: {}\n", e.what());
  } catch (const UsageError& e) {
    fmt::print(stderr, "atcbench: {}\n", e.what());
  } catch (const HostError& e) {
    fmt::print(stderr, "atcbench: {}\n", e.what());
  }
  return kUsage;
}

}  // namespace atcbench
