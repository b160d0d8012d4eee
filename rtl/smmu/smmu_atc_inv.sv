// SPDX-License-Identifier: Apache-2.0
//
// CMD_ATC_INV: gives each command a tag and a deadline, sends it as an Invalidate Request through the port of its
// device, and follows it to its end (smmuv3 sections 2.1 and 3.1, pcie-ats section 3; D1, D4 to D7).
//
// A command is consumed (cmd_ready_o)
//   at once, without a request   StreamID above 16 bits: no effect. No endpoint at that StreamID: retired as local
//                                UR, without error. Every tag of the device quarantined: refused, its queue's
//                                time-out flag is set (D1).
//   with a tag, request queued   otherwise, as soon as the device is below INV_LIMIT, has a free tag and room in
//                                its pending queue; until then it waits, and `stat_o.stall` says for what.
// Guarantees: one command a cycle, sustained, while tags and credits last. The deadline of a request runs from the
// cycle of consumption. A request that waits for credit sits in its device's pending queue, never at the head of
// the command queue. So every command is consumed within timeout_i + 1 cycles, whatever the devices do: what it waits
// for is a pending tag, and each of them was allocated before it and ends within timeout_i. If software releases
// quarantined tags just then, their return to the free list comes on top, one a cycle: timeout_i + 2 + entries.
// A request that expires before it is sent is cancelled: req_valid_o[i] then falls without a transfer. Requests of a
// device leave in the order of the commands.
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
  parameter int unsigned NumTags        = 32,           // 1..32
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumQueues      = 1,
  localparam int unsigned QW = (NumQueues > 1) ? $clog2(NumQueues) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  time_t                 now_i,
  input  time_t                 timeout_i,
  input  time_t                 quar_interval_i,
  input  logic [NumEp-1:0][5:0] inv_limit_i,
  input  logic                  cmd_valid_i,
  output logic                  cmd_ready_o,
  input  atc_inv_cmd_t          cmd_i,
  input  logic [QW-1:0]         cmd_qid_i,
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
  output logic                  quiet_o,
  output time_t                 next_deadline_o
);

  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1;

  logic                  dev_valid, known, refuse, blocked, alloc, avail, all_quar, expired, tracker_quiet;
  logic [DevW-1:0]       dev;
  logic [4:0]            itag;
  logic [5:0]            pending, limit, ended;
  logic [9:0]            busy;
  logic [63:0]           payload;
  logic [NumEp-1:0]      pend_ready, cancel;
  logic [NumEp-1:0][4:0] req_itag;
  itag_stall_e           stall, stall_now;

  smmu_dev_map #(
    .NumEp(NumEp)
  ) u_map (
    .rid_i  (cmd_i.sid[15:0]),
    .valid_o(dev_valid),
    .index_o(dev)
  );

  smmu_atc_payload u_payload (
    .page_i   (cmd_i.page),
    .size_i   (cmd_i.size),
    .global_i (cmd_i.g),
    .ssv_i    (cmd_i.ssv),
    .payload_o(payload)
  );

  // What happens to the command.
  assign known = dev_valid && (cmd_i.sid[31:16] == 16'd0);
  assign limit = (inv_limit_i[dev] == 6'd0) ? 6'd32 : inv_limit_i[dev];
  always_comb begin
    stall = StallNone;
    if (pending >= limit) stall = StallLimit;
    else if (!avail) stall = StallTag;
    else if (!pend_ready[dev]) stall = StallPending;
  end
  assign refuse      = cmd_valid_i && known && all_quar;
  assign blocked     = known && !all_quar && (stall != StallNone);
  assign alloc       = cmd_valid_i && known && !all_quar && !blocked;
  assign cmd_ready_o = !blocked;
  assign stall_now   = (cmd_valid_i && blocked) ? stall : StallNone;

  assign stat_o = '{stall:     stall_now,
                    sent:      5'($countones(req_valid_o & req_ready_i)),
                    completed: ended,
                    timed_out: expired,
                    refused:   refuse,
                    busy:      busy};

  smmu_itag_tracker #(
    .NumEp         (NumEp),
    .NumTags       (NumTags),
    .TagScopeGlobal(TagScopeGlobal),
    .NumQueues     (NumQueues)
  ) u_tracker (
    .clk_i,
    .rst_ni,
    .now_i,
    .timeout_i,
    .quar_interval_i ((quar_interval_i == '0) ? timeout_i : quar_interval_i),
    .alloc_dev_i     (dev),
    .alloc_avail_o   (avail),
    .alloc_itag_o    (itag),
    .alloc_pending_o (pending),
    .alloc_all_quar_o(all_quar),
    .alloc_valid_i   (alloc),
    .alloc_refuse_i  (refuse),
    .alloc_qid_i     (cmd_qid_i),
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
    .quiet_o         (tracker_quiet),
    .next_deadline_o
  );

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    smmu_inv_pending #(
      .Depth(NumTags),
      .Rid  ({8'(i + 1), 8'h00})
    ) u_pending (
      .clk_i,
      .rst_ni,
      .in_valid_i  (alloc && (dev == DevW'(i))),
      .in_ready_o  (pend_ready[i]),
      .in_itag_i   (itag),
      .in_ssv_i    (cmd_i.ssv),
      .in_ssid_i   (cmd_i.ssid),
      .in_payload_i(payload),
      .cancel_i    (cancel[i]),
      .req_valid_o (req_valid_o[i]),
      .req_ready_i (req_ready_i[i]),
      .req_o       (req_o[i])
    );
    assign req_itag[i] = req_o[i].itag;
  end

  // A command that is consumed without effect changes nothing here, yet its source sees it go.
  assign quiet_o = tracker_quiet && !(cmd_valid_i && cmd_ready_o);

endmodule
