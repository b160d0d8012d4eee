// SPDX-License-Identifier: Apache-2.0
//
// What a TLBI names, as a descriptor that smmu_tlb and smmu_walk_cache compare with their entries (smmuv3 section 2, range
// TLBI).
//
// Combinational. Guarantees never to name less than the command does; it names more where that is legal and cheap: TTL is
// ignored, a range that runs over the end of the address space is cut at its end, without CR2.E2H the EL2 operations
// ignore the ASID, and by IPA every combined entry of the VMID is named (`ipa`). A global entry (nG = 0) is hit by address
// whatever the ASID, and by no ASID operation. `leaf` lets the walk cache keep its tables; the TLB ignores it.
// Does NOT know VMID wildcards (IDR0.VMW = 0). The decoder has made the VMID 0 where there is no stage 2.
module smmu_tlbi
  import smmu_pkg::*;
(
  input  logic      e2h_i,
  input  tlbi_cmd_t cmd_i,
  output tlb_inv_t  inv_o
);

  logic unused_cmd;
  assign unused_cmd = ^{cmd_i.page[51:44], cmd_i.page[42:36]};

  always_comb begin
    logic [VpnW:0] last;

    inv_o            = '0;
    inv_o.vmid       = cmd_i.vmid;
    inv_o.asid       = cmd_i.asid;
    // VA[55] tells the half of the address space with and without a tag in the top byte. IPAs have one half.
    inv_o.first      = {cmd_i.page[43] && cmd_i.op != TlbiS2Ipa, cmd_i.page[35:0]};
    last             = {1'b0, inv_o.first};
    if (cmd_i.range) last = last + (((VpnW + 1)'(cmd_i.num) + 1'b1) << cmd_i.scale) - 1'b1;
    inv_o.last       = last[VpnW] ? '1 : last[VpnW-1:0];

    unique case (cmd_i.op)
      TlbiNhAll, TlbiNhAsid, TlbiNhVa, TlbiNhVaa: begin
        inv_o.s1      = 1'b1;
        inv_o.s12     = 1'b1;
        inv_o.by_vmid = 1'b1;
      end
      TlbiS12Vmall: begin
        inv_o.s1      = 1'b1;
        inv_o.s12     = 1'b1;
        inv_o.s2      = 1'b1;
        inv_o.by_vmid = 1'b1;
      end
      TlbiS2Ipa: begin
        inv_o.s12     = 1'b1;
        inv_o.s2      = 1'b1;
        inv_o.by_vmid = 1'b1;
        inv_o.by_va   = 1'b1;
        inv_o.ipa     = 1'b1;
        inv_o.leaf    = cmd_i.leaf;
      end
      TlbiNsnhAll: begin
        inv_o.s1      = 1'b1;
        inv_o.s12     = 1'b1;
        inv_o.s2      = 1'b1;
      end
      default: inv_o.el2 = 1'b1;
    endcase

    unique case (cmd_i.op)
      TlbiNhAsid: inv_o.by_asid = 1'b1;
      TlbiEl2Asid: inv_o.by_asid = e2h_i;
      TlbiNhVa, TlbiEl2Va: begin
        inv_o.by_asid    = e2h_i || cmd_i.op == TlbiNhVa;
        inv_o.global_too = 1'b1;
        inv_o.by_va      = 1'b1;
        inv_o.leaf       = cmd_i.leaf;
      end
      TlbiNhVaa, TlbiEl2Vaa: begin
        inv_o.by_va = 1'b1;
        inv_o.leaf  = cmd_i.leaf;
      end
      default: ;
    endcase
  end

endmodule
