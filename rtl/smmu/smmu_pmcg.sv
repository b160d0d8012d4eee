// SPDX-License-Identifier: Apache-2.0
//
// Performance monitor counter group: the architected register page (rtl/regs/pmcg.rdl) around smmu_pmcg_ctr.
//
// Guarantees
//   A counter counts while CR.E and its enable are 1; with `FreezeOnOvf` (IMPLEMENTATION DEFINED, off by default) only while
//   no overflow status is set. An overflow sets OVS, pulses `irq_o` if its INTEN bit is set, and captures all counters if
//   its OVFCAP is set; the interrupt comes with OVS readable or later. A write to OVSSET sets OVS and nothing else.
//   IRQ_CTRLACK falls when no MSI of this source is pending or on its way; IRQ_CFG is writable only while both are 0.
//   One StreamID filter for all counters (CFGR.SID_FILTER_TYPE = 1), applied to the events that come with a StreamID:
//   TXN, ATS_REQ, ATS_TXN. All of a cycle belong to the request with `sid_i`.
// Does not: filter TLB_MISS and CFG_MISS, which come without a StreamID; relocate counters; know Secure state.
// Latency: event to the readable counter 1 cycle; overflow to OVS 1 cycle, to `irq_o` 0.
module smmu_pmcg
  import atc_time_pkg::*;
  import smmu_pkg::*;
  import pmcg_reg_pkg::*;
