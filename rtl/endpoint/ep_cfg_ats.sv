// SPDX-License-Identifier: Apache-2.0
//
// ATS and PASID capabilities (pcie-ats.md section 8).
//
// STU takes a value only while Enable is 0 before the write (one write may set both). A virtual function has no PASID
// capability and no STU or queue depth of its own: those fields read 0, its physical function's values hold.
// Does not: refuse PASID Enable changes while ATS is enabled (software's duty).
// Latency: reads 0 cycles, writes 1; `ats_rise_o`, `ats_fall_o` are up in the cycle of the write.
module ep_cfg_ats
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
#(
  parameter bit IsVf = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  cfg_req_t    req_i,
  output logic [31:0] rdata_o,         // 0 for other offsets; without headers
  input  logic [5:0]  inv_depth_i,
  output logic        pasid_en_o,
  output logic        pasid_exec_o,    // Execute Permission Enable
  output logic        pasid_priv_o,    // Privileged Mode Enable
  output logic        ats_en_o,
  output logic [4:0]  ats_stu_o,
  output logic        ats_rise_o,      // Enable changes at the next edge
  output logic        ats_fall_o
);

  localparam logic [31:0] VfWmask  = 32'h8000_0000;
  localparam logic [31:0] AtsWmask = IsVf ? (ATS_CAP_CTRL_WMASK & VfWmask) : ATS_CAP_CTRL_WMASK;

  ats_cap_ctrl_t   ats_q, ats_d, ats_r;
  pasid_cap_ctrl_t pasid_q;

  always_comb begin
    ats_d = ats_q;
    if (req_i.wr && (req_i.offset == ATS_CAP_CTRL_OFFSET)) begin
      ats_d = cfg_merge(ats_q, req_i, AtsWmask);
      if (ats_q.enable) ats_d.stu = ats_q.stu;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ats_q   <= ATS_CAP_CTRL_RESET;
      pasid_q <= PASID_CAP_CTRL_RESET;
    end else if (clear_i) begin
      ats_q   <= ATS_CAP_CTRL_RESET;
      pasid_q <= PASID_CAP_CTRL_RESET;
    end else begin
      ats_q <= ats_d;
      if (!IsVf && req_i.wr && (req_i.offset == PASID_CAP_CTRL_OFFSET)) begin
        pasid_q <= cfg_merge(pasid_q, req_i, PASID_CAP_CTRL_WMASK);
      end
    end
  end

  always_comb begin
    ats_r          = ats_q;
    ats_r.inv_qdep = IsVf ? '0 : inv_depth_i[4:0];   // 32 reads as 0
    rdata_o        = '0;
    if (req_i.rd) begin
      unique case (req_i.offset)
        ATS_CAP_CTRL_OFFSET:   rdata_o = ats_r;
        PASID_CAP_CTRL_OFFSET: if (!IsVf) rdata_o = pasid_q;
        default: ;
      endcase
    end
  end

  assign pasid_en_o = pasid_q.enable;
  assign pasid_exec_o = pasid_q.exec_en;
  assign pasid_priv_o = pasid_q.priv_en;
  assign ats_en_o   = ats_q.enable;
  assign ats_stu_o  = ats_q.stu;
  assign ats_rise_o = !clear_i && ats_d.enable && !ats_q.enable;
  assign ats_fall_o = !clear_i && !ats_d.enable && ats_q.enable;

endmodule
