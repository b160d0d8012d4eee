// SPDX-License-Identifier: Apache-2.0
//
// Credits that a sender holds for one class of one receiver.
//
// Guarantees: starts full after reset and after `clear_i`; never wraps: a take with none left and a give with
// all held change nothing, so a protocol error can lose a credit's meaning but not create buffer space that
// does not exist. Take and give in the same cycle cancel. `available_o` comes from state only.
// Does not guarantee that takes and gives are paired; that is the owner's business.
// Latency: one cycle from take or give to `count_o` and `available_o`.
module credit_counter #(
  parameter int unsigned Max = 8,             // >= 1
  localparam int unsigned CntW = $clog2(Max + 1)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,            // back to Max, wins over take and give
  input  logic            take_i,
  input  logic            give_i,
  output logic            available_o,
  output logic [CntW-1:0] count_o
);

  logic [CntW-1:0] count_q;
  logic            take, give;

  assign take        = take_i && (count_q != '0);
  assign give        = give_i && (take || count_q != CntW'(Max));
  assign available_o = count_q != '0;
  assign count_o     = count_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= CntW'(Max);
    else if (clear_i) count_q <= CntW'(Max);
    else if (take != give) count_q <= give ? count_q + 1'b1 : count_q - 1'b1;
  end

endmodule
