// SPDX-License-Identifier: Apache-2.0
//
// The tags' safety: never allocated while pending, quarantined or linked; never taken from another queue's reserve (D7); a
// queue that holds no tag of a device can always have one. What is proved for small sizes (tb/formal) holds here at full size.
module smmu_itag_tracker_sva #(
  parameter int unsigned NumEp          = 4,
  parameter int unsigned NumTags        = 32,
  parameter int unsigned Stride         = 32,
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumQueues      = 1,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned TagW = $clog2(Stride),
  localparam int unsigned QW   = (NumQueues > 1) ? $clog2(NumQueues) : 1
) (
  input logic                           clk_i,
  input logic                           rst_ni,
  input logic                           alloc_i,
  input logic                           refuse_i,
  input logic [QW-1:0]                  qid_i,
  input logic [DevW-1:0]                dev_i,
  input logic [TagW-1:0]                tag_i,
  input logic [NumQueues-1:0]           avail_i,
  input logic [NumEp-1:0][Stride-1:0]   linked_i,
  input logic [NumEp-1:0][Stride-1:0]   quar_i,
  input logic [NumQueues-1:0]           idle_i,
  input logic [9:0]                     busy_i
);

  logic taken;                                    // the number is in use; scope global: by any device
  always_comb begin
    taken = quar_i[dev_i][tag_i];
    for (int unsigned d = 0; d < NumEp; d++)
      if (TagScopeGlobal || (DevW'(d) == dev_i)) taken = taken || linked_i[d][tag_i];
  end

  free: assert property (@(posedge clk_i) disable iff (!rst_ni) alloc_i |-> !taken && (32'(tag_i) < NumTags));
  asked: assert property (@(posedge clk_i) disable iff (!rst_ni) alloc_i |-> avail_i[qid_i]);
  refused: assert property (@(posedge clk_i) disable iff (!rst_ni) refuse_i |-> !alloc_i);
  counted: assert property (@(posedge clk_i) disable iff (!rst_ni) (busy_i == '0) == (&idle_i));

endmodule

bind smmu_itag_tracker smmu_itag_tracker_sva #(
  .NumEp         (NumEp),
  .NumTags       (NumTags),
  .Stride        (Stride),
  .TagScopeGlobal(TagScopeGlobal),
  .NumQueues     (NumQueues)
) u_sva (
  .clk_i   (clk_i),
  .rst_ni  (rst_ni),
  .alloc_i (alloc_valid_i),
  .refuse_i(alloc_refuse_i),
  .qid_i   (alloc_qid_i),
  .dev_i   (alloc_dev),
  .tag_i   (alloc_tag),
  .avail_i (ask_avail_o),
  .linked_i(linked),
  .quar_i  (quar_linked),
  .idle_i  (idle_o),
  .busy_i  (busy_o)
);
