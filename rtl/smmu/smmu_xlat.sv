// SPDX-License-Identifier: Apache-2.0
//
// Translation side of the SMMU: configuration lookup, TLB, walker, device transactions, ATS answers, drain.
//
// Ports as in doc/interfaces.md. This revision refuses every transaction; the blocks follow.
module smmu_xlat
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp  = 4,           // ports with at most one request outstanding each, 1..16
  parameter int unsigned NumTlb = 32,          // TLB entries
  parameter int unsigned NumCfg = 8            // configuration cache entries
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  xlat_cfg_t                  cfg_i,

  input  logic                       cfgi_valid_i,
  output logic                       cfgi_ready_o,
  input  cfgi_cmd_t                  cfgi_i,
  input  logic                       tlbi_valid_i,
  output logic                       tlbi_ready_o,
  input  tlbi_cmd_t                  tlbi_i,
  output logic                       inval_idle_o,

  input  logic                       drain_start_i,
  output logic                       drain_done_o,

  input  logic                       tbu_req_valid_i,
  output logic                       tbu_req_ready_o,
  input  tbu_req_t                   tbu_req_i,
  output logic                       tbu_rsp_valid_o,
  input  logic                       tbu_rsp_ready_i,
  output tbu_rsp_t                   tbu_rsp_o,
  input  txn_done_t [NumTxnDone-1:0] txn_done_i,

  output logic                       mrd_req_valid_o,
  input  logic                       mrd_req_ready_i,
  output mrd_req_t                   mrd_req_o,
  input  logic                       mrd_rsp_valid_i,
  input  mrd_rsp_t                   mrd_rsp_i,

  output logic                       evt_valid_o,
  input  logic                       evt_ready_i,
  output logic [255:0]               evt_o,

  output logic                       quiet_o
);

  logic colour, drain_quiet, accept;

  assign accept = tbu_req_valid_i && tbu_req_ready_o;

  smmu_drain u_drain (
    .clk_i,
    .rst_ni,
    .start_i    (drain_start_i),
    .accept_i   (accept),
    .txn_done_i,
    .colour_o   (colour),
    .done_o     (drain_done_o),
    .quiet_o    (drain_quiet)
  );

  assign cfgi_ready_o    = 1'b1;
  assign tlbi_ready_o    = 1'b1;
  assign inval_idle_o    = 1'b1;
  assign tbu_req_ready_o = tbu_rsp_ready_i;
  assign tbu_rsp_valid_o = tbu_req_valid_i;
  assign tbu_rsp_o       = '{port: tbu_req_i.port,
                             status: (tbu_req_i.at == AtTranslationReq) ? XlatUr : XlatAbort,
                             pa: '0, entry: '0, colour: colour};
  assign mrd_req_valid_o = 1'b0;
  assign mrd_req_o       = '0;
  assign evt_valid_o     = 1'b0;
  assign evt_o           = '0;
  assign quiet_o         = drain_quiet;

endmodule
