// SPDX-License-Identifier: Apache-2.0
//
// smmu_atc_inv of the default size behind flat ports.
module smmu_atc_inv_tb
  import smmu_pkg::*;
#(
  parameter int unsigned NumEp = 4
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [47:0]            now_i,
  input  logic [47:0]            timeout_i,
  input  logic [47:0]            quar_interval_i,
  input  logic [NumEp-1:0][5:0]  inv_limit_i,
  input  logic                   cmd_valid_i,
  output logic                   cmd_ready_o,
  input  logic [31:0]            cmd_sid_i,
  input  logic                   cmd_ssv_i,
  input  logic [19:0]            cmd_ssid_i,
  input  logic                   cmd_g_i,
  input  logic [5:0]             cmd_size_i,
  input  logic [63:0]            cmd_addr_i,
  output logic [NumEp-1:0]       req_valid_o,
  input  logic [NumEp-1:0]       req_ready_i,
  output logic [NumEp-1:0][15:0] req_rid_o,
  output logic [NumEp-1:0][4:0]  req_itag_o,
  output logic [NumEp-1:0]       req_ssv_o,
  output logic [NumEp-1:0][31:0] req_ssid_o,
  output logic [NumEp-1:0][63:0] req_payload_o,
  input  logic                   cpl_valid_i,
  input  logic [15:0]            cpl_rid_i,
  input  logic [31:0]            cpl_itags_i,
  input  logic [2:0]             cpl_cc_i,
  input  logic                   ur_valid_i,
  input  logic [15:0]            ur_rid_i,
  input  logic [4:0]             ur_itag_i,
  input  logic [NumEp-1:0]       quar_release_i,
  output logic [NumEp-1:0][5:0]  quar_busy_o,
  output logic                   stray_valid_o,
  output logic [2:0]             stray_cause_o,
  output logic [5:0]             stray_count_o,
  output logic                   idle_o,
  output logic                   timed_out_o,
  input  logic                   timed_out_clear_i,
  output logic [1:0]             stall_o,
  output logic [4:0]             stat_sent_o,
  output logic [5:0]             stat_completed_o,
  output logic                   stat_timed_out_o,
  output logic                   stat_refused_o,
  output logic [9:0]             stat_busy_o,
  output logic                   quiet_o,
  output logic [47:0]            next_deadline_o
);

  inv_req_t [NumEp-1:0] req;
  atc_inv_cmd_t         cmd;
  inv_cpl_t             cpl;
  inv_ur_t              ur;
  inv_stat_t            stat;
  stray_cause_e         cause;
  logic                 unused;

  assign cmd    = '{sid: cmd_sid_i, ssv: cmd_ssv_i, ssid: cmd_ssid_i, g: cmd_g_i, size: cmd_size_i,
                    page: cmd_addr_i[63:12]};
  assign unused = ^cmd_addr_i[11:0];
  assign cpl    = '{rid: cpl_rid_i, itags: cpl_itags_i, cc: cpl_cc_i};
  assign ur     = '{rid: ur_rid_i, itag: ur_itag_i};
  for (genvar i = 0; i < NumEp; i++) begin : gen_flat
    assign req_rid_o[i]     = req[i].rid;
    assign req_itag_o[i]    = req[i].itag;
    assign req_ssv_o[i]     = req[i].ssv;
    assign req_ssid_o[i]    = {12'd0, req[i].ssid};
    assign req_payload_o[i] = req[i].payload;
  end
  assign stall_o          = stat.stall;
  assign stat_sent_o      = stat.sent;
  assign stat_completed_o = stat.completed;
  assign stat_timed_out_o = stat.timed_out;
  assign stat_refused_o   = stat.refused;
  assign stat_busy_o      = stat.busy;
  assign stray_cause_o = cause;

  smmu_atc_inv #(
    .NumEp(NumEp)
  ) u_dut (
    .expired_o (),
    .clk_i,
    .rst_ni,
    .now_i,
    .timeout_i,
    .quar_interval_i,
    .inv_limit_i,
    .cmd_valid_i,
    .cmd_ready_o,
    .cmd_i        (cmd),
    .req_valid_o,
    .req_ready_i,
    .req_o        (req),
    .cpl_valid_i,
    .cpl_i        (cpl),
    .ur_valid_i,
    .ur_i         (ur),
    .quar_release_i,
    .quar_busy_o,
    .stray_valid_o,
    .stray_cause_o(cause),
    .stray_count_o,
    .idle_o,
    .timed_out_o,
    .timed_out_clear_i,
    .stat_o       (stat),
    .quiet_o,
    .next_deadline_o
  );

endmodule
