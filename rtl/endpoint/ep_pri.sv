// SPDX-License-Identifier: Apache-2.0
//
// Page Request Interface: its capability registers, the groups that wait for a response, the stop marker
// (pcie-ats.md sections 8 and 10).
//
// ep_xlat asks, a group at a time, and ep_page_group makes its 2^`log2_i` requests; this block lends it the group index and says when it
// may. Index = {number of the group of that slot, slot}: a response that is late by one group of its slot is unexpected.
// May send: Enable = 1, no Response Failure, room for the whole group in Outstanding Page Request Allocation, and the slot's
// former group answered. A response belongs to a group with its index and its PASID (a prefix exactly if the requests had
// one: PRG Response PASID Required reads 1); one that belongs to none sets Unexpected PRG Index and has no other effect.
// Response Failure stops new requests until software clears it; Stopped = (Enable = 0 or Response Failure) and no group open.
// Reset, taken while Enable = 0, forgets the open groups. A new Enable starts with what is open.
// Stop marker: one for each pulse of `marker_i`, kept until it is sent; needs a PASID and Enable.
// A group that waits for longer than `limit_i` cycles (0 = no limit) is given up, as if it had been forgotten: its response, if it
// comes, is unexpected. The limit counts from the first request of the group.
// Latency: response to ep_xlat 0 cycles; register reads combinational.
module ep_pri
  import atc_time_pkg::*;
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  time_t              now_i,
  input  logic [1:0]         log2_i,         // requests of a group
  input  logic [31:0]        limit_i,

  input  logic               wr_valid_i,
  input  logic               rd_valid_i,
  input  logic [11:0]        offset_i,
  input  logic [31:0]        wdata_i,
  input  logic [31:0]        mask_i,
  output logic [31:0]        rdata_o,        // 0 for other offsets

  output logic               usable_o,       // enabled and not stopped
  output logic               room_o,         // one more group may be opened
  output logic [NumXlat-1:0] open_o,         // the slot's group waits
  input  slot_t              slot_i,
  output logic [8:0]         index_o,        // of the next group of slot_i
  input  logic               fire_i,         // it is opened
  input  logic               fire_pasid_valid_i,
  input  logic [19:0]        fire_pasid_i,

  input  logic               rsp_valid_i,
  input  prg_t               rsp_i,
  output logic               rsp_match_o,    // slot rsp_i.index[1:0] is answered
  output logic               rsp_ok_o,

  input  logic               other_failure_i,   // of functions that share the interface
  input  logic               other_unexpected_i,
  output logic               failure_o,
  output logic               unexpected_o,
  output logic [31:0]        alloc_o,
  output logic [5:0]         count_o,           // requests of open groups

  input  logic               marker_i,
  input  logic               pasid_valid_i,
  input  logic [19:0]        pasid_i,
  input  logic               may_send_i,
  output logic               marker_valid_o,
  input  logic               marker_ready_i,
  output tx_item_t           marker_o,

  output logic               quiet_o,
  output time_t              next_deadline_o
);

  localparam logic [3:0] RspSuccess = 4'h0, RspInvalid = 4'h1;

  pri_ctrl_status_t   ctrl_q, ctrl_d, ctrl_r;
  logic [31:0]        alloc_q;
  logic [NumXlat-1:0] open_q, open_d;
  logic [6:0]         number_q [NumXlat];    // of the slot's last group
  logic [20:0]        pasid_q [NumXlat];     // {valid, PASID} of its requests
  logic [2:0]         count_q;               // groups open
  logic [3:0]         size_q [NumXlat];      // requests of the slot's group
  logic [5:0]         asked_q;               // requests of all open groups
  time_t              until_q [NumXlat];
  logic [NumXlat-1:0] late;
  logic               marker_q;
  slot_t              rsp_slot;
  logic               failure, forget;

  assign rsp_slot    = slot_t'(rsp_i.index);
  assign rsp_match_o = rsp_valid_i && open_q[rsp_slot] && (rsp_i.index[8:2] == number_q[rsp_slot])
                    && ({rsp_i.pasid_valid, rsp_i.pasid} == pasid_q[rsp_slot]);
  assign rsp_ok_o    = rsp_i.code == RspSuccess;
  assign failure     = rsp_match_o && !(rsp_i.code inside {RspSuccess, RspInvalid});

  assign failure_o    = failure;
  assign unexpected_o = rsp_valid_i && !rsp_match_o;
  assign alloc_o      = alloc_q;
  assign count_o      = asked_q;

  assign usable_o = ctrl_q.enable && !ctrl_q.resp_failure;
  assign room_o   = 32'(asked_q) + (32'd1 << log2_i) <= alloc_q;
  assign open_o   = open_q;
  assign index_o  = {number_q[slot_i] + 7'd1, slot_i};

  // ---------------------------------------------------------------- registers
  always_comb begin
    ctrl_d = ctrl_q;
    forget = 1'b0;
    if (wr_valid_i && (offset_i == PRI_CTRL_STATUS_OFFSET)) begin
      ctrl_d.enable = mask_i[0] ? wdata_i[0] : ctrl_q.enable;
      forget        = mask_i[1] && wdata_i[1] && !ctrl_d.enable && !ctrl_q.enable;
      if (mask_i[16] && wdata_i[16]) ctrl_d.resp_failure = 1'b0;
      if (mask_i[17] && wdata_i[17]) ctrl_d.unexpected_index = 1'b0;
    end
    if (failure || other_failure_i) ctrl_d.resp_failure = 1'b1;
    if (unexpected_o || other_unexpected_i) ctrl_d.unexpected_index = 1'b1;
  end

  always_comb begin
    open_d = open_q;
    if (fire_i) open_d[slot_i] = 1'b1;
    if (rsp_match_o) open_d[rsp_slot] = 1'b0;
    open_d = open_d & ~late;
    if (forget) open_d = '0;
  end

  // ---------------------------------------------------------------- limits
  logic [5:0] asked_d;

  always_comb begin
    late            = '0;
    next_deadline_o = NoDeadline;
    if (open_q != '0) begin
      for (int unsigned i = 0; i < NumXlat; i++) begin
        if (open_q[i] && (until_q[i] != NoDeadline)) begin
          late[i]         = now_i >= until_q[i];
          next_deadline_o = earlier(next_deadline_o, until_q[i]);
        end
      end
    end
  end

  always_comb begin
    asked_d = '0;
    for (int unsigned i = 0; i < NumXlat; i++) begin
      if (open_d[i]) asked_d = asked_d + ((fire_i && (slot_i == slot_t'(i))) ? 6'd1 << log2_i : 6'(size_q[i]));
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctrl_q   <= PRI_CTRL_STATUS_RESET;
      alloc_q  <= PRI_ALLOCATION_RESET;
      open_q   <= '0;
      count_q  <= '0;
      asked_q  <= '0;
      marker_q <= 1'b0;
      for (int unsigned i = 0; i < NumXlat; i++) begin
        number_q[i] <= '0;
        size_q[i]   <= '0;
        until_q[i]  <= NoDeadline;
      end
    end else if (clear_i) begin
      ctrl_q   <= PRI_CTRL_STATUS_RESET;
      alloc_q  <= PRI_ALLOCATION_RESET;
      open_q   <= '0;
      count_q  <= '0;
      asked_q  <= '0;
      marker_q <= 1'b0;
    end else begin
      ctrl_q <= ctrl_d;
      if (wr_valid_i && (offset_i == PRI_ALLOCATION_OFFSET)) alloc_q <= (alloc_q & ~mask_i) | (wdata_i & mask_i);
      if (fire_i || rsp_match_o || forget || (late != '0)) begin
        open_q  <= open_d;
        count_q <= 3'($countones(open_d));
        asked_q <= asked_d;
      end
      if (fire_i) begin
        number_q[slot_i] <= index_o[8:2];
        size_q[slot_i]   <= 4'd1 << log2_i;
        until_q[slot_i]  <= (limit_i == '0) ? NoDeadline : now_i + time_t'(limit_i);
      end
      if (marker_i && pasid_valid_i && ctrl_q.enable) marker_q <= 1'b1;
      else if (marker_valid_o && marker_ready_i) marker_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fire_i) pasid_q[slot_i] <= {fire_pasid_valid_i, fire_pasid_valid_i ? fire_pasid_i : 20'd0};
  end

  always_comb begin
    ctrl_r         = ctrl_q;
    ctrl_r.stopped = !usable_o && (count_q == '0);
    rdata_o        = '0;
    if (rd_valid_i) begin
      unique case (offset_i)
        PRI_HDR_OFFSET:         rdata_o = PRI_HDR_RESET;
        PRI_CTRL_STATUS_OFFSET: rdata_o = ctrl_r;
        PRI_CAPACITY_OFFSET:    rdata_o = PRI_CAPACITY_RESET;
        PRI_ALLOCATION_OFFSET:  rdata_o = alloc_q;
        default:                rdata_o = '0;
      endcase
    end
  end

  // ---------------------------------------------------------------- stop marker: L = 1, R = W = 0, a PASID
  assign marker_valid_o = marker_q && may_send_i;

  always_comb begin
    marker_o = '0;
    if (marker_valid_o) begin
      marker_o.kind        = TxPage;
      marker_o.addr        = 64'h4;
      marker_o.pasid_valid = 1'b1;
      marker_o.pasid       = pasid_i;
    end
  end

  assign quiet_o = !fire_i && !rsp_valid_i && (late == '0) && !(marker_valid_o && marker_ready_i) && !marker_i;

endmodule