#(
  parameter int unsigned CtrBits     = 48,  // 36, 40, 44, 48 or 64
  parameter bit          FreezeOnOvf = 1'b0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  time_t                  now_i,
  input  time_t                  step_i,

  // registers: a write or a read of this page
  input  logic                   wr_valid_i,
  input  logic [11:3]            wr_addr_i,
  input  logic [1:0]             wr_half_i,
  input  logic [63:0]            wr_data_i,
  input  logic                   rd_sel_i,
  input  logic [11:3]            rd_addr_i,
  output logic [63:0]            rd_data_o,   // 0 without rd_sel_i

  input  logic [NumPmuEvt:0]     level_i,
  input  pmu_count_t [NumPmuEvt:0] n_i,
  input  logic [SidW-1:0]        sid_i,

  output logic                   irq_o,       // pulse
  output logic                   irq_on_o,    // enable in effect
  output msi_t                   msi_o,
  input  logic                   msi_busy_i,
  input  logic                   msi_abort_i, // pulse

  output logic                   counting_o,  // a counter is on: time that passes counts
  output logic                   quiet_o,
  output time_t                  next_deadline_o
);

  localparam int unsigned NumCtr = EVCNTR_COUNT;
  localparam cfgr_t Cfgr = '{size: 6'(CtrBits - 1), nctr: 6'(NumCtr - 1), msi: 1'b1, capture: 1'b1,
                             sid_filter_type: 1'b1, default: '0};

  logic [NumCtr-1:0]              cnten_q, inten_q, ovs_d, ovs_q, ovf, on;
  logic [NumCtr-1:0][7:0]         event_q;
  logic [NumCtr-1:0]              ovfcap_q;
  logic                           span_q, e_q, irqen_q, ack_d, ack_q, abt_q, capture, locked, quiet_ctr;
  logic [SidW-1:0]                smr_q, mask;
  logic [63:0]                    cfg0_q;
  logic [31:0]                    cfg1_q, cfg2_q;
  logic [NumCtr-1:0][CtrBits-1:0] value, captured;
  logic [NumCtr-1:0][1:0]         ctr_wr;
  pmu_event_e [NumCtr-1:0]        event_sel;
  pmu_count_t [NumPmuEvt:0]       n;

  // ---------------------------------------------------------------- writes
  function automatic logic hit(logic valid, logic [11:3] addr, logic [1:0] half, logic [11:2] offset);
    return valid && addr == offset[11:3] && half[offset[2]];
  endfunction

  // Bits of a mask register, which are in its low word, that are written as 1.
  function automatic logic [NumCtr-1:0] ones(logic [11:2] offset);
    return hit(wr_valid_i, wr_addr_i, wr_half_i, offset) ? wr_data_i[NumCtr-1:0] : '0;
  endfunction

  always_comb begin
    ctr_wr = '0;
    if (wr_valid_i && wr_addr_i[11:6] == '0) ctr_wr[wr_addr_i[5:3]] = wr_half_i;
  end

  // ---------------------------------------------------------------- events
  always_comb begin
    event_sel = {NumCtr{PmuNone}};
    for (int unsigned i = 0; i < NumCtr; i++) begin
      if (on[i]) unique case (event_q[i])
        PMCG_EV_CYCLES:      event_sel[i] = PmuCycles;
        PMCG_EV_TXN:         event_sel[i] = PmuTxn;
        PMCG_EV_TLB_MISS:    event_sel[i] = PmuTlbMiss;
        PMCG_EV_CFG_MISS:    event_sel[i] = PmuCfgMiss;
        PMCG_EV_ATS_REQ:     event_sel[i] = PmuAtsReq;
        PMCG_EV_ATS_TXN:     event_sel[i] = PmuAtsTxn;
        PMCG_EV_INV_SENT:    event_sel[i] = PmuInvSent;
        PMCG_EV_INV_DONE:    event_sel[i] = PmuInvDone;
        PMCG_EV_INV_TIMEOUT: event_sel[i] = PmuInvTimeout;
        PMCG_EV_ITAG_STALL:  event_sel[i] = PmuItagStall;
        PMCG_EV_CMDQ_BUSY:   event_sel[i] = PmuCmdqBusy;
        PMCG_EV_INV_REFUSED: event_sel[i] = PmuInvRefused;
        PMCG_EV_WALK:        event_sel[i] = PmuWalk;
        PMCG_EV_TABLE_READ:  event_sel[i] = PmuTableRead;
        default:             event_sel[i] = PmuNone;
      endcase
    end
  end

  // The low ones of SMR0 and the zero above them are ignored in a span; all ones leave no bit to compare.
  assign mask = span_q ? (smr_q ^ (smr_q + 1'b1)) : '0;
  assign on   = cnten_q & {NumCtr{e_q && (!FreezeOnOvf || ovs_q == '0)}};

  always_comb begin
    n          = '0;
    if (on != '0) begin
      n          = n_i;
      n[PmuNone] = '0;
      if (((sid_i ^ smr_q) & ~mask) != '0) begin
        for (int unsigned e = 0; e <= NumPmuEvt; e++) if (PmuBySid[e]) n[e] = '0;
      end
    end
  end

  smmu_pmcg_ctr #(.NumCtr (NumCtr), .CtrBits (CtrBits)) u_ctr (
    .clk_i, .rst_ni, .now_i, .step_i,
    .on_i       (on),
    .event_i    (event_sel),
    .level_i    (level_i | (15'd1 << PmuCycles)),
    .n_i        (n),
    .wr_half_i  (ctr_wr),
    .wr_data_i  (wr_data_i[CtrBits-1:0]),
    .capture_i  (capture),
    .value_o    (value),
    .captured_o (captured),
    .ovf_o      (ovf),
    .next_deadline_o,
    .quiet_o    (quiet_ctr)
  );

  assign capture = (ovf & ovfcap_q) != '0 || (hit(wr_valid_i, wr_addr_i, wr_half_i, CAPR_OFFSET[11:2]) && wr_data_i[0]);
  assign ovs_d   = (ovs_q & ~ones(OVSCLR0_OFFSET[11:2])) | ones(OVSSET0_OFFSET[11:2]) | ovf;

  // ---------------------------------------------------------------- interrupt
  assign ack_d    = irqen_q || (ack_q && msi_busy_i);
  assign irq_on_o = irqen_q && ack_q;
  assign irq_o    = (ovf & inten_q) != '0;
  assign msi_o    = '{addr: {cfg0_q[PaW-1:2], 2'b00}, data: cfg1_q};
  assign locked   = irqen_q || ack_q;

  assign counting_o = on != '0;
  assign quiet_o    = quiet_ctr && !wr_valid_i && ack_d == ack_q && !msi_abort_i;

  // ---------------------------------------------------------------- reads
  always_comb begin
    rd_data_o = '0;
    if (rd_sel_i) begin
      unique case (rd_addr_i[11:6])
        EVCNTR_BASE[11:6]:  rd_data_o = 64'(value[rd_addr_i[5:3]]);
        SVR_BASE[11:6]:     rd_data_o = 64'(captured[rd_addr_i[5:3]]);
        EVTYPER_BASE[11:6]: begin
          if (!rd_addr_i[5]) begin
            rd_data_o = {ovfcap_q[{rd_addr_i[4:3], 1'b1}], 23'd0, event_q[{rd_addr_i[4:3], 1'b1}],
                         ovfcap_q[{rd_addr_i[4:3], 1'b0}], 1'b0, span_q && rd_addr_i[4:3] == '0, 21'd0,
                         event_q[{rd_addr_i[4:3], 1'b0}]};
          end
        end
        default: begin
          unique case (rd_addr_i)
            SMR0_OFFSET[11:3]:                              rd_data_o = 64'(smr_q);
            CNTENSET0_OFFSET[11:3], CNTENCLR0_OFFSET[11:3]: rd_data_o = 64'(cnten_q);
            INTENSET0_OFFSET[11:3], INTENCLR0_OFFSET[11:3]: rd_data_o = 64'(inten_q);
            OVSSET0_OFFSET[11:3], OVSCLR0_OFFSET[11:3]:     rd_data_o = 64'(ovs_q);
            CFGR_OFFSET[11:3]:                              rd_data_o = {31'd0, e_q, Cfgr};
            IIDR_OFFSET[11:3]:                              rd_data_o = {32'd0, IIDR_RESET};
            CEID0_OFFSET[11:3]:                             rd_data_o = CEID0_RESET;
            CEID1_OFFSET[11:3]:                             rd_data_o = CEID1_RESET;
            IRQ_CTRL_OFFSET[11:3]:                          rd_data_o = {31'd0, ack_q, 31'd0, irqen_q};
            IRQ_CFG0_OFFSET[11:3]:                          rd_data_o = cfg0_q;
            IRQ_CFG1_OFFSET[11:3]:                          rd_data_o = {cfg2_q, cfg1_q};
            IRQ_STATUS_OFFSET[11:3]:                        rd_data_o = {63'd0, abt_q};
            AIDR_OFFSET[11:3]:                              rd_data_o = {32'd0, AIDR_RESET};
            PIDR4_OFFSET[11:3]:                             rd_data_o = {32'd0, PIDR4_RESET};
            PIDR0_OFFSET[11:3]:                             rd_data_o = {PIDR1_RESET, PIDR0_RESET};
            PIDR2_OFFSET[11:3]:                             rd_data_o = {PIDR3_RESET, PIDR2_RESET};
            CIDR0_OFFSET[11:3]:                             rd_data_o = {CIDR1_RESET, CIDR0_RESET};
            CIDR2_OFFSET[11:3]:                             rd_data_o = {CIDR3_RESET, CIDR2_RESET};
            default:                                        rd_data_o = '0;
          endcase
        end
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cnten_q  <= '0;
      inten_q  <= '0;
      ovs_q    <= '0;
      event_q  <= '0;
      ovfcap_q <= '0;
      span_q   <= 1'b0;
      e_q      <= 1'b0;
      irqen_q  <= 1'b0;
      ack_q    <= 1'b0;
      abt_q    <= 1'b0;
      smr_q    <= '0;
      cfg0_q   <= IRQ_CFG0_RESET;
      cfg1_q   <= IRQ_CFG1_RESET;
      cfg2_q   <= IRQ_CFG2_RESET;
    end else begin
      ovs_q <= ovs_d;
      ack_q <= ack_d;
      // Cleared when IRQEN takes effect, not when it goes: the last MSI may still be on its way then.
      abt_q <= (abt_q && !(ack_d && !ack_q)) || msi_abort_i;
      if (wr_valid_i) begin
        cnten_q <= (cnten_q | ones(CNTENSET0_OFFSET[11:2])) & ~ones(CNTENCLR0_OFFSET[11:2]);
        inten_q <= (inten_q | ones(INTENSET0_OFFSET[11:2])) & ~ones(INTENCLR0_OFFSET[11:2]);
        if (hit(1'b1, wr_addr_i, wr_half_i, SMR0_OFFSET[11:2])) smr_q <= wr_data_i[SidW-1:0];
        if (hit(1'b1, wr_addr_i, wr_half_i, CR_OFFSET[11:2])) e_q <= wr_data_i[32];
        // A write to a field in transition is ignored, as for CR0.
        if (hit(1'b1, wr_addr_i, wr_half_i, IRQ_CTRL_OFFSET[11:2]) && irqen_q == ack_q) irqen_q <= wr_data_i[0];
        if (hit(1'b1, wr_addr_i, wr_half_i, EVTYPER_BASE[11:2])) span_q <= wr_data_i[29];
        for (int unsigned i = 0; i < NumCtr; i++) begin
          if (hit(1'b1, wr_addr_i, wr_half_i, EVTYPER_BASE[11:2] + 10'(i))) begin
            event_q[i]  <= wr_data_i[32*(i%2) +: 8];
            ovfcap_q[i] <= wr_data_i[32*(i%2)+31];
          end
        end
        if (!locked) begin
          if (hit(1'b1, wr_addr_i, wr_half_i, IRQ_CFG0_OFFSET[11:2])) cfg0_q[31:0] <= wr_data_i[31:0] & IRQ_CFG0_WMASK[31:0];
          if (hit(1'b1, wr_addr_i, wr_half_i, IRQ_CFG0_OFFSET[11:2] | 10'd1))
            cfg0_q[63:32] <= wr_data_i[63:32] & IRQ_CFG0_WMASK[63:32];
          if (hit(1'b1, wr_addr_i, wr_half_i, IRQ_CFG1_OFFSET[11:2])) cfg1_q <= wr_data_i[31:0];
          if (hit(1'b1, wr_addr_i, wr_half_i, IRQ_CFG2_OFFSET[11:2])) cfg2_q <= wr_data_i[63:32] & IRQ_CFG2_WMASK;
        end
      end
    end
  end

endmodule
