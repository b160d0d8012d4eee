// SPDX-License-Identifier: Apache-2.0
//
// Event link_balance, when the simulation ends: for each direction and class that was used, packets that entered the
// link, packets that left it, packets that were lost because it was down, and credits that have not come back.
// Counted at the link's ends, apart from the design's own counters. A packet of no known class counts as posted, for
// that is the buffer that it uses. Costs nothing while no packet moves.
module pcie_link_mon
  import tlp_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned Index = 0,
  parameter int Max [6] = '{default: 1}  // credits: down P, NP, CPL, up P, NP, CPL
) (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       up,             // link state
  input logic [1:0] enter,          // {up, down}: a packet is accepted,
  input logic [7:0] down_enter,     // of this kind
  input logic [7:0] up_enter,
  input logic [1:0] leave,
  input logic [7:0] down_leave,
  input logic [7:0] up_leave,
  input logic [7:0] down_p,         // credits that the senders hold now
  input logic [7:0] down_np,
  input logic [7:0] down_cpl,
  input logic [7:0] up_p,
  input logic [7:0] up_np,
  input logic [7:0] up_cpl
);

  function automatic logic [2:0] stream(logic towards_root, logic [7:0] kind);
    tlp_class_e cls;
    cls = kind_class(kind);
    return (towards_root ? 3'd3 : 3'd0) + ((cls == ClassBad) ? 3'd0 : {1'b0, cls});
  endfunction

  int   sent_q [6], received_q [6], lost_q [6];
  logic up_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      up_q <= 1'b1;
      for (int unsigned i = 0; i < 6; i++) begin
        sent_q[i]     <= 0;
        received_q[i] <= 0;
        lost_q[i]     <= 0;
      end
    end else begin
      if (up_q != up) up_q <= up;
      if (enter[0]) sent_q[stream(1'b0, down_enter)] <= sent_q[stream(1'b0, down_enter)] + 1;
      if (enter[1]) sent_q[stream(1'b1, up_enter)] <= sent_q[stream(1'b1, up_enter)] + 1;
      if (leave[0]) received_q[stream(1'b0, down_leave)] <= received_q[stream(1'b0, down_leave)] + 1;
      if (leave[1]) received_q[stream(1'b1, up_leave)] <= received_q[stream(1'b1, up_leave)] + 1;
      // Down: what is under way is lost, and all that enters (but not what leaves at this edge).
      if (!up) begin
        for (int unsigned i = 0; i < 6; i++) begin
          if (up_q || enter != 2'b00) begin
            lost_q[i] <= sent_q[i] - received_q[i]
                       + int'(enter[0] && stream(1'b0, down_enter) == 3'(i))
                       + int'(enter[1] && stream(1'b1, up_enter) == 3'(i))
                       - int'(leave[0] && stream(1'b0, down_leave) == 3'(i))
                       - int'(leave[1] && stream(1'b1, up_leave) == 3'(i));
          end
        end
      end
    end
  end

  int missing [6];

  final begin
    missing = '{Max[0] - int'(down_p), Max[1] - int'(down_np), Max[2] - int'(down_cpl),
                Max[3] - int'(up_p), Max[4] - int'(up_np), Max[5] - int'(up_cpl)};
    for (int unsigned i = 0; i < 6; i++) begin
      if (sent_q[i] != 0) begin
        atc_mon_event(EV_LINK_BALANCE, int'(Index), int'(4 * (i / 3) + i % 3), {sent_q[i], received_q[i]},
                      {lost_q[i], missing[i]});
      end
    end
  end

endmodule

bind pcie_link pcie_link_mon #(
  .Index (Index),
  .Max   ('{DownP, DownNp, DownCpl, UpP, UpNp, UpCpl})
) u_mon (
  .clk_i      (clk_i),
  .rst_ni     (rst_ni),
  .up         (up_i),
  .enter      ({ep_tx_valid_i && ep_tx_ready_o, rc_tx_valid_i && rc_tx_ready_o}),
  .down_enter (rc_tx_i.dw0[31:24]),
  .up_enter   (ep_tx_i.dw0[31:24]),
  .leave      ({rc_rx_valid_o && rc_rx_ready_i, ep_rx_valid_o && ep_rx_ready_i}),
  .down_leave (ep_rx_o.dw0[31:24]),
  .up_leave   (rc_rx_o.dw0[31:24]),
  .down_p     (8'(u_down.gen_credit[0].unused_count)),
  .down_np    (8'(u_down.gen_credit[1].unused_count)),
  .down_cpl   (8'(u_down.gen_credit[2].unused_count)),
  .up_p       (8'(u_up.gen_credit[0].unused_count)),
  .up_np      (8'(u_up.gen_credit[1].unused_count)),
  .up_cpl     (8'(u_up.gen_credit[2].unused_count))
);
