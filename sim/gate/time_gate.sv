// SPDX-License-Identifier: Apache-2.0
//
// time_gate of a simulation model that only VerilatedModel drives: the harness sets `next` and raises `tick` where the block was
// not idle before the edge, where its deadline has come, and where it has been woken by what others do in this cycle
// (sim/cmake/ModelClock.cmake). What hangs on the time of an idle block is not evaluated.
module time_gate
  import atc_time_pkg::*;
(
  input  time_t now_i,
  input  logic  quiet_i,
  input  time_t deadline_i,
  output time_t now_o
);

  logic  quiet /* verilator public_flat_rd */;
  time_t deadline /* verilator public_flat_rd */;
  logic  tick /* verilator public_flat_rw */;
  time_t next /* verilator public_flat_rw */;
  time_t now_q;
  logic  unused_now;

  always_ff @(posedge tick) now_q <= next;

  assign quiet      = quiet_i;
  assign deadline   = deadline_i;
  assign now_o      = now_q;
  assign unused_now = ^now_i;

endmodule
