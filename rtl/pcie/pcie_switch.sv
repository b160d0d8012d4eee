// SPDX-License-Identifier: Apache-2.0
//
// PCIe switch: one upstream port (number 0) and NumDown downstream ports (number d + 1), each with a link (D12).
//
// A packet is taken from a link when a slot of its class is free in the port's receive buffer, routed by its header
// (pcie_switch_route), and waits in a virtual output queue for its egress (pcie_switch_voq) until that chooses it
// (pcie_switch_out). Requests without a way are answered here (pcie_switch_local); broadcasts are copied one port a cycle.
// Guarantees: what is taken leaves exactly once by the right port, or is refused or thrown away as `route` says;
// order as in pcie_switch_voq, starvation bound as in pcie_switch_out; packets for one egress wait for another egress only
// when the slots of their class are all taken. The switch never makes a class wait for another one, except a non-posted
// packet or a completion for the posted ones before it, so it adds no circle of waiting to its links.
// A port whose link is down (`up_i`): posted packets and completions for it vanish in the link, requests for it are
// answered with UR, also those that waited already.
// The ports' configuration space is outside (pcie_switch_ports): `port_i` is what it says to the routing, `acc_*` an access
// to it by a configuration request, `err_*` an error for its log, `msg_*` an error message from below, which goes on only if
// `msg_fwd_i` says so in the same cycle; `inj_*` is what the ports send upstream themselves.
// Does not: gather PME.
// Latency: offered by a link in cycle t, offered to the next in t + 1. `drop_o` is for the monitor.
module pcie_switch
  import tlp_pkg::*;
  import pcie_port_pkg::*;
