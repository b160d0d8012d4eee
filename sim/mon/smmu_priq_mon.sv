// SPDX-License-Identifier: Apache-2.0
//
// Events page_request (the entry is visible and PROD moves), page_response (taken by the root complex), pri_overflow.
module smmu_priq_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic         clk_i,
  input logic         rst_ni,
  input logic         advance,
  input logic         overflow,
  input logic [19:0]  index,
  input logic [127:0] entry,
  input logic         rsp,
  input prg_rsp_t     rsp_i
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && advance) atc_mon_event(EV_PAGE_REQUEST, 0, int'(index), entry[63:0], entry[127:64]);
    if (rst_ni && overflow) atc_mon_event(EV_PRI_OVERFLOW, 0, int'(index), 0, 0);
    if (rst_ni && rsp) begin
      atc_mon_event(EV_PAGE_RESPONSE, 0, int'({28'd0, rsp_i.code}), longint'({47'd0, rsp_i.ssv, rsp_i.rid}),
                    longint'({55'd0, rsp_i.prgi}));
    end
  end

  logic unused_ssid;
  assign unused_ssid = ^rsp_i.ssid;

endmodule

bind smmu_priq smmu_priq_mon u_mon (
  .clk_i    (clk_i),
  .rst_ni   (rst_ni),
  .advance  (advance_o),
  .overflow (overflow_o),
  .index    (queue_i.prod),
  .entry    (head),
  .rsp      (prg_rsp_valid_o && prg_rsp_ready_i),
  .rsp_i    (prg_rsp_o)
);
