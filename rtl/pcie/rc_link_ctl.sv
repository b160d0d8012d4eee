// SPDX-License-Identifier: Apache-2.0
//
// Link state of a root port: up while a device is there, the line works and the port does not hold the link down.
//
// Goes down in the cycle in which one of the three ends; comes up `train_i` cycles after all of them are true again.
// After reset the link is up: firmware has trained it. Latency: down combinational, up exact to the deadline.
module rc_link_ctl
  import atc_time_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  time_t       now_i,
  input  logic [15:0] train_i,     // cycles, constant
  input  logic        present_i,
  input  logic        line_i,
  input  logic        hold_i,
  output logic        up_o,
  output logic        training_o,
  output logic        quiet_o,
  output time_t       next_deadline_o
);

  logic  want, up_q, train_q, ready;
  time_t ready_at_q;

  assign want  = present_i && line_i && !hold_i;
  assign ready = train_q && (now_i >= ready_at_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      up_q       <= 1'b1;
      train_q    <= 1'b0;
      ready_at_q <= '0;
    end else if (!want) begin
      up_q    <= 1'b0;
      train_q <= 1'b0;
    end else if (ready) begin
      up_q    <= 1'b1;
      train_q <= 1'b0;
    end else if (!up_q && !train_q) begin
      train_q    <= 1'b1;
      ready_at_q <= now_i + time_t'(train_i);
    end
  end

  assign up_o            = up_q && want;
  assign training_o      = train_q;
  assign quiet_o         = (want == (up_q || train_q)) && !ready;
  assign next_deadline_o = train_q ? ready_at_q : NoDeadline;

endmodule
