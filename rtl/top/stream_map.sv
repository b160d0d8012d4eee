// SPDX-License-Identifier: Apache-2.0
//
// Requester ID to StreamID: what a system's bridges and wiring make of it. Requester i presents its own ID (D4), unless it is
// one of the first `share_i`: these are behind one StreamID, that of requester 0, as the devices below a bridge that puts
// its own ID in place of theirs are.
//
// Combinational, for memory requests and Translation Requests. The answer goes back by port and tag, not by StreamID.
// Does not: change the other direction. An Invalidate Request goes to the requester whose ID is the StreamID, so nobody can
// invalidate the ATC of the others: software must leave their ATS off. Page Requests keep the requester's ID, by which
// their response is routed.
module stream_map
  import smmu_pkg::*;
#(
  parameter int unsigned NumReq   = 4,       // requesters, 1..16
  parameter int unsigned NumFn    = 1,       // functions of a device
  parameter int unsigned FirstBus = 1
) (
  input  logic [4:0] share_i,                // constant; 0 and 1: nobody shares
  input  tbu_req_t   req_i,
  output tbu_req_t   req_o
);

  localparam int unsigned IdxW = (NumReq > 1) ? $clog2(NumReq) : 1;

  logic            known;
  logic [IdxW-1:0] index;

  smmu_dev_map #(.NumEp(NumReq), .NumFn(NumFn), .FirstBus(FirstBus)) u_map (
    .rid_i  (req_i.sid[15:0]),
    .valid_o(known),
    .index_o(index)
  );

  always_comb begin
    req_o = req_i;
    if (known && (5'(index) < share_i)) req_o.sid = {16'd0, 16'(FirstBus << 8)};
  end

endmodule
