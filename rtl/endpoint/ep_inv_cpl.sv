// SPDX-License-Identifier: Apache-2.0
//
// One Invalidate Completion for each traffic class in use (pcie-ats.md section 3.2), each pushing the writes of its class.
//
// All copies of a batch carry the same ITags and the same Completion Count; they leave in rising order of their class, back
// to back as the egress takes them. The batch is taken with its first copy and kept for the others, so that
// what gathers behind it does not change them.
// Does not: wait for anything (ep_drain).
// Latency: 0 to the first copy, one cycle for each further one.
module ep_inv_cpl
  import ep_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,

  input  logic       batch_valid_i,
  output logic       batch_ready_o,
  input  inv_batch_t batch_i,         // tcs != 0

  output logic       cpl_valid_o,
  input  logic       cpl_ready_i,     // does not depend on cpl_valid_o
  output inv_cpl_t   cpl_o
);

  inv_batch_t batch_q, batch;
  logic [7:0] left_q, left, rest;     // classes still to be served
  logic       busy, fire;

  assign busy          = left_q != '0;
  assign batch         = busy ? batch_q : batch_i;
  assign left          = busy ? left_q : batch_i.tcs;
  assign rest          = left & (left - 8'd1);
  assign cpl_valid_o   = busy || batch_valid_i;
  assign batch_ready_o = !busy && cpl_ready_i;
  assign fire          = cpl_valid_o && cpl_ready_i;

  always_comb begin
    cpl_o = '0;
    if (cpl_valid_o) begin
      cpl_o.itags = batch.itags;
      cpl_o.ta    = batch.ta;
      cpl_o.bad   = batch.bad;
      cpl_o.cc    = 3'($countones(batch.tcs));
      for (int unsigned c = 8; c > 0; c--) if (left[c-1]) cpl_o.tc = 3'(c - 1);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) left_q <= '0;
    else if (clear_i) left_q <= '0;
    else if (fire) left_q <= rest;
  end

  always_ff @(posedge clk_i) begin
    if (fire && !busy) batch_q <= batch_i;
  end

endmodule
