// SPDX-License-Identifier: Apache-2.0
//
// Events of the commands and requests: itag_alloc inv_sent itag_stall inv_refused, and inv_ur_local of a StreamID
// without an endpoint, which has no tag: src NoDevice, a0 all ones. itag_stall is logged when a command begins to
// wait, and again when what it waits for changes. inv_refused has the queue's number in a0.
module smmu_atc_inv_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumEp = 4,
  parameter int unsigned QW    = 1,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1
) (
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic                 cmd_valid_i,
  input logic [31:0]          cmd_sid_i,
  input logic [QW-1:0]        cmd_qid_i,
  input logic                 alloc_i,
  input logic                 refuse_i,
  input logic                 known_i,
  input logic [DevW-1:0]      dev_i,
  input logic [4:0]           itag_i,
  input logic [63:0]          payload_i,
  input itag_stall_e          stall_i,
  input logic [NumEp-1:0]     req_valid_i,
  input logic [NumEp-1:0]     req_ready_i,
  input inv_req_t [NumEp-1:0] req_i
);

  localparam int NoDevice = 32'h0000FFFF;
  localparam int NoTag    = 32'hFFFFFFFF;

  itag_stall_e stall_q;  // of the command at the head, in the cycle before

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      stall_q <= StallNone;
    end else begin
      stall_q <= stall_i;
      if (alloc_i) atc_mon_event(EV_ITAG_ALLOC, int'(dev_i), int'(itag_i), longint'(cmd_sid_i), longint'(payload_i));
      if (refuse_i) atc_mon_event(EV_INV_REFUSED, int'(dev_i), int'(cmd_qid_i), longint'(cmd_sid_i), 0);
      if (cmd_valid_i && !known_i && (cmd_sid_i[31:16] == 16'd0))
        atc_mon_event(EV_INV_UR_LOCAL, NoDevice, NoTag, longint'(cmd_sid_i), 0);
      if ((stall_i != StallNone) && (stall_i != stall_q))
        atc_mon_event(EV_ITAG_STALL, int'(dev_i), int'(stall_i), longint'(cmd_sid_i), 0);
      for (int unsigned d = 0; d < NumEp; d++)
        if (req_valid_i[d] && req_ready_i[d])
          atc_mon_event(EV_INV_SENT, int'(d), int'(req_i[d].itag), longint'(req_i[d].rid), longint'(req_i[d].payload));
    end
  end

endmodule

bind smmu_atc_inv smmu_atc_inv_mon #(
  .NumEp(NumEp),
  .QW   (QW)
) u_mon (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .cmd_valid_i(cmd_valid_i),
  .cmd_sid_i  (cmd_i.sid),
  .cmd_qid_i  (cmd_qid_i),
  .alloc_i    (alloc),
  .refuse_i   (refuse),
  .known_i    (known),
  .dev_i      (dev),
  .itag_i     (itag),
  .payload_i  (payload),
  .stall_i    (stat_o.stall),
  .req_valid_i(req_valid_o),
  .req_ready_i(req_ready_i),
  .req_i      (req_o)
);
