// SPDX-License-Identifier: Apache-2.0
//
// What smmu_cmdq_fetch relies on (read data only for beats it asked for) and what it keeps (room for every beat on its
// way, never more to ignore than is on its way).
module smmu_cmdq_fetch_sva (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        response,
  input logic        push,
  input logic        full,
  input logic        no_flight,
  input logic        drop_fits
);

  asked: assert property (@(posedge clk_i) disable iff (!rst_ni) response |-> !no_flight);
  room: assert property (@(posedge clk_i) disable iff (!rst_ni) push |-> !full);
  drops: assert property (@(posedge clk_i) disable iff (!rst_ni) drop_fits);

endmodule

bind smmu_cmdq_fetch smmu_cmdq_fetch_sva u_sva (
  .clk_i     (clk_i),
  .rst_ni    (rst_ni),
  .response  (mrd_rsp_valid_i),
  .push      (push),
  .full      (count == CntW'(Prefetch)),
  .no_flight (flight_q == '0),
  .drop_fits (drop_q <= flight_q)
);
