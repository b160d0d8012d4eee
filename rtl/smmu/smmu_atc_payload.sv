// SPDX-License-Identifier: Apache-2.0
//
// The 64-bit payload word of an Invalidate Request from the span of an ATC_INV (smmuv3 section 2.1, pcie-ats
// section 3). Combinational.
//
// Span 2^size pages, size 0..52. Size 0: exact page, S = 0. Otherwise S = 1, the address bit just below the span's
// base is 0 and those below it are ones; size 52 is the whole 64-bit space: bit 63 = 0, the rest ones. Address bits
// below the span are dropped. Sizes above 52 are illegal (the decoder stops them) and act as 52 here.
// G (Global Invalidate) is reserved without a PASID, hence ignored then.
module smmu_atc_payload (
  input  logic [51:0] page_i,     // address[63:12]
  input  logic [5:0]  size_i,
  input  logic        global_i,
  input  logic        ssv_i,
  output logic [63:0] payload_o
);

  logic [51:0] span;              // ones for the page bits inside the span: 2^size - 1

  assign span      = ~({52{1'b1}} << size_i);
  assign payload_o = {(page_i & ~span) | (span >> 1), size_i != 6'd0, 10'd0, global_i && ssv_i};

endmodule
