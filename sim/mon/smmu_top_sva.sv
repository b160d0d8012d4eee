// SPDX-License-Identifier: Apache-2.0
//
// The SMMU's streams: the AXI channels it drives and the hand-over of commands to their units are held until taken; an
// error stops the queue at once; nothing is consumed while one is active (smmuv3 §1.6, §3).
module smmu_top_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic cmdq_err,
  input logic cmd_error,
  input logic consume,
  input logic fetch
);

  stops: assert property (@(posedge clk_i) disable iff (!rst_ni) cmd_error |=> cmdq_err);
  stopped: assert property (@(posedge clk_i) disable iff (!rst_ni) cmdq_err |-> !consume && !cmd_error && !fetch);

endmodule

bind smmu_top smmu_top_sva u_sva (
  .clk_i     (clk_i),
  .rst_ni    (rst_ni),
  .cmdq_err  (cmdq_err),
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

bind smmu_top stream_sva #(.W (128)) u_atc_cmd_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .valid   (atc_valid),
  .ready   (atc_ready),
  .payload (u_dispatch.cmd_q)
);
