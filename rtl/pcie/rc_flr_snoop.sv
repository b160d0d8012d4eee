// SPDX-License-Identifier: Apache-2.0
//
// FLR snooping (D17): a function level reset that the root complex has seen retires the function's tags.
//
// A configuration write that sets Initiate FLR and was completed with success (`flr_i`, from rc_ecam) is noted. The
// completion has pushed all older messages of the function ahead of it; when those have gone on to the SMMU (`idle_i`),
// one local UR for each of the 32 tags is sent, which ends what is outstanding without error and frees what is
// quarantined. Requests not sent yet are not touched (the SMMU's rule for a local UR): they find the function in reset,
// are lost and time out.
// Does not: see a reset by other means (hot reset, link down, D3hot), nor the end of the FLR.
// Latency: 1 cycle from the completion, then one tag a cycle in which `ready_i` is high.
module rc_flr_snoop
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        flr_i,
  input  logic [15:0] rid_i,     // of the function
  input  logic        idle_i,    // no Invalidate Completion of the port waits
  output logic        valid_o,
  input  logic        ready_i,
  output inv_ur_t     ur_o,
  output logic        quiet_o
);

  logic        busy_q;
  logic [4:0]  tag_q;
  logic [15:0] rid_q;

  assign valid_o = busy_q && idle_i;
  assign ur_o    = '{rid: rid_q, itag: tag_q};
  assign quiet_o = !flr_i && !(valid_o && ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      tag_q  <= '0;
      rid_q  <= '0;
    end else if (flr_i) begin
      busy_q <= 1'b1;
      tag_q  <= '0;
      rid_q  <= rid_i;
    end else if (valid_o && ready_i) begin
      tag_q  <= tag_q + 1'b1;
      busy_q <= tag_q != '1;
    end
  end

endmodule
