// SPDX-License-Identifier: Apache-2.0
//
// DMA engine: takes each packet from its source (generator, descriptor ring, in turn) through translation to the wire, and
// keeps the reads and AtomicOps in flight.
//
// A transfer looks up the ATC when USE_ATS is set and ATS is usable. Hit with permission: request with AT = 10. Hit on
// an entry with U = 1, or no ATS: AT = 00 with the untranslated address. Miss, or an entry without the permission: the
// transfer moves to a Translation Request slot (ep_xlat) and is looked up again after the answer; the
// engine goes on with the next one while a slot is free. No permission: dropped and counted.
// Guarantees: a lookup and the entry of its request into the ordered egress queue are one cycle, so no translated
// address is ever held back: the drain need only look at reads (ep_drain).
// Planted bug (`early_i` with a delay): translated requests are held back `delay_i` cycles, unseen by the drain.
// `rogue_i` (fault): no translation is asked for, the untranslated address goes out as a translated one, uncounted.
// An AtomicOp needs both permissions and counts as a read. `tc_used_o`: traffic classes on which a translated request has
// left since the last reset of the function; an Invalidate Completion has to go on each (pcie-ats.md section 3.2).
// A read or AtomicOp that is not completely answered within `timeout_i` of its departure (ep_cto) ends without success; what
// has come of it is thrown away, as section 5 rule 2 allows, and its slot's tag changes, so that a late completion is
// unexpected (section 9.2), up to the second time-out of one slot.
// Does not: look at read data.
// Latency: start to request in the egress queue 1 cycle on a hit.
module ep_dma
  import atc_time_pkg::*;
  import ep_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned Index = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  time_t            now_i,

  input  dma_cfg_t         cfg_i,
  input  logic             pasid_en_i,
  input  logic [6:0]       wr_limit_i,     // dwords of a packet, powers of two
  input  logic [6:0]       rd_limit_i,
  input  logic             run_i,          // bus master, not stuck, no reset coming
  input  logic             ats_usable_i,
  input  logic [2:0]       life_i,
  input  logic             early_i,
  input  logic             rogue_i,
  input  logic [31:0]      delay_i,
  input  time_t            timeout_i,      // cycles for an answer, NoDeadline = for ever

  // descriptor ring
  input  logic             ring_valid_i,
  output logic             ring_ready_o,
  input  xfer_t            ring_i,
  output end_t             ring_wr_end_o,  // a posted packet of the ring has entered the egress queue
  output end_t             ring_rd_end_o,  // one with a completion has ended

  // ATC lookup
  output logic             lkp_valid_o,
  input  logic             lkp_ready_i,
  output range_t           lkp_o,
  input  logic             lkp_hit_i,
  input  atc_entry_t       lkp_entry_i,

  // Translation Request slots
  output logic             alloc_valid_o,
  input  logic             alloc_ready_i,
  output xfer_t            alloc_o,
  input  logic             ret_valid_i,
  output logic             ret_done_o,
  output logic             ret_miss_o,
  input  xfer_t            ret_i,

  // egress
  output logic             tx_valid_o,
  input  logic             tx_ready_i,     // does not depend on tx_valid_o
  output tx_item_t         tx_o,

  // read completions; only for reads in rd_busy_o
  input  logic             cpl_valid_i,
  input  rd_idx_t          cpl_idx_i,
  input  rx_cpl_t          cpl_i,
  output logic [NumRd-1:0] rd_busy_o,
  output logic [NumRd-1:0] rd_gen_o,       // tag bit 3 of those in rd_busy_o
  input  logic             sent_valid_i,   // a request of any requester leaves for the link
  input  logic [7:0]       sent_tag_i,
  output logic             late_valid_o,   // a time-out, to be reported
  input  logic             late_ready_i,

  // drain
  output logic             rd_start_o,     // translated
  input  logic             colour_i,
  output logic             rd_end_o,
  output logic             rd_end_colour_o,

  output logic [7:0]       tc_used_o,

  output logic             wr_done_o,      // a write of data is queued for the wire
  output logic             rd_done_o,
  output logic             rd_abort_o,
  output logic             quiet_o,
  output time_t            next_deadline_o
);

  // ---------------------------------------------------------------- next transfer
  logic  gen_valid, gen_ready, gen_start, gen_quiet, fresh_valid, from_ring, turn_q;
  xfer_t gen, fresh;
  time_t gen_deadline;

  ep_dma_gen #(.Index(Index)) u_gen (
    .clk_i, .rst_ni, .clear_i, .now_i, .cfg_i, .pasid_en_i, .wr_limit_i, .rd_limit_i,
    .may_start_i    (run_i),
    .xfer_valid_o   (gen_valid),
    .xfer_ready_i   (gen_ready),
    .xfer_o         (gen),
    .start_o        (gen_start),
    .quiet_o        (gen_quiet),
    .next_deadline_o(gen_deadline)
  );

  assign from_ring   = ring_valid_i && (!gen_valid || !turn_q);
  assign fresh_valid = gen_valid || ring_valid_i;
  assign fresh       = from_ring ? ring_i : gen;

  // ---------------------------------------------------------------- reads in flight
  logic [NumRd-1:0] busy_q, gen_q, colour_q, translated_q, ring_q, own_q;
  job_idx_t         job_q [NumRd];
  rd_idx_t          free_idx, late_idx, end_idx;
  logic             rd_free, sent, late, timed_out, cto_quiet;
  time_t            late_deadline;

  assign rd_free   = busy_q != '1;
  assign rd_busy_o = busy_q;
  assign rd_gen_o  = gen_q;

  always_comb begin
    free_idx = '0;
    for (int unsigned i = NumRd; i > 0; i--) if (!busy_q[i-1]) free_idx = rd_idx_t'(i - 1);
  end

  assign sent = sent_valid_i && (sent_tag_i[7:3] == {life_i, 1'b0, gen_q[rd_idx_t'(sent_tag_i)]}) && busy_q[rd_idx_t'(sent_tag_i)];

  ep_cto #(.N(NumRd)) u_cto (
    .clk_i, .rst_ni, .now_i, .timeout_i,
    .sent_valid_i   (sent),
    .sent_index_i   (rd_idx_t'(sent_tag_i)),
    .open_i         (busy_q),
    .late_valid_o   (late),
    .late_index_o   (late_idx),
    .quiet_o        (cto_quiet),
    .next_deadline_o(late_deadline)
  );

  // An answer in the last moment wins.
  assign late_valid_o = late && !cpl_valid_i;
  assign timed_out    = late_valid_o && late_ready_i;
  assign end_idx      = cpl_valid_i ? cpl_idx_i : late_idx;

  // ---------------------------------------------------------------- one transfer a cycle
  logic     hold_valid_q, hold_fire, hold_take;
  tx_item_t hold_q, item;
  logic [7:0] tc_used_q;
  time_t    hold_until_q;
  xfer_t    cand;
  logic     go, translate, issue, miss, at_translated, posted, permitted;

  assign cand      = ret_valid_i ? ret_i : fresh;
  assign posted    = cand.op == XferWrite;
  assign go        = (ret_valid_i || (fresh_valid && alloc_ready_i)) && run_i && !hold_valid_q && tx_ready_i
                  && (posted || rd_free);
  assign translate = (cand.ring ? cand.ats : cfg_i.use_ats) && ats_usable_i && !rogue_i;
  assign permitted = posted ? lkp_entry_i.w : ((cand.exec ? lkp_entry_i.x : lkp_entry_i.r) && (!cand.write || lkp_entry_i.w));

  assign lkp_valid_o = go && translate;

  always_comb begin
    lkp_o             = '0;
    lkp_o.pasid_valid = cand.pasid_valid;
    lkp_o.pasid       = cand.pasid;
    lkp_o.priv        = cand.priv;
    lkp_o.page        = cand.iova[63:12];
  end

  always_comb begin
    issue         = 1'b0;
    miss          = 1'b0;
    at_translated = 1'b0;
    if (go && !translate) begin
      issue = 1'b1;
    end else if (go && lkp_ready_i) begin
      issue         = lkp_hit_i && permitted;
      miss          = !issue;
      at_translated = issue && !lkp_entry_i.u;
    end
  end

  page_t pa;
  assign pa = (lkp_entry_i.pa & ~lkp_entry_i.range.mask) | (cand.iova[63:12] & lkp_entry_i.range.mask);

  always_comb begin
    item = '0;
    if (issue) begin
      item.kind        = !posted ? (cand.write ? TxAtomic : TxRead) : cand.own ? TxStatus : TxWrite;
      item.word        = cand.word;
      item.dws         = cand.dws;
      item.op          = cand.op;
      item.job         = cand.job;
      item.tc          = cand.tc;
      item.addr        = {at_translated ? pa : cand.iova[63:12], cand.iova[11:0]};
      item.at          = at_translated || rogue_i ? 2'b10 : 2'b00;
      item.pasid_valid = cand.pasid_valid;
      item.pasid       = cand.pasid;
      item.priv        = cand.priv;
      item.exec        = cand.exec;
      item.number      = cand.number;
      item.tag         = posted ? 8'd0 : {life_i, 1'b0, gen_q[free_idx], free_idx};
    end
  end

  // Planted bug: the request lingers although its translation may be invalidated meanwhile.
  assign hold_take = at_translated && early_i && (delay_i != '0);
  assign hold_fire = hold_valid_q && (now_i >= hold_until_q) && tx_ready_i;

  assign tx_valid_o    = (issue && !hold_take) || (hold_valid_q && (now_i >= hold_until_q));
  assign tx_o          = hold_valid_q ? hold_q : item;
  assign gen_ready     = !ret_valid_i && !from_ring && (issue || miss);
  assign ring_ready_o  = !ret_valid_i && from_ring && (issue || miss);
  assign ret_done_o    = ret_valid_i && issue;
  assign ret_miss_o    = ret_valid_i && miss;
  assign alloc_valid_o = !ret_valid_i && miss;
  assign alloc_o       = cand;

  assign rd_start_o      = issue && at_translated && !posted;
  logic cpl_done, cpl_abort;
  assign cpl_done        = cpl_valid_i && (cpl_i.status == CplSc) && !cpl_i.poisoned && cpl_i.last;
  assign cpl_abort       = timed_out || (cpl_valid_i && ((cpl_i.status != CplSc) || cpl_i.poisoned));
  assign rd_end_o        = (cpl_done || cpl_abort) && translated_q[end_idx];
  assign rd_end_colour_o = colour_q[end_idx];
  assign rd_done_o       = cpl_done && !own_q[end_idx];
  assign rd_abort_o      = cpl_abort && !own_q[end_idx];
  assign wr_done_o       = tx_valid_o && tx_ready_i && (tx_o.kind == TxWrite);

  assign ring_wr_end_o = '{valid: issue && posted && cand.ring, status: EndDone, own: cand.own, job: cand.job};
  assign ring_rd_end_o = '{valid: (cpl_done || cpl_abort) && ring_q[end_idx], status: cpl_done ? EndDone : EndAborted,
                           own: own_q[end_idx], job: job_q[end_idx]};
  assign tc_used_o     = tc_used_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q       <= '0;
      gen_q        <= '0;
      hold_valid_q <= 1'b0;
      hold_until_q <= '0;
      tc_used_q    <= '0;
      turn_q       <= 1'b0;
    end else if (clear_i) begin
      busy_q       <= '0;
      hold_valid_q <= 1'b0;
      tc_used_q    <= '0;
    end else begin
      if (cpl_done || cpl_abort) busy_q[end_idx] <= 1'b0;
      if (timed_out) gen_q[end_idx] <= !gen_q[end_idx];
      if (issue && !posted) busy_q[free_idx] <= 1'b1;
      if (issue && at_translated && !tc_used_q[cand.tc]) tc_used_q[cand.tc] <= 1'b1;
      if (ring_valid_i && (gen_ready || ring_ready_o)) turn_q <= ring_ready_o;
      if (hold_take) begin
        hold_valid_q <= 1'b1;
        hold_until_q <= now_i + time_t'(delay_i);
      end else if (hold_fire) begin
        hold_valid_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (issue && !posted) begin
      colour_q[free_idx]     <= colour_i;
      translated_q[free_idx] <= at_translated;
      ring_q[free_idx]       <= cand.ring;
      own_q[free_idx]        <= cand.own;
      job_q[free_idx]        <= cand.job;
    end
    if (hold_take) hold_q <= item;
  end

  // ---------------------------------------------------------------- quiet
  assign quiet_o = gen_quiet && !gen_start && !issue && !miss && !hold_fire && !cpl_valid_i && cto_quiet;
  assign next_deadline_o = earlier(earlier(gen_deadline, late_deadline),
                                   (hold_valid_q && (now_i < hold_until_q)) ? hold_until_q : NoDeadline);

endmodule
