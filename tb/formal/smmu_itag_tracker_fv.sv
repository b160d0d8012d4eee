// SPDX-License-Identifier: Apache-2.0
//
// smmu_itag_tracker: one tag of one device, any one (`pick_*_i`), is followed by the rules of D4 to D7 alone.
//   It is never allocated while it is pending, quarantined, or still linked in a list.
//   It times out exactly at its deadline, neither early nor late, unless it ended up to and in that cycle.
//   Only a completion of its own requester and number, of a request that was sent, with all copies, ends it.
//   Quarantine ends by the late copies, a local UR, a software release, or exactly at the interval.
//   Counts and flags: outstanding per queue and per device, time-out flag per queue; no tag is ever lost.
//   The reserve: a queue that holds no tag of a device can have one at once; a queue is told to wait only while something
//   can come, and to give up only when nothing can before a quarantine ends.
//   Quiet keeps its word: nothing changes at the next edge.
// Thresholds are any constants; `now` jumps wherever the rule of D21 allows it. Environment: a request is sent at most
// once and only while its tag is pending; everything else (completions, URs, releases, clears) is arbitrary.
module smmu_itag_tracker_fv
  import atc_time_pkg::*;
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp          = 2,
  parameter int unsigned NumTags        = 2,
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumQueues      = 2,
  parameter bit          Help           = 1'b0,   // 1: with what only makes the proof inductive
  localparam int unsigned DevW   = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned TagW   = (NumTags > 1) ? $clog2(NumTags) : 1,
  localparam int unsigned QW     = (NumQueues > 1) ? $clog2(NumQueues) : 1,
  localparam int unsigned Stride = 2 ** TagW
) (
  input logic                       clk_i,
  input logic [NumQueues-1:0][DevW-1:0] ask_dev_i,
  input logic                       alloc_i,
  input logic                       refuse_i,
  input logic [QW-1:0]              qid_i,
  input logic [NumEp-1:0]           sent_i,
  input logic [NumEp-1:0][TagW-1:0] sent_tag_i,
  input logic                       cpl_valid_i,
  input logic [1:0]                 cpl_rid_i,
  input logic [Stride:0]            cpl_itags_i,
  input logic [2:0]                 cpl_cc_i,
  input logic                       ur_valid_i,
  input logic [1:0]                 ur_rid_i,
  input logic [TagW:0]              ur_tag_i,
  input logic [NumEp-1:0]           release_i,
  input logic [NumQueues-1:0]       clear_i,
  input time_t                      step_i,
  input logic [DevW-1:0]            pick_dev_i,
  input logic [TagW-1:0]            pick_tag_i,
  input time_t                      timeout_i,
  input time_t                      interval_i
);

  logic            run_q = 1'b0;                          // the first cycle is the reset
  logic [DevW-1:0] pick_dev_q;                            // constants: any value, kept
  logic [TagW-1:0] pick_tag_q;
  time_t           timeout_q, interval_q, now_q, step;

  logic                  alloc, refuse, quiet;
  logic [NumQueues-1:0]  avail, all_quar;
  logic [DevW-1:0]       alloc_dev;
  logic [4:0]            itag;
  logic [NumQueues-1:0][5:0] pending_count;
  logic [NumEp-1:0]      sent, cancel;
  logic [NumEp-1:0][4:0] sent_itag;
  logic [NumEp-1:0][5:0] quar_busy;
  logic                  unused_stray_valid;
  stray_cause_e          unused_stray_cause;
  logic [5:0]            unused_stray_count, ended;
  logic [9:0]            busy;
  logic                  expired;
  logic [NumQueues-1:0]  idle, timed_out;
  time_t                 deadline;
  inv_cpl_t              cpl;
  inv_ur_t               ur;

  assign cpl = '{rid: {6'd0, cpl_rid_i, 8'd0}, itags: 32'(cpl_itags_i), cc: cpl_cc_i};
  assign ur  = '{rid: {6'd0, ur_rid_i, 8'd0}, itag: 5'(ur_tag_i)};

  smmu_itag_tracker #(
    .NumEp         (NumEp),
    .NumTags       (NumTags),
    .TagScopeGlobal(TagScopeGlobal),
    .NumQueues     (NumQueues)
  ) u_dut (
    .expired_dev_o (),
    .clk_i,
    .rst_ni           (run_q),
    .now_i            (now_q),
    .timeout_i        (timeout_q),
    .quar_interval_i  (interval_q),
    .ask_dev_i,
    .ask_avail_o      (avail),
    .ask_quar_o       (all_quar),
    .ask_pending_o    (pending_count),
    .alloc_itag_o     (itag),
    .alloc_valid_i    (alloc),
    .alloc_refuse_i   (refuse),
    .alloc_qid_i      (qid_i),
    .sent_valid_i     (sent),
    .sent_itag_i      (sent_itag),
    .cpl_valid_i,
    .cpl_i            (cpl),
    .ur_valid_i,
    .ur_i             (ur),
    .cancel_o         (cancel),
    .quar_release_i   (release_i),
    .quar_busy_o      (quar_busy),
    .stray_valid_o    (unused_stray_valid),
    .stray_cause_o    (unused_stray_cause),
    .stray_count_o    (unused_stray_count),
    .idle_o           (idle),
    .timed_out_o      (timed_out),
    .timed_out_clear_i(clear_i),
    .busy_o           (busy),
    .ended_o          (ended),
    .expired_o        (expired),
    .quiet_o          (quiet),
    .next_deadline_o  (deadline)
  );

  // -------------------------------------------------------------------------------------------- environment
  logic asked;                                            // every queue asks for a device that exists
  always_comb begin
    asked = 32'(qid_i) < NumQueues;
    for (int unsigned q = 0; q < NumQueues; q++) asked = asked && (32'(ask_dev_i[q]) < NumEp);
  end
  assign alloc_dev = ask_dev_i[qid_i];
  assign alloc     = run_q && alloc_i && asked && avail[qid_i];
  assign refuse    = run_q && refuse_i && asked && all_quar[qid_i] && !alloc;
  always_comb begin
    for (int unsigned d = 0; d < NumEp; d++) begin
      sent_itag[d] = 5'(sent_tag_i[d]);
      sent[d]      = run_q && sent_i[d] && u_dut.pending[d][sent_tag_i[d]] && !u_dut.sent_q[d][sent_tag_i[d]];
    end
  end

  // A jump goes from a quiet cycle at most to the reported deadline; with empty lists any. A deadline that the narrow
  // time base cannot express is reported as none; then the clock makes single steps.
  logic timed;
  assign timed = (u_dut.u_list.filled_q && (u_dut.main_deadline == NoDeadline)) ||
                 (u_dut.u_quar.filled_q && (u_dut.quar_deadline == NoDeadline));
  always_comb begin
    step = time_t'(1);
    if (quiet && (step_i != '0) && !alloc && !timed &&
        ((deadline == NoDeadline) || (step_i <= time_t'(deadline - now_q)))) step = step_i;
  end

  // -------------------------------------------------------------------------------------------- the picked tag
  typedef enum logic [1:0] {None, Pending, Quarantined} state_e;
  state_e         state_q = None, state_d;
  logic           sent_q = 1'b0;
  logic [2:0]     got_q = '0, cc_q = '0;
  logic [QW-1:0]  qid_q = '0;
  logic [TimeW:0] elapsed_q = '0;                         // since allocation, then since the time-out

  logic allocated, leaves, sent_now, live, copy, last, retired, due, quar_due;

  assign allocated = alloc && (alloc_dev == pick_dev_q) && (itag == 5'(pick_tag_q));
  assign leaves    = sent[pick_dev_q] && (sent_tag_i[pick_dev_q] == pick_tag_q);
  assign sent_now  = sent_q || leaves;
  assign live      = (state_q == Quarantined) || ((state_q == Pending) && sent_q);
  assign copy      = live && cpl_valid_i && (cpl.rid == {8'(pick_dev_q) + 8'd1, 8'd0}) &&
                     cpl.itags[5'(pick_tag_q)] && ((got_q == '0) || (cc_q == cpl.cc));
  assign last      = copy && ((got_q + 3'd1) == cpl.cc);
  assign retired   = ur_valid_i && (ur.rid == {8'(pick_dev_q) + 8'd1, 8'd0}) && (ur.itag == 5'(pick_tag_q)) &&
                     (((state_q == Pending) && sent_now) || (state_q == Quarantined));
  assign due       = (state_q == Pending) && !last && !retired && (elapsed_q == {1'b0, timeout_q});
  assign quar_due  = (state_q == Quarantined) && !last && !retired && !release_i[pick_dev_q] &&
                     (elapsed_q == {1'b0, interval_q});

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      None:    if (allocated) state_d = Pending;
      Pending: begin
        if (last || retired) state_d = None;
        else if (due) state_d = sent_now ? Quarantined : None;
      end
      default: if (last || retired || quar_due || release_i[pick_dev_q]) state_d = None;
    endcase
  end

  logic [NumQueues-1:0] flag_q = '0;                      // time-out flags as the rules have them
  logic                 exp_valid;
  assign exp_valid = u_dut.exp_valid;

  always_ff @(posedge clk_i) begin
    run_q <= 1'b1;
    now_q <= now_q + step;
    if (!run_q) begin
      pick_dev_q <= (32'(pick_dev_i) < NumEp) ? pick_dev_i : '0;
      pick_tag_q <= (32'(pick_tag_i) < NumTags) ? pick_tag_i : '0;
      timeout_q  <= (timeout_i == '0) ? time_t'(1) : timeout_i;
      interval_q <= (interval_i == '0) ? time_t'(1) : interval_i;
      state_q    <= None;
      sent_q     <= 1'b0;
      got_q      <= '0;
      elapsed_q  <= '0;
      flag_q     <= '0;
    end else begin
      state_q   <= state_d;
      sent_q    <= sent_now && !allocated;
      elapsed_q <= (allocated || due) ? {1'b0, step} : elapsed_q + {1'b0, step};
      if (allocated) begin
        qid_q <= qid_i;
        got_q <= '0;
      end else if (copy) begin
        got_q <= got_q + 3'd1;
        cc_q  <= cpl.cc;
      end
      for (int unsigned q = 0; q < NumQueues; q++) begin
        if ((due && (qid_q == QW'(q))) || (refuse && (qid_i == QW'(q)))) flag_q[q] <= 1'b1;
        else if (clear_i[q]) flag_q[q] <= 1'b0;
      end
    end
  end

  // -------------------------------------------------------------------------------------------- properties
  logic [NumEp-1:0][Stride-1:0] pending, quar, in_list, in_quar;
  logic                         picked_expires, picked_quar_expires;

  logic                         still_q = 1'b0;            // the cycle before was quiet
  logic [NumEp-1:0][Stride-1:0] pending_q, quar_q, in_list_q, in_quar_q;
  logic [NumQueues-1:0]         idle_q, timed_out_q;
  always_ff @(posedge clk_i) begin
    still_q     <= run_q && quiet;
    pending_q   <= pending;
    quar_q      <= quar;
    in_list_q   <= in_list;
    in_quar_q   <= in_quar;
    idle_q      <= idle;
    timed_out_q <= timed_out;
  end

  assign pending             = u_dut.pending;
  assign quar                = u_dut.quar;
  assign in_list             = u_dut.u_list.linked_q;
  assign in_quar             = u_dut.u_quar.linked_q;
  assign picked_expires      = exp_valid && (u_dut.exp_dev == pick_dev_q) && (u_dut.exp_tag == pick_tag_q);
  assign picked_quar_expires = u_dut.unused_quar_exp_valid &&
                               (32'(u_dut.unused_quar_exp) == 32'(pick_dev_q) * Stride + 32'(pick_tag_q));

  always_comb begin
    if (run_q) begin
      // Allocation.
      if (allocated) begin
        assert (state_q == None);
        assert (!in_list[pick_dev_q][pick_tag_q] && !in_quar[pick_dev_q][pick_tag_q]);
        if (TagScopeGlobal)
          for (int unsigned d = 0; d < NumEp; d++) assert (!in_list[d][pick_tag_q]);
      end
      if (alloc) assert (32'(itag) < NumTags);
      // What timeout_list asks of its user, on which its own proof rests.
      if (alloc) assert (!in_list[alloc_dev][TagW'(itag)]);
      if (exp_valid && u_dut.exp_sent) assert (!in_quar[u_dut.exp_dev][u_dut.exp_tag]);
      // The state is what the rules say: nothing else ends it, nothing else keeps it.
      assert (pending[pick_dev_q][pick_tag_q] == (state_q == Pending));
      assert (quar[pick_dev_q][pick_tag_q] == (state_q == Quarantined));
      // Exact expiry, cancellation of what was not sent.
      assert (picked_expires == due);
      assert (picked_quar_expires == quar_due);
      if (due) assert (cancel[pick_dev_q] == !sent_now);
      if (!exp_valid) assert (cancel == '0);
      if (still_q) begin
        assert ((pending == pending_q) && (quar == quar_q) && (in_list == in_list_q) && (in_quar == in_quar_q));
        assert ((idle == idle_q) && (timed_out == timed_out_q));
      end
      // Time-out flags: none lost.
      for (int unsigned q = 0; q < NumQueues; q++) if (flag_q[q]) assert (timed_out[q]);
    end
  end

  // Outstanding counts: exactly the pending tags.
  logic [NumQueues-1:0][5:0] open;
  always_comb begin
    open = '0;
    for (int unsigned d = 0; d < NumEp; d++)
      for (int unsigned t = 0; t < NumTags; t++)
        if (pending[d][t]) open[u_dut.qid_q[d*Stride+t]] = open[u_dut.qid_q[d*Stride+t]] + 6'd1;
  end
  always_comb begin
    if (run_q) begin
      for (int unsigned q = 0; q < NumQueues; q++) begin
        assert (idle[q] == (open[q] == '0));
        assert (32'(u_dut.u_queues.open_q[q]) == 32'(open[q]));
      end
      for (int unsigned d = 0; d < NumEp; d++) begin
        assert (32'(u_dut.pending_count_q[d]) == 32'($countones(pending[d])));
        assert (32'(quar_busy[d]) == 32'($countones(quar[d])));
      end
    end
  end

  // -------------------------------------------------------------------------------------------- the reserve (D7)
  // Tags that a queue holds: of the device; scope global: numbers that are busy at any.
  logic [NumEp-1:0][NumQueues-1:0][5:0] held;
  always_comb begin
    held = '0;
    for (int unsigned d = 0; d < NumEp; d++)
      for (int unsigned e = 0; e < NumEp; e++)
        for (int unsigned t = 0; t < NumTags; t++)
          if (((d == e) || TagScopeGlobal) && (in_list[e][t] || (in_quar[e][t] && !TagScopeGlobal)))
            held[d][u_dut.qid_q[e*Stride+t]] = held[d][u_dut.qid_q[e*Stride+t]] + 6'd1;
  end
  always_comb begin
    if (run_q && asked) begin
      for (int unsigned q = 0; q < NumQueues; q++) begin
        if (held[ask_dev_i[q]][q] == '0) begin
          assert (u_dut.ask_count[q] != '0);
          if (!TagScopeGlobal) assert (avail[q]);
        end
        if (all_quar[q]) assert (!avail[q] && ((in_list[ask_dev_i[q]] == '0) || TagScopeGlobal));
        if (!avail[q] && !all_quar[q]) assert ((in_list != '0) || (in_quar != quar));
      end
      // What is taken leaves a tag for each of the others that hold none.
      if (alloc)
        for (int unsigned q = 0; q < NumQueues; q++)
          if ((QW'(q) != qid_i) && (held[alloc_dev][q] == '0)) assert (32'(u_dut.ask_count[qid_i]) > 32'd1);
    end
  end
  if (Help && (NumQueues > 1)) begin : gen_share
    localparam int unsigned NumPool = TagScopeGlobal ? 1 : NumEp;
    logic [NumPool-1:0][5:0] without, used;
    always_comb begin
      without = '0;
      used    = '0;
      for (int unsigned p = 0; p < NumPool; p++)
        for (int unsigned q = 0; q < NumQueues; q++) begin
          without[p] = without[p] + 6'(held[p][q] == '0);
          used[p]    = used[p] + held[p][q];
        end
    end
    always_comb begin
      if (run_q) begin
        for (int unsigned p = 0; p < NumPool; p++) begin
          assert (32'(used[p]) + 32'(without[p]) <= NumTags);
          for (int unsigned q = 0; q < NumQueues; q++)
            assert (32'(u_dut.u_share.gen_shared.held_q[p][q]) == 32'(held[p][q]));
        end
      end
    end
  end

  // What counters are told.
  always_comb begin
    if (run_q) begin
      assert (expired == exp_valid);
      assert (32'(ended) == 32'($countones(pending & u_dut.clear_main)));
      assert (32'(busy) == 32'($countones(pending)));
    end
  end

  // -------------------------------------------------------------------------------------------- free tags: none is lost
  if (TagScopeGlobal) begin : gen_free
    logic [Stride-1:0] used;
    always_comb begin
      used = '0;
      for (int unsigned d = 0; d < NumEp; d++) used = used | in_list[d];
    end
    always_comb begin
      if (run_q) begin
        assert (32'(u_dut.u_free.gen_global.count_q) + 32'($countones(used)) == NumTags);
        // A number is in use for one device at a time.
        for (int unsigned d = 0; d < NumEp; d++)
          for (int unsigned e = 0; e < d; e++) assert ((in_list[d] & in_list[e]) == '0);
        if (Help) begin
          for (int unsigned i = 0; i < NumTags; i++) begin
            if (i < 32'(u_dut.u_free.gen_global.count_q)) begin
              assert (!used[u_dut.u_free.gen_global.order_q[i]] && (32'(u_dut.u_free.gen_global.order_q[i]) < NumTags));
              for (int unsigned j = 0; j < i; j++)
                assert (u_dut.u_free.gen_global.order_q[i] != u_dut.u_free.gen_global.order_q[j]);
            end
          end
        end
      end
    end
  end else begin : gen_free
    always_comb begin
      if (run_q) begin
        for (int unsigned d = 0; d < NumEp; d++)
          assert (32'(u_dut.u_free.gen_device.count_q[d]) + 32'($countones(in_list[d] | in_quar[d])) == NumTags);
      end
      if (run_q && Help) begin
        for (int unsigned d = 0; d < NumEp; d++) begin
          assert (u_dut.u_free.gen_device.wr_q[d] ==
                  TagW'(u_dut.u_free.gen_device.rd_q[d] + TagW'(u_dut.u_free.gen_device.count_q[d])));
          for (int unsigned i = 0; i < NumTags; i++) begin
            if (i < 32'(u_dut.u_free.gen_device.count_q[d])) begin
              logic [TagW-1:0] a, b;
              a = u_dut.u_free.gen_device.ring_q[d*Stride+32'(TagW'(u_dut.u_free.gen_device.rd_q[d] + TagW'(i)))];
              assert (!in_list[d][a] && !in_quar[d][a] && (32'(a) < NumTags));
              for (int unsigned j = 0; j < i; j++) begin
                b = u_dut.u_free.gen_device.ring_q[d*Stride+32'(TagW'(u_dut.u_free.gen_device.rd_q[d] + TagW'(j)))];
                assert (a != b);
              end
            end
          end
        end
      end
    end
  end

  // -------------------------------------------------------------------------------------------- helpers
  time_t list_age, quar_age;
  assign list_age = now_q - u_dut.u_list.start_q[32'(pick_dev_q)*Stride+32'(pick_tag_q)];
  assign quar_age = now_q - u_dut.u_quar.start_q[32'(pick_dev_q)*Stride+32'(pick_tag_q)];
  always_comb begin
    if (run_q && Help) begin
      assert ((timeout_q != '0) && (interval_q != '0) && (32'(pick_dev_q) < NumEp) && (32'(pick_tag_q) < NumTags));
      assert ((in_list & in_quar) == '0);
      for (int unsigned d = 0; d < NumEp; d++)
        for (int unsigned t = NumTags; t < Stride; t++) assert (!in_list[d][t] && !in_quar[d][t]);
      assert (state_q inside {None, Pending, Quarantined});
      if (state_q == Pending) begin
        assert (elapsed_q == {1'b0, list_age});
        assert (u_dut.qid_q[32'(pick_dev_q)*Stride+32'(pick_tag_q)] == qid_q);
      end
      if (state_q == Quarantined) assert (elapsed_q == {1'b0, quar_age});
      if (state_q != None) begin
        assert (u_dut.sent_q[pick_dev_q][pick_tag_q] == sent_q);
        assert (u_dut.u_match.got_q[32'(pick_dev_q)*Stride+32'(pick_tag_q)] == got_q);
        if (got_q != '0) assert (u_dut.u_match.cc_q[32'(pick_dev_q)*Stride+32'(pick_tag_q)] == cc_q);
      end
    end
  end

endmodule
