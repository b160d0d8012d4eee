// SPDX-License-Identifier: Apache-2.0
//
// Ingress: looks at the kind of a received packet and hands it to the block concerned, in the cycle of arrival.
//
// Configuration and BAR accesses are done here and answered by one completion item; Invalidate Requests go to the
// queue, PRG Responses to ep_pri; completions go to the slot that their tag names, if it is outstanding in this life of the function.
// Everything else is logged: non-posted requests that are not supported or carry poison get status UR, posted ones and
// messages nothing but the log (pcie-ats.md section 1.5), unexpected completions are dropped (section 7.1), and so is
// whatever is malformed (ep_rx_check). A poisoned completion ends its request without success.
// AT: 00 and 10 are physical addresses here; a request with 01 (Translation Request) or 11 is unsupported.
// BAR accesses are one dword; longer ones are unsupported. Vendor-defined type 1 and slot power messages are ignored.
// `flr_broken_i`, `cfg_dead_i`, `no_credit_i` are faults (ep_fault).
// While `flr_active_i`: configuration requests are answered with RRS, the rest is taken and dropped.
// Guarantees: posted packets and completions are taken at once, except an Invalidate Request when all 32 places are taken;
// non-posted ones when the egress has room. Combinational; evaluates nothing while there is no packet.
module ep_rx
  import tlp_pkg::*;
  import ep_pkg::*;
