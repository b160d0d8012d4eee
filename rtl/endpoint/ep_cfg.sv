// SPDX-License-Identifier: Apache-2.0
//
// Configuration space of a function: its capabilities, a block each, and the lists that tie them together.
//   ep_cfg_hdr   type 0 header                  ep_cfg_ats    ATS and PASID
//   ep_cfg_pcie  PCI Express                    ep_aer        AER
//   ep_cfg_pm    Power Management               ep_cfg_sriov  SR-IOV (a physical function with virtual ones)
//   ep_msi       MSI and MSI-X, ep_pri PRI: beside it in ep_top, they have an access of their own
// ARI and ACS, which hold two bits, are here.
//
// Dword accesses with byte enables; reads are combinational, writes take effect at the next edge. Reserved bits and
// offsets without a register read 0 and ignore writes.
// `clear_i` (FLR, D3hot to D0) returns everything to its reset value except the AER registers (sticky, pcie-ats.md
// section 7.1). A function of a device with several has an ARI capability, and ACS by parameter.
// A virtual function (`IsVf`) takes what it does not have itself from `pf_i`.
// pcie-ats.md sections 7, 8 and 9.
module ep_cfg
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
#(
  parameter bit          Several     = 0,   // one of several functions: it has an ARI capability
  parameter bit          MultiFn     = 0,   // one of several physical functions: the bit of the header
  parameter int unsigned NextFn      = 0,   // the next one, 0 = last
  parameter bit          HasAcs      = 0,
  parameter bit          IsVf        = 0,
  parameter int unsigned NumVf       = 0,   // SR-IOV: virtual functions of this one
  parameter int unsigned FirstVf     = 1,
  parameter bit          NoSoftReset = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic [5:0]  inv_depth_i,
  input  pf_cfg_t     pf_i,            // IsVf only

  input  logic        req_valid_i,
  input  logic        req_write_i,
  input  logic [11:0] req_offset_i,    // multiple of 4
  input  logic [3:0]  req_be_i,
  input  logic [31:0] req_data_i,
  output logic [31:0] rdata_o,         // 0 unless req_valid_i and a read

  input  logic        trpnd_i,
  input  logic        err_valid_i,
  input  err_t        err_i,
  input  logic        rcv_ur_i,        // an own request was answered with UR / CA
  input  logic        rcv_ca_i,
  output logic        msg_valid_o,
  input  logic        msg_ready_i,
  output logic [7:0]  msg_o,

  output cfg_req_t    req_o,           // to ep_msi, ep_pri
  input  logic [31:0] msi_rdata_i,
  input  logic [31:0] pri_rdata_i,

  output logic        mem_en_o,
  output logic        bme_o,
  output logic [15:0] bar_o,           // BAR0[31:16]
  output logic [63:12] bar2_o,
  output logic        ext_tag_o,
  output logic [2:0]  mps_o,           // 128 << n bytes
  output logic [2:0]  mrrs_o,
  output logic [3:0]  cto_value_o,     // DevCtl2
  output logic        cto_dis_o,
  output logic        pasid_en_o,
  output logic        pasid_exec_o,    // Execute Permission Enable
  output logic        pasid_priv_o,    // Privileged Mode Enable
  output logic        ats_en_o,
  output logic [4:0]  ats_stu_o,
  output logic        ats_rise_o,      // Enable changes at the next edge
  output logic        ats_fall_o,
  output logic        flr_o,
  output logic        d3_o,            // D3hot
  output logic        d3_rise_o,
  output logic        d3_reset_o,      // D3hot to D0 resets the function
  output sriov_t      vf_o,
  output logic        quiet_o
);

  cfg_req_t       req;
  logic [31:0]    hdr_rdata, pcie_rdata, pm_rdata, ats_rdata, aer_rdata, sriov_rdata, multi_rdata, list_rdata;
  logic [3:0]     devsta_set;
  devctl_devsta_t devctl;
  logic           serr_en, own_mem_en, own_ext_tag, own_pasid_en, own_pasid_exec, own_pasid_priv;
  logic [15:0]    own_bar;
  logic [4:0]     own_stu;
  logic [2:0]     own_mps, own_mrrs;
  logic [3:0]     own_cto_value;
  logic           own_cto_dis;

  always_comb begin
    req = '0;
    if (req_valid_i) begin
      req.wr     = req_write_i;
      req.rd     = !req_write_i;
      req.offset = req_offset_i;
      req.data   = req_data_i;
      req.mask   = {{8{req_be_i[3]}}, {8{req_be_i[2]}}, {8{req_be_i[1]}}, {8{req_be_i[0]}}};
    end
  end
  assign req_o = req;

  // ---------------------------------------------------------------- the list of extended capabilities
  localparam logic [11:0] AfterAcs = (NumVf != 0) ? SRIOV_HDR_OFFSET : 12'd0;
  localparam logic [11:0] AfterAri = HasAcs ? ACS_HDR_OFFSET : AfterAcs;
  localparam logic [11:0] AfterPri = Several ? ARI_HDR_OFFSET : AfterAri;
  localparam logic [11:0] AfterAts = IsVf ? AfterPri : PASID_HDR_OFFSET;

  function automatic logic [31:0] header(logic [31:0] reset, logic [11:0] next);
    return {next, reset[19:0]};
  endfunction

  always_comb begin
    list_rdata = '0;
    if (req.rd) begin
      unique case (req.offset)
        AER_HDR_OFFSET:   list_rdata = AER_HDR_RESET;
        ATS_HDR_OFFSET:   list_rdata = header(ATS_HDR_RESET, AfterAts);
        PASID_HDR_OFFSET: if (!IsVf) list_rdata = PASID_HDR_RESET;
        PRI_HDR_OFFSET:   if (!IsVf) list_rdata = {AfterPri, 20'd0};   // the rest is ep_pri's
        ARI_HDR_OFFSET:   if (Several) list_rdata = header(ARI_HDR_RESET, AfterAri);
        ACS_HDR_OFFSET:   if (HasAcs) list_rdata = header(ACS_HDR_RESET, AfterAcs);
        SRIOV_HDR_OFFSET: if (NumVf != 0) list_rdata = SRIOV_HDR_RESET;
        default: ;
      endcase
    end
  end

  assign rdata_o = hdr_rdata | pcie_rdata | pm_rdata | ats_rdata | aer_rdata | sriov_rdata | multi_rdata | list_rdata
                 | msi_rdata_i | pri_rdata_i;

  // ---------------------------------------------------------------- capabilities
  ep_cfg_hdr #(.MultiFn(MultiFn), .IsVf(IsVf)) u_hdr (
    .clk_i, .rst_ni, .clear_i,
    .req_i    (req),
    .rdata_o  (hdr_rdata),
    .rcv_ur_i, .rcv_ca_i,
    .mem_en_o (own_mem_en),
    .bme_o,
    .serr_en_o(serr_en),
    .bar0_o   (own_bar),
    .bar2_o
  );

  ep_cfg_pcie #(.IsVf(IsVf)) u_pcie (
    .clk_i, .rst_ni, .clear_i,
    .req_i       (req),
    .rdata_o     (pcie_rdata),
    .trpnd_i,
    .devsta_set_i(devsta_set),
    .devctl_o    (devctl),
    .ext_tag_o   (own_ext_tag),
    .mps_o       (own_mps),
    .mrrs_o      (own_mrrs),
    .cto_value_o (own_cto_value),
    .cto_dis_o   (own_cto_dis),
    .flr_o
  );

  ep_cfg_pm #(.NoSoftReset(NoSoftReset)) u_pm (
    .clk_i, .rst_ni, .clear_i,
    .req_i  (req),
    .rdata_o(pm_rdata),
    .d3_o, .d3_rise_o,
    .reset_o(d3_reset_o),
    .quiet_o
  );

  ep_cfg_ats #(.IsVf(IsVf)) u_ats (
    .clk_i, .rst_ni, .clear_i,
    .req_i     (req),
    .rdata_o   (ats_rdata),
    .inv_depth_i,
    .pasid_en_o(own_pasid_en),
    .pasid_exec_o(own_pasid_exec),
    .pasid_priv_o(own_pasid_priv),
    .ats_en_o,
    .ats_stu_o (own_stu),
    .ats_rise_o, .ats_fall_o
  );

  ep_aer u_aer (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i  (req.wr),
    .rd_valid_i  (req.rd),
    .offset_i    (req.offset),
    .wdata_i     (req.data),
    .mask_i      (req.mask),
    .rdata_o     (aer_rdata),
    .devctl_i    (devctl),
    .serr_en_i   (serr_en),
    .err_valid_i, .err_i,
    .devsta_set_o(devsta_set),
    .msg_valid_o, .msg_ready_i, .msg_o
  );

  if (NumVf != 0) begin : gen_sriov
    ep_cfg_sriov #(.NumVf(NumVf), .FirstVf(FirstVf)) u_sriov (
      .clk_i, .rst_ni, .clear_i,
      .req_i  (req),
      .rdata_o(sriov_rdata),
      .vf_o
    );
  end else begin : gen_no_sriov
    assign sriov_rdata = '0;
    assign vf_o        = '0;
  end

  if (Several) begin : gen_multi
    acs_cap_ctrl_t acs_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) acs_q <= ACS_CAP_CTRL_RESET;
      else if (clear_i) acs_q <= ACS_CAP_CTRL_RESET;
      else if (HasAcs && req.wr && (req.offset == ACS_CAP_CTRL_OFFSET)) acs_q <= cfg_merge(acs_q, req, ACS_CAP_CTRL_WMASK);
    end

    always_comb begin
      multi_rdata = '0;
      if (req.rd && (req.offset == ARI_CAP_CTRL_OFFSET)) multi_rdata = {16'd0, 8'(NextFn), 8'd0};
      if (req.rd && HasAcs && (req.offset == ACS_CAP_CTRL_OFFSET)) multi_rdata = acs_q;
    end
  end else begin : gen_single
    assign multi_rdata = '0;
  end

  // ---------------------------------------------------------------- own or the physical function's
  assign mem_en_o   = IsVf ? pf_i.mem_en : own_mem_en;
  assign bar_o      = IsVf ? pf_i.bar : own_bar;
  assign ext_tag_o  = IsVf ? pf_i.ext_tag : own_ext_tag;
  assign mps_o      = IsVf ? pf_i.mps : own_mps;
  assign mrrs_o     = IsVf ? pf_i.mrrs : own_mrrs;
  assign cto_value_o = IsVf ? pf_i.cto_value : own_cto_value;
  assign cto_dis_o  = IsVf ? pf_i.cto_dis : own_cto_dis;
  assign pasid_en_o = IsVf ? pf_i.pasid_en : own_pasid_en;
  assign pasid_exec_o = IsVf ? pf_i.pasid_exec : own_pasid_exec;
  assign pasid_priv_o = IsVf ? pf_i.pasid_priv : own_pasid_priv;
  assign ats_stu_o  = IsVf ? pf_i.stu : own_stu;

endmodule
