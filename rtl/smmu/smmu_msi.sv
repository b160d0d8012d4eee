// SPDX-License-Identifier: Apache-2.0
//
// Sends MSIs: 4-byte writes, one outstanding per source (smmuv3 §1.3, §2.2; D9).
//
// Guarantees: every trigger is followed by a write that starts after it; triggers that come while one is waiting to
// start share it. `busy_o` from the trigger's next cycle until the write is visible. An aborted write gives an
// `abort_o` pulse and is not repeated. The sources of `Keep` (SYNCs) keep the address and data of their trigger; the
// others are read from their registers, which cannot change while the interrupt is enabled.
// Does not: order MSIs of different sources.
// Latency: trigger to `wr_valid_o` 1 cycle.
module smmu_msi
  import smmu_pkg::*;
#(
  parameter int unsigned       NumSrc = NumIrq,   // at most 14
  parameter logic [NumSrc-1:0] Keep   = NumSrc'(1) << IrqSync
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [NumSrc-1:0] trig_i,
  input  msi_t [NumSrc-1:0] msi_i,

  output logic         wr_valid_o,
  input  logic         wr_ready_i,
  output mwr_req_t     wr_o,
  output logic [3:0]   wr_tag_o,      // source, comes back with the response
  input  logic         wr_done_i,
  input  logic [3:0]   wr_done_tag_i,
  input  logic         wr_err_i,

  output logic [NumSrc-1:0] busy_o,
  output logic [NumSrc-1:0] abort_o,       // pulses
  output logic         quiet_o
);

  localparam int unsigned IdxW = (NumSrc > 1) ? $clog2(NumSrc) : 1;

  logic [NumSrc-1:0]    wait_d, wait_q, flight_d, flight_q, grant;
  logic [IdxW-1:0] index;
  logic            fire;
  msi_t            pick;
  msi_t [NumSrc-1:0]    kept_q;

  // A source's second write waits for its first, so that its interrupts cannot pass one another.
  arb_rr #(.N (NumSrc)) u_arb (
    .clk_i,
    .rst_ni,
    .req_i     (wait_q & ~flight_q),
    .advance_i (fire),
    .grant_o   (grant),
    .valid_o   (wr_valid_o),
    .index_o   (index)
  );

  assign fire     = wr_valid_o && wr_ready_i;
  assign wr_o     = '{addr: pick.addr, data: {224'd0, pick.data}, size: Mwr4};
  assign wr_tag_o = 4'(index);
  assign busy_o   = wait_q | flight_q;

  always_comb begin
    pick = '0;
    if (wr_valid_o) pick = Keep[index] ? kept_q[index] : msi_i[index];
  end

  always_comb begin
    wait_d   = wait_q;
    flight_d = flight_q;
    abort_o  = '0;
    if (fire) begin
      wait_d   = wait_d & ~grant;
      flight_d = flight_d | grant;
    end
    for (int unsigned i = 0; i < NumSrc; i++) begin
      if (wr_done_i && wr_done_tag_i == 4'(i)) begin
        flight_d[i] = 1'b0;
        abort_o[i]  = wr_err_i;
      end
    end
    wait_d = wait_d | trig_i;
  end

  assign quiet_o = wait_d == wait_q && flight_d == flight_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wait_q   <= '0;
      flight_q <= '0;
    end else begin
      wait_q   <= wait_d;
      flight_q <= flight_d;
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < NumSrc; i++) begin
      if (Keep[i] && trig_i[i]) kept_q[i] <= msi_i[i];
    end
  end

endmodule
