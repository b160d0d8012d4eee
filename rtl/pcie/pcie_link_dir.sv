// SPDX-License-Identifier: Apache-2.0
//
// One direction of a link: serialiser, flight time, receive buffers per class, credits (decision D12).
//
// Timing: a packet accepted in cycle t keeps the serialiser for s = ceil((wire bytes + Framing) / width)
// cycles (the next one is accepted in t + s at the earliest) and is offered to the receiver from cycle
// t + s + latency on (store and forward, latency >= 1). Framing = 8 bytes stands for the start and sequence
// number, LCRC and end that the data link layer adds; DLLPs and retries are not modelled.
// Credits: one credit = one packet (header and at most MaxPayload bytes of data) of class P, NP or CPL. It is
// taken at acceptance, given when the receiver takes the packet, and usable by the sender latency + 1
// cycles later. A packet of class ClassBad uses the posted buffer.
// Order: the receiver is offered the oldest packet of a class it would take; a non-posted packet or a
// completion never passes an older posted packet. With all `out_class_ready_i` high the order is the order of sending.
// Guarantees: `in_ready_o` and `class_ready_o` do not depend on `in_valid_i`; `out_o` is stable while it is
// valid, not taken and `out_class_ready_i` unchanged; never more packets in buffers than credits.
// Link down (`up_i` = 0): everything in flight and in the buffers is dropped, packets offered are accepted
// and dropped, and the credits start anew.
// Does not: corrupt, duplicate or retry. Packets live once in memory from acceptance until taken.
module pcie_link_dir
  import atc_time_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned CrP   = 32,   // credits, >= 1 each, sum <= 128
  parameter int unsigned CrNp  = 8,
  parameter int unsigned CrCpl = 32,
  parameter int unsigned Framing = 8   // bytes of link overhead a packet
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  time_t       now_i,
  input  logic [15:0] latency_i,
  input  logic [5:0]  width_i,          // 4, 8, 16 or 32 bytes a cycle
  input  logic        up_i,

  input  logic        in_valid_i,
  output logic        in_ready_o,
  input  tlp_t        in_i,
  output logic [2:0]  class_ready_o,    // {CPL, NP, P}

  output logic        out_valid_o,
  input  logic        out_ready_i,
  output tlp_t        out_o,
  input  logic [2:0]  out_class_ready_i,

  output logic        quiet_o,
  output time_t       next_deadline_o
);

  localparam int unsigned Slots = CrP + CrNp + CrCpl;
  localparam int unsigned SlotW = $clog2(Slots);
  localparam int unsigned SeqW  = 8;   // age compare is right for up to 128 packets

  typedef logic [SlotW-1:0] slot_t;
  typedef logic [1:0]       cls_t;

  localparam slot_t Base [3] = '{'0, SlotW'(CrP), SlotW'(CrP + CrNp)};
  localparam slot_t Last [3] = '{SlotW'(CrP - 1), SlotW'(CrP + CrNp - 1), SlotW'(Slots - 1)};

  tlp_t            mem_q [Slots];
  logic [SeqW-1:0] seq_q [Slots];      // order of sending
  logic [SeqW-1:0] sent_q;
  slot_t           wr_q [3], rd_q [3];
  slot_t           held_q [3];         // arrived and not taken
  time_t           free_at_q;
  logic            up_q;

  // ---------------------------------------------------------------- sender
  logic [2:0] credit, take, give;
  cls_t       in_cls;
  logic       idle, push;
  logic [9:0] bytes, cycles;
  time_t      free_at;

  assign in_cls = (kind_class(in_i.dw0[31:24]) == ClassBad) ? 2'd0 : kind_class(in_i.dw0[31:24]);
  assign idle   = now_i >= free_at_q;
  assign push   = in_valid_i && in_ready_o && up_i;

  assign class_ready_o = up_i ? (credit & {3{idle}}) : '1;
  assign in_ready_o    = class_ready_o[in_cls];

  always_comb begin
    bytes  = '0;
    cycles = '0;
    if (push) begin
      bytes = hdr_wire_bytes(in_i.pfx_valid, in_i.dw0) + 10'(Framing);
      unique case (width_i)
        6'd4:    cycles = (bytes + 10'd3) >> 2;
        6'd8:    cycles = (bytes + 10'd7) >> 3;
        6'd32:   cycles = (bytes + 10'd31) >> 5;
        default: cycles = (bytes + 10'd15) >> 4;
      endcase
    end
  end
  assign free_at = now_i + time_t'(cycles);

  // ---------------------------------------------------------------- flight
  logic  due, credit_due;
  cls_t  due_cls, credit_cls;
  time_t due_at, credit_at;

  link_ring #(.T(cls_t), .Depth(Slots)) u_flight (
    .clk_i, .rst_ni, .now_i,
    .clear_i(!up_i),
    .push_i (push),
    .at_i   (free_at + time_t'(latency_i) - 1'b1),  // one cycle to enter the receive buffer
    .in_i   (in_cls),
    .due_o  (due),
    .out_o  (due_cls),
    .next_o (due_at)
  );

  // ---------------------------------------------------------------- receiver
  logic [2:0]      waiting, eligible;
  logic [SeqW-1:0] head_seq [3];
  cls_t            sel;
  slot_t           sel_slot;
  logic            pop;

  function automatic logic older(logic [SeqW-1:0] a, logic [SeqW-1:0] b);
    logic [SeqW-1:0] d;
    d = a - b;
    return d[SeqW-1];
  endfunction

  always_comb begin
    for (int unsigned c = 0; c < 3; c++) begin
      waiting[c]  = held_q[c] != '0;
      head_seq[c] = seq_q[rd_q[c]];
    end
    eligible = waiting & out_class_ready_i;
    sel      = 2'd0;
    if (eligible != '0) begin
      if (waiting[0] && older(head_seq[0], head_seq[1])) eligible[1] = 1'b0;
      if (waiting[0] && older(head_seq[0], head_seq[2])) eligible[2] = 1'b0;
      if (eligible[1] && !eligible[0]) sel = 2'd1;
      if (eligible[1] && eligible[0] && older(head_seq[1], head_seq[0])) sel = 2'd1;
      if (eligible[2] && !eligible[sel]) sel = 2'd2;
      if (eligible[2] && eligible[sel] && older(head_seq[2], head_seq[sel])) sel = 2'd2;
    end
    sel_slot = rd_q[sel];
  end

  assign out_valid_o = eligible != '0;
  assign out_o       = mem_q[sel_slot];
  assign pop         = out_valid_o && out_ready_i;

  // ---------------------------------------------------------------- credits
  link_ring #(.T(cls_t), .Depth(Slots)) u_return (
    .clk_i, .rst_ni, .now_i,
    .clear_i(!up_i),
    .push_i (pop && up_i),
    .at_i   (now_i + time_t'(latency_i)),
    .in_i   (sel),
    .due_o  (credit_due),
    .out_o  (credit_cls),
    .next_o (credit_at)
  );

  for (genvar c = 0; c < 3; c++) begin : gen_credit
    localparam int unsigned Max = (c == 0) ? CrP : (c == 1) ? CrNp : CrCpl;
    logic [$clog2(Max+1)-1:0] unused_count;  // seen by the monitor
    assign take[c] = push && (in_cls == 2'(c));
    assign give[c] = credit_due && (credit_cls == 2'(c));
    credit_counter #(.Max(Max)) u_credit (
      .clk_i, .rst_ni,
      .clear_i    (!up_i),
      .take_i     (take[c]),
      .give_i     (give[c]),
      .available_o(credit[c]),
      .count_o    (unused_count)
    );
  end

  // ---------------------------------------------------------------- state
  logic [2:0] arrive, leave;
  assign arrive = due ? 3'b001 << due_cls : '0;
  assign leave  = pop ? 3'b001 << sel : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      up_q      <= 1'b1;
      free_at_q <= '0;
      sent_q    <= '0;
      for (int unsigned c = 0; c < 3; c++) begin
        wr_q[c]   <= Base[c];
        rd_q[c]   <= Base[c];
        held_q[c] <= '0;
      end
    end else begin
      up_q <= up_i;
      if (!up_i) begin
        for (int unsigned c = 0; c < 3; c++) begin
          wr_q[c]   <= Base[c];
          rd_q[c]   <= Base[c];
          held_q[c] <= '0;
        end
      end else if (push || pop || due) begin
        if (push) begin
          free_at_q <= free_at;
          sent_q    <= sent_q + 1'b1;
        end
        for (int unsigned c = 0; c < 3; c++) begin
          if (take[c]) wr_q[c] <= (wr_q[c] == Last[c]) ? Base[c] : wr_q[c] + 1'b1;
          if (leave[c]) rd_q[c] <= (rd_q[c] == Last[c]) ? Base[c] : rd_q[c] + 1'b1;
          if (arrive[c] != leave[c]) held_q[c] <= arrive[c] ? held_q[c] + 1'b1 : held_q[c] - 1'b1;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) begin
      mem_q[wr_q[in_cls]] <= in_i;
      seq_q[wr_q[in_cls]] <= sent_q;
    end
  end

  // ---------------------------------------------------------------- quiet (D21)
  // A packet that a dead link swallows changes no state, but it is an event.
  assign quiet_o = (up_i == up_q) && !(in_valid_i && in_ready_o) && !pop && !due && !credit_due;

  always_comb begin
    next_deadline_o = earlier(due_at, credit_at);
    if (!idle) next_deadline_o = earlier(next_deadline_o, free_at_q);
  end

endmodule
