// SPDX-License-Identifier: Apache-2.0
//
// Streams that leave the root complex, and rules that its parts rely on.
module pcie_rc_sva #(
  parameter int unsigned NumEp = 4
) (
  input logic                  clk_i,
  input logic                  rst_ni,
  input logic [NumEp-1:0]      tx_valid,
  input logic [NumEp-1:0]      tx_ready,
  input logic [NumEp-1:0][2:0] rx_class_ready,
  input logic                  tbu_rsp_valid,
  input logic                  tbu_rsp_ready,
  input logic                  b_ready,
  input logic                  r_ready
);

  logic classes_asked;
  always_comb begin
    classes_asked = 1'b1;
    for (int unsigned i = 0; i < NumEp; i++) classes_asked &= rx_class_ready[i][2] && rx_class_ready[i][0];
  end

  // A grant of a port's egress is a transfer: nothing is offered to a link that would not take it.
  sends: assert property (@(posedge clk_i) disable iff (!rst_ni) (tx_valid & ~tx_ready) == '0);
  // Completions are asked for always; a posted packet waits only for the one before it.
  takes: assert property (@(posedge clk_i) disable iff (!rst_ni) classes_asked);
  // Nothing a device does can hold up a response of the SMMU or of memory (D1).
  rsp: assert property (@(posedge clk_i) disable iff (!rst_ni) tbu_rsp_valid |-> tbu_rsp_ready);
  axi: assert property (@(posedge clk_i) disable iff (!rst_ni) b_ready && r_ready);

endmodule

bind pcie_rc pcie_rc_sva #(.NumEp(NumEp)) u_sva (
  .clk_i         (clk_i),
  .rst_ni        (rst_ni),
  .tx_valid      (tx_valid_o),
  .tx_ready      (tx_ready_i),
  .rx_class_ready(rx_class_ready_o),
  .tbu_rsp_valid (tbu_rsp_valid_i),
  .tbu_rsp_ready (tbu_rsp_ready_o),
  .b_ready       (dma_bready_o),
  .r_ready       (dma_rready_o)
);
bind pcie_rc stream_sva #(.W($bits(tbu_req_o))) u_sva_tbu (
  .clk_i(clk_i), .rst_ni(rst_ni), .valid(tbu_req_valid_o), .ready(tbu_req_ready_i), .payload(tbu_req_o)
);
bind pcie_rc stream_sva #(.W(78)) u_sva_aw (
  .clk_i(clk_i), .rst_ni(rst_ni), .valid(dma_awvalid_o), .ready(dma_awready_i),
  .payload({dma_awid_o, dma_awaddr_o, dma_awlen_o, dma_awuser_o})
);
bind pcie_rc stream_sva #(.W(145)) u_sva_w (
  .clk_i(clk_i), .rst_ni(rst_ni), .valid(dma_wvalid_o), .ready(dma_wready_i),
  .payload({dma_wdata_o, dma_wstrb_o, dma_wlast_o})
);
bind pcie_rc stream_sva #(.W(78)) u_sva_ar (
  .clk_i(clk_i), .rst_ni(rst_ni), .valid(dma_arvalid_o), .ready(dma_arready_i),
  .payload({dma_arid_o, dma_araddr_o, dma_arlen_o, dma_aruser_o})
);
bind pcie_rc stream_sva #(.W(2)) u_sva_b (
  .clk_i(clk_i), .rst_ni(rst_ni), .valid(pci_bvalid_o), .ready(pci_bready_i), .payload(pci_bresp_o)
);
bind pcie_rc stream_sva #(.W(34)) u_sva_r (
  .clk_i(clk_i), .rst_ni(rst_ni), .valid(pci_rvalid_o), .ready(pci_rready_i),
  .payload({pci_rdata_o, pci_rresp_o})
);
