// SPDX-License-Identifier: Apache-2.0
//
// AtomicOps of all ports: read, modify and write on AXI, one at a time, atomically with regard to other device traffic.
//
// An operation begins when its port's own reads are back (the port takes nothing meanwhile). Then `hold_o` keeps rc_axi_wr
// and rc_axi_rd from starting anything new; when what they have started is over, this block has both address channels for itself: a read of the 16-byte line, and, unless it failed, a
// write of the operand's bytes. CAS writes in any case, the old value if the comparison failed. The answer is the old
// value, in the low bytes, or `err_o` after a bus error.
// Guarantees: no device write reaches AXI between the read and the B; B and R of that time are the operation's own
// (`busy_o`). An operation waits for the posted writes taken before it on its port (`wr_open_i`).
// Does not: keep the CPUs from writing in between (their memory port has no exclusive monitor). AXI5 atomics are not used.
// Latency: offered to AR 2 cycles when AXI is idle, last B to `done_o` 0 cycles. Ports take turns.
module rc_amo
  import tlp_pkg::*;
#(
  parameter int unsigned NumEp = 4
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // from the ports, held until done
  input  logic [NumEp-1:0] valid_i,
  input  rc_amo_t          amo_i [NumEp],
  input  logic [NumEp-1:0] wr_open_i,      // no earlier posted write of the port is missing
  input  logic [NumEp-1:0] rd_idle_i,      // no read of the port is under way
  output logic [NumEp-1:0] done_o,
  output logic             err_o,
  output logic [63:0]      old_o,
  output logic             colour_o,       // of the operation that is done
  // AXI
  output logic             hold_o,
  output logic             busy_o,         // from the AR on
  input  logic             axi_idle_i,     // nothing of rc_axi_wr and rc_axi_rd is under way, and every B is back
  output logic [3:0]       id_o,
  output logic [47:0]      addr_o,
  output logic [17:0]      user_o,
  output logic             arvalid_o,
  input  logic             arready_i,
  input  logic             rvalid_i,       // of this operation
  input  logic [127:0]     rdata_i,
  input  logic             rerr_i,
  output logic             awvalid_o,
  input  logic             awready_i,
  output logic             wvalid_o,
  input  logic             wready_i,
  output logic [127:0]     wdata_o,
  output logic [15:0]      wstrb_o,
  input  logic             bvalid_i,
  input  logic             berr_i,
  output logic             quiet_o
);

  localparam int unsigned IdxW = (NumEp > 1) ? $clog2(NumEp) : 1;

  typedef enum logic [2:0] {Idle, Lock, Ar, R, W, B} state_e;

  state_e           state_q, state_d;
  logic [NumEp-1:0] owner_q, grant;
  logic [IdxW-1:0]  index, index_q;
  logic             any, aw_q, w_q, err_q;
  logic [63:0]      old_q, fresh, value;
  rc_amo_t          amo_q;

  arb_rr #(.N(NumEp)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (valid_i & wr_open_i & rd_idle_i),   // its reads would wait for the lock for ever
    .advance_i(state_q == Idle),
    .grant_o  (grant),
    .valid_o  (any),
    .index_o  (index)
  );

  // ---------------------------------------------------------------- arithmetic
  always_comb begin
    value = '0;
    fresh = '0;
    if (state_q == R || state_q == W) begin
      value = (state_q == R) ? (amo_q.pa[3] ? rdata_i[127:64] : rdata_i[63:0]) : old_q;
      if (state_q == R && !amo_q.wide) value = {32'd0, amo_q.pa[2] ? value[63:32] : value[31:0]};
      unique case (amo_q.op)
        AmoAdd:  fresh = value + amo_q.operand[63:0];
        AmoSwap: fresh = amo_q.operand[63:0];
        default: begin                       // the compare value comes first
          if (amo_q.wide) fresh = (value == amo_q.operand[63:0]) ? amo_q.operand[127:64] : value;
          else fresh = (value[31:0] == amo_q.operand[31:0]) ? {32'd0, amo_q.operand[63:32]} : value;
        end
      endcase
    end
  end

  always_comb begin
    wdata_o = '0;
    wstrb_o = '0;
    if (state_q == W) begin
      wdata_o = amo_q.wide ? {2{fresh}} : {4{fresh[31:0]}};
      wstrb_o = amo_q.wide ? 16'h00FF << {amo_q.pa[3], 3'd0} : 16'h000F << {amo_q.pa[3:2], 2'd0};
    end
  end

  // ---------------------------------------------------------------- control
  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (any) state_d = Lock;
      Lock:    if (axi_idle_i) state_d = Ar;
      Ar:      if (arready_i) state_d = R;
      R:       if (rvalid_i) state_d = rerr_i ? B : W;
      W:       if ((!aw_q || awready_i) && (!w_q || wready_i)) state_d = B;
      B:       if (err_q || bvalid_i) state_d = Idle;
      default: state_d = Idle;
    endcase
  end

  assign hold_o    = state_q != Idle;
  assign busy_o    = state_q inside {Ar, R, W, B};
  assign id_o      = 4'(index_q);
  assign addr_o    = {amo_q.pa[47:4], 4'd0};
  assign user_o    = amo_q.user;
  assign arvalid_o = state_q == Ar;
  assign awvalid_o = (state_q == W) && aw_q;
  assign wvalid_o  = (state_q == W) && w_q;
  assign done_o    = ((state_q == B) && (err_q || bvalid_i)) ? owner_q : '0;
  assign err_o     = err_q || berr_i;
  assign old_o     = old_q;
  assign colour_o  = amo_q.colour;
  assign quiet_o   = (state_d == state_q) && !((state_q == W) && ((aw_q && awready_i) || (w_q && wready_i)));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
      owner_q <= '0;
      index_q <= '0;
      aw_q    <= 1'b0;
      w_q     <= 1'b0;
      err_q   <= 1'b0;
      old_q   <= '0;
      amo_q   <= '0;
    end else begin
      state_q <= state_d;
      if (state_q == Idle && any) begin
        owner_q <= grant;
        index_q <= index;
        amo_q   <= amo_i[index];
        err_q   <= 1'b0;
      end
      if (state_q == R && rvalid_i) begin
        old_q <= value;
        err_q <= rerr_i;
        aw_q  <= 1'b1;
        w_q   <= 1'b1;
      end
      if (state_q == W) begin
        if (awready_i) aw_q <= 1'b0;
        if (wready_i) w_q <= 1'b0;
      end
    end
  end

endmodule
