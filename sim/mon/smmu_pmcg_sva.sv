// SPDX-License-Identifier: Apache-2.0
//
// Counters and time (D21): `now` jumps only when nothing is counted but cycles, and never across an overflow, so that an
// overflow has its exact time.
module smmu_pmcg_sva
  import atc_time_pkg::*;
#(
  parameter int unsigned NumCtr = 8
) (
  input logic              clk_i,
  input logic              rst_ni,
  input time_t             step,
  input logic              pulses,
  input logic [NumCtr-1:0] ovf
);

  alone: assert property (@(posedge clk_i) disable iff (!rst_ni) step != time_t'(1) |-> !pulses);
  exact: assert property (@(posedge clk_i) disable iff (!rst_ni) step != time_t'(1) |-> ovf == '0);
  overflows: cover property (@(posedge clk_i) disable iff (!rst_ni) ovf != '0);

endmodule

bind smmu_pmcg_ctr smmu_pmcg_sva #(.NumCtr (NumCtr)) u_sva (
  .clk_i  (clk_i),
  .rst_ni (rst_ni),
  .step   (step_i),
  .pulses (pulses),
  .ovf    (ovf_o)
);
