// SPDX-License-Identifier: Apache-2.0
//
// What a SYNC asks about the invalidations of its queue (D7): is anything outstanding, has anything timed out.
//
// Guarantees: the count rises at the edge that consumes the command and falls at the edge after the cycle in which
// the request ends (completed, retired, timed out), so `idle_o` has no hole. `timed_out_o` is sticky; a time-out in
// the cycle of its clear is kept. Neither forgets anything when a queue is re-based.
module smmu_inv_queues #(
  parameter int unsigned NumQueues = 1,
  parameter int unsigned MaxOpen   = 128,              // requests that can be open at once
  parameter int unsigned MaxEnd    = 34,               // that can end in one cycle
  localparam int unsigned QW   = (NumQueues > 1) ? $clog2(NumQueues) : 1,
  localparam int unsigned CntW = $clog2(MaxOpen + 1),
  localparam int unsigned EndW = $clog2(MaxEnd + 1)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           open_valid_i,
  input  logic                           fail_now_i,   // consumed without a request: sets the flag of open_qid_i
  input  logic [QW-1:0]                  open_qid_i,
  input  logic [NumQueues-1:0][EndW-1:0] ended_i,      // by queue, requests that end in this cycle
  input  logic                           expire_valid_i,
  input  logic [QW-1:0]                  expire_qid_i,
  input  logic [NumQueues-1:0]           clear_i,
  output logic [NumQueues-1:0]           idle_o,
  output logic [NumQueues-1:0]           timed_out_o,
  output logic [9:0]                     open_o,       // of all queues
  output logic                           quiet_o       // exact as to clear_i only
);

  logic [NumQueues-1:0][CntW-1:0] open_q;
  logic [NumQueues-1:0]           timed_out_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q      <= '0;
      timed_out_q <= '0;
    end else begin
      for (int unsigned q = 0; q < NumQueues; q++) begin
        open_q[q] <= open_q[q] + CntW'(open_valid_i && (open_qid_i == QW'(q))) - CntW'(ended_i[q]);
        if ((fail_now_i && (open_qid_i == QW'(q))) || (expire_valid_i && (expire_qid_i == QW'(q)))) begin
          timed_out_q[q] <= 1'b1;
        end else if (clear_i[q]) begin
          timed_out_q[q] <= 1'b0;
        end
      end
    end
  end

  always_comb begin
    open_o = '0;
    for (int unsigned q = 0; q < NumQueues; q++) begin
      idle_o[q] = open_q[q] == '0;
      open_o    = open_o + 10'(open_q[q]);
    end
  end
  assign timed_out_o = timed_out_q;
  assign quiet_o     = (clear_i & timed_out_q) == '0;

endmodule
