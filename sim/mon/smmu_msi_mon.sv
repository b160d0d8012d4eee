// SPDX-License-Identifier: Apache-2.0
//
// Event msi_written: the response of the write has come.
module smmu_msi_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic       clk_i,
  input logic       rst_ni,
  input logic       fire,
  input mwr_req_t   wr,
  input logic [3:0] tag,
  input logic       done,
  input logic [3:0] done_tag,
  input logic       err
);

  msi_t sent_q [16];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && fire) sent_q[tag] <= '{addr: wr.addr, data: wr.data[31:0]};
    if (rst_ni && done && !err) begin
      atc_mon_event(EV_MSI_WRITTEN, 0, int'(sent_q[done_tag].data), longint'(sent_q[done_tag].addr), 0);
    end
  end

  logic unused_wr;
  assign unused_wr = ^{wr.data[255:32], wr.size};

endmodule

bind smmu_msi smmu_msi_mon u_mon (
  .clk_i    (clk_i),
  .rst_ni   (rst_ni),
  .fire     (fire),
  .wr       (wr_o),
  .tag      (wr_tag_o),
  .done     (wr_done_i),
  .done_tag (wr_done_tag_i),
  .err      (wr_err_i)
);
