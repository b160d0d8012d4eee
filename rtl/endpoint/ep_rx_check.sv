// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a received packet, as far as its header tells: malformed, or poisoned.
//
// Malformed (pcie-ats.md sections 1 to 3): a kind or message routing that does not exist; a payload longer than
// Max_Payload_Size (`mps_i`) or of length 0; a configuration request that is not one dword; byte enables that do not fit the length; a
// memory request over a 4 KiB boundary; an atomic of a size that its kind does not have; an ATS message with the wrong
// routing or length; a Translation Completion of half an entry; a prefix that is none, or on a packet that cannot have one.
// Poisoned: the EP bit on a packet with data. A packet that is both is malformed.
// Combinational; all zero while `valid_i` is low. Does not: look at TC, attributes and other bits a receiver may ignore,
// know what is supported (ep_rx).
module ep_rx_check
  import tlp_pkg::*;
(
  input  logic       valid_i,
  input  tlp_t       rx_i,
  input  logic [2:0] mps_i,         // Max_Payload_Size, 128 << n bytes
  output logic       malformed_o,
  output logic       poisoned_o
);

  logic [7:0]  kind, code;
  logic [9:0]  len;
  logic [3:0]  fbe, lbe;
  logic        is_mem, is_atomic, is_cfg, is_io, is_cpl, is_msg, known;
  logic [11:2] dw_addr;

  always_comb begin
    malformed_o = 1'b0;
    poisoned_o  = 1'b0;
    {kind, code, len, fbe, lbe, dw_addr}                                   = '0;
    {is_mem, is_atomic, is_cfg, is_io, is_cpl, is_msg, known} = '0;
    if (valid_i) begin
      kind      = rx_i.dw0[31:24];
      code      = rx_i.dw1[7:0];
      len       = rx_i.dw0[9:0];
      fbe       = rx_i.dw1[3:0];
      lbe       = rx_i.dw1[7:4];
      dw_addr   = rx_i.dw0[29] ? rx_i.dw3[11:2] : rx_i.dw2[11:2];
      is_mem    = kind inside {MRd3, MRd4, MWr3, MWr4, MRdLk3, MRdLk4};
      is_atomic = kind inside {8'h4C, 8'h6C, 8'h4D, 8'h6D, 8'h4E, 8'h6E};
      is_cfg    = kind inside {CfgRd0, CfgWr0, CfgRd1, CfgWr1};
      is_io     = kind inside {IORd, IOWr};
      is_cpl    = kind inside {Cpl, CplD, CplLk, CplDLk};
      is_msg    = (kind[7] == 1'b0) && kind[5:3] == 3'b110 && kind[2:0] <= 3'd5;
      known     = is_mem || is_atomic || is_cfg || is_io || is_cpl || is_msg;

      malformed_o = !known;
      if (kind[6] && known && ((len == '0) || (len > 10'(mps_dw(mps_i))))) malformed_o = 1'b1;
      if ((is_cfg || is_io) && ((len != 10'd1) || (lbe != '0))) malformed_o = 1'b1;
      if (is_mem && ((len == 10'd1) ? (lbe != '0) : ((fbe == '0) || (lbe == '0)))) malformed_o = 1'b1;
      if (is_mem && (((len == '0) && (dw_addr != '0)) || ({1'b0, dw_addr} + {1'b0, len} > 11'd1024))) malformed_o = 1'b1;
      if (is_atomic && !(len inside {10'd1, 10'd2} || ((len == 10'd4) && (kind[1:0] != 2'b00)) ||
                         ((len == 10'd8) && (kind[1:0] == 2'b10)))) malformed_o = 1'b1;
      if (is_msg && (code == MsgInvReq) && ((kind != MsgDId) || (len != 10'd2))) malformed_o = 1'b1;
      if (is_msg && (code inside {MsgInvCpl, MsgPrgRsp}) && (kind != MsgId)) malformed_o = 1'b1;
      if ((kind == CplD) && rx_i.dw2[12] && len[0]) malformed_o = 1'b1;               // of a tag of ep_xlat
      if (rx_i.pfx_valid && ((rx_i.pfx[31:24] != PasidPrefix) || !(is_mem || is_atomic || is_msg))) malformed_o = 1'b1;

      poisoned_o = kind[6] && rx_i.dw0[14] && !malformed_o;
    end
  end

endmodule
