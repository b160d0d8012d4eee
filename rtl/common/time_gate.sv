// SPDX-License-Identifier: Apache-2.0
//
// The time base of a block that has deadlines, held for as long as it does not matter: nothing behind `now_o` changes, and no
// flop takes it, while the block is quiet and the time is before its deadline (D21). Its clocks have a clk_gate each.
//
// Guarantees: `now_o` is `now_i`. The simulation model (sim/gate/time_gate.sv) lets the time stand still for what is idle; it
// is right in every cycle in which the block is not.
// Does not: check `quiet_i` and `deadline_i`. `--no-skip` lets time go on everywhere; the logs must be the same.
module time_gate
  import atc_time_pkg::*;
(
  input  time_t now_i,
  input  logic  quiet_i,
  input  time_t deadline_i,
  output time_t now_o
);

  logic unused_idle;

  assign unused_idle = quiet_i && now_i < deadline_i;
  assign now_o       = now_i;

endmodule
