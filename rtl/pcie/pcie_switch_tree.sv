// SPDX-License-Identifier: Apache-2.0
//
// Topology `switch` of D12 between root complex and endpoints: a link from the one root port, a switch, a link for each
// endpoint. Wiring, and the numbers that firmware has programmed into the switch's ports before the first access: bus 1 above,
// bus 2 inside, endpoint i on bus i + 3 with a memory window of 1 MiB from 0x5000_0000 + i MiB on; ACS redirects peer-to-peer
// traffic to the root.
// A link is up while the root's is, a device is there, the line works and no port holds it down, and `train_i` cycles after all of that is true
// again (rc_link_ctl). `up_o` is that state, of which the root complex is told as well (D13); `mute_i`: every packet is lost unnoticed.
// A link below the switch holds `DownP` posted packets towards its endpoint, a receive buffer of the switch `SlotsP`.
module pcie_switch_tree
  import atc_time_pkg::*;
  import tlp_pkg::*;
  import pcie_port_pkg::*;
#(
  parameter int unsigned NumEp               = 4,
  parameter int unsigned NumFn               = 1,
  parameter int unsigned DownP               = 8,
  parameter int unsigned SlotsP              = 16,
  parameter bit          SourceValidation    = 1,
  parameter bit          TranslationBlocking = 0
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  time_t                 now_i,
  input  logic [15:0]           latency_i,
  input  logic [5:0]            width_i,
  input  logic [15:0]           train_i,       // constant
  input  logic                  surprise_i,    // constant
  input  logic                  root_up_i,
  input  logic [NumEp-1:0]      present_i,
  input  logic [NumEp-1:0]      line_i,
  output logic [NumEp-1:0]      up_o,
  input  logic [NumEp-1:0]      mute_i,

  // root port
  input  logic                  rc_tx_valid_i,
  output logic                  rc_tx_ready_o,
  input  tlp_t                  rc_tx_i,
  output logic [2:0]            rc_tx_class_ready_o,
  output logic                  rc_rx_valid_o,
  input  logic                  rc_rx_ready_i,
  output tlp_t                  rc_rx_o,
  input  logic [2:0]            rc_rx_class_ready_i,

  // endpoints
  input  logic [NumEp-1:0]      ep_tx_valid_i,
  output logic [NumEp-1:0]      ep_tx_ready_o,
  input  tlp_t                  ep_tx_i [NumEp],
  output logic [NumEp-1:0][2:0] ep_tx_class_ready_o,
  output logic [NumEp-1:0]      ep_rx_valid_o,
  input  logic [NumEp-1:0]      ep_rx_ready_i,
  output tlp_t                  ep_rx_o [NumEp],

  output logic                  quiet_o,
  output time_t                 next_deadline_o
);

  localparam int unsigned NumSw    = NumEp + 1;
  localparam int unsigned FirstBus = 3;

  logic [NumSw-1:0]      tx_valid, tx_ready, rx_valid, rx_ready;
  logic [NumSw-1:0][2:0] tx_class_ready, rx_class_ready;
  tlp_t                  tx [NumSw];
  tlp_t                  rx [NumSw];
  sw_port_t              port [NumSw];
  logic [NumSw-1:0]      link_quiet;
  time_t                 link_deadline [NumSw];
  logic                  switch_quiet;
  logic [NumSw-1:0]      unused_drop, unused_drop_acs;   // for the monitor

  // ---------------------------------------------------------------- ports
  logic [NumSw-1:0]       acc_valid, err_valid;
  logic                   acc_write, inj_valid, inj_ready, ports_quiet;
  logic [11:0]            acc_offset;
  logic [3:0]             acc_be;
  logic [31:0]            acc_data, acc_rdata;
  port_err_t              err [NumSw];
  port_sev_t [NumSw-1:0]  msg, msg_fwd;
  logic [NumSw-1:0][15:0] msg_rid;
  logic [4:0][31:0]       inj;
  logic [NumEp-1:0]       hold, training, ctl_quiet;
  time_t                  ctl_deadline [NumEp];

  pcie_switch_ports #(
    .NumDown            (NumEp),
    .PrimaryBus         (1),
    .FirstBus           (FirstBus),
    .SourceValidation   (SourceValidation),
    .TranslationBlocking(TranslationBlocking)
  ) u_ports (
    .clk_i, .rst_ni, .surprise_i, .root_up_i, .present_i,
    .up_i        (up_o),
    .training_i  (training),
    .hold_o      (hold),
    .port_o      (port),
    .acc_valid_i (acc_valid),
    .acc_write_i (acc_write),
    .acc_offset_i(acc_offset),
    .acc_be_i    (acc_be),
    .acc_data_i  (acc_data),
    .acc_rdata_o (acc_rdata),
    .err_valid_i (err_valid),
    .err_i       (err),
    .msg_i       (msg),
    .msg_rid_i   (msg_rid),
    .msg_fwd_o   (msg_fwd),
    .inj_valid_o (inj_valid),
    .inj_ready_i (inj_ready),
    .inj_o       (inj),
    .quiet_o     (ports_quiet)
  );

  for (genvar i = 0; i < NumEp; i++) begin : gen_ctl
    rc_link_ctl u_ctl (
      .clk_i, .rst_ni, .now_i, .train_i,
      .present_i      (present_i[i]),
      .line_i         (line_i[i]),
      .hold_i         (hold[i] || !root_up_i),
      .up_o           (up_o[i]),
      .training_o     (training[i]),
      .quiet_o        (ctl_quiet[i]),
      .next_deadline_o(ctl_deadline[i])
    );
  end

  // ---------------------------------------------------------------- links and switch
  pcie_link #(.Index(NumEp), .NumFn(NumFn), .SharedBus(FirstBus), .UpCpl(32)) u_root_link (
    .clk_i, .rst_ni, .now_i, .latency_i, .width_i,
    .up_i               (root_up_i),
    .rc_tx_valid_i, .rc_tx_ready_o, .rc_tx_i, .rc_tx_class_ready_o,
    .rc_rx_valid_o, .rc_rx_ready_i, .rc_rx_o, .rc_rx_class_ready_i,
    .ep_tx_valid_i      (tx_valid[0]),
    .ep_tx_ready_o      (tx_ready[0]),
    .ep_tx_i            (tx[0]),
    .ep_tx_class_ready_o(tx_class_ready[0]),
    .ep_rx_valid_o      (rx_valid[0]),
    .ep_rx_ready_i      (rx_ready[0]),
    .ep_rx_o            (rx[0]),
    .ep_rx_class_ready_i(rx_class_ready[0]),
    .quiet_o            (link_quiet[0]),
    .next_deadline_o    (link_deadline[0])
  );

  pcie_switch #(.NumDown(NumEp), .SlotsP(SlotsP)) u_switch (
    .clk_i, .rst_ni,
    .port_i          (port),
    .up_i            ({up_o, root_up_i}),
    .rx_valid_i      (rx_valid),
    .rx_ready_o      (rx_ready),
    .rx_i            (rx),
    .rx_class_ready_o(rx_class_ready),
    .tx_valid_o      (tx_valid),
    .tx_ready_i      (tx_ready),
    .tx_o            (tx),
    .tx_class_ready_i(tx_class_ready),
    .acc_valid_o     (acc_valid),
    .acc_write_o     (acc_write),
    .acc_offset_o    (acc_offset),
    .acc_be_o        (acc_be),
    .acc_data_o      (acc_data),
    .acc_rdata_i     (acc_rdata),
    .err_valid_o     (err_valid),
    .err_o           (err),
    .msg_o           (msg),
    .msg_rid_o       (msg_rid),
    .msg_fwd_i       (msg_fwd),
    .inj_valid_i     (inj_valid),
    .inj_ready_o     (inj_ready),
    .inj_i           (inj),
    .drop_o          (unused_drop),
    .drop_acs_o      (unused_drop_acs),
    .quiet_o         (switch_quiet)
  );

  for (genvar i = 0; i < NumEp; i++) begin : gen_link
    pcie_link #(.Index(i), .NumFn(NumFn), .DownP(DownP)) u_link (
      .clk_i, .rst_ni, .now_i, .latency_i, .width_i,
      .up_i               (up_o[i] && !mute_i[i]),
      .rc_tx_valid_i      (tx_valid[i + 1]),
      .rc_tx_ready_o      (tx_ready[i + 1]),
      .rc_tx_i            (tx[i + 1]),
      .rc_tx_class_ready_o(tx_class_ready[i + 1]),
      .rc_rx_valid_o      (rx_valid[i + 1]),
      .rc_rx_ready_i      (rx_ready[i + 1]),
      .rc_rx_o            (rx[i + 1]),
      .rc_rx_class_ready_i(rx_class_ready[i + 1]),
      .ep_tx_valid_i      (ep_tx_valid_i[i]),
      .ep_tx_ready_o      (ep_tx_ready_o[i]),
      .ep_tx_i            (ep_tx_i[i]),
      .ep_tx_class_ready_o(ep_tx_class_ready_o[i]),
      .ep_rx_valid_o      (ep_rx_valid_o[i]),
      .ep_rx_ready_i      (ep_rx_ready_i[i]),
      .ep_rx_o            (ep_rx_o[i]),
      .ep_rx_class_ready_i(3'b111),
      .quiet_o            (link_quiet[i + 1]),
      .next_deadline_o    (link_deadline[i + 1])
    );
  end

  assign quiet_o = switch_quiet && ports_quiet && (&ctl_quiet) && (&link_quiet);

  always_comb begin
    next_deadline_o = NoDeadline;
    for (int unsigned p = 0; p < NumSw; p++) next_deadline_o = earlier(next_deadline_o, link_deadline[p]);
    for (int unsigned i = 0; i < NumEp; i++) next_deadline_o = earlier(next_deadline_o, ctl_deadline[i]);
  end

endmodule
