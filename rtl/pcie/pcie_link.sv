// SPDX-License-Identifier: Apache-2.0
//
// One link between a port above (of the root complex or a switch) and one below (of an endpoint or a switch): two independent directions (pcie_link_dir).
//
// Credits towards the endpoint: 40 posted packets, so that at least 32 Invalidate Requests fit beside register
// writes (D12), 4 non-posted, 32 completions. Towards the root: 64 posted and 32 non-posted, enough to keep
// the default link busy over its round trip, and 8 completions, which the root always takes at once.
// Each receiver says which classes it would take, so posted packets and completions get past requests that wait there.
// An endpoint takes packets strictly in order: it has one ready, and asks for all classes.
// Latency: see pcie_link_dir.
module pcie_link
  import atc_time_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned Index   = 0,        // names the link in monitors
  parameter int unsigned NumFn   = 1,        // functions behind it, for the monitor
  parameter int unsigned SharedBus = 0,      // not 0: many devices behind it, the first on this bus; for the monitor
  parameter int unsigned DownP   = 40,
  parameter int unsigned DownNp  = 4,
  parameter int unsigned DownCpl = 32,
  parameter int unsigned UpP     = 64,
  parameter int unsigned UpNp    = 32,
  parameter int unsigned UpCpl   = 8
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  time_t       now_i,
  input  logic [15:0] latency_i,             // cycles one way, >= 1, constant
  input  logic [5:0]  width_i,               // bytes a cycle: 4, 8, 16, 32
  input  logic        up_i,

  input  logic        rc_tx_valid_i,
  output logic        rc_tx_ready_o,
  input  tlp_t        rc_tx_i,
  output logic [2:0]  rc_tx_class_ready_o,   // {CPL, NP, P}
  output logic        rc_rx_valid_o,
  input  logic        rc_rx_ready_i,
  output tlp_t        rc_rx_o,
  input  logic [2:0]  rc_rx_class_ready_i,

  input  logic        ep_tx_valid_i,
  output logic        ep_tx_ready_o,
  input  tlp_t        ep_tx_i,
  output logic [2:0]  ep_tx_class_ready_o,
  output logic        ep_rx_valid_o,
  input  logic        ep_rx_ready_i,
  output tlp_t        ep_rx_o,
  input  logic [2:0]  ep_rx_class_ready_i,

  output logic        quiet_o,
  output time_t       next_deadline_o
);

  logic  down_quiet, up_quiet;
  time_t down_deadline, up_deadline;

  pcie_link_dir #(.CrP(DownP), .CrNp(DownNp), .CrCpl(DownCpl)) u_down (
    .clk_i, .rst_ni, .now_i, .latency_i, .width_i, .up_i,
    .in_valid_i       (rc_tx_valid_i),
    .in_ready_o       (rc_tx_ready_o),
    .in_i             (rc_tx_i),
    .class_ready_o    (rc_tx_class_ready_o),
    .out_valid_o      (ep_rx_valid_o),
    .out_ready_i      (ep_rx_ready_i),
    .out_o            (ep_rx_o),
    .out_class_ready_i(ep_rx_class_ready_i),
    .quiet_o          (down_quiet),
    .next_deadline_o  (down_deadline)
  );

  pcie_link_dir #(.CrP(UpP), .CrNp(UpNp), .CrCpl(UpCpl)) u_up (
    .clk_i, .rst_ni, .now_i, .latency_i, .width_i, .up_i,
    .in_valid_i       (ep_tx_valid_i),
    .in_ready_o       (ep_tx_ready_o),
    .in_i             (ep_tx_i),
    .class_ready_o    (ep_tx_class_ready_o),
    .out_valid_o      (rc_rx_valid_o),
    .out_ready_i      (rc_rx_ready_i),
    .out_o            (rc_rx_o),
    .out_class_ready_i(rc_rx_class_ready_i),
    .quiet_o          (up_quiet),
    .next_deadline_o  (up_deadline)
  );

  assign quiet_o         = down_quiet && up_quiet;
  assign next_deadline_o = earlier(down_deadline, up_deadline);

endmodule
