// SPDX-License-Identifier: Apache-2.0
//
// Events tlp_down, credit_stall (downstream), link_down, link_up, tlp_drop of unexpected completions and of PRG
// Responses that could not be queued (src: no device, cause 4, hdr {rid, code, prgi}).
// The link to a switch is number FirstLink, behind those of the devices (as in pcie_link_mon), whose own are pcie_switch_tree_mon's.
// hdr and addr: as in rc_port_rx_mon. A stall is logged once, when something waits in a cycle in which the link is idle
// (it would take a packet of another class) but has no credit for its class; it ends when the class is ready again.
module pcie_rc_mon
  import smmu_pkg::*;
  import tlp_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumEp     = 4,
  parameter int unsigned FirstLink = 0
) (
  input logic                  clk_i,
  input logic                  rst_ni,
  input logic [NumEp-1:0]      link_up,
  input logic [NumEp-1:0]      tx,
  input tlp_t                  tx_tlp [NumEp],
  input logic [NumEp-1:0][2:0] class_ready,
  input logic [NumEp-1:0]      inv_wait,
  input logic [NumEp-1:0]      prg_wait,
  input logic                  prg_drop,
  input prg_rsp_t              prg_rsp,
  input logic [NumEp-1:0]      cfg_wait,
  input logic                  cfg_posted,
  input logic [NumEp-1:0]      cpl_wait,
  input logic [NumEp-1:0]      unexpected,
  input tlp_hdr_t              rx_hdr [NumEp]
);

  localparam int NoDevice = 32'h0000FFFF;

  logic [NumEp-1:0][2:0] want, stalled_d, stalled_q;
  logic [NumEp-1:0]      up_q;
  logic                  unused_prg;
  assign unused_prg = ^{prg_rsp.ssv, prg_rsp.ssid};

  always_comb begin
    for (int unsigned i = 0; i < NumEp; i++) begin
      want[i] = {cpl_wait[i], cfg_wait[i] && !cfg_posted, inv_wait[i] || prg_wait[i] || (cfg_wait[i] && cfg_posted)};
      stalled_d[i] = ~class_ready[i] & (stalled_q[i] | (want[i] & {3{class_ready[i] != '0}}));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      stalled_q <= '0;
      up_q      <= '1;
    end else begin
      stalled_q <= stalled_d;
      up_q      <= link_up;
    end
  end

  // In most cycles there is nothing to say for any port.
  logic event_any;
  assign event_any = prg_drop || (tx != '0) || ((stalled_d & ~stalled_q) != '0) || (up_q != link_up) || (unexpected != '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && event_any) begin
      if (prg_drop) begin
        atc_mon_event(EV_TLP_DROP, NoDevice, int'(RcDropNoRoom),
                      {35'd0, prg_rsp.rid, prg_rsp.code, prg_rsp.prgi}, 0);
      end
      for (int unsigned i = 0; i < NumEp; i++) begin
        if (tx[i]) begin
          atc_mon_event(EV_TLP_DOWN, int'(i), int'({24'd0, tx_tlp[i].dw0[31:24]}),
                        {tx_tlp[i].dw0, tx_tlp[i].dw1},
                        tx_tlp[i].dw0[29] ? {tx_tlp[i].dw2, tx_tlp[i].dw3} : {32'd0, tx_tlp[i].dw2});
        end
        for (int unsigned c = 0; c < 3; c++) begin
          if (stalled_d[i][c] && !stalled_q[i][c]) atc_mon_event(EV_CREDIT_STALL, int'(i), int'(c), 0, 0);
        end
        if (up_q[i] && !link_up[i]) atc_mon_event(EV_LINK_DOWN, int'(FirstLink + i), 0, 0, 0);
        if (!up_q[i] && link_up[i]) atc_mon_event(EV_LINK_UP, int'(FirstLink + i), 0, 0, 0);
        if (unexpected[i]) begin
          atc_mon_event(EV_TLP_DROP, int'(i), int'(RcDropUnexpected), {rx_hdr[i].dw0, rx_hdr[i].dw1},
                        {32'd0, rx_hdr[i].dw2});
        end
      end
    end
  end

endmodule

bind pcie_rc pcie_rc_mon #(.NumEp(NumEp), .FirstLink(Switched ? NumDev : 0)) u_mon (
  .clk_i       (clk_i),
  .rst_ni      (rst_ni),
  .link_up     (link_up),
  .tx          (tx_valid_o & tx_ready_i),
  .tx_tlp      (tx_o),
  .class_ready (tx_class_ready_i),
  .inv_wait    (inv_tx_valid),
  .prg_wait    (pri_tx_valid),
  .prg_drop    (unused_prg_drop),
  .prg_rsp     (prg_rsp_i),
  .cfg_wait    (cfg_valid),
  .cfg_posted  (cfg.dw0[30] && cfg.dw0[28:24] == 5'd0),
  .cpl_wait    (cpl_valid),
  .unexpected  (unexpected),
  .rx_hdr      (hdr)
);
