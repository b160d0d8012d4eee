// SPDX-License-Identifier: Apache-2.0
//
// The invariant of timeout_list, bound to every instance: what makes the proofs that use the list inductive. A shadow
// keeps the order of the entries; pointers and start times must agree with it. Left out when mutants are tried: those
// must fall to the properties.
module timeout_list_lemma
  import atc_time_pkg::*;
#(
  parameter int unsigned N = 4,
  localparam int unsigned IdxW = $clog2(N),
  localparam int unsigned CntW = $clog2(N + 1)
) (
  input logic            clk_i,
  input logic            rst_ni,
  input time_t           now_i,
  input time_t           threshold_i,
  input logic            insert_i,
  input logic [IdxW-1:0] insert_index_i,
  input logic            unlink_i,
  input logic [IdxW-1:0] unlink_index_i,
  input logic [N-1:0]    linked_i,
  input logic [N-1:0]    pending_i,
  input logic            filled_i,
  input logic [IdxW-1:0] head_i,
  input logic [IdxW-1:0] tail_i,
  input logic [IdxW-1:0] next_i [N],
  input logic [IdxW-1:0] prev_i [N],
  input time_t           start_i [N]
);

  logic [IdxW-1:0] order_q [N], order_d [N];   // oldest first
  logic [CntW-1:0] count_q = '0, count_d;

  always_comb begin
    logic found;
    order_d = order_q;
    count_d = count_q;
    found   = 1'b0;
    if (unlink_i) begin
      for (int unsigned i = 0; i < N; i++) begin
        if ((i < 32'(count_q)) && (order_q[i] == unlink_index_i)) found = 1'b1;
        if (found && (i + 1 < N)) order_d[i] = order_q[(i+1)%N];
      end
      count_d = count_q - CntW'(1);
    end
    if (insert_i) begin
      order_d[IdxW'(count_d)] = insert_index_i;
      count_d                 = count_d + CntW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) count_q <= '0;
    else count_q <= count_d;
    order_q <= order_d;
  end

  function automatic time_t age(logic [IdxW-1:0] e);
    return now_i - start_i[e];
  endfunction

  always_comb begin
    if (rst_ni) begin
      assert (32'(count_q) <= N);
      assert (32'($countones(linked_i)) == 32'(count_q));
      assert ((pending_i & ~linked_i) == '0);
      assert (filled_i == (count_q != '0));
      if (count_q != '0) begin
        assert (head_i == order_q[0]);
        assert (tail_i == order_q[IdxW'(count_q - CntW'(1))]);
        assert (age(head_i) <= threshold_i);
      end
      for (int unsigned i = 0; i < N; i++) begin
        if (i < 32'(count_q)) begin
          assert (linked_i[order_q[i]]);
          assert (age(order_q[i]) != '0);
          if (i + 1 < 32'(count_q)) begin
            assert (next_i[order_q[i]] == order_q[(i+1)%N]);
            assert (prev_i[order_q[(i+1)%N]] == order_q[i]);
            assert (age(order_q[i]) > age(order_q[(i+1)%N]));
          end
        end
        for (int unsigned j = 0; j < i; j++)
          if (i < 32'(count_q)) assert (order_q[i] != order_q[j]);
      end
    end
  end

endmodule

bind timeout_list timeout_list_lemma #(
  .N(N)
) u_lemma (
  .clk_i         (clk_i),
  .rst_ni        (rst_ni),
  .now_i         (now_i),
  .threshold_i   (threshold_i),
  .insert_i      (insert_valid_i),
  .insert_index_i(insert_index_i),
  .unlink_i      (unlink_valid_o),
  .unlink_index_i(unlink_index_o),
  .linked_i      (linked_q),
  .pending_i     (pending_q),
  .filled_i      (filled_q),
  .head_i        (head_q),
  .tail_i        (tail_q),
  .next_i        (next_q),
  .prev_i        (prev_q),
  .start_i       (start_q)
);
