// SPDX-License-Identifier: Apache-2.0
//
// fifo_sync: whatever is pushed comes out, once, in order and unchanged; it holds at most Depth entries.
// One push, chosen at will by `watch_i`, is followed through the queue.
module fifo_sync_fv #(
  parameter int unsigned Depth = 5,
  parameter int unsigned Width = 4
) (
  input logic             clk_i,
  input logic             clear_i,
  input logic             in_valid_i,
  input logic [Width-1:0] in_i,
  input logic             out_ready_i,
  input logic             watch_i
);

  localparam int unsigned CntW = $clog2(Depth + 1);

  logic             run_q = 1'b0;                 // the first cycle is the reset
  logic             in_ready, out_valid, push, pop;
  logic [Width-1:0] out;
  logic [CntW-1:0]  count;

  fifo_sync #(
    .T    (logic [Width-1:0]),
    .Depth(Depth)
  ) u_dut (
    .clk_i,
    .rst_ni     (run_q),
    .clear_i,
    .in_valid_i,
    .in_ready_o (in_ready),
    .in_i,
    .out_valid_o(out_valid),
    .out_ready_i,
    .out_o      (out),
    .count_o    (count)
  );

  assign push = run_q && in_valid_i && in_ready;
  assign pop  = run_q && out_valid && out_ready_i;

  logic [CntW:0]    held_q = '0;                  // what a queue would hold
  logic             watching_q = 1'b0;
  logic [CntW:0]    ahead_q = '0;                 // entries in front of the watched one
  logic [Width-1:0] data_q = '0;

  always_ff @(posedge clk_i) begin
    run_q <= 1'b1;
    if (run_q && clear_i) begin
      held_q     <= '0;
      watching_q <= 1'b0;
    end else if (run_q) begin
      held_q <= held_q + (CntW+1)'(push) - (CntW+1)'(pop);
      if (watching_q && pop) begin
        if (ahead_q == '0) watching_q <= 1'b0;
        else ahead_q <= ahead_q - 1'b1;
      end
      if (!watching_q && push && watch_i) begin
        watching_q <= 1'b1;
        ahead_q    <= held_q - (CntW+1)'(pop);
        data_q     <= in_i;
      end
    end
  end

  always_comb begin
    if (run_q) begin
      assert (held_q <= Depth);
      assert (32'(count) == 32'(held_q));
      assert (in_ready == (held_q < Depth));
      assert (out_valid == (held_q != '0));
      if (watching_q && (ahead_q == '0)) assert (out == data_q);
    end
  end

endmodule
