// SPDX-License-Identifier: Apache-2.0
//
// Downstream side of a root port: Invalidate Requests, PRG Responses, requests of the CPU, completions of the
// device's reads.
//
// A source is granted only when the link would take a packet of its class in this very cycle, so a grant is
// always a transfer and a class without credit never holds up another one. Sources that could go take turns.
// Does not buffer: each source waits in its own block, and nothing here depends on another port (D12).
// Latency: combinational. Layouts: Invalidate Request pcie-ats.md section 3, PRG Response section 10; ours is requester
// ID 0x0000.
module rc_port_tx
  import smmu_pkg::*;
  import tlp_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        inv_valid_i,
  output logic        inv_ready_o,
  input  inv_req_t    inv_i,
  input  logic        prg_valid_i,
  output logic        prg_ready_o,
  input  prg_rsp_t    prg_i,
  input  logic        cfg_valid_i,
  output logic        cfg_ready_o,
  input  rc_cfg_tlp_t cfg_i,
  input  logic        cpl_valid_i,
  output logic        cpl_ready_o,
  input  tlp_t        cpl_i,
  output logic        tx_valid_o,
  input  logic        tx_ready_i,
  output tlp_t        tx_o,
  input  logic [2:0]  tx_class_ready_i   // {CPL, NP, P}
);

  logic [3:0] want, grant;
  logic       cfg_posted;
  logic [1:0] unused_index;

  assign cfg_posted = cfg_i.dw0[31:24] == MWr3;
  assign want[0]    = inv_valid_i && tx_class_ready_i[0];
  assign want[1]    = cfg_valid_i && (cfg_posted ? tx_class_ready_i[0] : tx_class_ready_i[1]);
  assign want[2]    = cpl_valid_i && tx_class_ready_i[2];
  assign want[3]    = prg_valid_i && tx_class_ready_i[0];

  arb_rr #(.N(4)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (want),
    .advance_i(tx_ready_i),
    .grant_o  (grant),
    .valid_o  (tx_valid_o),
    .index_o  (unused_index)
  );

  assign inv_ready_o = grant[0] && tx_ready_i;
  assign cfg_ready_o = grant[1] && tx_ready_i;
  assign cpl_ready_o = grant[2] && tx_ready_i;
  assign prg_ready_o = grant[3] && tx_ready_i;

  always_comb begin
    if (grant[0]) begin
      tx_o            = '0;
      tx_o.pfx_valid  = inv_i.ssv;
      tx_o.pfx        = {PasidPrefix, 4'd0, inv_i.ssid};
      tx_o.dw0        = {MsgDId, 24'd2};
      tx_o.dw1        = {16'd0, 3'd0, inv_i.itag, MsgInvReq};
      tx_o.dw2        = {inv_i.rid, 16'd0};
      tx_o.data[63:0] = bswap64(inv_i.payload);
    end else if (grant[1]) begin
      tx_o            = '0;
      tx_o.dw0        = cfg_i.dw0;
      tx_o.dw1        = cfg_i.dw1;
      tx_o.dw2        = cfg_i.dw2;
      tx_o.data[31:0] = cfg_i.data;
    end else if (grant[3]) begin
      tx_o           = '0;
      tx_o.pfx_valid = prg_i.ssv;
      tx_o.pfx       = {PasidPrefix, 4'd0, prg_i.ssid};
      tx_o.dw0       = {MsgId, 24'd0};
      tx_o.dw1       = {24'd0, MsgPrgRsp};
      tx_o.dw2       = {prg_i.rid, prg_i.code, 3'd0, prg_i.prgi};
    end else begin
      tx_o = cpl_i;
    end
  end

endmodule
