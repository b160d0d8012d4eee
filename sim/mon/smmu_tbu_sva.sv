// SPDX-License-Identifier: Apache-2.0
//
// The response queue has a place for every port.
module smmu_tbu_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic push_i,
  input logic ready_i
);
  never_full: assert property (@(posedge clk_i) disable iff (!rst_ni) push_i |-> ready_i);
endmodule

bind smmu_tbu smmu_tbu_sva u_sva (
  .clk_i  (clk_i),
  .rst_ni (rst_ni),
  .push_i (q_valid),
  .ready_i(q_ready)
);
