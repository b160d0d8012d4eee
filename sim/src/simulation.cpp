// SPDX-License-Identifier: Apache-2.0
#include "atcbench/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "atcbench/error.h"

namespace atcbench {
namespace {

constexpr unsigned kResetCycles = 8;
constexpr uint64_t kMeasureEvery = 128;
constexpr Cycle kRestCycles = 1000;

double host_seconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

Dram make_dram(const Config& config, const Simulation::Options& options) {
  const uint64_t bytes = config.system.dram_mib << 20;
  if (options.dram_host) return Dram(kDramBase, bytes, options.dram_host);
  if (options.dram_fd >= 0) return Dram::from_fd(kDramBase, bytes, options.dram_fd);
  return Dram(kDramBase, bytes);
}

AxiMemory::Params memory_params(const Config& config) {
  return {config.mem.latency, static_cast<unsigned>(config.mem.outstanding)};
}

}  // namespace

Simulation::Simulation(Config config, std::unique_ptr<Model> model, Options options)
    : config_(std::move(config)),
      model_(std::move(model)),
      dram_(make_dram(config_, options)),
      ownership_(log_, config_.functions()),
      tcu_(dram_, memory_params(config_)),
      dma_(dram_, memory_params(config_), &ownership_),
      machine_(std::make_unique<Machine>(config_, dram_, reg_, pci_, log_)),
      skip_(options.skip) {
  in_.straps = config_.straps();
  if (config_.slot.what != "none") slot_due_ = 0;
  model_->allow_sleep(skip_);
  ownership_.log_accesses(config_.sim.log_bus != 0);
  const auto ring = [this](uint32_t value) {
    machine_->raise_irq(value);
    if (msi_hook_) msi_hook_(value);
  };
  tcu_.on_doorbell(ring);
  dma_.on_doorbell(ring);
  oracles_.attach(log_);
}

Simulation::~Simulation() = default;

void Simulation::reset() {
  EventScope scope(log_);
  in_.rst_n = false;
  in_.step = 1;
  for (unsigned i = 0; i < kResetCycles; ++i) {
    model_->settle(in_, out_);
    model_->edge(1);
  }
  in_.rst_n = true;
  now_ = 0;
  log_.end_cycle(0);
}

void Simulation::set_slot(unsigned endpoint, const std::string& what, bool good) {
  const uint32_t bit = 1u << endpoint;
  const auto put = [bit](uint32_t& word, bool on) { word = on ? word | bit : word & ~bit; };
  if (what == "remove") put(in_.slots.present, good);
  if (what == "line") put(in_.slots.line, good);
  if (what == "mute") put(in_.slots.mute, !good);
}

// The slot of the configuration.
void Simulation::drive_slot() {
  const Config::Slot& slot = config_.slot;
  set_slot(static_cast<unsigned>(slot.device), slot.what, now_ < slot.at || (slot.back != 0 && now_ >= slot.back));
  slot_due_ = now_ < slot.at ? slot.at : slot.back > now_ ? slot.back : kNever;
}

const ModelInputs& Simulation::drive() {
  in_.step = 1;
  if (now_ >= slot_due_) drive_slot();
  tcu_.drive(now_, in_.tcu);
  dma_.drive(now_, in_.dma);
  reg_.drive(in_.reg);
  pci_.drive(in_.pci);
  return in_;
}

Cycle Simulation::observe(const ModelOutputs& out) {
  if (&out != &out_) out_ = out;
  if (out.now != (now_ & kTimeMask))
    throw HostError(fmt::format("the design's time is {}, the harness counts {}", out.now, now_));
  tcu_.observe(now_, out.tcu, in_.tcu);
  dma_.observe(now_, out.dma, in_.dma);
  reg_.observe(out.reg, in_.reg);
  pci_.observe(out.pci, in_.pci);
  if (out.irq_gerror | out.irq_evtq | out.irq_priq | out.irq_sync | out.irq_pmcg) {
    const bool line[] = {out.irq_gerror, out.irq_evtq, out.irq_priq, out.irq_sync, out.irq_pmcg};
    for (unsigned irq = 0; irq < std::size(line); ++irq) {
      if (!line[irq]) continue;
      machine_->raise_irq(irq);
      if (irq_hook_) irq_hook_(irq);
    }
  }
  if (out.sev) machine_->send_event();
  machine_->run(now_);
  in_.step = out.quiet ? choose_step() : 1;
  return in_.step;
}

void Simulation::commit() {
  log_.end_cycle(now_);
  now_ += in_.step;
  ++steps_;
}

bool Simulation::quiescent() const {
  return reg_.settled() && pci_.settled() && tcu_.next_event() > now_ && dma_.next_event() > now_ && !log_.pending();
}

// Called when the design is quiet in this cycle.
Cycle Simulation::choose_step() {
  if (!quiescent()) return 1;
  const Machine::Outlook cpus = machine_->outlook();
  const Cycle model = out_.next_deadline == kTimeMask ? kNever : out_.next_deadline;
  const Cycle event = std::min({model, tcu_.next_event(), dma_.next_event(), cpus.next, slot_due_});
  const Cycle limit = std::min(event, horizon_);
  if (cpus.sampling || !reg_.idle() || !pci_.idle()) {
    // A transaction that the design answers at a deadline (a configuration request to nobody): up to that, or the next sample.
    const Cycle target = std::min(limit, cpus.next_sample);
    if (!skip_ || target == kNever || target <= now_ + 1) return 1;
    machine_->jump(target, 0, {});
    jumped_ += target - now_ - 1;
    return target - now_;
  }
  if (!cpus.register_polls) {
    pattern_.valid = false;
    if (event == kNever && horizon_ == kNever) {
      hang_ = true;
      return 1;
    }
    if (!skip_ || limit <= now_ + 1) return 1;
    const Cycle step = limit - now_;
    machine_->jump(limit, step, {});
    jumped_ += step - 1;
    return step;
  }
  if (cpus.period == 0) return 1;
  const bool same = pattern_.valid && pattern_.period == cpus.period && pattern_.deadline == out_.next_deadline &&
                    pattern_.progress == machine_->progress();
  if (!same) {
    pattern_ = Pattern{true, now_, cpus.period, cpus.phase, machine_->progress(), out_.next_deadline,
                       machine_->stats()};
    return 1;
  }
  if (now_ < pattern_.since + cpus.period) return 1;
  // One repetition has passed without an effect. If every sample is as far ahead as it was a period ago, this
  // cycle is the same as that one; otherwise it starts another watch.
  const bool repeats = now_ == pattern_.since + cpus.period && cpus.phase == pattern_.phase;
  MachineStats skipped;
  skipped.mmio = machine_->stats().mmio - pattern_.stats.mmio;
  skipped.register_samples = machine_->stats().register_samples - pattern_.stats.register_samples;
  pattern_.since = now_;
  pattern_.phase = cpus.phase;
  pattern_.stats = machine_->stats();
  if (!repeats) return 1;
  if (event == kNever && horizon_ == kNever) {
    hang_ = true;
    return 1;
  }
  if (!skip_ || limit <= now_ + 1) return 1;
  const uint64_t repetitions = (limit - now_ - 1) / cpus.period;
  if (repetitions == 0) return 1;
  const Cycle shift = repetitions * cpus.period;
  skipped.mmio *= repetitions;
  skipped.register_samples *= repetitions;
  machine_->jump(now_ + 1 + shift, shift, skipped);
  jumped_ += shift;
  pattern_.valid = false;
  return shift + 1;
}

void Simulation::step() {
  EventScope scope(log_);
  if (now_ >= wave_from_ && !waves_open_ && now_ <= wave_to_) {
    model_->open_waves(wave_path_);
    waves_open_ = true;
  }
  if (waves_open_ && now_ > wave_to_) close_waves();
  if (steps_ % kMeasureEvery == 0) {
    step_measured();
    return;
  }
  model_->settle(drive(), out_);
  model_->edge(observe(out_));
  commit();
}

void Simulation::step_measured() {
  const double t0 = host_seconds();
  drive();
  const double t1 = host_seconds();
  model_->settle(in_, out_);
  const double t2 = host_seconds();
  const Cycle step = observe(out_);
  const double t3 = host_seconds();
  model_->edge(step);
  const double t4 = host_seconds();
  commit();
  const double t5 = host_seconds();
  sampled_model_ += (t2 - t1) + (t4 - t3);
  sampled_all_ += t5 - t0;
}

void Simulation::come_to_rest() {
  const Cycle horizon = std::exchange(horizon_, now_ + 4 * (config_.link.latency + config_.mem.latency) + kRestCycles);
  while (now_ < horizon_) step();
  horizon_ = horizon;
  EventScope scope(log_);
  model_->finish();
  log_.end_cycle(now_);
}

void Simulation::set_waves(std::string path, Cycle from, Cycle to) {
  wave_path_ = std::move(path);
  wave_from_ = from;
  wave_to_ = to;
}

void Simulation::close_waves() {
  if (waves_open_) model_->close_waves();
  waves_open_ = false;
  wave_from_ = kNever;
}

HostTime Simulation::host_time() const {
  return {seconds_, sampled_all_ > 0 ? sampled_model_ / sampled_all_ : 0};
}

Simulation::Timer::Timer(Simulation& s) : s_(s), start_(host_seconds()) {}
Simulation::Timer::~Timer() { s_.seconds_ += host_seconds() - start_; }

}  // namespace atcbench
