// SPDX-License-Identifier: Apache-2.0
//
// Decides what an interrupt condition becomes: an MSI if the source has an address, else a pulse on its wire
// (smmuv3 §1.3, §2.2).
//
// A wake-up event has no enable and no MSI.
// Guarantees: a condition gives one pulse or one MSI trigger, nothing while its enable is not in effect. The wire is
// never earlier than the register change it is about: the conditions come with or after it.
// Does not: hold a condition until its enable is set.
// Latency: condition to wire 1 cycle, to MSI trigger 0 cycles.
module smmu_irq
  import smmu_pkg::*;
#(
  parameter int unsigned NumSrc = NumIrq
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [NumSrc-1:0] cond_i,       // pulses
  input  logic [NumSrc-1:0] on_i,         // enables in effect
  input  msi_t [NumSrc-1:0] msi_i,        // addr 0 = wired
  output logic [NumSrc-1:0] msi_trig_o,   // pulses
  output logic [NumSrc-1:0] wire_o,       // pulses
  input  logic              sev_i,        // pulse: a SYNC with CS = 2 is complete
  output logic              sev_o,        // wake-up event, a pulse
  output logic              quiet_o
);

  logic [NumSrc-1:0] has_msi, wire_q;
  logic              sev_q;

  always_comb begin
    for (int unsigned i = 0; i < NumSrc; i++) has_msi[i] = msi_i[i].addr != '0;
  end

  assign msi_trig_o = cond_i & on_i & has_msi;
  assign wire_o     = wire_q;
  assign sev_o      = sev_q;
  assign quiet_o    = (cond_i & on_i) == '0 && wire_q == '0 && !sev_i && !sev_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wire_q <= '0;
      sev_q  <= 1'b0;
    end else begin
      wire_q <= cond_i & on_i & ~has_msi;
      sev_q  <= sev_i;
    end
  end

endmodule
