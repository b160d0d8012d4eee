// SPDX-License-Identifier: Apache-2.0
//
// Page request groups of several pages: between ep_xlat and the egress queue.
//
// A Page Request (L = 1) that comes in is taken, and becomes a request for each page of the naturally aligned 2^`log2_i` pages
// that it lies in, its own last, with the same index, permissions and PASID, and L = 1 on the last only: one group, one
// response (pcie-ats.md section 10). Other items pass in the same cycle, and so does everything while `log2_i` is 0.
// Guarantees: nothing of this path comes between the requests of a group. Does not: count them against the allocation (ep_pri does).
// Latency: 0 cycles for the first request, then one a cycle.
module ep_page_group
  import ep_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,
  input  logic [1:0] log2_i,
  input  logic       in_valid_i,
  output logic       in_ready_o,
  input  tx_item_t   in_i,
  output logic       out_valid_o,
  input  logic       out_ready_i,
  output tx_item_t   out_o,
  output logic       page_o,      // a Page Request goes out in this cycle
  output logic       quiet_o
);

  tx_item_t   held_q, head;
  logic [2:0] left_q, left;       // requests of the group after this one
  logic       busy, fire, is_page;

  assign busy    = left_q != '0;
  assign is_page = busy || (in_valid_i && (in_i.kind == TxPage));
  assign left    = busy ? left_q - 3'd1 : 3'((4'd1 << log2_i) - 4'd1);

  always_comb begin
    head  = busy ? held_q : in_i;
    out_o = head;
    if (is_page && (left != '0)) begin
      out_o.addr[63:12] = head.addr[63:12] ^ {49'd0, left};
      out_o.addr[2]     = 1'b0;
    end
  end

  assign out_valid_o = busy || in_valid_i;
  assign in_ready_o  = out_ready_i && !busy;
  assign fire        = out_valid_o && out_ready_i;
  assign page_o      = is_page && fire;
  assign quiet_o     = !(busy && out_ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) left_q <= '0;
    else if (clear_i) left_q <= '0;
    else if (page_o) left_q <= left;
  end

  always_ff @(posedge clk_i) begin
    if (page_o && !busy && (left != '0)) held_q <= in_i;
  end

endmodule
