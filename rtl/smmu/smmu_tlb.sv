// SPDX-License-Identifier: Apache-2.0
//
// Fully associative TLB: stage 1, stage 2 and combined translations, tagged by regime, VMID and ASID; pages of 4 KiB, 2 MiB
// and 1 GiB; invalidation by range (smmuv3 sections 2 and 6).
//
// `lookup_*`: combinational, for one address a cycle. `fill_i` (pulse) writes an entry; it takes a free place, else the
// oldest place in turn, and drops every entry that overlaps the new one in the same address space, so a lookup hits at
// most one. `inv_i` (pulse) drops the entries that it names. Both are effective from the next cycle. Invalidation and
// fill in one cycle: the caller must not fill (smmu_resolve's nofill rule).
// Guarantees: an entry hits only for its own regime (stage 1 alone, both, stage 2 alone, EL2) and VMID; nG = 0 entries hit
// for every ASID of these. An entry with AF = 0 of a stage hits only for a configuration with that stage's AFFD.
// Does NOT report overlaps (no F_TLB_CONFLICT), check permissions, or hold IPAs: TLBI by IPA drops every combined entry
// of the VMID.
// Latency: lookup 0 cycles; fill and invalidation 1 cycle.
module smmu_tlb
  import smmu_pkg::*;
#(
  parameter int unsigned NumTlb = 32              // entries, a power of two
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             lookup_valid_i,
  input  xtag_t            lookup_tag_i,
  input  logic             lookup_affd_i,
  input  logic             lookup_s2affd_i,
  output logic             hit_o,
  output leaf_t            leaf_o,

  input  logic             fill_i,
  input  xtag_t            fill_tag_i,            // vpn of any page inside the leaf
  input  leaf_t            fill_leaf_i,

  input  logic             inv_valid_i,
  input  tlb_inv_t         inv_i
);

  localparam int unsigned IdxW = $clog2(NumTlb);

  xtag_t             tag_q   [NumTlb];            // vpn of the first page of the leaf
  leaf_t             leaf_q  [NumTlb];
  logic [NumTlb-1:0] valid_d, valid_q;
  logic [IdxW-1:0]   turn_q, place;
  xtag_t             new_tag;

  logic unused_leaf;
  assign unused_leaf = inv_i.leaf;

  always_comb begin
    hit_o  = 1'b0;
    leaf_o = '0;
    if (lookup_valid_i) begin
      for (int unsigned i = 0; i < NumTlb; i++) begin
        if (valid_q[i] && ((tag_q[i].vpn ^ lookup_tag_i.vpn) & ~leaf_span(leaf_q[i].level)) == '0 &&
            tag_q[i].regime == lookup_tag_i.regime && tag_q[i].vmid == lookup_tag_i.vmid &&
            (!leaf_q[i].ng || tag_q[i].asid == lookup_tag_i.asid)) begin
          hit_o  = (leaf_q[i].af || lookup_affd_i) && (leaf_q[i].s2af || lookup_s2affd_i);
          leaf_o = leaf_q[i];
        end
      end
    end
  end

  always_comb begin
    vpn_t last;
    logic named;
    last        = '0;
    named       = 1'b0;
    valid_d     = valid_q;
    place       = turn_q;
    new_tag     = fill_tag_i;
    new_tag.vpn = fill_tag_i.vpn & ~leaf_span(fill_leaf_i.level);
    if (inv_valid_i) begin
      for (int unsigned i = 0; i < NumTlb; i++) begin
        last = tag_q[i].vpn | leaf_span(leaf_q[i].level);
        unique case (tag_q[i].regime)
          RegimeS1:  named = inv_i.s1;
          RegimeS12: named = inv_i.s12;
          RegimeS2:  named = inv_i.s2;
          default:   named = inv_i.el2;
        endcase
        if (named && (!inv_i.by_vmid || tag_q[i].vmid == inv_i.vmid) &&
            (!inv_i.by_asid || (leaf_q[i].ng ? tag_q[i].asid == inv_i.asid : inv_i.global_too)) &&
            (!inv_i.by_va || (inv_i.ipa && tag_q[i].regime == RegimeS12) ||
             (tag_q[i].vpn <= inv_i.last && last >= inv_i.first))) valid_d[i] = 1'b0;
      end
    end
    if (fill_i) begin
      for (int unsigned i = 0; i < NumTlb; i++) begin
        if (((tag_q[i].vpn ^ new_tag.vpn) & ~(leaf_span(leaf_q[i].level) | leaf_span(fill_leaf_i.level))) == '0 &&
            tag_q[i].regime == new_tag.regime && tag_q[i].vmid == new_tag.vmid &&
            (!leaf_q[i].ng || !fill_leaf_i.ng || tag_q[i].asid == new_tag.asid)) valid_d[i] = 1'b0;
      end
      for (int unsigned i = 0; i < NumTlb; i++) if (!valid_d[NumTlb-1-i]) place = IdxW'(NumTlb - 1 - i);
      valid_d[place] = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      turn_q  <= '0;
    end else begin
      valid_q <= valid_d;
      if (fill_i && place == turn_q) turn_q <= turn_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      tag_q[place]  <= new_tag;
      leaf_q[place] <= fill_leaf_i;
    end
  end

endmodule
