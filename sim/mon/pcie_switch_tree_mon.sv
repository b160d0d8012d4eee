// SPDX-License-Identifier: Apache-2.0
//
// What the root complex cannot see behind a switch: link_down, link_up, slot_presence of the devices, tlp_drop of what the switch throws
// away of theirs, port_error of its ports. Src: the device; NoDevice for the upstream port.
// hdr and addr: as in rc_port_rx_mon; cause of a drop: rc_drop_e.
module pcie_switch_tree_mon
  import tlp_pkg::*;
  import pcie_port_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumEp = 4
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic [NumEp-1:0] up,
  input logic [NumEp-1:0] present,
  input logic [NumEp:0]   drop,
  input logic [NumEp:0]   drop_acs,
  input tlp_t             rx [NumEp + 1],
  input logic [NumEp:0]   err_valid,
  input port_err_t        err [NumEp + 1]
);

  localparam int NoDevice = 32'h0000FFFF;

  logic [NumEp-1:0] up_q, present_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      up_q      <= '1;
      present_q <= '1;
    end else if (up_q != up || present_q != present) begin
      up_q      <= up;
      present_q <= present;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni) begin
      for (int unsigned i = 0; i < NumEp; i++) begin
        if (up_q[i] && !up[i]) atc_mon_event(EV_LINK_DOWN, int'(i), 0, 0, 0);
        if (!up_q[i] && up[i]) atc_mon_event(EV_LINK_UP, int'(i), 0, 0, 0);
        if (present_q[i] != present[i]) atc_mon_event(EV_SLOT_PRESENCE, int'(i), int'({31'd0, present[i]}), 0, 0);
      end
      for (int unsigned p = 0; p <= NumEp; p++) begin
        if (err_valid[p]) begin
          atc_mon_event(EV_PORT_ERROR, (p == 0) ? NoDevice : int'(p) - 1, int'({27'd0, err[p].number}), longint'(err[p].hdr[127:64]), 0);
        end
        if (p != 0 && drop[p]) begin
          atc_mon_event(EV_TLP_DROP, int'(p) - 1,
                        drop_acs[p] ? int'(RcDropSource) : (err_valid[p] && err[p].number == ErrMalformed) ? int'(RcDropMalformed) : int'(RcDropUnsupported),
                        {rx[p].dw0, rx[p].dw1}, rx[p].dw0[29] ? {rx[p].dw2, rx[p].dw3} : {32'd0, rx[p].dw2});
        end
      end
    end
  end

endmodule

bind pcie_switch_tree pcie_switch_tree_mon #(.NumEp(NumEp)) u_mon (
  .clk_i    (clk_i),
  .rst_ni   (rst_ni),
  .up       (up_o),
  .present  (present_i),
  .drop     (unused_drop),
  .drop_acs (unused_drop_acs),
  .rx       (rx),
  .err_valid(err_valid),
  .err      (err)
);
