// SPDX-License-Identifier: Apache-2.0
//
// Entries of one PASID never overlap: a lookup meets at most one.
module ep_atc_sva #(
  parameter int unsigned NumAtc = 64
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic              lookup,
  input logic [NumAtc-1:0] hit
);

  one_hit: assert property (@(posedge clk_i) disable iff (!rst_ni) lookup |-> $onehot0(hit));

endmodule

bind ep_atc ep_atc_sva #(.NumAtc(NumAtc)) u_sva (
  .clk_i (clk_i),
  .rst_ni(rst_ni),
  .lookup(lkp_valid_i && lkp_ready_o),
  .hit   (hit)
);
