// SPDX-License-Identifier: Apache-2.0
//
// Free ITags, handed out least recently freed first (D4). After reset all are free, 0 first.
//
// Scope device: one ring of tags per device. Scope global (TagScopeGlobal): one list of tag numbers that are busy
// nowhere, in the order in which they ceased to be busy; a device skips the numbers quarantined for it (`ask_skip_i`),
// which another device may use meanwhile.
// Each queue asks for a device of its own (`ask_*`); one of them takes. Whether it may is smmu_itag_share's business.
// A tag pushed in cycle t can be handed out in t + 1. All answers are combinational.
module smmu_itag_free #(
  parameter int unsigned NumEp          = 4,
  parameter int unsigned NumTags        = 32,
  parameter bit          TagScopeGlobal = 1'b0,
  parameter int unsigned NumQueues      = 1,
  localparam int unsigned DevW = (NumEp > 1) ? $clog2(NumEp) : 1,
  localparam int unsigned TagW = (NumTags > 1) ? $clog2(NumTags) : 1,
  localparam int unsigned QW   = (NumQueues > 1) ? $clog2(NumQueues) : 1,
  localparam int unsigned CntW = $clog2(NumTags + 1)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [NumQueues-1:0][DevW-1:0]    ask_dev_i,
  input  logic [NumQueues-1:0][2**TagW-1:0] ask_skip_i,   // scope global: tags that the device must not get
  output logic [NumQueues-1:0]              ask_avail_o,
  output logic [NumQueues-1:0][CntW-1:0]    ask_count_o,  // free tags of the device; scope global: in all
  input  logic               take_i,              // only with ask_avail_o of that queue
  input  logic [QW-1:0]      take_qid_i,
  output logic [TagW-1:0]    tag_o,               // of the queue take_qid_i
  input  logic               idle_valid_i,        // a tag ceased to be busy (completed, cancelled or timed out)
  input  logic               idle_quar_i,         // ... and goes to quarantine
  input  logic [DevW-1:0]    idle_dev_i,
  input  logic [TagW-1:0]    idle_tag_i,
  input  logic               release_valid_i,     // a tag left quarantine
  input  logic [DevW-1:0]    release_dev_i,
  input  logic [TagW-1:0]    release_tag_i
);

  localparam int unsigned Stride = 2 ** TagW;

  if (TagScopeGlobal) begin : gen_global

    logic [TagW-1:0] order_q [NumTags], order_d [NumTags], first [NumQueues], pos;
    logic [CntW-1:0] count_q, count_d;
    logic            unused;

    assign unused = ^{ask_dev_i, idle_quar_i, idle_dev_i, release_valid_i, release_dev_i, release_tag_i};

    always_comb begin
      ask_avail_o = '0;
      for (int unsigned q = 0; q < NumQueues; q++) begin
        ask_count_o[q] = count_q;
        first[q]       = '0;
        for (int unsigned i = 0; i < NumTags; i++) begin
          if (!ask_avail_o[q] && (i < 32'(count_q)) && !ask_skip_i[q][order_q[i]]) begin
            ask_avail_o[q] = 1'b1;
            first[q]       = TagW'(i);
          end
        end
      end
    end
    assign pos   = first[take_qid_i];
    assign tag_o = order_q[pos];

    always_comb begin
      order_d = order_q;
      count_d = count_q;
      if (take_i) begin
        for (int unsigned i = 0; i + 1 < NumTags; i++) if (i >= 32'(pos)) order_d[i] = order_q[i+1];
        count_d = count_q - 1'b1;
      end
      if (idle_valid_i) begin
        order_d[TagW'(count_d)] = idle_tag_i;
        count_d                 = count_d + 1'b1;
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        count_q <= CntW'(NumTags);
        for (int unsigned i = 0; i < NumTags; i++) order_q[i] <= TagW'(i);
      end else if (take_i || idle_valid_i) begin
        count_q <= count_d;
        order_q <= order_d;
      end
    end

  end else begin : gen_device

    logic [TagW-1:0]  ring_q [NumEp * Stride];
    logic [TagW-1:0]  rd_q [NumEp], wr_q [NumEp];
    logic [CntW-1:0]  count_q [NumEp];
    logic             push_a, push_b, same;
    logic [DevW-1:0]  taker;                       // device that a tag is taken for
    logic [NumEp-1:0] take, freed, released;      // by device
    logic             unused;

    localparam int unsigned EntW = $clog2(NumEp * Stride);
    function automatic logic [EntW-1:0] slot(logic [DevW-1:0] dev, logic [TagW-1:0] pos);
      return EntW'({dev, pos});
    endfunction

    assign unused  = ^ask_skip_i;
    assign push_a  = idle_valid_i && !idle_quar_i;
    assign push_b  = release_valid_i;
    assign same    = push_a && (idle_dev_i == release_dev_i);
    assign taker   = ask_dev_i[take_qid_i];
    always_comb begin
      for (int unsigned d = 0; d < NumEp; d++) begin
        take[d]     = take_i && (taker == DevW'(d));
        freed[d]    = push_a && (idle_dev_i == DevW'(d));
        released[d] = push_b && (release_dev_i == DevW'(d));
      end
    end
    always_comb begin
      for (int unsigned q = 0; q < NumQueues; q++) begin
        ask_count_o[q] = count_q[ask_dev_i[q]];
        ask_avail_o[q] = ask_count_o[q] != '0;
      end
    end
    assign tag_o = ring_q[slot(taker, rd_q[taker])];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        for (int unsigned d = 0; d < NumEp; d++) begin
          rd_q[d]    <= '0;
          wr_q[d]    <= TagW'(NumTags);
          count_q[d] <= CntW'(NumTags);
          for (int unsigned t = 0; t < Stride; t++) ring_q[d*Stride+t] <= TagW'(t);
        end
      end else begin
        if (push_a) ring_q[slot(idle_dev_i, wr_q[idle_dev_i])] <= idle_tag_i;
        if (push_b) ring_q[slot(release_dev_i, wr_q[release_dev_i] + TagW'(same))] <= release_tag_i;
        for (int unsigned d = 0; d < NumEp; d++) begin
          rd_q[d]    <= rd_q[d] + TagW'(take[d]);
          wr_q[d]    <= wr_q[d] + TagW'(freed[d]) + TagW'(released[d]);
          count_q[d] <= count_q[d] - CntW'(take[d]) + CntW'(freed[d]) + CntW'(released[d]);
        end
      end
    end

  end

endmodule
