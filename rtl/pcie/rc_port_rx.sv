// SPDX-License-Identifier: Apache-2.0
//
// Upstream side of a root port: looks at the packet that the link offers and says what it is. Combinational;
// the packet itself is not copied, its fields go straight to the block that takes it.
//
// Memory and translation requests go to the DMA path, completions to the configuration path, Invalidate
// Completions to rc_inv, Page Requests to rc_pri; error messages are told on `msg_o`. Everything else is dropped with a
// cause; a non-posted request of an unsupported kind (also I/O and locked reads), with the reserved AT, or without bus master enable, is answered
// with UR (one that Translation Blocking forbids: with CA) through the DMA path so that completions stay in order.
// Malformed packets (pcie-ats.md sections 1.3, 2) are dropped without an answer, and so are poisoned writes; a poisoned
// completion goes on, its receiver looks at the bit. Payloads are up to the port's Max_Payload_Size (`mps_i`) and the build's MaxPayload,
// reads ask for up to 4 KiB. The completion of a locked read is never expected.
// AtomicOps (section 1.2) work on 4 or 8 naturally aligned bytes; the 16-byte CAS is not supported.
// Access control (D15, pcie_acs): with `sv_i` a request or message whose requester ID is not on a bus below the port is dropped; with
// `tb_i` a memory request with AT other than 0 is refused. Isolation (D16): `iso_i` = requests of this packet's requester
// end here, a write dropped, the rest answered with UR.
// `err_*`: the error that the packet is (pcie-ats.md section 8), in the cycle in which it is taken.
// `rx_class_ready_o` tells the link which classes to offer. Completions are taken at once, and so is a message
// at the head of the posted packets, whatever the DMA path waits for: an Invalidate Completion waits only for the
// writes before it, a Page Request for room in the SMMU's queue writer. A write waits until the request in hand has its
// translation. A Page Request with R = W = L = 0 asks for nothing and is malformed. Does not look at TD or TC.
module rc_port_rx
  import smmu_pkg::*;
  import tlp_pkg::*;
  import pcie_port_pkg::*;
