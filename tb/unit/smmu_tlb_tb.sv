// SPDX-License-Identifier: Apache-2.0
//
// smmu_tlb behind smmu_tlbi, with plain ports for the C++ bench.
module smmu_tlb_tb
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        e2h_i,
  input  logic        lookup_valid_i,
  input  logic [1:0]  lookup_regime_i,
  input  logic [15:0] lookup_vmid_i,
  input  logic [15:0] lookup_asid_i,
  input  logic [63:0] lookup_va_i,
  input  logic        lookup_affd_i,
  input  logic        lookup_s2affd_i,
  output logic        hit_o,
  output logic [35:0] ppn_o,
  output logic [1:0]  level_o,
  output logic [9:0]  attr_o,              // ng, af, ro, unpriv, pxn, uxn, s2af, s2r, s2w, s2x
  input  logic        fill_i,
  input  logic [1:0]  fill_regime_i,
  input  logic [15:0] fill_vmid_i,
  input  logic [15:0] fill_asid_i,
  input  logic [63:0] fill_va_i,
  input  logic [35:0] fill_ppn_i,
  input  logic [1:0]  fill_level_i,
  input  logic [9:0]  fill_attr_i,
  input  logic        inv_valid_i,
  input  logic [3:0]  inv_op_i,
  input  logic [15:0] inv_vmid_i,
  input  logic [15:0] inv_asid_i,
  input  logic [51:0] inv_page_i,
  input  logic        inv_range_i,
  input  logic [4:0]  inv_num_i,
  input  logic [4:0]  inv_scale_i
);

  leaf_t     leaf, fill_leaf;
  tlbi_cmd_t cmd;
  tlb_inv_t  inv;

  assign ppn_o     = leaf.ppn;
  assign level_o   = leaf.level;
  assign attr_o    = {leaf.ng, leaf.af, leaf.ro, leaf.unpriv, leaf.pxn, leaf.uxn, leaf.s2af, leaf.s2r, leaf.s2w,
                      leaf.s2x};
  assign fill_leaf = '{ppn: fill_ppn_i, level: fill_level_i, ng: fill_attr_i[9], af: fill_attr_i[8],
                       ro: fill_attr_i[7], unpriv: fill_attr_i[6], pxn: fill_attr_i[5], uxn: fill_attr_i[4],
                       s2af: fill_attr_i[3], s2r: fill_attr_i[2], s2w: fill_attr_i[1], s2x: fill_attr_i[0]};
  assign cmd       = '{op: tlbi_op_e'(inv_op_i), vmid: inv_vmid_i, asid: inv_asid_i, page: inv_page_i,
                       range: inv_range_i, num: inv_num_i, scale: inv_scale_i, leaf: 1'b1};

  smmu_tlbi u_tlbi (.e2h_i, .cmd_i (cmd), .inv_o (inv));

  smmu_tlb #(.NumTlb(32)) dut (
    .clk_i, .rst_ni, .lookup_valid_i,
    .lookup_tag_i ('{regime: regime_e'(lookup_regime_i), vmid: lookup_vmid_i, asid: lookup_asid_i,
                     vpn: {lookup_va_i[55], lookup_va_i[47:12]}}),
    .lookup_affd_i, .lookup_s2affd_i, .hit_o, .leaf_o (leaf),
    .fill_i, .fill_tag_i ('{regime: regime_e'(fill_regime_i), vmid: fill_vmid_i, asid: fill_asid_i,
                            vpn: {fill_va_i[55], fill_va_i[47:12]}}),
    .fill_leaf_i (fill_leaf), .inv_valid_i, .inv_i (inv)
  );

  logic unused;
  assign unused = ^{lookup_va_i, fill_va_i};

endmodule
