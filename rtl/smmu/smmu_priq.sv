// SPDX-License-Identifier: Apache-2.0
//
// PRI queue: Page Requests into memory, responses back to the devices (smmuv3 §1.6, §2.3, §9; D9).
//
// Guarantees: an entry is visible in memory (its B has come) before `advance_o` moves PROD, and `irq_o` comes after that:
// when the queue became non-empty or, with `last_only_i` (PRIQ_IRQ_CFG2.LO), for each entry with Last = 1. Entries keep
// the order of the requests; up to `Depth` writes are in flight.
//   Queue off, SMMUEN = 0, or PRIQ_ABT_ERR active: every request is answered Response Failure without PASID.
//   Full: `overflow_o` asks for the toggle of OVFLG; from then until software acknowledges nothing is written. A request
//   that is not written for this reason is answered Success if Last = 1, with its PASID (IDR3.PPS = 1), else dropped.
//   A stop marker is queued like any request but never answered.
//   An aborted write leaves PROD and pulses `abort_o`; that request and those behind it are answered Response Failure.
//   A PRI_RESP becomes the PRG Response of its code; with SMMUEN = 0, or a StreamID without a requester ID, nothing.
//   Responses made here and PRI_RESPs take turns.
// Does not: match responses with requests, or look at the stream table (PPAR has no effect with PPS = 1).
// Latency: request taken to write request 1 cycle, B to PROD 1, PRI_RESP to `prg_rsp_valid_o` 1. One request a cycle.
module smmu_priq
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
#(
  parameter int unsigned Depth = 8   // requests buffered, power of two
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  queue_t       queue_i,      // enable: PRIQEN in effect
  input  logic         smmuen_i,     // in effect
  input  logic         overflowed_i, // OVFLG differs from OVACKFLG
  input  logic         abt_err_i,    // PRIQ_ABT_ERR is active
  input  logic         last_only_i,

  input  logic         pri_req_valid_i,
  output logic         pri_req_ready_o,
  input  pri_req_t     pri_req_i,
  input  logic         prir_valid_i,
  output logic         prir_ready_o,
  input  pri_rsp_cmd_t prir_i,
  output logic         prg_rsp_valid_o,
  input  logic         prg_rsp_ready_i,
  output prg_rsp_t     prg_rsp_o,

  output logic         wr_valid_o,
  input  logic         wr_ready_i,
  output mwr_req_t     wr_o,
  input  logic         wr_done_i,
  input  logic         wr_err_i,

  output logic         advance_o,    // pulses
  output logic         overflow_o,
  output logic         abort_o,
  output logic         irq_o,

  output logic         busy_o,       // a write is under way
  output logic         quiet_o
);

  localparam int unsigned CntW = $clog2(Depth + 1);
  localparam logic [3:0] Success = 4'h0, Invalid = 4'h1, Failure = 4'hF;

  pri_ent_t        entry, head;
  queue_t          queue;
  logic            blocked, full, skip, off, stop_marker, answer, quiet_wr, last_d, last_q, advance_q;
  logic [1:0]      ask, grant;
  logic            rsp_valid, rsp_ready, unused_pop, unused_index;
  logic [CntW-1:0] unused_count;
  logic [1:0]      unused_rsp_count;
  logic [19:0]     used;
  prg_rsp_t        rsp, auto_rsp, cmd_rsp;

  // ---------------------------------------------------------------- requests
  always_comb begin
    entry          = '0;
    if (pri_req_valid_i) begin
      entry.sid      = {16'd0, pri_req_i.rid};
      entry.ssid     = pri_req_i.ssid;
      entry.priv     = pri_req_i.priv;
      entry.x        = pri_req_i.exec;
      entry.r        = pri_req_i.r;
      entry.w        = pri_req_i.w;
      entry.last     = pri_req_i.last;
      entry.ssv      = pri_req_i.ssv;
      entry.prgindex = pri_req_i.prgi;
      entry.addr     = pri_req_i.page;
    end
  end

  assign off = !queue_i.enable || !smmuen_i || abt_err_i;
  always_comb begin
    queue        = queue_i;
    queue.enable = !off;
  end

  smmu_queue_wr #(.Width (128), .Depth (Depth)) u_wr (
    .clk_i, .rst_ni,
    .queue_i    (queue),
    .hold_i     (overflowed_i),
    .in_valid_i (pri_req_valid_i),
    .in_ready_o (pri_req_ready_o),
    .in_i       (entry),
    .head_o     (head),
    .blocked_o  (blocked),
    .full_o     (full),
    .skip_i     (skip),
    .wr_valid_o, .wr_ready_i, .wr_o, .wr_done_i, .wr_err_i,
    .advance_o, .abort_o,
    .pop_o      (unused_pop),
    .count_o    (unused_count),
    .used_o     (used),
    .busy_o,
    .quiet_o    (quiet_wr)
  );

  // ---------------------------------------------------------------- requests that are not queued
  assign stop_marker = head.ssv && head.last && !head.r && !head.w;
  assign answer      = blocked && !stop_marker && (off || head.last);
  assign skip        = blocked && (!answer || (grant[0] && rsp_ready));
  assign overflow_o  = skip && !off && full && !overflowed_i;

  always_comb begin
    auto_rsp      = '0;
    auto_rsp.rid  = head.sid[15:0];
    auto_rsp.ssv  = !off && head.ssv;
    auto_rsp.ssid = auto_rsp.ssv ? head.ssid : '0;
    auto_rsp.prgi = head.prgindex;
    auto_rsp.code = off ? Failure : Success;
  end

  // An answer needs no address and no permissions.
  logic unused_head;
  assign unused_head = ^{head.addr, head.rsvd_75_73, head.x, head.priv, head.rsvd_57_52, head.sid[31:16]};

  // ---------------------------------------------------------------- responses
  logic prir_void;
  assign prir_void = prir_valid_i && (!smmuen_i || prir_i.sid[31:16] != '0);

  always_comb begin
    cmd_rsp      = '0;
    cmd_rsp.rid  = prir_i.sid[15:0];
    cmd_rsp.ssv  = prir_i.ssv;
    cmd_rsp.ssid = prir_i.ssv ? prir_i.ssid : '0;
    cmd_rsp.prgi = prir_i.prgi;
    unique case (prir_i.resp)
      2'b01:   cmd_rsp.code = Invalid;
      2'b10:   cmd_rsp.code = Success;
      default: cmd_rsp.code = Failure;
    endcase
  end

  assign ask = {prir_valid_i && !prir_void, answer};

  arb_rr #(.N (2)) u_arb (
    .clk_i, .rst_ni,
    .req_i     (ask),
    .advance_i (rsp_ready),
    .grant_o   (grant),
    .valid_o   (rsp_valid),
    .index_o   (unused_index)
  );

  assign prir_ready_o = prir_void || (grant[1] && rsp_ready);
  always_comb begin
    rsp = '0;
    if (grant[0]) rsp = auto_rsp;
    if (grant[1]) rsp = cmd_rsp;
  end

  fifo_sync #(.T (prg_rsp_t), .Depth (2)) u_rsp (
    .clk_i, .rst_ni,
    .clear_i     (1'b0),
    .in_valid_i  (rsp_valid),
    .in_ready_o  (rsp_ready),
    .in_i        (rsp),
    .out_valid_o (prg_rsp_valid_o),
    .out_ready_i (prg_rsp_ready_i),
    .out_o       (prg_rsp_o),
    .count_o     (unused_rsp_count)
  );

  // ---------------------------------------------------------------- interrupt
  // Judged when PROD has moved, so that a write of CONS at the same edge counts.
  assign last_d  = advance_o && head.last;
  assign irq_o   = last_only_i ? last_q : (advance_q && used == 20'd1);
  assign quiet_o = quiet_wr && !advance_q && !(rsp_valid && rsp_ready) && !prir_void &&
                   !(prg_rsp_valid_o && prg_rsp_ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      advance_q <= 1'b0;
      last_q    <= 1'b0;
    end else begin
      advance_q <= advance_o;
      last_q    <= last_d;
    end
  end

endmodule
