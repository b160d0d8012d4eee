// SPDX-License-Identifier: Apache-2.0
//
// Which ATC_INV is consumed in this cycle, and how: each command queue offers the one at its head (D1, D7).
//
//   at once       StreamID above 16 bits, or no endpoint there; every tag that the queue could get is quarantined (refused)
//   with a tag    the device is below INV_LIMIT and has a tag for the queue, its pending queue has room
//   otherwise     it waits, `stall_o` says for what; commands of other queues pass
// Guarantees: at most one a cycle, round robin among the queues whose command need not wait. With several queues a
// command that has waited `timeout_i` cycles is refused, because others may take every tag that becomes free: so it is
// consumed within timeout_i + NumQueues cycles. With one queue that cannot happen (smmu_atc_inv) and there is no timer.
// Latency: combinational.
module smmu_inv_admit
  import atc_time_pkg::*;
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp     = 4,
  parameter int unsigned NumFn    = 1,   // functions of a device (smmu_dev_map)
  parameter int unsigned FirstBus = 1,
  parameter int unsigned NumQueues = 1,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned QW   = (NumQueues > 1) ? $clog2(NumQueues) : 1
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  time_t                          now_i,
  input  time_t                          timeout_i,
  input  logic [NumEp-1:0][5:0]          inv_limit_i,     // 0 acts as 32
  input  logic [NumQueues-1:0]           cmd_valid_i,
  output logic [NumQueues-1:0]           cmd_ready_o,
  input  logic [NumQueues-1:0][31:0]     cmd_sid_i,
  output logic [NumQueues-1:0][DevW-1:0] ask_dev_o,
  input  logic [NumQueues-1:0]           ask_avail_i,
  input  logic [NumQueues-1:0]           ask_quar_i,
  input  logic [NumQueues-1:0][5:0]      ask_pending_i,
  input  logic [NumEp-1:0]               pend_ready_i,
  output logic [QW-1:0]                  qid_o,           // the queue served in this cycle ...
  output logic                           alloc_o,         // ... gets a tag
  output logic                           refuse_o,        // ... is refused
  output itag_stall_e [NumQueues-1:0]    stall_o,
  output logic                           quiet_o,
  output time_t                          next_deadline_o
);

  logic [NumQueues-1:0] known, over, refuse, blocked;
  itag_stall_e          stall [NumQueues];

  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    logic       dev_valid;
    logic [5:0] limit;

    smmu_dev_map #(
      .NumEp   (NumEp),
      .NumFn   (NumFn),
      .FirstBus(FirstBus)
    ) u_map (
      .rid_i  (cmd_sid_i[q][15:0]),
      .valid_o(dev_valid),
      .index_o(ask_dev_o[q])
    );

    assign known[q] = dev_valid && (cmd_sid_i[q][31:16] == 16'd0);
    assign limit    = (inv_limit_i[ask_dev_o[q]] == 6'd0) ? 6'd32 : inv_limit_i[ask_dev_o[q]];
    always_comb begin
      stall[q] = StallNone;
      if (ask_pending_i[q] >= limit) stall[q] = StallLimit;
      else if (!ask_avail_i[q]) stall[q] = StallTag;
      else if (!pend_ready_i[ask_dev_o[q]]) stall[q] = StallPending;
    end
    assign refuse[q]  = known[q] && (ask_quar_i[q] || (over[q] && (stall[q] != StallNone)));
    assign blocked[q] = known[q] && !refuse[q] && (stall[q] != StallNone);
    assign stall_o[q] = (cmd_valid_i[q] && blocked[q]) ? stall[q] : StallNone;
  end

  assign alloc_o  = cmd_valid_i[qid_o] && cmd_ready_o[qid_o] && known[qid_o] && !refuse[qid_o];
  assign refuse_o = cmd_valid_i[qid_o] && cmd_ready_o[qid_o] && refuse[qid_o];

  if (NumQueues == 1) begin : gen_one

    logic unused;
    assign unused          = ^{clk_i, rst_ni, now_i, timeout_i};
    assign over            = 1'b0;
    assign qid_o           = 1'b0;
    assign cmd_ready_o     = !blocked;
    assign quiet_o         = !(cmd_valid_i[0] && cmd_ready_o[0]);
    assign next_deadline_o = NoDeadline;

  end else begin : gen_several

    logic                 served;
    logic [NumQueues-1:0] waiting_q, waiting_d;
    time_t                since_q [NumQueues];

    arb_rr #(.N(NumQueues)) u_arb (
      .clk_i,
      .rst_ni,
      .req_i    (cmd_valid_i & ~blocked),
      .advance_i(1'b1),
      .grant_o  (cmd_ready_o),
      .valid_o  (served),
      .index_o  (qid_o)
    );

    always_comb begin
      logic [TimeW:0] deadline;
      deadline        = '0;
      next_deadline_o = NoDeadline;
      for (int unsigned q = 0; q < NumQueues; q++) begin
        waiting_d[q] = cmd_valid_i[q] && !cmd_ready_o[q] && (blocked[q] || waiting_q[q]);
        over[q]      = waiting_q[q] && ((now_i - since_q[q]) >= timeout_i);
        if (waiting_q[q]) begin
          deadline = {1'b0, since_q[q]} + {1'b0, timeout_i};
          if (!deadline[TimeW]) next_deadline_o = earlier(next_deadline_o, deadline[TimeW-1:0]);
        end
      end
    end
    assign quiet_o = !served && (waiting_d == waiting_q);

    // From the first cycle in which it must wait until it is consumed, even if it could go and loses the arbiter.
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) waiting_q <= '0;
      else waiting_q <= waiting_d;
    end

    always_ff @(posedge clk_i) begin
      for (int unsigned q = 0; q < NumQueues; q++) if (waiting_d[q] && !waiting_q[q]) since_q[q] <= now_i;
    end

  end

endmodule
