// SPDX-License-Identifier: Apache-2.0
//
// The protocol checker alone, its packets as dwords; both ends of the link are the bench.
module tlp_mon_tb
  import tlp_pkg::*;
(
  input logic        clk_i,
  input logic        rst_ni,
  input logic        up_i,
  input logic        down_take_i,
  input logic        up_take_i,
  input logic        pfx_valid_i,
  input logic [31:0] pfx_i,
  input logic [31:0] dw0_i,
  input logic [31:0] dw1_i,
  input logic [31:0] dw2_i,
  input logic [31:0] dw3_i
);
  tlp_hdr_t hdr;
  assign hdr = '{pfx_valid: pfx_valid_i, pfx: pfx_i, dw0: dw0_i, dw1: dw1_i, dw2: dw2_i, dw3: dw3_i};

  tlp_mon #(.Index(5)) u_mon (
    .clk_i, .rst_ni,
    .up        (up_i),
    .down_take (down_take_i),
    .up_take   (up_take_i),
    .down_hdr  (hdr),
    .up_hdr    (hdr)
  );
endmodule
