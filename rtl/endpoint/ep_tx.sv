// SPDX-License-Identifier: Apache-2.0
//
// Egress: one ordered queue for everything the endpoint sends, then side queues for the classes that may be passed.
//
// Order: packets enter one queue in the order in which the endpoint decided on them. A posted packet leaves from
// its head; a non-posted request or a completion moves from the head to its side queue. Hence
//   1. posted packets leave in order: an Invalidate Completion stays behind the writes that used the
//      translation (pcie-ats.md section 5, rule 3);
//   2. a request or a completion never passes an older posted packet (a configuration completion pushes
//      writes and Invalidate Completions before it, D17);
//   3. a posted packet is never blocked by requests or completions without credit: the side queues hold every
//      request that can be outstanding (NumRd + NumXlat) and every completion accepted (`cpl_ready_o`).
// Sources in falling priority: completions, Invalidate Completions, error messages, interrupts, Translation Requests, DMA.
// Classes that could leave take turns. Latency from push to `tx_o`: 1 cycle posted, 2 others.
// Does not: promise that `tx_valid_o` stays up when `tx_class_ready_i` falls.
// `clear_i` empties all queues at the next edge; a packet taken in the same cycle counts as sent.
module ep_tx
  import tlp_pkg::*;
  import ep_pkg::*;
  import ep_reg_pkg::*;
