// SPDX-License-Identifier: Apache-2.0
//
// Several shapes side by side for rc_iso_match_test.cpp.
module rc_iso_match_tb (
  input  logic [15:0] rid_i,
  input  logic [1:0]  at_i,
  input  logic        all_i,
  input  logic [15:0] isolated_i,
  output logic [3:0]  drop_o
);
  rc_iso_match u_0 (.isolated_i(isolated_i[0]), .all_i, .rid_i, .at_i, .drop_o(drop_o[0]));
  rc_iso_match #(.NumFn(3), .FirstBus(2)) u_1 (.isolated_i(isolated_i[2:0]), .all_i, .rid_i, .at_i, .drop_o(drop_o[1]));
  rc_iso_match #(.NumDev(4), .FirstBus(3)) u_2 (.isolated_i(isolated_i[3:0]), .all_i, .rid_i, .at_i, .drop_o(drop_o[2]));
  rc_iso_match #(.NumDev(2), .NumFn(8), .FirstBus(3)) u_3 (.isolated_i(isolated_i), .all_i, .rid_i, .at_i, .drop_o(drop_o[3]));
endmodule
