// SPDX-License-Identifier: Apache-2.0
//
// Write side of the SMMU's AXI4 port: event records (ID 0, two beats), PRI queue entries (ID 15, one beat) and MSIs
// (ID 1 + source, four bytes strobed).
//
// Guarantees: AW and W are held unchanged until accepted, independently of each other; W beats are in the order of
// their AW; `*_done_o` is the B of that ID, so the write is visible; writes of one ID are issued, and therefore
// answered, in the order of their requests. MSIs go first, the two queues take turns. B is always accepted.
// Does not: order writes of different IDs, or track how many are outstanding.
// Latency: request to AW and W 1 cycle; a record occupies W for two cycles, the others for one.
module smmu_axi_wr
  import smmu_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,

  input  logic           evt_valid_i,
  output logic           evt_ready_o,
  input  mwr_req_t       evt_i,
  output logic           evt_done_o,
  output logic           evt_err_o,

  input  logic           pri_valid_i,
  output logic           pri_ready_o,
  input  mwr_req_t       pri_i,
  output logic           pri_done_o,
  output logic           pri_err_o,

  input  logic           msi_valid_i,
  output logic           msi_ready_o,
  input  mwr_req_t       msi_i,
  input  logic [3:0]     msi_tag_i,       // source, at most 13
  output logic           msi_done_o,
  output logic [3:0]     msi_done_tag_o,
  output logic           msi_err_o,

  output logic [3:0]     awid_o,
  output logic [PaW-1:0] awaddr_o,
  output logic [7:0]     awlen_o,
  output logic           awvalid_o,
  input  logic           awready_i,
  output logic [127:0]   wdata_o,
  output logic [15:0]    wstrb_o,
  output logic           wlast_o,
  output logic           wvalid_o,
  input  logic           wready_i,
  input  logic [3:0]     bid_i,
  input  logic [1:0]     bresp_i,
  input  logic           bvalid_i,
  output logic           bready_o,

  output logic           quiet_o
);

  localparam logic [3:0] IdEvt = 4'd0, IdPri = 4'd15;

  mwr_req_t   req, req_q;
  logic       aw_valid_q, w_valid_q, second_q, room, fire, w_fire, queue_valid, unused_index;
  logic [1:0] queue_grant;
  logic [3:0] id, id_q;

  arb_rr #(.N (2)) u_arb (
    .clk_i, .rst_ni,
    .req_i     ({pri_valid_i, evt_valid_i}),
    .advance_i (room && !msi_valid_i),
    .grant_o   (queue_grant),
    .valid_o   (queue_valid),
    .index_o   (unused_index)
  );

  always_comb begin
    req = evt_i;
    id  = IdEvt;
    if (msi_valid_i) begin
      req = msi_i;
      id  = msi_tag_i + 4'd1;
    end else if (queue_grant[1]) begin
      req = pri_i;
      id  = IdPri;
    end
  end

  assign room        = (!aw_valid_q || awready_i) && (!w_valid_q || (wready_i && wlast_o));
  assign fire        = room && (msi_valid_i || queue_valid);
  assign w_fire      = w_valid_q && wready_i;
  assign msi_ready_o = room;
  assign evt_ready_o = room && !msi_valid_i && queue_grant[0];
  assign pri_ready_o = room && !msi_valid_i && queue_grant[1];

  assign awvalid_o = aw_valid_q;
  assign awid_o    = id_q;
  assign awaddr_o  = req_q.addr;
  assign awlen_o   = (req_q.size == Mwr32) ? 8'd1 : 8'd0;

  // An MSI's four bytes are copied to every lane; the strobes pick the one of its address.
  assign wvalid_o = w_valid_q;
  assign wlast_o  = req_q.size != Mwr32 || second_q;
  assign wdata_o  = (req_q.size == Mwr4) ? {4{req_q.data[31:0]}} : (second_q ? req_q.data[255:128] : req_q.data[127:0]);
  assign wstrb_o  = (req_q.size == Mwr4) ? 16'h000F << {req_q.addr[3:2], 2'b00} : 16'hFFFF;

  assign bready_o       = 1'b1;
  assign evt_done_o     = bvalid_i && bid_i == IdEvt;
  assign evt_err_o      = bresp_i[1];
  assign pri_done_o     = bvalid_i && bid_i == IdPri;
  assign pri_err_o      = bresp_i[1];
  assign msi_done_o     = bvalid_i && bid_i != IdEvt && bid_i != IdPri;
  assign msi_done_tag_o = bid_i - 4'd1;
  assign msi_err_o      = bresp_i[1];

  assign quiet_o = !fire && !(aw_valid_q && awready_i) && !w_fire;

  logic unused_b;
  assign unused_b = bresp_i[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_valid_q <= 1'b0;
      w_valid_q  <= 1'b0;
      second_q   <= 1'b0;
    end else begin
      aw_valid_q <= fire || (aw_valid_q && !awready_i);
      w_valid_q  <= fire || (w_valid_q && !(w_fire && wlast_o));
      second_q   <= !fire && (second_q ^ (w_fire && req_q.size == Mwr32));
    end
  end

  always_ff @(posedge clk_i) begin
    if (fire) begin
      req_q <= req;
      id_q  <= id;
    end
  end

endmodule
