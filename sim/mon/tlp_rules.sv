// SPDX-License-Identifier: Apache-2.0
//
// The rules of a transaction-layer packet that can be judged from the packet alone (pcie-ats.md sections 1 to 3, 10).
//
// Combinational: `bad_o[n]` = rule n of the list in doc/rtl/tlp_mon.md is broken; all zero while `valid_i` is low.
// Up = 1: towards the root. What a receiver does about a bad packet is its own business; nothing here is design.
// Does not know what went before: tags, requester IDs and matching completions are tlp_mon's.
module tlp_rules
  import tlp_pkg::*;
#(
  parameter bit Up = 0
) (
  input  logic        valid_i,
  input  tlp_hdr_t    hdr_i,
  output logic [12:0] bad_o
);

  logic [7:0]  kind, code;
  logic [9:0]  len;
  logic [3:0]  fbe, lbe;
  logic [1:0]  at;
  logic        is_wr, is_rd, is_atomic, is_mem, is_cfg, is_msg, is_cpl, is_tr, is_lk, is_io, wide;
  logic [11:2] dw_addr;

  // Enabled bytes of a burst are contiguous, except in an aligned pair of dwords (section 1.3).
  function automatic logic burst_be(logic [3:0] first, logic [3:0] last);
    return first inside {4'hF, 4'hE, 4'hC, 4'h8} && last inside {4'hF, 4'h7, 4'h3, 4'h1};
  endfunction

  always_comb begin
    bad_o     = '0;
    {kind, code, len, fbe, lbe, at, dw_addr} = '0;
    {is_wr, is_rd, is_atomic, is_mem, is_cfg, is_msg, is_cpl, is_tr, is_lk, is_io, wide} = '0;
    if (valid_i) begin   // a link is idle in most cycles, and then this costs nothing
      kind      = hdr_i.dw0[31:24];
      code      = hdr_i.dw1[7:0];
      len       = hdr_i.dw0[9:0];
      at        = hdr_i.dw0[11:10];
      fbe       = hdr_i.dw1[3:0];
      lbe       = hdr_i.dw1[7:4];
      wide      = hdr_i.dw0[29];
      is_wr     = kind inside {MWr3, MWr4};
      is_lk     = kind inside {MRdLk3, MRdLk4};
      is_rd     = is_lk || kind inside {MRd3, MRd4};
      is_io     = kind inside {IORd, IOWr};
      is_atomic = kind inside {FetchAdd3, Swap3, Cas3, FetchAdd4, Swap4, Cas4};
      is_mem    = is_wr || is_rd || is_atomic;
      is_cfg    = kind inside {CfgRd0, CfgWr0, CfgRd1, CfgWr1};
      is_msg    = kind[7:3] == 5'b00110 || kind[7:3] == 5'b01110;
      is_cpl    = kind inside {Cpl, CplD, CplLk, CplDLk};
      is_tr     = is_rd && !is_lk && at == 2'b01;
      dw_addr   = wide ? hdr_i.dw3[11:2] : hdr_i.dw2[11:2];

      // 0: a kind that travels in this direction (section 1.2). Nobody asks for I/O or a lock, but who does is answered.
      if (Up) bad_o[0] = !((is_mem && !is_lk) || (is_cpl && !kind[0]) || kind inside {MsgRoot, MsgId});
      else    bad_o[0] = !(is_wr || (is_rd && !is_lk) || is_cfg || is_cpl || kind inside {MsgId, MsgDId});

      // 1: length
      if (is_wr || kind inside {CplD, CplDLk}) bad_o[1] = len == '0 || len > 10'(MaxPayload / 4);
      if (is_cfg || is_io) bad_o[1] = len != 10'd1;
      if (is_atomic) bad_o[1] = !(len inside {10'd1, 10'd2, 10'd4, 10'd8});
      if (kind inside {Cpl, CplLk}) bad_o[1] = len != '0;

      // 2: byte enables (section 1.3); a Translation Request has its own rule
      if ((is_wr || is_rd) && !is_tr) begin
        if (len == 10'd1) bad_o[2] = lbe != '0;
        else bad_o[2] = fbe == '0 || lbe == '0 || !(burst_be(fbe, lbe) || (len == 10'd2 && !dw_addr[2]));
      end
      if (is_cfg || is_io) bad_o[2] = lbe != '0;

      // 3: 4 KiB boundary
      if (is_mem && len != '0) bad_o[3] = {1'b0, dw_addr} + {1'b0, len} > 11'd1024;

      // 4: the short form below 4 GiB, the long one above
      if (is_mem) bad_o[4] = wide && hdr_i.dw2 == '0;

      // 5: address type (section 1.1)
      bad_o[5] = is_mem ? (at == 2'b11 || (at == 2'b01 && !is_tr) || (!Up && at != '0)) : at != '0;

      // 6: Translation Request (section 2)
      if (is_tr) begin
        bad_o[6] = len == '0 || len[0] || len > 10'(MaxXlatDw) || fbe != 4'hF || lbe != 4'hF ||
                   (wide ? hdr_i.dw3[11:1] : hdr_i.dw2[11:1]) != '0;
      end

      // 7: message code, routing and length agree (section 1.5)
      if (is_msg) begin
        unique case ({Up, kind, code})
          {1'b0, MsgDId, MsgInvReq}:                                     bad_o[7] = len != 10'd2;
          {1'b0, MsgId, MsgPrgRsp}, {1'b1, MsgId, MsgInvCpl},
          {1'b1, MsgRoot, MsgPageReq}, {1'b1, MsgRoot, MsgErrCor},
          {1'b1, MsgRoot, MsgErrNonfatal}, {1'b1, MsgRoot, MsgErrFatal}: bad_o[7] = len != '0;
          default:                                                       bad_o[7] = 1'b1;
        endcase
      end

      // 8: Invalidate Completion: some tag, behind the writes (section 3.1)
      if (kind == MsgId && code == MsgInvCpl) begin
        bad_o[8] = hdr_i.dw3 == '0 || hdr_i.dw0[18] || hdr_i.dw0[13] || hdr_i.dw2[15:3] != '0;
      end

      // 9: Invalidate Request and PRG Response (sections 3, 10)
      if (kind == MsgDId && code == MsgInvReq) bad_o[9] = hdr_i.dw1[15:13] != '0 || hdr_i.dw2[15:0] != '0;
      if (kind == MsgId && code == MsgPrgRsp) bad_o[9] = hdr_i.dw2[11:9] != '0;

      // 10: PASID prefix (section 1.4)
      if (hdr_i.pfx_valid) begin
        bad_o[10] = hdr_i.pfx[31:24] != PasidPrefix || hdr_i.pfx[23:22] != '0 || is_cfg || is_io || is_cpl ||
                    (is_msg && !(code inside {MsgInvReq, MsgPageReq, MsgPrgRsp})) ||
                    (is_msg && code != MsgPageReq && hdr_i.pfx[21:20] != '0);
      end

      // 11: completion: a known status, and data only with success (section 1.3)
      if (is_cpl) begin
        bad_o[11] = !(hdr_i.dw1[15:13] inside {CplSc, CplUr, CplRrs, CplCa}) || hdr_i.dw1[12] ||
                    (kind inside {CplD, CplDLk} && hdr_i.dw1[15:13] != CplSc);
      end

      // 12: nothing reserved, no digest, not poisoned (section 1.1)
      bad_o[12] = hdr_i.dw0[23] || hdr_i.dw0[19] || hdr_i.dw0[17:14] != '0;
    end
  end

  logic unused_hdr;
  assign unused_hdr = ^{hdr_i.dw0[22:20], hdr_i.dw0[12], hdr_i.dw1[31:16], hdr_i.dw2[31:16], hdr_i.dw3[31:12],
                        hdr_i.pfx[19:0]};

endmodule
