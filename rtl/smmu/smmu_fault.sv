// SPDX-License-Identifier: Apache-2.0
//
// Builds the 32-byte event record of a fault (smmuv3 section 8).
//
// Combinational. `fault_i` is the event number; only the fields that the event has are non-zero: C_BAD_SUBSTREAMID has
// no SSV bit, F_STREAM_DISABLED only the StreamID. S2, CLASS and IPA of the fault, Stall and STAG of a stalled transaction;
// TTRnW = 1 for F_PERMISSION of stage 2 on a stage 1 table, which is only read (IDR0.HTTU = 0); NSIPA and Reason are 0.
// F_BAD_ATS_TREQ has Span = the number of smallest translation units asked for.
// Does NOT decide whether to record (smmu_verdict).
module smmu_fault
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
(
  input  logic           valid_i,         // record_o is 0 without
  input  xfault_t        fault_i,
  input  tbu_req_t       req_i,           // ssid, priv, exec are 0 without ssv
  input  logic [PaW-1:0] faddr_i,
  input  logic           s2_i,            // of stage 2
  input  evt_class_e     class_i,
  input  logic [PaW-1:0] ipa_i,           // with s2_i
  input  logic           stall_i,
  input  logic [15:0]    stag_i,
  output logic [255:0]   record_o
);

  logic unused_req;
  assign unused_req = ^{req_i.port, req_i.at, faddr_i[2:0], ipa_i[11:0]};

  function automatic logic [255:0] record(xfault_t fault, tbu_req_t req, logic [PaW-1:3] faddr, logic s2,
                                          evt_class_e of, logic [PaW-1:12] ipa, logic stall, logic [15:0] stag);
    evt_t              h;
    evt_fault_t        f;
    evt_walk_eabt_t    e;
    evt_fetch_t        t;
    evt_uut_t          u;
    evt_bad_ats_treq_t a;
    logic [255:0]      rec;

    h      = '0;
    h.num  = fault;
    h.sid  = req.sid;
    h.ssid = req.ssid;
    h.ssv  = req.ssv;
    unique case (fault)
      EVT_F_STREAM_DISABLED: begin
        h.ssid = '0;
        h.ssv  = 1'b0;
        rec    = h;
      end
      EVT_C_BAD_SUBSTREAMID: begin
        h.ssv = 1'b0;
        rec   = h;
      end
      EVT_F_STE_FETCH, EVT_F_CD_FETCH: begin
        t           = evt_fetch_t'(h);
        t.fetchaddr = 49'(faddr);
        rec         = t;
      end
      EVT_F_WALK_EABT: begin
        e           = evt_walk_eabt_t'(h);
        e.pnu       = req.priv;
        e.ind       = req.exec && !req.write;
        e.rnw       = !req.write;
        e.s2        = s2;
        e.class_    = s2 ? of : EVT_CLASS_TTD;
        e.inputaddr = req.addr;
        e.fetchaddr = 49'(faddr);
        rec         = e;
      end
      EVT_F_TRANSLATION, EVT_F_ADDR_SIZE, EVT_F_ACCESS, EVT_F_PERMISSION: begin
        f           = evt_fault_t'(h);
        f.pnu       = req.priv;
        f.ind       = req.exec && !req.write;
        f.rnw       = !req.write;
        f.class_    = s2 ? of : EVT_CLASS_INPUT;
        f.inputaddr = req.addr;
        f.s2        = s2;
        f.ipa       = s2 ? 40'(ipa) : '0;
        f.ttrnw     = fault == EVT_F_PERMISSION && s2 && of == EVT_CLASS_TTD;
        f.stall     = stall;
        f.stag      = stall ? stag : '0;
        rec         = f;
      end
      EVT_F_TRANSL_FORBIDDEN: begin
        f           = evt_fault_t'(h);
        f.rnw       = !req.write;
        f.inputaddr = req.addr;
        rec         = f;
      end
      EVT_F_UUT: begin
        u           = evt_uut_t'(h);
        u.pnu       = req.priv;
        u.ind       = req.exec && !req.write;
        u.rnw       = !req.write;
        u.inputaddr = req.addr;
        rec         = u;
      end
      EVT_F_BAD_ATS_TREQ: begin
        a           = evt_bad_ats_treq_t'(h);
        a.r         = 1'b1;
        a.w         = !req.nw;
        a.x         = req.exec;
        a.p         = req.priv;
        a.span      = 8'(req.num) + 8'd1;
        a.inputaddr = req.addr[63:12];
        rec         = a;
      end
      default: rec = h;  // C_BAD_STREAMID, C_BAD_STE, C_BAD_CD
    endcase
    return rec;
  endfunction

  assign record_o = valid_i ? record(fault_i, req_i, faddr_i[PaW-1:3], s2_i, class_i, ipa_i[PaW-1:12], stall_i,
                                      stag_i) : '0;

endmodule
