// SPDX-License-Identifier: Apache-2.0
//
// Where a packet goes that arrives at port `Index` of a switch (0: the upstream port, d + 1: downstream port d).
//
// By address (memory requests, messages routed so): into the window of a downstream port, otherwise upstream. By ID
// (completions, messages, type 1 configuration requests): to the downstream port whose buses hold the number, otherwise
// upstream. A type 1 request for the bus right below a downstream port becomes type 0. Messages to the root go upstream,
// broadcasts of the root to every downstream port, local ones end here. Configuration requests from below, requests for no
// port and whatever would leave by the port it came in by are unsupported.
// The switch's own ports: a type 0 request from above for device 0 is for the upstream port, a type 1 request for the bus
// inside the switch and device d for downstream port d; function 0 each.
// What comes from above must lie inside the upstream port's buses and windows as well. Memory requests need Memory Space
// Enable of every port that they go down through, and Bus Master Enable of every port that they go up through.
// A packet whose payload is longer than the Max_Payload_Size of the port that it comes in by is malformed.
// ACS (D15) at downstream ports: pcie_acs judges first. Peer to peer: requests for a sibling go upstream instead when
// P2P Request Redirect is on, unless they are translated and Direct Translated P2P is on; completions likewise with P2P
// Completion Redirect, unless they carry RO. Translation Requests always go upstream: the translation agent is there.
// Combinational; `route_o` means nothing while `valid_i` is low. Sources: pcie-ats.md sections 1.2, 1.3, 1.5.
module pcie_switch_route
  import tlp_pkg::*;
