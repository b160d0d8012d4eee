// SPDX-License-Identifier: Apache-2.0
//
// Event queue writer (smmuv3 §1.6, §8; D9).
//
// Guarantees: a record is visible in memory (its B has come) before `advance_o` moves PROD, and `irq_o` comes after
// that. Records keep their order; up to `Depth` writes are in flight, so a burst is limited by the bus.
//   Not writable - full, off, EVENTQ_ABT_ERR active, or PROD - CONS above the size: a record is dropped; full also asks
//   with `overflow_o` for the toggle of OVFLG, unless an overflow is unacknowledged. The record of a stalled transaction
//   (dword 1, bit 31) is never dropped: it is set aside, where it holds up neither later records nor a SYNC, and is
//   written when there is room, before records that come later.
//   An aborted write leaves PROD and pulses `abort_o`; its record is dropped or set aside by the rule above.
//   `mark_i` notes the records held now; `mark_done_o` is high when all of them are visible, dropped or set aside,
//   whatever came after.
// Does not: merge events, or keep more than `StallDepth` records aside: a further one waits at the head.
// Latency: record accepted to write request 1 cycle, B to PROD 1 cycle, a record every 2 cycles (two beats of the bus).
module smmu_evtq
  import smmu_pkg::*;
#(
  parameter int unsigned Depth      = 16,  // records buffered, power of two
  parameter int unsigned StallDepth = 16,  // at least IDR5.STALL_MAX
  parameter int unsigned NumMark    = 1    // who asks, each for itself
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  queue_t       queue_i,
  input  logic         overflowed_i, // OVFLG differs from OVACKFLG
  input  logic         abt_err_i,    // EVENTQ_ABT_ERR is active

  input  logic         evt_valid_i,
  output logic         evt_ready_o,
  input  logic [255:0] evt_i,        // dword 0 in [63:0]

  output logic         wr_valid_o,
  input  logic         wr_ready_i,
  output mwr_req_t     wr_o,
  input  logic         wr_done_i,
  input  logic         wr_err_i,

  output logic         advance_o,    // pulses
  output logic         overflow_o,
  output logic         abort_o,
  output logic         irq_o,        // the queue became non-empty

  input  logic [NumMark-1:0] mark_i,
  output logic [NumMark-1:0] mark_done_o,
  output logic         idle_o,       // no record is held, but for those set aside
  output logic         busy_o,       // a write is under way
  output logic         quiet_o
);

  localparam int unsigned CntW   = $clog2(Depth + 1);
  localparam int unsigned AsideW = $clog2(StallDepth + 1);
  localparam int unsigned Stall  = 64 + 31;

  logic [CntW-1:0]   count;
  logic [NumMark-1:0][CntW-1:0] mark_d, mark_q;
  logic [AsideW-1:0] aside_count;
  logic [19:0]       used, size;
  logic [255:0]      head, aside, in;
  logic              in_valid, in_ready, blocked, full, skip, pop, stalled, quiet_wr, advance_q;
  logic              aside_valid, aside_ready, aside_push, aside_pop;

  // Records set aside come back as soon as one more would find room.
  assign size      = 20'd1 << queue_i.log2size;
  assign aside_pop = aside_valid && in_ready && queue_i.enable && !abt_err_i && used + 20'(count) < size;

  always_comb begin
    in = '0;
    if (aside_pop) in = aside;
    else if (evt_valid_i) in = evt_i;
  end
  assign in_valid    = evt_valid_i || aside_pop;
  assign evt_ready_o = in_ready && !aside_pop;

  smmu_queue_wr #(.Width (256), .Depth (Depth)) u_wr (
    .clk_i, .rst_ni, .queue_i,
    .hold_i     (abt_err_i),
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_i       (in),
    .head_o     (head),
    .blocked_o  (blocked),
    .full_o     (full),
    .skip_i     (skip),
    .wr_valid_o, .wr_ready_i, .wr_o, .wr_done_i, .wr_err_i,
    .advance_o, .abort_o,
    .pop_o      (pop),
    .count_o    (count),
    .used_o     (used),
    .busy_o,
    .quiet_o    (quiet_wr)
  );

  assign stalled    = blocked && head[Stall];
  assign aside_push = stalled && aside_ready;
  assign skip       = blocked && (!stalled || aside_ready);
  assign overflow_o = skip && !stalled && queue_i.enable && !abt_err_i && full && !overflowed_i;

  fifo_sync #(.T (logic [255:0]), .Depth (StallDepth)) u_aside (
    .clk_i, .rst_ni,
    .clear_i     (1'b0),
    .in_valid_i  (aside_push),
    .in_ready_o  (aside_ready),
    .in_i        (head),
    .out_valid_o (aside_valid),
    .out_ready_i (aside_pop),
    .out_o       (aside),
    .count_o     (aside_count)
  );

  always_comb begin
    mark_d = mark_q;
    for (int unsigned i = 0; i < NumMark; i++) begin
      if (mark_i[i]) mark_d[i] = count;
      if (pop && mark_d[i] != '0) mark_d[i] = mark_d[i] - 1'b1;
      mark_done_o[i] = mark_q[i] == '0;
    end
  end

  // Judged when PROD has moved, so that a write of CONS at the same edge counts.
  assign irq_o       = advance_q && used == 20'd1;
  assign idle_o      = count == '0;
  assign quiet_o     = quiet_wr && mark_d == mark_q && !advance_q;

  logic unused_count;
  assign unused_count = ^aside_count;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mark_q    <= '0;
      advance_q <= 1'b0;
    end else begin
      mark_q    <= mark_d;
      advance_q <= advance_o;
    end
  end

endmodule
