// SPDX-License-Identifier: Apache-2.0
//
// Entries of one PASID, of one privilege and of one array never overlap: a lookup meets at most one of each array.
module ep_atc_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic lookup,
  input logic one_way,
  input logic one_large
);

  one_way_hit: assert property (@(posedge clk_i) disable iff (!rst_ni) lookup |-> one_way);
  one_large_hit: assert property (@(posedge clk_i) disable iff (!rst_ni) lookup |-> one_large);

endmodule

bind ep_atc ep_atc_sva u_sva (
  .clk_i    (clk_i),
  .rst_ni   (rst_ni),
  .lookup   (lkp_valid_i && lkp_ready_o),
  .one_way  ($onehot0(hit[Base-1:0])),
  .one_large($onehot0(hit >> Base))
);