#(
  parameter int unsigned Index     = 0,   // for the monitor, as are clock and reset
  parameter int unsigned SharedBus = 0    // and this: not 0, several devices are below, the first on this bus
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       rx_valid_i,
  output logic       rx_ready_o,
  output logic [2:0] rx_class_ready_o,
  input  tlp_hdr_t   rx_i,
  input  logic       sv_i,
  input  logic       tb_i,
  input  logic       bme_i,
  input  logic [2:0] mps_i,
  input  logic [7:0] sec_bus_i,
  input  logic [7:0] sub_bus_i,
  input  logic       iso_i,
  output logic       req_valid_o,      // taken in this cycle
  output rc_req_e    req_kind_o,
  input  logic       req_p_ready_i,
  input  logic       req_np_ready_i,
  output logic       cpl_valid_o,      // always taken
  output logic       inv_valid_o,      // taken in this cycle
  input  logic       inv_ready_i,
  output inv_cpl_t   inv_o,
  output logic       pri_valid_o,      // held until ready
  input  logic       pri_ready_i,
  output pri_req_t   pri_o,
  output logic       drop_o,
  output rc_drop_e   drop_cause_o,
  output logic       err_valid_o,
  output logic [4:0] err_number_o,
  output logic       err_advisory_o,
  output port_sev_t  msg_o             // error message taken in this cycle {fatal, non-fatal, correctable}
);

  typedef enum logic [2:0] {ToReq, ToCpl, ToInv, ToPri, ToErr, ToDrop} dest_e;

  logic [7:0]  kind, code;
  logic [9:0]  len;
  logic [1:0]  at;
  logic [3:0]  fbe, lbe;
  logic [11:2] dw_addr;
  logic        is_mem, is_rd, is_wr, is_amo, is_cas, is_lk, is_io, amo_wide, bad_size, bad_io, bad_be, bad_pfx, bad_source, blocked, is_cpl;
  logic        bad_cpl, poisoned, refused;
  port_sev_t   err_now;
  tlp_class_e  cls;
  dest_e       dest;
  logic        take;

  assign kind    = rx_i.dw0[31:24];
  assign len     = rx_i.dw0[9:0];
  assign at      = rx_i.dw0[11:10];
  assign code    = rx_i.dw1[7:0];
  assign fbe     = rx_i.dw1[3:0];
  assign lbe     = rx_i.dw1[7:4];
  assign dw_addr = rx_i.dw0[29] ? rx_i.dw3[11:2] : rx_i.dw2[11:2];
  assign cls     = kind_class(kind);

  logic unused_clk;
  assign unused_clk = ^{clk_i, rst_ni};

  // ---------------------------------------------------------------- checks
  assign is_cpl    = cls == ClassCpl;
  assign is_rd     = kind inside {MRd3, MRd4};
  assign is_wr     = kind inside {MWr3, MWr4};
  assign is_amo    = kind inside {FetchAdd3, FetchAdd4, Swap3, Swap4, Cas3, Cas4};
  assign is_cas    = kind[1];
  assign is_lk     = kind inside {MRdLk3, MRdLk4};
  assign is_io     = kind inside {IORd, IOWr};
  assign is_mem    = is_rd || is_wr || is_amo || is_lk;
  assign amo_wide  = is_cas ? len[2] : len[1];
  always_comb begin
    bad_size = {1'b0, dw_addr} + {len == '0, len} > 11'd1024;
    if (is_wr) bad_size = bad_size || (len == '0) || (len > 10'(mps_dw(mps_i)));
    if (is_rd && (at_e'(at) == AtTranslationReq)) bad_size = bad_size || (len == '0) || (len > 10'(MaxXlatDw));
    if (is_amo) begin
      bad_size = bad_size || (amo_wide && dw_addr[2])
              || !(is_cas ? len inside {10'd2, 10'd4, 10'd8} : len inside {10'd1, 10'd2});
    end
  end
  // The byte enables of an AtomicOp are reserved.
  assign bad_be    = is_amo ? 1'b0 : (len == 10'd1) ? (lbe != '0) : (fbe == '0 || lbe == '0);
  assign bad_io    = is_io && (len != 10'd1 || lbe != '0 || rx_i.pfx_valid);   // one dword, no PASID
  assign bad_pfx   = rx_i.pfx_valid && (rx_i.pfx[31:24] != PasidPrefix);
  assign bad_cpl   = is_cpl && ((kind[6] && len != 10'd1) || rx_i.pfx_valid);   // all requests of ours ask for one dword; no PASID on it
  assign poisoned  = rx_i.dw0[14] && kind[6];
  assign refused   = !bme_i || blocked || iso_i;

  pcie_acs u_acs (
    .valid_i               (rx_valid_i),
    .source_validation_i   (sv_i),
    .translation_blocking_i(tb_i),
    .sec_bus_i,
    .sub_bus_i,
    .kind_i                (kind),
    .at_i                  (at),
    .rid_i                 (rx_i.dw1[31:16]),
    .source_o              (bad_source),
    .translated_o          (blocked)
  );

  always_comb begin
    dest         = ToDrop;
    req_kind_o   = RcUr;
    drop_cause_o = RcDropUnsupported;
    err_now      = '0;
    if (!rx_valid_i) begin
      dest = ToDrop;
    end else if (is_cpl) begin
      if (bad_cpl) drop_cause_o = RcDropMalformed;
      else if (kind[0]) drop_cause_o = RcDropUnexpected;   // nobody here locks
      else dest = ToCpl;
    end else if (bad_source) begin
      drop_cause_o = RcDropSource;
    end else if (bad_pfx || bad_io || (is_mem && (bad_size || bad_be)) || cls == ClassBad) begin
      drop_cause_o = RcDropMalformed;
    end else if (poisoned) begin
      drop_cause_o = RcDropPoisoned;
      if (cls == ClassNp) dest = ToReq;
    end else if (is_mem && refused) begin
      if (cls == ClassNp) dest = ToReq;
      if (blocked) begin
        drop_cause_o = RcDropBlocked;
        req_kind_o   = RcCa;
      end else if (iso_i) begin
        drop_cause_o = RcDropIsolated;
      end
    end else begin
      unique case (kind)
        MWr3, MWr4: begin
          unique case (at_e'(at))
            AtUntranslated, AtTranslated: begin
              dest       = ToReq;
              req_kind_o = RcWrite;
            end
            AtTranslationReq: drop_cause_o = RcDropMalformed;
            default:          drop_cause_o = RcDropUnsupported;
          endcase
        end
        MRd3, MRd4: begin
          unique case (at_e'(at))
            AtTranslationReq: begin
              if (len[0] || fbe != 4'hF || lbe != 4'hF) begin
                drop_cause_o = RcDropMalformed;
              end else begin
                dest       = ToReq;
                req_kind_o = RcXlat;
              end
            end
            AtReserved: dest = ToReq;
            default: begin
              dest       = ToReq;
              req_kind_o = RcRead;
            end
          endcase
        end
        FetchAdd3, FetchAdd4, Swap3, Swap4, Cas3, Cas4: begin
          dest = ToReq;
          if ((at_e'(at) inside {AtUntranslated, AtTranslated}) && !len[3]) req_kind_o = RcAtomic;
        end
        CfgRd0, CfgWr0, CfgRd1, CfgWr1, MRdLk3, MRdLk4, IORd, IOWr: dest = ToReq;
        MsgId: if (code == MsgInvCpl && rx_i.dw2[31:16] == '0) dest = ToInv;
        MsgRoot: begin
          unique case (code)
            MsgErrCor: begin
              dest    = ToErr;
              err_now = 3'b001;
            end
            MsgErrNonfatal: begin
              dest    = ToErr;
              err_now = 3'b010;
            end
            MsgErrFatal: begin
              dest    = ToErr;
              err_now = 3'b100;
            end
            MsgPageReq: begin
              if (rx_i.dw3[2:0] == '0) drop_cause_o = RcDropMalformed;
              else dest = ToPri;
            end
            default: dest = ToDrop;
          endcase
        end
        default: dest = ToDrop;
      endcase
    end
  end

  // ---------------------------------------------------------------- transfer
  // Posted packets are always asked for: nothing may pass the oldest one anyway, and a message among them is
  // taken while the DMA path is still busy with a slow translation.
  assign rx_class_ready_o = {1'b1, req_np_ready_i, 1'b1};
  always_comb begin
    unique case (dest)
      ToReq:   rx_ready_o = (cls == ClassNp) ? req_np_ready_i : req_p_ready_i;
      ToInv:   rx_ready_o = inv_ready_i;
      ToPri:   rx_ready_o = pri_ready_i;
      default: rx_ready_o = 1'b1;
    endcase
    if (cls == ClassNp && !req_np_ready_i) rx_ready_o = 1'b0;   // also one that will be dropped
  end
  assign take             = rx_valid_i && rx_ready_o;
  assign req_valid_o      = take && (dest == ToReq);
  assign cpl_valid_o      = take && (dest == ToCpl);
  assign inv_valid_o      = take && (dest == ToInv);
  assign pri_valid_o      = rx_valid_i && (dest == ToPri);
  assign drop_o           = take && (dest == ToDrop);
  assign inv_o            = '{rid: rx_i.dw1[31:16], itags: rx_i.dw3, cc: rx_i.dw2[2:0]};

  always_comb begin
    pri_o = '0;
    if (pri_valid_o) begin
      pri_o.rid  = rx_i.dw1[31:16];
      pri_o.ssv  = rx_i.pfx_valid;
      pri_o.page = {rx_i.dw2, rx_i.dw3[31:12]};
      pri_o.prgi = rx_i.dw3[11:3];
      pri_o.last = rx_i.dw3[2];
      pri_o.w    = rx_i.dw3[1];
      pri_o.r    = rx_i.dw3[0];
      if (rx_i.pfx_valid) {pri_o.priv, pri_o.exec, pri_o.ssid} = rx_i.pfx[21:0];
    end
  end

  // ---------------------------------------------------------------- errors
  always_comb begin
    err_valid_o    = 1'b0;
    err_number_o   = ErrUr;
    err_advisory_o = 1'b0;
    msg_o          = '0;
    if (take) begin
      if (dest == ToErr) msg_o = err_now;
      if (dest == ToCpl && poisoned) begin
        err_valid_o  = 1'b1;
        err_number_o = ErrPoisoned;
      end
      // Answered: the completion tells the requester.
      if (dest == ToReq && req_kind_o inside {RcUr, RcCa} && !(iso_i && is_mem)) begin
        err_valid_o    = 1'b1;
        err_number_o   = (req_kind_o == RcCa) ? ErrAcs : poisoned ? ErrPoisoned : ErrUr;
        err_advisory_o = 1'b1;
      end
      if (dest == ToDrop) begin
        err_valid_o = 1'b1;
        unique case (drop_cause_o)
          RcDropMalformed:             err_number_o = ErrMalformed;
          RcDropSource, RcDropBlocked: err_number_o = ErrAcs;
          RcDropPoisoned:              err_number_o = ErrPoisoned;
          RcDropIsolated:              err_valid_o  = 1'b0;
          RcDropUnexpected:            err_number_o = ErrUnexpectedCpl;
          default:                     err_number_o = ErrUr;
        endcase
      end
    end
  end

endmodule
