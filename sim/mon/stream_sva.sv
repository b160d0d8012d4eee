// SPDX-License-Identifier: Apache-2.0
//
// The rule of every valid/ready stream: what is offered stays offered, unchanged, until it is taken.
module stream_sva #(
  parameter int unsigned W = 1
) (
  input logic         clk_i,
  input logic         rst_ni,
  input logic         valid,
  input logic         ready,
  input logic [W-1:0] payload
);

  held: assert property (@(posedge clk_i) disable iff (!rst_ni) valid && !ready |=> valid);
  same: assert property (@(posedge clk_i) disable iff (!rst_ni) valid && !ready |=> $stable(payload));
  stalls: cover property (@(posedge clk_i) disable iff (!rst_ni) valid && !ready);

endmodule
