// SPDX-License-Identifier: Apache-2.0
//
// The CPUs' way to device registers: AXI4-Lite transactions, one outstanding, first come first served.
//
// A request made in cycle t (after its settle) is on the pins in t + 1 at the earliest. It is done in the
// cycle of its B or R handshake. Requests of one cycle are served in the order of `submit`, which the
// scheduler makes the order of CPU numbers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "atcbench/model.h"

namespace atcbench {

struct BusOp {
  bool write = false;
  uint32_t addr = 0;  // as the port sees it
  uint64_t data = 0;  // write: on its lanes; read: the whole word that came back
  uint8_t strb = 0xFF;
  uint8_t resp = 0;  // 0 OKAY, 2 SLVERR, 3 DECERR
  bool done = false;
  std::function<void()> on_done;  // called in the cycle of the response
};

class AxiLiteMaster {
 public:
  // `op` must live until it is done.
  void submit(BusOp& op) { queue_.push_back(&op); }

  // Start of cycle.
  void drive(AxiLiteIn& in) {
    if (falling_ || (!active_ && !queue_.empty())) change(in);
  }
  // After settle.
  void observe(const AxiLiteOut& out, const AxiLiteIn& in) {
    if (active_) advance(out, in);
  }

  bool idle() const { return !active_ && !falling_ && queue_.empty(); }
  // Its pins stay as they are until the design does something.
  bool settled() const { return !falling_ && (active_ || queue_.empty()); }

 private:
  void change(AxiLiteIn& in);
  void advance(const AxiLiteOut& out, const AxiLiteIn& in);

  std::deque<BusOp*> queue_;
  BusOp* active_ = nullptr;
  bool falling_ = false;  // a valid or ready must fall at the start of the next cycle
  bool aw_done_ = false;
  bool w_done_ = false;
  bool ar_done_ = false;
};

}  // namespace atcbench
