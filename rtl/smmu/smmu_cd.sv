// SPDX-License-Identifier: Apache-2.0
//
// SubstreamID check and context descriptor lookup, linear and two-level (smmuv3 sections 5.1 and 5.2, steps 5 to 7).
//
// `start_i` (pulse, while idle) with an STE of Config 1x1 that does not bypass stage 1; `done_o` is a pulse with the results,
// which hold until the next start. `fault_o` is 0 or C_BAD_SUBSTREAMID, F_STREAM_DISABLED, F_CD_FETCH (with `faddr_o`),
// C_BAD_CD, or with `fault_s2_o` a fault of stage 2 on one of the fetches. With Config 111 the pointers are IPAs: `s2_start_o`
// (pulse) asks for the translation of `s2_ipa_o`, `s2_done_i` brings it. Level 1 descriptors are not cached.
// Choices: a level 2 pointer beyond 48 bits is F_CD_FETCH, a TTB beyond the output size is C_BAD_CD; in the EL2 regime
// without E2H there is no TTB1 and no ASID (both read as absent).
// Does NOT support: HTTU, RAZ/WI termination (IDR0.TERM_MODEL = 1), AArch32, big-endian tables, granules other than 4 KiB
// (each C_BAD_CD, as IDR0 / IDR5 say); S = 1 behind STE.S1STALLD is C_BAD_CD too.
// Latency, start to done: 1 cycle without a fetch; else 1 + for each fetch (1 + memory latency + beats - 1); a CD is 4
// beats, a level 1 descriptor 1. With Config 111, for each fetch 1 cycle and the walk, start to done, more.
module smmu_cd
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
(
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             e2h_i,

  input  logic             start_i,
  input  xste_t            ste_i,           // held until done, as ssv and ssid
  input  logic             ssv_i,
  input  logic [SsidW-1:0] ssid_i,          // 0 with ssv = 0
  output logic             done_o,
  output xfault_t          fault_o,
  output logic             fault_s2_o,
  output logic [PaW-1:0]   faddr_o,
  output xcfg_t            xcfg_o,
  output wcfg_t            wcfg_o,

  output logic             s2_start_o,      // stage 2 walk for a fetch
  output logic [PaW-1:0]   s2_ipa_o,
  input  logic             s2_done_i,
  input  xfault_t          s2_fault_i,      // stage 2 refused, or a descriptor could not be read
  input  logic [PaW-1:0]   s2_faddr_i,
  input  leaf_t            s2_leaf_i,

  output logic             mrd_req_valid_o,
  input  logic             mrd_req_ready_i,
  output mrd_req_t         mrd_req_o,
  input  logic             mrd_rsp_valid_i,
  input  mrd_rsp_t         mrd_rsp_i,
  output logic             quiet_o
);

  typedef enum logic [2:0] {Idle, L1Walk, L1Req, L1Rsp, CdWalk, CdReq, CdRsp, Done} state_e;

  state_e         state_d, state_q;
  xfault_t        fault_d, fault_q;
  logic [PaW-1:0] addr_d, addr_q;
  xcfg_t          xcfg_d, xcfg_q;
  wcfg_t          wcfg_d, wcfg_q;
  logic [1:0]     beat_d, beat_q;
  logic           fault_s2_d, fault_s2_q;
  logic           go_d, go_q;               // first cycle of a wait for stage 2
  logic           nested;                   // pointers are IPAs
  logic           single;                   // one privilege level: EL2 without E2H

  assign nested = ste_i.cfg[1];
  assign single = ste_i.el2 && !e2h_i;

  function automatic logic ttb_bad(logic [47:0] ttb, logic [2:0] ips);
    return ({ttb, 4'd0} >> oas_bits(ips)) != '0;
  endfunction

  // Beat 0 (dw0, dw1: without TTB1) of a CD.
  function automatic logic cd_bad(logic [127:0] beat0, logic one_half, logic stalld);
    cd_t c;
    c = cd_t'({384'd0, beat0});
    return !c.v || !c.aa64 || c.endi || c.ha || c.hd || (c.s && stalld) || !c.a ||
           (!c.epd0 && (c.tg0 != TG0_4K || c.t0sz < 6'd16 || c.t0sz > 6'd39 || ttb_bad(c.ttb0, c.ips))) ||
           (!one_half && !c.epd1 && (c.tg1 != TG1_4K || c.t1sz < 6'd16 || c.t1sz > 6'd39));
  endfunction

  function automatic xcfg_t xcfg_of_cd(xste_t s, logic ssv, logic one_half, logic [127:0] beat0);
    cd_t   c;
    xcfg_t x;
    c        = cd_t'({384'd0, beat0});
    x        = xcfg_of_ste(s, ssv);
    x.has_cd = 1'b1;
    x.asid   = one_half ? '0 : c.asid;
    x.t0sz   = c.t0sz;
    x.t1sz   = c.t1sz;
    x.epd0   = c.epd0;
    x.epd1   = c.epd1 || one_half;
    x.tbi0   = c.tbi0;
    x.tbi1   = c.tbi1;
    x.affd   = c.affd;
    x.wxn    = c.wxn;
    x.uwxn   = c.uwxn;
    x.pan    = c.pan;
    x.rec    = c.r;
    x.stall  = c.s;
    return x;
  endfunction

  function automatic wcfg_t wcfg_of_cd(xste_t s, logic [127:0] beat0);
    cd_t   c;
    wcfg_t w;
    c      = cd_t'({384'd0, beat0});
    w      = wcfg_of_ste(s);
    w.ttb0 = c.ttb0[PaW-5:0];
    w.ips  = (c.ips > OAS_48) ? OAS_48 : c.ips;
    return w;
  endfunction

  function automatic logic [47:0] ttb1_of_cd(logic [127:0] beat1);
    cd_t c;
    c = cd_t'({256'd0, beat1, 128'd0});
    return c.ttb1;
  endfunction

  always_comb begin
    l1cd_t       l1;
    logic [3:0]  l2_bits;                   // log2 of the number of CDs of a leaf table
    logic [47:0] ttb1;

    state_d = state_q;
    fault_d = fault_q;
    addr_d  = addr_q;
    xcfg_d  = xcfg_q;
    wcfg_d  = wcfg_q;
    beat_d  = beat_q;
    quiet_o = 1'b1;
    ttb1    = '0;
    l1      = '0;
    l2_bits = '0;
    fault_s2_d = fault_s2_q;
    go_d    = 1'b0;
    if (start_i || state_q != Idle) begin
      ttb1    = ttb1_of_cd(mrd_rsp_i.data);
      l1      = l1cd_t'(addr_q[3] ? mrd_rsp_i.data[127:64] : mrd_rsp_i.data[63:0]);
      l2_bits = (ste_i.s1fmt == STE_S1FMT_4K_L2) ? 4'd6 : 4'd10;
    end

    unique case (state_q)
      Idle: if (start_i) begin
        quiet_o = 1'b0;
        fault_d = '0;
        fault_s2_d = 1'b0;
        beat_d  = '0;
        state_d = Done;
        if (ssv_i && (ste_i.s1cdmax == '0 || (ssid_i >> ste_i.s1cdmax) != '0)) fault_d = EVT_C_BAD_SUBSTREAMID;
        else if (ste_i.s1cdmax != '0 && (ssv_i ? (ssid_i == '0 && ste_i.s1dss == STE_S1DSS_SSID0)
                                               : ste_i.s1dss != STE_S1DSS_SSID0))
          fault_d = EVT_F_STREAM_DISABLED;
        else if (ste_i.s1cdmax == '0 || ste_i.s1fmt == STE_S1FMT_LINEAR) begin
          addr_d     = {ste_i.s1ptr, 6'd0} + PaW'({ssid_i, 6'd0});
          state_d    = nested ? CdWalk : CdReq;
          go_d       = nested;
        end else begin
          addr_d     = {ste_i.s1ptr, 6'd0} + PaW'({ssid_i >> l2_bits, 3'd0});
          state_d    = nested ? L1Walk : L1Req;
          go_d       = nested;
        end
      end

      L1Walk, CdWalk: if (s2_done_i) begin
        quiet_o    = 1'b0;
        fault_d    = s2_fault_i;
        fault_s2_d = s2_fault_i != '0;
        addr_d     = (s2_fault_i != '0) ? s2_faddr_i : leaf_pa(s2_leaf_i, addr_q);
        state_d    = (s2_fault_i != '0) ? Done : (state_q == L1Walk) ? L1Req : CdReq;
      end

      L1Req: if (mrd_req_ready_i) begin
        quiet_o = 1'b0;
        state_d = L1Rsp;
      end

      L1Rsp: if (mrd_rsp_valid_i) begin
        quiet_o = 1'b0;
        state_d = Done;
        if (mrd_rsp_i.err) fault_d = EVT_F_CD_FETCH;
        else if (!l1.v) fault_d = EVT_C_BAD_SUBSTREAMID;
        else begin
          addr_d  = {l1.l2ptr[PaW-13:0], 12'd0} + PaW'({ssid_i & ~({SsidW{1'b1}} << l2_bits), 6'd0});
          state_d = nested ? CdWalk : CdReq;
          if (l1.l2ptr[43:PaW-12] != '0) begin
            fault_d = EVT_F_CD_FETCH;
            state_d = Done;
          end else go_d       = nested;
        end
      end

      CdReq: if (mrd_req_ready_i) begin
        quiet_o = 1'b0;
        state_d = CdRsp;
      end

      CdRsp: if (mrd_rsp_valid_i) begin
        quiet_o = 1'b0;
        beat_d  = beat_q + 1'b1;
        if (beat_q == 2'd0) begin
          xcfg_d = xcfg_of_cd(ste_i, ssv_i, single, mrd_rsp_i.data);
          wcfg_d = wcfg_of_cd(ste_i, mrd_rsp_i.data);
          if (cd_bad(mrd_rsp_i.data, single, ste_i.s1stalld)) fault_d = EVT_C_BAD_CD;
        end
        if (beat_q == 2'd1) begin
          wcfg_d.ttb1 = ttb1[PaW-5:0];
          if (!xcfg_q.epd1 && ttb_bad(ttb1, wcfg_q.ips)) fault_d = EVT_C_BAD_CD;
        end
        if (mrd_rsp_i.err) fault_d = EVT_F_CD_FETCH;
        // A failed beat outranks what later beats say.
        if (fault_q == EVT_F_CD_FETCH) fault_d = EVT_F_CD_FETCH;
        if (mrd_rsp_i.last) state_d = Done;
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
  assign fault_s2_o      = fault_s2_q;
  assign faddr_o         = addr_q;
  assign s2_start_o      = go_q;
  assign s2_ipa_o        = addr_q;
  assign xcfg_o          = xcfg_q;
  assign wcfg_o          = wcfg_q;
  assign mrd_req_valid_o = state_q == L1Req || state_q == CdReq;
  assign mrd_req_o       = '{addr: {addr_q[PaW-1:4], 4'd0}, beats: (state_q == CdReq) ? 4'd3 : 4'd0};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      fault_q <= '0;
      fault_s2_q <= 1'b0;
      go_q    <= 1'b0;
      addr_q  <= '0;
      xcfg_q  <= '0;
      wcfg_q  <= '0;
      beat_q  <= '0;
    end else if (start_i || state_q != Idle) begin
      state_q <= state_d;
      fault_q <= fault_d;
      fault_s2_q <= fault_s2_d;
      go_q    <= go_d;
      addr_q  <= addr_d;
      xcfg_q  <= xcfg_d;
      wcfg_q  <= wcfg_d;
      beat_q  <= beat_d;
    end
  end

endmodule
