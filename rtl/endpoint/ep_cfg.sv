// SPDX-License-Identifier: Apache-2.0
//
// Configuration space: type 0 header with one 64 KiB memory BAR, PCI Express, AER (ep_aer), ATS, PASID and PRI (ep_pri) capabilities.
//
// Dword accesses with byte enables; reads are combinational, writes take effect at the next edge. Reserved bits and
// offsets without a register read 0 and ignore writes. STU takes a value only while Enable is 0 before the
// write (one write may set both). DevCtl bit 15 reads 0 and raises `flr_o` for the write's cycle.
// `clear_i` (FLR) returns everything to its reset value except the AER registers (sticky, pcie-ats.md section 7.1).
// Does not: refuse PASID Enable changes while ATS is enabled (software's duty, pcie-ats.md section 8).
// pcie-ats.md sections 8 and 9.
module ep_cfg
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic [5:0]  inv_depth_i,

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

  output logic        pri_wr_o,        // to ep_pri
  output logic        pri_rd_o,
  output logic [31:0] mask_o,
  input  logic [31:0] pri_rdata_i,

  output logic        mem_en_o,
  output logic        bme_o,
  output logic [15:0] bar_o,           // BAR0[31:16]
  output logic        ext_tag_o,
  output logic [2:0]  mps_o,           // 128 << n bytes
  output logic [2:0]  mrrs_o,
  output logic        pasid_en_o,
  output logic        ats_en_o,
  output logic [4:0]  ats_stu_o,
  output logic        ats_rise_o,      // Enable changes at the next edge
  output logic        ats_fall_o,
  output logic        flr_o
);

  // 64 KiB, 32-bit, not prefetchable: the lower bits read 0.
  localparam logic [31:0] Bar0Mask      = 32'hFFFF_0000;
  localparam logic [31:0] CmdW1c        = 32'hF800_0000;
  localparam logic [31:0] DevW1c        = 32'h000F_0000;

  command_status_t cmd_q, cmd_d;
  devctl_devsta_t  dev_q, dev_d, dev_r;
  devctl2_t        dev2_q;
  ats_cap_ctrl_t   ats_q, ats_d, ats_r;
  pasid_cap_ctrl_t pasid_q;
  logic [31:0]     bar_q;

  logic        wr;
  logic [31:0] mask, aer_rdata;
  logic [3:0]  devsta_set;

  assign wr   = req_valid_i && req_write_i;
  assign mask = {{8{req_be_i[3]}}, {8{req_be_i[2]}}, {8{req_be_i[1]}}, {8{req_be_i[0]}}};

  function automatic logic [31:0] merge(logic [31:0] old, logic [31:0] data, logic [31:0] m, logic [31:0] w1c);
    return ((old & ~(m & ~w1c)) | (data & m & ~w1c)) & ~(data & m & w1c);
  endfunction

  // ---------------------------------------------------------------- next values
  always_comb begin
    cmd_d = cmd_q;
    dev_d = dev_q;
    ats_d = ats_q;
    flr_o = 1'b0;
    if (wr) begin
      unique case (req_offset_i)
        COMMAND_STATUS_OFFSET: cmd_d = merge(cmd_q, req_data_i, mask & COMMAND_STATUS_WMASK, CmdW1c);
        DEVCTL_DEVSTA_OFFSET: begin
          dev_d     = merge(dev_q, req_data_i, mask & DEVCTL_DEVSTA_WMASK, DevW1c);
          flr_o     = dev_d.flr;
          dev_d.flr = 1'b0;
        end
        ATS_CAP_CTRL_OFFSET: begin
          ats_d = merge(ats_q, req_data_i, mask & ATS_CAP_CTRL_WMASK, '0);
          if (ats_q.enable) ats_d.stu = ats_q.stu;
        end
        default: ;
      endcase
    end
    if (rcv_ur_i) cmd_d.rcv_ma = 1'b1;
    if (rcv_ca_i) cmd_d.rcv_ta = 1'b1;
    dev_d.ced  = dev_d.ced | devsta_set[0];
    dev_d.nfed = dev_d.nfed | devsta_set[1];
    dev_d.fed  = dev_d.fed | devsta_set[2];
    dev_d.urd  = dev_d.urd | devsta_set[3];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cmd_q   <= COMMAND_STATUS_RESET;
      dev_q   <= DEVCTL_DEVSTA_RESET;
      dev2_q  <= DEVCTL2_RESET;
      ats_q   <= ATS_CAP_CTRL_RESET;
      pasid_q <= PASID_CAP_CTRL_RESET;
      bar_q   <= BAR0_RESET;
    end else if (clear_i) begin
      cmd_q   <= COMMAND_STATUS_RESET;
      dev_q   <= DEVCTL_DEVSTA_RESET;
      dev2_q  <= DEVCTL2_RESET;
      ats_q   <= ATS_CAP_CTRL_RESET;
      pasid_q <= PASID_CAP_CTRL_RESET;
      bar_q   <= BAR0_RESET;
    end else begin
      cmd_q <= cmd_d;
      dev_q <= dev_d;
      ats_q <= ats_d;
      if (wr) begin
        unique case (req_offset_i)
          BAR0_OFFSET:           bar_q   <= merge(bar_q, req_data_i, mask & Bar0Mask, '0);
          DEVCTL2_OFFSET:        dev2_q  <= merge(dev2_q, req_data_i, mask & DEVCTL2_WMASK, '0);
          PASID_CAP_CTRL_OFFSET: pasid_q <= merge(pasid_q, req_data_i, mask & PASID_CAP_CTRL_WMASK, '0);
          default: ;
        endcase
      end
    end
  end

  // ---------------------------------------------------------------- read
  always_comb begin
    dev_r          = dev_q;
    dev_r.trpnd    = trpnd_i;
    ats_r          = ats_q;
    ats_r.inv_qdep = inv_depth_i[4:0];   // 32 reads as 0
    rdata_o        = '0;
    if (req_valid_i && !req_write_i) begin
      unique case (req_offset_i)
        VENDOR_DEVICE_OFFSET:  rdata_o = VENDOR_DEVICE_RESET;
        COMMAND_STATUS_OFFSET: rdata_o = cmd_q;
        CLASS_REV_OFFSET:      rdata_o = CLASS_REV_RESET;
        HEADER_TYPE_OFFSET:    rdata_o = HEADER_TYPE_RESET;
        BAR0_OFFSET:           rdata_o = bar_q;
        CAP_PTR_OFFSET:        rdata_o = CAP_PTR_RESET;
        PCIE_CAP_OFFSET:       rdata_o = PCIE_CAP_RESET;
        DEVCAP_OFFSET:         rdata_o = DEVCAP_RESET | 32'(tlp_pkg::MaxPayload > 128);   // Max_Payload_Size Supported
        DEVCTL_DEVSTA_OFFSET:  rdata_o = dev_r;
        DEVCAP2_OFFSET:        rdata_o = DEVCAP2_RESET;
        DEVCTL2_OFFSET:        rdata_o = dev2_q;
        AER_HDR_OFFSET:        rdata_o = AER_HDR_RESET;
        ATS_HDR_OFFSET:        rdata_o = ATS_HDR_RESET;
        ATS_CAP_CTRL_OFFSET:   rdata_o = ats_r;
        PASID_HDR_OFFSET:      rdata_o = PASID_HDR_RESET;
        PASID_CAP_CTRL_OFFSET: rdata_o = pasid_q;
        default:               rdata_o = aer_rdata | pri_rdata_i;
      endcase
    end
  end

  ep_aer u_aer (
    .clk_i, .rst_ni, .clear_i,
    .wr_valid_i  (wr),
    .rd_valid_i  (req_valid_i && !req_write_i),
    .offset_i    (req_offset_i),
    .wdata_i     (req_data_i),
    .mask_i      (mask),
    .rdata_o     (aer_rdata),
    .devctl_i    (dev_q),
    .serr_en_i   (cmd_q.serr_en),
    .err_valid_i, .err_i,
    .devsta_set_o(devsta_set),
    .msg_valid_o, .msg_ready_i, .msg_o
  );

  assign pri_wr_o   = wr;
  assign pri_rd_o   = req_valid_i && !req_write_i;
  assign mask_o     = mask;
  assign mem_en_o   = cmd_q.mem_en;
  assign bme_o      = cmd_q.bme;
  assign bar_o      = bar_q[31:16];
  assign ext_tag_o  = dev_q.ext_tag_en;
  assign mps_o      = dev_q.mps;
  assign mrrs_o     = dev_q.mrrs;
  assign pasid_en_o = pasid_q.enable;
  assign ats_en_o   = ats_q.enable;
  assign ats_stu_o  = ats_q.stu;
  assign ats_rise_o = !clear_i && ats_d.enable && !ats_q.enable;
  assign ats_fall_o = !clear_i && !ats_d.enable && ats_q.enable;

endmodule