#(
  parameter int unsigned Index     = 0,
  parameter int unsigned Depth     = 8,   // ordered queue
  parameter int unsigned CplDepth  = 8    // completions inside, in either queue
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic [15:0] bdf_i,
  input  egress_fault_t fault_i,
  input  ring_data_t  ring_data_i,        // payloads of TxAtomic and TxStatus, kept until sent

  input  logic        cpl_valid_i,
  output logic        cpl_ready_o,
  input  tx_item_t    cpl_i,
  input  logic        inv_valid_i,
  output logic        inv_ready_o,
  input  inv_cpl_t    inv_i,
  input  logic        msg_valid_i,
  output logic        msg_ready_o,
  input  logic [7:0]  msg_i,              // message code
  input  logic        msi_valid_i,
  output logic        msi_ready_o,
  input  tx_item_t    msi_i,
  input  logic        xlat_valid_i,
  output logic        xlat_ready_o,
  input  tx_item_t    xlat_i,
  input  logic        dma_valid_i,
  output logic        dma_ready_o,        // does not depend on dma_valid_i
  input  tx_item_t    dma_i,

  output logic        tx_valid_o,
  input  logic        tx_ready_i,
  output tlp_t        tx_o,
  input  logic [2:0]  tx_class_ready_i,

  output logic        np_sent_o,          // a request of the class non-posted is taken in this cycle
  output logic [7:0]  np_tag_o,           // its tag
  output logic        status_sent_o,      // a TxStatus is taken in this cycle
  output logic        flr_answered_o,     // the completion that starts the FLR is taken in this cycle
  output logic        quiet_o
);

  localparam int unsigned CntW = $clog2(CplDepth + 1);

  tx_item_t push, head, np, cpl, item;
  logic     push_valid, room, push_fire, cpl_push;
  logic     head_valid, head_pop, head_np, head_cpl, head_posted;
  logic     np_room, np_valid, np_pop, cpl_room, cpl_valid, cpl_pop;

  // ---------------------------------------------------------------- entry
  logic [CntW-1:0] cpl_held_q;            // completions in the ordered or the side queue

  assign cpl_ready_o  = room && (cpl_held_q != CntW'(CplDepth));
  assign inv_ready_o  = room && !cpl_valid_i;
  assign msg_ready_o  = inv_ready_o && !inv_valid_i;
  assign msi_ready_o  = msg_ready_o && !msg_valid_i;
  assign xlat_ready_o = msi_ready_o && !msi_valid_i;
  assign dma_ready_o  = xlat_ready_o && !xlat_valid_i;

  always_comb begin
    push       = dma_i;
    push_valid = dma_valid_i;
    if (cpl_valid_i) begin
      push       = cpl_i;
      push_valid = cpl_ready_o;
    end else if (inv_valid_i) begin
      push             = '0;
      push.kind        = TxInvCpl;
      push.addr[31:0]  = inv_i.itags;
      push.number      = {13'd0, inv_i.cc, inv_i.ta};
      push.tc          = inv_i.tc;
      push.bad         = inv_i.bad;
      push_valid       = 1'b1;
    end else if (msg_valid_i) begin
      push        = '0;
      push.kind   = TxMsg;
      push.number = {24'd0, msg_i};
      push_valid  = 1'b1;
    end else if (msi_valid_i) begin
      push       = msi_i;
      push_valid = 1'b1;
    end else if (xlat_valid_i) begin
      push       = xlat_i;
      push_valid = 1'b1;
    end else if (dma_valid_i && (fault_i.malformed == MALFORMED_CPL) && (dma_i.kind == TxWrite)
                 && (cpl_held_q != CntW'(CplDepth))) begin
      // Fault: a completion that nobody asked for, in the place of the write.
      push        = '0;
      push.kind   = TxCpl;
      push.tag    = 8'hFF;
      push.status = CplUr;
      push.bytes  = 3'd4;
    end
  end
  assign push_fire = push_valid && room;
  assign cpl_push  = push_fire && (push.kind == TxCpl);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) cpl_held_q <= '0;
    else if (clear_i) cpl_held_q <= '0;
    else if (cpl_push != cpl_pop) begin
      cpl_held_q <= cpl_pop ? cpl_held_q - 1'b1 : cpl_held_q + 1'b1;
    end
  end

  // ---------------------------------------------------------------- queues
  logic [$clog2(Depth+1)-1:0]    unused_ordered_count;
  logic [$clog2(16+1)-1:0]       unused_np_count;
  logic [$clog2(CplDepth+1)-1:0] unused_cpl_count;

  fifo_sync #(.T(tx_item_t), .Depth(Depth)) u_ordered (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i (push_valid), .in_ready_o (room),     .in_i (push),
    .out_valid_o(head_valid), .out_ready_i(head_pop), .out_o(head),
    .count_o(unused_ordered_count)
  );

  assign head_np     = head_valid && (head.kind inside {TxRead, TxXlat, TxAtomic});
  assign head_cpl    = head_valid && (head.kind == TxCpl);
  assign head_posted = head_valid && !head_np && !head_cpl;

  fifo_sync #(.T(tx_item_t), .Depth(16)) u_np (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i (head_np),  .in_ready_o (np_room), .in_i (head),
    .out_valid_o(np_valid), .out_ready_i(np_pop),  .out_o(np),
    .count_o(unused_np_count)
  );

  fifo_sync #(.T(tx_item_t), .Depth(CplDepth)) u_cpl (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i (head_cpl),  .in_ready_o (cpl_room), .in_i (head),
    .out_valid_o(cpl_valid), .out_ready_i(cpl_pop),  .out_o(cpl),
    .count_o(unused_cpl_count)
  );

  // ---------------------------------------------------------------- exit
  logic [2:0] want, grant;
  logic [1:0] unused_index;
  logic       tx_fire;

  assign want    = {cpl_valid, np_valid, head_posted} & tx_class_ready_i;
  assign tx_fire = tx_valid_o && tx_ready_i;

  arb_rr #(.N(3)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (want),
    .advance_i(tx_fire),
    .grant_o  (grant),
    .valid_o  (tx_valid_o),
    .index_o  (unused_index)
  );

  assign np_pop   = grant[ClassNp] && tx_ready_i;
  assign cpl_pop  = grant[ClassCpl] && tx_ready_i;
  assign head_pop = (head_np && np_room) || (head_cpl && cpl_room) || (grant[ClassP] && tx_ready_i);
  assign item     = grant[ClassCpl] ? cpl : grant[ClassNp] ? np : head;

  ep_tx_fmt #(.Index(Index)) u_fmt (.bdf_i, .fault_i, .ring_data_i, .valid_i(tx_valid_o), .item_i(item), .tlp_o(tx_o));

  assign np_sent_o      = np_pop && tx_valid_o;
  assign np_tag_o       = np.tag;
  assign status_sent_o  = tx_fire && grant[ClassP] && (head.kind == TxStatus);
  assign flr_answered_o = cpl_pop && cpl.starts_flr;
  assign quiet_o        = !push_fire && !head_pop && !tx_fire;

endmodule
