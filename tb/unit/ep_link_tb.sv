// SPDX-License-Identifier: Apache-2.0
//
// The endpoint at the end of its link, with the ports of ep_plain at the root's end: `Root` of ep_root.h drives either. Packets
// carry what the build's ATC_MAX_PAYLOAD says.
// sva: ep_tx_sva ep_drain_sva ep_atc_sva
module ep_link_tb
  import atc_time_pkg::*;
  import tlp_pkg::*;
  import ep_pkg::*;
(
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic [47:0]             now_i,
  input  logic [15:0]             latency_i,         // of the link
  input  logic [5:0]              width_i,
  input  logic [15:0]             bdf_i,
  input  logic [47:0]             flr_cycles_i,
  input  logic [5:0]              inv_depth_i,
  input  logic [9:0]              inv_search_i,
  input  logic [2:0]              xlat_pages_i,
  input  logic                    stale_all_i,
  input  logic [47:0]             cpl_timeout_i,

  input  logic                    rx_valid_i,
  output logic                    rx_ready_o,
  input  logic                    rx_pfx_valid_i,
  input  logic [31:0]             rx_pfx_i,
  input  logic [31:0]             rx_dw0_i,
  input  logic [31:0]             rx_dw1_i,
  input  logic [31:0]             rx_dw2_i,
  input  logic [31:0]             rx_dw3_i,
  input  logic [MaxPayload*8-1:0] rx_data_i,

  output logic                    tx_valid_o,
  input  logic                    tx_ready_i,
  output logic                    tx_pfx_valid_o,
  output logic [31:0]             tx_pfx_o,
  output logic [31:0]             tx_dw0_o,
  output logic [31:0]             tx_dw1_o,
  output logic [31:0]             tx_dw2_o,
  output logic [31:0]             tx_dw3_o,
  output logic [MaxPayload*8-1:0] tx_data_o,
  input  logic [2:0]              tx_class_ready_i,

  output logic                    quiet_o,
  output logic [47:0]             next_deadline_o
);

  tlp_t       rx, tx, ep_rx, ep_tx;
  logic       ep_rx_valid, ep_rx_ready, ep_tx_valid, ep_tx_ready, link_quiet, ep_quiet;
  logic [2:0] ep_tx_class_ready;
  time_t      link_deadline, ep_deadline;

  assign rx = '{pfx_valid: rx_pfx_valid_i, pfx: rx_pfx_i, dw0: rx_dw0_i, dw1: rx_dw1_i, dw2: rx_dw2_i, dw3: rx_dw3_i,
                data: rx_data_i};

  pcie_link u_link (
    .clk_i, .rst_ni, .now_i, .latency_i, .width_i,
    .up_i               (1'b1),
    .rc_tx_valid_i      (rx_valid_i),
    .rc_tx_ready_o      (rx_ready_o),
    .rc_tx_i            (rx),
    .rc_tx_class_ready_o(),
    .rc_rx_valid_o      (tx_valid_o),
    .rc_rx_ready_i      (tx_ready_i),
    .rc_rx_o            (tx),
    .rc_rx_class_ready_i(tx_class_ready_i),
    .ep_tx_valid_i      (ep_tx_valid),
    .ep_tx_ready_o      (ep_tx_ready),
    .ep_tx_i            (ep_tx),
    .ep_tx_class_ready_o(ep_tx_class_ready),
    .ep_rx_valid_o      (ep_rx_valid),
    .ep_rx_ready_i      (ep_rx_ready),
    .ep_rx_o            (ep_rx),
    .ep_rx_class_ready_i(3'b111),
    .quiet_o            (link_quiet),
    .next_deadline_o    (link_deadline)
  );

  ep_top #(.Index(5)) u_ep (
    .clk_i, .rst_ni, .now_i, .bdf_i, .flr_cycles_i, .inv_depth_i, .inv_search_i, .xlat_pages_i, .stale_all_i, .cpl_timeout_i,
    .fn_i            (FnAlone),
    .inv_room_i      (1'b1),
    .pri_room_i      (1'b0),
    .pri_ask_o       (),
    .fn_o            (),
    .claims_o        (),
    .pri_evt_o       (),
    .rx_valid_i      (ep_rx_valid),
    .rx_ready_o      (ep_rx_ready),
    .rx_i            (ep_rx),
    .tx_valid_o      (ep_tx_valid),
    .tx_ready_i      (ep_tx_ready),
    .tx_o            (ep_tx),
    .tx_class_ready_i(ep_tx_class_ready),
    .quiet_o         (ep_quiet),
    .next_deadline_o (ep_deadline)
  );

  assign tx_pfx_valid_o  = tx.pfx_valid;
  assign tx_pfx_o        = tx.pfx;
  assign tx_dw0_o        = tx.dw0;
  assign tx_dw1_o        = tx.dw1;
  assign tx_dw2_o        = tx.dw2;
  assign tx_dw3_o        = tx.dw3;
  assign tx_data_o       = tx.data;
  assign quiet_o         = link_quiet && ep_quiet;
  assign next_deadline_o = earlier(link_deadline, ep_deadline);

endmodule
