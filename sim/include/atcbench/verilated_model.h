// SPDX-License-Identifier: Apache-2.0
//
// Model over a Verilated atc_top. One context per instance, so several run in one process.
#pragma once

#include <verilated.h>
#if VM_TRACE_FST
#include <verilated_fst_c.h>
#endif
#if VM_COVERAGE
#include <unistd.h>
#include <verilated_cov.h>

#include <cstdlib>
#endif

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "atcbench/error.h"
#include "atcbench/model.h"
#include "atcbench/model_clock.h"

namespace atcbench {

template <class V>
class VerilatedModel final : public Model {
 public:
  explicit VerilatedModel(ModelInfo info)
      : info_(std::move(info)), context_(std::make_unique<VerilatedContext>()) {
#if VM_TRACE_FST
    context_->traceEverOn(true);
#endif
    top_ = std::make_unique<V>(context_.get(), "atc_top");
    top_->clk_i = 0;
    top_->rst_ni = 0;
    top_->step_i = 1;
  }
  ~VerilatedModel() override {
    close_waves();
    if (!finished_) top_->final();
#if VM_COVERAGE
    write_coverage();
#endif
    // The class's own destructor goes to the thread's current context, which may be that of a model already gone.
    Verilated::threadContextp(context_.get());
  }

  const ModelInfo& info() const override { return info_; }

  void allow_sleep(bool allowed) override {
    wake();
    sleep_allowed_ = allowed;
  }

  void settle(const ModelInputs& in, ModelOutputs& out) override {
    if (slept_) {
      if (last_out_.now < last_out_.next_deadline && same_pins(in, last_in_)) {
        out = last_out_;
        return;
      }
      wake();
    }
    // With the pins as they were, everything that hangs on them is up to date since the edge.
    const bool same = ModelClock<V>::kFallsByItself && settled_ && !waves_open() && same_pins(in, last_in_);
    if (!same) {
      const bool reset = !settled_ || in.rst_n != last_in_.rst_n;
      put(in);
      clock_.settle(*top_, reset || everything());
      last_in_ = in;
      settled_ = true;
    }
#if VM_TRACE_FST
    if (waves_) waves_->dump(stamp_ * 10 + 5);
#endif
    get(out);
    can_sleep_ = sleep_allowed_ && out.quiet && in.rst_n && !waves_open();
    if (can_sleep_) last_out_ = out;
  }

  void edge(uint64_t step) override {
    if (can_sleep_) {
      slept_ += step;
      last_out_.now += step;
    } else {
      clock(step);
    }
  }

  void set_mutant(const std::string& name) override {
    const std::string argument = "+mutant+" + name;
    const char* arguments[] = {"atcbench", argument.c_str()};
    context_->commandArgs(2, arguments);
  }

  void finish() override {
    wake();
    if (!std::exchange(finished_, true)) top_->final();
  }

  void set_assertions(bool on) override { context_->assertOn(on); }

  void open_waves(const std::string& path) override {
#if VM_TRACE_FST
    close_waves();
    wake();
    waves_ = std::make_unique<VerilatedFstC>();
    waves_->set_time_unit("100ps");
    waves_->set_time_resolution("100ps");
    top_->trace(waves_.get(), 99);
    waves_->open(path.c_str());
    if (!waves_->isOpen()) {
      waves_.reset();
      throw HostError("cannot write waves to " + path);
    }
#else
    throw HostError("cannot write " + path + ": this model was built without waves");
#endif
  }

  void close_waves() override {
#if VM_TRACE_FST
    if (waves_) waves_->close();
    waves_.reset();
#endif
  }

 private:
  // The edge itself.
  void clock(uint64_t step) {
    top_->step_i = step;
    clock_.edge(*top_, everything());
#if VM_TRACE_FST
    stamp_ = top_->rst_ni ? top_->now_o : stamp_ + 1;
    if (waves_ && top_->rst_ni) waves_->dump(stamp_ * 10);
#endif
  }

  // Clock every block and evaluate all of it: in reset, while waves are written, and for the run that shows that it makes no
  // difference (--no-skip).
  bool everything() const { return !sleep_allowed_ || waves_open() || !top_->rst_ni; }

  // Makes up for the time slept, with the pins of the cycle that was evaluated last.
  void wake() {
    if (slept_) clock(std::exchange(slept_, 0));
    can_sleep_ = false;
  }

#if VM_COVERAGE
  // One file for each model that lived, in the folder that the environment names.
  void write_coverage() {
    static int serial = 0;
    const char* folder = std::getenv("ATCBENCH_COVERAGE");
    if (!folder) return;
    const std::string path = std::string(folder) + "/" + std::to_string(::getpid()) + "-" + std::to_string(serial++) + ".dat";
    context_->coveragep()->write(path.c_str());
  }
#endif

  bool waves_open() const {
#if VM_TRACE_FST
    return waves_ != nullptr;
#else
    return false;
#endif
  }

