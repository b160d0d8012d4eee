// SPDX-License-Identifier: Apache-2.0
//
// The queues of a switch: a slot is taken exactly while a packet is in it (no credit is lost or made up), only heads that may
// go leave, and nothing that must not passes an older posted packet for the same egress. Kept apart from the design's lists:
// a total, and for each waiting packet the number of posted packets that it found.
module pcie_switch_voq_sva #(
  parameter int unsigned NumIn  = 2,
  parameter int unsigned NumOut = 2,
  parameter int unsigned Slots  = 2,
  parameter int unsigned SlotW  = 1,
  parameter int unsigned InW    = 1,
  parameter int unsigned OutW   = 1
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic [NumIn-1:0] push,
  input logic [NumIn-1:0][2:0] free,
  input logic [1:0]       push_class [NumIn],
  input logic [OutW-1:0]  push_out [NumIn],
  input logic [NumIn-1:0] push_relaxed,
  input logic [SlotW-1:0] push_slot [NumIn],
  input logic [NumIn-1:0] open [NumOut * 4],
  input logic [Slots-1:0] busy [NumIn],
  input logic [NumOut-1:0] pop,
  input logic [InW-1:0]   pop_in [NumOut],
  input logic [1:0]       pop_class [NumOut],
  input logic [OutW-1:0]  pop_queue [NumOut],
  input logic [SlotW-1:0] pop_slot [NumOut]
);

  int   held_q;                            // packets in all buffers
  int   held;
  int   came_q [2**(InW + OutW)];          // posted packets, {ingress, egress}
  int   gone_q [2**(InW + OutW)];
  int   found_q [2**(InW + SlotW)];        // came_q when the packet came
  logic relaxed_q [2**(InW + SlotW)];
  logic order_ok, pop_ok, push_ok, active_q;

  always_comb begin
    order_ok = 1'b1;
    pop_ok   = 1'b1;
    push_ok  = 1'b1;
    if (pop != '0) begin
      for (int unsigned o = 0; o < NumOut; o++) begin
        if (pop[o]) begin
          if (!open[{pop_queue[o], pop_class[o]}][pop_in[o]]) pop_ok = 1'b0;
          // A posted packet that leaves in this cycle has not left before.
          if (pop_class[o] != 2'd0 && !relaxed_q[{pop_in[o], pop_slot[o]}] &&
              gone_q[{pop_in[o], pop_queue[o]}] < found_q[{pop_in[o], pop_slot[o]}]) order_ok = 1'b0;
        end
      end
    end
    for (int unsigned i = 0; i < NumIn; i++) if (push[i] && !free[i][push_class[i]]) push_ok = 1'b0;
    held = 0;
    if (active_q) for (int unsigned i = 0; i < NumIn; i++) held = held + $countones(busy[i]);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q   <= 0;
      active_q <= 1'b0;
      came_q   <= '{default: 0};
      gone_q   <= '{default: 0};
    end else begin
      active_q <= push != '0 || pop != '0;
      if (push != '0 || pop != '0) begin
        held_q <= held_q + $countones(push) - $countones(pop);
        for (int unsigned o = 0; o < NumOut; o++) begin
          if (pop[o] && pop_class[o] == 2'd0) gone_q[{pop_in[o], pop_queue[o]}] <= gone_q[{pop_in[o], pop_queue[o]}] + 1;
        end
        for (int unsigned i = 0; i < NumIn; i++) begin
          if (push[i]) begin
            if (push_class[i] == 2'd0) came_q[{InW'(i), push_out[i]}] <= came_q[{InW'(i), push_out[i]}] + 1;
            found_q[{InW'(i), push_slot[i]}]   <= came_q[{InW'(i), push_out[i]}];
            relaxed_q[{InW'(i), push_slot[i]}] <= push_relaxed[i];
          end
        end
      end
    end
  end

  credits: assert property (@(posedge clk_i) disable iff (!rst_ni) !active_q || held == held_q);
  room: assert property (@(posedge clk_i) disable iff (!rst_ni) push_ok);
  only_open: assert property (@(posedge clk_i) disable iff (!rst_ni) pop_ok);
  order: assert property (@(posedge clk_i) disable iff (!rst_ni) order_ok);

endmodule

bind pcie_switch_voq pcie_switch_voq_sva #(.NumIn(NumIn), .NumOut(NumOut), .Slots(Slots), .SlotW(SlotW), .InW(InW), .OutW(OutW))
  u_sva (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .push         (push_i),
    .free         (free_o),
    .push_class   (push_class_i),
    .push_out     (push_out_i),
    .push_relaxed (push_relaxed_i),
    .push_slot    (push_slot_o),
    .open         (open_o),
    .busy         (busy_q),
    .pop          (pop_i),
    .pop_in       (pop_in_i),
    .pop_class    (pop_class_i),
    .pop_queue    (pop_queue_i),
    .pop_slot     (pop_slot_o)
  );
