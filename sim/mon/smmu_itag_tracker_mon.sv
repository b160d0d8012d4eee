// SPDX-License-Identifier: Apache-2.0
//
// Events of the tags: inv_cpl itag_free inv_timeout inv_cpl_stray, and inv_ur_local of a tag that the root complex
// retired. src = device index, sid = its StreamID. A stray of an unknown requester has src NoDevice.
// One message may hold strays of several causes: one event for each, with the tags of that cause.
module smmu_itag_tracker_mon
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumEp  = 4,
  parameter int unsigned NumFn  = 1,
  parameter int unsigned FirstBus = 1,
  parameter int unsigned Stride = 32,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned TagW = $clog2(Stride)
) (
  input logic              clk_i,
  input logic              rst_ni,
  input logic              cpl_valid_i,
  input inv_cpl_t          cpl_i,
  input logic [DevW-1:0]   cpl_dev_i,
  input logic [Stride-1:0] cpl_ended_i,   // pending tags that this message completes
  input logic [Stride-1:0] live_i,        // tags for which a copy is expected
  input logic [Stride-1:0] late_i,        // quarantined ones among the copies accepted
  input logic [Stride-1:0] odd_i,         // live ones whose count disagrees
  input logic [4:0][5:0]   stray_i,       // bits by cause
  input logic              ur_ended_i,
  input logic [DevW-1:0]   ur_dev_i,
  input logic [TagW-1:0]   ur_tag_i,
  input logic              exp_valid_i,
  input logic              exp_sent_i,
  input logic [DevW-1:0]   exp_dev_i,
  input logic [TagW-1:0]   exp_tag_i,
  input time_t             exp_start_i,
  input logic              idle_valid_i,  // a tag leaves the time-out list ...
  input logic [DevW-1:0]   idle_dev_i,
  input logic [TagW-1:0]   idle_tag_i,
  input logic              rel_valid_i,   // ... or the quarantine list
  input logic [DevW-1:0]   rel_dev_i,
  input logic [TagW-1:0]   rel_tag_i
);

  localparam int NoDevice = 32'h0000FFFF;

  function automatic longint sid(logic [DevW-1:0] dev);
    return longint'({8'(32'(dev) / NumFn) + 8'(FirstBus), 8'(32'(dev) % NumFn)});
  endfunction

  function automatic void stray(stray_cause_e cause, int src, logic [31:0] itags);
    atc_mon_event(EV_INV_CPL_STRAY, src, int'(cause), longint'(cpl_i.rid), longint'(itags));
  endfunction

  int stray_src;
  assign stray_src = (stray_i[StrayRequester] != 6'd0) ? NoDevice : int'(cpl_dev_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni) begin
      if (cpl_valid_i) begin
        for (int unsigned t = 0; t < Stride; t++)
          if (cpl_ended_i[t])
            atc_mon_event(EV_INV_CPL, int'(cpl_dev_i), int'(t), sid(cpl_dev_i), longint'(cpl_i.cc));
        if (stray_i[StrayZero] != 6'd0) stray(StrayZero, stray_src, '0);
        if (stray_i[StrayRequester] != 6'd0) stray(StrayRequester, stray_src, cpl_i.itags);
        if (stray_i[StrayNotBusy] != 6'd0) stray(StrayNotBusy, stray_src, cpl_i.itags & ~32'(live_i));
        if (stray_i[StrayCount] != 6'd0) stray(StrayCount, stray_src, cpl_i.itags & 32'(odd_i));
        if (stray_i[StrayLate] != 6'd0) stray(StrayLate, stray_src, cpl_i.itags & 32'(late_i));
      end
      if (ur_ended_i) atc_mon_event(EV_INV_UR_LOCAL, int'(ur_dev_i), int'(ur_tag_i), sid(ur_dev_i), 0);
      if (exp_valid_i)
        atc_mon_event(EV_INV_TIMEOUT, int'(exp_dev_i), int'(exp_tag_i), sid(exp_dev_i), longint'(exp_start_i));
      if (idle_valid_i && !(exp_valid_i && exp_sent_i))
        atc_mon_event(EV_ITAG_FREE, int'(idle_dev_i), int'(idle_tag_i), sid(idle_dev_i), 0);
      if (rel_valid_i) atc_mon_event(EV_ITAG_FREE, int'(rel_dev_i), int'(rel_tag_i), sid(rel_dev_i), 0);
    end
  end

endmodule

bind smmu_itag_tracker smmu_itag_tracker_mon #(
  .NumEp (NumEp),
  .NumFn (NumFn),
  .FirstBus(FirstBus),
  .Stride(Stride)
) u_mon (
  .clk_i       (clk_i),
  .rst_ni      (rst_ni),
  .cpl_valid_i (cpl_valid_i),
  .cpl_i       (cpl_i),
  .cpl_dev_i   (cpl_dev),
  .cpl_ended_i (cpl_ended),
  .live_i      (u_match.live),
  .late_i      (u_match.hit & quar[cpl_dev]),
  .odd_i       (u_match.odd),
  .stray_i     (stray),
  .ur_ended_i  (ur_ended),
  .ur_dev_i    (ur_dev),
  .ur_tag_i    (ur_tag),
  .exp_valid_i (exp_valid),
  .exp_sent_i  (exp_sent),
  .exp_dev_i   (exp_dev),
  .exp_tag_i   (exp_tag),
  .exp_start_i (u_list.head_start),
  .idle_valid_i(idle_valid),
  .idle_dev_i  (idle_dev),
  .idle_tag_i  (idle_tag),
  .rel_valid_i (rel_valid),
  .rel_dev_i   (rel_dev),
  .rel_tag_i   (rel_tag)
);
