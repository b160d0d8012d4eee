// SPDX-License-Identifier: Apache-2.0
//
// Isolation of the requesters below a root port after an invalidation time-out (D16): a vendor-specific capability.
//
// Mode (a strap): 0 nothing, 1 translated requests of the requester are dropped, 2 all its memory requests, 3 the port is
// contained (`contain_o`, for pcie_port_dpc). Modes 1 and 2 last until software writes 1 to the requester's status bit (device
// x functions + function); a time-out in the cycle of the release isolates again. Latency: 1 cycle from the time-out.
module rc_isolate
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
#(
  parameter int unsigned NumReq = 1          // requesters: functions of all devices below, 1..16
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  port_acc_t         acc_i,
  output logic [31:0]       rdata_o,
  input  logic [1:0]        mode_i,          // constant
  input  logic [NumReq-1:0] inv_timeout_i,   // pulses
  output logic [NumReq-1:0] isolated_o,
  output logic              all_o,
  output logic              contain_o,
  output logic              quiet_o
);

  logic [NumReq-1:0] isolated_q, set;
  logic              clear;

  assign set   = (mode_i inside {2'd1, 2'd2}) ? inv_timeout_i : '0;
  assign clear = acc_i.wr && (acc_i.offset == ISO_STATUS_OFFSET);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) isolated_q <= '0;
    else if (clear || set != '0) begin
      isolated_q <= (isolated_q & ~(clear ? acc_i.data[NumReq-1:0] & acc_i.mask[NumReq-1:0] : '0)) | set;
    end
  end

  always_comb begin
    rdata_o = '0;
    if (acc_i.rd) begin
      unique case (acc_i.offset)
        ISO_HDR_OFFSET:    rdata_o = ISO_HDR_RESET;
        ISO_VSEC_OFFSET:   rdata_o = ISO_VSEC_RESET;
        ISO_CTRL_OFFSET:   rdata_o = {30'd0, mode_i};
        ISO_STATUS_OFFSET: rdata_o = 32'(isolated_q);
        default:           rdata_o = '0;
      endcase
    end
  end

  assign isolated_o = isolated_q;
  assign all_o      = mode_i == 2'd2;
  assign contain_o  = (mode_i == 2'd3) && (inv_timeout_i != '0);
  assign quiet_o    = inv_timeout_i == '0;

  logic unused_acc;
  assign unused_acc = ^{acc_i.data[31:16], acc_i.mask[31:16]};

endmodule
