// SPDX-License-Identifier: Apache-2.0
//
// A design small enough to know by heart: one register on `reg_*` that becomes 1 at a given time, with an
// interrupt pulse and an event in that cycle. Reads take three cycles on the bus.
#pragma once

#include <map>
#include <memory>

#include "atcbench/event_names.h"
#include "atcbench/model.h"
#include "atcbench/simulation.h"

extern "C" void atc_mon_event(int ev, int src, int a0, long long a1, long long a2);

namespace atcbench {

class FakeModel final : public Model {
 public:
  explicit FakeModel(Cycle fires_at) : fires_at_(fires_at) { info_.name = "fake"; }

  const ModelInfo& info() const override { return info_; }

  void settle(const ModelInputs& in, ModelOutputs& out) override {
    in_ = in;
    out = ModelOutputs{};
    out.now = now_;
    out.next_deadline = fired_ ? kTimeMask : fires_at_;
    const bool bus = in.reg.arvalid || in.reg.awvalid || in.reg.wvalid || read_ || write_;
    out.quiet = !bus && !irq_;
    out.irq_gerror = irq_;
    out.sev = irq_ && sends_event_;
    out.reg.arready = read_ == 0;
    out.reg.rvalid = read_ == 3;
    out.reg.rdata = regs_[in.reg.araddr & ~7u];
    out.reg.awready = out.reg.wready = write_ == 0;
    out.reg.bvalid = write_ == 1;
  }

  void edge(uint64_t step) override {
    if (!in_.rst_n) return;
    irq_ = false;
    if (!fired_ && now_ >= fires_at_) {
      fired_ = irq_ = true;
      regs_[0] = 1;
      atc_mon_event(EV_GERROR_SET, 0, 1, 0, 0);
    }
    if (read_ == 0 && in_.reg.arvalid) {
      read_ = 1;
    } else if (read_ == 3) {
      read_ = 0;
    } else if (read_) {
      ++read_;
    }
    if (write_ == 0 && in_.reg.awvalid && in_.reg.wvalid) {
      regs_[in_.reg.awaddr] = in_.reg.wdata;
      write_ = 1;
    } else if (write_) {
      write_ = 0;
    }
    now_ += step;
  }

  // The pulse is a wake-up event too.
  void sends_event() { sends_event_ = true; }

  void open_waves(const std::string&) override {}
  void close_waves() override {}

 private:
  ModelInfo info_;
  ModelInputs in_;
  std::map<uint32_t, uint64_t> regs_;
  Cycle fires_at_;
  Cycle now_ = 0;
  bool fired_ = false;
  bool irq_ = false;
  bool sends_event_ = false;
  int read_ = 0;
  int write_ = 0;
};

}  // namespace atcbench
