// SPDX-License-Identifier: Apache-2.0
//
// ATC invalidation at the root complex: where requests without a way end, and when completions may go on.
//
// Requests: one that names a function that is not behind the port, or whose link (or the port's, above a switch) is down, is taken and
// reported as `inv_ur_o` in the next cycle (ur-local of D13); others are passed to the port's egress.
// Completions (D9): the messages of a port queue up, each with the number of posted writes that the port had
// taken before it; the head goes on when that many have retired (AXI response or abort, in order). Writes
// behind the message never delay it. One completion a cycle leaves, ports take turns.
// Guarantees order of the completions of one port. Does not tell traffic classes apart: it waits for the
// writes of all of them, which is stronger than D9 asks.
// FLR snooping (D17): rc_flr_snoop per port; its local URs give way to those of requests.
// Latency: 1 cycle from the link to `inv_cpl_o` when all earlier writes have retired and no other port competes.
module rc_inv
  import smmu_pkg::*;
  import tlp_pkg::*;
#(
  parameter int unsigned NumEp = 4,      // ports
  parameter int unsigned NumDev = 1,     // devices behind each
  parameter int unsigned FirstBus = 1,
  parameter int unsigned Depth = 8,   // completions waiting, per port
  parameter int unsigned SeqW  = 6
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic     [NumEp-1:0]       link_up_i,
  input  logic     [NumEp*NumDev-1:0] dev_up_i,    // below a switch: the link of the device
  input  logic     [NumEp-1:0]       flr_i,        // a function behind the port was reset (only with flr_snoop)
  input  logic     [15:0]            flr_rid_i,
  // from and to the SMMU
  input  logic     [NumEp-1:0]       req_valid_i,
  output logic     [NumEp-1:0]       req_ready_o,
  input  inv_req_t [NumEp-1:0]       req_i,
  output logic                       ur_valid_o,
  output inv_ur_t                    ur_o,
  output logic                       cpl_valid_o,
  output inv_cpl_t                   cpl_o,
  // to the ports' egress
  output logic     [NumEp-1:0]       tx_valid_o,
  input  logic     [NumEp-1:0]       tx_ready_i,
  // from the ports' ingress
  input  logic     [NumEp-1:0]       rx_valid_i,
  output logic     [NumEp-1:0]       rx_ready_o,
  input  inv_cpl_t [NumEp-1:0]       rx_i,
  // posted writes of the port, counted from reset, modulo 2^SeqW
  input  logic     [NumEp-1:0][SeqW-1:0] wr_taken_i,
  input  logic     [NumEp-1:0][SeqW-1:0] wr_retired_i,
  output logic                       quiet_o
);

  localparam int unsigned IdxW = (NumEp > 1) ? $clog2(NumEp) : 1;

  // ---------------------------------------------------------------- requests
  localparam int unsigned AllW = (NumEp * NumDev > 1) ? $clog2(NumEp * NumDev) : 1;

  logic [NumEp-1:0] no_way, ur_grant;
  logic [7:0]       below;
  logic [IdxW-1:0]  ur_index;
  logic             ur_any, ur_valid_q;
  inv_ur_t          ur_q;

  logic    [NumEp-1:0] flr_valid, flr_ready, flr_idle, flr_quiet;
  inv_ur_t [NumEp-1:0] flr_ur;
  logic    [IdxW-1:0]  flr_index;
  logic                flr_any;

  always_comb begin
    below = '0;
    for (int unsigned i = 0; i < NumEp; i++) begin
      below     = req_i[i].rid[15:8] - 8'(FirstBus + i * NumDev);
      no_way[i] = !link_up_i[i] || (req_i[i].rid[7:3] != '0) || (below >= 8'(NumDev)) ||
                  !dev_up_i[AllW'(i * NumDev) + AllW'(below)];
    end
  end

  arb_rr #(.N(NumEp)) u_arb_ur (
    .clk_i, .rst_ni,
    .req_i    (req_valid_i & no_way),
    .advance_i(1'b1),
    .grant_o  (ur_grant),
    .valid_o  (ur_any),
    .index_o  (ur_index)
  );

  assign tx_valid_o  = req_valid_i & ~no_way;
  assign req_ready_o = ur_grant | (tx_ready_i & tx_valid_o);
  assign ur_valid_o  = ur_valid_q;
  assign ur_o        = ur_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ur_valid_q <= 1'b0;
      ur_q       <= '0;
    end else begin
      ur_valid_q <= ur_any || flr_any;
      if (ur_any) ur_q <= '{rid: req_i[ur_index].rid, itag: req_i[ur_index].itag};
      else if (flr_any) ur_q <= flr_ur[flr_index];
    end
  end

  // ---------------------------------------------------------------- FLR snooping
  for (genvar i = 0; i < NumEp; i++) begin : gen_flr
    rc_flr_snoop u_flr (
      .clk_i, .rst_ni,
      .flr_i  (flr_i[i]),
      .rid_i  (flr_rid_i),
      .idle_i (flr_idle[i]),
      .valid_o(flr_valid[i]),
      .ready_i(flr_ready[i]),
      .ur_o   (flr_ur[i]),
      .quiet_o(flr_quiet[i])
    );
  end

  always_comb begin
    flr_any   = flr_valid != '0;
    flr_index = '0;
    flr_ready = '0;
    if (flr_any) begin
      for (int unsigned i = NumEp; i > 0; i--) if (flr_valid[i-1]) flr_index = IdxW'(i - 1);
      flr_ready[flr_index] = !ur_any;
    end
  end

  // ---------------------------------------------------------------- completions
  logic     [NumEp-1:0] head_valid, open, gate_quiet, grant;
  inv_cpl_t [NumEp-1:0] head;
  logic     [IdxW-1:0]  index;
  logic                 any;

  for (genvar i = 0; i < NumEp; i++) begin : gen_port
    logic [$clog2(Depth+1)-1:0] unused_count;

    fifo_sync #(.T(inv_cpl_t), .Depth(Depth)) u_wait (
      .clk_i, .rst_ni,
      .clear_i    (1'b0),
      .in_valid_i (rx_valid_i[i]),
      .in_ready_o (rx_ready_o[i]),
      .in_i       (rx_i[i]),
      .out_valid_o(head_valid[i]),
      .out_ready_i(grant[i]),
      .out_o      (head[i]),
      .count_o    (unused_count)
    );

    rc_order_gate #(.Depth(Depth), .SeqW(SeqW)) u_gate (
      .clk_i, .rst_ni,
      .taken_i  (wr_taken_i[i]),
      .retired_i(wr_retired_i[i]),
      .push_i   (rx_valid_i[i] && rx_ready_o[i]),
      .pop_i    (grant[i]),
      .open_o   (open[i]),
      .quiet_o  (gate_quiet[i])
    );

    assign flr_idle[i] = !head_valid[i] && !rx_valid_i[i];
  end

  arb_rr #(.N(NumEp)) u_arb_cpl (
    .clk_i, .rst_ni,
    .req_i    (head_valid & open),
    .advance_i(1'b1),
    .grant_o  (grant),
    .valid_o  (any),
    .index_o  (index)
  );

  assign cpl_valid_o = any;
  assign cpl_o       = head[index];

  assign quiet_o = !any && !ur_valid_q && !ur_any && ((req_valid_i & req_ready_o) == '0) && (rx_valid_i == '0) &&
                   (&gate_quiet) && (&flr_quiet);

endmodule
