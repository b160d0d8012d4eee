// SPDX-License-Identifier: Apache-2.0
//
// What smmu_atc_inv promises: every command is consumed in time (D1), requests are held until taken or cancelled, a queue is
// not idle from the edge that consumes its command (D7), INV_LIMIT holds.
module smmu_atc_inv_sva
  import atc_time_pkg::*;
#(
  parameter int unsigned NumEp     = 4,
  parameter int unsigned NumTags   = 32,
  parameter int unsigned NumQueues = 1,
  localparam int unsigned QW = (NumQueues > 1) ? $clog2(NumQueues) : 1
) (
  input logic                      clk_i,
  input logic                      rst_ni,
  input time_t                     now_i,
  input time_t                     timeout_i,
  input logic [NumQueues-1:0]      cmd_valid_i,
  input logic [NumQueues-1:0]      cmd_ready_i,
  input logic                      release_i,    // software releases tags
  input logic                      alloc_i,
  input logic                      refuse_i,
  input logic [QW-1:0]             qid_i,
  input logic [NumQueues-1:0][5:0] pending_i,    // of the device that the queue asks for
  input logic [5:0]                limit_i,      // of the device of qid_i
  input logic [NumQueues-1:0]      idle_i,
  input logic [NumQueues-1:0]      timed_out_i,
  input logic [NumEp-1:0]          req_valid_i,
  input logic [NumEp-1:0]          req_ready_i,
  input logic [NumEp-1:0][4:0]     req_itag_i,
  input logic [NumEp-1:0]          cancel_i
);

  // Released tags come back one a cycle while others wait for a free one.
  localparam int unsigned Slack = NumQueues + 1 + NumEp * NumTags;

  logic [NumQueues-1:0] waits_q, plain_q, late;  // plain: neither the time-out nor a release changed what to expect
  time_t                since_q [NumQueues];
  time_t                timeout_q;

  always_comb begin
    late = '0;
    for (int unsigned q = 0; q < NumQueues; q++) begin
      if (waits_q[q] && (timeout_i == timeout_q) && cmd_valid_i[q] && !cmd_ready_i[q])
        late[q] = (now_i - since_q[q]) > (timeout_i + (plain_q[q] ? time_t'(NumQueues) : time_t'(Slack)));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      waits_q   <= '0;
      plain_q   <= '1;
      timeout_q <= '0;
    end else begin
      timeout_q <= timeout_i;
      for (int unsigned q = 0; q < NumQueues; q++) begin
        waits_q[q] <= cmd_valid_i[q] && !cmd_ready_i[q] && (timeout_i == timeout_q);
        if (!waits_q[q] || (timeout_i != timeout_q)) since_q[q] <= now_i;
        plain_q[q] <= (plain_q[q] || !waits_q[q]) && !release_i;
      end
    end
  end

  in_time: assert property (@(posedge clk_i) disable iff (!rst_ni) late == '0);
  below_limit: assert property (@(posedge clk_i) disable iff (!rst_ni) alloc_i |-> pending_i[qid_i] < limit_i);
  not_idle: assert property (@(posedge clk_i) disable iff (!rst_ni) alloc_i |=> !idle_i[$past(qid_i)]);
  refused_is_flagged: assert property (@(posedge clk_i) disable iff (!rst_ni) refuse_i |=> timed_out_i[$past(qid_i)]);
  one_end: assert property (@(posedge clk_i) disable iff (!rst_ni) !(alloc_i && refuse_i));

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    request_held: assert property (@(posedge clk_i) disable iff (!rst_ni)
      req_valid_i[i] && !req_ready_i[i] && !cancel_i[i] |=> req_valid_i[i] && (req_itag_i[i] == $past(req_itag_i[i])));
    cancels_the_oldest: assert property (@(posedge clk_i) disable iff (!rst_ni)
      cancel_i[i] |-> req_valid_i[i] && !req_ready_i[i]);
  end

endmodule

bind smmu_atc_inv smmu_atc_inv_sva #(
  .NumEp    (NumEp),
  .NumTags  (NumTags),
  .NumQueues(NumQueues)
) u_sva (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .now_i      (now_i),
  .timeout_i  (timeout_i),
  .cmd_valid_i(cmd_valid_i),
  .cmd_ready_i(cmd_ready_o),
  .release_i  (quar_release_i != '0),
  .alloc_i    (alloc),
  .refuse_i   (refuse),
  .qid_i      (qid),
  .pending_i  (ask_pending),
  .limit_i    ((inv_limit_i[dev] == 6'd0) ? 6'd32 : inv_limit_i[dev]),
  .idle_i     (idle_o),
  .timed_out_i(timed_out_o),
  .req_valid_i(req_valid_o),
  .req_ready_i(req_ready_i),
  .req_itag_i (req_itag),
  .cancel_i   (cancel)
);
