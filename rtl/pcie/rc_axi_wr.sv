// SPDX-License-Identifier: Apache-2.0
//
// Translated writes of all ports onto one AXI4 write channel, 16-byte beats, ID = port.
//
// Ports take turns, a whole write each. Address and first data beat are offered together; the payload is put
// into its byte lanes once, when the write is fetched, and then moves by one beat a transfer. The next write is
// fetched in the cycle of the last transfer, so beats follow each other without a gap.
// Latency: job to AW and first W beat 1 cycle. Does not track responses (rc_dma_wr does).
module rc_axi_wr
  import tlp_pkg::*;
#(
  parameter int unsigned NumEp = 4
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             hold_i,         // start nothing new (rc_amo)
  input  logic [NumEp-1:0] job_valid_i,
  output logic [NumEp-1:0] job_ready_o,
  input  rc_job_t          job_i [NumEp],
  input  logic [MaxPayload*8-1:0] data_i [NumEp],
  output logic [3:0]       awid_o,
  output logic [47:0]      awaddr_o,
  output logic [7:0]       awlen_o,
  output logic [17:0]      awuser_o,
  output logic             awvalid_o,
  input  logic             awready_i,
  output logic [127:0]     wdata_o,
  output logic [15:0]      wstrb_o,
  output logic             wlast_o,
  output logic             wvalid_o,
  input  logic             wready_i,
  output logic             idle_o,         // nothing is offered
  output logic             quiet_o
);

  localparam int unsigned IdxW  = (NumEp > 1) ? $clog2(NumEp) : 1;
  localparam int unsigned LineW = MaxPayload * 8 + 128;   // payload and room for its offset
  localparam int unsigned Dws   = MaxPayload / 4;
  localparam int unsigned BeatW = $clog2(MaxPayload / 16 + 1);

  logic [NumEp-1:0]   grant;
  logic [IdxW-1:0]    index;
  logic               any, load, last, aw_pend_q, w_pend_q;
  rc_job_t            job;
  logic [LineW-1:0]   data_q;
  logic [LineW/8-1:0] strb_q, strb;
  logic [BeatW-1:0]   left_q, beats;   // beats after the one offered
  logic [3:0]         id_q;
  logic [47:0]        addr_q;
  logic [17:0]        user_q;
  logic [7:0]         len_q;

  arb_rr #(.N(NumEp)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (job_valid_i),
    .advance_i(load),
    .grant_o  (grant),
    .valid_o  (any),
    .index_o  (index)
  );

  assign last        = (!aw_pend_q || awready_i) && (!w_pend_q || (wready_i && left_q == '0));
  assign load        = any && last && !hold_i;
  assign job_ready_o = (last && !hold_i) ? grant : '0;
  assign job         = job_i[index];

  // dwords from the aligned address to the end of the payload, minus one
  assign beats = BeatW'((job.len + {5'd0, job.pa[3:2]} - 7'd1) >> 2);

  always_comb begin
    strb = '0;
    if (load) begin
      for (int unsigned d = 0; d < Dws; d++) begin
        if (d == 0) strb[3:0] = job.fbe;
        else if (7'(d) < job.len) strb[4*d+:4] = (7'(d) == job.len - 7'd1) ? job.lbe : 4'hF;
      end
      strb = strb << {job.pa[3:2], 2'b00};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_pend_q <= 1'b0;
      w_pend_q  <= 1'b0;
      left_q    <= '0;
      id_q      <= '0;
      addr_q    <= '0;
      user_q    <= '0;
      len_q     <= '0;
    end else if (load) begin
      aw_pend_q <= 1'b1;
      w_pend_q  <= 1'b1;
      left_q    <= beats;
      id_q      <= 4'(index);
      addr_q    <= {job.pa[47:4], 4'd0};
      user_q    <= job.user;
      len_q     <= 8'(beats);
    end else begin
      if (awready_i) aw_pend_q <= 1'b0;
      if (w_pend_q && wready_i) begin
        left_q <= left_q - 1'b1;
        if (left_q == '0) w_pend_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      data_q <= {128'd0, data_i[index]} << {job.pa[3:2], 5'd0};
      strb_q <= strb;
    end else if (w_pend_q && wready_i) begin
      data_q <= data_q >> 128;
      strb_q <= strb_q >> 16;
    end
  end

  assign awid_o    = id_q;
  assign awaddr_o  = addr_q;
  assign awlen_o   = len_q;
  assign awuser_o  = user_q;
  assign awvalid_o = aw_pend_q;
  assign wdata_o   = data_q[127:0];
  assign wstrb_o   = strb_q[15:0];
  assign wlast_o   = left_q == '0;
  assign wvalid_o  = w_pend_q;

  assign idle_o  = !aw_pend_q && !w_pend_q;
  assign quiet_o = !load && !(aw_pend_q && awready_i) && !(w_pend_q && wready_i);

endmodule
