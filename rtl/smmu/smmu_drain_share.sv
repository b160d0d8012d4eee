// SPDX-License-Identifier: Apache-2.0
//
// Shares the two-colour drain of the translation side between those who need one (D7).
//
// Guarantees: `done_o[n]` is high for one cycle, when everything accepted up to a flip that came no earlier than
// `req_i[n]` is done. Requests that arrive during an epoch join the next flip together, so none waits for more than
// two epochs. A request may be withdrawn at any time. The requester drops `req_i` after the cycle of `done_o`.
// Does not: merge a request into the epoch under way (older transactions could have the other colour).
// Latency: 0 cycles to `drain_start_o`; `done_o` in the cycle of `drain_done_i`, at least 1 cycle after the request.
module smmu_drain_share #(
  parameter int unsigned NumReq = 2
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [NumReq-1:0] req_i,
  output logic [NumReq-1:0] done_o,
  output logic              drain_start_o,
  input  logic              drain_done_i,
  output logic              quiet_o
);

  logic [NumReq-1:0] joined_d, joined_q, fresh;

  assign fresh         = req_i & ~joined_q;
  assign drain_start_o = drain_done_i && fresh != '0;
  assign done_o        = (drain_done_i) ? joined_q & req_i : '0;

  always_comb begin
    joined_d = joined_q & req_i;
    if (drain_done_i) joined_d = fresh;
  end

  assign quiet_o = joined_d == joined_q && !drain_start_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) joined_q <= '0;
    else joined_q <= joined_d;
  end

endmodule
