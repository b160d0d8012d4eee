// SPDX-License-Identifier: Apache-2.0
//
// What smmu_xlat relies on (one request outstanding per port; txn_done only for what was answered; drain_start only when
// drained) and what it promises (response queue never full, no cache fill in the cycle of an invalidation, events held, one
// configuration lookup of the resolvers a cycle, and no answer that ends twice).
module smmu_xlat_sva
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp = 4,
  localparam int unsigned PortW = (NumEp > 1) ? $clog2(NumEp) : 1
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic                       req_valid_i,
  input logic [3:0]                 req_port_i,
  input logic                       rsp_valid_i,
  input logic                       rsp_ready_i,
  input logic [PortW-1:0]           rsp_port_i,
  input logic                       rsp_colour_i,
  input logic                       rsp_more_i,
  input logic                       one_look_i,
  input txn_done_t [NumTxnDone-1:0] txn_done_i,
  input logic                       drain_start_i,
  input logic                       drain_done_i,
  input logic                       cfgi_now_i,
  input logic                       tlbi_now_i,
  input logic                       cfg_fill_i,
  input logic                       tlb_fill_i,
  input logic                       evt_valid_i,
  input logic                       evt_ready_i,
  input logic [255:0]               evt_i
);

  logic [NumEp-1:0]  open_d, open_q;    // ports that wait for a response
  logic [1:0][15:0]  owed_d, owed_q;    // responses of a colour whose txn_done has not come
  logic              bad_port, bad_rsp, bad_done;

  always_comb begin
    open_d   = open_q;
    owed_d   = owed_q;
    bad_port = 1'b0;
    bad_rsp  = 1'b0;
    bad_done = 1'b0;
    if (req_valid_i) begin
      bad_port = 32'(req_port_i) >= NumEp || open_q[req_port_i[PortW-1:0]];
      open_d[req_port_i[PortW-1:0]] = 1'b1;
    end
    if (rsp_valid_i && rsp_ready_i) begin
      bad_rsp              = !open_q[rsp_port_i];
      if (!rsp_more_i) begin
        open_d[rsp_port_i]   = 1'b0;
        owed_d[rsp_colour_i] = owed_d[rsp_colour_i] + 1'b1;
      end
    end
    for (int unsigned i = 0; i < NumTxnDone; i++) begin
      if (txn_done_i[i].valid) begin
        if (owed_d[txn_done_i[i].colour] == '0) bad_done = 1'b1;
        else owed_d[txn_done_i[i].colour] = owed_d[txn_done_i[i].colour] - 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q <= '0;
      owed_q <= '0;
    end else begin
      open_q <= open_d;
      owed_q <= owed_d;
    end
  end

  one_per_port: assert property (@(posedge clk_i) disable iff (!rst_ni) !bad_port);
  rsp_expected: assert property (@(posedge clk_i) disable iff (!rst_ni) !bad_rsp);
  done_after_rsp: assert property (@(posedge clk_i) disable iff (!rst_ni) !bad_done);
  start_drained: assert property (@(posedge clk_i) disable iff (!rst_ni) drain_start_i |-> drain_done_i);
  nofill_cfg: assert property (@(posedge clk_i) disable iff (!rst_ni) cfgi_now_i |-> !cfg_fill_i && !tlb_fill_i);
  nofill_tlb: assert property (@(posedge clk_i) disable iff (!rst_ni) tlbi_now_i |-> !tlb_fill_i);
  one_look: assert property (@(posedge clk_i) disable iff (!rst_ni) one_look_i);
  evt_held: assert property (@(posedge clk_i) disable iff (!rst_ni)
                             evt_valid_i && !evt_ready_i |=> evt_valid_i && $stable(evt_i));
  tlbi_meets_fill: cover property (@(posedge clk_i) disable iff (!rst_ni) tlbi_now_i && $past(tlb_fill_i));
  drain_waits: cover property (@(posedge clk_i) disable iff (!rst_ni) $past(drain_start_i) && !drain_done_i);

endmodule

bind smmu_xlat smmu_xlat_sva #(
  .NumEp(NumEp)
) u_sva (
  .clk_i        (clk_i),
  .rst_ni       (rst_ni),
  .req_valid_i  (tbu_req_valid_i),
  .req_port_i   (tbu_req_i.port),
  .rsp_valid_i  (tbu_rsp_valid_o),
  .rsp_ready_i  (tbu_rsp_ready_i),
  .rsp_port_i   (tbu_rsp_o.port[((NumEp > 1) ? $clog2(NumEp) : 1)-1:0]),
  .rsp_colour_i (tbu_rsp_o.colour),
  .rsp_more_i   (tbu_rsp_o.more),
  .one_look_i   ((res_look & (res_look - 1'b1)) == '0),
  .txn_done_i   (txn_done_i),
  .drain_start_i(drain_start_i),
  .drain_done_i (drain_done_o),
  .cfgi_now_i   (cfgi_valid_q),
  .tlbi_now_i   (tlbi_valid_q),
  .cfg_fill_i   (res_cfg_fill != '0),
  .tlb_fill_i   (res_tlb_fill != '0),
  .evt_valid_i  (evt_valid_o),
  .evt_ready_i  (evt_ready_i),
  .evt_i        (evt_o)
);
