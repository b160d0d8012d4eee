// SPDX-License-Identifier: Apache-2.0
#include "atcbench/axi_lite_master.h"

namespace atcbench {

void AxiLiteMaster::change(AxiLiteIn& in) {
  falling_ = false;
  if (aw_done_ || !active_) in.awvalid = false;
  if (w_done_ || !active_) in.wvalid = false;
  if (ar_done_ || !active_) in.arvalid = false;
  if (active_) return;
  in.bready = in.rready = false;
  if (queue_.empty()) return;
  active_ = queue_.front();
  queue_.pop_front();
  aw_done_ = w_done_ = ar_done_ = false;
  if (active_->write) {
    in.awvalid = in.wvalid = in.bready = true;
    in.awaddr = active_->addr;
    in.wdata = active_->data;
    in.wstrb = active_->strb;
  } else {
    in.arvalid = in.rready = true;
    in.araddr = active_->addr;
  }
}

void AxiLiteMaster::advance(const AxiLiteOut& out, const AxiLiteIn& in) {
  if (in.awvalid && out.awready) aw_done_ = falling_ = true;
  if (in.wvalid && out.wready) w_done_ = falling_ = true;
  if (in.arvalid && out.arready) ar_done_ = falling_ = true;
  const bool b = in.bready && out.bvalid;
  const bool r = in.rready && out.rvalid;
  if (!b && !r) return;
  BusOp& op = *active_;
  op.resp = b ? out.bresp : out.rresp;
  if (r) op.data = out.rdata;
  op.done = true;
  active_ = nullptr;
  falling_ = true;
  if (op.on_done) op.on_done();
}

}  // namespace atcbench
