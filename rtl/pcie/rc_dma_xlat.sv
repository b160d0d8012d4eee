// SPDX-License-Identifier: Apache-2.0
//
// Translation stage of a root port: takes one upstream request, asks the SMMU, hands the outcome on.
//
// One request is in hand at a time, so requests of a port are translated in the order of the link. A request
// is taken only when the place for its outcome is free already (`wr_room_i`, `rd_room_i`), therefore the SMMU's
// response is always taken at once and nothing a device does can hold up another port's response.
// Writes: `wr_take_o` when the packet is taken (the payload goes to the write buffer in that cycle), then
// `wr_commit_o` with the physical address or `wr_abort_o`. Reads, translation requests and requests that end
// as UR: `rd_push_o`. An aborted read is answered UR; a translation request UR or CA as the SMMU says. An answer of several
// entries comes as that many responses: each is handed on (`rd_entry_valid_o`), the push comes with the last.
// A read of more than one read completion boundary becomes several pushes, each ending at a boundary; the transaction
// ends with the last (`rd_final_o`).
// AtomicOps are asked for twice, as a read and as a write, and need both permissions; then the port waits for rc_amo, and
// the old value is the answer.
// An isolated requester's request that was in hand ends with the response as if the SMMU had refused it.
// Latency: request offered to the SMMU one cycle after it was taken; the next is taken one cycle after the
// response: a translation of n cycles gives one request every n + 2 cycles.
module rc_dma_xlat
  import smmu_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned Index = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  // from rc_port_rx: taken in this cycle
  input  logic        req_valid_i,
  input  rc_req_e     req_kind_i,
  input  tlp_hdr_t    req_i,
  input  logic [127:0] req_operand_i,    // first bytes of the payload
  output logic        p_ready_o,
  output logic        np_ready_o,
  // SMMU
  input  logic        iso_i,             // the requester in hand is isolated (D16): its request ends as an abort
  output logic        tbu_req_valid_o,
  input  logic        tbu_req_ready_i,
  output tbu_req_t    tbu_req_o,
  input  logic        tbu_rsp_valid_i,   // for this port; always taken
  input  tbu_rsp_t    tbu_rsp_i,
  // write path
  input  logic        wr_room_i,
  output logic        wr_take_o,
  output logic        wr_commit_o,
  output logic        wr_abort_o,
  // read path
  input  logic        rd_room_i,
  output logic        rd_push_o,
  output logic        rd_is_mem_o,       // fetch from memory; otherwise answer at once
  output logic [15:0] rid_o,             // of the request in hand, with at_o
  output logic [1:0]  at_o,
  output logic [2:0]  rd_status_o,       // completion status when not a memory read
  output logic        rd_is_xlat_o,      // answer is the entries
  output logic        rd_entry_valid_o,
  output logic [2:0]  rd_entry_index_o,
  output logic [63:0] rd_entry_o,
  output logic        rd_final_o,        // of a memory read: its last piece
  output rc_cpl_hdr_t rd_hdr_o,
  // AtomicOps
  output logic        amo_valid_o,       // held until done
  output rc_amo_t     amo_o,
  input  logic        amo_done_i,
  input  logic        amo_err_i,
  input  logic [63:0] amo_old_i,
  // both
  output rc_job_t     job_o,
  output logic        colour_o,
  // finished here (D7)
  output logic        done_abort_o,
  output logic        done_xlat_o,
  output logic        quiet_o
);

  typedef enum logic [2:0] {Idle, Ask, Answer, Local, Split, Amo} state_e;
  localparam logic [10:0] RcbDw = 11'(Rcb / 4);

  state_e   state_q, state_d;
  rc_req_e  kind_q;
  logic [2:0] index_q;                   // entries of the answer taken so far
  tlp_hdr_t req_q;
  logic     second_q;                    // AtomicOp: the write is asked for
  logic [127:0] operand_q;

  // ---------------------------------------------------------------- fields of the request in hand
  logic [63:0] addr;
  logic [9:0]  len;
  logic [3:0]  fbe, lbe;
  logic        is_4dw, is_xlat, is_amo, unused_bits;

  assign is_4dw  = req_q.dw0[29];
  assign is_xlat = kind_q == RcXlat;
  assign is_amo  = kind_q == RcAtomic;
  assign addr    = is_4dw ? {req_q.dw2, req_q.dw3[31:2], 2'b00} : {32'd0, req_q.dw2[31:2], 2'b00};
  assign len     = req_q.dw0[9:0];
  assign fbe     = req_q.dw1[3:0];
  assign lbe     = req_q.dw1[7:4];
  assign unused_bits = ^{req_q.pfx[31:22], req_q.dw0[31:30], req_q.dw0[28:26], req_q.dw0[23], req_q.dw0[19],
                         req_q.dw0[17:14], req_q.dw2[1], req_q.dw3[1], tbu_rsp_i.port};

  always_comb begin
    tbu_req_o = '0;
    if (state_q == Ask) begin
      tbu_req_o.port  = 4'(Index);
      tbu_req_o.sid   = {16'd0, req_q.dw1[31:16]};
      tbu_req_o.ssv   = req_q.pfx_valid;
      tbu_req_o.ssid  = req_q.pfx_valid ? req_q.pfx[19:0] : '0;
      tbu_req_o.priv  = req_q.pfx_valid && req_q.pfx[21];
      tbu_req_o.exec  = req_q.pfx_valid && req_q.pfx[20];
      tbu_req_o.at    = at_e'(req_q.dw0[11:10]);
      tbu_req_o.write = (kind_q == RcWrite) || second_q;
      tbu_req_o.nw    = is_xlat && (is_4dw ? req_q.dw3[0] : req_q.dw2[0]);
      tbu_req_o.num   = is_xlat ? len[3:1] - 3'd1 : '0;
      tbu_req_o.addr  = is_xlat ? {addr[63:12], 12'd0} : addr;
    end
  end

  // ---------------------------------------------------------------- bytes that a memory read will return
  logic [1:0]  lead, trail;
  logic [11:0] bytes, bytes_q;
  logic        wide;                     // AtomicOp of 8 bytes

  always_comb begin
    bytes = '0;
    lead  = '0;
    trail = '0;
    if (rd_push_o) begin
      unique casez (fbe)
        4'b???1: lead = 2'd0;
        4'b??10: lead = 2'd1;
        4'b?100: lead = 2'd2;
        4'b1000: lead = 2'd3;
        default: lead = 2'd0;
      endcase
      unique casez ((len == 10'd1) ? fbe : lbe)
        4'b1???: trail = 2'd0;
        4'b01??: trail = 2'd1;
        4'b001?: trail = 2'd2;
        4'b0001: trail = 2'd3;
        default: trail = 2'd3;   // no byte enabled: one byte by definition
      endcase
      bytes = {len, 2'b00} - {10'd0, lead} - {10'd0, trail};
      if (kind_q == RcUr && req_q.dw0[28:24] inside {CfgRd0[4:0], IORd[4:0]}) bytes = 12'd4;
      if (is_xlat) bytes = {5'd0, {1'b0, index_q} + 4'd1, 3'd0};
      if (is_amo) bytes = wide ? 12'd8 : 12'd4;
      if (state_q == Split) bytes = bytes_q;
    end
  end

  // ---------------------------------------------------------------- pieces of a read
  logic [47:0] pa_q, pa;
  logic [10:0] left_q, left, piece;      // dwords
  logic [17:0] user;
  logic        colour_q, first, split, long_read;

  assign long_read = (kind_q == RcRead) && ((len == '0) || (len > RcbDw[9:0]));
  assign split     = state_q == Split;
  assign pa        = split ? pa_q : {tbu_rsp_i.pa[PaW-1:2], 2'b00};
  assign left      = split ? left_q : {len == '0, len};

  always_comb begin
    piece = left;
    if (split || long_read) begin
      piece = RcbDw - {7'd0, pa[5:2]};
      if (left < piece) piece = left;
    end
  end

  // ---------------------------------------------------------------- AtomicOps
  logic amo_kind_cas;

  assign amo_kind_cas = req_q.dw0[25];
  assign wide         = amo_kind_cas ? len[2] : len[1];   // CAS carries two operands

  always_comb begin
    amo_o = '0;
    if (state_q == Amo) begin
      amo_o.op      = amo_kind_cas ? AmoCas : req_q.dw0[24] ? AmoSwap : AmoAdd;
      amo_o.wide    = wide;
      amo_o.pa      = pa_q;
      amo_o.operand = operand_q;
      amo_o.user    = user;
      amo_o.colour  = colour_q;
    end
  end

  assign amo_valid_o = state_q == Amo;

  // ---------------------------------------------------------------- control
  logic ok, rsp, more, amo_end;

  assign p_ready_o  = (state_q == Idle) && wr_room_i;
  assign np_ready_o = (state_q == Idle) && rd_room_i;
  assign wr_take_o  = req_valid_i && (req_kind_i == RcWrite);

  assign rsp = (state_q == Answer) && tbu_rsp_valid_i && !tbu_rsp_i.more;
  assign ok  = (tbu_rsp_i.status == XlatOk) && !iso_i;

  assign first   = rsp && is_amo && ok && !second_q;
  assign more    = rsp && ok && long_read && (piece != left);
  assign amo_end = (state_q == Amo) && amo_done_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (req_valid_i) state_d = (req_kind_i inside {RcUr, RcCa}) ? Local : Ask;
      Ask:     if (tbu_req_ready_i) state_d = Answer;
      Answer:  if (rsp) state_d = first ? Ask : more ? Split : (is_amo && ok) ? Amo : Idle;
      Local:   state_d = Idle;
      Split:   if (rd_push_o && rd_final_o) state_d = Idle;
      Amo:     if (amo_done_i) state_d = Idle;
      default: state_d = Idle;
    endcase
  end

  assign tbu_req_valid_o = state_q == Ask;

  assign wr_commit_o  = rsp && ok && (kind_q == RcWrite);
  assign wr_abort_o   = rsp && !ok && (kind_q == RcWrite);
  assign rd_push_o    = (rsp && (kind_q != RcWrite) && !(is_amo && ok)) || (state_q == Local) || (split && rd_room_i) || amo_end;
  assign rd_is_mem_o  = (rsp && ok && (kind_q == RcRead)) || split;
  assign rd_is_xlat_o = (rsp && ok && is_xlat) || (amo_end && !amo_err_i);
  assign rd_final_o   = piece == left;
  assign rd_entry_valid_o = ((state_q == Answer) && tbu_rsp_valid_i && is_xlat) || amo_end;
  assign rd_entry_index_o = index_q;
  assign rd_entry_o   = amo_end ? bswap64(amo_old_i) : tbu_rsp_i.entry;   // entries travel most significant byte first
  assign rd_status_o  = rd_is_xlat_o ? CplSc
                                     : ((rsp && tbu_rsp_i.status == XlatCa) || kind_q == RcCa || amo_end) ? CplCa : CplUr;
  assign rd_hdr_o     = '{
    rid:   req_q.dw1[31:16],
    tag:   req_q.dw1[15:8],
    tc:    req_q.dw0[22:20],
    attr:  {req_q.dw0[18], req_q.dw0[13:12]},
    bytes: bytes,
    lower: split ? {pa_q[6:2], 2'b00} : (kind_q == RcRead) ? {addr[6:2], lead} : '0,
    locked: req_q.dw0[28:24] == MRdLk3[4:0]
  };
  assign user  = {req_q.dw0[11:10] == AtTranslated, 1'b0, req_q.dw1[31:16]};
  assign job_o = '{
    pa:   pa,
    len:  is_xlat ? {3'd0, index_q, 1'b0} + 7'd2 : is_amo ? (wide ? 7'd2 : 7'd1) : piece[6:0],
    fbe:  fbe,
    lbe:  lbe,
    user: user
  };
  assign rid_o        = req_q.dw1[31:16];
  assign at_o         = req_q.dw0[11:10];
  assign colour_o     = split ? colour_q : tbu_rsp_i.colour;
  assign done_abort_o = rsp && !is_xlat && (!ok || first);   // the read half of an AtomicOp ends with its answer
  assign done_xlat_o  = rsp && is_xlat;

  assign quiet_o = !req_valid_i && (state_d == state_q) && !rd_entry_valid_o && !(split && rd_room_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      kind_q  <= RcWrite;
      index_q <= '0;
      second_q <= 1'b0;
      req_q   <= '0;
    end else begin
      state_q <= state_d;
      if (rd_entry_valid_o) index_q <= index_q + 1'b1;
      if (first) second_q <= 1'b1;
      if (req_valid_i) begin
        index_q <= '0;
        second_q <= 1'b0;
        kind_q <= req_kind_i;
        req_q  <= req_i;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (req_valid_i && (req_kind_i == RcAtomic)) operand_q <= req_operand_i;
    if (rsp) colour_q <= tbu_rsp_i.colour;
    if (more || (split && rd_push_o)) begin
      pa_q    <= pa + {35'd0, piece, 2'b00};
      left_q  <= left - piece;
      bytes_q <= bytes - {piece[9:0], 2'b00} + (split ? 12'd0 : {10'd0, lead});
    end
    if (rsp && is_amo) pa_q <= {tbu_rsp_i.pa[PaW-1:2], 2'b00};
  end

endmodule
