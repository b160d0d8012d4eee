// SPDX-License-Identifier: Apache-2.0
//
// Events event_written: the record is visible and PROD moves; `addr` is dword 2, the input address of most records;
// and event_overflow.
module smmu_evtq_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic        clk_i,
  input logic        rst_ni,
  input logic        advance,
  input logic        overflow,
  input logic [19:0] index,
  input logic [63:0] dw0,
  input logic [63:0] dw2
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && advance) atc_mon_event(EV_EVENT_WRITTEN, 0, int'(index), dw0, dw2);
    if (rst_ni && overflow) atc_mon_event(EV_EVENT_OVERFLOW, 0, int'(index), 0, 0);
  end

endmodule

bind smmu_evtq smmu_evtq_mon u_mon (
  .clk_i    (clk_i),
  .rst_ni   (rst_ni),
  .advance  (advance_o),
  .overflow (overflow_o),
  .index    (queue_i.prod),
  .dw0      (head[63:0]),
  .dw2      (head[191:128])
);
