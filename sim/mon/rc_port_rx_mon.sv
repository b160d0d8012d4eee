// SPDX-License-Identifier: Apache-2.0
//
// Events tlp_up, tlp_drop, err_message: what a root port takes from its link, and what it throws away.
// Several devices below (SharedBus): src is that of the packet's requester ID, NoDevice for a port of the switch.
// hdr = {dw0, dw1}; addr = the address of a memory request, {dw2, dw3} of a message, {0, dw2} otherwise.
module rc_port_rx_mon
  import tlp_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned Index     = 0,
  parameter int unsigned SharedBus = 0
) (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       take,
  input logic       drop,
  input rc_drop_e   cause,
  input logic       is_err,
  input logic [31:0] dw0,
  input logic [31:0] dw1,
  input logic [31:0] dw2,
  input logic [31:0] dw3
);

  localparam int NoDevice = 32'h0000FFFF;

  int src;
  assign src = (SharedBus == 0) ? int'(Index) : (dw1[31:24] < 8'(SharedBus)) ? NoDevice : int'(dw1[31:24]) - int'(SharedBus);

  logic [63:0] addr;
  assign addr = dw0[29] ? {dw2, dw3} : {32'd0, dw2};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && take) begin
      atc_mon_event(EV_TLP_UP, src, int'({24'd0, dw0[31:24]}), {dw0, dw1}, addr);
      if (drop) atc_mon_event(EV_TLP_DROP, src, int'(cause), {dw0, dw1}, addr);
      if (is_err) begin
        atc_mon_event(EV_ERR_MESSAGE, src, int'({24'd0, dw1[7:0]}), longint'({48'd0, dw1[31:16]}), 0);
      end
    end
  end

endmodule

bind rc_port_rx rc_port_rx_mon #(.Index(Index), .SharedBus(SharedBus)) u_mon (
  .clk_i  (clk_i),
  .rst_ni (rst_ni),
  .take   (take),
  .drop   (drop_o),
  .cause  (drop_cause_o),
  .is_err (err_now != '0),
  .dw0    (rx_i.dw0),
  .dw1    (rx_i.dw1),
  .dw2    (rx_i.dw2),
  .dw3    (rx_i.dw3)
);
