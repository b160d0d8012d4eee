// SPDX-License-Identifier: Apache-2.0
//
// smmu_sync and the other user of the drain (SMMUEN off) on one smmu_drain_share.
module smmu_sync_tb (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       err_first_i,
  input  logic [3:0] rereport_i,
  input  logic       valid_i,
  input  logic       irq_i,
  input  logic       sev_i,
  output logic       done_o,
  output logic       error_o,
  output logic       irq_o,
  output logic       sev_o,
  input  logic       inval_idle_i,
  output logic       inval_wait_o,
  input  logic       evt_idle_i,
  input  logic       evt_done_i,
  output logic       evt_mark_o,
  input  logic       atc_idle_i,
  input  logic       atc_timed_out_i,
  output logic       atc_clear_o,
  input  logic       msi_busy_i,
  input  logic       other_req_i,
  output logic       other_done_o,
  output logic       drain_start_o,
  input  logic       drain_done_i,
  output logic       quiet_o
);

  logic req, drained, quiet_sync, quiet_share;

  smmu_sync u_dut (
    .clk_i, .rst_ni, .err_first_i, .rereport_i, .valid_i, .irq_i, .sev_i, .done_o, .error_o,
    .irq_o, .sev_o, .inval_idle_i, .inval_wait_o,
    .drain_req_o  (req),
    .drain_done_i (drained),
    .evt_mark_o, .evt_idle_i, .evt_done_i, .atc_idle_i, .atc_timed_out_i, .atc_clear_o, .msi_busy_i,
    .quiet_o      (quiet_sync)
  );

  smmu_drain_share u_share (
    .clk_i, .rst_ni,
    .req_i   ({other_req_i, req}),
    .done_o  ({other_done_o, drained}),
    .drain_start_o, .drain_done_i,
    .quiet_o (quiet_share)
  );

  assign quiet_o = quiet_sync && quiet_share;

endmodule
