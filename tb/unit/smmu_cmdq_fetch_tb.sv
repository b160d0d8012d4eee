// SPDX-License-Identifier: Apache-2.0
//
// smmu_cmdq_fetch behind flat ports.
module smmu_cmdq_fetch_tb
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,
  input  logic [47:0] base_i,
  input  logic [4:0]  log2size_i,
  input  logic [19:0] prod_i,
  input  logic [19:0] cons_i,
  output logic        req_valid_o,
  input  logic        req_ready_i,
  output logic [47:0] req_addr_o,
  output logic [3:0]  req_beats_o,
  input  logic        rsp_valid_i,
  input  logic [63:0] rsp_dw0_i,
  input  logic [63:0] rsp_dw1_i,
  input  logic        rsp_err_i,
  input  logic        rsp_last_i,
  output logic        cmd_valid_o,
  input  logic        cmd_ready_i,
  output logic [63:0] cmd_dw0_o,
  output logic [63:0] cmd_dw1_o,
  output logic        cmd_err_o,
  output logic        idle_o,
  output logic        quiet_o
);

  mrd_req_t req;
  assign req_addr_o  = req.addr;
  assign req_beats_o = req.beats;

  smmu_cmdq_fetch u_dut (
    .clk_i, .rst_ni,
    .queue_i         ('{enable: enable_i, base: base_i, log2size: log2size_i, prod: prod_i, cons: cons_i}),
    .mrd_req_valid_o (req_valid_o),
    .mrd_req_ready_i (req_ready_i),
    .mrd_req_o       (req),
    .mrd_rsp_valid_i (rsp_valid_i),
    .mrd_rsp_i       ('{data: {rsp_dw1_i, rsp_dw0_i}, err: rsp_err_i, last: rsp_last_i}),
    .cmd_valid_o, .cmd_ready_i,
    .cmd_o           ({cmd_dw1_o, cmd_dw0_o}),
    .cmd_err_o, .idle_o, .quiet_o
  );

endmodule
