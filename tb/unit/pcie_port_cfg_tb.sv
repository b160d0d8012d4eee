// SPDX-License-Identifier: Apache-2.0
//
// The three kinds of port beside each other: same inputs, `sel_i` (0 root, 1 upstream, 2 downstream) says which one is
// accessed and shown.
module pcie_port_cfg_tb
  import pcie_port_pkg::*;
  import port_cfg_pkg::*;
(
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [1:0]   sel_i,
  input  logic         req_valid_i,
  input  logic         req_write_i,
  input  logic [11:0]  req_offset_i,
  input  logic [3:0]   req_be_i,
  input  logic [31:0]  req_data_i,
  output logic [31:0]  rdata_o,
  input  logic         surprise_i,
  input  logic         present_i,
  input  logic         link_up_i,
  input  logic         training_i,
  input  logic         err_valid_i,
  input  logic [4:0]   err_number_i,
  input  logic         err_advisory_i,
  input  logic [127:0] err_hdr_i,
  input  logic [31:0]  plain_err_i,
  input  logic [2:0]   msg_i,
  input  logic [15:0]  msg_rid_i,
  input  logic         isolate_i,
  input  logic         emsg_ready_i,
  input  logic         msi_ready_i,
  output logic         mem_en_o,
  output logic         bme_o,
  output logic [31:0]  bus_o,
  output logic [31:0]  mem_o,
  output logic [63:0]  pref_base_o,
  output logic [63:0]  pref_limit_o,
  output logic [2:0]   mps_o,
  output logic         sv_o,
  output logic         tb_o,
  output logic [2:0]   redirect_o,
  output logic         rrs_visible_o,
  output logic         sbr_o,
  output logic         link_hold_o,
  output logic         contained_o,
  output logic [2:0]   msg_fwd_o,
  output logic [2:0]   own_sig_o,
  output logic         emsg_valid_o,
  output logic [2:0]   emsg_o,
  output logic         msi_valid_o,
  output logic [63:0]  msi_addr_o,
  output logic [31:0]  msi_data_o,
  output logic         quiet_o
);

  localparam port_type_e Types [3] = '{PortRoot, PortUpstream, PortDownstream};

  logic [31:0] rdata [3], bus [3], mem [3], msi_data [3];
  logic [63:0] pref_base [3], pref_limit [3], msi_addr [3];
  logic [2:0]  redirect [3], msg_fwd [3], own_sig [3], emsg [3];
  logic [2:0]  mps [3];
  logic [2:0]  mem_en, bme, sv, tb, rrs, sbr, hold, contained, emsg_valid, msi_valid, quiet;

  for (genvar t = 0; t < 3; t++) begin : gen_type
    pcie_port_cfg #(
      .PortType(Types[t]),
      .Rid     (16'h0018),
      .BusReset(24'h05_04_00),
      .MemReset(32'h5010_5000),
      .Slot    (13'd7)
    ) u_cfg (
      .clk_i, .rst_ni,
      .req_valid_i  (req_valid_i && (sel_i == 2'(t))),
      .req_write_i, .req_offset_i, .req_be_i, .req_data_i,
      .rdata_o      (rdata[t]),
      .surprise_i, .present_i, .link_up_i, .training_i, .err_valid_i,
      .err_i        ('{number: err_number_i, advisory: err_advisory_i, hdr: err_hdr_i}),
      .plain_err_i, .msg_i, .msg_rid_i, .isolate_i,
      .mem_en_o     (mem_en[t]),
      .bme_o        (bme[t]),
      .mps_o        (mps[t]),
      .bus_o        (bus[t]),
      .mem_o        (mem[t]),
      .pref_base_o  (pref_base[t]),
      .pref_limit_o (pref_limit[t]),
      .sv_o         (sv[t]),
      .tb_o         (tb[t]),
      .redirect_o   (redirect[t]),
      .rrs_visible_o(rrs[t]),
      .sbr_o        (sbr[t]),
      .link_hold_o  (hold[t]),
      .contained_o  (contained[t]),
      .msg_fwd_o    (msg_fwd[t]),
      .own_sig_o    (own_sig[t]),
      .emsg_valid_o (emsg_valid[t]),
      .emsg_ready_i,
      .emsg_o       (emsg[t]),
      .msi_valid_o  (msi_valid[t]),
      .msi_ready_i,
      .msi_addr_o   (msi_addr[t]),
      .msi_data_o   (msi_data[t]),
      .quiet_o      (quiet[t])
    );
  end

  assign rdata_o       = rdata[sel_i];
  assign bus_o         = bus[sel_i];
  assign mem_o         = mem[sel_i];
  assign pref_base_o   = pref_base[sel_i];
  assign pref_limit_o  = pref_limit[sel_i];
  assign mem_en_o      = mem_en[sel_i];
  assign bme_o         = bme[sel_i];
  assign mps_o         = mps[sel_i];
  assign sv_o          = sv[sel_i];
  assign tb_o          = tb[sel_i];
  assign redirect_o    = redirect[sel_i];
  assign rrs_visible_o = rrs[sel_i];
  assign sbr_o         = sbr[sel_i];
  assign link_hold_o   = hold[sel_i];
  assign contained_o   = contained[sel_i];
  assign msg_fwd_o     = msg_fwd[sel_i];
  assign own_sig_o     = own_sig[sel_i];
  assign emsg_valid_o  = emsg_valid[sel_i];
  assign emsg_o        = emsg[sel_i];
  assign msi_valid_o   = msi_valid[sel_i];
  assign msi_addr_o    = msi_addr[sel_i];
  assign msi_data_o    = msi_data[sel_i];
  assign quiet_o       = quiet[sel_i];

endmodule
