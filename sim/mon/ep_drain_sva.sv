// SPDX-License-Identifier: Apache-2.0
//
// The drain never counts below zero, flips only when the other colour is empty, and a batch that waited
// leaves only when its colour is empty (unless the planted bug is on).
module ep_drain_sva (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear,
  input logic       early,
  input logic       flip,
  input logic       busy,
  input logic       cpl_valid,
  input logic [4:0] count0,
  input logic [4:0] count1,
  input logic       colour,
  input logic       rd_end,
  input logic       rd_end_colour
);

  logic [4:0] old_count, end_count;
  assign old_count = colour ? count0 : count1;
  assign end_count = rd_end_colour ? count1 : count0;

  no_underflow: assert property (@(posedge clk_i) disable iff (!rst_ni || clear) rd_end |-> end_count != 0);
  flip_clean: assert property (@(posedge clk_i) disable iff (!rst_ni || clear || early) flip |-> old_count == 0);
  drained: assert property (@(posedge clk_i) disable iff (!rst_ni || clear || early) busy && cpl_valid |-> old_count == 0);
  waits: cover property (@(posedge clk_i) disable iff (!rst_ni) busy && !cpl_valid);

endmodule

bind ep_drain ep_drain_sva u_sva (
  .clk_i        (clk_i),
  .rst_ni       (rst_ni),
  .clear        (clear_i),
  .early        (early_i),
  .flip         (flip),
  .busy         (busy_q),
  .cpl_valid    (cpl_valid_o),
  .count0       (count_q[0]),
  .count1       (count_q[1]),
  .colour       (colour_q),
  .rd_end       (rd_end_i),
  .rd_end_colour(rd_end_colour_i)
);
