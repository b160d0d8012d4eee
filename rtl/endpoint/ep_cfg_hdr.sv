// SPDX-License-Identifier: Apache-2.0
//
// Type 0 header: identification, command and status, base address registers, capability pointer.
//
// BAR0 is 32-bit memory of 64 KiB, BAR2 and BAR3 are one 64-bit memory BAR of 4 KiB; writing all ones reads back the
// size. There is no I/O space and no wired interrupt; the interrupt line register keeps what software notes in it.
// A virtual function (`IsVf`) has IDs of all ones, no BARs, and of the command register only Bus Master Enable.
// Latency: reads 0 cycles, writes 1.
module ep_cfg_hdr
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
#(
  parameter bit MultiFn = 0,           // header type bit 23
  parameter bit IsVf    = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  cfg_req_t    req_i,
  output logic [31:0] rdata_o,         // 0 for other offsets
  input  logic        rcv_ur_i,        // an own request was answered with UR / CA
  input  logic        rcv_ca_i,
  output logic        mem_en_o,
  output logic        bme_o,
  output logic        serr_en_o,
  output logic [15:0] bar0_o,          // [31:16]
  output logic [63:12] bar2_o
);

  localparam logic [31:0] Bar0Mask = 32'hFFFF_0000;
  localparam logic [31:0] Bar2Mask = 32'hFFFF_F000;
  localparam logic [31:0] Bar2Type = 32'h0000_0004;   // memory, 64-bit, not prefetchable
  localparam logic [31:0] VfWmask  = 32'hF800_0004;   // BME and status
  localparam logic [31:0] CmdWmask = IsVf ? (COMMAND_STATUS_WMASK & VfWmask) : COMMAND_STATUS_WMASK;
  localparam logic [31:0] CmdW1c   = 32'hF800_0000;

  command_status_t cmd_q, cmd_d;
  logic [15:0]     bar0_q;
  logic [63:12]    bar2_q;
  logic [7:0]      line_q;

  always_comb begin
    cmd_d = cmd_q;
    if (req_i.wr && (req_i.offset == COMMAND_STATUS_OFFSET)) begin
      cmd_d = cfg_merge(cmd_q, req_i, CmdWmask & ~CmdW1c) & ~(req_i.data & req_i.mask & CmdW1c);
    end
    if (rcv_ur_i) cmd_d.rcv_ma = 1'b1;
    if (rcv_ca_i) cmd_d.rcv_ta = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cmd_q  <= COMMAND_STATUS_RESET;
      bar0_q <= '0;
      bar2_q <= '0;
      line_q <= '0;
    end else if (clear_i) begin
      cmd_q  <= COMMAND_STATUS_RESET;
      bar0_q <= '0;
      bar2_q <= '0;
      line_q <= '0;
    end else begin
      cmd_q <= cmd_d;
      if (req_i.wr && !IsVf) begin
        unique case (req_i.offset)
          BAR0_OFFSET:      bar0_q        <= 16'(cfg_merge({bar0_q, 16'd0}, req_i, Bar0Mask) >> 16);
          BAR2_OFFSET:      bar2_q[31:12] <= 20'(cfg_merge({bar2_q[31:12], 12'd0}, req_i, Bar2Mask) >> 12);
          BAR3_OFFSET:      bar2_q[63:32] <= cfg_merge(bar2_q[63:32], req_i, BAR3_WMASK);
          INTERRUPT_OFFSET: line_q        <= 8'(cfg_merge({24'd0, line_q}, req_i, INTERRUPT_WMASK));
          default: ;
        endcase
      end
    end
  end

  always_comb begin
    rdata_o = '0;
    if (req_i.rd) begin
      unique case (req_i.offset)
        VENDOR_DEVICE_OFFSET:  rdata_o = IsVf ? '1 : VENDOR_DEVICE_RESET;
        COMMAND_STATUS_OFFSET: rdata_o = cmd_q;
        CLASS_REV_OFFSET:      rdata_o = CLASS_REV_RESET;
        HEADER_TYPE_OFFSET:    rdata_o = HEADER_TYPE_RESET | (32'(MultiFn) << 23);
        BAR0_OFFSET:           rdata_o = {bar0_q, 16'd0};
        BAR2_OFFSET:           rdata_o = IsVf ? '0 : ({bar2_q[31:12], 12'd0} | Bar2Type);
        BAR3_OFFSET:           rdata_o = bar2_q[63:32];
        SUBSYSTEM_OFFSET:      rdata_o = SUBSYSTEM_RESET;
        CAP_PTR_OFFSET:        rdata_o = CAP_PTR_RESET;
        INTERRUPT_OFFSET:      rdata_o = {24'd0, line_q};
        default: ;
      endcase
    end
  end

  assign mem_en_o  = cmd_q.mem_en;
  assign bme_o     = cmd_q.bme;
  assign serr_en_o = cmd_q.serr_en;
  assign bar0_o    = bar0_q;
  assign bar2_o    = bar2_q;

endmodule
