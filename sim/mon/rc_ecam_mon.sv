// SPDX-License-Identifier: Apache-2.0
//
// Event cfg_timeout: an access of a CPU ended by its deadline, sent or not. hdr = {dw0, dw1}, addr = dw2 (configuration:
// destination and register; BAR window: address).
module rc_ecam_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic        clk_i,
  input logic        rst_ni,
  input logic        timeout,
  input logic [7:0]  index,
  input logic [31:0] dw0,
  input logic [31:0] dw1,
  input logic [31:0] dw2
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && timeout) begin
      atc_mon_event(EV_CFG_TIMEOUT, int'(index), int'({24'd0, dw0[31:24]}), {dw0, dw1},
                    longint'({32'd0, dw2}));
    end
  end

endmodule

bind rc_ecam rc_ecam_mon u_mon (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .timeout (expired && !down && ((state_q == Send && !req_ready_i[port_q]) || (state_q == Wait && !match))),
  .index   (8'(port_q)),
  .dw0     (req_q.dw0),
  .dw1     (req_q.dw1),
  .dw2     (req_q.dw2)
);
