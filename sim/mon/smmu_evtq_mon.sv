// SPDX-License-Identifier: Apache-2.0
//
// Events event_accepted: the queue takes a record; event_written: the record is visible and PROD moves, `addr` is
// dword 2, the input address of most records; event_lost: it is dropped, for the queue is full, off or in error; and
// event_overflow. Each record accepted is written or lost, sooner or later.
module smmu_evtq_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic        clk_i,
  input logic        rst_ni,
  input logic        accept,
  input logic [63:0] accept_dw0,
  input logic        advance,
  input logic        lost,
  input logic        overflow,
  input logic [19:0] index,
  input logic [63:0] dw0,
  input logic [63:0] dw2
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && accept) atc_mon_event(EV_EVENT_ACCEPTED, 0, 0, accept_dw0, 0);
    if (rst_ni && lost) atc_mon_event(EV_EVENT_LOST, 0, int'(index), dw0, 0);
    if (rst_ni && advance) atc_mon_event(EV_EVENT_WRITTEN, 0, int'(index), dw0, dw2);
    if (rst_ni && overflow) atc_mon_event(EV_EVENT_OVERFLOW, 0, int'(index), 0, 0);
  end

endmodule

bind smmu_evtq smmu_evtq_mon u_mon (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .accept     (evt_valid_i && evt_ready_o),
  .accept_dw0 (evt_i[63:0]),
  .advance    (advance_o),
  .lost       (skip && !aside_push),
  .overflow   (overflow_o),
  .index      (queue_i.prod),
  .dw0        (head[63:0]),
  .dw2        (head[191:128])
);
