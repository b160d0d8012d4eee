// SPDX-License-Identifier: Apache-2.0
//
// Flat ports for rc_fn_arb_test.cpp: two ports of three functions; the ITag stands for the request.
module rc_fn_arb_tb
  import smmu_pkg::*;
(
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [5:0]       fn_valid_i,
  output logic [5:0]       fn_ready_o,
  input  logic [29:0]      fn_itag_i,
  output logic [1:0]       port_valid_o,
  input  logic [1:0]       port_ready_i,
  output logic [1:0][4:0]  port_itag_o,
  output logic [1:0][15:0] port_rid_o
);
  inv_req_t [5:0] fn;
  inv_req_t [1:0] port;

  for (genvar i = 0; i < 6; i++) begin : gen_fn
    always_comb begin
      fn[i]      = '0;
      fn[i].itag = fn_itag_i[5*i +: 5];
      fn[i].rid  = 16'(i);
    end
  end
  for (genvar p = 0; p < 2; p++) begin : gen_port
    assign port_itag_o[p] = port[p].itag;
    assign port_rid_o[p]  = port[p].rid;
  end

  rc_fn_arb #(.NumEp(2), .NumFn(3)) dut (
    .clk_i, .rst_ni, .fn_valid_i, .fn_ready_o, .fn_i(fn), .port_valid_o, .port_ready_i, .port_o(port)
  );
endmodule
