// SPDX-License-Identifier: Apache-2.0
//
// Type 1 header and power management capability of a port: identification, command and status, bus numbers, memory
// windows, secondary status, bridge control. Parameters are what firmware has programmed before the first access.
// D3hot gates the memory and bus master enables that leave this block. Status bits that an event sets win over a write
// that clears them. Latency: reads combinational, writes at the next edge.
module pcie_port_header
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
#(
  parameter port_type_e  PortType = PortRoot,
  parameter logic [23:0] BusReset = '0,          // {subordinate, secondary, primary}
  parameter logic [31:0] MemReset = MEM_WINDOW_RESET
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  port_acc_t    acc_i,
  output logic [31:0]  rdata_o,

  input  logic         sig_serr_i,     // an error message was sent or signalled
  input  logic         rcv_serr_i,     // ERR_NONFATAL or ERR_FATAL came from below
  input  logic         poisoned_i,     // a poisoned packet came from below

  output logic         mem_en_o,
  output logic         bme_o,
  output logic         serr_en_o,      // of the command register
  output logic         fwd_err_o,      // SERR# enable of bridge control
  output logic         sbr_o,
  output bus_t         bus_o,
  output mem_window_t  mem_o,
  output logic [63:0]  pref_base_o,
  output logic [63:0]  pref_limit_o
);

  localparam logic [31:0] CmdW1c = 32'hC000_0000;
  localparam logic [31:0] SecW1c = 32'hF000_0000;

  command_status_t cmd_q, cmd_d;
  bus_t            bus_q;
  io_sec_status_t  sec_q, sec_d;
  mem_window_t     mem_q;
  pref_window_t    pref_q;
  logic [31:0]     pref_base_q, pref_limit_q;
  bridge_ctl_t     ctl_q;
  pm_ctrl_t        pm_q, pm_d;
  logic            event_now;

  assign event_now = sig_serr_i || rcv_serr_i || poisoned_i;

  always_comb begin
    cmd_d = cmd_q;
    sec_d = sec_q;
    pm_d  = pm_q;
    if (acc_i.wr) begin
      unique case (acc_i.offset)
        COMMAND_STATUS_OFFSET: cmd_d = port_merge(cmd_q, acc_i, COMMAND_STATUS_WMASK, CmdW1c);
        IO_SEC_STATUS_OFFSET:  sec_d = port_merge(sec_q, acc_i, IO_SEC_STATUS_WMASK, SecW1c);
        PM_CTRL_OFFSET:        pm_d  = port_merge(pm_q, acc_i, PM_CTRL_WMASK, '0);
        default: ;
      endcase
      if (!(pm_d.state inside {2'd0, 2'd3})) pm_d.state = pm_q.state;
    end
    if (sig_serr_i) cmd_d.sig_serr = 1'b1;
    if (rcv_serr_i) sec_d.rcv_serr = 1'b1;
    if (poisoned_i) sec_d.det_perr = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cmd_q        <= COMMAND_STATUS_RESET;
      bus_q        <= {8'd0, BusReset};
      sec_q        <= IO_SEC_STATUS_RESET;
      mem_q        <= MemReset;
      pref_q       <= PREF_WINDOW_RESET;
      pref_base_q  <= PREF_BASE_HI_RESET;
      pref_limit_q <= PREF_LIMIT_HI_RESET;
      ctl_q        <= BRIDGE_CTL_RESET;
      pm_q         <= PM_CTRL_RESET;
    end else if (acc_i.wr || event_now) begin
      cmd_q <= cmd_d;
      sec_q <= sec_d;
      pm_q  <= pm_d;
      if (acc_i.wr) begin
        unique case (acc_i.offset)
          BUS_OFFSET:           bus_q        <= port_merge(bus_q, acc_i, BUS_WMASK, '0);
          MEM_WINDOW_OFFSET:    mem_q        <= port_merge(mem_q, acc_i, MEM_WINDOW_WMASK, '0);
          PREF_WINDOW_OFFSET:   pref_q       <= port_merge(pref_q, acc_i, PREF_WINDOW_WMASK, '0);
          PREF_BASE_HI_OFFSET:  pref_base_q  <= port_merge(pref_base_q, acc_i, PREF_BASE_HI_WMASK, '0);
          PREF_LIMIT_HI_OFFSET: pref_limit_q <= port_merge(pref_limit_q, acc_i, PREF_LIMIT_HI_WMASK, '0);
          BRIDGE_CTL_OFFSET:    ctl_q        <= port_merge(ctl_q, acc_i, BRIDGE_CTL_WMASK, '0);
          default: ;
        endcase
      end
    end
  end

  always_comb begin
    rdata_o = '0;
    if (acc_i.rd) begin
      unique case (acc_i.offset)
        VENDOR_DEVICE_OFFSET:  rdata_o = {VENDOR_DEVICE_RESET[31:20], PortType, VENDOR_DEVICE_RESET[15:0]};
        COMMAND_STATUS_OFFSET: rdata_o = cmd_q;
        CLASS_REV_OFFSET:      rdata_o = CLASS_REV_RESET;
        HEADER_TYPE_OFFSET:    rdata_o = HEADER_TYPE_RESET;
        BUS_OFFSET:            rdata_o = bus_q;
        IO_SEC_STATUS_OFFSET:  rdata_o = sec_q;
        MEM_WINDOW_OFFSET:     rdata_o = mem_q;
        PREF_WINDOW_OFFSET:    rdata_o = pref_q;
        PREF_BASE_HI_OFFSET:   rdata_o = pref_base_q;
        PREF_LIMIT_HI_OFFSET:  rdata_o = pref_limit_q;
        CAP_PTR_OFFSET:        rdata_o = CAP_PTR_RESET;
        BRIDGE_CTL_OFFSET:     rdata_o = ctl_q;
        PM_CAP_OFFSET:         rdata_o = PM_CAP_RESET;
        PM_CTRL_OFFSET:        rdata_o = pm_q;
        default:               rdata_o = '0;
      endcase
    end
  end

  assign mem_en_o     = cmd_q.mem_en && (pm_q.state == 2'd0);
  assign bme_o        = cmd_q.bme && (pm_q.state == 2'd0);
  assign serr_en_o    = cmd_q.serr_en;
  assign fwd_err_o    = ctl_q.serr_en;
  assign sbr_o        = ctl_q.sbr;
  assign bus_o        = bus_q;
  assign mem_o        = mem_q;
  assign pref_base_o  = {pref_base_q, pref_q.base, 20'd0};
  assign pref_limit_o = {pref_limit_q, pref_q.limit, 20'hFFFFF};

endmodule
