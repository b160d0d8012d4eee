// SPDX-License-Identifier: Apache-2.0
//
// PRI queue (smmuv3 section 9, D9): nothing is written while it is off, after an abort or after an overflow until software
// acknowledges; the interrupt comes after PROD; a response waits unchanged.
module smmu_priq_sva (
  input logic clk_i,
  input logic rst_ni,
  input logic off,
  input logic overflowed,
  input logic write,
  input logic advance,
  input logic overflow,
  input logic irq
);

  stopped: assert property (@(posedge clk_i) disable iff (!rst_ni) off || overflowed |-> !write);
  after: assert property (@(posedge clk_i) disable iff (!rst_ni) irq |-> $past(advance));
  overflows: cover property (@(posedge clk_i) disable iff (!rst_ni) overflow);

endmodule

bind smmu_priq smmu_priq_sva u_sva (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .off        (off),
  .overflowed (overflowed_i),
  .write      (wr_valid_o),
  .advance    (advance_o),
  .overflow   (overflow_o),
  .irq        (irq_o)
);
bind smmu_priq stream_sva #(.W ($bits(prg_rsp_o))) u_rsp_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .valid   (prg_rsp_valid_o),
  .ready   (prg_rsp_ready_i),
  .payload (prg_rsp_o)
);
