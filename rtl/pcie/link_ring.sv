// SPDX-License-Identifier: Apache-2.0
//
// A delay line of any length as a ring of time-stamped items (toolchain page: twice as fast as shift stages,
// and its cost does not depend on the latency).
//
// An item pushed with time stamp `at_i` is presented on `out_o` with `due_o` in the first cycle with
// `now_i >= at`, at the earliest one cycle after the push, and leaves at the end of that cycle: the owner
// must take it. `next_o` is the stamp of the oldest item, or NoDeadline.
// Guarantees order. Does not sort: stamps must not decrease from push to push, and no two items may carry
// the same stamp if the owner relies on exact times. Does not check for overflow: the owner bounds the items
// in flight (credits).
module link_ring
  import atc_time_pkg::*;
#(
  parameter type T = logic [1:0],
  parameter int unsigned Depth = 16            // items in flight, >= 2
) (
  input  logic  clk_i,
  input  logic  rst_ni,
  input  time_t now_i,
  input  logic  clear_i,
  input  logic  push_i,
  input  time_t at_i,
  input  T      in_i,
  output logic  due_o,
  output T      out_o,
  output time_t next_o
);

  localparam int unsigned PtrW = $clog2(Depth);
  localparam int unsigned CntW = $clog2(Depth + 1);

  T                item_q [Depth];
  time_t           at_q [Depth];
  logic [PtrW-1:0] wr_q, rd_q;
  logic [CntW-1:0] count_q;

  assign next_o = (count_q != '0) ? at_q[rd_q] : NoDeadline;
  assign due_o  = (count_q != '0) && (now_i >= at_q[rd_q]);
  assign out_o  = item_q[rd_q];

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
      if (push_i) wr_q <= next(wr_q);
      if (due_o) rd_q <= next(rd_q);
      if (push_i != due_o) count_q <= push_i ? count_q + 1'b1 : count_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push_i) begin
      item_q[wr_q] <= in_i;
      at_q[wr_q]   <= at_i;
    end
  end

endmodule
