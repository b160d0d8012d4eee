// SPDX-License-Identifier: Apache-2.0
//
// Takes commands from the fetch unit, decodes them, and hands each to the unit that executes it, in order.
//
// Guarantees: one command a cycle while units are ready; `consume_o` in the cycle in which the unit takes the command
// (SYNC: when it completes), so that CONS never passes a command that no unit has; a command begins only after the
// one before it was consumed; an illegal or aborted command raises `error_o` and is not consumed. A command that was
// begun is carried through when the queue is switched off; smmu_cmdq_fetch then offers no other. ATC_INV and PRI_RESP
// while the SMMU is off are consumed without effect (smmuv3 §2.1, §2.3). `cfgi_valid_o` and the like are held until ready. In the cycle of
// `error_o` no command is taken.
// Does not: wait for completion of anything (smmu_sync does).
// Latency: command accepted to unit valid 1 cycle.
module smmu_cmd_dispatch
  import smmu_pkg::*;
  import smmu_fmt_pkg::*;
#(
  parameter smmu_id_t Id = smmu_id(0)
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         smmuen_i,

  input  logic         cmd_valid_i,
  output logic         cmd_ready_o,
  input  logic [127:0] cmd_i,
  input  logic         cmd_err_i,      // fetch aborted

  output logic         cfgi_valid_o,
  input  logic         cfgi_ready_i,
  output cfgi_cmd_t    cfgi_o,
  output logic         tlbi_valid_o,
  input  logic         tlbi_ready_i,
  output tlbi_cmd_t    tlbi_o,
  output logic         atc_valid_o,
  input  logic         atc_ready_i,
  output atc_inv_cmd_t atc_o,

  output logic         stall_valid_o,  // RESUME, STALL_TERM
  input  logic         stall_ready_i,
  output stall_cmd_t   stall_o,
  output logic         prir_valid_o,   // PRI_RESP
  input  logic         prir_ready_i,
  output pri_rsp_cmd_t prir_o,

  output logic         sync_valid_o,   // held until done or error
  output logic         sync_irq_o,     // CS = 1
  output logic         sync_sev_o,     // CS = 2
  output msi_t         sync_msi_o,
  input  logic         sync_done_i,
  input  logic         sync_error_i,

  output logic         consume_o,      // pulse: CONS moves past the command
  output logic         error_o,        // pulse: the command fails, CONS stays
  output logic [6:0]   error_code_o,
  output logic         idle_o,         // no command in progress
  output logic         quiet_o
);

  logic         valid_q, err_q, take;
  logic [127:0] cmd_q;
  cmd_kind_e    kind;

  smmu_cmd_decode #(.Id (Id)) u_decode (
    .cmd_i      (cmd_q),
    .kind_o     (kind),
    .cfgi_o,
    .tlbi_o,
    .atc_inv_o  (atc_o),
    .stall_o,
    .pri_rsp_o  (prir_o),
    .sync_irq_o,
    .sync_sev_o,
    .sync_msi_o
  );

  always_comb begin
    cfgi_valid_o = 1'b0;
    tlbi_valid_o = 1'b0;
    atc_valid_o  = 1'b0;
    stall_valid_o = 1'b0;
    prir_valid_o = 1'b0;
    sync_valid_o = 1'b0;
    consume_o    = 1'b0;
    error_o      = 1'b0;
    error_code_o = CERROR_NONE;
    if (valid_q && err_q) begin
      error_o      = 1'b1;
      error_code_o = CERROR_ABT;
    end else if (valid_q) begin
      unique case (kind)
        CmdNop: consume_o = 1'b1;
        CmdCfgi: begin
          cfgi_valid_o = 1'b1;
          consume_o    = cfgi_ready_i;
        end
        CmdTlbi: begin
          tlbi_valid_o = 1'b1;
          consume_o    = tlbi_ready_i;
        end
        CmdAtcInv: begin
          atc_valid_o = smmuen_i;
          consume_o   = atc_ready_i || !smmuen_i;
        end
        CmdStall: begin
          stall_valid_o = 1'b1;
          consume_o     = stall_ready_i;
        end
        CmdPriResp: begin
          prir_valid_o = smmuen_i;
          consume_o    = prir_ready_i || !smmuen_i;
        end
        CmdSync: begin
          sync_valid_o = 1'b1;
          consume_o    = sync_done_i;
          error_o      = sync_error_i;
          error_code_o = CERROR_ATC_INV_SYNC;
        end
        default: begin
          error_o      = 1'b1;
          error_code_o = CERROR_ILL;
        end
      endcase
    end
  end

  assign cmd_ready_o = !valid_q || consume_o;
  assign take        = cmd_valid_i && cmd_ready_o;
  assign idle_o      = !valid_q;
  assign quiet_o     = !take && !consume_o && !error_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= take || (valid_q && !consume_o && !error_o);
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      cmd_q <= cmd_i;
      err_q <= cmd_err_i;
    end
  end

endmodule
