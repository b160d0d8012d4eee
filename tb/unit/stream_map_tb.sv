// SPDX-License-Identifier: Apache-2.0
//
// The request's StreamID and what must pass unchanged, flat, for stream_map_test.cpp.
module stream_map_tb
  import smmu_pkg::*;
(
  input  logic [4:0]  share_i,
  input  logic [31:0] sid_i,
  input  logic [63:0] addr_i,
  output logic [31:0] sid_o,
  output logic [31:0] sid_vf_o,
  output logic        rest_same_o
);
  tbu_req_t req, out, out_vf;

  always_comb begin
    req      = '0;
    req.sid  = sid_i;
    req.addr = addr_i;
    req.ssid = addr_i[SsidW-1:0];
    req.at   = AtTranslated;
  end

  stream_map u_map (.share_i, .req_i(req), .req_o(out));
  stream_map #(.NumReq(6), .NumFn(3), .FirstBus(3)) u_vf (.share_i, .req_i(req), .req_o(out_vf));

  assign sid_o       = out.sid;
  assign sid_vf_o    = out_vf.sid;
  assign rest_same_o = {out.addr, out.ssid, out.at} == {req.addr, req.ssid, req.at} &&
                       {out_vf.addr, out_vf.ssid, out_vf.at} == {req.addr, req.ssid, req.at};
endmodule
