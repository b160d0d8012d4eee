// SPDX-License-Identifier: Apache-2.0
//
// The SMMU: registers, command queue, translation, ATC invalidation, event queue, interrupts, and one AXI4 port to
// memory. Ports as in doc/interfaces.md; wiring only.
//
// Guarantees (the parts' headers have the details): commands are executed in order, one a cycle; a SYNC is readable in
// CONS only when everything before it is complete (smmuv3 §2.2); a timed-out ATC invalidation fails the next SYNC
// (§3.1); entries are read again from memory after an error.
// Does NOT: Secure state.
// Latency, the queue idle and memory latency L: CMDQ_PROD write to AR 2 cycles; R to the unit's valid 2 cycles. SYNC at
// the head with nothing outstanding: CONS 2 cycles later, its MSI's AW and W 3. Last time-out known to the tracker
// (`timed_out_o` rises) with a SYNC waiting: GERROR and CONS.ERR 1 cycle, irq_gerror_o 2 cycles.
module smmu_top
  import atc_time_pkg::*;
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp          = 4,   // functions of all devices, 1..16
  parameter int unsigned NumFn          = 1,   // functions of a device (smmu_dev_map)
  parameter int unsigned FirstBus       = 1,
  parameter int unsigned NumTags        = 32,  // ITags per function
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumEcmdq       = 0,   // enhanced command queues: 0 or a power of two, at most 8
  parameter int unsigned CmdPrefetch    = 64   // commands read ahead: one a cycle up to a memory latency of 50
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  time_t                 now_i,
  input  time_t                 step_i,
  input  logic                  sync_err_first_i,  // D2: 0 = drained, 1 = first
  input  logic [3:0]            sync_rereport_i,   // D3

  // AXI4-Lite slave: the register window of 512 KiB
  input  logic [18:0]           reg_awaddr_i,
  input  logic                  reg_awvalid_i,
  output logic                  reg_awready_o,
  input  logic [63:0]           reg_wdata_i,
  input  logic [7:0]            reg_wstrb_i,
  input  logic                  reg_wvalid_i,
  output logic                  reg_wready_o,
  output logic [1:0]            reg_bresp_o,
  output logic                  reg_bvalid_o,
  input  logic                  reg_bready_i,
  input  logic [18:0]           reg_araddr_i,
  input  logic                  reg_arvalid_i,
  output logic                  reg_arready_o,
  output logic [63:0]           reg_rdata_o,
  output logic [1:0]            reg_rresp_o,
  output logic                  reg_rvalid_o,
  input  logic                  reg_rready_i,

  // AXI4 master: commands, tables, events, MSIs; 16-byte beats, INCR
  output logic [3:0]            tcu_arid_o,
  output logic [PaW-1:0]        tcu_araddr_o,
  output logic [7:0]            tcu_arlen_o,
  output logic                  tcu_arvalid_o,
  input  logic                  tcu_arready_i,
  input  logic [3:0]            tcu_rid_i,
  input  logic [127:0]          tcu_rdata_i,
  input  logic [1:0]            tcu_rresp_i,
  input  logic                  tcu_rlast_i,
  input  logic                  tcu_rvalid_i,
  output logic                  tcu_rready_o,
  output logic [3:0]            tcu_awid_o,
  output logic [PaW-1:0]        tcu_awaddr_o,
  output logic [7:0]            tcu_awlen_o,
  output logic                  tcu_awvalid_o,
  input  logic                  tcu_awready_i,
  output logic [127:0]          tcu_wdata_o,
  output logic [15:0]           tcu_wstrb_o,
  output logic                  tcu_wlast_o,
  output logic                  tcu_wvalid_o,
  input  logic                  tcu_wready_i,
  input  logic [3:0]            tcu_bid_i,
  input  logic [1:0]            tcu_bresp_i,
  input  logic                  tcu_bvalid_i,
  output logic                  tcu_bready_o,

  // Root complex: ATC invalidation
  output logic [NumEp-1:0]      inv_req_valid_o,
  input  logic [NumEp-1:0]      inv_req_ready_i,
  output inv_req_t [NumEp-1:0]  inv_req_o,
  input  logic                  inv_cpl_valid_i,
  input  inv_cpl_t              inv_cpl_i,
  input  logic                  inv_ur_valid_i,
  input  inv_ur_t               inv_ur_i,

  // Root complex: device transactions
  input  logic                  tbu_req_valid_i,
  output logic                  tbu_req_ready_o,
  input  tbu_req_t              tbu_req_i,
  output logic                  tbu_rsp_valid_o,
  input  logic                  tbu_rsp_ready_i,
  output tbu_rsp_t              tbu_rsp_o,
  input  txn_done_t [NumTxnDone-1:0] txn_done_i,
  output logic [NumEp-1:0]           inv_timeout_o,   // an invalidation of the device times out in this cycle (D16)

  // Root complex: page requests
  input  logic                  pri_req_valid_i,
  output logic                  pri_req_ready_o,
  input  pri_req_t              pri_req_i,
  output logic                  prg_rsp_valid_o,
  input  logic                  prg_rsp_ready_i,
  output prg_rsp_t              prg_rsp_o,

  // Wired interrupts: one-cycle pulses
  output logic                  irq_gerror_o,
  output logic                  irq_evtq_o,
  output logic                  irq_priq_o,
  output logic                  irq_sync_o,
  output logic                  irq_pmcg_o,
  output logic                  sev_o,             // wake-up event: one-cycle pulse

  output logic                  quiet_o,
  output time_t                 next_deadline_o
);

  localparam smmu_id_t    Id        = smmu_id(NumEcmdq);
  localparam int unsigned NumQueues = 1 + NumEcmdq;       // command queues: 0 is CMDQ, n is ECMDQ n - 1
  localparam int unsigned NumWalk   = 4;                  // resolvers of smmu_xlat, a memory port each
  localparam int unsigned NumRead   = NumQueues + NumWalk;
  localparam int unsigned NumSrc    = NumIrq + NumEcmdq;  // interrupts: those of smmu_pkg, then SYNC of each ECMDQ
  localparam logic [NumSrc-1:0] SyncSrc = ~NumSrc'((1 << NumIrq) - 1) | NumSrc'(1 << IrqSync);

  // ---------------------------------------------------------------- registers
  queue_t [NumQueues-1:0] cmdq;
  queue_t                evtq, priq;
  xlat_cfg_t             xlat_cfg;
  logic [NumQueues-1:0]  cmdq_err, consume, cmd_error, cmd_idle;
  logic [NumQueues-1:0][6:0] cmd_error_code;
  logic                  evtq_overflowed, evtq_abt_err, evtq_busy, evtq_advance, evtq_overflow, evtq_abort, evtq_irq;
  logic                  priq_overflowed, priq_abt_err, priq_irq_last, priq_busy, priq_advance, priq_overflow, priq_abort,
                         priq_irq;
  logic [NumSrc-1:0]     irq_on, irq_wire, msi_trig, msi_busy, msi_abort;
  msi_t [NumSrc-1:0]     msi;
  logic [NumSrc-1:0]     irq_on_regs;
  logic                  gerror_irq, pmcg_irq, pmcg_irq_on;
  reg_wr_t               ext_wr;
  logic [18:3]           ext_rd_addr;
  logic [63:0]           pmcg_rd_data;
  time_t                 timeout, quar_interval;
  logic [NumEp-1:0][5:0] inv_limit, quar_busy;
  logic [NumEp-1:0]      quar_release;
  logic                  stray_valid;
  stray_cause_e          stray_cause;
  logic [5:0]            stray_count;
  logic [NumQueues:0]    drain_req, drain_done_to;   // {registers, SYNCs}
  logic                  drain_start, drain_done;
  logic                  quiet_regs, quiet_cmdqs, quiet_share, quiet_xlat, quiet_inv,
                         quiet_evtq, quiet_priq, quiet_pmcg, quiet_irq, quiet_msi, quiet_rd, quiet_wr;

  // ---------------------------------------------------------------- clocks of what may be idle
  // Who follows the registers (monitors of PROD and CONS, too) runs with them.
  logic  clk_regs, clk_cmdqs, clk_inv, clk_share, clk_xlat, clk_out, clk_rd, clk_pmcg, pmcg_counting;
  time_t inv_deadline, now_inv;

  clk_gate u_regs_gate (.clk_i, .idle_i (quiet_regs), .clk_o (clk_regs));
  clk_gate u_cmdqs_gate (.clk_i, .idle_i (quiet_cmdqs && quiet_regs), .clk_o (clk_cmdqs));
  clk_gate u_inv_gate (.clk_i, .idle_i (quiet_inv && now_inv < inv_deadline), .clk_o (clk_inv));
  time_gate u_inv_time_gate (.now_i, .quiet_i (quiet_inv), .deadline_i (inv_deadline), .now_o (now_inv));
  clk_gate u_share_gate (.clk_i, .idle_i (quiet_share), .clk_o (clk_share));
  clk_gate u_xlat_gate (.clk_i, .idle_i (quiet_xlat), .clk_o (clk_xlat));
  clk_gate u_out_gate (
    .clk_i, .idle_i (quiet_evtq && quiet_priq && quiet_irq && quiet_msi && quiet_wr && quiet_regs), .clk_o (clk_out)
  );
  clk_gate u_rd_gate (.clk_i, .idle_i (quiet_rd), .clk_o (clk_rd));
  clk_gate u_pmcg_gate (.clk_i, .idle_i (quiet_pmcg && !pmcg_counting), .clk_o (clk_pmcg));

  smmu_regs #(.NumEp (NumEp), .NumEcmdq (NumEcmdq), .Id (Id)) u_regs (
    .clk_i (clk_regs), .rst_ni,
    .reg_awaddr_i, .reg_awvalid_i, .reg_awready_o, .reg_wdata_i, .reg_wstrb_i, .reg_wvalid_i, .reg_wready_o,
    .reg_bresp_o, .reg_bvalid_o, .reg_bready_i, .reg_araddr_i, .reg_arvalid_i, .reg_arready_o, .reg_rdata_o,
    .reg_rresp_o, .reg_rvalid_o, .reg_rready_i,
    .cmdq_o            (cmdq),
    .cmdq_err_o        (cmdq_err),
    .cmdq_idle_i       (cmd_idle),
    .cmd_consume_i     (consume),
    .cmd_error_i       (cmd_error),
    .cmd_error_code_i  (cmd_error_code),
    .evtq_o            (evtq),
    .evtq_overflowed_o (evtq_overflowed),
    .evtq_abt_err_o    (evtq_abt_err),
    .evtq_idle_i       (!evtq_busy),
    .evtq_advance_i    (evtq_advance),
    .evtq_overflow_i   (evtq_overflow),
    .evtq_abort_i      (evtq_abort),
    .priq_o            (priq),
    .priq_overflowed_o (priq_overflowed),
    .priq_abt_err_o    (priq_abt_err),
    .priq_irq_last_o   (priq_irq_last),
    .priq_idle_i       (!priq_busy),
    .priq_advance_i    (priq_advance),
    .priq_overflow_i   (priq_overflow),
    .priq_abort_i      (priq_abort),
    .xlat_cfg_o        (xlat_cfg),
    .drain_req_o       (drain_req[NumQueues]),
    .drain_done_i      (drain_done_to[NumQueues]),
    .irq_on_o          (irq_on_regs),
    .gerror_msi_o      (msi[IrqGerror]),
    .evtq_msi_o        (msi[IrqEvtq]),
    .priq_msi_o        (msi[IrqPriq]),
    .gerror_irq_o      (gerror_irq),
    .irq_busy_i        (msi_busy),
    .msi_abort_i       (msi_abort),
    .ext_wr_o          (ext_wr),
    .ext_rd_addr_o     (ext_rd_addr),
    .ext_rd_data_i     (pmcg_rd_data),
    .timeout_o         (timeout),
    .quar_interval_o   (quar_interval),
    .inv_limit_o       (inv_limit),
    .quar_release_o    (quar_release),
    .quar_busy_i       (quar_busy),
    .stray_valid_i     (stray_valid),
    .stray_cause_i     (stray_cause),
    .stray_count_i     (stray_count),
    .quiet_o           (quiet_regs)
  );

  // ---------------------------------------------------------------- commands
  logic [NumQueues-1:0]     cmd_req_valid, cmd_req_ready, cmd_rsp_valid;
  logic [NumWalk-1:0]       walk_req_valid, walk_req_ready, walk_rsp_valid;
  mrd_req_t [NumQueues-1:0] cmd_req;
  mrd_req_t [NumWalk-1:0]   walk_req;
  mrd_rsp_t                 mrd_rsp;
  logic                     cfgi_valid, cfgi_ready, tlbi_valid, tlbi_ready;
  logic [NumQueues-1:0]     atc_valid, atc_ready;
  cfgi_cmd_t                cfgi;
  tlbi_cmd_t                tlbi;
  atc_inv_cmd_t [NumQueues-1:0] atc;
  logic                     stall_valid, stall_ready, prir_valid, prir_ready;
  stall_cmd_t               stall;
  pri_rsp_cmd_t             prir;
  logic [NumQueues-1:0]     sync_irq, sync_msi_busy, atc_idle, atc_timed_out, atc_clear, evt_mark, evt_done;
  msi_t [NumQueues-1:0]     sync_msi;
  logic                     sync_sev, inval_idle, evt_idle;
  inv_stat_t                inv_stat;
  time_t                    pmcg_deadline;


  smmu_cmdqs #(.Id (Id), .NumQueues (NumQueues), .Prefetch (CmdPrefetch)) u_cmdqs (
    .clk_i (clk_cmdqs), .rst_ni,
    .smmuen_i        (xlat_cfg.smmuen),
    .err_first_i     (sync_err_first_i),
    .rereport_i      (sync_rereport_i),
    .queue_i         (cmdq),
    .mrd_req_valid_o (cmd_req_valid),
    .mrd_req_ready_i (cmd_req_ready),
    .mrd_req_o       (cmd_req),
    .mrd_rsp_valid_i (cmd_rsp_valid),
    .mrd_rsp_i       (mrd_rsp),
    .cfgi_valid_o    (cfgi_valid),
    .cfgi_ready_i    (cfgi_ready),
    .cfgi_o          (cfgi),
    .tlbi_valid_o    (tlbi_valid),
    .tlbi_ready_i    (tlbi_ready),
    .tlbi_o          (tlbi),
    .atc_valid_o     (atc_valid),
    .atc_ready_i     (atc_ready),
    .atc_o           (atc),
    .stall_valid_o   (stall_valid),
    .stall_ready_i   (stall_ready),
    .stall_o         (stall),
    .prir_valid_o    (prir_valid),
    .prir_ready_i    (prir_ready),
    .prir_o          (prir),
    .sync_irq_o      (sync_irq),
    .sync_sev_o      (sync_sev),
    .sync_msi_o      (sync_msi),
    .inval_idle_i    (inval_idle),
    .drain_req_o     (drain_req[NumQueues-1:0]),
    .drain_done_i    (drain_done_to[NumQueues-1:0]),
    .evt_mark_o      (evt_mark),
    .evt_idle_i      (evt_idle),
    .evt_done_i      (evt_done),
    .atc_idle_i      (atc_idle),
    .atc_timed_out_i (atc_timed_out),
    .atc_clear_o     (atc_clear),
    .msi_busy_i      (sync_msi_busy),
    .consume_o       (consume),
    .error_o         (cmd_error),
    .error_code_o    (cmd_error_code),
    .idle_o          (cmd_idle),
    .quiet_o         (quiet_cmdqs)
  );

  smmu_drain_share #(.NumReq (NumQueues + 1)) u_drain_share (
    .clk_i (clk_share), .rst_ni,
    .req_i         (drain_req),
    .done_o        (drain_done_to),
    .drain_start_o (drain_start),
    .drain_done_i  (drain_done),
    .quiet_o       (quiet_share)
  );

  smmu_atc_inv #(
    .NumEp          (NumEp),
    .NumFn          (NumFn),
    .FirstBus       (FirstBus),
    .NumTags        (NumTags),
    .TagScopeGlobal (TagScopeGlobal),
    .NumQueues      (NumQueues)
  ) u_atc_inv (
    .clk_i (clk_inv), .rst_ni, .now_i (now_inv),
    .timeout_i         (timeout),
    .quar_interval_i   (quar_interval),
    .inv_limit_i       (inv_limit),
    .cmd_valid_i       (atc_valid),
    .cmd_ready_o       (atc_ready),
    .cmd_i             (atc),
    .req_valid_o       (inv_req_valid_o),
    .req_ready_i       (inv_req_ready_i),
    .req_o             (inv_req_o),
    .cpl_valid_i       (inv_cpl_valid_i),
    .cpl_i             (inv_cpl_i),
    .ur_valid_i        (inv_ur_valid_i),
    .ur_i              (inv_ur_i),
    .quar_release_i    (quar_release),
    .quar_busy_o       (quar_busy),
    .stray_valid_o     (stray_valid),
    .stray_cause_o     (stray_cause),
    .stray_count_o     (stray_count),
    .idle_o            (atc_idle),
    .timed_out_o       (atc_timed_out),
    .timed_out_clear_i (atc_clear),
    .stat_o            (inv_stat),
    .expired_o         (inv_timeout_o),
    .quiet_o           (quiet_inv),
    .next_deadline_o   (inv_deadline)
  );

  // ---------------------------------------------------------------- translation
  logic         evt_valid, evt_ready;
  logic [255:0] evt;

  xlat_stat_t xlat_stat;

  smmu_xlat #(.NumEp (NumEp), .NumWalk (NumWalk)) u_xlat (
    .clk_i (clk_xlat), .rst_ni,
    .cfg_i           (xlat_cfg),
    .cfgi_valid_i    (cfgi_valid),
    .cfgi_ready_o    (cfgi_ready),
    .cfgi_i          (cfgi),
    .tlbi_valid_i    (tlbi_valid),
    .tlbi_ready_o    (tlbi_ready),
    .tlbi_i          (tlbi),
    .stall_valid_i   (stall_valid),
    .stall_ready_o   (stall_ready),
    .stall_i         (stall),
    .inval_idle_o    (inval_idle),
    .drain_start_i   (drain_start),
    .drain_done_o    (drain_done),
    .tbu_req_valid_i, .tbu_req_ready_o, .tbu_req_i, .tbu_rsp_valid_o, .tbu_rsp_ready_i, .tbu_rsp_o, .txn_done_i,
    .mrd_req_valid_o (walk_req_valid),
    .mrd_req_ready_i (walk_req_ready),
    .mrd_req_o       (walk_req),
    .mrd_rsp_valid_i (walk_rsp_valid),
    .mrd_rsp_i       (mrd_rsp),
    .evt_valid_o     (evt_valid),
    .evt_ready_i     (evt_ready),
    .evt_o           (evt),
    .stat_o          (xlat_stat),
    .quiet_o         (quiet_xlat)
  );

  // ---------------------------------------------------------------- events and interrupts
  logic       evt_wr_valid, evt_wr_ready, evt_wr_done, evt_wr_err;
  logic       pri_wr_valid, pri_wr_ready, pri_wr_done, pri_wr_err;
  logic       msi_wr_valid, msi_wr_ready, msi_wr_done, msi_wr_err;
  mwr_req_t   evt_wr, pri_wr, msi_wr;
  logic [3:0] msi_wr_tag, msi_wr_done_tag;

  smmu_evtq #(.NumMark (NumQueues)) u_evtq (
    .clk_i (clk_out), .rst_ni,
    .queue_i      (evtq),
    .overflowed_i (evtq_overflowed),
    .abt_err_i    (evtq_abt_err),
    .evt_valid_i  (evt_valid),
    .evt_ready_o  (evt_ready),
    .evt_i        (evt),
    .wr_valid_o   (evt_wr_valid),
    .wr_ready_i   (evt_wr_ready),
    .wr_o         (evt_wr),
    .wr_done_i    (evt_wr_done),
    .wr_err_i     (evt_wr_err),
    .advance_o    (evtq_advance),
    .overflow_o   (evtq_overflow),
    .abort_o      (evtq_abort),
    .irq_o        (evtq_irq),
    .mark_i       (evt_mark),
    .mark_done_o  (evt_done),
    .idle_o       (evt_idle),
    .busy_o       (evtq_busy),
    .quiet_o      (quiet_evtq)
  );

  smmu_priq u_priq (
    .clk_i (clk_out), .rst_ni,
    .queue_i      (priq),
    .smmuen_i     (xlat_cfg.smmuen),
    .overflowed_i (priq_overflowed),
    .abt_err_i    (priq_abt_err),
    .last_only_i  (priq_irq_last),
    .pri_req_valid_i, .pri_req_ready_o, .pri_req_i,
    .prir_valid_i (prir_valid),
    .prir_ready_o (prir_ready),
    .prir_i       (prir),
    .prg_rsp_valid_o, .prg_rsp_ready_i, .prg_rsp_o,
    .wr_valid_o   (pri_wr_valid),
    .wr_ready_i   (pri_wr_ready),
    .wr_o         (pri_wr),
    .wr_done_i    (pri_wr_done),
    .wr_err_i     (pri_wr_err),
    .advance_o    (priq_advance),
    .overflow_o   (priq_overflow),
    .abort_o      (priq_abort),
    .irq_o        (priq_irq),
    .busy_o       (priq_busy),
    .quiet_o      (quiet_priq)
  );

  // ---------------------------------------------------------------- counters
  logic [NumPmuEvt:0]       pmu_level;
  pmu_count_t [NumPmuEvt:0] pmu_n;
  logic                     pmcg_wr, pmcg_rd, txn;

  // The page at 0x30000 of the register window.
  assign pmcg_wr = ext_wr.valid && ext_wr.addr[18:12] == 7'h30;
  assign pmcg_rd = ext_rd_addr[18:12] == 7'h30;
  assign txn     = tbu_req_valid_i && tbu_req_ready_o;

  always_comb begin
    pmu_level               = '0;
    pmu_level[PmuItagStall] = inv_stat.stall != StallNone;
    for (int unsigned q = 0; q < NumQueues; q++) begin
      if (cmdq[q].enable && cmdq[q].prod != cmdq[q].cons) pmu_level[PmuCmdqBusy] = 1'b1;
    end
    pmu_n                   = '0;
    pmu_n[PmuTxn]           = 6'(txn && tbu_req_i.at != AtTranslationReq);
    pmu_n[PmuTlbMiss]       = 6'(xlat_stat.tlb_miss);
    pmu_n[PmuCfgMiss]       = 6'(xlat_stat.cfg_miss);
    pmu_n[PmuWalk]          = 6'(xlat_stat.walk_start);
    pmu_n[PmuAtsReq]        = 6'(txn && tbu_req_i.at == AtTranslationReq);
    pmu_n[PmuAtsTxn]        = 6'(txn && tbu_req_i.at == AtTranslated);
    pmu_n[PmuInvSent]       = 6'(inv_stat.sent);
    pmu_n[PmuInvDone]       = inv_stat.completed;
    pmu_n[PmuInvTimeout]    = 6'(inv_stat.timed_out);
    pmu_n[PmuInvRefused]    = 6'(inv_stat.refused);
    pmu_n[PmuTableRead]     = 6'($countones(walk_req_valid & walk_req_ready));
  end

  smmu_pmcg u_pmcg (
    .clk_i           (clk_pmcg),
    .rst_ni, .now_i, .step_i,
    .wr_valid_i      (pmcg_wr),
    .wr_addr_i       (ext_wr.addr[11:3]),
    .wr_half_i       (ext_wr.half),
    .wr_data_i       (ext_wr.data),
    .rd_sel_i        (pmcg_rd),
    .rd_addr_i       (ext_rd_addr[11:3]),
    .rd_data_o       (pmcg_rd_data),
    .level_i         (pmu_level),
    .n_i             (pmu_n),
    .sid_i           (tbu_req_i.sid[SidW-1:0]),
    .irq_o           (pmcg_irq),
    .irq_on_o        (pmcg_irq_on),
    .msi_o           (msi[IrqPmcg]),
    .msi_busy_i      (msi_busy[IrqPmcg]),
    .msi_abort_i     (msi_abort[IrqPmcg]),
    .counting_o      (pmcg_counting),
    .quiet_o         (quiet_pmcg),
    .next_deadline_o (pmcg_deadline)
  );

  always_comb begin
    irq_on          = irq_on_regs;
    irq_on[IrqPmcg] = pmcg_irq_on;
  end
  assign next_deadline_o = earlier(inv_deadline, pmcg_deadline);

  logic [NumSrc-1:0] irq_cond;
  always_comb begin
    irq_cond            = '0;
    irq_cond[IrqSync]   = sync_irq[0];
    irq_cond[IrqGerror] = gerror_irq;
    irq_cond[IrqEvtq]   = evtq_irq;
    irq_cond[IrqPriq]   = priq_irq;
    irq_cond[IrqPmcg]   = pmcg_irq;
    irq_sync_o          = irq_wire[IrqSync];
    for (int unsigned q = 1; q < NumQueues; q++) begin
      irq_cond[NumIrq + q - 1] = sync_irq[q];
      irq_sync_o               = irq_sync_o || irq_wire[NumIrq + q - 1];
    end
  end

  assign msi[IrqSync]     = sync_msi[0];
  assign sync_msi_busy[0] = msi_busy[IrqSync];
  for (genvar q = 1; q < NumQueues; q++) begin : gen_sync_msi
    assign msi[NumIrq + q - 1] = sync_msi[q];
    assign sync_msi_busy[q]    = msi_busy[NumIrq + q - 1];
  end

  smmu_irq #(.NumSrc (NumSrc)) u_irq (
    .clk_i (clk_out), .rst_ni,
    .cond_i     (irq_cond),
    .on_i       (irq_on),
    .msi_i      (msi),
    .msi_trig_o (msi_trig),
    .wire_o     (irq_wire),
    .sev_i      (sync_sev),
    .sev_o,
    .quiet_o    (quiet_irq)
  );
  assign irq_gerror_o = irq_wire[IrqGerror];
  assign irq_evtq_o   = irq_wire[IrqEvtq];
  assign irq_priq_o   = irq_wire[IrqPriq];
  assign irq_pmcg_o   = irq_wire[IrqPmcg];

  smmu_msi #(.NumSrc (NumSrc), .Keep (SyncSrc)) u_msi (
    .clk_i (clk_out), .rst_ni,
    .trig_i        (msi_trig),
    .msi_i         (msi),
    .wr_valid_o    (msi_wr_valid),
    .wr_ready_i    (msi_wr_ready),
    .wr_o          (msi_wr),
    .wr_tag_o      (msi_wr_tag),
    .wr_done_i     (msi_wr_done),
    .wr_done_tag_i (msi_wr_done_tag),
    .wr_err_i      (msi_wr_err),
    .busy_o        (msi_busy),
    .abort_o       (msi_abort),
    .quiet_o       (quiet_msi)
  );

  // ---------------------------------------------------------------- memory
  // AXI ID n is requester n: the command queues, then the walks.
  smmu_axi_rd #(.NumReq (NumRead)) u_axi_rd (
    .clk_i (clk_rd), .rst_ni,
    .req_valid_i      ({walk_req_valid, cmd_req_valid}),
    .req_ready_o      ({walk_req_ready, cmd_req_ready}),
    .req_i            ({walk_req, cmd_req}),
    .rsp_valid_o      ({walk_rsp_valid, cmd_rsp_valid}),
    .rsp_o            (mrd_rsp),
    .arid_o           (tcu_arid_o),
    .araddr_o         (tcu_araddr_o),
    .arlen_o          (tcu_arlen_o),
    .arvalid_o        (tcu_arvalid_o),
    .arready_i        (tcu_arready_i),
    .rid_i            (tcu_rid_i),
    .rdata_i          (tcu_rdata_i),
    .rresp_i          (tcu_rresp_i),
    .rlast_i          (tcu_rlast_i),
    .rvalid_i         (tcu_rvalid_i),
    .rready_o         (tcu_rready_o),
    .quiet_o          (quiet_rd)
  );

  smmu_axi_wr u_axi_wr (
    .clk_i (clk_out), .rst_ni,
    .evt_valid_i    (evt_wr_valid),
    .evt_ready_o    (evt_wr_ready),
    .evt_i          (evt_wr),
    .evt_done_o     (evt_wr_done),
    .evt_err_o      (evt_wr_err),
    .pri_valid_i    (pri_wr_valid),
    .pri_ready_o    (pri_wr_ready),
    .pri_i          (pri_wr),
    .pri_done_o     (pri_wr_done),
    .pri_err_o      (pri_wr_err),
    .msi_valid_i    (msi_wr_valid),
    .msi_ready_o    (msi_wr_ready),
    .msi_i          (msi_wr),
    .msi_tag_i      (msi_wr_tag),
    .msi_done_o     (msi_wr_done),
    .msi_done_tag_o (msi_wr_done_tag),
    .msi_err_o      (msi_wr_err),
    .awid_o         (tcu_awid_o),
    .awaddr_o       (tcu_awaddr_o),
    .awlen_o        (tcu_awlen_o),
    .awvalid_o      (tcu_awvalid_o),
    .awready_i      (tcu_awready_i),
    .wdata_o        (tcu_wdata_o),
    .wstrb_o        (tcu_wstrb_o),
    .wlast_o        (tcu_wlast_o),
    .wvalid_o       (tcu_wvalid_o),
    .wready_i       (tcu_wready_i),
    .bid_i          (tcu_bid_i),
    .bresp_i        (tcu_bresp_i),
    .bvalid_i       (tcu_bvalid_i),
    .bready_o       (tcu_bready_o),
    .quiet_o        (quiet_wr)
  );

  assign quiet_o = quiet_regs && quiet_cmdqs && quiet_share && quiet_xlat &&
                   quiet_inv && quiet_evtq && quiet_priq && quiet_pmcg && quiet_irq && quiet_msi && quiet_rd && quiet_wr;

  // The error state is for the monitors, the occupancy for whoever looks; requests are counted at the port.
  logic unused_signals;
  assign unused_signals = ^{inv_stat.busy, cmdq_err, xlat_stat.txn, xlat_stat.ats, xlat_stat.walk_done};

endmodule
