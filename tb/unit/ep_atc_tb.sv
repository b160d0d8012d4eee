// SPDX-License-Identifier: Apache-2.0
//
// Flat ports for ep_atc_test.cpp and ep_atc_sets_test.cpp; few entries, so that replacement happens often.
// sva: ep_atc_sva
module ep_atc_tb
  import ep_pkg::*;
#(
  parameter int unsigned Sets  = 1,
  parameter int unsigned Ways  = 8,
  parameter int unsigned Large = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        flush_i,
  input  logic [4:0]  stu_i,
  input  logic [9:0]  search_i,
  input  logic        inv_valid_i,
  input  logic        ins_valid_i,
  input  logic        lkp_valid_i,
  input  logic        any_pasid_i,     // invalidation only
  input  logic        pasid_valid_i,   // of whichever operation
  input  logic        glob_i,          // insertion only
  input  logic        priv_i,
  input  logic [19:0] pasid_i,
  input  logic [51:0] page_i,
  input  logic [51:0] mask_i,
  input  logic [51:0] pa_i,
  input  logic [3:0]  rwxu_i,
  output logic        inv_ready_o,
  output logic        inv_first_o,
  output logic [4:0]  inv_count_o,
  output logic        ins_ready_o,
  output logic        lkp_ready_o,
  output logic        lkp_hit_o,
  output logic [51:0] lkp_pa_o,
  output logic [51:0] lkp_mask_o,
  output logic [3:0]  lkp_rwxu_o,
  output logic [4:0]  count_o
);

  localparam int unsigned CntW = $clog2(Sets * Ways + Large + 1);

  range_t          inv, own;
  atc_entry_t      ins, entry;
  logic [CntW-1:0] inv_count, count;

  assign inv = '{any_pasid: any_pasid_i, pasid_valid: pasid_valid_i, glob: 1'b0, priv: 1'b0, pasid: pasid_i, page: page_i,
                 mask: mask_i};
  assign own = '{any_pasid: 1'b0, pasid_valid: pasid_valid_i, glob: ins_valid_i && glob_i, priv: priv_i, pasid: pasid_i,
                 page: page_i, mask: mask_i};
  assign ins = '{range: own, pa: pa_i, r: rwxu_i[3], w: rwxu_i[2], x: rwxu_i[1], u: rwxu_i[0]};

  ep_atc #(.Sets(Sets), .Ways(Ways), .Large(Large)) dut (
    .clk_i, .rst_ni, .flush_i, .stu_i, .search_i,
    .inv_valid_i, .inv_ready_o, .inv_first_o, .inv_i(inv), .inv_count_o(inv_count),
    .ins_valid_i, .ins_ready_o, .ins_i(ins),
    .lkp_valid_i, .lkp_ready_o, .lkp_i(own), .lkp_hit_o, .lkp_entry_o(entry),
    .count_o(count)
  );

  assign inv_count_o = 5'(inv_count);
  assign count_o     = 5'(count);
  assign lkp_pa_o    = entry.pa;
  assign lkp_mask_o  = entry.range.mask;
  assign lkp_rwxu_o  = {entry.r, entry.w, entry.x, entry.u};

endmodule
