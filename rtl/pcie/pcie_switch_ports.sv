// SPDX-License-Identifier: Apache-2.0
//
// The configuration spaces of a switch's ports (pcie_port_cfg): upstream port (number 0, device 0 of its primary bus) and
// downstream ports (number d + 1, device d of the bus inside the switch), and what the ports send upstream themselves.
//
// Guarantees: `port_o` is what the registers say, so routing, windows and access control follow a write from the next cycle on.
// An error message from below passes when SERR# enable of Bridge Control is set in its downstream port and in the upstream
// port, and containment (DPC) does not take it (`msg_fwd_o`, in the same cycle). Own error messages of a downstream port need
// the upstream port's enable as well. Own packets go one at a time, the ports take turns: an error message or an interrupt.
// A message signalled interrupt is a memory write with the port's requester ID, which the SMMU translates like any other.
// `hold_o`: a port wants its link down (link disable, secondary bus reset, containment); that of the upstream port's secondary bus
// reset holds all. Does not: act on it, reset the registers with the link above, log what finds a link down.
// Parameters are what firmware has programmed before the first access: `FirstBus` is the bus of the first device.
// Latency: register read 0 cycles, write 1; error to message 1 cycle.
module pcie_switch_ports
  import tlp_pkg::*;
  import pcie_port_pkg::*;
