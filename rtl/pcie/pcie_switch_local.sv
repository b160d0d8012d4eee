// SPDX-License-Identifier: Apache-2.0
//
// The requests that a switch answers itself: with a refusal, Unsupported Request or Completer Abort, or, if they are for the
// configuration space of one of its ports, with what that says.
//
// One request a cycle is taken, ports take turns, and only from a port whose last answer has gone: answers wait in one
// register per port, so a port that takes no completion holds up its own requests alone.
// Latency: taken to `rsp_valid_o` 1 cycle. Byte Count and Lower Address as the read would have had (pcie-ats.md section 1.3).
module pcie_switch_local
  import tlp_pkg::*;
#(
  parameter int unsigned NumPort = 5,
  localparam int unsigned IdxW = $clog2(NumPort)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [NumPort-1:0] req_i,            // a request of this port is to be refused
  output logic               take_o,
  output logic [IdxW-1:0]    index_o,          // of the port whose request is taken
  input  tlp_hdr_t           hdr_i,            // that request
  input  logic [2:0]         status_i,
  input  logic               data_valid_i,     // the answer has data: of a configuration read
  input  logic [31:0]        data_i,
  input  logic [15:0]        completer_i,
  output logic [NumPort-1:0] rsp_valid_o,
  input  logic [NumPort-1:0] rsp_ready_i,
  output logic [3:0][31:0]   rsp_o [NumPort]   // dw0..dw2, data
);

  logic [NumPort-1:0] valid_q, grant;
  logic [3:0][31:0]   rsp_q [NumPort];

  arb_rr #(.N(NumPort)) u_arb (
    .clk_i, .rst_ni,
    .req_i    (req_i & ~valid_q),
    .advance_i(1'b1),
    .grant_o  (grant),
    .valid_o  (take_o),
    .index_o  (index_o)
  );

  // ---------------------------------------------------------------- the answer
  logic [7:0]  kind;
  logic [3:0]  fbe;
  logic [3:1]  lbe;
  logic [9:0]  len;
  logic [1:0]  lead, trail;
  logic [11:0] bytes;
  logic [6:0]  lower;
  logic        is_rd, unused_hdr;

  function automatic logic [1:0] first_one(logic [3:0] be);
    return be[0] ? 2'd0 : be[1] ? 2'd1 : be[2] ? 2'd2 : be[3] ? 2'd3 : 2'd0;
  endfunction

  function automatic logic [1:0] last_gap(logic [3:1] be);   // bytes after the last enabled one; none enabled: 3
    return be[3] ? 2'd0 : be[2] ? 2'd1 : be[1] ? 2'd2 : 2'd3;
  endfunction

  always_comb begin
    kind  = '0;
    fbe   = '0;
    lbe   = '0;
    len   = '0;
    lead  = '0;
    trail = '0;
    bytes = '0;
    lower = '0;
    is_rd = 1'b0;
    if (take_o) begin
      kind  = hdr_i.dw0[31:24];
      fbe   = hdr_i.dw1[3:0];
      lbe   = hdr_i.dw1[7:5];
      len   = hdr_i.dw0[9:0];
      is_rd = kind inside {MRd3, MRd4, MRdLk3, MRdLk4};
      lead  = first_one(fbe);
      trail = last_gap((len == 10'd1) ? fbe[3:1] : lbe);
      bytes = 12'd4;
      if (is_rd) begin
        bytes = {len, 2'b00} - {10'd0, lead} - {10'd0, trail};
        lower = {hdr_i.dw0[29] ? hdr_i.dw3[6:2] : hdr_i.dw2[6:2], lead};
      end else if (kind inside {FetchAdd3, FetchAdd4, Swap3, Swap4}) begin
        bytes = {len, 2'b00};
      end else if (kind inside {Cas3, Cas4}) begin
        bytes = {1'b0, len, 1'b0};
      end
    end
  end
  assign unused_hdr = ^{hdr_i.pfx_valid, hdr_i.pfx, hdr_i.dw0[23], hdr_i.dw0[19], hdr_i.dw0[17:14], hdr_i.dw0[11:10],
                        hdr_i.dw1[4], hdr_i.dw2[31:7], hdr_i.dw2[1:0], hdr_i.dw3[31:7], hdr_i.dw3[1:0]};

  assign rsp_valid_o = valid_q;
  assign rsp_o       = rsp_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else if (take_o || (valid_q & rsp_ready_i) != '0) valid_q <= (valid_q & ~rsp_ready_i) | grant;
  end

  always_ff @(posedge clk_i) begin
    if (take_o) begin
      rsp_q[index_o][0] <= {data_valid_i ? CplD : (kind inside {MRdLk3, MRdLk4}) ? CplLk : Cpl, 1'b0, hdr_i.dw0[22:20], 1'b0, hdr_i.dw0[18], 4'd0, hdr_i.dw0[13:12], 11'd0, data_valid_i};
      rsp_q[index_o][1] <= {completer_i, status_i, 1'b0, bytes};
      rsp_q[index_o][2] <= {hdr_i.dw1[31:8], 1'b0, lower};
      rsp_q[index_o][3] <= data_i;
    end
  end

endmodule
