// SPDX-License-Identifier: Apache-2.0
//
// Function level reset (pcie-ats.md section 7.1): when it takes effect, how long it lasts, what it clears.
//
// The write that asks for it is answered normally first; from then until the answer has left, no new DMA starts
// (`stop_o`). When the answer is taken by the link, `clear_o` rises in that cycle and stays up for `flr_cycles_i`
// cycles (at least 1): every block of the function is held in its reset state, arriving packets are dropped and
// configuration requests are answered with RRS (ep_rx). `begin_o` is the first cycle only: the egress
// queues are emptied then and carry the RRS answers afterwards.
// `life_o` counts resets; it is part of every tag, so that a completion for an earlier life is recognised.
// Faults, as they are when the reset begins: `FLR_FAULT_NEVER` does not end it, `FLR_FAULT_BROKEN` keeps `broken_o` up for
// `broken_cycles_i` cycles after it (ep_rx answers configuration reads with all ones); `FLR_FAULT_IGNORE` is ep_top's.
// Does not: touch the link or the sticky AER registers.
module ep_flr
  import atc_time_pkg::*;
  import ep_reg_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_ni,
  input  time_t      now_i,
  input  time_t      flr_cycles_i,
  input  logic       request_i,        // the configuration write is accepted
  input  logic       answered_i,       // its completion is taken by the link
  input  logic       renew_i,          // a new life begins without a reset of this block's kind (D3hot to D0)
  input  flr_fault_e fault_i,
  input  logic [31:0] broken_cycles_i,
  output logic       stop_o,
  output logic       begin_o,
  output logic       clear_o,
  output logic       active_o,         // register: the function does not answer
  output logic       broken_o,         // register: configuration space is not there yet
  output logic [2:0] life_o,
  output logic       done_o,
  output logic       quiet_o,
  output time_t      next_deadline_o
);

  typedef enum logic [1:0] {Up, Answering, Active, Broken} state_e;

  state_e     state_q, state_d;
  time_t      until_q;
  flr_fault_e fault_q;
  logic [31:0] broken_cycles_q;
  logic [2:0] life_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Up:        if (request_i) state_d = Answering;
      Answering: if (answered_i) state_d = Active;
      Active:    if (now_i >= until_q && fault_q != FLR_FAULT_NEVER) state_d = fault_q == FLR_FAULT_BROKEN ? Broken : Up;
      default:   if (now_i >= until_q) state_d = Up;   // Broken
    endcase
  end

  assign begin_o         = (state_q == Answering) && answered_i;
  assign active_o        = state_q == Active;
  assign broken_o        = state_q == Broken;
  assign clear_o         = begin_o || active_o;
  assign stop_o          = state_q != Up;
  assign done_o          = active_o && (state_d != Active);
  assign life_o          = life_q;
  assign quiet_o         = state_d == state_q;
  assign next_deadline_o = ((active_o && fault_q != FLR_FAULT_NEVER) || broken_o) && quiet_o ? until_q : NoDeadline;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Up;
      until_q <= '0;
      life_q  <= '0;
      fault_q <= FLR_FAULT_NONE;
      broken_cycles_q <= '0;
    end else begin
      state_q <= state_d;
      if (begin_o) begin
        until_q         <= now_i + flr_cycles_i;
        life_q          <= life_q + 1'b1;
        fault_q         <= fault_i;
        broken_cycles_q <= broken_cycles_i;
      end else if (done_o) begin
        until_q <= now_i + time_t'(broken_cycles_q);
      end
      if (renew_i) life_q <= life_q + 1'b1;
    end
  end

endmodule
