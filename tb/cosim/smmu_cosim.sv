// SPDX-License-Identifier: Apache-2.0
//
// smmu_top with four endpoints behind flat ports, for the co-simulation with the reference model.
module smmu_cosim
  import smmu_pkg::*;
#(
  parameter int unsigned NumTags        = 32,
  parameter bit          TagScopeGlobal = 1'b0
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [47:0]  now_i,
  input  logic         sync_err_first_i,
  input  logic [3:0]   sync_rereport_i,

  input  logic [18:0]  reg_awaddr_i,
  input  logic         reg_awvalid_i,
  output logic         reg_awready_o,
  input  logic [63:0]  reg_wdata_i,
  input  logic [7:0]   reg_wstrb_i,
  input  logic         reg_wvalid_i,
  output logic         reg_wready_o,
  output logic         reg_bvalid_o,
  input  logic [18:0]  reg_araddr_i,
  input  logic         reg_arvalid_i,
  output logic         reg_arready_o,
  output logic [63:0]  reg_rdata_o,
  output logic         reg_rvalid_o,

  output logic [3:0]   tcu_arid_o,
  output logic [47:0]  tcu_araddr_o,
  output logic [7:0]   tcu_arlen_o,
  output logic         tcu_arvalid_o,
  input  logic         tcu_arready_i,
  input  logic [3:0]   tcu_rid_i,
  input  logic [63:0]  tcu_rdata_lo_i,
  input  logic [63:0]  tcu_rdata_hi_i,
  input  logic [1:0]   tcu_rresp_i,
  input  logic         tcu_rlast_i,
  input  logic         tcu_rvalid_i,
  output logic         tcu_rready_o,
  output logic [3:0]   tcu_awid_o,
  output logic [47:0]  tcu_awaddr_o,
  output logic [7:0]   tcu_awlen_o,
  output logic         tcu_awvalid_o,
  input  logic         tcu_awready_i,
  output logic [63:0]  tcu_wdata_lo_o,
  output logic [63:0]  tcu_wdata_hi_o,
  output logic [15:0]  tcu_wstrb_o,
  output logic         tcu_wlast_o,
  output logic         tcu_wvalid_o,
  input  logic         tcu_wready_i,
  input  logic [3:0]   tcu_bid_i,
  input  logic [1:0]   tcu_bresp_i,
  input  logic         tcu_bvalid_i,
  output logic         tcu_bready_o,

  output logic [3:0]   inv_valid_o,
  input  logic [3:0]   inv_ready_i,
  output logic [63:0]  inv_rid_o,        // per port, 16 bits
  output logic [19:0]  inv_itag_o,       // per port, 5 bits
  output logic [3:0]   inv_ssv_o,
  output logic [31:0]  inv_ssid_o [4],
  output logic [63:0]  inv_payload_o [4],
  input  logic         cpl_valid_i,
  input  logic [15:0]  cpl_rid_i,
  input  logic [31:0]  cpl_itags_i,
  input  logic [2:0]   cpl_cc_i,
  input  logic         ur_valid_i,
  input  logic [15:0]  ur_rid_i,
  input  logic [4:0]   ur_itag_i,

  input  logic         tbu_valid_i,
  output logic         tbu_ready_o,
  input  logic [3:0]   tbu_port_i,
  input  logic [31:0]  tbu_sid_i,
  input  logic         tbu_ssv_i,
  input  logic [19:0]  tbu_ssid_i,
  input  logic         tbu_priv_i,
  input  logic         tbu_exec_i,
  input  logic [1:0]   tbu_at_i,
  input  logic         tbu_write_i,
  input  logic         tbu_nw_i,
  input  logic [2:0]   tbu_num_i,
  input  logic [63:0]  tbu_addr_i,
  output logic         rsp_valid_o,
  input  logic         rsp_ready_i,
  output logic [3:0]   rsp_port_o,
  output logic [1:0]   rsp_status_o,
  output logic [47:0]  rsp_pa_o,
  output logic [63:0]  rsp_entry_o,
  output logic         rsp_more_o,
  output logic         rsp_colour_o,
  input  logic [3:0]   done_valid_i,
  input  logic [3:0]   done_colour_i,

  input  logic         pri_valid_i,
  output logic         pri_ready_o,
  input  logic [15:0]  pri_rid_i,
  input  logic         pri_ssv_i,
  input  logic [19:0]  pri_ssid_i,
  input  logic [4:0]   pri_flags_i,       // {priv, exec, r, w, last}
  input  logic [8:0]   pri_prgi_i,
  input  logic [63:0]  pri_addr_i,
  output logic         prg_valid_o,
  input  logic         prg_ready_i,
  output logic [15:0]  prg_rid_o,
  output logic         prg_ssv_o,
  output logic [19:0]  prg_ssid_o,
  output logic [8:0]   prg_prgi_o,
  output logic [3:0]   prg_code_o,

  output logic         irq_gerror_o,
  output logic         irq_evtq_o,
  output logic         irq_priq_o,
  output logic         irq_sync_o,
  output logic         quiet_o,
  output logic [47:0]  next_deadline_o,
  output logic [11:0]  quiet_blocks_o     // which blocks say quiet, for the watchdog
);

  inv_req_t [3:0]             inv_req;
  tbu_req_t                   tbu_req;
  tbu_rsp_t                   tbu_rsp;
  txn_done_t [NumTxnDone-1:0] txn_done;
  pri_req_t                   pri_req;
  prg_rsp_t                   prg_rsp;

  for (genvar i = 0; i < 4; i++) begin : g_port
    assign inv_rid_o[i*16+:16] = inv_req[i].rid;
    assign inv_itag_o[i*5+:5]  = inv_req[i].itag;
    assign inv_ssv_o[i]        = inv_req[i].ssv;
    assign inv_ssid_o[i]       = 32'(inv_req[i].ssid);
    assign inv_payload_o[i]    = inv_req[i].payload;
    assign txn_done[i]         = '{valid: done_valid_i[i], colour: done_colour_i[i]};
  end

  assign tbu_req = '{port: tbu_port_i, sid: tbu_sid_i, ssv: tbu_ssv_i, ssid: tbu_ssid_i, priv: tbu_priv_i,
                     exec: tbu_exec_i, at: at_e'(tbu_at_i), write: tbu_write_i, nw: tbu_nw_i, num: tbu_num_i, addr: tbu_addr_i};
  assign rsp_port_o   = tbu_rsp.port;
  assign rsp_status_o = tbu_rsp.status;
  assign rsp_pa_o     = tbu_rsp.pa;
  assign rsp_entry_o  = tbu_rsp.entry;
  assign rsp_more_o   = tbu_rsp.more;
  assign rsp_colour_o = tbu_rsp.colour;

  assign pri_req = '{rid: pri_rid_i, ssv: pri_ssv_i, ssid: pri_ssid_i, priv: pri_flags_i[4], exec: pri_flags_i[3],
                     r: pri_flags_i[2], w: pri_flags_i[1], last: pri_flags_i[0], prgi: pri_prgi_i,
                     page: pri_addr_i[63:12]};
  assign prg_rid_o  = prg_rsp.rid;
  assign prg_ssv_o  = prg_rsp.ssv;
  assign prg_ssid_o = prg_rsp.ssid;
  assign prg_prgi_o = prg_rsp.prgi;
  assign prg_code_o = prg_rsp.code;

  logic [1:0] unused_resp [2];
  logic [1:0] unused_pulse;

  smmu_top #(.NumEp (4), .NumTags (NumTags), .TagScopeGlobal (TagScopeGlobal)) u_dut (
    .inv_timeout_o (),
    .clk_i, .rst_ni, .now_i, .step_i (48'd1), .sync_err_first_i, .sync_rereport_i,
    .reg_awaddr_i, .reg_awvalid_i, .reg_awready_o, .reg_wdata_i, .reg_wstrb_i, .reg_wvalid_i,
    .reg_wready_o, .reg_bresp_o (unused_resp[0]), .reg_bvalid_o, .reg_bready_i (1'b1),
    .reg_araddr_i, .reg_arvalid_i, .reg_arready_o, .reg_rdata_o, .reg_rresp_o (unused_resp[1]),
    .reg_rvalid_o, .reg_rready_i (1'b1),
    .tcu_arid_o, .tcu_araddr_o, .tcu_arlen_o, .tcu_arvalid_o, .tcu_arready_i, .tcu_rid_i,
    .tcu_rdata_i ({tcu_rdata_hi_i, tcu_rdata_lo_i}),
    .tcu_rresp_i, .tcu_rlast_i, .tcu_rvalid_i, .tcu_rready_o, .tcu_awid_o, .tcu_awaddr_o, .tcu_awlen_o,
    .tcu_awvalid_o, .tcu_awready_i,
    .tcu_wdata_o ({tcu_wdata_hi_o, tcu_wdata_lo_o}),
    .tcu_wstrb_o, .tcu_wlast_o, .tcu_wvalid_o, .tcu_wready_i, .tcu_bid_i, .tcu_bresp_i, .tcu_bvalid_i, .tcu_bready_o,
    .inv_req_valid_o (inv_valid_o),
    .inv_req_ready_i (inv_ready_i),
    .inv_req_o       (inv_req),
    .inv_cpl_valid_i (cpl_valid_i),
    .inv_cpl_i       ('{rid: cpl_rid_i, itags: cpl_itags_i, cc: cpl_cc_i}),
    .inv_ur_valid_i  (ur_valid_i),
    .inv_ur_i        ('{rid: ur_rid_i, itag: ur_itag_i}),
    .tbu_req_valid_i (tbu_valid_i),
    .tbu_req_ready_o (tbu_ready_o),
    .tbu_req_i       (tbu_req),
    .tbu_rsp_valid_o (rsp_valid_o),
    .tbu_rsp_ready_i (rsp_ready_i),
    .tbu_rsp_o       (tbu_rsp),
    .txn_done_i      (txn_done),
    .pri_req_valid_i (pri_valid_i),
    .pri_req_ready_o (pri_ready_o),
    .pri_req_i       (pri_req),
    .prg_rsp_valid_o (prg_valid_o),
    .prg_rsp_ready_i (prg_ready_i),
    .prg_rsp_o       (prg_rsp),
    .sev_o           (unused_pulse[0]),
    .irq_pmcg_o      (unused_pulse[1]),
    .irq_gerror_o, .irq_evtq_o, .irq_priq_o, .irq_sync_o, .quiet_o, .next_deadline_o
  );

  // The order is that of kBlocks in dut.cpp.
  assign quiet_blocks_o = {&u_dut.quiet_regs, &u_dut.quiet_cmdqs, &u_dut.quiet_share, &u_dut.quiet_xlat,
                           &u_dut.quiet_inv, &u_dut.quiet_evtq, &u_dut.quiet_priq, &u_dut.quiet_pmcg, &u_dut.quiet_irq, &u_dut.quiet_msi, &u_dut.quiet_rd, &u_dut.quiet_wr};

endmodule
