// SPDX-License-Identifier: Apache-2.0
//
// Walk cache: tables and stage 2 leaves that a walk can start at instead of at the top; fully associative, shared by the
// walkers.
//
// An entry is, under {regime, VMID, ASID, address prefix}: a stage 1 table (of a nested walk: its IPA) with the table
// attributes met on the way; a stage 2 table; or a stage 2 leaf that allows reads (what table fetches of nested walks
// need, and blocks). `tag_i` of a walker serves its lookup (combinational, the deepest entry wins) and its fill. Fills are
// hints: of several in one cycle one is taken. A fill replaces the entry of the same range, else a free place, else the
// oldest in turn. Fills and invalidations are effective from the next cycle; in the cycle of one the walkers do not fill.
// Guarantees: drops at least what a TLBI names. It drops more: by address whatever the ASID; by IPA every stage 1 table of
// the VMID that was read through stage 2; and everything on a CFGI (`inv_all_i`), because entries do not know their CD.
// With `leaf` of a TLBI the other tables stay.
// Does NOT check that tables change by break before make. NumEntry = 0: nothing ever hits.
// Latency: lookup 0 cycles; fill and invalidation 1 cycle.
module smmu_walk_cache
  import smmu_pkg::*;
#(
  parameter int unsigned NumWalk  = 4,
  parameter int unsigned NumEntry = 16                 // a power of two, or 0
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic        [NumWalk-1:0] look_valid_i,
  input  xtag_t       [NumWalk-1:0] tag_i,
  output logic        [NumWalk-1:0] hit_o,
  output walk_entry_t [NumWalk-1:0] entry_o,

  input  logic        [NumWalk-1:0] fill_i,
  input  walk_entry_t [NumWalk-1:0] fill_entry_i,

  input  logic                      inv_valid_i,
  input  tlb_inv_t                  inv_i,
  input  logic                      inv_all_i
);

  if (NumEntry == 0) begin : g_none

    assign hit_o   = '0;
    assign entry_o = '0;

    logic unused;
    assign unused = ^{clk_i, rst_ni, look_valid_i, tag_i, fill_i, fill_entry_i, inv_valid_i, inv_i, inv_all_i};

  end else begin : g_cache

    localparam int unsigned IdxW = (NumEntry > 1) ? $clog2(NumEntry) : 1;

    xtag_t               tag_q   [NumEntry];           // vpn of the first page of the range
    walk_entry_t         entry_q [NumEntry];
    logic [NumEntry-1:0] valid_d, valid_q;
    logic [IdxW-1:0]     turn_q, place;
    logic                fill;
    xtag_t               new_tag;
    walk_entry_t         new_entry;

    logic                unused_global;

    assign unused_global = inv_i.global_too;

    function automatic vpn_t span(logic leaf, logic [1:0] level);  // page number bits inside the range of an entry
      return leaf ? leaf_span(level) : table_span(level);
    endfunction

    always_comb begin
      hit_o   = '0;
      entry_o = '0;
      for (int unsigned w = 0; w < NumWalk; w++) begin
        if (look_valid_i[w]) begin
          for (int unsigned i = 0; i < NumEntry; i++) begin
            if (valid_q[i] && ((tag_q[i].vpn ^ tag_i[w].vpn) & ~span(entry_q[i].leaf, entry_q[i].level)) == '0 &&
                tag_q[i].regime == tag_i[w].regime && tag_q[i].vmid == tag_i[w].vmid &&
                tag_q[i].asid == tag_i[w].asid &&
                (!hit_o[w] || {entry_q[i].leaf, entry_q[i].level} > {entry_o[w].leaf, entry_o[w].level})) begin
              hit_o[w]   = 1'b1;
              entry_o[w] = entry_q[i];
            end
          end
        end
      end
    end

    always_comb begin
      vpn_t last;
      logic named, through;
      last      = '0;
      named     = 1'b0;
      through   = 1'b0;
      valid_d   = valid_q;
      place     = turn_q;
      fill      = 1'b0;
      new_tag   = '0;
      new_entry = '0;
      if (inv_all_i) valid_d = '0;
      if (inv_valid_i) begin
        for (int unsigned i = 0; i < NumEntry; i++) begin
          last = tag_q[i].vpn | span(entry_q[i].leaf, entry_q[i].level);
          unique case (tag_q[i].regime)
            RegimeS1:  named = inv_i.s1;
            RegimeS12: named = inv_i.s12;
            RegimeS2:  named = inv_i.s2;
            default:   named = inv_i.el2;
          endcase
          through = inv_i.ipa && tag_q[i].regime == RegimeS12;
          if (named && (!inv_i.leaf || entry_q[i].leaf || through) && (!inv_i.by_vmid || tag_q[i].vmid == inv_i.vmid) &&
              (inv_i.by_va ? through || (tag_q[i].vpn <= inv_i.last && last >= inv_i.first)
                           : !inv_i.by_asid || tag_q[i].asid == inv_i.asid)) valid_d[i] = 1'b0;
        end
      end
      if (fill_i != '0) begin
        fill = 1'b1;
        for (int unsigned w = 0; w < NumWalk; w++) begin
          if (fill_i[w]) begin
            new_tag   = tag_i[w];
            new_entry = fill_entry_i[w];
          end
        end
        new_tag.vpn &= ~span(new_entry.leaf, new_entry.level);
        for (int unsigned i = 0; i < NumEntry; i++) begin
          if (tag_q[i] == new_tag && entry_q[i].leaf == new_entry.leaf && entry_q[i].level == new_entry.level)
            valid_d[i] = 1'b0;
        end
        for (int unsigned i = 0; i < NumEntry; i++) if (!valid_d[NumEntry-1-i]) place = IdxW'(NumEntry - 1 - i);
        valid_d[place] = 1'b1;
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        valid_q <= '0;
        turn_q  <= '0;
      end else begin
        valid_q <= valid_d;
        if (fill && place == turn_q) turn_q <= turn_q + 1'b1;
      end
    end

    always_ff @(posedge clk_i) begin
      if (fill) begin
        tag_q[place]   <= new_tag;
        entry_q[place] <= new_entry;
      end
    end

  end

endmodule
