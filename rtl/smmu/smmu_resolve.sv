// SPDX-License-Identifier: Apache-2.0
//
// Resolves one request that the fast path could not answer: configuration, walk, event, answer, cache fills.
//
// Takes a request (`req_*`), asks smmu_verdict what is missing, fetches that (cache or STE, CD, walk), and asks again,
// until there is an answer. The event of a fault is handed over before the response, so a request that is done has no
// event left (drain of D7). One request at a time; a second resolver beside it would take the next parked request.
// Guarantees (nofill): nothing that was read before an invalidation is put into a cache after it. `inval_i` says that an
// invalidation takes effect in this cycle; `inval_cfg_i` that it is a CFGI. TLBI does not stop the configuration's fill.
// Does NOT look into the TLB again, nor cache faults.
// Latency: 3 cycles from taking a request to its response; plus, for each of smmu_ste, smmu_cd, smmu_ptw that is used, its
// own latency + 1; plus 1 and the event queue's wait if there is an event.
module smmu_resolve
  import smmu_pkg::*;
  import smmu_fmt_pkg::evt_class_e;
#(
  localparam int unsigned KeyW = SidW + 1 + SsidW
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  xlat_cfg_t       cfg_i,

  input  logic            req_valid_i,
  output logic            req_ready_o,
  input  tbu_req_t        req_i,            // ssid, priv, exec are 0 without ssv
  input  logic            colour_i,
  output logic            rsp_valid_o,
  input  logic            rsp_ready_i,
  output tbu_rsp_t        rsp_o,
  output logic            evt_valid_o,
  input  logic            evt_ready_i,
  output logic [255:0]    evt_o,

  output logic            look_valid_o,     // configuration cache, answered in the same cycle
  output logic [KeyW-1:0] key_o,
  input  logic            look_hit_i,
  input  xcfg_t           look_xcfg_i,
  input  wcfg_t           look_wcfg_i,

  input  logic            inval_i,
  input  logic            inval_cfg_i,
  output logic            cfg_fill_o,
  output logic            tlb_fill_o,
  output xcfg_t           xcfg_o,
  output wcfg_t           wcfg_o,
  output xtag_t           tag_o,
  output leaf_t           leaf_o,

  output logic            wc_look_o,        // walk cache, answered in the same cycle
  output xtag_t           wc_tag_o,
  input  logic            wc_hit_i,
  input  walk_entry_t     wc_entry_i,
  output logic            wc_fill_o,
  output walk_entry_t     wc_entry_o,

  output logic            mrd_req_valid_o,
  input  logic            mrd_req_ready_i,
  output mrd_req_t        mrd_req_o,
  input  logic            mrd_rsp_valid_i,
  input  mrd_rsp_t        mrd_rsp_i,
  output logic            quiet_o
);

  typedef enum logic [2:0] {Idle, Look, Decide, Ste, Cd, Ptw, Event, Rsp} state_e;

  state_e         state_d, state_q;
  tbu_req_t       req_d, req_q;
  logic           colour_d, colour_q;
  logic           ste_valid_d, ste_valid_q;      // smmu_ste holds this request's STE
  logic           xcfg_valid_d, xcfg_valid_q;
  logic           fetched_d, fetched_q;          // xcfg comes from memory
  xcfg_t          xcfg_d, xcfg_q;
  wcfg_t          wcfg_d, wcfg_q;
  logic           leaf_valid_d, leaf_valid_q;
  xfault_t        fault_d, fault_q;
  logic [PaW-1:0] faddr_d, faddr_q;
  logic           nofill_cfg_d, nofill_cfg_q, nofill_tlb_d, nofill_tlb_q;
  tbu_rsp_t       rsp_d, rsp_q;
  xfault_t        event_d, event_q;

  logic           ste_start, ste_done, ste_quiet, ste_mrd;
  logic           cd_start, cd_done, cd_quiet, cd_mrd;
  logic           ptw_start, ptw_done, ptw_quiet, ptw_mrd;
  xfault_t        ste_fault, cd_fault, ptw_fault;
  logic [PaW-1:0] ste_faddr, cd_faddr, ptw_faddr;
  mrd_req_t       ste_mrd_req, cd_mrd_req, ptw_mrd_req;
  xste_t          ste;
  xcfg_t          cd_xcfg;
  wcfg_t          cd_wcfg;
  leaf_t          leaf;

  xneed_e         need;
  xlat_status_e   status;
  xfault_t        to_record;
  logic [PaW-1:0] pa;
  logic [63:0]    entry;
  logic           quiet_fsm;
  logic           ptw_fault_s2, unused_ptw;
  evt_class_e     ptw_class;
  logic [PaW-1:0] ptw_ipa;

  assign unused_ptw = ^{ptw_fault_s2, ptw_class, ptw_ipa};

  smmu_ste u_ste (
    .clk_i, .rst_ni, .cfg_i,
    .start_i (ste_start), .sid_i (req_q.sid), .done_o (ste_done), .fault_o (ste_fault), .faddr_o (ste_faddr),
    .ste_o (ste),
    .mrd_req_valid_o (ste_mrd), .mrd_req_ready_i, .mrd_req_o (ste_mrd_req), .mrd_rsp_valid_i, .mrd_rsp_i,
    .quiet_o (ste_quiet)
  );

  smmu_cd u_cd (
    .clk_i, .rst_ni, .e2h_i (cfg_i.e2h),
    .start_i (cd_start), .ste_i (ste), .ssv_i (req_q.ssv), .ssid_i (req_q.ssid), .done_o (cd_done),
    .fault_o (cd_fault), .faddr_o (cd_faddr), .xcfg_o (cd_xcfg), .wcfg_o (cd_wcfg),
    .mrd_req_valid_o (cd_mrd), .mrd_req_ready_i, .mrd_req_o (cd_mrd_req), .mrd_rsp_valid_i, .mrd_rsp_i,
    .quiet_o (cd_quiet)
  );

  smmu_ptw u_ptw (
    .clk_i, .rst_ni,
    .start_i (ptw_start), .s1_i (xcfg_q.s1), .s2_i (xcfg_q.s2), .fetch_i (1'b0), .addr_i (req_q.addr),
    .xcfg_i (xcfg_q), .wcfg_i (wcfg_q), .inval_i,
    .done_o (ptw_done), .fault_o (ptw_fault), .fault_s2_o (ptw_fault_s2), .class_o (ptw_class), .ipa_o (ptw_ipa),
    .faddr_o (ptw_faddr), .leaf_o (leaf),
    .wc_look_o, .wc_tag_o, .wc_hit_i, .wc_entry_i, .wc_fill_o, .wc_entry_o,
    .mrd_req_valid_o (ptw_mrd), .mrd_req_ready_i, .mrd_req_o (ptw_mrd_req), .mrd_rsp_valid_i, .mrd_rsp_i,
    .quiet_o (ptw_quiet)
  );

  // Only one of the three is ever active.
  assign mrd_req_valid_o = ste_mrd || cd_mrd || ptw_mrd;
  assign mrd_req_o       = ste_mrd ? ste_mrd_req : cd_mrd ? cd_mrd_req : ptw_mrd_req;

  smmu_verdict u_verdict (
    .valid_i (state_q == Decide), .cfg_i, .req_i (req_q), .fault_i (fault_q), .xcfg_valid_i (xcfg_valid_q),
    .xcfg_i (xcfg_q), .leaf_valid_i (leaf_valid_q), .leaf_i (leaf),
    .need_o (need), .status_o (status), .event_o (to_record), .pa_o (pa), .entry_o (entry)
  );

  smmu_fault u_fault (
    .valid_i (state_q == Event), .fault_i (event_q), .req_i (req_q), .faddr_i (faddr_q), .record_o (evt_o)
  );

  always_comb begin
    state_d      = state_q;
    req_d        = req_q;
    colour_d     = colour_q;
    ste_valid_d  = ste_valid_q;
    xcfg_valid_d = xcfg_valid_q;
    fetched_d    = fetched_q;
    xcfg_d       = xcfg_q;
    wcfg_d       = wcfg_q;
    leaf_valid_d = leaf_valid_q;
    fault_d      = fault_q;
    faddr_d      = faddr_q;
    rsp_d        = rsp_q;
    event_d      = event_q;
    nofill_tlb_d = nofill_tlb_q || inval_i;
    nofill_cfg_d = nofill_cfg_q || inval_cfg_i;
    ste_start    = 1'b0;
    cd_start     = 1'b0;
    ptw_start    = 1'b0;
    cfg_fill_o   = 1'b0;
    tlb_fill_o   = 1'b0;
    quiet_fsm    = 1'b0;

    unique case (state_q)
      Idle: begin
        quiet_fsm    = !req_valid_i;
        nofill_tlb_d = 1'b0;
        nofill_cfg_d = 1'b0;
        if (req_valid_i) begin
          req_d        = req_i;
          colour_d     = colour_i;
          ste_valid_d  = 1'b0;
          xcfg_valid_d = 1'b0;
          fetched_d    = 1'b0;
          leaf_valid_d = 1'b0;
          fault_d      = '0;
          state_d      = Look;
        end
      end

      // The cache is read here, so an invalidation that takes effect in this cycle already forbids the TLB's fill.
      Look: begin
        xcfg_valid_d = look_hit_i;
        xcfg_d       = look_xcfg_i;
        wcfg_d       = look_wcfg_i;
        state_d      = Decide;
      end

      Decide: unique case (need)
        NeedSte: begin
          ste_start = 1'b1;
          state_d   = Ste;
        end
        NeedCd: begin
          ste_start = !ste_valid_q;       // the cache had the STE's part only
          cd_start  = ste_valid_q;
          state_d   = ste_valid_q ? Cd : Ste;
        end
        NeedLeaf: begin
          ptw_start = 1'b1;
          state_d   = Ptw;
        end
        default: begin
          rsp_d      = '{port: req_q.port, status: status, pa: pa, entry: entry, colour: colour_q};
          event_d    = to_record;
          cfg_fill_o = fetched_q && !nofill_cfg_q && !inval_cfg_i;
          tlb_fill_o = leaf_valid_q && !nofill_tlb_q && !inval_i;
          state_d    = (to_record != '0) ? Event : Rsp;
        end
      endcase

      Ste: begin
        quiet_fsm = 1'b1;
        if (ste_done) begin
          ste_valid_d  = 1'b1;
          xcfg_valid_d = ste_fault == '0;
          fetched_d    = ste_fault == '0;
          xcfg_d       = xcfg_of_ste(ste, req_q.ssv);
          wcfg_d       = '0;
          fault_d      = ste_fault;
          faddr_d      = ste_faddr;
          state_d      = Decide;
        end
      end

      Cd: begin
        quiet_fsm = 1'b1;
        if (cd_done) begin
          xcfg_valid_d = cd_fault == '0;
          fetched_d    = cd_fault == '0;
          xcfg_d       = cd_xcfg;
          wcfg_d       = cd_wcfg;
          fault_d      = cd_fault;
          faddr_d      = cd_faddr;
          state_d      = Decide;
        end
      end

      Ptw: begin
        quiet_fsm = 1'b1;
        if (ptw_done) begin
          leaf_valid_d = ptw_fault == '0;
          fault_d      = ptw_fault;
          faddr_d      = ptw_faddr;
          state_d      = Decide;
        end
      end

      Event: begin
        quiet_fsm = !evt_ready_i;
        if (evt_ready_i) state_d = Rsp;
      end

      Rsp: if (rsp_ready_i) state_d = Idle;

      default: state_d = Idle;
    endcase
  end

  assign req_ready_o  = state_q == Idle;
  assign rsp_valid_o  = state_q == Rsp;
  assign rsp_o        = rsp_q;
  assign evt_valid_o  = state_q == Event;
  assign look_valid_o = state_q == Look && req_q.sid[31:SidW] == '0;
  assign key_o        = {req_q.sid[SidW-1:0], req_q.ssv, req_q.ssid};
  assign xcfg_o       = xcfg_q;
  assign wcfg_o       = wcfg_q;
  assign tag_o        = tag_of(xcfg_q, req_q.addr);
  assign leaf_o       = leaf;
  assign quiet_o      = quiet_fsm && ste_quiet && cd_quiet && ptw_quiet;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= Idle;
      req_q        <= '0;
      colour_q     <= 1'b0;
      ste_valid_q  <= 1'b0;
      xcfg_valid_q <= 1'b0;
      fetched_q    <= 1'b0;
      xcfg_q       <= '0;
      wcfg_q       <= '0;
      leaf_valid_q <= 1'b0;
      fault_q      <= '0;
      faddr_q      <= '0;
      nofill_cfg_q <= 1'b0;
      nofill_tlb_q <= 1'b0;
      rsp_q        <= '0;
      event_q      <= '0;
    end else begin
      state_q      <= state_d;
      req_q        <= req_d;
      colour_q     <= colour_d;
      ste_valid_q  <= ste_valid_d;
      xcfg_valid_q <= xcfg_valid_d;
      fetched_q    <= fetched_d;
      xcfg_q       <= xcfg_d;
      wcfg_q       <= wcfg_d;
      leaf_valid_q <= leaf_valid_d;
      fault_q      <= fault_d;
      faddr_q      <= faddr_d;
      nofill_cfg_q <= nofill_cfg_d;
      nofill_tlb_q <= nofill_tlb_d;
      rsp_q        <= rsp_d;
      event_q      <= event_d;
    end
  end

endmodule
