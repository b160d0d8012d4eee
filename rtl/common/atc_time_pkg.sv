// SPDX-License-Identifier: Apache-2.0
//
// One time base for the whole design (decision D21, toolchain page).
//
// `now` is advanced by the input `step` of the top, which is 1 in hardware. Every timer is a compare
// `now >= deadline`; every cycle counter adds `step`. A block reports
//   quiet         with its inputs held, none of its flops changes at any edge before next_deadline;
//   next_deadline the earliest `now` at which it may change by itself (NoDeadline: never).
package atc_time_pkg;

  // 48 bits hold 78 hours at 1 GHz; D5 asks for at least 40 bits in the time-out register.
  parameter int unsigned TimeW = 48;
  typedef logic [TimeW-1:0] time_t;
  parameter time_t NoDeadline = '1;

  function automatic time_t earlier(time_t a, time_t b);
    return (a < b) ? a : b;
  endfunction

endpackage