#(
  parameter int unsigned NumDown  = 4,     // 1..16
  parameter int unsigned SlotsP   = 16,    // receive buffer of a port, packets
  parameter int unsigned SlotsNp  = 8,
  parameter int unsigned SlotsCpl = 8,
  localparam int unsigned NumPort = NumDown + 1
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  sw_port_t                port_i [NumPort],
  input  logic [NumPort-1:0]      up_i,

  input  logic [NumPort-1:0]      rx_valid_i,
  output logic [NumPort-1:0]      rx_ready_o,
  input  tlp_t                    rx_i [NumPort],
  output logic [NumPort-1:0][2:0] rx_class_ready_o,   // {CPL, NP, P}
  output logic [NumPort-1:0]      tx_valid_o,
  input  logic [NumPort-1:0]      tx_ready_i,
  output tlp_t                    tx_o [NumPort],
  input  logic [NumPort-1:0][2:0] tx_class_ready_i,

  // configuration space of the ports
  output logic [NumPort-1:0]      acc_valid_o,        // at most one
  output logic                    acc_write_o,
  output logic [11:0]             acc_offset_o,
  output logic [3:0]              acc_be_o,
  output logic [31:0]             acc_data_o,
  input  logic [31:0]             acc_rdata_i,
  output logic [NumPort-1:0]      err_valid_o,        // of what came in by this port
  output port_err_t               err_o [NumPort],
  output port_sev_t [NumPort-1:0] msg_o,
  output logic [NumPort-1:0][15:0] msg_rid_o,
  input  port_sev_t [NumPort-1:0] msg_fwd_i,
  input  logic                    inj_valid_i,        // a posted packet of at most one dword
  output logic                    inj_ready_o,
  input  logic [4:0][31:0]        inj_i,              // dw0..dw3, data

  output logic [NumPort-1:0]      drop_o,             // posted or completion thrown away
  output logic [NumPort-1:0]      drop_acs_o,         // among them: ACS violation
  output logic                    quiet_o
);

  localparam int unsigned NumOut = NumPort + 1;       // and the local unit
  localparam int unsigned Local  = NumPort;
  localparam int unsigned Slots  = SlotsP + SlotsNp + SlotsCpl;
  localparam int unsigned SlotW  = $clog2(Slots);
  localparam int unsigned OutW   = $clog2(NumOut);
  localparam int unsigned PortW  = $clog2(NumPort);
  localparam int unsigned MemW   = PortW + SlotW;

  typedef logic [SlotW-1:0] slot_t;
  typedef logic [PortW-1:0] port_t;
  typedef logic [OutW-1:0]  out_t;

  tlp_t               mem_q [2**MemW];           // {port, slot}
  logic               abort_q [2**MemW];         // refuse with Completer Abort
  logic               zero_q [2**MemW];          // becomes a type 0 configuration request
  logic               own_q [2**MemW];           // configuration request for port own_port_q
  port_t              own_port_q [2**MemW];

  logic [NumPort-1:0] push, relaxed, abort, to_zero, own;
  port_t              own_port [NumPort];
  logic [1:0]         cls [NumPort];
  out_t               push_out [NumPort];
  slot_t              push_slot [NumPort];
  logic [NumPort-1:0] open [NumOut * 4];         // {egress, class}
  logic [NumOut-1:0]  pop;
  port_t              pop_in [NumOut];
  logic [1:0]         pop_class [NumOut];
  out_t               pop_queue [NumOut];
  slot_t              pop_slot [NumOut];

  pcie_switch_voq #(.NumIn(NumPort), .NumOut(NumOut), .SlotsP(SlotsP), .SlotsNp(SlotsNp), .SlotsCpl(SlotsCpl)) u_voq (
    .clk_i, .rst_ni,
    .free_o        (rx_class_ready_o),
    .push_i        (push),
    .push_class_i  (cls),
    .push_out_i    (push_out),
    .push_relaxed_i(relaxed),
    .push_slot_o   (push_slot),
    .open_o        (open),
    .pop_i         (pop),
    .pop_in_i      (pop_in),
    .pop_class_i   (pop_class),
    .pop_queue_i   (pop_queue),
    .pop_slot_o    (pop_slot)
  );

  // ---------------------------------------------------------------- ingress
  logic [NumPort-1:0] bcast_left, bcast_last, bcast_done_q;

  assign bcast_left = up_i & ~bcast_done_q & ~NumPort'(1);
  assign bcast_last = bcast_left & (~bcast_left + 1'b1);   // the next one to get a copy

  logic [NumDown-1:0]       mem_en;
  logic [NumDown-1:0][7:0]  sec_bus, sub_bus;
  logic [NumDown-1:0][15:0] mem_base, mem_limit;
  logic [NumDown-1:0][63:0] pref_base, pref_limit;

  always_comb begin
    for (int unsigned d = 0; d < NumDown; d++) begin
      mem_en[d]     = port_i[d + 1].mem_en;
      sec_bus[d]    = port_i[d + 1].sec_bus;
      sub_bus[d]    = port_i[d + 1].sub_bus;
      mem_base[d]   = port_i[d + 1].mem_base;
      mem_limit[d]  = port_i[d + 1].mem_limit;
      pref_base[d]  = {port_i[d + 1].pref_base, 20'd0};
      pref_limit[d] = {port_i[d + 1].pref_limit, 20'hFFFFF};
    end
  end

  for (genvar i = 0; i < NumPort; i++) begin : gen_in
    tlp_hdr_t  hdr;
    sw_route_e route;
    tlp_class_e tclass;
    out_t      out;

    assign hdr = '{pfx_valid: rx_i[i].pfx_valid, pfx: rx_i[i].pfx, dw0: rx_i[i].dw0,
                   dw1: rx_i[i].dw1, dw2: rx_i[i].dw2, dw3: rx_i[i].dw3};
    assign tclass = rx_valid_i[i] ? kind_class(hdr.dw0[31:24]) : ClassP;
    assign cls[i]    = (tclass == ClassBad) ? 2'd0 : tclass;

    pcie_switch_route #(.NumDown(NumDown), .Index(i)) u_route (
      .valid_i(rx_valid_i[i]),
      .hdr_i  (hdr),
      .class_i(tclass),
      .acs_i  ({port_i[i].acs_direct, port_i[i].acs_cpl, port_i[i].acs_request, port_i[i].acs_blocking,
                port_i[i].acs_source}),
      .bme_i       (port_i[i].bme),
      .mps_i       (port_i[i].mps),
      .above_i     (port_i[0]),
      .mem_en_i    (mem_en),
      .sec_bus_i   (sec_bus),
      .sub_bus_i   (sub_bus),
      .mem_base_i  (mem_base),
      .mem_limit_i (mem_limit),
      .pref_base_i (pref_base),
      .pref_limit_i(pref_limit),
      .route_o(route),
      .out_o  (out)
    );

    // Error messages are looked at where they enter.
    always_comb begin
      msg_o[i]     = '0;
      msg_rid_o[i] = '0;
      if (i != 0 && rx_valid_i[i] && rx_class_ready_o[i][0] && route == SwForward && hdr.dw0[31:24] == MsgRoot) begin
        unique case (hdr.dw1[7:0])
          MsgErrCor:      msg_o[i] = 3'b001;
          MsgErrNonfatal: msg_o[i] = 3'b010;
          MsgErrFatal:    msg_o[i] = 3'b100;
          default: ;
        endcase
        if (msg_o[i] != '0) msg_rid_o[i] = hdr.dw1[31:16];
      end
    end

    always_comb begin
      err_valid_o[i] = 1'b0;
      err_o[i]       = '0;
      if (rx_valid_i[i] && rx_ready_o[i] && (route inside {SwUr, SwCa, SwDropUr, SwDropAcs, SwDropBad} || (route == SwOwn && !own[i]))) begin
        err_valid_o[i]    = 1'b1;
        err_o[i].number   = (route == SwOwn) ? ErrPoisoned : (route == SwDropBad) ? ErrMalformed : route inside {SwCa, SwDropAcs} ? ErrAcs
                          : (cls[i] == 2'd2) ? ErrUnexpectedCpl : ErrUr;
        err_o[i].advisory = route inside {SwUr, SwCa, SwOwn};
        err_o[i].hdr      = {hdr.dw0, hdr.dw1, hdr.dw2, hdr.dw0[29] ? hdr.dw3 : 32'd0};
      end
    end

    always_comb begin
      push[i]       = 1'b0;
      push_out[i]   = '0;
      rx_ready_o[i] = 1'b0;
      drop_o[i]     = 1'b0;
      if (rx_valid_i[i] && rx_class_ready_o[i][cls[i]]) begin
        rx_ready_o[i] = 1'b1;
        unique case (route)
          SwForward, SwToZero: begin
            push[i]     = msg_o[i] == '0 || (msg_fwd_i[i] & msg_o[i]) != '0;
            push_out[i] = (cls[i] == 2'd1 && !up_i[out]) ? out_t'(Local) : out;
          end
          SwUr, SwCa, SwOwn: begin
            push[i]     = 1'b1;
            push_out[i] = out_t'(Local);
          end
          SwBroadcast: begin
            push[i]       = bcast_left != '0;
            rx_ready_o[i] = bcast_left == bcast_last;
            for (int unsigned p = 0; p < NumPort; p++) if (bcast_last[p]) push_out[i] = out_t'(p);
          end
          SwDropUr, SwDropAcs, SwDropBad: drop_o[i] = 1'b1;
          default: ;
        endcase
      end
    end
    assign drop_acs_o[i] = drop_o[i] && route == SwDropAcs;
    assign abort[i]      = route == SwCa;
    assign to_zero[i]    = route == SwToZero;
    assign own[i]        = route == SwOwn && !hdr.dw0[14];   // a poisoned one is refused
    assign own_port[i]   = port_t'(out);
    assign relaxed[i]    = cls[i] == 2'd2 && hdr.dw0[13];

    if (i == 0) begin : gen_bcast
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) bcast_done_q <= '0;
        else if (!up_i[0] || (rx_valid_i[0] && rx_ready_o[0] && route == SwBroadcast)) bcast_done_q <= '0;
        else if (push[0] && route == SwBroadcast) bcast_done_q <= bcast_done_q | bcast_last;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < NumPort; i++) begin
      if (push[i]) begin
        mem_q[{port_t'(i), push_slot[i]}]   <= rx_i[i];
        abort_q[{port_t'(i), push_slot[i]}] <= abort[i];
        zero_q[{port_t'(i), push_slot[i]}]  <= to_zero[i];
        own_q[{port_t'(i), push_slot[i]}]   <= own[i];
        own_port_q[{port_t'(i), push_slot[i]}] <= own_port[i];
      end
    end
  end

  // ---------------------------------------------------------------- requests that end here
  logic               is_own;
  port_t              whose;                     // port that answers
  logic [NumPort-1:0] refuse, rsp_valid, rsp_ready;
  logic [3:0][31:0]   rsp [NumPort];
  logic [MemW-1:0]    local_mem;
  tlp_hdr_t           local_hdr;
  logic [15:0]        completer;

  always_comb begin
    refuse           = open[{out_t'(Local), 2'd1}];
    pop_queue[Local] = out_t'(Local);
    // What had been queued for a port that went down goes first: it becomes no more.
    if (up_i != '1) begin
      for (int unsigned p = 0; p < NumPort; p++) if (!up_i[p]) refuse |= open[{out_t'(p), 2'd1}];
      for (int unsigned p = 0; p < NumPort; p++) begin
        if (!up_i[p] && open[{out_t'(p), 2'd1}][pop_in[Local]]) pop_queue[Local] = out_t'(p);
      end
    end
  end
  assign pop_class[Local] = 2'd1;

  assign local_mem = {pop_in[Local], pop_slot[Local]};
  assign local_hdr = '{pfx_valid: mem_q[local_mem].pfx_valid, pfx: mem_q[local_mem].pfx, dw0: mem_q[local_mem].dw0,
                       dw1: mem_q[local_mem].dw1, dw2: mem_q[local_mem].dw2, dw3: mem_q[local_mem].dw3};
  // The upstream port is device 0 of its primary bus, downstream port d device d of the bus below.
  assign is_own    = pop[Local] && pop_queue[Local] == out_t'(Local) && own_q[local_mem];
  assign whose     = is_own ? own_port_q[local_mem] : pop_in[Local];
  assign completer = (whose == '0) ? {port_i[0].pri_bus, 8'd0} : {port_i[0].sec_bus, 5'(whose) - 5'd1, 3'd0};

  always_comb begin
    acc_valid_o  = '0;
    acc_write_o  = 1'b0;
    acc_offset_o = '0;
    acc_be_o     = '0;
    acc_data_o   = '0;
    if (is_own) begin
      acc_valid_o[whose] = 1'b1;
      acc_write_o        = local_hdr.dw0[30];
      acc_offset_o       = {local_hdr.dw2[11:2], 2'b00};
      acc_be_o           = local_hdr.dw1[3:0];
      acc_data_o         = mem_q[local_mem].data[31:0];
    end
  end

  pcie_switch_local #(.NumPort(NumPort)) u_local (
    .clk_i, .rst_ni,
    .req_i      (refuse),
    .take_o     (pop[Local]),
    .index_o    (pop_in[Local]),
    .hdr_i      (local_hdr),
    .status_i   (is_own ? CplSc : (pop_queue[Local] == out_t'(Local) && abort_q[local_mem]) ? CplCa : CplUr),
    .data_valid_i(is_own && !local_hdr.dw0[30]),
    .data_i     (acc_rdata_i),
    .completer_i(completer),
    .rsp_valid_o(rsp_valid),
    .rsp_ready_i(rsp_ready),
    .rsp_o      (rsp)
  );

  // ---------------------------------------------------------------- egress
  // Ingress number NumPort is the local unit: completions, and upstream what the ports send themselves.
  for (genvar o = 0; o < NumPort; o++) begin : gen_out
    logic [NumOut-1:0] req [3];
    out_t              index;
    logic              is_local;
    logic [MemW-1:0]   from;

    assign req[0] = {(o == 0) && inj_valid_i, open[o * 4]};
    assign req[1] = {1'b0, up_i[o] ? open[o * 4 + 1] : '0};
    assign req[2] = {rsp_valid[o], open[o * 4 + 2]};

    pcie_switch_out #(.NumIn(NumOut)) u_out (
      .clk_i, .rst_ni,
      .req_i        (req),
      .class_ready_i(tx_class_ready_i[o]),
      .ready_i      (tx_ready_i[o]),
      .valid_o      (tx_valid_o[o]),
      .class_o      (pop_class[o]),
      .index_o      (index)
    );

    assign is_local     = index == out_t'(Local);
    assign rsp_ready[o] = tx_valid_o[o] && tx_ready_i[o] && is_local && pop_class[o] == 2'd2;
    if (o == 0) begin : gen_inject
      assign inj_ready_o = tx_valid_o[0] && tx_ready_i[0] && is_local && pop_class[0] == 2'd0;
    end
    assign pop[o]       = tx_valid_o[o] && tx_ready_i[o] && !is_local;
    assign pop_in[o]    = is_local ? '0 : index[PortW-1:0];
    assign pop_queue[o] = out_t'(o);
    assign from         = {pop_in[o], pop_slot[o]};

    always_comb begin
      tx_o[o] = mem_q[from];
      if (zero_q[from]) tx_o[o].dw0[24] = 1'b0;   // the types of configuration requests differ in this bit
      if (is_local) begin
        tx_o[o]            = '0;
        tx_o[o].dw0        = rsp[o][0];
        tx_o[o].dw1        = rsp[o][1];
        tx_o[o].dw2        = rsp[o][2];
        tx_o[o].data[31:0] = rsp[o][0][30] ? rsp[o][3] : '0;
        if (o == 0 && pop_class[o] == 2'd0) begin
          tx_o[o].dw0        = inj_i[0];
          tx_o[o].dw1        = inj_i[1];
          tx_o[o].dw2        = inj_i[2];
          tx_o[o].dw3        = inj_i[3];
          tx_o[o].data[31:0] = inj_i[4];
        end
      end
    end
  end

  assign quiet_o = (rx_valid_i & (rx_ready_o | push)) == '0 && (tx_valid_o & tx_ready_i) == '0 && !pop[Local];

endmodule
