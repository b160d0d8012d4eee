// SPDX-License-Identifier: Apache-2.0
//
// ATS endpoint: one function behind one link: configuration space, BAR0 with a DMA engine, address translation (ep_ats),
// interrupts, FLR, power states, programmable misbehaviour. `ep_device` makes a device of several.
//
// Guarantees (healthy): an Invalidate Completion leaves only after the range is out of the ATC, every read that used an
// older translation has returned and every such write is ahead of it on the link; a translation asked for
// before an overlapping invalidation arrived is never used after it (D11). Invalidations are taken one a cycle.
// Latency: Invalidate Request in to completion out 3 cycles when nothing is to be drained and egress is free;
// configuration or BAR request to completion 2 cycles.
// D3hot: configuration requests are answered; memory requests are unsupported, Invalidate Requests and the answers not yet
// sent are discarded (they time out at the TA), nothing is started and the ATC is empty (pcie-ats.md section 7).
// Completion time-outs of reads, AtomicOps and Translation Requests: as Device Control 2 says, `cpl_timeout_i` for its value 0.
// Tags: {life, 0, time-outs of the slot (1 bit), read slot} and {life, 1, time-outs of the slot (2 bits), translation slot}; with Extended Tag Enable 0 the
// life is left out.
module ep_top
  import atc_time_pkg::*;
  import tlp_pkg::*;
  import ep_pkg::*;
  import ep_reg_pkg::fault_ctrl_t;
  import ep_reg_pkg::FLR_FAULT_IGNORE;
  import ep_reg_pkg::MSI_TEST_OFFSET;
