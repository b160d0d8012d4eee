// SPDX-License-Identifier: Apache-2.0
//
// Round-robin arbiter: grants one of N requests, combinationally.
//
// Guarantees: `grant_o` is one-hot or zero and a subset of `req_i`; the priority moves past the granted
// request only when `advance_i` is high (the transfer happened), so a request that stays up is granted
// within N advances. Does not hold a grant: a new request may take it while `advance_i` is low.
module arb_rr #(
  parameter int unsigned N = 4,
  localparam int unsigned IdxW = (N > 1) ? $clog2(N) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic [N-1:0]    req_i,
  input  logic            advance_i,
  output logic [N-1:0]    grant_o,
  output logic            valid_o,
  output logic [IdxW-1:0] index_o
);

  logic [N-1:0] mask_q;          // requests above the last grant
  logic [N-1:0] masked, pick;

  assign masked  = req_i & mask_q;
  assign pick    = (masked != '0) ? masked : req_i;
  assign grant_o = pick & (~pick + 1'b1);
  assign valid_o = req_i != '0;

  always_comb begin
    index_o = '0;
    for (int unsigned i = 0; i < N; i++) if (grant_o[i]) index_o = IdxW'(i);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) mask_q <= '1;
    else if (advance_i && valid_o) mask_q <= ~(grant_o | (grant_o - 1'b1));
  end

endmodule
