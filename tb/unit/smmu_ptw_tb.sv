// SPDX-License-Identifier: Apache-2.0
//
// smmu_ptw with plain ports for the C++ bench.
module smmu_ptw_tb
  import smmu_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         start_i,
  input  logic [63:0]  va_i,
  input  logic [5:0]   t0sz_i,
  input  logic [5:0]   t1sz_i,
  input  logic         epd0_i,
  input  logic         epd1_i,
  input  logic         tbi0_i,
  input  logic         tbi1_i,
  input  logic         affd_i,
  input  logic [43:0]  ttb0_i,
  input  logic [43:0]  ttb1_i,
  input  logic [2:0]   ips_i,
  output logic         done_o,
  output logic [7:0]   fault_o,
  output logic [47:0]  faddr_o,
  output logic [35:0]  ppn_o,
  output logic [1:0]   level_o,
  output logic [5:0]   attr_o,             // ng, af, ro, unpriv, pxn, uxn
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

  xcfg_t    xcfg;
  wcfg_t    wcfg;
  leaf_t    leaf;
  mrd_req_t mrd_req;

  always_comb begin
    xcfg        = '0;
    xcfg.has_cd = 1'b1;
    xcfg.s1     = 1'b1;
    xcfg.t0sz   = t0sz_i;
    xcfg.t1sz   = t1sz_i;
    xcfg.epd0   = epd0_i;
    xcfg.epd1   = epd1_i;
    xcfg.tbi0   = tbi0_i;
    xcfg.tbi1   = tbi1_i;
    xcfg.affd   = affd_i;
  end
  always_comb begin
    wcfg      = '0;
    wcfg.ttb0 = ttb0_i;
    wcfg.ttb1 = ttb1_i;
    wcfg.ips  = ips_i;
  end
  assign ppn_o       = leaf.ppn;
  assign level_o     = leaf.level;
  assign attr_o      = {leaf.ng, leaf.af, leaf.ro, leaf.unpriv, leaf.pxn, leaf.uxn};
  assign mrd_addr_o  = mrd_req.addr;
  assign mrd_beats_o = mrd_req.beats;

  smmu_ptw dut (
    .clk_i, .rst_ni, .start_i, .s1_i (1'b1), .s2_i (1'b0), .fetch_i (1'b0), .addr_i (va_i), .xcfg_i (xcfg), .wcfg_i (wcfg),
    .inval_i (1'b0), .done_o, .fault_o, .fault_s2_o (), .class_o (), .ipa_o (), .faddr_o, .leaf_o (leaf),
    .wc_look_o (), .wc_tag_o (), .wc_hit_i (1'b0), .wc_entry_i ('0), .wc_fill_o (), .wc_entry_o (),
    .mrd_req_valid_o, .mrd_req_ready_i, .mrd_req_o (mrd_req), .mrd_rsp_valid_i,
    .mrd_rsp_i ('{data: {mrd_hi_i, mrd_lo_i}, err: mrd_err_i, last: mrd_last_i}), .quiet_o
  );

endmodule
