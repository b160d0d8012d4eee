// SPDX-License-Identifier: Apache-2.0
//
// Configuration cache: STE and CD of the recent {StreamID, SubstreamID} pairs, fully associative.
//
// Two combinational lookups: `fast_*` for accepted requests (what a TLB hit needs), `walk_*` for the resolver (also the
// table bases). Requests without a SubstreamID are kept apart by `ssv`, under SubstreamID 0, so that CFGI_CD of CD 0
// drops them. `fill_i` (pulse) replaces the entry of the same key, else a free place, else the oldest in turn.
// `inv_i` (pulse) drops what a CFGI names. Both are effective from the next cycle; in one cycle the caller must not fill.
// Guarantees: an entry holds only configurations without a fault. An entry with has_cd = 0 holds the STE's part.
// Does NOT cache level 1 descriptors, so CFGI's Leaf changes nothing.
// Latency: lookup 0 cycles; fill and invalidation 1 cycle.
module smmu_cfg_cache
  import smmu_pkg::*;
#(
  parameter int unsigned NumCfg = 8,              // entries, a power of two
  localparam int unsigned KeyW = SidW + 1 + SsidW
) (
  input  logic            clk_i,
  input  logic            rst_ni,

  input  logic            fast_valid_i,
  input  logic [KeyW-1:0] fast_key_i,             // {sid, ssv, ssid}
  output logic            fast_hit_o,
  output xcfg_t           fast_xcfg_o,

  input  logic            walk_valid_i,
  input  logic [KeyW-1:0] walk_key_i,
  output logic            walk_hit_o,
  output xcfg_t           walk_xcfg_o,
  output wcfg_t           walk_wcfg_o,

  input  logic            fill_i,
  input  logic [KeyW-1:0] fill_key_i,
  input  xcfg_t           fill_xcfg_i,
  input  wcfg_t           fill_wcfg_i,

  input  logic            inv_valid_i,
  input  cfgi_cmd_t       inv_i
);

  localparam int unsigned IdxW = $clog2(NumCfg);

  logic [KeyW-1:0]   key_q  [NumCfg];
  xcfg_t             xcfg_q [NumCfg];
  wcfg_t             wcfg_q [NumCfg];
  logic [NumCfg-1:0] valid_d, valid_q;
  logic [IdxW-1:0]   turn_q, place;
  logic              unused_leaf;

  assign unused_leaf = inv_i.leaf;

  always_comb begin
    fast_hit_o  = 1'b0;
    fast_xcfg_o = '0;
    if (fast_valid_i) begin
      for (int unsigned i = 0; i < NumCfg; i++) begin
        if (valid_q[i] && key_q[i] == fast_key_i) begin
          fast_hit_o  = 1'b1;
          fast_xcfg_o = xcfg_q[i];
        end
      end
    end
  end

  always_comb begin
    walk_hit_o  = 1'b0;
    walk_xcfg_o = '0;
    walk_wcfg_o = '0;
    if (walk_valid_i) begin
      for (int unsigned i = 0; i < NumCfg; i++) begin
        if (valid_q[i] && key_q[i] == walk_key_i) begin
          walk_hit_o  = 1'b1;
          walk_xcfg_o = xcfg_q[i];
          walk_wcfg_o = wcfg_q[i];
        end
      end
    end
  end

  always_comb begin
    logic [31:0]      sid, span;
    logic [SsidW-1:0] ssid;
    valid_d = valid_q;
    place   = turn_q;
    sid     = '0;
    ssid    = '0;
    span    = 32'hFFFF_FFFE << inv_i.range;       // the bits of a StreamID that tell blocks apart
    if (inv_valid_i) begin
      for (int unsigned i = 0; i < NumCfg; i++) begin
        sid  = 32'(key_q[i][KeyW-1 -: SidW]);
        ssid = key_q[i][SsidW-1:0];
        unique case (inv_i.op)
          CfgiSte, CfgiCdAll: if (sid == inv_i.sid) valid_d[i] = 1'b0;
          CfgiSteRange:       if (((sid ^ inv_i.sid) & span) == '0) valid_d[i] = 1'b0;
          CfgiCd:             if (sid == inv_i.sid && ssid == inv_i.ssid) valid_d[i] = 1'b0;
          default:            valid_d[i] = 1'b0;
        endcase
      end
    end
    if (fill_i) begin
      for (int unsigned i = 0; i < NumCfg; i++) if (key_q[i] == fill_key_i) valid_d[i] = 1'b0;
      for (int unsigned i = 0; i < NumCfg; i++) if (!valid_d[NumCfg-1-i]) place = IdxW'(NumCfg - 1 - i);
      valid_d[place] = 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      turn_q  <= '0;
    end else begin
      valid_q <= valid_d;
      if (fill_i && place == turn_q) turn_q <= turn_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      key_q[place]  <= fill_key_i;
      xcfg_q[place] <= fill_xcfg_i;
      wcfg_q[place] <= fill_wcfg_i;
    end
  end

endmodule
