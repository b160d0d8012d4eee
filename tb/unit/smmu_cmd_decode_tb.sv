// SPDX-License-Identifier: Apache-2.0
//
// Decoders of several builds side by side; `build_i` picks the one that is seen.
module smmu_cmd_decode_tb
  import smmu_pkg::*;
(
  input  logic [3:0]  build_i,
  input  logic [63:0] dw0_i,
  input  logic [63:0] dw1_i,
  output logic [2:0]  kind_o,
  output logic [2:0]  cfgi_op_o,
  output logic [31:0] cfgi_sid_o,
  output logic [19:0] cfgi_ssid_o,
  output logic [4:0]  cfgi_range_o,
  output logic        cfgi_leaf_o,
  output logic [3:0]  tlbi_op_o,
  output logic [15:0] tlbi_vmid_o,
  output logic [15:0] tlbi_asid_o,
  output logic [51:0] tlbi_page_o,
  output logic        tlbi_range_o,
  output logic [4:0]  tlbi_num_o,
  output logic [4:0]  tlbi_scale_o,
  output logic        tlbi_leaf_o,
  output logic [31:0] atc_sid_o,
  output logic        atc_ssv_o,
  output logic [19:0] atc_ssid_o,
  output logic        atc_g_o,
  output logic [5:0]  atc_size_o,
  output logic [51:0] atc_page_o,
  output logic        stall_all_o,
  output logic [31:0] stall_sid_o,
  output logic [15:0] stall_stag_o,
  output logic        stall_retry_o,
  output logic        stall_abort_o,
  output logic [31:0] pri_sid_o,
  output logic        pri_ssv_o,
  output logic [19:0] pri_ssid_o,
  output logic [8:0]  pri_prgi_o,
  output logic [1:0]  pri_resp_o,
  output logic        sync_irq_o,
  output logic        sync_sev_o,
  output logic [47:0] sync_addr_o,
  output logic [31:0] sync_data_o
);

  // Build 0 is stage 1 with ATS and HYP and nothing more, whatever rtl/regs says today; each other one differs from it in
  // one feature.
  localparam int unsigned NumBuilds = 14;

  function automatic smmu_id_t id_of(int unsigned build);
    smmu_id_t id;
    id                  = smmu_id(0);
    id.idr0.s1p         = build != 1;
    id.idr0.s2p         = build == 1 || build == 12;
    id.idr0.hyp         = build != 2;
    id.idr0.ats         = build != 3;
    id.idr0.pri         = build == 4;
    id.idr0.stall_model = (build == 5) ? 2'd0 : (build == 11) ? 2'd2 : 2'd1;
    id.idr0.msi         = build != 6;
    id.idr3.ril         = build != 7;
    id.idr1.ssidsize    = (build == 8) ? 5'd0 : 5'd20;
    id.idr1.sidsize     = (build == 13) ? 6'd9 : 6'd16;
    id.idr0.sev         = build == 9;
    id.idr0.asid16      = build != 10;
    id.idr0.vmid16      = build != 12;
    return id;
  endfunction

  cmd_kind_e    [NumBuilds-1:0] kind;
  cfgi_cmd_t    [NumBuilds-1:0] cfgi;
  tlbi_cmd_t    [NumBuilds-1:0] tlbi;
  atc_inv_cmd_t [NumBuilds-1:0] atc;
  stall_cmd_t   [NumBuilds-1:0] stall;
  pri_rsp_cmd_t [NumBuilds-1:0] pri;
  logic         [NumBuilds-1:0] sync_irq, sync_sev;
  msi_t         [NumBuilds-1:0] sync_msi;

  for (genvar i = 0; i < NumBuilds; i++) begin : g_build
    smmu_cmd_decode #(.Id (id_of(i))) u_decode (
      .cmd_i      ({dw1_i, dw0_i}),
      .kind_o     (kind[i]),
      .cfgi_o     (cfgi[i]),
      .tlbi_o     (tlbi[i]),
      .atc_inv_o  (atc[i]),
      .stall_o    (stall[i]),
      .pri_rsp_o  (pri[i]),
      .sync_irq_o (sync_irq[i]),
      .sync_sev_o (sync_sev[i]),
      .sync_msi_o (sync_msi[i])
    );
  end

  cfgi_cmd_t    c;
  tlbi_cmd_t    t;
  atc_inv_cmd_t a;
  stall_cmd_t   l;
  pri_rsp_cmd_t p;
  assign c = cfgi[build_i];
  assign t = tlbi[build_i];
  assign a = atc[build_i];
  assign l = stall[build_i];
  assign p = pri[build_i];

  assign kind_o = kind[build_i];
  assign {cfgi_op_o, cfgi_sid_o, cfgi_ssid_o, cfgi_range_o, cfgi_leaf_o} = {c.op, c.sid, c.ssid, c.range, c.leaf};
  assign {tlbi_op_o, tlbi_vmid_o, tlbi_asid_o, tlbi_page_o} = {t.op, t.vmid, t.asid, t.page};
  assign {tlbi_range_o, tlbi_num_o, tlbi_scale_o, tlbi_leaf_o} = {t.range, t.num, t.scale, t.leaf};
  assign {atc_sid_o, atc_ssv_o, atc_ssid_o, atc_g_o, atc_size_o, atc_page_o} = {a.sid, a.ssv, a.ssid, a.g, a.size, a.page};
  assign {stall_all_o, stall_sid_o, stall_stag_o, stall_retry_o, stall_abort_o} = {l.all, l.sid, l.stag, l.retry, l.abort_};
  assign {pri_sid_o, pri_ssv_o, pri_ssid_o, pri_prgi_o, pri_resp_o} = {p.sid, p.ssv, p.ssid, p.prgi, p.resp};
  assign sync_sev_o = sync_sev[build_i];
  assign {sync_irq_o, sync_addr_o, sync_data_o} = {sync_irq[build_i], sync_msi[build_i].addr, sync_msi[build_i].data};

endmodule
