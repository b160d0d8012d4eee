// SPDX-License-Identifier: Apache-2.0
//
// Events of refused device transactions: txn_abort (a memory request was aborted), xlat_ur (a Translation Request was
// answered with UR or CA). Logged when the root complex takes the response; src is the port of the request.
module smmu_xlat_mon
  import smmu_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumEp = 4,
  localparam int unsigned PortW = (NumEp > 1) ? $clog2(NumEp) : 1
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             req_valid_i,
  input logic             req_ready_i,
  input logic [PortW-1:0] req_port_i,
  input at_e              req_at_i,
  input logic [31:0]      req_sid_i,
  input logic [63:0]      req_addr_i,
  input logic             rsp_valid_i,
  input logic             rsp_ready_i,
  input logic [3:0]       rsp_port_i,
  input xlat_status_e     rsp_status_i
);

  // What is logged of the request that a port waits for.
  typedef struct packed {
    at_e         at;
    logic [31:0] sid;
    logic [63:0] addr;
  } asked_t;

  asked_t open_q [NumEp];
  asked_t asked;

  assign asked = open_q[rsp_port_i[PortW-1:0]];

  always_ff @(posedge clk_i) begin
    if (req_valid_i && req_ready_i) open_q[req_port_i] <= '{at: req_at_i, sid: req_sid_i, addr: req_addr_i};
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni && rsp_valid_i && rsp_ready_i) begin
      unique case (rsp_status_i)
        XlatAbort: atc_mon_event(EV_TXN_ABORT, int'(rsp_port_i), int'(asked.at), longint'(asked.sid), longint'(asked.addr));
        XlatUr, XlatCa: atc_mon_event(EV_XLAT_UR, int'(rsp_port_i), int'(rsp_status_i), longint'(asked.sid), longint'(asked.addr));
        default: ;
      endcase
    end
  end

endmodule

bind smmu_xlat smmu_xlat_mon #(
  .NumEp(NumEp)
) u_mon (
  .clk_i       (clk_i),
  .rst_ni      (rst_ni),
  .req_valid_i (tbu_req_valid_i),
  .req_ready_i (tbu_req_ready_o),
  .req_port_i  (tbu_req_i.port[((NumEp > 1) ? $clog2(NumEp) : 1)-1:0]),
  .req_at_i    (tbu_req_i.at),
  .req_sid_i   (tbu_req_i.sid),
  .req_addr_i  (tbu_req_i.addr),
  .rsp_valid_i (tbu_rsp_valid_o),
  .rsp_ready_i (tbu_rsp_ready_i),
  .rsp_port_i  (tbu_rsp_o.port),
  .rsp_status_i(tbu_rsp_o.status)
);
