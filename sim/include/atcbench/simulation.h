// SPDX-License-Identifier: Apache-2.0
//
// One machine: the design, its memory, its CPUs, the log and the oracles, advanced cycle by cycle.
//
// Order within a cycle `now`:
//   drive    memories and register buses put their pins
//   settle   clock low (the model, or whoever drives it)
//   observe  handshakes are taken, writes become visible, interrupt pins are looked at, CPUs run; the step
//            of the coming edge is chosen
//   edge     clock high; monitors report
//   commit   the cycle's events are sorted and logged; now += step
// step() does all five. A host with a clock of its own (SystemC) calls drive, observe and commit around its own.
//
// The idle jump (D20, D21): when the design is quiet, no transfer is under way and every CPU waits, the step
// goes to the next thing that can happen. CPUs that poll registers disturb the design at every sample, so with
// them the jump is a whole number of repetitions of the polling pattern, after one repetition has been
// simulated and seen to change nothing: the samples before and after the jump fall on the same cycles as
// without it, and so does everything else.
#pragma once

#include <memory>
#include <string>

#include "atcbench/axi_lite_master.h"
#include "atcbench/axi_memory.h"
#include "atcbench/config.h"
#include "atcbench/dram.h"
#include "atcbench/event_log.h"
#include "atcbench/machine.h"
#include "atcbench/model.h"
#include "atcbench/oracle.h"
#include "atcbench/ownership.h"

namespace atcbench {

enum class StopReason { kDone, kHang, kLimit };

struct HostTime {
  double total = 0;        // seconds in run()
  double model_share = 0;  // of the sampled cycles
};

class Simulation {
 public:
  struct Options {
    bool skip = true;           // idle jump
    void* dram_host = nullptr;  // caller's memory of dram_mib MiB
    int dram_fd = -1;           // or a file, offset = physical address
  };

  Simulation(Config config, std::unique_ptr<Model> model, Options options);
  Simulation(Config config, std::unique_ptr<Model> model) : Simulation(std::move(config), std::move(model), Options{}) {}
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // Reset pulse; cycle 0 is the first cycle after it.
  void reset();

  Cycle now() const { return now_; }
  void step();

  // Until `done` (looked at every cycle), a hang, or `limit` more steps.
  template <class F>
  StopReason run(F&& done, uint64_t limit) {
    Timer timer(*this);
    for (uint64_t steps = 0; steps < limit; ++steps) {
      if (done()) return StopReason::kDone;
      if (hang_) return StopReason::kHang;
      step();
    }
    return done() ? StopReason::kDone : StopReason::kLimit;
  }

  // The run is over: lets what is under way arrive (packets, credits, responses), then has the monitors report what
  // they have counted. Nothing may be started meanwhile.
  void come_to_rest();

  // ---- the five parts, for a host that drives the clock
  const ModelInputs& drive();
  Cycle observe(const ModelOutputs& out);  // returns the step for the edge
  void commit();

  // No jump goes beyond this cycle (the host has something to do then).
  void set_horizon(Cycle cycle) { horizon_ = cycle; }
  // Waves of the cycles from .. to.
  void set_waves(std::string path, Cycle from, Cycle to);
  void close_waves();

  // A device is pulled ("remove"), a line breaks ("line"), a link loses every packet unnoticed ("mute"), or it is over.
  void set_slot(unsigned endpoint, const std::string& what, bool good);

  // Pins of the last settled cycle.
  const ModelOutputs& outputs() const { return out_; }
  // Called with the interrupt line, and with the value of each doorbell write, in the cycle itself.
  void on_irq(std::function<void(unsigned)> f) { irq_hook_ = std::move(f); }
  void on_msi(std::function<void(uint32_t)> f) { msi_hook_ = std::move(f); }

  const Config& config() const { return config_; }
  Model& model() { return *model_; }
  Dram& dram() { return dram_; }
  EventLog& log() { return log_; }
  Machine& machine() { return *machine_; }
  Ownership& ownership() { return ownership_; }
  OracleSet& oracles() { return oracles_; }
  AxiMemory& tcu_memory() { return tcu_; }
  AxiMemory& dma_memory() { return dma_; }
  AxiLiteMaster& reg_bus() { return reg_; }
  AxiLiteMaster& pci_bus() { return pci_; }

  bool hang() const { return hang_; }
  uint64_t steps() const { return steps_; }
  Cycle jumped() const { return jumped_; }
  HostTime host_time() const;

 private:
  class Timer {
   public:
    explicit Timer(Simulation& s);
    ~Timer();

   private:
    Simulation& s_;
    double start_;
  };

  void drive_slot();
  void step_measured();
  Cycle choose_step();
  bool quiescent() const;

  Config config_;
  std::unique_ptr<Model> model_;
  Dram dram_;
  EventLog log_;
  Ownership ownership_;
  OracleSet oracles_;
  AxiMemory tcu_;
  AxiMemory dma_;
  AxiLiteMaster reg_;
  AxiLiteMaster pci_;
  std::unique_ptr<Machine> machine_;
  ModelInputs in_;
  ModelOutputs out_;
  bool skip_;
  bool hang_ = false;
  Cycle now_ = 0;
  Cycle horizon_ = kNever;
  Cycle slot_due_ = kNever;  // when the slot of the configuration changes
  uint64_t steps_ = 0;
  Cycle jumped_ = 0;

  // The polling pattern that is being watched for one repetition.
  struct Pattern {
    bool valid = false;
    Cycle since = 0;
    uint64_t period = 0;
    uint64_t phase = 0;
    uint64_t progress = 0;
    Cycle deadline = 0;
    MachineStats stats;
  } pattern_;

  std::string wave_path_;
  Cycle wave_from_ = kNever;
  Cycle wave_to_ = kNever;
  bool waves_open_ = false;

  double seconds_ = 0;
  double sampled_model_ = 0;
  double sampled_all_ = 0;
  std::function<void(unsigned)> irq_hook_;
  std::function<void(uint32_t)> msi_hook_;
};

}  // namespace atcbench