  // Every pin but the step. Data of a read bus counts while it is valid: settle() drives it only then.
  static bool same_pins(const ModelInputs& a, const ModelInputs& b) {
    return a.rst_n == b.rst_n && same_bus(a.reg, b.reg) && same_bus(a.pci, b.pci) && same_bus(a.tcu, b.tcu) &&
           same_bus(a.dma, b.dma) && same_straps(a.straps, b.straps) && a.slots == b.slots;
  }
  static bool same_bus(const AxiLiteIn& a, const AxiLiteIn& b) {
    return a.awvalid == b.awvalid && a.wvalid == b.wvalid && a.bready == b.bready && a.arvalid == b.arvalid &&
           a.rready == b.rready && a.awaddr == b.awaddr && a.araddr == b.araddr && a.wdata == b.wdata &&
           a.wstrb == b.wstrb;
  }
  static bool same_bus(const AxiIn& a, const AxiIn& b) {
    return a.arready == b.arready && a.awready == b.awready && a.wready == b.wready && a.rvalid == b.rvalid &&
           a.bvalid == b.bvalid && a.rid == b.rid && a.rresp == b.rresp && a.rlast == b.rlast && a.bid == b.bid &&
           a.bresp == b.bresp && (!a.rvalid || a.rdata == b.rdata);
  }
  static bool same_straps(const Straps& a, const Straps& b) {
    return a.cfg_timeout == b.cfg_timeout && a.flr_cycles == b.flr_cycles && a.link_latency == b.link_latency &&
           a.link_width == b.link_width && a.sync_rereport == b.sync_rereport && a.ep_inv_depth == b.ep_inv_depth &&
           a.ep_inv_search == b.ep_inv_search && a.ep_xlat_pages == b.ep_xlat_pages && a.ep_stale_all == b.ep_stale_all &&
           a.sync_err_first == b.sync_err_first && a.link_train == b.link_train && a.isolate == b.isolate &&
           a.slot_surprise == b.slot_surprise && a.rrs_retry == b.rrs_retry && a.flr_snoop == b.flr_snoop;
  }

  template <class Wide>
  static void put_beat(Wide& to, const Beat& from) {
    for (int i = 0; i < 4; ++i) to[i] = from[i];
  }
  template <class Wide>
  static void get_beat(Beat& to, const Wide& from) {
    for (int i = 0; i < 4; ++i) to[i] = from[i];
  }

  void put_straps(const Straps& s) {
    V& t = *top_;
    t.strap_link_latency_i = s.link_latency;
    t.strap_link_width_i = s.link_width;
    t.strap_sync_err_first_i = s.sync_err_first;
    t.strap_sync_rereport_i = s.sync_rereport;
    t.strap_cfg_timeout_i = s.cfg_timeout;
    t.strap_flr_cycles_i = s.flr_cycles;
    t.strap_ep_inv_depth_i = s.ep_inv_depth;
    t.strap_ep_inv_search_i = s.ep_inv_search;
    t.strap_ep_xlat_pages_i = s.ep_xlat_pages;
    t.strap_ep_stale_all_i = s.ep_stale_all;
    t.strap_link_train_i = s.link_train;
    t.strap_isolate_i = s.isolate;
    t.strap_slot_surprise_i = s.slot_surprise;
    t.strap_rrs_retry_i = s.rrs_retry;
    t.strap_flr_snoop_i = s.flr_snoop;
    t.strap_stream_share_i = s.stream_share;
  }

  void put(const ModelInputs& in) {
    V& t = *top_;
    t.rst_ni = in.rst_n;
    t.step_i = in.step;
    put_straps(in.straps);
    const uint32_t all = (1u << info_.endpoints) - 1;
    t.slot_present_i = in.slots.present & all;
    t.slot_line_i = in.slots.line & all;
    t.slot_mute_i = in.slots.mute & all;
    t.reg_awaddr_i = in.reg.awaddr;
    t.reg_awvalid_i = in.reg.awvalid;
    t.reg_wdata_i = in.reg.wdata;
    t.reg_wstrb_i = in.reg.wstrb;
    t.reg_wvalid_i = in.reg.wvalid;
    t.reg_bready_i = in.reg.bready;
    t.reg_araddr_i = in.reg.araddr;
    t.reg_arvalid_i = in.reg.arvalid;
    t.reg_rready_i = in.reg.rready;
    t.pci_awaddr_i = in.pci.awaddr;
    t.pci_awvalid_i = in.pci.awvalid;
    t.pci_wdata_i = static_cast<uint32_t>(in.pci.wdata);
    t.pci_wstrb_i = in.pci.wstrb;
    t.pci_wvalid_i = in.pci.wvalid;
    t.pci_bready_i = in.pci.bready;
    t.pci_araddr_i = in.pci.araddr;
    t.pci_arvalid_i = in.pci.arvalid;
    t.pci_rready_i = in.pci.rready;
    t.tcu_arready_i = in.tcu.arready;
    t.tcu_rid_i = in.tcu.rid;
    t.tcu_rresp_i = in.tcu.rresp;
    t.tcu_rlast_i = in.tcu.rlast;
    t.tcu_rvalid_i = in.tcu.rvalid;
    if (in.tcu.rvalid) put_beat(t.tcu_rdata_i, in.tcu.rdata);
    t.tcu_awready_i = in.tcu.awready;
    t.tcu_wready_i = in.tcu.wready;
    t.tcu_bid_i = in.tcu.bid;
    t.tcu_bresp_i = in.tcu.bresp;
    t.tcu_bvalid_i = in.tcu.bvalid;
    t.dma_arready_i = in.dma.arready;
    t.dma_rid_i = in.dma.rid;
    t.dma_rresp_i = in.dma.rresp;
    t.dma_rlast_i = in.dma.rlast;
    t.dma_rvalid_i = in.dma.rvalid;
    if (in.dma.rvalid) put_beat(t.dma_rdata_i, in.dma.rdata);
    t.dma_awready_i = in.dma.awready;
    t.dma_wready_i = in.dma.wready;
    t.dma_bid_i = in.dma.bid;
    t.dma_bresp_i = in.dma.bresp;
    t.dma_bvalid_i = in.dma.bvalid;
  }

