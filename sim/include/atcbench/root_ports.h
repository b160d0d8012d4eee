// SPDX-License-Identifier: Apache-2.0
//
// What an operating system does about root ports: their configuration space on bus 0, and the keys rc.* at boot.
#pragma once

#include "atcbench/testbed.h"

namespace atcbench {

// Doorbell value of root port `port`; no interrupt line of the CPUs, see Simulation::on_msi.
constexpr uint32_t root_port_msi(unsigned port) { return 0x100 + port; }

// Called in a task. `offset` as in port_cfg.h.
uint32_t read_root_port(Testbed& testbed, unsigned port, uint32_t offset);
void write_root_port(Testbed& testbed, unsigned port, uint32_t offset, uint32_t value);
// Access control, containment, RRS visibility and interrupts as the configuration says. What is at its default is not
// touched, so a run without these keys makes no access.
void set_up_root_ports(Testbed& testbed);
// Ends the isolation of an endpoint (D16), if rc.isolate_on_inv_timeout asks for one.
void readmit(Testbed& testbed, unsigned endpoint);

}  // namespace atcbench
