// SPDX-License-Identifier: Apache-2.0
//
// What hangs below the root complex: a link and an endpoint for each root port, or (Topology 1) one link, a switch, and links from there.
// Endpoints are ep_top, or ep_device when they have several functions; each has its requester ID from its place: bus FirstBus + i.
//
// Links and endpoints have gated clocks: one that is quiet and has no deadline due does not tick, and time stands still for a pair of them.
// An endpoint is in (conventional) reset from the cycle after its link went down until the cycle after it is up again; `link_up_o` says when
// it is. `quiet_o`, `next_deadline_o`: D21, of all of them.
// Does not: decide whether a root port's link is up (`rc_link_up_i`); behind a switch that of the devices' links is decided here, from the slots.
module atc_eps
  import atc_time_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned NumEp = 4,
  parameter int unsigned NumFn = 1,
  parameter int unsigned NumVf = 0,
  parameter bit          FnAcs = 0,
  parameter int unsigned Topology = 0,
  parameter int unsigned SwitchCredits = 8,
  parameter int unsigned SwitchSlots = 16,
  parameter int unsigned AtcSets = 1,
  parameter int unsigned AtcWays = 64,
  parameter int unsigned AtcLarge = 0,
  parameter ep_pkg::atc_replace_e AtcReplace = ep_pkg::ReplaceRoundRobin,
  parameter bit          SourceValidation = 1,
  parameter bit          TranslationBlocking = 0,
  parameter int unsigned FirstBus = 1,
  localparam bit         Switched = Topology == 1,
  localparam int unsigned NumPort = Switched ? 1 : NumEp
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  time_t       now_i,
  // straps, constant: see atc_top
  input  logic [15:0] latency_i,
  input  logic [5:0]  width_i,
  input  logic [15:0] train_i,
  input  logic        surprise_i,
  input  time_t       flr_cycles_i,
  input  time_t       cpl_timeout_i,
  input  logic [5:0]  inv_depth_i,
  input  logic [9:0]  inv_search_i,
  input  logic [2:0]  xlat_pages_i,
  input  logic        stale_all_i,
  // slots
  input  logic [NumEp-1:0]      present_i,
  input  logic [NumEp-1:0]      line_i,
  input  logic [NumEp-1:0]      mute_i,
  output logic [NumEp-1:0]      link_up_o,
  // root ports
  input  logic [NumPort-1:0]      rc_link_up_i,
  input  logic [NumPort-1:0]      rc_tx_valid_i,
  output logic [NumPort-1:0]      rc_tx_ready_o,
  input  tlp_t                    rc_tx_i [NumPort],
  output logic [NumPort-1:0][2:0] rc_tx_class_ready_o,
  output logic [NumPort-1:0]      rc_rx_valid_o,
  input  logic [NumPort-1:0]      rc_rx_ready_i,
  output tlp_t                    rc_rx_o [NumPort],
  input  logic [NumPort-1:0][2:0] rc_rx_class_ready_i,

  output logic        quiet_o,
  output time_t       next_deadline_o
);

  localparam int unsigned NumF = NumFn + NumVf;

  // ---------------------------------------------------------------- links
  logic  [NumEp-1:0] link_quiet, ep_quiet;
  time_t             link_deadline [NumEp];
  time_t             ep_deadline [NumEp];
  logic  [NumEp-1:0] ep_up_q;
  logic [NumEp-1:0]      ep_tx_valid, ep_tx_ready, ep_rx_valid, ep_rx_ready;
  logic [NumEp-1:0][2:0] ep_tx_class_ready;
  tlp_t                  ep_tx [NumEp];
  tlp_t                  ep_rx [NumEp];

  // Conventional reset of an endpoint: from the cycle after its link went down until the cycle after it is up again.
  logic up_clk;

  clk_gate u_up_gate (.clk_i, .idle_i(ep_up_q == link_up_o), .clk_o(up_clk));

  always_ff @(posedge up_clk or negedge rst_ni) begin
    if (!rst_ni) ep_up_q <= '1;
    else ep_up_q <= link_up_o;
  end

  // A clock for an endpoint, one for its own link, and one time for both: what one of them does wakes the other one.
  logic [NumEp-1:0] ep_clk, ep_idle, link_idle;
  time_t            slot_now [NumEp];
  time_t            slot_deadline [NumEp];

  for (genvar i = 0; i < NumEp; i++) begin : gen_slot
    assign ep_idle[i]       = ep_quiet[i] && (ep_up_q == link_up_o) && slot_now[i] < ep_deadline[i];
    assign link_idle[i]     = link_quiet[i] && slot_now[i] < link_deadline[i];
    assign slot_deadline[i] = Switched ? ep_deadline[i] : earlier(ep_deadline[i], link_deadline[i]);

    clk_gate u_gate (.clk_i, .idle_i(ep_idle[i]), .clk_o(ep_clk[i]));
    time_gate u_time_gate (
      .now_i, .quiet_i(ep_idle[i] && (Switched || link_idle[i])), .deadline_i(slot_deadline[i]), .now_o(slot_now[i])
    );
  end

  if (Switched) begin : gen_switch
    pcie_switch_tree #(
      .NumEp              (NumEp),
      .NumFn              (NumF),
      .DownP              (SwitchCredits),
      .SlotsP             (SwitchSlots),
      .SourceValidation   (SourceValidation),
      .TranslationBlocking(TranslationBlocking)
    ) u_tree (
      .clk_i,
      .rst_ni,
      .now_i              (now_i),
      .latency_i          (latency_i),
      .width_i            (width_i),
      .train_i            (train_i),
      .surprise_i         (surprise_i),
      .root_up_i          (rc_link_up_i[0]),
      .present_i          (present_i),
      .line_i             (line_i),
      .up_o               (link_up_o),
      .mute_i             (mute_i),
      .rc_tx_valid_i      (rc_tx_valid_i[0]),
      .rc_tx_ready_o      (rc_tx_ready_o[0]),
      .rc_tx_i            (rc_tx_i[0]),
      .rc_tx_class_ready_o(rc_tx_class_ready_o[0]),
      .rc_rx_valid_o      (rc_rx_valid_o[0]),
      .rc_rx_ready_i      (rc_rx_ready_i[0]),
      .rc_rx_o            (rc_rx_o[0]),
      .rc_rx_class_ready_i(rc_rx_class_ready_i[0]),
      .ep_tx_valid_i      (ep_tx_valid),
      .ep_tx_ready_o      (ep_tx_ready),
      .ep_tx_i            (ep_tx),
      .ep_tx_class_ready_o(ep_tx_class_ready),
      .ep_rx_valid_o      (ep_rx_valid),
      .ep_rx_ready_i      (ep_rx_ready),
      .ep_rx_o            (ep_rx),
      .quiet_o            (link_quiet[0]),
      .next_deadline_o    (link_deadline[0])
    );
    for (genvar i = 1; i < NumEp; i++) begin : gen_rest
      assign link_quiet[i]    = 1'b1;   // the first one speaks for the tree
      assign link_deadline[i] = NoDeadline;
    end
  end else begin : gen_ports
    for (genvar i = 0; i < NumEp; i++) begin : gen_link
      logic link_clk;

      clk_gate u_link_gate (.clk_i, .idle_i(link_idle[i]), .clk_o(link_clk));

      pcie_link #(.Index(i), .NumFn(NumF)) u_link (
        .clk_i               (link_clk),
        .rst_ni,
        .now_i               (slot_now[i]),
        .latency_i           (latency_i),
        .width_i             (width_i),
        .up_i                (link_up_o[i] && !mute_i[i]),
        .rc_tx_valid_i       (rc_tx_valid_i[i]),
        .rc_tx_ready_o       (rc_tx_ready_o[i]),
        .rc_tx_i             (rc_tx_i[i]),
        .rc_tx_class_ready_o (rc_tx_class_ready_o[i]),
        .rc_rx_valid_o       (rc_rx_valid_o[i]),
        .rc_rx_ready_i       (rc_rx_ready_i[i]),
        .rc_rx_o             (rc_rx_o[i]),
        .rc_rx_class_ready_i (rc_rx_class_ready_i[i]),
        .ep_tx_valid_i       (ep_tx_valid[i]),
        .ep_tx_ready_o       (ep_tx_ready[i]),
        .ep_tx_i             (ep_tx[i]),
        .ep_tx_class_ready_o (ep_tx_class_ready[i]),
        .ep_rx_class_ready_i (3'b111),
        .ep_rx_valid_o       (ep_rx_valid[i]),
        .ep_rx_ready_i       (ep_rx_ready[i]),
        .ep_rx_o             (ep_rx[i]),
        .quiet_o             (link_quiet[i]),
        .next_deadline_o     (link_deadline[i])
      );
    end
    assign link_up_o = rc_link_up_i;

    logic unused_slots;                 // the root ports' business
    assign unused_slots = ^{train_i, surprise_i, present_i, line_i};
  end

  // ---------------------------------------------------------------- endpoints
  // Endpoints of one function; those of several are below. Two loops, so that the one function of an endpoint has
  // no level of hierarchy more than it needs.
  for (genvar i = 0; i < ((NumF == 1) ? NumEp : 0); i++) begin : gen_port
    ep_pkg::fn_out_t unused_fn;
    logic [3:0] unused_ask;
    logic unused_claims;
    logic [1:0] unused_pri_evt;
    logic ep_rst_n;
    assign ep_rst_n = rst_ni && ep_up_q[i];

    ep_top #(
      .Index     (i),
      .AtcSets   (AtcSets),
      .AtcWays   (AtcWays),
      .AtcLarge  (AtcLarge),
      .AtcReplace(AtcReplace)
    ) u_ep (
      .clk_i           (ep_clk[i]),
      .rst_ni          (ep_rst_n),
      .now_i           (slot_now[i]),
      .bdf_i           (16'((FirstBus + i) << 8)),
      .flr_cycles_i    (flr_cycles_i),
      .inv_depth_i     (inv_depth_i),
      .inv_search_i    (inv_search_i),
      .xlat_pages_i    (xlat_pages_i),
      .stale_all_i     (stale_all_i),
      .cpl_timeout_i   (cpl_timeout_i),
      .fn_i            (ep_pkg::FnAlone),
      .fn_o            (unused_fn),
      .inv_room_i      (1'b1),
      .pri_room_i      (1'b0),
      .pri_ask_o       (unused_ask),
      .claims_o        (unused_claims),
      .pri_evt_o       (unused_pri_evt),
      .rx_valid_i      (ep_rx_valid[i]),
      .rx_ready_o      (ep_rx_ready[i]),
      .rx_i            (ep_rx[i]),
      .tx_valid_o      (ep_tx_valid[i]),
      .tx_ready_i      (ep_tx_ready[i]),
      .tx_o            (ep_tx[i]),
      .tx_class_ready_i(ep_tx_class_ready[i]),
      .quiet_o         (ep_quiet[i]),
      .next_deadline_o (ep_deadline[i])
    );
  end

  for (genvar i = 0; i < ((NumF == 1) ? 0 : NumEp); i++) begin : gen_device

    logic ep_rst_n;
    assign ep_rst_n = rst_ni && ep_up_q[i];

    ep_device #(
      .Index     (i * NumF),
      .AtcSets   (AtcSets),
      .AtcWays   (AtcWays),
      .AtcLarge  (AtcLarge),
      .AtcReplace(AtcReplace),
      .NumFn     (NumFn),
      .NumVf     (NumVf),
      .HasAcs    (FnAcs)
    ) u_dev (
      .clk_i           (ep_clk[i]),
      .rst_ni          (ep_rst_n),
      .now_i           (slot_now[i]),
      .bdf_i           (16'((FirstBus + i) << 8)),
      .flr_cycles_i    (flr_cycles_i),
      .inv_depth_i     (inv_depth_i),
      .inv_search_i    (inv_search_i),
      .xlat_pages_i    (xlat_pages_i),
      .stale_all_i     (stale_all_i),
      .cpl_timeout_i   (cpl_timeout_i),
      .rx_valid_i      (ep_rx_valid[i]),
      .rx_ready_o      (ep_rx_ready[i]),
      .rx_i            (ep_rx[i]),
      .tx_valid_o      (ep_tx_valid[i]),
      .tx_ready_i      (ep_tx_ready[i]),
      .tx_o            (ep_tx[i]),
      .tx_class_ready_i(ep_tx_class_ready[i]),
      .quiet_o         (ep_quiet[i]),
      .next_deadline_o (ep_deadline[i])
    );
  end

  // ---------------------------------------------------------------- quiet (D21)
  always_comb begin
    quiet_o         = ep_up_q == link_up_o;
    next_deadline_o = NoDeadline;
    for (int unsigned i = 0; i < NumEp; i++) begin
      if (!link_quiet[i] || !ep_quiet[i]) quiet_o = 1'b0;
      next_deadline_o = earlier(next_deadline_o, earlier(link_deadline[i], ep_deadline[i]));
    end
  end

endmodule
