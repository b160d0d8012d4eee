// SPDX-License-Identifier: Apache-2.0
//
// Message signalled interrupts of a function: the MSI capability (64-bit address, mask bits), the MSI-X capability with its
// table and pending bits, and the memory write that an interrupt becomes.
//
// A request for a vector is taken at once and sets its pending bit; the lowest vector that is pending and not masked
// becomes a write request (AT = 00, the function's own requester ID, so it is translated by the SMMU). Requests for a vector that is
// pending already are one interrupt. Masked vectors pend until they are unmasked.
// MSI-X wins when both are enabled; with neither, requests are dropped and nothing pends. MSI: the data's low bits
// are replaced by the vector modulo the number of vectors granted.
// Guarantees: the write enters the ordered egress queue after everything that entered it before the request.
// Does not: tell who asked that its interrupt is masked, look at the address, support wired interrupts.
// Table: 16 bytes a vector at 0, pending bits at 0x800 of BAR2, dwords with byte enables. FLR clears all of it.
// Latency: request to `tx_valid_o` 1 cycle. Costs nothing while no bit is pending.
module ep_msi
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
#(
  parameter bit          HasMsix = 1,
  localparam int unsigned NumVec = 8         // MSI_CTRL.MULTI_CAP, MSIX_CTRL.TABLE_SIZE
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,

  input  cfg_req_t    cfg_i,
  output logic [31:0] rdata_o,             // 0 for other offsets

  input  cfg_req_t    bar_i,               // BAR2, offset in it
  output logic [31:0] bar_rdata_o,

  input  logic        msi_req_valid_i,
  output logic        msi_req_ready_o,     // always 1
  input  logic [2:0]  msi_req_vector_i,

  input  logic        may_send_i,          // bus master, D0
  output logic        tx_valid_o,
  input  logic        tx_ready_i,
  output tx_item_t    tx_o,

  output logic        quiet_o
);

  localparam logic [11:0] PbaOffset = 12'h800;

  typedef struct packed {
    logic [63:2] addr;
    logic [31:0] data;
  } vector_t;

  msi_ctrl_t         msi_q;
  msix_ctrl_t        msix_q;
  logic [63:2]       addr_q;
  logic [15:0]       data_q;
  logic [NumVec-1:0] mask_q, masked_q;      // MSI; MSI-X
  vector_t           table_q [NumVec];
  logic [NumVec-1:0] pending_q, hidden, open;
  logic              use_msix, use_msi;

  assign use_msix = HasMsix && msix_q.enable;
  assign use_msi  = msi_q.enable && !use_msix;

  // ---------------------------------------------------------------- vector of a request
  logic [2:0] vector, low_mask;
  logic       take;

  assign low_mask = (msi_q.multi_en >= 3'd3) ? 3'd7 : 3'((4'd1 << msi_q.multi_en) - 4'd1);
  assign vector   = use_msi ? msi_req_vector_i & low_mask : msi_req_vector_i;
  assign take     = msi_req_valid_i && (use_msi || use_msix);
  assign msi_req_ready_o = 1'b1;

  // ---------------------------------------------------------------- the write
  logic [2:0] pick;

  assign hidden = use_msix ? (masked_q | {NumVec{msix_q.function_mask}}) : mask_q;
  assign open   = pending_q & ~hidden;

  always_comb begin
    pick = '0;
    if (open != '0) for (int unsigned i = NumVec; i > 0; i--) if (open[i-1]) pick = 3'(i - 1);
  end

  assign tx_valid_o = (open != '0) && may_send_i;

  always_comb begin
    tx_o = '0;
    if (tx_valid_o) begin
      tx_o.kind   = TxMsi;
      tx_o.addr   = {use_msix ? table_q[pick].addr : addr_q, 2'b00};
      tx_o.number = use_msix ? table_q[pick].data : {16'd0, (data_q & ~{13'd0, low_mask}) | {13'd0, pick}};
    end
  end

  // ---------------------------------------------------------------- registers
  logic       msix_wr, in_table;
  logic [2:0] row;

  assign msix_wr  = HasMsix && cfg_i.wr && (cfg_i.offset == MSIX_CTRL_OFFSET);
  assign in_table = HasMsix && (bar_i.offset[11:7] == '0);
  assign row      = bar_i.offset[6:4];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      msi_q     <= MSI_CTRL_RESET;
      msix_q    <= MSIX_CTRL_RESET;
      addr_q    <= '0;
      data_q    <= '0;
      mask_q    <= '0;
      masked_q  <= '1;
      pending_q <= '0;
    end else if (clear_i) begin
      msi_q     <= MSI_CTRL_RESET;
      msix_q    <= MSIX_CTRL_RESET;
      addr_q    <= '0;
      data_q    <= '0;
      mask_q    <= '0;
      masked_q  <= '1;
      pending_q <= '0;
    end else begin
      if (cfg_i.wr) begin
        unique case (cfg_i.offset)
          MSI_CTRL_OFFSET:    msi_q         <= cfg_merge(msi_q, cfg_i, MSI_CTRL_WMASK);
          MSI_ADDR_LO_OFFSET: addr_q[31:2]  <= 30'(cfg_merge({addr_q[31:2], 2'b00}, cfg_i, MSI_ADDR_LO_WMASK) >> 2);
          MSI_ADDR_HI_OFFSET: addr_q[63:32] <= cfg_merge(addr_q[63:32], cfg_i, MSI_ADDR_HI_WMASK);
          MSI_DATA_OFFSET:    data_q        <= 16'(cfg_merge({16'd0, data_q}, cfg_i, MSI_DATA_WMASK));
          MSI_MASK_OFFSET:    mask_q        <= NumVec'(cfg_merge({24'd0, mask_q}, cfg_i, MSI_MASK_WMASK));
          default: ;
        endcase
      end
      if (msix_wr) msix_q <= cfg_merge(msix_q, cfg_i, MSIX_CTRL_WMASK);
      if (bar_i.wr && in_table && (bar_i.offset[3:2] == 2'd3) && bar_i.mask[0]) masked_q[row] <= bar_i.data[0];
      if (tx_valid_o && tx_ready_i) pending_q[pick] <= 1'b0;
      if (take) pending_q[vector] <= 1'b1;             // asked for again in the cycle in which it leaves: once more
      if (!use_msi && !use_msix) pending_q <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (bar_i.wr && in_table) begin
      unique case (bar_i.offset[3:2])
        2'd0:    table_q[row].addr[31:2]  <= 30'(cfg_merge({table_q[row].addr[31:2], 2'b00}, bar_i, '1) >> 2);
        2'd1:    table_q[row].addr[63:32] <= cfg_merge(table_q[row].addr[63:32], bar_i, '1);
        2'd2:    table_q[row].data        <= cfg_merge(table_q[row].data, bar_i, '1);
        default: ;
      endcase
    end
  end

  // ---------------------------------------------------------------- read
  always_comb begin
    rdata_o = '0;
    if (cfg_i.rd) begin
      unique case (cfg_i.offset)
        MSI_CTRL_OFFSET: begin
          rdata_o = msi_q;
          if (!HasMsix) rdata_o[15:8] = '0;            // last of the list
        end
        MSI_ADDR_LO_OFFSET: rdata_o = {addr_q[31:2], 2'b00};
        MSI_ADDR_HI_OFFSET: rdata_o = addr_q[63:32];
        MSI_DATA_OFFSET:    rdata_o = {16'd0, data_q};
        MSI_MASK_OFFSET:    rdata_o = {24'd0, mask_q};
        MSI_PENDING_OFFSET: if (!use_msix) rdata_o = {24'd0, pending_q};
        MSIX_CTRL_OFFSET:   if (HasMsix) rdata_o = msix_q;
        MSIX_TABLE_OFFSET:  if (HasMsix) rdata_o = MSIX_TABLE_RESET;
        MSIX_PBA_OFFSET:    if (HasMsix) rdata_o = MSIX_PBA_RESET;
        default: ;
      endcase
    end
  end

  always_comb begin
    bar_rdata_o = '0;
    if (bar_i.rd) begin
      if (in_table) begin
        unique case (bar_i.offset[3:2])
          2'd0:    bar_rdata_o = {table_q[row].addr[31:2], 2'b00};
          2'd1:    bar_rdata_o = table_q[row].addr[63:32];
          2'd2:    bar_rdata_o = table_q[row].data;
          default: bar_rdata_o = {31'd0, masked_q[row]};
        endcase
      end else if (HasMsix && (bar_i.offset == PbaOffset) && use_msix) begin
        bar_rdata_o = {24'd0, pending_q};
      end
    end
  end

  assign quiet_o = !take && !(tx_valid_o && tx_ready_i) && !((pending_q != '0) && !use_msi && !use_msix);

endmodule
