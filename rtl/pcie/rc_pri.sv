// SPDX-License-Identifier: Apache-2.0
//
// Page Requests and PRG Responses at the root complex (pcie-ats.md section 10).
//
// Requests: the ports' messages take turns to the SMMU, one a cycle; `rx_ready_o` follows the SMMU, which is ready
// after a bounded time, so a Page Request never holds up the posted packets behind it for ever.
// Responses: always taken, and queued for the port of their function. One that names a function behind no port, or whose
// link is down, or that finds `RspDepth` responses waiting for posted credit, is thrown away (`drop_o`): a device that
// returns no credit must not hold up the others (D12). A device with at most RspDepth page request groups outstanding
// (its Outstanding Page Request Allocation) never loses one.
// Guarantees the order of the requests of one port, and of the responses to one port.
// Latency: request 0 cycles, response 1 cycle.
module rc_pri
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp    = 4,    // ports
  parameter int unsigned NumDev   = 1,    // devices behind each
  parameter int unsigned FirstBus = 1,
  parameter int unsigned RspDepth = 32
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic     [NumEp-1:0] link_up_i,
  // from the ports' ingress
  input  logic     [NumEp-1:0] rx_valid_i,
  output logic     [NumEp-1:0] rx_ready_o,
  input  pri_req_t [NumEp-1:0] rx_i,
  // SMMU
  output logic                 pri_req_valid_o,
  input  logic                 pri_req_ready_i,
  output pri_req_t             pri_req_o,
  input  logic                 prg_rsp_valid_i,
  output logic                 prg_rsp_ready_o,
  input  prg_rsp_t             prg_rsp_i,
  // to the ports' egress
  output logic     [NumEp-1:0] tx_valid_o,
  input  logic     [NumEp-1:0] tx_ready_i,
  output prg_rsp_t [NumEp-1:0] tx_o,
  output logic                 drop_o,
  output logic                 quiet_o
);

  localparam int unsigned IdxW = (NumEp > 1) ? $clog2(NumEp) : 1;
  localparam int unsigned CntW = $clog2(RspDepth + 1);

  logic [NumEp-1:0] grant, mine, room;
  logic [IdxW-1:0]  index;

  arb_rr #(.N(NumEp)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (rx_valid_i),
    .advance_i(pri_req_ready_i),
    .grant_o  (grant),
    .valid_o  (pri_req_valid_o),
    .index_o  (index)
  );
  assign rx_ready_o = grant & {NumEp{pri_req_ready_i}};
  always_comb begin
    pri_req_o = '0;
    if (pri_req_valid_o) pri_req_o = rx_i[index];
  end

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    logic [CntW-1:0] unused_count;

    assign mine[i] = prg_rsp_valid_i && link_up_i[i] && prg_rsp_i.rid[7:3] == '0 &&
                     prg_rsp_i.rid[15:8] >= 8'(FirstBus + i * NumDev) && prg_rsp_i.rid[15:8] < 8'(FirstBus + (i + 1) * NumDev);

    fifo_sync #(.T(prg_rsp_t), .Depth(RspDepth)) u_rsp (
      .clk_i, .rst_ni,
      .clear_i    (1'b0),
      .in_valid_i (mine[i]),
      .in_ready_o (room[i]),
      .in_i       (prg_rsp_i),
      .out_valid_o(tx_valid_o[i]),
      .out_ready_i(tx_ready_i[i]),
      .out_o      (tx_o[i]),
      .count_o    (unused_count)
    );
  end

  assign prg_rsp_ready_o = 1'b1;
  assign drop_o          = prg_rsp_valid_i && (mine & room) == '0;
  assign quiet_o         = !(pri_req_valid_o && pri_req_ready_i) && !prg_rsp_valid_i && (tx_valid_o & tx_ready_i) == '0;

endmodule
