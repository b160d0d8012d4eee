// SPDX-License-Identifier: Apache-2.0
//
// Two-colour drain of transactions (D7): counts what is outstanding of each colour.
//
// Every request takes `colour_o` with it when it is accepted and gives it back with its `txn_done_i` (memory
// transaction done, aborted, or translation answer in the root complex's egress). `start_i` flips the colour at the
// next edge; a request accepted in the cycle of `start_i` still has the old one. `done_o` is a level: nothing of the
// colour that is not current is outstanding. A transaction that stalls leaves the count (`stall_i` with its colour) and is
// counted anew, with the current colour, when it is taken up again, so that several can be accepted in one cycle.
// Guarantees: from the cycle after `start_i`, `done_o` high means that everything accepted up to and including the
// cycle of `start_i` is done. Does NOT look at events: smmu_xlat hands over a request's event before its response,
// so that a done transaction has no event left. Does not accept `start_i` while `done_o` is low.
// Latency: `done_o` rises in the cycle after the last txn_done.
module smmu_drain
  import smmu_pkg::*;
#(
  parameter int unsigned CntW = 12            // outstanding transactions of one colour, below 2^CntW
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       start_i,
  input  logic [1:0]                 accept_i,    // how many
  input  logic                       stall_i,
  input  logic                       stall_colour_i,
  input  txn_done_t [NumTxnDone-1:0] txn_done_i,
  output logic                       colour_o,
  output logic                       done_o,
  output logic                       quiet_o
);

  logic                 colour_q;
  logic [1:0][CntW-1:0] count_d, count_q;

  assign colour_o = colour_q;
  assign done_o   = count_q[!colour_q] == '0;

  always_comb begin
    count_d = count_q;
    quiet_o = !start_i && accept_i == '0 && !stall_i;
    if (accept_i != '0) count_d[colour_q] += CntW'(accept_i);
    if (stall_i) count_d[stall_colour_i] -= 1'b1;
    for (int unsigned i = 0; i < NumTxnDone; i++) begin
      if (txn_done_i[i].valid) begin
        count_d[txn_done_i[i].colour] -= 1'b1;
        quiet_o = 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      colour_q <= 1'b0;
      count_q  <= '0;
    end else begin
      if (start_i && done_o) colour_q <= !colour_q;
      count_q <= count_d;
    end
  end

endmodule
