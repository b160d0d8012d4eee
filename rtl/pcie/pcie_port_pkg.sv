// SPDX-License-Identifier: Apache-2.0
//
// What the parts of a port's configuration space share: port types, an access to a register, an error to log.
package pcie_port_pkg;

  typedef enum logic [3:0] {
    PortRoot       = 4'h4,
    PortUpstream   = 4'h5,
    PortDownstream = 4'h6
  } port_type_e;

  // One access to a dword. `mask` spreads the byte enables.
  typedef struct packed {
    logic        wr;
    logic        rd;
    logic [11:0] offset;
    logic [31:0] data;
    logic [31:0] mask;
  } port_acc_t;

  // One error of the port itself: bit of the uncorrectable error status (pcie-ats.md section 8), and the header of the
  // packet (dword 0 on top), 0 when there is none. Advisory: something else tells the requester (a completion with a
  // status), so a non-fatal error is reported as correctable.
  typedef struct packed {
    logic [4:0]   number;
    logic         advisory;
    logic [127:0] hdr;
  } port_err_t;

  parameter logic [4:0] ErrSurpriseDown = 5'd5, ErrPoisoned = 5'd12, ErrCplTimeout = 5'd14, ErrCplAbort = 5'd15,
                        ErrUnexpectedCpl = 5'd16, ErrOverflow = 5'd17, ErrMalformed = 5'd18, ErrUr = 5'd20,
                        ErrAcs = 5'd21;

  // {fatal, non-fatal, correctable}
  typedef logic [2:0] port_sev_t;

  // New value of a register: `wmask` are the bits that software changes, `w1c` those that a 1 clears.
  function automatic logic [31:0] port_merge(logic [31:0] old, port_acc_t acc, logic [31:0] wmask, logic [31:0] w1c);
    logic [31:0] m;
    m = acc.mask & wmask;
    return ((old & ~(m & ~w1c)) | (acc.data & m & ~w1c)) & ~(acc.data & m & w1c);
  endfunction

endpackage
