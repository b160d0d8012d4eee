// SPDX-License-Identifier: Apache-2.0
//
// What a root port is besides its data paths: configuration space (pcie_port_cfg), link state (rc_link_ctl), isolation
// (rc_isolate). It stands on bus 0 as device `Index`, function 0.
//
// Errors that rc_port_rx finds, unexpected completions and completion time-outs of the CPU's accesses become own errors of
// the port; the header log gets the packet. Latency: 1 cycle to the registers.
module rc_root_port
  import atc_time_pkg::*;
  import pcie_port_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned Index               = 0,
  parameter int unsigned NumReq              = 1,   // functions of all devices below
  parameter logic [7:0]  SecondaryBus        = 8'(Index + 1),
  parameter logic [7:0]  SubordinateBus      = 8'(Index + 1),
  parameter bit          SourceValidation    = 1,
  parameter bit          TranslationBlocking = 0
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  time_t             now_i,
  // straps, constant
  input  logic [15:0]       train_i,
  input  logic              surprise_i,
  input  logic [1:0]        iso_mode_i,
  // slot and line
  input  logic              present_i,
  input  logic              line_i,
  output logic              link_up_o,
  // configuration access
  input  logic              acc_valid_i,
  input  logic              acc_write_i,
  input  logic [11:0]       acc_offset_i,
  input  logic [3:0]        acc_be_i,
  input  logic [31:0]       acc_data_i,
  output logic [31:0]       acc_rdata_o,
  // from the ingress
  input  logic              err_valid_i,
  input  logic [4:0]        err_number_i,
  input  logic              err_advisory_i,
  input  tlp_hdr_t          hdr_i,
  input  logic              unexpected_i,
  input  logic              cpl_timeout_i,
  input  port_sev_t         msg_i,
  input  logic [NumReq-1:0] inv_timeout_i,
  // to the data paths
  output logic              mem_en_o,
  output logic              bme_o,
  output logic [2:0]        mps_o,
  output logic              sv_o,
  output logic              tb_o,
  output logic [7:0]        sec_bus_o,
  output logic [7:0]        sub_bus_o,
  output logic              rrs_visible_o,
  output logic [NumReq-1:0] isolated_o,
  output logic              iso_all_o,
  // interrupt
  output logic              msi_valid_o,
  input  logic              msi_ready_i,
  output logic [63:0]       msi_addr_o,
  output logic [31:0]       msi_data_o,
  output logic              quiet_o,
  output time_t             next_deadline_o
);

  port_acc_t   acc;
  port_err_t   err;
  logic        err_valid, hold, training, contain, cfg_quiet, link_quiet, iso_quiet;
  logic [31:0] cfg_rdata, iso_rdata;

  // For the monitor, or a switch's business.
  logic                      unused_contained, unused_sbr, unused_emsg_valid;
  port_sev_t                 unused_fwd, unused_sig, unused_emsg;
  logic [2:0]                unused_redirect;
  logic [63:0]               unused_pref_base, unused_pref_limit;
  port_cfg_pkg::mem_window_t unused_mem;
  port_cfg_pkg::bus_t        bus;
  logic                      unused_bus, unused_pfx;

  assign err_valid = err_valid_i || unexpected_i;

  always_comb begin
    err = '0;
    if (err_valid) begin
      err.number   = unexpected_i ? ErrUnexpectedCpl : err_number_i;
      err.advisory = err_advisory_i;
      err.hdr      = {hdr_i.dw0, hdr_i.dw1, hdr_i.dw2, hdr_i.dw0[29] ? hdr_i.dw3 : 32'd0};
    end
    acc = '0;
    if (acc_valid_i) begin
      acc.wr     = acc_write_i;
      acc.rd     = !acc_write_i;
      acc.offset = acc_offset_i;
      acc.data   = acc_data_i;
      acc.mask   = {{8{acc_be_i[3]}}, {8{acc_be_i[2]}}, {8{acc_be_i[1]}}, {8{acc_be_i[0]}}};
    end
  end

  pcie_port_cfg #(
    .PortType(PortRoot),
    .Rid     (16'(Index << 3)),
    .BusReset({SubordinateBus, SecondaryBus, 8'd0}),
    .Slot    (13'(Index + 1)),
    .AcsReset({3'd0, TranslationBlocking, SourceValidation}),
    .ExtNext (12'h160)
  ) u_cfg (
    .clk_i, .rst_ni,
    .req_valid_i  (acc_valid_i),
    .req_write_i  (acc_write_i),
    .req_offset_i (acc_offset_i),
    .req_be_i     (acc_be_i),
    .req_data_i   (acc_data_i),
    .rdata_o      (cfg_rdata),
    .surprise_i, .present_i,
    .link_up_i    (link_up_o),
    .training_i   (training),
    .err_valid_i  (err_valid),
    .err_i        (err),
    .plain_err_i  (cpl_timeout_i ? 32'd1 << ErrCplTimeout : '0),
    .msg_i,
    .msg_rid_i    (hdr_i.dw1[31:16]),
    .isolate_i    (contain),
    .mem_en_o, .bme_o, .mps_o,
    .bus_o        (bus),
    .mem_o        (unused_mem),
    .pref_base_o  (unused_pref_base),
    .pref_limit_o (unused_pref_limit),
    .sv_o, .tb_o,
    .redirect_o   (unused_redirect),
    .rrs_visible_o,
    .sbr_o        (unused_sbr),
    .link_hold_o  (hold),
    .contained_o  (unused_contained),
    .msg_fwd_o    (unused_fwd),
    .own_sig_o    (unused_sig),
    .emsg_valid_o (unused_emsg_valid),
    .emsg_ready_i (1'b0),
    .emsg_o       (unused_emsg),
    .msi_valid_o, .msi_ready_i, .msi_addr_o, .msi_data_o,
    .quiet_o      (cfg_quiet)
  );

  rc_link_ctl u_link (
    .clk_i, .rst_ni, .now_i, .train_i, .present_i, .line_i,
    .hold_i         (hold),
    .up_o           (link_up_o),
    .training_o     (training),
    .quiet_o        (link_quiet),
    .next_deadline_o(next_deadline_o)
  );

  rc_isolate #(.NumReq(NumReq)) u_iso (
    .clk_i, .rst_ni,
    .acc_i     (acc),
    .rdata_o   (iso_rdata),
    .mode_i    (iso_mode_i),
    .inv_timeout_i,
    .isolated_o,
    .all_o     (iso_all_o),
    .contain_o (contain),
    .quiet_o   (iso_quiet)
  );

  assign acc_rdata_o = cfg_rdata | iso_rdata;
  assign sec_bus_o   = bus.secondary;
  assign sub_bus_o   = bus.subordinate;
  assign unused_bus  = ^{bus.primary, bus.rsvd_31_24};
  assign unused_pfx  = ^{hdr_i.pfx_valid, hdr_i.pfx};
  assign quiet_o     = cfg_quiet && link_quiet && iso_quiet;

endmodule
