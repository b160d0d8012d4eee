// SPDX-License-Identifier: Apache-2.0
//
// One x_IRQ_CFG0/1/2 group: where and what an interrupt writes as an MSI (smmuv3 §1.3).
//
// Guarantees: writes are ignored while `locked_i` (the interrupt's enable or its acknowledge is 1).
// The attributes of CFG2 are stored and have no effect; `option_o` is its bit 31 (PRIQ_IRQ_CFG2.LO). Address bits above the output address size are stored but
// not used.
module smmu_regs_irqcfg
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
#(
  parameter logic [19:0] Cfg0Offset = GERROR_IRQ_CFG0_OFFSET,
  parameter logic [19:0] Cfg1Offset = GERROR_IRQ_CFG1_OFFSET, // CFG2 follows it
  parameter logic [31:0] Cfg2Mask   = GERROR_IRQ_CFG2_WMASK,
  parameter bit          Built      = 1'b1                     // 0: nothing is there
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  reg_wr_t     wr_i,
  input  logic        locked_i,
  input  logic [18:3] rd_addr_i,
  output logic [63:0] rd_data_o,   // 0 when the address is another block's
  output msi_t        msi_o,
  output logic        option_o
);

  logic [63:0] cfg0_q;
  logic [31:0] cfg1_q, cfg2_q;

  assign msi_o = '{addr: {cfg0_q[PaW-1:2], 2'b00}, data: cfg1_q};
  assign option_o = cfg2_q[31];

  always_comb begin
    rd_data_o = '0;
    if (rd_addr_i == Cfg0Offset[18:3]) rd_data_o = cfg0_q;
    if (rd_addr_i == Cfg1Offset[18:3]) rd_data_o = {cfg2_q, cfg1_q};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cfg0_q <= GERROR_IRQ_CFG0_RESET;
      cfg1_q <= GERROR_IRQ_CFG1_RESET;
      cfg2_q <= GERROR_IRQ_CFG2_RESET;
    end else if (wr_i.valid && !locked_i && Built) begin
      cfg0_q <= wr_64(wr_i, Cfg0Offset, cfg0_q, GERROR_IRQ_CFG0_WMASK);
      cfg1_q <= wr_32(wr_i, Cfg1Offset, cfg1_q, GERROR_IRQ_CFG1_WMASK);
      cfg2_q <= wr_32(wr_i, Cfg1Offset | 20'h4, cfg2_q, Cfg2Mask);
    end
  end

endmodule
