// SPDX-License-Identifier: Apache-2.0
//
// Event cmdq_resumed: the error of a command queue is acknowledged; `src` is the queue's number.
module smmu_top_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumQueues = 1
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input queue_t [NumQueues-1:0] cmdq,
  input logic [NumQueues-1:0]   err
);

  logic [NumQueues-1:0] err_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) err_q <= '0;
    else err_q <= err;
  end

  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (rst_ni && err_q[q] && !err[q]) atc_mon_event(EV_CMDQ_RESUMED, q, int'(cmdq[q].cons), 0, 0);
    end

    logic unused_queue;
    assign unused_queue = ^cmdq[q];
  end

endmodule

bind smmu_top smmu_top_mon #(.NumQueues (NumQueues)) u_mon (
  .clk_i  (clk_i),
  .rst_ni (rst_ni),
  .cmdq   (cmdq),
  .err    (cmdq_err)
);
