// SPDX-License-Identifier: Apache-2.0
//
// Six trackers behind flat ports, tag scope device and global for 1, 2 and 4 queues; `dut_i` = {log2 of the queues, global}
// says which one is driven and seen. A number of tags that is not a power of two, so that no index happens to fit.
module smmu_itag_tracker_tb
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp     = 3,
  parameter int unsigned NumTags   = 6,
  parameter int unsigned NumQueues = 4            // of the ports; a tracker with fewer sees and shows the lower ones
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [2:0]            dut_i,
  input  logic [47:0]           now_i,
  input  logic [47:0]           timeout_i,
  input  logic [47:0]           quar_interval_i,
  input  logic [NumQueues-1:0][1:0] ask_dev_i,
  output logic [NumQueues-1:0]  ask_avail_o,
  output logic [NumQueues-1:0]  ask_quar_o,
  output logic [NumQueues-1:0][5:0] ask_pending_o,
  input  logic                  alloc_valid_i,
  input  logic                  alloc_refuse_i,
  input  logic [1:0]            alloc_qid_i,
  output logic [4:0]            alloc_itag_o,
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
    logic [NumQueues-1:0]  ask_avail;
    logic [NumQueues-1:0]  ask_quar;
    logic [NumQueues-1:0][5:0] ask_pending;
    logic [4:0]            alloc_itag;
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

  out_t     out [6];
  inv_cpl_t cpl;
  inv_ur_t  ur;

  assign cpl = '{rid: cpl_rid_i, itags: cpl_itags_i, cc: cpl_cc_i};
  assign ur  = '{rid: ur_rid_i, itag: ur_itag_i};

  for (genvar g = 0; g < 6; g++) begin : gen_dut
    localparam int unsigned Queues = 1 << (g / 2);
    localparam int unsigned QW     = (Queues > 1) ? $clog2(Queues) : 1;
    logic                   on;
    logic [Queues-1:0]      avail, quar, idle, timed_out;
    logic [Queues-1:0][5:0] pending;

    assign on                 = dut_i == 3'(g);
    assign out[g].ask_avail   = NumQueues'(avail);
    assign out[g].ask_quar    = NumQueues'(quar);
    assign out[g].ask_pending = (NumQueues * 6)'(pending);
    assign out[g].idle        = NumQueues'(idle);
    assign out[g].timed_out   = NumQueues'(timed_out);

    smmu_itag_tracker #(
      .NumEp         (NumEp),
      .NumTags       (NumTags),
      .TagScopeGlobal(1'(g % 2)),
      .NumQueues     (Queues)
    ) u_dut (
      .expired_dev_o (),
      .clk_i,
      .rst_ni,
      .now_i,
      .timeout_i,
      .quar_interval_i,
      .ask_dev_i        (ask_dev_i[Queues-1:0]),
      .ask_avail_o      (avail),
      .ask_quar_o       (quar),
      .ask_pending_o    (pending),
      .alloc_itag_o     (out[g].alloc_itag),
      .alloc_valid_i    (alloc_valid_i && on),
      .alloc_refuse_i   (alloc_refuse_i && on),
      .alloc_qid_i      (alloc_qid_i[QW-1:0]),
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
      .idle_o           (idle),
      .timed_out_o      (timed_out),
      .timed_out_clear_i(on ? timed_out_clear_i[Queues-1:0] : '0),
      .busy_o           (out[g].busy),
      .ended_o          (out[g].ended),
      .expired_o        (out[g].expired),
      .quiet_o          (out[g].quiet),
      .next_deadline_o  (out[g].next_deadline)
    );
  end

  assign ask_avail_o      = out[dut_i].ask_avail;
  assign ask_quar_o       = out[dut_i].ask_quar;
  assign ask_pending_o    = out[dut_i].ask_pending;
  assign alloc_itag_o     = out[dut_i].alloc_itag;
  assign cancel_o         = out[dut_i].cancel;
  assign quar_busy_o      = out[dut_i].quar_busy;
  assign stray_valid_o    = out[dut_i].stray_valid;
  assign stray_cause_o    = out[dut_i].stray_cause;
  assign stray_count_o    = out[dut_i].stray_count;
  assign idle_o           = out[dut_i].idle;
  assign timed_out_o      = out[dut_i].timed_out;
  assign busy_o           = out[dut_i].busy;
  assign ended_o          = out[dut_i].ended;
  assign expired_o        = out[dut_i].expired;
  assign quiet_o          = out[dut_i].quiet;
  assign next_deadline_o  = out[dut_i].next_deadline;

endmodule
