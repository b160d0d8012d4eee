// SPDX-License-Identifier: Apache-2.0
//
// Prefetching reader of the command queue (smmuv3 §1.6, §3.2).
//
// Guarantees: commands come out in queue order, each once, with the contents memory had after PROD covered it; a
// bus abort comes out as `cmd_err_o` on the command it hit, in order. Whatever was prefetched is dropped, and its
// late read data ignored, when the queue is not enabled (off, or an error is active) or when PROD is pulled back over
// prefetched entries; reading then starts again, from memory, at CONS or at the first command not handed out.
// PROD - CONS above the queue size is no work. While the queue is not enabled, or has no work, nothing is handed out and
// no read is started.
// Relies on: a failing command is still held by the consumer in the last cycle in which the queue is enabled, so that
// the one after it cannot have been taken.
// A burst is the rest of an aligned block of MaxBurst commands, or what PROD covers of it; it is started when the
// buffer has room for all of it, so that a full buffer does not degrade it to single beats.
// Does not: hold `mrd_req_valid_o` when the reason for the request goes away.
// Latency: PROD to request 0 cycles (combinational from the register), read data to `cmd_valid_o` 1 cycle.
// Throughput: one command a cycle while (memory latency + 3) <= Prefetch - MaxBurst.
module smmu_cmdq_fetch
  import smmu_pkg::*;
#(
  parameter int unsigned Prefetch = 64,  // commands buffered or on their way
  parameter int unsigned MaxBurst = 8    // a power of two, at most 16
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  queue_t       queue_i,

  output logic         mrd_req_valid_o,
  input  logic         mrd_req_ready_i,
  output mrd_req_t     mrd_req_o,
  input  logic         mrd_rsp_valid_i,
  input  mrd_rsp_t     mrd_rsp_i,

  output logic         cmd_valid_o,
  input  logic         cmd_ready_i,
  output logic [127:0] cmd_o,
  output logic         cmd_err_o,

  output logic         idle_o,           // nothing buffered, no read outstanding
  output logic         quiet_o
);

  localparam int unsigned CntW = $clog2(Prefetch + 1);
  localparam int unsigned BlkW = $clog2(MaxBurst);

  typedef struct packed {
    logic         err;
    logic [127:0] data;
  } entry_t;

  logic [19:0]     size, wrap_mask;               // entries; mask of index with wrap bit
  logic [19:0]     next_d, next_q;                // index of the command handed out next
  logic [19:0]     fetch_d, fetch_q;              // index to be read next
  logic [19:0]     left, held, avail;             // PROD - next, fetch - next, PROD - fetch
  logic [CntW-1:0] flight_d, flight_q;            // beats requested and not yet received
  logic [CntW-1:0] drop_d, drop_q;                // of these, the first so many are to be ignored
  logic [CntW-1:0] count, room;
  logic [BlkW:0]   block, burst;
  logic            legal, clear, req_fire, pop, push, fifo_valid, unused_room;
  entry_t          head;

  assign size      = 20'd1 << queue_i.log2size;
  assign wrap_mask = low_ones(queue_i.log2size + 5'd1);
  assign left      = (queue_i.prod - next_q) & wrap_mask;
  assign held      = (fetch_q - next_q) & wrap_mask;
  assign avail     = (queue_i.prod - fetch_q) & wrap_mask;
  assign legal     = left <= size;
  assign clear     = !queue_i.enable || !legal || held > left;

  // ---- requests
  assign block = (BlkW+1)'(MaxBurst) - {1'b0, fetch_q[BlkW-1:0]};
  always_comb begin
    logic [19:0] to_end;                          // small queues end inside a block
    to_end = size - (fetch_q & (size - 20'd1));
    burst  = block;
    if (20'(burst) > to_end) burst = (BlkW+1)'(to_end);
    if (20'(burst) > avail) burst = (BlkW+1)'(avail);
  end
  assign room            = CntW'(Prefetch) - count - flight_q;
  assign mrd_req_valid_o = !clear && burst != '0 && room >= CntW'(burst);
  assign mrd_req_o.addr  = queue_i.base + PaW'({fetch_q & (size - 20'd1), 4'd0});
  assign mrd_req_o.beats = 4'(burst - 1'b1);
  assign req_fire        = mrd_req_valid_o && mrd_req_ready_i;

  // ---- commands out
  assign push        = mrd_rsp_valid_i && drop_q == '0 && !clear;
  assign cmd_valid_o = fifo_valid && !clear;
  assign cmd_o       = head.data;
  assign cmd_err_o   = head.err;
  assign pop         = cmd_valid_o && cmd_ready_i;

  fifo_sync #(.T (entry_t), .Depth (Prefetch)) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i     (clear),
    .in_valid_i  (push),
    .in_ready_o  (unused_room),                   // `room` was reserved with the request
    .in_i        ('{err: mrd_rsp_i.err, data: mrd_rsp_i.data}),
    .out_valid_o (fifo_valid),
    .out_ready_i (pop),
    .out_o       (head),
    .count_o     (count)
  );

  always_comb begin
    next_d  = next_q;
    fetch_d = fetch_q;
    if (pop) next_d = (next_q + 20'd1) & wrap_mask;
    if (req_fire) fetch_d = (fetch_q + 20'(burst)) & wrap_mask;
    // An error or a disabled queue: start over at CONS. PROD pulled back: at the next command not handed out.
    if (!queue_i.enable) next_d = queue_i.cons & wrap_mask;
    if (clear) fetch_d = next_d;

    flight_d = flight_q - CntW'(mrd_rsp_valid_i);
    if (req_fire) flight_d = flight_d + CntW'(burst);
    drop_d = drop_q;
    if (clear) drop_d = flight_d;
    else if (mrd_rsp_valid_i && drop_q != '0) drop_d = drop_q - 1'b1;
  end

  assign idle_o  = flight_q == '0 && count == '0;
  assign quiet_o = !push && !pop && !(clear && count != '0) && next_d == next_q && fetch_d == fetch_q &&
                   flight_d == flight_q && drop_d == drop_q;

  // The end of a burst is known from the count of its beats.
  logic unused_last;
  assign unused_last = mrd_rsp_i.last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      next_q   <= '0;
      fetch_q  <= '0;
      flight_q <= '0;
      drop_q   <= '0;
    end else begin
      next_q   <= next_d;
      fetch_q  <= fetch_d;
      flight_q <= flight_d;
      drop_q   <= drop_d;
    end
  end

endmodule
