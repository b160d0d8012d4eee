// SPDX-License-Identifier: Apache-2.0
//
// Event gerror_set, with the registers as they read afterwards.
module smmu_gerror_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic       clk_i,
  input logic       rst_ni,
  input logic [9:0] raise,
  input logic [9:0] gerror,
  input logic [9:0] gerrorn
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && raise != '0) atc_mon_event(EV_GERROR_SET, 0, int'(gerror), longint'(gerrorn), 0);
  end

endmodule

bind smmu_gerror smmu_gerror_mon u_mon (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .raise   (raise),
  .gerror  (gerror_d),
  .gerrorn (gerrorn_d)
);
