// SPDX-License-Identifier: Apache-2.0
//
// Events of a root port: slot_presence, port_error, port_isolated, port_readmitted, port_msi (port_contained, port_released: pcie_port_dpc_mon).
// One port_error for each bit of one cycle; hdr = {dw0, dw1} of the packet, 0 without one.
module rc_root_port_mon
  import pcie_port_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned Index = 0
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        present,
  input logic        present_q,
  input logic        err_valid,
  input port_err_t   err,
  input logic [31:0] plain,
  input logic        isolated,
  input logic        isolated_set,
  input logic [1:0]  mode,
  input logic        msi,
  input logic [63:0] msi_addr,
  input logic [31:0] msi_data
);

  logic isolated_q;
  logic unused_hdr;
  assign unused_hdr = ^{err.hdr[63:0], err.advisory};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      isolated_q <= 1'b0;
    end else begin
      if (isolated_q != isolated) isolated_q <= isolated;
      if (present != present_q) atc_mon_event(EV_SLOT_PRESENCE, int'(Index), int'({31'd0, present}), 0, 0);
      if (err_valid) begin
        atc_mon_event(EV_PORT_ERROR, int'(Index), int'({27'd0, err.number}), longint'(err.hdr[127:64]), 0);
      end
      if (plain != '0) begin
        for (int unsigned b = 0; b < 32; b++) if (plain[b]) atc_mon_event(EV_PORT_ERROR, int'(Index), int'(b), 0, 0);
      end
      if (isolated_set && !isolated) atc_mon_event(EV_PORT_ISOLATED, int'(Index), int'({30'd0, mode}), 0, 0);
      if (isolated_q && !isolated) atc_mon_event(EV_PORT_READMITTED, int'(Index), 0, 0, 0);
      if (msi) atc_mon_event(EV_PORT_MSI, int'(Index), int'(msi_data), longint'(msi_addr), 0);
    end
  end

endmodule

bind rc_root_port rc_root_port_mon #(.Index(Index)) u_mon (
  .clk_i         (clk_i),
  .rst_ni        (rst_ni),
  .present       (present_i),
  .present_q     (u_cfg.u_slot.present_q),
  .err_valid     (err_valid),
  .err           (err),
  .plain         (u_cfg.plain),
  .isolated      (|isolated_o),
  .isolated_set  (|u_iso.set),
  .mode          (iso_mode_i),
  .msi           (u_cfg.u_msi.rise),
  .msi_addr      (msi_addr_o),
  .msi_data      (msi_data_o)
);
