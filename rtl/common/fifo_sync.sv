// SPDX-License-Identifier: Apache-2.0
//
// Synchronous first-in first-out queue of any packed type.
//
// Guarantees: an entry pushed is readable in the next cycle (latency 1, no fall-through); one push and one pop
// a cycle, also when full (a pop in the same cycle does not make room for the push: `in_ready_o` depends on
// state only, so no combinational path crosses the queue). `clear_i` empties it at the next edge and wins over
// push and pop. Does not guarantee anything about `out_o` while `out_valid_o` is low.
module fifo_sync #(
  parameter type T = logic [7:0],
  parameter int unsigned Depth = 4,               // entries, >= 1, any number
  localparam int unsigned CntW = $clog2(Depth + 1)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  input  logic            in_valid_i,
  output logic            in_ready_o,
  input  T                in_i,
  output logic            out_valid_o,
  input  logic            out_ready_i,
  output T                out_o,
  output logic [CntW-1:0] count_o                 // entries held
);

  localparam int unsigned PtrW = (Depth > 1) ? $clog2(Depth) : 1;

  T                mem_q [Depth];
  logic [PtrW-1:0] wr_q, rd_q;
  logic [CntW-1:0] count_q;
  logic            push, pop;

  assign in_ready_o  = count_q != CntW'(Depth);
  assign out_valid_o = count_q != '0;
  assign out_o       = mem_q[rd_q];
  assign count_o     = count_q;
  assign push        = in_valid_i && in_ready_o;
  assign pop         = out_valid_o && out_ready_i;

  function automatic logic [PtrW-1:0] next(logic [PtrW-1:0] p);
    return (p == PtrW'(Depth - 1)) ? '0 : p + 1'b1;
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_q    <= '0;
      rd_q    <= '0;
      count_q <= '0;
    end else if (clear_i) begin
      wr_q    <= '0;
      rd_q    <= '0;
      count_q <= '0;
    end else begin
      if (push) wr_q <= next(wr_q);
      if (pop) rd_q <= next(rd_q);
      if (push != pop) count_q <= push ? count_q + 1'b1 : count_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) mem_q[wr_q] <= in_i;
  end

endmodule
