// SPDX-License-Identifier: Apache-2.0
//
// Which way of a full set makes room: round robin, tree pseudo least recently used, or random.
//
// Round robin: a pointer a set, moved by each eviction. Tree pLRU (Ways a power of two): a bit a node of a binary tree over
// the ways, pointing away from the half used last. Random: a 16-bit linear feedback shift register for all sets, moved by
// each eviction, so that runs repeat and waiting changes nothing.
// Guarantees: round robin and, when no other way is used meanwhile, pLRU evict each way once in Ways evictions.
// Does not know which ways are valid. Combinational from set to victim; state changes at the next edge.
module ep_atc_replace
  import ep_pkg::*;
#(
  parameter int unsigned  Sets    = 1,
  parameter int unsigned  Ways    = 64,
  parameter atc_replace_e Replace = ReplaceRoundRobin,
  localparam int unsigned SetW = (Sets > 1) ? $clog2(Sets) : 1,
  localparam int unsigned WayW = (Ways > 1) ? $clog2(Ways) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic [SetW-1:0] set_i,
  input  logic            use_i,       // way_i is looked up with a hit, or filled
  input  logic [WayW-1:0] way_i,
  input  logic            evict_i,     // victim_o is taken
  output logic [WayW-1:0] victim_o
);

  if (Ways == 1) begin : gen_one
    assign victim_o = '0;
    logic unused_inputs;
    assign unused_inputs = ^{clk_i, rst_ni, set_i, use_i, way_i, evict_i};
  end else if (Replace == ReplacePlru) begin : gen_plru
    logic [Ways-1:1] tree_q [Sets], tree;  // node n has children 2n and 2n + 1; leaf Ways + w is way w
    logic [WayW:0]   node, up;

    always_comb begin
      node = (WayW + 1)'(1);
      for (int unsigned l = 0; l < WayW; l++) node = {node[WayW-1:0], tree_q[set_i][node[WayW-1:0]]};
      victim_o = node[WayW-1:0];
    end

    always_comb begin
      tree = tree_q[set_i];
      up   = {1'b1, way_i};
      for (int unsigned l = 0; l < WayW; l++) begin
        tree[up[WayW:1]] = !up[0];
        up = up >> 1;
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        for (int unsigned s = 0; s < Sets; s++) tree_q[s] <= '0;
      end else if (use_i) begin
        tree_q[set_i] <= tree;
      end
    end

    logic unused_evict;
    assign unused_evict = evict_i;
  end else if (Replace == ReplaceRandom) begin : gen_random
    logic [15:0] lfsr_q;

    assign victim_o = WayW'(32'(lfsr_q) % Ways);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) lfsr_q <= 16'hACE1;
      else if (evict_i) lfsr_q <= {1'b0, lfsr_q[15:1]} ^ (lfsr_q[0] ? 16'hB400 : 16'h0);
    end

    logic unused_inputs;
    assign unused_inputs = ^{set_i, use_i, way_i};
  end else begin : gen_rr
    logic [WayW-1:0] next_q [Sets];

    assign victim_o = next_q[set_i];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        for (int unsigned s = 0; s < Sets; s++) next_q[s] <= '0;
      end else if (evict_i) begin
        next_q[set_i] <= (victim_o == WayW'(Ways - 1)) ? '0 : victim_o + 1'b1;
      end
    end

    logic unused_inputs;
    assign unused_inputs = ^{use_i, way_i};
  end

endmodule
