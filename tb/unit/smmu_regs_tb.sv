// SPDX-License-Identifier: Apache-2.0
//
// smmu_regs behind flat ports, two endpoints.
module smmu_regs_tb
  import smmu_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [18:0] reg_awaddr_i,
  input  logic        reg_awvalid_i,
  output logic        reg_awready_o,
  input  logic [63:0] reg_wdata_i,
  input  logic [7:0]  reg_wstrb_i,
  input  logic        reg_wvalid_i,
  output logic        reg_wready_o,
  output logic [1:0]  reg_bresp_o,
  output logic        reg_bvalid_o,
  input  logic        reg_bready_i,
  input  logic [18:0] reg_araddr_i,
  input  logic        reg_arvalid_i,
  output logic        reg_arready_o,
  output logic [63:0] reg_rdata_o,
  output logic [1:0]  reg_rresp_o,
  output logic        reg_rvalid_o,
  input  logic        reg_rready_i,

  output logic        cmdq_enable_o,
  output logic [47:0] cmdq_base_o,
  output logic [4:0]  cmdq_log2size_o,
  output logic [19:0] cmdq_prod_o,
  output logic [19:0] cmdq_cons_o,
  output logic        cmdq_err_o,
  input  logic        cmdq_idle_i,
  input  logic        cmd_consume_i,
  input  logic        cmd_error_i,
  input  logic [6:0]  cmd_error_code_i,

  output logic        evtq_enable_o,
  output logic [47:0] evtq_base_o,
  output logic [4:0]  evtq_log2size_o,
  output logic [19:0] evtq_prod_o,
  output logic [19:0] evtq_cons_o,
  output logic        evtq_overflowed_o,
  output logic        evtq_abt_err_o,
  input  logic        evtq_idle_i,
  input  logic        evtq_advance_i,
  input  logic        evtq_overflow_i,
  input  logic        evtq_abort_i,

  output logic        priq_enable_o,
  output logic [47:0] priq_base_o,
  output logic [4:0]  priq_log2size_o,
  output logic [19:0] priq_prod_o,
  output logic [19:0] priq_cons_o,
  output logic        priq_overflowed_o,
  output logic        priq_abt_err_o,
  output logic        priq_irq_last_o,
  input  logic        priq_idle_i,
  input  logic        priq_advance_i,
  input  logic        priq_overflow_i,
  input  logic        priq_abort_i,

  output logic        smmuen_o,
  output logic        rec_cfg_ats_o,
  output logic [2:0]  vmw_o,
  output logic        atschk_o,
  output logic        recinvsid_o,
  output logic        gbpa_abort_o,
  output logic [47:0] strtab_base_o,
  output logic [5:0]  strtab_log2size_o,
  output logic [4:0]  strtab_split_o,
  output logic        strtab_2lvl_o,
  output logic        drain_req_o,
  input  logic        drain_done_i,

  output logic [4:0]  irq_on_o,          // {PMCG, PRIQ, EVENTQ, GERROR, SYNC}
  output logic [47:0] gerror_msi_addr_o,
  output logic [31:0] gerror_msi_data_o,
  output logic [47:0] evtq_msi_addr_o,
  output logic [31:0] evtq_msi_data_o,
  output logic [47:0] priq_msi_addr_o,
  output logic [31:0] priq_msi_data_o,
  output logic        gerror_irq_o,
  input  logic [4:0]  irq_busy_i,
  input  logic [4:0]  msi_abort_i,

  output logic [47:0] timeout_o,
  output logic [47:0] quar_interval_o,
  output logic [5:0]  inv_limit0_o,
  output logic [5:0]  inv_limit1_o,
  output logic [1:0]  quar_release_o,
  input  logic [5:0]  quar_busy0_i,
  input  logic [5:0]  quar_busy1_i,
  input  logic        stray_valid_i,
  input  logic [2:0]  stray_cause_i,
  input  logic [5:0]  stray_count_i,
  output logic        quiet_o
);

  queue_t    cmdq, evtq, priq;
  xlat_cfg_t cfg;
  reg_wr_t   unused_ext_wr;
  logic [18:3] unused_ext_rd_addr;
  msi_t      gerror_msi, evtq_msi, priq_msi;

  assign {cmdq_enable_o, cmdq_base_o, cmdq_log2size_o, cmdq_prod_o, cmdq_cons_o} = cmdq;
  assign {evtq_enable_o, evtq_base_o, evtq_log2size_o, evtq_prod_o, evtq_cons_o} = evtq;
  assign {priq_enable_o, priq_base_o, priq_log2size_o, priq_prod_o, priq_cons_o} = priq;
  assign {rec_cfg_ats_o, vmw_o} = {cfg.rec_cfg_ats, cfg.vmw};
  assign {priq_msi_addr_o, priq_msi_data_o} = priq_msi;
  assign {smmuen_o, atschk_o, recinvsid_o, gbpa_abort_o} = {cfg.smmuen, cfg.atschk, cfg.recinvsid, cfg.gbpa_abort};
  assign strtab_base_o     = cfg.strtab_base;
  assign strtab_log2size_o = cfg.strtab_log2size;
  assign strtab_split_o    = cfg.strtab_split;
  assign strtab_2lvl_o     = cfg.strtab_2lvl;
  assign {gerror_msi_addr_o, gerror_msi_data_o} = gerror_msi;
  assign {evtq_msi_addr_o, evtq_msi_data_o}     = evtq_msi;

  logic unused_e2h;
  assign unused_e2h = cfg.e2h;

  smmu_regs #(.NumEp (2)) u_dut (
    .clk_i, .rst_ni,
    .reg_awaddr_i, .reg_awvalid_i, .reg_awready_o, .reg_wdata_i, .reg_wstrb_i, .reg_wvalid_i, .reg_wready_o,
    .reg_bresp_o, .reg_bvalid_o, .reg_bready_i, .reg_araddr_i, .reg_arvalid_i, .reg_arready_o, .reg_rdata_o,
    .reg_rresp_o, .reg_rvalid_o, .reg_rready_i,
    .cmdq_o (cmdq), .cmdq_err_o, .cmdq_idle_i, .cmd_consume_i, .cmd_error_i, .cmd_error_code_i,
    .evtq_o (evtq), .evtq_overflowed_o, .evtq_abt_err_o, .evtq_idle_i, .evtq_advance_i, .evtq_overflow_i, .evtq_abort_i,
    .priq_o (priq), .priq_overflowed_o, .priq_abt_err_o, .priq_irq_last_o, .priq_idle_i, .priq_advance_i,
    .priq_overflow_i, .priq_abort_i,
    .xlat_cfg_o (cfg), .drain_req_o, .drain_done_i,
    .irq_on_o, .gerror_msi_o (gerror_msi), .evtq_msi_o (evtq_msi), .priq_msi_o (priq_msi), .gerror_irq_o,
    .irq_busy_i, .msi_abort_i,
    .ext_wr_o (unused_ext_wr), .ext_rd_addr_o (unused_ext_rd_addr), .ext_rd_data_i ('0),
    .timeout_o, .quar_interval_o, .inv_limit_o ({inv_limit1_o, inv_limit0_o}), .quar_release_o,
    .quar_busy_i ({quar_busy1_i, quar_busy0_i}),
    .stray_valid_i, .stray_cause_i (stray_cause_e'(stray_cause_i)), .stray_count_i,
    .quiet_o
  );

endmodule
