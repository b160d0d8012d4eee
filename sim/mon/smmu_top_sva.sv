// SPDX-License-Identifier: Apache-2.0
//
// The SMMU's streams: the AXI channels it drives and the hand-over of commands to their units are held until taken (with
// several command queues another queue's command may take its turn). Of each command queue: an error stops it at once and
// leaves CONS where it is; nothing is consumed, failed or read while one is active; CONS moves by one for each command
// consumed, and by nothing else while the queue is on (smmuv3 §1.6, §3).
module smmu_top_sva
  import smmu_pkg::*;
#(
  parameter int unsigned NumQueues = 1
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input queue_t [NumQueues-1:0] cmdq,
  input logic [NumQueues-1:0]   err,
  input logic [NumQueues-1:0]   cmd_error,
  input logic [NumQueues-1:0]   consume,
  input logic [NumQueues-1:0]   fetch
);

  stopped: assert property (@(posedge clk_i) disable iff (!rst_ni) (err & (consume | cmd_error | fetch)) == '0);
  one: assert property (@(posedge clk_i) disable iff (!rst_ni) (consume & cmd_error) == '0);

  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    stops: assert property (@(posedge clk_i) disable iff (!rst_ni) cmd_error[q] |=> err[q]);
    holds: assert property (@(posedge clk_i) disable iff (!rst_ni) cmd_error[q] |=> $stable(cmdq[q].cons));
    moves: assert property (@(posedge clk_i) disable iff (!rst_ni) consume[q] |=>
                            cmdq[q].cons == ((20'($past(cmdq[q].cons)) + 20'd1) & low_ones(cmdq[q].log2size + 5'd1)));
    still: assert property (@(posedge clk_i) disable iff (!rst_ni) cmdq[q].enable && !consume[q] |=>
                            $stable(cmdq[q].cons));
    off: assert property (@(posedge clk_i) disable iff (!rst_ni) fetch[q] |-> cmdq[q].enable);
  end

endmodule

bind smmu_top smmu_top_sva #(.NumQueues (NumQueues)) u_sva (
  .clk_i     (clk_i),
  .rst_ni    (rst_ni),
  .cmdq      (cmdq),
  .err       (cmdq_err),
  .cmd_error (cmd_error),
  .consume   (consume),
  .fetch     (cmd_req_valid)
);

bind smmu_top stream_sva #(.W (smmu_pkg::PaW + 12)) u_ar_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .valid   (tcu_arvalid_o),
  .ready   (tcu_arready_i),
  .payload ({tcu_arid_o, tcu_arlen_o, tcu_araddr_o})
);

bind smmu_top stream_sva #(.W (smmu_pkg::PaW + 12)) u_aw_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .valid   (tcu_awvalid_o),
  .ready   (tcu_awready_i),
  .payload ({tcu_awid_o, tcu_awlen_o, tcu_awaddr_o})
);

bind smmu_top stream_sva #(.W (145)) u_w_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .valid   (tcu_wvalid_o),
  .ready   (tcu_wready_i),
  .payload ({tcu_wlast_o, tcu_wstrb_o, tcu_wdata_o})
);

bind smmu_cmdq stream_sva #(.W (128)) u_atc_cmd_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .valid   (atc_valid_o),
  .ready   (atc_ready_i),
  .payload (u_dispatch.cmd_q)
);

bind smmu_cmdq stream_sva #(.W (128)) u_prir_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .valid   (prir_valid_o),
  .ready   (prir_ready_i),
  .payload (u_dispatch.cmd_q)
);

bind smmu_cmdq stream_sva #(.W (128)) u_stall_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .valid   (stall_valid_o),
  .ready   (stall_ready_i),
  .payload (u_dispatch.cmd_q)
);
