// SPDX-License-Identifier: Apache-2.0
//
// Access control of a downstream-facing port (root port, downstream port of a switch) on one upstream packet (D15).
//
// Source Validation: a request or message whose requester's bus is not behind the port. Translation Blocking: a memory
// request, Translation Requests among them, whose AT is not 0. Completions are never judged. Combinational; zero while
// `valid_i` is low. What becomes of the packet is the port's business.
// Does not tell functions of one bus apart: any of them may use the requester ID of another.
module pcie_acs
  import tlp_pkg::*;
(
  input  logic        valid_i,
  input  logic        source_validation_i,
  input  logic        translation_blocking_i,
  input  logic [7:0]  sec_bus_i,             // buses behind the port, both ends included
  input  logic [7:0]  sub_bus_i,
  input  logic [7:0]  kind_i,                // byte 0 of the header
  input  logic [1:0]  at_i,
  input  logic [15:0] rid_i,
  output logic        source_o,              // violation of Source Validation
  output logic        translated_o           // violation of Translation Blocking
);

  logic is_mem, unused_rid;

  always_comb begin
    source_o     = 1'b0;
    translated_o = 1'b0;
    is_mem       = 1'b0;
    if (valid_i && !(kind_i inside {Cpl, CplD, CplLk, CplDLk})) begin
      is_mem       = kind_i inside {MRd3, MRd4, MRdLk3, MRdLk4, MWr3, MWr4, FetchAdd3, Swap3, Cas3, FetchAdd4, Swap4, Cas4};
      source_o     = source_validation_i && (rid_i[15:8] < sec_bus_i || rid_i[15:8] > sub_bus_i);
      translated_o = translation_blocking_i && is_mem && at_i != 2'b00;
    end
  end
  assign unused_rid = ^rid_i[7:0];

endmodule
