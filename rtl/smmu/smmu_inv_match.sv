// SPDX-License-Identifier: Apache-2.0
//
// One Invalidate Completion against the tags of the device that sent it (pcie-ats section 3.2). Combinational but for
// the copies counted so far.
//
// A tag is done when as many copies have arrived as their completion count says (0 means 8). Copies of one request
// must carry the same count; one that differs is ignored. A vector bit whose tag is not live is ignored. Both
// are reported in `stray_o`, by cause; so are the copies that count for a quarantined tag (StrayLate, expected).
// Live = sent and pending, or quarantined: a completion of a request that was never sent cannot be the device's.
// An extra copy after the last one finds the tag not live: StrayNotBusy, not StrayCount.
module smmu_inv_match
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp  = 4,
  parameter int unsigned NumFn    = 1,   // functions of a device (smmu_dev_map)
  parameter int unsigned FirstBus = 1,
  parameter int unsigned Stride = 32,                 // tags per device, a power of two, 2..32
  localparam int unsigned DevW  = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned TagW  = $clog2(Stride)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         cpl_valid_i,
  input  inv_cpl_t                     cpl_i,
  input  logic [NumEp-1:0][Stride-1:0] busy_i,        // sent and pending
  input  logic [NumEp-1:0][Stride-1:0] quar_i,        // quarantined
  input  logic                         alloc_valid_i, // forgets the copies of the tag's last use
  input  logic [DevW-1:0]              alloc_dev_i,
  input  logic [TagW-1:0]              alloc_tag_i,
  output logic [DevW-1:0]              dev_o,         // device of this completion
  output logic [Stride-1:0]            done_o,        // its tags whose last copy this is
  output logic [4:0][5:0]              stray_o        // by stray_cause_e
);

  localparam int unsigned EntW = $clog2(NumEp * Stride);

  function automatic logic [EntW-1:0] entry(logic [DevW-1:0] dev, logic [TagW-1:0] tag);
    return EntW'({dev, tag});
  endfunction

  logic              dev_valid;
  logic [2:0]        got_q [NumEp * Stride];          // copies so far, 0..7
  logic [2:0]        cc_q [NumEp * Stride];           // their count, meaningful when got_q != 0
  logic [Stride-1:0] live, hit, odd, agree, last;

  smmu_dev_map #(
    .NumEp   (NumEp),
    .NumFn   (NumFn),
    .FirstBus(FirstBus)
  ) u_map (
    .rid_i  (cpl_i.rid),
    .valid_o(dev_valid),
    .index_o(dev_o)
  );

  always_comb begin
    live  = '0;
    agree = '0;
    last  = '0;
    if (cpl_valid_i && dev_valid) begin
      live = busy_i[dev_o] | quar_i[dev_o];
      for (int unsigned t = 0; t < Stride; t++) begin
        if (cpl_i.itags[t]) begin
          agree[t] = (got_q[entry(dev_o, TagW'(t))] == 3'd0) || (cc_q[entry(dev_o, TagW'(t))] == cpl_i.cc);
          last[t]  = (got_q[entry(dev_o, TagW'(t))] + 3'd1) == cpl_i.cc;
        end
      end
    end
  end
  assign hit    = live & agree;
  assign odd    = live & ~agree;
  assign done_o = hit & last;

  always_comb begin
    stray_o = '0;
    if (cpl_valid_i) begin
      if (cpl_i.itags == '0) begin
        stray_o[StrayZero] = 6'd1;
      end else if (!dev_valid) begin
        stray_o[StrayRequester] = 6'($countones(cpl_i.itags));
      end else begin
        stray_o[StrayNotBusy] = 6'($countones(cpl_i.itags & ~32'(live)));
        stray_o[StrayCount]   = 6'($countones(cpl_i.itags & 32'(odd)));
        stray_o[StrayLate]    = 6'($countones(hit & quar_i[dev_o]));
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned e = 0; e < NumEp * Stride; e++) got_q[e] <= '0;
    end else begin
      if (cpl_valid_i && dev_valid) begin
        for (int unsigned t = 0; t < Stride; t++)
          if (hit[t]) got_q[entry(dev_o, TagW'(t))] <= got_q[entry(dev_o, TagW'(t))] + 3'd1;
      end
      if (alloc_valid_i) got_q[entry(alloc_dev_i, alloc_tag_i)] <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (cpl_valid_i && dev_valid) begin
      for (int unsigned t = 0; t < Stride; t++) if (hit[t]) cc_q[entry(dev_o, TagW'(t))] <= cpl_i.cc;
    end
  end

endmodule
