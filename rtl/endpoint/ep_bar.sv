// SPDX-License-Identifier: Apache-2.0
//
// BAR0 registers (rtl/regs/endpoint.rdl): DMA engine, statistics; the fault registers are kept by ep_fault.
//
// Dword accesses with byte enables. Reads are combinational, writes take effect at the next edge. Offsets without a
// register read 0 and ignore writes. Statistics wrap; EN, DMA registers and statistics are cleared by `clear_i`.
module ep_bar
  import ep_pkg::*;
  import ep_reg_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,

  input  logic        req_valid_i,
  input  logic        req_write_i,
  input  logic [15:0] req_addr_i,
  input  logic [3:0]  req_be_i,
  input  logic [31:0] req_data_i,
  output logic [31:0] rdata_o,          // 0 unless req_valid_i and a read

  output logic        fault_wr_valid_o, // to ep_fault, with mask
  output logic [11:0] wr_addr_o,
  output logic [31:0] wr_data_o,
  output logic [31:0] wr_mask_o,
  input  fault_ctrl_t fault_ctrl_i,
  input  logic [31:0] fault_delay_i,
  input  logic [31:0] fault_skip_i,
  input  logic [15:0] fault_rid_i,
  input  logic [31:0] fault_every_i,

  output dma_cfg_t    dma_o,
  output logic        marker_o,         // STOP_MARKER is written
  output ring_cfg_t   ring_o,
  input  logic [15:0] ring_head_i,
  input  logic        ring_error_i,
  input  stat_inc_t   inc_i,
  input  logic [31:0] atc_count_i
);

  localparam logic [31:0] StopMarker = 32'h0000_0040;   // DMA_CTRL, not kept

  dma_ctrl_t   ctrl_q;
  dma_pages_t  pages_q;
  dma_pasid_t  pasid_q;
  logic [63:0] base_q;
  logic [31:0] interval_q, seed_q, count_q;
  dma_xfer_t   xfer_q;
  ring_ctrl_t  ring_q;
  ring_tail_t  tail_q;
  logic [31:0] limit_q;
  logic [63:0] ring_base_q;
  logic [31:0] done_q, dropped_q, aborted_q, inv_q, pages_sent_q;

  logic        wr, known;
  logic [31:0] mask;
  assign mask  = {{8{req_be_i[3]}}, {8{req_be_i[2]}}, {8{req_be_i[1]}}, {8{req_be_i[0]}}};
  assign known = req_addr_i[15:12] == '0;
  assign wr    = req_valid_i && req_write_i && known;

  assign wr_addr_o = {req_addr_i[11:2], 2'b00};
  assign wr_data_o = req_data_i;
  assign wr_mask_o = mask;
  assign fault_wr_valid_o = wr;

  // ---------------------------------------------------------------- read
  always_comb begin
    rdata_o = '0;
    if (req_valid_i && !req_write_i && known) begin
      unique case (wr_addr_o)
        ID_OFFSET:           rdata_o = ID_RESET;
        DMA_CTRL_OFFSET:     rdata_o = ctrl_q;
        DMA_BASE_LO_OFFSET:  rdata_o = base_q[31:0];
        DMA_BASE_HI_OFFSET:  rdata_o = base_q[63:32];
        DMA_PAGES_OFFSET:    rdata_o = pages_q;
        DMA_INTERVAL_OFFSET: rdata_o = interval_q;
        DMA_SEED_OFFSET:     rdata_o = seed_q;
        DMA_COUNT_OFFSET:    rdata_o = count_q;
        DMA_PASID_OFFSET:    rdata_o = pasid_q;
        DMA_XFER_OFFSET:     rdata_o = xfer_q;
        RING_BASE_LO_OFFSET: rdata_o = ring_base_q[31:0];
        RING_BASE_HI_OFFSET: rdata_o = ring_base_q[63:32];
        RING_CTRL_OFFSET:    rdata_o = ring_q;
        RING_TAIL_OFFSET:    rdata_o = tail_q;
        RING_HEAD_OFFSET:    rdata_o = {16'd0, ring_head_i};
        PRI_LIMIT_OFFSET:    rdata_o = limit_q;
        RING_STATUS_OFFSET:  rdata_o = {31'd0, ring_error_i};
        STAT_DONE_OFFSET:    rdata_o = done_q;
        STAT_DROPPED_OFFSET: rdata_o = dropped_q;
        STAT_ABORTED_OFFSET: rdata_o = aborted_q;
        STAT_ATC_OFFSET:     rdata_o = atc_count_i;
        STAT_INV_OFFSET:     rdata_o = inv_q;
        STAT_PAGES_OFFSET:   rdata_o = pages_sent_q;
        FAULT_CTRL_OFFSET:   rdata_o = fault_ctrl_i;
        FAULT_DELAY_OFFSET:  rdata_o = fault_delay_i;
        FAULT_SKIP_OFFSET:   rdata_o = fault_skip_i;
        FAULT_RID_OFFSET:    rdata_o = {16'd0, fault_rid_i};
        FAULT_EVERY_OFFSET:  rdata_o = fault_every_i;
        default:             rdata_o = '0;
      endcase
    end
  end

  // ---------------------------------------------------------------- write
  function automatic logic [31:0] merge(logic [31:0] old, logic [31:0] data, logic [31:0] m);
    return (old & ~m) | (data & m);
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctrl_q     <= DMA_CTRL_RESET;
      base_q     <= {DMA_BASE_HI_RESET, DMA_BASE_LO_RESET};
      pages_q    <= DMA_PAGES_RESET;
      interval_q <= DMA_INTERVAL_RESET;
      seed_q     <= DMA_SEED_RESET;
      count_q    <= DMA_COUNT_RESET;
      pasid_q    <= DMA_PASID_RESET;
      xfer_q     <= DMA_XFER_RESET;
      ring_q     <= RING_CTRL_RESET;
      tail_q     <= RING_TAIL_RESET;
      limit_q    <= PRI_LIMIT_RESET;
      ring_base_q <= '0;
    end else if (clear_i) begin
      ctrl_q     <= DMA_CTRL_RESET;
      base_q     <= {DMA_BASE_HI_RESET, DMA_BASE_LO_RESET};
      pages_q    <= DMA_PAGES_RESET;
      interval_q <= DMA_INTERVAL_RESET;
      seed_q     <= DMA_SEED_RESET;
      count_q    <= DMA_COUNT_RESET;
      pasid_q    <= DMA_PASID_RESET;
      xfer_q     <= DMA_XFER_RESET;
      ring_q     <= RING_CTRL_RESET;
      tail_q     <= RING_TAIL_RESET;
      limit_q    <= PRI_LIMIT_RESET;
      ring_base_q <= '0;
    end else if (wr) begin
      unique case (wr_addr_o)
        DMA_CTRL_OFFSET:     ctrl_q        <= merge(ctrl_q, req_data_i, mask & DMA_CTRL_WMASK & ~StopMarker);
        DMA_BASE_LO_OFFSET:  base_q[31:0]  <= merge(base_q[31:0], req_data_i, mask);
        DMA_BASE_HI_OFFSET:  base_q[63:32] <= merge(base_q[63:32], req_data_i, mask);
        DMA_PAGES_OFFSET:    pages_q       <= merge(pages_q, req_data_i, mask & DMA_PAGES_WMASK);
        DMA_INTERVAL_OFFSET: interval_q    <= merge(interval_q, req_data_i, mask);
        DMA_SEED_OFFSET:     seed_q        <= merge(seed_q, req_data_i, mask);
        DMA_COUNT_OFFSET:    count_q       <= merge(count_q, req_data_i, mask);
        DMA_XFER_OFFSET:     xfer_q        <= merge(xfer_q, req_data_i, mask & DMA_XFER_WMASK);
        RING_BASE_LO_OFFSET: ring_base_q[31:0]  <= merge(ring_base_q[31:0], req_data_i, mask);
        RING_BASE_HI_OFFSET: ring_base_q[63:32] <= merge(ring_base_q[63:32], req_data_i, mask);
        PRI_LIMIT_OFFSET:    limit_q       <= merge(limit_q, req_data_i, mask);
        RING_CTRL_OFFSET:    ring_q        <= merge(ring_q, req_data_i, mask & RING_CTRL_WMASK);
        RING_TAIL_OFFSET:    tail_q        <= merge(tail_q, req_data_i, mask & RING_TAIL_WMASK);
        DMA_PASID_OFFSET:    pasid_q       <= merge(pasid_q, req_data_i, mask & DMA_PASID_WMASK);
        default: ;
      endcase
    end
  end

  // ---------------------------------------------------------------- statistics
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {done_q, dropped_q, aborted_q, inv_q, pages_sent_q} <= '0;
    end else if (clear_i) begin
      {done_q, dropped_q, aborted_q, inv_q, pages_sent_q} <= '0;
    end else if (inc_i != '0) begin
      done_q    <= done_q + 32'(inc_i.done);
      dropped_q <= dropped_q + 32'(inc_i.dropped);
      aborted_q <= aborted_q + 32'(inc_i.aborted);
      inv_q     <= inv_q + 32'(inc_i.inv);
      pages_sent_q <= pages_sent_q + 32'(inc_i.page);
    end
  end

  assign marker_o = wr && (wr_addr_o == DMA_CTRL_OFFSET) && ((req_data_i & mask & StopMarker) != '0);

  assign dma_o = '{en: ctrl_q.en, wr: ctrl_q.wr, rd: ctrl_q.rd, use_ats: ctrl_q.use_ats, random: ctrl_q.random, pri: ctrl_q.pri,
                   base: base_q[63:12], log2_pages: pages_q.log2, interval: interval_q, seed: seed_q,
                   count: count_q, pasid_valid: pasid_q.valid, priv: pasid_q.priv, exec: pasid_q.exec,
                   pasid: pasid_q.pasid, log2_lines: xfer_q.log2_lines, tcs: xfer_q.tcs,
                   pri_log2: xfer_q.pri_log2, pri_limit: limit_q};

  assign ring_o = '{en: ring_q.en, ats: ring_q.use_ats, log2: ring_q.log2, irq_vec: ring_q.irq_vec, base: {ring_base_q[63:5], 5'd0}, tail: tail_q.index};

endmodule
