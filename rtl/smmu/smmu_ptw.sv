// SPDX-License-Identifier: Apache-2.0
//
// Table walk, VMSAv8-64, 4 KiB granule: stage 1, stage 2 or both nested; one walk at a time (smmuv3 section 6).
//
// `start_i` (pulse, while idle) walks `addr_i`, a VA with `s1_i`, else an IPA; `done_o` is a pulse with the results, which
// hold until the next start. `fault_o` is 0 or, in the order of checks of each descriptor, F_TRANSLATION (region, EPD, IPA
// beyond S2T0SZ), F_WALK_EABT, F_TRANSLATION (descriptor), F_ADDR_SIZE, F_ACCESS, and F_PERMISSION where stage 2 refuses
// the read of a stage 1 table (S2AP, or S2PTW and Device memory); `fault_s2_o` is the stage, `class_o` TTD for a fault of
// stage 2 on a stage 1 table and for an abort of a stage 1 table, else INPUT. `fetch_i` with `s1_i` = 0: the SMMU itself
// reads at this IPA (a CD), so that permission is checked here too. An IPA above 48 bits is F_ADDR_SIZE of stage 1.
// Other permissions are not checked here: the leaf carries them, both stages combined, because they depend on the access
// and on CD bits that TLB hits need too. With a fault of stage 2, class INPUT, the leaf has the attributes of stage 1.
// Guarantees (nofill): nothing that was read before an invalidation (`inval_i`: one takes effect in this cycle) is put
// into the walk cache after it.
// Does NOT: update AF or dirty state (IDR0.HTTU = 0), use the contiguous bit.
// The next descriptor is asked for in the cycle in which its address is known (start, response): mrd_req depends on the
// inputs of the same cycle, and must end at a flop.
// Latency, start to done, L = cycles from the handshake of mrd_req to the response: 1, + 1 for each stage 2 translation,
// + L for each descriptor read. All levels, nothing cached: stage 1 1 + 4 L, stage 2 2 + 4 L, nested 6 + 24 L.
module smmu_ptw
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,

  input  logic           start_i,
  input  logic           s1_i,            // held until done, as all down to wcfg
  input  logic           s2_i,
  input  logic           fetch_i,
  input  logic [63:0]    addr_i,
  input  xcfg_t          xcfg_i,
  input  wcfg_t          wcfg_i,
  input  logic           inval_i,
  output logic           done_o,
  output xfault_t        fault_o,
  output logic           fault_s2_o,
  output evt_class_e     class_o,
  output logic [PaW-1:0] ipa_o,           // that stage 2 translated last: of a fault of stage 2, else of the access
  output logic [PaW-1:0] faddr_o,         // of the last descriptor read
  output leaf_t          leaf_o,

  output logic           wc_look_o,       // walk cache, answered in the same cycle
  output xtag_t          wc_tag_o,
  input  logic           wc_hit_i,
  input  walk_entry_t    wc_entry_i,
  output logic           wc_fill_o,
  output walk_entry_t    wc_entry_o,

  output logic           mrd_req_valid_o,
  input  logic           mrd_req_ready_i,
  output mrd_req_t       mrd_req_o,
  input  logic           mrd_rsp_valid_i,
  input  mrd_rsp_t       mrd_rsp_i,
  output logic           quiet_o
);

  typedef enum logic [2:0] {Idle, Look2, Req, Rsp, Done} state_e;

  // What is being read or translated: a stage 1 descriptor, the IPA of one, the IPA of the access.
  typedef enum logic [1:0] {OfStage1, OfTable, OfInput} phase_e;

  state_e         next, state_d, state_q;  // next: before the handshake
  phase_e         phase_d, phase_q;
  xfault_t        fault_d, fault_q;
  logic           s2_d, s2_q;             // of the fault
  evt_class_e     class_d, class_q;
  logic [PaW-1:0] addr_d, addr_q;         // of the descriptor in memory
  logic [PaW-1:0] ipa_d, ipa_q;
  logic [1:0]     level1_d, level1_q;     // of the stage 1 descriptor
  logic [1:0]     level2_d, level2_q;     // of the stage 2 descriptor
  leaf_t          leaf_d, leaf_q;         // collects the table attributes on the way
  logic           nofill_d, nofill_q;
  logic           still;                  // nothing happens but perhaps a handshake
  xtag_t          tag1, tag2;

  // Address bits that index the table of a level, times 8.
  function automatic logic [11:0] index8(logic [47:12] addr, logic [1:0] level);
    unique case (level)
      2'd0:    return {addr[47:39], 3'd0};
      2'd1:    return {addr[38:30], 3'd0};
      2'd2:    return {addr[29:21], 3'd0};
      default: return {addr[20:12], 3'd0};
    endcase
  endfunction

  // Start level of stage 1, and the address of the descriptor there. The start table is aligned to its size.
  function automatic logic [1:0] top1_level(logic [5:0] tsz);
    return (tsz <= 6'd24) ? 2'd0 : (tsz <= 6'd33) ? 2'd1 : 2'd2;
  endfunction

  function automatic logic [PaW-1:0] top1_addr(logic [PaW-1:4] ttb, logic [5:0] tsz, logic [47:12] va);
    logic [11:0] mask;                    // offsets within the start table; VA bits above the region are not index
    logic [5:0]  room;
    unique case (top1_level(tsz))
      2'd0:    room = 6'd25 - tsz;
      2'd1:    room = 6'd34 - tsz;
      default: room = 6'd43 - tsz;
    endcase
    mask = ~(12'hFFF << (room + 6'd3));
    return {ttb[PaW-1:12], ({ttb[11:4], 4'd0} & ~mask) | (index8(va, top1_level(tsz)) & mask)};
  endfunction

  // The same of stage 2, up to 16 tables side by side. The IPA is within S2T0SZ.
  function automatic logic [PaW-1:0] top2_addr(logic [PaW-1:4] ttb, logic [5:0] tsz, logic [1:0] sl0,
                                               logic [PaW-1:0] ipa);
    logic [15:0] mask;
    mask = ~(16'hFFFF << (6'd3 - tsz - s2_start_bit(sl0)));  // 3 + (64 - tsz) - first bit, modulo 64
    return {ttb[PaW-1:16], ({ttb[15:4], 4'd0} & ~mask) | {13'(ipa >> s2_start_bit(sl0)), 3'd0}};
  endfunction

  assign tag1 = tag_of(xcfg_i, addr_i);
  assign tag2 = '{regime: RegimeS2, vmid: xcfg_i.vmid, asid: '0, vpn: {1'b0, ipa_q[PaW-1:12]}};

  assign wc_look_o = (state_q == Idle) ? start_i && s1_i : state_q == Look2;
  assign wc_tag_o  = (state_q == Idle || phase_q == OfStage1) ? tag1 : tag2;

  always_comb begin
    logic [63:0]     desc;
    logic            is_leaf;
    logic            bad_type;
    logic            go1;                 // the stage 1 descriptor at at1 is next
    logic [PaW-1:0]  at1;
    logic            end2;                // stage 2 has an answer
    walk_entry_t     got2;
    logic            got2_af, got2_r;
    logic [PaW-1:12] page;

    next       = state_q;
    phase_d    = phase_q;
    fault_d    = fault_q;
    s2_d       = s2_q;
    class_d    = class_q;
    addr_d     = addr_q;
    ipa_d      = ipa_q;
    level1_d   = level1_q;
    level2_d   = level2_q;
    leaf_d     = leaf_q;
    nofill_d   = nofill_q || inval_i;
    wc_fill_o  = 1'b0;
    wc_entry_o = '0;
    still      = 1'b1;
    go1        = 1'b0;
    at1        = '0;
    end2       = 1'b0;
    got2       = '0;
    got2_af    = 1'b1;
    got2_r     = 1'b1;
    page       = '0;
    desc       = addr_q[3] ? mrd_rsp_i.data[127:64] : mrd_rsp_i.data[63:0];
    is_leaf    = 1'b0;
    bad_type   = 1'b0;

    unique case (state_q)
      Idle: if (start_i) begin
        still    = 1'b0;
        nofill_d = inval_i;
        fault_d  = '0;
        s2_d     = 1'b0;
        class_d  = EVT_CLASS_INPUT;
        ipa_d    = addr_i[PaW-1:0];
        phase_d  = OfInput;
        leaf_d   = '{ppn: '0, level: '0, ng: 1'b0, af: 1'b1, ro: 1'b0, unpriv: 1'b1, pxn: 1'b0, uxn: 1'b0,
                     s2af: 1'b1, s2r: 1'b1, s2w: 1'b1, s2x: 1'b1};
        if (!s1_i) begin
          next    = Look2;
          if (addr_i[63:PaW] != '0) begin
            fault_d = EVT_F_ADDR_SIZE;
            next    = Done;
          end
        end else if (!xlat_in_region(xcfg_i, addr_i)) begin
          fault_d = EVT_F_TRANSLATION;
          next    = Done;
        end else begin
          go1 = 1'b1;
          if (wc_hit_i) begin
            level1_d      = wc_entry_i.level;
            at1           = {wc_entry_i.ppn, index8(addr_i[47:12], wc_entry_i.level)};
            leaf_d.ro     = wc_entry_i.ro;
            leaf_d.unpriv = wc_entry_i.unpriv;
            leaf_d.pxn    = wc_entry_i.pxn;
            leaf_d.uxn    = wc_entry_i.uxn;
          end else if (addr_i[55]) begin
            level1_d = top1_level(xcfg_i.t1sz);
            at1      = top1_addr(wcfg_i.ttb1, xcfg_i.t1sz, addr_i[47:12]);
          end else begin
            level1_d = top1_level(xcfg_i.t0sz);
            at1      = top1_addr(wcfg_i.ttb0, xcfg_i.t0sz, addr_i[47:12]);
          end
        end
      end

      Look2: begin
        still   = 1'b0;
        next    = Req;
        if ((ipa_q >> (7'd64 - 7'(wcfg_i.s2t0sz))) != '0) begin
          fault_d = EVT_F_TRANSLATION;
          s2_d    = 1'b1;
          next    = Done;
        end else if (wc_hit_i && wc_entry_i.leaf) begin
          end2 = 1'b1;
          got2 = wc_entry_i;
        end else if (wc_hit_i) begin
          level2_d = wc_entry_i.level;
          addr_d   = {wc_entry_i.ppn, index8(ipa_q[47:12], wc_entry_i.level)};
        end else begin
          level2_d = 2'd2 - wcfg_i.s2sl0;
          addr_d   = top2_addr(wcfg_i.s2ttb, wcfg_i.s2t0sz, wcfg_i.s2sl0, ipa_q);
        end
      end

      Rsp: if (mrd_rsp_valid_i) begin
        still     = 1'b0;
        next      = Done;
        wc_fill_o = !nofill_q && !inval_i;
        is_leaf   = !desc[1] || ((phase_q == OfStage1) ? level1_q : level2_q) == 2'd3;
        bad_type  = !desc[0] || (!desc[1] && (((phase_q == OfStage1) ? level1_q : level2_q) inside {2'd0, 2'd3}));
        if (mrd_rsp_i.err) fault_d = EVT_F_WALK_EABT;
        else if (bad_type) fault_d = EVT_F_TRANSLATION;
        else if (phase_q == OfStage1) begin
          if ((desc[51:12] >> (oas_bits(wcfg_i.ips) - 6'd12)) != '0) fault_d = EVT_F_ADDR_SIZE;
          else if (is_leaf && !desc[10] && !xcfg_i.affd) fault_d = EVT_F_ACCESS;
          else if (is_leaf) begin
            wc_fill_o     = 1'b0;
            page          = desc[PaW-1:12] & ~(PaW-12)'(leaf_span(level1_q));
            leaf_d.ppn    = page;
            leaf_d.level  = level1_q;
            leaf_d.ng     = desc[11];
            leaf_d.af     = desc[10];
            leaf_d.ro     = leaf_q.ro || desc[7];
            leaf_d.unpriv = leaf_q.unpriv && desc[6];
            leaf_d.pxn    = leaf_q.pxn || desc[53];
            leaf_d.uxn    = leaf_q.uxn || desc[54];
            if (s2_i) begin
              ipa_d   = {page | (addr_i[PaW-1:12] & (PaW-12)'(leaf_span(level1_q))), addr_i[11:0]};
              phase_d = OfInput;
              next    = Look2;
            end
          end else begin
            leaf_d.ro     = leaf_q.ro || desc[62];
            leaf_d.unpriv = leaf_q.unpriv && !desc[61];
            leaf_d.pxn    = leaf_q.pxn || desc[59];
            leaf_d.uxn    = leaf_q.uxn || desc[60];
            level1_d      = level1_q + 1'b1;
            go1           = 1'b1;
            at1           = {desc[PaW-1:12], index8(addr_i[47:12], level1_d)};
            wc_entry_o    = '{leaf: 1'b0, level: level1_d, ppn: desc[PaW-1:12], ro: leaf_d.ro, unpriv: leaf_d.unpriv,
                              pxn: leaf_d.pxn, uxn: leaf_d.uxn, s2w: 1'b0, s2x: 1'b0};
          end
        end else begin
          if ((desc[51:12] >> (oas_bits(wcfg_i.s2ps) - 6'd12)) != '0) fault_d = EVT_F_ADDR_SIZE;
          else if (!is_leaf) begin
            level2_d   = level2_q + 1'b1;
            addr_d     = {desc[PaW-1:12], index8(ipa_q[47:12], level2_d)};
            next       = Req;
            wc_entry_o = '{leaf: 1'b0, level: level2_d, ppn: desc[PaW-1:12], default: 1'b0};
          end else if (!desc[10] && !xcfg_i.s2affd) fault_d = EVT_F_ACCESS;
          else if ((phase_q == OfTable || fetch_i) && (!desc[6] || (wcfg_i.s2ptw && desc[5:4] == 2'b00)))
            fault_d = EVT_F_PERMISSION;
          else begin
            // Kept when it is of use for tables: AF set, readable, not Device, so that a hit needs no checks.
            wc_fill_o  = !nofill_q && !inval_i && desc[10] && desc[6] && desc[5:4] != 2'b00 &&
                         (phase_q == OfTable || fetch_i || level2_q != 2'd3);
            got2       = '{leaf: 1'b1, level: level2_q, ppn: desc[PaW-1:12] & ~(PaW-12)'(leaf_span(level2_q)),
                           s2w: desc[7], s2x: !desc[54], default: 1'b0};
            got2_af    = desc[10];
            got2_r     = desc[6];
            wc_entry_o = got2;
            end2       = 1'b1;
          end
        end
        if (fault_d != '0) begin
          wc_fill_o = 1'b0;
          s2_d      = phase_q != OfStage1;
          if (phase_q == OfTable || (phase_q == OfStage1 && mrd_rsp_i.err)) class_d = EVT_CLASS_TTD;
        end
      end

      Done: begin
        still   = 1'b0;
        next    = Idle;
      end

      default: ;
    endcase

    if (state_q == Look2 && fault_d != '0 && phase_q == OfTable) class_d = EVT_CLASS_TTD;

    if (go1 && s2_i) begin
      ipa_d   = at1;
      phase_d = OfTable;
      next    = Look2;
    end else if (go1) begin
      addr_d  = at1;
      phase_d = OfStage1;
      next    = Req;
    end

    if (end2) begin
      page = got2.ppn | (ipa_q[PaW-1:12] & (PaW-12)'(leaf_span(got2.level)));
      if (phase_q == OfTable) begin
        addr_d  = {page, ipa_q[11:0]};
        phase_d = OfStage1;
        next    = Req;
      end else begin
        leaf_d.level = (got2.level > leaf_q.level) ? got2.level : leaf_q.level;
        leaf_d.ppn   = page & ~(PaW-12)'(leaf_span(leaf_d.level));
        leaf_d.s2af  = got2_af;
        leaf_d.s2r   = got2_r;
        leaf_d.s2w   = got2.s2w;
        leaf_d.s2x   = got2.s2x;
        next         = Done;
      end
    end
  end

  assign state_d         = (next == Req && mrd_req_ready_i) ? Rsp : next;
  assign done_o          = state_q == Done;
  assign fault_o         = fault_q;
  assign fault_s2_o      = s2_q;
  assign class_o         = class_q;
  assign ipa_o           = ipa_q;
  assign faddr_o         = addr_q;
  assign leaf_o          = leaf_q;
  assign quiet_o         = (state_q == Req) ? !mrd_req_ready_i : still;
  assign mrd_req_valid_o = next == Req;
  assign mrd_req_o       = '{addr: {addr_d[PaW-1:4], 4'd0}, beats: 4'd0};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q  <= Idle;
      phase_q  <= OfStage1;
      fault_q  <= '0;
      s2_q     <= 1'b0;
      class_q  <= EVT_CLASS_INPUT;
      addr_q   <= '0;
      ipa_q    <= '0;
      level1_q <= '0;
      level2_q <= '0;
      leaf_q   <= '0;
      nofill_q <= 1'b0;
    end else begin
      state_q  <= state_d;
      phase_q  <= phase_d;
      fault_q  <= fault_d;
      s2_q     <= s2_d;
      class_q  <= class_d;
      addr_q   <= addr_d;
      ipa_q    <= ipa_d;
      level1_q <= level1_d;
      level2_q <= level2_d;
      leaf_q   <= leaf_d;
      nofill_q <= nofill_d;
    end
  end

endmodule
