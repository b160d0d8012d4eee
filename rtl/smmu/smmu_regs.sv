// SPDX-License-Identifier: Apache-2.0
//
// SMMU registers (smmuv3 §1): puts the groups behind one AXI4-Lite port.
//
// Guarantees: what each group's header says; addresses without a register read 0 and ignore writes; a read sees one
// instant of its 64-bit lane. CMDQ_CONS and GERROR.CMDQ_ERR change at the same edge (§1.4).
// Does not: implement Secure registers, ATOS, VATOS, page-0 aliases. The PRI queue's registers are there with IDR0.PRI;
// PRIQEN acts as 0 while the SMMU is off (§1.2).
// Latency: see smmu_regs_axil; `cmd_consume_i`, `cmd_error_i`, `evtq_advance_i` to the readable register: 1 cycle.
module smmu_regs
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
#(
  parameter int unsigned NumEp    = 4,
  parameter int unsigned NumEcmdq = 0,                 // 0 or a power of two
  parameter smmu_id_t    Id       = smmu_id(NumEcmdq),
  localparam int unsigned NumQueues = 1 + NumEcmdq,    // command queues: 0 is CMDQ, n is ECMDQ n - 1
  localparam int unsigned NumSrc    = NumIrq + NumEcmdq
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic [18:0]           reg_awaddr_i,
  input  logic                  reg_awvalid_i,
  output logic                  reg_awready_o,
  input  logic [63:0]           reg_wdata_i,
  input  logic [7:0]            reg_wstrb_i,
  input  logic                  reg_wvalid_i,
  output logic                  reg_wready_o,
  output logic [1:0]            reg_bresp_o,
  output logic                  reg_bvalid_o,
  input  logic                  reg_bready_i,
  input  logic [18:0]           reg_araddr_i,
  input  logic                  reg_arvalid_i,
  output logic                  reg_arready_o,
  output logic [63:0]           reg_rdata_o,
  output logic [1:0]            reg_rresp_o,
  output logic                  reg_rvalid_o,
  input  logic                  reg_rready_i,

  // command queues
  output queue_t [NumQueues-1:0]     cmdq_o,     // enable: in effect, and no error of the queue active
  output logic [NumQueues-1:0]       cmdq_err_o, // an error of the queue is active
  input  logic [NumQueues-1:0]       cmdq_idle_i,
  input  logic [NumQueues-1:0]       cmd_consume_i,
  input  logic [NumQueues-1:0]       cmd_error_i,
  input  logic [NumQueues-1:0][6:0]  cmd_error_code_i,

  // event queue
  output queue_t                evtq_o,          // enable: EVENTQEN in effect
  output logic                  evtq_overflowed_o,
  output logic                  evtq_abt_err_o,  // EVENTQ_ABT_ERR active
  input  logic                  evtq_idle_i,
  input  logic                  evtq_advance_i,
  input  logic                  evtq_overflow_i,
  input  logic                  evtq_abort_i,

  // PRI queue
  output queue_t                priq_o,          // enable: PRIQEN and SMMUEN in effect
  output logic                  priq_overflowed_o,
  output logic                  priq_abt_err_o,  // PRIQ_ABT_ERR active
  output logic                  priq_irq_last_o, // PRIQ_IRQ_CFG2.LO
  input  logic                  priq_idle_i,
  input  logic                  priq_advance_i,
  input  logic                  priq_overflow_i,
  input  logic                  priq_abort_i,

  // translation
  output xlat_cfg_t             xlat_cfg_o,
  output logic                  drain_req_o,     // SMMUEN is being turned off
  input  logic                  drain_done_i,

  // interrupts
  output logic [NumSrc-1:0]     irq_on_o,
  output msi_t                  gerror_msi_o,
  output msi_t                  evtq_msi_o,
  output msi_t                  priq_msi_o,
  output logic                  gerror_irq_o,    // pulse
  input  logic [NumSrc-1:0]     irq_busy_i,
  input  logic [NumSrc-1:0]     msi_abort_i,     // pulses

  // other pages: the access as this block sees it; data is 0 when the address is not theirs
  output reg_wr_t               ext_wr_o,
  output logic [18:3]           ext_rd_addr_o,
  input  logic [63:0]           ext_rd_data_i,

  // ATC invalidation
  output time_t                 timeout_o,
  output time_t                 quar_interval_o,
  output logic [NumEp-1:0][5:0] inv_limit_o,
  output logic [NumEp-1:0]      quar_release_o,
  input  logic [NumEp-1:0][5:0] quar_busy_i,
  input  logic                  stray_valid_i,
  input  stray_cause_e          stray_cause_i,
  input  logic [5:0]            stray_count_i,

  output logic                  quiet_o
);

  reg_wr_t           wr;
  logic [18:3]       rd_addr;
  logic [63:0]       rd_id, rd_ctrl, rd_gerror, rd_gerror_cfg, rd_evtq_cfg, rd_priq_cfg, rd_strtab, rd_cmdq, rd_evtq,
                     rd_priq, rd_ecmdq, rd_impdef;
  cr0_t              on, busy;
  logic [NumQueues-1:0]       ecmdq_busy, quiet_ecmdq;
  logic [NumQueues-1:0][63:0] rd_of;
  logic [NumIrq-1:0] irq_cfg_locked;
  logic [31:0]       gerror, gerrorn;
  logic [9:0]        gerror_set;
  logic              quiet_axil, quiet_ctrl, quiet_gerror, quiet_impdef;

  smmu_regs_axil u_axil (
    .clk_i, .rst_ni,
    .awaddr_i (reg_awaddr_i), .awvalid_i (reg_awvalid_i), .awready_o (reg_awready_o),
    .wdata_i  (reg_wdata_i),  .wstrb_i   (reg_wstrb_i),   .wvalid_i  (reg_wvalid_i), .wready_o (reg_wready_o),
    .bresp_o  (reg_bresp_o),  .bvalid_o  (reg_bvalid_o),  .bready_i  (reg_bready_i),
    .araddr_i (reg_araddr_i), .arvalid_i (reg_arvalid_i), .arready_o (reg_arready_o),
    .rdata_o  (reg_rdata_o),  .rresp_o   (reg_rresp_o),   .rvalid_o  (reg_rvalid_o), .rready_i (reg_rready_i),
    .wr_o      (wr),
    .rd_addr_o (rd_addr),
    .rd_data_i (rd_id | rd_ctrl | rd_gerror | rd_gerror_cfg | rd_evtq_cfg | rd_priq_cfg | rd_strtab | rd_cmdq |
                rd_evtq | rd_priq | rd_ecmdq | rd_impdef | ext_rd_data_i),
    .quiet_o   (quiet_axil)
  );

  assign ext_wr_o      = wr;
  assign ext_rd_addr_o = rd_addr;

  smmu_regs_id #(.Id (Id)) u_id (.rd_addr_i (rd_addr), .rd_data_o (rd_id));

  smmu_regs_ctrl #(.Id (Id)) u_ctrl (
    .clk_i, .rst_ni,
    .wr_i             (wr),
    .rd_addr_i        (rd_addr),
    .rd_data_o        (rd_ctrl),
    .on_o             (on),
    .busy_o           (busy),
    .e2h_o            (xlat_cfg_o.e2h),
    .recinvsid_o      (xlat_cfg_o.recinvsid),
    .rec_cfg_ats_o    (xlat_cfg_o.rec_cfg_ats),
    .gbpa_abort_o     (xlat_cfg_o.gbpa_abort),
    .irq_on_o         (irq_on_o[NumIrq-1:0]),
    .irq_cfg_locked_o (irq_cfg_locked),
    .drain_req_o,
    .drain_done_i,
    .ecmdq_busy_i     (ecmdq_busy != '0),
    .cmdq_idle_i      (cmdq_idle_i[0]),
    .evtq_idle_i,
    .priq_idle_i,
    .irq_busy_i       (irq_busy_i[NumIrq-1:0]),
    .quiet_o          (quiet_ctrl)
  );
  assign xlat_cfg_o.smmuen = on.smmuen;
  assign xlat_cfg_o.atschk = on.atschk;
  assign xlat_cfg_o.vmw    = on.vmw;

  always_comb begin
    gerror_set    = '0;
    gerror_set[0] = cmd_error_i[0];
    gerror_set[2] = evtq_abort_i;
    gerror_set[3] = priq_abort_i;
    gerror_set[4] = msi_abort_i[IrqSync];
    gerror_set[5] = msi_abort_i[IrqEvtq];
    gerror_set[6] = msi_abort_i[IrqPriq];
    gerror_set[7] = msi_abort_i[IrqGerror];
    for (int unsigned q = 1; q < NumQueues; q++) begin
      if (cmd_error_i[q]) gerror_set[9] = 1'b1;
      if (msi_abort_i[NumIrq + q - 1]) gerror_set[4] = 1'b1;
    end
  end

  smmu_gerror u_gerror (
    .clk_i, .rst_ni,
    .wr_i       (wr),
    .set_i      (gerror_set),
    .gerror_o   (gerror),
    .gerrorn_o  (gerrorn),
    .cmdq_err_o (cmdq_err_o[0]),
    .irq_o      (gerror_irq_o),
    .quiet_o    (quiet_gerror)
  );
  assign evtq_abt_err_o = gerror[2] ^ gerrorn[2];
  assign priq_abt_err_o = gerror[3] != gerrorn[3];
  assign rd_gerror = (rd_addr == GERROR_OFFSET[18:3]) ? {gerrorn, gerror} : '0;

  logic [1:0] unused_option;
  smmu_regs_irqcfg #(.Cfg0Offset (GERROR_IRQ_CFG0_OFFSET), .Cfg1Offset (GERROR_IRQ_CFG1_OFFSET)) u_gerror_cfg (
    .clk_i, .rst_ni,
    .wr_i      (wr),
    .locked_i  (irq_cfg_locked[IrqGerror]),
    .rd_addr_i (rd_addr),
    .rd_data_o (rd_gerror_cfg),
    .msi_o     (gerror_msi_o),
    .option_o  (unused_option[0])
  );

  smmu_regs_irqcfg #(.Cfg0Offset (EVENTQ_IRQ_CFG0_OFFSET), .Cfg1Offset (EVENTQ_IRQ_CFG1_OFFSET)) u_evtq_cfg (
    .clk_i, .rst_ni,
    .wr_i      (wr),
    .locked_i  (irq_cfg_locked[IrqEvtq]),
    .rd_addr_i (rd_addr),
    .rd_data_o (rd_evtq_cfg),
    .msi_o     (evtq_msi_o),
    .option_o  (unused_option[1])
  );

  smmu_regs_irqcfg #(
    .Cfg0Offset (PRIQ_IRQ_CFG0_OFFSET),
    .Cfg1Offset (PRIQ_IRQ_CFG1_OFFSET),
    .Cfg2Mask   (PRIQ_IRQ_CFG2_WMASK),
    .Built      (Id.idr0.pri)
  ) u_priq_cfg (
    .clk_i, .rst_ni,
    .wr_i      (wr),
    .locked_i  (irq_cfg_locked[IrqPriq]),
    .rd_addr_i (rd_addr),
    .rd_data_o (rd_priq_cfg),
    .msi_o     (priq_msi_o),
    .option_o  (priq_irq_last_o)
  );

  smmu_regs_strtab u_strtab (
    .clk_i, .rst_ni,
    .wr_i        (wr),
    .locked_i    (busy.smmuen),
    .rd_addr_i   (rd_addr),
    .rd_data_o   (rd_strtab),
    .base_o      (xlat_cfg_o.strtab_base),
    .log2size_o  (xlat_cfg_o.strtab_log2size),
    .split_o     (xlat_cfg_o.strtab_split),
    .two_level_o (xlat_cfg_o.strtab_2lvl)
  );

  smmu_regs_cmdq #(.MaxLog2 (Id.idr1.cmdqs)) u_cmdq (
    .clk_i, .rst_ni,
    .wr_i         (wr),
    .enabled_i    (busy.cmdqen),
    .consume_i    (cmd_consume_i[0]),
    .error_i      (cmd_error_i[0]),
    .error_code_i (cmd_error_code_i[0]),
    .rd_addr_i    (rd_addr),
    .rd_data_o    (rd_cmdq),
    .base_o       (cmdq_o[0].base),
    .log2size_o   (cmdq_o[0].log2size),
    .prod_o       (cmdq_o[0].prod),
    .cons_o       (cmdq_o[0].cons)
  );
  assign cmdq_o[0].enable = on.cmdqen && !cmdq_err_o[0];

  // The SYNC interrupts of enhanced queues have no enable either.
  assign quiet_ecmdq[0] = 1'b1;
  assign ecmdq_busy[0]  = 1'b0;
  assign rd_of[0]       = '0;
  for (genvar q = 1; q < NumQueues; q++) begin : gen_ecmdq
    smmu_regs_ecmdq #(
      .Offset  (ECMDQ_BASE_OFFSET + 20'((q - 1) * (32'h10000 >> Id.idr6.cmdq_control_page_log2numq))),
      .MaxLog2 (Id.idr1.cmdqs)
    ) u_ecmdq (
      .clk_i, .rst_ni,
      .wr_i         (wr),
      .idle_i       (cmdq_idle_i[q]),
      .consume_i    (cmd_consume_i[q]),
      .error_i      (cmd_error_i[q]),
      .error_code_i (cmd_error_code_i[q][2:0]),
      .rd_addr_i    (rd_addr),
      .rd_data_o    (rd_of[q]),
      .queue_o      (cmdq_o[q]),
      .busy_o       (ecmdq_busy[q]),
      .err_o        (cmdq_err_o[q]),
      .quiet_o      (quiet_ecmdq[q])
    );
    assign irq_on_o[NumIrq + q - 1] = 1'b1;

    logic unused_ecmdq;
    assign unused_ecmdq = ^{cmd_error_code_i[q][6:3], irq_busy_i[NumIrq + q - 1]};
  end

  always_comb begin
    rd_ecmdq = '0;
    for (int unsigned q = 1; q < NumQueues; q++) rd_ecmdq |= rd_of[q];
  end

  smmu_regs_outq #(.MaxLog2 (Id.idr1.eventqs)) u_evtq (
    .clk_i, .rst_ni,
    .wr_i         (wr),
    .enabled_i    (busy.eventqen),
    .advance_i    (evtq_advance_i),
    .overflow_i   (evtq_overflow_i),
    .rd_addr_i    (rd_addr),
    .rd_data_o    (rd_evtq),
    .base_o       (evtq_o.base),
    .log2size_o   (evtq_o.log2size),
    .prod_o       (evtq_o.prod),
    .cons_o       (evtq_o.cons),
    .overflowed_o (evtq_overflowed_o)
  );
  assign evtq_o.enable = on.eventqen;

  smmu_regs_outq #(
    .Built      (Id.idr0.pri),
    .BaseOffset (PRIQ_BASE_OFFSET),
    .ProdOffset (PRIQ_PROD_OFFSET),
    .MaxLog2    (Id.idr1.priqs),
    .EntryLog2  (4)
  ) u_priq (
    .clk_i, .rst_ni,
    .wr_i         (wr),
    .enabled_i    (busy.priqen),
    .advance_i    (priq_advance_i),
    .overflow_i   (priq_overflow_i),
    .rd_addr_i    (rd_addr),
    .rd_data_o    (rd_priq),
    .base_o       (priq_o.base),
    .log2size_o   (priq_o.log2size),
    .prod_o       (priq_o.prod),
    .cons_o       (priq_o.cons),
    .overflowed_o (priq_overflowed_o)
  );
  assign priq_o.enable = on.priqen && on.smmuen;

  smmu_regs_impdef #(.NumEp (NumEp)) u_impdef (
    .clk_i, .rst_ni,
    .wr_i      (wr),
    .rd_addr_i (rd_addr),
    .rd_data_o (rd_impdef),
    .timeout_o, .quar_interval_o, .inv_limit_o, .quar_release_o, .quar_busy_i,
    .stray_valid_i, .stray_cause_i, .stray_count_i,
    .quiet_o   (quiet_impdef)
  );

  // The groups without a quiet of their own change only by a write or by these pulses.
  assign quiet_o = quiet_axil && quiet_ctrl && quiet_gerror && quiet_impdef && quiet_ecmdq == '1 && !wr.valid &&
                   !cmd_consume_i[0] && !cmd_error_i[0] && !evtq_advance_i && !evtq_overflow_i &&
                   !priq_advance_i && !priq_overflow_i;

  // What nothing here depends on.
  logic unused_cr0;
  assign unused_cr0 = ^{on.rsvd_31_9, on.rsvd_5_5, busy.rsvd_31_9, busy.vmw, busy.rsvd_5_5, busy.atschk,
                        irq_cfg_locked[IrqSync], gerror, gerrorn, unused_option, Id};

endmodule
