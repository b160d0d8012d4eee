// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Lite front of the register pages: turns bus transfers into one register write or read a cycle.
//
// Guarantees: any order and spacing of AW and W; ready depends on state only; every access is answered OKAY.
// A 64-bit lane holds two 32-bit registers; each is written when all four of its strobes are set (smmuv3 §1: a
// 64-bit register takes one 64-bit or two 32-bit accesses, each half takes effect separately).
// Does not: write a register of which only some bytes are strobed (ignored), or hold more than one write and one
// read at a time.
// Latency: a write takes effect at the edge that completes AW and W, its B follows in the next cycle; read data is
// the registers' value in the cycle of AR, R follows in the next cycle.
module smmu_regs_axil
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic [18:0] awaddr_i,
  input  logic        awvalid_i,
  output logic        awready_o,
  input  logic [63:0] wdata_i,
  input  logic [7:0]  wstrb_i,
  input  logic        wvalid_i,
  output logic        wready_o,
  output logic [1:0]  bresp_o,
  output logic        bvalid_o,
  input  logic        bready_i,
  input  logic [18:0] araddr_i,
  input  logic        arvalid_i,
  output logic        arready_o,
  output logic [63:0] rdata_o,
  output logic [1:0]  rresp_o,
  output logic        rvalid_o,
  input  logic        rready_i,

  output reg_wr_t     wr_o,
  output logic [18:3] rd_addr_o,
  input  logic [63:0] rd_data_i,

  output logic        quiet_o
);

  logic        aw_held_q, w_held_q, bvalid_q, rvalid_q;
  logic [18:3] awaddr_q;
  logic [63:0] wdata_q, rdata_q;
  logic [1:0]  whalf_q;

  logic        aw_take, w_take, ar_take, write;
  logic [1:0]  whalf;

  assign awready_o = !aw_held_q && !bvalid_q;
  assign wready_o  = !w_held_q && !bvalid_q;
  assign arready_o = !rvalid_q;
  assign aw_take   = awvalid_i && awready_o;
  assign w_take    = wvalid_i && wready_o;
  assign ar_take   = arvalid_i && arready_o;

  assign whalf = {&wstrb_i[7:4], &wstrb_i[3:0]};
  assign write = (aw_held_q || aw_take) && (w_held_q || w_take);
  assign wr_o  = '{valid: write,
                   addr:  aw_held_q ? awaddr_q : awaddr_i[18:3],
                   half:  w_held_q ? whalf_q : whalf,
                   data:  w_held_q ? wdata_q : wdata_i};

  assign rd_addr_o = araddr_i[18:3];
  assign bresp_o   = 2'b00;
  assign bvalid_o  = bvalid_q;
  assign rresp_o   = 2'b00;
  assign rvalid_o  = rvalid_q;
  assign rdata_o   = rdata_q;
  assign quiet_o   = !aw_take && !w_take && !ar_take && !(bvalid_q && bready_i) && !(rvalid_q && rready_i);

  // An access is at least four bytes wide and aligned, so the low address bits carry nothing.
  logic unused_addr;
  assign unused_addr = ^{awaddr_i[2:0], araddr_i[2:0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_held_q <= 1'b0;
      w_held_q  <= 1'b0;
      bvalid_q  <= 1'b0;
      rvalid_q  <= 1'b0;
    end else begin
      aw_held_q <= (aw_held_q || aw_take) && !write;
      w_held_q  <= (w_held_q || w_take) && !write;
      bvalid_q  <= write || (bvalid_q && !bready_i);
      rvalid_q  <= ar_take || (rvalid_q && !rready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (aw_take) awaddr_q <= awaddr_i[18:3];
    if (w_take) begin
      wdata_q <= wdata_i;
      whalf_q <= whalf;
    end
    if (ar_take) rdata_q <= rd_data_i;
  end

endmodule
