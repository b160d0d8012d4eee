// SPDX-License-Identifier: Apache-2.0
//
// Gives several command queues one stream to a unit that executes commands (D7).
//
// Guarantees: one command a cycle in all, round robin. What is offered stays until it is taken. `hold_i` keeps further
// commands back. One queue: wires, and `hold_i` has no effect (there is nobody else to keep back).
// Does not: let a queue pass one whose command the unit cannot take now (smmu_atc_inv, where that can last, takes a
// stream from each queue).
// Latency: 0 cycles.
module smmu_cmd_share #(
  parameter int unsigned NumQueues = 1,
  parameter type         T         = logic
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 hold_i,
  input  logic [NumQueues-1:0] valid_i,
  output logic [NumQueues-1:0] ready_o,
  input  T     [NumQueues-1:0] cmd_i,
  output logic                 valid_o,
  input  logic                 ready_i,
  output T                     cmd_o,
  output logic                 quiet_o     // as to what is kept here
);

  if (NumQueues == 1) begin : gen_wires
    logic unused_clk;
    assign unused_clk = ^{clk_i, rst_ni, hold_i};

    assign valid_o = valid_i[0];
    assign ready_o = ready_i;
    assign cmd_o   = cmd_i[0];
    assign quiet_o = 1'b1;
  end else begin : gen_share
    logic [NumQueues-1:0]         ask, grant, kept_q;
    logic [$clog2(NumQueues)-1:0] index;
    logic                         any, keep_d, keep_q;

    assign ask = keep_q ? kept_q : valid_i;

    arb_rr #(.N (NumQueues)) u_arb (
      .clk_i,
      .rst_ni,
      .req_i     (ask),
      .advance_i (valid_o && ready_i),
      .grant_o   (grant),
      .valid_o   (any),
      .index_o   (index)
    );

    assign valid_o = any && (keep_q || !hold_i);
    assign ready_o = (valid_o && ready_i) ? grant : '0;
    assign cmd_o   = cmd_i[index];
    assign keep_d  = valid_o && !ready_i;
    assign quiet_o = !(valid_o && ready_i) && keep_d == keep_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        keep_q <= 1'b0;
        kept_q <= '0;
      end else begin
        keep_q <= keep_d;
        if (keep_d) kept_q <= grant;
      end
    end
  end

endmodule
