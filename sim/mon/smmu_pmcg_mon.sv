// SPDX-License-Identifier: Apache-2.0
//
// Event pmcg_overflow: a counter passes its maximum at the edge of this cycle.
module smmu_pmcg_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumCtr = 8
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic [NumCtr-1:0] ovf
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && ovf != '0) begin
      for (int unsigned i = 0; i < NumCtr; i++) if (ovf[i]) atc_mon_event(EV_PMCG_OVERFLOW, 0, int'(i), 0, 0);
    end
  end

endmodule

bind smmu_pmcg_ctr smmu_pmcg_mon #(.NumCtr (NumCtr)) u_mon (
  .clk_i  (clk_i),
  .rst_ni (rst_ni),
  .ovf    (ovf_o)
);
