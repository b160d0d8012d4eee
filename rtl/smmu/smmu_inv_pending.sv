// SPDX-License-Identifier: Apache-2.0
//
// Invalidate Requests of one device that have a tag but wait for the port (D1): the place where a request waits for
// credit, so that it never does so at the head of the command queue.
//
// Guarantees: requests leave in the order of acceptance; 1 cycle from in to `req_valid_o`; one in and one out a cycle.
// `cancel_i` drops the oldest request: expiry goes in the order of allocation and only sent requests can complete,
// so the request that expires unsent is always the oldest here. It must not be given in a cycle in which the request
// is taken, and `req_valid_o` falls after it without a transfer.
module smmu_inv_pending
  import smmu_pkg::*;
#(
  parameter int unsigned Depth = 32,
  parameter logic [15:0] Rid   = 16'h0100
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [4:0]       in_itag_i,
  input  logic             in_ssv_i,
  input  logic [SsidW-1:0] in_ssid_i,
  input  logic [63:0]      in_payload_i,
  input  logic             cancel_i,
  output logic             req_valid_o,
  input  logic             req_ready_i,
  output inv_req_t         req_o
);

  typedef struct packed {
    logic [4:0]       itag;
    logic             ssv;
    logic [SsidW-1:0] ssid;
    logic [63:0]      payload;
  } entry_t;

  localparam int unsigned CntW = $clog2(Depth + 1);

  entry_t          in_entry, out_entry;
  logic [CntW-1:0] unused_count;

  assign in_entry = '{itag: in_itag_i, ssv: in_ssv_i, ssid: in_ssid_i, payload: in_payload_i};

  fifo_sync #(
    .T    (entry_t),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i    (1'b0),
    .in_valid_i,
    .in_ready_o,
    .in_i       (in_entry),
    .out_valid_o(req_valid_o),
    .out_ready_i(req_ready_i || cancel_i),
    .out_o      (out_entry),
    .count_o    (unused_count)
  );

  assign req_o = '{rid: Rid, itag: out_entry.itag, ssv: out_entry.ssv, ssid: out_entry.ssid,
                   payload: out_entry.payload};

endmodule
