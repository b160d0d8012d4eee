// SPDX-License-Identifier: Apache-2.0
//
// GERROR / GERRORN toggle protocol (smmuv3 §1.4).
//
// Guarantees: an error is active while its two bits differ. Hardware activates by inverting GERROR, only while the
// error is inactive; an acknowledge that arrives in the same cycle goes first, so that the new occurrence is not
// lost. Software writes store only the bits of active errors: no write can activate one.
// `irq_o` is a pulse in the first cycle in which the new GERROR is readable; MSI_GERROR_ABT_ERR raises none.
// Does not: count occurrences while active, or know what CMDQ_CONS.ERR holds (smmu_regs_cmdq changes it at the same
// edge as `set_i`, so software that sees the toggle sees the code).
// Latency: `set_i` to GERROR and `irq_o`: 1 cycle.
module smmu_gerror
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  reg_wr_t     wr_i,
  input  logic [9:0]  set_i,       // pulses, bit numbers of GERROR
  output logic [31:0] gerror_o,
  output logic [31:0] gerrorn_o,
  output logic        cmdq_err_o,  // CMDQ_ERR is active
  output logic        irq_o,
  output logic        quiet_o
);

  localparam logic [9:0] Impl = GERRORN_WMASK[9:0];
  // MSI_GERROR_ABT_ERR must not raise the interrupt that it is about.
  localparam logic [9:0] NoIrq = 10'h080;

  logic [9:0]  gerror_d, gerror_q, gerrorn_d, gerrorn_q, raise;
  logic        irq_d, irq_q;

  always_comb begin
    gerrorn_d = gerrorn_q;
    // Toggles of inactive bits are dropped: an active bit's GERROR is the only value that can change GERRORN.
    if (wr_hit(wr_i, GERRORN_OFFSET)) begin
      gerrorn_d = (gerrorn_q & ~(gerror_q ^ gerrorn_q)) | (wr_i.data[41:32] & (gerror_q ^ gerrorn_q));
    end
    raise    = set_i & Impl & ~(gerror_q ^ gerrorn_d);
    gerror_d = gerror_q ^ raise;
    irq_d    = (raise & ~NoIrq) != '0;
  end

  assign gerror_o   = {22'd0, gerror_q};
  assign gerrorn_o  = {22'd0, gerrorn_q};
  assign cmdq_err_o = gerror_q[0] ^ gerrorn_q[0];
  assign irq_o      = irq_q;
  assign quiet_o    = !irq_d && !irq_q && gerror_d == gerror_q && gerrorn_d == gerrorn_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      gerror_q  <= '0;
      gerrorn_q <= '0;
      irq_q     <= 1'b0;
    end else begin
      gerror_q  <= gerror_d;
      gerrorn_q <= gerrorn_d;
      irq_q     <= irq_d;
    end
  end

endmodule
