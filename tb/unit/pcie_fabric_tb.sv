// SPDX-License-Identifier: Apache-2.0
//
// Root complex and two endpoints in both topologies of D12, side by side: `sel_i` = 0 rootports, 1 switch. The inputs go to
// the one that is selected. Nothing behind the root complex answers: the bench makes no device access memory.
// sva: pcie_switch_voq_sva
module pcie_fabric_tb
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import tlp_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  time_t       now_i,
  input  logic        sel_i,
  input  logic [15:0] latency_i,
  input  logic [1:0]  present_i,
  input  logic [1:0]  inv_valid_i,        // by device
  output logic [1:0]  inv_ready_o,
  input  logic [4:0]  inv_itag_i,
  output logic        cpl_valid_o,
  output logic [15:0] cpl_rid_o,
  output logic [31:0] cpl_itags_o,
  output logic        ur_valid_o,
  output logic [15:0] ur_rid_o,
  output logic [4:0]  ur_itag_o,
  input  logic [31:0] addr_i,
  input  logic        write_i,            // of a request: level until it is taken
  input  logic        read_i,
  input  logic [31:0] wdata_i,
  output logic        taken_o,
  output logic        done_o,
  output logic [31:0] rdata_o,
  output logic        error_o
);

  logic [1:0][1:0]  ready;
  logic [1:0]       cpl_valid, ur_valid, aw, ar, w, b, r;
  inv_cpl_t [1:0]   cpl;
  inv_ur_t [1:0]    ur;
  logic [1:0][31:0] rdata;
  logic [1:0][1:0]  bresp, rresp;

  for (genvar t = 0; t < 2; t++) begin : gen_topology
    localparam bit          Switched = t == 1;
    localparam int unsigned FirstBus = Switched ? 3 : 1;
    localparam int unsigned NumPort  = Switched ? 1 : 2;

    logic [NumPort-1:0]      tx_valid, tx_ready, rx_valid, rx_ready, inv_valid, inv_ready, rc_up;
    logic [NumPort-1:0][2:0] tx_class, rx_class;
    tlp_t                    tx [NumPort];
    tlp_t                    rx [NumPort];
    inv_req_t [NumPort-1:0]  inv;
    inv_req_t [1:0]          req;
    logic [1:0]              up, ep_tx_valid, ep_tx_ready, ep_rx_valid, ep_rx_ready;
    logic [1:0][2:0]         ep_class;
    tlp_t                    ep_tx [2];
    tlp_t                    ep_rx [2];
    logic                    on;

    assign on = sel_i == 1'(t);
    always_comb begin
      for (int unsigned d = 0; d < 2; d++) begin
        req[d]         = '0;
        req[d].rid     = 16'((FirstBus + d) << 8);
        req[d].itag    = inv_itag_i;
        req[d].payload = 64'h7FFF_FFFF_FFFF_F800;   // everything
      end
    end

    rc_fn_arb #(.NumEp(NumPort), .NumFn(2 / NumPort)) u_arb (
      .clk_i, .rst_ni,
      .fn_valid_i  (inv_valid_i & {2{on}}),
      .fn_ready_o  (ready[t]),
      .fn_i        (req),
      .port_valid_o(inv_valid),
      .port_ready_i(inv_ready),
      .port_o      (inv)
    );

    pcie_rc #(.NumEp(NumPort), .NumDev(2 / NumPort), .Switched(Switched)) u_rc (
      .clk_i, .rst_ni, .now_i,
      .cfg_timeout_i   (48'd5000),
      .train_i         (16'd100),
      .surprise_i      (1'b0),
      .rrs_retry_i     (1'b0),
      .iso_mode_i      (2'd0),
      .flr_snoop_i     (1'b0),
      .present_i       (Switched ? '1 : present_i[NumPort-1:0]),
      .line_i          ('1),
      .link_up_o       (rc_up),
      .inv_timeout_i   ('0),
      .dev_up_i        (Switched ? up : '1),
      .tx_valid_o      (tx_valid),
      .tx_ready_i      (tx_ready),
      .tx_o            (tx),
      .tx_class_ready_i(tx_class),
      .rx_valid_i      (rx_valid),
      .rx_ready_o      (rx_ready),
      .rx_i            (rx),
      .rx_class_ready_o(rx_class),
      .inv_req_valid_i (inv_valid),
      .inv_req_ready_o (inv_ready),
      .inv_req_i       (inv),
      .inv_cpl_valid_o (cpl_valid[t]),
      .inv_cpl_o       (cpl[t]),
      .inv_ur_valid_o  (ur_valid[t]),
      .inv_ur_o        (ur[t]),
      .pri_req_valid_o (),
      .pri_req_ready_i (1'b1),
      .pri_req_o       (),
      .prg_rsp_valid_i (1'b0),
      .prg_rsp_ready_o (),
      .prg_rsp_i       ('0),
      .tbu_req_valid_o (),
      .tbu_req_ready_i (1'b1),
      .tbu_req_o       (),
      .tbu_rsp_valid_i (1'b0),
      .tbu_rsp_ready_o (),
      .tbu_rsp_i       ('0),
      .txn_done_o      (),
      .pci_awaddr_i    (addr_i),
      .pci_awvalid_i   (write_i && on),
      .pci_awready_o   (aw[t]),
      .pci_wdata_i     (wdata_i),
      .pci_wstrb_i     (4'hF),
      .pci_wvalid_i    (write_i && on),
      .pci_wready_o    (w[t]),
      .pci_bresp_o     (bresp[t]),
      .pci_bvalid_o    (b[t]),
      .pci_bready_i    (1'b1),
      .pci_araddr_i    (addr_i),
      .pci_arvalid_i   (read_i && on),
      .pci_arready_o   (ar[t]),
      .pci_rdata_o     (rdata[t]),
      .pci_rresp_o     (rresp[t]),
      .pci_rvalid_o    (r[t]),
      .pci_rready_i    (1'b1),
      .dma_arid_o (), .dma_araddr_o (), .dma_arlen_o (), .dma_aruser_o (), .dma_arvalid_o (), .dma_arready_i (1'b1),
      .dma_rid_i ('0), .dma_rdata_i ('0), .dma_rresp_i ('0), .dma_rlast_i (1'b0), .dma_rvalid_i (1'b0), .dma_rready_o (),
      .dma_awid_o (), .dma_awaddr_o (), .dma_awlen_o (), .dma_awuser_o (), .dma_awvalid_o (), .dma_awready_i (1'b1),
      .dma_wdata_o (), .dma_wstrb_o (), .dma_wlast_o (), .dma_wvalid_o (), .dma_wready_i (1'b1),
      .dma_bid_i ('0), .dma_bresp_i ('0), .dma_bvalid_i (1'b0), .dma_bready_o (),
      .quiet_o         (),
      .next_deadline_o ()
    );

    if (Switched) begin : gen_switch
      pcie_switch_tree #(.NumEp(2)) u_tree (
        .clk_i, .rst_ni, .now_i, .latency_i,
        .width_i            (6'd16),
        .train_i            (16'd100),
        .surprise_i         (1'b0),
        .root_up_i          (rc_up[0]),
        .present_i          (present_i),
        .line_i             ('1),
        .up_o               (up),
        .mute_i             (2'd0),
        .rc_tx_valid_i      (tx_valid[0]),
        .rc_tx_ready_o      (tx_ready[0]),
        .rc_tx_i            (tx[0]),
        .rc_tx_class_ready_o(tx_class[0]),
        .rc_rx_valid_o      (rx_valid[0]),
        .rc_rx_ready_i      (rx_ready[0]),
        .rc_rx_o            (rx[0]),
        .rc_rx_class_ready_i(rx_class[0]),
        .ep_tx_valid_i      (ep_tx_valid),
        .ep_tx_ready_o      (ep_tx_ready),
        .ep_tx_i            (ep_tx),
        .ep_tx_class_ready_o(ep_class),
        .ep_rx_valid_o      (ep_rx_valid),
        .ep_rx_ready_i      (ep_rx_ready),
        .ep_rx_o            (ep_rx),
        .quiet_o            (),
        .next_deadline_o    ()
      );
    end else begin : gen_ports
      assign up = rc_up;
      for (genvar i = 0; i < 2; i++) begin : gen_link
        pcie_link #(.Index(i)) u_link (
          .clk_i, .rst_ni, .now_i, .latency_i,
          .width_i            (6'd16),
          .up_i               (up[i]),
          .rc_tx_valid_i      (tx_valid[i]),
          .rc_tx_ready_o      (tx_ready[i]),
          .rc_tx_i            (tx[i]),
          .rc_tx_class_ready_o(tx_class[i]),
          .rc_rx_valid_o      (rx_valid[i]),
          .rc_rx_ready_i      (rx_ready[i]),
          .rc_rx_o            (rx[i]),
          .rc_rx_class_ready_i(rx_class[i]),
          .ep_tx_valid_i      (ep_tx_valid[i]),
          .ep_tx_ready_o      (ep_tx_ready[i]),
          .ep_tx_i            (ep_tx[i]),
          .ep_tx_class_ready_o(ep_class[i]),
          .ep_rx_valid_o      (ep_rx_valid[i]),
          .ep_rx_ready_i      (ep_rx_ready[i]),
          .ep_rx_o            (ep_rx[i]),
          .ep_rx_class_ready_i(3'b111),
          .quiet_o            (),
          .next_deadline_o    ()
        );
      end
    end

    for (genvar i = 0; i < 2; i++) begin : gen_ep
      ep_top #(.Index(i), .AtcWays(4)) u_ep (
        .clk_i,
        .rst_ni          (rst_ni && up[i]),
        .now_i,
        .bdf_i           (16'((FirstBus + i) << 8)),
        .flr_cycles_i    (48'd2000),
        .inv_depth_i     (6'd32),
        .inv_search_i    (10'd0),
        .xlat_pages_i    (3'd0),
        .stale_all_i     (1'b0),
        .cpl_timeout_i   (48'd5000),
        .fn_i            (ep_pkg::FnAlone),
        .inv_room_i      (1'b1),
        .pri_room_i      (1'b0),
        .pri_ask_o       (),
        .fn_o            (),
        .claims_o        (),
        .pri_evt_o       (),
        .rx_valid_i      (ep_rx_valid[i]),
        .rx_ready_o      (ep_rx_ready[i]),
        .rx_i            (ep_rx[i]),
        .tx_valid_o      (ep_tx_valid[i]),
        .tx_ready_i      (ep_tx_ready[i]),
        .tx_o            (ep_tx[i]),
        .tx_class_ready_i(ep_class[i]),
        .quiet_o         (),
        .next_deadline_o ()
      );
    end
  end

  assign inv_ready_o = ready[sel_i];
  assign cpl_valid_o = cpl_valid[sel_i];
  assign cpl_rid_o   = cpl[sel_i].rid;
  assign cpl_itags_o = cpl[sel_i].itags;
  assign ur_valid_o  = ur_valid[sel_i];
  assign ur_rid_o    = ur[sel_i].rid;
  assign ur_itag_o   = ur[sel_i].itag;
  assign taken_o     = write_i ? aw[sel_i] && w[sel_i] : ar[sel_i];
  assign done_o      = b[sel_i] || r[sel_i];
  assign rdata_o     = rdata[sel_i];
  assign error_o     = b[sel_i] ? bresp[sel_i] != '0 : rresp[sel_i] != '0;

endmodule
