// SPDX-License-Identifier: Apache-2.0
//
// What a TLBI names, as a descriptor that smmu_tlb compares with its entries (smmuv3 section 2, range TLBI).
//
// Combinational. Guarantees never to name less than the command does; it names more where that is legal and cheap:
// Leaf is ignored, a range that runs over the end of the address space is cut at its end, and without CR2.E2H the EL2
// operations ignore the ASID. A global entry (nG = 0) is hit by address whatever the ASID, and by no ASID operation.
// TLBI_S2_IPA names nothing: there is no stage 2 (IDR0.S2P = 0, so the decoder refuses it).
module smmu_tlbi
  import smmu_pkg::*;
(
  input  logic      e2h_i,
  input  tlbi_cmd_t cmd_i,
  output tlb_inv_t  inv_o
);

  logic unused_cmd;
  assign unused_cmd = ^{cmd_i.vmid, cmd_i.leaf, cmd_i.page[51:44], cmd_i.page[42:36]};

  always_comb begin
    logic [VpnW:0] last;

    inv_o            = '0;
    inv_o.asid       = cmd_i.asid;
    // VA[55] tells the half of the address space with and without a tag in the top byte.
    inv_o.first      = {cmd_i.page[43], cmd_i.page[35:0]};
    last             = {1'b0, inv_o.first};
    if (cmd_i.range) last = last + (((VpnW + 1)'(cmd_i.num) + 1'b1) << cmd_i.scale) - 1'b1;
    inv_o.last       = last[VpnW] ? '1 : last[VpnW-1:0];

    unique case (cmd_i.op)
      TlbiNhAll, TlbiS12Vmall, TlbiNsnhAll: inv_o.el1 = 1'b1;
      TlbiNhAsid: begin
        inv_o.el1     = 1'b1;
        inv_o.by_asid = 1'b1;
      end
      TlbiNhVa: begin
        inv_o.el1        = 1'b1;
        inv_o.by_asid    = 1'b1;
        inv_o.global_too = 1'b1;
        inv_o.by_va      = 1'b1;
      end
      TlbiNhVaa: begin
        inv_o.el1   = 1'b1;
        inv_o.by_va = 1'b1;
      end
      TlbiEl2All: inv_o.el2 = 1'b1;
      TlbiEl2Asid: begin
        inv_o.el2     = 1'b1;
        inv_o.by_asid = e2h_i;
      end
      TlbiEl2Va: begin
        inv_o.el2        = 1'b1;
        inv_o.by_asid    = e2h_i;
        inv_o.global_too = 1'b1;
        inv_o.by_va      = 1'b1;
      end
      TlbiEl2Vaa: begin
        inv_o.el2   = 1'b1;
        inv_o.by_va = 1'b1;
      end
      default: ;
    endcase
  end

endmodule
