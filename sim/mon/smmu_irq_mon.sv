// SPDX-License-Identifier: Apache-2.0
//
// Event irq_assert: the wire is high in this cycle. Event sev: the wake-up event is.
module smmu_irq_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
(
  input logic              clk_i,
  input logic              rst_ni,
  input logic [NumIrq-1:0] wire_o,
  input logic              sev_o
);

  // Numbers of log_events.toml.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && wire_o[IrqGerror]) atc_mon_event(EV_IRQ_ASSERT, 0, 0, 0, 0);
    if (rst_ni && wire_o[IrqEvtq]) atc_mon_event(EV_IRQ_ASSERT, 0, 1, 0, 0);
    if (rst_ni && wire_o[IrqPriq]) atc_mon_event(EV_IRQ_ASSERT, 0, 2, 0, 0);
    if (rst_ni && wire_o[IrqPmcg]) atc_mon_event(EV_IRQ_ASSERT, 0, 4, 0, 0);
    if (rst_ni && sev_o) atc_mon_event(EV_SEV, 0, 0, 0, 0);
    if (rst_ni && wire_o[IrqSync]) atc_mon_event(EV_IRQ_ASSERT, 0, 3, 0, 0);
  end

endmodule

bind smmu_irq smmu_irq_mon u_mon (
  .clk_i  (clk_i),
  .rst_ni (rst_ni),
  .wire_o (wire_o[smmu_pkg::NumIrq-1:0]),
  .sev_o  (sev_o)
);
