// SPDX-License-Identifier: Apache-2.0
//
// Translation requests of all ports to the SMMU, and its responses back to the port they name.
//
// Ports take turns; a request that is offered stays offered until it is taken (stream rule), even when
// another port asks meanwhile. Responses may come in any order between ports and are taken at once: a port
// asks only when it has room for the outcome. Latency: combinational both ways.
module rc_tbu_arb
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp = 4
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic     [NumEp-1:0] req_valid_i,
  output logic     [NumEp-1:0] req_ready_o,
  input  tbu_req_t [NumEp-1:0] req_i,
  output logic                 tbu_req_valid_o,
  input  logic                 tbu_req_ready_i,
  output tbu_req_t             tbu_req_o,
  input  logic                 tbu_rsp_valid_i,
  output logic                 tbu_rsp_ready_o,
  input  logic [3:0]           tbu_rsp_port_i,
  output logic     [NumEp-1:0] rsp_valid_o,
  output logic                 quiet_o
);

  localparam int unsigned IdxW = (NumEp > 1) ? $clog2(NumEp) : 1;

  logic [NumEp-1:0] grant;
  logic [IdxW-1:0]  index, pick, held_q;
  logic             any, hold_q;

  arb_rr #(.N(NumEp)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (hold_q ? (req_valid_i & (NumEp'(1) << held_q)) : req_valid_i),
    .advance_i(tbu_req_ready_i),
    .grant_o  (grant),
    .valid_o  (any),
    .index_o  (index)
  );

  assign pick            = hold_q ? held_q : index;
  assign tbu_req_valid_o = any;
  assign tbu_req_o       = req_i[pick];
  assign req_ready_o     = tbu_req_ready_i ? grant : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      hold_q <= 1'b0;
      held_q <= '0;
    end else begin
      hold_q <= any && !tbu_req_ready_i;
      if (any) held_q <= pick;
    end
  end

  assign tbu_rsp_ready_o = 1'b1;
  always_comb begin
    rsp_valid_o = '0;
    for (int unsigned i = 0; i < NumEp; i++) begin
      rsp_valid_o[i] = tbu_rsp_valid_i && (tbu_rsp_port_i == 4'(i));
    end
  end

  assign quiet_o = hold_q == any && !(any && tbu_req_ready_i) && !tbu_rsp_valid_i;

endmodule
