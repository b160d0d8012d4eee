// SPDX-License-Identifier: Apache-2.0
//
// The endpoint alone, with plain vectors for ports: what another testbench instantiates (doc/endpoint.md).
//
// One packet is one transfer: `*_pfx_*` is the PASID prefix, `*_dw0..3` the header as in pcie-ats.md section 1 (first byte on
// the wire in [31:24] of dw0), `*_data` the payload, wire byte n in [8n+7:8n]. A 3-dword header leaves dw3 unused.
// Both directions are ready/valid streams. `tx_class_ready_i` says for which classes {completion, non-posted, posted} there is
// credit; a packet of another class is not offered. `rx_ready_o` low is the only back-pressure towards the root; credits are
// the business of whoever drives these ports.
// Does not: anything of its own; behaviour and latency are ep_top's.
module ep_plain
  import atc_time_pkg::*;
  import tlp_pkg::*;
  import ep_pkg::*;
#(
  parameter int unsigned  Index      = 0,
  parameter int unsigned  AtcSets    = 1,
  parameter int unsigned  AtcWays    = 64,
  parameter int unsigned  AtcLarge   = 0,
  parameter atc_replace_e AtcReplace = ReplaceRoundRobin
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,            // asynchronous assertion, synchronous release
  input  logic [47:0]             now_i,             // cycle number: adds 1 each cycle, or more while quiet_o (D21)
  input  logic [15:0]             bdf_i,             // requester ID
  input  logic [47:0]             flr_cycles_i,
  input  logic [5:0]              inv_depth_i,
  input  logic [9:0]              inv_search_i,
  input  logic [2:0]              xlat_pages_i,
  input  logic                    stale_all_i,
  input  logic [47:0]             cpl_timeout_i,     // all ones = none

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

  output logic                    quiet_o,           // nothing changes before next_deadline_o while the inputs are held
  output logic [47:0]             next_deadline_o    // all ones = none
);

  tlp_t       rx, tx;
  fn_out_t    unused_fn;
  logic [3:0] unused_ask;
  logic       unused_claims;
  logic [1:0] unused_pri_evt;

  assign rx = '{pfx_valid: rx_pfx_valid_i, pfx: rx_pfx_i, dw0: rx_dw0_i, dw1: rx_dw1_i, dw2: rx_dw2_i, dw3: rx_dw3_i,
                data: rx_data_i};

  ep_top #(
    .Index     (Index),
    .AtcSets   (AtcSets),
    .AtcWays   (AtcWays),
    .AtcLarge  (AtcLarge),
    .AtcReplace(AtcReplace)
  ) u_ep (
    .clk_i, .rst_ni, .now_i, .bdf_i, .flr_cycles_i, .inv_depth_i, .inv_search_i, .xlat_pages_i, .stale_all_i, .cpl_timeout_i,
    .fn_i(FnAlone), .fn_o(unused_fn), .inv_room_i(1'b1), .pri_room_i(1'b0), .pri_ask_o(unused_ask), .claims_o(unused_claims), .pri_evt_o(unused_pri_evt),
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
