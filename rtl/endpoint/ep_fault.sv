// SPDX-License-Identifier: Apache-2.0
//
// Programmable misbehaviour: the FAULT registers, and what they mean now (D14, doc/rtl/ep_fault.md).
//
// A write to FAULT_CTRL or FAULT_SKIP starts the count: FAULT_SKIP invalidations are treated normally, the faults act
// from the next one on, except on every FAULT_EVERYth invalidation. `fault_o` says what holds in this cycle; its first
// group is about the invalidation handled in it. A fault that spoils the completion travels with the answer.
//   dead     no answer, ATC and open Translation Requests do not hear of it, DMA goes on
//   cleared  no answer, the ATC drops the range
//   stuck    as dead, and DMA stops
// NO_CREDIT holds for FAULT_DELAY cycles from when it begins to act, 0 = until reset of the system.
// An FLR clears all of it unless SURVIVE_FLR. Does not: act itself; the blocks obey.
module ep_fault
  import atc_time_pkg::*;
  import ep_pkg::*;
  import ep_reg_pkg::*;
(
  input  logic          clk_i,
  input  logic          rst_ni,
  input  time_t         now_i,
  input  logic          flr_clear_i,

  input  logic          wr_valid_i,
  input  logic [11:0]   wr_addr_i,
  input  logic [31:0]   wr_data_i,
  input  logic [31:0]   wr_mask_i,
  output fault_ctrl_t   ctrl_o,
  output logic [31:0]   delay_o,
  output logic [31:0]   skip_o,
  output logic [15:0]   rid_o,
  output logic [31:0]   every_o,

  input  logic          handled_i,      // an invalidation is handled in this cycle
  output fault_t        fault_o,
  output egress_fault_t egress_o,

  output logic          quiet_o,
  output time_t         next_deadline_o
);

  fault_ctrl_t ctrl_q, ctrl_d;
  logic [31:0] delay_q, skip_q, skip_d, left_q, every_q, turn_q;
  logic [15:0] rid_q;
  logic        wr_ctrl, wr_skip, act, spared, hurt;

  assign ctrl_o  = ctrl_q;
  assign delay_o = delay_q;
  assign skip_o  = skip_q;
  assign rid_o   = rid_q;
  assign every_o = every_q;

  function automatic logic [31:0] merge(logic [31:0] old, logic [31:0] data, logic [31:0] m);
    return (old & ~m) | (data & m);
  endfunction

  assign wr_ctrl = wr_valid_i && (wr_addr_i == FAULT_CTRL_OFFSET);
  assign wr_skip = wr_valid_i && (wr_addr_i == FAULT_SKIP_OFFSET);
  assign ctrl_d  = merge(ctrl_q, wr_data_i, wr_mask_i & FAULT_CTRL_WMASK);
  assign skip_d  = wr_skip ? merge(skip_q, wr_data_i, wr_mask_i) : skip_q;

  assign act    = left_q == '0;
  assign spared = (every_q != '0) && (turn_q == every_q - 1'b1);
  assign hurt   = act && !spared;

  // ---------------------------------------------------------------- no credit
  logic  mute_q, mute_done_q, mute_ends;        // acting; over until the next write of FAULT_CTRL
  time_t mute_until_q;

  assign mute_ends = mute_q && (delay_q != '0) && (now_i >= mute_until_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctrl_q       <= FAULT_CTRL_RESET;
      delay_q      <= FAULT_DELAY_RESET;
      skip_q       <= FAULT_SKIP_RESET;
      rid_q        <= '0;
      every_q      <= FAULT_EVERY_RESET;
      left_q       <= '0;
      turn_q       <= '0;
      mute_q       <= 1'b0;
      mute_done_q  <= 1'b0;
      mute_until_q <= '0;
    end else if (flr_clear_i) begin
      if (!ctrl_q.survive_flr) begin
        ctrl_q  <= FAULT_CTRL_RESET;
        delay_q <= FAULT_DELAY_RESET;
        skip_q  <= FAULT_SKIP_RESET;
        rid_q   <= '0;
        every_q <= FAULT_EVERY_RESET;
        left_q  <= '0;
        turn_q  <= '0;
        mute_q  <= 1'b0;
        mute_done_q <= 1'b0;
      end
    end else begin
      if (wr_ctrl) ctrl_q <= ctrl_d;
      if (wr_valid_i) begin
        unique case (wr_addr_i)
          FAULT_DELAY_OFFSET: delay_q <= merge(delay_q, wr_data_i, wr_mask_i);
          FAULT_RID_OFFSET:   rid_q   <= 16'(merge({16'd0, rid_q}, wr_data_i, wr_mask_i));
          FAULT_EVERY_OFFSET: every_q <= merge(every_q, wr_data_i, wr_mask_i);
          default: ;
        endcase
      end
      skip_q <= skip_d;
      if (wr_ctrl || wr_skip) left_q <= skip_d;
      else if (handled_i && !act) left_q <= left_q - 1'b1;
      if (wr_ctrl || (wr_valid_i && (wr_addr_i == FAULT_EVERY_OFFSET))) turn_q <= '0;
      else if (handled_i && act && (every_q != '0)) turn_q <= spared ? '0 : turn_q + 1'b1;
      if (wr_ctrl) begin
        mute_q      <= 1'b0;
        mute_done_q <= 1'b0;
      end else if (mute_ends) begin
        mute_q      <= 1'b0;
        mute_done_q <= 1'b1;
      end else if (ctrl_q.no_credit && act && !mute_q && !mute_done_q) begin
        mute_q       <= 1'b1;
        mute_until_q <= now_i + time_t'(delay_q);
      end
    end
  end

  // ---------------------------------------------------------------- what it means
  always_comb begin
    fault_o  = '0;
    egress_o = '0;
    fault_o.flr = FLR_FAULT_NONE;
    egress_o.malformed = MALFORMED_NONE;
    if (act && (ctrl_q != '0)) begin
      fault_o.never_answer = hurt && (ctrl_q.never_answer || ctrl_q.ur);
      fault_o.keep         = hurt && (ctrl_q.keep_stale || ctrl_q.ur
                                      || (ctrl_q.never_answer && (ctrl_q.mode != NEVER_ANSWER_CLEARED)));
      fault_o.delay        = hurt && ctrl_q.answer_after;
      fault_o.bad          = hurt && (ctrl_q.wrong_itag || ctrl_q.wrong_rid || ctrl_q.wrong_cc || ctrl_q.duplicate);
      fault_o.ur           = hurt && ctrl_q.ur;
      fault_o.early        = ctrl_q.early_cpl;
      fault_o.stuck        = ctrl_q.never_answer && (ctrl_q.mode == NEVER_ANSWER_STUCK);
      fault_o.duplicate    = ctrl_q.duplicate;
      fault_o.rogue        = ctrl_q.rogue;
      fault_o.no_credit    = mute_q;
      fault_o.cfg_dead     = ctrl_q.cfg_dead;
      fault_o.flr          = flr_fault_e'(ctrl_q.flr);
      egress_o.wrong_itag  = ctrl_q.wrong_itag;
      egress_o.wrong_rid   = ctrl_q.wrong_rid;
      egress_o.wrong_cc    = ctrl_q.wrong_cc;
      egress_o.forge_req   = ctrl_q.forge_req;
      egress_o.malformed   = malformed_e'(ctrl_q.malformed);
      egress_o.rid         = rid_q;
    end
  end

  assign quiet_o         = !mute_ends && !(ctrl_q.no_credit && act && !mute_q && !mute_done_q);
  assign next_deadline_o = (mute_q && (delay_q != '0) && !mute_ends) ? mute_until_q : NoDeadline;

endmodule
