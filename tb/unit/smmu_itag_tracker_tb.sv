// SPDX-License-Identifier: Apache-2.0
//
// Two trackers, tag scope device and global, behind flat ports; `global_i` says which one is driven and seen.
// A tag number that is not a power of two, and several queues, so that no index happens to fit.
module smmu_itag_tracker_tb
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp     = 3,
  parameter int unsigned NumTags   = 6,
  parameter int unsigned NumQueues = 2
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  global_i,
  input  logic [47:0]           now_i,
  input  logic [47:0]           timeout_i,
  input  logic [47:0]           quar_interval_i,
  input  logic [1:0]            alloc_dev_i,
  output logic                  alloc_avail_o,
  output logic [4:0]            alloc_itag_o,
  output logic [5:0]            alloc_pending_o,
  output logic                  alloc_all_quar_o,
  input  logic                  alloc_valid_i,
  input  logic                  alloc_refuse_i,
  input  logic                  alloc_qid_i,
  input  logic [NumEp-1:0]      sent_valid_i,
  input  logic [NumEp-1:0][4:0] sent_itag_i,
  input  logic                  cpl_valid_i,
  input  logic [15:0]           cpl_rid_i,
  input  logic [31:0]           cpl_itags_i,
  input  logic [2:0]            cpl_cc_i,
  input  logic                  ur_valid_i,
  input  logic [15:0]           ur_rid_i,
  input  logic [4:0]            ur_itag_i,
  output logic [NumEp-1:0]      cancel_o,
  input  logic [NumEp-1:0]      quar_release_i,
  output logic [NumEp-1:0][5:0] quar_busy_o,
  output logic                  stray_valid_o,
  output logic [2:0]            stray_cause_o,
  output logic [5:0]            stray_count_o,
  output logic [NumQueues-1:0]  idle_o,
  output logic [NumQueues-1:0]  timed_out_o,
  input  logic [NumQueues-1:0]  timed_out_clear_i,
  output logic [9:0]            busy_o,
  output logic [5:0]            ended_o,
  output logic                  expired_o,
  output logic                  quiet_o,
  output logic [47:0]           next_deadline_o
);

  typedef struct packed {
    logic                  alloc_avail;
    logic [4:0]            alloc_itag;
    logic [5:0]            alloc_pending;
    logic                  alloc_all_quar;
    logic [NumEp-1:0]      cancel;
    logic [NumEp-1:0][5:0] quar_busy;
    logic                  stray_valid;
    stray_cause_e          stray_cause;
    logic [5:0]            stray_count;
    logic [NumQueues-1:0]  idle;
    logic [NumQueues-1:0]  timed_out;
    logic [9:0]            busy;
    logic [5:0]            ended;
    logic                  expired;
    logic                  quiet;
    logic [47:0]           next_deadline;
  } out_t;

  out_t     out [2];
  inv_cpl_t cpl;
  inv_ur_t  ur;

  assign cpl = '{rid: cpl_rid_i, itags: cpl_itags_i, cc: cpl_cc_i};
  assign ur  = '{rid: ur_rid_i, itag: ur_itag_i};

  for (genvar g = 0; g < 2; g++) begin : gen_dut
    logic on;
    assign on = global_i == 1'(g);
    smmu_itag_tracker #(
      .NumEp         (NumEp),
      .NumTags       (NumTags),
      .TagScopeGlobal(1'(g)),
      .NumQueues     (NumQueues)
    ) u_dut (
      .clk_i,
      .rst_ni,
      .now_i,
      .timeout_i,
      .quar_interval_i,
      .alloc_dev_i,
      .alloc_avail_o    (out[g].alloc_avail),
      .alloc_itag_o     (out[g].alloc_itag),
      .alloc_pending_o  (out[g].alloc_pending),
      .alloc_all_quar_o (out[g].alloc_all_quar),
      .alloc_valid_i    (alloc_valid_i && on),
      .alloc_refuse_i   (alloc_refuse_i && on),
      .alloc_qid_i,
      .sent_valid_i     (on ? sent_valid_i : '0),
      .sent_itag_i,
      .cpl_valid_i      (cpl_valid_i && on),
      .cpl_i            (cpl),
      .ur_valid_i       (ur_valid_i && on),
      .ur_i             (ur),
      .cancel_o         (out[g].cancel),
      .quar_release_i   (on ? quar_release_i : '0),
      .quar_busy_o      (out[g].quar_busy),
      .stray_valid_o    (out[g].stray_valid),
      .stray_cause_o    (out[g].stray_cause),
      .stray_count_o    (out[g].stray_count),
      .idle_o           (out[g].idle),
      .timed_out_o      (out[g].timed_out),
      .timed_out_clear_i(on ? timed_out_clear_i : '0),
      .busy_o           (out[g].busy),
      .ended_o          (out[g].ended),
      .expired_o        (out[g].expired),
      .quiet_o          (out[g].quiet),
      .next_deadline_o  (out[g].next_deadline)
    );
  end

  assign alloc_avail_o    = out[global_i].alloc_avail;
  assign alloc_itag_o     = out[global_i].alloc_itag;
  assign alloc_pending_o  = out[global_i].alloc_pending;
  assign alloc_all_quar_o = out[global_i].alloc_all_quar;
  assign cancel_o         = out[global_i].cancel;
  assign quar_busy_o      = out[global_i].quar_busy;
  assign stray_valid_o    = out[global_i].stray_valid;
  assign stray_cause_o    = out[global_i].stray_cause;
  assign stray_count_o    = out[global_i].stray_count;
  assign idle_o           = out[global_i].idle;
  assign timed_out_o      = out[global_i].timed_out;
  assign busy_o           = out[global_i].busy;
  assign ended_o          = out[global_i].ended;
  assign expired_o        = out[global_i].expired;
  assign quiet_o          = out[global_i].quiet;
  assign next_deadline_o  = out[global_i].next_deadline;

endmodule
