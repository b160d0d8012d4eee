// SPDX-License-Identifier: Apache-2.0
//
// The receive buffers of a switch as lists: which slots of each port's packet memory are taken, and a virtual output queue
// for each ingress, class and egress (D12). The packets themselves are in pcie_switch.
//
// The slots of a class are shared by all egresses: an egress that takes nothing fills them at last, and then every packet
// of that class behind it waits, and with the posted class whatever must not pass posted packets.
// Order between the packets from one ingress to one egress: a class keeps its order. A non-posted packet or a completion
// waits until every posted packet that came before it has gone; one pushed as `relaxed` does not wait. Posted packets wait
// for nothing else, completions pass non-posted packets and the other way round.
// Argument: a packet remembers the last posted packet of its queue (`after_q`) and is blocked until that one leaves; posted
// packets leave in order, so then all older ones have left. Once a head may go it may go until it is taken.
// Each ingress takes one packet and each egress gives up one in a cycle. Latency: pushed to `open_o` 1 cycle.
// The lists are kept by egress (`open_o`, `has_q`: a bit per ingress), so that an egress finds its requests at one place.
module pcie_switch_voq #(
  parameter int unsigned NumIn    = 5,
  parameter int unsigned NumOut   = 6,    // egresses; the last one may also pop requests of the others' queues
  parameter int unsigned SlotsP   = 16,
  parameter int unsigned SlotsNp  = 8,
  parameter int unsigned SlotsCpl = 8,
  localparam int unsigned Slots = SlotsP + SlotsNp + SlotsCpl,
  localparam int unsigned SlotW = $clog2(Slots),
  localparam int unsigned InW   = $clog2(NumIn),
  localparam int unsigned OutW  = $clog2(NumOut)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  output logic [NumIn-1:0][2:0] free_o,                 // {CPL, NP, P}: a slot is free
  input  logic [NumIn-1:0]      push_i,                 // only of a class with a free slot
  input  logic [1:0]            push_class_i [NumIn],   // 0 P, 1 NP, 2 CPL
  input  logic [OutW-1:0]       push_out_i [NumIn],
  input  logic [NumIn-1:0]      push_relaxed_i,
  output logic [SlotW-1:0]      push_slot_o [NumIn],
  output logic [NumIn-1:0]      open_o [NumOut * 4],    // {egress, class}: the head may go
  input  logic [NumOut-1:0]     pop_i,                  // by egress: the head of this open queue leaves
  input  logic [InW-1:0]        pop_in_i [NumOut],
  input  logic [1:0]            pop_class_i [NumOut],
  input  logic [OutW-1:0]       pop_queue_i [NumOut],   // whose queue
  output logic [SlotW-1:0]      pop_slot_o [NumOut]
);

  typedef logic [SlotW-1:0]          slot_t;
  typedef logic [InW+OutW+2-1:0]     queue_t;  // {ingress, egress, class}
  typedef logic [InW+SlotW-1:0]      mem_t;    // {ingress, slot}

  localparam logic [Slots-1:0] OfClass [4] = '{
    {{(SlotsNp + SlotsCpl){1'b0}}, {SlotsP{1'b1}}},
    {{SlotsCpl{1'b0}}, {SlotsNp{1'b1}}, {SlotsP{1'b0}}},
    {{SlotsCpl{1'b1}}, {(SlotsP + SlotsNp){1'b0}}},
    '0};

  // IndexBit[b] has a one for every slot whose number has bit b set: a one-hot vector is encoded by SlotW masks.
  function automatic logic [SlotW-1:0][Slots-1:0] index_bits();
    for (int unsigned b = 0; b < SlotW; b++)
      for (int unsigned i = 0; i < Slots; i++) index_bits[b][i] = 1'((i >> b) & 1);
  endfunction
  localparam logic [SlotW-1:0][Slots-1:0] IndexBit = index_bits();

  logic [Slots-1:0] busy_q [NumIn];
  logic [Slots-1:0] blocked_q [NumIn];
  logic [Slots-1:0] popped [NumIn];
  logic [Slots-1:0] unblock [NumIn];              // these have nothing to wait for any more
  logic [NumIn-1:0] open_q [NumOut * 4];
  logic [NumIn-1:0] has_q [NumOut * 4];
  slot_t            head_q [2**(InW + OutW + 2)];
  slot_t            tail_q [2**(InW + OutW + 2)];
  slot_t            next_q [2**(InW + SlotW)];
  slot_t            after_q [2**(InW + SlotW)];   // the posted packet that a blocked one waits for

  assign open_o = open_q;

  // ---------------------------------------------------------------- slots
  for (genvar i = 0; i < NumIn; i++) begin : gen_slot
    logic [Slots-1:0] avail, lowest;
    assign free_o[i] = {!(&busy_q[i][Slots-1:SlotsP+SlotsNp]), !(&busy_q[i][SlotsP+SlotsNp-1:SlotsP]), !(&busy_q[i][SlotsP-1:0])};
    always_comb begin
      avail          = '0;
      lowest         = '0;
      push_slot_o[i] = '0;
      if (push_i[i]) begin
        avail  = ~busy_q[i] & OfClass[push_class_i[i]];
        lowest = avail & (~avail + 1'b1);
        for (int unsigned b = 0; b < SlotW; b++) push_slot_o[i][b] = |(lowest & IndexBit[b]);
      end
    end
  end

  // ---------------------------------------------------------------- what leaves
  queue_t pop_q [NumOut];    // queue that egress o pops
  logic   any_pop;

  assign any_pop = pop_i != '0;

  // Apart from what depends on pop_i: the packet in this slot may decide whether it is taken.
  for (genvar o = 0; o < NumOut; o++) begin : gen_pop
    assign pop_q[o]      = {pop_in_i[o], pop_queue_i[o], pop_class_i[o]};
    assign pop_slot_o[o] = head_q[pop_q[o]];
  end

  always_comb begin
    for (int unsigned i = 0; i < NumIn; i++) popped[i] = '0;
    for (int unsigned o = 0; o < NumOut; o++) begin
      if (pop_i[o]) popped[pop_in_i[o]][pop_slot_o[o]] = 1'b1;
    end
  end

  always_comb begin
    for (int unsigned i = 0; i < NumIn; i++) begin
      unblock[i] = '0;
      if (blocked_q[i] != '0 && popped[i][SlotsP-1:0] != '0) begin
        for (int unsigned s = SlotsP; s < Slots; s++) unblock[i][s] = popped[i][after_q[mem_t'(i * 2**SlotW + s)]];
      end
    end
  end

  // ---------------------------------------------------------------- what comes in
  logic [NumIn-1:0] first, blocked;    // the queue is empty; a posted packet is before it
  queue_t           push_q [NumIn];

  always_comb begin
    first   = '0;
    blocked = '0;
    for (int unsigned i = 0; i < NumIn; i++) begin
      push_q[i] = {InW'(i), push_out_i[i], push_class_i[i]};
      if (push_i[i]) begin
        // A queue whose tail leaves in this cycle is empty after it.
        first[i]   = !has_q[{push_out_i[i], push_class_i[i]}][i] || popped[i][tail_q[push_q[i]]];
        blocked[i] = push_class_i[i] != 2'd0 && !push_relaxed_i[i] && has_q[{push_out_i[i], 2'd0}][i] &&
                     !popped[i][tail_q[{InW'(i), push_out_i[i], 2'd0}]];
      end
    end
  end

  // ---------------------------------------------------------------- state
  // Within the block pushes come after pops: a queue that this cycle empties begins anew with what is pushed.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < NumIn; i++) begin
        busy_q[i]    <= '0;
        blocked_q[i] <= '0;
      end
      for (int unsigned q = 0; q < NumOut * 4; q++) begin
        open_q[q] <= '0;
        has_q[q]  <= '0;
      end
    end else begin
      if (any_pop) begin
        for (int unsigned i = 0; i < NumIn; i++) begin
          if (popped[i] != '0) begin
            busy_q[i] <= busy_q[i] & ~popped[i];
            if (unblock[i] != '0) blocked_q[i] <= blocked_q[i] & ~unblock[i];
          end
        end
        for (int unsigned o = 0; o < NumOut; o++) begin
          if (pop_i[o]) begin
            if (pop_slot_o[o] == tail_q[pop_q[o]]) begin
              has_q[{pop_queue_i[o], pop_class_i[o]}][pop_in_i[o]]  <= 1'b0;
              open_q[{pop_queue_i[o], pop_class_i[o]}][pop_in_i[o]] <= 1'b0;
            end else begin
              // The new head: may go, unless it waits for a posted packet that is still there.
              open_q[{pop_queue_i[o], pop_class_i[o]}][pop_in_i[o]] <=
                  !blocked_q[pop_in_i[o]][next_q[{pop_in_i[o], pop_slot_o[o]}]] ||
                  popped[pop_in_i[o]][after_q[{pop_in_i[o], next_q[{pop_in_i[o], pop_slot_o[o]}]}]];
            end
            // A posted packet: the heads that wait for it.
            if (pop_class_i[o] == 2'd0) begin
              for (int unsigned c = 1; c < 3; c++) begin
                if (has_q[{pop_queue_i[o], 2'(c)}][pop_in_i[o]] &&
                    blocked_q[pop_in_i[o]][head_q[{pop_in_i[o], pop_queue_i[o], 2'(c)}]] &&
                    after_q[{pop_in_i[o], head_q[{pop_in_i[o], pop_queue_i[o], 2'(c)}]}] == pop_slot_o[o]) begin
                  open_q[{pop_queue_i[o], 2'(c)}][pop_in_i[o]] <= 1'b1;
                end
              end
            end
          end
        end
      end
      if (push_i != '0) begin
        for (int unsigned i = 0; i < NumIn; i++) begin
          if (push_i[i]) begin
            busy_q[i][push_slot_o[i]]    <= 1'b1;
            blocked_q[i][push_slot_o[i]] <= blocked[i];
            has_q[{push_out_i[i], push_class_i[i]}][i] <= 1'b1;
            if (first[i]) open_q[{push_out_i[i], push_class_i[i]}][i] <= !blocked[i];
          end
        end
      end
    end
  end

  // Links need no reset: they are read for queues that hold something.
  always_ff @(posedge clk_i) begin
    for (int unsigned o = 0; o < NumOut; o++) begin
      if (pop_i[o]) head_q[pop_q[o]] <= next_q[{pop_in_i[o], pop_slot_o[o]}];
    end
    for (int unsigned i = 0; i < NumIn; i++) begin
      if (push_i[i]) begin
        if (first[i]) head_q[push_q[i]] <= push_slot_o[i];
        else next_q[{InW'(i), tail_q[push_q[i]]}] <= push_slot_o[i];
        tail_q[push_q[i]] <= push_slot_o[i];
        after_q[{InW'(i), push_slot_o[i]}] <= tail_q[{InW'(i), push_out_i[i], 2'd0}];
      end
    end
  end

endmodule
