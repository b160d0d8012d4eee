// SPDX-License-Identifier: Apache-2.0
//
// smmu_top with two endpoints behind flat ports. Device transactions are untranslated writes; a few registers and the
// SYNC handshake are brought out so that the bench can date events to the cycle.
module smmu_top_tb
  import smmu_pkg::*;
#(
  parameter int unsigned NumEcmdq = 0,
  localparam int unsigned NumQueues = 1 + NumEcmdq
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [47:0] now_i,
  input  logic [47:0] step_i,
  input  logic        sync_err_first_i,
  input  logic [3:0]  sync_rereport_i,

  input  logic [18:0] reg_awaddr_i,
  input  logic        reg_awvalid_i,
  output logic        reg_awready_o,
  input  logic [63:0] reg_wdata_i,
  input  logic [7:0]  reg_wstrb_i,
  input  logic        reg_wvalid_i,
  output logic        reg_wready_o,
  output logic [1:0]  reg_bresp_o,
  output logic        reg_bvalid_o,
  input  logic [18:0] reg_araddr_i,
  input  logic        reg_arvalid_i,
  output logic        reg_arready_o,
  output logic [63:0] reg_rdata_o,
  output logic [1:0]  reg_rresp_o,
  output logic        reg_rvalid_o,

  output logic [3:0]  tcu_arid_o,
  output logic [47:0] tcu_araddr_o,
  output logic [7:0]  tcu_arlen_o,
  output logic        tcu_arvalid_o,
  input  logic        tcu_arready_i,
  input  logic [3:0]  tcu_rid_i,
  input  logic [63:0] tcu_rdata_lo_i,
  input  logic [63:0] tcu_rdata_hi_i,
  input  logic [1:0]  tcu_rresp_i,
  input  logic        tcu_rlast_i,
  input  logic        tcu_rvalid_i,
  output logic        tcu_rready_o,
  output logic [3:0]  tcu_awid_o,
  output logic [47:0] tcu_awaddr_o,
  output logic [7:0]  tcu_awlen_o,
  output logic        tcu_awvalid_o,
  input  logic        tcu_awready_i,
  output logic [63:0] tcu_wdata_lo_o,
  output logic [63:0] tcu_wdata_hi_o,
  output logic [15:0] tcu_wstrb_o,
  output logic        tcu_wlast_o,
  output logic        tcu_wvalid_o,
  input  logic        tcu_wready_i,
  input  logic [3:0]  tcu_bid_i,
  input  logic [1:0]  tcu_bresp_i,
  input  logic        tcu_bvalid_i,
  output logic        tcu_bready_o,

  output logic [1:0]  inv_valid_o,
  input  logic [1:0]  inv_ready_i,
  output logic [4:0]  inv_itag0_o,
  output logic [4:0]  inv_itag1_o,
  output logic [63:0] inv_payload0_o,
  input  logic        cpl_valid_i,
  input  logic [15:0] cpl_rid_i,
  input  logic [31:0] cpl_itags_i,

  input  logic        pri_valid_i,
  output logic        pri_ready_o,
  input  logic [15:0] pri_rid_i,
  input  logic [8:0]  pri_prgi_i,          // last of its group, read, no PASID
  output logic        prg_valid_o,
  output logic [15:0] prg_rid_o,
  output logic [8:0]  prg_prgi_o,
  output logic [3:0]  prg_code_o,

  input  logic        tbu_valid_i,
  output logic        tbu_ready_o,
  input  logic [31:0] tbu_sid_i,
  input  logic [63:0] tbu_addr_i,
  output logic        tbu_rsp_valid_o,
  output logic [1:0]  tbu_rsp_status_o,
  output logic        tbu_rsp_colour_o,
  input  logic        txn_done_valid_i,
  input  logic        txn_done_colour_i,

  output logic        irq_gerror_o,
  output logic        irq_evtq_o,
  output logic        irq_priq_o,
  output logic        irq_sync_o,
  output logic        irq_pmcg_o,
  output logic        sev_o,
  output logic        quiet_o,
  output logic [47:0] next_deadline_o,

  output logic [31:0] cons_o,          // CMDQ_CONS as it reads
  output logic [19:0] evtq_prod_o,
  output logic [9:0]  gerror_active_o,
  output logic [20*NumQueues-1:0] cons_of_o,     // CONS.RD of every command queue
  output logic [NumQueues-1:0]    err_of_o,      // its error is active
  output logic [NumQueues-1:0]    sync_valid_o,  // a SYNC is at the head
  output logic [NumQueues-1:0]    consume_o,
  output logic [NumQueues-1:0]    timed_out_o,
  output logic [NumQueues-1:0]    atc_alloc_o    // an ATC_INV is taken by its unit
);

  inv_req_t [1:0] inv_req;
  tbu_req_t       tbu_req;
  tbu_rsp_t       tbu_rsp;
  prg_rsp_t       prg_rsp;
  txn_done_t [NumTxnDone-1:0] txn_done;

  assign inv_itag0_o    = inv_req[0].itag;
  assign inv_itag1_o    = inv_req[1].itag;
  assign inv_payload0_o = inv_req[0].payload;
  assign tbu_req        = '{port: '0, sid: tbu_sid_i, ssv: 1'b0, ssid: '0, priv: 1'b0, exec: 1'b0, at: AtUntranslated, num: '0,
                            write: 1'b1, nw: 1'b0, addr: tbu_addr_i};
  assign tbu_rsp_status_o = tbu_rsp.status;
  assign tbu_rsp_colour_o = tbu_rsp.colour;
  always_comb begin
    txn_done    = '0;
    txn_done[0] = '{valid: txn_done_valid_i, colour: txn_done_colour_i};
  end

  smmu_top #(.NumEp (2), .NumTags (32), .NumEcmdq (NumEcmdq)) u_dut (
    .inv_timeout_o (),
    .clk_i, .rst_ni, .now_i, .step_i, .sync_err_first_i, .sync_rereport_i,
    .reg_awaddr_i, .reg_awvalid_i, .reg_awready_o, .reg_wdata_i, .reg_wstrb_i, .reg_wvalid_i, .reg_wready_o,
    .reg_bresp_o, .reg_bvalid_o, .reg_bready_i (1'b1), .reg_araddr_i, .reg_arvalid_i, .reg_arready_o, .reg_rdata_o,
    .reg_rresp_o, .reg_rvalid_o, .reg_rready_i (1'b1),
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
    .inv_cpl_i       ('{rid: cpl_rid_i, itags: cpl_itags_i, cc: 3'd1}),
    .inv_ur_valid_i  (1'b0),
    .inv_ur_i        ('0),
    .tbu_req_valid_i (tbu_valid_i),
    .tbu_req_ready_o (tbu_ready_o),
    .tbu_req_i       (tbu_req),
    .tbu_rsp_valid_o,
    .tbu_rsp_ready_i (1'b1),
    .tbu_rsp_o       (tbu_rsp),
    .txn_done_i      (txn_done),
    .pri_req_valid_i (pri_valid_i),
    .pri_req_ready_o (pri_ready_o),
    .pri_req_i       ('{rid: pri_rid_i, r: 1'b1, last: 1'b1, prgi: pri_prgi_i, page: 52'h12345, default: '0}),
    .prg_rsp_valid_o (prg_valid_o),
    .prg_rsp_ready_i (1'b1),
    .prg_rsp_o       (prg_rsp),
    .irq_gerror_o, .irq_evtq_o, .irq_priq_o, .irq_sync_o, .irq_pmcg_o, .sev_o, .quiet_o, .next_deadline_o
  );

  assign {prg_rid_o, prg_prgi_o, prg_code_o} = {prg_rsp.rid, prg_rsp.prgi, prg_rsp.code};

  logic unused_signals;
  assign unused_signals = ^{inv_req, tbu_rsp, prg_rsp};

  assign cons_o          = {1'b0, u_dut.u_regs.u_cmdq.err_q, 4'd0, u_dut.u_regs.u_cmdq.cons_q};
  assign evtq_prod_o     = u_dut.evtq.prod;
  assign gerror_active_o = u_dut.u_regs.u_gerror.gerror_q ^ u_dut.u_regs.u_gerror.gerrorn_q;
  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    assign cons_of_o[20*q+:20] = u_dut.cmdq[q].cons;
    assign sync_valid_o[q]     = u_dut.u_cmdqs.gen_queue[q].u_cmdq.sync_valid;
  end
  assign err_of_o        = u_dut.cmdq_err;
  assign consume_o       = u_dut.consume;
  assign timed_out_o     = u_dut.atc_timed_out;
  assign atc_alloc_o     = u_dut.atc_valid & u_dut.atc_ready;

endmodule
