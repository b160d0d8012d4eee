// SPDX-License-Identifier: Apache-2.0
//
// Events port_contained and port_released of a root port or of a downstream port of a switch. Src: the device below, by the port's
// slot number; a root port above a switch has slot 1 as well as the switch's first port has: it contains everybody.
module pcie_port_dpc_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter logic [12:0] Slot = '0
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        trigger,
  input logic        contained,
  input logic        contained_d,
  input logic [1:0]  reason,
  input logic [15:0] source
);

  localparam int Index = int'({19'd0, Slot}) - 1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni) begin
      if (trigger) atc_mon_event(EV_PORT_CONTAINED, Index, int'({30'd0, reason}), longint'({48'd0, source}), 0);
      if (contained && !contained_d) atc_mon_event(EV_PORT_RELEASED, Index, 0, 0, 0);
    end
  end

endmodule

bind pcie_port_dpc pcie_port_dpc_mon #(.Slot(Slot)) u_mon (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .trigger    (trigger),
  .contained  (status_q.trigger),
  .contained_d(status_d.trigger),
  .reason     (status_d.reason),
  .source     (status_d.source)
);
