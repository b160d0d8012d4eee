// SPDX-License-Identifier: Apache-2.0
//
// smmu_evtq with its registers, behind flat ports: PROD and OVFLG are the real ones.
module smmu_evtq_tb
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        enable_i,
  input  logic        wr_valid_i,   // register write
  input  logic [18:3] wr_addr_i,
  input  logic [1:0]  wr_half_i,
  input  logic [63:0] wr_data_i,
  output logic [31:0] prod_o,       // with OVFLG
  output logic [31:0] cons_o,

  input  logic        abt_err_i,    // EVENTQ_ABT_ERR is active
  input  logic        evt_valid_i,
  output logic        evt_ready_o,
  input  logic        evt_stall_i,  // the record's Stall bit
  input  logic [63:0] evt_dw0_i,
  input  logic [63:0] evt_dw3_i,

  output logic        mwr_valid_o,
  input  logic        mwr_ready_i,
  output logic [47:0] mwr_addr_o,
  output logic [63:0] mwr_dw0_o,
  output logic [63:0] mwr_dw3_o,
  output logic [1:0]  mwr_size_o,
  input  logic        mwr_done_i,
  input  logic        mwr_err_i,

  output logic        overflow_o,
  output logic        abort_o,
  output logic        irq_o,
  input  logic        mark_i,
  output logic        mark_done_o,
  output logic        idle_o,
  output logic        busy_o,
  output logic        quiet_o
);

  queue_t      queue;
  mwr_req_t    mwr;
  logic        advance, overflowed;
  logic [63:0] rd_data;

  assign queue.enable = enable_i;
  assign {cons_o, prod_o} = rd_data;

  smmu_regs_outq u_regs (
    .clk_i, .rst_ni,
    .wr_i         ('{valid: wr_valid_i, addr: wr_addr_i, half: wr_half_i, data: wr_data_i}),
    .enabled_i    (enable_i || busy_o),
    .advance_i    (advance),
    .overflow_i   (overflow_o),
    .rd_addr_i    (16'(19'h100A8 >> 3)),
    .rd_data_o    (rd_data),
    .base_o       (queue.base),
    .log2size_o   (queue.log2size),
    .prod_o       (queue.prod),
    .cons_o       (queue.cons),
    .overflowed_o (overflowed)
  );

  smmu_evtq #(.Depth (8), .StallDepth (4)) u_dut (
    .clk_i, .rst_ni,
    .queue_i      (queue),
    .overflowed_i (overflowed),
    .abt_err_i, .evt_valid_i, .evt_ready_o,
    .evt_i        ({evt_dw3_i, 64'd0, 32'd0, evt_stall_i, 31'd0, evt_dw0_i}),
    .wr_valid_o   (mwr_valid_o),
    .wr_ready_i   (mwr_ready_i),
    .wr_o         (mwr),
    .wr_done_i    (mwr_done_i),
    .wr_err_i     (mwr_err_i),
    .advance_o    (advance),
    .overflow_o,
    .abort_o, .irq_o, .mark_i, .mark_done_o, .idle_o, .busy_o, .quiet_o
  );
  assign mwr_addr_o   = mwr.addr;
  assign mwr_dw0_o    = mwr.data[63:0];
  assign mwr_dw3_o    = mwr.data[255:192];
  assign mwr_size_o   = mwr.size;

  logic unused_data;
  assign unused_data = ^mwr.data[191:64];

endmodule
