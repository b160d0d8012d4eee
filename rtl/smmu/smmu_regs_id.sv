// SPDX-License-Identifier: Apache-2.0
//
// Identification registers, read-only (smmuv3 §1.1). The values are those of rtl/regs/smmu.rdl, which are also the
// parameters of smmu_cmd_decode: a feature that is not announced is not accepted.
module smmu_regs_id
  import smmu_reg_pkg::*;
(
  input  logic [16:3] rd_addr_i,
  output logic [63:0] rd_data_o   // 0 when the address is another block's
);

  always_comb begin
    unique case (rd_addr_i)
      IDR0_OFFSET[16:3]:  rd_data_o = {IDR1_RESET, IDR0_RESET};
      IDR2_OFFSET[16:3]:  rd_data_o = {IDR3_RESET, IDR2_RESET};
      IDR4_OFFSET[16:3]:  rd_data_o = {IDR5_RESET, IDR4_RESET};
      IIDR_OFFSET[16:3]:  rd_data_o = {AIDR_RESET, IIDR_RESET};
      IDR6_OFFSET[16:3]:  rd_data_o = {32'd0, IDR6_RESET};
      PIDR4_OFFSET[16:3]: rd_data_o = {PIDR5_RESET, PIDR4_RESET};
      PIDR6_OFFSET[16:3]: rd_data_o = {PIDR7_RESET, PIDR6_RESET};
      PIDR0_OFFSET[16:3]: rd_data_o = {PIDR1_RESET, PIDR0_RESET};
      PIDR2_OFFSET[16:3]: rd_data_o = {PIDR3_RESET, PIDR2_RESET};
      CIDR0_OFFSET[16:3]: rd_data_o = {CIDR1_RESET, CIDR0_RESET};
      CIDR2_OFFSET[16:3]: rd_data_o = {CIDR3_RESET, CIDR2_RESET};
      default:            rd_data_o = '0;
    endcase
  end

endmodule
