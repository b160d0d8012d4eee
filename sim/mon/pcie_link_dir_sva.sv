// SPDX-License-Identifier: Apache-2.0
//
// A link direction never holds more packets than credits, never loses a credit, and keeps what it offers.
module pcie_link_dir_sva
  import tlp_pkg::*;
#(
  parameter int unsigned CrP   = 1,
  parameter int unsigned CrNp  = 1,
  parameter int unsigned CrCpl = 1
) (
  input logic         clk_i,
  input logic         rst_ni,
  input logic         up,
  input logic         push,
  input logic [2:0]   take,
  input logic [2:0]   give,
  input logic         out_valid,
  input logic         out_ready,
  input logic [2:0]   out_class_ready,
  input logic [31:0]  out_dw0,
  input logic [31:0]  out_dw1,
  input logic [31:0]  out_dw2
);

  // Packets between acceptance and the return of their credit, counted apart from the design's counters.
  int open_q [3];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    for (int unsigned c = 0; c < 3; c++) begin
      if (!rst_ni || !up) open_q[c] <= 0;
      else open_q[c] <= open_q[c] + int'(take[c]) - int'(give[c]);
    end
  end

  logic [2:0] bounded;
  assign bounded[0] = open_q[0] >= 0 && open_q[0] <= int'(CrP);
  assign bounded[1] = open_q[1] >= 0 && open_q[1] <= int'(CrNp);
  assign bounded[2] = open_q[2] >= 0 && open_q[2] <= int'(CrCpl);
  logic all_posted;
  assign all_posted = open_q[0] == int'(CrP);

  credits: assert property (@(posedge clk_i) disable iff (!rst_ni) &bounded);
  one: assert property (@(posedge clk_i) disable iff (!rst_ni) push == (take != '0) && $onehot0(take));
  kept: assert property (@(posedge clk_i) disable iff (!rst_ni || !up)
    out_valid && !out_ready |=> $changed(out_class_ready) ||
                                (out_valid && $stable({out_dw0, out_dw1, out_dw2})));
  full: cover property (@(posedge clk_i) disable iff (!rst_ni) all_posted);

endmodule

bind pcie_link_dir pcie_link_dir_sva #(.CrP(CrP), .CrNp(CrNp), .CrCpl(CrCpl)) u_sva (
  .clk_i           (clk_i),
  .rst_ni          (rst_ni),
  .up              (up_i),
  .push            (push),
  .take            (take),
  .give            (give),
  .out_valid       (out_valid_o),
  .out_ready       (out_ready_i),
  .out_class_ready (out_class_ready_i),
  .out_dw0         (out_o.dw0),
  .out_dw1         (out_o.dw1),
  .out_dw2         (out_o.dw2)
);
