// SPDX-License-Identifier: Apache-2.0
//
// Two smmu_ptw that share an smmu_walk_cache behind smmu_tlbi, with plain ports for the C++ bench.
module smmu_ptw_tb
  import smmu_pkg::*;
#(
  parameter int unsigned NumWc = 16
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         wc_on_i,
  output logic         wc_hit_o [2],
  output logic         wc_look_o [2],

  input  logic         start_i [2],
  input  logic         s1_i [2],
  input  logic         s2_i [2],
  input  logic         fetch_i [2],
  input  logic [63:0]  addr_i [2],
  input  logic         el2_i [2],
  input  logic [15:0]  asid_i [2],
  input  logic [15:0]  vmid_i [2],
  input  logic [5:0]   t0sz_i [2],
  input  logic [5:0]   t1sz_i [2],
  input  logic [1:0]   epd_i [2],
  input  logic [1:0]   tbi_i [2],
  input  logic         affd_i [2],
  input  logic [47:0]  ttb0_i [2],
  input  logic [47:0]  ttb1_i [2],
  input  logic [2:0]   ips_i [2],
  input  logic [47:0]  s2ttb_i [2],
  input  logic [5:0]   s2t0sz_i [2],
  input  logic [1:0]   s2sl0_i [2],
  input  logic [2:0]   s2ps_i [2],
  input  logic         s2affd_i [2],
  input  logic         s2ptw_i [2],

  output logic         done_o [2],
  output logic [7:0]   fault_o [2],
  output logic         s2_o [2],
  output logic [1:0]   class_o [2],
  output logic [47:0]  ipa_o [2],
  output logic [47:0]  faddr_o [2],
  output logic [47:0]  base_o [2],
  output logic [1:0]   level_o [2],
  output logic [9:0]   attr_o [2],             // ng, af, ro, unpriv, pxn, uxn, s2af, s2r, s2w, s2x
  output logic         mrd_req_valid_o [2],
  input  logic         mrd_req_ready_i [2],
  output logic [47:0]  mrd_addr_o [2],
  output logic [3:0]   mrd_beats_o [2],
  input  logic         mrd_rsp_valid_i [2],
  input  logic [63:0]  mrd_lo_i [2],
  input  logic [63:0]  mrd_hi_i [2],
  input  logic         mrd_err_i [2],
  output logic         quiet_o [2],

  input  logic         e2h_i,
  input  logic         cfgi_i,
  input  logic         tlbi_i,
  input  logic [3:0]   tlbi_op_i,
  input  logic [15:0]  tlbi_vmid_i,
  input  logic [15:0]  tlbi_asid_i,
  input  logic [51:0]  tlbi_page_i,
  input  logic         tlbi_range_i,
  input  logic [4:0]   tlbi_num_i,
  input  logic [4:0]   tlbi_scale_i,
  input  logic         tlbi_leaf_i,

  input  logic [5:0]   geometry_t0sz_i,
  input  logic [1:0]   geometry_sl0_i,
  output logic         geometry_ok_o
);

  tlbi_cmd_t         cmd;
  tlb_inv_t          inv;
  logic        [1:0] look, hit, fill;
  xtag_t       [1:0] tag;
  walk_entry_t [1:0] found, kept;

  assign geometry_ok_o = s2_geometry_ok(geometry_t0sz_i, geometry_sl0_i);
  assign cmd = '{op: tlbi_op_e'(tlbi_op_i), vmid: tlbi_vmid_i, asid: tlbi_asid_i, page: tlbi_page_i,
                 range: tlbi_range_i, num: tlbi_num_i, scale: tlbi_scale_i, leaf: tlbi_leaf_i};

  smmu_tlbi u_tlbi (.e2h_i, .cmd_i (cmd), .inv_o (inv));

  smmu_walk_cache #(.NumWalk(2), .NumEntry(NumWc)) u_wc (
    .clk_i, .rst_ni, .look_valid_i (look & {2{wc_on_i}}), .tag_i (tag), .hit_o (hit), .entry_o (found),
    .fill_i (fill & {2{wc_on_i}}), .fill_entry_i (kept), .inv_valid_i (tlbi_i), .inv_i (inv), .inv_all_i (cfgi_i)
  );

  for (genvar w = 0; w < 2; w++) begin : g_walk
    xcfg_t    xcfg;
    wcfg_t    wcfg;
    leaf_t    leaf;
    mrd_req_t req;
    smmu_fmt_pkg::evt_class_e class_;

    always_comb begin
      xcfg        = '0;
      xcfg.has_cd = 1'b1;
      xcfg.s1     = s1_i[w];
      xcfg.s2     = s2_i[w];
      xcfg.el2    = el2_i[w];
      xcfg.asid   = asid_i[w];
      xcfg.vmid   = vmid_i[w];
      xcfg.t0sz   = t0sz_i[w];
      xcfg.t1sz   = t1sz_i[w];
      xcfg.epd0   = epd_i[w][0];
      xcfg.epd1   = epd_i[w][1];
      xcfg.tbi0   = tbi_i[w][0];
      xcfg.tbi1   = tbi_i[w][1];
      xcfg.affd   = affd_i[w];
      xcfg.s2affd = s2affd_i[w];
      wcfg.ttb0   = ttb0_i[w][47:4];
      wcfg.ttb1   = ttb1_i[w][47:4];
      wcfg.ips    = ips_i[w];
      wcfg.s2ttb  = s2ttb_i[w][47:4];
      wcfg.s2t0sz = s2t0sz_i[w];
      wcfg.s2sl0  = s2sl0_i[w];
      wcfg.s2ps   = s2ps_i[w];
      wcfg.s2ptw  = s2ptw_i[w];
    end

    smmu_ptw dut (
      .clk_i, .rst_ni, .start_i (start_i[w]), .s1_i (s1_i[w]), .s2_i (s2_i[w]), .fetch_i (fetch_i[w]),
      .addr_i (addr_i[w]), .xcfg_i (xcfg), .wcfg_i (wcfg), .inval_i (tlbi_i || cfgi_i),
      .done_o (done_o[w]), .fault_o (fault_o[w]), .fault_s2_o (s2_o[w]), .class_o (class_), .ipa_o (ipa_o[w]),
      .faddr_o (faddr_o[w]), .leaf_o (leaf),
      .wc_look_o (look[w]), .wc_tag_o (tag[w]), .wc_hit_i (hit[w]), .wc_entry_i (found[w]), .wc_fill_o (fill[w]),
      .wc_entry_o (kept[w]),
      .mrd_req_valid_o (mrd_req_valid_o[w]), .mrd_req_ready_i (mrd_req_ready_i[w]), .mrd_req_o (req),
      .mrd_rsp_valid_i (mrd_rsp_valid_i[w]),
      .mrd_rsp_i ('{data: {mrd_hi_i[w], mrd_lo_i[w]}, err: mrd_err_i[w], last: 1'b1}), .quiet_o (quiet_o[w])
    );

    assign class_o[w]     = class_;
    assign base_o[w]      = {leaf.ppn, 12'd0};
    assign level_o[w]     = leaf.level;
    assign attr_o[w]      = {leaf.ng, leaf.af, leaf.ro, leaf.unpriv, leaf.pxn, leaf.uxn, leaf.s2af, leaf.s2r, leaf.s2w,
                             leaf.s2x};
    assign mrd_addr_o[w]  = req.addr;
    assign mrd_beats_o[w] = req.beats;
    assign wc_hit_o[w]    = hit[w];
    assign wc_look_o[w]   = look[w];
  end

endmodule
