// SPDX-License-Identifier: Apache-2.0
//
// arb_rr for 1, 2, 5 and 8 requests; `sel_i` chooses the one driven and seen.
module arb_rr_tb #(
  parameter int unsigned NumDut = 4
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [1:0] sel_i,
  input  logic [7:0] req_i,
  input  logic       advance_i,
  output logic [7:0] grant_o,
  output logic       valid_o,
  output logic [7:0] index_o,
  output logic [7:0] n_o
);

  localparam int unsigned N [NumDut] = '{1, 2, 5, 8};

  logic [7:0]        grant [NumDut], index [NumDut];
  logic [NumDut-1:0] valid;

  for (genvar i = 0; i < NumDut; i++) begin : gen_dut
    logic [N[i]-1:0]                          g;
    logic [((N[i] > 1) ? $clog2(N[i]) : 1)-1:0] idx;
    arb_rr #(
      .N(N[i])
    ) u_dut (
      .clk_i,
      .rst_ni,
      .req_i    (req_i[N[i]-1:0]),
      .advance_i(advance_i && (sel_i == 2'(i))),
      .grant_o  (g),
      .valid_o  (valid[i]),
      .index_o  (idx)
    );
    assign grant[i] = 8'(g);
    assign index[i] = 8'(idx);
  end

  assign grant_o = grant[sel_i];
  assign valid_o = valid[sel_i];
  assign index_o = index[sel_i];
  assign n_o     = 8'(N[sel_i]);

endmodule
