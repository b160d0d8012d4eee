// SPDX-License-Identifier: Apache-2.0
//
// Page request groups: counted exactly, opened only when there is room and the slot's former one is answered, and an answer
// that is taken belongs to an open group.
module ep_pri_sva
  import ep_pkg::*;
(
  input logic               clk_i,
  input logic               rst_ni,
  input logic               clear,
  input logic [NumXlat-1:0] open,
  input logic [2:0]         count,
  input logic               usable,
  input logic               room,
  input logic               fire,
  input slot_t              slot,
  input logic               rsp_match,
  input slot_t              rsp_slot
);

  counted: assert property (@(posedge clk_i) disable iff (!rst_ni || clear) 32'(count) == $countones(open));
  fire_legal: assert property (@(posedge clk_i) disable iff (!rst_ni || clear) fire |-> usable && room && !open[slot]);
  answer_open: assert property (@(posedge clk_i) disable iff (!rst_ni || clear) rsp_match |-> open[rsp_slot]);
  asks: cover property (@(posedge clk_i) disable iff (!rst_ni) fire);

endmodule

bind ep_pri ep_pri_sva u_sva (
  .clk_i    (clk_i),
  .rst_ni   (rst_ni),
  .clear    (clear_i),
  .open     (open_q),
  .count    (count_q),
  .usable   (usable_o),
  .room     (room_o),
  .fire     (fire_i),
  .slot     (slot_i),
  .rsp_match(rsp_match_o),
  .rsp_slot (rsp_slot)
);
