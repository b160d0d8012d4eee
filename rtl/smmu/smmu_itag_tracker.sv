// SPDX-License-Identifier: Apache-2.0
//
// The ITags of all devices: allocation, completion, time-out, quarantine (D1, D4 to D7; pcie-ats sections 3.2, 4, 6).
//
// An entry is {device, ITag} in both scopes. Its states:
//   free        may be allocated
//   pending     allocated; in the time-out list; `sent` once its request has left
//   leaving     completed, or cancelled, but still linked in the time-out list: neither expires nor is allocated
//   quarantined timed out after it was sent; in the quarantine list until its late completions (all copies), a
//               software release, or the quarantine interval
//   releasing   no longer quarantined but still linked in the quarantine list
// Scope global adds: a tag number is pending or leaving for one device at a time (quarantine is still per device).
//
// Guarantees: expiry of a pending tag is exact to the cycle (timeout_list.sv), and in that cycle the last copy of a
// completion wins; a request that expires unsent is cancelled and its tag freed, not quarantined, and the time-out is
// reported all the same; a request that leaves in the cycle of its expiry counts as sent; a completion reaches only
// a tag of its own requester that was sent; allocation is least recently freed first; every tag that is not
// pending is free again after at most the quarantine interval plus one cycle per entry.
// With several queues one tag of each device (scope global: one number) is reserved for each of them (smmu_itag_share).
// Does not guarantee: that a forged completion of the same requester on a busy tag is told from a real one (D4).
//
// Latency: allocation combinational, at most one a cycle; completion -> idle_o, count 1 cycle; completion -> tag free
// 1 cycle if its entry is the oldest, else 2 or more (one entry a cycle leaves the list); expiry -> timed_out_o 1 cycle.
module smmu_itag_tracker
  import atc_time_pkg::*;
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp          = 4,
  parameter int unsigned NumFn          = 1,   // functions of a device (smmu_dev_map)
  parameter int unsigned FirstBus       = 1,
  parameter int unsigned NumTags        = 32,             // 1..32; per function, or in all with TagScopeGlobal
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumQueues      = 1,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned QW   = (NumQueues > 1) ? $clog2(NumQueues) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  time_t                 now_i,
  input  time_t                 timeout_i,
  input  time_t                 quar_interval_i,
  // Each queue asks for a device; one of them allocates (only with its ask_avail_o) or is refused.
  input  logic [NumQueues-1:0][DevW-1:0] ask_dev_i,
  output logic [NumQueues-1:0]      ask_avail_o,
  output logic [NumQueues-1:0]      ask_quar_o,           // no tag, and none can come before a quarantine ends
  output logic [NumQueues-1:0][5:0] ask_pending_o,        // tags of the device that are pending
  input  logic                  alloc_valid_i,
  input  logic                  alloc_refuse_i,           // command consumed without a tag: flags its queue
  input  logic [QW-1:0]         alloc_qid_i,
  output logic [4:0]            alloc_itag_o,             // for alloc_qid_i
  // The request of a tag leaves, at most one per device a cycle.
  input  logic [NumEp-1:0]      sent_valid_i,
  input  logic [NumEp-1:0][4:0] sent_itag_i,
  input  logic                  cpl_valid_i,
  input  inv_cpl_t              cpl_i,
  input  logic                  ur_valid_i,
  input  inv_ur_t               ur_i,
  output logic [NumEp-1:0]      cancel_o,                 // the oldest unsent request of the device has expired
  input  logic [NumEp-1:0]      quar_release_i,
  output logic [NumEp-1:0][5:0] quar_busy_o,
  output logic                  stray_valid_o,
  output stray_cause_e          stray_cause_o,
  output logic [5:0]            stray_count_o,
  output logic [NumQueues-1:0]  idle_o,
  output logic [NumQueues-1:0]  timed_out_o,
  input  logic [NumQueues-1:0]  timed_out_clear_i,
  output logic [9:0]            busy_o,                   // pending tags of all devices
  output logic [5:0]            ended_o,                  // requests that end by completion or UR in this cycle
  output logic                  expired_o,                // one reaches its deadline in this cycle
  output logic [NumEp-1:0]      expired_dev_o,            // of this device
  output logic                  quiet_o,
  output time_t                 next_deadline_o
);

  localparam int unsigned TagW    = (NumTags > 1) ? $clog2(NumTags) : 1;
  localparam int unsigned Stride  = 2 ** TagW;            // so that {device, tag} is an index without holes to compute
  localparam int unsigned NumEnt  = NumEp * Stride;
  localparam int unsigned CntW    = $clog2(NumTags + 1);
  localparam int unsigned EntW    = $clog2(NumEnt);
  localparam int unsigned MaxEnd  = 32 + 2;               // one completion message, one UR, one expiry
  localparam int unsigned EndW    = $clog2(MaxEnd + 1);

  typedef logic [NumEp-1:0][Stride-1:0] table_t;

  function automatic logic [EntW-1:0] entry(logic [DevW-1:0] dev, logic [TagW-1:0] tag);
    return EntW'({dev, tag});
  endfunction

  table_t            pending, quar, linked, quar_linked, sent_q, sent_d;
  table_t            clear_main, clear_quar, sent_now;
  logic [DevW-1:0]   alloc_dev, cpl_dev, ur_dev, exp_dev, idle_dev, rel_dev;
  logic [TagW-1:0]   alloc_tag, ur_tag, exp_tag, idle_tag, rel_tag;
  logic [Stride-1:0] cpl_done, cpl_ended;
  logic              ur_dev_valid, ur_hit, ur_ended, exp_valid, exp_sent, idle_valid, rel_valid;
  logic [EntW-1:0]   exp_entry, idle_entry, rel_entry, unused_quar_exp;
  logic [4:0][5:0]   stray;
  logic [QW-1:0]     qid_q [NumEnt];
  logic [NumQueues-1:0]             ask_free, ask_may;
  logic [NumQueues-1:0][CntW-1:0]   ask_count;
  logic [NumQueues-1:0][Stride-1:0] ask_skip;
  logic [5:0]        pending_count_q [NumEp];
  logic [5:0]        cpl_ended_count;
  logic [NumQueues-1:0][EndW-1:0] ended;
  logic              main_quiet, quar_quiet, stray_quiet, queues_quiet, unused_quar_exp_valid;
  time_t             main_deadline, quar_deadline;

  // -------------------------------------------------------------------------------------------- free tags
  smmu_itag_free #(
    .NumEp         (NumEp),
    .NumTags       (NumTags),
    .TagScopeGlobal(TagScopeGlobal),
    .NumQueues     (NumQueues)
  ) u_free (
    .clk_i,
    .rst_ni,
    .ask_dev_i,
    .ask_skip_i     (ask_skip),
    .ask_avail_o    (ask_free),
    .ask_count_o    (ask_count),
    .take_i         (alloc_valid_i),
    .take_qid_i     (alloc_qid_i),
    .tag_o          (alloc_tag),
    .idle_valid_i   (idle_valid),
    .idle_quar_i    (exp_valid && exp_sent),
    .idle_dev_i     (idle_dev),
    .idle_tag_i     (idle_tag),
    .release_valid_i(rel_valid),
    .release_dev_i  (rel_dev),
    .release_tag_i  (rel_tag)
  );

  smmu_itag_share #(
    .NumEp         (NumEp),
    .NumTags       (NumTags),
    .TagScopeGlobal(TagScopeGlobal),
    .NumQueues     (NumQueues)
  ) u_share (
    .clk_i,
    .rst_ni,
    .ask_dev_i,
    .ask_count_i    (ask_count),
    .ask_may_o      (ask_may),
    .take_i         (alloc_valid_i),
    .take_qid_i     (alloc_qid_i),
    .idle_valid_i   (idle_valid),
    .idle_quar_i    (exp_valid && exp_sent),
    .idle_dev_i     (idle_dev),
    .idle_qid_i     (qid_q[idle_entry]),
    .release_valid_i(rel_valid),
    .release_dev_i  (rel_dev),
    .release_qid_i  (qid_q[rel_entry])
  );

  assign alloc_dev    = ask_dev_i[alloc_qid_i];
  assign alloc_itag_o = 5'(alloc_tag);
  assign ask_avail_o  = ask_free & ask_may;

  // Scope device: what is reserved for other queues is no tag for this one; if all else is quarantined it waits in vain.
  always_comb begin
    for (int unsigned q = 0; q < NumQueues; q++) begin
      ask_skip[q]      = quar_linked[ask_dev_i[q]];
      ask_pending_o[q] = pending_count_q[ask_dev_i[q]];
      if (TagScopeGlobal) ask_quar_o[q] = &quar[ask_dev_i[q]][NumTags-1:0];
      else ask_quar_o[q] = !ask_avail_o[q] && (linked[ask_dev_i[q]] == '0) &&
                           (quar_linked[ask_dev_i[q]] == quar[ask_dev_i[q]]);
    end
  end

  // -------------------------------------------------------------------------------------------- sent
  always_comb begin
    sent_now = sent_q;
    for (int unsigned d = 0; d < NumEp; d++) if (sent_valid_i[d]) sent_now[d][TagW'(sent_itag_i[d])] = 1'b1;
    sent_d = sent_now;
    if (alloc_valid_i) sent_d[alloc_dev][alloc_tag] = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) sent_q <= '0;
    else sent_q <= sent_d;
  end

  // -------------------------------------------------------------------------------------------- completions
  smmu_inv_match #(
    .NumEp   (NumEp),
    .NumFn   (NumFn),
    .FirstBus(FirstBus),
    .Stride  (Stride)
  ) u_match (
    .clk_i,
    .rst_ni,
    .cpl_valid_i,
    .cpl_i,
    .busy_i       (pending & sent_q),
    .quar_i       (quar),
    .alloc_valid_i,
    .alloc_dev_i  (alloc_dev),
    .alloc_tag_i  (alloc_tag),
    .dev_o        (cpl_dev),
    .done_o       (cpl_done),
    .stray_o      (stray)
  );

  // A local UR ends its tag as a completion would, but may come in the cycle in which the request leaves.
  smmu_dev_map #(
    .NumEp   (NumEp),
    .NumFn   (NumFn),
    .FirstBus(FirstBus)
  ) u_ur_map (
    .rid_i  (ur_i.rid),
    .valid_o(ur_dev_valid),
    .index_o(ur_dev)
  );
  assign ur_tag = TagW'(ur_i.itag);
  assign ur_hit = ur_valid_i && ur_dev_valid && (32'(ur_i.itag) < NumTags);

  always_comb begin
    clear_main = '0;
    clear_quar = '0;
    for (int unsigned d = 0; d < NumEp; d++) if (quar_release_i[d]) clear_quar[d] = '1;
    if (cpl_valid_i) begin
      clear_main[cpl_dev] = cpl_done;
      clear_quar[cpl_dev] = clear_quar[cpl_dev] | cpl_done;
    end
    if (ur_hit) begin
      if (sent_now[ur_dev][ur_tag]) clear_main[ur_dev][ur_tag] = 1'b1;
      clear_quar[ur_dev][ur_tag] = 1'b1;
    end
  end

  // -------------------------------------------------------------------------------------------- time-out lists
  timeout_list #(
    .N(NumEnt)
  ) u_list (
    .clk_i,
    .rst_ni,
    .now_i,
    .threshold_i    (timeout_i),
    .insert_valid_i (alloc_valid_i),
    .insert_index_i (entry(alloc_dev, alloc_tag)),
    .clear_i        (clear_main),
    .expire_valid_o (exp_valid),
    .expire_index_o (exp_entry),
    .unlink_valid_o (idle_valid),
    .unlink_index_o (idle_entry),
    .linked_o       (linked),
    .pending_o      (pending),
    .next_deadline_o(main_deadline),
    .quiet_o        (main_quiet)
  );

  timeout_list #(
    .N(NumEnt)
  ) u_quar (
    .clk_i,
    .rst_ni,
    .now_i,
    .threshold_i    (quar_interval_i),
    .insert_valid_i (exp_valid && exp_sent),
    .insert_index_i (exp_entry),
    .clear_i        (clear_quar),
    .expire_valid_o (unused_quar_exp_valid),
    .expire_index_o (unused_quar_exp),
    .unlink_valid_o (rel_valid),
    .unlink_index_o (rel_entry),
    .linked_o       (quar_linked),
    .pending_o      (quar),
    .next_deadline_o(quar_deadline),
    .quiet_o        (quar_quiet)
  );

  assign exp_dev  = DevW'(exp_entry >> TagW);
  assign exp_tag  = exp_entry[TagW-1:0];
  assign idle_dev = DevW'(idle_entry >> TagW);
  assign idle_tag = idle_entry[TagW-1:0];
  assign rel_dev  = DevW'(rel_entry >> TagW);
  assign rel_tag  = rel_entry[TagW-1:0];
  assign exp_sent = sent_now[exp_dev][exp_tag];

  always_comb begin
    cancel_o = '0;
    if (exp_valid && !exp_sent) cancel_o[exp_dev] = 1'b1;
    for (int unsigned d = 0; d < NumEp; d++) quar_busy_o[d] = 6'($countones(quar[d]));
  end

  // -------------------------------------------------------------------------------------------- counts
  // Requests that end in this cycle: by completion, by UR unless completed as well, by expiry (never either of these).
  always_comb begin
    cpl_ended = '0;
    ur_ended  = 1'b0;
    if (cpl_valid_i) cpl_ended = cpl_done & pending[cpl_dev];
    if (ur_hit) begin
      ur_ended = pending[ur_dev][ur_tag] && sent_now[ur_dev][ur_tag] &&
                 !((ur_dev == cpl_dev) && cpl_ended[ur_tag]);
    end
  end
  assign cpl_ended_count = 6'($countones(cpl_ended));
  assign ended_o         = cpl_ended_count + 6'(ur_ended);
  assign expired_o       = exp_valid;

  always_comb begin
    expired_dev_o = '0;
    if (exp_valid) expired_dev_o[exp_dev] = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned d = 0; d < NumEp; d++) pending_count_q[d] <= '0;
    end else begin
      for (int unsigned d = 0; d < NumEp; d++) begin
        pending_count_q[d] <= pending_count_q[d]
                              + 6'(alloc_valid_i && (alloc_dev == DevW'(d)))
                              - ((cpl_dev == DevW'(d)) ? cpl_ended_count : 6'd0)
                              - 6'(ur_ended && (ur_dev == DevW'(d)))
                              - 6'(exp_valid && (exp_dev == DevW'(d)));
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (alloc_valid_i) qid_q[entry(alloc_dev, alloc_tag)] <= alloc_qid_i;
  end

  if (NumQueues == 1) begin : gen_one_queue
    assign ended = EndW'(cpl_ended_count) + EndW'(ur_ended) + EndW'(exp_valid);
  end else begin : gen_queues
    always_comb begin
      ended = '0;
      if (cpl_valid_i) begin
        for (int unsigned t = 0; t < Stride; t++)
          if (cpl_ended[t]) ended[qid_q[entry(cpl_dev, TagW'(t))]] += EndW'(1);
      end
      if (ur_ended) ended[qid_q[entry(ur_dev, ur_tag)]] += EndW'(1);
      if (exp_valid) ended[qid_q[exp_entry]] += EndW'(1);
    end
  end

  smmu_inv_queues #(
    .NumQueues(NumQueues),
    .MaxOpen  (NumEnt),
    .MaxEnd   (MaxEnd)
  ) u_queues (
    .clk_i,
    .rst_ni,
    .open_valid_i  (alloc_valid_i),
    .fail_now_i    (alloc_refuse_i),
    .open_qid_i    (alloc_qid_i),
    .ended_i       (ended),
    .expire_valid_i(exp_valid),
    .expire_qid_i  (qid_q[exp_entry]),
    .clear_i       (timed_out_clear_i),
    .idle_o,
    .timed_out_o,
    .open_o        (busy_o),
    .quiet_o       (queues_quiet)
  );

  smmu_inv_stray u_stray (
    .clk_i,
    .rst_ni,
    .add_i        (stray),
    .stray_valid_o,
    .stray_cause_o,
    .stray_count_o,
    .quiet_o      (stray_quiet)
  );

  // A completion may change the copies counted, a sent request its flag; everything else is in the lists.
  assign quiet_o = main_quiet && quar_quiet && stray_quiet && queues_quiet && !cpl_valid_i && (sent_valid_i == '0) &&
                   !alloc_refuse_i;
  assign next_deadline_o = earlier(main_deadline, quar_deadline);

endmodule
