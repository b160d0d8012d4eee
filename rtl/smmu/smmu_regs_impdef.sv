// SPDX-License-Identifier: Apache-2.0
//
// IMPLEMENTATION DEFINED block at 0x0E00 (D5): ATC time-out, device limits, quarantine, stray completions.
//
// Guarantees: an INV_LIMIT of 0 or above 32 becomes 32; QUAR_INTERVAL 0 acts as ATC_TIMEOUT; a write to QUAR_RELEASE
// pulses `quar_release_o` of that device in the next cycle; STRAY_COUNT adds `stray_count_i` and wraps. Entries of
// devices that do not exist are RAZ/WI. The time-out of invalidations under way does not follow a write (their
// deadline was set when the tag was allocated, D6).
module smmu_regs_impdef
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
#(
  parameter int unsigned NumEp = 4
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  reg_wr_t               wr_i,
  input  logic [18:3]           rd_addr_i,
  output logic [63:0]           rd_data_o,     // 0 when the address is another block's

  output time_t                 timeout_o,
  output time_t                 quar_interval_o,
  output logic [NumEp-1:0][5:0] inv_limit_o,
  output logic [NumEp-1:0]      quar_release_o, // pulses
  input  logic [NumEp-1:0][5:0] quar_busy_i,
  input  logic                  stray_valid_i,
  input  stray_cause_e          stray_cause_i,
  input  logic [5:0]            stray_count_i,

  output logic                  quiet_o
);

  logic [63:0]            timeout_q, interval_q;
  logic [NumEp-1:0][5:0]  limit_d, limit_q;
  logic [NumEp-1:0]       release_d, release_q;
  logic [STRAY_COUNT_COUNT-1:0][31:0] stray_q;

  assign timeout_o       = timeout_q[TimeW-1:0];
  assign quar_interval_o = (interval_q[TimeW-1:0] == '0) ? timeout_q[TimeW-1:0] : interval_q[TimeW-1:0];
  assign inv_limit_o     = limit_q;
  assign quar_release_o  = release_q;
  assign quiet_o         = !wr_i.valid && release_q == '0 && !stray_valid_i;

  function automatic logic [5:0] limit_of(logic [5:0] value);
    return (value == '0 || value > 6'd32) ? 6'd32 : value;
  endfunction

  always_comb begin
    limit_d   = limit_q;
    release_d = '0;
    if (wr_i.valid) begin
      for (int unsigned i = 0; i < NumEp; i++) begin
        limit_d[i]   = limit_of(6'(wr_32(wr_i, INV_LIMIT_BASE + 20'(i) * INV_LIMIT_STRIDE, {26'd0, limit_q[i]},
                                         INV_LIMIT_WMASK)));
        release_d[i] = wr_hit(wr_i, QUAR_RELEASE_OFFSET) && wr_i.data[4:0] == 5'(i);
      end
    end
  end

  // Reads of the arrays: the lane holds entries 2k and 2k + 1.
  function automatic logic [31:0] pick6(logic [NumEp-1:0][5:0] v, int unsigned i);
    return (i < NumEp) ? {26'd0, v[i]} : '0;
  endfunction

  always_comb begin
    rd_data_o = '0;
    if (rd_addr_i == ATC_TIMEOUT_OFFSET[18:3]) rd_data_o = timeout_q;
    if (rd_addr_i == QUAR_INTERVAL_OFFSET[18:3]) rd_data_o = interval_q;
    for (int unsigned i = 0; i < NumEp; i += 2) begin
      if (rd_addr_i == INV_LIMIT_BASE[18:3] + 16'(i / 2)) rd_data_o = {pick6(limit_q, i + 1), pick6(limit_q, i)};
      if (rd_addr_i == QUAR_BUSY_BASE[18:3] + 16'(i / 2)) begin
        rd_data_o = {pick6(quar_busy_i, i + 1), pick6(quar_busy_i, i)};
      end
    end
    for (int unsigned i = 0; i < STRAY_COUNT_COUNT; i += 2) begin
      if (rd_addr_i == STRAY_COUNT_BASE[18:3] + 16'(i / 2)) rd_data_o = {stray_q[i+1], stray_q[i]};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      timeout_q  <= ATC_TIMEOUT_RESET;
      interval_q <= QUAR_INTERVAL_RESET;
      limit_q    <= {NumEp{INV_LIMIT_RESET[5:0]}};
      release_q  <= '0;
      stray_q    <= '0;
    end else begin
      if (wr_i.valid) begin
        timeout_q  <= wr_64(wr_i, ATC_TIMEOUT_OFFSET, timeout_q, ATC_TIMEOUT_WMASK);
        interval_q <= wr_64(wr_i, QUAR_INTERVAL_OFFSET, interval_q, QUAR_INTERVAL_WMASK);
        limit_q    <= limit_d;
      end
      release_q <= release_d;
      if (stray_valid_i) stray_q[stray_cause_i] <= stray_q[stray_cause_i] + 32'(stray_count_i);
    end
  end

endmodule
