// SPDX-License-Identifier: Apache-2.0
//
// CMDQ_BASE, CMDQ_PROD and CMDQ_CONS (smmuv3 §1.6, §3).
//
// Guarantees: CONS.RD moves by one for each `consume_i` and CONS.ERR changes in the same 32-bit register at the edge
// of `error_i`, RD staying at the failing command. BASE and CONS.RD take software writes only while `enabled_i` is
// low; ERR never does, and keeps the last code. LOG2SIZE acts as at most IDR1.CMDQS, and the base as aligned to the
// queue's size; hardware writes 0 above the wrap bit. Does not check that PROD is legal (smmu_cmdq_fetch does).
// Latency: `consume_i` or `error_i` to the readable register: 1 cycle.
module smmu_regs_cmdq
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
#(
  parameter logic [4:0] MaxLog2 = 5'd19   // IDR1.CMDQS
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  reg_wr_t        wr_i,
  input  logic           enabled_i,     // CR0.CMDQEN or its acknowledge
  input  logic           consume_i,
  input  logic           error_i,
  input  logic [6:0]     error_code_i,  // cerror_e
  input  logic [18:3]    rd_addr_i,
  output logic [63:0]    rd_data_o,     // 0 when the address is another block's
  output logic [PaW-1:0] base_o,
  output logic [4:0]     log2size_o,
  output logic [19:0]    prod_o,
  output logic [19:0]    cons_o
);

  logic [63:0] base_q;
  logic [31:0] prod_q;
  logic [19:0] cons_d, cons_q;
  logic [6:0]  err_q;

  assign log2size_o = (base_q[4:0] > MaxLog2) ? MaxLog2 : base_q[4:0];
  // Queue bytes = 16 << log2size, at least 32.
  assign base_o     = {base_q[PaW-1:5], 5'd0} & ~{{(PaW-24){1'b0}}, low_ones(log2size_o), 4'hF};
  assign prod_o     = prod_q[19:0];
  assign cons_o     = cons_q;

  always_comb begin
    cons_d = cons_q;
    if (consume_i) cons_d = (cons_q + 20'd1) & low_ones(log2size_o + 5'd1);
    else if (!enabled_i) cons_d = 20'(wr_32(wr_i, CMDQ_CONS_OFFSET, {12'd0, cons_q}, CMDQ_CONS_WMASK));
  end

  always_comb begin
    rd_data_o = '0;
    if (rd_addr_i == CMDQ_BASE_OFFSET[18:3]) rd_data_o = base_q;
    if (rd_addr_i == CMDQ_PROD_OFFSET[18:3]) rd_data_o = {1'b0, err_q, 4'd0, cons_q, prod_q};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      base_q <= CMDQ_BASE_RESET;
      prod_q <= CMDQ_PROD_RESET;
      cons_q <= CMDQ_CONS_RESET[19:0];
      err_q  <= '0;
    end else begin
      if (wr_i.valid && !enabled_i) base_q <= wr_64(wr_i, CMDQ_BASE_OFFSET, base_q, CMDQ_BASE_WMASK);
      prod_q <= wr_32(wr_i, CMDQ_PROD_OFFSET, prod_q, CMDQ_PROD_WMASK);
      cons_q <= cons_d;
      if (error_i) err_q <= error_code_i;
    end
  end

endmodule
