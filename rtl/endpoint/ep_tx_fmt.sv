// SPDX-License-Identifier: Apache-2.0
//
// Builds a packet from what the egress queues hold: header, and the payload that the endpoint signs.
//
// A write carries 64-bit little-endian words {device index[15:0], transfer number[31:0], word of the transfer[15:0]}, the
// index in the most significant bits, so that a corrupted page says who wrote it.
// Guarantees: a 3-dword header exactly when the address is below 4 GiB; no relaxed order, no ID-based order
// (the Invalidate Completion must not pass writes, pcie-ats.md section 3.1).
// `fault_i` spoils packets as ep_fault's page says; all of that is off the path of healthy ones.
// Does not: choose or queue packets. Combinational; all zero while `valid_i` is low.
// pcie-ats.md sections 1, 2, 3.1.
module ep_tx_fmt
  import tlp_pkg::*;
  import ep_pkg::*;
  import ep_reg_pkg::*;
#(
  parameter int unsigned Index = 0
) (
  input  logic [15:0] bdf_i,
  input  egress_fault_t fault_i,
  input  ring_data_t  ring_data_i,
  input  logic        valid_i,
  input  tx_item_t    item_i,
  output tlp_t        tlp_o
);

  function automatic logic [31:0] dw0(logic [7:0] kind, logic [2:0] tc, logic [2:0] attr, logic [1:0] at, logic [9:0] len);
    return {kind, 1'b0, tc, 1'b0, attr[2], 2'b00, 2'b00, attr[1:0], at, len};
  endfunction

  logic far;  // needs a 4-dword header
  assign far = item_i.addr[63:32] != '0;

  always_comb begin
    tlp_o = '0;
    if (valid_i) begin
      tlp_o.dw1[31:16] = bdf_i;
      unique case (item_i.kind)
        TxWrite: begin
          tlp_o.dw0       = dw0(far ? MWr4 : MWr3, item_i.tc, 3'b000, item_i.at, {3'd0, item_i.dws});
          tlp_o.dw1[15:0] = {item_i.tag, 8'hFF};
          for (int unsigned w = 0; w < MaxPayload / 8; w++) begin
            if (6'(w) < item_i.dws[6:1]) tlp_o.data[64*w +: 64] = {16'(Index), item_i.number, 16'(item_i.word) + 16'(w)};
          end
        end
        TxRead: begin
          tlp_o.dw0       = dw0(far ? MRd4 : MRd3, item_i.tc, 3'b000, item_i.at, {3'd0, item_i.dws});
          tlp_o.dw1[15:0] = {item_i.tag, 8'hFF};
        end
        TxAtomic: begin
          tlp_o.dw0        = dw0(FetchAdd3, item_i.tc, 3'b000, item_i.at, 10'd2);
          tlp_o.dw0[29]    = far;
          tlp_o.dw0[25:24] = 2'(item_i.op - XferAdd);
          tlp_o.dw1[15:0]  = {item_i.tag, 8'h00};
          tlp_o.data[63:0] = ring_data_i[item_i.job][63:0];
        end
        TxStatus: begin
          tlp_o.dw0         = dw0(far ? MWr4 : MWr3, item_i.tc, 3'b000, item_i.at, 10'd4);
          tlp_o.dw1[15:0]   = {item_i.tag, 8'hFF};
          tlp_o.data[127:0] = ring_data_i[item_i.job];
        end
        TxXlat: begin
          tlp_o.dw0       = dw0(far ? MRd4 : MRd3, item_i.tc, 3'b000, 2'b01, {5'd0, item_i.number[3:0], 1'b0});
          tlp_o.dw1[15:0] = {item_i.tag, 8'hFF};
        end
        TxInvCpl: begin
          tlp_o.dw0       = dw0(MsgId, item_i.tc, 3'b000, 2'b00, 10'd0);
          tlp_o.dw1[15:0] = {8'd0, MsgInvCpl};
          tlp_o.dw2       = {item_i.number[15:0], 13'd0, item_i.number[18:16]};
          tlp_o.dw3       = item_i.addr[31:0];
          if (item_i.bad) begin
            if (fault_i.wrong_rid) tlp_o.dw1[31:16] = fault_i.rid;
            if (fault_i.wrong_cc) tlp_o.dw2[2:0] = item_i.number[18:16] + 3'd1;
            if (fault_i.wrong_itag) tlp_o.dw3 = {item_i.addr[30:0], item_i.addr[31]};
          end
        end
        TxPage: begin
          tlp_o.dw0       = dw0(MsgRoot, 3'd0, 3'b000, 2'b00, 10'd0);
          tlp_o.dw1[15:0] = {8'd0, MsgPageReq};
          tlp_o.dw2       = item_i.addr[63:32];
          tlp_o.dw3       = item_i.addr[31:0];
          tlp_o.pfx_valid = item_i.pasid_valid;
          tlp_o.pfx       = item_i.pasid_valid ? {PasidPrefix, 2'd0, item_i.priv, item_i.exec, item_i.pasid} : '0;
        end
        TxMsi: begin
          tlp_o.dw0        = dw0(far ? MWr4 : MWr3, 3'd0, 3'b000, 2'b00, 10'd1);
          tlp_o.dw1[15:0]  = {8'd0, 8'h0F};
          tlp_o.dw2        = far ? item_i.addr[63:32] : item_i.addr[31:0];
          tlp_o.dw3        = far ? item_i.addr[31:0] : '0;
          tlp_o.data[31:0] = item_i.number;
        end
        TxMsg: begin
          tlp_o.dw0       = dw0(MsgRoot, 3'd0, 3'b000, 2'b00, 10'd0);
          tlp_o.dw1[15:0] = {8'd0, item_i.number[7:0]};
        end
        default: begin // TxCpl
          tlp_o.dw0        = dw0(item_i.has_data ? CplD : Cpl, item_i.tc, item_i.attr, 2'b00, 10'(item_i.has_data));
          tlp_o.dw1[15:0]  = {item_i.status, 1'b0, 9'd0, item_i.bytes};
          tlp_o.dw2        = {item_i.number[15:0], item_i.tag, 1'b0, item_i.lower};
          tlp_o.data[31:0] = item_i.has_data ? item_i.addr[31:0] : '0;
        end
      endcase
      if (item_i.kind inside {TxWrite, TxRead, TxXlat, TxAtomic, TxStatus}) begin
        tlp_o.dw2       = far ? item_i.addr[63:32] : item_i.addr[31:0];
        tlp_o.dw3       = far ? item_i.addr[31:0] : '0;
        tlp_o.pfx_valid = item_i.pasid_valid;
        tlp_o.pfx       = item_i.pasid_valid ? {PasidPrefix, 2'd0, item_i.priv, item_i.exec, item_i.pasid} : '0;
        if (fault_i.forge_req) tlp_o.dw1[31:16] = fault_i.rid;
      end
      if ((fault_i.malformed != MALFORMED_NONE) && (item_i.kind == TxWrite)) begin
        unique case (fault_i.malformed)
          MALFORMED_LENGTH: begin           // from the start of the page, so that it breaks no other rule
            tlp_o.dw0[9:0] = {3'd0, item_i.dws} + 10'd1;
            if (far) tlp_o.dw3[11:2] = '0;
            else     tlp_o.dw2[11:2] = '0;
          end
          MALFORMED_BE:     tlp_o.dw1[3:0] = '0;
          MALFORMED_CROSSING: begin
            if (far) tlp_o.dw3[11:2] = '1;
            else     tlp_o.dw2[11:2] = '1;
          end
          MALFORMED_AT:     tlp_o.dw0[11:10] = 2'b11;
          MALFORMED_POISON: tlp_o.dw0[14] = 1'b1;
          MALFORMED_MSG: begin
            tlp_o           = '0;
            tlp_o.dw0[31:24] = MsgRoot;
            tlp_o.dw1       = {bdf_i, 8'd0, 8'h2A};
          end
          default: ;                        // MALFORMED_CPL: ep_tx
        endcase
      end
    end
  end

endmodule
