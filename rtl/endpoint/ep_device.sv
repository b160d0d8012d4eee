// SPDX-License-Identifier: Apache-2.0
//
// A device of several functions behind one link: NumFn physical functions, and NumVf virtual ones of function 0 (SR-IOV).
//
// Each function is a whole ep_top: configuration space, BARs, DMA engine, ATC, power state, FLR, faults. Physical
// function f has function number f, virtual function v has NumFn + v; the requester ID of a function is that of function 0 plus
// its number, its index in events and signatures Index + number.
// Shared: the link, taken in turns; of function 0 and its virtual functions the invalidation queue (32 places in all, a
// request that finds them taken waits for credit), STU, PASID Enable, payload sizes, and the Page Request Interface
// (Enable, Allocation, Response Failure).
// A virtual function that is not enabled is held in reset and does not exist on the link; VF Enable 1 -> 0, an FLR
// or a wake-up of function 0 drop it with all that it holds.
// Guarantees: an invalidation, a reset, a fault of one function touches no other one.
// Does not: order packets of different functions, give virtual functions stop markers.
// Latency: none of its own.
module ep_device
  import atc_time_pkg::*;
  import tlp_pkg::*;
  import ep_pkg::*;
#(
  parameter int unsigned Index       = 0,  // of function 0
  parameter int unsigned AtcSets     = 1,  // ATC of a function: ep_atc
  parameter int unsigned AtcWays     = 64,
  parameter int unsigned AtcLarge    = 0,
  parameter atc_replace_e AtcReplace = ReplaceRoundRobin,
  parameter int unsigned NumFn       = 2,  // 1..8, NumFn + NumVf at least 2 and at most 8
  parameter int unsigned NumVf       = 0,
  parameter bit          HasAcs      = 0,
  parameter bit          NoSoftReset = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  time_t       now_i,
  input  logic [15:0] bdf_i,           // requester ID of function 0, held constant
  input  time_t       flr_cycles_i,
  input  logic [5:0]  inv_depth_i,
  input  logic [9:0]  inv_search_i,    // ep_top
  input  logic [2:0]  xlat_pages_i,
  input  logic        stale_all_i,
  input  time_t       cpl_timeout_i,

  input  logic        rx_valid_i,
  output logic        rx_ready_o,
  input  tlp_t        rx_i,

  output logic        tx_valid_o,
  input  logic        tx_ready_i,
  output tlp_t        tx_o,
  input  logic [2:0]  tx_class_ready_i,

  output logic        quiet_o,
  output time_t       next_deadline_o
);

  localparam int unsigned NumF  = NumFn + NumVf;
  localparam int unsigned IdxW  = $clog2(NumF);
  localparam int unsigned Depth = 32;      // places of the shared invalidation queue

  fn_in_t            fn_in  [NumF];
  fn_out_t           fn_out [NumF];
  logic [NumF-1:0]   present, claimed, claims, rx_valid, rx_ready, tx_valid, grant, quiet;
  tlp_t              tx [NumF];
  time_t             deadline [NumF];
  logic [IdxW-1:0]   index;

  // ---------------------------------------------------------------- link
  ep_fn_rx #(.NumF(NumF)) u_rx (
    .valid_i  (rx_valid_i),
    .rx_i, .bdf_i,
    .present_i(present),
    .claims_i (claims),
    .valid_o  (rx_valid)
  );
  assign rx_ready_o = (rx_valid & rx_ready) != '0;

  arb_rr #(.N(NumF)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (tx_valid),
    .advance_i(tx_ready_i),
    .grant_o  (grant),
    .valid_o  (tx_valid_o),
    .index_o  (index)
  );
  always_comb begin
    tx_o = '0;
    if (tx_valid_o) tx_o = tx[index];
  end

  // ---------------------------------------------------------------- what function 0 and its virtual functions share
  function automatic logic shares(int unsigned i);
    return (i == 0) || (i >= NumFn);
  endfunction

  logic [8:0]      held;
  logic [9:0]      pages, asking;          // page requests
  logic [NumF-1:0] page_room, inv_room;
  logic [3:0]      ask [NumF];
  logic [1:0]      evt [NumF];
  logic [1:0]      evt_d, evt_q;           // {unexpected, failure}, told to all in the next cycle

  always_comb begin
    held  = '0;
    pages = '0;
    evt_d = '0;
    for (int unsigned i = 0; i < NumF; i++) begin
      if (shares(i)) begin
        held  = held + 9'(fn_out[i].inv_held);
        pages = pages + 10'(fn_out[i].pri_open);
        evt_d = evt_d | evt[i];
      end
    end
    // One that may ask counts on those before it asking in the same cycle.
    asking    = '0;
    page_room = '0;
    for (int unsigned i = 0; i < NumF; i++) begin
      if (shares(i)) begin
        page_room[i] = 32'(pages) + 32'(asking) + 32'(ask[i]) <= fn_out[0].pri_alloc;
        asking       = asking + 10'(ask[i]);
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) evt_q <= '0;
    else evt_q <= evt_d;
  end

  // ---------------------------------------------------------------- functions
  for (genvar i = 0; i < NumF; i++) begin : gen_fn
    localparam bit          IsVf = i >= NumFn;
    localparam int unsigned Vf   = IsVf ? i - NumFn : 0;

    assign present[i] = !fn_in[i].absent;
    assign claims[i]  = present[i] && claimed[i];
    assign inv_room[i] = (NumVf == 0) || !shares(i) || (held < 9'(Depth));

    always_comb begin
      fn_in[i] = FnAlone;
      if ((NumVf != 0) && shares(i)) begin
        fn_in[i].shares_pri     = 1'b1;
        fn_in[i].pri_failure    = evt_q[0];
        fn_in[i].pri_unexpected = evt_q[1];
      end
      if (IsVf) begin
        fn_in[i].absent     = fn_out[0].vf.count <= 4'(Vf);
        fn_in[i].pf         = fn_out[0].pf;
        fn_in[i].pf.bar     = fn_out[0].pf.bar + 16'(Vf);
        fn_in[i].pri_usable = fn_out[0].pri_usable;
      end
    end

    ep_top #(
      .Index      (Index + i),
      .AtcSets    (AtcSets),
      .AtcWays    (AtcWays),
      .AtcLarge   (AtcLarge),
      .AtcReplace (AtcReplace),
      .Several    (1),
      .MultiFn    ((NumFn > 1) && !IsVf),
      .NextFn     ((i + 1 < NumFn) ? i + 1 : 0),
      .HasAcs     (HasAcs),
      .IsVf       (IsVf),
      .NumVf      ((i == 0) ? NumVf : 0),
      .FirstVf    (NumFn),
      .NoSoftReset(NoSoftReset)
    ) u_ep (
      .clk_i, .rst_ni, .now_i,
      .bdf_i           (bdf_i + 16'(i)),
      .flr_cycles_i,
      .inv_depth_i, .inv_search_i, .xlat_pages_i, .stale_all_i, .cpl_timeout_i,
      .fn_i            (fn_in[i]),
      .fn_o            (fn_out[i]),
      .inv_room_i      (inv_room[i]),
      .pri_room_i      (page_room[i]),
      .pri_ask_o       (ask[i]),
      .claims_o        (claimed[i]),
      .pri_evt_o       (evt[i]),
      .rx_valid_i      (rx_valid[i]),
      .rx_ready_o      (rx_ready[i]),
      .rx_i,
      .tx_valid_o      (tx_valid[i]),
      .tx_ready_i      (grant[i] && tx_ready_i),
      .tx_o            (tx[i]),
      .tx_class_ready_i,
      .quiet_o         (quiet[i]),
      .next_deadline_o (deadline[i])
    );
  end

  always_comb begin
    next_deadline_o = NoDeadline;
    for (int unsigned i = 0; i < NumF; i++) next_deadline_o = earlier(next_deadline_o, deadline[i]);
  end
  assign quiet_o = (&quiet) && (evt_q == '0);

endmodule
