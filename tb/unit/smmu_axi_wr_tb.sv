// SPDX-License-Identifier: Apache-2.0
//
// smmu_axi_wr and smmu_msi together behind flat ports: the MSIs of three sources and the entries of both queues.
module smmu_axi_wr_tb
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [2:0]  trig_i,
  input  logic [47:0] msi_addr_i,     // of source i: + 4 i; the data is the low half of the address
  output logic [2:0]  busy_o,
  output logic [2:0]  abort_o,
  input  logic        evt_valid_i,
  output logic        evt_ready_o,
  input  logic [47:0] evt_addr_i,
  input  logic [63:0] evt_dw0_i,      // dword 3 is its complement
  output logic        evt_done_o,
  output logic        evt_err_o,
  input  logic        pri_valid_i,
  output logic        pri_ready_o,
  input  logic [47:0] pri_addr_i,
  input  logic [63:0] pri_dw0_i,      // dword 1 is its complement
  output logic        pri_done_o,
  output logic        pri_err_o,
  output logic [3:0]  awid_o,
  output logic [47:0] awaddr_o,
  output logic [7:0]  awlen_o,
  output logic        awvalid_o,
  input  logic        awready_i,
  output logic [63:0] wdata_lo_o,
  output logic [63:0] wdata_hi_o,
  output logic [15:0] wstrb_o,
  output logic        wlast_o,
  output logic        wvalid_o,
  input  logic        wready_i,
  input  logic [3:0]  bid_i,
  input  logic [1:0]  bresp_i,
  input  logic        bvalid_i,
  output logic        bready_o,
  output logic        quiet_o
);

  msi_t [2:0] msi;
  mwr_req_t   msi_wr;
  logic       msi_valid, msi_ready, msi_done, msi_err, quiet_wr, quiet_msi;
  logic [3:0] msi_tag, msi_done_tag;

  always_comb begin
    for (int unsigned i = 0; i < 3; i++) begin
      msi[i].addr = msi_addr_i + 48'(4 * i);
      msi[i].data = msi_addr_i[31:0] + 4 * i;
    end
  end

  smmu_msi #(.NumSrc (3)) u_msi (
    .clk_i, .rst_ni, .trig_i,
    .msi_i         (msi),
    .wr_valid_o    (msi_valid),
    .wr_ready_i    (msi_ready),
    .wr_o          (msi_wr),
    .wr_tag_o      (msi_tag),
    .wr_done_i     (msi_done),
    .wr_done_tag_i (msi_done_tag),
    .wr_err_i      (msi_err),
    .busy_o, .abort_o,
    .quiet_o       (quiet_msi)
  );

  smmu_axi_wr u_dut (
    .clk_i, .rst_ni,
    .evt_valid_i, .evt_ready_o,
    .evt_i          ('{addr: evt_addr_i, data: {~evt_dw0_i, 128'd0, evt_dw0_i}, size: Mwr32}),
    .evt_done_o, .evt_err_o,
    .pri_valid_i, .pri_ready_o,
    .pri_i          ('{addr: pri_addr_i, data: {128'd0, ~pri_dw0_i, pri_dw0_i}, size: Mwr16}),
    .pri_done_o, .pri_err_o,
    .msi_valid_i    (msi_valid),
    .msi_ready_o    (msi_ready),
    .msi_i          (msi_wr),
    .msi_tag_i      (msi_tag),
    .msi_done_o     (msi_done),
    .msi_done_tag_o (msi_done_tag),
    .msi_err_o      (msi_err),
    .awid_o, .awaddr_o, .awlen_o, .awvalid_o, .awready_i,
    .wdata_o        ({wdata_hi_o, wdata_lo_o}),
    .wstrb_o, .wlast_o, .wvalid_o, .wready_i, .bid_i, .bresp_i, .bvalid_i, .bready_o,
    .quiet_o        (quiet_wr)
  );

  assign quiet_o = quiet_wr && quiet_msi;

endmodule
