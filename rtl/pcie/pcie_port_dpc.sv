// SPDX-License-Identifier: Apache-2.0
//
// Downstream port containment: when a port cuts itself off, why, and until when.
//
// Triggers, in order of precedence in one cycle: an unmasked uncorrectable error of the port itself, ERR_FATAL,
// ERR_NONFATAL (both only as TRIGGER_EN says), the software trigger bit, isolation by the root complex (`isolate_i`,
// D16, whatever TRIGGER_EN says). While triggered nothing triggers again. `contained_o` is the trigger status: the owner
// holds the link down with it; a write of 1 to the status releases. The message or own error that triggers is taken away
// (`take_msg_o`, `take_own_o`): it is not signalled further.
// Does not: count root port PIO errors, hold a separate completion status (CPL_CTRL reads back).
// pcie-ats.md section 8. Latency: trigger to `contained_o` 1 cycle.
module pcie_port_dpc
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
#(
  parameter logic [11:0] Next = '0,    // extended capability behind this one
  parameter logic [12:0] Slot = '0     // for the monitor
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  port_acc_t   acc_i,
  output logic [31:0] rdata_o,

  input  logic [1:0]  uncor_i,      // own error {fatal, non-fatal}
  input  logic [1:0]  msg_i,        // error message from below {fatal, non-fatal}
  input  logic [15:0] msg_rid_i,
  input  logic        isolate_i,
  output logic        take_own_o,
  output logic        take_msg_o,
  output logic        contained_o,
  output logic        irq_o
);

  localparam logic [31:0] StatusW1c = DPC_STATUS_WMASK;

  dpc_cap_ctrl_t ctl_q, ctl_d;
  dpc_status_t   status_q, status_d;
  logic          sw_trigger, trigger, fatal_on, nonfatal_on;

  assign fatal_on    = ctl_q.trigger_en inside {2'd1, 2'd2};
  assign nonfatal_on = ctl_q.trigger_en == 2'd2;
  assign sw_trigger  = acc_i.wr && (acc_i.offset == DPC_CAP_CTRL_OFFSET) && acc_i.mask[22] && acc_i.data[22];
  assign take_own_o  = !status_q.trigger && ((uncor_i[1] && fatal_on) || (uncor_i[0] && nonfatal_on));
  assign take_msg_o  = !status_q.trigger && ((msg_i[1] && fatal_on) || (msg_i[0] && nonfatal_on));
  assign trigger     = take_own_o || take_msg_o || (!status_q.trigger && (sw_trigger || isolate_i));

  always_comb begin
    ctl_d = ctl_q;
    if (acc_i.wr && acc_i.offset == DPC_CAP_CTRL_OFFSET) begin
      ctl_d            = port_merge(ctl_q, acc_i, DPC_CAP_CTRL_WMASK, '0);
      ctl_d.sw_trigger = 1'b0;
    end
    status_d = status_q;
    if (acc_i.wr && acc_i.offset == DPC_STATUS_OFFSET) begin
      status_d = port_merge(status_q, acc_i, DPC_STATUS_WMASK, StatusW1c);
    end
    if (trigger) begin
      status_d.trigger    = 1'b1;
      status_d.int_       = status_d.int_ | ctl_d.int_en;
      status_d.reason     = 2'd3;
      status_d.reason_ext = 2'd0;
      status_d.source     = '0;
      if (take_own_o) begin
        status_d.reason = 2'd0;
      end else if (take_msg_o) begin
        status_d.reason = msg_i[1] ? 2'd2 : 2'd1;
        status_d.source = msg_rid_i;
      end else begin
        status_d.reason_ext = 2'd1;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctl_q    <= DPC_CAP_CTRL_RESET;
      status_q <= DPC_STATUS_RESET;
    end else if (acc_i.wr || trigger) begin
      status_q <= status_d;
      ctl_q    <= ctl_d;
    end
  end

  always_comb begin
    rdata_o = '0;
    if (acc_i.rd) begin
      unique case (acc_i.offset)
        DPC_HDR_OFFSET:      rdata_o = {Next, DPC_HDR_RESET[19:0]};
        DPC_CAP_CTRL_OFFSET: rdata_o = ctl_q;
        DPC_STATUS_OFFSET:   rdata_o = status_q;
        default:             rdata_o = '0;
      endcase
    end
  end

  assign contained_o = status_q.trigger;
  assign irq_o       = ctl_q.int_en && status_q.int_;

endmodule
