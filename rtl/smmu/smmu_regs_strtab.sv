// SPDX-License-Identifier: Apache-2.0
//
// STRTAB_BASE and STRTAB_BASE_CFG (smmuv3 §1.5).
//
// Guarantees: writes are ignored while `locked_i` (CR0.SMMUEN or its acknowledge is 1). SPLIT other than 6, 8, 10
// acts as 6 and FMT other than two-level as linear in what is handed on; the registers read as written.
// Does not: align the base to the table or limit LOG2SIZE to SIDSIZE (the lookup does).
module smmu_regs_strtab
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  reg_wr_t        wr_i,
  input  logic           locked_i,
  input  logic [18:3]    rd_addr_i,
  output logic [63:0]    rd_data_o,   // 0 when the address is another block's
  output logic [PaW-1:0] base_o,
  output logic [5:0]     log2size_o,
  output logic [4:0]     split_o,
  output logic           two_level_o
);

  logic [63:0] base_q;
  strtab_base_cfg_t cfg_q;

  assign base_o      = {base_q[PaW-1:6], 6'd0};
  assign log2size_o  = cfg_q.log2size;
  assign split_o     = (cfg_q.split == 5'd8 || cfg_q.split == 5'd10) ? cfg_q.split : 5'd6;
  assign two_level_o = cfg_q.fmt == STRTAB_FMT_2LVL;

  always_comb begin
    rd_data_o = '0;
    if (rd_addr_i == STRTAB_BASE_OFFSET[18:3]) rd_data_o = base_q;
    if (rd_addr_i == STRTAB_BASE_CFG_OFFSET[18:3]) rd_data_o = {32'd0, cfg_q};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      base_q <= STRTAB_BASE_RESET;
      cfg_q  <= STRTAB_BASE_CFG_RESET;
    end else if (wr_i.valid && !locked_i) begin
      base_q <= wr_64(wr_i, STRTAB_BASE_OFFSET, base_q, STRTAB_BASE_WMASK);
      cfg_q  <= strtab_base_cfg_t'(wr_32(wr_i, STRTAB_BASE_CFG_OFFSET, cfg_q, STRTAB_BASE_CFG_WMASK));
    end
  end

endmodule
