// SPDX-License-Identifier: Apache-2.0
//
// The side queues of the egress hold everything that can be outstanding, so the ordered queue's head never waits for
// them (a posted packet would then be blocked by a request or a completion).
module ep_tx_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic head_np,
  input logic np_room,
  input logic head_cpl,
  input logic cpl_room
);

  np_has_room: assert property (@(posedge clk_i) disable iff (!rst_ni) head_np |-> np_room);
  cpl_has_room: assert property (@(posedge clk_i) disable iff (!rst_ni) head_cpl |-> cpl_room);

endmodule

bind ep_tx ep_tx_sva u_sva (
  .clk_i    (clk_i),
  .rst_ni   (rst_ni),
  .head_np  (head_np),
  .np_room  (np_room),
  .head_cpl (head_cpl),
  .cpl_room (cpl_room)
);
