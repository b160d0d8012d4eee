// SPDX-License-Identifier: Apache-2.0
//
// What an operating system does about the ports right above the devices, root ports or those of a switch: their configuration space, and
// the keys rc.* at boot.
#pragma once

#include "atcbench/testbed.h"

namespace atcbench {

// Doorbell value of port `port`; no interrupt line of the CPUs, see Simulation::on_msi.
constexpr uint32_t root_port_msi(unsigned port) { return 0x100 + port; }

// Of the port right above device `port`; behind a switch kSwitchRoot is the root port above the switch.
constexpr unsigned kSwitchRoot = 16;
uint16_t port_bdf(const Config& config, unsigned port);
// Called in a task. `offset` as in port_cfg.h.
uint32_t read_port_cfg(Testbed& testbed, unsigned port, uint32_t offset);
void write_port_cfg(Testbed& testbed, unsigned port, uint32_t offset, uint32_t value);
// Access control, containment, RRS visibility and interrupts as the configuration says. What is at its default is not
// touched, so a run without these keys makes no access.
void set_up_root_ports(Testbed& testbed);
// Ends the isolation of an endpoint (D16), if rc.isolate_on_inv_timeout asks for one.
void readmit(Testbed& testbed, unsigned endpoint);

}  // namespace atcbench
