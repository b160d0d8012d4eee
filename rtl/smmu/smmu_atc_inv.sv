// SPDX-License-Identifier: Apache-2.0
//
// CMD_ATC_INV: gives each command a tag and a deadline, sends it as an Invalidate Request through the port of its
// device, and follows it to its end (smmuv3 sections 2.1 and 3.1, pcie-ats section 3; D1, D4 to D7).
//
// A command is consumed (cmd_ready_o)
//   at once, without a request   StreamID above 16 bits: no effect. No endpoint at that StreamID: retired as local
//                                UR, without error. Every tag that its queue could get is quarantined: refused, the
//                                queue's time-out flag is set (D1).
//   with a tag, request queued   otherwise, as soon as the device is below INV_LIMIT, has a free tag for the queue and
//                                room in its pending queue; until then it waits, and `stat_o.stall` says for what.
// Guarantees: one command a cycle, sustained, while tags and credits last. The deadline of a request runs from the
// cycle of consumption. A request that waits for credit sits in its device's pending queue, never at the head of
// the command queue. So every command is consumed within timeout_i + 1 cycles, whatever the devices do: what it waits
// for is a pending tag, and each of them was allocated before it and ends within timeout_i. If software releases
// quarantined tags just then, their return to the free list comes on top, one a cycle: timeout_i + 2 + entries.
// A request that expires before it is sent is cancelled: req_valid_o[i] then falls without a transfer. Requests of a
// device leave in the order of consumption.
// Several queues (D7): a command that waits lets those of other queues pass; one tag of each device is reserved for each
// queue; a command that has waited timeout_i is refused (smmu_inv_admit), so the bound is timeout_i + NumQueues.
// Does not check the STE (pcie-ats section 3.2, smmuv3 section 2.1), nor SMMUEN (the dispatcher's business).
// INV_LIMIT 0 acts as 32 (the coding of the ATS capability), so that no value blocks. Quarantined tags do not
// count against it. quar_interval_i 0 acts as timeout_i.
//
// Latency: command accepted -> req_valid_o 1 cycle; req, cpl, ur -> idle_o and timed_out_o 1 cycle.
module smmu_atc_inv
  import atc_time_pkg::*;
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp          = 4,            // 1..16
  parameter int unsigned NumFn          = 1,   // functions of a device (smmu_dev_map)
  parameter int unsigned FirstBus       = 1,
  parameter int unsigned NumTags        = 32,           // 1..32
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumQueues      = 1,            // at most NumTags
  localparam int unsigned QW = (NumQueues > 1) ? $clog2(NumQueues) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  time_t                 now_i,
  input  time_t                 timeout_i,
  input  time_t                 quar_interval_i,
  input  logic [NumEp-1:0][5:0] inv_limit_i,
  input  logic [NumQueues-1:0]  cmd_valid_i,            // one stream for each command queue
  output logic [NumQueues-1:0]  cmd_ready_o,
  input  atc_inv_cmd_t [NumQueues-1:0] cmd_i,
  output logic [NumEp-1:0]      req_valid_o,
  input  logic [NumEp-1:0]      req_ready_i,
  output inv_req_t [NumEp-1:0]  req_o,
  input  logic                  cpl_valid_i,
  input  inv_cpl_t              cpl_i,
  input  logic                  ur_valid_i,
  input  inv_ur_t               ur_i,
  input  logic [NumEp-1:0]      quar_release_i,
  output logic [NumEp-1:0][5:0] quar_busy_o,
  output logic                  stray_valid_o,
  output stray_cause_e          stray_cause_o,
  output logic [5:0]            stray_count_o,
  output logic [NumQueues-1:0]  idle_o,
  output logic [NumQueues-1:0]  timed_out_o,
  input  logic [NumQueues-1:0]  timed_out_clear_i,
  output inv_stat_t             stat_o,                 // for counters
  output logic [NumEp-1:0]      expired_o,              // an invalidation of the device times out in this cycle (D16)
  output logic                  quiet_o,
  output time_t                 next_deadline_o
);

  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1;

  logic                           refuse, alloc, expired, tracker_quiet, admit_quiet;
  logic [NumQueues-1:0]           ask_avail, ask_quar;
  logic [NumQueues-1:0][5:0]      ask_pending;
  logic [NumQueues-1:0][DevW-1:0] ask_dev;
  logic [NumQueues-1:0][31:0]     cmd_sid;
  logic [QW-1:0]                  qid;
  atc_inv_cmd_t                   cmd;           // of queue qid
  logic [DevW-1:0]                dev;
  logic [4:0]                     itag;
  logic [5:0]                     ended;
  logic [9:0]                     busy;
  logic [63:0]                    payload;
  logic [NumEp-1:0]               pend_ready, cancel;
  logic [NumEp-1:0][4:0]          req_itag;
  itag_stall_e [NumQueues-1:0]    stall;
  itag_stall_e                    stall_now;
  time_t                          tracker_deadline, admit_deadline;

  for (genvar q = 0; q < NumQueues; q++) begin : gen_sid
    assign cmd_sid[q] = cmd_i[q].sid;
  end

  smmu_inv_admit #(
    .NumEp    (NumEp),
    .NumFn    (NumFn),
    .FirstBus (FirstBus),
    .NumQueues(NumQueues)
  ) u_admit (
    .clk_i,
    .rst_ni,
    .now_i,
    .timeout_i,
    .inv_limit_i,
    .cmd_valid_i,
    .cmd_ready_o,
    .cmd_sid_i      (cmd_sid),
    .ask_dev_o      (ask_dev),
    .ask_avail_i    (ask_avail),
    .ask_quar_i     (ask_quar),
    .ask_pending_i  (ask_pending),
    .pend_ready_i   (pend_ready),
    .qid_o          (qid),
    .alloc_o        (alloc),
    .refuse_o       (refuse),
    .stall_o        (stall),
    .quiet_o        (admit_quiet),
    .next_deadline_o(admit_deadline)
  );

  assign cmd = cmd_i[qid];
  assign dev = ask_dev[qid];

  logic unused_sid;
  assign unused_sid = ^cmd.sid;

  smmu_atc_payload u_payload (
    .page_i   (cmd.page),
    .size_i   (cmd.size),
    .global_i (cmd.g),
    .ssv_i    (cmd.ssv),
    .payload_o(payload)
  );

  always_comb begin
    stall_now = StallNone;
    for (int unsigned q = 0; q < NumQueues; q++) if (stall_now == StallNone) stall_now = stall[q];
  end

  assign stat_o = '{stall:     stall_now,
                    sent:      5'($countones(req_valid_o & req_ready_i)),
                    completed: ended,
                    timed_out: expired,
                    refused:   refuse,
                    busy:      busy};

  smmu_itag_tracker #(
    .NumEp         (NumEp),
    .NumFn         (NumFn),
    .FirstBus      (FirstBus),
    .NumTags       (NumTags),
    .TagScopeGlobal(TagScopeGlobal),
    .NumQueues     (NumQueues)
  ) u_tracker (
    .clk_i,
    .rst_ni,
    .now_i,
    .timeout_i,
    .quar_interval_i ((quar_interval_i == '0) ? timeout_i : quar_interval_i),
    .ask_dev_i       (ask_dev),
    .ask_avail_o     (ask_avail),
    .ask_quar_o      (ask_quar),
    .ask_pending_o   (ask_pending),
    .alloc_valid_i   (alloc),
    .alloc_refuse_i  (refuse),
    .alloc_qid_i     (qid),
    .alloc_itag_o    (itag),
    .sent_valid_i    (req_valid_o & req_ready_i),
    .sent_itag_i     (req_itag),
    .cpl_valid_i,
    .cpl_i,
    .ur_valid_i,
    .ur_i,
    .cancel_o        (cancel),
    .quar_release_i,
    .quar_busy_o,
    .stray_valid_o,
    .stray_cause_o,
    .stray_count_o,
    .idle_o,
    .timed_out_o,
    .timed_out_clear_i,
    .busy_o          (busy),
    .ended_o         (ended),
    .expired_o       (expired),
    .expired_dev_o   (expired_o),
    .quiet_o         (tracker_quiet),
    .next_deadline_o (tracker_deadline)
  );

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    smmu_inv_pending #(
      .Depth(NumTags),
      .Rid  ({8'(i / NumFn + FirstBus), 8'(i % NumFn)})
    ) u_pending (
      .clk_i,
      .rst_ni,
      .in_valid_i  (alloc && (dev == DevW'(i))),
      .in_ready_o  (pend_ready[i]),
      .in_itag_i   (itag),
      .in_ssv_i    (cmd.ssv),
      .in_ssid_i   (cmd.ssid),
      .in_payload_i(payload),
      .cancel_i    (cancel[i]),
      .req_valid_o (req_valid_o[i]),
      .req_ready_i (req_ready_i[i]),
      .req_o       (req_o[i])
    );
    assign req_itag[i] = req_o[i].itag;
  end

  // A command that is consumed without effect changes nothing here, yet its source sees it go (admit_quiet).
  assign quiet_o         = tracker_quiet && admit_quiet;
  assign next_deadline_o = earlier(tracker_deadline, admit_deadline);

endmodule
