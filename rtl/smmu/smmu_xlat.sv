// SPDX-License-Identifier: Apache-2.0
//
// Translation side of the SMMU: configuration lookup, TLB, walker, device transactions, ATS answers, drain.
//
// smmu_tbu answers what the caches can answer; `NumWalk` resolvers do the rest, each one request at a time and with its own
// memory port; the parked ports take turns, the lowest idle resolver takes the next. Invalidations, RESUME and STALL_TERM are
// taken one of each a cycle, registered, and applied in the next cycle (`inval_idle_o` low).
// Guarantees, for the SYNC: once `drain_done_o` is high after a `drain_start_i` that followed the invalidations, every
// request accepted before is done (its txn_done has come), its event was handed to `evt_*`, no answer from an old table
// entry can follow, and no cache holds what the invalidations named. `drain_start_i` may come in the cycle after the last
// invalidation was accepted: a request of the new colour looks into the caches later than the invalidation applies.
// Stalled transactions are not waited for; those that SMMUEN 1->0 ends are, from then on.
// Does NOT: PRI, HTTU.
// Latency: 2 cycles from accept to response on a hit; see doc/rtl/smmu_xlat.md for misses. Ports: doc/interfaces.md.
module smmu_xlat
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp  = 4,           // ports with at most one request outstanding each, 1..16
  parameter int unsigned NumWalk = 4,          // resolvers
  parameter int unsigned NumTlb = 32,          // TLB entries
  parameter int unsigned NumCfg = 8,           // configuration cache entries
  parameter int unsigned NumWc  = 16           // walk cache entries, 0: none
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  xlat_cfg_t                  cfg_i,

  input  logic                       cfgi_valid_i,
  output logic                       cfgi_ready_o,
  input  cfgi_cmd_t                  cfgi_i,
  input  logic                       tlbi_valid_i,
  output logic                       tlbi_ready_o,
  input  tlbi_cmd_t                  tlbi_i,
  input  logic                       stall_valid_i,
  output logic                       stall_ready_o,
  input  stall_cmd_t                 stall_i,
  output logic                       inval_idle_o,

  input  logic                       drain_start_i,
  output logic                       drain_done_o,

  input  logic                       tbu_req_valid_i,
  output logic                       tbu_req_ready_o,
  input  tbu_req_t                   tbu_req_i,
  output logic                       tbu_rsp_valid_o,
  input  logic                       tbu_rsp_ready_i,
  output tbu_rsp_t                   tbu_rsp_o,
  input  txn_done_t [NumTxnDone-1:0] txn_done_i,

  output logic     [NumWalk-1:0]     mrd_req_valid_o,      // one read outstanding on each port
  input  logic     [NumWalk-1:0]     mrd_req_ready_i,
  output mrd_req_t [NumWalk-1:0]     mrd_req_o,
  input  logic     [NumWalk-1:0]     mrd_rsp_valid_i,
  input  mrd_rsp_t                   mrd_rsp_i,            // of the port whose valid is up

  output logic                       evt_valid_o,
  input  logic                       evt_ready_i,
  output logic [255:0]               evt_o,

  output xlat_stat_t                 stat_o,
  output logic                       quiet_o
);

  localparam int unsigned KeyW = SidW + 1 + SsidW;

  localparam int unsigned WalkW = (NumWalk > 1) ? $clog2(NumWalk) : 1;

  logic            colour, drained, drain_quiet, tbu_quiet;
  logic            cfgi_valid_q, tlbi_valid_q, stall_valid_q;
  cfgi_cmd_t       cfgi_q;
  stall_cmd_t      stall_q;
  tlb_inv_t        tlbi_inv, tlbi_inv_q;
  logic            fast_look, fast_hit, walk_hit;
  logic [KeyW-1:0] fast_key, look_key;
  xcfg_t           fast_xcfg, walk_xcfg;
  wcfg_t           walk_wcfg;
  logic            tlb_look, tlb_affd, tlb_s2affd, tlb_hit;
  xtag_t           tlb_tag;
  leaf_t           tlb_leaf;
  logic            slow_valid, slow_colour, slow_cold, slow_rsp_valid, slow_rsp_ready;
  logic [11:0]     stag_count;
  tbu_req_t        slow_req;
  logic            stalled, uncount, uncount_colour;
  logic [1:0]      accepted;
  logic            cfg_miss, tlb_miss;

  // ---------------------------------------------------------------- what the resolvers share
  logic        [NumWalk-1:0] res_free, res_take, res_rsp, res_rsp_take, res_stall, res_evt, res_evt_take, res_look;
  logic        [NumWalk-1:0] res_cfg_fill, res_tlb_fill, res_fill, res_fill_turn, res_quiet;
  logic        [NumWalk-1:0] res_tlb_miss, res_walk_start, res_walk_done;
  logic        [NumWalk-1:0] wc_look, wc_hit, wc_fill;
  xtag_t       [NumWalk-1:0] wc_tag;
  walk_entry_t [NumWalk-1:0] wc_entry, wc_new;
  tbu_rsp_t        res_rsp_data [NumWalk];
  logic [11:0]     res_stag     [NumWalk];
  logic [255:0]    res_record   [NumWalk];
  logic [KeyW-1:0] res_key      [NumWalk];
  xcfg_t           res_xcfg     [NumWalk];
  wcfg_t           res_wcfg     [NumWalk];
  xtag_t           res_tag      [NumWalk];
  leaf_t           res_leaf     [NumWalk];
  logic [WalkW-1:0] rsp_from, evt_from, evt_held_q, fill_from;
  logic             evt_hold_q;
  logic [NumWalk-1:0] rsp_grant, evt_grant;

  smmu_drain u_drain (
    .clk_i, .rst_ni,
    .start_i (drain_start_i), .accept_i (accepted), .stall_i (uncount), .stall_colour_i (uncount_colour), .txn_done_i,
    .colour_o (colour), .done_o (drained), .quiet_o (drain_quiet)
  );
  // SMMUEN 1->0 ends what is stalled: the drain begins when all of that is counted again.
  assign drain_done_o = drained && (cfg_i.smmuen || !stalled);

  // Invalidations: accepted in one cycle, applied in the next.
  assign cfgi_ready_o  = 1'b1;
  assign tlbi_ready_o  = 1'b1;
  assign stall_ready_o = 1'b1;
  assign inval_idle_o  = !cfgi_valid_q && !tlbi_valid_q && !stall_valid_q;

  smmu_tlbi u_tlbi (.e2h_i (cfg_i.e2h), .cmd_i (tlbi_i), .inv_o (tlbi_inv));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cfgi_valid_q  <= 1'b0;
      tlbi_valid_q  <= 1'b0;
      stall_valid_q <= 1'b0;
      cfgi_q        <= '0;
      tlbi_inv_q    <= '0;
      stall_q       <= '0;
    end else begin
      cfgi_valid_q  <= cfgi_valid_i;
      tlbi_valid_q  <= tlbi_valid_i;
      stall_valid_q <= stall_valid_i;
      if (cfgi_valid_i) cfgi_q <= cfgi_i;
      if (tlbi_valid_i) tlbi_inv_q <= tlbi_inv;
      if (stall_valid_i) stall_q <= stall_i;
    end
  end

  smmu_tbu #(.NumEp(NumEp)) u_tbu (
    .clk_i, .rst_ni, .cfg_i, .colour_i (colour),
    .req_valid_i (tbu_req_valid_i), .req_ready_o (tbu_req_ready_o), .req_i (tbu_req_i),
    .rsp_valid_o (tbu_rsp_valid_o), .rsp_ready_i (tbu_rsp_ready_i), .rsp_o (tbu_rsp_o),
    .look_valid_o (fast_look), .look_key_o (fast_key), .look_hit_i (fast_hit), .look_xcfg_i (fast_xcfg),
    .tlb_valid_o (tlb_look), .tlb_tag_o (tlb_tag), .tlb_affd_o (tlb_affd), .tlb_s2affd_o (tlb_s2affd),
    .tlb_hit_i (tlb_hit), .tlb_leaf_i (tlb_leaf),
    .slow_valid_o (slow_valid), .slow_ready_i (res_free != '0), .slow_req_o (slow_req), .slow_colour_o (slow_colour),
    .slow_cold_o (slow_cold), .stag_count_o (stag_count),
    .slow_rsp_valid_i (slow_rsp_valid), .slow_rsp_ready_o (slow_rsp_ready), .slow_rsp_i (res_rsp_data[rsp_from]),
    .slow_rsp_stall_i (res_stall[rsp_from]), .slow_rsp_stag_i (res_stag[rsp_from]),
    .stall_valid_i (stall_valid_q), .stall_i (stall_q), .stalled_o (stalled), .accept_o (accepted),
    .uncount_o (uncount), .uncount_colour_o (uncount_colour),
    .cfg_miss_o (cfg_miss), .tlb_miss_o (tlb_miss), .quiet_o (tbu_quiet)
  );

  smmu_cfg_cache #(.NumCfg(NumCfg)) u_cfg_cache (
    .clk_i, .rst_ni,
    .fast_valid_i (fast_look), .fast_key_i (fast_key), .fast_hit_o (fast_hit), .fast_xcfg_o (fast_xcfg),
    .walk_valid_i (res_look != '0), .walk_key_i (look_key), .walk_hit_o (walk_hit), .walk_xcfg_o (walk_xcfg),
    .walk_wcfg_o (walk_wcfg),
    .fill_i (res_cfg_fill[fill_from]), .fill_key_i (res_key[fill_from]), .fill_xcfg_i (res_xcfg[fill_from]),
    .fill_wcfg_i (res_wcfg[fill_from]),
    .inv_valid_i (cfgi_valid_q), .inv_i (cfgi_q)
  );

  smmu_tlb #(.NumTlb(NumTlb)) u_tlb (
    .clk_i, .rst_ni,
    .lookup_valid_i (tlb_look), .lookup_tag_i (tlb_tag), .lookup_affd_i (tlb_affd), .lookup_s2affd_i (tlb_s2affd),
    .hit_o (tlb_hit), .leaf_o (tlb_leaf),
    .fill_i (res_tlb_fill[fill_from]), .fill_tag_i (res_tag[fill_from]), .fill_leaf_i (res_leaf[fill_from]),
    .inv_valid_i (tlbi_valid_q), .inv_i (tlbi_inv_q)
  );

  smmu_walk_cache #(.NumWalk(NumWalk), .NumEntry(NumWc)) u_walk_cache (
    .clk_i, .rst_ni,
    .look_valid_i (wc_look), .tag_i (wc_tag), .hit_o (wc_hit), .entry_o (wc_entry),
    .fill_i (wc_fill), .fill_entry_i (wc_new),
    .inv_valid_i (tlbi_valid_q), .inv_i (tlbi_inv_q), .inv_all_i (cfgi_valid_q)
  );

  for (genvar i = 0; i < NumWalk; i++) begin : gen_resolve
    logic clk;

    clk_gate u_gate (.clk_i, .idle_i (res_quiet[i] && inval_idle_o), .clk_o (clk));

    smmu_resolve u_resolve (
      .clk_i (clk), .rst_ni, .cfg_i,
      .req_valid_i (res_take[i]), .req_ready_o (res_free[i]), .req_i (slow_req), .colour_i (slow_colour),
      .cold_i (slow_cold), .stag_count_i (stag_count),
      .rsp_valid_o (res_rsp[i]), .rsp_ready_i (res_rsp_take[i]), .rsp_o (res_rsp_data[i]),
      .rsp_stall_o (res_stall[i]), .rsp_stag_o (res_stag[i]),
      .evt_valid_o (res_evt[i]), .evt_ready_i (res_evt_take[i]), .evt_o (res_record[i]),
      .look_valid_o (res_look[i]), .key_o (res_key[i]), .look_hit_i (walk_hit), .look_xcfg_i (walk_xcfg),
      .look_wcfg_i (walk_wcfg),
      .inval_i (cfgi_valid_q || tlbi_valid_q), .inval_cfg_i (cfgi_valid_q),
      .cfg_fill_o (res_cfg_fill[i]), .tlb_fill_o (res_tlb_fill[i]), .fill_ready_i (res_fill_turn[i]),
      .xcfg_o (res_xcfg[i]), .wcfg_o (res_wcfg[i]), .tag_o (res_tag[i]), .leaf_o (res_leaf[i]),
      .wc_look_o (wc_look[i]), .wc_tag_o (wc_tag[i]), .wc_hit_i (wc_hit[i]), .wc_entry_i (wc_entry[i]),
      .wc_fill_o (wc_fill[i]), .wc_entry_o (wc_new[i]),
      .mrd_req_valid_o (mrd_req_valid_o[i]), .mrd_req_ready_i (mrd_req_ready_i[i]), .mrd_req_o (mrd_req_o[i]),
      .mrd_rsp_valid_i (mrd_rsp_valid_i[i]), .mrd_rsp_i,
      .tlb_miss_o (res_tlb_miss[i]), .walk_start_o (res_walk_start[i]), .walk_done_o (res_walk_done[i]),
      .quiet_o (res_quiet[i])
    );
  end

  // One request a cycle is handed over, so at most one resolver looks into the configuration cache in a cycle.
  assign res_take = slow_valid ? res_free & (~res_free + 1'b1) : '0;
  always_comb begin
    look_key = '0;
    for (int unsigned i = 0; i < NumWalk; i++) if (res_look[i]) look_key = res_key[i];
  end

  // Fills: one resolver a cycle, the lowest first; each has few.
  assign res_fill      = res_cfg_fill | res_tlb_fill;
  assign res_fill_turn = res_fill & (~res_fill + 1'b1);
  always_comb begin
    fill_from = '0;
    for (int unsigned i = 0; i < NumWalk; i++) if (res_fill_turn[i]) fill_from = WalkW'(i);
  end

  // Responses.
  arb_rr #(.N(NumWalk)) u_rsp_arb (
    .clk_i, .rst_ni, .req_i (res_rsp), .advance_i (slow_rsp_ready), .grant_o (rsp_grant), .valid_o (slow_rsp_valid),
    .index_o (rsp_from)
  );
  assign res_rsp_take = slow_rsp_ready ? rsp_grant : '0;

  // Events: one that is offered stays offered until it is taken.
  arb_rr #(.N(NumWalk)) u_evt_arb (
    .clk_i, .rst_ni, .req_i (evt_hold_q ? NumWalk'(1) << evt_held_q : res_evt), .advance_i (evt_ready_i),
    .grant_o (evt_grant), .valid_o (evt_valid_o), .index_o (evt_from)
  );
  assign evt_o        = res_record[evt_from];
  assign res_evt_take = evt_ready_i ? evt_grant : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      evt_hold_q <= 1'b0;
      evt_held_q <= '0;
    end else begin
      evt_hold_q <= evt_valid_o && !evt_ready_i;
      if (evt_valid_o) evt_held_q <= evt_from;
    end
  end

  always_comb begin
    stat_o          = '0;
    stat_o.txn      = tbu_req_valid_i;
    stat_o.ats      = tbu_req_valid_i && tbu_req_i.at == AtTranslationReq;
    stat_o.cfg_miss = cfg_miss;
    stat_o.tlb_miss = 3'(tlb_miss);
    if ((res_tlb_miss | res_walk_start | res_walk_done) != '0) begin
      for (int unsigned i = 0; i < NumWalk; i++) begin
        stat_o.tlb_miss   += 3'(res_tlb_miss[i]);
        stat_o.walk_start += 3'(res_walk_start[i]);
        stat_o.walk_done  += 3'(res_walk_done[i]);
      end
    end
  end

  assign quiet_o = drain_quiet && tbu_quiet && (&res_quiet) && inval_idle_o && !cfgi_valid_i && !tlbi_valid_i &&
                   !stall_valid_i && evt_hold_q == (evt_valid_o && !evt_ready_i);

endmodule
