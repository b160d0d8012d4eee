// SPDX-License-Identifier: Apache-2.0
//
// Types that travel between the blocks of the endpoint, and the range arithmetic they share
// (pcie-ats.md section 2.1).
package ep_pkg;

  parameter int unsigned NumRd   = 8;   // reads in flight, at most 8: rd_idx_t and one bit of the tag
  parameter int unsigned NumXlat = 4;   // Translation Requests in flight, at most 16
  parameter int unsigned NumJob  = 4;   // descriptors of the ring in work

  typedef logic [51:0] page_t;          // address[63:12], or a mask of page-number bits inside a range
  typedef logic [2:0]  rd_idx_t;        // $clog2(NumRd)
  typedef logic [1:0]  slot_t;          // $clog2(NumXlat)
  typedef logic [1:0]  job_idx_t;       // $clog2(NumJob)
  typedef logic [NumXlat-1:0][1:0] xlat_gen_t; // part of the tag of each Translation Request slot

  // A naturally aligned power-of-two range of untranslated pages, and whom it belongs to.
  typedef struct packed {
    logic        any_pasid;             // matches every PASID and none; only in requests to match
    logic        pasid_valid;
    logic        glob;                  // with pasid_valid: every PASID
    logic        priv;                  // privileged; invalidations reach both
    logic [19:0] pasid;
    page_t       page;                  // bits under `mask` are ignored
    page_t       mask;
  } range_t;

  typedef struct packed {
    range_t range;
    page_t  pa;                         // translated page, bits under range.mask ignored
    logic   r;
    logic   w;
    logic   x;                          // execute, known only if it was asked for
    logic   u;                          // untranslated access only
  } atc_entry_t;

  // A received Invalidate Request.
  typedef struct packed {
    logic [4:0]  itag;
    logic [15:0] ta;                    // requester ID to answer to
    logic [2:0]  tc;
    range_t      range;
  } inv_t;

  // Invalidations answered together: same function, TA, traffic classes and hence count (pcie-ats.md section 3.1).
  typedef struct packed {
    logic [31:0] itags;
    logic [15:0] ta;
    logic [7:0]  tcs;                   // a completion on each of these
    logic        bad;                   // a fault spoils the completion (egress_fault_t, DUPLICATE)
  } inv_batch_t;

  // One copy of their completion.
  typedef struct packed {
    logic [31:0] itags;
    logic [15:0] ta;
    logic [2:0]  tc;
    logic [2:0]  cc;                    // copies, 0 = 8
    logic        bad;                   // a fault spoils the completion (egress_fault_t, DUPLICATE)
  } inv_cpl_t;

  // DMA engine as programmed through BAR0 (ep_reg_pkg).
  typedef struct packed {
    logic        en;
    logic        wr;
    logic        rd;
    logic        use_ats;
    logic        random;
    logic        pri;                   // ask for pages
    page_t       base;
    logic [4:0]  log2_pages;
    logic [31:0] interval;
    logic [31:0] seed;
    logic [31:0] count;
    logic        pasid_valid;
    logic        priv;
    logic        exec;                  // of reads
    logic [19:0] pasid;
    logic [1:0]  log2_lines;            // 64 << log2_lines bytes a transfer
    logic [7:0]  tcs;                   // traffic classes, used in turn
    logic [1:0]  pri_log2;              // pages of a page request group
    logic [31:0] pri_limit;             // cycles until a group is given up; 0 = never
  } dma_cfg_t;

  typedef struct packed {
    logic        en;
    logic        ats;                   // descriptors and outcomes are translated through ATS
    logic [3:0]  log2;                  // descriptors
    logic [4:0]  irq_vec;               // of the interrupt
    logic [63:0] base;
    logic [15:0] tail;
  } ring_cfg_t;

  // Counts of one cycle.
  typedef struct packed {
    logic [1:0] done;
    logic       dropped;
    logic [1:0] aborted;
    logic       inv;
    logic       page;
  } stat_inc_t;

  typedef enum logic [2:0] {XferRead, XferWrite, XferAdd, XferSwap, XferCas} xfer_op_e;

  // One packet of a DMA transfer, inside a page. The generator's transfers are one packet each.
  typedef struct packed {
    xfer_op_e    op;
    logic        write;                 // wants write permission; an AtomicOp wants both
    logic [31:0] number;                // of the transfer, goes into the signature
    logic [12:0] word;                  // of the transfer that the packet begins with, 64 bits
    logic [63:0] iova;
    logic [6:0]  dws;
    logic [2:0]  tc;
    logic        pasid_valid;
    logic        priv;
    logic        exec;
    logic [19:0] pasid;
    logic        ring;                  // of the descriptor ring:
    logic        ats;                   // translate through ATS
    logic        own;                   // a descriptor or an outcome, no data
    job_idx_t    job;
  } xfer_t;

  typedef enum logic [1:0] {EndDone, EndDropped, EndAborted} end_e;

  // How a packet of the ring ended.
  typedef struct packed {
    logic     valid;
    end_e     status;
    logic     own;
    job_idx_t job;
  } end_t;

  // Outcome of a descriptor: bits may add up.
  parameter logic [3:0] RingDone = 4'd0, RingDropped = 4'd1, RingAborted = 4'd2, RingBad = 4'd4;
  typedef logic [NumJob-1:0][127:0] ring_data_t;

  typedef enum logic [3:0] {TxWrite, TxRead, TxXlat, TxInvCpl, TxMsg, TxCpl, TxPage, TxAtomic, TxStatus, TxMsi} tx_kind_e;

  // What a packet needs to be built at egress; payloads are made there (ep_tx_fmt), not carried around.
  typedef struct packed {
    tx_kind_e    kind;
    logic [63:0] addr;                  // memory: address; TxXlat: bit 0 = NW; TxInvCpl: ITags; TxCpl: data; TxPage: page, index, L, W, R
    logic [1:0]  at;                    // memory
    logic        pasid_valid;
    logic        priv;
    logic        exec;
    logic [19:0] pasid;
    logic [12:0] word;                  // TxWrite: first of the signature
    logic [6:0]  dws;                   // TxWrite, TxRead: length
    xfer_op_e    op;                    // TxAtomic
    job_idx_t    job;                   // TxAtomic, TxStatus: whose payload
    logic [31:0] number;                // TxWrite: transfer; TxInvCpl: [18:16] CC; TxInvCpl, TxCpl: [15:0] destination; TxMsg: [7:0] code; TxMsi: data; TxXlat: translations
    logic [7:0]  tag;
    logic [2:0]  tc;
    logic [2:0]  attr;                  // TxCpl: of the request
    logic [2:0]  status;                // TxCpl
    logic        has_data;              // TxCpl: one dword
    logic [2:0]  bytes;                 // TxCpl: Byte Count
    logic [6:0]  lower;                 // TxCpl: Lower Address
    logic        starts_flr;            // TxCpl: answers the write that asked for an FLR
    logic        bad;                   // TxInvCpl: of the batch
  } tx_item_t;

  // Parts of a received completion that the requesters here look at.
  typedef struct packed {
    logic [7:0]  tag;
    logic [2:0]  status;
    logic        poisoned;
    logic        last;                  // no byte of the request is still to come
    logic [3:0]  entries;               // 64-bit words carried, at most 8
    logic [63:0] entry;                 // first 64-bit word, most significant byte first on the wire
  } rx_cpl_t;

  // A received PRG Response.
  typedef struct packed {
    logic        pasid_valid;
    logic [19:0] pasid;
    logic [8:0]  index;
    logic [3:0]  code;
  } prg_t;

  typedef enum logic [2:0] {ErrUr, ErrUnexpectedCpl, ErrMalformed, ErrPoisoned, ErrCplTimeout} err_e;

  typedef enum logic [1:0] {ReplaceRoundRobin, ReplacePlru, ReplaceRandom} atc_replace_e;

  typedef struct packed {
    err_e         kind;
    logic         posted;               // no completion reports it to the requester
    logic [127:0] hdr;                  // dw0 first, in [127:96]
  } err_t;

  // What ep_fault asks of the blocks. The first group is about the invalidation that is handled in this cycle.
  typedef struct packed {
    logic       never_answer;           // no reply
    logic       keep;                   // neither the ATC nor open Translation Requests hear of it
    logic       delay;                  // answer late
    logic       bad;                    // the completion is spoilt
    logic       ur;                     // logged as Unsupported Request
    logic       early;                  // answer before the drain
    logic       stuck;                  // no DMA
    logic       duplicate;              // spoilt completions leave twice
    logic       rogue;                  // DMA takes its address for a translated one
    logic       no_credit;              // takes no packet
    logic       cfg_dead;               // configuration requests are not answered
    ep_reg_pkg::flr_fault_e flr;
  } fault_t;

  // What is wrong with packets, where they are built.
  typedef struct packed {
    logic        wrong_itag;            // of spoilt completions
    logic        wrong_rid;
    logic        wrong_cc;
    logic        forge_req;             // requester ID of requests
    ep_reg_pkg::malformed_e malformed;  // of DMA writes
    logic [15:0] rid;
  } egress_fault_t;

  // A register access: one dword, byte enables as a bit mask. Neither wr nor rd: nothing.
  typedef struct packed {
    logic        wr;
    logic        rd;
    logic [11:0] offset;                // multiple of 4
    logic [31:0] data;
    logic [31:0] mask;
  } cfg_req_t;

  // What a virtual function takes from its physical one.
  typedef struct packed {
    logic        mem_en;
    logic [15:0] bar;                   // BAR0[31:16] of the virtual function
    logic        pasid_en;
    logic        pasid_exec;
    logic        pasid_priv;
    logic [4:0]  stu;
    logic        ext_tag;
    logic [2:0]  mps;
    logic [2:0]  mrrs;
    logic [3:0]  cto_value;
    logic        cto_dis;
  } pf_cfg_t;

  // What the SR-IOV capability of a physical function says.
  typedef struct packed {
    logic        mem_en;
    logic [15:0] bar;                   // VF BAR0[31:16]
    logic [3:0]  count;                 // virtual functions that exist
  } sriov_t;

  // A function among others of its device (ep_device); FnAlone for the only one. State only, as fn_out_t: what depends on the cycle's packet or on
  // another function's wish (room, asking) has ports of its own, or a simulator sees a loop through the structs that is none.
  typedef struct packed {
    logic    absent;                    // a virtual function that is not enabled: held in reset
    pf_cfg_t pf;                        // virtual functions only
    logic    pri_usable;                // virtual functions: the physical one's Page Request Interface is on
    logic    shares_pri;                // and what they all share of it:
    logic    pri_failure;               // a group of any was answered with Response Failure
    logic    pri_unexpected;            // a response to any named no group
  } fn_in_t;

  // State only: nothing here depends on the packet of the cycle or on fn_in_t.
  typedef struct packed {
    logic [5:0]  inv_held;              // places taken in the invalidation queue
    pf_cfg_t     pf;                    // mem_en, bar: of the first virtual function; 0 from a virtual one
    sriov_t      vf;
    logic        pri_usable;
    logic [31:0] pri_alloc;             // Outstanding Page Request Allocation
    logic [5:0]  pri_open;              // page requests out
  } fn_out_t;

  parameter fn_in_t FnAlone = '{absent: 1'b0, pf: '0, pri_usable: 1'b0, shares_pri: 1'b0, pri_failure: 1'b0, pri_unexpected: 1'b0};

  // Completion time-out for a Completion Timeout Value of Device Control 2 (pcie-ats.md section 9.2). `normal` is that of value 0,
  // 50 ms on a real device and in real time (D19); the others keep their proportion to it, each inside its range:
  // 98 us, 6.25 ms, 50 ms, 200 ms, 800 ms, 3.2 s, 12.8 s, 51.2 s. Reserved values act as 0.
  function automatic atc_time_pkg::time_t cto_cycles(atc_time_pkg::time_t normal, logic [3:0] value);
    logic [atc_time_pkg::TimeW+9:0] cycles;
    cycles = {10'd0, normal};
    unique case (value)
      4'h1:    cycles = cycles >> 9;
      4'h2:    cycles = cycles >> 3;
      4'h6:    cycles = cycles << 2;
      4'h9:    cycles = cycles << 4;
      4'hA:    cycles = cycles << 6;
      4'hD:    cycles = cycles << 8;
      4'hE:    cycles = cycles << 10;
      default: ;
    endcase
    if ((normal == atc_time_pkg::NoDeadline) || (cycles[atc_time_pkg::TimeW+9:atc_time_pkg::TimeW] != '0)) return atc_time_pkg::NoDeadline;
    return cycles[atc_time_pkg::TimeW-1:0];
  endfunction

  // New value of a register of which the bits in `wmask` can be written.
  function automatic logic [31:0] cfg_merge(logic [31:0] old, cfg_req_t req, logic [31:0] wmask);
    return (old & ~(req.mask & wmask)) | (req.data & req.mask & wmask);
  endfunction

  // Mask of the page-number bits inside the range that {S, address[63:12]} encodes.
  function automatic page_t size_mask(logic s, page_t t);
    return s ? (t ^ (t + 52'd1)) : '0;
  endfunction

  function automatic logic pages_overlap(page_t a, page_t ma, page_t b, page_t mb);
    return ((a ^ b) & ~(ma | mb)) == '0;
  endfunction

  function automatic logic pasid_hit(range_t held, range_t key);
    return key.any_pasid || ((held.pasid_valid == key.pasid_valid)
                             && (!key.pasid_valid || (held.pasid == key.pasid) || held.glob || key.glob));
  endfunction

  // Does `key` (an invalidation, a lookup) reach what is held for `held`? Privilege is the caller's business.
  function automatic logic range_hit(range_t held, range_t key);
    return pages_overlap(held.page, held.mask, key.page, key.mask) && pasid_hit(held, key);
  endfunction

endpackage
