// SPDX-License-Identifier: Apache-2.0
//
// Types that travel between SMMU blocks, and between the SMMU and the root complex.
// Encodings that software or the wire sees live in rtl/regs (generated); these are internal.
package smmu_pkg;

  parameter int unsigned PaW     = 48;  // IDR5.OAS = 5
  parameter int unsigned SidW    = 16;  // IDR1.SIDSIZE: StreamID[15:0] is the requester ID (D4)
  parameter int unsigned SsidW   = 20;
  parameter int unsigned AsidW   = 16;
  parameter int unsigned VmidW   = 16;

  // ---------------------------------------------------------------- memory side (inside smmu_top)
  // Read: one request, then `beats` responses of 128 bits in order; the requester can always sink.
  typedef struct packed {
    logic [PaW-1:0] addr;   // 16-byte aligned
    logic [3:0]     beats;  // number of 128-bit beats minus one; a burst never crosses 4 KiB
  } mrd_req_t;

  typedef struct packed {
    logic [127:0] data;
    logic         err;      // bus abort on this beat
    logic         last;
  } mrd_rsp_t;

  // Write, aligned to its size; `done` comes back when the write is visible (B).
  typedef enum logic [1:0] {
    Mwr4,                   // MSI
    Mwr16,                  // PRI queue entry
    Mwr32                   // event record
  } mwr_size_e;

  typedef struct packed {
    logic [PaW-1:0] addr;
    logic [255:0]   data;   // byte 0 in [7:0], whatever the size
    mwr_size_e      size;
  } mwr_req_t;

  // ---------------------------------------------------------------- command side -> translation side
  typedef enum logic [2:0] {
    CfgiSte,      // one StreamID; leaf 0 also drops the level-1 descriptor
    CfgiSteRange, // 2^(range+1) StreamIDs
    CfgiAll,
    CfgiCd,       // one {sid, ssid}
    CfgiCdAll     // all CDs of sid
  } cfgi_op_e;

  typedef struct packed {
    cfgi_op_e         op;
    logic [31:0]      sid;
    logic [SsidW-1:0] ssid;
    logic [4:0]       range;
    logic             leaf;
  } cfgi_cmd_t;

  typedef enum logic [3:0] {
    TlbiNhAll, TlbiNhAsid, TlbiNhVa, TlbiNhVaa,
    TlbiEl2All, TlbiEl2Asid, TlbiEl2Va, TlbiEl2Vaa,
    TlbiS12Vmall, TlbiS2Ipa, TlbiNsnhAll
  } tlbi_op_e;

  typedef struct packed {
    tlbi_op_e         op;
    logic [VmidW-1:0] vmid;
    logic [AsidW-1:0] asid;
    logic [51:0]      page;   // address[63:12]
    logic             range;  // TG != 0: covers (num+1) << scale pages
    logic [4:0]       num;
    logic [4:0]       scale;
    logic             leaf;
  } tlbi_cmd_t;

  typedef struct packed {
    logic [31:0]      sid;
    logic             ssv;
    logic [SsidW-1:0] ssid;
    logic             g;      
    logic [5:0]       size;   // 0..52
    logic [51:0]      page;   // address[63:12], low bits below the span not yet cleared
  } atc_inv_cmd_t;

  // RESUME and STALL_TERM (smmuv3 section 2). RESUME names one stalled transaction by {sid, stag}: `retry` looks it up again,
  // `abort_` terminates it with an abort, neither terminates it as CD.A / the stream says. STALL_TERM (`all`) terminates
  // every stalled transaction of the StreamID. One that names nothing has no effect.
  typedef struct packed {
    logic        all;
    logic [31:0] sid;
    logic [15:0] stag;
    logic        retry;
    logic        abort_;
  } stall_cmd_t;

  // PRI_RESP (smmuv3 section 2.3).
  typedef struct packed {
    logic [31:0]      sid;
    logic             ssv;
    logic [SsidW-1:0] ssid;
    logic [8:0]       prgi;
    logic [1:0]       resp;   // pri_resp_e
  } pri_rsp_cmd_t;

  // ---------------------------------------------------------------- SMMU <-> root complex, page requests
  // A Page Request message (pcie-ats.md section 10). last with r = w = 0 and a SubstreamID is a stop marker.
  typedef struct packed {
    logic [15:0]      rid;
    logic             ssv;
    logic [SsidW-1:0] ssid;
    logic             priv;
    logic             exec;
    logic             r;
    logic             w;
    logic             last;
    logic [8:0]       prgi;
    logic [51:0]      page;   // address[63:12]
  } pri_req_t;

  // A PRG Response message.
  typedef struct packed {
    logic [15:0]      rid;    // destination function
    logic             ssv;    // PASID prefix carried
    logic [SsidW-1:0] ssid;
    logic [8:0]       prgi;
    logic [3:0]       code;   // 0000 success, 0001 invalid request, 1111 failure
  } prg_rsp_t;

  // ---------------------------------------------------------------- SMMU <-> root complex, invalidation
  typedef struct packed {
    logic [15:0]      rid;     // destination function
    logic [4:0]       itag;
    logic             ssv;     // PASID prefix carried
    logic [SsidW-1:0] ssid;
    logic [63:0]      payload; // the 64-bit word of pcie-ats.md section 3 (root complex makes it big-endian)
  } inv_req_t;

  typedef struct packed {
    logic [15:0] rid;          // requester ID of the completion
    logic [31:0] itags;        // bit n completes ITag n
    logic [2:0]  cc;           // 0 means 8
  } inv_cpl_t;

  typedef struct packed {
    logic [15:0] rid;
    logic [4:0]  itag;
  } inv_ur_t;                  // ur-local of D13: no route, no function, port down

  typedef enum logic [2:0] {
    StrayLate,      // late completion of a quarantined tag (expected, releases it)
    StrayNotBusy,
    StrayRequester, // no such device
    StrayCount,     // copies disagree about the count, or more copies than the count
    StrayZero       // vector of all zeros
  } stray_cause_e;

  typedef enum logic [1:0] {
    StallNone,
    StallTag,       // every tag of the device is busy or being unlinked
    StallLimit,     // INV_LIMIT reached
    StallPending    // the device's pending queue is full
  } itag_stall_e;

  // What a counter wants to know of smmu_atc_inv. `stall` is a level of this cycle (times step_i for a count of cycles);
  // the others count what happens in this cycle. A device's requests leave one a cycle, a completion ends up to 32.
  typedef struct packed {
    itag_stall_e stall;     // why the ATC_INV at the head waits
    logic [4:0]  sent;      // Invalidate Requests handed to the root complex
    logic [5:0]  completed; // requests that ended by completion or local UR
    logic        timed_out; // a request reached its deadline
    logic        refused;   // a command was consumed without a request: every tag quarantined
    logic [9:0]  busy;      // level: tags that are pending, all devices
  } inv_stat_t;

  // ---------------------------------------------------------------- root complex <-> SMMU, transactions
  typedef enum logic [1:0] {
    AtUntranslated = 2'b00,
    AtTranslationReq = 2'b01,
    AtTranslated = 2'b10,
    AtReserved = 2'b11
  } at_e;

  // One outstanding request per port: the root complex sends the next one of a port after the response.
  typedef struct packed {
    logic [3:0]       port;    // index of the root port, returned with the response
    logic [31:0]      sid;
    logic             ssv;
    logic [SsidW-1:0] ssid;
    logic             priv;    // from the PASID prefix
    logic             exec;
    at_e              at;
    logic             write;   // memory request: 1 = write
    logic             nw;      // translation request: no-write flag
    logic [2:0]       num;     // translation request: translations asked for, minus one; else 0
    logic [63:0]      addr;    // full input address
  } tbu_req_t;

  typedef enum logic [1:0] {
    XlatOk,                    // memory request: go to `pa`; translation request: answer `entry`
    XlatAbort,                 // memory request aborted (UR to a read, write dropped); event already queued
    XlatUr,                    // translation request: completion status UR
    XlatCa                     // translation request: completion status CA
  } xlat_status_e;

  typedef struct packed {
    logic [3:0]     port;
    xlat_status_e   status;
    logic [PaW-1:0] pa;        // memory request: full physical address
    logic [63:0]    entry;     // translation request: the 64-bit entry of pcie-ats.md section 2.1
    logic           more;      // translation request: the next response of this port is a further entry of the same answer
    logic           colour;    // drain epoch of D7; goes back with txn_done
  } tbu_rsp_t;

  // A transaction is done when its B or last R has come, when it was aborted, or when a translation
  // completion has entered the root complex's egress (D7). Several sources may report in one cycle.
  parameter int unsigned NumTxnDone = 4; // {abort, translation, read, write}
  typedef struct packed {
    logic valid;
    logic colour;
  } txn_done_t;

  // ---------------------------------------------------------------- command side, inside smmu_top
  // One register write: 64-bit lane `addr`, `half` says which of its two 32-bit registers are written.
  typedef struct packed {
    logic        valid;
    logic [18:3] addr;
    logic [1:0]  half;
    logic [63:0] data;
  } reg_wr_t;

  function automatic logic wr_hit(reg_wr_t w, logic [19:0] offset);
    return w.valid && w.addr == offset[18:3] && w.half[offset[2]];
  endfunction

  // New value of a 32-bit register at `offset`: bits outside `mask` keep `old`.
  function automatic logic [31:0] wr_32(reg_wr_t w, logic [19:0] offset, logic [31:0] old, logic [31:0] mask);
    logic [31:0] data;
    data = offset[2] ? w.data[63:32] : w.data[31:0];
    return wr_hit(w, offset) ? ((data & mask) | (old & ~mask)) : old;
  endfunction

  // New value of a 64-bit register at `offset`, whose halves are written together or apart.
  function automatic logic [63:0] wr_64(reg_wr_t w, logic [19:0] offset, logic [63:0] old, logic [63:0] mask);
    return {wr_32(w, offset | 20'h4, old[63:32], mask[63:32]), wr_32(w, offset, old[31:0], mask[31:0])};
  endfunction

  // A queue as its user sees it: address and size in effect, indexes with the wrap bit at log2size.
  typedef struct packed {
    logic           enable;   // in effect and not asked to stop
    logic [PaW-1:0] base;     // aligned to the size of the queue
    logic [4:0]     log2size; // in effect: at most IDR1.xQS
    logic [19:0]    prod;
    logic [19:0]    cons;
  } queue_t;

  typedef enum logic [2:0] {CmdNop, CmdCfgi, CmdTlbi, CmdAtcInv, CmdStall, CmdPriResp, CmdSync, CmdIll} cmd_kind_e;

  // A 4-byte interrupt write; addr 0 = none, the wired interrupt instead.
  typedef struct packed {
    logic [PaW-1:0] addr;
    logic [31:0]    data;
  } msi_t;

  // Sources of interrupts, bit numbers of the vectors between smmu_irq and smmu_msi; an MSI is written with AXI ID
  // 1 + source.
  parameter int unsigned NumIrq  = 5;
  parameter int unsigned IrqSync = 0, IrqGerror = 1, IrqEvtq = 2, IrqPriq = 3, IrqPmcg = 4;

  // What the identification registers say, and with it what the command side accepts: one word that smmu_top hands
  // down. The values are those of rtl/regs/smmu.rdl, except for what a parameter of smmu_top decides.
  typedef struct packed {
    smmu_reg_pkg::idr0_t idr0;
    smmu_reg_pkg::idr1_t idr1;
    smmu_reg_pkg::idr3_t idr3;
    smmu_reg_pkg::idr5_t idr5;
    smmu_reg_pkg::idr6_t idr6;
  } smmu_id_t;

  // `num_ecmdq` is 0 or a power of two.
  function automatic smmu_id_t smmu_id(int unsigned num_ecmdq);
    smmu_id_t id;
    id.idr0 = smmu_reg_pkg::IDR0_RESET;
    id.idr1 = smmu_reg_pkg::IDR1_RESET;
    id.idr3 = smmu_reg_pkg::IDR3_RESET;
    id.idr5 = smmu_reg_pkg::IDR5_RESET;
    id.idr6 = smmu_reg_pkg::IDR6_RESET;
    id.idr1.ecmdq = num_ecmdq != 0;
    id.idr6.cmdq_control_page_log2numq = 4'($clog2(num_ecmdq));
    return id;
  endfunction

  // What the counters of smmu_pmcg look at, by place in this list; numbers of software: pmcg_event_e. A level counts
  // cycles, the others count what happens in a cycle.
  typedef enum logic [3:0] {
    PmuCycles, PmuTxn, PmuTlbMiss, PmuCfgMiss, PmuAtsReq, PmuAtsTxn,
    PmuInvSent, PmuInvDone, PmuInvTimeout, PmuItagStall, PmuCmdqBusy, PmuInvRefused, PmuWalk, PmuTableRead, PmuNone
  } pmu_event_e;
  parameter int unsigned NumPmuEvt = 14;
  parameter logic [NumPmuEvt:0] PmuLevels = (15'd1 << PmuCycles) | (15'd1 << PmuItagStall) | (15'd1 << PmuCmdqBusy);
  parameter logic [NumPmuEvt:0] PmuBySid  = (15'd1 << PmuTxn) | (15'd1 << PmuAtsReq) | (15'd1 << PmuAtsTxn);
  typedef logic [5:0] pmu_count_t;

  // Writes ones only in the low `n` bits: index and wrap masks of queues (n = 0..20).
  function automatic logic [19:0] low_ones(logic [4:0] n);
    return ~(20'hFFFFF << n);
  endfunction

  // Translation-side configuration, from smmu_regs. Changes only as the register page allows.
  typedef struct packed {
    logic           smmuen;       // in effect (CR0ACK)
    logic           atschk;
    logic           recinvsid;
    logic           rec_cfg_ats;  // CR2.REC_CFG_ATS; 0 without IDR0.ATSRECERR
    logic [2:0]     vmw;          // CR0.VMW in effect; 0 without IDR0.VMW
    logic           gbpa_abort;
    logic           e2h;          // CR2.E2H: EL2 streams (STE.STRW = 2) have an unprivileged side, TTB1 and ASIDs
    logic [PaW-1:0] strtab_base;  // address as written, [5:0] zero
    logic [5:0]     strtab_log2size;
    logic [4:0]     strtab_split;
    logic           strtab_2lvl;
  } xlat_cfg_t;

  // ---------------------------------------------------------------- inside smmu_xlat
  // What smmu_xlat implements; smmu_regs reports it in IDR0, IDR1, IDR5 (table in doc/rtl/smmu_xlat.md).
  parameter int unsigned XlatSsidSize = 20;  // IDR1.SSIDSIZE

  // What a counter wants to know of smmu_xlat: how often each happened in this cycle.
  typedef struct packed {
    logic       txn;        // request accepted, of any kind
    logic       ats;        // of them, translation requests
    logic       cfg_miss;   // configuration looked for and not cached
    logic [2:0] tlb_miss;   // requests that needed a translation which the TLB had not
    logic [2:0] walk_start; // table walks, those for context descriptors behind stage 2 included
    logic [2:0] walk_done;
  } xlat_stat_t;

  // Event number (smmu_events.rdl, evt_e); 0 = no fault.
  typedef logic [7:0] xfault_t;

  // What an STE says that this design uses; legal, so with V = 1 and the checks of smmuv3 section 5 passed.
  typedef struct packed {
    logic [2:0]     cfg;       // STE.Config
    logic [1:0]     s1fmt;     // 3 already turned into 0
    logic [PaW-1:6] s1ptr;
    logic [4:0]     s1cdmax;
    logic [1:0]     s1dss;
    logic           eats_full; // effective EATS is 01
    logic           el2;       // STRW = 2, with stage 1 alone
    logic           s1stalld;
    logic [VmidW-1:0] vmid;
    logic [5:0]     s2t0sz;
    logic [1:0]     s2sl0;
    logic [2:0]     s2ps;
    logic           s2affd;
    logic           s2ptw;
    logic           s2s;
    logic           s2r;
    logic [PaW-1:4] s2ttb;
  } xste_t;

  // Configuration as every request needs it: one word, kept in the configuration cache.
  typedef struct packed {
    logic             has_cd;    // the fields from `asid` on are valid
    logic [2:0]       cfg;       // STE.Config
    logic             s1byp;     // Config 1x1, no SSID, S1DSS = 1
    logic             eats_full;
    logic             s1;        // stage 1 translates (with has_cd)
    logic             s2;        // stage 2 translates; never together with el2 and s1
    logic             el2;       // EL2 or EL2-E2H regime
    logic [VmidW-1:0] vmid;      // STE.S2VMID; 0 without IDR0.S2P
    logic             s2affd;
    logic             s2rec;     // STE.S2R
    logic             s2stall;   // STE.S2S
    logic [AsidW-1:0] asid;
    logic [5:0]       t0sz;
    logic [5:0]       t1sz;
    logic             epd0;
    logic             epd1;
    logic             tbi0;
    logic             tbi1;
    logic             affd;
    logic             wxn;
    logic             uwxn;
    logic             pan;
    logic             rec;       // CD.R
    logic             stall;     // CD.S
  } xcfg_t;

  // Configuration that only a walk needs.
  typedef struct packed {
    logic [PaW-1:4] ttb0;
    logic [PaW-1:4] ttb1;
    logic [2:0]     ips;         // clamped to IDR5.OAS
    logic [PaW-1:4] s2ttb;       // the stage 2 fields are legal: s2_geometry_ok
    logic [5:0]     s2t0sz;
    logic [1:0]     s2sl0;
    logic [2:0]     s2ps;        // codes above IDR5.OAS act as IDR5.OAS
    logic           s2ptw;
  } wcfg_t;

  // A translation: the leaves of the stages that translate, combined, with the table attributes folded in. Without
  // stage 1, af = unpriv = 1 and the other stage 1 bits are 0, which says nothing about access: only the s2* bits count.
  // Without stage 2 the s2* bits are all 1.
  typedef struct packed {
    logic [PaW-1:12] ppn;        // of the smaller of the two leaves: low bits of a block are 0
    logic [1:0]      level;      // of the smaller leaf, 1: 1 GiB, 2: 2 MiB, 3: 4 KiB
    logic            ng;
    logic            af;
    logic            ro;         // AP[2] or APTable[1]
    logic            unpriv;     // AP[1] and not APTable[0]
    logic            pxn;
    logic            uxn;
    logic            s2af;
    logic            s2r;        // S2AP
    logic            s2w;
    logic            s2x;        // not XN[54] (IDR3.XNX = 0)
  } leaf_t;

  // What smmu_verdict is missing.
  typedef enum logic [1:0] {NeedNone, NeedSte, NeedCd, NeedLeaf} xneed_e;

  // Virtual page with the half of the address space on top: {VA[55], VA[47:12]}.
  parameter int unsigned VpnW = PaW - 12 + 1;
  typedef logic [VpnW-1:0] vpn_t;

  // Whose translation an entry of the TLB or of the walk cache is: stage 1 alone, both stages, stage 2 alone, EL2.
  typedef enum logic [1:0] {RegimeS1, RegimeS12, RegimeS2, RegimeEl2} regime_e;

  // Tags are canonical: what a regime does not have is 0, so tags are compared as a whole.
  typedef struct packed {
    regime_e          regime;
    logic [VmidW-1:0] vmid;
    logic [AsidW-1:0] asid;
    vpn_t             vpn;
  } xtag_t;

  // Tag of a request. The caller makes sure that the address is one that this configuration translates
  // (xlat_in_region; without stage 1, address[63:48] = 0).
  function automatic xtag_t tag_of(xcfg_t c, logic [63:0] addr);
    xtag_t t;
    t.regime = !c.s1 ? RegimeS2 : c.el2 ? RegimeEl2 : c.s2 ? RegimeS12 : RegimeS1;
    t.vmid   = (t.regime == RegimeEl2) ? '0 : c.vmid;
    t.asid   = (t.regime == RegimeS2) ? '0 : c.asid;
    t.vpn    = {addr[55] && t.regime != RegimeS2, addr[PaW-1:12]};
    return t;
  endfunction

  // Page number bits inside a leaf, and inside what a table of a level covers.
  function automatic vpn_t leaf_span(logic [1:0] level);
    unique case (level)
      2'd1:    return VpnW'('h3FFFF);
      2'd2:    return VpnW'('h1FF);
      default: return '0;
    endcase
  endfunction

  function automatic vpn_t table_span(logic [1:0] level);
    return (leaf_span(level) << 9) | VpnW'('h1FF);
  endfunction

  // One leaf around `addr` holds that page and the `more` pages after it; also at the end of the address space.
  function automatic logic leaf_covers(logic [1:0] level, logic [63:12] addr, logic [2:0] more);
    logic [17:0] span;
    span = 18'(leaf_span(level));
    return {1'b0, addr[29:12] & span} + 19'(more) <= {1'b0, span} || (addr | 52'(span)) == '1;
  endfunction

  // Where `addr` is inside a leaf.
  function automatic logic [PaW-1:0] leaf_pa(leaf_t l, logic [PaW-1:0] addr);
    unique case (l.level)
      2'd1:    return {l.ppn[PaW-1:30], addr[29:0]};
      2'd2:    return {l.ppn[PaW-1:21], addr[20:0]};
      default: return {l.ppn, addr[11:0]};
    endcase
  endfunction

  // Stage 2 start (smmuv3 section 6): S2SL0 names the level, whose tables resolve IPA bits from s2_start_bit up; up to 16
  // tables may lie side by side, and at least one bit must be resolved. Without IDR3.STT, S2T0SZ is 16..39.
  function automatic logic [5:0] s2_start_bit(logic [1:0] sl0);
    return 6'd21 + 6'd9 * 6'(sl0);
  endfunction

  function automatic logic s2_geometry_ok(logic [5:0] t0sz, logic [1:0] sl0);
    logic [6:0] width, low;
    width = 7'd64 - 7'(t0sz);
    low   = 7'(s2_start_bit(sl0));
    return sl0 != 2'd3 && t0sz >= 6'd16 && t0sz <= 6'd39 && width > low && width <= low + 7'd13;
  endfunction

  // What the walk cache keeps: a table of `level` that a walk can start at, or a stage 2 leaf of `level` that allows reads.
  typedef struct packed {
    logic            leaf;
    logic [1:0]      level;
    logic [PaW-1:12] ppn;        // stage 1 tables of nested walks: an IPA
    logic            ro;         // stage 1: table attributes so far
    logic            unpriv;
    logic            pxn;
    logic            uxn;
    logic            s2w;        // stage 2 leaf
    logic            s2x;
  } walk_entry_t;

  // What an STE alone says to requests with (ssv) or without a SubstreamID.
  function automatic xcfg_t xcfg_of_ste(xste_t s, logic ssv);
    xcfg_t c;
    c           = '0;
    c.cfg       = s.cfg;
    c.s1byp     = s.cfg[0] && s.s1cdmax != '0 && s.s1dss == 2'd1 && !ssv;
    c.eats_full = s.eats_full;
    c.s1        = s.cfg[2] && s.cfg[0] && !c.s1byp;
    c.s2        = s.cfg[2] && s.cfg[1];
    c.el2       = s.el2;
    c.vmid      = s.vmid;
    c.s2affd    = s.s2affd;
    c.s2rec     = s.s2r;
    c.s2stall   = s.s2s;
    return c;
  endfunction

  function automatic wcfg_t wcfg_of_ste(xste_t s);
    wcfg_t w;
    w        = '0;
    w.s2ttb  = s.s2ttb;
    w.s2t0sz = s.s2t0sz;
    w.s2sl0  = s.s2sl0;
    w.s2ps   = s.s2ps;
    w.s2ptw  = s.s2ptw;
    return w;
  endfunction

  // Bits of a physical address for the code of IDR5.OAS and CD.IPS; codes above 48 bits are clamped.
  function automatic logic [5:0] oas_bits(logic [2:0] code);
    unique case (code)
      3'd0:    return 6'd32;
      3'd1:    return 6'd36;
      3'd2:    return 6'd40;
      3'd3:    return 6'd42;
      3'd4:    return 6'd44;
      default: return 6'd48;
    endcase
  endfunction

  // What a TLBI names (smmu_tlbi).
  typedef struct packed {
    logic             s1;        // regimes
    logic             s12;
    logic             s2;
    logic             el2;
    logic             by_vmid;
    logic [VmidW-1:0] vmid;
    logic             by_asid;
    logic [AsidW-1:0] asid;
    logic             global_too;// by_asid: also entries with nG = 0
    logic             by_va;
    logic             ipa;       // by_va: the addresses are IPAs, which entries of both stages do not hold
    vpn_t             first;
    vpn_t             last;
    logic             leaf;      // last level only: tables may stay
  } tlb_inv_t;

  // Half of the address space by VA[55], and the check of the bits above the region (TBI: not the top byte).
  function automatic logic xlat_in_region(xcfg_t c, logic [63:0] va);
    logic [5:0]  tsz;
    logic [63:0] diff;
    tsz  = va[55] ? c.t1sz : c.t0sz;
    diff = va ^ {64{va[55]}};
    if (va[55] ? c.tbi1 : c.tbi0) diff[63:56] = '0;
    return !(va[55] ? c.epd1 : c.epd0) && (diff >> (7'd64 - {1'b0, tsz})) == '0;
  endfunction

endpackage
