// SPDX-License-Identifier: Apache-2.0
//
// Sends MSIs: 4-byte writes, one outstanding per source (smmuv3 §1.3, §2.2; D9).
//
// Guarantees: every trigger is followed by a write that starts after it; triggers that come while one is waiting to
// start share it. `busy_o` from the trigger's next cycle until the write is visible. An aborted write gives an
// `abort_o` pulse and is not repeated. The SYNC MSI keeps the address and data of its trigger; the others are read
// from their registers, which cannot change while the interrupt is enabled.
// Does not: order MSIs of different sources.
// Latency: trigger to `wr_valid_o` 1 cycle.
module smmu_msi
  import smmu_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [NumIrq-1:0] trig_i,
  input  msi_t [NumIrq-1:0] msi_i,

  output logic              wr_valid_o,
  input  logic              wr_ready_i,
  output mwr_req_t          wr_o,
  output logic [1:0]        wr_tag_o,      // source, comes back with the response
  input  logic              wr_done_i,
  input  logic [1:0]        wr_done_tag_i,
  input  logic              wr_err_i,

  output logic [NumIrq-1:0] busy_o,
  output logic [NumIrq-1:0] abort_o,       // pulses
  output logic              quiet_o
);

  logic [NumIrq-1:0] wait_d, wait_q, flight_d, flight_q, grant;
  logic [1:0]        index;
  logic              fire;
  msi_t              sync_q, pick;

  // A source's second write waits for its first, so that its interrupts cannot pass one another.
  arb_rr #(.N (NumIrq)) u_arb (
    .clk_i,
    .rst_ni,
    .req_i     (wait_q & ~flight_q),
    .advance_i (fire),
    .grant_o   (grant),
    .valid_o   (wr_valid_o),
    .index_o   (index)
  );

  assign fire     = wr_valid_o && wr_ready_i;
  assign pick     = grant[IrqSync] ? sync_q : msi_i[index];
  assign wr_o     = '{addr: pick.addr, data: {224'd0, pick.data}, is_msi: 1'b1};
  assign wr_tag_o = index;
  assign busy_o   = wait_q | flight_q;

  always_comb begin
    wait_d   = wait_q;
    flight_d = flight_q;
    abort_o  = '0;
    if (fire) begin
      wait_d   = wait_d & ~grant;
      flight_d = flight_d | grant;
    end
    for (int unsigned i = 0; i < NumIrq; i++) begin
      if (wr_done_i && wr_done_tag_i == 2'(i)) begin
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
    if (trig_i[IrqSync]) sync_q <= msi_i[IrqSync];
  end

endmodule
