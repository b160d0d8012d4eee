// SPDX-License-Identifier: Apache-2.0
//
// The place of a clock gate: `idle_i` says that no flop behind `clk_o` changes at this edge (quiet, and before the
// block's deadline: D21).
//
// Guarantees: `clk_o` is `clk_i`, so the design is one synchronous clock domain whatever `idle_i` says; a flow puts its
// gating cell here. The simulation model does so (sim/gate/clk_gate.sv): it stops the clock of what is idle.
// Does not: check that `idle_i` is right. `--no-skip` runs every block at every edge; the logs must be the same.
module clk_gate (
  input  logic clk_i,
  input  logic idle_i,
  output logic clk_o
);

  logic unused_idle;

  assign unused_idle = idle_i;
  assign clk_o       = clk_i;

endmodule
