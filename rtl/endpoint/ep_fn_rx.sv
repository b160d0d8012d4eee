// SPDX-License-Identifier: Apache-2.0
//
// Which function of a device a packet is for.
//
// Configuration requests, messages routed by ID and completions carry the function in their third dword; a memory
// request belongs to the function that claims its address. A packet for a function that is not there, and whatever
// is for no one in particular, goes to function 0, which reports it.
// Guarantees that exactly one function is offered the packet. Combinational; nothing is evaluated without a packet.
module ep_fn_rx
  import tlp_pkg::*;
#(
  parameter int unsigned NumF = 2          // 2..8
) (
  input  logic            valid_i,
  input  tlp_t            rx_i,
  input  logic [15:0]     bdf_i,           // of function 0
  input  logic [NumF-1:0] present_i,
  input  logic [NumF-1:0] claims_i,
  output logic [NumF-1:0] valid_o
);

  logic       by_id;
  logic [2:0] number;
  logic [7:0] there;

  assign there = 8'(present_i);

  always_comb begin
    valid_o = '0;
    by_id   = 1'b0;
    number  = '0;
    if (valid_i) begin
      by_id = kind_has_id(rx_i.dw0[31:24]) && (rx_i.dw2[31:19] == bdf_i[15:3]);
      if (by_id) begin
        number = rx_i.dw2[18:16];
      end else if (!kind_has_id(rx_i.dw0[31:24])) begin
        for (int unsigned i = 0; i < NumF; i++) if (claims_i[i]) number = 3'(i);
      end
      if (!there[number]) number = '0;
      for (int unsigned i = 0; i < NumF; i++) valid_o[i] = number == 3'(i);
    end
  end

  // The third dword of these begins with a requester, completer or device ID.
  function automatic logic kind_has_id(logic [7:0] kind);
    return kind inside {CfgRd0, CfgWr0, MsgId, MsgDId, Cpl, CplD};
  endfunction

endmodule
