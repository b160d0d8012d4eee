// SPDX-License-Identifier: Apache-2.0
//
// Events of the commands and requests: itag_alloc (and inv_queue, unless it is 0) inv_sent itag_stall inv_refused, and inv_ur_local of a StreamID
// without an endpoint, which has no tag: src NoDevice, a0 all ones. itag_stall is logged when a command begins to
// wait, and again when what it waits for changes, for each queue. inv_refused has the queue's number in a0.
module smmu_atc_inv_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumEp = 4,
  parameter int unsigned NumQueues = 1,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned QW   = (NumQueues > 1) ? $clog2(NumQueues) : 1
) (
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic [NumQueues-1:0] cmd_valid_i,
  input logic [NumQueues-1:0] cmd_ready_i,
  input logic [NumQueues-1:0][31:0] cmd_sid_i,
  input logic [NumQueues-1:0][DevW-1:0] ask_dev_i,
  input logic [NumQueues-1:0] known_i,
  input logic [QW-1:0]        qid_i,      // the queue that gets a tag or is refused
  input logic                 alloc_i,
  input logic                 refuse_i,
  input logic [4:0]           itag_i,
  input logic [63:0]          payload_i,
  input itag_stall_e [NumQueues-1:0] stall_i,
  input logic [NumEp-1:0]     req_valid_i,
  input logic [NumEp-1:0]     req_ready_i,
  input inv_req_t [NumEp-1:0] req_i
);

  localparam int NoDevice = 32'h0000FFFF;
  localparam int NoTag    = 32'hFFFFFFFF;

  itag_stall_e [NumQueues-1:0] stall_q;  // in the cycle before

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      stall_q <= {NumQueues{StallNone}};
    end else begin
      stall_q <= stall_i;
      if (alloc_i) begin
        atc_mon_event(EV_ITAG_ALLOC, int'(ask_dev_i[qid_i]), int'(itag_i), longint'(cmd_sid_i[qid_i]), longint'(payload_i));
        if (qid_i != '0) atc_mon_event(EV_INV_QUEUE, int'(ask_dev_i[qid_i]), int'(itag_i), longint'(qid_i), 0);
      end
      if (refuse_i) atc_mon_event(EV_INV_REFUSED, int'(ask_dev_i[qid_i]), int'(qid_i), longint'(cmd_sid_i[qid_i]), 0);
      for (int unsigned q = 0; q < NumQueues; q++) begin
        if (cmd_valid_i[q] && cmd_ready_i[q] && !known_i[q] && (cmd_sid_i[q][31:16] == 16'd0))
          atc_mon_event(EV_INV_UR_LOCAL, NoDevice, NoTag, longint'(cmd_sid_i[q]), 0);
        if ((stall_i[q] != StallNone) && (stall_i[q] != stall_q[q]))
          atc_mon_event(EV_ITAG_STALL, int'(ask_dev_i[q]), int'(stall_i[q]), longint'(cmd_sid_i[q]), 0);
      end
      for (int unsigned d = 0; d < NumEp; d++)
        if (req_valid_i[d] && req_ready_i[d])
          atc_mon_event(EV_INV_SENT, int'(d), int'(req_i[d].itag), longint'(req_i[d].rid), longint'(req_i[d].payload));
    end
  end

endmodule

bind smmu_atc_inv smmu_atc_inv_mon #(
  .NumEp    (NumEp),
  .NumQueues(NumQueues)
) u_mon (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .cmd_valid_i(cmd_valid_i),
  .cmd_ready_i(cmd_ready_o),
  .cmd_sid_i  (cmd_sid),
  .ask_dev_i  (ask_dev),
  .known_i    (u_admit.known),
  .qid_i      (qid),
  .alloc_i    (alloc),
  .refuse_i   (refuse),
  .itag_i     (itag),
  .payload_i  (payload),
  .stall_i    (stall),
  .req_valid_i(req_valid_o),
  .req_ready_i(req_ready_i),
  .req_i      (req_o)
);
