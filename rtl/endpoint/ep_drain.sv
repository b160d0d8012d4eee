// SPDX-License-Identifier: Apache-2.0
//
// What must be out before an Invalidate Completion may go (pcie-ats.md section 5, rules 2 to 4).
//
// Reads with a translated address are counted in the colour that is current when they start. A batch of invalidations
// flips the colour and waits until the old colour is empty: every read that used a translation older than the
// batch has returned. Reads of the new colour are not waited for, so a busy engine cannot starve it.
// Writes need no count: they enter the ordered egress queue in the cycle of their lookup, ahead of the completion.
// Translation Requests are never waited for: the TA may hold them behind the SYNC that waits for this completion
// (pitfall 14); they are marked stale instead (ep_xlat).
// One batch drains at a time, later ones gather in ep_inv_queue. `early_i` (planted bug) skips the wait.
// `duplicate_i` (fault) sends a completion marked `bad` twice, before anything else may drain.
// Latency: 0 cycles from batch to completion when nothing translated is outstanding, else 1 cycle after the last read.
module ep_drain
  import ep_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,
  input  logic       early_i,
  input  logic       duplicate_i,

  input  logic       batch_valid_i,
  output logic       batch_ready_o,
  input  inv_batch_t batch_i,

  output logic       cpl_valid_o,
  input  logic       cpl_ready_i,
  output inv_batch_t cpl_o,

  input  logic       rd_start_i,       // a translated read starts, in colour_o
  output logic       colour_o,
  input  logic       rd_end_i,         // one returned
  input  logic       rd_end_colour_i,
  output logic [4:0] outstanding_o,    // translated reads of both colours
  output logic       quiet_o
);

  logic       busy_q, again_q, colour_q, flip, done, fire, twice;
  inv_batch_t batch_q;
  logic [4:0] count_q [2];

  assign done          = count_q[!colour_q] == '0;                       // while busy: the old colour
  assign outstanding_o = count_q[0] + count_q[1];

  always_comb begin
    batch_ready_o = 1'b0;
    cpl_valid_o   = 1'b0;
    cpl_o         = batch_i;
    flip          = 1'b0;
    if (again_q) begin
      cpl_valid_o = 1'b1;
      cpl_o       = batch_q;
    end else if (busy_q) begin
      cpl_valid_o = done || early_i;
      cpl_o       = batch_q;
    end else if (batch_valid_i) begin
      if ((count_q[colour_q] == '0) || early_i) begin
        cpl_valid_o   = 1'b1;
        batch_ready_o = cpl_ready_i;
      end else begin
        flip          = 1'b1;
        batch_ready_o = 1'b1;
      end
    end
  end

  assign fire  = cpl_valid_o && cpl_ready_i;
  assign twice = fire && duplicate_i && cpl_o.bad && !again_q;

  // A read that starts in the cycle of the flip looked up after the batch was matched.
  assign colour_o = colour_q ^ flip;

  logic [1:0] up, down;
  assign up   = {rd_start_i && colour_o, rd_start_i && !colour_o};
  assign down = {rd_end_i && rd_end_colour_i, rd_end_i && !rd_end_colour_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q     <= 1'b0;
      again_q    <= 1'b0;
      colour_q   <= 1'b0;
      count_q[0] <= '0;
      count_q[1] <= '0;
    end else if (clear_i) begin
      busy_q     <= 1'b0;
      again_q    <= 1'b0;
      count_q[0] <= '0;
      count_q[1] <= '0;
    end else begin
      if (flip) begin
        busy_q   <= 1'b1;
        colour_q <= !colour_q;
      end else if (busy_q && fire) begin
        busy_q <= 1'b0;
      end
      if (fire) again_q <= twice;
      for (int unsigned c = 0; c < 2; c++) begin
        if (up[c] != down[c]) count_q[c] <= up[c] ? count_q[c] + 1'b1 : count_q[c] - 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (flip || twice) batch_q <= cpl_o;
  end

  assign quiet_o = !flip && !fire && !rd_start_i && !rd_end_i;

endmodule
