// SPDX-License-Identifier: Apache-2.0
//
// Events prod_seen and cmd_fetched.
module smmu_cmdq_fetch_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic         clk_i,
  input logic         rst_ni,
  input logic         enable,
  input logic [19:0]  prod,
  input logic         push,
  input logic [19:0]  index,   // of the command that arrives
  input logic [127:0] data
);

  logic [19:0] seen_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) seen_q <= '0;
    else if (enable) seen_q <= prod;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && enable && prod != seen_q) atc_mon_event(EV_PROD_SEEN, 0, int'(prod), 0, 0);
    if (rst_ni && push) atc_mon_event(EV_CMD_FETCHED, 0, int'(index), data[63:0], data[127:64]);
  end

endmodule

bind smmu_cmdq_fetch smmu_cmdq_fetch_mon u_mon (
  .clk_i  (clk_i),
  .rst_ni (rst_ni),
  .enable (queue_i.enable),
  .prod   (queue_i.prod),
  .push   (push),
  .index  ((next_q + 20'(count)) & wrap_mask),
  .data   (mrd_rsp_i.data)
);