  void get(ModelOutputs& o) const {
    const V& t = *top_;
    o.now = t.now_o;
    o.next_deadline = t.next_deadline_o;
    o.quiet = t.quiet_o;
    o.irq_gerror = t.irq_gerror_o;
    o.irq_evtq = t.irq_evtq_o;
    o.irq_priq = t.irq_priq_o;
    o.irq_sync = t.irq_sync_o;
    o.irq_pmcg = t.irq_pmcg_o;
    o.sev = t.sev_o;
    o.reg.awready = t.reg_awready_o;
    o.reg.wready = t.reg_wready_o;
    o.reg.bvalid = t.reg_bvalid_o;
    o.reg.bresp = t.reg_bresp_o;
    o.reg.arready = t.reg_arready_o;
    o.reg.rvalid = t.reg_rvalid_o;
    o.reg.rdata = t.reg_rdata_o;
    o.reg.rresp = t.reg_rresp_o;
    o.pci.awready = t.pci_awready_o;
    o.pci.wready = t.pci_wready_o;
    o.pci.bvalid = t.pci_bvalid_o;
    o.pci.bresp = t.pci_bresp_o;
    o.pci.arready = t.pci_arready_o;
    o.pci.rvalid = t.pci_rvalid_o;
    o.pci.rdata = t.pci_rdata_o;
    o.pci.rresp = t.pci_rresp_o;
    o.tcu.arvalid = t.tcu_arvalid_o;
    if (o.tcu.arvalid) {
      o.tcu.arid = t.tcu_arid_o;
      o.tcu.araddr = t.tcu_araddr_o;
      o.tcu.arlen = t.tcu_arlen_o;
    }
    o.tcu.rready = t.tcu_rready_o;
    o.tcu.awvalid = t.tcu_awvalid_o;
    if (o.tcu.awvalid) {
      o.tcu.awid = t.tcu_awid_o;
      o.tcu.awaddr = t.tcu_awaddr_o;
      o.tcu.awlen = t.tcu_awlen_o;
    }
    o.tcu.wvalid = t.tcu_wvalid_o;
    if (o.tcu.wvalid) {
      get_beat(o.tcu.wdata, t.tcu_wdata_o);
      o.tcu.wstrb = t.tcu_wstrb_o;
      o.tcu.wlast = t.tcu_wlast_o;
    }
    o.tcu.bready = t.tcu_bready_o;
    o.dma.arvalid = t.dma_arvalid_o;
    if (o.dma.arvalid) {
      o.dma.arid = t.dma_arid_o;
      o.dma.araddr = t.dma_araddr_o;
      o.dma.arlen = t.dma_arlen_o;
      o.dma.aruser = t.dma_aruser_o;
    }
    o.dma.rready = t.dma_rready_o;
    o.dma.awvalid = t.dma_awvalid_o;
    if (o.dma.awvalid) {
      o.dma.awid = t.dma_awid_o;
      o.dma.awaddr = t.dma_awaddr_o;
      o.dma.awlen = t.dma_awlen_o;
      o.dma.awuser = t.dma_awuser_o;
    }
    o.dma.wvalid = t.dma_wvalid_o;
    if (o.dma.wvalid) {
      get_beat(o.dma.wdata, t.dma_wdata_o);
      o.dma.wstrb = t.dma_wstrb_o;
      o.dma.wlast = t.dma_wlast_o;
    }
    o.dma.bready = t.dma_bready_o;
  }

  ModelInfo info_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<V> top_;
  ModelClock<V> clock_;
#if VM_TRACE_FST
  std::unique_ptr<VerilatedFstC> waves_;
#endif
  uint64_t stamp_ = 0;
  bool finished_ = false;

  // Sleep (model.h).
  bool sleep_allowed_ = false;
  bool can_sleep_ = false;  // the cycle evaluated last, and every one since, is quiet
  uint64_t slept_ = 0;      // time not yet made up for
  bool settled_ = false;    // last_in_ is what the pins are at
  ModelInputs last_in_;     // of the cycle evaluated last
  ModelOutputs last_out_;   // of that cycle, with the time as it is now
};

}  // namespace atcbench
