// SPDX-License-Identifier: Apache-2.0
//
// Events cmd_consumed, sync_start, sync_complete, sync_error, cmdq_stopped, cmdq_resumed: what needs the queue's index
// beside the command in progress.
module smmu_top_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic         clk_i,
  input logic         rst_ni,
  input logic [19:0]  cons,        // index of the command in progress
  input logic [127:0] cmd,
  input logic         consume,
  input logic         sync_valid,
  input logic         sync_done,
  input logic         sync_error,
  input logic         cmd_error,
  input logic [6:0]   cmd_error_code,
  input logic         cmdq_err
);

  logic waiting_q, err_q;          // in the cycle before: a SYNC was there and stayed; CMDQ_ERR was active

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      waiting_q <= 1'b0;
      err_q     <= 1'b0;
    end else begin
      waiting_q <= sync_valid && !sync_done && !sync_error;
      err_q     <= cmdq_err;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni) begin
      if (sync_valid && !waiting_q) atc_mon_event(EV_SYNC_START, 0, int'(cons), 0, 0);
      if (sync_done) atc_mon_event(EV_SYNC_COMPLETE, 0, int'(cons), 0, 0);
      if (sync_error) atc_mon_event(EV_SYNC_ERROR, 0, int'(cons), longint'(cmd_error_code), 0);
      if (consume) atc_mon_event(EV_CMD_CONSUMED, 0, int'(cons), cmd[63:0], cmd[127:64]);
      if (cmd_error) atc_mon_event(EV_CMDQ_STOPPED, 0, int'(cons), longint'(cmd_error_code), 0);
      if (err_q && !cmdq_err) atc_mon_event(EV_CMDQ_RESUMED, 0, int'(cons), 0, 0);
    end
  end

endmodule

bind smmu_top smmu_top_mon u_mon (
  .clk_i          (clk_i),
  .rst_ni         (rst_ni),
  .cons           (cmdq.cons),
  .cmd            (u_dispatch.cmd_q),
  .consume        (consume),
  .sync_valid     (sync_valid),
  .sync_done      (sync_done),
  .sync_error     (sync_error),
  .cmd_error      (cmd_error),
  .cmd_error_code (cmd_error_code),
  .cmdq_err       (cmdq_err)
);
