// SPDX-License-Identifier: Apache-2.0
//
// Events of one command queue; `src` is its number (0 = CMDQ). prod_seen, cmd_fetched; cmd_consumed, sync_start,
// sync_complete, sync_error, cmdq_stopped with the index of the command in progress.
module smmu_cmdq_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned Queue = 0
) (
  input logic         clk_i,
  input logic         rst_ni,
  input queue_t       queue,
  input logic         push,           // a command arrives,
  input logic [19:0]  push_index,     // with this index
  input logic [127:0] push_cmd,
  input logic [127:0] cmd,            // in progress
  input logic         consume,
  input logic         sync_valid,
  input logic         sync_done,
  input logic         sync_error,
  input logic         cmd_error,
  input logic [6:0]   cmd_error_code
);

  logic        waiting_q;             // in the cycle before a SYNC was there and stayed
  logic [19:0] seen_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      waiting_q <= 1'b0;
      seen_q    <= '0;
    end else begin
      waiting_q <= sync_valid && !sync_done && !sync_error;
      if (queue.enable) seen_q <= queue.prod;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni) begin
      if (queue.enable && queue.prod != seen_q) atc_mon_event(EV_PROD_SEEN, Queue, int'(queue.prod), 0, 0);
      if (push) atc_mon_event(EV_CMD_FETCHED, Queue, int'(push_index), push_cmd[63:0], push_cmd[127:64]);
      if (sync_valid && !waiting_q) atc_mon_event(EV_SYNC_START, Queue, int'(queue.cons), 0, 0);
      if (sync_done) atc_mon_event(EV_SYNC_COMPLETE, Queue, int'(queue.cons), 0, 0);
      if (sync_error) atc_mon_event(EV_SYNC_ERROR, Queue, int'(queue.cons), longint'(cmd_error_code), 0);
      if (consume) atc_mon_event(EV_CMD_CONSUMED, Queue, int'(queue.cons), cmd[63:0], cmd[127:64]);
      if (cmd_error) atc_mon_event(EV_CMDQ_STOPPED, Queue, int'(queue.cons), longint'(cmd_error_code), 0);
    end
  end

  logic unused_queue;
  assign unused_queue = ^{queue.base, queue.log2size};

endmodule

bind smmu_cmdq smmu_cmdq_mon #(.Queue (Queue)) u_mon (
  .clk_i          (clk_i),
  .rst_ni         (rst_ni),
  .queue          (queue_i),
  .push           (u_fetch.push),
  .push_index     ((u_fetch.next_q + 20'(u_fetch.count)) & u_fetch.wrap_mask),
  .push_cmd       (mrd_rsp_i.data),
  .cmd            (u_dispatch.cmd_q),
  .consume        (consume_o),
  .sync_valid     (sync_valid),
  .sync_done      (sync_done),
  .sync_error     (sync_error),
  .cmd_error      (error_o),
  .cmd_error_code (error_code_o)
);
