// SPDX-License-Identifier: Apache-2.0
//
// Transaction-layer packets as they travel on a link: real headers, payload bytes in wire order.
// Source: pcie-ats.md sections 1 to 3 (non-flit headers, 32-bit dwords, dw0 first on the wire).
//
// One packet is one transfer of tlp_t on a ready/valid stream; the link charges it the cycles that its
// bytes need (pcie_link). Payload is limited to MaxPayload bytes, 64, 128 or 256: wide packets cost simulation speed, so
// the model that carries them is built on purpose (ATC_MAX_PAYLOAD). Writes of 64 bytes are legal for every
// Max_Payload_Size; reads may ask for more and are completed in pieces of one 64-byte read completion boundary.
`ifndef ATC_MAX_PAYLOAD
`define ATC_MAX_PAYLOAD 64
`endif
package tlp_pkg;

  parameter int unsigned MaxPayload = `ATC_MAX_PAYLOAD;  // bytes
  // Max_Payload_Size (128 << n bytes, section 9) of ports and endpoints: the largest that a build supports, and the dwords that a setting
  // means. A larger setting means the largest; nothing is longer than what a packet of the build carries.
  parameter logic [2:0]  MpsSupported = (MaxPayload > 128) ? 3'd1 : 3'd0;
  parameter int unsigned Rcb        = 64;                // read completion boundary, bytes
  parameter int unsigned MaxXlatDw  = 16;                // payload of a Translation Request: 8 entries

  typedef struct packed {
    logic                    pfx_valid;
    logic [31:0]             pfx;   // PASID prefix, pcie-ats.md section 1.4
    logic [31:0]             dw0;
    logic [31:0]             dw1;
    logic [31:0]             dw2;
    logic [31:0]             dw3;   // unused by 3-dword headers
    logic [MaxPayload*8-1:0] data;  // payload byte n (wire order) in [8n+7:8n]
  } tlp_t;

  typedef enum logic [1:0] {ClassP, ClassNp, ClassCpl, ClassBad} tlp_class_e;

  // byte 0 = {fmt, type}
  parameter logic [7:0] MRd3 = 8'h00, MRd4 = 8'h20, MWr3 = 8'h40, MWr4 = 8'h60;
  // Well-formed, and supported by nobody here: locked reads, I/O requests. Their class is that of any other request with an answer.
  parameter logic [7:0] MRdLk3 = 8'h01, MRdLk4 = 8'h21, IORd = 8'h02, IOWr = 8'h42;
  parameter logic [7:0] CfgRd0 = 8'h04, CfgWr0 = 8'h44;
  parameter logic [7:0] CfgRd1 = 8'h05, CfgWr1 = 8'h45;
  parameter logic [7:0] FetchAdd3 = 8'h4C, Swap3 = 8'h4D, Cas3 = 8'h4E;
  parameter logic [7:0] FetchAdd4 = 8'h6C, Swap4 = 8'h6D, Cas4 = 8'h6E;
  parameter logic [7:0] Cpl = 8'h0A, CplD = 8'h4A, CplLk = 8'h0B, CplDLk = 8'h4B;   // Lk: of locked reads
  // messages without and with data, by route (section 1.2)
  parameter logic [7:0] MsgRoot = 8'h30, MsgAddr = 8'h31, MsgId = 8'h32;
  parameter logic [7:0] MsgBcast = 8'h33, MsgLocal = 8'h34, MsgGather = 8'h35;
  parameter logic [7:0] MsgDRoot = 8'h70, MsgDAddr = 8'h71, MsgDId = 8'h72;
  parameter logic [7:0] MsgDBcast = 8'h73, MsgDLocal = 8'h74, MsgDGather = 8'h75;
  parameter logic [7:0] PasidPrefix = 8'h91;

  parameter logic [7:0] MsgInvReq = 8'h01, MsgInvCpl = 8'h02, MsgPageReq = 8'h04, MsgPrgRsp = 8'h05;
  parameter logic [7:0] MsgErrCor = 8'h30, MsgErrNonfatal = 8'h31, MsgErrFatal = 8'h33;

  parameter logic [2:0] CplSc = 3'b000, CplUr = 3'b001, CplRrs = 3'b010, CplCa = 3'b100;

  function automatic logic [7:0] tlp_kind(tlp_t t);
    return t.dw0[31:24];
  endfunction

  function automatic logic tlp_is_4dw(tlp_t t);
    return t.dw0[29];
  endfunction

  function automatic logic tlp_has_data(tlp_t t);
    return t.dw0[30];
  endfunction

  function automatic logic [9:0] tlp_len_dw(tlp_t t);
    return t.dw0[9:0];
  endfunction

  function automatic logic [1:0] tlp_at(tlp_t t);
    return t.dw0[11:10];
  endfunction

  // The forms on a header dword are for per-cycle logic: passing a whole packet copies it in simulation.
  function automatic tlp_class_e kind_class(logic [7:0] kind);
    unique case (kind)
      MWr3, MWr4,
      MsgRoot, MsgAddr, MsgId, MsgBcast, MsgLocal, MsgGather,
      MsgDRoot, MsgDAddr, MsgDId, MsgDBcast, MsgDLocal, MsgDGather: return ClassP;
      MRd3, MRd4, MRdLk3, MRdLk4, IORd, IOWr,
      CfgRd0, CfgWr0, CfgRd1, CfgWr1,
      FetchAdd3, Swap3, Cas3, FetchAdd4, Swap4, Cas4:               return ClassNp;
      Cpl, CplD, CplLk, CplDLk:                                     return ClassCpl;
      default:                                                      return ClassBad;
    endcase
  endfunction

  function automatic logic [6:0] mps_dw(logic [2:0] mps);
    return (MaxPayload > 128 && mps == 3'd0) ? 7'd32 : 7'(MaxPayload / 4);
  endfunction

  function automatic tlp_class_e tlp_class(tlp_t t);
    return kind_class(t.dw0[31:24]);
  endfunction

  // Bytes on the wire above the data link layer: prefix, header, payload.
  function automatic logic [9:0] hdr_wire_bytes(logic pfx_valid, logic [31:0] dw0);
    logic [9:0] hdr, pay;
    hdr = dw0[29] ? 10'd16 : 10'd12;
    pay = dw0[30] ? {1'b0, dw0[6:0], 2'b00} : 10'd0;
    return hdr + pay + (pfx_valid ? 10'd4 : 10'd0);
  endfunction

  function automatic logic [9:0] tlp_wire_bytes(tlp_t t);
    return hdr_wire_bytes(t.pfx_valid, t.dw0);
  endfunction

  // Address of a memory request, [1:0] = 0.
  function automatic logic [63:0] tlp_mem_addr(tlp_t t);
    return t.dw0[29] ? {t.dw2, t.dw3[31:2], 2'b00} : {32'd0, t.dw2[31:2], 2'b00};
  endfunction

  // ---------------------------------------------------------------- inside the root complex
  // A packet without its payload.
  typedef struct packed {
    logic        pfx_valid;
    logic [31:0] pfx;
    logic [31:0] dw0;
    logic [31:0] dw1;
    logic [31:0] dw2;
    logic [31:0] dw3;
  } tlp_hdr_t;

  // What an upstream request becomes.
  typedef enum logic [2:0] {
    RcWrite,   // memory write
    RcRead,    // memory read
    RcXlat,    // translation request
    RcAtomic,  // FetchAdd, Swap, CAS
    RcUr,      // answered with UR without looking further
    RcCa       // answered with CA: access control forbids it
  } rc_req_e;

  // Why a packet was thrown away.
  typedef enum logic [2:0] {
    RcDropMalformed,   // length, byte enables, 4 KiB crossing, prefix, AT of a write
    RcDropUnsupported, // no such packet upstream
    RcDropSource,      // requester ID is not the port's (D15)
    RcDropUnexpected,  // completion of a kind that nothing waits for
    RcDropNoRoom,      // PRG Response to no function, to a link that is down, or to a port whose queue is full
    RcDropPoisoned,    // EP bit on a packet with data
    RcDropBlocked,     // AT other than 0 while ACS Translation Blocking is on (D15)
    RcDropIsolated     // its requester is isolated (D16)
  } rc_drop_e;

  // A translated memory request on its way to AXI.
  typedef struct packed {
    logic [47:0] pa;    // dword aligned
    logic [6:0]  len;   // dwords, 1..MaxPayload/4; of a read at most one read completion boundary, 16
    logic [3:0]  fbe;   // byte enables of the first and of the last dword; lbe is 0 when len is 1
    logic [3:0]  lbe;
    logic [17:0] user;  // {translated, device-visible, requester ID}
  } rc_job_t;

  // An AtomicOp with its physical address (rc_amo). The operand is naturally aligned; of CAS [63:0] is compared.
  typedef enum logic [1:0] {AmoAdd, AmoSwap, AmoCas} rc_amo_e;
  typedef struct packed {
    rc_amo_e      op;
    logic         wide;     // 8 bytes, else 4
    logic [47:0]  pa;
    logic [127:0] operand;  // payload as it came
    logic [17:0]  user;
    logic         colour;
  } rc_amo_t;

  // What a completion needs to know about its request.
  typedef struct packed {
    logic [15:0] rid;
    logic [7:0]  tag;
    logic [2:0]  tc;
    logic [2:0]  attr;  // {IDO, RO, NS}
    logic [11:0] bytes;
    logic [6:0]  lower;
    logic        locked;   // of a locked read
  } rc_cpl_hdr_t;

  // A request of the CPU to a device: three header dwords and at most one dword of data.
  typedef struct packed {
    logic [31:0] dw0;
    logic [31:0] dw1;
    logic [31:0] dw2;
    logic [31:0] data;
  } rc_cfg_tlp_t;

  // ---------------------------------------------------------------- inside the switch
  // What the configuration space of a switch port says to the routing.
  typedef struct packed {
    logic         mem_en;        // memory requests may go down through it
    logic         bme;           // and up
    logic [2:0]   mps;           // Max_Payload_Size of what it takes
    logic [7:0]   pri_bus;
    logic [7:0]   sec_bus;       // 0: no bus below it yet
    logic [7:0]   sub_bus;
    logic [31:16] mem_base;      // both ends included; empty when base is above limit
    logic [31:16] mem_limit;
    logic [63:20] pref_base;
    logic [63:20] pref_limit;
    logic         acs_source;    // Source Validation
    logic         acs_blocking;  // Translation Blocking
    logic         acs_request;   // P2P Request Redirect
    logic         acs_cpl;       // P2P Completion Redirect
    logic         acs_direct;    // Direct Translated P2P
  } sw_port_t;

  // What becomes of a packet that arrives at a switch port.
  typedef enum logic [3:0] {
    SwForward,    // to one port
    SwOwn,        // configuration request for one of the switch's own ports
    SwToZero,     // to one port, as a type 0 configuration request
    SwBroadcast,  // to every downstream port
    SwUr,         // non-posted: answered here with Unsupported Request
    SwCa,         // non-posted: answered here with Completer Abort (ACS violation)
    SwDropUr,     // posted or completion without a way: thrown away
    SwDropAcs,    // posted, ACS violation: thrown away
    SwDropBad,    // malformed: longer than Max_Payload_Size; thrown away, whatever it is
    SwConsume     // message that ends at this port
  } sw_route_e;

  // 64-bit payload words of ATS messages and completions travel most significant byte first.
  function automatic logic [63:0] bswap64(logic [63:0] v);
    return {v[7:0], v[15:8], v[23:16], v[31:24], v[39:32], v[47:40], v[55:48], v[63:56]};
  endfunction

endpackage
