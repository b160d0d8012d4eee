// SPDX-License-Identifier: Apache-2.0
//
// Request pipeline: answers what the caches can answer, parks the rest at its port for the resolver.
//
// Cycle 0 accepts a request and looks its configuration up; cycle 1 looks into the TLB and asks smmu_verdict; a plain
// answer (nothing missing, no event) enters the response queue and is on `rsp_*` in cycle 2. Everything else waits in the
// slot of its port and is handed to the resolver, round robin, while other ports' hits pass.
// Guarantees: always ready, one request a cycle; the response queue cannot overflow because it has a place for each port
// and a port has one request outstanding. Responses are out of order between ports.
// Does NOT check that the root complex keeps to one request per port (sim/mon/smmu_xlat_sva.sv does).
// Latency: 2 cycles from accept to response for a plain answer; 2 cycles from accept to `slow_valid_o`.
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

  output logic             slow_valid_o,          // to the resolver
  input  logic             slow_ready_i,
  output tbu_req_t         slow_req_o,
  output logic             slow_colour_o,
  input  logic             slow_rsp_valid_i,      // from the resolver
  output logic             slow_rsp_ready_o,
  input  tbu_rsp_t         slow_rsp_i,
  output logic             quiet_o
);

  localparam int unsigned PortW = (NumEp > 1) ? $clog2(NumEp) : 1;

  typedef struct packed {
    tbu_req_t req;
    logic     colour;
  } slot_t;

  tbu_req_t         req_in;                       // without SubstreamID fields when there is no SubstreamID
  logic             look;                         // the configuration of this StreamID may be cached
  logic             s1_valid_q, s1_hit_q, s1_colour_q;
  tbu_req_t         s1_req_q;
  xcfg_t            s1_xcfg_q;

  xneed_e           need;
  xlat_status_e     status;
  xfault_t          fault;
  logic [PaW-1:0]   pa;
  logic [63:0]      entry;
  logic             plain;

  logic [NumEp-1:0] parked_d, parked_q, grant;
  slot_t            slot_q [NumEp];
  logic [PortW-1:0] pick;
  logic             slow_take;

  logic             q_valid, q_ready, unused_count;
  logic [$clog2(NumEp+1)-1:0] q_count;
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

  assign tlb_valid_o  = s1_valid_q && s1_hit_q && s1_xcfg_q.has_cd && s1_req_q.at != AtTranslated;
  assign tlb_tag_o    = tag_of(s1_xcfg_q, s1_req_q.addr);
  assign tlb_affd_o   = s1_xcfg_q.affd;
  assign tlb_s2affd_o = s1_xcfg_q.s2affd;

  smmu_verdict u_verdict (
    .valid_i (s1_valid_q), .cfg_i, .req_i (s1_req_q), .fault_i ('0), .xcfg_valid_i (s1_hit_q), .xcfg_i (s1_xcfg_q),
    .leaf_valid_i (tlb_hit_i), .leaf_i (tlb_leaf_i),
    .need_o (need), .status_o (status), .event_o (fault), .pa_o (pa), .entry_o (entry)
  );
  assign plain = s1_valid_q && need == NeedNone && fault == '0;

  assign unused_count = ^q_count;

  // The pipeline goes first: it cannot wait, the resolver can.
  assign q_valid          = plain || slow_rsp_valid_i;
  assign q_in             = plain ? '{port: s1_req_q.port, status: status, pa: pa, entry: entry, colour: s1_colour_q}
                                  : slow_rsp_i;
  assign slow_rsp_ready_o = !plain && q_ready;

  fifo_sync #(.T(tbu_rsp_t), .Depth(NumEp)) u_rsp (
    .clk_i, .rst_ni, .clear_i (1'b0),
    .in_valid_i (q_valid), .in_ready_o (q_ready), .in_i (q_in),
    .out_valid_o (rsp_valid_o), .out_ready_i (rsp_ready_i), .out_o (rsp_o), .count_o (q_count)
  );

  arb_rr #(.N(NumEp)) u_pick (
    .clk_i, .rst_ni, .req_i (parked_q), .advance_i (slow_take), .grant_o (grant), .valid_o (slow_valid_o),
    .index_o (pick)
  );
  assign slow_take     = slow_valid_o && slow_ready_i;
  assign slow_req_o    = slot_q[pick].req;
  assign slow_colour_o = slot_q[pick].colour;

  always_comb begin
    parked_d = parked_q;
    if (slow_take) parked_d &= ~grant;
    if (s1_valid_q && !plain) parked_d[s1_req_q.port[PortW-1:0]] = 1'b1;
  end

  assign quiet_o = !req_valid_i && !s1_valid_q && !(rsp_valid_o && rsp_ready_i) && !(slow_rsp_valid_i && q_ready) &&
                   !slow_take;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
      parked_q   <= '0;
    end else begin
      s1_valid_q <= req_valid_i;
      parked_q   <= parked_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (req_valid_i) begin
      s1_req_q    <= req_in;
      s1_colour_q <= colour_i;
      s1_hit_q    <= look_hit_i;
      s1_xcfg_q   <= look_xcfg_i;
    end
    if (s1_valid_q && !plain) slot_q[s1_req_q.port[PortW-1:0]] <= '{req: s1_req_q, colour: s1_colour_q};
  end

endmodule
