// SPDX-License-Identifier: Apache-2.0
//
// Flat ports for ep_inv_queue_test.cpp.
module ep_inv_queue_tb
  import ep_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic [47:0] now_i,
  input  logic [5:0]  depth_i,
  input  logic        match_ready_i,
  input  logic        req_valid_i,
  output logic        req_ready_o,
  input  logic [4:0]  itag_i,
  input  logic [15:0] ta_i,
  input  logic [7:0]  tcs_i,
  input  logic [51:0] page_i,
  output logic        handled_o,
  output logic        match_valid_o,
  output logic [4:0]  match_itag_o,
  output logic [51:0] match_page_o,
  input  logic        never_answer_i,
  input  logic        keep_i,
  input  logic        bad_i,
  input  logic        delay_on_i,
  input  logic [31:0] delay_i,
  output logic        batch_valid_o,
  input  logic        batch_ready_i,
  output logic [31:0] batch_itags_o,
  output logic [15:0] batch_ta_o,
  output logic [7:0]  batch_tcs_o,
  output logic        batch_bad_o,
  output logic        quiet_o,
  output logic [47:0] next_deadline_o
);

  inv_t       req, match;
  inv_batch_t batch;
  fault_t     fault;

  always_comb begin
    req            = '0;
    req.itag       = itag_i;
    req.ta         = ta_i;
    req.range.page = page_i;
  end
  always_comb begin
    fault              = '0;
    fault.flr          = ep_reg_pkg::FLR_FAULT_NONE;
    fault.never_answer = never_answer_i;
    fault.keep         = keep_i;
    fault.delay        = delay_on_i;
    fault.bad          = bad_i;
  end

  ep_inv_queue dut (
    .clk_i, .rst_ni, .clear_i, .now_i, .depth_i, .tcs_i,
    .req_valid_i, .req_ready_o, .req_i(req),
    .handled_o, .match_valid_o, .match_ready_i, .match_o(match),
    .fault_i(fault), .delay_i,
    .batch_valid_o, .batch_ready_i, .batch_o(batch),
    .quiet_o, .next_deadline_o
  );

  assign match_itag_o  = match.itag;
  assign match_page_o  = match.range.page;
  assign batch_itags_o = batch.itags;
  assign batch_ta_o    = batch.ta;
  assign batch_tcs_o   = batch.tcs;
  assign batch_bad_o   = batch.bad;

endmodule
