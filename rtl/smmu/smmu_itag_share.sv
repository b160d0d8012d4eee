// SPDX-License-Identifier: Apache-2.0
//
// Which queue may take a free ITag: the tags of a device are shared, one is reserved for each queue (D7).
//
// A queue may take a tag only if a free one is left for every other queue that holds none of the device. Held = from
// allocation until the tag is free again. Scope global: the same for the numbers that are busy anywhere (a quarantined
// number is not busy).
// Guarantees (proved, tb/formal): the free tags of a device are at least as many as the queues that hold none of it, so
// such a queue may always take one, whatever the others do. Needs NumTags >= NumQueues. One queue: always, no state.
// Does not share fairly beyond that one tag, nor look at INV_LIMIT.
// Latency: `ask_*` combinational; a tag taken or returned counts from the next cycle.
module smmu_itag_share #(
  parameter int unsigned NumEp          = 4,
  parameter int unsigned NumTags        = 32,
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumQueues      = 1,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned QW   = (NumQueues > 1) ? $clog2(NumQueues) : 1,
  localparam int unsigned CntW = $clog2(NumTags + 1)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic [NumQueues-1:0][DevW-1:0] ask_dev_i,
  input  logic [NumQueues-1:0][CntW-1:0] ask_count_i,   // free tags there
  output logic [NumQueues-1:0]           ask_may_o,
  input  logic                           take_i,        // a tag of ask_dev_i[take_qid_i]
  input  logic [QW-1:0]                  take_qid_i,
  input  logic                           idle_valid_i,  // a tag ceased to be busy
  input  logic                           idle_quar_i,   // ... and goes to quarantine
  input  logic [DevW-1:0]                idle_dev_i,
  input  logic [QW-1:0]                  idle_qid_i,
  input  logic                           release_valid_i,
  input  logic [DevW-1:0]                release_dev_i,
  input  logic [QW-1:0]                  release_qid_i
);

  logic [NumQueues-1:0][CntW-1:0] ask_held;               // tags of the device that the asking queue holds

  if (NumQueues == 1) begin : gen_one

    logic unused;
    assign unused    = ^{clk_i, rst_ni, ask_dev_i, ask_count_i, take_i, take_qid_i, idle_valid_i, idle_quar_i, idle_dev_i,
                         idle_qid_i, release_valid_i, release_dev_i, release_qid_i, ask_held};
    assign ask_held  = CntW'(NumTags);                    // not counted: there is nobody to leave a tag to
    assign ask_may_o = 1'b1;

  end else begin : gen_shared

    localparam int unsigned NumPool = TagScopeGlobal ? 1 : NumEp;
    localparam int unsigned PoolW   = (NumPool > 1) ? $clog2(NumPool) : 1;

    logic [NumPool-1:0][NumQueues-1:0][CntW-1:0] held_q, held_d;
    logic                                        back_a, back_b;

    function automatic logic [PoolW-1:0] pool(logic [DevW-1:0] dev);
      return PoolW'(TagScopeGlobal ? '0 : dev);
    endfunction

    assign back_a = idle_valid_i && (TagScopeGlobal || !idle_quar_i);
    assign back_b = release_valid_i && !TagScopeGlobal;

    always_comb begin
      logic [CntW-1:0] others;                            // queues that must find a free tag
      for (int unsigned q = 0; q < NumQueues; q++) begin
        others = '0;
        for (int unsigned r = 0; r < NumQueues; r++)
          if ((r != q) && (held_q[pool(ask_dev_i[q])][r] == '0)) others = others + 1'b1;
        ask_held[q]  = held_q[pool(ask_dev_i[q])][q];
        ask_may_o[q] = ask_count_i[q] > others;
      end
    end

    always_comb begin
      held_d = held_q;
      if (take_i)
        held_d[pool(ask_dev_i[take_qid_i])][take_qid_i] = held_d[pool(ask_dev_i[take_qid_i])][take_qid_i] + 1'b1;
      if (back_a) held_d[pool(idle_dev_i)][idle_qid_i] = held_d[pool(idle_dev_i)][idle_qid_i] - 1'b1;
      if (back_b) held_d[pool(release_dev_i)][release_qid_i] = held_d[pool(release_dev_i)][release_qid_i] - 1'b1;
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) held_q <= '0;
      else if (take_i || back_a || back_b) held_q <= held_d;
    end

  end

endmodule
