// SPDX-License-Identifier: Apache-2.0
//
// Protocol checker of a link, both directions, in every simulation: event tlp_violation, one for each broken rule.
// a0 = rule (doc/rtl/tlp_mon.md), hdr = {dw0, dw1}, addr = {dw2, dw3}. The oracle tlp_protocol judges them.
//
// Rules 0..12 look at one packet (tlp_rules), 13..16 at what went before on this link:
//   13 a completion that answers nothing        14 a tag that is still in use
//   15 a requester ID that is not the function's, which learns it from configuration writes, as the device does
//   16 RRS to anything but a configuration request
// Requests end with their last completion, or with the link.
module tlp_mon
  import tlp_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned Index = 0,
  parameter int unsigned NumFn = 1,     // functions behind the link: each has tags of its own
  parameter int unsigned SharedBus = 0  // not 0: above a switch, the first device on this bus; rule 15 is left to the links below
) (
  input logic     clk_i,
  input logic     rst_ni,
  input logic     up,              // link state
  input logic     down_take,       // a packet enters the link, towards the endpoint
  input logic     up_take,         // towards the root
  input tlp_hdr_t down_hdr,
  input tlp_hdr_t up_hdr
);

  // {low bits of the bus, function, tag}
  localparam int unsigned NumTag = ((SharedBus != 0) ? 16 : 1) * ((NumFn > 1) ? 8 : 1) * 256;
  localparam int unsigned TagW   = $clog2(NumTag);
  localparam logic [15:0] FnMask = (NumFn > 1) ? 16'h7 : 16'h0;

  logic [12:0] down_bad, up_bad;
  tlp_rules #(.Up(1'b0)) u_down (.valid_i (down_take), .hdr_i (down_hdr), .bad_o (down_bad));
  tlp_rules #(.Up(1'b1)) u_up (.valid_i (up_take), .hdr_i (up_hdr), .bad_o (up_bad));

  // By tag: requests of the root and of the device that wait for a completion.
  logic [255:0]       down_open_q, down_cfg_q;
  logic [NumTag-1:0]  up_open_q;
  logic         rid_known_q;
  logic [15:0]  rid_q;

  function automatic logic is_np(logic [7:0] kind);
    return kind_class(kind) == ClassNp;
  endfunction

  // The last completion of its request: no data, or no byte left (Byte Count, section 1.3).
  function automatic logic ends(logic [7:0] kind, logic [9:0] len, logic [11:0] left, logic [1:0] lower);
    return kind inside {Cpl, CplLk} || {1'b0, len, 2'b00} >= {left == '0, left} + 13'(lower);   // Byte Count 0: 4096
  endfunction

  logic [3:0] down_seq, up_seq;    // rules 13..16
  logic [7:0] down_kind, up_kind;
  logic [7:0] down_tag, up_tag;    // of the request that the packet is or answers
  logic       down_cpl, up_cpl, down_ends, up_ends;
  logic [TagW-1:0] asks, answers;  // the device's request that the packet is, or answers: function and tag

  always_comb begin
    {down_seq, down_kind, down_tag, down_cpl, down_ends} = '0;
    {up_seq, up_kind, up_tag, up_cpl, up_ends}           = '0;
    answers = '0;
    asks    = '0;
    if (down_take) begin
      down_kind   = down_hdr.dw0[31:24];
      down_cpl    = down_kind inside {Cpl, CplD, CplLk, CplDLk};
      down_tag    = down_cpl ? down_hdr.dw2[15:8] : down_hdr.dw1[15:8];
      down_ends   = ends(down_kind, down_hdr.dw0[9:0], down_hdr.dw1[11:0], down_hdr.dw2[1:0]);
      answers     = (NumFn > 1) ? TagW'({down_hdr.dw2[27:24], down_hdr.dw2[18:16], down_tag}) : TagW'({down_hdr.dw2[27:24], down_tag});
      down_seq[0] = down_cpl && !up_open_q[answers];
      down_seq[1] = is_np(down_kind) && down_open_q[down_tag];
      down_seq[3] = down_cpl && down_hdr.dw1[15:13] == CplRrs;
    end
    if (up_take) begin
      up_kind   = up_hdr.dw0[31:24];
      up_cpl    = up_kind inside {Cpl, CplD, CplLk, CplDLk};
      up_tag    = up_cpl ? up_hdr.dw2[15:8] : up_hdr.dw1[15:8];
      up_ends   = ends(up_kind, up_hdr.dw0[9:0], up_hdr.dw1[11:0], up_hdr.dw2[1:0]);
      up_seq[0] = up_cpl && !down_open_q[up_tag];
      asks      = (NumFn > 1) ? TagW'({up_hdr.dw1[27:24], up_hdr.dw1[18:16], up_tag}) : TagW'({up_hdr.dw1[27:24], up_tag});
      up_seq[1] = is_np(up_kind) && up_open_q[asks];
      up_seq[2] = rid_known_q && SharedBus == 0 && ((up_hdr.dw1[31:16] ^ rid_q) & ~FnMask) != '0;
      up_seq[3] = up_cpl && up_hdr.dw1[15:13] == CplRrs && !down_cfg_q[up_tag];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      down_open_q <= '0;
      down_cfg_q  <= '0;
      up_open_q   <= '0;
      rid_known_q <= 1'b0;
      rid_q       <= '0;
    end else if (!up) begin
      if (down_open_q != '0 || up_open_q != '0) begin
        down_open_q <= '0;
        up_open_q   <= '0;
      end
    end else begin
      if (down_take) begin
        if (is_np(down_kind)) begin
          down_open_q[down_tag] <= 1'b1;
          down_cfg_q[down_tag]  <= down_kind inside {CfgRd0, CfgWr0, CfgRd1, CfgWr1};
        end else if (down_cpl && down_ends) up_open_q[answers] <= 1'b0;
        if (down_kind == CfgWr0) begin
          rid_known_q <= 1'b1;
          rid_q       <= down_hdr.dw2[31:16];
        end
      end
      if (up_take) begin
        if (is_np(up_kind)) up_open_q[asks] <= 1'b1;
        else if (up_cpl && up_ends) down_open_q[up_tag] <= 1'b0;
      end
    end
  end

  // Above a switch a violation is the device's whose bus the packet names.
  int down_src, up_src;
  assign down_src = (SharedBus != 0) ? int'(down_hdr.dw2[31:24]) - int'(SharedBus) : int'(Index);
  assign up_src   = (SharedBus != 0) ? int'(up_hdr.dw1[31:24]) - int'(SharedBus) : int'(Index);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni && ({down_seq, down_bad, up_seq, up_bad} != '0)) begin
      for (int unsigned r = 0; r < 17; r++) begin
        if (r < 13 ? down_bad[4'(r)] : down_seq[2'(r - 13)]) begin
          atc_mon_event(EV_TLP_VIOLATION, down_src, int'(r), {down_hdr.dw0, down_hdr.dw1}, {down_hdr.dw2, down_hdr.dw3});
        end
        if (r < 13 ? up_bad[4'(r)] : up_seq[2'(r - 13)]) begin
          atc_mon_event(EV_TLP_VIOLATION, up_src, int'(r), {up_hdr.dw0, up_hdr.dw1}, {up_hdr.dw2, up_hdr.dw3});
        end
      end
    end
  end

endmodule

bind pcie_link tlp_mon #(.Index(Index), .NumFn(NumFn), .SharedBus(SharedBus)) u_tlp_mon (
  .clk_i     (clk_i),
  .rst_ni    (rst_ni),
  .up        (up_i),
  .down_take (rc_tx_valid_i && rc_tx_ready_o && up_i),
  .up_take   (ep_tx_valid_i && ep_tx_ready_o && up_i),
  .down_hdr  ({rc_tx_i.pfx_valid, rc_tx_i.pfx, rc_tx_i.dw0, rc_tx_i.dw1, rc_tx_i.dw2, rc_tx_i.dw3}),
  .up_hdr    ({ep_tx_i.pfx_valid, ep_tx_i.pfx, ep_tx_i.dw0, ep_tx_i.dw1, ep_tx_i.dw2, ep_tx_i.dw3})
);
