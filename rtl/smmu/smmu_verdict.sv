// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a request, given what is known about its configuration and translation so far: the one place with the
// rules of smmuv3 sections 1.2 (SMMUEN = 0), 5.2 (order), 6 (permissions), 7.1 (translation requests), 7.2 (translated
// requests) and D15. Combinational; the fast path asks it once, the resolver after every step.
//
// Answer: `need_o` names what is missing (then the other outputs mean nothing); else `status_o` with `pa_o` or `entry_o`,
// and `event_o`, the number of the event to record first (0 = none). `fault_i` is how a step ended, 0 = no fault.
// Choices: an address beyond 48 bits is F_ADDR_SIZE where a stream bypasses, a silent abort where there is no stream
// (SMMUEN = 0, translated traffic); an unknown AT is aborted with F_UUT; the identity answer of S1DSS = 1 is one 4 KiB page.
// Does NOT record faults of translation requests (no CR2.REC_CFG_ATS) except F_BAD_ATS_TREQ.
module smmu_verdict
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
(
  input  logic           valid_i,
  input  xlat_cfg_t      cfg_i,
  input  tbu_req_t       req_i,           // ssid, priv, exec are 0 without ssv
  input  xfault_t        fault_i,
  input  logic           xcfg_valid_i,
  input  xcfg_t          xcfg_i,
  input  logic           leaf_valid_i,
  input  leaf_t          leaf_i,

  output xneed_e         need_o,
  output xlat_status_e   status_o,
  output xfault_t        event_o,
  output logic [PaW-1:0] pa_o,
  output logic [63:0]    entry_o
);

  logic        r, w, x;                   // what tables and CD allow for this privilege
  logic        identity;                  // translation request answered with its own address
  logic        give;                      // the entry is given at all
  leaf_t       ats_leaf;
  logic [63:0] entry;
  logic        unused;

  assign unused = ^{cfg_i.strtab_base, cfg_i.strtab_log2size, cfg_i.strtab_split, cfg_i.strtab_2lvl, cfg_i.rec_cfg_ats, cfg_i.vmw,
                    req_i.port, req_i.sid, req_i.ssid, req_i.nw, leaf_i.ng, leaf_i.af, xcfg_i.asid, leaf_i.s2af, leaf_i.s2r, leaf_i.s2w,
                    leaf_i.s2x, xcfg_i.s1, xcfg_i.s2, xcfg_i.vmid, xcfg_i.s2affd, xcfg_i.s2rec};

  always_comb begin
    logic wr;
    wr = !leaf_i.ro;
    if (xcfg_i.el2 && !cfg_i.e2h) begin   // one privilege level
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

  always_comb begin
    ats_leaf = leaf_i;
    if (identity) begin
      ats_leaf       = '0;
      ats_leaf.ppn   = req_i.addr[PaW-1:12];
      ats_leaf.level = 2'd3;
    end
  end

  smmu_ats u_ats (
    .leaf_i  (ats_leaf),
    .r_i     (r || identity),
    .w_i     (w || identity),
    .x_i     (x),
    .exec_i  (req_i.exec && !identity),
    .priv_i  (req_i.priv),
    .entry_o (entry)
  );
  assign entry_o = give ? entry : '0;

  always_comb begin
    logic addr_ok, bypass;
    addr_ok  = req_i.addr[63:PaW] == '0;
    bypass   = xcfg_i.cfg == STE_CONFIG_BYPASS || xcfg_i.s1byp;
    need_o   = NeedNone;
    status_o = XlatOk;
    event_o  = '0;
    pa_o     = req_i.addr[PaW-1:0];
    identity = 1'b0;
    give     = 1'b0;

    if (valid_i) begin
      unique case (req_i.at)
        AtUntranslated: begin
          status_o = XlatAbort;
          if (!cfg_i.smmuen) begin
            if (!cfg_i.gbpa_abort && addr_ok) status_o = XlatOk;
          end else if (fault_i != '0) event_o = fault_i;
          else if (!xcfg_valid_i) need_o = NeedSte;
          else if (!xcfg_i.cfg[2]) status_o = XlatAbort;
          else if (bypass) begin
            if (req_i.ssv) event_o = EVT_C_BAD_SUBSTREAMID;
            else if (!addr_ok) event_o = EVT_F_ADDR_SIZE;
            else status_o = XlatOk;
          end else if (!xcfg_i.has_cd) need_o = NeedCd;
          else if (!xlat_in_region(xcfg_i, req_i.addr)) event_o = EVT_F_TRANSLATION;
          else if (!leaf_valid_i) need_o = NeedLeaf;
          else if (!(req_i.write ? w : req_i.exec ? x : r)) event_o = EVT_F_PERMISSION;
          else begin
            status_o = XlatOk;
            pa_o     = leaf_pa(leaf_i, req_i.addr[PaW-1:0]);
          end
          // CR2.RECINVSID and CD.R choose what is recorded.
          if (event_o == EVT_C_BAD_STREAMID && !cfg_i.recinvsid) event_o = '0;
          if (event_o >= EVT_F_TRANSLATION && xcfg_i.has_cd && !xcfg_i.rec) event_o = '0;
        end

        AtTranslationReq: begin
          if (!cfg_i.smmuen) begin
            status_o = XlatUr;
            event_o  = EVT_F_BAD_ATS_TREQ;
          end else if (fault_i != '0) begin
            if (fault_i < EVT_F_TRANSLATION) status_o = XlatCa;
          end else if (!xcfg_valid_i) need_o = NeedSte;
          else if (!xcfg_i.cfg[2]) status_o = XlatUr;
          else if (!xcfg_i.eats_full) begin          // also Config 100: EATS is ignored there
            status_o = XlatUr;
            event_o  = EVT_F_BAD_ATS_TREQ;
          end else if (xcfg_i.s1byp) begin
            identity = 1'b1;
            give     = addr_ok;
          end else if (!xcfg_i.has_cd) need_o = NeedCd;
          else if (xlat_in_region(xcfg_i, req_i.addr)) begin
            if (leaf_valid_i) give = 1'b1;
            else need_o = NeedLeaf;
          end
        end

        AtTranslated: begin
          status_o = XlatAbort;
          if (!cfg_i.smmuen) event_o = EVT_F_TRANSL_FORBIDDEN;
          else if (!cfg_i.atschk) status_o = addr_ok ? XlatOk : XlatAbort;
          else if (fault_i != '0) status_o = XlatAbort;
          else if (!xcfg_valid_i) need_o = NeedSte;
          else if (!xcfg_i.cfg[2]) status_o = XlatAbort;
          else if (!xcfg_i.eats_full) event_o = EVT_F_TRANSL_FORBIDDEN;
          else if (addr_ok) status_o = XlatOk;
        end

        default: begin
          status_o = XlatAbort;
          event_o  = EVT_F_UUT;
        end
      endcase
    end
  end

endmodule
