// SPDX-License-Identifier: Apache-2.0
//
// Address translation cache: set-associative for ranges of the base size (one STU), beside a small fully associative array
// for larger ones; entries carry PASID, privilege and the Global bit.
//
// One operation a cycle: an invalidation (never refused) before an insertion before a lookup. Lookup and insertion are done
// in their cycle. An invalidation searches `search_i` entries a cycle (0: all of them at once) and is done when
// `inv_ready_o`; it drops every entry that overlaps the range (pcie-ats.md section 3), so neither a larger nor a partly
// covered entry survives. One that is interrupted starts over.
// Sets = 1: a range of any size may use any way; no second array is needed (Large = 0).
// Newest wins: an insertion drops what it overlaps in its set and among the large ones; a large one leaves entries of the
// base size that it covers where they are, and a lookup prefers it to them. Both came from the TA and an invalidation
// reaches both.
// Global entries serve every PASID (pitfall 26: only if the TA said so); an invalidation of any PASID drops them.
// Victim: an entry the insertion overlaps, else a free one, else by `Replace` (ep_atc_replace).
// Guarantees: a lookup never sees an entry that an invalidation finished in an earlier or the same cycle covers.
// Does not: check permissions, know about Translation Requests in flight (ep_xlat).
// The comparators are used by the operation of the cycle only (nothing toggles without one).
module ep_atc
  import ep_pkg::*;
