// SPDX-License-Identifier: Apache-2.0
//
// Root complex: NumEp root ports, each with a link and NumDev devices behind it, behind one SMMU interface, one AXI4 port for device
// traffic and one AXI4-Lite port for the CPU. Wiring only; the parts are
//   rc_port_rx  what an upstream packet is             rc_port_tx  what a port sends next
//   rc_dma      memory and translation requests        rc_inv      ATC invalidation (D9, D13)
//   rc_ecam     configuration and BAR accesses         rc_pri      Page Requests and their responses
//   rc_root_port  configuration space, link state, errors, isolation      rc_msi      interrupts of the ports
// Own requester ID (of invalidations and CPU requests) and completer ID: 0x0000.
// Guarantees: a port never waits for another port's credit (D12); configuration time-outs block nothing but
// the CPU's next access to pci_*; with the link down, requests of the CPU end at once and Invalidate Requests
// come back as ur-local. With `Switched` there is one port and a switch below it (D12): the first endpoint is on bus 3, and
// `dev_up_i` tells which of the switch's links are up, so that D13 holds for them too. Does not contain: the switch.
module pcie_rc
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import tlp_pkg::*;
  import pcie_port_pkg::*;
#(
  parameter int unsigned NumEp = 4,             // root ports, 1..16
  parameter int unsigned NumDev = 1,            // devices behind each; more than one with Switched only
  parameter bit          Switched = 0,
  parameter int unsigned NumFn = 1,             // functions of a device
  parameter bit          SourceValidation = 1,  // D15, reset values of the ports' ACS control
  parameter bit          TranslationBlocking = 0
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  time_t                 now_i,
  input  time_t                 cfg_timeout_i,
  // straps, constant
  input  logic [15:0]           train_i,            // cycles until a link is up again
  input  logic                  surprise_i,         // slots say that devices may go without warning
  input  logic                  rrs_retry_i,
  input  logic [1:0]            iso_mode_i,         // D16
  input  logic                  flr_snoop_i,        // D17
  // slots and lines
  input  logic [NumEp-1:0]      present_i,
  input  logic [NumEp-1:0]      line_i,
  output logic [NumEp-1:0]      link_up_o,
  input  logic [NumEp*NumDev*NumFn-1:0] inv_timeout_i, // of the SMMU, pulses, by function
  input  logic [NumEp*NumDev-1:0] dev_up_i,         // links below a switch

  // links
  output logic [NumEp-1:0]      tx_valid_o,
  input  logic [NumEp-1:0]      tx_ready_i,
  output tlp_t                  tx_o [NumEp],
  input  logic [NumEp-1:0][2:0] tx_class_ready_i,   // {CPL, NP, P}
  input  logic [NumEp-1:0]      rx_valid_i,
  output logic [NumEp-1:0]      rx_ready_o,
  input  tlp_t                  rx_i [NumEp],
  output logic [NumEp-1:0][2:0] rx_class_ready_o,

  // SMMU: invalidation
  input  logic     [NumEp-1:0]  inv_req_valid_i,
  output logic     [NumEp-1:0]  inv_req_ready_o,
  input  inv_req_t [NumEp-1:0]  inv_req_i,
  output logic                  inv_cpl_valid_o,
  output inv_cpl_t              inv_cpl_o,
  output logic                  inv_ur_valid_o,
  output inv_ur_t               inv_ur_o,

  // SMMU: page requests
  output logic                  pri_req_valid_o,
  input  logic                  pri_req_ready_i,
  output pri_req_t              pri_req_o,
  input  logic                  prg_rsp_valid_i,
  output logic                  prg_rsp_ready_o,
  input  prg_rsp_t              prg_rsp_i,

  // SMMU: transactions
  output logic                  tbu_req_valid_o,
  input  logic                  tbu_req_ready_i,
  output tbu_req_t              tbu_req_o,
  input  logic                  tbu_rsp_valid_i,
  output logic                  tbu_rsp_ready_o,
  input  tbu_rsp_t              tbu_rsp_i,
  output txn_done_t [NumTxnDone-1:0] txn_done_o,

  // CPU, AXI4-Lite slave
  input  logic [31:0]           pci_awaddr_i,
  input  logic                  pci_awvalid_i,
  output logic                  pci_awready_o,
  input  logic [31:0]           pci_wdata_i,
  input  logic [3:0]            pci_wstrb_i,
  input  logic                  pci_wvalid_i,
  output logic                  pci_wready_o,
  output logic [1:0]            pci_bresp_o,
  output logic                  pci_bvalid_o,
  input  logic                  pci_bready_i,
  input  logic [31:0]           pci_araddr_i,
  input  logic                  pci_arvalid_i,
  output logic                  pci_arready_o,
  output logic [31:0]           pci_rdata_o,
  output logic [1:0]            pci_rresp_o,
  output logic                  pci_rvalid_o,
  input  logic                  pci_rready_i,

  // memory, AXI4 master
  output logic [3:0]            dma_arid_o,
  output logic [47:0]           dma_araddr_o,
  output logic [7:0]            dma_arlen_o,
  output logic [17:0]           dma_aruser_o,
  output logic                  dma_arvalid_o,
  input  logic                  dma_arready_i,
  input  logic [3:0]            dma_rid_i,
  input  logic [127:0]          dma_rdata_i,
  input  logic [1:0]            dma_rresp_i,
  input  logic                  dma_rlast_i,
  input  logic                  dma_rvalid_i,
  output logic                  dma_rready_o,
  output logic [3:0]            dma_awid_o,
  output logic [47:0]           dma_awaddr_o,
  output logic [7:0]            dma_awlen_o,
  output logic [17:0]           dma_awuser_o,
  output logic                  dma_awvalid_o,
  input  logic                  dma_awready_i,
  output logic [127:0]          dma_wdata_o,
  output logic [15:0]           dma_wstrb_o,
  output logic                  dma_wlast_o,
  output logic                  dma_wvalid_o,
  input  logic                  dma_wready_i,
  input  logic [3:0]            dma_bid_i,
  input  logic [1:0]            dma_bresp_i,
  input  logic                  dma_bvalid_i,
  output logic                  dma_bready_o,

  output logic                  quiet_o,
  output time_t                 next_deadline_o
);

  localparam int unsigned SeqW     = 6;
  localparam int unsigned FirstBus = Switched ? 3 : 1;   // of endpoint 0

  logic [NumEp-1:0]           req_valid, p_ready, np_ready, cpl_in_valid;
  rc_req_e                    req_kind [NumEp];
  tlp_hdr_t                   hdr [NumEp];
  logic [MaxPayload*8-1:0]    req_data [NumEp];
  rc_cfg_tlp_t [NumEp-1:0]    cpl_in;
  logic [NumEp-1:0]           inv_rx_valid, inv_rx_ready, inv_tx_valid, inv_tx_ready;
  inv_cpl_t [NumEp-1:0]       inv_rx;
  logic [NumEp-1:0]           cfg_valid, cfg_ready, cpl_valid, cpl_ready;
  rc_cfg_tlp_t                cfg;
  tlp_t                       cpl [NumEp];
  logic [NumEp-1:0][SeqW-1:0] wr_taken, wr_retired;
  logic [NumEp-1:0]           pri_rx_valid, pri_rx_ready, pri_tx_valid, pri_tx_ready;
  pri_req_t [NumEp-1:0]       pri_rx;
  prg_rsp_t [NumEp-1:0]       pri_tx;
  logic                       dma_quiet, inv_quiet, pri_quiet, ecam_quiet, msi_quiet, ports_quiet;
  time_t                      ecam_deadline, ports_deadline;
  logic [NumEp-1:0]           link_up, port_quiet, mem_en, rrs_visible, unexpected, cpl_timeout, flr, iso_all;
  logic [NumEp-1:0][NumDev*NumFn-1:0] isolated;
  time_t                      port_deadline [NumEp];
  logic [15:0]                flr_rid;
  logic [NumEp-1:0]           port_valid, msi_valid, msi_ready;
  logic [NumEp-1:0][63:0]     msi_addr;
  logic [NumEp-1:0][31:0]     msi_data;
  logic                       port_write;
  logic [11:0]                port_offset;
  logic [3:0]                 port_be;
  logic [31:0]                port_data, port_rdata;
  logic [31:0]                port_rdatas [NumEp];
  // For the monitor: packets thrown away.
  logic [NumEp-1:0]           unused_drop;
  logic                       unused_prg_drop;
  rc_drop_e                   unused_drop_cause [NumEp];

  // Time for all ports: only their links' training has a deadline.
  time_t now_ports;

  time_gate u_ports_gate (.now_i, .quiet_i(ports_quiet), .deadline_i(ports_deadline), .now_o(now_ports));

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    assign hdr[i] = '{pfx_valid: rx_i[i].pfx_valid, pfx: rx_i[i].pfx, dw0: rx_i[i].dw0,
                      dw1: rx_i[i].dw1, dw2: rx_i[i].dw2, dw3: rx_i[i].dw3};
    assign req_data[i] = rx_i[i].data;
    assign cpl_in[i]   = '{dw0: rx_i[i].dw0, dw1: rx_i[i].dw1, dw2: rx_i[i].dw2,
                           data: rx_i[i].data[31:0]};

    logic       err_valid, err_advisory, sv, tb, bme, iso;
    logic [2:0] mps;
    logic [4:0] err_number;
    logic       clk_port, clk_tx;
    logic [7:0] sec_bus, sub_bus;
    port_sev_t  msg;

    clk_gate u_port_gate (.clk_i, .idle_i(port_quiet[i] && now_ports < port_deadline[i]), .clk_o(clk_port));
    clk_gate u_tx_gate (.clk_i, .idle_i(!tx_valid_o[i]), .clk_o(clk_tx));

    rc_root_port #(
      .Index              (i),
      .NumReq             (NumDev * NumFn),
      .SecondaryBus       (8'(i + 1)),
      .SubordinateBus     (Switched ? 8'(NumDev + 2) : 8'(i + 1)),
      .SourceValidation   (SourceValidation),
      .TranslationBlocking(TranslationBlocking)
    ) u_port (
      .clk_i         (clk_port),
      .rst_ni,
      .now_i         (now_ports),
      .train_i, .surprise_i, .iso_mode_i,
      .present_i     (present_i[i]),
      .line_i        (line_i[i]),
      .link_up_o     (link_up[i]),
      .acc_valid_i   (port_valid[i]),
      .acc_write_i   (port_write),
      .acc_offset_i  (port_offset),
      .acc_be_i      (port_be),
      .acc_data_i    (port_data),
      .acc_rdata_o   (port_rdatas[i]),
      .err_valid_i   (err_valid),
      .err_number_i  (err_number),
      .err_advisory_i(err_advisory),
      .hdr_i         (hdr[i]),
      .unexpected_i  (unexpected[i]),
      .cpl_timeout_i (cpl_timeout[i]),
      .msg_i         (msg),
      .inv_timeout_i (inv_timeout_i[i*NumDev*NumFn+:NumDev*NumFn]),
      .mem_en_o      (mem_en[i]),
      .bme_o         (bme),
      .mps_o         (mps),
      .sv_o          (sv),
      .tb_o          (tb),
      .sec_bus_o     (sec_bus),
      .sub_bus_o     (sub_bus),
      .rrs_visible_o (rrs_visible[i]),
      .isolated_o    (isolated[i]),
      .iso_all_o     (iso_all[i]),
      .msi_valid_o   (msi_valid[i]),
      .msi_ready_i   (msi_ready[i]),
      .msi_addr_o    (msi_addr[i]),
      .msi_data_o    (msi_data[i]),
      .quiet_o       (port_quiet[i]),
      .next_deadline_o(port_deadline[i])
    );

    rc_iso_match #(.NumDev(NumDev), .NumFn(NumFn), .FirstBus(FirstBus + i * NumDev)) u_iso (
      .isolated_i(isolated[i]),
      .all_i     (iso_all[i]),
      .rid_i     (rx_i[i].dw1[31:16]),
      .at_i      (rx_i[i].dw0[11:10]),
      .drop_o    (iso)
    );

    rc_port_rx #(.Index(i), .SharedBus(Switched ? FirstBus : 0)) u_rx (
      .clk_i, .rst_ni,
      .rx_valid_i      (rx_valid_i[i]),
      .rx_ready_o      (rx_ready_o[i]),
      .rx_class_ready_o(rx_class_ready_o[i]),
      .rx_i            (hdr[i]),
      .sv_i            (sv),
      .tb_i            (tb),
      .bme_i           (bme),
      .mps_i           (mps),
      .sec_bus_i       (sec_bus),
      .sub_bus_i       (sub_bus),
      .iso_i           (iso),
      .req_valid_o     (req_valid[i]),
      .req_kind_o      (req_kind[i]),
      .req_p_ready_i   (p_ready[i]),
      .req_np_ready_i  (np_ready[i]),
      .cpl_valid_o     (cpl_in_valid[i]),
      .inv_valid_o     (inv_rx_valid[i]),
      .inv_ready_i     (inv_rx_ready[i]),
      .inv_o           (inv_rx[i]),
      .pri_valid_o     (pri_rx_valid[i]),
      .pri_ready_i     (pri_rx_ready[i]),
      .pri_o           (pri_rx[i]),
      .drop_o          (unused_drop[i]),
      .drop_cause_o    (unused_drop_cause[i]),
      .err_valid_o     (err_valid),
      .err_number_o    (err_number),
      .err_advisory_o  (err_advisory),
      .msg_o           (msg)
    );

    rc_port_tx u_tx (
      .clk_i           (clk_tx),
      .rst_ni,
      .inv_valid_i     (inv_tx_valid[i]),
      .inv_ready_o     (inv_tx_ready[i]),
      .inv_i           (inv_req_i[i]),
      .prg_valid_i     (pri_tx_valid[i]),
      .prg_ready_o     (pri_tx_ready[i]),
      .prg_i           (pri_tx[i]),
      .cfg_valid_i     (cfg_valid[i]),
      .cfg_ready_o     (cfg_ready[i]),
      .cfg_i           (cfg),
      .cpl_valid_i     (cpl_valid[i]),
      .cpl_ready_o     (cpl_ready[i]),
      .cpl_i           (cpl[i]),
      .tx_valid_o      (tx_valid_o[i]),
      .tx_ready_i      (tx_ready_i[i]),
      .tx_o            (tx_o[i]),
      .tx_class_ready_i(tx_class_ready_i[i])
    );
  end

  logic  clk_inv, clk_pri, clk_ecam, clk_msi;
  time_t now_ecam;

  clk_gate u_inv_gate (.clk_i, .idle_i(inv_quiet), .clk_o(clk_inv));
  clk_gate u_pri_gate (.clk_i, .idle_i(pri_quiet), .clk_o(clk_pri));
  clk_gate u_ecam_gate (.clk_i, .idle_i(ecam_quiet && now_ecam < ecam_deadline), .clk_o(clk_ecam));
  time_gate u_ecam_time_gate (.now_i, .quiet_i(ecam_quiet), .deadline_i(ecam_deadline), .now_o(now_ecam));
  clk_gate u_msi_gate (.clk_i, .idle_i(msi_quiet), .clk_o(clk_msi));

  rc_inv #(.NumEp(NumEp), .NumDev(NumDev), .FirstBus(FirstBus), .SeqW(SeqW)) u_inv (
    .clk_i       (clk_inv),
    .rst_ni, .dev_up_i,
    .link_up_i   (link_up),
    .flr_i       (flr & {NumEp{flr_snoop_i}}),
    .flr_rid_i   (flr_rid),
    .req_valid_i (inv_req_valid_i),
    .req_ready_o (inv_req_ready_o),
    .req_i       (inv_req_i),
    .ur_valid_o  (inv_ur_valid_o),
    .ur_o        (inv_ur_o),
    .cpl_valid_o (inv_cpl_valid_o),
    .cpl_o       (inv_cpl_o),
    .tx_valid_o  (inv_tx_valid),
    .tx_ready_i  (inv_tx_ready),
    .rx_valid_i  (inv_rx_valid),
    .rx_ready_o  (inv_rx_ready),
    .rx_i        (inv_rx),
    .wr_taken_i  (wr_taken),
    .wr_retired_i(wr_retired),
    .quiet_o     (inv_quiet)
  );

  rc_pri #(.NumEp(NumEp), .NumDev(NumDev), .FirstBus(FirstBus)) u_pri (
    .clk_i      (clk_pri),
    .rst_ni,
    .link_up_i  (link_up),
    .rx_valid_i (pri_rx_valid),
    .rx_ready_o (pri_rx_ready),
    .rx_i       (pri_rx),
    .pri_req_valid_o, .pri_req_ready_i, .pri_req_o, .prg_rsp_valid_i, .prg_rsp_ready_o, .prg_rsp_i,
    .tx_valid_o (pri_tx_valid),
    .tx_ready_i (pri_tx_ready),
    .tx_o       (pri_tx),
    .drop_o     (unused_prg_drop),
    .quiet_o    (pri_quiet)
  );

  rc_ecam #(.NumEp(NumEp), .NumFn(NumFn), .Switched(Switched), .NumDev(NumDev)) u_ecam (
    .clk_i          (clk_ecam),
    .rst_ni,
    .now_i          (now_ecam),
    .timeout_i      (cfg_timeout_i),
    .rrs_retry_i,
    .link_up_i      (link_up),
    .mem_en_i       (mem_en),
    .rrs_visible_i  (rrs_visible),
    .pci_awaddr_i, .pci_awvalid_i, .pci_awready_o, .pci_wdata_i, .pci_wstrb_i, .pci_wvalid_i,
    .pci_wready_o, .pci_bresp_o, .pci_bvalid_o, .pci_bready_i,
    .pci_araddr_i, .pci_arvalid_i, .pci_arready_o, .pci_rdata_o, .pci_rresp_o, .pci_rvalid_o,
    .pci_rready_i,
    .port_valid_o   (port_valid),
    .port_write_o   (port_write),
    .port_offset_o  (port_offset),
    .port_be_o      (port_be),
    .port_data_o    (port_data),
    .port_rdata_i   (port_rdata),
    .req_valid_o    (cfg_valid),
    .req_ready_i    (cfg_ready),
    .req_o          (cfg),
    .cpl_valid_i    (cpl_in_valid),
    .cpl_i          (cpl_in),
    .unexpected_o   (unexpected),
    .cpl_timeout_o  (cpl_timeout),
    .flr_o          (flr),
    .flr_rid_o      (flr_rid),
    .quiet_o        (ecam_quiet),
    .next_deadline_o(ecam_deadline)
  );

  always_comb begin
    port_rdata     = '0;
    ports_quiet    = 1'b1;
    ports_deadline = NoDeadline;
    for (int unsigned i = 0; i < NumEp; i++) begin
      if (port_valid[i]) port_rdata = port_rdatas[i];
      if (!port_quiet[i]) ports_quiet = 1'b0;
      ports_deadline = earlier(ports_deadline, port_deadline[i]);
    end
  end

  assign link_up_o       = link_up;
  assign next_deadline_o = earlier(ecam_deadline, ports_deadline);

  logic [3:0]   wr_awid;
  logic [47:0]  wr_awaddr;
  logic [7:0]   wr_awlen;
  logic [17:0]  wr_awuser;
  logic [127:0] wr_wdata;
  logic [15:0]  wr_wstrb;
  logic         wr_awvalid, wr_awready, wr_wlast, wr_wvalid, wr_wready, wr_bvalid;

  rc_dma #(.NumEp(NumEp), .NumDev(NumDev), .NumFn(NumFn), .FirstBus(FirstBus), .SeqW(SeqW)) u_dma (
    .clk_i, .rst_ni,
    .req_valid_i (req_valid),
    .req_kind_i  (req_kind),
    .req_hdr_i   (hdr),
    .req_data_i  (req_data),
    .isolated_i  (isolated),
    .iso_all_i   (iso_all),
    .p_ready_o   (p_ready),
    .np_ready_o  (np_ready),
    .cpl_valid_o (cpl_valid),
    .cpl_ready_i (cpl_ready),
    .cpl_o       (cpl),
    .wr_taken_o  (wr_taken),
    .wr_retired_o(wr_retired),
    .tbu_req_valid_o, .tbu_req_ready_i, .tbu_req_o, .tbu_rsp_valid_i, .tbu_rsp_ready_o, .tbu_rsp_i,
    .txn_done_o,
    .dma_arid_o, .dma_araddr_o, .dma_arlen_o, .dma_aruser_o, .dma_arvalid_o, .dma_arready_i,
    .dma_rid_i, .dma_rdata_i, .dma_rresp_i, .dma_rlast_i, .dma_rvalid_i, .dma_rready_o,
    .dma_awid_o   (wr_awid),
    .dma_awaddr_o (wr_awaddr),
    .dma_awlen_o  (wr_awlen),
    .dma_awuser_o (wr_awuser),
    .dma_awvalid_o(wr_awvalid),
    .dma_awready_i(wr_awready),
    .dma_wdata_o  (wr_wdata),
    .dma_wstrb_o  (wr_wstrb),
    .dma_wlast_o  (wr_wlast),
    .dma_wvalid_o (wr_wvalid),
    .dma_wready_i (wr_wready),
    .dma_bid_i, .dma_bresp_i,
    .dma_bvalid_i (wr_bvalid),
    .dma_bready_o,
    .quiet_o     (dma_quiet)
  );

  // ---------------------------------------------------------------- interrupts of the ports
  rc_msi #(.NumPort(NumEp)) u_msi (
    .clk_i       (clk_msi),
    .rst_ni,
    .msi_valid_i (msi_valid),
    .msi_ready_o (msi_ready),
    .msi_addr_i  (msi_addr),
    .msi_data_i  (msi_data),
    .up_awid_i   (wr_awid),
    .up_awaddr_i (wr_awaddr),
    .up_awlen_i  (wr_awlen),
    .up_awuser_i (wr_awuser),
    .up_awvalid_i(wr_awvalid),
    .up_awready_o(wr_awready),
    .up_wdata_i  (wr_wdata),
    .up_wstrb_i  (wr_wstrb),
    .up_wlast_i  (wr_wlast),
    .up_wvalid_i (wr_wvalid),
    .up_wready_o (wr_wready),
    .up_bvalid_o (wr_bvalid),
    .dma_awid_o, .dma_awaddr_o, .dma_awlen_o, .dma_awuser_o, .dma_awvalid_o, .dma_awready_i,
    .dma_wdata_o, .dma_wstrb_o, .dma_wlast_o, .dma_wvalid_o, .dma_wready_i, .dma_bvalid_i,
    .quiet_o     (msi_quiet)
  );

  // A transfer in either direction is activity, whatever it does here (an error changes its port's registers).
  assign quiet_o = ports_quiet && msi_quiet && dma_quiet && inv_quiet && pri_quiet && ecam_quiet && ((tx_valid_o & tx_ready_i) == '0) &&
                   ((rx_valid_i & rx_ready_o) == '0);

endmodule
