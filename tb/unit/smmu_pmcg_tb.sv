// SPDX-License-Identifier: Apache-2.0
//
// smmu_pmcg with counters of 36 bits, behind flat ports. The events of a cycle are a mask and one number for all of them.
module smmu_pmcg_tb
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [47:0] now_i,
  input  logic [47:0] step_i,
  input  logic        wr_valid_i,
  input  logic [11:3] wr_addr_i,
  input  logic [1:0]  wr_half_i,
  input  logic [63:0] wr_data_i,
  input  logic        rd_sel_i,
  input  logic [11:3] rd_addr_i,
  output logic [63:0] rd_data_o,
  input  logic [14:0] level_i,
  input  logic [14:0] event_i,
  input  logic [5:0]  count_i,
  input  logic [15:0] sid_i,
  output logic        irq_o,
  output logic        irq_on_o,
  output logic [47:0] msi_addr_o,
  output logic [31:0] msi_data_o,
  input  logic        msi_busy_i,
  input  logic        msi_abort_i,
  output logic        quiet_o,
  output logic [47:0] next_deadline_o,
  output logic        frozen_irq_o,   // of a second one that freezes at overflow
  input  logic [11:3] frozen_addr_i,
  output logic [63:0] frozen_data_o
);

  pmu_count_t [NumPmuEvt:0] n;
  msi_t                     msi, unused_msi;
  logic                     unused_on, unused_quiet;
  logic [47:0]              unused_deadline;

  always_comb begin
    for (int unsigned e = 0; e <= NumPmuEvt; e++) n[e] = event_i[e] ? count_i : '0;
  end
  assign {msi_addr_o, msi_data_o} = msi;

  smmu_pmcg #(.CtrBits (36)) u_dut (
    .clk_i, .rst_ni, .now_i, .step_i, .wr_valid_i, .wr_addr_i, .wr_half_i, .wr_data_i, .rd_sel_i, .rd_addr_i, .rd_data_o,
    .level_i,
    .n_i    (n),
    .sid_i, .irq_o, .irq_on_o,
    .msi_o  (msi),
    .msi_busy_i, .msi_abort_i, .counting_o (),
    .quiet_o, .next_deadline_o
  );

  smmu_pmcg #(.CtrBits (64), .FreezeOnOvf (1'b1)) u_frozen (
    .clk_i, .rst_ni, .now_i, .step_i, .wr_valid_i, .wr_addr_i, .wr_half_i, .wr_data_i,
    .rd_sel_i        (1'b1),
    .rd_addr_i       (frozen_addr_i),
    .rd_data_o       (frozen_data_o),
    .level_i,
    .n_i             (n),
    .sid_i,
    .irq_o           (frozen_irq_o),
    .irq_on_o        (unused_on),
    .msi_o           (unused_msi),
    .msi_busy_i, .msi_abort_i,
    .quiet_o         (unused_quiet),
    .next_deadline_o (unused_deadline)
  );

endmodule
