// SPDX-License-Identifier: Apache-2.0
//
// Device traffic: memory and translation requests of all ports, through the SMMU, to memory and back.
//
// Per port: rc_dma_xlat (one request in hand), rc_dma_wr (posted writes), rc_dma_rd (completions). Shared:
// one stream to the SMMU, one AXI4 port (ID = port index; user = {translated, 0, requester ID}).
// `txn_done_o` [3:0] = {abort, translation, read, write} with the drain colour of D7, one cycle after the
// event: the abort response, the answer's entry into the completion queue, the last R beat, the B.
// B and R are always taken at once. A write's bus error is not reported to the device (posted).
// Rate: with a translation of 3 cycles a port takes a request every 5 cycles: a 64-byte write needs 6 cycles
// on a 16-byte link, so the link stays the limit; all ports share one 16-byte AXI beat a cycle.
// Latency of a write: taken t, SMMU t+1, response t+1+n, AW and first W beat t+3+n.
module rc_dma
  import smmu_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned NumEp = 4,
  parameter int unsigned MaxWr = 16,   // posted writes in flight, per port
  parameter int unsigned MaxRd = 8,    // completions owed, per port
  parameter int unsigned SeqW  = 6
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // from rc_port_rx, per port
  input  logic     [NumEp-1:0] req_valid_i,
  input  rc_req_e              req_kind_i [NumEp],
  input  tlp_hdr_t             req_hdr_i [NumEp],
  input  logic [MaxPayload*8-1:0] req_data_i [NumEp],
  output logic     [NumEp-1:0] p_ready_o,
  output logic     [NumEp-1:0] np_ready_o,
  // to rc_port_tx, per port
  output logic     [NumEp-1:0] cpl_valid_o,
  input  logic     [NumEp-1:0] cpl_ready_i,
  output tlp_t                 cpl_o [NumEp],
  // to rc_inv, per port
  output logic [NumEp-1:0][SeqW-1:0] wr_taken_o,
  output logic [NumEp-1:0][SeqW-1:0] wr_retired_o,
  // SMMU
  output logic                 tbu_req_valid_o,
  input  logic                 tbu_req_ready_i,
  output tbu_req_t             tbu_req_o,
  input  logic                 tbu_rsp_valid_i,
  output logic                 tbu_rsp_ready_o,
  input  tbu_rsp_t             tbu_rsp_i,
  output txn_done_t [NumTxnDone-1:0] txn_done_o,
  // AXI4
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
  output logic         quiet_o
);

  logic     [NumEp-1:0] ask_valid, ask_ready, rsp_valid, port_quiet;
  tbu_req_t [NumEp-1:0] ask;
  logic     [NumEp-1:0] wr_valid, wr_ready, rd_valid, rd_ready;
  rc_job_t              wr_job [NumEp];
  rc_job_t              rd_job [NumEp];
  logic [MaxPayload*8-1:0] wr_data [NumEp];
  logic     [NumEp-1:0] wr_colour, rd_colour, done_abort, done_xlat;
  logic                 tbu_quiet, axi_wr_quiet, axi_rd_quiet, unused_bresp;

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    logic        wr_room, wr_take, wr_commit, wr_abort, rd_room, rd_push, rd_mem, rd_xlat, colour;
    logic        xlat_quiet, wr_quiet, rd_quiet, b, r;
    logic [2:0]  rd_status;
    logic        rd_entry_valid;
    logic [2:0]  rd_entry_index;
    logic [63:0] rd_entry;
    rc_cpl_hdr_t rd_hdr;
    rc_job_t     job;

    assign b = dma_bvalid_i && (dma_bid_i == 4'(i));
    assign r = dma_rvalid_i && (dma_rid_i == 4'(i));

    rc_dma_xlat #(.Index(i)) u_xlat (
      .clk_i, .rst_ni,
      .req_valid_i    (req_valid_i[i]),
      .req_kind_i     (req_kind_i[i]),
      .req_i          (req_hdr_i[i]),
      .p_ready_o      (p_ready_o[i]),
      .np_ready_o     (np_ready_o[i]),
      .tbu_req_valid_o(ask_valid[i]),
      .tbu_req_ready_i(ask_ready[i]),
      .tbu_req_o      (ask[i]),
      .tbu_rsp_valid_i(rsp_valid[i]),
      .tbu_rsp_i      (tbu_rsp_i),
      .wr_room_i      (wr_room),
      .wr_take_o      (wr_take),
      .wr_commit_o    (wr_commit),
      .wr_abort_o     (wr_abort),
      .rd_room_i      (rd_room),
      .rd_push_o      (rd_push),
      .rd_is_mem_o    (rd_mem),
      .rd_status_o    (rd_status),
      .rd_is_xlat_o   (rd_xlat),
      .rd_entry_valid_o(rd_entry_valid),
      .rd_entry_index_o(rd_entry_index),
      .rd_entry_o     (rd_entry),
      .rd_hdr_o       (rd_hdr),
      .job_o          (job),
      .colour_o       (colour),
      .done_abort_o   (done_abort[i]),
      .done_xlat_o    (done_xlat[i]),
      .quiet_o        (xlat_quiet)
    );

    rc_dma_wr #(.MaxWr(MaxWr), .SeqW(SeqW)) u_wr (
      .clk_i, .rst_ni,
      .room_o       (wr_room),
      .take_i       (wr_take),
      .data_i       (req_data_i[i]),
      .commit_i     (wr_commit),
      .abort_i      (wr_abort),
      .job_i        (job),
      .colour_i     (colour),
      .job_valid_o  (wr_valid[i]),
      .job_ready_i  (wr_ready[i]),
      .job_o        (wr_job[i]),
      .data_o       (wr_data[i]),
      .b_i          (b),
      .done_colour_o(wr_colour[i]),
      .taken_o      (wr_taken_o[i]),
      .retired_o    (wr_retired_o[i]),
      .quiet_o      (wr_quiet)
    );

    rc_dma_rd #(.MaxRd(MaxRd), .SeqW(SeqW)) u_rd (
      .clk_i, .rst_ni,
      .room_o       (rd_room),
      .push_i       (rd_push),
      .is_mem_i     (rd_mem),
      .is_xlat_i    (rd_xlat),
      .status_i     (rd_status),
      .entry_valid_i(rd_entry_valid),
      .entry_index_i(rd_entry_index),
      .entry_i      (rd_entry),
      .hdr_i        (rd_hdr),
      .job_i        (job),
      .colour_i     (colour),
      .wr_taken_i   (wr_taken_o[i]),
      .wr_retired_i (wr_retired_o[i]),
      .rd_valid_o   (rd_valid[i]),
      .rd_ready_i   (rd_ready[i]),
      .rd_o         (rd_job[i]),
      .r_valid_i    (r),
      .r_data_i     (dma_rdata_i),
      .r_err_i      (dma_rresp_i[1]),
      .r_last_i     (dma_rlast_i),
      .done_colour_o(rd_colour[i]),
      .cpl_valid_o  (cpl_valid_o[i]),
      .cpl_ready_i  (cpl_ready_i[i]),
      .cpl_o        (cpl_o[i]),
      .quiet_o      (rd_quiet)
    );

    assign port_quiet[i] = xlat_quiet && wr_quiet && rd_quiet;
  end

  rc_tbu_arb #(.NumEp(NumEp)) u_tbu (
    .clk_i, .rst_ni,
    .req_valid_i   (ask_valid),
    .req_ready_o   (ask_ready),
    .req_i         (ask),
    .tbu_req_valid_o, .tbu_req_ready_i, .tbu_req_o,
    .tbu_rsp_valid_i, .tbu_rsp_ready_o,
    .tbu_rsp_port_i(tbu_rsp_i.port),
    .rsp_valid_o   (rsp_valid),
    .quiet_o       (tbu_quiet)
  );

  rc_axi_wr #(.NumEp(NumEp)) u_axi_wr (
    .clk_i, .rst_ni,
    .job_valid_i(wr_valid),
    .job_ready_o(wr_ready),
    .job_i      (wr_job),
    .data_i     (wr_data),
    .awid_o     (dma_awid_o),
    .awaddr_o   (dma_awaddr_o),
    .awlen_o    (dma_awlen_o),
    .awuser_o   (dma_awuser_o),
    .awvalid_o  (dma_awvalid_o),
    .awready_i  (dma_awready_i),
    .wdata_o    (dma_wdata_o),
    .wstrb_o    (dma_wstrb_o),
    .wlast_o    (dma_wlast_o),
    .wvalid_o   (dma_wvalid_o),
    .wready_i   (dma_wready_i),
    .quiet_o    (axi_wr_quiet)
  );

  rc_axi_rd #(.NumEp(NumEp)) u_axi_rd (
    .clk_i, .rst_ni,
    .job_valid_i(rd_valid),
    .job_ready_o(rd_ready),
    .job_i      (rd_job),
    .arid_o     (dma_arid_o),
    .araddr_o   (dma_araddr_o),
    .arlen_o    (dma_arlen_o),
    .aruser_o   (dma_aruser_o),
    .arvalid_o  (dma_arvalid_o),
    .arready_i  (dma_arready_i),
    .quiet_o    (axi_rd_quiet)
  );

  assign dma_bready_o = 1'b1;
  assign dma_rready_o = 1'b1;
  assign unused_bresp = ^{dma_bresp_i, dma_rresp_i[0]};

  // ---------------------------------------------------------------- done (D7)
  localparam int unsigned IdxW = (NumEp > 1) ? $clog2(NumEp) : 1;
  txn_done_t [NumTxnDone-1:0] done_q, done_d;

  always_comb begin
    done_d          = '0;
    done_d[0].valid = dma_bvalid_i;
    done_d[1].valid = dma_rvalid_i && dma_rlast_i;
    done_d[2].valid = done_xlat != '0;
    done_d[3].valid = done_abort != '0;
    if (done_d[0].valid) done_d[0].colour = wr_colour[dma_bid_i[IdxW-1:0]];
    if (done_d[1].valid) done_d[1].colour = rd_colour[dma_rid_i[IdxW-1:0]];
    if (done_d[2].valid) done_d[2].colour = tbu_rsp_i.colour;
    if (done_d[3].valid) done_d[3].colour = tbu_rsp_i.colour;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_q <= '0;
    else done_q <= done_d;
  end

  assign txn_done_o = done_q;

  assign quiet_o = (&port_quiet) && tbu_quiet && axi_wr_quiet && axi_rd_quiet && (done_q == done_d) &&
                   !dma_bvalid_i && !dma_rvalid_i;

endmodule