#(
  parameter int unsigned NumDown = 4,                    // downstream ports, 1..16
  parameter int unsigned Index   = 0,
  localparam int unsigned OutW = $clog2(NumDown + 2),
  localparam int unsigned DownW = (NumDown > 1) ? $clog2(NumDown) : 1
) (
  input  logic            valid_i,
  input  tlp_hdr_t        hdr_i,
  input  tlp_class_e      class_i,
  input  logic [4:0]      acs_i,                         // {direct, completion, request, blocking, source}
  input  logic            bme_i,                         // of port Index
  input  logic [2:0]      mps_i,
  input  sw_port_t        above_i,                       // upstream port
  // downstream ports; both ends included
  input  logic [NumDown-1:0]       mem_en_i,
  input  logic [NumDown-1:0][7:0]  sec_bus_i,
  input  logic [NumDown-1:0][7:0]  sub_bus_i,
  input  logic [NumDown-1:0][15:0] mem_base_i,           // address bits 31 to 16
  input  logic [NumDown-1:0][15:0] mem_limit_i,
  input  logic [NumDown-1:0][63:0] pref_base_i,          // whole megabytes
  input  logic [NumDown-1:0][63:0] pref_limit_i,
  output sw_route_e       route_o,
  output logic [OutW-1:0] out_o                          // port number
);

  logic [7:0]       kind;
  logic [1:0]       at;
  logic [63:16]     addr;
  logic [15:0]      id;
  logic             is_mem, is_cfg, is_cpl, is_np, by_addr, by_id, redirect, source, translated, unused_hdr;
  logic             any, high;                           // a downstream port is named; address above 4 GiB
  logic             held;                                // the upstream port's windows or buses hold it
  logic             too_long;                            // longer than the port's Max_Payload_Size
  logic             own;                                 // the switch's own port hit_index is named
  logic [7:0]       below;                               // the bus right below it
  logic [OutW-1:0]  hit_index;

  if (Index == 0) begin : gen_upstream
    logic unused_acs;
    assign source     = 1'b0;
    assign translated = 1'b0;
    assign unused_acs = ^acs_i[1:0];
  end else begin : gen_downstream
    pcie_acs u_acs (
      .valid_i,
      .source_validation_i   (acs_i[0]),
      .translation_blocking_i(acs_i[1]),
      .sec_bus_i             (sec_bus_i[Index - 1]),
      .sub_bus_i             (sub_bus_i[Index - 1]),
      .kind_i                (hdr_i.dw0[31:24]),
      .at_i                  (hdr_i.dw0[11:10]),
      .rid_i                 (hdr_i.dw1[31:16]),
      .source_o              (source),
      .translated_o          (translated)
    );
  end

  // What kind of packet, and which downstream port it names.
  always_comb begin
    kind      = '0;
    at        = '0;
    addr      = '0;
    id        = '0;
    is_mem    = 1'b0;
    is_cfg    = 1'b0;
    is_cpl    = 1'b0;
    is_np     = 1'b0;
    by_addr   = 1'b0;
    by_id     = 1'b0;
    any       = 1'b0;
    high      = 1'b0;
    below     = '0;
    hit_index = '0;
    held      = 1'b0;
    own       = 1'b0;
    too_long      = 1'b0;
    if (valid_i) begin
      too_long    = hdr_i.dw0[30] && (hdr_i.dw0[9:0] == '0 || hdr_i.dw0[9:0] > {3'd0, mps_dw(mps_i)});
      kind    = hdr_i.dw0[31:24];
      at      = hdr_i.dw0[11:10];
      is_cpl  = class_i == ClassCpl;
      is_np   = class_i == ClassNp;
      is_cfg  = kind inside {CfgRd0, CfgWr0, CfgRd1, CfgWr1};
      is_mem  = kind inside {MRd3, MRd4, MWr3, MWr4, FetchAdd3, Swap3, Cas3, FetchAdd4, Swap4, Cas4};
      by_addr = is_mem || kind inside {MsgAddr, MsgDAddr};
      by_id   = is_cpl || kind inside {MsgId, MsgDId, CfgRd1, CfgWr1};
      addr    = hdr_i.dw0[29] ? {hdr_i.dw2, hdr_i.dw3[31:16]} : {32'd0, hdr_i.dw2[31:16]};
      id      = hdr_i.dw2[31:16];
      high    = addr[63:32] != '0;
      if (by_addr || by_id) begin
        for (int unsigned d = 0; d < NumDown; d++) begin
          if (by_addr ? (mem_en_i[d] &&
                         ((!high && addr[31:16] >= mem_base_i[d] && addr[31:16] <= mem_limit_i[d]) ||
                          (high && addr >= pref_base_i[d][63:16] && addr <= pref_limit_i[d][63:16])))
                      : (sec_bus_i[d] != '0 && id[15:8] >= sec_bus_i[d] && id[15:8] <= sub_bus_i[d])) begin
            any       = 1'b1;
            hit_index = OutW'(d + 1);
          end
        end
        below  = sec_bus_i[DownW'(hit_index - 1'b1)];
        held   = by_addr ? (above_i.mem_en &&
                            ((!high && addr[31:16] >= above_i.mem_base && addr[31:16] <= above_i.mem_limit) ||
                             (high && addr[63:20] >= above_i.pref_base && addr[63:20] <= above_i.pref_limit)))
                         : (above_i.sec_bus != '0 && id[15:8] >= above_i.sec_bus && id[15:8] <= above_i.sub_bus);
      end
      if (Index == 0 && is_cfg && id[2:0] == '0) begin
        if (kind inside {CfgRd0, CfgWr0}) begin
          own       = id[7:3] == '0;
          hit_index = '0;
        end else if (held && id[15:8] == above_i.sec_bus) begin
          own       = {3'd0, id[7:3]} < 8'(NumDown);
          hit_index = OutW'(id[7:3]) + 1'b1;
        end
      end
    end
  end

  // Peer to peer: what must go to the root first.
  always_comb begin
    redirect = acs_i[2] && !(is_mem && at == 2'b10 && acs_i[4]);
    if (is_cpl) redirect = acs_i[3] && !hdr_i.dw0[13];
    if (is_mem && at == 2'b01) redirect = 1'b1;
  end

  always_comb begin
    route_o = is_np ? SwUr : SwDropUr;
    out_o   = hit_index;
    if (too_long) begin
      route_o = SwDropBad;
    end else if (source || translated) begin
      route_o = is_np ? SwCa : SwDropAcs;
    end else if (Index == 0) begin
      if (is_cfg) begin
        if (own) route_o = SwOwn;
        else if (held && id[15:8] != above_i.sec_bus && any) begin
          if (id[15:8] != below) route_o = SwForward;
          else if (id[7:3] == '0) route_o = SwToZero;
        end
      end else if (by_addr || by_id) begin
        if (any && held) route_o = SwForward;
      end else if (kind inside {MsgBcast, MsgDBcast}) begin
        route_o = SwBroadcast;
      end else if (kind inside {MsgLocal, MsgDLocal}) begin
        route_o = SwConsume;
      end
    end else if (!is_cfg && (bme_i || !is_mem)) begin
      if (by_addr || by_id) begin
        if ((!any || redirect) && is_mem && !above_i.bme) begin
          route_o = is_np ? SwUr : SwDropUr;
        end else if (!any || redirect) begin
          route_o = SwForward;
          out_o   = '0;
        end else if (hit_index != OutW'(Index)) begin
          route_o = SwForward;
        end
      end else if (kind inside {MsgRoot, MsgDRoot}) begin
        route_o = SwForward;
        out_o   = '0;
      end else if (kind inside {MsgLocal, MsgDLocal}) begin
        route_o = SwConsume;
      end
    end
  end

  assign unused_hdr = ^{hdr_i.pfx_valid, hdr_i.pfx, hdr_i.dw0[28:0], hdr_i.dw1, hdr_i.dw2[15:0], hdr_i.dw3, id[2:0], above_i};

endmodule
