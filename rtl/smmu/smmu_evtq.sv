// SPDX-License-Identifier: Apache-2.0
//
// Event queue writer (smmuv3 §1.6, §8; D9).
//
// Guarantees: a record is visible in memory (its B has come) before `advance_o` moves PROD, and `irq_o` comes after
// that. Records keep their order. With the queue full a record is dropped, and `overflow_o` asks for the toggle of
// OVFLG unless an overflow is unacknowledged; with the queue off, or PROD - CONS above its size, records are dropped
// silently. An aborted write drops the record, leaves PROD, and pulses `abort_o`; the queue goes on. `mark_i` notes
// the records held now; `mark_done_o` is high when all of them are visible or dropped, whatever came after.
// Does not: merge events, or stall for room (terminate-only model).
// Latency: record accepted to write request 2 cycles, B to PROD 1 cycle, one write at a time.
module smmu_evtq
  import smmu_pkg::*;
#(
  parameter int unsigned Depth = 4   // records buffered
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  queue_t       queue_i,
  input  logic         overflowed_i, // OVFLG differs from OVACKFLG

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

  input  logic         mark_i,
  output logic         mark_done_o,
  output logic         idle_o,       // no record is held
  output logic         busy_o,       // a write is requested or under way
  output logic         quiet_o
);

  localparam int unsigned CntW = $clog2(Depth + 1);

  typedef enum logic [1:0] {StIdle, StWrite, StWait} state_e;

  state_e          state_d, state_q;
  logic [CntW-1:0] count, mark_d, mark_q;
  logic            valid, pop, advance_q;
  logic [255:0]    head;
  logic [19:0]     size, used;

  fifo_sync #(.T (logic [255:0]), .Depth (Depth)) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .in_valid_i  (evt_valid_i),
    .in_ready_o  (evt_ready_o),
    .in_i        (evt_i),
    .out_valid_o (valid),
    .out_ready_i (pop),
    .out_o       (head),
    .count_o     (count)
  );

  assign size = 20'd1 << queue_i.log2size;
  assign used = (queue_i.prod - queue_i.cons) & low_ones(queue_i.log2size + 5'd1);

  assign wr_o = '{addr:   queue_i.base + PaW'({queue_i.prod & (size - 20'd1), 5'd0}),
                  data:   head,
                  is_msi: 1'b0};

  always_comb begin
    state_d    = state_q;
    pop        = 1'b0;
    wr_valid_o = 1'b0;
    advance_o  = 1'b0;
    overflow_o = 1'b0;
    abort_o    = 1'b0;
    unique case (state_q)
      StIdle: begin
        if (valid && (!queue_i.enable || used >= size)) begin
          pop        = 1'b1;
          overflow_o = queue_i.enable && used == size && !overflowed_i;
        end else if (valid) begin
          state_d = StWrite;
        end
      end
      StWrite: begin
        wr_valid_o = 1'b1;
        if (wr_ready_i) state_d = StWait;
      end
      StWait: begin
        if (wr_done_i) begin
          pop       = 1'b1;
          advance_o = !wr_err_i;
          abort_o   = wr_err_i;
          state_d   = StIdle;
        end
      end
      default: state_d = StIdle;
    endcase

    mark_d = mark_q;
    if (mark_i) mark_d = count;
    if (pop && mark_d != '0) mark_d = mark_d - 1'b1;
  end

  // Judged when PROD has moved, so that a write of CONS at the same edge counts.
  assign irq_o       = advance_q && used == 20'd1;
  assign mark_done_o = mark_q == '0;
  assign idle_o      = count == '0;
  assign busy_o      = state_q != StIdle;
  assign quiet_o     = state_d == state_q && mark_d == mark_q && !pop && !(evt_valid_i && evt_ready_o) && !advance_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      mark_q    <= '0;
      advance_q <= 1'b0;
    end else begin
      state_q   <= state_d;
      mark_q    <= mark_d;
      advance_q <= advance_o;
    end
  end

endmodule
