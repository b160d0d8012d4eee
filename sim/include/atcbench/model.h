// SPDX-License-Identifier: Apache-2.0
//
// The design under test as the harness sees it: pins of rtl/top/atc_top.sv (doc/interfaces.md), one clock.
//
// A cycle is: settle(in) with the clock low, look at the outputs, edge(step). Outputs are sampled after
// settle, so a combinational ready answers a valid of the same cycle.
//
// Sleep (D21): with its inputs held, a quiet design changes nothing but its time before its next deadline. A
// model that may sleep does not evaluate such cycles: it gives the same outputs with a later `now`, and makes up
// for the time in one edge when an input changes or the deadline comes. Otherwise every cycle is evaluated.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "atcbench/types.h"

namespace atcbench {

struct AxiLiteIn {  // driven by the harness
  uint32_t awaddr = 0;
  uint32_t araddr = 0;
  uint64_t wdata = 0;
  uint8_t wstrb = 0;
  bool awvalid = false;
  bool wvalid = false;
  bool bready = false;
  bool arvalid = false;
  bool rready = false;
};

struct AxiLiteOut {
  uint64_t rdata = 0;
  uint8_t bresp = 0;
  uint8_t rresp = 0;
  bool awready = false;
  bool wready = false;
  bool bvalid = false;
  bool arready = false;
  bool rvalid = false;
};

using Beat = std::array<uint32_t, 4>;  // 128 bits, byte 0 lowest

struct AxiIn {  // driven by the harness
  Beat rdata{};
  uint8_t rid = 0;
  uint8_t rresp = 0;
  uint8_t bid = 0;
  uint8_t bresp = 0;
  bool arready = false;
  bool rvalid = false;
  bool rlast = false;
  bool awready = false;
  bool wready = false;
  bool bvalid = false;
};

struct AxiOut {
  Addr araddr = 0;
  Addr awaddr = 0;
  Beat wdata{};
  uint32_t aruser = 0;
  uint32_t awuser = 0;
  uint16_t wstrb = 0;
  uint8_t arid = 0;
  uint8_t arlen = 0;
  uint8_t awid = 0;
  uint8_t awlen = 0;
  bool arvalid = false;
  bool rready = false;
  bool awvalid = false;
  bool wvalid = false;
  bool wlast = false;
  bool bready = false;
};

struct Straps {
  uint64_t cfg_timeout = 5000;
  uint64_t flr_cycles = 2000;
  uint16_t link_latency = 50;
  uint8_t link_width = 16;
  uint8_t sync_rereport = 0;
  uint16_t ep_inv_search = 0;
  uint8_t ep_inv_depth = 32;
  uint8_t ep_xlat_pages = 0;
  bool ep_stale_all = false;
  bool sync_err_first = false;
  uint16_t link_train = 100;
  uint8_t isolate = 0;  // D16: 0 off, 1 translated requests, 2 all memory requests, 3 port containment
  bool slot_surprise = false;
  bool rrs_retry = false;
  bool flr_snoop = false;
  uint8_t stream_share = 0;  // so many endpoints, from the first, present the StreamID of endpoint 0
};

// What the world does to the slots, a bit for each endpoint.
struct Slots {
  uint32_t present = 0xFFFF;
  uint32_t line = 0xFFFF;  // the line works
  uint32_t mute = 0;       // every packet is lost, the root port does not notice
  bool operator==(const Slots& o) const { return present == o.present && line == o.line && mute == o.mute; }
};

struct ModelInputs {
  uint64_t step = 1;
  bool rst_n = false;
  AxiLiteIn reg;
  AxiLiteIn pci;
  AxiIn tcu;
  AxiIn dma;
  Straps straps;
  Slots slots;
};

struct ModelOutputs {
  uint64_t now = 0;
  uint64_t next_deadline = kTimeMask;  // all ones: none
  bool quiet = false;
  bool irq_gerror = false;
  bool irq_evtq = false;
  bool irq_priq = false;
  bool irq_sync = false;
  bool irq_pmcg = false;
  bool sev = false;
  AxiLiteOut reg;
  AxiLiteOut pci;
  AxiOut tcu;
  AxiOut dma;
};

// What a model was built for; these size hardware and cannot be changed at run time.
struct ModelInfo {
  std::string name;
  unsigned endpoints = 4;
  unsigned functions = 1;  // of an endpoint
  unsigned vfs = 0;        // virtual functions of function 0
  unsigned itags = 32;
  bool itag_scope_global = false;
  unsigned atc_entries = 64;
  bool mutants = false;  // holds the wrong lines that sim.mutant switches on
  std::string topology = "rootports";  // D12
  unsigned max_payload = 64;           // bytes that a packet carries
  unsigned ecmdqs = 0;                 // enhanced command queues
};

class Model {
 public:
  virtual ~Model() = default;

  virtual const ModelInfo& info() const = 0;
  // Whether it may sleep (at first not). A model that never sleeps ignores it.
  virtual void allow_sleep(bool /*allowed*/) {}

  // Clock low with these inputs; combinational outputs are valid afterwards.
  virtual void settle(const ModelInputs& in, ModelOutputs& out) = 0;
  // Rising edge with this step. Monitors report from here.
  virtual void edge(uint64_t step) = 0;

  // The wrong line of the design that is on in this run; before the first cycle.
  virtual void set_mutant(const std::string& /*name*/) {}
  // Bound assertions on (the default) or off. A failing one ends the run: edge() or settle() throws AssertionError.
  virtual void set_assertions(bool /*on*/) {}

  // The run is over: monitors report what they have counted. Once, before the model goes.
  virtual void finish() {}

  // Waves: opens an FST file; from then on every cycle is written, stamped with its number in ns.
  virtual void open_waves(const std::string& path) = 0;
  virtual void close_waves() = 0;
};

struct ModelEntry {
  ModelInfo info;
  std::function<std::unique_ptr<Model>()> create;
};

// The models that were linked into this binary (sim/models), smallest first.
const std::vector<ModelEntry>& model_registry();

}  // namespace atcbench
