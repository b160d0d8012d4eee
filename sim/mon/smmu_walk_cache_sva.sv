// SPDX-License-Identifier: Apache-2.0
//
// Nobody fills in the cycle of an invalidation, and nothing is left after a CFGI.
module smmu_walk_cache_sva #(
  parameter int unsigned NumWalk = 4
) (
  input logic               clk_i,
  input logic               rst_ni,
  input logic [NumWalk-1:0] hit_i,
  input logic [NumWalk-1:0] fill_i,
  input logic               inv_valid_i,
  input logic               inv_all_i
);
  no_fill: assert property (@(posedge clk_i) disable iff (!rst_ni) inv_valid_i || inv_all_i |-> fill_i == '0);
  none_left: assert property (@(posedge clk_i) disable iff (!rst_ni) inv_all_i |=> hit_i == '0);
  fills_meet: cover property (@(posedge clk_i) disable iff (!rst_ni) $countones(fill_i) > 1);
endmodule

bind smmu_walk_cache smmu_walk_cache_sva #(
  .NumWalk(NumWalk)
) u_sva (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .hit_i      (hit_o),
  .fill_i     (fill_i),
  .inv_valid_i(inv_valid_i),
  .inv_all_i  (inv_all_i)
);
