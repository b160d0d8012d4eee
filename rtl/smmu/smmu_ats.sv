// SPDX-License-Identifier: Apache-2.0
//
// The 64-bit entry of a successful Translation Completion (pcie-ats.md section 2.1, smmuv3 section 7.1).
//
// Combinational. R, W, Exe are what the tables allow and the device asked for: R always, W also for NW = 1 (there is no
// dirty state to pay for), Exe only with a PASID that asks for it and together with R. An entry without R and W is all
// zeros. N, U, Global, CXL.io and AMA are 0; Priv echoes the request (0 without PASID).
// Does NOT look at the STE: smmu_verdict decides who gets an entry.
module smmu_ats
  import smmu_pkg::*;
(
  input  leaf_t           leaf_i,        // size and address; for an identity answer a 4 KiB leaf of the page itself
  input  logic            r_i,           // allowed by the tables
  input  logic            w_i,
  input  logic            x_i,
  input  logic            exec_i,        // asked for, with PASID
  input  logic            priv_i,
  output logic [63:0]     entry_o
);

  logic [63:0] address;                  // address and size bits

  always_comb begin
    unique case (leaf_i.level)
      2'd1:    address = {16'd0, leaf_i.ppn[47:30], 1'b0, 17'h1FFFF, 12'h800};
      2'd2:    address = {16'd0, leaf_i.ppn[47:21], 1'b0, 8'hFF, 12'h800};
      default: address = {16'd0, leaf_i.ppn, 12'h000};
    endcase
    entry_o = (r_i || w_i) ? address | {59'd0, priv_i, exec_i && x_i && r_i, 1'b0, w_i, r_i} : '0;
  end

  logic unused_leaf;
  assign unused_leaf = ^{leaf_i.ng, leaf_i.af, leaf_i.ro, leaf_i.unpriv, leaf_i.pxn, leaf_i.uxn,
                        leaf_i.s2af, leaf_i.s2r, leaf_i.s2w, leaf_i.s2x};

endmodule
