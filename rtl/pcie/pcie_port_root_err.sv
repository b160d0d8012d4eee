// SPDX-License-Identifier: Apache-2.0
//
// Root error registers of AER: which error messages came, how often, from whom first, and the interrupt condition.
//
// A message of a device below and an own error of the port may come in the same cycle; the device's counts as the first.
// `irq_o` is the level "an enabled kind was received": its rising edge is one interrupt. Sticky; a message beats a clear.
// pcie-ats.md section 8. Latency: 1 cycle.
module pcie_port_root_err
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  port_acc_t   acc_i,
  output logic [31:0] rdata_o,

  input  port_sev_t   msg_i,        // at most one bit
  input  logic [15:0] msg_rid_i,
  input  port_sev_t   own_i,
  input  logic [15:0] own_rid_i,
  output logic        irq_o
);

  aer_root_cmd_t    cmd_q;
  aer_root_status_t status_q, status_d;
  aer_source_t      source_q, source_d;
  logic             any;

  assign any = (msg_i != '0) || (own_i != '0);

  function automatic logic [63:0] collect(aer_root_status_t s, aer_source_t src, port_sev_t sev, logic [15:0] rid);
    aer_root_status_t n;
    aer_source_t      r;
    n = s;
    r = src;
    if (sev[0]) begin
      if (s.cor) n.multi_cor = 1'b1;
      else r.cor = rid;
      n.cor = 1'b1;
    end
    if (sev[1] || sev[2]) begin
      if (s.uncor || (sev[1] && sev[2])) n.multi_uncor = 1'b1;
      if (!s.uncor) begin
        r.uncor       = rid;
        n.first_fatal = sev[2];
      end
      n.uncor    = 1'b1;
      n.nonfatal = s.nonfatal | sev[1];
      n.fatal    = s.fatal | sev[2];
    end
    return {n, r};
  endfunction

  always_comb begin
    status_d = status_q;
    source_d = source_q;
    if (acc_i.wr && acc_i.offset == AER_ROOT_STATUS_OFFSET) begin
      status_d = port_merge(status_q, acc_i, AER_ROOT_STATUS_WMASK, AER_ROOT_STATUS_WMASK);
    end
    if (msg_i != '0) {status_d, source_d} = collect(status_d, source_d, msg_i, msg_rid_i);
    if (own_i != '0) {status_d, source_d} = collect(status_d, source_d, own_i, own_rid_i);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cmd_q    <= AER_ROOT_CMD_RESET;
      status_q <= AER_ROOT_STATUS_RESET;
      source_q <= AER_SOURCE_RESET;
    end else if (acc_i.wr || any) begin
      status_q <= status_d;
      source_q <= source_d;
      if (acc_i.wr && acc_i.offset == AER_ROOT_CMD_OFFSET) begin
        cmd_q <= port_merge(cmd_q, acc_i, AER_ROOT_CMD_WMASK, '0);
      end
    end
  end

  always_comb begin
    rdata_o = '0;
    if (acc_i.rd) begin
      unique case (acc_i.offset)
        AER_ROOT_CMD_OFFSET:    rdata_o = cmd_q;
        AER_ROOT_STATUS_OFFSET: rdata_o = status_q;
        AER_SOURCE_OFFSET:      rdata_o = source_q;
        default:                rdata_o = '0;
      endcase
    end
  end

  assign irq_o = (cmd_q.cor && status_q.cor) || (cmd_q.nonfatal && status_q.nonfatal) ||
                 (cmd_q.fatal && status_q.fatal);

endmodule
