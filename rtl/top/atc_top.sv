// SPDX-License-Identifier: Apache-2.0
//
// The system: one SMMU, one root complex, NumEp endpoints. Topology 0 (`rootports`, D12): a root port and a link for each
// endpoint. Topology 1 (`switch`): one root port, and a switch with a link for each endpoint (pcie_switch_tree).
//
// Holds the only copy of the time base: `now` advances by `step_i` at every edge (D21). `quiet_o` is the
// conjunction and `next_deadline_o` the minimum over the parts. Everything else is wiring: ports as in
// doc/interfaces.md. Endpoint i sits alone on bus FirstBus + i (1 + i; behind a switch 3 + i), so its requester ID is
// (FirstBus + i) << 8, and that of its function f (FirstBus + i) << 8 | f; the SMMU's device index of that function is i * (NumFn + NumVf) + f.
// Does not: decode the doorbell, DRAM or device addresses of the CPU; that is the harness's interconnect.
// Slots: `slot_present_i` and `slot_line_i` drive the link state that the root port sees (rc_link_ctl); `slot_mute_i` breaks a
// link without anybody noticing. Links and endpoints: atc_eps.
module atc_top
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned NumEp = 4,            // 1..16; with several functions NumEp * (NumFn + NumVf) is at most 16
  parameter int unsigned NumFn = 1,            // physical functions of an endpoint, 1..8
  parameter int unsigned NumVf = 0,            // virtual functions of an endpoint's function 0
  parameter bit          FnAcs = 0,            // functions have an ACS capability: each is a group of its own
  parameter int unsigned Topology = 0,         // D12: 0 rootports, 1 switch
  parameter int unsigned SwitchCredits = 8,    // posted packets that a link below the switch holds towards its endpoint
  parameter int unsigned SwitchSlots = 16,     // posted packets in a receive buffer of the switch
  parameter int unsigned NumTags = 32,         // ITags per function, 2..32
  parameter bit          TagScopeGlobal = 0,   // D4
  parameter int unsigned NumEcmdq = 0,         // enhanced command queues: 0 or a power of two, at most 8
  parameter int unsigned AtcSets = 1,          // ATC of an endpoint: ep_atc
  parameter int unsigned AtcWays = 64,
  parameter int unsigned AtcLarge = 0,
  parameter ep_pkg::atc_replace_e AtcReplace = ep_pkg::ReplaceRoundRobin,
  parameter bit          SourceValidation = 1, // D15: reset values of the ports' ACS control
  parameter bit          TranslationBlocking = 0
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [47:0]  step_i,
  output logic [47:0]  now_o,
  output logic [47:0]  next_deadline_o,
  output logic         quiet_o,

  input  logic [15:0]  strap_link_latency_i,
  input  logic [5:0]   strap_link_width_i,
  input  logic         strap_sync_err_first_i,
  input  logic [3:0]   strap_sync_rereport_i,
  input  logic [47:0]  strap_cfg_timeout_i,
  input  logic [47:0]  strap_flr_cycles_i,
  input  logic [5:0]   strap_ep_inv_depth_i,
  input  logic [9:0]   strap_ep_inv_search_i,
  input  logic [2:0]   strap_ep_xlat_pages_i,
  input  logic         strap_ep_stale_all_i,
  input  logic [15:0]  strap_link_train_i,      // cycles until a link is up again
  input  logic         strap_slot_surprise_i,   // slots say that devices may go without warning
  input  logic         strap_rrs_retry_i,       // requests answered with RRS are sent again until the time-out
  input  logic [1:0]   strap_isolate_i,         // D16: 0 off, 1 translated requests, 2 all, 3 port containment
  input  logic         strap_flr_snoop_i,       // D17
  input  logic [4:0]   strap_stream_share_i,    // so many requesters, from the first, behind one StreamID

  // What the world does to the slots, a bit for each endpoint
  input  logic [NumEp-1:0] slot_present_i,
  input  logic [NumEp-1:0] slot_line_i,         // the line works
  input  logic [NumEp-1:0] slot_mute_i,         // every packet is lost, the root port does not notice

  // SMMU registers, AXI4-Lite slave
  input  logic [18:0]  reg_awaddr_i,
  input  logic         reg_awvalid_i,
  output logic         reg_awready_o,
  input  logic [63:0]  reg_wdata_i,
  input  logic [7:0]   reg_wstrb_i,
  input  logic         reg_wvalid_i,
  output logic         reg_wready_o,
  output logic [1:0]   reg_bresp_o,
  output logic         reg_bvalid_o,
  input  logic         reg_bready_i,
  input  logic [18:0]  reg_araddr_i,
  input  logic         reg_arvalid_i,
  output logic         reg_arready_o,
  output logic [63:0]  reg_rdata_o,
  output logic [1:0]   reg_rresp_o,
  output logic         reg_rvalid_o,
  input  logic         reg_rready_i,

  // ECAM and BAR windows, AXI4-Lite slave
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

  // SMMU's own memory traffic, AXI4 master
  output logic [3:0]   tcu_arid_o,
  output logic [47:0]  tcu_araddr_o,
  output logic [7:0]   tcu_arlen_o,
  output logic         tcu_arvalid_o,
  input  logic         tcu_arready_i,
  input  logic [3:0]   tcu_rid_i,
  input  logic [127:0] tcu_rdata_i,
  input  logic [1:0]   tcu_rresp_i,
  input  logic         tcu_rlast_i,
  input  logic         tcu_rvalid_i,
  output logic         tcu_rready_o,
  output logic [3:0]   tcu_awid_o,
  output logic [47:0]  tcu_awaddr_o,
  output logic [7:0]   tcu_awlen_o,
  output logic         tcu_awvalid_o,
  input  logic         tcu_awready_i,
  output logic [127:0] tcu_wdata_o,
  output logic [15:0]  tcu_wstrb_o,
  output logic         tcu_wlast_o,
  output logic         tcu_wvalid_o,
  input  logic         tcu_wready_i,
  input  logic [3:0]   tcu_bid_i,
  input  logic [1:0]   tcu_bresp_i,
  input  logic         tcu_bvalid_i,
  output logic         tcu_bready_o,

  // Device traffic, AXI4 master
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

  output logic         irq_gerror_o,
  output logic         irq_evtq_o,
  output logic         irq_priq_o,
  output logic         irq_pmcg_o,
  output logic         irq_sync_o,
  output logic         sev_o
);

  // ---------------------------------------------------------------- slots
  // Registered: much of the root ports hangs on them, and what hangs on an input of the top is evaluated twice a cycle in
  // simulation. A slot changes one cycle after its input.
  logic [NumEp-1:0] present_q, line_q, mute_q;
  logic             slot_clk;

  clk_gate u_slot_gate (
    .clk_i, .idle_i({present_q, line_q, mute_q} == {slot_present_i, slot_line_i, slot_mute_i}), .clk_o(slot_clk)
  );

  always_ff @(posedge slot_clk or negedge rst_ni) begin
    if (!rst_ni) begin
      present_q <= '1;
      line_q    <= '1;
      mute_q    <= '0;
    end else begin
      present_q <= slot_present_i;
      line_q    <= slot_line_i;
      mute_q    <= slot_mute_i;
    end
  end

  // ---------------------------------------------------------------- time base
  time_t now_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) now_q <= '0;
    else now_q <= now_q + step_i;
  end

  assign now_o = now_q;

  // ---------------------------------------------------------------- straps: sampled while the design is in reset
  logic        strap_clk;
  logic [15:0] link_latency_q;
  logic [5:0]  link_width_q;
  logic        sync_err_first_q;
  logic [3:0]  sync_rereport_q;
  logic [47:0] cfg_timeout_q;
  logic [47:0] flr_cycles_q;
  logic [5:0]  ep_inv_depth_q;
  logic [9:0]  ep_inv_search_q;
  logic [2:0]  ep_xlat_pages_q;
  logic        ep_stale_all_q;
  logic [15:0] link_train_q;
  logic        slot_surprise_q;
  logic        rrs_retry_q;
  logic [1:0]  isolate_q;
  logic        flr_snoop_q;
  logic [4:0]  stream_share_q;

  clk_gate u_strap_gate (.clk_i, .idle_i(rst_ni), .clk_o(strap_clk));

  always_ff @(posedge strap_clk) begin
    if (!rst_ni) begin
      link_latency_q   <= strap_link_latency_i;
      link_width_q     <= strap_link_width_i;
      sync_err_first_q <= strap_sync_err_first_i;
      sync_rereport_q  <= strap_sync_rereport_i;
      cfg_timeout_q    <= strap_cfg_timeout_i;
      flr_cycles_q     <= strap_flr_cycles_i;
      ep_inv_depth_q   <= strap_ep_inv_depth_i;
      ep_inv_search_q  <= strap_ep_inv_search_i;
      ep_xlat_pages_q  <= strap_ep_xlat_pages_i;
      ep_stale_all_q   <= strap_ep_stale_all_i;
      link_train_q     <= strap_link_train_i;
      slot_surprise_q  <= strap_slot_surprise_i;
      rrs_retry_q      <= strap_rrs_retry_i;
      isolate_q        <= strap_isolate_i;
      flr_snoop_q      <= strap_flr_snoop_i;
      stream_share_q   <= strap_stream_share_i;
    end
  end

  // ---------------------------------------------------------------- SMMU
  localparam int unsigned NumF   = NumFn + NumVf;
  localparam int unsigned NumDev = NumEp * NumF;
  localparam bit          Switched = Topology == 1;
  localparam int unsigned FirstBus = Switched ? 3 : 1;
  localparam int unsigned NumPort  = Switched ? 1 : NumEp;   // root ports

  logic      [NumDev-1:0]     inv_req_valid, inv_req_ready;
  inv_req_t  [NumDev-1:0]     inv_req;
  logic      [NumPort-1:0]    rc_inv_valid, rc_inv_ready;
  inv_req_t  [NumPort-1:0]    rc_inv_req;
  logic                       inv_cpl_valid, inv_ur_valid;
  inv_cpl_t                   inv_cpl;
  inv_ur_t                    inv_ur;
  logic                       pri_req_valid, pri_req_ready, prg_rsp_valid, prg_rsp_ready;
  pri_req_t                   pri_req;
  prg_rsp_t                   prg_rsp;
  logic                       tbu_req_valid, tbu_req_ready, tbu_rsp_valid, tbu_rsp_ready;
  tbu_req_t                   tbu_req, stream_req;
  tbu_rsp_t                   tbu_rsp;
  txn_done_t [NumTxnDone-1:0] txn_done;
  logic [NumDev-1:0]          inv_timeout;
  logic                       smmu_quiet, rc_quiet;
  time_t                      smmu_deadline, rc_deadline;

  smmu_top #(
    .NumEp         (NumDev),
    .NumFn         (NumF),
    .FirstBus      (FirstBus),
    .NumTags       (NumTags),
    .TagScopeGlobal(TagScopeGlobal),
    .NumEcmdq      (NumEcmdq)
  ) u_smmu (
    .clk_i,
    .rst_ni,
    .now_i           (now_q),
    .step_i,
    .sync_err_first_i(sync_err_first_q),
    .sync_rereport_i (sync_rereport_q),
    .reg_awaddr_i,
    .reg_awvalid_i,
    .reg_awready_o,
    .reg_wdata_i,
    .reg_wstrb_i,
    .reg_wvalid_i,
    .reg_wready_o,
    .reg_bresp_o,
    .reg_bvalid_o,
    .reg_bready_i,
    .reg_araddr_i,
    .reg_arvalid_i,
    .reg_arready_o,
    .reg_rdata_o,
    .reg_rresp_o,
    .reg_rvalid_o,
    .reg_rready_i,
    .tcu_arid_o,
    .tcu_araddr_o,
    .tcu_arlen_o,
    .tcu_arvalid_o,
    .tcu_arready_i,
    .tcu_rid_i,
    .tcu_rdata_i,
    .tcu_rresp_i,
    .tcu_rlast_i,
    .tcu_rvalid_i,
    .tcu_rready_o,
    .tcu_awid_o,
    .tcu_awaddr_o,
    .tcu_awlen_o,
    .tcu_awvalid_o,
    .tcu_awready_i,
    .tcu_wdata_o,
    .tcu_wstrb_o,
    .tcu_wlast_o,
    .tcu_wvalid_o,
    .tcu_wready_i,
    .tcu_bid_i,
    .tcu_bresp_i,
    .tcu_bvalid_i,
    .tcu_bready_o,
    .irq_gerror_o,
    .irq_evtq_o,
    .irq_priq_o,
    .irq_sync_o,
    .irq_pmcg_o,
    .sev_o,
    .inv_req_valid_o (inv_req_valid),
    .inv_req_ready_i (inv_req_ready),
    .inv_req_o       (inv_req),
    .inv_cpl_valid_i (inv_cpl_valid),
    .inv_cpl_i       (inv_cpl),
    .inv_ur_valid_i  (inv_ur_valid),
    .inv_ur_i        (inv_ur),
    .pri_req_valid_i (pri_req_valid),
    .pri_req_ready_o (pri_req_ready),
    .pri_req_i       (pri_req),
    .prg_rsp_valid_o (prg_rsp_valid),
    .prg_rsp_ready_i (prg_rsp_ready),
    .prg_rsp_o       (prg_rsp),
    .tbu_req_valid_i (tbu_req_valid),
    .tbu_req_ready_o (tbu_req_ready),
    .tbu_req_i       (stream_req),
    .tbu_rsp_valid_o (tbu_rsp_valid),
    .tbu_rsp_ready_i (tbu_rsp_ready),
    .tbu_rsp_o       (tbu_rsp),
    .txn_done_i      (txn_done),
    .inv_timeout_o   (inv_timeout),
    .quiet_o         (smmu_quiet),
    .next_deadline_o (smmu_deadline)
  );

  // ---------------------------------------------------------------- root complex
  // Packets are unpacked arrays: one wide vector a port, never one very wide vector for all of them.
  logic [NumPort-1:0]      rc_tx_valid, rc_tx_ready, rc_rx_valid, rc_rx_ready;
  logic [NumPort-1:0][2:0] rc_tx_class_ready, rc_rx_class_ready;
  tlp_t                    rc_tx [NumPort];
  tlp_t                    rc_rx [NumPort];
  logic [NumPort-1:0]      rc_link_up;
  logic [NumEp-1:0]        link_up;           // of the endpoints' links

  // Behind a switch all devices share the one port's egress.
  rc_fn_arb #(.NumEp(NumPort), .NumFn(NumDev / NumPort)) u_fn_arb (
    .clk_i,
    .rst_ni,
    .fn_valid_i  (inv_req_valid),
    .fn_ready_o  (inv_req_ready),
    .fn_i        (inv_req),
    .port_valid_o(rc_inv_valid),
    .port_ready_i(rc_inv_ready),
    .port_o      (rc_inv_req)
  );

  stream_map #(.NumReq(NumDev), .NumFn(NumF), .FirstBus(FirstBus)) u_stream (
    .share_i(stream_share_q),
    .req_i  (tbu_req),
    .req_o  (stream_req)
  );

  pcie_rc #(
    .NumEp           (NumPort),
    .NumDev          (NumEp / NumPort),
    .Switched        (Switched),
    .NumFn           (NumF),
    .SourceValidation(SourceValidation),
    .TranslationBlocking(TranslationBlocking)
  ) u_rc (
    .clk_i,
    .rst_ni,
    .now_i            (now_q),
    .cfg_timeout_i    (cfg_timeout_q),
    .train_i          (link_train_q),
    .surprise_i       (slot_surprise_q),
    .rrs_retry_i      (rrs_retry_q),
    .iso_mode_i       (isolate_q),
    .flr_snoop_i      (flr_snoop_q),
    .present_i        (Switched ? NumPort'('1) : present_q[NumPort-1:0]),
    .line_i           (Switched ? NumPort'('1) : line_q[NumPort-1:0]),
    .link_up_o        (rc_link_up),
    .dev_up_i         (Switched ? link_up : NumEp'('1)),
    .inv_timeout_i    (inv_timeout),
    .tx_valid_o       (rc_tx_valid),
    .tx_ready_i       (rc_tx_ready),
    .tx_o             (rc_tx),
    .tx_class_ready_i (rc_tx_class_ready),
    .rx_valid_i       (rc_rx_valid),
    .rx_ready_o       (rc_rx_ready),
    .rx_i             (rc_rx),
    .rx_class_ready_o (rc_rx_class_ready),
    .inv_req_valid_i  (rc_inv_valid),
    .inv_req_ready_o  (rc_inv_ready),
    .inv_req_i        (rc_inv_req),
    .inv_cpl_valid_o  (inv_cpl_valid),
    .inv_cpl_o        (inv_cpl),
    .inv_ur_valid_o   (inv_ur_valid),
    .inv_ur_o         (inv_ur),
    .pri_req_valid_o  (pri_req_valid),
    .pri_req_ready_i  (pri_req_ready),
    .pri_req_o        (pri_req),
    .prg_rsp_valid_i  (prg_rsp_valid),
    .prg_rsp_ready_o  (prg_rsp_ready),
    .prg_rsp_i        (prg_rsp),
    .tbu_req_valid_o  (tbu_req_valid),
    .tbu_req_ready_i  (tbu_req_ready),
    .tbu_req_o        (tbu_req),
    .tbu_rsp_valid_i  (tbu_rsp_valid),
    .tbu_rsp_ready_o  (tbu_rsp_ready),
    .tbu_rsp_i        (tbu_rsp),
    .txn_done_o       (txn_done),
    .pci_awaddr_i,
    .pci_awvalid_i,
    .pci_awready_o,
    .pci_wdata_i,
    .pci_wstrb_i,
    .pci_wvalid_i,
    .pci_wready_o,
    .pci_bresp_o,
    .pci_bvalid_o,
    .pci_bready_i,
    .pci_araddr_i,
    .pci_arvalid_i,
    .pci_arready_o,
    .pci_rdata_o,
    .pci_rresp_o,
    .pci_rvalid_o,
    .pci_rready_i,
    .dma_arid_o,
    .dma_araddr_o,
    .dma_arlen_o,
    .dma_aruser_o,
    .dma_arvalid_o,
    .dma_arready_i,
    .dma_rid_i,
    .dma_rdata_i,
    .dma_rresp_i,
    .dma_rlast_i,
    .dma_rvalid_i,
    .dma_rready_o,
    .dma_awid_o,
    .dma_awaddr_o,
    .dma_awlen_o,
    .dma_awuser_o,
    .dma_awvalid_o,
    .dma_awready_i,
    .dma_wdata_o,
    .dma_wstrb_o,
    .dma_wlast_o,
    .dma_wvalid_o,
    .dma_wready_i,
    .dma_bid_i,
    .dma_bresp_i,
    .dma_bvalid_i,
    .dma_bready_o,
    .quiet_o          (rc_quiet),
    .next_deadline_o  (rc_deadline)
  );

  // ---------------------------------------------------------------- links and endpoints
  // Their share of `quiet` does not depend on the top's inputs: in simulation it is evaluated once a cycle and not again for every
  // change of an input.
  logic  eps_quiet;
  time_t eps_deadline;

  atc_eps #(
    .NumEp              (NumEp),
    .NumFn              (NumFn),
    .NumVf              (NumVf),
    .FnAcs              (FnAcs),
    .Topology           (Topology),
    .SwitchCredits      (SwitchCredits),
    .SwitchSlots        (SwitchSlots),
    .AtcSets            (AtcSets),
    .AtcWays            (AtcWays),
    .AtcLarge           (AtcLarge),
    .AtcReplace         (AtcReplace),
    .SourceValidation   (SourceValidation),
    .TranslationBlocking(TranslationBlocking),
    .FirstBus           (FirstBus)
  ) u_eps (
    .clk_i,
    .rst_ni,
    .now_i              (now_q),
    .latency_i          (link_latency_q),
    .width_i            (link_width_q),
    .train_i            (link_train_q),
    .surprise_i         (slot_surprise_q),
    .flr_cycles_i       (flr_cycles_q),
    .cpl_timeout_i      (cfg_timeout_q),
    .inv_depth_i        (ep_inv_depth_q),
    .inv_search_i       (ep_inv_search_q),
    .xlat_pages_i       (ep_xlat_pages_q),
    .stale_all_i        (ep_stale_all_q),
    .present_i          (present_q),
    .line_i             (line_q),
    .mute_i             (mute_q),
    .link_up_o          (link_up),
    .rc_link_up_i       (rc_link_up),
    .rc_tx_valid_i      (rc_tx_valid),
    .rc_tx_ready_o      (rc_tx_ready),
    .rc_tx_i            (rc_tx),
    .rc_tx_class_ready_o(rc_tx_class_ready),
    .rc_rx_valid_o      (rc_rx_valid),
    .rc_rx_ready_i      (rc_rx_ready),
    .rc_rx_o            (rc_rx),
    .rc_rx_class_ready_i(rc_rx_class_ready),
    .quiet_o            (eps_quiet),
    .next_deadline_o    (eps_deadline)
  );

  // ---------------------------------------------------------------- quiet (D21)
  assign quiet_o         = smmu_quiet && rc_quiet && eps_quiet &&
                           {present_q, line_q, mute_q} == {slot_present_i, slot_line_i, slot_mute_i};
  assign next_deadline_o = earlier(earlier(smmu_deadline, rc_deadline), eps_deadline);

endmodule
