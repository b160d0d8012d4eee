// SPDX-License-Identifier: Apache-2.0
//
// smmu_cd with plain ports for the C++ bench, which also plays the stage 2 walker.
module smmu_cd_tb
  import smmu_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         e2h_i,
  input  logic         start_i,
  input  logic         nested_i,        // Config 111, else 101
  input  logic [1:0]   s1fmt_i,
  input  logic [41:0]  s1ptr_i,         // address[47:6]
  input  logic [4:0]   s1cdmax_i,
  input  logic [1:0]   s1dss_i,
  input  logic         el2_i,
  input  logic         s1stalld_i,
  input  logic [15:0]  vmid_i,
  input  logic         ssv_i,
  input  logic [19:0]  ssid_i,
  output logic         done_o,
  output logic [7:0]   fault_o,
  output logic         fault_s2_o,
  output logic [47:0]  faddr_o,
  output logic [1:0]   stages_o,        // {s2, s1}
  output logic [15:0]  asid_o,
  output logic [15:0]  vmid_o,
  output logic [5:0]   t0sz_o,
  output logic [5:0]   t1sz_o,
  output logic [10:0]  flags_o,         // {has_cd, epd1, epd0, tbi1, tbi0, affd, wxn, uwxn, pan, rec, stall}
  output logic [43:0]  ttb0_o,          // address[47:4]
  output logic [43:0]  ttb1_o,
  output logic [2:0]   ips_o,

  output logic         s2_start_o,
  output logic [47:0]  s2_ipa_o,
  input  logic         s2_done_i,
  input  logic [7:0]   s2_fault_i,
  input  logic [47:0]  s2_faddr_i,
  input  logic [35:0]  s2_ppn_i,
  input  logic [1:0]   s2_level_i,

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

  xste_t    ste;
  xcfg_t    xcfg;
  wcfg_t    wcfg;
  leaf_t    leaf;
  mrd_req_t mrd_req;

  always_comb begin
    ste          = '0;
    ste.cfg      = {1'b1, nested_i, 1'b1};
    ste.s1fmt    = s1fmt_i;
    ste.s1ptr    = s1ptr_i;
    ste.s1cdmax  = s1cdmax_i;
    ste.s1dss    = s1dss_i;
    ste.el2      = el2_i;
    ste.s1stalld = s1stalld_i;
    ste.vmid     = vmid_i;
    leaf         = '0;
    leaf.ppn     = s2_ppn_i;
    leaf.level   = s2_level_i;
  end

  assign stages_o    = {xcfg.s2, xcfg.s1};
  assign asid_o      = xcfg.asid;
  assign vmid_o      = xcfg.vmid;
  assign t0sz_o      = xcfg.t0sz;
  assign t1sz_o      = xcfg.t1sz;
  assign flags_o     = {xcfg.has_cd, xcfg.epd1, xcfg.epd0, xcfg.tbi1, xcfg.tbi0, xcfg.affd, xcfg.wxn, xcfg.uwxn,
                        xcfg.pan, xcfg.rec, xcfg.stall};
  assign ttb0_o      = wcfg.ttb0;
  assign ttb1_o      = wcfg.ttb1;
  assign ips_o       = wcfg.ips;
  assign mrd_addr_o  = mrd_req.addr;
  assign mrd_beats_o = mrd_req.beats;

  smmu_cd dut (
    .clk_i, .rst_ni, .e2h_i, .start_i, .ste_i (ste), .ssv_i, .ssid_i, .done_o, .fault_o, .fault_s2_o, .faddr_o,
    .xcfg_o (xcfg), .wcfg_o (wcfg), .s2_start_o, .s2_ipa_o, .s2_done_i, .s2_fault_i, .s2_faddr_i, .s2_leaf_i (leaf),
    .mrd_req_valid_o, .mrd_req_ready_i, .mrd_req_o (mrd_req), .mrd_rsp_valid_i,
    .mrd_rsp_i ('{data: {mrd_hi_i, mrd_lo_i}, err: mrd_err_i, last: mrd_last_i}), .quiet_o
  );

endmodule
