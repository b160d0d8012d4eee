// SPDX-License-Identifier: Apache-2.0
//
// Translation Requests: a slot for each transfer that missed the ATC, from the miss to the retried lookup.
//
// Slot: Free -> Send (waits for egress) -> Open (waits for the completions) -> Result -> Replay (the transfer looks up
// again) -> Free; a stale result and a replay that misses go back to Send.
// A request asks for `pages_i` + 1 pieces of one STU, the transfer's first. The answer may come in several completions and
// may be shorter; entry k of it is the k-th range of the first one's size from the first one on (pcie-ats.md section 2.1), one
// of another size is ignored. The ranges are put into the ATC from the last to the first, one a cycle.
// Stale mark (D11, pcie-ats.md section 5 rule 5): an invalidation that overlaps the *requested* range of a request in
// flight marks it (`stale_all_i`: any invalidation does). Invalidated ranges are kept as well (the last NumHist, shared) and compared with the *returned* range
// when that is larger than what was asked; if more than NumHist came meanwhile, such a result counts as stale.
// A marked result is not cached and not used; the request is sent again. Requests not yet sent are not marked:
// their answer is computed after the invalidation.
// Answers: UR stops ATS until it is enabled anew and empties the ATC (`ur_stop_o`); CA, other status, poison and ranges
// smaller than the STU give the transfer up; no permission gives it up, R = W = 0 is not cached, nor is an answer that
// does not grant the privilege asked for. A request not answered within `timeout_i` gives its transfer up and is reported
// (`timeout_valid_o`, AER bit 14); two bits of the slot's tag change, so that a late answer is unexpected (pcie-ats.md section 9.2).
// After `abandon_i` (ATS disabled, ATS stopped) results are ignored and the transfers are replayed, untranslated.
// The insertion of the first range and the replay are not separated by another insertion, so a transfer makes progress
// with an ATC of any size.
// With `pri_i` a transfer without permission asks for its page instead: Page (waits for ep_pri and egress) -> PageWait ->
// Send on success, given up on any other response. Nothing marks such a transfer: its translation is asked for anew.
// The time-out runs from the cycle in which a request leaves for the link (ep_cto); waiting for credit is not part of it.
// Latency: last completion of an answer with n ranges to their insertion n cycles, to replay n + 1, later while
// invalidations use the ATC.
module ep_xlat
  import atc_time_pkg::*;
  import ep_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned NumHist = 16
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  time_t              now_i,
  input  time_t              timeout_i,      // cycles for an answer, NoDeadline = for ever; held constant
  input  logic [2:0]         pages_i,        // pieces to ask for, less 1; held constant
  input  logic               stale_all_i,    // held constant

  input  logic               usable_i,       // ATS enabled and not stopped
  input  logic               may_send_i,     // usable and bus master
  input  logic [4:0]         stu_i,
  input  logic               no_write_i,     // only reads are wanted: NW = 1
  input  logic               abandon_i,
  input  logic [2:0]         life_i,         // upper tag bits
  output logic               ur_stop_o,

  // a transfer that missed
  output logic               alloc_ready_o,
  input  logic               alloc_valid_i,
  input  xfer_t              alloc_i,

  // to egress
  output logic               tr_valid_o,
  input  logic               tr_ready_i,
  output tx_item_t           tr_o,
  input  logic               sent_valid_i,   // a request of any requester leaves for the link
  input  logic [7:0]         sent_tag_i,

  // answers; only for slots in open_o
  input  logic               cpl_valid_i,
  input  slot_t              cpl_slot_i,
  input  rx_cpl_t            cpl_i,
  input  logic [511:0]       cpl_data_i,     // payload
  output logic [NumXlat-1:0] open_o,
  output xlat_gen_t          gen_o,          // of the tags of open_o
  output logic               timeout_valid_o,
  input  logic               timeout_ready_i,

  // invalidations: while the ATC searches, and the first cycle of that
  input  logic               inv_busy_i,
  input  logic               inv_valid_i,
  input  range_t             inv_i,

  // to the ATC
  output logic               ins_valid_o,
  input  logic               ins_ready_i,
  output atc_entry_t         ins_o,

  // Page Requests (ep_pri)
  input  logic               pri_i,          // ask for pages
  input  logic               page_may_send_i,
  output logic               page_ask_o,     // one waits for room
  input  logic               page_room_i,
  input  logic [NumXlat-1:0] page_open_i,    // the slot's former group is not answered
  output slot_t              page_slot_o,
  input  logic [8:0]         page_index_i,   // of the next group of page_slot_o
  output logic               page_fire_o,
  input  logic               rsp_valid_i,    // slot rsp_slot_i is answered
  input  slot_t              rsp_slot_i,
  input  logic               rsp_ok_i,

  // back to the engine
  output logic               ret_valid_o,    // look up again
  input  logic               ret_done_i,     // it hit or went untranslated
  input  logic               ret_miss_i,     // it missed: ask again
  output xfer_t              ret_o,
  output logic               drop_o,         // given up: no permission
  output logic               abort_o,        // given up: error
  output xfer_t              end_o,          // of drop_o, abort_o

  output logic               quiet_o,
  output time_t              next_deadline_o
);

  typedef enum logic [2:0] {Free, Send, Open, Result, Replay, Page, PageWait} state_e;
  localparam int unsigned HistW = $clog2(NumHist);

  state_e             state_q [NumXlat], state_d [NumXlat];
  xfer_t              xfer_q [NumXlat];
  range_t             range_q [NumXlat];    // requested; its first piece
  page_t              end_q [NumXlat];      // last page requested
  logic [63:0]        entry_q [NumXlat][8]; // answer
  logic [3:0]         count_q [NumXlat];    // of it: received, then not yet dealt with
  xlat_gen_t          gen_q;
  logic [NumXlat-1:0] error_q;              // answer is no translation
  logic [NumXlat-1:0] denied_q;             // no page will come
  logic [NumXlat-1:0] stale_q;              // requested range invalidated
  logic [NumXlat-1:0] gone_q;               // abandoned
  logic [NumXlat-1:0] lost_q;               // kept ranges overwritten meanwhile
  logic [NumHist-1:0] seen_q [NumXlat];     // kept ranges that arrived meanwhile
  range_t             hist_q [NumHist];
  logic [HistW-1:0]   hist_wr_q;

  // ---------------------------------------------------------------- pick slots
  logic  any_free, any_send, any_result, any_replay, any_page, any_lost, any_late, sent, cto_quiet;
  slot_t free_s, send_s, result_s, replay_s, page_s, lost_s, late_s;

  assign gen_o = gen_q;

  always_comb begin
    any_free = 1'b0; any_send = 1'b0; any_result = 1'b0; any_replay = 1'b0; any_page = 1'b0; any_lost = 1'b0;
    free_s = '0; send_s = '0; result_s = '0; replay_s = '0; page_s = '0; lost_s = '0;
    for (int unsigned i = 0; i < NumXlat; i++) begin
      open_o[i] = state_q[i] == Open;
      unique case (state_q[i])
        Free:    begin any_free   = 1'b1; free_s   = slot_t'(i); end
        Send:    begin any_send   = 1'b1; send_s   = slot_t'(i); end
        Result:  begin any_result = 1'b1; result_s = slot_t'(i); end
        Replay:  begin any_replay = 1'b1; replay_s = slot_t'(i); end
        Page:    if (!page_open_i[i] || !pri_i) begin any_page = 1'b1; page_s = slot_t'(i); end
        PageWait: if (!page_open_i[i]) begin any_lost = 1'b1; lost_s = slot_t'(i); end  // forgotten by PRI Reset
        default: ;
      endcase
    end
  end

  assign sent = sent_valid_i && (sent_tag_i[7:4] == {life_i, 1'b1}) && (sent_tag_i[3:2] == gen_q[slot_t'(sent_tag_i)])
             && open_o[slot_t'(sent_tag_i)];

  ep_cto #(.N(NumXlat)) u_cto (
    .clk_i, .rst_ni, .now_i, .timeout_i,
    .sent_valid_i   (sent),
    .sent_index_i   (slot_t'(sent_tag_i)),
    .open_i         (open_o),
    .late_valid_o   (any_late),
    .late_index_o   (late_s),
    .quiet_o        (cto_quiet),
    .next_deadline_o(next_deadline_o)
  );

  // An answer in the last moment wins.
  assign timeout_valid_o = any_late && !(cpl_valid_i && (cpl_slot_i == late_s));
  logic timed_out;
  assign timed_out = timeout_valid_o && timeout_ready_i;

  logic tr_wants, page_wants;
  assign tr_wants    = any_send && may_send_i;
  assign page_wants  = any_page && pri_i && page_room_i && page_may_send_i && !tr_wants;
  assign page_slot_o = page_s;

  always_comb begin
    page_ask_o = 1'b0;
    for (int unsigned i = 0; i < NumXlat; i++) if (state_q[i] == Page) page_ask_o = page_may_send_i;
  end

  assign alloc_ready_o = any_free;
  assign tr_valid_o    = tr_wants || page_wants;
  assign ret_valid_o   = any_replay;
  assign ret_o         = xfer_q[replay_s];
  assign end_o         = xfer_q[result_s];

  always_comb begin
    tr_o             = '0;
    tr_o.kind        = TxXlat;
    tr_o.addr        = {range_q[send_s].page & ~range_q[send_s].mask, 11'd0, no_write_i && !xfer_q[send_s].write};
    tr_o.pasid_valid = range_q[send_s].pasid_valid;
    tr_o.pasid       = range_q[send_s].pasid;
    tr_o.priv        = range_q[send_s].priv;
    tr_o.exec        = xfer_q[send_s].exec;
    tr_o.number      = 32'(pages_i) + 32'd1;
    tr_o.tag         = {life_i, 1'b1, gen_q[send_s], 2'(send_s)};
    if (page_wants) begin
      tr_o.kind        = TxPage;
      tr_o.addr        = {xfer_q[page_s].iova[63:12], page_index_i, 1'b1, xfer_q[page_s].write, !xfer_q[page_s].write};
      tr_o.pasid_valid = xfer_q[page_s].pasid_valid;
      tr_o.pasid       = xfer_q[page_s].pasid;
      tr_o.priv        = xfer_q[page_s].priv;
      tr_o.exec        = xfer_q[page_s].exec;
      tr_o.tag         = '0;
    end
  end

  // ---------------------------------------------------------------- judge a result
  page_t       ret_mask;                  // size of the answer's ranges
  logic [2:0]  at;                        // the range in hand
  logic [63:0] word;
  logic        empty, too_small, larger, odd, hist_hit, stale, granted, permitted, judge, last;
  atc_entry_t  entry;

  assign judge = any_result && !any_replay;

  always_comb begin
    {empty, too_small, larger, odd, granted, stale, permitted, last} = '0;
    at       = '0;
    word     = '0;
    ret_mask = '0;
    entry    = '0;
    hist_hit = 1'b0;
    if (judge) begin
      empty       = count_q[result_s] == '0;
      at          = empty ? '0 : 3'(count_q[result_s] - 4'd1);
      last        = at == '0;
      word        = entry_q[result_s][at];
      ret_mask    = size_mask(entry_q[result_s][0][11], entry_q[result_s][0][63:12]);
      too_small   = (range_q[result_s].mask & ~ret_mask) != '0;
      larger      = ret_mask != range_q[result_s].mask;
      odd         = !last && (size_mask(word[11], word[63:12]) != ret_mask);
      entry.range = range_q[result_s];
      entry.range.glob = word[5] && range_q[result_s].pasid_valid;
      entry.range.mask = ret_mask;
      if (!last) entry.range.page = (range_q[result_s].page & ~ret_mask) + 52'(at) * (ret_mask + 52'd1);
      entry.pa    = word[63:12];
      entry.r     = word[0];
      entry.w     = word[1];
      entry.x     = word[3] && xfer_q[result_s].exec;
      entry.u     = word[2];
      hist_hit    = lost_q[result_s];
      if (larger) begin
        for (int unsigned h = 0; h < NumHist; h++) begin
          if (seen_q[result_s][h] && range_hit(entry.range, hist_q[h])) hist_hit = 1'b1;
        end
      end
      stale     = stale_q[result_s] || (larger && hist_hit);
      granted   = (entry.r || entry.w) && (word[4] || !range_q[result_s].priv) && !odd;
      permitted = (!xfer_q[result_s].write || entry.w)
               && ((xfer_q[result_s].op == XferWrite) || (xfer_q[result_s].exec ? entry.x : entry.r));
    end
  end

  assign ins_o = entry;

  // ---------------------------------------------------------------- next state
  logic tr_fire, alloc_fire, cpl_fails;
  assign tr_fire    = tr_wants && tr_ready_i;
  assign page_fire_o = page_wants && tr_ready_i;
  assign alloc_fire = alloc_valid_i && alloc_ready_o;
  assign cpl_fails  = (cpl_i.status != CplSc) || cpl_i.poisoned || (cpl_i.entries == '0);
  assign ur_stop_o  = cpl_valid_i && (cpl_i.status == CplUr) && !gone_q[cpl_slot_i] && !abandon_i;

  always_comb begin
    for (int unsigned i = 0; i < NumXlat; i++) state_d[i] = state_q[i];
    ins_valid_o = 1'b0;
    drop_o      = 1'b0;
    abort_o     = 1'b0;
    if (cpl_valid_i && (cpl_fails || cpl_i.last)) state_d[cpl_slot_i] = ur_stop_o ? Replay : Result;
    if (timed_out) state_d[late_s] = Result;
    if (alloc_fire) state_d[free_s] = Send;
    if (tr_fire) state_d[send_s] = Open;
    else if (any_send && !usable_i) state_d[send_s] = Replay;
    if (ret_valid_o && ret_done_i) state_d[replay_s] = Free;
    if (ret_valid_o && ret_miss_i) state_d[replay_s] = Send;
    if (page_fire_o) state_d[page_s] = PageWait;
    else if (any_page && !pri_i) state_d[page_s] = Result;                       // denied
    if (any_lost) state_d[lost_s] = Result;
    if (rsp_valid_i && (state_q[rsp_slot_i] == PageWait)) state_d[rsp_slot_i] = rsp_ok_i ? Send : Result;
    if (abandon_i || ur_stop_o) begin
      for (int unsigned i = 0; i < NumXlat; i++) if (state_q[i] inside {Page, PageWait}) state_d[i] = Replay;
    end
    if (judge) begin
      if (gone_q[result_s] || abandon_i) begin
        state_d[result_s] = Replay;
      end else if (denied_q[result_s]) begin
        drop_o            = 1'b1;
        state_d[result_s] = Free;
      end else if (error_q[result_s] || empty || too_small) begin
        abort_o           = 1'b1;
        state_d[result_s] = Free;
      end else if (stale) begin
        state_d[result_s] = Send;
      end else if (inv_busy_i) begin
        state_d[result_s] = Result;           // the ATC is taken and the mark may change
      end else if (!granted) begin
        drop_o            = last && !pri_i;
        if (last) state_d[result_s] = pri_i ? Page : Free;
      end else begin
        ins_valid_o = 1'b1;
        if (ins_ready_i && last) begin
          drop_o            = !permitted && !pri_i;
          state_d[result_s] = permitted ? Replay : pri_i ? Page : Free;
        end
      end
    end
  end

  page_t stu_mask, alloc_page;
  assign stu_mask   = (52'd1 << stu_i) - 52'd1;
  assign alloc_page = alloc_i.iova[63:12] & ~stu_mask;

  // Does the invalidation reach the pages asked for?
  function automatic logic reaches(range_t inv, range_t asked, page_t last_page);
    return ((inv.page & ~inv.mask) <= last_page) && ((asked.page & ~asked.mask) <= (inv.page | inv.mask)) && pasid_hit(asked, inv);
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < NumXlat; i++) state_q[i] <= Free;
      gone_q    <= '0;
      denied_q  <= '0;
      stale_q   <= '0;
      lost_q    <= '0;
      error_q   <= '0;
      gen_q     <= '0;
      hist_wr_q <= '0;
      for (int unsigned i = 0; i < NumXlat; i++) seen_q[i] <= '0;
    end else if (clear_i) begin
      for (int unsigned i = 0; i < NumXlat; i++) state_q[i] <= Free;
    end else begin
      for (int unsigned i = 0; i < NumXlat; i++) state_q[i] <= state_d[i];
      if (cpl_valid_i && cpl_fails) error_q[cpl_slot_i] <= 1'b1;
      if (timed_out) begin
        error_q[late_s] <= 1'b1;
        gen_q[late_s]   <= gen_q[late_s] + 1'b1;
      end
      if (inv_valid_i) begin
        hist_wr_q <= hist_wr_q + 1'b1;
        for (int unsigned i = 0; i < NumXlat; i++) begin
          if (state_q[i] inside {Open, Result}) begin
            if (stale_all_i || reaches(inv_i, range_q[i], end_q[i])) stale_q[i] <= 1'b1;
            if (seen_q[i][hist_wr_q]) lost_q[i] <= 1'b1;
            seen_q[i][hist_wr_q] <= 1'b1;
          end
        end
      end
      if (any_page && !pri_i) denied_q[page_s] <= 1'b1;
      if (any_lost) denied_q[lost_s] <= 1'b1;
      if (rsp_valid_i && !rsp_ok_i) denied_q[rsp_slot_i] <= 1'b1;
      if (abandon_i || ur_stop_o) begin
        for (int unsigned i = 0; i < NumXlat; i++) begin
          if (state_q[i] inside {Open, Result}) gone_q[i] <= 1'b1;
        end
      end
      if (tr_fire) begin
        stale_q[send_s] <= 1'b0;
        error_q[send_s] <= 1'b0;
        gone_q[send_s]  <= abandon_i || ur_stop_o;
        denied_q[send_s] <= 1'b0;
        lost_q[send_s]  <= 1'b0;
        seen_q[send_s]  <= '0;
      end
    end
  end

  logic [3:0] room;                       // translations that the answer may still hold
  assign room = 4'(pages_i) + 4'd1 - count_q[cpl_slot_i];

  always_ff @(posedge clk_i) begin
    if (inv_valid_i) hist_q[hist_wr_q] <= inv_i;
    if (cpl_valid_i) begin
      for (int unsigned w = 0; w < 8; w++) begin
        if ((4'(w) < cpl_i.entries) && (4'(w) < room)) begin
          entry_q[cpl_slot_i][3'(count_q[cpl_slot_i]) + 3'(w)] <= bswap64(cpl_data_i[64*w +: 64]);
        end
      end
      count_q[cpl_slot_i] <= count_q[cpl_slot_i] + ((cpl_i.entries < room) ? cpl_i.entries : room);
    end
    if (judge && !last && !stale && !inv_busy_i && (!granted || ins_ready_i)) count_q[result_s] <= count_q[result_s] - 1'b1;
    if (tr_fire) count_q[send_s] <= '0;
    if (alloc_fire) begin
      xfer_q[free_s]              <= alloc_i;
      end_q[free_s]               <= alloc_page + ((52'(pages_i) + 52'd1) << stu_i) - 52'd1;
      range_q[free_s].any_pasid   <= 1'b0;
      range_q[free_s].glob        <= 1'b0;
      range_q[free_s].priv        <= alloc_i.priv;
      range_q[free_s].pasid_valid <= alloc_i.pasid_valid;
      range_q[free_s].pasid       <= alloc_i.pasid;
      range_q[free_s].page        <= alloc_i.iova[63:12];
      range_q[free_s].mask        <= stu_mask;
    end
  end

  // alloc and replay happen with the engine's help and are its activity
  assign quiet_o = !tr_fire && !page_fire_o && !(any_page && !pri_i) && !any_lost && !rsp_valid_i && !cpl_valid_i && cto_quiet && !judge && !(any_send && !usable_i) && !inv_valid_i && !abandon_i;

endmodule
