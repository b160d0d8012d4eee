// SPDX-License-Identifier: Apache-2.0
//
// A lookup meets at most one entry; what an invalidation named in the last cycle does not hit in this one; nobody fills
// in the cycle of an invalidation.
module smmu_tlb_sva
  import smmu_pkg::*;
#(
  parameter int unsigned NumTlb = 32
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic              lookup_valid_i,
  input xtag_t             lookup_tag_i,
  input logic              hit_i,
  input logic              ng_i,
  input logic              fill_i,
  input logic              inv_valid_i,
  input tlb_inv_t          inv_i,
  input logic [NumTlb-1:0] valid_i,
  input xtag_t             tag_i [NumTlb],
  input leaf_t             leaves_i [NumTlb]
);

  logic     twice, stale, inv_valid_q, unused_leaf;
  tlb_inv_t inv_q;

  assign unused_leaf = inv_q.leaf;

  always_comb begin
    logic seen;
    seen  = 1'b0;
    twice = 1'b0;
    if (lookup_valid_i) begin
      for (int unsigned i = 0; i < NumTlb; i++) begin
        if (valid_i[i] && ((tag_i[i].vpn ^ lookup_tag_i.vpn) & ~leaf_span(leaves_i[i].level)) == '0 &&
            tag_i[i].regime == lookup_tag_i.regime && tag_i[i].vmid == lookup_tag_i.vmid &&
            (!leaves_i[i].ng || tag_i[i].asid == lookup_tag_i.asid)) begin
          twice = seen;
          seen  = 1'b1;
        end
      end
    end
  end

  // The least that a TLBI must take away of the page that was looked up, told from the request and nG alone.
  always_comb begin
    logic regime, asid, place;
    regime = (inv_q.s1 && lookup_tag_i.regime == RegimeS1) || (inv_q.s12 && lookup_tag_i.regime == RegimeS12) ||
             (inv_q.s2 && lookup_tag_i.regime == RegimeS2) || (inv_q.el2 && lookup_tag_i.regime == RegimeEl2);
    asid   = !inv_q.by_asid || (ng_i ? lookup_tag_i.asid == inv_q.asid : inv_q.global_too);
    place  = !inv_q.by_va || (lookup_tag_i.vpn >= inv_q.first && lookup_tag_i.vpn <= inv_q.last) ||
             (inv_q.ipa && lookup_tag_i.regime == RegimeS12);
    stale  = inv_valid_q && hit_i && regime && asid && place && (!inv_q.by_vmid || inv_q.vmid == lookup_tag_i.vmid);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) inv_valid_q <= 1'b0;
    else inv_valid_q <= inv_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (inv_valid_i) inv_q <= inv_i;
  end

  one_hit: assert property (@(posedge clk_i) disable iff (!rst_ni) !twice);
  not_stale: assert property (@(posedge clk_i) disable iff (!rst_ni) !stale);
  no_fill: assert property (@(posedge clk_i) disable iff (!rst_ni) inv_valid_i |-> !fill_i);
  global_hit: cover property (@(posedge clk_i) disable iff (!rst_ni) hit_i && !ng_i);

endmodule

bind smmu_tlb smmu_tlb_sva #(
  .NumTlb(NumTlb)
) u_sva (
  .clk_i         (clk_i),
  .rst_ni        (rst_ni),
  .lookup_valid_i(lookup_valid_i),
  .lookup_tag_i  (lookup_tag_i),
  .hit_i         (hit_o),
  .ng_i          (leaf_o.ng),
  .fill_i        (fill_i),
  .inv_valid_i   (inv_valid_i),
  .inv_i         (inv_i),
  .valid_i       (valid_q),
  .tag_i         (tag_q),
  .leaves_i      (leaf_q)
);
