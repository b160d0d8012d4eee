// SPDX-License-Identifier: Apache-2.0
//
// Flat ports for the tests of ep_top/: headers as dwords, payload as one vector.
// sva: ep_pri_sva ep_drain_sva ep_tx_sva ep_atc_sva
module ep_top_tb
  import tlp_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [47:0]  now_i,
  input  logic [15:0]  bdf_i,
  input  logic [47:0]  flr_cycles_i,
  input  logic [5:0]   inv_depth_i,

  input  logic         rx_valid_i,
  output logic         rx_ready_o,
  input  logic         rx_pfx_valid_i,
  input  logic [31:0]  rx_pfx_i,
  input  logic [31:0]  rx_dw0_i, rx_dw1_i, rx_dw2_i, rx_dw3_i,
  input  logic [511:0] rx_data_i,

  output logic         tx_valid_o,
  input  logic         tx_ready_i,
  output logic         tx_pfx_valid_o,
  output logic [31:0]  tx_pfx_o,
  output logic [31:0]  tx_dw0_o, tx_dw1_o, tx_dw2_o, tx_dw3_o,
  output logic [511:0] tx_data_o,
  input  logic [2:0]   tx_class_ready_i,

  output logic         quiet_o,
  output logic [47:0]  next_deadline_o
);

  tlp_t rx, tx;
  ep_pkg::fn_out_t unused_fn;
  logic unused_claims;
  logic [1:0] unused_pri_evt;

  assign rx = '{pfx_valid: rx_pfx_valid_i, pfx: rx_pfx_i, dw0: rx_dw0_i, dw1: rx_dw1_i, dw2: rx_dw2_i, dw3: rx_dw3_i,
                data: rx_data_i};

  ep_top #(.Index(5)) dut (
    .clk_i, .rst_ni, .now_i, .bdf_i, .flr_cycles_i, .inv_depth_i,
    .fn_i(ep_pkg::FnAlone), .fn_o(unused_fn), .claims_o(unused_claims), .pri_evt_o(unused_pri_evt),
    .rx_valid_i, .rx_ready_o, .rx_i(rx),
    .tx_valid_o, .tx_ready_i, .tx_o(tx), .tx_class_ready_i,
    .quiet_o, .next_deadline_o
  );

  assign tx_pfx_valid_o = tx.pfx_valid;
  assign tx_pfx_o       = tx.pfx;
  assign tx_dw0_o       = tx.dw0;
  assign tx_dw1_o       = tx.dw1;
  assign tx_dw2_o       = tx.dw2;
  assign tx_dw3_o       = tx.dw3;
  assign tx_data_o      = tx.data;

endmodule
