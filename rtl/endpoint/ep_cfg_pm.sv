// SPDX-License-Identifier: Apache-2.0
//
// Power Management capability: D0 and D3hot (pcie-ats.md section 7).
//
// `d3_o` holds while the function is in D3hot: it answers configuration requests and nothing else (ep_top). A write of D0
// ends it in the next cycle; without `NoSoftReset` `reset_o` is up in that cycle, and the function starts anew from
// there, as after an FLR but at once. A write of D1 or D2 is ignored.
// Does not: signal PME, take time for a change of state (software has to wait as the standard says).
module ep_cfg_pm
  import ep_pkg::*;
  import pcie_cfg_pkg::*;
#(
  parameter bit NoSoftReset = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  cfg_req_t    req_i,
  output logic [31:0] rdata_o,         // 0 for other offsets
  output logic        d3_o,
  output logic        d3_rise_o,       // D3hot begins at the next edge
  output logic        reset_o,
  output logic        quiet_o
);

  typedef enum logic [1:0] {D0, D3, Waking} state_e;

  state_e       state_q, state_d;
  power_state_e want;

  always_comb begin
    want    = power_state_e'(req_i.data[1:0]);
    state_d = state_q;
    unique case (state_q)
      D0, D3: begin
        if (req_i.wr && (req_i.offset == PM_CTRL_STATUS_OFFSET) && req_i.mask[0]) begin
          if (want == POWER_STATE_D3HOT) state_d = D3;
          if ((want == POWER_STATE_D0) && (state_q == D3)) state_d = Waking;
        end
      end
      default: state_d = D0;           // Waking: nothing of the old state runs before the reset
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= D0;
    else if (clear_i) state_q <= D0;
    else state_q <= state_d;
  end

  always_comb begin
    rdata_o = '0;
    if (req_i.rd) begin
      unique case (req_i.offset)
        PM_CAP_OFFSET:         rdata_o = PM_CAP_RESET;
        PM_CTRL_STATUS_OFFSET: rdata_o = {28'd0, NoSoftReset, 1'b0, (state_q == D3) ? POWER_STATE_D3HOT : POWER_STATE_D0};
        default: ;
      endcase
    end
  end

  assign d3_o      = state_q != D0;
  assign d3_rise_o = (state_q == D0) && (state_d == D3) && !clear_i;
  assign reset_o   = (state_q == Waking) && !NoSoftReset;
  assign quiet_o   = state_q != Waking;

endmodule
