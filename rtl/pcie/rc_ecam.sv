// SPDX-License-Identifier: Apache-2.0
//
// CPU accesses to devices: AXI4-Lite to configuration requests (ECAM) and memory requests (BAR windows).
//
// Above a switch (`Switched`) the one port has bus 1 and what lies below up to the last device: type 1 requests.
// Address map: 0x4000_0000 + {bus, device, function, register} becomes CfgRd0 / CfgWr0 at port bus - 1, on bus 0 an access
// to root port `device`; 0x5000_0000 + k * 64 KiB (BAR0) and 0x5800_0000 + k * 64 KiB (BAR2) become MRd / MWr at port
// k / NumFn, above a switch 0x5000_0000 + k MiB for device k (bridges have windows of whole megabytes), address unchanged. Write strobes become the first-dword byte enables. Elsewhere, a device number without a function, a link that is down, or a port without memory
// space enable: SLVERR at once (Unsupported Request). A completion with status UR or CA, a poisoned one, and a completion
// time-out (`timeout_i` cycles from acceptance, also if the request could not be sent; `cpl_timeout_o`) give SLVERR.
// RRS (pcie-ats.md section 1.3): a read of the Vendor ID at a port with RRS software visibility reads 0xFFFF0001; anything
// else is sent again until the time-out when `rrs_retry_i` says so, and gives SLVERR at once when not.
// A BAR write completes when it has entered the link: it is posted.
// `flr_o` looks for bit 15 of the dword FlrReg: a snooping root complex has to be told where Device Control is.
// Guarantees: one request outstanding; each non-posted one has a new tag, so a completion that comes after
// its time-out matches nothing and is reported on `unexpected_o`. In a tie of completion and time-out the
// completion wins. Nothing else in the root complex waits for this block.
// Latency: 1 cycle from the AXI request to the egress, 1 from the completion to the response.
module rc_ecam
  import atc_time_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned NumEp  = 4,
  parameter int unsigned NumFn  = 1,     // functions of a device
  parameter bit          Switched = 0,   // one port, a switch below it (D12)
  parameter int unsigned NumDev = 1,     // devices behind a port
  parameter logic [11:0] FlrReg = 12'h048
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  time_t            now_i,
  input  time_t            timeout_i,
  input  logic             rrs_retry_i,   // constant
  input  logic [NumEp-1:0] link_up_i,
  input  logic [NumEp-1:0] mem_en_i,
  input  logic [NumEp-1:0] rrs_visible_i,

  input  logic [31:0]      pci_awaddr_i,
  input  logic             pci_awvalid_i,
  output logic             pci_awready_o,
  input  logic [31:0]      pci_wdata_i,
  input  logic [3:0]       pci_wstrb_i,
  input  logic             pci_wvalid_i,
  output logic             pci_wready_o,
  output logic [1:0]       pci_bresp_o,
  output logic             pci_bvalid_o,
  input  logic             pci_bready_i,
  input  logic [31:0]      pci_araddr_i,
  input  logic             pci_arvalid_i,
  output logic             pci_arready_o,
  output logic [31:0]      pci_rdata_o,
  output logic [1:0]       pci_rresp_o,
  output logic             pci_rvalid_o,
  input  logic             pci_rready_i,

  // configuration space of the root ports; the read data of the port that is not asked are 0
  output logic [NumEp-1:0] port_valid_o,
  output logic             port_write_o,
  output logic [11:0]      port_offset_o,
  output logic [3:0]       port_be_o,
  output logic [31:0]      port_data_o,
  input  logic [31:0]      port_rdata_i,

  output logic [NumEp-1:0] req_valid_o,
  input  logic [NumEp-1:0] req_ready_i,
  output rc_cfg_tlp_t      req_o,

  input  logic [NumEp-1:0]       cpl_valid_i,  // always taken
  input  rc_cfg_tlp_t [NumEp-1:0] cpl_i,       // header dwords and first payload dword
  output logic [NumEp-1:0]       unexpected_o,
  output logic [NumEp-1:0]       cpl_timeout_o,
  output logic [NumEp-1:0]       flr_o,        // Initiate FLR was written with success, function flr_rid_o
  output logic [15:0]            flr_rid_o,

  output logic             quiet_o,
  output time_t            next_deadline_o
);

  localparam int unsigned IdxW = (NumEp > 1) ? $clog2(NumEp) : 1;
  localparam logic [1:0] Okay = 2'b00, Slverr = 2'b10;

  localparam logic [31:0] RrsId = 32'hFFFF_0001;

  typedef enum logic [2:0] {Idle, Send, Wait, Local, Resp} state_e;

  state_e          state_q, state_d;
  logic            write_q, write_d;    // the request in hand; after it, reads go first
  logic [IdxW-1:0] port_q, port_d;
  logic [7:0]      tag_q, tag_d;
  time_t           deadline_q, deadline_d;
  rc_cfg_tlp_t     req_q, req_d;
  logic [31:0]     rdata_q, rdata_d;
  logic [1:0]      resp_q, resp_d;

  // ---------------------------------------------------------------- request
  logic            wr_req, take_wr, take_rd, is_cfg, is_bar, is_posted, hit, own;
  logic [31:2]     addr;   // dword: byte lanes come as strobes
  logic [15:0]     place;
  logic [IdxW-1:0] index;
  logic            below;
  logic            unused_low;
  logic [3:0]      be;
  logic [7:0]      kind;

  assign wr_req  = pci_awvalid_i && pci_wvalid_i;
  assign take_wr = (state_q == Idle) && wr_req && !(pci_arvalid_i && write_q);
  assign take_rd = (state_q == Idle) && pci_arvalid_i && !take_wr;
  assign addr    = take_wr ? pci_awaddr_i[31:2] : pci_araddr_i[31:2];
  assign unused_low = ^{pci_awaddr_i[1:0], pci_araddr_i[1:0]};
  assign be      = take_wr ? pci_wstrb_i : 4'hF;
  assign is_cfg  = addr[31:28] == 4'h4;
  assign is_bar  = addr[31:28] == 4'h5;
  // Bus of the port's link, number of the device: 0 is the first one.
  assign place   = is_cfg ? {8'd0, addr[27:20]} - 16'd1 : Switched ? {9'd0, addr[26:20]} : {5'd0, addr[26:16]} / 16'(NumFn);
  assign index   = Switched ? '0 : place[IdxW-1:0];
  assign below   = Switched && is_cfg && (place != '0);
  assign own     = is_cfg && (addr[27:20] == '0) && ({3'd0, addr[19:15]} < 8'(NumEp)) && (addr[14:12] == '0);
  assign hit     = (place < (!Switched ? 16'(NumEp) : is_cfg ? 16'(NumDev + 2) : 16'(NumDev))) &&
                   ((is_bar && mem_en_i[index]) || (is_cfg && (below || addr[19:15] == '0)));

  always_comb begin
    unique case ({is_cfg, take_wr})
      2'b10:   kind = below ? CfgRd1 : CfgRd0;
      2'b11:   kind = below ? CfgWr1 : CfgWr0;
      2'b00:   kind = MRd3;
      default: kind = MWr3;
    endcase
  end
  assign is_posted = req_q.dw0[31:24] == MWr3;

  // ---------------------------------------------------------------- completion
  rc_cfg_tlp_t cpl;
  logic        match, sc, rrs, vendor;

  assign cpl   = cpl_i[port_q];
  assign match = (state_q == Wait) && cpl_valid_i[port_q] && (cpl.dw2[31:8] == {16'd0, tag_q});
  assign sc    = (cpl.dw1[15:13] == CplSc) && (write_q || cpl.dw0[31:24] == CplD) && !cpl.dw0[14];
  assign rrs   = (cpl.dw1[15:13] == CplRrs) && (req_q.dw0[28:24] inside {CfgRd0[4:0], CfgRd1[4:0]});
  assign vendor = !write_q && (req_q.dw2[11:2] == '0) && rrs_visible_i[port_q];

  always_comb begin
    unexpected_o = cpl_valid_i;
    if (match) unexpected_o[port_q] = 1'b0;
  end

  // ---------------------------------------------------------------- control
  logic expired, down;

  assign expired = now_i >= deadline_q;
  assign down    = !link_up_i[port_q];

  always_comb begin
    state_d    = state_q;
    write_d    = write_q;
    port_d     = port_q;
    tag_d      = tag_q;
    deadline_d = deadline_q;
    req_d      = req_q;
    rdata_d    = rdata_q;
    resp_d     = resp_q;
    unique case (state_q)
      Idle: begin
        if (take_wr || take_rd) begin
          write_d    = take_wr;
          port_d     = own ? addr[15+:IdxW] : index;
          deadline_d = now_i + timeout_i;
          req_d.dw0  = {kind, 24'd1};
          req_d.dw1  = {16'd0, tag_q, 4'h0, be};
          req_d.dw2  = is_cfg ? {addr[27:12], 4'd0, addr[11:2], 2'b00} : {addr[31:2], 2'b00};
          req_d.data = take_wr ? pci_wdata_i : '0;
          rdata_d    = '1;
          resp_d     = Slverr;
          state_d    = own ? Local : hit ? Send : Resp;
        end
      end
      Send: begin
        if (down) begin
          state_d = Resp;
        end else if (req_ready_i[port_q]) begin
          state_d = is_posted ? Resp : Wait;
          resp_d  = is_posted ? Okay : Slverr;
        end else if (expired) begin
          state_d = Resp;
        end
      end
      Wait: begin
        if (match) begin
          state_d = Resp;
          if (sc) begin
            resp_d  = Okay;
            rdata_d = cpl.data;
          end else if (rrs && vendor) begin
            resp_d  = Okay;
            rdata_d = RrsId;
          end else if (rrs && rrs_retry_i && !expired) begin
            state_d          = Send;
            req_d.dw1[15:8]  = tag_q + 1'b1;
          end
        end else if (expired || down) begin
          state_d = Resp;
        end
        if (state_d != Wait) tag_d = tag_q + 1'b1;
      end
      Local: begin
        state_d = Resp;
        resp_d  = Okay;
        rdata_d = port_rdata_i;
      end
      Resp: if (write_q ? pci_bready_i : pci_rready_i) state_d = Idle;
      default: state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= Idle;
      write_q    <= 1'b0;
      port_q     <= '0;
      tag_q      <= '0;
      deadline_q <= '0;
      req_q      <= '0;
      rdata_q    <= '0;
      resp_q     <= Okay;
    end else begin
      state_q    <= state_d;
      write_q    <= write_d;
      port_q     <= port_d;
      tag_q      <= tag_d;
      deadline_q <= deadline_d;
      req_q      <= req_d;
      rdata_q    <= rdata_d;
      resp_q     <= resp_d;
    end
  end

  // ---------------------------------------------------------------- outputs
  always_comb begin
    req_valid_o = '0;
    if (state_q == Send && !down) req_valid_o[port_q] = 1'b1;
  end
  assign req_o = req_q;

  always_comb begin
    port_valid_o  = '0;
    port_write_o  = write_q;
    port_offset_o = req_q.dw2[11:0];
    port_be_o     = req_q.dw1[3:0];
    port_data_o   = req_q.data;
    if (state_q == Local) port_valid_o[port_q] = 1'b1;
    flr_o     = '0;
    flr_rid_o = req_q.dw2[31:16];
    if (match && sc && req_q.dw0[31:24] inside {CfgWr0, CfgWr1} && req_q.dw2[11:2] == FlrReg[11:2]) begin
      flr_o[port_q] = req_q.dw1[1] && req_q.data[15];
    end
    cpl_timeout_o = '0;
    if (expired && !down && ((state_q == Send && !req_ready_i[port_q]) || (state_q == Wait && !match))) begin
      cpl_timeout_o[port_q] = 1'b1;
    end
  end

  assign pci_awready_o = take_wr;
  assign pci_wready_o  = take_wr;
  assign pci_arready_o = take_rd;
  assign pci_bvalid_o  = (state_q == Resp) && write_q;
  assign pci_rvalid_o  = (state_q == Resp) && !write_q;
  assign pci_bresp_o   = resp_q;
  assign pci_rresp_o   = resp_q;
  assign pci_rdata_o   = rdata_q;

  // ---------------------------------------------------------------- quiet (D21)
  assign quiet_o         = (state_d == state_q) && (cpl_valid_i == '0);
  assign next_deadline_o = (state_q == Send || state_q == Wait) ? deadline_q : NoDeadline;

endmodule
