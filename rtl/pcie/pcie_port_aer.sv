// SPDX-License-Identifier: Apache-2.0
//
// Advanced Error Reporting of a port's own errors: status, mask, severity, first error pointer, header log.
//
// Two errors can come in one cycle: one with a packet (`err_i`) and one of the link or a timer (`plain_i`, bits of the
// uncorrectable status). The packet's is the first error then. The header log holds the first unmasked error until its
// status bit is cleared. `sig_o` says for one cycle what is to be signalled: a fatal or non-fatal error that Device
// Control or SERR# enable lets out, or a correctable one (an advisory error; an Unexpected Completion is one always).
// `uncor_o` is what containment looks at: unmasked, not advisory, whatever the enables. Registers are sticky: only `rst_ni` clears them. A new error beats a clear.
// pcie-ats.md section 8. Latency: status at the next edge, `sig_o` and `uncor_o` combinational.
module pcie_port_aer
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
#(
  parameter port_type_e PortType = PortRoot
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  port_acc_t      acc_i,
  output logic [31:0]    rdata_o,

  input  logic [3:0]     enable_i,      // Device Control {URRE, FERE, NFERE, CERE}
  input  logic           serr_en_i,
  input  logic           err_valid_i,
  input  port_err_t      err_i,
  input  logic [31:0]    plain_i,

  output logic [3:0]     devsta_set_o,  // {URD, FED, NFED, CED}
  output port_sev_t      sig_o,
  output logic [1:0]     uncor_o        // {fatal, non-fatal}
);

  localparam logic [11:0] Next = (PortType == PortUpstream) ? '0 : AER_HDR_RESET[31:20];

  aer_uncor_status_t   status_q, status_d;
  aer_uncor_mask_t     umask_q;
  aer_uncor_severity_t sever_q;
  aer_cor_status_t     cor_q, cor_d;
  aer_cor_mask_t       cmask_q;
  logic [4:0]          fep_q, number;
  logic [127:0]        log_q;

  // ---------------------------------------------------------------- classify
  logic [31:0] err_bit, bits, open, advisory;
  logic        any, first, urd, cor_out;

  assign any = err_valid_i || (plain_i != '0);

  always_comb begin
    err_bit      = '0;
    bits         = '0;
    advisory     = '0;
    open         = '0;
    first        = 1'b0;
    urd          = 1'b0;
    cor_out      = 1'b0;
    number       = '0;
    devsta_set_o = '0;
    sig_o        = '0;
    uncor_o      = '0;
    if (any) begin
      if (err_valid_i) err_bit = 32'd1 << err_i.number;
      bits     = err_bit | plain_i;
      // Advisory only what is not fatal (role-based error reporting).
      advisory = ((err_valid_i && err_i.advisory) ? err_bit : '0) | (bits & (32'd1 << ErrUnexpectedCpl));
      advisory = advisory & ~sever_q;
      open     = bits & ~umask_q;
      urd      = bits[ErrUr];
      cor_out  = (open & advisory) != '0 && !cmask_q.advnf;

      uncor_o[1] = (open & ~advisory & sever_q) != '0;
      uncor_o[0] = (open & ~advisory & ~sever_q) != '0;

      // Unsupported Request alone has a second gate, URRE.
      sig_o[0] = cor_out && enable_i[0] && (enable_i[3] || (open & advisory) != (32'd1 << ErrUr));
      sig_o[1] = uncor_o[0] && (serr_en_i || (enable_i[1] &&
                 (enable_i[3] || (open & ~advisory & ~sever_q) != (32'd1 << ErrUr))));
      sig_o[2] = uncor_o[1] && (serr_en_i || (enable_i[2] &&
                 (enable_i[3] || (open & ~advisory & sever_q) != (32'd1 << ErrUr))));

      devsta_set_o = {urd, (bits & ~advisory & sever_q) != '0, (bits & ~advisory & ~sever_q) != '0, advisory != '0};

      first = ((open & ~advisory) != '0 || cor_out) && ((status_q & ~umask_q) == '0);
      if (err_valid_i && open[err_i.number]) begin
        number = err_i.number;
      end else begin
        for (int unsigned b = 32; b > 0; b--) if (open[b-1]) number = 5'(b - 1);
      end
    end
  end

  // ---------------------------------------------------------------- registers
  always_comb begin
    status_d = status_q;
    cor_d    = cor_q;
    if (acc_i.wr && acc_i.offset == AER_UNCOR_STATUS_OFFSET) status_d = status_q & ~(acc_i.data & acc_i.mask);
    if (acc_i.wr && acc_i.offset == AER_COR_STATUS_OFFSET) cor_d = cor_q & ~(acc_i.data & acc_i.mask);
    status_d = status_d | (bits & AER_UNCOR_STATUS_WMASK);
    if (advisory != '0) cor_d.advnf = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      status_q <= AER_UNCOR_STATUS_RESET;
      umask_q  <= AER_UNCOR_MASK_RESET;
      sever_q  <= AER_UNCOR_SEVERITY_RESET;
      cor_q    <= AER_COR_STATUS_RESET;
      cmask_q  <= AER_COR_MASK_RESET;
      fep_q    <= '0;
      log_q    <= '0;
    end else if (acc_i.wr || any) begin
      status_q <= status_d;
      cor_q    <= cor_d;
      if (acc_i.wr) begin
        unique case (acc_i.offset)
          AER_UNCOR_MASK_OFFSET:     umask_q <= port_merge(umask_q, acc_i, AER_UNCOR_MASK_WMASK, '0);
          AER_UNCOR_SEVERITY_OFFSET: sever_q <= port_merge(sever_q, acc_i, AER_UNCOR_SEVERITY_WMASK, '0);
          AER_COR_MASK_OFFSET:       cmask_q <= port_merge(cmask_q, acc_i, AER_COR_MASK_WMASK, '0);
          default: ;
        endcase
      end
      if (first) begin
        fep_q <= number;
        log_q <= (err_valid_i && number == err_i.number) ? err_i.hdr : '0;
      end
    end
  end

  always_comb begin
    rdata_o = '0;
    if (acc_i.rd) begin
      unique case (acc_i.offset)
        AER_HDR_OFFSET:             rdata_o = {Next, AER_HDR_RESET[19:0]};
        AER_UNCOR_STATUS_OFFSET:    rdata_o = status_q;
        AER_UNCOR_MASK_OFFSET:      rdata_o = umask_q;
        AER_UNCOR_SEVERITY_OFFSET:  rdata_o = sever_q;
        AER_COR_STATUS_OFFSET:      rdata_o = cor_q;
        AER_COR_MASK_OFFSET:        rdata_o = cmask_q;
        AER_CAP_CTL_OFFSET:         rdata_o = {27'd0, fep_q};
        AER_HDR_LOG_BASE:           rdata_o = log_q[127:96];
        AER_HDR_LOG_BASE + 12'h004: rdata_o = log_q[95:64];
        AER_HDR_LOG_BASE + 12'h008: rdata_o = log_q[63:32];
        AER_HDR_LOG_BASE + 12'h00C: rdata_o = log_q[31:0];
        default:                    rdata_o = '0;
      endcase
    end
  end

endmodule
