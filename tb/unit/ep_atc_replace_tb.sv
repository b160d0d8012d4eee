// SPDX-License-Identifier: Apache-2.0
//
// The three policies side by side for ep_atc_replace_test.cpp: 2 sets of 8 ways, each fills the way it has chosen.
module ep_atc_replace_tb
  import ep_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       set_i,
  input  logic       use_i,       // way_i is used, by all
  input  logic [2:0] way_i,
  input  logic       evict_i,     // each fills its victim
  output logic [2:0] rr_o,
  output logic [2:0] plru_o,
  output logic [2:0] random_o,
  output logic       one_o        // a set of one way
);

  ep_atc_replace #(.Sets(2), .Ways(8), .Replace(ReplaceRoundRobin)) u_rr (
    .clk_i, .rst_ni, .set_i, .use_i(use_i || evict_i), .way_i(evict_i ? rr_o : way_i), .evict_i, .victim_o(rr_o)
  );
  ep_atc_replace #(.Sets(2), .Ways(8), .Replace(ReplacePlru)) u_plru (
    .clk_i, .rst_ni, .set_i, .use_i(use_i || evict_i), .way_i(evict_i ? plru_o : way_i), .evict_i, .victim_o(plru_o)
  );
  ep_atc_replace #(.Sets(2), .Ways(8), .Replace(ReplaceRandom)) u_random (
    .clk_i, .rst_ni, .set_i, .use_i(use_i || evict_i), .way_i(evict_i ? random_o : way_i), .evict_i, .victim_o(random_o)
  );
  ep_atc_replace #(.Sets(1), .Ways(1), .Replace(ReplacePlru)) u_one (
    .clk_i, .rst_ni, .set_i(1'b0), .use_i(use_i || evict_i), .way_i(1'b0), .evict_i, .victim_o(one_o)
  );

endmodule
