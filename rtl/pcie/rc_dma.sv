// SPDX-License-Identifier: Apache-2.0
//
// Device traffic: memory and translation requests of all ports, through the SMMU, to memory and back.
//
// Per port: rc_dma_xlat (one request in hand), rc_dma_wr (posted writes), rc_dma_rd (completions). Shared:
// one stream to the SMMU, one AXI4 port (ID = port index; user = {translated, 0, requester ID}).
// `txn_done_o` [3:0] = {abort, translation, read, write} with the drain colour of D7, one cycle after the
// event: the abort response, the answer's entry into the completion queue, the last R beat, the B.
// B and R are always taken at once. A write's bus error is not reported to the device (posted).
// AtomicOps: rc_amo, one at a time, with both address channels for itself.
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
  parameter int unsigned SeqW  = 6,
  parameter int unsigned NumDev = 1,   // devices below a port, from bus FirstBus on
  parameter int unsigned NumFn = 1,    // functions of a device
  parameter int unsigned FirstBus = 1
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
  input  logic [NumEp-1:0][NumDev*NumFn-1:0] isolated_i,
  input  logic [NumEp-1:0]     iso_all_i,
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
  logic                 tbu_quiet, axi_wr_quiet, axi_rd_quiet, amo_quiet, unused_bresp;

  // ---------------------------------------------------------------- AtomicOps
  logic     [NumEp-1:0] amo_valid, amo_done, amo_wr_open, rd_idle, rd_final;
  rc_amo_t              amo [NumEp];
  logic                 amo_hold, amo_busy, amo_err, amo_colour, amo_arvalid, amo_awvalid, amo_wvalid, wr_idle;
  logic     [63:0]      amo_old;
  logic     [3:0]       amo_id;
  logic     [47:0]      amo_addr;
  logic     [17:0]      amo_user;
  logic     [127:0]     amo_wdata;
  logic     [15:0]      amo_wstrb;
  logic     [8:0]       aw_open_q;     // writes whose B has not come

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    logic        wr_room, wr_take, wr_commit, wr_abort, rd_room, rd_push, rd_mem, rd_xlat, colour;
    logic        xlat_quiet, wr_quiet, rd_quiet, rd_last, b, r;
    logic [2:0]  rd_status;
    logic        rd_entry_valid;
    logic [2:0]  rd_entry_index;
    logic [63:0] rd_entry;
    rc_cpl_hdr_t rd_hdr;
    rc_job_t     job;
    logic        iso;
    logic [15:0] rid;
    logic [1:0]  at;

    rc_iso_match #(.NumDev(NumDev), .NumFn(NumFn), .FirstBus(FirstBus + i * NumDev)) u_iso (
      .isolated_i(isolated_i[i]),
      .all_i     (iso_all_i[i]),
      .rid_i     (rid),
      .at_i      (at),
      .drop_o    (iso)
    );

    logic        clk;

    clk_gate u_gate (.clk_i, .idle_i(port_quiet[i]), .clk_o(clk));

    assign b = dma_bvalid_i && (dma_bid_i == 4'(i)) && !amo_busy;
    assign r = dma_rvalid_i && (dma_rid_i == 4'(i)) && !(amo_busy && (amo_id == 4'(i)));
    assign amo_wr_open[i] = wr_taken_o[i] == wr_retired_o[i];

    rc_dma_xlat #(.Index(i)) u_xlat (
      .clk_i          (clk),
      .rst_ni,
      .req_valid_i    (req_valid_i[i]),
      .req_kind_i     (req_kind_i[i]),
      .req_i          (req_hdr_i[i]),
      .req_operand_i  (req_data_i[i][127:0]),
      .p_ready_o      (p_ready_o[i]),
      .np_ready_o     (np_ready_o[i]),
      .iso_i          (iso),
      .rid_o          (rid),
      .at_o           (at),
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
      .rd_final_o     (rd_last),
      .amo_valid_o    (amo_valid[i]),
      .amo_o          (amo[i]),
      .amo_done_i     (amo_done[i]),
      .amo_err_i      (amo_err),
      .amo_old_i      (amo_old),
      .rd_hdr_o       (rd_hdr),
      .job_o          (job),
      .colour_o       (colour),
      .done_abort_o   (done_abort[i]),
      .done_xlat_o    (done_xlat[i]),
      .quiet_o        (xlat_quiet)
    );

    rc_dma_wr #(.MaxWr(MaxWr), .SeqW(SeqW)) u_wr (
      .clk_i        (clk),
      .rst_ni,
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
      .clk_i        (clk),
      .rst_ni,
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
      .final_i      (rd_last),
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
      .done_final_o (rd_final[i]),
      .idle_o       (rd_idle[i]),
      .cpl_valid_o  (cpl_valid_o[i]),
      .cpl_ready_i  (cpl_ready_i[i]),
      .cpl_o        (cpl_o[i]),
      .quiet_o      (rd_quiet)
    );

    assign port_quiet[i] = xlat_quiet && wr_quiet && rd_quiet;
  end

  logic clk_tbu, clk_wr, clk_rd;

  clk_gate u_tbu_gate (.clk_i, .idle_i(tbu_quiet), .clk_o(clk_tbu));
  clk_gate u_wr_gate (.clk_i, .idle_i(axi_wr_quiet), .clk_o(clk_wr));
  clk_gate u_rd_gate (.clk_i, .idle_i(axi_rd_quiet), .clk_o(clk_rd));

  rc_tbu_arb #(.NumEp(NumEp)) u_tbu (
    .clk_i         (clk_tbu),
    .rst_ni,
    .req_valid_i   (ask_valid),
    .req_ready_o   (ask_ready),
    .req_i         (ask),
    .tbu_req_valid_o, .tbu_req_ready_i, .tbu_req_o,
    .tbu_rsp_valid_i, .tbu_rsp_ready_o,
    .tbu_rsp_port_i(tbu_rsp_i.port),
    .rsp_valid_o   (rsp_valid),
    .quiet_o       (tbu_quiet)
  );

  logic [3:0]  wr_awid, rd_arid;
  logic [47:0] wr_awaddr, rd_araddr;
  logic [7:0]  wr_awlen, rd_arlen;
  logic [17:0] wr_awuser, rd_aruser;
  logic [127:0] wr_wdata;
  logic [15:0] wr_wstrb;
  logic        wr_awvalid, wr_wlast, wr_wvalid, rd_arvalid;

  logic clk_amo;

  clk_gate u_amo_gate (.clk_i, .idle_i(amo_quiet), .clk_o(clk_amo));

  rc_amo #(.NumEp(NumEp)) u_amo (
    .clk_i     (clk_amo),
    .rst_ni,
    .valid_i   (amo_valid),
    .amo_i     (amo),
    .wr_open_i (amo_wr_open),
    .rd_idle_i (rd_idle),
    .done_o    (amo_done),
    .err_o     (amo_err),
    .old_o     (amo_old),
    .colour_o  (amo_colour),
    .hold_o    (amo_hold),
    .busy_o    (amo_busy),
    .axi_idle_i(wr_idle && (aw_open_q == '0) && !rd_arvalid),
    .id_o      (amo_id),
    .addr_o    (amo_addr),
    .user_o    (amo_user),
    .arvalid_o (amo_arvalid),
    .arready_i (dma_arready_i),
    .rvalid_i  (dma_rvalid_i && (dma_rid_i == amo_id)),
    .rdata_i   (dma_rdata_i),
    .rerr_i    (dma_rresp_i[1]),
    .awvalid_o (amo_awvalid),
    .awready_i (dma_awready_i),
    .wvalid_o  (amo_wvalid),
    .wready_i  (dma_wready_i),
    .wdata_o   (amo_wdata),
    .wstrb_o   (amo_wstrb),
    .bvalid_i  (dma_bvalid_i),
    .berr_i    (dma_bresp_i[1]),
    .quiet_o   (amo_quiet)
  );

  assign dma_awid_o    = amo_busy ? amo_id : wr_awid;
  assign dma_awaddr_o  = amo_busy ? amo_addr : wr_awaddr;
  assign dma_awlen_o   = amo_busy ? 8'd0 : wr_awlen;
  assign dma_awuser_o  = amo_busy ? amo_user : wr_awuser;
  assign dma_awvalid_o = wr_awvalid || amo_awvalid;
  assign dma_wdata_o   = amo_busy ? amo_wdata : wr_wdata;
  assign dma_wstrb_o   = amo_busy ? amo_wstrb : wr_wstrb;
  assign dma_wlast_o   = amo_busy || wr_wlast;
  assign dma_wvalid_o  = wr_wvalid || amo_wvalid;
  assign dma_arid_o    = amo_busy ? amo_id : rd_arid;
  assign dma_araddr_o  = amo_busy ? amo_addr : rd_araddr;
  assign dma_arlen_o   = amo_busy ? 8'd0 : rd_arlen;
  assign dma_aruser_o  = amo_busy ? amo_user : rd_aruser;
  assign dma_arvalid_o = rd_arvalid || amo_arvalid;

  logic aw_take;
  assign aw_take = dma_awvalid_o && dma_awready_i;

  logic clk_open;

  clk_gate u_open_gate (.clk_i, .idle_i(aw_take == dma_bvalid_i), .clk_o(clk_open));

  always_ff @(posedge clk_open or negedge rst_ni) begin
    if (!rst_ni) aw_open_q <= '0;
    else if (aw_take != dma_bvalid_i) aw_open_q <= aw_take ? aw_open_q + 1'b1 : aw_open_q - 1'b1;
  end

  rc_axi_wr #(.NumEp(NumEp)) u_axi_wr (
    .clk_i      (clk_wr),
    .rst_ni,
    .hold_i     (amo_hold),
    .idle_o     (wr_idle),
    .job_valid_i(wr_valid),
    .job_ready_o(wr_ready),
    .job_i      (wr_job),
    .data_i     (wr_data),
    .awid_o     (wr_awid),
    .awaddr_o   (wr_awaddr),
    .awlen_o    (wr_awlen),
    .awuser_o   (wr_awuser),
    .awvalid_o  (wr_awvalid),
    .awready_i  (dma_awready_i),
    .wdata_o    (wr_wdata),
    .wstrb_o    (wr_wstrb),
    .wlast_o    (wr_wlast),
    .wvalid_o   (wr_wvalid),
    .wready_i   (dma_wready_i),
    .quiet_o    (axi_wr_quiet)
  );

  rc_axi_rd #(.NumEp(NumEp)) u_axi_rd (
    .clk_i      (clk_rd),
    .rst_ni,
    .hold_i     (amo_hold),
    .job_valid_i(rd_valid),
    .job_ready_o(rd_ready),
    .job_i      (rd_job),
    .arid_o     (rd_arid),
    .araddr_o   (rd_araddr),
    .arlen_o    (rd_arlen),
    .aruser_o   (rd_aruser),
    .arvalid_o  (rd_arvalid),
    .arready_i  (dma_arready_i),
    .quiet_o    (axi_rd_quiet)
  );

  assign dma_bready_o = 1'b1;
  assign dma_rready_o = 1'b1;
  assign unused_bresp = ^{dma_bresp_i[0], dma_rresp_i[0]};

  // ---------------------------------------------------------------- done (D7)
  localparam int unsigned IdxW = (NumEp > 1) ? $clog2(NumEp) : 1;
  txn_done_t [NumTxnDone-1:0] done_q, done_d;

  always_comb begin
    done_d          = '0;
    done_d[0].valid = amo_busy ? (amo_done != '0) : dma_bvalid_i;
    done_d[1].valid = dma_rvalid_i && dma_rlast_i && rd_final[dma_rid_i[IdxW-1:0]] && !(amo_busy && (dma_rid_i == amo_id));
    done_d[2].valid = done_xlat != '0;
    done_d[3].valid = done_abort != '0;
    if (done_d[0].valid) done_d[0].colour = amo_busy ? amo_colour : wr_colour[dma_bid_i[IdxW-1:0]];
    if (done_d[1].valid) done_d[1].colour = rd_colour[dma_rid_i[IdxW-1:0]];
    if (done_d[2].valid) done_d[2].colour = tbu_rsp_i.colour;
    if (done_d[3].valid) done_d[3].colour = tbu_rsp_i.colour;
  end

  logic clk_done;

  clk_gate u_done_gate (.clk_i, .idle_i(done_q == done_d), .clk_o(clk_done));

  always_ff @(posedge clk_done or negedge rst_ni) begin
    if (!rst_ni) done_q <= '0;
    else done_q <= done_d;
  end

  assign txn_done_o = done_q;

  assign quiet_o = (&port_quiet) && tbu_quiet && axi_wr_quiet && axi_rd_quiet && amo_quiet && !aw_take && (done_q == done_d) &&
                   !dma_bvalid_i && !dma_rvalid_i;

endmodule
