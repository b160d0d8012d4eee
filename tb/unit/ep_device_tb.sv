// SPDX-License-Identifier: Apache-2.0
//
// Flat ports for ep_device_test.cpp: two physical functions, two virtual ones.
module ep_device_tb
  import tlp_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [47:0]  now_i,
  input  logic [15:0]  bdf_i,
  input  logic [47:0]  flr_cycles_i,
  input  logic [5:0]   inv_depth_i,
  input  logic [9:0]   inv_search_i,
  input  logic [2:0]   xlat_pages_i,
  input  logic         stale_all_i,
  input  logic [47:0]  cpl_timeout_i,

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

  assign rx = '{pfx_valid: rx_pfx_valid_i, pfx: rx_pfx_i, dw0: rx_dw0_i, dw1: rx_dw1_i, dw2: rx_dw2_i, dw3: rx_dw3_i,
                data: (MaxPayload*8)'(rx_data_i)};

  ep_device #(.Index(5), .NumFn(2), .NumVf(2), .HasAcs(1), .NoSoftReset(1)) dut (
    .clk_i, .rst_ni, .now_i, .bdf_i, .flr_cycles_i, .inv_depth_i, .inv_search_i, .xlat_pages_i, .stale_all_i, .cpl_timeout_i,
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
  assign tx_data_o      = tx.data[511:0];

endmodule
