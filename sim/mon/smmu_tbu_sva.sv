// SPDX-License-Identifier: Apache-2.0
//
// The response queue has a place for every port. A port is at most one of parked, stalled, about to be aborted, and only
// while its request is open; a stalled transaction is left by a command or by SMMUEN = 0 alone.
module smmu_tbu_sva #(
  parameter int unsigned NumEp = 4
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             push_i,
  input logic             ready_i,
  input logic [NumEp-1:0] parked_i,
  input logic [NumEp-1:0] stalled_i,
  input logic [NumEp-1:0] kill_i,
  input logic             stall_cmd_i,
  input logic             smmuen_i
);
  never_full: assert property (@(posedge clk_i) disable iff (!rst_ni) push_i |-> ready_i);
  one_place: assert property (@(posedge clk_i) disable iff (!rst_ni)
                              (parked_i & stalled_i) == '0 && (parked_i & kill_i) == '0 && (stalled_i & kill_i) == '0);
  stays_stalled: assert property (@(posedge clk_i) disable iff (!rst_ni)
                                  !stall_cmd_i && smmuen_i |=> ($past(stalled_i) & ~stalled_i) == '0);
  stall_resumed: cover property (@(posedge clk_i) disable iff (!rst_ni) stall_cmd_i && stalled_i != '0);
endmodule

bind smmu_tbu smmu_tbu_sva #(
  .NumEp(NumEp)
) u_sva (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .push_i     (q_valid),
  .ready_i    (q_ready),
  .parked_i   (parked_q),
  .stalled_i  (stalled_q),
  .kill_i     (kill_q),
  .stall_cmd_i(stall_valid_i),
  .smmuen_i   (cfg_i.smmuen)
);
