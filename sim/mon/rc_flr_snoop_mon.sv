// SPDX-License-Identifier: Apache-2.0
//
// Event flr_snooped.
module rc_flr_snoop_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic        clk_i,
  input logic        rst_ni,
  input logic        flr,
  input logic [15:0] rid
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && flr) atc_mon_event(EV_FLR_SNOOPED, int'({24'd0, rid[15:8]}) - 1, int'({16'd0, rid}), 0, 0);
  end

endmodule

bind rc_flr_snoop rc_flr_snoop_mon u_mon (
  .clk_i (clk_i),
  .rst_ni(rst_ni),
  .flr   (flr_i),
  .rid   (rid_i)
);
