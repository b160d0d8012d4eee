// SPDX-License-Identifier: Apache-2.0
//
// Error logging and reporting: Advanced Error Reporting registers, Device Status bits, the error message to send.
//
// Logged: Unsupported Request, Unexpected Completion, Malformed TLP, Poisoned TLP, Completion Timeout (pcie-ats.md sections
// 1.5, 8). A non-fatal error that a completion reports to the requester, an Unexpected Completion and a poisoned one are
// advisory: correctable status bit 13.
// First error pointer and header log hold the first unmasked error until its status bit is cleared.
// All registers here are sticky: an FLR leaves them, only `rst_ni` clears them.
// One message of each class waits at a time, the worst leaves first; an error of a class that waits already is logged and
// sends none.
// Does not: time anything (ep_xlat), check ECRC (the enable bits read back, nothing follows).
// Latency: error to message 1 cycle.
module ep_aer
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
  import tlp_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,        // drops a waiting message

  input  logic           wr_valid_i,     // write to `offset_i`
  input  logic           rd_valid_i,
  input  logic [11:0]    offset_i,
  input  logic [31:0]    wdata_i,
  input  logic [31:0]    mask_i,
  output logic [31:0]    rdata_o,        // 0 for other offsets

  input  devctl_devsta_t devctl_i,
  input  logic           serr_en_i,
  input  logic           err_valid_i,
  input  err_t           err_i,
  output logic [3:0]     devsta_set_o,   // {URD, FED, NFED, CED}

  output logic           msg_valid_o,
  input  logic           msg_ready_i,
  output logic [7:0]     msg_o
);

  aer_uncor_status_t   status_q, status_d;
  aer_uncor_mask_t     umask_q;
  aer_uncor_severity_t sever_q;
  aer_cor_status_t     cor_q, cor_d;
  aer_cor_mask_t       cmask_q;
  aer_cap_ctl_t        ctl_q;
  logic [127:0]        log_q;
  logic [2:0]          msg_q, msg_set, msg_sent;   // {fatal, non-fatal, correctable} to send

  // ---------------------------------------------------------------- classify
  logic [31:0] bits;
  logic [4:0]  number;
  logic        masked, fatal, advisory, report, first;

  always_comb begin
    bits         = '0;
    number       = '0;
    masked       = 1'b0;
    fatal        = 1'b0;
    advisory     = 1'b0;
    first        = 1'b0;
    report       = 1'b0;
    msg_set      = '0;
    devsta_set_o = '0;
    if (err_valid_i) begin
      unique case (err_i.kind)
        ErrUr:            number = 5'd20;
        ErrUnexpectedCpl: number = 5'd16;
        ErrPoisoned:      number = 5'd12;
        ErrCplTimeout:    number = 5'd14;
        default:          number = 5'd18;
      endcase
      bits     = 32'd1 << number;
      masked   = (bits & umask_q) != '0;
      fatal    = (bits & sever_q) != '0;
      advisory = !fatal && !err_i.posted;
      first    = !masked && !(advisory && cmask_q.advnf) && ((status_q & ~umask_q) == '0);

      // DevCtl gates: URRE for Unsupported Request, then the class; SERR# enable stands in for both.
      report = !masked;
      if (advisory) begin
        report = report && devctl_i.cere && !cmask_q.advnf && ((err_i.kind != ErrUr) || devctl_i.urre);
      end else if (fatal) begin
        report = report && (serr_en_i || (devctl_i.fere && ((err_i.kind != ErrUr) || devctl_i.urre)));
      end else begin
        report = report && (serr_en_i || (devctl_i.nfere && ((err_i.kind != ErrUr) || devctl_i.urre)));
      end

      msg_set      = {3{report}} & {fatal, !fatal && !advisory, advisory};
      devsta_set_o = {err_i.kind == ErrUr, fatal, !fatal && !advisory, advisory};
    end
  end

  // ---------------------------------------------------------------- registers
  function automatic logic [31:0] merge(logic [31:0] old, logic [31:0] data, logic [31:0] m);
    return (old & ~m) | (data & m);
  endfunction

  // A new error beats a clear in the same cycle.
  always_comb begin
    status_d = status_q | bits;
    cor_d    = cor_q;
    if (wr_valid_i && (offset_i == AER_UNCOR_STATUS_OFFSET)) status_d = (status_q & ~(wdata_i & mask_i)) | bits;
    if (wr_valid_i && (offset_i == AER_COR_STATUS_OFFSET)) cor_d = cor_q & ~(wdata_i & mask_i);
    if (advisory) cor_d.advnf = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      status_q    <= AER_UNCOR_STATUS_RESET;
      umask_q     <= AER_UNCOR_MASK_RESET;
      sever_q     <= AER_UNCOR_SEVERITY_RESET;
      cor_q       <= AER_COR_STATUS_RESET;
      cmask_q     <= AER_COR_MASK_RESET;
      ctl_q       <= AER_CAP_CTL_RESET;
      log_q       <= '0;
    end else begin
      status_q <= status_d;
      cor_q    <= cor_d;
      if (wr_valid_i) begin
        unique case (offset_i)
          AER_UNCOR_MASK_OFFSET:     umask_q <= merge(umask_q, wdata_i, mask_i & AER_UNCOR_MASK_WMASK);
          AER_UNCOR_SEVERITY_OFFSET: sever_q <= merge(sever_q, wdata_i, mask_i & AER_UNCOR_SEVERITY_WMASK);
          AER_COR_MASK_OFFSET:       cmask_q <= merge(cmask_q, wdata_i, mask_i & AER_COR_MASK_WMASK);
          AER_CAP_CTL_OFFSET:        ctl_q   <= merge(ctl_q, wdata_i, mask_i & AER_CAP_CTL_WMASK);
          default: ;
        endcase
      end
      if (first) begin
        ctl_q.fep <= number;
        log_q     <= err_i.hdr;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) msg_q <= '0;
    else if (clear_i) msg_q <= '0;
    else msg_q <= (msg_q & ~(msg_ready_i ? msg_sent : 3'b000)) | msg_set;
  end

  assign msg_sent    = msg_q[2] ? 3'b100 : msg_q[1] ? 3'b010 : msg_q;
  assign msg_valid_o = msg_q != '0;
  assign msg_o       = msg_q[2] ? MsgErrFatal : msg_q[1] ? MsgErrNonfatal : MsgErrCor;

  always_comb begin
    rdata_o = '0;
    if (rd_valid_i) begin
      unique case (offset_i)
        AER_UNCOR_STATUS_OFFSET:           rdata_o = status_q;
        AER_UNCOR_MASK_OFFSET:             rdata_o = umask_q;
        AER_UNCOR_SEVERITY_OFFSET:         rdata_o = sever_q;
        AER_COR_STATUS_OFFSET:             rdata_o = cor_q;
        AER_COR_MASK_OFFSET:               rdata_o = cmask_q;
        AER_CAP_CTL_OFFSET:                rdata_o = ctl_q;
        AER_HDR_LOG_BASE:                  rdata_o = log_q[127:96];
        AER_HDR_LOG_BASE + 12'h004:        rdata_o = log_q[95:64];
        AER_HDR_LOG_BASE + 12'h008:        rdata_o = log_q[63:32];
        AER_HDR_LOG_BASE + 12'h00C:        rdata_o = log_q[31:0];
        default:                           rdata_o = '0;
      endcase
    end
  end

endmodule
