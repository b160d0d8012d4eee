// SPDX-License-Identifier: Apache-2.0
//
// Configuration space of a port: root port, or upstream or downstream port of a switch (`PortType`).
//
// Chain: type 1 header, PCI Express (pcie_port_slot), MSI (pcie_port_msi), power management (in pcie_port_header);
// extended: AER (pcie_port_aer; root registers pcie_port_root_err), ACS, DPC (pcie_port_dpc). The upstream port has
// neither slot, ACS nor DPC. Dword accesses with byte enables; what has no register reads 0 and ignores writes.
// The block decides, it does not act: the owner holds the link down while `link_hold_o` is high (link disable, secondary
// bus reset, containment), asks `sv_o` / `tb_o` before it takes an upstream packet, sends `msi_*` as a memory write and,
// at a switch, `emsg_*` as an error message upstream (one waits at a time; a further error is logged and sends none).
// A link that goes down while it is not held is an own error (surprise down) unless the slot says `surprise_i`.
// Error messages from below come in on `msg_i`: a root port collects them, containment may take them; a downstream port
// forwards what `msg_fwd_o` says. Bridge control's SERR# enable gates both.
// Latency: reads combinational, everything else 1 cycle. Idle it changes no flop.
module pcie_port_cfg
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
#(
  parameter port_type_e  PortType         = PortRoot,
  parameter logic [15:0] Rid              = '0,    // requester ID of the port
  parameter logic [23:0] BusReset         = '0,    // {subordinate, secondary, primary} as firmware left them
  parameter logic [31:0] MemReset         = MEM_WINDOW_RESET,
  parameter logic [12:0] Slot             = '0,
  parameter logic [4:0]  AcsReset         = 5'h01, // {UF, CR, RR, TB, SV} (D15)
  parameter logic [11:0] ExtNext          = '0     // extended capability of the owner, behind DPC
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         req_valid_i,
  input  logic         req_write_i,
  input  logic [11:0]  req_offset_i,     // multiple of 4
  input  logic [3:0]   req_be_i,
  input  logic [31:0]  req_data_i,
  output logic [31:0]  rdata_o,          // 0 unless req_valid_i and a read

  input  logic         surprise_i,
  input  logic         present_i,
  input  logic         link_up_i,        // of the link below
  input  logic         training_i,
  input  logic         err_valid_i,      // an own error with a packet
  input  port_err_t    err_i,
  input  logic [31:0]  plain_err_i,      // own errors without one: bits of the uncorrectable status
  input  port_sev_t    msg_i,            // error message from below, at most one bit
  input  logic [15:0]  msg_rid_i,
  input  logic         isolate_i,        // cut the port off (D16)

  output logic         mem_en_o,
  output logic         bme_o,
  output logic [2:0]   mps_o,            // Max_Payload_Size as it is set
  output bus_t         bus_o,
  output mem_window_t  mem_o,
  output logic [63:0]  pref_base_o,
  output logic [63:0]  pref_limit_o,
  output logic         sv_o,
  output logic         tb_o,
  output logic [2:0]   redirect_o,       // {UF, CR, RR}, for a switch
  output logic         rrs_visible_o,
  output logic         sbr_o,
  output logic         link_hold_o,
  output logic         contained_o,
  output port_sev_t    msg_fwd_o,
  output port_sev_t    own_sig_o,        // own error that is signalled, one cycle
  output logic         emsg_valid_o,
  input  logic         emsg_ready_i,
  output port_sev_t    emsg_o,
  output logic         msi_valid_o,
  input  logic         msi_ready_i,
  output logic [63:0]  msi_addr_o,
  output logic [31:0]  msi_data_o,
  output logic         quiet_o
);

  localparam bit IsRoot = PortType == PortRoot;
  localparam bit IsDown = PortType != PortUpstream;

  port_acc_t      acc;
  logic [3:0]     enable;
  logic [31:0]    hdr_rdata, slot_rdata, aer_rdata, root_rdata, dpc_rdata, msi_rdata, acs_rdata;
  logic [3:0]     devsta_set;
  port_sev_t      msg, sig, raw_sig;
  logic [1:0]     uncor;
  logic           serr_en, fwd_err, link_disable, hp_irq, aer_irq, dpc_irq, take_own, take_msg;
  logic           bme, slot_quiet, msi_quiet, up_q, dropped;
  logic [31:0]    plain;

  always_comb begin
    acc = '0;
    if (req_valid_i) begin
      acc.wr     = req_write_i;
      acc.rd     = !req_write_i;
      acc.offset = req_offset_i;
      acc.data   = req_data_i;
      acc.mask   = {{8{req_be_i[3]}}, {8{req_be_i[2]}}, {8{req_be_i[1]}}, {8{req_be_i[0]}}};
    end
  end

  assign rdata_o = hdr_rdata | slot_rdata | aer_rdata | root_rdata | dpc_rdata | msi_rdata | acs_rdata;

  // ---------------------------------------------------------------- link and messages
  assign link_hold_o = sbr_o || link_disable || contained_o;
  assign dropped     = IsDown && up_q && !link_up_i && !link_hold_o && !surprise_i;
  assign plain       = plain_err_i | (dropped ? 32'd1 << ErrSurpriseDown : '0);
  assign msg         = fwd_err ? msg_i : '0;
  assign msg_fwd_o   = take_msg ? '0 : msg;
  // An error that containment takes is not signalled.
  assign sig         = take_own ? {2'b00, raw_sig[0]} : raw_sig;
  assign own_sig_o   = sig;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) up_q <= 1'b1;
    else if (up_q != link_up_i) up_q <= link_up_i;
  end

  pcie_port_header #(.PortType(PortType), .BusReset(BusReset), .MemReset(MemReset)) u_header (
    .clk_i, .rst_ni,
    .acc_i       (acc),
    .rdata_o     (hdr_rdata),
    .sig_serr_i  (serr_en && (sig[2:1] != '0)),
    .rcv_serr_i  (msg_i[2:1] != '0),
    .poisoned_i  (err_valid_i && err_i.number == ErrPoisoned),
    .mem_en_o,
    .bme_o       (bme),
    .serr_en_o   (serr_en),
    .fwd_err_o   (fwd_err),
    .sbr_o,
    .bus_o, .mem_o, .pref_base_o, .pref_limit_o
  );
  assign bme_o = bme;

  pcie_port_slot #(.PortType(PortType), .Slot(Slot)) u_slot (
    .clk_i, .rst_ni,
    .acc_i         (acc),
    .rdata_o       (slot_rdata),
    .surprise_i, .present_i, .link_up_i, .training_i,
    .devsta_set_i  (devsta_set),
    .enable_o      (enable),
    .mps_o,
    .link_disable_o(link_disable),
    .rrs_visible_o,
    .hp_irq_o      (hp_irq),
    .quiet_o       (slot_quiet)
  );

  pcie_port_aer #(.PortType(PortType)) u_aer (
    .clk_i, .rst_ni,
    .acc_i       (acc),
    .rdata_o     (aer_rdata),
    .enable_i    (enable),
    .serr_en_i   (serr_en),
    .err_valid_i, .err_i,
    .plain_i     (plain),
    .devsta_set_o(devsta_set),
    .sig_o       (raw_sig),
    .uncor_o     (uncor)
  );

  pcie_port_msi u_msi (
    .clk_i, .rst_ni,
    .acc_i  (acc),
    .rdata_o(msi_rdata),
    .bme_i  (bme),
    .irq_i  ({dpc_irq, aer_irq, hp_irq}),
    .msi_valid_o, .msi_ready_i, .msi_addr_o, .msi_data_o,
    .quiet_o(msi_quiet)
  );

  // ---------------------------------------------------------------- who collects own errors
  if (IsRoot) begin : gen_root
    logic unused_ready;
    assign unused_ready = emsg_ready_i;
    assign emsg_valid_o = 1'b0;
    assign emsg_o       = '0;

    pcie_port_root_err u_root_err (
      .clk_i, .rst_ni,
      .acc_i    (acc),
      .rdata_o  (root_rdata),
      .msg_i    (msg_fwd_o),
      .msg_rid_i,
      .own_i    (sig),
      .own_rid_i(Rid),
      .irq_o    (aer_irq)
    );
  end else begin : gen_switch
    port_sev_t   emsg_q;
    logic [15:0] unused_rid;
    assign unused_rid = msg_rid_i ^ Rid;
    assign root_rdata   = '0;
    assign aer_irq      = 1'b0;
    assign emsg_valid_o = emsg_q != '0;
    assign emsg_o       = emsg_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        emsg_q <= '0;
      end else if (emsg_q != '0) begin
        if (emsg_ready_i) emsg_q <= '0;
      end else if (sig != '0) begin
        emsg_q <= sig[2] ? 3'b100 : sig[1] ? 3'b010 : 3'b001;
      end
    end
  end

  // ---------------------------------------------------------------- containment and access control
  if (IsDown) begin : gen_down
    acs_cap_ctrl_t acs_q;

    pcie_port_dpc #(.Next(ExtNext), .Slot(Slot)) u_dpc (
      .clk_i, .rst_ni,
      .acc_i      (acc),
      .rdata_o    (dpc_rdata),
      .uncor_i    (uncor),
      .msg_i      (msg[2:1]),
      .msg_rid_i,
      .isolate_i,
      .take_own_o (take_own),
      .take_msg_o (take_msg),
      .contained_o,
      .irq_o      (dpc_irq)
    );

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) acs_q <= {11'd0, AcsReset, ACS_CAP_CTRL_RESET[15:0]};
      else if (acc.wr && acc.offset == ACS_CAP_CTRL_OFFSET) acs_q <= port_merge(acs_q, acc, ACS_CAP_CTRL_WMASK, '0);
    end

    always_comb begin
      acs_rdata = '0;
      if (acc.rd && acc.offset == ACS_HDR_OFFSET) acs_rdata = ACS_HDR_RESET;
      if (acc.rd && acc.offset == ACS_CAP_CTRL_OFFSET) acs_rdata = acs_q;
    end

    assign sv_o       = acs_q.sv;
    assign tb_o       = acs_q.tb;
    assign redirect_o = {acs_q.uf, acs_q.cr, acs_q.rr};
  end else begin : gen_up
    logic unused_down;
    assign unused_down = ^{isolate_i, uncor};
    assign dpc_rdata   = '0;
    assign acs_rdata   = '0;
    assign take_own    = 1'b0;
    assign take_msg    = 1'b0;
    assign contained_o = 1'b0;
    assign dpc_irq     = 1'b0;
    assign sv_o        = 1'b0;
    assign tb_o        = 1'b0;
    assign redirect_o  = '0;
  end

  assign quiet_o = !req_valid_i && slot_quiet && msi_quiet && (up_q == link_up_i) && !err_valid_i &&
                   (plain_err_i == '0) && (msg_i == '0) && !(isolate_i && !contained_o) &&
                   !(emsg_valid_o && emsg_ready_i);

endmodule
