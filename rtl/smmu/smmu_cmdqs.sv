// SPDX-License-Identifier: Apache-2.0
//
// The command queues and how they share what executes commands (smmuv3 §2, §4; D7, D8): queue 0 is CMDQ, n is ECMDQ n - 1.
//
// Guarantees: each queue is in order and waits for nobody's SYNC; CFGI, TLBI, stall and PRI commands go out one a cycle of
// each kind, round robin among the queues; smmu_atc_inv takes a stream from each queue. While a SYNC waits for earlier
// CFGI and TLBI, no queue adds to them, so that its wait is bounded. SYNC status (time-outs, what is outstanding) is per
// queue.
// Latency: as smmu_cmdq; sharing adds no cycle.
module smmu_cmdqs
  import smmu_pkg::*;
#(
  parameter smmu_id_t    Id        = smmu_id(0),
  parameter int unsigned NumQueues = 1,
  parameter int unsigned Prefetch  = 64,       // of CMDQ
  parameter int unsigned EcmdqPrefetch = 32
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       smmuen_i,
  input  logic                       err_first_i,      // D2
  input  logic [3:0]                 rereport_i,       // D3
  input  queue_t [NumQueues-1:0]     queue_i,

  output logic [NumQueues-1:0]       mrd_req_valid_o,
  input  logic [NumQueues-1:0]       mrd_req_ready_i,
  output mrd_req_t [NumQueues-1:0]   mrd_req_o,
  input  logic [NumQueues-1:0]       mrd_rsp_valid_i,
  input  mrd_rsp_t                   mrd_rsp_i,

  output logic                       cfgi_valid_o,
  input  logic                       cfgi_ready_i,
  output cfgi_cmd_t                  cfgi_o,
  output logic                       tlbi_valid_o,
  input  logic                       tlbi_ready_i,
  output tlbi_cmd_t                  tlbi_o,
  output logic [NumQueues-1:0]       atc_valid_o,      // a stream for each queue
  input  logic [NumQueues-1:0]       atc_ready_i,
  output atc_inv_cmd_t [NumQueues-1:0] atc_o,
  output logic                       stall_valid_o,
  input  logic                       stall_ready_i,
  output stall_cmd_t                 stall_o,
  output logic                       prir_valid_o,
  input  logic                       prir_ready_i,
  output pri_rsp_cmd_t               prir_o,

  output logic [NumQueues-1:0]       sync_irq_o,
  output logic                       sync_sev_o,
  output msi_t [NumQueues-1:0]       sync_msi_o,
  input  logic                       inval_idle_i,
  output logic [NumQueues-1:0]       drain_req_o,
  input  logic [NumQueues-1:0]       drain_done_i,
  output logic [NumQueues-1:0]       evt_mark_o,
  input  logic                       evt_idle_i,
  input  logic [NumQueues-1:0]       evt_done_i,
  input  logic [NumQueues-1:0]       atc_idle_i,
  input  logic [NumQueues-1:0]       atc_timed_out_i,
  output logic [NumQueues-1:0]       atc_clear_o,
  input  logic [NumQueues-1:0]       msi_busy_i,

  output logic [NumQueues-1:0]       consume_o,
  output logic [NumQueues-1:0]       error_o,
  output logic [NumQueues-1:0][6:0]  error_code_o,
  output logic [NumQueues-1:0]       idle_o,
  output logic                       quiet_o
);

  logic [NumQueues-1:0] cfgi_valid, cfgi_ready, tlbi_valid, tlbi_ready, stall_valid, stall_ready,
                        prir_valid, prir_ready, sync_sev, inval_wait, quiet_queue;
  cfgi_cmd_t    [NumQueues-1:0] cfgi;
  tlbi_cmd_t    [NumQueues-1:0] tlbi;
  stall_cmd_t   [NumQueues-1:0] stall;
  pri_rsp_cmd_t [NumQueues-1:0] prir;
  logic                         hold;
  logic [3:0]                   quiet_share;

  assign hold       = inval_wait != '0;
  assign sync_sev_o = sync_sev != '0;
  assign quiet_o    = quiet_queue == '1 && quiet_share == '1;

  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    smmu_cmdq #(.Id (Id), .Queue (q), .Prefetch ((q == 0) ? Prefetch : EcmdqPrefetch)) u_cmdq (
      .clk_i, .rst_ni, .smmuen_i, .err_first_i, .rereport_i,
      .queue_i         (queue_i[q]),
      .mrd_req_valid_o (mrd_req_valid_o[q]),
      .mrd_req_ready_i (mrd_req_ready_i[q]),
      .mrd_req_o       (mrd_req_o[q]),
      .mrd_rsp_valid_i (mrd_rsp_valid_i[q]),
      .mrd_rsp_i,
      .cfgi_valid_o    (cfgi_valid[q]),
      .cfgi_ready_i    (cfgi_ready[q]),
      .cfgi_o          (cfgi[q]),
      .tlbi_valid_o    (tlbi_valid[q]),
      .tlbi_ready_i    (tlbi_ready[q]),
      .tlbi_o          (tlbi[q]),
      .atc_valid_o     (atc_valid_o[q]),
      .atc_ready_i     (atc_ready_i[q]),
      .atc_o           (atc_o[q]),
      .stall_valid_o   (stall_valid[q]),
      .stall_ready_i   (stall_ready[q]),
      .stall_o         (stall[q]),
      .prir_valid_o    (prir_valid[q]),
      .prir_ready_i    (prir_ready[q]),
      .prir_o          (prir[q]),
      .sync_irq_o      (sync_irq_o[q]),
      .sync_sev_o      (sync_sev[q]),
      .sync_msi_o      (sync_msi_o[q]),
      .inval_idle_i,
      .inval_wait_o    (inval_wait[q]),
      .drain_req_o     (drain_req_o[q]),
      .drain_done_i    (drain_done_i[q]),
      .evt_mark_o      (evt_mark_o[q]),
      .evt_idle_i,
      .evt_done_i      (evt_done_i[q]),
      .atc_idle_i      (atc_idle_i[q]),
      .atc_timed_out_i (atc_timed_out_i[q]),
      .atc_clear_o     (atc_clear_o[q]),
      .msi_busy_i      (msi_busy_i[q]),
      .consume_o       (consume_o[q]),
      .error_o         (error_o[q]),
      .error_code_o    (error_code_o[q]),
      .idle_o          (idle_o[q]),
      .quiet_o         (quiet_queue[q])
    );
  end

  smmu_cmd_share #(.NumQueues (NumQueues), .T (cfgi_cmd_t)) u_cfgi (
    .clk_i, .rst_ni,
    .hold_i  (hold),
    .valid_i (cfgi_valid),
    .ready_o (cfgi_ready),
    .cmd_i   (cfgi),
    .valid_o (cfgi_valid_o),
    .ready_i (cfgi_ready_i),
    .cmd_o   (cfgi_o),
    .quiet_o (quiet_share[0])
  );

  smmu_cmd_share #(.NumQueues (NumQueues), .T (tlbi_cmd_t)) u_tlbi (
    .clk_i, .rst_ni,
    .hold_i  (hold),
    .valid_i (tlbi_valid),
    .ready_o (tlbi_ready),
    .cmd_i   (tlbi),
    .valid_o (tlbi_valid_o),
    .ready_i (tlbi_ready_i),
    .cmd_o   (tlbi_o),
    .quiet_o (quiet_share[1])
  );

  smmu_cmd_share #(.NumQueues (NumQueues), .T (stall_cmd_t)) u_stall (
    .clk_i, .rst_ni,
    .hold_i  (1'b0),
    .valid_i (stall_valid),
    .ready_o (stall_ready),
    .cmd_i   (stall),
    .valid_o (stall_valid_o),
    .ready_i (stall_ready_i),
    .cmd_o   (stall_o),
    .quiet_o (quiet_share[2])
  );

  smmu_cmd_share #(.NumQueues (NumQueues), .T (pri_rsp_cmd_t)) u_prir (
    .clk_i, .rst_ni,
    .hold_i  (1'b0),
    .valid_i (prir_valid),
    .ready_o (prir_ready),
    .cmd_i   (prir),
    .valid_o (prir_valid_o),
    .ready_i (prir_ready_i),
    .cmd_o   (prir_o),
    .quiet_o (quiet_share[3])
  );

endmodule
