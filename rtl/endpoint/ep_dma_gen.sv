// SPDX-License-Identifier: Apache-2.0
//
// Makes the transfers of the DMA engine: where, which direction, when.
//
// Transfer n (counted from the last reset) goes, in order, to page n mod 2^LOG2 of the window and line
// (n >> LOG2) mod 64 of that page, rounded down to its size, and is a write when n has an odd number of ones (if both directions are on). RANDOM:
// a 32-bit xorshift sequence, started from DMA_SEED and the device index when EN rises; page = low LOG2 bits,
// line = bits [31:26], write = bit 25.
// Starts are DMA_INTERVAL cycles apart at least; a start that the engine cannot take is late, not lost: the
// interval counts from the actual start. The first one comes at once.
// A transfer has 64 << LOG2_LINES bytes, or the limit of its kind if that is less; it takes the traffic classes of TCS in
// turn, the lowest first.
// Guarantees: `xfer_valid_o` implies that its deadline was reached; nothing changes while EN = 0.
// Does not: translate or send (ep_dma).
module ep_dma_gen
  import atc_time_pkg::*;
  import ep_pkg::*;
#(
  parameter int unsigned Index = 0
) (
  input  logic     clk_i,
  input  logic     rst_ni,
  input  logic     clear_i,
  input  time_t    now_i,
  input  dma_cfg_t cfg_i,
  input  logic     pasid_en_i,
  input  logic     may_start_i,
  input  logic [6:0] wr_limit_i,      // dwords of a packet, powers of two
  input  logic [6:0] rd_limit_i,

  output logic     xfer_valid_o,
  input  logic     xfer_ready_i,
  output xfer_t    xfer_o,

  output logic     start_o,           // xfer_q is loaded at the next edge
  output logic     quiet_o,
  output time_t    next_deadline_o
);

  localparam logic [31:0] Spread = (32'(Index) + 32'd1) * 32'h9E37_79B9;  // devices with one seed differ

  logic        valid_q, begun_q;
  xfer_t       xfer_q, xfer_d;
  logic [31:0] number_q, run_q, rng_q, rng, seed;
  time_t       next_q;
  logic        able;
  logic [2:0]  tc_q;                  // of the last transfer

  function automatic logic [31:0] xorshift(logic [31:0] x);
    logic [31:0] a, b;
    a = x ^ (x << 13);
    b = a ^ (a >> 17);
    return b ^ (b << 5);
  endfunction

  assign able    = cfg_i.en && (cfg_i.wr || cfg_i.rd) && may_start_i && (!valid_q || xfer_ready_i)
                && ((cfg_i.count == '0) || (run_q < cfg_i.count));
  assign start_o = able && (now_i >= next_q);
  assign seed    = cfg_i.seed ^ Spread;

  // The next class of the set, in turn.
  function automatic logic [2:0] next_tc(logic [7:0] set, logic [2:0] last, logic begun);
    logic [2:0] first, after;
    logic       found;
    first = '0;
    after = '0;
    found = 1'b0;
    for (int unsigned t = 8; t > 0; t--) begin
      if (set[t-1]) first = 3'(t - 1);
      if (set[t-1] && begun && (3'(t - 1) > last)) begin
        after = 3'(t - 1);
        found = 1'b1;
      end
    end
    return found ? after : first;
  endfunction

  logic [31:0] page_mask, page;
  logic [5:0]  line;
  logic [6:0]  dws, limit;
  logic [7:0]  asked;                 // dwords, at most 128

  always_comb begin
    xfer_d    = xfer_q;
    rng       = rng_q;
    page_mask = '0;
    page      = '0;
    line      = '0;
    dws       = '0;
    limit     = '0;
    asked     = '0;
    if (start_o) begin
      rng       = xorshift(begun_q ? rng_q : (seed == '0) ? 32'd1 : seed);
      page_mask = (32'd1 << cfg_i.log2_pages) - 32'd1;
      page      = (cfg_i.random ? rng : number_q) & page_mask;
      line      = cfg_i.random ? rng[31:26] : 6'(number_q >> cfg_i.log2_pages);
      xfer_d.write       = cfg_i.wr && (!cfg_i.rd || (cfg_i.random ? rng[25] : ^number_q));
      xfer_d.number      = number_q;
      xfer_d.op          = xfer_d.write ? XferWrite : XferRead;
      asked              = 8'd16 << cfg_i.log2_lines;
      limit              = xfer_d.write ? wr_limit_i : rd_limit_i;
      dws                = (asked > {1'b0, limit}) ? limit : asked[6:0];
      xfer_d.dws         = dws;
      xfer_d.word        = '0;
      {xfer_d.ring, xfer_d.ats, xfer_d.own, xfer_d.job} = '0;
      xfer_d.tc          = next_tc(cfg_i.tcs, tc_q, begun_q);
      xfer_d.iova        = {cfg_i.base + {20'd0, page}, line & ~6'((dws - 7'd1) >> 4), 6'd0};
      xfer_d.pasid_valid = cfg_i.pasid_valid && pasid_en_i;
      xfer_d.pasid       = cfg_i.pasid;
      xfer_d.priv        = cfg_i.priv && xfer_d.pasid_valid;
      xfer_d.exec        = cfg_i.exec && xfer_d.pasid_valid && !xfer_d.write;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q  <= 1'b0;
      begun_q  <= 1'b0;
      number_q <= '0;
      run_q    <= '0;
      next_q   <= '0;
    end else if (clear_i) begin
      valid_q  <= 1'b0;
      begun_q  <= 1'b0;
      number_q <= '0;
      run_q    <= '0;
      next_q   <= '0;
    end else begin
      if (start_o) valid_q <= 1'b1;
      else if (xfer_ready_i) valid_q <= 1'b0;
      if (!cfg_i.en) begin
        begun_q <= 1'b0;
        run_q   <= '0;
        next_q  <= '0;
      end else if (start_o) begin
        begun_q  <= 1'b1;
        number_q <= number_q + 1'b1;
        run_q    <= run_q + 1'b1;
        next_q   <= now_i + time_t'(cfg_i.interval);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_o) begin
      xfer_q <= xfer_d;
      rng_q  <= rng;
      tc_q   <= xfer_d.tc;
    end
  end

  assign xfer_valid_o    = valid_q;
  assign xfer_o          = xfer_q;
  assign next_deadline_o = (able && !start_o) ? next_q : NoDeadline;
  assign quiet_o         = !start_o && !(valid_q && xfer_ready_i) && (cfg_i.en || (!begun_q && (next_q == '0)));

endmodule