#(
  parameter int unsigned  Index      = 0,    // device index: in signatures and monitor events
  parameter int unsigned  AtcSets    = 1,    // ATC: see ep_atc
  parameter int unsigned  AtcWays    = 64,
  parameter int unsigned  AtcLarge   = 0,
  parameter atc_replace_e AtcReplace = ReplaceRoundRobin,
  // One function of several (ep_device, ep_cfg).
  parameter bit          Several     = 0,
  parameter bit          MultiFn     = 0,
  parameter int unsigned NextFn      = 0,
  parameter bit          HasAcs      = 0,
  parameter bit          IsVf        = 0,
  parameter int unsigned NumVf       = 0,
  parameter int unsigned FirstVf     = 1,
  parameter bit          NoSoftReset = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  time_t       now_i,
  input  logic [15:0] bdf_i,           // requester ID of the function, held constant
  input  time_t       flr_cycles_i,    // duration of a function level reset, held constant
  input  logic [5:0]  inv_depth_i,     // advertised Invalidate Queue Depth, 1..32, held constant
  input  logic [9:0]  inv_search_i,    // ATC entries an invalidation searches in a cycle, 0 = all, held constant
  input  logic [2:0]  xlat_pages_i,    // translations a request asks for, less 1, held constant
  input  logic        stale_all_i,     // any invalidation marks every open Translation Request (D11), held constant
  input  time_t       cpl_timeout_i,   // of Completion Timeout Value 0 (cto_cycles), NoDeadline = none, held constant
  input  fn_in_t      fn_i,            // FnAlone for the only function of a device
  output fn_out_t     fn_o,
  input  logic        inv_room_i,      // the invalidation queue that it shares has a place; 1 for the only function
  input  logic        pri_room_i,      // its shared Page Request Interface has room for a group
  output logic [3:0]  pri_ask_o,       // requests of a group that waits for room
  output logic        claims_o,        // rx_i, were it a memory request, is for a BAR of this function
  output logic [1:0]  pri_evt_o,       // {unexpected response, Response Failure} in this cycle

  input  logic        rx_valid_i,
  output logic        rx_ready_o,
  input  tlp_t        rx_i,

  output logic        tx_valid_o,
  input  logic        tx_ready_i,
  output tlp_t        tx_o,
  input  logic [2:0]  tx_class_ready_i, // [ClassP], [ClassNp], [ClassCpl]

  output logic        quiet_o,
  output time_t       next_deadline_o
);

  localparam int unsigned CntW = $clog2(AtcSets * AtcWays + AtcLarge + 1);

  // ---------------------------------------------------------------- programmed misbehaviour, told to the blocks
  fault_ctrl_t   fault_ctrl;
  fault_t        fault;
  egress_fault_t egress_fault;
  logic [31:0]   fault_delay, fault_skip, fault_every;
  logic [15:0]   fault_rid;
  logic          handled, fault_quiet;
  time_t         fault_deadline;
  inv_t          match;

  // ---------------------------------------------------------------- reset of the function
  logic       flr_request, flr_answered, flr_stop, flr_begin, flr_active, flr_broken, flr_asked, unused_flr_done, flr_quiet, flr_clear, clear;
  logic [2:0] life, tag_life;
  time_t      flr_deadline;

  logic d3, d3_rise, d3_reset, cfg_quiet;

  ep_flr u_flr (
    .clk_i, .rst_ni, .now_i, .flr_cycles_i,
    .request_i      (flr_request),
    .fault_i        (fault.flr),
    .broken_cycles_i(fault_delay),
    .answered_i     (flr_answered),
    .renew_i        (d3_reset),
    .stop_o         (flr_stop),
    .begin_o        (flr_begin),
    .clear_o        (flr_clear),
    .active_o       (flr_active),
    .broken_o       (flr_broken),
    .life_o         (life),
    .done_o         (unused_flr_done),
    .quiet_o        (flr_quiet),
    .next_deadline_o(flr_deadline)
  );

  assign clear = flr_clear || d3_reset || fn_i.absent;

  // ---------------------------------------------------------------- ingress
  logic               cfg_valid, bar_valid, bar2_valid, acc_write;
  logic [15:0]        acc_addr;
  logic [3:0]         acc_be;
  logic [31:0]        acc_data, cfg_rdata, bar_rdata, bar2_rdata;
  logic [2:0]         mps, mrrs;
  logic               mem_en, bme, ext_tag, pasid_en, pasid_exec, pasid_priv, cto_dis, ats_en, ats_rise, ats_fall;
  logic [15:0]        bar;
  logic [63:12]       bar2;
  logic [4:0]         stu;
  logic [NumRd-1:0]   rd_busy, rd_gen;
  logic [NumXlat-1:0] xlat_open;
  xlat_gen_t          xlat_gen;
  logic               xlat_timeout, rd_timeout, timeout_ready, np_sent;
  logic [7:0]         np_tag;
  time_t              cpl_timeout;
  logic               cpl_valid, cpl_ready, inv_valid, inv_ready, rd_cpl_valid, xlat_cpl_valid, err_valid, rx_err_valid;
  tx_item_t           cpl;
  inv_t               inv;
  rx_cpl_t            rx_cpl;
  err_t               err, rx_err;
  logic               prg_valid;
  prg_t               prg;

  assign tag_life = ext_tag ? life : 3'd0;

  ep_rx u_rx (
    .rx_valid_i, .rx_ready_o, .rx_i, .bdf_i,
    .flr_active_i    (flr_active),
    .flr_broken_i    (flr_broken),
    .cfg_dead_i      (fault.cfg_dead),
    .no_credit_i     (fault.no_credit),
    .mem_en_i        (mem_en && !d3),
    .mps_i           (mps),
    .bar_i           (bar),
    .bar2_i          (bar2),
    .tag_life_i      (tag_life),
    .rd_busy_i       (rd_busy),
    .rd_gen_i        (rd_gen),
    .xlat_open_i     (xlat_open),
    .xlat_gen_i      (xlat_gen),
    .cfg_valid_o     (cfg_valid),
    .bar_valid_o     (bar_valid),
    .bar2_valid_o    (bar2_valid),
    .acc_write_o     (acc_write),
    .acc_addr_o      (acc_addr),
    .acc_be_o        (acc_be),
    .acc_data_o      (acc_data),
    .cfg_rdata_i     (cfg_rdata),
    .bar_rdata_i     (bar_rdata),
    .bar2_rdata_i    (bar2_rdata),
    .flr_request_i   (flr_request),
    .cpl_valid_o     (cpl_valid),
    .cpl_ready_i     (cpl_ready),
    .cpl_o           (cpl),
    .inv_valid_o     (inv_valid),
    .inv_ready_i     (inv_ready),
    .inv_o           (inv),
    .prg_valid_o     (prg_valid),
    .prg_o           (prg),
    .rd_cpl_valid_o  (rd_cpl_valid),
    .xlat_cpl_valid_o(xlat_cpl_valid),
    .rx_cpl_o        (rx_cpl),
    .err_valid_o     (rx_err_valid),
    .err_o           (rx_err)
  );

  // A rejected Invalidate Request (fault) is logged with the header it came with; an error of the same cycle is not lost to it.
  // A request that timed out waits until nothing else is to be logged, Translation Requests first; its header is not.
  assign timeout_ready = !rx_err_valid && !(handled && fault.ur);
  assign err_valid     = rx_err_valid || (handled && fault.ur) || xlat_timeout || rd_timeout;
  always_comb begin
    err = rx_err;
    if ((xlat_timeout || rd_timeout) && timeout_ready) begin
      err.kind   = ErrCplTimeout;
      err.posted = 1'b1;
      err.hdr    = '0;
    end else if (handled && fault.ur && !rx_err_valid) begin
      err.kind   = ErrUr;
      err.posted = 1'b1;
      err.hdr    = {MsgDId, 1'b0, match.tc, 20'd2, match.ta, 3'd0, match.itag, MsgInvReq, bdf_i, 48'd0};
    end
  end

  // ---------------------------------------------------------------- configuration space
  logic        own_cpl, msg_valid, msg_ready;
  cfg_req_t    cfg_req;
  logic [31:0] msi_rdata, pri_rdata;
  sriov_t      vf;
  logic [3:0]  cto_value;
  logic [7:0] msg;

  assign own_cpl = rd_cpl_valid || xlat_cpl_valid;

  ep_cfg #(
    .Several    (Several),
    .MultiFn    (MultiFn),
    .NextFn     (NextFn),
    .HasAcs     (HasAcs),
    .IsVf       (IsVf),
    .NumVf      (NumVf),
    .FirstVf    (FirstVf),
    .NoSoftReset(NoSoftReset)
  ) u_cfg (
    .clk_i, .rst_ni, .inv_depth_i,
    .pf_i        (fn_i.pf),
    .clear_i     (clear),
    .req_valid_i (cfg_valid),
    .req_write_i (acc_write),
    .req_offset_i(acc_addr[11:0]),
    .req_be_i    (acc_be),
    .req_data_i  (acc_data),
    .rdata_o     (cfg_rdata),
    .trpnd_i     ((rd_busy != '0) || (xlat_open != '0)),
    .err_valid_i (err_valid),
    .err_i       (err),
    .rcv_ur_i    (own_cpl && (rx_cpl.status == CplUr)),
    .rcv_ca_i    (own_cpl && (rx_cpl.status == CplCa)),
    .msg_valid_o (msg_valid),
    .msg_ready_i (msg_ready && !d3),
    .msg_o       (msg),
    .req_o       (cfg_req),
    .msi_rdata_i (msi_rdata),
    .pri_rdata_i (pri_rdata),
    .mem_en_o    (mem_en),
    .bme_o       (bme),
    .bar_o       (bar),
    .bar2_o      (bar2),
    .ext_tag_o   (ext_tag),
    .mps_o       (mps),
    .mrrs_o      (mrrs),
    .cto_value_o (cto_value),
    .pasid_en_o  (pasid_en),
    .pasid_exec_o(pasid_exec),
    .pasid_priv_o(pasid_priv),
    .cto_dis_o   (cto_dis),
    .ats_en_o    (ats_en),
    .ats_stu_o   (stu),
    .ats_rise_o  (ats_rise),
    .ats_fall_o  (ats_fall),
    .flr_o       (flr_asked),
    .d3_o        (d3),
    .d3_rise_o   (d3_rise),
    .d3_reset_o  (d3_reset),
    .vf_o        (vf),
    .quiet_o     (cfg_quiet)
  );

  assign cpl_timeout = cto_dis ? NoDeadline : cto_cycles(cpl_timeout_i, cto_value);
  assign flr_request = flr_asked && (fault.flr != FLR_FAULT_IGNORE);

  // ---------------------------------------------------------------- registers, faults
  dma_cfg_t    dma_cfg, dma_reg;
  ring_cfg_t   ring_cfg;
  logic [15:0] ring_head;
  logic        ring_error;
  stat_inc_t   inc;
  logic        fault_wr, marker;
  logic [11:0] wr_addr;
  logic [31:0] wr_data, wr_mask;
  logic [CntW-1:0] atc_count;

  ep_bar u_bar (
    .clk_i, .rst_ni,
    .clear_i         (clear),
    .req_valid_i     (bar_valid),
    .req_write_i     (acc_write),
    .req_addr_i      (acc_addr),
    .req_be_i        (acc_be),
    .req_data_i      (acc_data),
    .rdata_o         (bar_rdata),
    .fault_wr_valid_o(fault_wr),
    .wr_addr_o       (wr_addr),
    .wr_data_o       (wr_data),
    .wr_mask_o       (wr_mask),
    .fault_ctrl_i    (fault_ctrl),
    .fault_delay_i   (fault_delay),
    .fault_skip_i    (fault_skip),
    .fault_rid_i     (fault_rid),
    .fault_every_i   (fault_every),
    .dma_o           (dma_reg),
    .marker_o        (marker),
    .ring_o          (ring_cfg),
    .ring_head_i     (ring_head),
    .ring_error_i    (ring_error),
    .inc_i           (inc),
    .atc_count_i     (32'(atc_count))
  );

  ep_fault u_fault (
    .clk_i, .rst_ni, .now_i,
    .flr_clear_i(flr_begin),
    .wr_valid_i (fault_wr),
    .wr_addr_i  (wr_addr),
    .wr_data_i  (wr_data),
    .wr_mask_i  (wr_mask),
    .ctrl_o     (fault_ctrl),
    .delay_o    (fault_delay),
    .skip_o     (fault_skip),
    .rid_o      (fault_rid),
    .every_o    (fault_every),
    .handled_i  (handled),
    .fault_o    (fault),
    .egress_o   (egress_fault),
    .quiet_o    (fault_quiet),
    .next_deadline_o(fault_deadline)
  );

  always_comb begin
    dma_cfg      = dma_reg;
    dma_cfg.exec = dma_reg.exec && pasid_exec;
    dma_cfg.priv = dma_reg.priv && pasid_priv;
  end

  // Requests may leave.
  logic run;
  assign run = bme && !fault.stuck && !flr_stop && !d3;

  // ---------------------------------------------------------------- address translation
  logic               ats_usable, icpl_valid, icpl_ready, rd_start, rd_end, colour, rd_end_colour, inv_take, pri_usable, ats_quiet;
  inv_cpl_t           icpl;
  logic [7:0]         tc_used;
  logic [5:0]         inv_held, pri_open;
  logic               lkp_valid, lkp_ready, lkp_hit, alloc_valid, alloc_ready, tr_valid, tr_ready, ret_valid, ret_done, ret_miss, drop, abort, page;
  atc_entry_t         lkp_entry;
  range_t             lkp;
  xfer_t              alloc, ret, xlat_end;
  tx_item_t           tr;
  logic [31:0]        pri_alloc;
  time_t              ats_deadline;

  ep_ats #(
    .AtcSets   (AtcSets),
    .AtcWays   (AtcWays),
    .AtcLarge  (AtcLarge),
    .AtcReplace(AtcReplace),
    .IsVf      (IsVf)
  ) u_ats (
    .clk_i, .rst_ni, .now_i,
    .clear_i        (clear),
    .d3_i           (d3),
    .d3_rise_i      (d3_rise),
    .run_i          (run),
    .inv_depth_i, .inv_search_i, .xlat_pages_i, .stale_all_i,
    .timeout_i      (cpl_timeout),
    .tag_life_i     (tag_life),
    .ats_en_i       (ats_en),
    .ats_rise_i     (ats_rise),
    .ats_fall_i     (ats_fall),
    .stu_i          (stu),
    .pasid_en_i     (pasid_en),
    .dma_cfg_i      (dma_cfg),
    .ring_en_i      (ring_cfg.en),
    .marker_i       (marker),
    .cfg_req_i      (cfg_req),
    .pri_rdata_o    (pri_rdata),
    .fault_i        (fault),
    .fault_delay_i  (fault_delay),
    .fn_i, .inv_room_i, .pri_room_i,
    .inv_held_o     (inv_held),
    .pri_usable_o   (pri_usable),
    .pri_alloc_o    (pri_alloc),
    .pri_open_o     (pri_open),
    .pri_ask_o,
    .pri_evt_o,
    .inv_valid_i    (inv_valid),
    .inv_ready_o    (inv_ready),
    .inv_i          (inv),
    .inv_take_o     (inv_take),
    .handled_o      (handled),
    .match_o        (match),
    .prg_valid_i    (prg_valid),
    .prg_i          (prg),
    .cpl_valid_i    (xlat_cpl_valid),
    .cpl_i          (rx_cpl),
    .cpl_data_i     (rx_i.data[511:0]),
    .xlat_open_o    (xlat_open),
    .xlat_gen_o     (xlat_gen),
    .timeout_valid_o(xlat_timeout),
    .timeout_ready_i(timeout_ready),
    .usable_o       (ats_usable),
    .lkp_valid_i    (lkp_valid),
    .lkp_ready_o    (lkp_ready),
    .lkp_i          (lkp),
    .lkp_hit_o      (lkp_hit),
    .lkp_entry_o    (lkp_entry),
    .alloc_valid_i  (alloc_valid),
    .alloc_ready_o  (alloc_ready),
    .alloc_i        (alloc),
    .ret_valid_o    (ret_valid),
    .ret_done_i     (ret_done),
    .ret_miss_i     (ret_miss),
    .ret_o          (ret),
    .drop_o         (drop),
    .abort_o        (abort),
    .end_o          (xlat_end),
    .rd_start_i     (rd_start),
    .rd_end_i       (rd_end),
    .rd_end_colour_i(rd_end_colour),
    .colour_o       (colour),
    .tc_used_i      (tc_used),
    .atc_count_o    (atc_count),
    .page_o         (page),
    .icpl_valid_o   (icpl_valid),
    .icpl_ready_i   (icpl_ready),
    .icpl_o         (icpl),
    .tr_valid_o     (tr_valid),
    .tr_ready_i     (tr_ready),
    .tr_o           (tr),
    .np_sent_i      (np_sent),
    .np_tag_i       (np_tag),
    .quiet_o        (ats_quiet),
    .next_deadline_o(ats_deadline)
  );

  // ---------------------------------------------------------------- DMA
  // What a packet may carry and ask for: powers of two, at most MaxPayload and 256 bytes.
  logic [6:0] wr_limit, rd_limit;

  assign wr_limit = mps_dw(mps);
  assign rd_limit = (mrrs == '0) ? 7'd32 : 7'd64;

  logic       ring_valid, ring_ready, ring_quiet, status_sent, ring_irq_valid, ring_irq_ready;
  xfer_t      ring_xfer;
  end_t       ring_end [3];
  ring_data_t ring_data;

  assign ring_end[2] = '{valid: (drop || abort) && xlat_end.ring, status: drop ? EndDropped : EndAborted, own: xlat_end.own, job: xlat_end.job};

  ep_ring u_ring (
    .clk_i, .rst_ni,
    .clear_i     (clear),
    .cfg_i       (ring_cfg),
    .pasid_en_i  (pasid_en),
    .wr_limit_i  (wr_limit),
    .rd_limit_i  (rd_limit),
    .xfer_valid_o(ring_valid),
    .xfer_ready_i(ring_ready),
    .xfer_o      (ring_xfer),
    .end_i       (ring_end),
    .data_valid_i(ring_end[1].valid),
    .data_i      (rx_i.data[255:0]),
    .sent_i      (status_sent),
    .data_o      (ring_data),
    .head_o      (ring_head),
    .error_o     (ring_error),
    .irq_valid_o (ring_irq_valid),
    .irq_ready_i (ring_irq_ready),
    .quiet_o     (ring_quiet)
  );

  logic     dma_valid, dma_ready, wr_done, rd_done, rd_abort, dma_quiet;
  tx_item_t dma;
  time_t    dma_deadline;

  ep_dma #(.Index(Index)) u_dma (
    .clk_i, .rst_ni, .now_i,
    .clear_i        (clear),
    .cfg_i          (dma_cfg),
    .pasid_en_i     (pasid_en),
    .wr_limit_i     (wr_limit),
    .rd_limit_i     (rd_limit),
    .run_i          (run),
    .ats_usable_i   (ats_usable),
    .life_i         (tag_life),
    .early_i        (fault.early),
    .rogue_i        (fault.rogue),
    .delay_i        (fault_delay),
    .timeout_i      (cpl_timeout),
    .ring_valid_i   (ring_valid),
    .ring_ready_o   (ring_ready),
    .ring_i         (ring_xfer),
    .ring_wr_end_o  (ring_end[0]),
    .ring_rd_end_o  (ring_end[1]),
    .lkp_valid_o    (lkp_valid),
    .lkp_ready_i    (lkp_ready),
    .lkp_o          (lkp),
    .lkp_hit_i      (lkp_hit),
    .lkp_entry_i    (lkp_entry),
    .alloc_valid_o  (alloc_valid),
    .alloc_ready_i  (alloc_ready),
    .alloc_o        (alloc),
    .ret_valid_i    (ret_valid),
    .ret_done_o     (ret_done),
    .ret_miss_o     (ret_miss),
    .ret_i          (ret),
    .tx_valid_o     (dma_valid),
    .tx_ready_i     (dma_ready),
    .tx_o           (dma),
    .cpl_valid_i    (rd_cpl_valid),
    .cpl_idx_i      (rd_idx_t'(rx_cpl.tag)),
    .cpl_i          (rx_cpl),
    .rd_busy_o      (rd_busy),
    .rd_gen_o       (rd_gen),
    .sent_valid_i   (np_sent),
    .sent_tag_i     (np_tag),
    .late_valid_o   (rd_timeout),
    .late_ready_i   (timeout_ready && !xlat_timeout),
    .rd_start_o     (rd_start),
    .colour_i       (colour),
    .rd_end_o       (rd_end),
    .rd_end_colour_o(rd_end_colour),
    .tc_used_o      (tc_used),
    .wr_done_o      (wr_done),
    .rd_done_o      (rd_done),
    .rd_abort_o     (rd_abort),
    .quiet_o        (dma_quiet),
    .next_deadline_o(dma_deadline)
  );

  assign inc = '{done: 2'(wr_done) + 2'(rd_done), dropped: drop && !xlat_end.own, aborted: 2'(abort && !xlat_end.own) + 2'(rd_abort),
                 inv: inv_take, page: page};

  // ---------------------------------------------------------------- interrupts
  logic     msi_test, msi_req_ready, msi_valid, msi_ready, msi_quiet;
  tx_item_t msi;
  cfg_req_t bar2_req;

  always_comb begin
    bar2_req = '0;
    if (bar2_valid) begin
      bar2_req.wr     = acc_write;
      bar2_req.rd     = !acc_write;
      bar2_req.offset = {acc_addr[11:2], 2'b00};
      bar2_req.data   = acc_data;
      bar2_req.mask   = {{8{acc_be[3]}}, {8{acc_be[2]}}, {8{acc_be[1]}}, {8{acc_be[0]}}};
    end
  end

  assign msi_test       = fault_wr && (wr_addr == MSI_TEST_OFFSET);
  assign ring_irq_ready = msi_req_ready && !msi_test;

  ep_msi #(.HasMsix(!IsVf)) u_msi (
    .clk_i, .rst_ni,
    .clear_i         (clear),
    .cfg_i           (cfg_req),
    .rdata_o         (msi_rdata),
    .bar_i           (bar2_req),
    .bar_rdata_o     (bar2_rdata),
    .msi_req_valid_i (msi_test || ring_irq_valid),
    .msi_req_ready_o (msi_req_ready),
    .msi_req_vector_i(msi_test ? wr_data[2:0] : ring_cfg.irq_vec[2:0]),
    .may_send_i      (bme && !flr_stop && !d3),
    .tx_valid_o      (msi_valid),
    .tx_ready_i      (msi_ready),
    .tx_o            (msi),
    .quiet_o         (msi_quiet)
  );

  // ---------------------------------------------------------------- egress
  logic tx_quiet;

  ep_tx #(.Index(Index)) u_tx (
    .clk_i, .rst_ni, .bdf_i,
    .fault_i       (egress_fault),
    .ring_data_i   (ring_data),
    .clear_i       (flr_begin || fn_i.absent),
    .cpl_valid_i   (cpl_valid),
    .cpl_ready_o   (cpl_ready),
    .cpl_i         (cpl),
    .inv_valid_i   (icpl_valid),
    .inv_ready_o   (icpl_ready),
    .inv_i         (icpl),
    .msg_valid_i   (msg_valid && !d3),
    .msg_ready_o   (msg_ready),
    .msg_i         (msg),
    .msi_valid_i   (msi_valid),
    .msi_ready_o   (msi_ready),
    .msi_i         (msi),
    .xlat_valid_i  (tr_valid),
    .xlat_ready_o  (tr_ready),
    .xlat_i        (tr),
    .dma_valid_i   (dma_valid),
    .dma_ready_o   (dma_ready),
    .dma_i         (dma),
    .tx_valid_o, .tx_ready_i, .tx_o, .tx_class_ready_i,
    .np_sent_o     (np_sent),
    .np_tag_o      (np_tag),
    .status_sent_o (status_sent),
    .flr_answered_o(flr_answered),
    .quiet_o       (tx_quiet)
  );

  // ---------------------------------------------------------------- quiet (D21)
  // Held in reset (clear), the blocks cannot change whatever they say.
  logic blocks_quiet;
  assign blocks_quiet = ats_quiet && dma_quiet && ring_quiet && msi_quiet;
  assign quiet_o = !(rx_valid_i && rx_ready_o) && tx_quiet && flr_quiet && fault_quiet && cfg_quiet
                && (flr_active || fn_i.absent || blocks_quiet);

  assign next_deadline_o = earlier(earlier(flr_deadline, fault_deadline),
                                   (flr_active || fn_i.absent) ? NoDeadline : earlier(ats_deadline, dma_deadline));

  // ---------------------------------------------------------------- towards the other functions of the device
  if (Several) begin : gen_claims
    logic [63:0] addr;
    assign addr     = tlp_mem_addr(rx_i);
    assign claims_o = mem_en && ((addr[63:16] == {32'd0, bar}) || ((addr[63:12] == bar2) && (bar2 != '0)));
  end else begin : gen_all
    assign claims_o = 1'b1;
  end

  pf_cfg_t pf;
  assign pf = '{mem_en: vf.mem_en, bar: vf.bar, pasid_en: pasid_en, pasid_exec: pasid_exec, pasid_priv: pasid_priv, stu: stu, ext_tag: ext_tag, mps: mps, mrrs: mrrs,
                cto_value: cto_value, cto_dis: cto_dis};
  assign fn_o = '{inv_held: inv_held, pf: IsVf ? '0 : pf, vf: vf, pri_usable: pri_usable, pri_alloc: pri_alloc,
                  pri_open: pri_open};

endmodule
