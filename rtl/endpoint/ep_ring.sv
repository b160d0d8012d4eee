// SPDX-License-Identifier: Apache-2.0
//
// Descriptor ring: fetches descriptors from host memory, makes the packets of their transfers, writes the outcome back.
//
// The ring holds 2^LOG2 descriptors of 32 bytes at RING_BASE; software owns RING_TAIL (the first descriptor that is not
// filled), this block RING_HEAD (the first that is not done); both count on and wrap at 2^16. Descriptor dwords, little-endian:
//   0, 1  IOVA, multiple of 8        2  [16:0] bytes, multiple of 8, at most 64 KiB; an AtomicOp has 8
//   3     [2:0] 0 read, 1 write, 2 FetchAdd, 3 Swap (64 bits), 4 CAS (32 bits); [6:4] traffic class; [8] translate through
//         ATS; [9] interrupt when done; [10] PASID valid
//   4     [19:0] PASID               6, 7  operand; CAS: compare in 6, swap in 7
// The outcome replaces the second half: dword 4 = {1, 27'd0, status[3:0]} (0 done; 1 dropped, 2 aborted, 4 bad descriptor), 5 = transfer number,
// 6, 7 = what an AtomicOp found. It travels on the transfer's own traffic class, behind the transfer's writes.
// Several transfers are in flight (NumJob); packets are made and outcomes written in the order of the ring. A packet
// ends at the limit of its kind (Max_Payload_Size, Max_Read_Request_Size), aligned, so none crosses a page.
// Writes are signed {device, transfer number, word}; bit 31 of the number tells the ring's transfers from the generator's.
// Guarantees: RING_HEAD moves, and the interrupt is asked for, after the outcome has left for the link.
// A descriptor that cannot be fetched, or an outcome that cannot be written, stops the ring: `error_o`, until it is disabled.
// Does not: keep read data. Latency: doorbell to the descriptor's read 1 cycle; data of the descriptor to first packet 1 cycle.
module ep_ring
  import ep_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  ring_cfg_t          cfg_i,
  input  logic               pasid_en_i,
  input  logic [6:0]         wr_limit_i,     // dwords of a packet, powers of two
  input  logic [6:0]         rd_limit_i,

  output logic               xfer_valid_o,
  input  logic               xfer_ready_i,
  output xfer_t              xfer_o,

  // ends of packets
  input  end_t               end_i [3],
  input  logic               data_valid_i,   // completion data of a packet of this block, in the cycle of its end
  input  logic [255:0]       data_i,
  input  logic               sent_i,         // an outcome has left for the link
  output ring_data_t         data_o,         // payloads of AtomicOps and outcomes, by job

  output logic [15:0]        head_o,
  output logic               error_o,
  output logic               irq_valid_o,
  input  logic               irq_ready_i,
  output logic               quiet_o
);

  typedef enum logic [2:0] {Free, Fetch, Run, Wait, Status, Leave} state_e;

  state_e         state_q [NumJob], state_d [NumJob];
  job_idx_t       fetch_j_q, run_j_q, done_j_q;      // next job to fetch into, to run, to finish
  logic [15:0]    fetch_q, run_q, head_q;             // descriptors, counted
  logic [30:0]    number_q;
  logic           error_q, irq_q;

  logic [63:0]    iova_q [NumJob];
  logic [16:0]    left_q [NumJob];
  xfer_op_e       op_q [NumJob];
  logic [2:0]     tc_q [NumJob];
  logic [NumJob-1:0] ats_q, irq_want_q, pasid_valid_q;
  logic [19:0]    pasid_q [NumJob];
  logic [30:0]    num_q [NumJob];
  logic [12:0]    word_q [NumJob];
  logic [3:0]     status_q [NumJob];
  logic [127:0]   value_q [NumJob];                  // operand, then outcome
  logic [7:0]     open_q [NumJob];                   // packets on their way

  // ---------------------------------------------------------------- what is offered next
  typedef enum logic [1:0] {None, AskStatus, AskFetch, AskData} ask_e;
  ask_e        ask;
  logic [63:0] slot_addr;
  logic [6:0]  limit, chunk;
  logic        is_amo, taken, can_fetch, last_chunk;

  function automatic logic [63:0] slot(logic [63:0] base, logic [3:0] log2, logic [15:0] index);
    return base + {43'd0, index & ~(16'hFFFF << log2), 5'd0};
  endfunction

  assign can_fetch = cfg_i.en && !error_q && (fetch_q != cfg_i.tail) && (state_q[fetch_j_q] == Free);
  assign is_amo    = !(op_q[run_j_q] inside {XferRead, XferWrite});

  always_comb begin
    ask = None;
    if (state_q[done_j_q] == Status) ask = AskStatus;
    else if (can_fetch) ask = AskFetch;
    else if (state_q[run_j_q] == Run) ask = AskData;
  end

  always_comb begin
    xfer_o     = '0;
    slot_addr  = '0;
    limit      = '0;
    chunk      = '0;
    last_chunk = 1'b0;
    unique case (ask)
      AskStatus: begin
        slot_addr     = slot(cfg_i.base, cfg_i.log2, head_q);
        xfer_o.write  = 1'b1;
        xfer_o.op     = XferWrite;
        xfer_o.iova   = slot_addr + 64'd16;
        xfer_o.dws    = 7'd4;
        xfer_o.ats    = cfg_i.ats;
        xfer_o.own    = 1'b1;
        xfer_o.job    = done_j_q;
        xfer_o.tc     = tc_q[done_j_q];
        xfer_o.number = {1'b1, num_q[done_j_q]};
      end
      AskFetch: begin
        slot_addr     = slot(cfg_i.base, cfg_i.log2, fetch_q);
        xfer_o.op     = XferRead;
        xfer_o.iova   = slot_addr;
        xfer_o.dws    = 7'd8;
        xfer_o.ats    = cfg_i.ats;
        xfer_o.own    = 1'b1;
        xfer_o.job    = fetch_j_q;
        xfer_o.number = {1'b1, number_q};
      end
      AskData: begin
        limit = (op_q[run_j_q] == XferRead) ? rd_limit_i : wr_limit_i;
        chunk = is_amo ? 7'd2 : limit - (iova_q[run_j_q][8:2] & (limit - 7'd1));
        if ({8'd0, chunk, 2'b00} >= left_q[run_j_q]) chunk = left_q[run_j_q][8:2];
        last_chunk         = {8'd0, chunk, 2'b00} == left_q[run_j_q];
        xfer_o.write       = op_q[run_j_q] != XferRead;
        xfer_o.op          = op_q[run_j_q];
        xfer_o.iova        = iova_q[run_j_q];
        xfer_o.dws         = chunk;
        xfer_o.ats         = ats_q[run_j_q];
        xfer_o.job         = run_j_q;
        xfer_o.tc          = tc_q[run_j_q];
        xfer_o.word        = word_q[run_j_q];
        xfer_o.number      = {1'b1, num_q[run_j_q]};
        xfer_o.pasid_valid = pasid_valid_q[run_j_q] && pasid_en_i;
        xfer_o.pasid       = pasid_q[run_j_q];
      end
      default: ;
    endcase
    xfer_o.ring = ask != None;
  end

  assign xfer_valid_o = ask != None;
  assign taken        = xfer_valid_o && xfer_ready_i;

  // ---------------------------------------------------------------- ends
  logic [3:0]         bad [NumJob];
  logic [1:0]         ended [NumJob];                // data packets
  logic [NumJob-1:0]  own_bad;
  logic               any_end;

  always_comb begin
    any_end = 1'b0;
    own_bad = '0;
    for (int unsigned j = 0; j < NumJob; j++) begin
      bad[j]   = '0;
      ended[j] = '0;
    end
    for (int unsigned e = 0; e < 3; e++) begin
      if (end_i[e].valid) begin
        any_end = 1'b1;
        if (end_i[e].own) begin
          if (end_i[e].status != EndDone) own_bad[end_i[e].job] = 1'b1;
        end else begin
          ended[end_i[e].job] = ended[end_i[e].job] + 2'd1;
          bad[end_i[e].job]   = bad[end_i[e].job] | {2'd0, end_i[e].status};
        end
      end
    end
  end

  // ---------------------------------------------------------------- a descriptor has come
  logic     fetched, desc_bad;
  job_idx_t fetched_j;
  logic [31:0] dw [8];
  logic     unused_dw;

  assign unused_dw = ^{dw[2][31:17], dw[3][31:11], dw[3][7], dw[3][3], dw[4][31:20], dw[5]};
  assign fetched   = data_valid_i && end_i[1].own && (end_i[1].status == EndDone);
  assign fetched_j = end_i[1].job;

  always_comb begin
    for (int unsigned d = 0; d < 8; d++) dw[d] = '0;
    desc_bad = 1'b0;
    if (fetched) begin
      for (int unsigned d = 0; d < 8; d++) dw[d] = data_i[32*d +: 32];
      desc_bad = (dw[0][2:0] != '0) || (dw[2][2:0] != '0) || (dw[2][16:0] == '0) || (dw[2][16:0] > 17'h1_0000)
              || (dw[3][2:0] > 3'(XferCas)) || ((dw[3][2:0] > 3'(XferWrite)) && (dw[2][16:0] != 17'd8));
    end
  end

  // ---------------------------------------------------------------- control
  logic finish;                                      // the oldest job's outcome has left

  assign finish = sent_i && (state_q[done_j_q] == Leave);

  always_comb begin
    for (int unsigned j = 0; j < NumJob; j++) begin
      state_d[j] = state_q[j];
      unique case (state_q[j])
        Free:    if (taken && (ask == AskFetch) && (fetch_j_q == job_idx_t'(j))) state_d[j] = Fetch;
        Fetch:   if (own_bad[j]) state_d[j] = Free;
                 else if (fetched && (fetched_j == job_idx_t'(j))) state_d[j] = desc_bad ? Wait : Run;
        Run:     if (error_q || (taken && (ask == AskData) && (run_j_q == job_idx_t'(j)) && last_chunk)) state_d[j] = Wait;
        Wait:    if ((open_q[j] == '0) && error_q) state_d[j] = Free;
                 else if ((open_q[j] == '0) && (done_j_q == job_idx_t'(j))) state_d[j] = Status;
        Status:  if (taken && (ask == AskStatus)) state_d[j] = Leave;
                 else if (error_q) state_d[j] = Free;
        Leave:   if (own_bad[j] || finish) state_d[j] = Free;
        default: state_d[j] = Free;
      endcase
    end
  end

  // A bad descriptor never gets to Run and must not hold up those behind it.
  logic skip_run;
  assign skip_run = (run_q != fetch_q) && (state_q[run_j_q] == Wait);

  logic idle, found_is_old;
  assign found_is_old = !(op_q[done_j_q] inside {XferRead, XferWrite});

  always_comb begin
    idle = 1'b1;
    for (int unsigned j = 0; j < NumJob; j++) if (state_q[j] != Free) idle = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (int unsigned j = 0; j < NumJob; j++) begin
        state_q[j] <= Free;
        open_q[j]  <= '0;
      end
      fetch_j_q <= '0;
      run_j_q   <= '0;
      done_j_q  <= '0;
      fetch_q   <= '0;
      run_q     <= '0;
      head_q    <= '0;
      number_q  <= '0;
      error_q   <= 1'b0;
      irq_q     <= 1'b0;
    end else if (clear_i) begin
      for (int unsigned j = 0; j < NumJob; j++) begin
        state_q[j] <= Free;
        open_q[j]  <= '0;
      end
      fetch_j_q <= '0;
      run_j_q   <= '0;
      done_j_q  <= '0;
      fetch_q   <= '0;
      run_q     <= '0;
      head_q    <= '0;
      number_q  <= '0;
      error_q   <= 1'b0;
      irq_q     <= 1'b0;
    end else begin
      for (int unsigned j = 0; j < NumJob; j++) begin
        state_q[j] <= state_d[j];
        if ((taken && (ask == AskData) && (run_j_q == job_idx_t'(j))) || (ended[j] != '0)) begin
          open_q[j] <= open_q[j] + 8'(taken && (ask == AskData) && (run_j_q == job_idx_t'(j))) - 8'(ended[j]);
        end
      end
      if (taken && (ask == AskFetch)) begin
        fetch_j_q <= fetch_j_q + 1'b1;
        fetch_q   <= fetch_q + 1'b1;
        number_q  <= number_q + 1'b1;
      end
      if ((taken && (ask == AskData) && last_chunk) || skip_run) begin
        run_j_q <= run_j_q + 1'b1;
        run_q   <= run_q + 1'b1;
      end
      if (finish) begin
        done_j_q <= done_j_q + 1'b1;
        head_q   <= head_q + 1'b1;
      end
      if (own_bad != '0) error_q <= 1'b1;
      if (!cfg_i.en && idle) begin                   // disabled and at rest: starts anew
        error_q   <= 1'b0;
        fetch_j_q <= '0;
        run_j_q   <= '0;
        done_j_q  <= '0;
        fetch_q   <= '0;
        run_q     <= '0;
        head_q    <= '0;
      end
      if (finish && irq_want_q[done_j_q]) irq_q <= 1'b1;
      else if (irq_valid_o && irq_ready_i) irq_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (taken && (ask == AskFetch)) num_q[fetch_j_q] <= number_q;
    if (fetched) begin
      iova_q[fetched_j]        <= {dw[1], dw[0]};
      left_q[fetched_j]        <= dw[2][16:0];
      op_q[fetched_j]          <= xfer_op_e'(dw[3][2:0]);
      tc_q[fetched_j]          <= dw[3][6:4];
      ats_q[fetched_j]         <= dw[3][8];
      irq_want_q[fetched_j]    <= dw[3][9];
      pasid_valid_q[fetched_j] <= dw[3][10];
      pasid_q[fetched_j]       <= dw[4][19:0];
      value_q[fetched_j]       <= {64'd0, dw[7], dw[6]};
      word_q[fetched_j]        <= '0;
      status_q[fetched_j]      <= desc_bad ? RingBad : RingDone;
    end
    if (taken && (ask == AskData)) begin
      iova_q[run_j_q] <= iova_q[run_j_q] + {55'd0, chunk, 2'b00};
      left_q[run_j_q] <= left_q[run_j_q] - {8'd0, chunk, 2'b00};
      word_q[run_j_q] <= word_q[run_j_q] + {7'd0, chunk[6:1]};
    end
    for (int unsigned j = 0; j < NumJob; j++) if (bad[j] != '0) status_q[j] <= status_q[j] | bad[j];
    if (data_valid_i && !end_i[1].own && (end_i[1].status == EndDone)) begin
      value_q[end_i[1].job][63:0] <= data_i[63:0];   // AtomicOp; nobody looks at it after a read
    end
    if (taken && (ask == AskStatus)) begin
      value_q[done_j_q] <= {found_is_old ? value_q[done_j_q][63:0] : 64'd0, 1'b1, num_q[done_j_q], 1'b1, 27'd0, status_q[done_j_q]};
    end
  end

  always_comb begin
    for (int unsigned j = 0; j < NumJob; j++) data_o[j] = value_q[j];
  end

  assign head_o      = head_q;
  assign error_o     = error_q;
  assign irq_valid_o = irq_q;

  logic same;
  always_comb begin
    same = 1'b1;
    for (int unsigned j = 0; j < NumJob; j++) if (state_d[j] != state_q[j]) same = 1'b0;
  end
  assign quiet_o = !taken && !any_end && same && !sent_i && !skip_run && !(irq_valid_o && irq_ready_i)
                && !(!cfg_i.en && idle && (error_q || (head_q != '0) || (fetch_q != '0)));

endmodule
