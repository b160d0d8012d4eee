// SPDX-License-Identifier: Apache-2.0
//
// Requester ID (= StreamID[15:0], D4) to device index: endpoint i sits alone on bus i + 1, device 0, function 0
// (doc/interfaces.md). Combinational. `index_o` means nothing while `valid_o` is low.
module smmu_dev_map #(
  parameter int unsigned NumEp = 4,                           // 1..16
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1
) (
  input  logic [15:0]     rid_i,
  output logic            valid_o,
  output logic [DevW-1:0] index_o
);

  logic [7:0] bus_minus_1;

  assign bus_minus_1 = rid_i[15:8] - 8'd1;
  assign valid_o     = (rid_i[7:0] == 8'd0) && (bus_minus_1 < 8'(NumEp));
  assign index_o     = bus_minus_1[DevW-1:0];

endmodule
