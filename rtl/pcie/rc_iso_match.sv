// SPDX-License-Identifier: Apache-2.0
//
// Whether a memory request of this requester is to be dropped (D16). Combinational. With one device behind the port the
// requester ID does not matter, so a device cannot get out by forging another one's.
module rc_iso_match #(
  parameter int unsigned NumDev   = 1,       // devices below the port
  parameter int unsigned FirstBus = 1        // bus of the first one
) (
  input  logic [NumDev-1:0] isolated_i,
  input  logic              all_i,           // every memory request, else only translated ones
  input  logic [15:0]       rid_i,
  input  logic [1:0]        at_i,
  output logic              drop_o
);

  localparam int unsigned IdxW = (NumDev > 1) ? $clog2(NumDev) : 1;

  logic [7:0]      below;
  logic [IdxW-1:0] index;
  logic            mine, unused_rid;

  assign below      = rid_i[15:8] - 8'(FirstBus);
  assign index      = below[IdxW-1:0];
  assign mine       = (NumDev == 1) || (below < 8'(NumDev));
  assign unused_rid = ^rid_i[7:0];

  always_comb begin
    drop_o = 1'b0;
    if (isolated_i != '0) drop_o = mine && isolated_i[(NumDev == 1) ? '0 : index] && (all_i || at_i == 2'b10);
  end

endmodule
