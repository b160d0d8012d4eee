// SPDX-License-Identifier: Apache-2.0
//
// Output queues (D9): PROD moves only for the response of a write that was issued for the entry at PROD; nothing is
// written, and PROD does not move, beyond the room that CONS left; nothing is skipped while a write is under way.
module smmu_queue_wr_sva #(
  parameter int unsigned CntW = 4
) (
  input logic            clk_i,
  input logic            rst_ni,
  input logic            fire,
  input logic            done,
  input logic            err,
  input logic            advance,
  input logic            abort,
  input logic            skip,
  input logic            hold,
  input logic            redo,
  input logic [CntW-1:0] flight,
  input logic [CntW-1:0] count,
  input logic [19:0]     used,
  input logic [19:0]     size
);

  owed: assert property (@(posedge clk_i) disable iff (!rst_ni) done |-> flight != '0);
  counted: assert property (@(posedge clk_i) disable iff (!rst_ni) advance |-> done && !err && !redo && count != '0);
  held: assert property (@(posedge clk_i) disable iff (!rst_ni) !redo |-> flight <= count);
  room: assert property (@(posedge clk_i) disable iff (!rst_ni) fire |-> used + 20'(flight) < size);
  alone: assert property (@(posedge clk_i) disable iff (!rst_ni) skip |-> flight == '0 && !fire);
  // What makes it safe to keep an aborted entry at the head.
  stopped: assert property (@(posedge clk_i) disable iff (!rst_ni) abort |=> hold || !fire);
  several: cover property (@(posedge clk_i) disable iff (!rst_ni) flight > CntW'(1));
  again: cover property (@(posedge clk_i) disable iff (!rst_ni) redo);

endmodule

bind smmu_queue_wr smmu_queue_wr_sva #(.CntW (CntW)) u_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .fire    (fire),
  .done    (wr_done_i),
  .err     (wr_err_i),
  .advance (advance_o),
  .abort   (abort_o),
  .skip    (skip_i),
  .hold    (hold_i || !queue_i.enable),
  .redo    (redo_q),
  .flight  (flight_q),
  .count   (count_q),
  .used    (used),
  .size    (size)
);
