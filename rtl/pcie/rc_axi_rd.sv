// SPDX-License-Identifier: Apache-2.0
//
// Translated reads of all ports onto one AXI4 read address channel, 16-byte beats, ID = port.
//
// Ports take turns. Latency: job to AR 1 cycle, one AR a cycle. Data go straight to the port's rc_dma_rd.
module rc_axi_rd
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
  output logic [3:0]       arid_o,
  output logic [47:0]      araddr_o,
  output logic [7:0]       arlen_o,
  output logic [17:0]      aruser_o,
  output logic             arvalid_o,
  input  logic             arready_i,
  output logic             quiet_o
);

  localparam int unsigned IdxW = (NumEp > 1) ? $clog2(NumEp) : 1;

  logic [NumEp-1:0] grant;
  logic [IdxW-1:0]  index;
  logic             any, load, room, valid_q;
  rc_job_t          job;
  logic [4:2]       span;
  logic [3:0]       id_q;
  logic [47:0]      addr_q;
  logic [17:0]      user_q;
  logic [7:0]       len_q;
  logic             unused_be;

  arb_rr #(.N(NumEp)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (job_valid_i),
    .advance_i(load),
    .grant_o  (grant),
    .valid_o  (any),
    .index_o  (index)
  );

  assign room        = !valid_q || arready_i;
  assign load        = any && room && !hold_i;
  assign job_ready_o = (room && !hold_i) ? grant : '0;
  assign job         = job_i[index];
  assign span        = 3'((job.len + {5'd0, job.pa[3:2]} - 7'd1) >> 2);   // whole dwords are read
  assign unused_be   = ^{job.fbe, job.lbe, job.pa[1:0]};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      id_q    <= '0;
      addr_q  <= '0;
      user_q  <= '0;
      len_q   <= '0;
    end else if (load) begin
      valid_q <= 1'b1;
      id_q    <= 4'(index);
      addr_q  <= {job.pa[47:4], 4'd0};
      user_q  <= job.user;
      len_q   <= {5'd0, span};
    end else if (arready_i) begin
      valid_q <= 1'b0;
    end
  end

  assign arid_o    = id_q;
  assign araddr_o  = addr_q;
  assign arlen_o   = len_q;
  assign aruser_o  = user_q;
  assign arvalid_o = valid_q;

  assign quiet_o = !load && !(valid_q && arready_i);

endmodule
