// SPDX-License-Identifier: Apache-2.0
//
// timeout_list: exact expiry. One entry, any one (`pick_i`), is followed with a clock of its own; threshold any
// constant; `now` jumps wherever the rule of D21 allows it.
// The time base is narrowed for the proof (run.py); all arithmetic on time is modular, so width is no premise.
module timeout_list_fv
  import atc_time_pkg::*;
#(
  parameter int unsigned N = 4,
  parameter bit          Help = 1'b0,            // 1: with what only makes the proof inductive
  localparam int unsigned IdxW = $clog2(N)
) (
  input logic            clk_i,
  input logic            insert_i,
  input logic [IdxW-1:0] index_i,
  input logic [N-1:0]    clear_i,
  input time_t           step_i,
  input logic [IdxW-1:0] pick_i,
  input time_t           threshold_i
);

  logic            run_q = 1'b0;
  logic [IdxW-1:0] pick_q;                       // constants: any value, kept
  time_t           threshold_q;
  time_t           now_q, step;
  logic            insert, expire, unlink, quiet;
  logic [IdxW-1:0] expire_index, unlink_index;
  logic [N-1:0]    linked, pending;
  time_t           deadline;

  timeout_list #(
    .N(N)
  ) u_dut (
    .clk_i,
    .rst_ni         (run_q),
    .now_i          (now_q),
    .threshold_i    (threshold_q),
    .insert_valid_i (insert),
    .insert_index_i (index_i),
    .clear_i,
    .expire_valid_o (expire),
    .expire_index_o (expire_index),
    .unlink_valid_o (unlink),
    .unlink_index_o (unlink_index),
    .linked_o       (linked),
    .pending_o      (pending),
    .next_deadline_o(deadline),
    .quiet_o        (quiet)
  );

  assign insert = run_q && insert_i && (32'(index_i) < N) && !linked[index_i];

  // A jump goes from a quiet cycle at most to the reported deadline; an empty list allows any.
  always_comb begin
    step = time_t'(1);
    if (quiet && (step_i != '0) && ((linked == '0) ||
        ((deadline != NoDeadline) && (step_i <= time_t'(deadline - now_q))))) step = step_i;
  end

  logic           busy_q = 1'b0;                 // the picked entry waits
  logic [TimeW:0] elapsed_q = '0;                // since its insertion
  logic           picked_insert, picked_clear, due, still_q = 1'b0;
  logic [N-1:0]   linked_q, pending_q;

  assign picked_insert = insert && (index_i == pick_q);
  assign picked_clear  = clear_i[pick_q];
  assign due           = busy_q && !picked_clear && (elapsed_q == {1'b0, threshold_q});

  always_ff @(posedge clk_i) begin
    run_q <= 1'b1;
    if (!run_q) begin
      busy_q      <= 1'b0;
      elapsed_q   <= '0;
      pick_q      <= (32'(pick_i) < N) ? pick_i : '0;
      threshold_q <= (threshold_i == '0) ? time_t'(1) : threshold_i;
    end else begin
      now_q     <= now_q + step;
      elapsed_q <= picked_insert ? {1'b0, step} : elapsed_q + {1'b0, step};
      busy_q    <= picked_insert || (busy_q && !picked_clear && !due);
    end
    still_q   <= run_q && quiet;
    linked_q  <= linked;
    pending_q <= pending;
  end

  always_comb begin
    if (run_q) begin
      // Exact: neither early nor late nor lost, and a clear in the cycle of the deadline wins.
      assert ((expire && (expire_index == pick_q)) == due);
      assert (pending[pick_q] == busy_q);
      if (linked[pick_q]) assert (elapsed_q <= {1'b0, threshold_q});
      // Only what is linked leaves, and only when it is done or expires.
      if (unlink && (unlink_index == pick_q)) assert (linked[pick_q] && (!busy_q || picked_clear || due));
      if (picked_insert) assert (!busy_q);
      if (expire) assert (unlink && (unlink_index == expire_index));
      // Quiet keeps its word, and a done entry never waits without another one leaving.
      if (still_q) assert ((linked == linked_q) && (pending == pending_q));
      if (linked != pending) assert (unlink);
      if (Help && linked[pick_q]) assert (elapsed_q == {1'b0, time_t'(now_q - u_dut.start_q[pick_q])});
      if (Help) assert ((threshold_q != '0) && (32'(pick_q) < N));
    end
  end

endmodule
