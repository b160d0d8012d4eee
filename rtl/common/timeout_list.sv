// SPDX-License-Identifier: Apache-2.0
//
// Time-outs of up to N entries that all wait for the same interval, with one comparator (D6).
//
// The entries form a doubly linked list in the order of insertion, each with its start time. Only the head
// is compared: it expires when now - start >= threshold. `clear_i` marks entries done in the cycle in
// which it is given; a done entry can no longer expire and leaves the list later, one entry a cycle, the
// head before any other. An entry may be inserted again in the cycle after its unlink.
//
// Guarantees
//   Exact: an entry inserted at now = s expires in the cycle with now = s + threshold, neither before nor
//   after, if it was not cleared up to and including that cycle (a clear in that very cycle wins).
//   Argument. (1) One insertion a cycle and `now` rises at every edge, so starts in list order differ.
//   (2) Claim: in the cycle with time n every linked entry has start >= n - threshold. Then at most one
//   entry has start = n - threshold, and being the oldest it is the head. (3) In that cycle it expires or
//   is done; either way it is unlinked at this edge, because the head goes before any other entry. So the
//   claim holds at n + 1. (4) `now` jumps only from a quiet cycle and only up to `next_deadline_o`, which
//   is the head's deadline; quiet excludes entries that are done but linked, so the claim holds there too.
//   An insertion-to-done-to-unlinked entry waits at most N cycles for its unlink once insertions stop, and
//   never longer than its own deadline.
// Does not guarantee exactness while `threshold_i` changes: after it was lowered, entries that are overdue
// expire one a cycle, oldest first. A threshold of 0 acts as 1. `now` must not wrap.
//
// Latency: insertion -> linked 1 cycle; clear of the head -> unlink 0; clear elsewhere -> unlink >= 1.
module timeout_list
  import atc_time_pkg::*;
#(
  parameter int unsigned N = 32,                     // entries, >= 2
  localparam int unsigned IdxW = $clog2(N)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  time_t           now_i,
  input  time_t           threshold_i,
  input  logic            insert_valid_i,            // the entry must not be linked
  input  logic [IdxW-1:0] insert_index_i,
  input  logic [N-1:0]    clear_i,                   // ignored for entries that are not pending
  output logic            expire_valid_o,            // time-out of a pending entry, in this cycle
  output logic [IdxW-1:0] expire_index_o,
  output logic            unlink_valid_o,            // leaves the list at this edge (expired or done)
  output logic [IdxW-1:0] unlink_index_o,
  output logic [N-1:0]    linked_o,
  output logic [N-1:0]    pending_o,                 // linked and not done, before this cycle's clear
  output time_t           next_deadline_o,
  output logic            quiet_o
);

  // IndexBit[b] has a one for every index whose bit b is set: a one-hot vector is encoded by IdxW masks.
  function automatic logic [IdxW-1:0][N-1:0] index_bits();
    for (int unsigned b = 0; b < IdxW; b++)
      for (int unsigned i = 0; i < N; i++) index_bits[b][i] = 1'((i >> b) & 1);
  endfunction
  localparam logic [IdxW-1:0][N-1:0] IndexBit = index_bits();

  logic [N-1:0]    linked_q, linked_d, pending_q, pending_d, done, lowest;
  logic [IdxW-1:0] head_q, tail_q, tail, next_q [N], prev_q [N], first_done;
  logic            filled_q, head_pending, head_due, unlink_first, unlink_last, empty;
  time_t           start_q [N], head_start;
  logic [TimeW:0]  deadline;

  assign linked_o  = linked_q;
  assign pending_o = pending_q;

  // The head.
  assign head_start     = start_q[head_q];
  assign head_pending   = pending_q[head_q] && !clear_i[head_q];
  assign head_due       = (now_i - head_start) >= threshold_i;
  assign expire_valid_o = filled_q && head_pending && head_due;
  assign expire_index_o = head_q;

  // Which entry leaves. Entries other than the head are taken from registered state only.
  assign done   = linked_q & ~pending_q;
  assign lowest = done & (~done + 1'b1);
  always_comb begin
    first_done = '0;
    if (done != '0) for (int unsigned b = 0; b < IdxW; b++) first_done[b] = |(lowest & IndexBit[b]);
  end
  always_comb begin
    unlink_valid_o = 1'b0;
    unlink_index_o = head_q;
    if (filled_q && (!head_pending || head_due)) begin
      unlink_valid_o = 1'b1;
    end else if (done != '0) begin
      unlink_valid_o = 1'b1;
      unlink_index_o = first_done;
    end
  end
  assign unlink_first = unlink_index_o == head_q;
  assign unlink_last  = unlink_index_o == tail_q;

  // The list as it is without the leaving entry: what an insertion is appended to.
  assign empty = !filled_q || (unlink_valid_o && unlink_first && unlink_last);
  assign tail  = (unlink_valid_o && unlink_last) ? prev_q[tail_q] : tail_q;

  always_comb begin
    linked_d  = linked_q;
    pending_d = pending_q & ~clear_i;
    if (unlink_valid_o) begin
      linked_d[unlink_index_o]  = 1'b0;
      pending_d[unlink_index_o] = 1'b0;
    end
    if (insert_valid_i) begin
      linked_d[insert_index_i]  = 1'b1;
      pending_d[insert_index_i] = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      linked_q  <= '0;
      pending_q <= '0;
      filled_q  <= 1'b0;
      head_q    <= '0;
      tail_q    <= '0;
    end else begin
      linked_q  <= linked_d;
      pending_q <= pending_d;
      filled_q  <= insert_valid_i || !empty;
      if (insert_valid_i && empty) head_q <= insert_index_i;
      else if (unlink_valid_o && unlink_first && !unlink_last) head_q <= next_q[head_q];
      tail_q <= insert_valid_i ? insert_index_i : tail;
    end
  end

  // Links and start times need no reset: they are read for linked entries only.
  always_ff @(posedge clk_i) begin
    if (unlink_valid_o && !unlink_first) next_q[prev_q[unlink_index_o]] <= next_q[unlink_index_o];
    if (unlink_valid_o && !unlink_last) prev_q[next_q[unlink_index_o]] <= prev_q[unlink_index_o];
    if (insert_valid_i) begin
      if (!empty) next_q[tail] <= insert_index_i;  // after the line above: an insertion wins over a leaving tail
      prev_q[insert_index_i]  <= tail;
      start_q[insert_index_i] <= now_i;
    end
  end

  assign deadline        = {1'b0, head_start} + {1'b0, threshold_i};
  assign next_deadline_o = (filled_q && !deadline[TimeW]) ? deadline[TimeW-1:0] : NoDeadline;
  assign quiet_o         = !insert_valid_i && !expire_valid_o && (done == '0) && ((pending_q & clear_i) == '0);

endmodule
