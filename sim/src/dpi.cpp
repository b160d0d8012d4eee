// SPDX-License-Identifier: Apache-2.0
//
// Where the bound monitors end up (sim/mon/atc_mon_pkg.sv).
#include "atcbench/event_log.h"

extern "C" void atc_mon_event(int ev, int src, int a0, long long a1, long long a2) {
  if (atcbench::EventLog* log = atcbench::EventLog::current())
    log->add(static_cast<uint16_t>(ev), static_cast<uint16_t>(src), static_cast<uint32_t>(a0),
             static_cast<uint64_t>(a1), static_cast<uint64_t>(a2));
}