#(
  parameter int unsigned  Sets    = 1,    // power of two
  parameter int unsigned  Ways    = 64,
  parameter int unsigned  Large   = 0,    // entries for larger ranges; at least 1 if Sets > 1
  parameter atc_replace_e Replace = ReplaceRoundRobin,
  localparam int unsigned Base = Sets * Ways,
  localparam int unsigned Num  = Base + Large,
  localparam int unsigned IdxW = (Num > 1) ? $clog2(Num) : 1,
  localparam int unsigned CntW = $clog2(Num + 1)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            flush_i,       // empties it at the next edge, wins over everything
  input  logic [4:0]      stu_i,         // changes only while it is empty
  input  logic [9:0]      search_i,      // entries an invalidation searches in a cycle, 0 = all; held constant

  input  logic            inv_valid_i,
  output logic            inv_ready_o,   // the search ends in this cycle
  output logic            inv_first_o,   // ... began in this cycle
  input  range_t          inv_i,
  output logic [CntW-1:0] inv_count_o,   // entries this invalidation drops, when inv_ready_o

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

  localparam int unsigned SetW   = (Sets > 1) ? $clog2(Sets) : 1;
  localparam int unsigned WayW   = (Ways > 1) ? $clog2(Ways) : 1;
  localparam int unsigned LargeW = (Large > 1) ? $clog2(Large) : 1;

  atc_entry_t     entry_q [Num];
  logic [Num-1:0] valid_q, valid_d, hit;

  assign ins_ready_o = !inv_valid_i;
  assign lkp_ready_o = !inv_valid_i && !ins_valid_i;
  assign count_o     = CntW'($countones(valid_q));

  // ---------------------------------------------------------------- where to look
  logic            compare, ins_large;
  range_t          key;
  logic [SetW-1:0] set;
  logic [IdxW-1:0] first;                 // first way of the set

  assign compare = ins_valid_i || lkp_valid_i;

  always_comb begin
    key       = '0;
    ins_large = 1'b0;
    set       = '0;
    if (inv_valid_i) begin
      key = inv_i;
    end else if (compare) begin
      key = ins_valid_i ? ins_i.range : lkp_i;
      if (Sets > 1) begin
        ins_large = ins_valid_i && (ins_i.range.mask != (52'd1 << stu_i) - 52'd1);
        set       = SetW'(key.page >> stu_i);
      end
    end
  end
  assign first = (Sets > 1) ? IdxW'(32'(set) * Ways) : '0;

  // ---------------------------------------------------------------- search of an invalidation
  logic [CntW-1:0] from_q, found_q;
  logic            whole;
  logic [10:0]     upto;

  assign whole       = (search_i == '0) || (11'(search_i) >= 11'(Num));
  assign upto        = 11'(from_q) + 11'(search_i);
  assign inv_ready_o = inv_valid_i && (whole || (upto >= 11'(Num)));
  assign inv_first_o = inv_valid_i && (from_q == '0);
  assign inv_count_o = inv_valid_i ? found_q + CntW'($countones(hit)) : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      from_q  <= '0;
      found_q <= '0;
    end else if (inv_valid_i && !inv_ready_o && !flush_i) begin
      from_q  <= CntW'(upto);
      found_q <= inv_count_o;
    end else begin
      from_q  <= '0;
      found_q <= '0;
    end
  end

  // ---------------------------------------------------------------- compare
  function automatic logic same(range_t held, range_t k);
    return range_hit(held, k) && (held.priv == k.priv);
  endfunction

  always_comb begin
    hit = '0;
    if (inv_valid_i) begin
      for (int unsigned i = 0; i < Num; i++) begin
        if (valid_q[i] && (whole || ((11'(i) >= 11'(from_q)) && (11'(i) < upto)))) hit[i] = range_hit(entry_q[i].range, key);
      end
    end else if (compare) begin
      if (!ins_large) begin
        for (int unsigned w = 0; w < Ways; w++) begin
          if (valid_q[first + IdxW'(w)]) hit[first + IdxW'(w)] = same(entry_q[first + IdxW'(w)].range, key);
        end
      end
      for (int unsigned i = Base; i < Num; i++) begin
        if (valid_q[i]) hit[i] = same(entry_q[i].range, key);
      end
    end
  end

  // ---------------------------------------------------------------- pick
  logic            way_hit, way_free, large_hit, large_free;
  logic [IdxW-1:0] way_hit_idx, way_free_idx, large_hit_idx, large_free_idx, hit_idx, victim;
  logic [WayW-1:0] way_victim;
  logic [LargeW-1:0] large_victim;

  always_comb begin
    {way_hit, way_free, large_hit, large_free}                          = '0;
    {way_hit_idx, way_free_idx, large_hit_idx, large_free_idx} = '0;
    if (compare && !inv_valid_i) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        if (hit[first + IdxW'(w)]) begin
          way_hit     = 1'b1;
          way_hit_idx = first + IdxW'(w);
        end
        if (!valid_q[first + IdxW'(w)]) begin
          way_free     = 1'b1;
          way_free_idx = first + IdxW'(w);
        end
      end
      for (int unsigned i = Base; i < Num; i++) begin
        if (hit[i]) begin
          large_hit     = 1'b1;
          large_hit_idx = IdxW'(i);
        end
        if (!valid_q[i]) begin
          large_free     = 1'b1;
          large_free_idx = IdxW'(i);
        end
      end
    end
  end

  assign hit_idx     = large_hit ? large_hit_idx : way_hit_idx;
  assign lkp_hit_o   = lkp_valid_i && lkp_ready_o && (way_hit || large_hit);
  assign lkp_entry_o = entry_q[hit_idx];

  // ---------------------------------------------------------------- update
  logic insert, rotate_way, rotate_large;

  assign insert       = ins_valid_i && ins_ready_o && !flush_i;
  assign rotate_way   = insert && !ins_large && !way_hit && !way_free;
  assign rotate_large = insert && ins_large && !large_hit && !large_free;

  always_comb begin
    if (ins_large) victim = large_hit ? large_hit_idx : large_free ? large_free_idx : IdxW'(Base + 32'(large_victim));
    else           victim = way_hit ? way_hit_idx : way_free ? way_free_idx : first + IdxW'(way_victim);
  end

  always_comb begin
    valid_d = valid_q;
    if (inv_valid_i || insert) valid_d = valid_q & ~hit;
    if (insert) valid_d[victim] = 1'b1;
    if (flush_i) valid_d = '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= valid_d;
  end

  always_ff @(posedge clk_i) begin
    if (insert) entry_q[victim] <= ins_i;
  end

  // ---------------------------------------------------------------- replacement
  ep_atc_replace #(.Sets(Sets), .Ways(Ways), .Replace(Replace)) u_replace (
    .clk_i, .rst_ni,
    .set_i   (set),
    .use_i   ((lkp_hit_o && !large_hit) || (insert && !ins_large)),
    .way_i   (insert ? WayW'(victim - first) : WayW'(way_hit_idx - first)),
    .evict_i (rotate_way),
    .victim_o(way_victim)
  );

  if (Large > 0) begin : gen_large
    ep_atc_replace #(.Sets(1), .Ways(Large), .Replace(Replace)) u_replace (
      .clk_i, .rst_ni,
      .set_i   (1'b0),
      .use_i   ((lkp_hit_o && large_hit) || (insert && ins_large)),
      .way_i   (LargeW'((insert ? victim : large_hit_idx) - IdxW'(Base))),
      .evict_i (rotate_large),
      .victim_o(large_victim)
    );
  end else begin : gen_no_large
    assign large_victim = '0;
    logic unused_rotate;
    assign unused_rotate = rotate_large;
  end

endmodule
