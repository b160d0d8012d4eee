// SPDX-License-Identifier: Apache-2.0
// sva: smmu_atc_inv_sva smmu_itag_tracker_sva smmu_itag_share_sva
//
// smmu_atc_inv with 2 and 4 command queues, both tag scopes, four devices of eight tags, behind flat ports; `dut_i` = {four
// queues, global} says which one is driven and seen.
module smmu_atc_inv_queues_tb
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp     = 4,
  parameter int unsigned NumTags   = 8,
  parameter int unsigned NumQueues = 4
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic [1:0]                 dut_i,
  input  logic [47:0]                now_i,
  input  logic [47:0]                timeout_i,
  input  logic [47:0]                quar_interval_i,
  input  logic [NumEp-1:0][5:0]      inv_limit_i,
  input  logic [NumQueues-1:0]       cmd_valid_i,
  output logic [NumQueues-1:0]       cmd_ready_o,
  input  logic [NumQueues-1:0][31:0] cmd_sid_i,
  output logic [NumEp-1:0]           req_valid_o,
  input  logic [NumEp-1:0]           req_ready_i,
  output logic [NumEp-1:0][4:0]      req_itag_o,
  input  logic                       cpl_valid_i,
  input  logic [15:0]                cpl_rid_i,
  input  logic [31:0]                cpl_itags_i,
  input  logic [NumEp-1:0]           quar_release_i,
  output logic [NumEp-1:0][5:0]      quar_busy_o,
  output logic [NumQueues-1:0]       idle_o,
  output logic [NumQueues-1:0]       timed_out_o,
  input  logic [NumQueues-1:0]       timed_out_clear_i,
  output logic [1:0]                 stall_o,
  output logic                       refused_o,
  output logic                       quiet_o,
  output logic [47:0]                next_deadline_o
);

  typedef struct packed {
    logic [NumQueues-1:0]  cmd_ready;
    logic [NumEp-1:0]      req_valid;
    inv_req_t [NumEp-1:0]  req;
    logic [NumEp-1:0][5:0] quar_busy;
    logic [NumQueues-1:0]  idle;
    logic [NumQueues-1:0]  timed_out;
    inv_stat_t             stat;
    logic                  quiet;
    logic [47:0]           next_deadline;
  } out_t;

  out_t out [4];

  for (genvar g = 0; g < 4; g++) begin : gen_dut
    localparam int unsigned Queues = (g < 2) ? 2 : 4;
    logic                       on;
    logic [Queues-1:0]          ready, idle, timed_out;
    atc_inv_cmd_t [Queues-1:0]  cmd;

    assign on               = dut_i == 2'(g);
    assign out[g].cmd_ready = NumQueues'(ready);
    assign out[g].idle      = NumQueues'(idle);
    assign out[g].timed_out = NumQueues'(timed_out);
    always_comb begin
      cmd = '0;
      for (int unsigned q = 0; q < Queues; q++) cmd[q].sid = cmd_sid_i[q];
    end

    smmu_atc_inv #(
      .NumEp         (NumEp),
      .NumTags       (NumTags),
      .TagScopeGlobal(1'(g % 2)),
      .NumQueues     (Queues)
    ) u_dut (
      .expired_o (),
      .clk_i,
      .rst_ni,
      .now_i,
      .timeout_i,
      .quar_interval_i,
      .inv_limit_i,
      .cmd_valid_i      (on ? cmd_valid_i[Queues-1:0] : '0),
      .cmd_ready_o      (ready),
      .cmd_i            (cmd),
      .req_valid_o      (out[g].req_valid),
      .req_ready_i,
      .req_o            (out[g].req),
      .cpl_valid_i      (cpl_valid_i && on),
      .cpl_i            ('{rid: cpl_rid_i, itags: cpl_itags_i, cc: 3'd1}),
      .ur_valid_i       (1'b0),
      .ur_i             ('0),
      .quar_release_i   (on ? quar_release_i : '0),
      .quar_busy_o      (out[g].quar_busy),
      .stray_valid_o    (),
      .stray_cause_o    (),
      .stray_count_o    (),
      .idle_o           (idle),
      .timed_out_o      (timed_out),
      .timed_out_clear_i(on ? timed_out_clear_i[Queues-1:0] : '0),
      .stat_o           (out[g].stat),
      .quiet_o          (out[g].quiet),
      .next_deadline_o  (out[g].next_deadline)
    );
  end

  assign cmd_ready_o     = out[dut_i].cmd_ready;
  assign req_valid_o     = out[dut_i].req_valid;
  assign quar_busy_o     = out[dut_i].quar_busy;
  assign idle_o          = out[dut_i].idle;
  assign timed_out_o     = out[dut_i].timed_out;
  assign stall_o         = out[dut_i].stat.stall;
  assign refused_o       = out[dut_i].stat.refused;
  assign quiet_o         = out[dut_i].quiet;
  assign next_deadline_o = out[dut_i].next_deadline;
  for (genvar i = 0; i < NumEp; i++) begin : gen_flat
    assign req_itag_o[i] = out[dut_i].req[i].itag;
  end

endmodule
