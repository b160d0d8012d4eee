// SPDX-License-Identifier: Apache-2.0
//
// A SYNC never completes early: not with an invalidation outstanding or timed out, not before a drain that began after it
// and after the invalidations before it is over, not with the MSI before it on its way (smmuv3 §2.2).
module smmu_sync_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic valid,
  input logic done,
  input logic error,
  input logic inval_idle,
  input logic drain_req,
  input logic drain_done,
  input logic evt_idle,
  input logic evt_done,
  input logic atc_idle,
  input logic atc_timed_out,
  input logic msi_busy
);

  logic drained_q, events_q;  // since this SYNC came to the head

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      drained_q <= 1'b0;
      events_q  <= 1'b0;
    end else if (!valid || done || error) begin
      drained_q <= 1'b0;
      events_q  <= 1'b0;
    end else begin
      drained_q <= drained_q || drain_done;
      events_q  <= events_q || (drain_done && evt_idle) || (drained_q && evt_done);
    end
  end

  atc: assert property (@(posedge clk_i) disable iff (!rst_ni) done |-> atc_idle && !atc_timed_out);
  drained: assert property (@(posedge clk_i) disable iff (!rst_ni) done |-> drain_done || drained_q);
  events: assert property (@(posedge clk_i) disable iff (!rst_ni)
                           done |-> events_q || (drain_done && evt_idle) || (drained_q && evt_done));
  order: assert property (@(posedge clk_i) disable iff (!rst_ni) $rose(drain_req) |-> inval_idle);
  msi: assert property (@(posedge clk_i) disable iff (!rst_ni) done |-> !msi_busy);
  one: assert property (@(posedge clk_i) disable iff (!rst_ni) !(done && error));
  fails: cover property (@(posedge clk_i) disable iff (!rst_ni) error);
  waits: cover property (@(posedge clk_i) disable iff (!rst_ni) done && $past(!atc_idle));

endmodule

bind smmu_sync smmu_sync_sva u_sva (
  .clk_i         (clk_i),
  .rst_ni        (rst_ni),
  .valid         (valid_i),
  .done          (done_o),
  .error         (error_o),
  .inval_idle    (inval_idle_i),
  .drain_req     (drain_req_o),
  .drain_done    (drain_done_i),
  .evt_idle      (evt_idle_i),
  .evt_done      (evt_done_i),
  .atc_idle      (atc_idle_i),
  .atc_timed_out (atc_timed_out_i),
  .msi_busy      (msi_busy_i)
);
