// SPDX-License-Identifier: Apache-2.0
//
// Completion time-outs of the N requests of one requester (pcie-ats.md section 9.2).
//
// The time runs from the cycle in which a request leaves for the link: one that waits for credit does not time out, so its
// slot is not used again and no more requests can wait at egress than there are slots (ep_tx, rule 3).
// Guarantees: a request that left in the cycle with now = s is late from now = s + timeout on, until its slot is no longer open;
// of several the lowest slot is named. The time-out of a request is the one that held when it left; while there is none
// (NoDeadline) nothing is late.
// Does not: decide what a late request means, or tell its answer from that of a later one (the tag's business).
// Latency: 0 cycles from the deadline.
module ep_cto
  import atc_time_pkg::*;
#(
  parameter  int unsigned N    = 4,
  localparam int unsigned IdxW = $clog2(N)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  time_t           now_i,
  input  time_t           timeout_i,       // NoDeadline = none
  input  logic            sent_valid_i,    // of an open slot
  input  logic [IdxW-1:0] sent_index_i,
  input  logic [N-1:0]    open_i,          // not answered; low for a cycle at least between two requests
  output logic            late_valid_o,
  output logic [IdxW-1:0] late_index_o,
  output logic            quiet_o,
  output time_t           next_deadline_o
);

  logic [N-1:0]   timed_q;                 // on the link
  time_t          until_q [N];
  logic [TimeW:0] until_d;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) timed_q <= '0;
    else if (sent_valid_i || (timed_q != '0)) begin
      timed_q <= timed_q & open_i;
      if (sent_valid_i) timed_q[sent_index_i] <= 1'b1;
    end
  end

  assign until_d = {1'b0, now_i} + {1'b0, timeout_i};

  always_ff @(posedge clk_i) begin
    if (sent_valid_i) until_q[sent_index_i] <= until_d[TimeW] ? NoDeadline : until_d[TimeW-1:0];
  end

  assign quiet_o = !sent_valid_i && !late_valid_o && (timed_q & ~open_i) == '0;

  always_comb begin
    late_valid_o    = 1'b0;
    late_index_o    = '0;
    next_deadline_o = NoDeadline;
    if ((timed_q != '0) && (timeout_i != NoDeadline)) begin
      for (int unsigned i = N; i > 0; i--) begin
        if (timed_q[i-1] && open_i[i-1]) begin
          if (now_i >= until_q[i-1]) begin
            late_valid_o = 1'b1;
            late_index_o = IdxW'(i - 1);
          end else begin
            next_deadline_o = earlier(next_deadline_o, until_q[i-1]);
          end
        end
      end
    end
  end

endmodule
