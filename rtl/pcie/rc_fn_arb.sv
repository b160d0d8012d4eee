// SPDX-License-Identifier: Apache-2.0
//
// Invalidate Requests of the functions of a device share its root port: one of those that wait goes in each cycle in which
// the port takes one, in turns.
//
// Guarantees: a function waits for at most NumFn - 1 requests of the others; it never waits for one that the port would
// not take, nor for another port. Order of the requests of one function. With NumFn = 1 it is wires.
// Latency 0.
module rc_fn_arb
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp = 4,
  parameter int unsigned NumFn = 1
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  // functions, index as of smmu_dev_map
  input  logic     [NumEp*NumFn-1:0] fn_valid_i,
  output logic     [NumEp*NumFn-1:0] fn_ready_o,
  input  inv_req_t [NumEp*NumFn-1:0] fn_i,
  // root ports
  output logic     [NumEp-1:0]       port_valid_o,
  input  logic     [NumEp-1:0]       port_ready_i,
  output inv_req_t [NumEp-1:0]       port_o
);

  if (NumFn == 1) begin : gen_wires
    logic unused_clk;
    assign unused_clk   = ^{clk_i, rst_ni};
    assign port_valid_o = fn_valid_i;
    assign fn_ready_o   = port_ready_i;
    assign port_o       = fn_i;
  end else begin : gen_arb
    for (genvar i = 0; i < NumEp; i++) begin : gen_port
      logic [NumFn-1:0]         grant;
      logic [$clog2(NumFn)-1:0] index;

      arb_rr #(.N(NumFn)) u_arb (
        .clk_i, .rst_ni,
        .req_i    (fn_valid_i[i*NumFn +: NumFn]),
        .advance_i(port_ready_i[i]),
        .grant_o  (grant),
        .valid_o  (port_valid_o[i]),
        .index_o  (index)
      );
      assign fn_ready_o[i*NumFn +: NumFn] = grant & {NumFn{port_ready_i[i]}};

      always_comb begin
        port_o[i] = '0;
        if (port_valid_o[i]) port_o[i] = fn_i[i*NumFn + 32'(index)];
      end
    end
  end

endmodule
