// SPDX-License-Identifier: Apache-2.0
//
// smmu_top with eight ports behind flat pins, for the figures of `make bench`. Pins only: what happens inside is taken
// from the events of the bound monitors, so that the inside may change.
module smmu_bench_tb
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp          = 8,
  parameter int unsigned NumTags        = 32,
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumEcmdq       = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [47:0] now_i,
  input  logic        sync_err_first_i,

  input  logic [18:0] reg_awaddr_i,
  input  logic        reg_awvalid_i,
  output logic        reg_awready_o,
  input  logic [63:0] reg_wdata_i,
  input  logic [7:0]  reg_wstrb_i,
  input  logic        reg_wvalid_i,
  output logic        reg_wready_o,
  output logic        reg_bvalid_o,
  input  logic [18:0] reg_araddr_i,
  input  logic        reg_arvalid_i,
  output logic        reg_arready_o,
  output logic [63:0] reg_rdata_o,
  output logic        reg_rvalid_o,

  output logic [3:0]  tcu_arid_o,
  output logic [47:0] tcu_araddr_o,
  output logic [7:0]  tcu_arlen_o,
  output logic        tcu_arvalid_o,
  input  logic        tcu_arready_i,
  input  logic [3:0]  tcu_rid_i,
  input  logic [127:0] tcu_rdata_i,
  input  logic [1:0]  tcu_rresp_i,
  input  logic        tcu_rlast_i,
  input  logic        tcu_rvalid_i,
  output logic        tcu_rready_o,
  output logic [3:0]  tcu_awid_o,
  output logic [47:0] tcu_awaddr_o,
  output logic [7:0]  tcu_awlen_o,
  output logic        tcu_awvalid_o,
  input  logic        tcu_awready_i,
  output logic [127:0] tcu_wdata_o,
  output logic [15:0] tcu_wstrb_o,
  output logic        tcu_wlast_o,
  output logic        tcu_wvalid_o,
  input  logic        tcu_wready_i,
  input  logic [3:0]  tcu_bid_i,
  input  logic [1:0]  tcu_bresp_i,
  input  logic        tcu_bvalid_i,
  output logic        tcu_bready_o,

  output logic [NumEp-1:0]       inv_valid_o,
  output logic [NumEp-1:0][4:0]  inv_itag_o,
  input  logic                   cpl_valid_i,
  input  logic [15:0]            cpl_rid_i,
  input  logic [31:0]            cpl_itags_i,

  input  logic        tbu_valid_i,
  output logic        tbu_ready_o,
  input  logic [3:0]  tbu_port_i,
  input  logic [31:0] tbu_sid_i,
  input  logic [1:0]  tbu_at_i,
  input  logic        tbu_write_i,
  input  logic [63:0] tbu_addr_i,
  output logic        tbu_rsp_valid_o,
  output logic [3:0]  tbu_rsp_port_o,
  output logic [1:0]  tbu_rsp_status_o,
  output logic [47:0] tbu_rsp_pa_o,
  output logic        tbu_rsp_colour_o,
  input  logic        txn_done_valid_i,
  input  logic        txn_done_colour_i,

  output logic        irq_gerror_o
);

  inv_req_t [NumEp-1:0]       inv_req;
  tbu_req_t                   tbu_req;
  tbu_rsp_t                   tbu_rsp;
  txn_done_t [NumTxnDone-1:0] txn_done;

  for (genvar i = 0; i < NumEp; i++) begin : gen_flat
    assign inv_itag_o[i] = inv_req[i].itag;
  end
  always_comb begin
    tbu_req       = '0;
    tbu_req.port  = tbu_port_i;
    tbu_req.sid   = tbu_sid_i;
    tbu_req.at    = at_e'(tbu_at_i);
    tbu_req.write = tbu_write_i;
    tbu_req.addr  = tbu_addr_i;
    txn_done      = '0;
    txn_done[0]   = '{valid: txn_done_valid_i, colour: txn_done_colour_i};
  end
  assign tbu_rsp_port_o   = tbu_rsp.port;
  assign tbu_rsp_status_o = tbu_rsp.status;
  assign tbu_rsp_pa_o     = tbu_rsp.pa;
  assign tbu_rsp_colour_o = tbu_rsp.colour;

  logic     unused_pri_ready, unused_prg_valid;
  prg_rsp_t unused_prg;

  smmu_top #(
    .NumEp          (NumEp),
    .NumTags        (NumTags),
    .TagScopeGlobal (TagScopeGlobal),
    .NumEcmdq       (NumEcmdq)
  ) u_dut (
    .inv_timeout_o (),
    .clk_i, .rst_ni, .now_i,
    .step_i           (48'd1),
    .sync_err_first_i,
    .sync_rereport_i  ('0),
    .reg_awaddr_i, .reg_awvalid_i, .reg_awready_o, .reg_wdata_i, .reg_wstrb_i, .reg_wvalid_i, .reg_wready_o,
    .reg_bresp_o      (),
    .reg_bvalid_o,
    .reg_bready_i     (1'b1),
    .reg_araddr_i, .reg_arvalid_i, .reg_arready_o, .reg_rdata_o,
    .reg_rresp_o      (),
    .reg_rvalid_o,
    .reg_rready_i     (1'b1),
    .tcu_arid_o, .tcu_araddr_o, .tcu_arlen_o, .tcu_arvalid_o, .tcu_arready_i, .tcu_rid_i, .tcu_rdata_i, .tcu_rresp_i,
    .tcu_rlast_i, .tcu_rvalid_i, .tcu_rready_o, .tcu_awid_o, .tcu_awaddr_o, .tcu_awlen_o, .tcu_awvalid_o,
    .tcu_awready_i, .tcu_wdata_o, .tcu_wstrb_o, .tcu_wlast_o, .tcu_wvalid_o, .tcu_wready_i, .tcu_bid_i, .tcu_bresp_i,
    .tcu_bvalid_i, .tcu_bready_o,
    .inv_req_valid_o  (inv_valid_o),
    .inv_req_ready_i  ('1),
    .inv_req_o        (inv_req),
    .inv_cpl_valid_i  (cpl_valid_i),
    .inv_cpl_i        ('{rid: cpl_rid_i, itags: cpl_itags_i, cc: 3'd1}),
    .inv_ur_valid_i   (1'b0),
    .inv_ur_i         ('0),
    .tbu_req_valid_i  (tbu_valid_i),
    .tbu_req_ready_o  (tbu_ready_o),
    .tbu_req_i        (tbu_req),
    .tbu_rsp_valid_o,
    .tbu_rsp_ready_i  (1'b1),
    .tbu_rsp_o        (tbu_rsp),
    .txn_done_i       (txn_done),
    .pri_req_valid_i  (1'b0),
    .pri_req_ready_o  (unused_pri_ready),
    .pri_req_i        ('0),
    .prg_rsp_valid_o  (unused_prg_valid),
    .prg_rsp_ready_i  (1'b1),
    .prg_rsp_o        (unused_prg),
    .irq_gerror_o,
    .irq_evtq_o       (),
    .irq_priq_o       (),
    .irq_sync_o       (),
    .irq_pmcg_o       (),
    .sev_o            (),
    .quiet_o          (),
    .next_deadline_o  ()
  );

endmodule
