// SPDX-License-Identifier: Apache-2.0
//
// Keeps a queue of items behind the posted writes that were taken before them (D9, and reads behind writes).
//
// The owner pushes here whenever it pushes into its own queue, and pops here when it pops. `open_o` says that
// the writes taken before the owner's oldest item was pushed have all retired. Later writes play no part.
// Why the modular compare is right whatever the owner does: an item leaves the compare as soon as it is
// satisfied, at most Depth cycles late, and at most one write retires a cycle; so `retired - after` stays
// between -MaxWr and Depth, and SeqW must hold both: 2^(SeqW-1) > MaxWr, Depth.
// Does not guard against a push when Depth items are held: the owner's queue has the same depth.
// Latency: pushed to `open_o` 1 cycle if nothing is missing; retirement to `open_o` 0 cycles.
module rc_order_gate #(
  parameter int unsigned Depth = 8,
  parameter int unsigned SeqW  = 6
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic [SeqW-1:0] taken_i,
  input  logic [SeqW-1:0] retired_i,
  input  logic            push_i,
  input  logic            pop_i,       // only while open_o
  output logic            open_o,
  output logic            quiet_o      // nothing but push and pop changes state
);

  localparam int unsigned CntW = $clog2(Depth + 1);

  logic            valid, met, unused_ready;
  logic [CntW-1:0] open_q, unused_count;
  logic [SeqW-1:0] after, ahead;

  fifo_sync #(.T(logic [SeqW-1:0]), .Depth(Depth)) u_after (
    .clk_i, .rst_ni,
    .clear_i    (1'b0),
    .in_valid_i (push_i),
    .in_ready_o (unused_ready),
    .in_i       (taken_i),
    .out_valid_o(valid),
    .out_ready_i(met),
    .out_o      (after),
    .count_o    (unused_count)
  );

  assign ahead  = retired_i - after;
  assign met    = valid && !ahead[SeqW-1];
  assign open_o = met || (open_q != '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) open_q <= '0;
    else if (met != pop_i) open_q <= met ? open_q + 1'b1 : open_q - 1'b1;
  end

  assign quiet_o = !met;

endmodule
