// SPDX-License-Identifier: Apache-2.0
//
// Topology `switch` of D12 between root complex and endpoints: a link from the one root port, a switch, a link for each
// endpoint. Wiring, and the numbers that firmware would have programmed into the switch's ports: bus 1 above, bus 2 inside,
// endpoint i on bus i + 3, `NumFn` BAR windows of 64 KiB each from 0x5000_0000 on; ACS redirects peer-to-peer traffic to the root.
// `up_i`: the links of the endpoints, whose state the root complex is told as well (D13); `mute_i`: every packet is lost unnoticed.
// A link below the switch holds `DownP` posted packets towards its endpoint, a receive buffer of the switch `SlotsP`.
module pcie_switch_tree
  import atc_time_pkg::*;
  import tlp_pkg::*;
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
  input  logic                  root_up_i,
  input  logic [NumEp-1:0]      up_i,
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

  for (genvar p = 0; p < NumSw; p++) begin : gen_cfg
    localparam int unsigned D = (p == 0) ? 0 : p - 1;
    assign port[p] = '{
      pri_bus:      (p == 0) ? 8'd1 : 8'd2,
      sec_bus:      (p == 0) ? 8'd2 : 8'(FirstBus + D),
      sub_bus:      (p == 0) ? 8'(FirstBus + NumEp - 1) : 8'(FirstBus + D),
      mem_base:     16'h5000 + 16'(D * NumFn),
      mem_limit:    16'h5000 + ((p == 0) ? 16'(NumEp * NumFn - 1) : 16'((D + 1) * NumFn - 1)),
      pref_base:    '1,
      pref_limit:   '0,
      acs_source:   SourceValidation,
      acs_blocking: TranslationBlocking,
      acs_request:  1'b1,
      acs_cpl:      1'b1,
      acs_direct:   1'b0
    };
  end

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
    .up_i            ({up_i, root_up_i}),
    .rx_valid_i      (rx_valid),
    .rx_ready_o      (rx_ready),
    .rx_i            (rx),
    .rx_class_ready_o(rx_class_ready),
    .tx_valid_o      (tx_valid),
    .tx_ready_i      (tx_ready),
    .tx_o            (tx),
    .tx_class_ready_i(tx_class_ready),
    .drop_o          (unused_drop),
    .drop_acs_o      (unused_drop_acs),
    .quiet_o         (switch_quiet)
  );

  for (genvar i = 0; i < NumEp; i++) begin : gen_link
    pcie_link #(.Index(i), .NumFn(NumFn), .DownP(DownP)) u_link (
      .clk_i, .rst_ni, .now_i, .latency_i, .width_i,
      .up_i               (up_i[i] && !mute_i[i]),
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

  assign quiet_o = switch_quiet && (&link_quiet);

  always_comb begin
    next_deadline_o = NoDeadline;
    for (int unsigned p = 0; p < NumSw; p++) next_deadline_o = earlier(next_deadline_o, link_deadline[p]);
  end

endmodule
