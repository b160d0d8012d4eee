// SPDX-License-Identifier: Apache-2.0
//
// Decoders of several builds side by side; `build_i` picks the one that is seen.
module smmu_cmd_decode_tb
  import smmu_pkg::*;
  import smmu_reg_pkg::*;
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
  output logic        sync_irq_o,
  output logic [47:0] sync_addr_o,
  output logic [31:0] sync_data_o
);

  // Build 0 is the default; each other one differs from it in one feature.
  localparam int unsigned NumBuilds = 9;
  localparam logic [NumBuilds-1:0][31:0] Idr0 = {
    IDR0_RESET,                                     // 8: SSIDSIZE = 0
    IDR0_RESET,                                     // 7: RIL = 0
    IDR0_RESET & ~32'h0000_2000,                    // 6: MSI = 0
    IDR0_RESET & ~32'h0300_0000,                    // 5: STALL_MODEL = 0
    IDR0_RESET | 32'h0001_0000,                     // 4: PRI = 1
    IDR0_RESET & ~32'h0000_0400,                    // 3: ATS = 0
    IDR0_RESET & ~32'h0000_0200,                    // 2: HYP = 0
    (IDR0_RESET & ~32'h0000_0002) | 32'h0000_0001,  // 1: S1P = 0, S2P = 1
    IDR0_RESET};
  localparam logic [NumBuilds-1:0][31:0] Idr1 = {IDR1_RESET & ~32'h0000_07C0, {8{IDR1_RESET}}};
  localparam logic [NumBuilds-1:0][31:0] Idr3 = {IDR3_RESET, IDR3_RESET & ~32'h0000_0400, {7{IDR3_RESET}}};

  cmd_kind_e    [NumBuilds-1:0] kind;
  cfgi_cmd_t    [NumBuilds-1:0] cfgi;
  tlbi_cmd_t    [NumBuilds-1:0] tlbi;
  atc_inv_cmd_t [NumBuilds-1:0] atc;
  logic         [NumBuilds-1:0] sync_irq;
  msi_t         [NumBuilds-1:0] sync_msi;

  for (genvar i = 0; i < NumBuilds; i++) begin : g_build
    smmu_cmd_decode #(.Idr0 (Idr0[i]), .Idr1 (Idr1[i]), .Idr3 (Idr3[i])) u_decode (
      .cmd_i      ({dw1_i, dw0_i}),
      .kind_o     (kind[i]),
      .cfgi_o     (cfgi[i]),
      .tlbi_o     (tlbi[i]),
      .atc_inv_o  (atc[i]),
      .sync_irq_o (sync_irq[i]),
      .sync_msi_o (sync_msi[i])
    );
  end

  cfgi_cmd_t    c;
  tlbi_cmd_t    t;
  atc_inv_cmd_t a;
  assign c = cfgi[build_i];
  assign t = tlbi[build_i];
  assign a = atc[build_i];

  assign kind_o = kind[build_i];
  assign {cfgi_op_o, cfgi_sid_o, cfgi_ssid_o, cfgi_range_o, cfgi_leaf_o} = {c.op, c.sid, c.ssid, c.range, c.leaf};
  assign {tlbi_op_o, tlbi_vmid_o, tlbi_asid_o, tlbi_page_o} = {t.op, t.vmid, t.asid, t.page};
  assign {tlbi_range_o, tlbi_num_o, tlbi_scale_o, tlbi_leaf_o} = {t.range, t.num, t.scale, t.leaf};
  assign {atc_sid_o, atc_ssv_o, atc_ssid_o, atc_g_o, atc_size_o, atc_page_o} = {a.sid, a.ssv, a.ssid, a.g, a.size, a.page};
  assign {sync_irq_o, sync_addr_o, sync_data_o} = {sync_irq[build_i], sync_msi[build_i].addr, sync_msi[build_i].data};

endmodule
