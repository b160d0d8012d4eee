// SPDX-License-Identifier: Apache-2.0
//
// smmu_ste with plain ports for the C++ bench.
module smmu_ste_tb
  import smmu_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [47:0]  strtab_base_i,
  input  logic [5:0]   strtab_log2size_i,
  input  logic [4:0]   strtab_split_i,
  input  logic         strtab_2lvl_i,
  input  logic         start_i,
  input  logic [31:0]  sid_i,
  output logic         done_o,
  output logic [7:0]   fault_o,
  output logic [47:0]  faddr_o,
  output logic [2:0]   config_o,
  output logic [1:0]   s1fmt_o,
  output logic [41:0]  s1ptr_o,
  output logic [4:0]   s1cdmax_o,
  output logic [1:0]   s1dss_o,
  output logic         eats_full_o,
  output logic         el2_o,
  output logic         s1stalld_o,
  output logic [15:0]  vmid_o,
  output logic [5:0]   s2t0sz_o,
  output logic [1:0]   s2sl0_o,
  output logic [2:0]   s2ps_o,
  output logic [3:0]   s2flags_o,       // {R, S, PTW, AFFD}
  output logic [43:0]  s2ttb_o,         // address[47:4]
  output logic         mrd_req_valid_o,
  input  logic         mrd_req_ready_i,
  output logic [47:0]  mrd_addr_o,
  output logic [3:0]   mrd_beats_o,
  input  logic         mrd_rsp_valid_i,
  input  logic [63:0]  mrd_lo_i,
  input  logic [63:0]  mrd_hi_i,
  input  logic         mrd_err_i,
  input  logic         mrd_last_i,
  output logic         quiet_o
);

  xlat_cfg_t cfg;
  xste_t     ste;
  mrd_req_t  mrd_req;

  always_comb begin
    cfg                 = '0;
    cfg.smmuen          = 1'b1;
    cfg.strtab_base     = strtab_base_i;
    cfg.strtab_log2size = strtab_log2size_i;
    cfg.strtab_split    = strtab_split_i;
    cfg.strtab_2lvl     = strtab_2lvl_i;
  end
  assign config_o    = ste.cfg;
  assign s1fmt_o     = ste.s1fmt;
  assign s1ptr_o     = ste.s1ptr;
  assign s1cdmax_o   = ste.s1cdmax;
  assign s1dss_o     = ste.s1dss;
  assign eats_full_o = ste.eats_full;
  assign el2_o       = ste.el2;
  assign s1stalld_o  = ste.s1stalld;
  assign vmid_o      = ste.vmid;
  assign s2t0sz_o    = ste.s2t0sz;
  assign s2sl0_o     = ste.s2sl0;
  assign s2ps_o      = ste.s2ps;
  assign s2flags_o   = {ste.s2r, ste.s2s, ste.s2ptw, ste.s2affd};
  assign s2ttb_o     = ste.s2ttb;
  assign mrd_addr_o  = mrd_req.addr;
  assign mrd_beats_o = mrd_req.beats;

  smmu_ste dut (
    .clk_i, .rst_ni, .cfg_i (cfg), .start_i, .sid_i, .done_o, .fault_o, .faddr_o, .ste_o (ste),
    .mrd_req_valid_o, .mrd_req_ready_i, .mrd_req_o (mrd_req), .mrd_rsp_valid_i,
    .mrd_rsp_i ('{data: {mrd_hi_i, mrd_lo_i}, err: mrd_err_i, last: mrd_last_i}), .quiet_o
  );

endmodule
