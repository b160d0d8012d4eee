// SPDX-License-Identifier: Apache-2.0
//
// Posted writes of a root port: buffer between translation and AXI, and the count that D9 rests on.
//
// A write is taken (payload stored), then committed (goes to AXI) or aborted (forgotten). Writes retire in the
// order in which they were taken: a committed one with its AXI response, an aborted one when all before it
// have retired. `taken_o` and `retired_o` count them, modulo 2^SeqW; a message that noted `taken_o` may go on once
// `retired_o` has reached that number. AXI responses of a port come in order (same ID).
// `done_colour_o` is the drain colour of the write that the next response belongs to (D7).
// At most MaxWr writes are between taken and retired, Buf of them with payload; `room_o` = one more may be taken.
// Latency: committed to `job_valid_o` 1 cycle; response to `retired_o` 1 cycle.
module rc_dma_wr
  import tlp_pkg::*;
#(
  parameter int unsigned Buf   = 4,    // payload slots, >= 2
  parameter int unsigned MaxWr = 16,   // power of two
  parameter int unsigned SeqW  = 6    // 2^(SeqW-1) > MaxWr
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  output logic            room_o,
  input  logic            take_i,
  input  logic [MaxPayload*8-1:0] data_i,   // with take_i
  input  logic            commit_i,         // of the write last taken
  input  logic            abort_i,
  input  rc_job_t         job_i,            // with commit_i
  input  logic            colour_i,
  output logic            job_valid_o,
  input  logic            job_ready_i,
  output rc_job_t         job_o,
  output logic [MaxPayload*8-1:0] data_o,
  input  logic            b_i,              // AXI response of this port
  output logic            done_colour_o,
  output logic [SeqW-1:0] taken_o,
  output logic [SeqW-1:0] retired_o,
  output logic            quiet_o
);

  localparam int unsigned BufW = $clog2(Buf);
  localparam int unsigned CntW = $clog2(Buf + 1);
  localparam int unsigned WrW  = $clog2(MaxWr);

  // ---------------------------------------------------------------- payload buffer
  logic [MaxPayload*8-1:0] data_q [Buf];
  rc_job_t                 job_q [Buf];
  logic [BufW-1:0]         in_q, out_q;
  logic [CntW-1:0]         count_q;
  logic                    pop;

  function automatic logic [BufW-1:0] next(logic [BufW-1:0] p);
    return (p == BufW'(Buf - 1)) ? '0 : p + 1'b1;
  endfunction

  assign job_valid_o = count_q != '0;
  assign job_o       = job_q[out_q];
  assign data_o      = data_q[out_q];
  assign pop         = job_valid_o && job_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_q    <= '0;
      out_q   <= '0;
      count_q <= '0;
    end else begin
      if (commit_i) in_q <= next(in_q);
      if (pop) out_q <= next(out_q);
      if (commit_i != pop) count_q <= commit_i ? count_q + 1'b1 : count_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take_i) data_q[in_q] <= data_i;
    if (commit_i) job_q[in_q] <= job_i;
  end

  // ---------------------------------------------------------------- order of retirement
  // taken >= decided (committed or aborted) >= retired. `aborted_q` is indexed by the write's number.
  logic [SeqW-1:0]  taken_q, decided_q, retired_q;
  logic [MaxWr-1:0] aborted_q, colour_q;
  logic [WrW-1:0]   colour_in_q, colour_out_q;   // committed writes only
  logic [WrW:0]     b_early_q;                   // responses not yet used to retire
  logic             decide, retire, head_aborted, use_b;

  assign decide       = commit_i || abort_i;
  assign head_aborted = aborted_q[retired_q[WrW-1:0]];
  assign use_b        = (decided_q != retired_q) && !head_aborted && (b_i || b_early_q != '0);
  assign retire       = (decided_q != retired_q) && (head_aborted || use_b);

  assign room_o        = (count_q != CntW'(Buf)) && (taken_q - retired_q < SeqW'(MaxWr));
  assign taken_o       = taken_q;
  assign retired_o     = retired_q;
  assign done_colour_o = colour_q[colour_out_q];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      taken_q      <= '0;
      decided_q    <= '0;
      retired_q    <= '0;
      aborted_q    <= '0;
      colour_q     <= '0;
      colour_in_q  <= '0;
      colour_out_q <= '0;
      b_early_q    <= '0;
    end else begin
      if (take_i) taken_q <= taken_q + 1'b1;
      if (decide) begin
        decided_q                        <= decided_q + 1'b1;
        aborted_q[decided_q[WrW-1:0]]    <= abort_i;
      end
      if (retire) retired_q <= retired_q + 1'b1;
      if (commit_i) begin
        colour_q[colour_in_q] <= colour_i;
        colour_in_q           <= colour_in_q + 1'b1;
      end
      if (b_i) colour_out_q <= colour_out_q + 1'b1;
      if (b_i != use_b) b_early_q <= b_i ? b_early_q + 1'b1 : b_early_q - 1'b1;
    end
  end

  assign quiet_o = !take_i && !decide && !pop && !retire && !b_i;

endmodule
