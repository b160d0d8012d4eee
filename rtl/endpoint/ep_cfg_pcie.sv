// SPDX-License-Identifier: Apache-2.0
//
// PCI Express capability: Device Control and Status with FLR and Transactions Pending, Device Control 2, link registers
// (pcie-ats.md section 9).
//
// DevCtl bit 15 reads 0 and raises `flr_o` for the write's cycle. Max_Payload_Size goes up to what the build carries
// (tlp_pkg::MpsSupported); a larger value is kept and means the largest (tlp_pkg::mps_dw). Link registers are constant but for two bits
// that change nothing.
// A virtual function has the error reporting enables and FLR; the other controls read 0, its physical function's hold.
// Latency: reads 0 cycles, writes 1.
module ep_cfg_pcie
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
#(
  parameter bit IsVf = 0
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,
  input  cfg_req_t       req_i,
  output logic [31:0]    rdata_o,      // 0 for other offsets
  input  logic           trpnd_i,
  input  logic [3:0]     devsta_set_i, // {URD, FED, NFED, CED}
  output devctl_devsta_t devctl_o,
  output logic           ext_tag_o,
  output logic [2:0]     mps_o,        // 128 << n bytes
  output logic [2:0]     mrrs_o,
  output logic [3:0]     cto_value_o,  // DevCtl2
  output logic           cto_dis_o,
  output logic           flr_o
);

  localparam logic [31:0] VfWmask      = 32'h000F_800F;
  localparam logic [31:0] DevWmask     = IsVf ? (DEVCTL_DEVSTA_WMASK & VfWmask) : DEVCTL_DEVSTA_WMASK;
  localparam logic [31:0] DevReset     = IsVf ? '0 : DEVCTL_DEVSTA_RESET;
  localparam logic [31:0] DevW1c       = 32'h000F_0000;

  devctl_devsta_t dev_q, dev_d, dev_r;
  devctl2_t       dev2_q;
  lnkctl_lnksta_t lnk_q;

  always_comb begin
    dev_d = dev_q;
    flr_o = 1'b0;
    if (req_i.wr && (req_i.offset == DEVCTL_DEVSTA_OFFSET)) begin
      dev_d     = cfg_merge(dev_q, req_i, DevWmask & ~DevW1c) & ~(req_i.data & req_i.mask & DevW1c);
      flr_o     = dev_d.flr;
      dev_d.flr = 1'b0;
    end
    // An error of the same cycle beats the clear.
    dev_d.ced  = dev_d.ced | devsta_set_i[0];
    dev_d.nfed = dev_d.nfed | devsta_set_i[1];
    dev_d.fed  = dev_d.fed | devsta_set_i[2];
    dev_d.urd  = dev_d.urd | devsta_set_i[3];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      dev_q  <= DevReset;
      dev2_q <= DEVCTL2_RESET;
      lnk_q  <= LNKCTL_LNKSTA_RESET;
    end else if (clear_i) begin
      dev_q  <= DevReset;
      dev2_q <= DEVCTL2_RESET;
      lnk_q  <= LNKCTL_LNKSTA_RESET;
    end else begin
      dev_q <= dev_d;
      if (req_i.wr && !IsVf) begin
        unique case (req_i.offset)
          DEVCTL2_OFFSET:       dev2_q <= cfg_merge(dev2_q, req_i, DEVCTL2_WMASK);
          LNKCTL_LNKSTA_OFFSET: lnk_q  <= cfg_merge(lnk_q, req_i, LNKCTL_LNKSTA_WMASK);
          default: ;
        endcase
      end
    end
  end

  always_comb begin
    dev_r       = dev_q;
    dev_r.trpnd = trpnd_i;
    rdata_o     = '0;
    if (req_i.rd) begin
      unique case (req_i.offset)
        PCIE_CAP_OFFSET:      rdata_o = PCIE_CAP_RESET;
        DEVCAP_OFFSET:        rdata_o = DEVCAP_RESET | {29'd0, tlp_pkg::MpsSupported};
        DEVCTL_DEVSTA_OFFSET: rdata_o = dev_r;
        LNKCAP_OFFSET:        rdata_o = LNKCAP_RESET;
        LNKCTL_LNKSTA_OFFSET: rdata_o = IsVf ? '0 : lnk_q;
        DEVCAP2_OFFSET:       rdata_o = DEVCAP2_RESET;
        DEVCTL2_OFFSET:       rdata_o = dev2_q;
        default: ;
      endcase
    end
  end

  assign devctl_o    = dev_q;
  assign ext_tag_o   = dev_q.ext_tag_en;
  assign mps_o       = dev_q.mps;
  assign mrrs_o      = dev_q.mrrs;
  assign cto_value_o = dev2_q.cto_value;
  assign cto_dis_o   = dev2_q.cto_dis;

endmodule
