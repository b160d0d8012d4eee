// SPDX-License-Identifier: Apache-2.0
//
// Several shapes side by side for smmu_dev_map_test.cpp.
module smmu_dev_map_tb (
  input  logic [15:0] rid_i,
  output logic [3:0]  valid_o,
  output logic [3:0]  index_0_o,
  output logic [3:0]  index_1_o,
  output logic [3:0]  index_2_o,
  output logic [3:0]  index_3_o
);
  logic [1:0] i0;
  logic [2:0] i1, i2;
  logic [3:0] i3;

  smmu_dev_map #(.NumEp(4)) u_0 (.rid_i, .valid_o(valid_o[0]), .index_o(i0));
  smmu_dev_map #(.NumEp(8), .NumFn(2)) u_1 (.rid_i, .valid_o(valid_o[1]), .index_o(i1));
  smmu_dev_map #(.NumEp(8), .NumFn(8)) u_2 (.rid_i, .valid_o(valid_o[2]), .index_o(i2));
  smmu_dev_map #(.NumEp(15), .NumFn(3), .FirstBus(3)) u_3 (.rid_i, .valid_o(valid_o[3]), .index_o(i3));

  assign index_0_o = 4'(i0);
  assign index_1_o = 4'(i1);
  assign index_2_o = 4'(i2);
  assign index_3_o = i3;
endmodule