#(
  parameter int unsigned NumDown             = 4,
  parameter int unsigned PrimaryBus          = 1,
  parameter int unsigned FirstBus            = 3,
  parameter int unsigned FirstMem            = 'h500,     // address bits 31 to 20 of the first device's window, one each
  parameter bit          SourceValidation    = 1,
  parameter bit          TranslationBlocking = 0,
  localparam int unsigned NumPort = NumDown + 1
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     surprise_i,     // slots say that devices may go without warning, constant
  input  logic                     root_up_i,
  input  logic [NumDown-1:0]       present_i,
  input  logic [NumDown-1:0]       up_i,
  input  logic [NumDown-1:0]       training_i,
  output logic [NumDown-1:0]       hold_o,
  output sw_port_t                 port_o [NumPort],

  // of pcie_switch
  input  logic [NumPort-1:0]       acc_valid_i,
  input  logic                     acc_write_i,
  input  logic [11:0]              acc_offset_i,
  input  logic [3:0]               acc_be_i,
  input  logic [31:0]              acc_data_i,
  output logic [31:0]              acc_rdata_o,
  input  logic [NumPort-1:0]       err_valid_i,
  input  port_err_t                err_i [NumPort],
  input  port_sev_t [NumPort-1:0]  msg_i,
  input  logic [NumPort-1:0][15:0] msg_rid_i,
  output port_sev_t [NumPort-1:0]  msg_fwd_o,
  output logic                     inj_valid_o,
  input  logic                     inj_ready_i,
  output logic [4:0][31:0]         inj_o,          // dw0..dw3, data

  output logic                     quiet_o
);

  localparam int unsigned IdxW     = $clog2(NumPort);
  localparam logic [7:0]  LastBus  = 8'(FirstBus + NumDown - 1);
  localparam logic [7:0]  InnerBus = 8'(PrimaryBus + 1);

  logic [31:0]              rdata [NumPort];
  logic [NumPort-1:0]       hold, emsg_valid, emsg_ready, msi_valid, msi_ready, quiet, want, grant;
  port_sev_t [NumPort-1:0]  emsg;
  port_sev_t                fwd [NumPort];         // that of the upstream port is fwd_above
  port_sev_t                fwd_above;
  logic [NumPort-1:0][63:0] msi_addr;
  logic [NumPort-1:0][31:0] msi_data;
  logic [NumPort-1:0][15:0] rid;
  port_sev_t                above;                 // what comes to the upstream port from inside
  logic [NumPort-1:0]       muted;                 // an own message that the upstream port does not let out
  logic [IdxW-1:0]          index;

  // ---------------------------------------------------------------- ports
  for (genvar p = 0; p < NumPort; p++) begin : gen_port
    localparam int unsigned D = (p == 0) ? 0 : p - 1;
    localparam port_type_e  Kind = (p == 0) ? PortUpstream : PortDownstream;

    port_cfg_pkg::bus_t        bus;
    port_cfg_pkg::mem_window_t mem;
    logic [63:0]               pref_base, pref_limit;
    logic [2:0]                redirect;           // {UF, CR, RR}
    logic                      mem_en, bme, sv, tb;
    logic [2:0]                mps;

    // For a root port, or the monitor.
    logic      unused_rrs, unused_sbr, unused_contained, unused_bits;
    port_sev_t passed, unused_sig;

    pcie_port_cfg #(
      .PortType(Kind),
      .BusReset((p == 0) ? {LastBus, InnerBus, 8'(PrimaryBus)} : {8'(FirstBus + D), 8'(FirstBus + D), InnerBus}),
      .MemReset({(p == 0) ? 12'(FirstMem + NumDown - 1) : 12'(FirstMem + D), 4'd0, 12'(FirstMem + D), 4'd0}),
      .Slot    (13'(p)),
      .AcsReset({1'b0, 1'b1, 1'b1, TranslationBlocking, SourceValidation})
    ) u_cfg (
      .clk_i, .rst_ni,
      .req_valid_i  (acc_valid_i[p]),
      .req_write_i  (acc_write_i),
      .req_offset_i (acc_offset_i),
      .req_be_i     (acc_be_i),
      .req_data_i   (acc_data_i),
      .rdata_o      (rdata[p]),
      // A link that goes down with the one above, or for the upstream port's reset, is no surprise.
      .surprise_i   (surprise_i || !root_up_i || ((p != 0) && hold[0])),
      .present_i    ((p == 0) || present_i[D]),
      .link_up_i    ((p == 0) ? root_up_i : up_i[D]),
      .training_i   ((p != 0) && training_i[D]),
      .err_valid_i  (err_valid_i[p]),
      .err_i        (err_i[p]),
      .plain_err_i  ('0),
      .msg_i        ((p == 0) ? above : msg_i[p]),
      .msg_rid_i    (msg_rid_i[p]),
      .isolate_i    (1'b0),
      .mem_en_o     (mem_en),
      .bme_o        (bme),
      .mps_o        (mps),
      .bus_o        (bus),
      .mem_o        (mem),
      .pref_base_o  (pref_base),
      .pref_limit_o (pref_limit),
      .sv_o         (sv),
      .tb_o         (tb),
      .redirect_o   (redirect),
      .rrs_visible_o(unused_rrs),
      .sbr_o        (unused_sbr),
      .link_hold_o  (hold[p]),
      .contained_o  (unused_contained),
      .msg_fwd_o    (passed),
      .own_sig_o    (unused_sig),
      .emsg_valid_o (emsg_valid[p]),
      .emsg_ready_i (emsg_ready[p]),
      .emsg_o       (emsg[p]),
      .msi_valid_o  (msi_valid[p]),
      .msi_ready_i  (msi_ready[p]),
      .msi_addr_o   (msi_addr[p]),
      .msi_data_o   (msi_data[p]),
      .quiet_o      (quiet[p])
    );

    assign port_o[p] = '{
      mem_en:       mem_en,
      bme:          bme,
      mps:          mps,
      pri_bus:      bus.primary,
      sec_bus:      bus.secondary,
      sub_bus:      bus.subordinate,
      mem_base:     {mem.base, 4'h0},
      mem_limit:    {mem.limit, 4'hF},
      pref_base:    pref_base[63:20],
      pref_limit:   pref_limit[63:20],
      acs_source:   sv,
      acs_blocking: tb,
      acs_request:  redirect[0],
      acs_cpl:      redirect[1],
      acs_direct:   1'b0
    };
    if (p == 0) begin : gen_above
      assign fwd_above = passed;
      assign fwd[p]    = '0;
    end else begin : gen_below
      assign fwd[p]    = passed;
    end
    assign rid[p]      = (p == 0) ? {bus.primary, 8'd0} : {port_o[0].sec_bus, 5'(D), 3'd0};
    assign unused_bits = ^{bus.rsvd_31_24, mem.rsvd_19_16, mem.rsvd_3_0, pref_base[19:0], pref_limit[19:0], redirect[2]};
  end

  always_comb begin
    acc_rdata_o = '0;
    for (int unsigned p = 0; p < NumPort; p++) acc_rdata_o |= rdata[p];
    for (int unsigned d = 0; d < NumDown; d++) hold_o[d] = hold[d + 1] || hold[0];
  end

  // ---------------------------------------------------------------- error messages on their way up
  // All of a cycle and those of the downstream ports themselves; the upstream port's answer is the same for each kind.
  always_comb begin
    above = '0;
    for (int unsigned p = 1; p < NumPort; p++) above |= fwd[p] | (emsg_valid[p] ? emsg[p] : '0);
    msg_fwd_o = '0;
    muted     = '0;
    for (int unsigned p = 1; p < NumPort; p++) begin
      msg_fwd_o[p] = fwd[p] & fwd_above;
      muted[p]     = emsg_valid[p] && (emsg[p] & fwd_above) == '0;
    end
  end

  // ---------------------------------------------------------------- own packets
  assign want = (emsg_valid & ~muted) | msi_valid;

  arb_rr #(.N(NumPort)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (want),
    .advance_i(inj_ready_i),
    .grant_o  (grant),
    .valid_o  (inj_valid_o),
    .index_o  (index)
  );

  logic       is_msg, far;
  logic [7:0] code;

  always_comb begin
    inj_o  = '0;
    code   = MsgErrCor;
    is_msg = 1'b0;
    far    = 1'b0;
    if (inj_valid_o) begin
      is_msg   = emsg_valid[index] && !muted[index];
      far      = msi_addr[index][63:32] != '0;
      code     = emsg[index][2] ? MsgErrFatal : emsg[index][1] ? MsgErrNonfatal : MsgErrCor;
      inj_o[1] = {rid[index], 8'd0, code};
      inj_o[0] = {MsgRoot, 24'd0};
      if (!is_msg) begin
        inj_o[0] = {far ? MWr4 : MWr3, 24'd1};
        inj_o[1] = {rid[index], 16'h000F};
        inj_o[2] = far ? msi_addr[index][63:32] : msi_addr[index][31:0];
        inj_o[3] = far ? msi_addr[index][31:0] : '0;
        inj_o[4] = msi_data[index];
      end
    end
  end

  assign emsg_ready = muted | (grant & {NumPort{inj_ready_i && is_msg}});
  assign msi_ready  = grant & {NumPort{inj_ready_i && !is_msg}};

  assign quiet_o = (&quiet) && (muted == '0) && !(inj_valid_o && inj_ready_i);

endmodule
