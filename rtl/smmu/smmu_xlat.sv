// SPDX-License-Identifier: Apache-2.0
//
// Translation side of the SMMU: configuration lookup, TLB, walker, device transactions, ATS answers, drain.
//
// smmu_tbu answers what the caches can answer; smmu_resolve does the rest, one request at a time. Invalidations are taken
// one a cycle each, registered, and applied in the next cycle (`inval_idle_o` low).
// Guarantees, for the SYNC: once `drain_done_o` is high after a `drain_start_i` that followed the invalidations, every
// request accepted before is done (its txn_done has come), its event was handed to `evt_*`, no answer from an old table
// entry can follow, and no cache holds what the invalidations named. `drain_start_i` may come in the cycle after the last
// invalidation was accepted: a request of the new colour looks into the caches later than the invalidation applies.
// Does NOT: stage 2, PRI, HTTU, stalling, events of failed translation requests other than F_BAD_ATS_TREQ.
// Latency: 2 cycles from accept to response on a hit; see doc/rtl/smmu_xlat.md for misses. Ports: doc/interfaces.md.
module smmu_xlat
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp  = 4,           // ports with at most one request outstanding each, 1..16
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

  output logic                       mrd_req_valid_o,
  input  logic                       mrd_req_ready_i,
  output mrd_req_t                   mrd_req_o,
  input  logic                       mrd_rsp_valid_i,
  input  mrd_rsp_t                   mrd_rsp_i,

  output logic                       evt_valid_o,
  input  logic                       evt_ready_i,
  output logic [255:0]               evt_o,

  output logic                       quiet_o
);

  localparam int unsigned KeyW = SidW + 1 + SsidW;

  logic            colour, drain_quiet, tbu_quiet, resolve_quiet;
  logic            cfgi_valid_q, tlbi_valid_q;
  cfgi_cmd_t       cfgi_q;
  tlb_inv_t        tlbi_inv, tlbi_inv_q;
  logic            fast_look, fast_hit, walk_look, walk_hit, cfg_fill;
  logic [KeyW-1:0] fast_key, walk_key;
  xcfg_t           fast_xcfg, walk_xcfg, fill_xcfg;
  wcfg_t           walk_wcfg, fill_wcfg;
  logic            tlb_look, tlb_affd, tlb_s2affd, tlb_hit, tlb_fill;
  xtag_t           tlb_tag, fill_tag;
  leaf_t           tlb_leaf, fill_leaf;
  logic            wc_look, wc_hit, wc_fill;
  xtag_t           wc_tag;
  walk_entry_t     wc_entry, wc_new;
  logic            slow_valid, slow_ready, slow_colour, slow_rsp_valid, slow_rsp_ready;
  tbu_req_t        slow_req;
  tbu_rsp_t        slow_rsp;

  smmu_drain u_drain (
    .clk_i, .rst_ni,
    .start_i (drain_start_i), .accept_i (tbu_req_valid_i && tbu_req_ready_o), .txn_done_i,
    .colour_o (colour), .done_o (drain_done_o), .quiet_o (drain_quiet)
  );

  // Invalidations: accepted in one cycle, applied in the next.
  assign cfgi_ready_o = 1'b1;
  assign tlbi_ready_o = 1'b1;
  assign inval_idle_o = !cfgi_valid_q && !tlbi_valid_q;

  smmu_tlbi u_tlbi (.e2h_i (cfg_i.e2h), .cmd_i (tlbi_i), .inv_o (tlbi_inv));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cfgi_valid_q <= 1'b0;
      tlbi_valid_q <= 1'b0;
      cfgi_q       <= '0;
      tlbi_inv_q   <= '0;
    end else begin
      cfgi_valid_q <= cfgi_valid_i;
      tlbi_valid_q <= tlbi_valid_i;
      if (cfgi_valid_i) cfgi_q <= cfgi_i;
      if (tlbi_valid_i) tlbi_inv_q <= tlbi_inv;
    end
  end

  smmu_tbu #(.NumEp(NumEp)) u_tbu (
    .clk_i, .rst_ni, .cfg_i, .colour_i (colour),
    .req_valid_i (tbu_req_valid_i), .req_ready_o (tbu_req_ready_o), .req_i (tbu_req_i),
    .rsp_valid_o (tbu_rsp_valid_o), .rsp_ready_i (tbu_rsp_ready_i), .rsp_o (tbu_rsp_o),
    .look_valid_o (fast_look), .look_key_o (fast_key), .look_hit_i (fast_hit), .look_xcfg_i (fast_xcfg),
    .tlb_valid_o (tlb_look), .tlb_tag_o (tlb_tag), .tlb_affd_o (tlb_affd), .tlb_s2affd_o (tlb_s2affd),
    .tlb_hit_i (tlb_hit), .tlb_leaf_i (tlb_leaf),
    .slow_valid_o (slow_valid), .slow_ready_i (slow_ready), .slow_req_o (slow_req), .slow_colour_o (slow_colour),
    .slow_rsp_valid_i (slow_rsp_valid), .slow_rsp_ready_o (slow_rsp_ready), .slow_rsp_i (slow_rsp),
    .quiet_o (tbu_quiet)
  );

  smmu_cfg_cache #(.NumCfg(NumCfg)) u_cfg_cache (
    .clk_i, .rst_ni,
    .fast_valid_i (fast_look), .fast_key_i (fast_key), .fast_hit_o (fast_hit), .fast_xcfg_o (fast_xcfg),
    .walk_valid_i (walk_look), .walk_key_i (walk_key), .walk_hit_o (walk_hit), .walk_xcfg_o (walk_xcfg),
    .walk_wcfg_o (walk_wcfg),
    .fill_i (cfg_fill), .fill_key_i (walk_key), .fill_xcfg_i (fill_xcfg), .fill_wcfg_i (fill_wcfg),
    .inv_valid_i (cfgi_valid_q), .inv_i (cfgi_q)
  );

  smmu_tlb #(.NumTlb(NumTlb)) u_tlb (
    .clk_i, .rst_ni,
    .lookup_valid_i (tlb_look), .lookup_tag_i (tlb_tag), .lookup_affd_i (tlb_affd), .lookup_s2affd_i (tlb_s2affd),
    .hit_o (tlb_hit), .leaf_o (tlb_leaf),
    .fill_i (tlb_fill), .fill_tag_i (fill_tag), .fill_leaf_i (fill_leaf),
    .inv_valid_i (tlbi_valid_q), .inv_i (tlbi_inv_q)
  );

  smmu_walk_cache #(.NumWalk(1), .NumEntry(NumWc)) u_walk_cache (
    .clk_i, .rst_ni,
    .look_valid_i (wc_look), .tag_i (wc_tag), .hit_o (wc_hit), .entry_o (wc_entry),
    .fill_i (wc_fill), .fill_entry_i (wc_new),
    .inv_valid_i (tlbi_valid_q), .inv_i (tlbi_inv_q), .inv_all_i (cfgi_valid_q)
  );

  smmu_resolve u_resolve (
    .clk_i, .rst_ni, .cfg_i,
    .req_valid_i (slow_valid), .req_ready_o (slow_ready), .req_i (slow_req), .colour_i (slow_colour),
    .rsp_valid_o (slow_rsp_valid), .rsp_ready_i (slow_rsp_ready), .rsp_o (slow_rsp),
    .evt_valid_o, .evt_ready_i, .evt_o,
    .look_valid_o (walk_look), .key_o (walk_key), .look_hit_i (walk_hit), .look_xcfg_i (walk_xcfg),
    .look_wcfg_i (walk_wcfg),
    .inval_i (cfgi_valid_q || tlbi_valid_q), .inval_cfg_i (cfgi_valid_q),
    .cfg_fill_o (cfg_fill), .tlb_fill_o (tlb_fill), .xcfg_o (fill_xcfg), .wcfg_o (fill_wcfg), .tag_o (fill_tag),
    .leaf_o (fill_leaf),
    .wc_look_o (wc_look), .wc_tag_o (wc_tag), .wc_hit_i (wc_hit), .wc_entry_i (wc_entry), .wc_fill_o (wc_fill),
    .wc_entry_o (wc_new),
    .mrd_req_valid_o, .mrd_req_ready_i, .mrd_req_o, .mrd_rsp_valid_i, .mrd_rsp_i,
    .quiet_o (resolve_quiet)
  );

  assign quiet_o = drain_quiet && tbu_quiet && resolve_quiet && inval_idle_o && !cfgi_valid_i && !tlbi_valid_i;

endmodule
