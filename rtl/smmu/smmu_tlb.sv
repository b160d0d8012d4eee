// SPDX-License-Identifier: Apache-2.0
//
// Fully associative stage 1 TLB: regime and ASID tags, pages of 4 KiB, 2 MiB and 1 GiB, invalidation by range.
//
// `lookup_*`: combinational, for one address a cycle. `fill_i` (pulse) writes an entry; it takes a free place, else the
// oldest place in turn, and drops every entry that overlaps the new one in the same address space, so a lookup hits at
// most one. `inv_i` (pulse) drops the entries that it names. Both are effective from the next cycle. Invalidation and
// fill in one cycle: the caller must not fill (smmu_resolve's nofill rule).
// Guarantees: nG = 0 entries hit for every ASID of their regime. An entry with AF = 0 hits only for a CD with AFFD.
// Does NOT report overlaps (no F_TLB_CONFLICT), check permissions, or know VMIDs.
// Latency: lookup 0 cycles; fill and invalidation 1 cycle.
module smmu_tlb
  import smmu_pkg::*;
#(
  parameter int unsigned NumTlb = 32              // entries, a power of two
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             lookup_valid_i,
  input  logic             lookup_el2_i,
  input  logic [AsidW-1:0] lookup_asid_i,
  input  vpn_t             lookup_vpn_i,
  input  logic             lookup_affd_i,
  output logic             hit_o,
  output leaf_t            leaf_o,

  input  logic             fill_i,
  input  logic             fill_el2_i,
  input  logic [AsidW-1:0] fill_asid_i,
  input  vpn_t             fill_vpn_i,            // of any page inside the leaf
  input  leaf_t            fill_leaf_i,

  input  logic             inv_valid_i,
  input  tlb_inv_t         inv_i
);

  localparam int unsigned IdxW = $clog2(NumTlb);

  typedef struct packed {
    logic             el2;
    logic             ng;
    logic [1:0]       level;
    logic [AsidW-1:0] asid;
    vpn_t             vpn;                        // first page of the leaf
  } tag_t;

  tag_t              tag_q   [NumTlb];
  leaf_t             leaf_q  [NumTlb];
  logic [NumTlb-1:0] valid_d, valid_q;
  logic [IdxW-1:0]   turn_q, place;
  tag_t              new_tag;

  function automatic vpn_t leaf_span(logic [1:0] level);  // page number bits within a leaf
    unique case (level)
      2'd1:    return VpnW'('h3FFFF);
      2'd2:    return VpnW'('h1FF);
      default: return '0;
    endcase
  endfunction

  always_comb begin
    hit_o  = 1'b0;
    leaf_o = '0;
    if (lookup_valid_i) begin
      for (int unsigned i = 0; i < NumTlb; i++) begin
        if (valid_q[i] && ((tag_q[i].vpn ^ lookup_vpn_i) & ~leaf_span(tag_q[i].level)) == '0 &&
            tag_q[i].el2 == lookup_el2_i && (!tag_q[i].ng || tag_q[i].asid == lookup_asid_i)) begin
          hit_o  = leaf_q[i].af || lookup_affd_i;
          leaf_o = leaf_q[i];
        end
      end
    end
  end

  always_comb begin
    vpn_t last;
    last    = '0;
    valid_d = valid_q;
    place   = turn_q;
    new_tag = '{el2: fill_el2_i, ng: fill_leaf_i.ng, level: fill_leaf_i.level, asid: fill_asid_i,
                vpn: fill_vpn_i & ~leaf_span(fill_leaf_i.level)};
    if (inv_valid_i) begin
      for (int unsigned i = 0; i < NumTlb; i++) begin
        last = tag_q[i].vpn | leaf_span(tag_q[i].level);
        if ((tag_q[i].el2 ? inv_i.el2 : inv_i.el1) &&
            (!inv_i.by_asid || (tag_q[i].ng ? tag_q[i].asid == inv_i.asid : inv_i.global_too)) &&
            (!inv_i.by_va || (tag_q[i].vpn <= inv_i.last && last >= inv_i.first))) valid_d[i] = 1'b0;
      end
    end
    if (fill_i) begin
      for (int unsigned i = 0; i < NumTlb; i++) begin
        if (((tag_q[i].vpn ^ new_tag.vpn) & ~(leaf_span(tag_q[i].level) | leaf_span(new_tag.level))) == '0 &&
            tag_q[i].el2 == new_tag.el2 && (!tag_q[i].ng || !new_tag.ng || tag_q[i].asid == new_tag.asid))
          valid_d[i] = 1'b0;
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
