// SPDX-License-Identifier: Apache-2.0
//
// The counters of smmu_pmcg: values, increments, overflow, capture, deadlines.
//
// Guarantees: a counter that counts adds, at each edge, `step_i` while its level is high, or the number of its events of
// the cycle; so it is exact across a jump of `now`. A write wins over the increment. `ovf_o` is high in the cycle at whose
// edge a counter passes its maximum. `next_deadline_o` is the first such cycle of a counter of cycles, so that a jump
// never crosses an overflow (D21). `capture_i` copies the values as they are after the edge.
// Does not know what the events mean. With no counter on, nothing is evaluated.
// Latency: event to the readable value 1 cycle.
module smmu_pmcg_ctr
  import atc_time_pkg::*;
  import smmu_pkg::*;
#(
  parameter int unsigned NumCtr  = 8,
  parameter int unsigned CtrBits = 48
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  time_t                           now_i,
  input  time_t                           step_i,
  input  logic       [NumCtr-1:0]         on_i,
  input  pmu_event_e [NumCtr-1:0]         event_i,
  input  logic       [NumPmuEvt:0]        level_i,
  input  pmu_count_t [NumPmuEvt:0]        n_i,        // events of this cycle, filtered
  input  logic       [NumCtr-1:0][1:0]    wr_half_i,
  input  logic       [CtrBits-1:0]        wr_data_i,
  input  logic                            capture_i,
  output logic [NumCtr-1:0][CtrBits-1:0]  value_o,
  output logic [NumCtr-1:0][CtrBits-1:0]  captured_o,
  output logic [NumCtr-1:0]               ovf_o,
  output time_t                           next_deadline_o,
  output logic                            quiet_o
);

  logic [NumCtr-1:0][CtrBits-1:0] value_d, value_q, captured_q;
  logic                           pulses;

  // Cycles until the counter stands at its maximum; the edge of that cycle passes it.
  function automatic time_t deadline(time_t now, logic [CtrBits-1:0] left);
    logic [64:0] sum;
    sum = {17'd0, now} + 65'(left);
    return (sum[64:TimeW] != '0) ? NoDeadline : sum[TimeW-1:0];
  endfunction

  always_comb begin
    value_d         = value_q;
    ovf_o           = '0;
    pulses          = 1'b0;
    next_deadline_o = NoDeadline;
    if (on_i != '0) begin
      for (int unsigned i = 0; i < NumCtr; i++) begin
        if (on_i[i]) begin
          if (PmuLevels[event_i[i]]) begin
            if (level_i[event_i[i]]) begin
              {ovf_o[i], value_d[i]} = {1'b0, value_q[i]} + (CtrBits + 1)'(step_i);
              next_deadline_o        = earlier(next_deadline_o, deadline(now_i, ~value_q[i]));
            end
          end else if (n_i[event_i[i]] != '0) begin
            {ovf_o[i], value_d[i]} = {1'b0, value_q[i]} + (CtrBits + 1)'(n_i[event_i[i]]);
            pulses                 = 1'b1;
          end
        end
      end
    end
    for (int unsigned i = 0; i < NumCtr; i++) begin
      if (wr_half_i[i] != '0) begin
        value_d[i] = value_q[i];
        ovf_o[i]   = 1'b0;
        if (wr_half_i[i][0]) value_d[i][31:0] = wr_data_i[31:0];
        if (wr_half_i[i][1]) value_d[i][CtrBits-1:32] = wr_data_i[CtrBits-1:32];
      end
    end
  end

  assign value_o    = value_q;
  assign captured_o = captured_q;
  assign quiet_o    = !pulses && ovf_o == '0 && wr_half_i == '0 && !capture_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      value_q    <= '0;
      captured_q <= '0;
    end else begin
      value_q <= value_d;
      if (capture_i) captured_q <= value_d;
    end
  end

endmodule
