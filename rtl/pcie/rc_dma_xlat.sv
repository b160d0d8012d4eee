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
  output logic        p_ready_o,
  output logic        np_ready_o,
  // SMMU
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
  output logic [2:0]  rd_status_o,       // completion status when not a memory read
  output logic        rd_is_xlat_o,      // answer is the entries
  output logic        rd_entry_valid_o,
  output logic [2:0]  rd_entry_index_o,
  output logic [63:0] rd_entry_o,
  output rc_cpl_hdr_t rd_hdr_o,
  // both
  output rc_job_t     job_o,
  output logic        colour_o,
  // finished here (D7)
  output logic        done_abort_o,
  output logic        done_xlat_o,
  output logic        quiet_o
);

  typedef enum logic [1:0] {Idle, Ask, Answer, Local} state_e;

  state_e   state_q, state_d;
  rc_req_e  kind_q;
  logic [2:0] index_q;                   // entries of the answer taken so far
  tlp_hdr_t req_q;

  // ---------------------------------------------------------------- fields of the request in hand
  logic [63:0] addr;
  logic [9:0]  len;
  logic [3:0]  fbe, lbe;
  logic        is_4dw, is_xlat, unused_bits;

  assign is_4dw  = req_q.dw0[29];
  assign is_xlat = kind_q == RcXlat;
  assign addr    = is_4dw ? {req_q.dw2, req_q.dw3[31:2], 2'b00} : {32'd0, req_q.dw2[31:2], 2'b00};
  assign len     = req_q.dw0[9:0];
  assign fbe     = req_q.dw1[3:0];
  assign lbe     = req_q.dw1[7:4];
  assign unused_bits = ^{req_q.pfx[31:22], req_q.dw0[31:30], req_q.dw0[28:23], req_q.dw0[19],
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
      tbu_req_o.write = kind_q == RcWrite;
      tbu_req_o.nw    = is_xlat && (is_4dw ? req_q.dw3[0] : req_q.dw2[0]);
      tbu_req_o.num   = is_xlat ? len[3:1] - 3'd1 : '0;
      tbu_req_o.addr  = is_xlat ? {addr[63:12], 12'd0} : addr;
    end
  end

  // ---------------------------------------------------------------- bytes that a memory read will return
  logic [1:0]  lead, trail;
  logic [11:0] bytes;

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
      if (kind_q == RcUr && req_q.dw0[28:24] == CfgRd0[4:0]) bytes = 12'd4;
      if (is_xlat) bytes = {5'd0, {1'b0, index_q} + 4'd1, 3'd0};
    end
  end

  // ---------------------------------------------------------------- control
  logic ok, rsp;

  assign p_ready_o  = (state_q == Idle) && wr_room_i;
  assign np_ready_o = (state_q == Idle) && rd_room_i;
  assign wr_take_o  = req_valid_i && (req_kind_i == RcWrite);

  assign rsp = (state_q == Answer) && tbu_rsp_valid_i && !tbu_rsp_i.more;
  assign ok  = tbu_rsp_i.status == XlatOk;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (req_valid_i) state_d = (req_kind_i == RcUr) ? Local : Ask;
      Ask:     if (tbu_req_ready_i) state_d = Answer;
      Answer:  if (rsp) state_d = Idle;
      Local:   state_d = Idle;
      default: state_d = Idle;
    endcase
  end

  assign tbu_req_valid_o = state_q == Ask;

  assign wr_commit_o  = rsp && ok && (kind_q == RcWrite);
  assign wr_abort_o   = rsp && !ok && (kind_q == RcWrite);
  assign rd_push_o    = (rsp && kind_q != RcWrite) || (state_q == Local);
  assign rd_is_mem_o  = rsp && ok && (kind_q == RcRead);
  assign rd_is_xlat_o = rsp && ok && is_xlat;
  assign rd_entry_valid_o = (state_q == Answer) && tbu_rsp_valid_i && is_xlat;
  assign rd_entry_index_o = index_q;
  assign rd_entry_o   = tbu_rsp_i.entry;
  assign rd_status_o  = rd_is_xlat_o ? CplSc
                                     : (rsp && tbu_rsp_i.status == XlatCa) ? CplCa : CplUr;
  assign rd_hdr_o     = '{
    rid:   req_q.dw1[31:16],
    tag:   req_q.dw1[15:8],
    tc:    req_q.dw0[22:20],
    attr:  {req_q.dw0[18], req_q.dw0[13:12]},
    bytes: bytes,
    lower: (kind_q == RcRead) ? {addr[6:2], lead} : '0
  };
  assign job_o = '{
    pa:   {tbu_rsp_i.pa[PaW-1:2], 2'b00},
    len:  is_xlat ? {1'b0, index_q, 1'b0} + 5'd2 : len[4:0],
    fbe:  fbe,
    lbe:  lbe,
    user: {req_q.dw0[11:10] == AtTranslated, 1'b0, req_q.dw1[31:16]}
  };
  assign colour_o     = tbu_rsp_i.colour;
  assign done_abort_o = rsp && !ok && !is_xlat;
  assign done_xlat_o  = rsp && is_xlat;

  assign quiet_o = !req_valid_i && (state_d == state_q) && !rd_entry_valid_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      kind_q  <= RcWrite;
      index_q <= '0;
      req_q   <= '0;
    end else begin
      state_q <= state_d;
      if (rd_entry_valid_o) index_q <= index_q + 1'b1;
      if (req_valid_i) begin
        index_q <= '0;
        kind_q <= req_kind_i;
        req_q  <= req_i;
      end
    end
  end

endmodule
