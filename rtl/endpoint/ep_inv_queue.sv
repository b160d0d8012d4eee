// SPDX-License-Identifier: Apache-2.0
//
// Invalidation queue: takes Invalidate Requests, has the ATC and the open Translation Requests match them, and collects
// what is to be answered into batches for the drain.
//
// Guarantees: one request a cycle accepted and matched, sustained, when the search takes one cycle; `depth_i` places for
// requests that wait for the search, then requests wait in the link (credits): a TA that keeps to the advertised depth
// never meets that. What was searched needs no place, only its bit of the batch, so a posted request never waits for the
// endpoint's own completions (pcie-ats.md section 4). Works whatever ATS Enable says (section 7).
// Every request accepted is answered once, unless an equal ITag was still unanswered (the vector bit is
// overwritten) or a fault forbids it. Answers that differ in TA, traffic classes (hence count) or faults are not batched.
// The answer goes on every class of `tcs_i`, whatever class the request came on: those may carry affected writes.
// Fault ANSWER_AFTER: matched at once, handed to the drain `delay_i` cycles later, in order; beyond 32 waiting ones
// the answer is lost (D14 describes a broken device).
// Does not: wait for outstanding DMA (ep_drain).
// Latency: request to `match_valid_o` 1 cycle, to `batch_valid_o` 2 cycles.
module ep_inv_queue
  import atc_time_pkg::*;
  import ep_pkg::*;
#(
  parameter int unsigned Depth = 32
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,
  input  time_t      now_i,
  input  logic [5:0] depth_i,         // 1..Depth, held constant
  input  logic [7:0] tcs_i,           // traffic classes that may carry translated writes, at least one

  input  logic       req_valid_i,
  output logic       req_ready_o,
  input  inv_t       req_i,

  output logic       handled_o,       // the oldest request is handled in this cycle
  output logic       match_valid_o,   // search the ATC for it
  input  logic       match_ready_i,   // the search ends in this cycle
  output inv_t       match_o,

  input  fault_t     fault_i,
  input  logic [31:0] delay_i,

  output logic [5:0] held_o,          // requests not yet handled
  output logic       batch_valid_o,
  input  logic       batch_ready_i,
  output inv_batch_t batch_o,

  output logic       quiet_o,
  output time_t      next_deadline_o
);

  typedef struct packed {
    logic [4:0]  itag;
    logic [15:0] ta;
    logic [7:0]  tcs;
    logic        bad;
    time_t       due;
  } late_t;

  // ---------------------------------------------------------------- received
  inv_t head;
  logic head_valid, head_pop, room, req_ready;
  logic [$clog2(Depth+1)-1:0] req_count, unused_late_count;

  assign room        = req_count < depth_i;
  assign req_ready_o = req_ready && room;

  fifo_sync #(.T(inv_t), .Depth(Depth)) u_req (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i (req_valid_i && room), .in_ready_o (req_ready), .in_i (req_i),
    .out_valid_o(head_valid),  .out_ready_i(head_pop),    .out_o(head),
    .count_o(req_count)
  );

  assign held_o = 6'(req_count);

  // ---------------------------------------------------------------- late answers (fault)
  late_t late_in, late;
  logic  late_push, unused_late_room, late_valid, late_due, late_pop;

  assign late_in = '{itag: head.itag, ta: head.ta, tcs: tcs_i, bad: fault_i.bad,
                     due: now_i + (fault_i.delay ? time_t'(delay_i) : '0)};

  fifo_sync #(.T(late_t), .Depth(Depth)) u_late (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i (late_push),  .in_ready_o (unused_late_room), .in_i (late_in),
    .out_valid_o(late_valid), .out_ready_i(late_pop),         .out_o(late),
    .count_o(unused_late_count)
  );

  assign late_due = late_valid && (now_i >= late.due);

  // ---------------------------------------------------------------- match and collect
  inv_batch_t batch_q, batch_d;
  logic       waiting, answer, head_fits, late_fits, add_head, add_late;

  function automatic logic fits(inv_batch_t b, logic busy, logic [15:0] ta, logic [7:0] tcs, logic bad);
    return !busy || ((b.ta == ta) && (b.tcs == tcs) && (b.bad == bad));
  endfunction

  assign waiting       = (batch_q.itags != '0) && !batch_ready_i;
  assign batch_valid_o = batch_q.itags != '0;
  assign batch_o       = batch_q;

  assign late_fits = fits(batch_q, waiting, late.ta, late.tcs, late.bad);
  assign add_late  = late_due && late_fits;
  assign late_pop  = add_late;

  // Answers stay in order behind late ones; only a fault makes that queue non-empty.
  assign answer    = head_valid && !fault_i.never_answer;
  assign late_push = answer && head_pop && (fault_i.delay || late_valid);
  assign add_head  = answer && head_pop && !fault_i.delay && !late_valid;
  assign head_fits = fits(batch_q, waiting, head.ta, tcs_i, fault_i.bad)
                  || fault_i.never_answer || fault_i.delay || late_valid;
  assign head_pop  = head_valid && head_fits && (fault_i.keep || match_ready_i);

  assign handled_o     = head_pop;
  assign match_valid_o = head_valid && head_fits && !fault_i.keep;
  assign match_o       = head;

  always_comb begin
    batch_d = batch_q;
    if (batch_valid_o && batch_ready_i) batch_d.itags = '0;
    if (add_late) begin
      batch_d.ta = late.ta;
      batch_d.tcs = late.tcs;
      batch_d.bad = late.bad;
      batch_d.itags[late.itag] = 1'b1;
    end
    if (add_head) begin
      batch_d.ta = head.ta;
      batch_d.tcs = tcs_i;
      batch_d.bad = fault_i.bad;
      batch_d.itags[head.itag] = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) batch_q <= '0;
    else if (clear_i) batch_q <= '0;
    else batch_q <= batch_d;
  end

  // ---------------------------------------------------------------- quiet
  assign quiet_o         = !head_pop && !match_valid_o && !add_late && !(batch_valid_o && batch_ready_i);
  assign next_deadline_o = (late_valid && !late_due) ? late.due : NoDeadline;

endmodule
