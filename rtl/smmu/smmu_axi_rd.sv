// SPDX-License-Identifier: Apache-2.0
//
// Read side of the SMMU's AXI4 port: command fetches (ID 0) and table walks (ID 1) share it.
//
// Guarantees: AR is held unchanged until it is accepted; requests are taken in round-robin order, one a cycle;
// responses go to the requester that their ID names, in the order of that requester's requests, and are always
// accepted. SLVERR and DECERR become `err` of that beat. Bursts are INCR of 16-byte beats; a requester never crosses
// 4 KiB.
// Does not: order the two requesters, or limit how many reads are outstanding (each requester limits itself).
// Latency: request to AR 1 cycle, R to response 0 cycles.
module smmu_axi_rd
  import smmu_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,

  input  logic           cmd_req_valid_i,
  output logic           cmd_req_ready_o,
  input  mrd_req_t       cmd_req_i,
  output logic           cmd_rsp_valid_o,
  output mrd_rsp_t       cmd_rsp_o,

  input  logic           walk_req_valid_i,
  output logic           walk_req_ready_o,
  input  mrd_req_t       walk_req_i,
  output logic           walk_rsp_valid_o,
  output mrd_rsp_t       walk_rsp_o,

  output logic [3:0]     arid_o,
  output logic [PaW-1:0] araddr_o,
  output logic [7:0]     arlen_o,
  output logic           arvalid_o,
  input  logic           arready_i,
  input  logic [3:0]     rid_i,
  input  logic [127:0]   rdata_i,
  input  logic [1:0]     rresp_i,
  input  logic           rlast_i,
  input  logic           rvalid_i,
  output logic           rready_o,

  output logic           quiet_o
);

  localparam int unsigned Cmd = 0, Walk = 1;

  logic       valid_q, room, fire;
  logic [1:0] grant;
  logic       id_q, index;
  mrd_req_t   req_q;
  mrd_rsp_t   rsp;

  assign room = !valid_q || arready_i;
  assign fire = room && (cmd_req_valid_i || walk_req_valid_i);

  logic unused_valid;
  arb_rr #(.N (2)) u_arb (
    .clk_i,
    .rst_ni,
    .req_i     ({walk_req_valid_i, cmd_req_valid_i}),
    .advance_i (fire),
    .grant_o   (grant),
    .valid_o   (unused_valid),
    .index_o   (index)
  );

  assign cmd_req_ready_o  = room && grant[Cmd];
  assign walk_req_ready_o = room && grant[Walk];

  assign arvalid_o = valid_q;
  assign arid_o    = {3'd0, id_q};
  assign araddr_o  = req_q.addr;
  assign arlen_o   = {4'd0, req_q.beats};

  assign rready_o         = 1'b1;
  assign rsp              = '{data: rdata_i, err: rresp_i[1], last: rlast_i};
  assign cmd_rsp_valid_o  = rvalid_i && rid_i == 4'(Cmd);
  assign walk_rsp_valid_o = rvalid_i && rid_i == 4'(Walk);
  assign cmd_rsp_o        = rsp;
  assign walk_rsp_o       = rsp;

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
      id_q  <= index;
      req_q <= grant[Walk] ? walk_req_i : cmd_req_i;
    end
  end

endmodule
