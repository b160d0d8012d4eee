// SPDX-License-Identifier: Apache-2.0
//
// Whether a memory request of this requester is to be dropped (D16): functions are told apart. Combinational. With one
// device behind the port a requester ID that is none of its functions' counts as each of them, so a device cannot get out by
// forging one from elsewhere.
// Does not: tell which function of a device has sent a request with a sibling's ID; nothing on the link does.
module rc_iso_match #(
  parameter int unsigned NumDev   = 1,       // devices below the port
  parameter int unsigned NumFn    = 1,       // functions of a device
  parameter int unsigned FirstBus = 1        // bus of the first one
) (
  input  logic [NumDev*NumFn-1:0] isolated_i,
  input  logic                    all_i,     // every memory request, else only translated ones
  input  logic [15:0]             rid_i,
  input  logic [1:0]              at_i,
  output logic                    drop_o
);

  localparam int unsigned IdxW = (NumDev * NumFn > 1) ? $clog2(NumDev * NumFn) : 1;

  logic [7:0]      below;
  logic            known;
  logic [IdxW-1:0] index;

  assign below = rid_i[15:8] - 8'(FirstBus);
  assign known = (below < 8'(NumDev)) && ({1'b0, rid_i[7:0]} < 9'(NumFn));
  assign index = IdxW'(32'(below) * NumFn + 32'(rid_i[7:0]));

  always_comb begin
    drop_o = 1'b0;
    if (isolated_i != '0) begin
      if (known) drop_o = isolated_i[index] && (all_i || at_i == 2'b10);
      else drop_o = (NumDev == 1) && (all_i || at_i == 2'b10);
    end
  end

endmodule
