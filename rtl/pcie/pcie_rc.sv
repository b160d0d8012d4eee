// SPDX-License-Identifier: Apache-2.0
//
// Root complex: NumEp root ports, each with a link, behind one SMMU interface, one AXI4 port for device
// traffic and one AXI4-Lite port for the CPU. Wiring only; the parts are
//   rc_port_rx  what an upstream packet is             rc_port_tx  what a port sends next
//   rc_dma      memory and translation requests        rc_inv      ATC invalidation (D9, D13)
//   rc_ecam     configuration and BAR accesses         rc_pri      Page Requests and their responses
// Own requester ID (of invalidations and CPU requests) and completer ID: 0x0000.
// Guarantees: a port never waits for another port's credit (D12); configuration time-outs block nothing but
// the CPU's next access to pci_*; with the link down, requests of the CPU end at once and Invalidate Requests
// come back as ur-local. Does not contain: switch, hot plug, DPC, isolation by the root complex (D16).
module pcie_rc
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned NumEp = 4,             // 1..16
  parameter int unsigned NumFn = 1,             // functions behind a port
  parameter bit          SourceValidation = 1   // D15
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  time_t                 now_i,
  input  time_t                 cfg_timeout_i,
  input  logic [NumEp-1:0]      link_up_i,

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

  output logic [NumEp-1:0][2:0] err_seen_o,   // sticky {fatal, non-fatal, correctable}
  output logic                  quiet_o,
  output time_t                 next_deadline_o
);

  localparam int unsigned SeqW = 6;

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
  logic                       dma_quiet, inv_quiet, pri_quiet, ecam_quiet;
  // For the monitor: packets thrown away. They change no state here.
  logic [NumEp-1:0]           unused_drop, unused_unexpected;
  logic                       unused_prg_drop;
  rc_drop_e                   unused_drop_cause [NumEp];

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    assign hdr[i] = '{pfx_valid: rx_i[i].pfx_valid, pfx: rx_i[i].pfx, dw0: rx_i[i].dw0,
                      dw1: rx_i[i].dw1, dw2: rx_i[i].dw2, dw3: rx_i[i].dw3};
    assign req_data[i] = rx_i[i].data;
    assign cpl_in[i]   = '{dw0: rx_i[i].dw0, dw1: rx_i[i].dw1, dw2: rx_i[i].dw2,
                           data: rx_i[i].data[31:0]};

    rc_port_rx #(.Index(i), .SourceValidation(SourceValidation)) u_rx (
      .clk_i, .rst_ni,
      .rx_valid_i      (rx_valid_i[i]),
      .rx_ready_o      (rx_ready_o[i]),
      .rx_class_ready_o(rx_class_ready_o[i]),
      .rx_i            (hdr[i]),
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
      .err_seen_o      (err_seen_o[i])
    );

    rc_port_tx u_tx (
      .clk_i, .rst_ni,
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

  rc_inv #(.NumEp(NumEp), .SeqW(SeqW)) u_inv (
    .clk_i, .rst_ni, .link_up_i,
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

  rc_pri #(.NumEp(NumEp)) u_pri (
    .clk_i, .rst_ni, .link_up_i,
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

  rc_ecam #(.NumEp(NumEp), .NumFn(NumFn)) u_ecam (
    .clk_i, .rst_ni, .now_i,
    .timeout_i      (cfg_timeout_i),
    .link_up_i,
    .pci_awaddr_i, .pci_awvalid_i, .pci_awready_o, .pci_wdata_i, .pci_wstrb_i, .pci_wvalid_i,
    .pci_wready_o, .pci_bresp_o, .pci_bvalid_o, .pci_bready_i,
    .pci_araddr_i, .pci_arvalid_i, .pci_arready_o, .pci_rdata_o, .pci_rresp_o, .pci_rvalid_o,
    .pci_rready_i,
    .req_valid_o    (cfg_valid),
    .req_ready_i    (cfg_ready),
    .req_o          (cfg),
    .cpl_valid_i    (cpl_in_valid),
    .cpl_i          (cpl_in),
    .unexpected_o   (unused_unexpected),
    .quiet_o        (ecam_quiet),
    .next_deadline_o(next_deadline_o)
  );

  rc_dma #(.NumEp(NumEp), .SeqW(SeqW)) u_dma (
    .clk_i, .rst_ni,
    .req_valid_i (req_valid),
    .req_kind_i  (req_kind),
    .req_hdr_i   (hdr),
    .req_data_i  (req_data),
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
    .dma_awid_o, .dma_awaddr_o, .dma_awlen_o, .dma_awuser_o, .dma_awvalid_o, .dma_awready_i,
    .dma_wdata_o, .dma_wstrb_o, .dma_wlast_o, .dma_wvalid_o, .dma_wready_i,
    .dma_bid_i, .dma_bresp_i, .dma_bvalid_i, .dma_bready_o,
    .quiet_o     (dma_quiet)
  );

  // A transfer in either direction is activity, whatever it does here (error messages change err_seen_o).
  assign quiet_o = dma_quiet && inv_quiet && pri_quiet && ecam_quiet && ((tx_valid_o & tx_ready_i) == '0) &&
                   ((rx_valid_i & rx_ready_o) == '0);

endmodule
