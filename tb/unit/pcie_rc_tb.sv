// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc with two ports for its bench: structures as plain vectors, field order of the packages.
module pcie_rc_tb
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import tlp_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  time_t        now_i,
  input  time_t        cfg_timeout_i,
  input  logic [15:0]  train_i,
  input  logic         surprise_i,
  input  logic         rrs_retry_i,
  input  logic [1:0]   iso_mode_i,
  input  logic         flr_snoop_i,
  input  logic [1:0]   present_i,
  input  logic [1:0]   line_i,
  output logic [1:0]   link_up_o,
  input  logic [1:0]   inv_timeout_i,
  output logic [1:0]   tx_valid_o,
  input  logic [1:0]   tx_ready_i,
  output tlp_t         tx0_o,
  output tlp_t         tx1_o,
  input  logic [2:0]   tx0_class_ready_i,
  input  logic [2:0]   tx1_class_ready_i,
  input  logic [1:0]   rx_valid_i,
  output logic [1:0]   rx_ready_o,
  input  tlp_t         rx0_i,
  input  tlp_t         rx1_i,
  output logic [2:0]   rx0_class_ready_o,
  output logic [2:0]   rx1_class_ready_o,
  input  logic [1:0]   inv_req_valid_i,
  output logic [1:0]   inv_req_ready_o,
  input  logic [15:0]  inv_rid_i,           // one request for both ports
  input  logic [4:0]   inv_itag_i,
  input  logic         inv_ssv_i,
  input  logic [19:0]  inv_ssid_i,
  input  logic [63:0]  inv_payload_i,
  output logic         inv_cpl_valid_o,
  output logic [15:0]  inv_cpl_rid_o,
  output logic [31:0]  inv_cpl_itags_o,
  output logic [2:0]   inv_cpl_cc_o,
  output logic         inv_ur_valid_o,
  output logic [15:0]  inv_ur_rid_o,
  output logic [4:0]   inv_ur_itag_o,
  output logic         pri_valid_o,
  input  logic         pri_ready_i,
  output logic [15:0]  pri_rid_o,
  output logic         pri_ssv_o,
  output logic [19:0]  pri_ssid_o,
  output logic [4:0]   pri_flags_o,         // {priv, exec, r, w, last}
  output logic [8:0]   pri_prgi_o,
  output logic [51:0]  pri_page_o,
  input  logic         prg_valid_i,
  output logic         prg_ready_o,
  input  logic [15:0]  prg_rid_i,
  input  logic         prg_ssv_i,
  input  logic [19:0]  prg_ssid_i,
  input  logic [8:0]   prg_prgi_i,
  input  logic [3:0]   prg_code_i,
  output logic         prg_drop_o,
  output logic         tbu_req_valid_o,
  input  logic         tbu_req_ready_i,
  output logic [3:0]   tbu_req_port_o,
  output logic [31:0]  tbu_req_sid_o,
  output logic         tbu_req_ssv_o,
  output logic [19:0]  tbu_req_ssid_o,
  output logic         tbu_req_priv_o,
  output logic         tbu_req_exec_o,
  output logic [1:0]   tbu_req_at_o,
  output logic         tbu_req_write_o,
  output logic         tbu_req_nw_o,
  output logic [63:0]  tbu_req_addr_o,
  output logic [2:0]   tbu_req_num_o,
  input  logic         tbu_rsp_valid_i,
  output logic         tbu_rsp_ready_o,
  input  logic [3:0]   tbu_rsp_port_i,
  input  logic [1:0]   tbu_rsp_status_i,
  input  logic [47:0]  tbu_rsp_pa_i,
  input  logic [63:0]  tbu_rsp_entry_i,
  input  logic         tbu_rsp_more_i,
  input  logic         tbu_rsp_colour_i,
  output logic [7:0]   txn_done_o,          // {abort, translation, read, write}, each {valid, colour}
  input  logic [31:0]  pci_awaddr_i,
  input  logic         pci_awvalid_i,
  output logic         pci_awready_o,
  input  logic [31:0]  pci_wdata_i,
  input  logic [3:0]   pci_wstrb_i,
  input  logic         pci_wvalid_i,
  output logic         pci_wready_o,
  output logic [1:0]   pci_bresp_o,
  output logic         pci_bvalid_o,
  input  logic         pci_bready_i,
  input  logic [31:0]  pci_araddr_i,
  input  logic         pci_arvalid_i,
  output logic         pci_arready_o,
  output logic [31:0]  pci_rdata_o,
  output logic [1:0]   pci_rresp_o,
  output logic         pci_rvalid_o,
  input  logic         pci_rready_i,
  output logic [3:0]   dma_arid_o,
  output logic [47:0]  dma_araddr_o,
  output logic [7:0]   dma_arlen_o,
  output logic [17:0]  dma_aruser_o,
  output logic         dma_arvalid_o,
  input  logic         dma_arready_i,
  input  logic [3:0]   dma_rid_i,
  input  logic [127:0] dma_rdata_i,
  input  logic [1:0]   dma_rresp_i,
  input  logic         dma_rlast_i,
  input  logic         dma_rvalid_i,
  output logic         dma_rready_o,
  output logic [3:0]   dma_awid_o,
  output logic [47:0]  dma_awaddr_o,
  output logic [7:0]   dma_awlen_o,
  output logic [17:0]  dma_awuser_o,
  output logic         dma_awvalid_o,
  input  logic         dma_awready_i,
  output logic [127:0] dma_wdata_o,
  output logic [15:0]  dma_wstrb_o,
  output logic         dma_wlast_o,
  output logic         dma_wvalid_o,
  input  logic         dma_wready_i,
  input  logic [3:0]   dma_bid_i,
  input  logic [1:0]   dma_bresp_i,
  input  logic         dma_bvalid_i,
  output logic         dma_bready_o,
  output logic         quiet_o,
  output time_t        next_deadline_o
);

  tlp_t     tx [2];
  tlp_t     rx [2];
  inv_req_t inv_req;
  inv_cpl_t inv_cpl;
  inv_ur_t  inv_ur;
  pri_req_t pri_req;
  tbu_req_t tbu_req;
  tbu_rsp_t tbu_rsp;

  assign tx0_o   = tx[0];
  assign tx1_o   = tx[1];
  assign rx[0]   = rx0_i;
  assign rx[1]   = rx1_i;
  assign inv_req = '{rid: inv_rid_i, itag: inv_itag_i, ssv: inv_ssv_i, ssid: inv_ssid_i,
                     payload: inv_payload_i};
  assign {inv_cpl_rid_o, inv_cpl_itags_o, inv_cpl_cc_o} = {inv_cpl.rid, inv_cpl.itags, inv_cpl.cc};
  assign {inv_ur_rid_o, inv_ur_itag_o} = {inv_ur.rid, inv_ur.itag};
  assign pri_rid_o   = pri_req.rid;
  assign pri_ssv_o   = pri_req.ssv;
  assign pri_ssid_o  = pri_req.ssid;
  assign pri_flags_o = {pri_req.priv, pri_req.exec, pri_req.r, pri_req.w, pri_req.last};
  assign pri_prgi_o  = pri_req.prgi;
  assign pri_page_o  = pri_req.page;
  assign prg_drop_o  = u_dut.unused_prg_drop;
  assign tbu_req_port_o  = tbu_req.port;
  assign tbu_req_sid_o   = tbu_req.sid;
  assign tbu_req_ssv_o   = tbu_req.ssv;
  assign tbu_req_ssid_o  = tbu_req.ssid;
  assign tbu_req_priv_o  = tbu_req.priv;
  assign tbu_req_exec_o  = tbu_req.exec;
  assign tbu_req_at_o    = tbu_req.at;
  assign tbu_req_write_o = tbu_req.write;
  assign tbu_req_nw_o    = tbu_req.nw;
  assign tbu_req_addr_o  = tbu_req.addr;
  assign tbu_req_num_o   = tbu_req.num;
  assign tbu_rsp = '{port: tbu_rsp_port_i, status: xlat_status_e'(tbu_rsp_status_i),
                     pa: tbu_rsp_pa_i, entry: tbu_rsp_entry_i, more: tbu_rsp_more_i, colour: tbu_rsp_colour_i};

  pcie_rc #(.NumEp(2)) u_dut (
    .clk_i, .rst_ni, .now_i, .cfg_timeout_i, .train_i, .surprise_i, .rrs_retry_i, .iso_mode_i, .flr_snoop_i,
    .present_i, .line_i, .link_up_o, .inv_timeout_i,
    .dev_up_i        ('1),
    .tx_valid_o, .tx_ready_i,
    .tx_o            (tx),
    .tx_class_ready_i({tx1_class_ready_i, tx0_class_ready_i}),
    .rx_valid_i, .rx_ready_o,
    .rx_i            (rx),
    .rx_class_ready_o({rx1_class_ready_o, rx0_class_ready_o}),
    .inv_req_valid_i, .inv_req_ready_o,
    .inv_req_i       ({2{inv_req}}),
    .inv_cpl_valid_o,
    .inv_cpl_o       (inv_cpl),
    .inv_ur_valid_o,
    .inv_ur_o        (inv_ur),
    .pri_req_valid_o (pri_valid_o),
    .pri_req_ready_i (pri_ready_i),
    .pri_req_o       (pri_req),
    .prg_rsp_valid_i (prg_valid_i),
    .prg_rsp_ready_o (prg_ready_o),
    .prg_rsp_i       ('{rid: prg_rid_i, ssv: prg_ssv_i, ssid: prg_ssid_i, prgi: prg_prgi_i, code: prg_code_i}),
    .tbu_req_valid_o, .tbu_req_ready_i,
    .tbu_req_o       (tbu_req),
    .tbu_rsp_valid_i, .tbu_rsp_ready_o,
    .tbu_rsp_i       (tbu_rsp),
    .txn_done_o,
    .pci_awaddr_i, .pci_awvalid_i, .pci_awready_o, .pci_wdata_i, .pci_wstrb_i, .pci_wvalid_i,
    .pci_wready_o, .pci_bresp_o, .pci_bvalid_o, .pci_bready_i,
    .pci_araddr_i, .pci_arvalid_i, .pci_arready_o, .pci_rdata_o, .pci_rresp_o, .pci_rvalid_o,
    .pci_rready_i,
    .dma_arid_o, .dma_araddr_o, .dma_arlen_o, .dma_aruser_o, .dma_arvalid_o, .dma_arready_i,
    .dma_rid_i, .dma_rdata_i, .dma_rresp_i, .dma_rlast_i, .dma_rvalid_i, .dma_rready_o,
    .dma_awid_o, .dma_awaddr_o, .dma_awlen_o, .dma_awuser_o, .dma_awvalid_o, .dma_awready_i,
    .dma_wdata_o, .dma_wstrb_o, .dma_wlast_o, .dma_wvalid_o, .dma_wready_i,
    .dma_bid_i, .dma_bresp_i, .dma_bvalid_i, .dma_bready_o,
    .quiet_o, .next_deadline_o
  );

endmodule
