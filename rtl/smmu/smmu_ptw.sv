// SPDX-License-Identifier: Apache-2.0
//
// Stage 1 table walk, VMSAv8-64, 4 KiB granule, one walk at a time (smmuv3 section 6).
//
// `start_i` (pulse, while idle) walks `va_i`; `done_o` is a pulse with the results, which hold until the next start.
// `fault_o` is 0 or, in the order of checks, F_TRANSLATION (region, EPD), F_WALK_EABT (with `faddr_o`), F_TRANSLATION
// (descriptor), F_ADDR_SIZE, F_ACCESS. Permissions are not checked here: the leaf carries them with the table
// attributes (APTable, XNTable) folded in, because they depend on the access and on CD bits that TLB hits need too.
// Does NOT: update AF or dirty state (IDR0.HTTU = 0), use the contiguous bit, cache intermediate levels.
// Latency: start to done 1 cycle for a region fault; else 1 + levels x (1 + memory latency), the memory latency being
// counted from the request's handshake to the response beat.
module smmu_ptw
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,

  input  logic           start_i,
  input  logic [63:0]    va_i,            // held until done, as xcfg and wcfg
  input  xcfg_t          xcfg_i,
  input  wcfg_t          wcfg_i,
  output logic           done_o,
  output xfault_t        fault_o,
  output logic [PaW-1:0] faddr_o,         // of the last descriptor read
  output leaf_t          leaf_o,

  output logic           mrd_req_valid_o,
  input  logic           mrd_req_ready_i,
  output mrd_req_t       mrd_req_o,
  input  logic           mrd_rsp_valid_i,
  input  mrd_rsp_t       mrd_rsp_i,
  output logic           quiet_o
);

  typedef enum logic [1:0] {Idle, Req, Rsp, Done} state_e;

  state_e         state_d, state_q;
  xfault_t        fault_d, fault_q;
  logic [PaW-1:0] addr_d, addr_q;
  logic [1:0]     level_d, level_q;
  leaf_t          leaf_d, leaf_q;         // ro, unpriv, pxn, uxn collect the table attributes on the way
  logic           unused_xcfg;

  assign unused_xcfg = ^{xcfg_i.has_cd, xcfg_i.cfg, xcfg_i.s1byp, xcfg_i.eats_full, xcfg_i.el2, xcfg_i.asid,
                         xcfg_i.wxn, xcfg_i.uwxn, xcfg_i.pan, xcfg_i.rec};

  // VA bits that index the table of a level, times 8.
  function automatic logic [11:0] index8(logic [47:0] va, logic [1:0] level);
    unique case (level)
      2'd0:    return {va[47:39], 3'd0};
      2'd1:    return {va[38:30], 3'd0};
      2'd2:    return {va[29:21], 3'd0};
      default: return {va[20:12], 3'd0};
    endcase
  endfunction

  always_comb begin
    logic [5:0]     tsz;
    logic [3:0]     top_bits;             // index bits of the start table
    logic [PaW-1:0] ttb;
    logic [11:0]    top_mask;             // offsets within the start table
    logic [11:0]    top_off;
    logic [63:0]    desc;
    logic           is_leaf;

    state_d = state_q;
    fault_d = fault_q;
    addr_d  = addr_q;
    level_d = level_q;
    leaf_d  = leaf_q;
    quiet_o = 1'b1;

    tsz      = va_i[55] ? xcfg_i.t1sz : xcfg_i.t0sz;
    ttb      = {va_i[55] ? wcfg_i.ttb1 : wcfg_i.ttb0, 4'd0};
    top_bits = '0;
    top_mask = '0;
    top_off  = '0;
    desc     = addr_q[3] ? mrd_rsp_i.data[127:64] : mrd_rsp_i.data[63:0];
    is_leaf  = (level_q == 2'd3) || !desc[1];

    unique case (state_q)
      Idle: if (start_i) begin
        quiet_o = 1'b0;
        if (tsz <= 6'd24) begin
          level_d  = 2'd0;
          top_bits = 4'(6'd25 - tsz);
        end else if (tsz <= 6'd33) begin
          level_d  = 2'd1;
          top_bits = 4'(6'd34 - tsz);
        end else begin
          level_d  = 2'd2;
          top_bits = 4'(6'd43 - tsz);
        end
        // A start table is aligned to its size, at least 64 bytes; the VA bits above the region are not index.
        top_mask = ~(12'hFFF << (top_bits + 4'd3));
        top_off  = index8(va_i[47:0], level_d) & top_mask;
        addr_d   = ttb;
        addr_d[11:0] = (ttb[11:0] & ~(top_mask | 12'h03F)) | top_off;
        leaf_d   = '{ppn: '0, level: '0, ng: 1'b0, af: 1'b0, ro: 1'b0, unpriv: 1'b1, pxn: 1'b0, uxn: 1'b0};
        fault_d  = '0;
        state_d  = Req;
        if (!xlat_in_region(xcfg_i, va_i)) begin
          fault_d = EVT_F_TRANSLATION;
          state_d = Done;
        end
      end

      Req: if (mrd_req_ready_i) begin
        quiet_o = 1'b0;
        state_d = Rsp;
      end

      Rsp: if (mrd_rsp_valid_i) begin
        quiet_o = 1'b0;
        state_d = Done;
        if (mrd_rsp_i.err) fault_d = EVT_F_WALK_EABT;
        else if (!desc[0] || (!desc[1] && (level_q == 2'd0 || level_q == 2'd3))) fault_d = EVT_F_TRANSLATION;
        else if ((desc[51:12] >> (oas_bits(wcfg_i.ips) - 6'd12)) != '0) fault_d = EVT_F_ADDR_SIZE;
        else if (is_leaf && !desc[10] && !xcfg_i.affd) fault_d = EVT_F_ACCESS;
        else if (is_leaf) begin
          leaf_d.ppn = desc[PaW-1:12];
          if (level_q == 2'd2) leaf_d.ppn[20:12] = '0;
          if (level_q == 2'd1) leaf_d.ppn[29:12] = '0;
          leaf_d.level  = level_q;
          leaf_d.ng     = desc[11];
          leaf_d.af     = desc[10];
          leaf_d.ro     = leaf_q.ro || desc[7];
          leaf_d.unpriv = leaf_q.unpriv && desc[6];
          leaf_d.pxn    = leaf_q.pxn || desc[53];
          leaf_d.uxn    = leaf_q.uxn || desc[54];
        end else begin
          leaf_d.ro     = leaf_q.ro || desc[62];
          leaf_d.unpriv = leaf_q.unpriv && !desc[61];
          leaf_d.pxn    = leaf_q.pxn || desc[59];
          leaf_d.uxn    = leaf_q.uxn || desc[60];
          level_d       = level_q + 1'b1;
          addr_d        = {desc[PaW-1:12], index8(va_i[47:0], level_q + 2'd1)};
          state_d       = Req;
        end
      end

      Done: begin
        quiet_o = 1'b0;
        state_d = Idle;
      end

      default: state_d = Idle;
    endcase
  end

  assign done_o          = state_q == Done;
  assign fault_o         = fault_q;
  assign faddr_o         = addr_q;
  assign leaf_o          = leaf_q;
  assign mrd_req_valid_o = state_q == Req;
  assign mrd_req_o       = '{addr: {addr_q[PaW-1:4], 4'd0}, beats: 4'd0};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      fault_q <= '0;
      addr_q  <= '0;
      level_q <= '0;
      leaf_q  <= '0;
    end else begin
      state_q <= state_d;
      fault_q <= fault_d;
      addr_q  <= addr_d;
      level_q <= level_d;
      leaf_q  <= leaf_d;
    end
  end

endmodule
