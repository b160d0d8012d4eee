// SPDX-License-Identifier: Apache-2.0
//
// Identification registers and the place of the ECMDQ control page, read-only (smmuv3 §1.1, §4). `Id` is also the parameter of smmu_cmd_decode: a feature that is
// not announced is not accepted. The registers outside it are those of rtl/regs/smmu.rdl.
module smmu_regs_id
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
#(
  parameter smmu_id_t Id = smmu_id(0)
) (
  input  logic [18:3] rd_addr_i,
  output logic [63:0] rd_data_o   // 0 when the address is another block's
);

  always_comb begin
    unique case (rd_addr_i)
      IDR0_OFFSET[18:3]:  rd_data_o = {Id.idr1, Id.idr0};
      IDR2_OFFSET[18:3]:  rd_data_o = {Id.idr3, IDR2_RESET};
      IDR4_OFFSET[18:3]:  rd_data_o = {Id.idr5, IDR4_RESET};
      IIDR_OFFSET[18:3]:  rd_data_o = {AIDR_RESET, IIDR_RESET};
      IDR6_OFFSET[18:3]:  rd_data_o = {32'd0, Id.idr6};
      CMDQ_CONTROL_PAGE_BASE0_OFFSET[18:3]: rd_data_o = Id.idr1.ecmdq ? CMDQ_CONTROL_PAGE_BASE0_RESET : '0;
      CMDQ_CONTROL_PAGE_CFG0_OFFSET[18:3]: begin
        rd_data_o = Id.idr1.ecmdq ? {CMDQ_CONTROL_PAGE_STATUS0_RESET, CMDQ_CONTROL_PAGE_CFG0_RESET} : '0;
      end
      PIDR4_OFFSET[18:3]: rd_data_o = {PIDR5_RESET, PIDR4_RESET};
      PIDR6_OFFSET[18:3]: rd_data_o = {PIDR7_RESET, PIDR6_RESET};
      PIDR0_OFFSET[18:3]: rd_data_o = {PIDR1_RESET, PIDR0_RESET};
      PIDR2_OFFSET[18:3]: rd_data_o = {PIDR3_RESET, PIDR2_RESET};
      CIDR0_OFFSET[18:3]: rd_data_o = {CIDR1_RESET, CIDR0_RESET};
      CIDR2_OFFSET[18:3]: rd_data_o = {CIDR3_RESET, CIDR2_RESET};
      default:            rd_data_o = '0;
    endcase
  end

endmodule
