// SPDX-License-Identifier: Apache-2.0
//
// Stream table lookup, linear and two-level (smmuv3 sections 1.5, 5 and 5.2 steps 1 to 3).
//
// `start_i` (pulse, while idle) looks `sid_i` up; `done_o` is a pulse with the results, which then hold until the next
// start. `fault_o` is 0 or C_BAD_STREAMID, F_STE_FETCH (with `faddr_o`), C_BAD_STE.
// Guarantees: bases are aligned as the hardware must; level 1 descriptors are not cached, so every lookup reads memory.
// Choices: a level 2 pointer beyond 48 bits is F_STE_FETCH, a context pointer beyond 48 bits is C_BAD_STE, and so is an
// S2TTB beyond the stage 2 output size. A failed beat outranks what the others say.
// ILLEGAL as the ID registers say (section 5): S1STALLD and S2S are legal (STALL_MODEL = 0), 16-bit VMIDs are (VMID16 = 1);
// S2HA, S2HD, S2ENDI, S2AA64 = 0 and S2TG other than 4 KiB are not. STRW is ignored with stage 2: the stream is NS-EL1.
// Does NOT decide about EATS 00 or abort; merge events (MEV); know memory types (S1CIR .. S1CSH, S2IR0 .. S2SH0, S2FWB,
// MEMATTR .. NSCFG) or overrides of PRIVCFG and INSTCFG (IDR1.ATTR_PERMS_OVR = 0).
// Latency, start to done: 1 cycle for a bad StreamID; else 1 + for each fetch (1 + memory latency + beats - 1); an STE is
// 4 beats, a level 1 descriptor 1.
module smmu_ste
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  xlat_cfg_t      cfg_i,

  input  logic           start_i,
  input  logic [31:0]    sid_i,           // held until done
  output logic           done_o,
  output xfault_t        fault_o,
  output logic [PaW-1:0] faddr_o,
  output xste_t          ste_o,

  output logic           mrd_req_valid_o,
  input  logic           mrd_req_ready_i,
  output mrd_req_t       mrd_req_o,
  input  logic           mrd_rsp_valid_i,
  input  mrd_rsp_t       mrd_rsp_i,
  output logic           quiet_o
);

  typedef enum logic [2:0] {Idle, L1Req, L1Rsp, SteReq, SteRsp, Done} state_e;

  state_e         state_d, state_q;
  xfault_t        fault_d, fault_q;
  logic [PaW-1:0] addr_d, addr_q;
  xste_t          ste_d, ste_q;
  logic [1:0]     beat_d, beat_q;

  logic [5:0]     log2size;
  logic [3:0]     split;
  logic           bad_sid;
  logic           unused_cfg;

  assign unused_cfg = ^{cfg_i.smmuen, cfg_i.atschk, cfg_i.recinvsid, cfg_i.gbpa_abort, cfg_i.e2h,
                         cfg_i.rec_cfg_ats, cfg_i.vmw};

  assign log2size = (cfg_i.strtab_log2size > 6'(SidW)) ? 6'(SidW) : cfg_i.strtab_log2size;
  assign split    = (cfg_i.strtab_split == 5'd8)  ? 4'd8  :
                    (cfg_i.strtab_split == 5'd10) ? 4'd10 : 4'd6;
  assign bad_sid  = (sid_i >> log2size) != '0;

  // Legality of beat 0 (dw0, dw1) of an STE.
  function automatic logic ste_bad(logic [127:0] beat0);
    ste_t s;
    logic s1, ats;
    s   = ste_t'({384'd0, beat0});
    s1  = s.config_[2] && s.config_[0];
    ats = s.config_[2] && s.config_[1:0] != '0;
    return !s.v || (ats && s.eats == STE_EATS_SPLIT) ||
           (s1 && (s.s1cdmax > 5'(XlatSsidSize) || s.s1contextptr[49:PaW-6] != '0)) ||
           (s1 && !s.config_[1] && s.strw[0]);
  endfunction

  // Legality of beat 1 (dw2, dw3) when stage 2 translates.
  function automatic logic ste_s2_bad(logic [127:0] beat1, logic eats_full);
    ste_t s;
    s = ste_t'({256'd0, beat1, 128'd0});
    return !s.s2aa64 || s.s2endi || s.s2ha || s.s2hd || s.s2tg != TG0_4K || !s2_geometry_ok(s.s2t0sz, s.s2sl0) ||
           ({s.s2ttb, 4'd0} >> oas_bits(s.s2ps)) != '0 || (s.s2s && eats_full);
  endfunction

  function automatic xste_t ste_of(logic [127:0] beat0);
    ste_t  s;
    xste_t x;
    s           = ste_t'({384'd0, beat0});
    x           = '0;
    x.cfg       = s.config_;
    x.s1fmt     = (s.s1fmt == 2'd3) ? 2'd0 : s.s1fmt;
    x.s1ptr     = s.s1contextptr[PaW-7:0];
    x.s1cdmax   = s.s1cdmax;
    x.s1dss     = s.s1dss;
    x.eats_full = s.config_[2] && s.config_[1:0] != '0 && s.eats == STE_EATS_FULL;
    x.el2       = s.config_ == STE_CONFIG_S1 && s.strw == STE_STRW_EL2;
    x.s1stalld  = s.s1stalld;
    return x;
  endfunction

  // S2VMID tags translations of NS-EL1 streams even without stage 2.
  function automatic xste_t ste_s2_of(xste_t old, logic [127:0] beat1);
    ste_t  s;
    xste_t x;
    s = ste_t'({256'd0, beat1, 128'd0});
    x = old;
    if (old.cfg[2] && old.cfg[1:0] != '0 && !old.el2) x.vmid = s.s2vmid;
    if (old.cfg[2] && old.cfg[1]) begin
      x.s2t0sz = s.s2t0sz;
      x.s2sl0  = s.s2sl0;
      x.s2ps   = s.s2ps;
      x.s2affd = s.s2affd;
      x.s2ptw  = s.s2ptw;
      x.s2s    = s.s2s;
      x.s2r    = s.s2r;
      x.s2ttb  = s.s2ttb[PaW-5:0];
    end
    return x;
  endfunction

  always_comb begin
    l1std_t       l1;
    logic [3:0]   l1_bits;                // log2 of the number of level 1 descriptors
    logic [31:0]  l2_idx;

    l1      = '0;
    l1_bits = '0;
    l2_idx  = '0;
    if (start_i || state_q != Idle) begin
      l1      = l1std_t'(addr_q[3] ? mrd_rsp_i.data[127:64] : mrd_rsp_i.data[63:0]);
      l1_bits = (log2size > 6'(split) + 6'd3) ? 4'(log2size - 6'(split)) : 4'd3;  // at least 64 bytes
      l2_idx  = sid_i & ~(32'hFFFF_FFFF << split);
    end
    state_d = state_q;
    fault_d = fault_q;
    addr_d  = addr_q;
    ste_d   = ste_q;
    beat_d  = beat_q;
    quiet_o = 1'b1;

    unique case (state_q)
      Idle: if (start_i) begin
        quiet_o = 1'b0;
        fault_d = '0;
        beat_d  = '0;
        if (bad_sid) begin
          fault_d = EVT_C_BAD_STREAMID;
          state_d = Done;
        end else if (cfg_i.strtab_2lvl) begin
          addr_d  = (cfg_i.strtab_base & ~((PaW'(8) << l1_bits) - 1'b1)) | PaW'({sid_i >> split, 3'd0});
          state_d = L1Req;
        end else begin
          addr_d  = (cfg_i.strtab_base & ~((PaW'(64) << log2size) - 1'b1)) | PaW'({sid_i, 6'd0});
          state_d = SteReq;
        end
      end

      L1Req: if (mrd_req_ready_i) begin
        quiet_o = 1'b0;
        state_d = L1Rsp;
      end

      L1Rsp: if (mrd_rsp_valid_i) begin
        quiet_o = 1'b0;
        state_d = Done;
        if (mrd_rsp_i.err) fault_d = EVT_F_STE_FETCH;
        else if (l1.span == '0 || l1.span > 5'd11 || l1.span > 5'(split) + 5'd1 ||
                 (l2_idx >> (l1.span - 5'd1)) != '0) fault_d = EVT_C_BAD_STREAMID;
        else begin
          addr_d  = ({l1.l2ptr[PaW-7:0], 6'd0} & ~((PaW'(32) << l1.span) - 1'b1)) | PaW'({l2_idx, 6'd0});
          state_d = SteReq;
          if (l1.l2ptr[49:PaW-6] != '0) begin
            fault_d = EVT_F_STE_FETCH;
            state_d = Done;
          end
        end
      end

      SteReq: if (mrd_req_ready_i) begin
        quiet_o = 1'b0;
        state_d = SteRsp;
      end

      SteRsp: if (mrd_rsp_valid_i) begin
        quiet_o = 1'b0;
        beat_d  = beat_q + 1'b1;
        if (beat_q == 2'd0) begin
          ste_d = ste_of(mrd_rsp_i.data);
          if (ste_bad(mrd_rsp_i.data)) fault_d = EVT_C_BAD_STE;
        end
        if (beat_q == 2'd1) begin
          ste_d = ste_s2_of(ste_q, mrd_rsp_i.data);
          if (ste_q.cfg[2] && ste_q.cfg[1] && ste_s2_bad(mrd_rsp_i.data, ste_q.eats_full)) fault_d = EVT_C_BAD_STE;
        end
        if (mrd_rsp_i.err || fault_q == EVT_F_STE_FETCH) fault_d = EVT_F_STE_FETCH;
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
  assign faddr_o         = addr_q;
  assign ste_o           = ste_q;
  assign mrd_req_valid_o = state_q == L1Req || state_q == SteReq;
  assign mrd_req_o       = '{addr: {addr_q[PaW-1:4], 4'd0}, beats: (state_q == SteReq) ? 4'd3 : 4'd0};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      fault_q <= '0;
      addr_q  <= '0;
      ste_q   <= '0;
      beat_q  <= '0;
    end else if (start_i || state_q != Idle) begin
      state_q <= state_d;
      fault_q <= fault_d;
      addr_q  <= addr_d;
      ste_q   <= ste_d;
      beat_q  <= beat_d;
    end
  end

endmodule
