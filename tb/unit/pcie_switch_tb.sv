// SPDX-License-Identifier: Apache-2.0
//
// pcie_switch for its bench: bus numbers and windows as firmware programs them (bus 1 above, bus 2 inside, downstream
// port d has bus d + 3, the last one two more), 64 KiB at 0x5000_0000 and 1 GiB at 0x40_0000_0000 for each.
// sva: pcie_switch_voq_sva
module pcie_switch_tb
  import tlp_pkg::*;
#(
  parameter int unsigned NumDown = 16,
  localparam int unsigned NumPort = NumDown + 1
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic [4:0]              acs_i [NumPort],     // {direct, completion, request, blocking, source}
  input  logic [NumPort-1:0]      up_i,
  input  logic [NumPort-1:0]      rx_valid_i,
  output logic [NumPort-1:0]      rx_ready_o,
  input  tlp_t                    rx_i [NumPort],
  output logic [NumPort-1:0][2:0] rx_class_ready_o,
  output logic [NumPort-1:0]      tx_valid_o,
  input  logic [NumPort-1:0]      tx_ready_i,
  output tlp_t                    tx_o [NumPort],
  input  logic [NumPort-1:0][2:0] tx_class_ready_i,
  output logic [NumPort-1:0]      drop_o,
  output logic [NumPort-1:0]      drop_acs_o,
  input  logic [NumPort-1:0]      mem_en_i,
  input  logic [NumPort-1:0]      bme_i,
  input  logic                    mute_msg_i,          // the ports let no error message pass
  output logic [NumPort-1:0]      acc_valid_o,         // reads find {port, offset}
  output logic                    acc_write_o,
  output logic [11:0]             acc_offset_o,
  output logic [3:0]              acc_be_o,
  output logic [31:0]             acc_data_o,
  output logic [NumPort-1:0]      err_valid_o,
  output logic [5:0]              err_o [NumPort],     // {advisory, number}
  output logic [NumPort*3-1:0]    msg_o,
  input  logic                    inj_valid_i,
  output logic                    inj_ready_o,
  input  logic [31:0]             inj_i [5],
  output logic                    quiet_o
);

  sw_port_t port [NumPort];

  for (genvar p = 0; p < NumPort; p++) begin : gen_port
    localparam int unsigned D = (p == 0) ? 0 : p - 1;
    assign port[p] = '{
      mem_en:       mem_en_i[p],
      bme:          bme_i[p],
      mps:          3'd0,
      pri_bus:      (p == 0) ? 8'd1 : 8'd2,
      sec_bus:      (p == 0) ? 8'd2 : 8'(D + 3),
      sub_bus:      (p == 0 || D == NumDown - 1) ? 8'(NumDown + 4) : 8'(D + 3),
      mem_base:     16'h5000 + 16'(D),
      mem_limit:    (p == 0) ? 16'h5000 + 16'(NumDown - 1) : 16'h5000 + 16'(D),
      pref_base:    44'h4_0000 + {28'd0, 6'(D), 10'd0},
      pref_limit:   44'h4_0000 + {28'd0, (p == 0) ? 6'(NumDown - 1) : 6'(D), 10'h3FF},
      acs_source:   acs_i[p][0],
      acs_blocking: acs_i[p][1],
      acs_request:  acs_i[p][2],
      acs_cpl:      acs_i[p][3],
      acs_direct:   acs_i[p][4]
    };
  end

  pcie_port_pkg::port_err_t               err [NumPort];
  pcie_port_pkg::port_sev_t [NumPort-1:0] msg;
  logic [31:0]                            rdata;
  logic [NumPort-1:0][15:0]               unused_rid;

  always_comb begin
    rdata = '0;
    for (int unsigned p = 0; p < NumPort; p++) begin
      if (acc_valid_o[p]) rdata = {20'(p), acc_offset_o};
      err_o[p] = {err[p].advisory, err[p].number};
    end
  end
  assign msg_o = msg;

  pcie_switch #(.NumDown(NumDown)) u_dut (
    .clk_i, .rst_ni,
    .port_i(port),
    .acc_valid_o, .acc_write_o, .acc_offset_o, .acc_be_o, .acc_data_o,
    .acc_rdata_i(rdata),
    .err_valid_o,
    .err_o      (err),
    .msg_o      (msg),
    .msg_rid_o  (unused_rid),
    .msg_fwd_i  (mute_msg_i ? '0 : msg),
    .inj_valid_i, .inj_ready_o,
    .inj_i      ({inj_i[4], inj_i[3], inj_i[2], inj_i[1], inj_i[0]}),
    .up_i, .rx_valid_i, .rx_ready_o, .rx_i, .rx_class_ready_o, .tx_valid_o, .tx_ready_i, .tx_o, .tx_class_ready_i,
    .drop_o, .drop_acs_o, .quiet_o
  );

endmodule
