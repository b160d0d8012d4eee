// SPDX-License-Identifier: Apache-2.0
//
// smmu_xlat with plain ports for the C++ bench.
module smmu_xlat_tb
  import smmu_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         smmuen_i,
  input  logic         atschk_i,
  input  logic         recinvsid_i,
  input  logic         rec_cfg_ats_i,
  input  logic         gbpa_abort_i,
  input  logic         e2h_i,
  input  logic [47:0]  strtab_base_i,
  input  logic [5:0]   strtab_log2size_i,
  input  logic [4:0]   strtab_split_i,
  input  logic         strtab_2lvl_i,

  input  logic         cfgi_valid_i,
  output logic         cfgi_ready_o,
  input  logic [2:0]   cfgi_op_i,
  input  logic [31:0]  cfgi_sid_i,
  input  logic [19:0]  cfgi_ssid_i,
  input  logic [4:0]   cfgi_range_i,
  input  logic         tlbi_valid_i,
  output logic         tlbi_ready_o,
  input  logic [3:0]   tlbi_op_i,
  input  logic [15:0]  tlbi_asid_i,
  input  logic [15:0]  tlbi_vmid_i,
  input  logic [51:0]  tlbi_page_i,
  input  logic         stall_valid_i,
  input  logic         stall_all_i,
  input  logic [31:0]  stall_sid_i,
  input  logic [15:0]  stall_stag_i,
  input  logic         stall_retry_i,
  output logic         inval_idle_o,
  input  logic         drain_start_i,
  output logic         drain_done_o,

  input  logic         req_valid_i,
  output logic         req_ready_o,
  input  logic [3:0]   req_port_i,
  input  logic [31:0]  req_sid_i,
  input  logic         req_ssv_i,
  input  logic [19:0]  req_ssid_i,
  input  logic         req_priv_i,
  input  logic         req_exec_i,
  input  logic [1:0]   req_at_i,
  input  logic         req_write_i,
  input  logic         req_nw_i,
  input  logic [2:0]   req_num_i,
  input  logic [63:0]  req_addr_i,
  output logic         rsp_valid_o,
  input  logic         rsp_ready_i,
  output logic [3:0]   rsp_port_o,
  output logic [1:0]   rsp_status_o,
  output logic [47:0]  rsp_pa_o,
  output logic [63:0]  rsp_entry_o,
  output logic         rsp_more_o,
  output logic         rsp_colour_o,
  input  logic [3:0]   txn_done_i,
  input  logic [3:0]   txn_colour_i,

  output logic [3:0]   mrd_req_valid_o,
  input  logic [3:0]   mrd_req_ready_i,      // one-hot
  output logic [47:0]  mrd_addr_o,           // of the port that is ready
  output logic [3:0]   mrd_beats_o,
  input  logic [3:0]   mrd_rsp_valid_i,
  input  logic [63:0]  mrd_lo_i,
  input  logic [63:0]  mrd_hi_i,
  input  logic         mrd_err_i,
  input  logic         mrd_last_i,
  output logic         evt_valid_o,
  input  logic         evt_ready_i,
  output logic [63:0]  evt0_o,
  output logic [63:0]  evt1_o,
  output logic [63:0]  evt2_o,
  output logic [63:0]  evt3_o,
  output logic [12:0]  stat_o,               // {txn, ats, cfg_miss, tlb_miss[3], walk_start[3], walk_done[3]}
  output logic         quiet_o
);

  tbu_rsp_t                   rsp;
  mrd_req_t [3:0]             mrd_req;
  xlat_stat_t                 stat;
  txn_done_t [NumTxnDone-1:0] txn_done;
  logic                       unused_ready;

  assign rsp_port_o   = rsp.port;
  assign rsp_status_o = rsp.status;
  assign rsp_pa_o     = rsp.pa;
  assign rsp_entry_o  = rsp.entry;
  assign rsp_more_o   = rsp.more;
  assign rsp_colour_o = rsp.colour;
  assign stat_o       = {1'b0, stat};

  always_comb begin
    mrd_addr_o  = '0;
    mrd_beats_o = '0;
    for (int unsigned i = 0; i < 4; i++) begin
      if (mrd_req_ready_i[i]) {mrd_addr_o, mrd_beats_o} = {mrd_req[i].addr, mrd_req[i].beats};
    end
  end

  always_comb begin
    for (int unsigned i = 0; i < NumTxnDone; i++) txn_done[i] = '{valid: txn_done_i[i], colour: txn_colour_i[i]};
  end

  smmu_xlat #(.NumEp(4), .NumTlb(32), .NumCfg(8)) dut (
    .clk_i, .rst_ni,
    .cfg_i ('{smmuen: smmuen_i, atschk: atschk_i, recinvsid: recinvsid_i, rec_cfg_ats: rec_cfg_ats_i, vmw: '0, gbpa_abort: gbpa_abort_i, e2h: e2h_i,
              strtab_base: strtab_base_i, strtab_log2size: strtab_log2size_i, strtab_split: strtab_split_i,
              strtab_2lvl: strtab_2lvl_i, default: '0}),
    .cfgi_valid_i, .cfgi_ready_o,
    .cfgi_i ('{op: cfgi_op_e'(cfgi_op_i), sid: cfgi_sid_i, ssid: cfgi_ssid_i, range: cfgi_range_i, leaf: 1'b1}),
    .tlbi_valid_i, .tlbi_ready_o,
    .tlbi_i ('{op: tlbi_op_e'(tlbi_op_i), vmid: tlbi_vmid_i, asid: tlbi_asid_i, page: tlbi_page_i, range: 1'b0, num: '0,
               scale: '0, leaf: 1'b0}),
    .stall_valid_i, .stall_ready_o (unused_ready),
    .stall_i ('{all: stall_all_i, sid: stall_sid_i, stag: stall_stag_i, retry: stall_retry_i, abort_: !stall_retry_i}),
    .inval_idle_o, .drain_start_i, .drain_done_o,
    .tbu_req_valid_i (req_valid_i), .tbu_req_ready_o (req_ready_o),
    .tbu_req_i ('{port: req_port_i, sid: req_sid_i, ssv: req_ssv_i, ssid: req_ssid_i, priv: req_priv_i,
                  exec: req_exec_i, at: at_e'(req_at_i), write: req_write_i, nw: req_nw_i, num: req_num_i, addr: req_addr_i}),
    .tbu_rsp_valid_o (rsp_valid_o), .tbu_rsp_ready_i (rsp_ready_i), .tbu_rsp_o (rsp), .txn_done_i (txn_done),
    .mrd_req_valid_o, .mrd_req_ready_i, .mrd_req_o (mrd_req), .mrd_rsp_valid_i,
    .mrd_rsp_i ('{data: {mrd_hi_i, mrd_lo_i}, err: mrd_err_i, last: mrd_last_i}),
    .evt_valid_o, .evt_ready_i, .evt_o ({evt3_o, evt2_o, evt1_o, evt0_o}), .stat_o (stat), .quiet_o
  );

endmodule
