// SPDX-License-Identifier: Apache-2.0
//
// Requester ID (= StreamID[15:0], D4) to device index: device i is alone on bus `FirstBus` + i, device number 0, with
// functions 0 .. NumFn - 1; function f of it has index i * NumFn + f (doc/interfaces.md). Combinational. `index_o` means nothing
// while `valid_o` is low.
module smmu_dev_map #(
  parameter int unsigned NumEp    = 4,                        // functions of all devices, 1..16
  parameter int unsigned NumFn    = 1,                        // functions of a device, 1..8
  parameter int unsigned FirstBus = 1,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1
) (
  input  logic [15:0]     rid_i,
  output logic            valid_o,
  output logic [DevW-1:0] index_o
);

  logic [7:0] bus;

  assign bus     = rid_i[15:8] - 8'(FirstBus);
  assign valid_o = ({5'd0, rid_i[7:0]} < 13'(NumFn)) && (bus < 8'(NumEp / NumFn));

  if (NumFn == 1) begin : gen_alone
    assign index_o = bus[DevW-1:0];
  end else begin : gen_several
    assign index_o = DevW'(bus) * DevW'(NumFn) + DevW'(rid_i[7:0]);
  end

endmodule
