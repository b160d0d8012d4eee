// SPDX-License-Identifier: Apache-2.0
//
// Resolves one request that the fast path could not answer: configuration, walk, event, answer, cache fills.
//
// Takes a request (`req_*`), asks smmu_verdict what is missing, fetches that (cache or STE, CD, walk), and asks again,
// until there is an answer. The event of a fault is handed over before the response, so a request that is done has no
// event left (drain of D7); a transaction that stalls goes back with `rsp_stall_o` after its event. One request at a time;
// smmu_xlat has several of these. A translation request for several pages is answered page by page (`rsp_o.more`) as long
// as each resolves, with access, to a leaf of the size of the first; the last entry ends at or after the range asked for.
// Guarantees (nofill): nothing that was read before an invalidation is put into a cache after it. `inval_i` says that an
// invalidation takes effect in this cycle; `inval_cfg_i` that it is a CFGI. TLBI does not stop the configuration's fill.
// A fill waits for `fill_ready_i`, so that fills of several resolvers come one a cycle.
// Does NOT look into the TLB again, nor cache faults, nor record why a further page ended the answer.
// Latency: 3 cycles from taking a request to its response; plus, for each of smmu_ste, smmu_cd, smmu_ptw that is used, its
// own latency + 1; plus 1 and the event queue's wait if there is an event. Each further page 2 + the walk's latency; its entry
// follows in the next free cycle of the response queue.
module smmu_resolve
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
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
  input  logic            cold_i,           // see tlb_miss_o
  input  logic [11:0]     stag_count_i,
  output logic            rsp_valid_o,
  input  logic            rsp_ready_i,
  output tbu_rsp_t        rsp_o,
  output logic            rsp_stall_o,
  output logic [11:0]     rsp_stag_o,
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
  input  logic            fill_ready_i,
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

  output logic            tlb_miss_o,       // pulses: first walk of a request that came in `cold`
  output logic            walk_start_o,
  output logic            walk_done_o,
  output logic            quiet_o
);

  typedef enum logic [2:0] {Idle, Look, Decide, Ste, Cd, Ptw, Event, Rsp} state_e;

  state_e         state_d, state_q;
  tbu_req_t       req_q;
  logic           colour_q, cold_q;
  logic           ste_valid_q;                   // smmu_ste holds this request's STE
  logic           xcfg_valid_q;
  logic           fetched_q;                     // xcfg comes from memory
  xcfg_t          xcfg_q;
  wcfg_t          wcfg_q;
  logic           leaf_valid_q;
  xfault_t        fault_q;
  logic           fault_s2_q;
  evt_class_e     class_q;
  logic [PaW-1:0] faddr_q;
  logic           nofill_cfg_q, nofill_tlb_q;
  tbu_rsp_t       rsp_q;                         // to be sent
  xfault_t        event_q;
  logic           event_s2_q, stall_q;
  logic [11:0]    stag_q;

  // Answers of several entries.
  logic           multi_q;                       // rsp_q holds an entry, the page after it is looked up
  logic [1:0]     level_q;                       // of its leaf
  logic [63:0]    next_q;                        // entry after rsp_q
  logic           final_q;                       // next_q is the last

  logic           ste_start, ste_done, ste_quiet, ste_mrd;
  logic           cd_start, cd_done, cd_quiet, cd_mrd, cd_fault_s2;
  logic           ptw_start, ptw_done, ptw_quiet, ptw_mrd, ptw_fault_s2;
  logic           s2_start, for_cd, leaf_start;
  logic [PaW-1:0] s2_ipa, ptw_ipa;
  evt_class_e     ptw_class;
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
  logic           record_s2, stalls;
  logic [PaW-1:0] pa;
  logic [63:0]    entry;
  logic [1:0]     size_level;
  logic           quiet_fsm, take, answer, entry_ok, entry_last, entry_next, fill_wait;

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
    .fault_o (cd_fault), .fault_s2_o (cd_fault_s2), .faddr_o (cd_faddr), .xcfg_o (cd_xcfg), .wcfg_o (cd_wcfg),
    .s2_start_o (s2_start), .s2_ipa_o (s2_ipa), .s2_done_i (for_cd && ptw_done), .s2_fault_i (ptw_fault),
    .s2_faddr_i (ptw_faddr), .s2_leaf_i (leaf),
    .mrd_req_valid_o (cd_mrd), .mrd_req_ready_i, .mrd_req_o (cd_mrd_req),
    .mrd_rsp_valid_i, .mrd_rsp_i,
    .quiet_o (cd_quiet)
  );

  // The walker serves the request, and while smmu_cd works, the CD behind stage 2.
  assign for_cd    = state_q == Cd;
  assign ptw_start = leaf_start || s2_start;

  smmu_ptw u_ptw (
    .clk_i, .rst_ni,
    .start_i (ptw_start), .s1_i (xcfg_q.s1 && !for_cd), .s2_i (xcfg_q.s2), .fetch_i (for_cd),
    .addr_i (for_cd ? 64'(s2_ipa) : req_q.addr),
    .xcfg_i (xcfg_q), .wcfg_i (wcfg_q), .inval_i,
    .done_o (ptw_done), .fault_o (ptw_fault), .fault_s2_o (ptw_fault_s2), .class_o (ptw_class), .ipa_o (ptw_ipa),
    .faddr_o (ptw_faddr), .leaf_o (leaf),
    .wc_look_o, .wc_tag_o, .wc_hit_i, .wc_entry_i, .wc_fill_o, .wc_entry_o,
    .mrd_req_valid_o (ptw_mrd), .mrd_req_ready_i, .mrd_req_o (ptw_mrd_req), .mrd_rsp_valid_i, .mrd_rsp_i,
    .quiet_o (ptw_quiet)
  );

  // Only one of the three ever asks.
  assign mrd_req_valid_o = ste_mrd || cd_mrd || ptw_mrd;
  assign mrd_req_o       = ste_mrd ? ste_mrd_req : cd_mrd ? cd_mrd_req : ptw_mrd_req;

  smmu_verdict u_verdict (
    .valid_i (state_q == Decide), .cfg_i, .req_i (req_q), .fault_i (fault_q), .fault_s2_i (fault_s2_q),
    .xcfg_valid_i (xcfg_valid_q), .xcfg_i (xcfg_q), .leaf_valid_i (leaf_valid_q), .leaf_i (leaf),
    .leaf1_valid_i (fault_s2_q && class_q == EVT_CLASS_INPUT),
    .need_o (need), .status_o (status), .event_o (to_record), .event_s2_o (record_s2), .stall_o (stalls), .pa_o (pa),
    .entry_o (entry), .level_o (size_level)
  );

  smmu_fault u_fault (
    .valid_i (state_q == Event), .fault_i (event_q), .req_i (req_q), .faddr_i (faddr_q), .s2_i (event_s2_q),
    .class_i (class_q), .ipa_i (ptw_ipa), .stall_i (stall_q), .stag_i ({stag_q, req_q.port}), .record_o (evt_o)
  );

  assign take       = state_q == Idle && req_valid_i;
  assign answer     = state_q == Decide && need == NeedNone && !fill_wait;
  assign entry_ok   = status == XlatOk && entry[1:0] != '0;
  assign entry_last = leaf_covers(size_level, req_q.addr[63:12], req_q.num);
  assign entry_next = entry_ok && !entry_last;                 // the first entry is not all that was asked for

  assign cfg_fill_o = state_q == Decide && need == NeedNone && fetched_q && !nofill_cfg_q && !inval_cfg_i;
  assign tlb_fill_o = state_q == Decide && need == NeedNone && leaf_valid_q && !nofill_tlb_q && !inval_i;
  assign fill_wait  = (cfg_fill_o || tlb_fill_o) && !fill_ready_i;

  always_comb begin
    state_d    = state_q;
    ste_start  = 1'b0;
    cd_start   = 1'b0;
    leaf_start = 1'b0;
    quiet_fsm  = 1'b0;

    unique case (state_q)
      Idle: begin
        quiet_fsm = !req_valid_i;
        if (req_valid_i) state_d = Look;
      end

      // The cache is read here, so an invalidation that takes effect in this cycle already forbids the TLB's fill.
      Look: state_d = Decide;

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
          leaf_start = 1'b1;
          state_d    = Ptw;
        end
        default: begin
          if (fill_wait) state_d = Decide;
          else if (multi_q) state_d = Rsp;
          else if (to_record != '0) state_d = Event;
          else state_d = entry_next ? Decide : Rsp;
        end
      endcase

      Ste: begin
        quiet_fsm = 1'b1;
        if (ste_done) state_d = Decide;
      end

      Cd: begin
        quiet_fsm = 1'b1;
        if (cd_done) state_d = Decide;
      end

      Ptw: begin
        quiet_fsm = 1'b1;
        if (ptw_done) state_d = Decide;
      end

      Event: begin
        quiet_fsm = !evt_ready_i;
        if (evt_ready_i) state_d = Rsp;
      end

      Rsp: if (rsp_ready_i) state_d = !rsp_q.more ? Idle : final_q ? Rsp : Decide;

      default: state_d = Idle;
    endcase
  end

  assign req_ready_o  = state_q == Idle;
  assign rsp_valid_o  = state_q == Rsp;
  assign rsp_o        = rsp_q;
  assign rsp_stall_o  = state_q == Rsp && stall_q;
  assign rsp_stag_o   = stag_q;
  assign evt_valid_o  = state_q == Event;
  assign look_valid_o = state_q == Look && req_q.sid[31:SidW] == '0;
  assign key_o        = {req_q.sid[SidW-1:0], req_q.ssv, req_q.ssid};
  assign xcfg_o       = xcfg_q;
  assign wcfg_o       = wcfg_q;
  assign tag_o        = tag_of(xcfg_q, req_q.addr);
  assign leaf_o       = leaf;
  assign tlb_miss_o   = leaf_start && cold_q && !multi_q;
  assign walk_start_o = ptw_start;
  assign walk_done_o  = ptw_done;
  assign quiet_o      = quiet_fsm && ste_quiet && cd_quiet && ptw_quiet;

  // The page after the leaf of the entry at hand.
  function automatic tbu_req_t after(tbu_req_t r, logic [1:0] of);
    tbu_req_t    n;
    logic [17:0] span;
    span           = 18'(leaf_span(of));
    n              = r;
    n.addr[63:12]  = (r.addr[63:12] | 52'(span)) + 1'b1;
    n.num          = r.num - 3'((span & ~r.addr[29:12]) + 1'b1);
    return n;
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q      <= Idle;
      req_q        <= '0;
      colour_q     <= 1'b0;
      cold_q       <= 1'b0;
      ste_valid_q  <= 1'b0;
      xcfg_valid_q <= 1'b0;
      fetched_q    <= 1'b0;
      xcfg_q       <= '0;
      wcfg_q       <= '0;
      leaf_valid_q <= 1'b0;
      fault_q      <= '0;
      fault_s2_q   <= 1'b0;
      class_q      <= EVT_CLASS_INPUT;
      faddr_q      <= '0;
      nofill_cfg_q <= 1'b0;
      nofill_tlb_q <= 1'b0;
      rsp_q        <= '0;
      event_q      <= '0;
      event_s2_q   <= 1'b0;
      stall_q      <= 1'b0;
      stag_q       <= '0;
      multi_q      <= 1'b0;
      level_q      <= '0;
      next_q       <= '0;
      final_q      <= 1'b0;
    end else if (take) begin
      state_q      <= state_d;
      req_q        <= req_i;
      colour_q     <= colour_i;
      cold_q       <= cold_i;
      ste_valid_q  <= 1'b0;
      xcfg_valid_q <= 1'b0;
      fetched_q    <= 1'b0;
      leaf_valid_q <= 1'b0;
      fault_q      <= '0;
      nofill_cfg_q <= 1'b0;
      nofill_tlb_q <= 1'b0;
      multi_q      <= 1'b0;
    end else if (state_q != Idle) begin
      state_q <= state_d;
      if (inval_i) nofill_tlb_q <= 1'b1;
      if (inval_cfg_i) nofill_cfg_q <= 1'b1;

      if (state_q == Look) begin
        xcfg_valid_q <= look_hit_i;
        xcfg_q       <= look_xcfg_i;
        wcfg_q       <= look_wcfg_i;
      end
      if (state_q == Ste && ste_done) begin
        ste_valid_q  <= 1'b1;
        xcfg_valid_q <= ste_fault == '0;
        fetched_q    <= ste_fault == '0;
        xcfg_q       <= xcfg_of_ste(ste, req_q.ssv);
        wcfg_q       <= wcfg_of_ste(ste);
        fault_q      <= ste_fault;
        fault_s2_q   <= 1'b0;
        faddr_q      <= ste_faddr;
      end
      // With a fault xcfg stays what the STE says: S2R and S2S decide about one of stage 2.
      if (state_q == Cd && cd_done) begin
        fetched_q  <= cd_fault == '0;
        fault_q    <= cd_fault;
        fault_s2_q <= cd_fault_s2;
        class_q    <= EVT_CLASS_CD;
        faddr_q    <= cd_faddr;
        if (cd_fault == '0) begin
          xcfg_q <= cd_xcfg;
          wcfg_q <= cd_wcfg;
        end
      end
      if (state_q == Ptw && ptw_done) begin
        leaf_valid_q <= ptw_fault == '0;
        fault_q      <= ptw_fault;
        fault_s2_q   <= ptw_fault_s2;
        class_q      <= ptw_class;
        faddr_q      <= ptw_faddr;
      end
      if (answer) begin
        fetched_q <= 1'b0;
        if (!multi_q) begin
          rsp_q      <= '{port: req_q.port, status: status, pa: pa, entry: entry, more: 1'b0, colour: colour_q};
          event_q    <= to_record;
          event_s2_q <= record_s2;
          stall_q    <= stalls;
          stag_q     <= stag_count_i;
          level_q    <= size_level;
          if (fault_q == '0) class_q <= EVT_CLASS_INPUT;
          if (entry_next) begin
            multi_q      <= 1'b1;
            req_q        <= after(req_q, size_level);
            leaf_valid_q <= 1'b0;
          end
        end else begin
          next_q     <= entry;
          rsp_q.more <= entry_ok && size_level == level_q;
          final_q    <= entry_last;
        end
      end
      if (state_q == Rsp && rsp_ready_i && rsp_q.more) begin
        rsp_q.entry <= next_q;
        rsp_q.more  <= 1'b0;
        if (!final_q) begin
          req_q        <= after(req_q, level_q);
          leaf_valid_q <= 1'b0;
          fault_q      <= '0;
        end
      end
    end
  end

endmodule
