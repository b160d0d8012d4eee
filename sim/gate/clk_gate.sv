// SPDX-License-Identifier: Apache-2.0
//
// clk_gate of a simulation model that only VerilatedModel drives: the harness raises `clk` with clk_i where `idle` was low
// before the edge (sim/cmake/ModelClock.cmake). What hangs on a clock that does not rise is not evaluated.
module clk_gate (
  input  logic clk_i,
  input  logic idle_i,
  output logic clk_o
);

  logic idle /* verilator public_flat_rd */;
  logic clk  /* verilator public_flat_rw */;
  logic unused_clk;

  assign idle       = idle_i;
  assign clk_o      = clk;
  assign unused_clk = clk_i;

endmodule
