// SPDX-License-Identifier: Apache-2.0
//
// Writes the entries of an output queue to memory, several at a time (smmuv3 §1.6; D9): the common part of smmu_evtq
// and smmu_priq.
//
// Guarantees
//   Entries are visible before PROD counts them: `advance_o` is the response (B) of the oldest write. Entry n of those in
//   flight goes to PROD + n, writes are issued in order and responses of one ID return in order, so PROD never passes an
//   entry whose B has not come.
//   An entry is written only while the queue is on, `hold_i` is low and PROD + in flight - CONS is below its size. An entry
//   that may not be written waits at the head with `blocked_o`; the owner takes it away with `skip_i`, or leaves it.
//   An aborted write gives `abort_o`, leaves PROD, and keeps its entry at the head; responses of the writes behind it are
//   thrown away, and they are issued again from the head on, so that nothing is counted that was not written. The owner
//   raises `hold_i` in the cycle after `abort_o`.
// Does not decide what happens to entries that cannot be written, or raise interrupts.
// Latency: entry taken to write request 1 cycle, one request a cycle; B to `advance_o` 0.
module smmu_queue_wr
  import smmu_pkg::*;
#(
  parameter int unsigned Width   = 256,              // bits of an entry: 128 or 256
  parameter int unsigned Depth   = 8,                // entries held, >= 2, power of two; all of them may be in flight
  localparam int unsigned CntW   = $clog2(Depth + 1),
  localparam int unsigned PtrW   = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  queue_t           queue_i,
  input  logic             hold_i,

  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_i,

  output logic [Width-1:0] head_o,                    // oldest entry held
  output logic             blocked_o,                 // it may not be written, and nothing is in flight
  output logic             full_o,                    // PROD - CONS is the size: no room, as opposed to off or held
  input  logic             skip_i,                    // only with blocked_o

  output logic             wr_valid_o,
  input  logic             wr_ready_i,
  output mwr_req_t         wr_o,
  input  logic             wr_done_i,
  input  logic             wr_err_i,

  output logic             advance_o,                 // pulses
  output logic             abort_o,
  output logic             pop_o,                     // the head leaves: written or skipped
  output logic [CntW-1:0]  count_o,                   // entries held
  output logic [19:0]      used_o,                    // PROD - CONS
  output logic             busy_o,                    // a write is under way
  output logic             quiet_o
);

  localparam int unsigned LogBytes = $clog2(Width / 8);

  logic [Width-1:0] mem_q [Depth];
  logic [PtrW-1:0]  rd_q, wr_q, issue;
  logic [CntW-1:0]  count_q, flight_q, flight_d;
  logic             redo_d, redo_q, push, fire, room, writable;
  logic [19:0]      size, used, index;

  assign size     = 20'd1 << queue_i.log2size;
  assign used     = (queue_i.prod - queue_i.cons) & low_ones(queue_i.log2size + 5'd1);
  assign room     = used + 20'(flight_q) < size;
  assign writable = queue_i.enable && !hold_i && room;

  // ---- memory
  assign issue      = rd_q + flight_q[PtrW-1:0];
  assign index      = (queue_i.prod + 20'(flight_q)) & (size - 20'd1);
  assign wr_valid_o = count_q > flight_q && !redo_q && writable;
  assign fire       = wr_valid_o && wr_ready_i;

  always_comb begin
    wr_o = '{addr: '0, data: '0, size: (Width == 128) ? Mwr16 : Mwr32};
    if (wr_valid_o) begin
      wr_o.addr              = queue_i.base + (PaW'(index) << LogBytes);
      wr_o.data[Width-1:0]   = mem_q[issue];
    end
  end

  assign advance_o = wr_done_i && !redo_q && !wr_err_i;
  assign abort_o   = wr_done_i && !redo_q && wr_err_i;
  assign flight_d  = flight_q + CntW'(fire) - CntW'(wr_done_i);
  assign redo_d    = (redo_q || abort_o) && flight_d != '0;

  // ---- entries
  assign head_o     = mem_q[rd_q];
  assign blocked_o  = count_q != '0 && flight_q == '0 && !writable;
  assign full_o     = used == size;
  assign in_ready_o = count_q != CntW'(Depth);
  assign push       = in_valid_i && in_ready_o;
  assign pop_o      = advance_o || skip_i;
  assign count_o    = count_q;
  assign used_o     = used;
  assign busy_o     = flight_q != '0;
  assign quiet_o    = !push && !pop_o && !fire && !wr_done_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_q     <= '0;
      wr_q     <= '0;
      count_q  <= '0;
      flight_q <= '0;
      redo_q   <= 1'b0;
    end else begin
      if (push) wr_q <= wr_q + 1'b1;
      if (pop_o) rd_q <= rd_q + 1'b1;
      if (push != pop_o) count_q <= push ? count_q + 1'b1 : count_q - 1'b1;
      flight_q <= flight_d;
      redo_q   <= redo_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) mem_q[wr_q] <= in_i;
  end

endmodule
