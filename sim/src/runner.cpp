// SPDX-License-Identifier: Apache-2.0
#include "atcbench/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "aarch64_port.h"
#include "atcbench/error.h"
#include "atcbench/event_names.h"
#include "atcbench/hang_report.h"
#include "atcbench/scenario.h"
#include "atcbench/simulation.h"
#include "recovery_watch.h"

namespace atcbench {
namespace {

void log_line(Cycle now, unsigned cpu, port_log_level level, const std::string& line) {
  static constexpr const char* kLevel[] = {"err", "warn", "info", "debug"};
  fmt::print(stderr, "[{:>10}] cpu{} {}: {}\n", now, cpu, kLevel[level], line);
}

// The line is gone when the run is over.
class Progress {
 public:
  explicit Progress(bool on) : on_(on) {}
  ~Progress() {
    if (shown_) fmt::print(stderr, "\r\033[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Once a step; looks at the clock once in 16,384.
  void step(const Simulation& sim) {
    if (on_ && (++steps_ & 0x3fff) == 0) show(sim);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void show(const Simulation& sim) {
    const auto now = Clock::now();
    if (now - begin_ < std::chrono::seconds(2) || now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    shown_ = true;
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double speed = static_cast<double>(sim.steps()) / seconds;
    // When it ends nobody knows; when it is stopped at the latest, the limit says.
    fmt::print(stderr, "\r  cycle {} ({:.3f} ms at 1 GHz), {:.0f} cycles/s, {:.0f} s; at most {:.0f} s more\033[K", sim.now(),
               static_cast<double>(sim.now()) / 1e6, speed, seconds,
               static_cast<double>(sim.config().sim.max_cycles - std::min(sim.config().sim.max_cycles, sim.steps())) / speed);
    std::fflush(stderr);
  }

  const bool on_;
  bool shown_ = false;
  uint64_t steps_ = 0;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
};

// As of the end of the load; all 0 if the run did not get there.
std::map<std::string, uint64_t> driver_counters(const smmu_stats& s) {
  return {{"driver.commands", s.commands},
          {"driver.syncs", s.syncs},
          {"driver.sync_expired", s.sync_expired},
          {"driver.gerror_irqs", s.gerror_irqs},
          {"driver.gerror_polls", s.gerror_polls},
          {"driver.gerror_lost", s.gerror_lost},
          {"driver.other_gerrors", s.other_gerrors},
          {"driver.timeouts", s.timeouts},
          {"driver.foreign_errors", s.foreign_errors},
          {"driver.suppressed", s.suppressed},
          {"driver.probes", s.probes},
          {"driver.probes_failed", s.probes_failed},
          {"driver.isolated", s.isolated},
          {"driver.isolate_lost", s.isolate_lost},
          {"driver.isolate_raced", s.isolate_raced},
          {"driver.error_events", s.error_events},
          {"driver.resets", s.resets},
          {"driver.resets_failed", s.resets_failed},
          {"driver.reattached", s.reattached},
          {"driver.blame_nobody", s.blame_nobody},
          {"driver.page_requests", s.page_requests},
          {"driver.page_responses", s.page_responses},
          {"driver.page_overflows", s.page_overflows},
          {"driver.unmaps", s.unmaps}};
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
  sim.oracles().add(make_tlp_oracle(sim.config().functions()));
  sim.oracles().add(make_eats_oracle(&sim.ownership()));
  sim.oracles().add(make_conservation_oracle(sim.config().functions()));
  sim.oracles().add(make_translation_oracle());
  const Config& c = sim.config();
  // A slot that loses packets, and a root complex that throws them away on its own account, break what these two promise.
  if (c.slot.what == "none" && c.rc.isolate == "off" && c.rc.dpc == "off") {
    sim.oracles().add(make_dma_oracle(&sim.ownership(), sim.config().functions()));
    sim.oracles().add(make_pri_oracle(sim.config().functions()));
  }
  sim.oracles().add(make_cpu_oracle({c.driver.gerror_irq != 0, c.cpu.poll_timeout, c.cpu.poll_timeout,
                                     100 * (c.system.cpus + 1) + c.cpu.poll_period}));
  RecoveryWatch watch(sim);
  if (options.driver_log) sim.machine().on_log(log_line);
  if (!options.waves.empty()) sim.set_waves(options.waves, options.waves_from, options.waves_to);

  std::optional<CallOrder> order;
  if (!options.enforce_order.empty()) {
    order.emplace(options.enforce_order);
    sim.tcu_memory().on_overwrite([&order](Addr addr, uint32_t before, uint32_t after) { order->smmu_wrote(addr, before, after); });
  } else if (!options.record_order.empty()) {
    order.emplace();
  }
  if (order) sim.machine().keep_order(&*order);
  if (!options.pc_trace.empty() && sim.machine().aarch64()) sim.machine().aarch64()->trace_to(options.pc_trace);

  sim.model().set_mutant(sim.config().sim.mutant);
  sim.model().set_assertions(sim.config().sim.assertions != 0);
  Testbed testbed(sim);
  sim.reset();
  scenario->start(testbed);
  RunResult result;
  StopReason stop = StopReason::kDone;
  std::string broken;
  std::string asserted;
  try {
    Progress progress(options.progress);
    const auto done = [&sim, &progress] {
      progress.step(sim);
      return sim.machine().finished();
    };
    stop = sim.run(done, sim.config().sim.max_cycles);
  } catch (const HostError& e) {
    broken = e.what();
  } catch (const AssertionError& e) {
    asserted = e.what();
  }
  const Cycle end = sim.now();
  const Cycle jumped = sim.jumped();
  if (stop == StopReason::kDone && broken.empty() && asserted.empty()) {
    try {
      sim.come_to_rest();
    } catch (const AssertionError& e) {
      asserted = e.what();
    }
  }
  sim.close_waves();

  if (order && !order->enforced()) order->write(options.record_order);

  if (!broken.empty()) result.checks.push_back(failed("driver_and_machine", sim.now(), broken));
  if (!asserted.empty()) result.checks.push_back(failed("assertion", sim.now(), asserted));
  if (stop == StopReason::kHang) {
    result.checks.push_back(failed("no_hang", end, "nothing can ever happen again; " + who_waits(sim)));
  } else if (stop == StopReason::kLimit) {
    result.checks.push_back(failed(
        "ends_in_time", end,
        fmt::format("not done after sim.max_cycles = {} steps; {}", sim.config().sim.max_cycles, who_waits(sim))));
  } else if (broken.empty() && asserted.empty()) {
    sim.oracles().finish(end);
    scenario->verify(testbed);
    if (order && order->enforced())
      testbed.check("order_of_calls", !order->next(), fmt::format("{} of {} recorded port calls were made", order->position(), order->size()));
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
  if (Aarch64Port* port = sim.machine().aarch64()) {
    const auto count = [port](unsigned cpu, Cycle at) { return port->retired(cpu, at); };
    add_instructions(result.figures, events, count);
    add_instructions(result.waterfall, count);
  }
  result.counters = driver_counters(testbed.stats());
  for (const auto& [counter, value] : testbed.counters()) result.counters[counter] = value;
  result.stale = sim.ownership().stale();
  result.dma_accesses = sim.ownership().accesses();
  result.cycles = end;
  result.jumped = jumped;
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
