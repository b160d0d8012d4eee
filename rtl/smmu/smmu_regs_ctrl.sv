// SPDX-License-Identifier: Apache-2.0
//
// CR0/CR0ACK, CR1, CR2, GBPA, AGBPA, IRQ_CTRL/IRQ_CTRLACK: the update/acknowledge pairs (smmuv3 §1.2, §1.3).
//
// Guarantees, per field: a write reads back at once; the acknowledge follows when the change has taken effect; a
// write to a field in transition is ignored. What the acknowledge waits for:
//   SMMUEN 1->0    every transaction accepted before is done (`drain_done_i`, one epoch of D7)
//   CMDQEN 1->0    the command in progress is consumed and no fetch is outstanding (`cmdq_idle_i`)
//   EVENTQEN 1->0  no record is on its way to memory (`evtq_idle_i`); PRIQEN likewise (`priq_idle_i`)
//   x_IRQEN 1->0   no MSI of x is pending or on its way (`irq_busy_i`)
//   anything 0->1, ATSCHK   nothing
// A feature is in effect (`on_o`) while both the field and its acknowledge are 1: off at once, on with the
// acknowledge. Fields without their ID bit are RES0. CR1's attributes are stored and have no effect.
// Latency: acknowledge of an idle unit 1 cycle after CR0 changed; GBPA.Update reads 1 for one cycle.
module smmu_regs_ctrl
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
#(
  parameter smmu_id_t Id = smmu_id(0)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  reg_wr_t           wr_i,
  input  logic [18:3]       rd_addr_i,
  output logic [63:0]       rd_data_o,    // 0 when the address is another block's

  output cr0_t              on_o,         // in effect
  output cr0_t              busy_o,       // field or acknowledge is 1: what guarded registers look at
  output logic              e2h_o,
  output logic              recinvsid_o,
  output logic              rec_cfg_ats_o,
  output logic              gbpa_abort_o,
  output logic [NumIrq-1:0] irq_on_o,     // in effect; the SYNC interrupt has no enable
  output logic [NumIrq-1:0] irq_cfg_locked_o,

  output logic              drain_req_o,
  input  logic              drain_done_i,
  input  logic              ecmdq_busy_i, // an enhanced command queue is on
  input  logic              cmdq_idle_i,
  input  logic              evtq_idle_i,
  input  logic              priq_idle_i,
  input  logic [NumIrq-1:0] irq_busy_i,

  output logic              quiet_o
);

  localparam idr0_t Idr0 = Id.idr0;
  localparam cr0_t  Cr0Impl = '{smmuen: 1'b1, priqen: Idr0.pri, eventqen: 1'b1, cmdqen: 1'b1, atschk: Idr0.ats,
                                vmw: {3{Idr0.vmw}}, default: '0};
  localparam cr2_t  Cr2Impl = '{e2h: Idr0.hyp, recinvsid: 1'b1, ptm: 1'b1, rec_cfg_ats: Idr0.atsrecerr,
                                default: '0};
  localparam irq_ctrl_t IrqImpl = '{gerror_irqen: 1'b1, priq_irqen: Idr0.pri, eventq_irqen: 1'b1, default: '0};

  cr0_t        cr0_d, cr0_q, ack_d, ack_q;
  irq_ctrl_t   irq_d, irq_q, irq_ack_d, irq_ack_q;
  logic [31:0] cr1_q, agbpa_q, cr1_mask;
  cr2_t        cr2_q;
  gbpa_t       gbpa_d, gbpa_q, gbpa_new_d, gbpa_new_q;  // in effect, and what Update will make so

  always_comb begin
    on_o     = cr0_q & ack_q;
    on_o.vmw = ack_q.vmw;         // a value, not an enable
  end
  assign busy_o = cr0_q | ack_q;

  // ---- CR0
  always_comb begin
    // Only fields at rest take the write. VMW is one field of three bits.
    cr0_t rest;
    rest     = ~(cr0_q ^ ack_q);
    rest.vmw = {3{cr0_q.vmw == ack_q.vmw}};
    cr0_d    = cr0_t'(wr_32(wr_i, CR0_OFFSET, cr0_q, rest & Cr0Impl));

    ack_d = cr0_q;
    if (ack_q.smmuen && !cr0_q.smmuen) ack_d.smmuen = !drain_done_i;
    if (ack_q.cmdqen && !cr0_q.cmdqen) ack_d.cmdqen = !cmdq_idle_i;
    if (ack_q.eventqen && !cr0_q.eventqen) ack_d.eventqen = !evtq_idle_i;
    if (ack_q.priqen && !cr0_q.priqen) ack_d.priqen = !priq_idle_i;
  end

  assign drain_req_o = ack_q.smmuen && !cr0_q.smmuen;

  // ---- IRQ_CTRL
  always_comb begin
    irq_d     = irq_ctrl_t'(wr_32(wr_i, IRQ_CTRL_OFFSET, irq_q, ~(irq_q ^ irq_ack_q) & IrqImpl));
    irq_ack_d = irq_q;
    if (irq_ack_q.gerror_irqen && !irq_q.gerror_irqen) irq_ack_d.gerror_irqen = irq_busy_i[IrqGerror];
    if (irq_ack_q.eventq_irqen && !irq_q.eventq_irqen) irq_ack_d.eventq_irqen = irq_busy_i[IrqEvtq];
    if (irq_ack_q.priq_irqen && !irq_q.priq_irqen) irq_ack_d.priq_irqen = irq_busy_i[IrqPriq];
  end

  always_comb begin
    irq_on_o                    = '0;
    irq_on_o[IrqSync]           = 1'b1;
    irq_on_o[IrqGerror]         = irq_q.gerror_irqen && irq_ack_q.gerror_irqen;
    irq_on_o[IrqEvtq]           = irq_q.eventq_irqen && irq_ack_q.eventq_irqen;
    irq_on_o[IrqPriq]           = irq_q.priq_irqen && irq_ack_q.priq_irqen;
    irq_cfg_locked_o            = '0;
    irq_cfg_locked_o[IrqGerror] = irq_q.gerror_irqen || irq_ack_q.gerror_irqen;
    irq_cfg_locked_o[IrqEvtq]   = irq_q.eventq_irqen || irq_ack_q.eventq_irqen;
    irq_cfg_locked_o[IrqPriq]   = irq_q.priq_irqen || irq_ack_q.priq_irqen;
  end

  // ---- CR1: queue fields [5:0] and table fields [11:6] have guards of their own
  assign cr1_mask = CR1_WMASK & {20'd0, {6{!busy_o.smmuen}},
                                 {6{!(busy_o.cmdqen || busy_o.eventqen || busy_o.priqen || ecmdq_busy_i)}}};

  // ---- GBPA: a write counts only with Update, and only when no update is under way
  always_comb begin
    gbpa_t next;
    next       = gbpa_t'(wr_32(wr_i, GBPA_OFFSET, '0, GBPA_WMASK));
    gbpa_d     = gbpa_q;
    gbpa_new_d = gbpa_new_q;
    if (gbpa_q.update) begin
      gbpa_d        = gbpa_new_q;
      gbpa_d.update = 1'b0;
    end else if (next.update) begin
      gbpa_d.update = 1'b1;
      gbpa_new_d    = next;
    end
  end

  assign e2h_o        = cr2_q.e2h;
  assign recinvsid_o   = cr2_q.recinvsid;
  assign rec_cfg_ats_o = cr2_q.rec_cfg_ats;
  assign gbpa_abort_o = gbpa_q.abort_;

  always_comb begin
    unique case (rd_addr_i)
      CR0_OFFSET[18:3]:      rd_data_o = {ack_q, cr0_q};
      CR1_OFFSET[18:3]:      rd_data_o = {cr2_q, cr1_q};
      STATUSR_OFFSET[18:3]:  rd_data_o = {gbpa_q, STATUSR_RESET};
      AGBPA_OFFSET[18:3]:    rd_data_o = {32'd0, agbpa_q};
      IRQ_CTRL_OFFSET[18:3]: rd_data_o = {irq_ack_q, irq_q};
      default:               rd_data_o = '0;
    endcase
  end

  assign quiet_o = cr0_d == cr0_q && ack_d == ack_q && irq_d == irq_q && irq_ack_d == irq_ack_q && gbpa_d == gbpa_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cr0_q      <= CR0_RESET;
      ack_q      <= CR0ACK_RESET;
      irq_q      <= IRQ_CTRL_RESET;
      irq_ack_q  <= IRQ_CTRLACK_RESET;
      cr1_q      <= CR1_RESET;
      cr2_q      <= CR2_RESET;
      agbpa_q    <= AGBPA_RESET;
      gbpa_q     <= GBPA_RESET;
      gbpa_new_q <= GBPA_RESET;
    end else begin
      cr0_q      <= cr0_d;
      ack_q      <= ack_d;
      irq_q      <= irq_d;
      irq_ack_q  <= irq_ack_d;
      cr1_q      <= wr_32(wr_i, CR1_OFFSET, cr1_q, cr1_mask);
      if (!busy_o.smmuen) cr2_q <= cr2_t'(wr_32(wr_i, CR2_OFFSET, cr2_q, Cr2Impl));
      agbpa_q    <= wr_32(wr_i, AGBPA_OFFSET, agbpa_q, AGBPA_WMASK);
      gbpa_q     <= gbpa_d;
      gbpa_new_q <= gbpa_new_d;
    end
  end

endmodule
