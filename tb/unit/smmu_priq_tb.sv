// SPDX-License-Identifier: Apache-2.0
//
// smmu_priq behind flat ports. Its registers are in the bench.
module smmu_priq_tb
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,
  input  logic        smmuen_i,
  input  logic [47:0] base_i,
  input  logic [4:0]  log2size_i,
  input  logic [19:0] prod_i,
  input  logic [19:0] cons_i,
  input  logic        overflowed_i,
  input  logic        abt_err_i,
  input  logic        last_only_i,

  input  logic        req_valid_i,
  output logic        req_ready_o,
  input  logic [15:0] req_rid_i,
  input  logic        req_ssv_i,
  input  logic [19:0] req_ssid_i,
  input  logic [4:0]  req_flags_i,   // {priv, exec, r, w, last}
  input  logic [8:0]  req_prgi_i,
  input  logic [51:0] req_page_i,
  input  logic        cmd_valid_i,
  output logic        cmd_ready_o,
  input  logic [31:0] cmd_sid_i,
  input  logic        cmd_ssv_i,
  input  logic [19:0] cmd_ssid_i,
  input  logic [8:0]  cmd_prgi_i,
  input  logic [1:0]  cmd_resp_i,
  output logic        rsp_valid_o,
  input  logic        rsp_ready_i,
  output logic [49:0] rsp_o,         // {rid, ssv, ssid, prgi, code}

  output logic        mwr_valid_o,
  input  logic        mwr_ready_i,
  output logic [47:0] mwr_addr_o,
  output logic [63:0] mwr_dw0_o,
  output logic [63:0] mwr_dw1_o,
  output logic [1:0]  mwr_size_o,
  input  logic        mwr_done_i,
  input  logic        mwr_err_i,

  output logic        advance_o,
  output logic        overflow_o,
  output logic        abort_o,
  output logic        irq_o,
  output logic        skip_o,        // the head leaves unwritten
  output logic        busy_o,
  output logic        quiet_o
);

  pri_req_t req;
  prg_rsp_t rsp;
  mwr_req_t mwr;

  assign req = '{rid: req_rid_i, ssv: req_ssv_i, ssid: req_ssid_i, priv: req_flags_i[4], exec: req_flags_i[3],
                 r: req_flags_i[2], w: req_flags_i[1], last: req_flags_i[0], prgi: req_prgi_i, page: req_page_i};
  assign rsp_o      = {rsp.rid, rsp.ssv, rsp.ssid, rsp.prgi, rsp.code};
  assign mwr_addr_o = mwr.addr;
  assign mwr_dw0_o  = mwr.data[63:0];
  assign mwr_dw1_o  = mwr.data[127:64];
  assign mwr_size_o = mwr.size;

  smmu_priq #(.Depth (8)) u_dut (
    .clk_i, .rst_ni,
    .queue_i         ('{enable: enable_i, base: base_i, log2size: log2size_i, prod: prod_i, cons: cons_i}),
    .smmuen_i, .overflowed_i, .abt_err_i, .last_only_i,
    .pri_req_valid_i (req_valid_i),
    .pri_req_ready_o (req_ready_o),
    .pri_req_i       (req),
    .prir_valid_i    (cmd_valid_i),
    .prir_ready_o    (cmd_ready_o),
    .prir_i          ('{sid: cmd_sid_i, ssv: cmd_ssv_i, ssid: cmd_ssid_i, prgi: cmd_prgi_i, resp: cmd_resp_i}),
    .prg_rsp_valid_o (rsp_valid_o),
    .prg_rsp_ready_i (rsp_ready_i),
    .prg_rsp_o       (rsp),
    .wr_valid_o      (mwr_valid_o),
    .wr_ready_i      (mwr_ready_i),
    .wr_o            (mwr),
    .wr_done_i       (mwr_done_i),
    .wr_err_i        (mwr_err_i),
    .advance_o, .overflow_o, .abort_o, .irq_o, .busy_o, .quiet_o
  );

  assign skip_o = u_dut.skip;

  logic unused_data;
  assign unused_data = ^mwr.data[255:128];

endmodule
