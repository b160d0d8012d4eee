// SPDX-License-Identifier: Apache-2.0
//
// Programmable misbehaviour: FAULT_CTRL, FAULT_DELAY, FAULT_SKIP, and what they mean now (D14).
//
// A write to FAULT_CTRL or FAULT_SKIP starts the count: FAULT_SKIP invalidations are treated normally, the faults act
// from the next one on. `fault_o` says what holds for an invalidation handled in this cycle.
//   dead     no answer, ATC and open Translation Requests do not hear of it, DMA goes on
//   cleared  no answer, the ATC drops the range
//   stuck    as dead, and DMA stops
// An FLR clears all of it unless SURVIVE_FLR. Does not: act itself; the blocks obey.
module ep_fault
  import ep_pkg::*;
  import ep_reg_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        flr_clear_i,

  input  logic        wr_valid_i,
  input  logic [11:0] wr_addr_i,
  input  logic [31:0] wr_data_i,
  input  logic [31:0] wr_mask_i,
  output fault_ctrl_t ctrl_o,
  output logic [31:0] delay_o,
  output logic [31:0] skip_o,

  input  logic        handled_i,      // an invalidation is handled in this cycle
  output fault_t      fault_o
);

  fault_ctrl_t ctrl_q, ctrl_d;
  logic [31:0] delay_q, skip_q, skip_d, left_q;
  logic        wr_ctrl, wr_skip, act;

  assign ctrl_o  = ctrl_q;
  assign delay_o = delay_q;
  assign skip_o  = skip_q;

  assign wr_ctrl = wr_valid_i && (wr_addr_i == FAULT_CTRL_OFFSET);
  assign wr_skip = wr_valid_i && (wr_addr_i == FAULT_SKIP_OFFSET);
  assign ctrl_d  = (ctrl_q & ~(wr_mask_i & FAULT_CTRL_WMASK)) | (wr_data_i & wr_mask_i & FAULT_CTRL_WMASK);
  assign skip_d  = wr_skip ? ((skip_q & ~wr_mask_i) | (wr_data_i & wr_mask_i)) : skip_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctrl_q  <= FAULT_CTRL_RESET;
      delay_q <= FAULT_DELAY_RESET;
      skip_q  <= FAULT_SKIP_RESET;
      left_q  <= '0;
    end else if (flr_clear_i) begin
      if (!ctrl_q.survive_flr) begin
        ctrl_q  <= FAULT_CTRL_RESET;
        delay_q <= FAULT_DELAY_RESET;
        skip_q  <= FAULT_SKIP_RESET;
        left_q  <= '0;
      end
    end else begin
      if (wr_ctrl) ctrl_q <= ctrl_d;
      if (wr_valid_i && (wr_addr_i == FAULT_DELAY_OFFSET)) begin
        delay_q <= (delay_q & ~wr_mask_i) | (wr_data_i & wr_mask_i);
      end
      skip_q <= skip_d;
      if (wr_ctrl || wr_skip) left_q <= skip_d;
      else if (handled_i && (left_q != '0)) left_q <= left_q - 1'b1;
    end
  end

  assign act = left_q == '0;

  always_comb begin
    fault_o = '0;
    if (act) begin
      fault_o.never_answer = ctrl_q.never_answer;
      fault_o.keep  = ctrl_q.keep_stale || (ctrl_q.never_answer && (ctrl_q.mode != NEVER_ANSWER_CLEARED));
      fault_o.stuck = ctrl_q.never_answer && (ctrl_q.mode == NEVER_ANSWER_STUCK);
      fault_o.delay = ctrl_q.answer_after;
      fault_o.early = ctrl_q.early_cpl;
    end
  end

endmodule
