// SPDX-License-Identifier: Apache-2.0
//
// Interrupts of the root ports as writes on the root complex's AXI write channel, one at a time.
//
// Stands between the device traffic (`up_*`) and the memory (`dma_*`). When a port has a message, no new device write is
// let through; once every one before has its response, the message is written (4 bytes, ID 0, user = the port's
// requester ID) and its response waited for; so it is behind all device writes, and no ID is shared.
// Guarantees: a write that was offered stays offered. Ports take turns, in order of their number from the last one.
// Latency: 2 cycles when nothing is under way. Idle it adds nothing to the device's path.
module rc_msi #(
  parameter int unsigned NumPort = 4
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic [NumPort-1:0]       msi_valid_i,
  output logic [NumPort-1:0]       msi_ready_o,
  input  logic [NumPort-1:0][63:0] msi_addr_i,
  input  logic [NumPort-1:0][31:0] msi_data_i,
  // device writes
  input  logic [3:0]   up_awid_i,
  input  logic [47:0]  up_awaddr_i,
  input  logic [7:0]   up_awlen_i,
  input  logic [17:0]  up_awuser_i,
  input  logic         up_awvalid_i,
  output logic         up_awready_o,
  input  logic [127:0] up_wdata_i,
  input  logic [15:0]  up_wstrb_i,
  input  logic         up_wlast_i,
  input  logic         up_wvalid_i,
  output logic         up_wready_o,
  output logic         up_bvalid_o,
  // memory
  output logic [3:0]   dma_awid_o,
  output logic [47:0]  dma_awaddr_o,
  output logic [7:0]   dma_awlen_o,
  output logic [17:0]  dma_awuser_o,
  output logic         dma_awvalid_o,
  input  logic         dma_awready_i,
  output logic [127:0] dma_wdata_o,
  output logic [15:0]  dma_wstrb_o,
  output logic         dma_wlast_o,
  output logic         dma_wvalid_o,
  input  logic         dma_wready_i,
  input  logic         dma_bvalid_i,
  output logic         quiet_o
);

  localparam int unsigned IdxW = (NumPort > 1) ? $clog2(NumPort) : 1;

  typedef enum logic [1:0] {Pass, Drain, Put, Wait} state_e;

  state_e             state_q, state_d;
  logic [IdxW-1:0]    index, index_q;
  logic [NumPort-1:0] unused_grant;
  logic               any, aw_q, w_q, own;
  logic [8:0]         open_q, ahead_q;   // device writes without response; those whose data are not complete
  logic               aw_take, w_end, drained;

  arb_rr #(.N(NumPort)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (msi_valid_i),
    .advance_i(msi_ready_o != '0),
    .grant_o  (unused_grant),
    .valid_o  (any),
    .index_o  (index)
  );

  assign own     = state_q inside {Put, Wait};
  assign aw_take = up_awvalid_i && up_awready_o;
  assign w_end   = up_wvalid_i && up_wready_o && up_wlast_i;
  assign drained = (open_q == '0) && (ahead_q == '0);

  // Stop between two writes: nothing is offered, or what is offered is taken now.
  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Pass:  if (any && (!up_awvalid_i || aw_take) && (!up_wvalid_i || w_end)) state_d = Drain;
      Drain: if (drained) state_d = any ? Put : Pass;
      Put:   if ((!aw_q || dma_awready_i) && (!w_q || dma_wready_i)) state_d = Wait;
      Wait:  if (dma_bvalid_i) state_d = Pass;
      default: state_d = Pass;
    endcase
  end

  // Data of a write whose address has been taken are let through while draining.
  logic let_aw, let_w;
  assign let_aw = state_q == Pass;
  assign let_w  = (state_q == Pass) || (state_q == Drain && ahead_q != '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Pass;
      open_q  <= '0;
      ahead_q <= '0;
      aw_q    <= 1'b0;
      w_q     <= 1'b0;
      index_q <= '0;
    end else begin
      state_q <= state_d;
      if (aw_take != up_bvalid_o) open_q <= aw_take ? open_q + 1'b1 : open_q - 1'b1;
      if (aw_take != w_end) ahead_q <= aw_take ? ahead_q + 1'b1 : ahead_q - 1'b1;
      if (state_q == Drain) begin
        aw_q <= state_d == Put;
        w_q  <= state_d == Put;
        if (state_d == Put) index_q <= index;
      end else if (state_q == Put) begin
        if (dma_awready_i) aw_q <= 1'b0;
        if (dma_wready_i) w_q <= 1'b0;
      end
    end
  end

  assign up_awready_o  = let_aw && dma_awready_i;
  assign up_wready_o   = let_w && dma_wready_i;
  assign up_bvalid_o   = dma_bvalid_i && !own;
  assign dma_awvalid_o = own ? aw_q : up_awvalid_i && let_aw;
  assign dma_wvalid_o  = own ? w_q : up_wvalid_i && let_w;

  always_comb begin
    msi_ready_o = '0;
    if (state_q == Wait && dma_bvalid_i) msi_ready_o[index_q] = 1'b1;
  end

  always_comb begin
    dma_awid_o   = up_awid_i;
    dma_awaddr_o = up_awaddr_i;
    dma_awlen_o  = up_awlen_i;
    dma_awuser_o = up_awuser_i;
    dma_wdata_o  = up_wdata_i;
    dma_wstrb_o  = up_wstrb_i;
    dma_wlast_o  = up_wlast_i;
    if (own) begin
      dma_awid_o   = '0;
      dma_awaddr_o = {msi_addr_i[index_q][47:4], 4'd0};
      dma_awlen_o  = '0;
      dma_awuser_o = 18'(index_q) << 3;
      dma_wdata_o  = {4{msi_data_i[index_q]}};
      dma_wstrb_o  = 16'h000F << {msi_addr_i[index_q][3:2], 2'b00};
      dma_wlast_o  = 1'b1;
    end
  end

  assign quiet_o = (state_d == state_q) && !aw_take && !w_end && !dma_bvalid_i && !(own && ((aw_q && dma_awready_i) || (w_q && dma_wready_i)));

  logic unused_addr;
  always_comb begin
    unused_addr = 1'b0;
    for (int unsigned i = 0; i < NumPort; i++) unused_addr ^= ^{msi_addr_i[i][63:48], msi_addr_i[i][1:0]};
  end

endmodule
