// SPDX-License-Identifier: Apache-2.0
//
// The reserve of D7: a queue that holds nothing of the device may always take a tag, and finds one.
module smmu_itag_share_sva #(
  parameter int unsigned NumQueues = 1,
  parameter int unsigned CntW      = 6
) (
  input logic                           clk_i,
  input logic                           rst_ni,
  input logic [NumQueues-1:0][CntW-1:0] count_i,  // free tags of the device that the queue asks for
  input logic [NumQueues-1:0][CntW-1:0] held_i    // of which the queue holds so many
);

  logic [NumQueues-1:0] starved;
  always_comb begin
    for (int unsigned q = 0; q < NumQueues; q++) starved[q] = (held_i[q] == '0) && (count_i[q] == '0);
  end

  reserved: assert property (@(posedge clk_i) disable iff (!rst_ni) starved == '0);

endmodule

bind smmu_itag_share smmu_itag_share_sva #(
  .NumQueues(NumQueues),
  .CntW     (CntW)
) u_sva (
  .clk_i  (clk_i),
  .rst_ni (rst_ni),
  .count_i(ask_count_i),
  .held_i (ask_held)
);
