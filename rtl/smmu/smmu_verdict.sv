// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a request, given what is known about its configuration and translation so far: the one place with the
// rules of smmuv3 sections 1.2 (SMMUEN = 0), 5.1 (A, R, S), 5.2 (order), 6 (permissions), 7.1 (translation requests), 7.2
// (translated requests) and D15. Combinational; the fast path asks it once, the resolver after every step.
//
// Answer: `need_o` names what is missing (then the other outputs mean nothing); else `status_o` with `pa_o` or `entry_o`
// of a leaf of `level_o`, and `event_o`, the number of the event to record first (0 = none), of stage 2 with `event_s2_o`;
// `stall_o`: the transaction waits for a RESUME instead of getting the answer. `fault_i` is how a step ended, 0 = no fault.
// Nested, what stage 1 denies goes before any fault of stage 2 on its output: VMSAv8-64 has done with stage 1 before.
// Choices: an address beyond 48 bits is F_ADDR_SIZE of stage 1 where stage 1 is bypassed, a silent abort where there is no
// stream (SMMUEN = 0, translated traffic); an unknown AT is aborted with F_UUT; the identity answer of S1DSS = 1 is made of
// 4 KiB pages; a stage 2 fault on the CD or on a stage 1 table answers a translation request as one on the address does.
// Does NOT record faults of translation and translated requests other than F_BAD_ATS_TREQ, F_TRANSL_FORBIDDEN and, with
// CR2.REC_CFG_ATS, those that mean an error of configuration.
module smmu_verdict
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
(
  input  logic           valid_i,
  input  xlat_cfg_t      cfg_i,
  input  tbu_req_t       req_i,           // ssid, priv, exec are 0 without ssv
  input  xfault_t        fault_i,
  input  logic           fault_s2_i,      // of stage 2
  input  logic           xcfg_valid_i,    // also with a fault that is of data: then what the STE says
  input  xcfg_t          xcfg_i,
  input  logic           leaf_valid_i,
  input  leaf_t          leaf_i,
  input  logic           leaf1_valid_i,   // fault_i, if there is one, is of stage 2 on an output of stage 1: leaf_i has stage 1

  output xneed_e         need_o,
  output xlat_status_e   status_o,
  output xfault_t        event_o,
  output logic           event_s2_o,
  output logic           stall_o,
  output logic [PaW-1:0] pa_o,
  output logic [63:0]    entry_o,
  output logic [1:0]     level_o
);

  logic        r, w, x;                   // what stage 1 and the CD allow for this privilege
  logic        denied1;                   // they deny this access
  logic        identity;                  // translation request answered with its own address
  logic        give;                      // the entry is given at all
  leaf_t       ats_leaf;
  logic [63:0] entry;
  logic        unused;

  assign unused = ^{cfg_i.strtab_base, cfg_i.strtab_log2size, cfg_i.strtab_split, cfg_i.strtab_2lvl, req_i.port,
                    req_i.sid, req_i.ssid, req_i.nw, req_i.num, leaf_i.ng, leaf_i.af, leaf_i.s2af, xcfg_i.asid,
                    xcfg_i.vmid, xcfg_i.s2affd, xcfg_i.s1byp, cfg_i.vmw};

  always_comb begin
    logic wr;
    wr = !leaf_i.ro;
    if (!xcfg_i.s1) begin                 // stage 2 alone decides
      r = 1'b1;
      w = 1'b1;
      x = 1'b1;
    end else if (xcfg_i.el2 && !cfg_i.e2h) begin   // one privilege level
      r = 1'b1;
      w = wr;
      x = !leaf_i.uxn && !(xcfg_i.wxn && w);
    end else if (req_i.priv) begin
      r = !(xcfg_i.pan && leaf_i.unpriv);
      w = wr && r;
      x = !leaf_i.pxn && !(leaf_i.unpriv && wr) && !(xcfg_i.wxn && wr) && !(xcfg_i.uwxn && leaf_i.unpriv && wr);
    end else begin
      r = leaf_i.unpriv;
      w = leaf_i.unpriv && wr;
      x = !leaf_i.uxn && !(xcfg_i.wxn && w);
    end
  end

  assign denied1 = !(req_i.write ? w : req_i.exec ? x : r);

  always_comb begin
    ats_leaf = leaf_i;
    if (identity) begin
      ats_leaf       = '0;
      ats_leaf.ppn   = req_i.addr[PaW-1:12];
      ats_leaf.level = 2'd3;
    end
  end
  assign level_o = ats_leaf.level;

  smmu_ats u_ats (
    .leaf_i  (ats_leaf),
    .r_i     ((r && leaf_i.s2r) || identity),
    .w_i     ((w && leaf_i.s2w) || identity),
    .x_i     (x && leaf_i.s2x),
    .exec_i  (req_i.exec && !identity),
    .priv_i  (req_i.priv),
    .entry_o (entry)
  );
  assign entry_o = give ? entry : '0;

  always_comb begin
    logic addr_ok, cfg_event;
    addr_ok    = req_i.addr[63:PaW] == '0;
    // Errors of configuration of ATS requests are recorded only when asked for.
    cfg_event  = cfg_i.rec_cfg_ats;
    need_o     = NeedNone;
    status_o   = XlatOk;
    event_o    = '0;
    event_s2_o = 1'b0;
    stall_o    = 1'b0;
    pa_o       = req_i.addr[PaW-1:0];
    identity   = 1'b0;
    give       = 1'b0;

    if (valid_i) begin
      unique case (req_i.at)
        AtUntranslated: begin
          status_o = XlatAbort;
          if (!cfg_i.smmuen) begin
            if (!cfg_i.gbpa_abort && addr_ok) status_o = XlatOk;
          end else if (fault_i != '0) begin
            event_o    = (leaf1_valid_i && denied1) ? EVT_F_PERMISSION : fault_i;
            event_s2_o = fault_s2_i && !(leaf1_valid_i && denied1);
          end else if (!xcfg_valid_i) need_o = NeedSte;
          else if (!xcfg_i.cfg[2]) status_o = XlatAbort;
          else if (req_i.ssv && !xcfg_i.cfg[0]) event_o = EVT_C_BAD_SUBSTREAMID;
          else if (!xcfg_i.s1 && !addr_ok) event_o = EVT_F_ADDR_SIZE;
          else if (!xcfg_i.s1 && !xcfg_i.s2) status_o = XlatOk;
          else if (xcfg_i.s1 && !xcfg_i.has_cd) need_o = NeedCd;
          else if (xcfg_i.s1 && !xlat_in_region(xcfg_i, req_i.addr)) event_o = EVT_F_TRANSLATION;
          else if (!leaf_valid_i) need_o = NeedLeaf;
          else if (denied1) event_o = EVT_F_PERMISSION;
          else if (!(req_i.write ? leaf_i.s2w : req_i.exec ? leaf_i.s2x : leaf_i.s2r)) begin
            event_o    = EVT_F_PERMISSION;
            event_s2_o = 1'b1;
          end else begin
            status_o = XlatOk;
            pa_o     = leaf_pa(leaf_i, req_i.addr[PaW-1:0]);
          end
          // CR2.RECINVSID, CD.R and S2R choose what is recorded, CD.S and S2S what waits (and is always recorded).
          if (event_o == EVT_C_BAD_STREAMID && !cfg_i.recinvsid) event_o = '0;
          if (event_o >= EVT_F_TRANSLATION) begin
            stall_o = event_s2_o ? xcfg_i.s2stall : xcfg_i.has_cd && xcfg_i.stall;
            if (!stall_o && !(event_s2_o ? xcfg_i.s2rec : !xcfg_i.has_cd || xcfg_i.rec)) event_o = '0;
          end
        end

        AtTranslationReq: begin
          if (!cfg_i.smmuen) begin
            status_o = XlatUr;
            event_o  = EVT_F_BAD_ATS_TREQ;
          end else if (fault_i != '0) begin
            if (fault_i < EVT_F_TRANSLATION) begin
              status_o   = XlatCa;
              event_o    = cfg_event ? fault_i : '0;
              event_s2_o = fault_s2_i;
            end
          end else if (!xcfg_valid_i) need_o = NeedSte;
          else if (!xcfg_i.cfg[2]) status_o = XlatUr;
          else if (!xcfg_i.eats_full) begin          // also Config 100: EATS is ignored there
            status_o = XlatUr;
            event_o  = EVT_F_BAD_ATS_TREQ;
          end else if (req_i.ssv && !xcfg_i.cfg[0]) begin
            status_o = XlatCa;
            event_o  = cfg_event ? EVT_C_BAD_SUBSTREAMID : '0;
          end else if (!xcfg_i.s1 && !addr_ok) give = 1'b0;
          else if (!xcfg_i.s1 && !xcfg_i.s2) begin
            identity = 1'b1;
            give     = 1'b1;
          end else if (xcfg_i.s1 && !xcfg_i.has_cd) need_o = NeedCd;
          else if (!xcfg_i.s1 || xlat_in_region(xcfg_i, req_i.addr)) begin
            if (leaf_valid_i) give = 1'b1;
            else need_o = NeedLeaf;
          end
          if (event_o == EVT_C_BAD_STREAMID && !cfg_i.recinvsid) event_o = '0;
        end

        AtTranslated: begin
          status_o = XlatAbort;
          if (!cfg_i.smmuen) event_o = EVT_F_TRANSL_FORBIDDEN;
          else if (!cfg_i.atschk) status_o = addr_ok ? XlatOk : XlatAbort;
          else if (fault_i != '0) event_o = cfg_event ? fault_i : '0;
          else if (!xcfg_valid_i) need_o = NeedSte;
          else if (!xcfg_i.cfg[2]) status_o = XlatAbort;
          else if (!xcfg_i.eats_full) event_o = EVT_F_TRANSL_FORBIDDEN;
          else if (addr_ok) status_o = XlatOk;
          if (event_o == EVT_C_BAD_STREAMID && !cfg_i.recinvsid) event_o = '0;
        end

        default: begin
          status_o = XlatAbort;
          event_o  = EVT_F_UUT;
        end
      endcase
    end
  end

endmodule
