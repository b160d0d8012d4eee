// SPDX-License-Identifier: Apache-2.0
//
// What a CMD_SYNC waits for, and the error at the SYNC (smmuv3 §2.2, §3.1; D2, D3, D7, D9).
//
// A SYNC completes when, in this order where an arrow stands,
//   (1) earlier CFGI and TLBI are done -> every transaction accepted until then is done (drain) -> the events of those
//       transactions are visible or discarded;
//   (2) no ATC invalidation of the queue is outstanding, and none has timed out;
//   (3) the MSI of the SYNC before it is visible.
// It fails when an invalidation of the queue has timed out: by default as soon as none is outstanding any more, with
// `err_first_i` at once. The sticky flag is cleared in the cycle of the error, so the retried SYNC starts afresh;
// `rereport_i` retries more fail first (D3). The error does not wait for (1) or (3).
// Guarantees: never `done_o` in a cycle with `atc_idle_i` low or `atc_timed_out_i` high. `done_o` and `error_o` are
// pulses, never together; `irq_o` (CS = 1) and `sev_o` (CS = 2) come with `done_o`, and the MSI, the wire and the event
// go out when CONS has moved.
// Does not: put a bound on the wait; its parts do (time-outs of invalidations; D7: stalled transactions are not waited for).
// Latency: nothing outstanding: `valid_i` to `done_o` 1 cycle (the drain's flip). `atc_timed_out_i`, `atc_idle_i` to
// `error_o`: 0 cycles.
module smmu_sync (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       err_first_i,
  input  logic [3:0] rereport_i,

  input  logic       valid_i,         // a SYNC is at the head of the queue
  input  logic       irq_i,           // it has CS = 1
  input  logic       sev_i,           // it has CS = 2
  output logic       done_o,
  output logic       error_o,
  output logic       irq_o,
  output logic       sev_o,

  input  logic       inval_idle_i,
  output logic       inval_wait_o,    // nothing may be added to what it waits for
  output logic       drain_req_o,
  input  logic       drain_done_i,    // pulse for this requester (smmu_drain_share)
  output logic       evt_mark_o,
  input  logic       evt_idle_i,      // no event is on its way
  input  logic       evt_done_i,      // none of those before the mark is
  input  logic       atc_idle_i,
  input  logic       atc_timed_out_i,
  output logic       atc_clear_o,
  input  logic       msi_busy_i,      // the MSI of an earlier SYNC is not visible yet

  output logic       quiet_o
);

  typedef enum logic [1:0] {
    StInval,   // waits for CFGI and TLBI; no SYNC
    StDrain,   // waits for transactions
    StEvents,  // waits for their events
    StRest     // (1) holds
  } state_e;

  state_e     state_d, state_q;
  logic [3:0] again_d, again_q;       // retries that still fail (D3)
  logic       drained, failed;

  assign failed  = valid_i && (atc_timed_out_i || again_q != '0);
  // Withdrawn by an error in the same cycle, so that the retried SYNC cannot join the epoch of the failed one.
  assign drain_req_o = !error_o && (state_q == StDrain || (state_q == StInval && valid_i && inval_idle_i));

  // Another queue could keep the units busy for ever: smmu_top lets none issue while this is high.
  assign inval_wait_o = valid_i && state_q == StInval && !inval_idle_i;

  assign error_o = failed && (err_first_i || atc_idle_i);
  assign done_o  = valid_i && drained && atc_idle_i && !failed && !msi_busy_i;

  always_comb begin
    state_d     = state_q;
    again_d     = again_q;
    evt_mark_o  = 1'b0;
    drained     = 1'b0;
    unique case (state_q)
      StInval: begin
        if (drain_req_o) state_d = StDrain;
      end
      StDrain: begin
        if (drain_done_i) begin
          drained    = evt_idle_i;
          evt_mark_o = !evt_idle_i;
          state_d    = evt_idle_i ? StRest : StEvents;
        end
      end
      StEvents: begin
        if (evt_done_i) begin
          drained = 1'b1;
          state_d = StRest;
        end
      end
      StRest: drained = 1'b1;
      default: state_d = StInval;
    endcase
    if (done_o || error_o) state_d = StInval;
    if (error_o) again_d = atc_timed_out_i ? rereport_i : again_q - 1'b1;
  end

  assign atc_clear_o = error_o;
  assign irq_o       = done_o && irq_i;
  assign sev_o       = done_o && sev_i;
  assign quiet_o     = state_d == state_q && again_d == again_q && !done_o && !error_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StInval;
      again_q <= '0;
    end else begin
      state_q <= state_d;
      again_q <= again_d;
    end
  end

endmodule