(
  input  logic               rx_valid_i,
  output logic               rx_ready_o,
  input  tlp_t               rx_i,

  input  logic [15:0]        bdf_i,
  input  logic               flr_active_i,
  input  logic               flr_broken_i,   // faults: configuration reads are all ones, writes are lost
  input  logic               cfg_dead_i,     // configuration requests are taken and not answered
  input  logic               no_credit_i,    // nothing is taken
  input  logic               mem_en_i,
  input  logic [2:0]         mps_i,          // Max_Payload_Size
  input  logic [15:0]        bar_i,
  input  logic [63:12]       bar2_i,
  input  logic [2:0]         tag_life_i,
  input  logic [NumRd-1:0]   rd_busy_i,
  input  logic [NumRd-1:0]   rd_gen_i,       // tag bit 3 of those in rd_busy_i
  input  logic [NumXlat-1:0] xlat_open_i,
  input  xlat_gen_t          xlat_gen_i,

  output logic               cfg_valid_o,
  output logic               bar_valid_o,
  output logic               bar2_valid_o,
  output logic               acc_write_o,    // of cfg_valid_o, bar_valid_o, bar2_valid_o
  output logic [15:0]        acc_addr_o,
  output logic [3:0]         acc_be_o,
  output logic [31:0]        acc_data_o,
  input  logic [31:0]        cfg_rdata_i,
  input  logic [31:0]        bar_rdata_i,
  input  logic [31:0]        bar2_rdata_i,
  input  logic               flr_request_i,  // this configuration write asks for an FLR

  output logic               cpl_valid_o,
  input  logic               cpl_ready_i,
  output tx_item_t           cpl_o,

  output logic               inv_valid_o,
  input  logic               inv_ready_i,
  output inv_t               inv_o,

  output logic               prg_valid_o,
  output prg_t               prg_o,

  output logic               rd_cpl_valid_o,
  output logic               xlat_cpl_valid_o,
  output rx_cpl_t            rx_cpl_o,

  output logic               err_valid_o,
  output err_t               err_o
);

  logic [7:0]  kind;
  logic        is_cfg, is_mem_rd, is_mem_wr, is_np_other, is_msg, is_cpl;
  logic        np, in_bar, in_bar2, supported, inv_req, prg_rsp, expected, malformed, poisoned;
  logic [63:0] addr, word;

  // ---------------------------------------------------------------- what it is
  ep_rx_check u_check (
    .valid_i    (rx_valid_i && !no_credit_i),
    .rx_i,
    .mps_i,
    .malformed_o(malformed),
    .poisoned_o (poisoned)
  );

  always_comb begin
    {is_cfg, is_mem_rd, is_mem_wr, is_np_other, is_msg, is_cpl, np, in_bar, in_bar2, inv_req, prg_rsp, supported} = '0;
    kind = '0;
    addr = '0;
    word = '0;
    if (rx_valid_i && !no_credit_i && !malformed) begin
      kind        = tlp_kind(rx_i);
      addr        = tlp_mem_addr(rx_i);
      word        = bswap64(rx_i.data[63:0]);
      is_cfg      = kind inside {CfgRd0, CfgWr0};
      is_mem_rd   = kind inside {MRd3, MRd4};
      is_mem_wr   = kind inside {MWr3, MWr4};
      // I/O, configuration type 1, locked reads, atomics: non-posted and not supported
      is_np_other = kind inside {IORd, IOWr, CfgRd1, CfgWr1, MRdLk3, MRdLk4,
                                 8'h4C, 8'h6C, 8'h4D, 8'h6D, 8'h4E, 8'h6E};
      is_msg      = (kind[7] == 1'b0) && kind[5] && (kind[4:3] == 2'b10);
      is_cpl      = kind inside {Cpl, CplD, CplLk, CplDLk};   // locked ones are never expected
      np          = is_cfg || is_mem_rd || is_np_other;
      in_bar2     = mem_en_i && (addr[63:12] == bar2_i) && (bar2_i != '0);
      in_bar      = ((mem_en_i && (addr[63:16] == {32'd0, bar_i})) || in_bar2) && (tlp_len_dw(rx_i) == 10'd1)
                 && !rx_i.dw0[10] && !poisoned;
      inv_req     = (kind == MsgDId) && (rx_i.dw1[7:0] == MsgInvReq) && (rx_i.dw2[31:16] == bdf_i) && !poisoned;
      prg_rsp     = (kind == MsgId) && (rx_i.dw1[7:0] == MsgPrgRsp) && (rx_i.dw2[31:16] == bdf_i);
      supported   = is_cfg ? ((rx_i.dw2[31:16] == bdf_i) && !poisoned) : (is_mem_rd && in_bar);
    end
  end

  // ---------------------------------------------------------------- accesses
  always_comb begin
    acc_write_o = 1'b0;
    acc_addr_o  = '0;
    acc_be_o    = '0;
    acc_data_o  = '0;
    if (cfg_valid_o || bar_valid_o || bar2_valid_o || cpl_valid_o) begin
      acc_write_o = tlp_has_data(rx_i);
      acc_addr_o  = is_cfg ? {4'd0, rx_i.dw2[11:2], 2'b00} : addr[15:0];
      acc_be_o    = rx_i.dw1[3:0];
      acc_data_o  = rx_i.data[31:0];
    end
  end

  assign cfg_valid_o = cpl_valid_o && !flr_active_i && !flr_broken_i && is_cfg && supported && cpl_ready_i;
  logic bar_any;
  assign bar_any      = !flr_active_i && in_bar && ((is_mem_rd && cpl_ready_i) || is_mem_wr);
  assign bar_valid_o  = bar_any && !in_bar2;
  assign bar2_valid_o = bar_any && in_bar2;
  assign cpl_valid_o = np && (is_cfg ? !cfg_dead_i : !flr_active_i);

  // Lower Address and Byte Count of a one-dword read follow its byte enables.
  logic [1:0] first_byte, last_byte;

  always_comb begin
    first_byte = '0;
    last_byte  = '0;
    cpl_o      = '0;
    if (cpl_valid_o) begin
      first_byte   = acc_be_o[0] ? 2'd0 : acc_be_o[1] ? 2'd1 : acc_be_o[2] ? 2'd2 : acc_be_o[3] ? 2'd3 : 2'd0;
      last_byte    = acc_be_o[3] ? 2'd3 : acc_be_o[2] ? 2'd2 : acc_be_o[1] ? 2'd1 : 2'd0;
      cpl_o.kind   = TxCpl;
      cpl_o.number = {16'd0, rx_i.dw1[31:16]};
      cpl_o.tag    = rx_i.dw1[15:8];
      cpl_o.tc     = rx_i.dw0[22:20];
      cpl_o.attr   = {rx_i.dw0[18], rx_i.dw0[13:12]};
      cpl_o.bytes  = 3'd4;
      if (flr_active_i) begin
        cpl_o.status = CplRrs;
      end else if (!supported) begin
        cpl_o.status = CplUr;
      end else begin
        cpl_o.status     = CplSc;
        cpl_o.has_data   = !tlp_has_data(rx_i);
        cpl_o.addr[31:0] = !is_cfg ? (in_bar2 ? bar2_rdata_i : bar_rdata_i) : flr_broken_i ? '1 : cfg_rdata_i;
        cpl_o.starts_flr = is_cfg && flr_request_i;
        if (is_mem_rd) begin
          cpl_o.lower = {addr[6:2], first_byte};
          cpl_o.bytes = 3'(last_byte) - 3'(first_byte) + 3'd1;
        end
      end
    end
  end

  // ---------------------------------------------------------------- invalidations
  assign inv_valid_o = !flr_active_i && inv_req;

  always_comb begin
    inv_o = '0;
    if (inv_valid_o) begin
      inv_o.itag              = rx_i.dw1[12:8];
      inv_o.ta                = rx_i.dw1[31:16];
      inv_o.tc                = rx_i.dw0[22:20];
      inv_o.range.any_pasid   = !rx_i.pfx_valid || word[0];
      inv_o.range.pasid_valid = rx_i.pfx_valid;
      inv_o.range.pasid       = rx_i.pfx_valid ? rx_i.pfx[19:0] : '0;
      inv_o.range.page        = word[63:12];
      inv_o.range.mask        = size_mask(word[11], word[63:12]);
    end
  end

  assign prg_valid_o = !flr_active_i && prg_rsp;
  assign prg_o       = prg_valid_o ? '{pasid_valid: rx_i.pfx_valid, pasid: rx_i.pfx_valid ? rx_i.pfx[19:0] : '0,
                                   index: rx_i.dw2[8:0], code: rx_i.dw2[15:12]} : '0;

  // ---------------------------------------------------------------- completions
  always_comb begin
    rx_cpl_o = '0;
    expected = 1'b0;
    if (is_cpl) begin
      rx_cpl_o.tag       = rx_i.dw2[15:8];
      rx_cpl_o.status    = rx_i.dw1[15:13];
      rx_cpl_o.last      = {2'b00, rx_i.dw1[11:0]} <= {2'b00, tlp_len_dw(rx_i), 2'b00};
      rx_cpl_o.poisoned  = poisoned;
      rx_cpl_o.entries   = tlp_has_data(rx_i) ? ((tlp_len_dw(rx_i) > 10'd16) ? 4'd8 : rx_i.dw0[4:1]) : '0;
      rx_cpl_o.entry     = word;
      expected = !kind[0] && (rx_i.dw2[31:16] == bdf_i) && (rx_cpl_o.tag[7:5] == tag_life_i);
      if (rx_cpl_o.tag[4]) begin
        expected = expected && (rx_cpl_o.tag[3:2] == xlat_gen_i[slot_t'(rx_cpl_o.tag)]) && xlat_open_i[slot_t'(rx_cpl_o.tag)];
      end else begin
        expected = expected && (rx_cpl_o.tag[3] == rd_gen_i[rd_idx_t'(rx_cpl_o.tag)]) && rd_busy_i[rd_idx_t'(rx_cpl_o.tag)];
      end
    end
  end

  assign rd_cpl_valid_o   = !flr_active_i && expected && !rx_cpl_o.tag[4];
  assign xlat_cpl_valid_o = !flr_active_i && expected && rx_cpl_o.tag[4];

  // ---------------------------------------------------------------- errors
  logic ignored;
  assign ignored = is_msg && (rx_i.dw1[7:0] inside {8'h50, 8'h7F});

  always_comb begin
    err_valid_o  = 1'b0;
    err_o.kind   = ErrUr;
    err_o.posted = 1'b1;
    err_o.hdr    = '0;
    if (rx_valid_i && rx_ready_o && !flr_active_i) begin
      err_o.hdr = {rx_i.dw0, rx_i.dw1, rx_i.dw2, rx_i.dw3};
      if (malformed) begin
        err_valid_o = 1'b1;
        err_o.kind  = ErrMalformed;
      end else if (poisoned) begin
        err_valid_o  = (is_cpl && expected) || is_msg || is_mem_wr || (np && cpl_valid_o);
        err_o.kind   = ErrPoisoned;
        err_o.posted = is_msg || is_mem_wr;
      end else if (np) begin
        err_valid_o  = cpl_valid_o && !supported;
        err_o.posted = 1'b0;
      end else if (is_mem_wr) begin
        err_valid_o = !in_bar;
      end else if (is_msg) begin
        err_valid_o = !inv_req && !prg_rsp && !ignored;
      end
      if (is_cpl && !expected) begin
        err_valid_o  = 1'b1;
        err_o.kind   = ErrUnexpectedCpl;
        err_o.posted = 1'b0;              // advisory, as if reported elsewhere
      end
    end
  end

  assign rx_ready_o = no_credit_i ? 1'b0 : np ? (cpl_ready_i || !cpl_valid_o)
                    : (inv_req && !flr_active_i) ? inv_ready_i : 1'b1;

endmodule
