// SPDX-License-Identifier: Apache-2.0
//
// Events of refused device transactions: txn_abort (a memory request was aborted), xlat_ur (a Translation Request was
// answered with UR or CA). Logged when the root complex takes the response; src is the function whose requester ID the request
// had, `sid` that ID (the SMMU may know it by another StreamID: stream_map).
module rc_txn_mon
  import smmu_pkg::*;
  import tlp_pkg::*;
  import log_event_pkg::*;
  import atc_mon_pkg::*;
#(
  parameter int unsigned NumEp    = 4,   // root ports
  parameter int unsigned NumReq   = 4,   // functions of all devices
  parameter int unsigned NumFn    = 1,
  parameter int unsigned FirstBus = 1,
  localparam int unsigned PortW = (NumEp > 1) ? $clog2(NumEp) : 1
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic [NumEp-1:0] take,          // the port's next request is taken
  input tlp_hdr_t         hdr [NumEp],
  input logic             rsp_valid,
  input logic [PortW-1:0] rsp_port,
  input xlat_status_e     rsp_status
);

  localparam int NoDevice = 32'h0000FFFF;

  // What is logged of the request that a port has in hand.
  typedef struct packed {
    logic [1:0]  at;
    logic [15:0] rid;
    logic [63:0] addr;
  } asked_t;

  asked_t           open_q [NumEp];
  asked_t           asked;

  function automatic logic [63:0] addr_of(logic is_4dw, logic [1:0] at, logic [31:0] dw2, logic [31:0] dw3);
    logic [63:0] addr;
    addr = is_4dw ? {dw2, dw3} : {32'd0, dw2};
    return addr & ((at == AtTranslationReq) ? ~64'hFFF : ~64'h3);
  endfunction

  function automatic int device(logic [15:0] rid);
    int unsigned index;
    index = (32'(rid[15:8]) - FirstBus) * NumFn + 32'(rid[7:0]);
    return (32'(rid[15:8]) >= FirstBus && 32'(rid[7:0]) < NumFn && index < NumReq) ? int'(index) : NoDevice;
  endfunction

  assign asked = open_q[rsp_port];

  always_ff @(posedge clk_i) begin
    if (take != '0) begin
      for (int unsigned i = 0; i < NumEp; i++) begin
        if (take[i]) begin
          open_q[i] <= '{at: hdr[i].dw0[11:10], rid: hdr[i].dw1[31:16],
                         addr: addr_of(hdr[i].dw0[29], hdr[i].dw0[11:10], hdr[i].dw2, hdr[i].dw3)};
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni && rsp_valid) begin
      if (rsp_status == XlatAbort) begin
        atc_mon_event(EV_TXN_ABORT, device(asked.rid), int'({30'd0, asked.at}), longint'({48'd0, asked.rid}), longint'(asked.addr));
      end else if (rsp_status inside {XlatUr, XlatCa}) begin
        atc_mon_event(EV_XLAT_UR, device(asked.rid), int'(rsp_status), longint'({48'd0, asked.rid}), longint'(asked.addr));
      end
    end
  end

endmodule

bind pcie_rc rc_txn_mon #(
  .NumEp   (NumEp),
  .NumReq  (NumEp * NumDev * NumFn),
  .NumFn   (NumFn),
  .FirstBus(FirstBus)
) u_txn_mon (
  .clk_i     (clk_i),
  .rst_ni    (rst_ni),
  .take      (req_valid),
  .hdr       (hdr),
  .rsp_valid (tbu_rsp_valid_i && tbu_rsp_ready_o),
  .rsp_port  (tbu_rsp_i.port[((NumEp > 1) ? $clog2(NumEp) : 1)-1:0]),
  .rsp_status(tbu_rsp_i.status)
);
