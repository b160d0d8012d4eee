// SPDX-License-Identifier: Apache-2.0
//
// fifo_sync of four depths, among them 1 and one that is no power of two; `sel_i` chooses the one driven and seen.
module fifo_sync_tb #(
  parameter int unsigned NumDut = 4
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [1:0]  sel_i,
  input  logic        clear_i,
  input  logic        in_valid_i,
  output logic        in_ready_o,
  input  logic [31:0] in_i,
  output logic        out_valid_o,
  input  logic        out_ready_i,
  output logic [31:0] out_o,
  output logic [7:0]  count_o,
  output logic [7:0]  depth_o
);

  localparam int unsigned Depth [NumDut] = '{1, 2, 5, 16};

  logic [NumDut-1:0] in_ready, out_valid;
  logic [31:0]       out [NumDut];
  logic [7:0]        count [NumDut];

  for (genvar i = 0; i < NumDut; i++) begin : gen_dut
    logic [$clog2(Depth[i]+1)-1:0] n;
    fifo_sync #(
      .T    (logic [31:0]),
      .Depth(Depth[i])
    ) u_dut (
      .clk_i,
      .rst_ni,
      .clear_i    (clear_i && (sel_i == 2'(i))),
      .in_valid_i (in_valid_i && (sel_i == 2'(i))),
      .in_ready_o (in_ready[i]),
      .in_i,
      .out_valid_o(out_valid[i]),
      .out_ready_i(out_ready_i && (sel_i == 2'(i))),
      .out_o      (out[i]),
      .count_o    (n)
    );
    assign count[i] = 8'(n);
  end

  assign in_ready_o  = in_ready[sel_i];
  assign out_valid_o = out_valid[sel_i];
  assign out_o       = out[sel_i];
  assign count_o     = count[sel_i];
  assign depth_o     = 8'(Depth[sel_i]);

endmodule
