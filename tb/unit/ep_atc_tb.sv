// SPDX-License-Identifier: Apache-2.0
//
// Flat ports for ep_atc_test.cpp; 8 entries, so that replacement happens often.
module ep_atc_tb
  import ep_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        flush_i,
  input  logic        inv_valid_i,
  input  logic        ins_valid_i,
  input  logic        lkp_valid_i,
  input  logic        any_pasid_i,     // invalidation only
  input  logic        pasid_valid_i,   // of whichever operation
  input  logic [19:0] pasid_i,
  input  logic [51:0] page_i,
  input  logic [51:0] mask_i,
  input  logic [51:0] pa_i,
  input  logic [2:0]  rwu_i,
  output logic [3:0]  inv_count_o,
  output logic        ins_ready_o,
  output logic        lkp_ready_o,
  output logic        lkp_hit_o,
  output logic [51:0] lkp_pa_o,
  output logic [51:0] lkp_mask_o,
  output logic [2:0]  lkp_rwu_o,
  output logic [3:0]  count_o
);

  range_t     inv, own;
  atc_entry_t ins, entry;

  assign inv = '{any_pasid: any_pasid_i, pasid_valid: pasid_valid_i, pasid: pasid_i, page: page_i, mask: mask_i};
  assign own = '{any_pasid: 1'b0, pasid_valid: pasid_valid_i, pasid: pasid_i, page: page_i, mask: mask_i};
  assign ins = '{range: own, pa: pa_i, r: rwu_i[2], w: rwu_i[1], u: rwu_i[0]};

  ep_atc #(.NumAtc(8)) dut (
    .clk_i, .rst_ni, .flush_i,
    .inv_valid_i, .inv_i(inv), .inv_count_o,
    .ins_valid_i, .ins_ready_o, .ins_i(ins),
    .lkp_valid_i, .lkp_ready_o, .lkp_i(own), .lkp_hit_o, .lkp_entry_o(entry),
    .count_o
  );

  assign lkp_pa_o   = entry.pa;
  assign lkp_mask_o = entry.range.mask;
  assign lkp_rwu_o  = {entry.r, entry.w, entry.u};

endmodule
