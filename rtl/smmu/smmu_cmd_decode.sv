// SPDX-License-Identifier: Apache-2.0
//
// Legality of a command and its fields for the unit that executes it (smmuv3 §2, §2.5). Combinational.
//
// Guarantees: every command is one of the kinds below; what the ID registers do not announce is CmdIll. Reserved
// fields are ignored. A StreamID that cannot exist makes an ATC_INV, a PRI_RESP, a RESUME or a STALL_TERM CmdNop
// (consumed, no effect). VMIDs are 0 when there is no stage 2, and have 8 bits without IDR0.VMID16, ASIDs without
// IDR0.ASID16. RESUME with both Ac and Ab set retries.
// Does not: look at SMMUEN (smmu_cmd_dispatch), or convert ranges given in granules that IDR5 does not announce
// (no TLB entry has such a granule; the range is handed on in units of 4 KiB).
module smmu_cmd_decode
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
  import smmu_reg_pkg::idr0_t, smmu_reg_pkg::idr1_t, smmu_reg_pkg::idr3_t;
#(
  parameter smmu_id_t Id = smmu_id(0)
) (
  input  logic [127:0] cmd_i,       // dword 0 in [63:0]
  output cmd_kind_e    kind_o,
  output cfgi_cmd_t    cfgi_o,      // CmdCfgi
  output tlbi_cmd_t    tlbi_o,      // CmdTlbi
  output atc_inv_cmd_t atc_inv_o,   // CmdAtcInv
  output stall_cmd_t   stall_o,     // CmdStall
  output pri_rsp_cmd_t pri_rsp_o,   // CmdPriResp
  output logic         sync_irq_o,  // CmdSync: CS = 1
  output logic         sync_sev_o,  // CmdSync: CS = 2, and there is a wake-up event
  output msi_t         sync_msi_o   // CmdSync: where CS = 1 writes, addr 0 = wired
);

  localparam idr0_t Id0 = Id.idr0;
  localparam idr1_t Id1 = Id.idr1;
  localparam idr3_t Id3 = Id.idr3;

  localparam logic [4:0] RangeAll = 5'd31;  // CFGI_STE_RANGE with this range is CFGI_ALL
  localparam logic [15:0] VmidMask = Id0.s2p ? (Id0.vmid16 ? 16'hFFFF : 16'h00FF) : 16'd0;
  localparam logic [15:0] AsidMask = Id0.asid16 ? 16'hFFFF : 16'h00FF;
  localparam logic [5:0] SizeAll  = 6'd52;  // ATC_INV of the whole address space

  cmd_op_e              op;
  logic                 ssec;
  cmd_cfgi_cd_t         cfgi;
  cmd_cfgi_ste_range_t  cfgi_range;
  cmd_tlbi_nh_va_t      tlbi;
  cmd_atc_inv_t         atc;
  cmd_pri_resp_t        pri;
  cmd_resume_t          resume;
  cmd_sync_t            sync;
  logic                 sid_exists;

  assign op         = cmd_op_e'(cmd_i[7:0]);
  assign cfgi       = cmd_cfgi_cd_t'(cmd_i);
  assign cfgi_range = cmd_cfgi_ste_range_t'(cmd_i);
  assign tlbi       = cmd_tlbi_nh_va_t'(cmd_i);
  assign atc        = cmd_atc_inv_t'(cmd_i);
  assign pri        = cmd_pri_resp_t'(cmd_i);
  assign resume     = cmd_resume_t'(cmd_i);
  assign sync       = cmd_sync_t'(cmd_i);
  assign sid_exists = (cfgi.sid >> Id1.sidsize) == '0;
  assign ssec       = cfgi.ssec;

  // Range fields are RES0 without RIL. A range of one granule must carry a level hint.
  logic ranged, bad_range;
  assign ranged    = Id3.ril && tlbi.tg != TLBI_TG_NONE;
  assign bad_range = ranged && tlbi.num == '0 && tlbi.scale == '0 && tlbi.ttl == '0;

  always_comb begin
    kind_o = CmdIll;
    unique case (op)
      OP_PREFETCH_CONFIG, OP_PREFETCH_ADDR:       if (!ssec) kind_o = CmdNop;
      OP_CFGI_STE, OP_CFGI_STE_RANGE:             if (!ssec) kind_o = CmdCfgi;
      OP_CFGI_CD, OP_CFGI_CD_ALL:                 if (!ssec && Id0.s1p) kind_o = CmdCfgi;
      OP_TLBI_NH_ALL, OP_TLBI_NH_ASID:            if (Id0.s1p) kind_o = CmdTlbi;
      OP_TLBI_NH_VA, OP_TLBI_NH_VAA:              if (Id0.s1p && !bad_range) kind_o = CmdTlbi;
      OP_TLBI_EL2_ALL, OP_TLBI_EL2_ASID:          if (Id0.hyp) kind_o = CmdTlbi;
      OP_TLBI_EL2_VA, OP_TLBI_EL2_VAA:            if (Id0.hyp && !bad_range) kind_o = CmdTlbi;
      OP_TLBI_S12_VMALL:                          if (Id0.s2p) kind_o = CmdTlbi;
      OP_TLBI_S2_IPA:                             if (Id0.s2p && !bad_range) kind_o = CmdTlbi;
      OP_TLBI_NSNH_ALL:                           kind_o = CmdTlbi;
      OP_ATC_INV: begin
        if (!ssec && Id0.ats && atc.size <= SizeAll) kind_o = sid_exists ? CmdAtcInv : CmdNop;
      end
      OP_PRI_RESP: begin
        if (!ssec && Id0.pri && pri.resp != 2'd3) kind_o = sid_exists ? CmdPriResp : CmdNop;
      end
      OP_RESUME, OP_STALL_TERM: begin
        if (!ssec && Id0.stall_model != 2'd1) kind_o = sid_exists ? CmdStall : CmdNop;
      end
      OP_SYNC:                                    if (sync.cs != 2'd3) kind_o = CmdSync;
      default:                                    kind_o = CmdIll;
    endcase
  end

  always_comb begin
    cfgi_o = '{op: CfgiSte, sid: cfgi.sid, ssid: cfgi.ssid, range: cfgi_range.range, leaf: cfgi.leaf};
    unique case (op)
      OP_CFGI_STE_RANGE: cfgi_o.op = (cfgi_range.range == RangeAll) ? CfgiAll : CfgiSteRange;
      OP_CFGI_CD:        cfgi_o.op = CfgiCd;
      OP_CFGI_CD_ALL:    cfgi_o.op = CfgiCdAll;
      default:           cfgi_o.op = CfgiSte;
    endcase
  end

  always_comb begin
    tlbi_o = '{op: TlbiNsnhAll, vmid: tlbi.vmid & VmidMask, asid: tlbi.asid & AsidMask, page: tlbi.addr, range: ranged,
               num: tlbi.num, scale: tlbi.scale, leaf: tlbi.leaf};
    unique case (op)
      OP_TLBI_NH_ALL:    tlbi_o.op = TlbiNhAll;
      OP_TLBI_NH_ASID:   tlbi_o.op = TlbiNhAsid;
      OP_TLBI_NH_VA:     tlbi_o.op = TlbiNhVa;
      OP_TLBI_NH_VAA:    tlbi_o.op = TlbiNhVaa;
      OP_TLBI_EL2_ALL:   tlbi_o.op = TlbiEl2All;
      OP_TLBI_EL2_ASID:  tlbi_o.op = TlbiEl2Asid;
      OP_TLBI_EL2_VA:    tlbi_o.op = TlbiEl2Va;
      OP_TLBI_EL2_VAA:   tlbi_o.op = TlbiEl2Vaa;
      OP_TLBI_S12_VMALL: tlbi_o.op = TlbiS12Vmall;
      OP_TLBI_S2_IPA:    tlbi_o.op = TlbiS2Ipa;
      default:           tlbi_o.op = TlbiNsnhAll;
    endcase
  end

  // Without substreams a PASID cannot be meant: SSV = 1 acts as SSV = 0. G needs SSV.
  always_comb begin
    atc_inv_o      = '{sid: atc.sid, ssv: atc.ssv && Id1.ssidsize != '0, ssid: atc.ssid, g: 1'b0, size: atc.size,
                       page: atc.addr};
    atc_inv_o.g    = atc.g && atc_inv_o.ssv;
    if (!atc_inv_o.ssv) atc_inv_o.ssid = '0;
  end

  assign stall_o = '{all: op == OP_STALL_TERM, sid: resume.sid, stag: resume.stag, retry: resume.ac,
                     abort_: resume.ab && !resume.ac};

  always_comb begin
    pri_rsp_o = '{sid: pri.sid, ssv: pri.ssv && Id1.ssidsize != '0, ssid: pri.ssid, prgi: pri.prgindex, resp: pri.resp};
    if (!pri_rsp_o.ssv) pri_rsp_o.ssid = '0;
  end

  assign sync_irq_o = sync.cs == SYNC_CS_IRQ;
  assign sync_sev_o = Id0.sev && sync.cs == SYNC_CS_SEV;
  assign sync_msi_o = '{addr: Id0.msi ? {sync.msiaddr[PaW-3:0], 2'b00} : '0, data: sync.msidata};

endmodule
