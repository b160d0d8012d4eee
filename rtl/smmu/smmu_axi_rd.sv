// SPDX-License-Identifier: Apache-2.0
//
// Read side of the SMMU's AXI4 port, shared by NumReq requesters: requester n reads with ID n.
//
// Guarantees: AR is held unchanged until it is accepted; requests are taken in round-robin order, one a cycle;
// responses go to the requester that their ID names, in the order of that requester's requests, and are always
// accepted. SLVERR and DECERR become `err` of that beat. Bursts are INCR of 16-byte beats; a requester never crosses
// 4 KiB.
// Does not: order the requesters, or limit how many reads are outstanding (each requester limits itself).
// Latency: request to AR 1 cycle, R to response 0 cycles.
module smmu_axi_rd
  import smmu_pkg::*;
#(
  parameter int unsigned NumReq = 2   // 1..16
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic [NumReq-1:0]     req_valid_i,
  output logic [NumReq-1:0]     req_ready_o,
  input  mrd_req_t [NumReq-1:0] req_i,
  output logic [NumReq-1:0]     rsp_valid_o,
  output mrd_rsp_t              rsp_o,         // one bus for all

  output logic [3:0]            arid_o,
  output logic [PaW-1:0]        araddr_o,
  output logic [7:0]            arlen_o,
  output logic                  arvalid_o,
  input  logic                  arready_i,
  input  logic [3:0]            rid_i,
  input  logic [127:0]          rdata_i,
  input  logic [1:0]            rresp_i,
  input  logic                  rlast_i,
  input  logic                  rvalid_i,
  output logic                  rready_o,

  output logic                  quiet_o
);

  localparam int unsigned IdxW = (NumReq > 1) ? $clog2(NumReq) : 1;

  logic              valid_q, room, fire, any;
  logic [NumReq-1:0] grant;
  logic [IdxW-1:0]   index;
  logic [3:0]        id_q;
  mrd_req_t          req_q;

  assign room = !valid_q || arready_i;
  assign fire = room && any;

  arb_rr #(.N (NumReq)) u_arb (
    .clk_i,
    .rst_ni,
    .req_i     (req_valid_i),
    .advance_i (fire),
    .grant_o   (grant),
    .valid_o   (any),
    .index_o   (index)
  );

  assign req_ready_o = room ? grant : '0;

  assign arvalid_o = valid_q;
  assign arid_o    = id_q;
  assign araddr_o  = req_q.addr;
  assign arlen_o   = {4'd0, req_q.beats};

  assign rready_o  = 1'b1;
  assign rsp_o     = '{data: rdata_i, err: rresp_i[1], last: rlast_i};
  always_comb begin
    for (int unsigned i = 0; i < NumReq; i++) rsp_valid_o[i] = rvalid_i && rid_i == 4'(i);
  end

  assign quiet_o = !fire && !(valid_q && arready_i);

  // EXOKAY does not occur: nothing here is an exclusive access.
  logic unused_resp;
  assign unused_resp = rresp_i[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (room) valid_q <= fire;
  end

  always_ff @(posedge clk_i) begin
    if (fire) begin
      id_q  <= 4'(index);
      req_q <= req_i[index];
    end
  end

endmodule
