// SPDX-License-Identifier: Apache-2.0
//
// Address translation cache: fully associative, entries of any power-of-two size, PASID tagged.
//
// One operation a cycle, each done in the cycle it is accepted: an invalidation (always accepted) before an
// insertion before a lookup. Invalidation drops every entry that overlaps the range (pcie-ats.md section 3), so
// neither a larger nor a partly covered entry survives. An insertion drops what overlaps it under the same
// PASID first; entries of one PASID therefore never overlap and a lookup hits at most one.
// Victim: an entry the insertion overlaps, else a free one, else round robin.
// Guarantees: a lookup never sees an entry that an invalidation accepted in an earlier or the same cycle covers.
// Does not: check permissions, know about Translation Requests in flight (ep_xlat).
// The comparators are used by the operation of the cycle only (nothing toggles without one).
module ep_atc
  import ep_pkg::*;
#(
  parameter int unsigned NumAtc = 64,
  localparam int unsigned IdxW = (NumAtc > 1) ? $clog2(NumAtc) : 1,
  localparam int unsigned CntW = $clog2(NumAtc + 1)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            flush_i,       // empties it at the next edge, wins over everything

  input  logic            inv_valid_i,
  input  range_t          inv_i,
  output logic [CntW-1:0] inv_count_o,   // entries this invalidation drops

  input  logic            ins_valid_i,
  output logic            ins_ready_o,
  input  atc_entry_t      ins_i,

  input  logic            lkp_valid_i,
  output logic            lkp_ready_o,
  input  range_t          lkp_i,         // one page: mask 0
  output logic            lkp_hit_o,
  output atc_entry_t      lkp_entry_o,   // when lkp_hit_o

  output logic [CntW-1:0] count_o        // valid entries
);

  atc_entry_t        entry_q [NumAtc];
  logic [NumAtc-1:0] valid_q, valid_d, hit;
  logic [IdxW-1:0]   next_q;             // round-robin victim

  assign ins_ready_o = !inv_valid_i;
  assign lkp_ready_o = !inv_valid_i && !ins_valid_i;
  assign count_o     = CntW'($countones(valid_q));

  // ---------------------------------------------------------------- compare
  range_t key;
  logic   compare;

  assign compare = inv_valid_i || ins_valid_i || lkp_valid_i;
  assign key     = inv_valid_i ? inv_i : ins_valid_i ? ins_i.range : lkp_i;

  always_comb begin
    hit = '0;
    if (compare) begin
      for (int unsigned i = 0; i < NumAtc; i++) begin
        if (valid_q[i]) hit[i] = range_hit(entry_q[i].range, key);
      end
    end
  end

  logic [IdxW-1:0] hit_idx, free_idx, victim;

  always_comb begin
    hit_idx  = '0;
    free_idx = '0;
    if (compare) begin
      for (int unsigned i = 0; i < NumAtc; i++) begin
        if (hit[i]) hit_idx = IdxW'(i);
        if (!valid_q[i]) free_idx = IdxW'(i);
      end
    end
  end

  assign lkp_hit_o   = lkp_valid_i && lkp_ready_o && (hit != '0);
  assign lkp_entry_o = entry_q[hit_idx];
  assign inv_count_o = inv_valid_i ? CntW'($countones(hit)) : '0;

  // ---------------------------------------------------------------- update
  logic insert, rotate;

  assign insert = ins_valid_i && ins_ready_o && !flush_i;
  assign rotate = insert && (hit == '0) && (&valid_q);
  assign victim = (hit != '0) ? hit_idx : rotate ? next_q : free_idx;

  always_comb begin
    valid_d = valid_q;
    if (inv_valid_i || insert) valid_d = valid_q & ~hit;
    if (insert) valid_d[victim] = 1'b1;
    if (flush_i) valid_d = '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      next_q  <= '0;
    end else begin
      valid_q <= valid_d;
      if (rotate) next_q <= (next_q == IdxW'(NumAtc - 1)) ? '0 : next_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (insert) entry_q[victim] <= ins_i;
  end

endmodule
