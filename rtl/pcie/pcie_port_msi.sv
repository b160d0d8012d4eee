// SPDX-License-Identifier: Apache-2.0
//
// MSI capability of a port and its one message: every rising edge of a condition, gated with MSI enable and bus master
// enable, sends the message once. Edges that come while a message waits are merged into it: the handler looks at all
// conditions anyway. Does not mask per vector. Latency: edge to `msi_valid_o` 1 cycle.
module pcie_port_msi
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  port_acc_t   acc_i,
  output logic [31:0] rdata_o,

  input  logic        bme_i,
  input  logic [2:0]  irq_i,         // {DPC, AER, hot plug}
  output logic        msi_valid_o,
  input  logic        msi_ready_i,
  output logic [63:0] msi_addr_o,
  output logic [31:0] msi_data_o,
  output logic        quiet_o
);

  msi_cap_t    cap_q;
  logic [31:0] addr_q, addr_hi_q, data_q;
  logic [2:0]  level, level_q;
  logic        waiting_q, rise;

  assign level = (cap_q.enable && bme_i) ? irq_i : '0;
  assign rise  = (level & ~level_q) != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      cap_q     <= MSI_CAP_RESET;
      addr_q    <= MSI_ADDR_RESET;
      addr_hi_q <= MSI_ADDR_HI_RESET;
      data_q    <= MSI_DATA_RESET;
    end else if (acc_i.wr) begin
      unique case (acc_i.offset)
        MSI_CAP_OFFSET:     cap_q     <= port_merge(cap_q, acc_i, MSI_CAP_WMASK, '0);
        MSI_ADDR_OFFSET:    addr_q    <= port_merge(addr_q, acc_i, MSI_ADDR_WMASK, '0);
        MSI_ADDR_HI_OFFSET: addr_hi_q <= port_merge(addr_hi_q, acc_i, MSI_ADDR_HI_WMASK, '0);
        MSI_DATA_OFFSET:    data_q    <= port_merge(data_q, acc_i, MSI_DATA_WMASK, '0);
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      level_q   <= '0;
      waiting_q <= 1'b0;
    end else if (level != level_q || waiting_q) begin
      level_q   <= level;
      waiting_q <= rise || (waiting_q && !msi_ready_i);
    end
  end

  always_comb begin
    rdata_o = '0;
    if (acc_i.rd) begin
      unique case (acc_i.offset)
        MSI_CAP_OFFSET:     rdata_o = cap_q;
        MSI_ADDR_OFFSET:    rdata_o = addr_q;
        MSI_ADDR_HI_OFFSET: rdata_o = addr_hi_q;
        MSI_DATA_OFFSET:    rdata_o = data_q;
        default:            rdata_o = '0;
      endcase
    end
  end

  assign msi_valid_o = waiting_q;
  assign msi_addr_o  = {addr_hi_q, addr_q};
  assign msi_data_o  = data_q;
  assign quiet_o     = (level == level_q) && !(waiting_q && msi_ready_i);

endmodule
