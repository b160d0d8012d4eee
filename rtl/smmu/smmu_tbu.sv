// SPDX-License-Identifier: Apache-2.0
//
// Request pipeline: answers what the caches can answer, parks the rest at its port for the resolvers; keeps stalled
// transactions.
//
// Cycle 0 accepts a request and looks its configuration up; cycle 1 looks into the TLB and asks smmu_verdict; a plain
// answer (nothing missing, no event, one entry) enters the response queue and is on `rsp_*` in cycle 2. Everything else waits
// in the slot of its port and is handed to a resolver, round robin, while other ports' hits pass.
// A resolver's response with `slow_rsp_stall_i` puts the transaction back into its slot as stalled (smmuv3 section 5.1, S):
// its event is on its way, it leaves the drain (D7), and its port, only that port, waits. RESUME retry parks it again, RESUME
// abort and STALL_TERM answer it with an abort (TERM_MODEL = 1: the same), and so does SMMUEN = 0. What is taken up again
// takes the colour of that cycle. STAG is {count of stalls[11:0], port}: a RESUME that comes twice finds nothing.
// Guarantees: always ready, one request a cycle; the response queue cannot overflow: it has a place for each port, a port has
// one request outstanding, and an entry that is followed by another goes into an empty queue only. Responses are out of
// order between ports.
// Does NOT check that the root complex keeps to one request per port (sim/mon/smmu_xlat_sva.sv does).
// Latency: 2 cycles from accept to response for a plain answer; 2 cycles from accept to `slow_valid_o`; `stall_valid_i` to
// `slow_valid_o` or abort response 1 cycle, or 1 and its turn.
module smmu_tbu
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp = 4,
  localparam int unsigned KeyW = SidW + 1 + SsidW
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  xlat_cfg_t        cfg_i,
  input  logic             colour_i,

  input  logic             req_valid_i,
  output logic             req_ready_o,
  input  tbu_req_t         req_i,
  output logic             rsp_valid_o,
  input  logic             rsp_ready_i,
  output tbu_rsp_t         rsp_o,

  output logic             look_valid_o,          // configuration cache, answered in the same cycle
  output logic [KeyW-1:0]  look_key_o,
  input  logic             look_hit_i,
  input  xcfg_t            look_xcfg_i,

  output logic             tlb_valid_o,           // TLB, answered in the same cycle
  output xtag_t            tlb_tag_o,
  output logic             tlb_affd_o,
  output logic             tlb_s2affd_o,
  input  logic             tlb_hit_i,
  input  leaf_t            tlb_leaf_i,

  output logic             slow_valid_o,          // to a resolver
  input  logic             slow_ready_i,
  output tbu_req_t         slow_req_o,
  output logic             slow_colour_o,
  output logic             slow_cold_o,           // whether it needs a translation is not known yet
  output logic [11:0]      stag_count_o,          // of the next stall
  input  logic             slow_rsp_valid_i,      // from a resolver
  output logic             slow_rsp_ready_o,
  input  tbu_rsp_t         slow_rsp_i,
  input  logic             slow_rsp_stall_i,      // no answer: it stalled, under the STAG of `slow_rsp_stag_i`
  input  logic [11:0]      slow_rsp_stag_i,

  input  logic             stall_valid_i,         // RESUME, STALL_TERM; applied in this cycle
  input  stall_cmd_t       stall_i,
  output logic             stalled_o,             // something is stalled, or about to be aborted
  output logic [1:0]       accept_o,              // to the drain: counted in this cycle
  output logic             uncount_o,
  output logic             uncount_colour_o,

  output logic             cfg_miss_o,            // pulses of xlat_stat_t
  output logic             tlb_miss_o,
  output logic             quiet_o
);

  localparam int unsigned PortW = (NumEp > 1) ? $clog2(NumEp) : 1;
  localparam int unsigned Depth = NumEp + 1;

  tbu_req_t         req_in;                       // without SubstreamID fields when there is no SubstreamID
  logic             look;                         // the configuration of this StreamID may be cached
  logic             s1_valid_q, s1_hit_q, s1_colour_q, s1_looked_q;
  tbu_req_t         s1_req_q;
  xcfg_t            s1_xcfg_q;

  xneed_e           need;
  xlat_status_e     status;
  xfault_t          fault;
  logic [PaW-1:0]   pa;
  logic [63:0]      entry;
  logic [1:0]       level;
  logic             plain, unused_verdict;
  logic [PortW-1:0] s1_port, slow_port;

  logic [NumEp-1:0] parked_d, parked_q, grant;
  logic [NumEp-1:0] stalled_d, stalled_q;         // waits for a RESUME
  logic [NumEp-1:0] kill_d, kill_q;               // its abort is due
  logic [NumEp-1:0] colour_d, colour_q, cold_q;
  tbu_req_t         slot_q [NumEp];
  logic [11:0]      stag_q [NumEp];
  logic [11:0]      stag_count_q;
  logic [PortW-1:0] pick, kill_pick;
  logic             slow_take, slow_fire, stalls, retried, kill_fire;

  logic             q_valid, q_ready;
  logic [$clog2(Depth+1)-1:0] q_count;
  tbu_rsp_t         q_in;

  always_comb begin
    req_in = req_i;
    if (!req_i.ssv) begin
      req_in.ssid = '0;
      req_in.priv = 1'b0;
      req_in.exec = 1'b0;
    end
  end

  assign req_ready_o  = 1'b1;
  assign look         = req_in.sid[31:SidW] == '0;
  assign look_valid_o = req_valid_i && cfg_i.smmuen && look;
  assign look_key_o   = {req_in.sid[SidW-1:0], req_in.ssv, req_in.ssid};

  assign tlb_valid_o  = s1_valid_q && s1_hit_q && (s1_xcfg_q.s1 ? s1_xcfg_q.has_cd : s1_xcfg_q.s2) &&
                        s1_req_q.at != AtTranslated;
  assign tlb_tag_o    = tag_of(s1_xcfg_q, s1_req_q.addr);
  assign tlb_affd_o   = s1_xcfg_q.affd;
  assign tlb_s2affd_o = s1_xcfg_q.s2affd;

  smmu_verdict u_verdict (
    .valid_i (s1_valid_q), .cfg_i, .req_i (s1_req_q), .fault_i ('0), .fault_s2_i (1'b0), .xcfg_valid_i (s1_hit_q),
    .xcfg_i (s1_xcfg_q), .leaf_valid_i (tlb_hit_i), .leaf_i (tlb_leaf_i), .leaf1_valid_i (1'b0),
    .need_o (need), .status_o (status), .event_o (fault), .event_s2_o (unused_verdict), .stall_o (stalls), .pa_o (pa),
    .entry_o (entry), .level_o (level)
  );
  // A stall always has an event. An answer of several entries is made by a resolver.
  assign plain = s1_valid_q && need == NeedNone && fault == '0 && !stalls &&
                 (s1_req_q.num == '0 || entry[1:0] == '0 || leaf_covers(level, s1_req_q.addr[63:12], s1_req_q.num));
  assign s1_port   = s1_req_q.port[PortW-1:0];
  assign slow_port = slow_rsp_i.port[PortW-1:0];

  assign cfg_miss_o = s1_valid_q && s1_looked_q && !s1_hit_q;
  assign tlb_miss_o = s1_valid_q && need == NeedLeaf;

  // The pipeline goes first: it cannot wait, the resolvers can.
  always_comb begin
    q_valid = 1'b0;
    q_in    = slow_rsp_i;
    if (plain) begin
      q_valid = 1'b1;
      q_in    = '{port: s1_req_q.port, status: status, pa: pa, entry: entry, more: 1'b0, colour: s1_colour_q};
    end else if (slow_rsp_valid_i) begin
      q_valid = !slow_rsp_stall_i && !(slow_rsp_i.more && rsp_valid_o);
    end else if (kill_q != '0) begin
      q_valid = 1'b1;
      q_in    = '{port: 4'(kill_pick), status: XlatAbort, pa: '0, entry: '0, more: 1'b0, colour: colour_i};
    end
  end
  assign slow_rsp_ready_o = slow_rsp_stall_i || (!plain && q_ready && !(slow_rsp_i.more && rsp_valid_o));
  assign slow_fire        = slow_rsp_valid_i && slow_rsp_stall_i;
  assign kill_fire        = kill_q != '0 && !plain && !slow_rsp_valid_i && q_ready;

  fifo_sync #(.T(tbu_rsp_t), .Depth(Depth)) u_rsp (
    .clk_i, .rst_ni, .clear_i (1'b0),
    .in_valid_i (q_valid), .in_ready_o (q_ready), .in_i (q_in),
    .out_valid_o (rsp_valid_o), .out_ready_i (rsp_ready_i), .out_o (rsp_o), .count_o (q_count)
  );

  arb_rr #(.N(NumEp)) u_pick (
    .clk_i, .rst_ni, .req_i (parked_q), .advance_i (slow_take), .grant_o (grant), .valid_o (slow_valid_o),
    .index_o (pick)
  );
  assign slow_take     = slow_valid_o && slow_ready_i;
  assign slow_req_o    = slot_q[pick];
  assign slow_colour_o = colour_q[pick];
  assign slow_cold_o   = cold_q[pick];

  always_comb begin
    kill_pick = '0;
    for (int unsigned i = 0; i < NumEp; i++) if (kill_q[NumEp-1-i]) kill_pick = PortW'(NumEp - 1 - i);
  end

  always_comb begin
    parked_d  = parked_q;
    stalled_d = stalled_q;
    kill_d    = kill_q;
    colour_d  = colour_q;
    retried   = 1'b0;
    if (slow_take) parked_d &= ~grant;
    if (s1_valid_q && !plain) begin
      parked_d[s1_port] = 1'b1;
      colour_d[s1_port] = s1_colour_q;
    end
    if (kill_fire) kill_d[kill_pick] = 1'b0;
    if (stall_valid_i) begin
      for (int unsigned i = 0; i < NumEp; i++) begin
        if (stalled_q[i] && slot_q[i].sid == stall_i.sid && (stall_i.all || stall_i.stag == {stag_q[i], 4'(i)})) begin
          stalled_d[i] = 1'b0;
          if (!stall_i.all && stall_i.retry && cfg_i.smmuen) begin
            parked_d[i] = 1'b1;
            colour_d[i] = colour_i;
            retried     = 1'b1;
          end else begin
            kill_d[i] = 1'b1;
          end
        end
      end
    end
    if (!cfg_i.smmuen && stalled_q != '0) begin
      kill_d   |= stalled_q & ~parked_d;
      stalled_d = '0;
    end
    if (slow_fire) stalled_d[slow_port] = 1'b1;
  end

  assign stag_count_o     = stag_count_q;
  assign stalled_o        = stalled_q != '0 || kill_q != '0;
  assign accept_o         = 2'(req_valid_i) + 2'(retried) + 2'(kill_fire);
  assign uncount_o        = slow_fire;
  assign uncount_colour_o = slow_rsp_i.colour;

  assign quiet_o = !req_valid_i && !s1_valid_q && !(rsp_valid_o && rsp_ready_i) && !(slow_rsp_valid_i && slow_rsp_ready_o) &&
                   !slow_take && !stall_valid_i && !kill_fire && (cfg_i.smmuen || stalled_q == '0);

  logic unused_count;
  assign unused_count = ^{q_count, stall_i.abort_};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      s1_valid_q   <= 1'b0;
      parked_q     <= '0;
      stalled_q    <= '0;
      kill_q       <= '0;
      stag_count_q <= '0;
    end else begin
      s1_valid_q <= req_valid_i;
      parked_q   <= parked_d;
      stalled_q  <= stalled_d;
      kill_q     <= kill_d;
      if (slow_fire) stag_count_q <= stag_count_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    colour_q <= colour_d;
    if (req_valid_i) begin
      s1_req_q    <= req_in;
      s1_colour_q <= colour_i;
      s1_looked_q <= look_valid_o;
      s1_hit_q    <= look_hit_i;
      s1_xcfg_q   <= look_xcfg_i;
    end
    if (s1_valid_q && !plain) begin
      slot_q[s1_port] <= s1_req_q;
      cold_q[s1_port] <= need != NeedLeaf;
    end
    if (slow_fire) stag_q[slow_port] <= slow_rsp_stag_i;
  end

endmodule
