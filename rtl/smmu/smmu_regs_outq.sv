// SPDX-License-Identifier: Apache-2.0
//
// Registers of a queue that the SMMU writes: x_BASE (page 0), x_PROD and x_CONS (page 1) of the event or the PRI queue
// (smmuv3 §1.6).
//
// Guarantees: PROD.WR moves by one for each `advance_i`; PROD.OVFLG toggles at `overflow_i` (the queue's writer asks only
// while it equals OVACKFLG). BASE and PROD take software writes only while `enabled_i` is low, CONS always. LOG2SIZE
// acts as at most MaxLog2, and the base as aligned to the queue's size. The optional page-0 copies of PROD and CONS are
// not there (RAZ/WI). Built = 0: nothing is there.
// Latency: `advance_i` to the readable register: 1 cycle.
module smmu_regs_outq
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
#(
  parameter bit          Built      = 1'b1,
  parameter logic [19:0] BaseOffset = EVENTQ_BASE_OFFSET,
  parameter logic [19:0] ProdOffset = EVENTQ_PROD_OFFSET,  // CONS follows it
  parameter logic [4:0]  MaxLog2    = 5'd19,               // IDR1.xQS
  parameter int unsigned EntryLog2  = 5                    // log2 of an entry's bytes
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  reg_wr_t        wr_i,
  input  logic           enabled_i,   // the queue's enable or its acknowledge
  input  logic           advance_i,
  input  logic           overflow_i,
  input  logic [18:3]    rd_addr_i,
  output logic [63:0]    rd_data_o,   // 0 when the address is another block's
  output logic [PaW-1:0] base_o,
  output logic [4:0]     log2size_o,
  output logic [19:0]    prod_o,
  output logic [19:0]    cons_o,
  output logic           overflowed_o // OVFLG differs from OVACKFLG
);

  localparam logic [63:0] BaseMask = Built ? EVENTQ_BASE_WMASK : '0;
  localparam logic [31:0] ProdMask = Built ? EVENTQ_PROD_WMASK : '0;
  localparam logic [31:0] ConsMask = Built ? EVENTQ_CONS_WMASK : '0;

  logic [63:0] base_q;
  logic [31:0] prod_d, prod_q, cons_q;

  assign log2size_o   = (base_q[4:0] > MaxLog2) ? MaxLog2 : base_q[4:0];
  // Queue bytes = 2^EntryLog2 << log2size, at least 32.
  assign base_o       = {base_q[PaW-1:5], 5'd0} & ~((PaW'(low_ones(log2size_o)) << EntryLog2));
  assign prod_o       = prod_q[19:0];
  assign cons_o       = cons_q[19:0];
  assign overflowed_o = prod_q[31] != cons_q[31];

  always_comb begin
    prod_d = prod_q;
    if (advance_i) prod_d[19:0] = (prod_q[19:0] + 20'd1) & low_ones(log2size_o + 5'd1);
    else if (!enabled_i) prod_d = wr_32(wr_i, ProdOffset, prod_q, ProdMask);
    if (overflow_i) prod_d[31] = !prod_q[31];
  end

  always_comb begin
    rd_data_o = '0;
    if (rd_addr_i == BaseOffset[18:3]) rd_data_o = base_q;
    if (rd_addr_i == ProdOffset[18:3]) rd_data_o = {cons_q, prod_q};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      base_q <= EVENTQ_BASE_RESET;
      prod_q <= EVENTQ_PROD_RESET;
      cons_q <= EVENTQ_CONS_RESET;
    end else begin
      if (wr_i.valid && !enabled_i) base_q <= wr_64(wr_i, BaseOffset, base_q, BaseMask);
      prod_q <= prod_d;
      cons_q <= wr_32(wr_i, ProdOffset | 20'h4, cons_q, ConsMask);
    end
  end

endmodule
