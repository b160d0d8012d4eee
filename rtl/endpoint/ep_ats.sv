// SPDX-License-Identifier: Apache-2.0
//
// What a function does with address translation: ATC, Translation Requests, invalidations with their drain and completions, Page Requests.
//
// Guarantees (healthy): an Invalidate Completion is offered only after the range is out of the ATC, every read that used an older translation
// has ended and every such write is ahead of it in the egress; a translation asked for before an overlapping invalidation arrived
// is never used after it (D11). The completion needs nothing but the egress, never an answer of the root (pcie-ats.md section 5).
// A UR to a Translation Request ends the use of ATS until Enable goes from 0 to 1 (section 2.1). In D3hot (`d3_i`) Invalidate Requests are
// taken and discarded with those that wait, the ATC is empty (section 7).
// A virtual function (IsVf) has no Page Request registers of its own; what it shares with others comes by `fn_i` (ep_device).
// Does not: start transfers (ep_dma), log errors: a rejected request (`handled_o` with fault.ur) and a time-out (`timeout_valid_o`) are the owner's.
// Latency: Invalidate Request in to completion offered 2 cycles when nothing is to be drained; lookup as ep_atc.
module ep_ats
  import atc_time_pkg::*;
  import ep_pkg::*;
#(
  parameter int unsigned  AtcSets    = 1,    // ATC: see ep_atc
  parameter int unsigned  AtcWays    = 64,
  parameter int unsigned  AtcLarge   = 0,
  parameter atc_replace_e AtcReplace = ReplaceRoundRobin,
  parameter bit           IsVf       = 0,
  localparam int unsigned CntW = $clog2(AtcSets * AtcWays + AtcLarge + 1)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  time_t              now_i,
  input  logic               clear_i,          // reset of the function
  input  logic               d3_i,
  input  logic               d3_rise_i,
  input  logic               run_i,            // requests may leave
  // constants of ep_top
  input  logic [5:0]         inv_depth_i,
  input  logic [9:0]         inv_search_i,
  input  logic [2:0]         xlat_pages_i,
  input  logic               stale_all_i,
  // configuration
  input  time_t              timeout_i,        // completion time-out, NoDeadline = none
  input  logic [2:0]         tag_life_i,
  input  logic               ats_en_i,
  input  logic               ats_rise_i,
  input  logic               ats_fall_i,
  input  logic [4:0]         stu_i,
  input  logic               pasid_en_i,
  input  dma_cfg_t           dma_cfg_i,
  input  logic               ring_en_i,
  input  logic               marker_i,         // send a stop marker
  input  cfg_req_t           cfg_req_i,        // of the Page Request registers
  output logic [31:0]        pri_rdata_o,
  input  fault_t             fault_i,
  input  logic [31:0]        fault_delay_i,
  // the other functions of the device
  input  fn_in_t             fn_i,
  input  logic               inv_room_i,       // the invalidation queue that it shares has a place
  input  logic               pri_room_i,       // shares_pri: a group may be opened
  output logic [5:0]         inv_held_o,
  output logic               pri_usable_o,
  output logic [31:0]        pri_alloc_o,
  output logic [5:0]         pri_open_o,
  output logic [3:0]         pri_ask_o,        // requests of a group that waits for room
  output logic [1:0]         pri_evt_o,        // {unexpected response, Response Failure} in this cycle
  // ingress
  input  logic               inv_valid_i,
  output logic               inv_ready_o,
  input  inv_t               inv_i,
  output logic               inv_take_o,       // one is kept
  output logic               handled_o,        // `match_o` is dealt with
  output inv_t               match_o,
  input  logic               prg_valid_i,
  input  prg_t               prg_i,
  input  logic               cpl_valid_i,      // of a Translation Request
  input  rx_cpl_t            cpl_i,
  input  logic [511:0]       cpl_data_i,
  output logic [NumXlat-1:0] xlat_open_o,
  output xlat_gen_t          xlat_gen_o,
  output logic               timeout_valid_o,  // of a Translation Request, held until ready
  input  logic               timeout_ready_i,
  // ep_dma
  output logic               usable_o,
  input  logic               lkp_valid_i,
  output logic               lkp_ready_o,
  input  range_t             lkp_i,
  output logic               lkp_hit_o,
  output atc_entry_t         lkp_entry_o,
  input  logic               alloc_valid_i,
  output logic               alloc_ready_o,
  input  xfer_t              alloc_i,
  output logic               ret_valid_o,
  input  logic               ret_done_i,
  input  logic               ret_miss_i,
  output xfer_t              ret_o,
  output logic               drop_o,           // `end_o` ends without a translation
  output logic               abort_o,
  output xfer_t              end_o,
  input  logic               rd_start_i,
  input  logic               rd_end_i,
  input  logic               rd_end_colour_i,
  output logic               colour_o,
  input  logic [7:0]         tc_used_i,        // traffic classes on which translated requests have left
  output logic [CntW-1:0]    atc_count_o,
  output logic               page_o,           // a Page Request has left
  // egress
  output logic               icpl_valid_o,
  input  logic               icpl_ready_i,
  output inv_cpl_t           icpl_o,
  output logic               tr_valid_o,       // Translation Requests, Page Requests, stop markers
  input  logic               tr_ready_i,
  output tx_item_t           tr_o,
  input  logic               np_sent_i,
  input  logic [7:0]         np_tag_i,

  output logic               quiet_o,
  output time_t              next_deadline_o
);

  // ---------------------------------------------------------------- use of ATS
  logic stopped_q, ur_stop, abandon;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) stopped_q <= 1'b0;
    else if (clear_i || ats_rise_i) stopped_q <= 1'b0;
    else if (ur_stop) stopped_q <= 1'b1;
  end

  assign usable_o = ats_en_i && !stopped_q;
  assign abandon  = ats_rise_i || ats_fall_i || d3_rise_i;

  // ---------------------------------------------------------------- invalidation
  logic       match_valid, match_ready, match_first;
  logic       batch_valid, batch_ready, drained_valid, drained_ready, inv_quiet, drain_quiet, inv_place;
  inv_batch_t batch, drained;
  time_t      inv_deadline;
  logic [4:0] unused_outstanding;   // for the monitor

  assign inv_ready_o = (inv_place && inv_room_i) || d3_i;
  assign inv_take_o  = inv_valid_i && inv_place && inv_room_i && !d3_i;

  ep_inv_queue u_inv_queue (
    .clk_i, .rst_ni, .now_i,
    .clear_i        (clear_i || d3_i),
    .depth_i        (inv_depth_i),
    .tcs_i          ((tc_used_i == '0) ? 8'h01 : tc_used_i),
    .req_valid_i    (inv_take_o),
    .req_ready_o    (inv_place),
    .req_i          (inv_i),
    .handled_o      (handled_o),
    .match_valid_o  (match_valid),
    .match_ready_i  (match_ready),
    .match_o        (match_o),
    .fault_i        (fault_i),
    .delay_i        (fault_delay_i),
    .held_o         (inv_held_o),
    .batch_valid_o  (batch_valid),
    .batch_ready_i  (batch_ready),
    .batch_o        (batch),
    .quiet_o        (inv_quiet),
    .next_deadline_o(inv_deadline)
  );

  ep_drain u_drain (
    .clk_i, .rst_ni,
    .clear_i        (clear_i || d3_i),
    .early_i        (fault_i.early),
    .duplicate_i    (fault_i.duplicate),
    .batch_valid_i  (batch_valid),
    .batch_ready_o  (batch_ready),
    .batch_i        (batch),
    .cpl_valid_o    (drained_valid),
    .cpl_ready_i    (drained_ready),
    .cpl_o          (drained),
    .rd_start_i     (rd_start_i),
    .colour_o       (colour_o),
    .rd_end_i       (rd_end_i),
    .rd_end_colour_i(rd_end_colour_i),
    .outstanding_o  (unused_outstanding),
    .quiet_o        (drain_quiet)
  );

  ep_inv_cpl u_inv_cpl (
    .clk_i, .rst_ni,
    .clear_i      (clear_i || d3_i),
    .batch_valid_i(drained_valid),
    .batch_ready_o(drained_ready),
    .batch_i      (drained),
    .cpl_valid_o  (icpl_valid_o),
    .cpl_ready_i  (icpl_ready_i),
    .cpl_o        (icpl_o)
  );

  // ---------------------------------------------------------------- translation
  logic            ins_valid, ins_ready;
  atc_entry_t      ins;
  logic [CntW-1:0] unused_inv_count;   // for the monitor

  ep_atc #(
    .Sets   (AtcSets),
    .Ways   (AtcWays),
    .Large  (AtcLarge),
    .Replace(AtcReplace)
  ) u_atc (
    .clk_i, .rst_ni,
    .flush_i    (clear_i || abandon || ur_stop),
    .stu_i      (stu_i),
    .search_i   (inv_search_i),
    .inv_valid_i(match_valid),
    .inv_ready_o(match_ready),
    .inv_first_o(match_first),
    .inv_i      (match_o.range),
    .inv_count_o(unused_inv_count),
    .ins_valid_i(ins_valid),
    .ins_ready_o(ins_ready),
    .ins_i      (ins),
    .lkp_valid_i(lkp_valid_i),
    .lkp_ready_o(lkp_ready_o),
    .lkp_i      (lkp_i),
    .lkp_hit_o  (lkp_hit_o),
    .lkp_entry_o(lkp_entry_o),
    .count_o    (atc_count_o)
  );

  time_t              pri_deadline;
  logic               tr_take, group_valid, group_quiet;
  tx_item_t           group;
  logic               pri_usable, page_room, own_page_room, page_ask, page_fire, rsp_match, rsp_ok, marker_valid, pri_quiet;
  logic [NumXlat-1:0] page_open;
  slot_t              page_slot;
  logic [8:0]         page_index;
  tx_item_t           marker_item;

  logic     tr_valid, xlat_quiet;
  time_t    xlat_deadline;
  tx_item_t tr;

  ep_xlat u_xlat (
    .clk_i, .rst_ni,
    .clear_i      (clear_i),
    .now_i,
    .timeout_i    (timeout_i),
    .pages_i      (xlat_pages_i),
    .stale_all_i,
    .usable_i     (usable_o),
    .may_send_i   (usable_o && run_i),
    .stu_i        (stu_i),
    .no_write_i   (!dma_cfg_i.wr && !ring_en_i),
    .abandon_i    (abandon),
    .life_i       (tag_life_i),
    .ur_stop_o    (ur_stop),
    .alloc_ready_o(alloc_ready_o),
    .alloc_valid_i(alloc_valid_i),
    .alloc_i      (alloc_i),
    .tr_valid_o   (tr_valid),
    .tr_ready_i   (tr_take),
    .tr_o         (tr),
    .sent_valid_i (np_sent_i),
    .sent_tag_i   (np_tag_i),
    .cpl_valid_i  (cpl_valid_i),
    .cpl_slot_i   (slot_t'(cpl_i.tag)),
    .cpl_i        (cpl_i),
    .cpl_data_i   (cpl_data_i),
    .open_o       (xlat_open_o),
    .gen_o        (xlat_gen_o),
    .timeout_valid_o(timeout_valid_o),
    .timeout_ready_i(timeout_ready_i),
    .inv_busy_i   (match_valid),
    .inv_valid_i  (match_valid && match_first),
    .inv_i        (match_o.range),
    .ins_valid_o  (ins_valid),
    .ins_ready_i  (ins_ready),
    .ins_o        (ins),
    .pri_i          (dma_cfg_i.pri && pri_usable),
    .page_may_send_i(run_i),
    .page_ask_o     (page_ask),
    .page_room_i    (page_room),
    .page_open_i    (page_open),
    .page_slot_o    (page_slot),
    .page_index_i   (page_index),
    .page_fire_o    (page_fire),
    .rsp_valid_i    (rsp_match),
    .rsp_slot_i     (slot_t'(prg_i.index)),
    .rsp_ok_i       (rsp_ok),
    .ret_valid_o  (ret_valid_o),
    .ret_done_i   (ret_done_i),
    .ret_miss_i   (ret_miss_i),
    .ret_o        (ret_o),
    .drop_o       (drop_o),
    .abort_o      (abort_o),
    .end_o        (end_o),
    .quiet_o      (xlat_quiet),
    .next_deadline_o(xlat_deadline)
  );

  // ---------------------------------------------------------------- page requests
  logic [31:0] own_pri_rdata;
  logic        pri_failure, pri_unexpected;

  // A virtual function has no interface of its own: the capability is not there, its registers are never written.
  assign pri_usable  = IsVf ? fn_i.pri_usable : pri_usable_o;
  assign page_room   = fn_i.shares_pri ? pri_room_i : own_page_room;
  assign pri_rdata_o = IsVf ? '0 : own_pri_rdata;

  ep_page_group u_page_group (
    .clk_i, .rst_ni,
    .clear_i    (clear_i),
    .log2_i     (dma_cfg_i.pri_log2),
    .in_valid_i (tr_valid),
    .in_ready_o (tr_take),
    .in_i       (tr),
    .out_valid_o(group_valid),
    .out_ready_i(tr_ready_i && !marker_valid),
    .out_o      (group),
    .page_o     (page_o),
    .quiet_o    (group_quiet)
  );

  // Stop markers share the entry of Translation and Page Requests.
  ep_pri u_pri (
    .clk_i, .rst_ni, .now_i,
    .clear_i       (clear_i),
    .log2_i        (dma_cfg_i.pri_log2),
    .limit_i       (dma_cfg_i.pri_limit),
    .wr_valid_i    (cfg_req_i.wr && !IsVf),
    .rd_valid_i    (cfg_req_i.rd),
    .offset_i      (cfg_req_i.offset),
    .wdata_i       (cfg_req_i.data),
    .mask_i        (cfg_req_i.mask),
    .rdata_o       (own_pri_rdata),
    .usable_o      (pri_usable_o),
    .room_o        (own_page_room),
    .open_o        (page_open),
    .slot_i        (page_slot),
    .index_o       (page_index),
    .fire_i        (page_fire),
    .fire_pasid_valid_i(tr.pasid_valid),
    .fire_pasid_i  (tr.pasid),
    .rsp_valid_i   (prg_valid_i && !d3_i),
    .rsp_i         (prg_i),
    .rsp_match_o   (rsp_match),
    .rsp_ok_o      (rsp_ok),
    .other_failure_i   (fn_i.shares_pri && fn_i.pri_failure),
    .other_unexpected_i(fn_i.shares_pri && fn_i.pri_unexpected),
    .failure_o         (pri_failure),
    .unexpected_o      (pri_unexpected),
    .alloc_o           (pri_alloc_o),
    .count_o           (pri_open_o),
    .marker_i      (marker_i),
    .pasid_valid_i (dma_cfg_i.pasid_valid && pasid_en_i),
    .pasid_i       (dma_cfg_i.pasid),
    .may_send_i    (run_i),
    .marker_valid_o(marker_valid),
    .marker_ready_i(tr_ready_i),
    .marker_o      (marker_item),
    .quiet_o       (pri_quiet),
    .next_deadline_o(pri_deadline)
  );

  assign pri_ask_o  = page_ask ? 4'd1 << dma_cfg_i.pri_log2 : 4'd0;
  assign pri_evt_o  = {pri_unexpected, pri_failure};
  assign tr_valid_o = group_valid || marker_valid;
  assign tr_o       = marker_valid ? marker_item : group;

  // ---------------------------------------------------------------- quiet (D21)
  assign quiet_o         = inv_quiet && drain_quiet && xlat_quiet && pri_quiet && group_quiet;
  assign next_deadline_o = earlier(xlat_deadline, earlier(inv_deadline, pri_deadline));

  logic unused_bits;
  assign unused_bits = ^{fault_i, fn_i, dma_cfg_i};

endmodule
