// SPDX-License-Identifier: Apache-2.0
//
// One command queue: reads it, hands each command to the unit that executes it, and waits at a SYNC. Queue 0 is CMDQ, the
// others are enhanced command queues; they differ only in their registers. Wiring only.
//
// Guarantees and latencies: smmu_cmdq_fetch, smmu_cmd_dispatch and smmu_sync, in the order of the data.
module smmu_cmdq
  import smmu_pkg::*;
#(
  parameter smmu_id_t    Id       = smmu_id(0),
  parameter int unsigned Queue    = 0,          // its number, for the monitors
  parameter int unsigned Prefetch = 64
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         smmuen_i,
  input  logic         err_first_i,      // D2
  input  logic [3:0]   rereport_i,       // D3
  input  queue_t       queue_i,

  output logic         mrd_req_valid_o,
  input  logic         mrd_req_ready_i,
  output mrd_req_t     mrd_req_o,
  input  logic         mrd_rsp_valid_i,
  input  mrd_rsp_t     mrd_rsp_i,

  output logic         cfgi_valid_o,
  input  logic         cfgi_ready_i,
  output cfgi_cmd_t    cfgi_o,
  output logic         tlbi_valid_o,
  input  logic         tlbi_ready_i,
  output tlbi_cmd_t    tlbi_o,
  output logic         atc_valid_o,
  input  logic         atc_ready_i,
  output atc_inv_cmd_t atc_o,
  output logic         stall_valid_o,
  input  logic         stall_ready_i,
  output stall_cmd_t   stall_o,
  output logic         prir_valid_o,
  input  logic         prir_ready_i,
  output pri_rsp_cmd_t prir_o,

  // SYNC
  output logic         sync_irq_o,       // pulses: complete with CS = 1, with CS = 2
  output logic         sync_sev_o,
  output msi_t         sync_msi_o,       // goes with sync_irq_o
  input  logic         inval_idle_i,
  output logic         inval_wait_o,
  output logic         drain_req_o,
  input  logic         drain_done_i,
  output logic         evt_mark_o,
  input  logic         evt_idle_i,
  input  logic         evt_done_i,
  input  logic         atc_idle_i,
  input  logic         atc_timed_out_i,
  output logic         atc_clear_o,
  input  logic         msi_busy_i,

  output logic         consume_o,        // pulse: CONS moves past the command
  output logic         error_o,          // pulse: the command fails, CONS stays
  output logic [6:0]   error_code_o,
  output logic         idle_o,           // no command in progress, no read outstanding
  output logic         quiet_o
);

  logic         cmd_valid, cmd_ready, cmd_err, fetch_idle, dispatch_idle;
  logic [127:0] cmd;
  logic         sync_valid, sync_cs_irq, sync_cs_sev, sync_done, sync_error;
  logic         quiet_fetch, quiet_dispatch, quiet_sync;

  smmu_cmdq_fetch #(.Prefetch (Prefetch)) u_fetch (
    .clk_i, .rst_ni, .queue_i,
    .mrd_req_valid_o, .mrd_req_ready_i, .mrd_req_o, .mrd_rsp_valid_i, .mrd_rsp_i,
    .cmd_valid_o (cmd_valid),
    .cmd_ready_i (cmd_ready),
    .cmd_o       (cmd),
    .cmd_err_o   (cmd_err),
    .idle_o      (fetch_idle),
    .quiet_o     (quiet_fetch)
  );

  smmu_cmd_dispatch #(.Id (Id)) u_dispatch (
    .clk_i, .rst_ni, .smmuen_i,
    .cmd_valid_i  (cmd_valid),
    .cmd_ready_o  (cmd_ready),
    .cmd_i        (cmd),
    .cmd_err_i    (cmd_err),
    .cfgi_valid_o, .cfgi_ready_i, .cfgi_o,
    .tlbi_valid_o, .tlbi_ready_i, .tlbi_o,
    .atc_valid_o, .atc_ready_i, .atc_o,
    .stall_valid_o, .stall_ready_i, .stall_o,
    .prir_valid_o, .prir_ready_i, .prir_o,
    .sync_valid_o (sync_valid),
    .sync_irq_o   (sync_cs_irq),
    .sync_sev_o   (sync_cs_sev),
    .sync_msi_o,
    .sync_done_i  (sync_done),
    .sync_error_i (sync_error),
    .consume_o, .error_o, .error_code_o,
    .idle_o       (dispatch_idle),
    .quiet_o      (quiet_dispatch)
  );

  smmu_sync u_sync (
    .clk_i, .rst_ni, .err_first_i, .rereport_i,
    .valid_i (sync_valid),
    .irq_i   (sync_cs_irq),
    .sev_i   (sync_cs_sev),
    .done_o  (sync_done),
    .error_o (sync_error),
    .irq_o   (sync_irq_o),
    .sev_o   (sync_sev_o),
    .inval_idle_i, .inval_wait_o, .drain_req_o, .drain_done_i, .evt_mark_o, .evt_idle_i, .evt_done_i, .atc_idle_i,
    .atc_timed_out_i, .atc_clear_o, .msi_busy_i,
    .quiet_o (quiet_sync)
  );

  assign idle_o  = fetch_idle && dispatch_idle;
  assign quiet_o = quiet_fetch && quiet_dispatch && quiet_sync;

endmodule
