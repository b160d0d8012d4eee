// SPDX-License-Identifier: Apache-2.0
//
// Registers of one enhanced command queue on the control page: ECMDQ_BASE, ECMDQ_PROD, ECMDQ_CONS (smmuv3 §4).
//
// Guarantees: EN reads back at once; ENACK follows it when the change has taken effect (off: no command in progress and no
// read outstanding), and a write of EN in between is ignored. BASE and CONS.RD take software writes only while both are 0.
// An error sets ERR_REASON and inverts CONS.ERR in one 32-bit register, RD staying at the failing command; the queue stands
// until ERRACK equals ERR. No write can activate an error: while none is active ERRACK keeps its value. LOG2SIZE and
// alignment as CMDQ_BASE.
// Does not: depend on CR0.CMDQEN, which is of the CMDQ alone.
// Latency: `consume_i`, `error_i` to the readable register 1 cycle; EN to ENACK 1 cycle.
module smmu_regs_ecmdq
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
#(
  parameter logic [19:0] Offset  = ECMDQ_BASE_OFFSET,  // of ECMDQ_BASE; PROD and CONS share the next 64-bit lane
  parameter logic [4:0]  MaxLog2 = 5'd19                // IDR1.CMDQS
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  reg_wr_t     wr_i,
  input  logic        idle_i,         // no command in progress, no read outstanding
  input  logic        consume_i,
  input  logic        error_i,
  input  logic [2:0]  error_code_i,   // cerror_e
  input  logic [18:3] rd_addr_i,
  output logic [63:0] rd_data_o,      // 0 when the address is another block's
  output queue_t      queue_o,        // enable: in effect, and no error active
  output logic        busy_o,         // EN or ENACK is 1
  output logic        err_o,          // an error is active
  output logic        quiet_o
);

  localparam logic [18:3] BaseLane = Offset[18:3];
  localparam logic [18:3] IndexLane = BaseLane + 16'd1;

  logic [63:0] base_q;
  logic [4:0]  log2size;
  logic [19:0] prod_d, prod_q, cons_d, cons_q;
  logic        en_d, en_q, ack_d, ack_q, err_q, errack_d, errack_q;
  logic [2:0]  reason_q;
  logic        prod_wr, cons_wr;

  assign log2size = (base_q[4:0] > MaxLog2) ? MaxLog2 : base_q[4:0];
  assign busy_o   = en_q || ack_q;
  assign err_o    = err_q != errack_q;
  assign queue_o  = '{enable:   en_q && ack_q && !err_o,
                      base:     {base_q[PaW-1:5], 5'd0} & ~{{(PaW-24){1'b0}}, low_ones(log2size), 4'hF},
                      log2size: log2size,
                      prod:     prod_q,
                      cons:     cons_q};

  assign prod_wr = wr_i.valid && wr_i.addr == IndexLane && wr_i.half[0];
  assign cons_wr = wr_i.valid && wr_i.addr == IndexLane && wr_i.half[1];

  always_comb begin
    prod_d   = prod_q;
    en_d     = en_q;
    errack_d = errack_q;
    if (prod_wr) begin
      prod_d = wr_i.data[19:0];
      if (en_q == ack_q) en_d = wr_i.data[31];
      if (err_o) errack_d = wr_i.data[23];
    end
    ack_d = en_q;
    if (ack_q && !en_q) ack_d = !idle_i;

    cons_d = cons_q;
    if (consume_i) cons_d = (cons_q + 20'd1) & low_ones(log2size + 5'd1);
    else if (cons_wr && !busy_o) cons_d = wr_i.data[51:32];
  end

  always_comb begin
    rd_data_o = '0;
    if (rd_addr_i == BaseLane) rd_data_o = base_q;
    if (rd_addr_i == IndexLane) begin
      rd_data_o = {ack_q, 4'd0, reason_q, err_q, 3'd0, cons_q, en_q, 7'd0, errack_q, 3'd0, prod_q};
    end
  end

  assign quiet_o = !wr_i.valid && !consume_i && !error_i && ack_d == ack_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      base_q   <= '0;
      prod_q   <= '0;
      cons_q   <= '0;
      en_q     <= 1'b0;
      ack_q    <= 1'b0;
      err_q    <= 1'b0;
      errack_q <= 1'b0;
      reason_q <= '0;
    end else begin
      if (wr_i.valid && wr_i.addr == BaseLane && !busy_o) begin
        base_q <= wr_64(wr_i, Offset, base_q, ECMDQ_BASE_WMASK);
      end
      prod_q   <= prod_d;
      cons_q   <= cons_d;
      en_q     <= en_d;
      ack_q    <= ack_d;
      errack_q <= errack_d;
      if (error_i) begin
        err_q    <= !err_q;   // only while inactive: a failed queue stands
        reason_q <= error_code_i;
      end
    end
  end

endmodule
