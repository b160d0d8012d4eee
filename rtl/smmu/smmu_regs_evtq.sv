// SPDX-License-Identifier: Apache-2.0
//
// EVENTQ_BASE (page 0), EVENTQ_PROD and EVENTQ_CONS (page 1) (smmuv3 §1.6).
//
// Guarantees: PROD.WR moves by one for each `advance_i`; PROD.OVFLG toggles at `overflow_i` (smmu_evtq asks only
// while it equals OVACKFLG). BASE and PROD take software writes only while `enabled_i` is low, CONS always. LOG2SIZE
// acts as at most IDR1.EVENTQS. The optional page-0 copies of PROD and CONS are not there (RAZ/WI).
// Latency: `advance_i` to the readable register: 1 cycle.
module smmu_regs_evtq
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  reg_wr_t        wr_i,
  input  logic           enabled_i,   // CR0.EVENTQEN or its acknowledge
  input  logic           advance_i,
  input  logic           overflow_i,
  input  logic [16:3]    rd_addr_i,
  output logic [63:0]    rd_data_o,   // 0 when the address is another block's
  output logic [PaW-1:0] base_o,
  output logic [4:0]     log2size_o,
  output logic [19:0]    prod_o,
  output logic [19:0]    cons_o,
  output logic           overflowed_o // OVFLG differs from OVACKFLG
);

  localparam idr1_t Idr1 = idr1_t'(IDR1_RESET);

  logic [63:0] base_q;
  logic [31:0] prod_d, prod_q, cons_q;

  assign log2size_o   = (base_q[4:0] > Idr1.eventqs) ? Idr1.eventqs : base_q[4:0];
  // Queue bytes = 32 << log2size.
  assign base_o       = {base_q[PaW-1:5], 5'd0} & ~{{(PaW-25){1'b0}}, low_ones(log2size_o), 5'h1F};
  assign prod_o       = prod_q[19:0];
  assign cons_o       = cons_q[19:0];
  assign overflowed_o = prod_q[31] != cons_q[31];

  always_comb begin
    prod_d = prod_q;
    if (advance_i) prod_d[19:0] = (prod_q[19:0] + 20'd1) & low_ones(log2size_o + 5'd1);
    else if (!enabled_i) prod_d = wr_32(wr_i, EVENTQ_PROD_OFFSET, prod_q, EVENTQ_PROD_WMASK);
    if (overflow_i) prod_d[31] = !prod_q[31];
  end

  always_comb begin
    rd_data_o = '0;
    if (rd_addr_i == EVENTQ_BASE_OFFSET[16:3]) rd_data_o = base_q;
    if (rd_addr_i == EVENTQ_PROD_OFFSET[16:3]) rd_data_o = {cons_q, prod_q};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      base_q <= EVENTQ_BASE_RESET;
      prod_q <= EVENTQ_PROD_RESET;
      cons_q <= EVENTQ_CONS_RESET;
    end else begin
      if (wr_i.valid && !enabled_i) base_q <= wr_64(wr_i, EVENTQ_BASE_OFFSET, base_q, EVENTQ_BASE_WMASK);
      prod_q <= prod_d;
      cons_q <= wr_32(wr_i, EVENTQ_CONS_OFFSET, cons_q, EVENTQ_CONS_WMASK);
    end
  end

endmodule
