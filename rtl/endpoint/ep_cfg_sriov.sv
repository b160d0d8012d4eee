// SPDX-License-Identifier: Apache-2.0
//
// SR-IOV capability of a physical function.
//
// `vf_o.count` virtual functions exist: NumVFs while VF Enable is set, else 0. NumVFs can be written while VF Enable is 0
// before the write, and holds at most `NumVf`. VF n has function number `FirstVf` + n; its BAR0 is 64 KiB at
// VF BAR0 + n x 64 KiB. FLR clears VF Enable, so the virtual functions go with their physical one.
// Does not: know other page sizes than 4 KiB, migrate, number functions beyond 7.
module ep_cfg_sriov
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
#(
  parameter int unsigned NumVf   = 7,
  parameter int unsigned FirstVf = 1   // First VF Offset
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  cfg_req_t    req_i,
  output logic [31:0] rdata_o,         // 0 for other offsets; without header
  output sriov_t      vf_o
);

  localparam logic [31:0] BarMask = 32'hFFFF_0000;

  sriov_ctrl_status_t ctrl_q;
  logic [3:0]         num_q;
  logic [15:0]        bar_q;
  logic [31:0]        num_d;

  assign num_d = cfg_merge({28'd0, num_q}, req_i, SRIOV_NUM_VFS_WMASK);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctrl_q <= SRIOV_CTRL_STATUS_RESET;
      num_q  <= '0;
      bar_q  <= '0;
    end else if (clear_i) begin
      ctrl_q <= SRIOV_CTRL_STATUS_RESET;
      num_q  <= '0;
      bar_q  <= '0;
    end else if (req_i.wr) begin
      unique case (req_i.offset)
        SRIOV_CTRL_STATUS_OFFSET: ctrl_q <= cfg_merge(ctrl_q, req_i, SRIOV_CTRL_STATUS_WMASK);
        SRIOV_NUM_VFS_OFFSET:     if (!ctrl_q.vf_enable) num_q <= (num_d > NumVf) ? 4'(NumVf) : num_d[3:0];
        SRIOV_VF_BAR0_OFFSET:     bar_q  <= 16'(cfg_merge({bar_q, 16'd0}, req_i, BarMask) >> 16);
        default: ;
      endcase
    end
  end

  always_comb begin
    rdata_o = '0;
    if (req_i.rd) begin
      unique case (req_i.offset)
        SRIOV_CAP_OFFSET:         rdata_o = SRIOV_CAP_RESET;
        SRIOV_CTRL_STATUS_OFFSET: rdata_o = ctrl_q;
        SRIOV_VFS_OFFSET:         rdata_o = {16'(NumVf), 16'(NumVf)};
        SRIOV_NUM_VFS_OFFSET:     rdata_o = {28'd0, num_q};
        SRIOV_RID_OFFSET:         rdata_o = {16'd1, 16'(FirstVf)};
        SRIOV_VF_DEVICE_OFFSET:   rdata_o = SRIOV_VF_DEVICE_RESET;
        SRIOV_PAGE_SIZES_OFFSET:  rdata_o = SRIOV_PAGE_SIZES_RESET;
        SRIOV_PAGE_SIZE_OFFSET:   rdata_o = SRIOV_PAGE_SIZE_RESET;
        SRIOV_VF_BAR0_OFFSET:     rdata_o = {bar_q, 16'd0};
        default: ;
      endcase
    end
  end

  assign vf_o = '{mem_en: ctrl_q.vf_mse, bar: bar_q, count: ctrl_q.vf_enable ? num_q : '0};

endmodule
