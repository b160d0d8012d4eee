// SPDX-License-Identifier: Apache-2.0
//
// Events of one endpoint, src = device index: inv_received atc_cleared drain_start drain_done inv_cpl_sent xlat_req
// xlat_cpl dma_start dma_done flr_start flr_done ats_enabled ats_disabled fault_armed
// page_asked page_answered.
// atc_cleared is missing for an invalidation that a fault hides from the ATC. Answers go in batches; each ITag of a batch has
// its own drain_start and drain_done. dma_done status: 0 done, 1 dropped, 2 aborted; a write is done when it is queued
// for the wire. What happens in the cycle in which an FLR takes effect is lost, and is not logged.
module ep_top_mon
  import log_event_pkg::*;
  import atc_mon_pkg::*;
  import ep_pkg::*;
  import ep_reg_pkg::fault_ctrl_t;
#(
  parameter int unsigned Index = 0
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        clear,
  // invalidation
  input logic        inv_take,
  input inv_t        inv,
  input logic [63:0] inv_payload,
  input logic        match_valid,
  input inv_t        match,
  input logic [31:0] match_count,
  input logic        batch_take,
  input logic [31:0] batch_itags,
  input logic [4:0]  outstanding,
  input logic        drained,
  input logic [31:0] drained_itags,
  input logic [4:0]  older_left,      // translated reads that the leaving answer should have waited for
  // egress
  input logic        tx_fire,
  input tx_item_t    tx_item,
  // translation
  input logic        prg_valid,
  input prg_t        prg,
  input logic        xlat_cpl,
  input rx_cpl_t     rx_cpl,
  // DMA
  input logic        start,
  input xfer_t       start_xfer,
  input logic        ring_start,
  input xfer_t       ring_xfer,
  input logic        issue,
  input logic        hold,
  input xfer_t       issued,
  input rd_idx_t     issued_idx,
  input logic        wr_done,
  input logic        wr_held,
  input logic        rd_done,
  input logic        rd_abort,
  input rd_idx_t     rd_idx,
  input logic        drop,
  input logic        abort,
  input xfer_t       ended,
  // state
  input logic [1:0]  late,            // completion time-outs: a read or AtomicOp, a Translation Request
  input logic [15:0] late_tags,
  input logic        flr_begin,
  input logic        flr_done,
  input logic        ats_en,
  input logic        ats_rise,
  input logic        ats_fall,
  input logic        ur_stop,
  input logic [4:0]  stu,
  input logic        arm,
  input fault_ctrl_t arm_ctrl,
  input logic [31:0] arm_delay,
  input logic [31:0] arm_skip
);

  localparam int Src = int'(Index);

  function automatic longint payload_of(range_t r);
    return longint'((r.mask == '0) ? {r.page, 12'd0} : {(r.page & ~r.mask) | (r.mask >> 1), 12'h800});
  endfunction

  function automatic void done(xfer_t x, longint status);
    atc_mon_event(EV_DMA_DONE, Src, int'(x.number), longint'(x.iova), status);
  endfunction

  // ---------------------------------------------------------------- invalidation and translation
  always_ff @(posedge clk_i) begin
    if (rst_ni && !clear) begin
      if (inv_take) begin
        atc_mon_event(EV_INV_RECEIVED, Src, int'({27'd0, inv.itag}), longint'({44'd0, inv.range.pasid}),
                      longint'(inv_payload));
      end
      if (match_valid) begin
        atc_mon_event(EV_ATC_CLEARED, Src, int'({27'd0, match.itag}), longint'({32'd0, match_count}),
                      payload_of(match.range));
      end
      if (batch_take) begin
        for (int i = 0; i < 32; i++) begin
          if (batch_itags[i]) atc_mon_event(EV_DRAIN_START, Src, i, longint'({59'd0, outstanding}), 0);
        end
      end
      if (drained) begin
        for (int i = 0; i < 32; i++) begin
          if (drained_itags[i]) atc_mon_event(EV_DRAIN_DONE, Src, i, longint'({59'd0, older_left}), 0);
        end
      end
      if (prg_valid) atc_mon_event(EV_PAGE_ANSWERED, Src, int'({23'd0, prg.index}), longint'({60'd0, prg.code}), longint'({44'd0, prg.pasid}));
      if (xlat_cpl) begin
        atc_mon_event(EV_XLAT_CPL, Src, int'({24'd0, rx_cpl.tag}), longint'({61'd0, rx_cpl.status}), longint'(rx_cpl.entry));
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni && tx_fire) begin
      if (tx_item.kind == TxInvCpl) atc_mon_event(EV_INV_CPL_SENT, Src, int'(tx_item.addr[31:0]),
                                                        (tx_item.number[18:16] == '0) ? 8 : longint'({61'd0, tx_item.number[18:16]}), 0);
      if ((tx_item.kind == TxPage) && (tx_item.addr[1:0] != '0)) begin   // no stop marker
        atc_mon_event(EV_PAGE_ASKED, Src, int'({23'd0, tx_item.addr[11:3]}), tx_item.pasid_valid ? longint'({44'd0, tx_item.pasid}) : 0,
                      longint'({tx_item.addr[63:12], 9'd0, tx_item.addr[2:0]}));
      end
      if (tx_item.kind == TxXlat) begin
        atc_mon_event(EV_XLAT_REQ, Src, int'({24'd0, tx_item.tag}), longint'({44'd0, tx_item.pasid}), longint'(tx_item.addr));
      end
    end
  end

  // ---------------------------------------------------------------- DMA
  xfer_t read_q [NumRd];
  xfer_t held_q;

  always_ff @(posedge clk_i) begin
    if (rst_ni && !clear) begin
      if (start) begin
        atc_mon_event(EV_DMA_START, Src, int'(start_xfer.number), longint'(start_xfer.iova),
                      longint'({63'd0, start_xfer.write}));
      end
      if (ring_start && !ring_xfer.own) begin
        atc_mon_event(EV_DMA_START, Src, int'(ring_xfer.number), longint'(ring_xfer.iova), longint'({63'd0, ring_xfer.op == XferWrite}));
      end
      if (issue && (issued.op != XferWrite)) read_q[issued_idx] <= issued;
      if (hold) held_q <= issued;
      if (wr_done) done(wr_held ? held_q : issued, 0);
      if (rd_done) done(read_q[rd_idx], 0);
      if (rd_abort) done(read_q[rd_idx], 2);
      if (drop && !ended.own) done(ended, 1);
      if (abort && !ended.own) done(ended, 2);
    end
  end

  // ---------------------------------------------------------------- state
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (late[0]) atc_mon_event(EV_CPL_TIMEOUT, Src, int'({24'd0, late_tags[7:0]}), 0, 0);
      if (late[1]) atc_mon_event(EV_CPL_TIMEOUT, Src, int'({24'd0, late_tags[15:8]}), 0, 0);
      if (flr_begin) atc_mon_event(EV_FLR_START, Src, 0, 0, 0);
      if (flr_done) atc_mon_event(EV_FLR_DONE, Src, 0, 0, 0);
      if (ats_rise) atc_mon_event(EV_ATS_ENABLED, Src, int'({27'd0, stu}), 0, 0);
      if (flr_begin && ats_en) atc_mon_event(EV_ATS_DISABLED, Src, 2, 0, 0);
      else if (ats_fall) atc_mon_event(EV_ATS_DISABLED, Src, 0, 0, 0);
      else if (ur_stop && !clear) atc_mon_event(EV_ATS_DISABLED, Src, 1, 0, 0);
      if (arm && !clear) atc_mon_event(EV_FAULT_ARMED, Src, int'(arm_ctrl), longint'({32'd0, arm_delay}), longint'({32'd0, arm_skip}));
    end
  end

endmodule

bind ep_top ep_top_mon #(.Index(Index)) u_mon (
  .clk_i         (clk_i),
  .rst_ni        (rst_ni),
  .clear         (clear),
  .inv_take      (inv_take),
  .inv           (inv),
  .inv_payload   (u_rx.word),
  .match_valid   (u_ats.match_valid && u_ats.match_ready),
  .match         (match),
  .match_count   (32'(u_ats.unused_inv_count)),
  .batch_take    (u_ats.batch_valid && u_ats.batch_ready),
  .batch_itags   (u_ats.batch.itags),
  .outstanding   (u_ats.unused_outstanding),
  .drained       (u_ats.drained_valid && u_ats.drained_ready && !u_ats.u_drain.again_q),   // the copy of a duplicate drains nothing
  .drained_itags (u_ats.drained.itags),
  .older_left    (u_ats.u_drain.count_q[u_ats.u_drain.busy_q ? !u_ats.u_drain.colour_q : u_ats.u_drain.colour_q]),
  .tx_fire       (u_tx.tx_fire),
  .tx_item       (u_tx.item),
  .prg_valid     (prg_valid),
  .prg           (prg),
  .xlat_cpl      (xlat_cpl_valid),
  .rx_cpl        (rx_cpl),
  .start         (u_dma.gen_start),
  .start_xfer    (u_dma.u_gen.xfer_d),
  .ring_start    (ring_valid && ring_ready),
  .ring_xfer     (ring_xfer),
  .issue         (u_dma.issue),
  .hold          (u_dma.hold_take),
  .issued        (u_dma.cand),
  .issued_idx    (u_dma.free_idx),
  .wr_done       (wr_done),
  .wr_held       (u_dma.hold_valid_q),
  .rd_done       (rd_done),
  .rd_abort      (rd_abort),
  .rd_idx        (u_dma.end_idx),
  .drop          (drop),
  .abort         (abort),
  .ended         (xlat_end),
  .late          ({u_dma.timed_out, u_ats.u_xlat.timed_out}),
  .late_tags     ({u_dma.life_i, 1'b0, u_dma.gen_q[u_dma.late_idx], u_dma.late_idx,
                   u_ats.u_xlat.life_i, 1'b1, u_ats.u_xlat.gen_q[u_ats.u_xlat.late_s], 2'(u_ats.u_xlat.late_s)}),
  .flr_begin     (flr_begin),
  .flr_done      (unused_flr_done),
  .ats_en        (ats_en),
  .ats_rise      (ats_rise),
  .ats_fall      (ats_fall),
  .ur_stop       (u_ats.ur_stop),
  .stu           (u_cfg.u_ats.ats_d.stu),
  .arm           (u_fault.wr_ctrl),
  .arm_ctrl      (u_fault.ctrl_d),
  .arm_delay     (fault_delay),
  .arm_skip      (fault_skip)
);
