// SPDX-License-Identifier: Apache-2.0
//
// PCI Express capability of a port: device, link, slot and root registers, and the hot-plug condition.
//
// A change of `present_i` or `link_up_i` sets the slot's event bit in the next cycle; both are taken to be 1 before reset
// ends. `hp_irq_o` is the level "hot-plug interrupt enable and an enabled event": its rising edge is one interrupt.
// The upstream port of a switch has no slot, only a root port has root registers: there they read 0.
// Does not: have indicators, buttons, latches, a power controller or command completed events.
// pcie-ats.md section 9.
module pcie_port_slot
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
#(
  parameter port_type_e  PortType = PortRoot,
  parameter logic [12:0] Slot     = '0
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  port_acc_t      acc_i,
  output logic [31:0]    rdata_o,

  input  logic           surprise_i,      // constant: the slot says that devices may go without warning
  input  logic           present_i,
  input  logic           link_up_i,
  input  logic           training_i,
  input  logic [3:0]     devsta_set_i,    // {URD, FED, NFED, CED}

  output logic [3:0]     enable_o,        // Device Control {URRE, FERE, NFERE, CERE}
  output logic [2:0]     mps_o,           // and Max_Payload_Size
  output logic           link_disable_o,
  output logic           rrs_visible_o,
  output logic           hp_irq_o,
  output logic           quiet_o
);

  localparam bit          HasSlot = PortType != PortUpstream;
  localparam bit          IsRoot  = PortType == PortRoot;
  localparam logic [31:0] DevW1c  = 32'h000F_0000;
  localparam logic [31:0] SlotW1c = 32'h0108_0000;
  localparam logic [31:0] CapType = {7'd0, HasSlot, PortType, 20'd0};
  localparam logic [31:0] CapMask = 32'h01F0_0000;

  devctl_devsta_t   dev_q, dev_d;
  linkctl_linksta_t link_q, link_r;
  slotctl_slotsta_t slot_q, slot_d, slot_r;
  slotcap_t         slotcap;
  rootctl_rootcap_t root_q;
  logic             present_q, up_q, changed;

  assign changed = (present_i != present_q) || (link_up_i != up_q);

  always_comb begin
    dev_d  = dev_q;
    slot_d = slot_q;
    if (acc_i.wr) begin
      if (acc_i.offset == DEVCTL_DEVSTA_OFFSET) dev_d = port_merge(dev_q, acc_i, DEVCTL_DEVSTA_WMASK, DevW1c);
      if (acc_i.offset == SLOTCTL_SLOTSTA_OFFSET && HasSlot) begin
        slot_d = port_merge(slot_q, acc_i, SLOTCTL_SLOTSTA_WMASK, SlotW1c);
      end
    end
    {dev_d.urd, dev_d.fed, dev_d.nfed, dev_d.ced} = {dev_d.urd, dev_d.fed, dev_d.nfed, dev_d.ced} | devsta_set_i;
    if (HasSlot && (present_i != present_q)) slot_d.pdc = 1'b1;
    if (HasSlot && (link_up_i != up_q)) slot_d.dllsc = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      dev_q     <= DEVCTL_DEVSTA_RESET;
      link_q    <= LINKCTL_LINKSTA_RESET;
      slot_q    <= SLOTCTL_SLOTSTA_RESET;
      root_q    <= IsRoot ? ROOTCTL_ROOTCAP_RESET : '0;
      present_q <= 1'b1;
      up_q      <= 1'b1;
    end else if (acc_i.wr || changed || (devsta_set_i != '0)) begin
      dev_q     <= dev_d;
      slot_q    <= slot_d;
      present_q <= present_i;
      up_q      <= link_up_i;
      if (acc_i.wr && acc_i.offset == LINKCTL_LINKSTA_OFFSET && HasSlot) begin
        link_q <= port_merge(link_q, acc_i, LINKCTL_LINKSTA_WMASK, '0);
      end
      if (acc_i.wr && acc_i.offset == ROOTCTL_ROOTCAP_OFFSET && IsRoot) begin
        root_q <= port_merge(root_q, acc_i, ROOTCTL_ROOTCAP_WMASK, '0);
      end
    end
  end

  always_comb begin
    link_r           = link_q;
    link_r.dl_active = link_up_i;
    link_r.training  = training_i;
    slot_r           = slot_q;
    slot_r.pds       = present_i;
    slotcap          = SLOTCAP_RESET;
    slotcap.surprise = surprise_i;
    slotcap.number   = Slot;
    rdata_o          = '0;
    if (acc_i.rd) begin
      unique case (acc_i.offset)
        PCIE_CAP_OFFSET:        rdata_o = (PCIE_CAP_RESET & ~CapMask) | CapType;
        DEVCAP_OFFSET:          rdata_o = DEVCAP_RESET | {29'd0, tlp_pkg::MpsSupported};
        DEVCTL_DEVSTA_OFFSET:   rdata_o = dev_q;
        LINKCAP_OFFSET:         rdata_o = LINKCAP_RESET;
        LINKCTL_LINKSTA_OFFSET: rdata_o = link_r;
        SLOTCAP_OFFSET:         rdata_o = HasSlot ? slotcap : '0;
        SLOTCTL_SLOTSTA_OFFSET: rdata_o = HasSlot ? slot_r : '0;
        ROOTCTL_ROOTCAP_OFFSET: rdata_o = root_q;
        DEVCAP2_OFFSET:         rdata_o = DEVCAP2_RESET;
        default:                rdata_o = '0;
      endcase
    end
  end

  assign enable_o       = {dev_q.urre, dev_q.fere, dev_q.nfere, dev_q.cere};
  assign mps_o          = dev_q.mps;
  assign link_disable_o = link_q.disable_;
  assign rrs_visible_o  = root_q.rrs_vis_en;
  assign hp_irq_o       = slot_q.hpie && ((slot_q.pdc && slot_q.pdce) || (slot_q.dllsc && slot_q.dllsce));
  assign quiet_o        = !changed;

endmodule
