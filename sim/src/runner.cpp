// SPDX-License-Identifier: Apache-2.0
#include "atcbench/runner.h"

#include <fmt/format.h>

#include <cstdio>

#include "atcbench/error.h"
#include "atcbench/event_names.h"
#include "atcbench/scenario.h"
#include "atcbench/simulation.h"
#include "recovery_watch.h"

namespace atcbench {
namespace {

void log_line(Cycle now, unsigned cpu, port_log_level level, const std::string& line) {
  static constexpr const char* kLevel[] = {"err", "warn", "info", "debug"};
  fmt::print(stderr, "[{:>10}] cpu{} {}: {}\n", now, cpu, kLevel[level], line);
}

CheckResult failed(const std::string& name, Cycle cycle, const std::string& message) {
  return CheckResult{name, false, cycle, message, 1};
}

}  // namespace

const CheckResult* RunResult::first_failure() const {
  const CheckResult* first = nullptr;
  for (const CheckResult& check : checks)
    if (!check.pass && (!first || check.cycle < first->cycle)) first = &check;
  return first;
}

double RunResult::cycles_per_second() const {
  return host_seconds > 0 ? static_cast<double>(cycles - jumped) / host_seconds : 0;
}

RunResult run_scenario(const std::string& name, Config config, const ModelEntry& model, const RunOptions& options) {
  const std::unique_ptr<Scenario> scenario = find_scenario(name).create();
  scenario->configure(config);
  Simulation::Options sim_options;
  sim_options.skip = options.skip;
  Simulation sim(std::move(config), model.create(), sim_options);
  sim.oracles().add(make_sync_oracle());
  sim.oracles().add(make_completion_oracle());
  sim.oracles().add(make_tlp_oracle());
  sim.oracles().add(make_eats_oracle(&sim.ownership()));
  sim.oracles().add(make_conservation_oracle());
  sim.oracles().add(make_translation_oracle());
  const Config& c = sim.config();
  sim.oracles().add(make_cpu_oracle({c.driver.gerror_irq != 0, c.cpu.poll_timeout, c.cpu.poll_timeout}));
  RecoveryWatch watch(sim);
  if (options.driver_log) sim.machine().on_log(log_line);
  if (!options.waves.empty()) sim.set_waves(options.waves, options.waves_from, options.waves_to);

  sim.model().set_assertions(sim.config().sim.assertions != 0);
  Testbed testbed(sim);
  sim.reset();
  scenario->start(testbed);
  RunResult result;
  StopReason stop = StopReason::kDone;
  std::string broken;
  std::string asserted;
  try {
    stop = sim.run([&sim] { return sim.machine().finished(); }, sim.config().sim.max_cycles);
  } catch (const HostError& e) {
    broken = e.what();
  } catch (const AssertionError& e) {
    asserted = e.what();
  }
  sim.close_waves();

  if (!broken.empty()) result.checks.push_back(failed("driver_and_machine", sim.now(), broken));
  if (!asserted.empty()) result.checks.push_back(failed("assertion", sim.now(), asserted));
  if (stop == StopReason::kHang) {
    result.checks.push_back(failed(
        "no_hang", sim.now(),
        fmt::format("nothing can ever happen again; {}", fmt::join(sim.machine().waiters(), "; "))));
  } else if (stop == StopReason::kLimit) {
    result.checks.push_back(failed(
        "ends_in_time", sim.now(),
        fmt::format("not done after sim.max_cycles = {} steps; {}", sim.config().sim.max_cycles,
                    fmt::join(sim.machine().waiters(), "; "))));
  } else if (broken.empty() && asserted.empty()) {
    sim.oracles().finish(sim.now());
    scenario->verify(testbed);
  }
  for (CheckResult& check : sim.oracles().results()) result.checks.push_back(std::move(check));
  result.checks.push_back(sim.ownership().stale_check());
  result.checks.push_back(sim.ownership().foreign_check());
  for (const CheckResult& check : testbed.checks()) result.checks.push_back(check);

  const std::vector<Event>& events = sim.log().events();
  result.scenario = name;
  result.config = sim.config();
  result.model = model.info;
  result.skip = options.skip;
  result.figures = derive_figures(events);
  if (sim.machine().stats().irq_off_max) result.figures["irq_off.longest"].add(sim.machine().stats().irq_off_max);
  result.waterfall = build_waterfall(events);
  result.stale = sim.ownership().stale();
  result.dma_accesses = sim.ownership().accesses();
  result.cycles = sim.now();
  result.jumped = sim.jumped();
  result.host_seconds = sim.host_time().total;
  result.model_share = sim.host_time().model_share;
  result.events = events.size();
  result.log_lines =
      sim.machine().stats().log_lines[PORT_LOG_ERR] + sim.machine().stats().log_lines[PORT_LOG_WARN];
  if (const CheckResult* failure = result.first_failure()) {
    result.anchor = failure->cycle;
  } else {
    for (const Event& e : events) {
      if (e.event != EV_INV_TIMEOUT) continue;
      result.anchor = e.cycle;
      break;
    }
  }
  if (!options.events.empty()) {
    sim.log().write(options.events);
    result.log = sim.log().take();
  }
  return result;
}

}  // namespace atcbench
