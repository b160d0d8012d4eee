// SPDX-License-Identifier: Apache-2.0
//
// What a switch port sends next: one of the heads of the virtual output queues that lead to it.
//
// Only a class that the link would take in this cycle (`class_ready_i`) takes part, so a grant is a transfer and a class
// without credit holds up nobody. Among the classes the one whose last grant is oldest goes first, and within a class the
// ingresses take turns.
// Bound: a head that waits is overtaken by at most 3 NumIn - 1 packets that this port sends while the link would take its
// class. Argument: a class that takes part loses to another one at most twice, because a winner is younger than it from
// then on, and not taking part costs it no turn; its own grants go round the NumIn ingresses.
// Does not keep a grant: nothing is promised while `ready_i` is low. Combinational.
module pcie_switch_out #(
  parameter int unsigned NumIn = 6,
  localparam int unsigned InW = $clog2(NumIn)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [NumIn-1:0]      req_i [3],       // P, NP, CPL; a request stays until it is granted
  input  logic [2:0]            class_ready_i,   // {CPL, NP, P}
  input  logic                  ready_i,
  output logic                  valid_o,
  output logic [1:0]            class_o,
  output logic [InW-1:0]        index_o
);

  // IndexBit[b] has a one for every ingress whose number has bit b set.
  function automatic logic [InW-1:0][NumIn-1:0] index_bits();
    for (int unsigned b = 0; b < InW; b++)
      for (int unsigned i = 0; i < NumIn; i++) index_bits[b][i] = 1'((i >> b) & 1);
  endfunction
  localparam logic [InW-1:0][NumIn-1:0] IndexBit = index_bits();

  logic [2:0]       want;
  logic [2:0][2:0]  older_q;             // [a][b]: the last grant of a is older than that of b
  logic [NumIn-1:0] mask_q [3];          // ingresses above the last grant of the class
  logic [NumIn-1:0] req, masked, pick, grant;

  always_comb begin
    want    = '0;
    class_o = '0;
    req     = '0;
    masked  = '0;
    pick    = '0;
    grant   = '0;
    index_o = '0;
    for (int unsigned c = 0; c < 3; c++) want[c] = class_ready_i[c] && req_i[c] != '0;
    if (want != '0) begin
      for (int unsigned c = 0; c < 3; c++) if (want[c] && (want & ~older_q[c]) == 3'b001 << c) class_o = 2'(c);
      req    = req_i[class_o];
      masked = req & mask_q[class_o];
      pick   = (masked != '0) ? masked : req;
      grant  = pick & (~pick + 1'b1);
      for (int unsigned b = 0; b < InW; b++) index_o[b] = |(grant & IndexBit[b]);
    end
  end
  assign valid_o = want != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      older_q <= {3'b000, 3'b100, 3'b110};
      for (int unsigned c = 0; c < 3; c++) mask_q[c] <= '1;
    end else if (valid_o && ready_i) begin
      mask_q[class_o]  <= ~(grant | (grant - 1'b1));
      for (int unsigned c = 0; c < 3; c++) if (2'(c) != class_o) older_q[c][class_o] <= 1'b1;
      older_q[class_o] <= '0;
    end
  end

endmodule
