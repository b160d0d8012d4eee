// SPDX-License-Identifier: Apache-2.0
//
// Counts of stray completions by cause (D5), reported one cause a cycle, the largest count first.
//
// One completion message may hold strays of several causes, at most 32 in all. Counts wait here until their turn.
// None is lost: a cycle adds at most 32 in all and takes away the largest count, which is at least a fifth of the
// sum, or 63 of it; so no count exceeds 5 x 32 + 32 and 8 bits suffice.
// Latency: a count is reported 1 cycle after it came in, or later.
module smmu_inv_stray
  import smmu_pkg::*;
#(
  localparam int unsigned NumCauses = 5              // of stray_cause_e
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [NumCauses-1:0][5:0] add_i,           // by cause, sum <= 32
  output logic                      stray_valid_o,
  output stray_cause_e              stray_cause_o,
  output logic [5:0]                stray_count_o,
  output logic                      quiet_o
);

  logic [NumCauses-1:0][7:0] count_q, count_d;
  logic [2:0]                cause;
  logic [5:0]                taken;

  always_comb begin
    cause = '0;
    for (int unsigned c = 1; c < NumCauses; c++) if (count_q[c] > count_q[cause]) cause = 3'(c);
    taken   = (count_q[cause] > 8'd63) ? 6'd63 : count_q[cause][5:0];
    count_d = count_q;
    if (count_q != '0) count_d[cause] = count_q[cause] - {2'b00, taken};
    if (add_i != '0) for (int unsigned c = 0; c < NumCauses; c++) count_d[c] = count_d[c] + {2'b00, add_i[c]};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= '0;
    else count_q <= count_d;
  end

  assign stray_valid_o = count_q != '0;
  assign stray_cause_o = stray_cause_e'(cause);
  assign stray_count_o = taken;
  assign quiet_o       = (count_q == '0) && (add_i == '0);

endmodule
