// SPDX-License-Identifier: Apache-2.0
//
// The way from a bound monitor to the event log. The harness knows the cycle and sorts the events of one
// cycle, so neither the order of calls nor the simulator's scheduling can reach the log.
package atc_mon_pkg;

  // event, src: log_event_pkg; a0..a2: the event's fields as named in rtl/regs/log_events.toml.
  import "DPI-C" function void atc_mon_event(input int ev, input int src, input int a0,
                                             input longint a1, input longint a2);

endpackage
