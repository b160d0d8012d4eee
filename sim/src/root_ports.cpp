// SPDX-License-Identifier: Apache-2.0
#include "atcbench/root_ports.h"

#include "port_cfg.h"

namespace atcbench {
namespace {

Addr register_at(unsigned port, uint32_t offset) { return kEcamBase + (Addr{port} << 15) + offset; }

void enable_interrupts(Testbed& t, unsigned port, uint32_t dpc) {
  write_root_port(t, port, PORT_MSI_ADDR, static_cast<uint32_t>(kDoorbellBase));
  write_root_port(t, port, PORT_MSI_DATA, root_port_msi(port));
  write_root_port(t, port, PORT_MSI_CAP, PORT_MSI_CAP_ENABLE);
  write_root_port(t, port, PORT_DEVCTL_DEVSTA,
                  read_root_port(t, port, PORT_DEVCTL_DEVSTA) | PORT_DEVCTL_DEVSTA_CERE | PORT_DEVCTL_DEVSTA_NFERE |
                      PORT_DEVCTL_DEVSTA_FERE | PORT_DEVCTL_DEVSTA_URRE);
  write_root_port(t, port, PORT_AER_ROOT_CMD, PORT_AER_ROOT_CMD_COR | PORT_AER_ROOT_CMD_NONFATAL | PORT_AER_ROOT_CMD_FATAL);
  write_root_port(t, port, PORT_SLOTCTL_SLOTSTA,
                  PORT_SLOTCTL_SLOTSTA_PDCE | PORT_SLOTCTL_SLOTSTA_DLLSCE | PORT_SLOTCTL_SLOTSTA_HPIE);
  write_root_port(t, port, PORT_DPC_CAP_CTRL, dpc << PORT_DPC_CAP_CTRL_TRIGGER_EN_SHIFT | PORT_DPC_CAP_CTRL_INT_EN);
}

}  // namespace

uint32_t read_root_port(Testbed& testbed, unsigned port, uint32_t offset) {
  return port_read32(testbed.port(), register_at(port, offset));
}

void write_root_port(Testbed& testbed, unsigned port, uint32_t offset, uint32_t value) {
  port_write32(testbed.port(), register_at(port, offset), value);
}

void readmit(Testbed& testbed, unsigned endpoint) {
  const std::string& mode = testbed.config().rc.isolate;
  const FunctionMap functions = testbed.config().functions();
  // behind a switch all devices are below the one root port
  const bool one_port = testbed.config().topology == "switch";
  const unsigned port = one_port ? 0 : functions.device(endpoint);
  const unsigned requester = one_port ? endpoint : functions.function(endpoint);
  if (mode == "translated" || mode == "all") write_root_port(testbed, port, PORT_ISO_STATUS, 1u << requester);
  if (mode == "port") write_root_port(testbed, port, PORT_DPC_STATUS, PORT_DPC_STATUS_TRIGGER);
}

void set_up_root_ports(Testbed& testbed) {
  const Config& config = testbed.config();
  const Config::Rc& rc = config.rc;
  const uint32_t dpc = rc.dpc == "fatal" ? 1 : rc.dpc == "nonfatal" ? 2 : 0;
  const auto last = static_cast<unsigned>(config.system.devices - 1);
  const unsigned ports = config.topology == "switch" ? 1 : config.functions().device(last) + 1;
  for (unsigned port = 0; port < ports; ++port) {
    if (!rc.source_validation || rc.translation_blocking)
      write_root_port(testbed, port, PORT_ACS_CAP_CTRL,
                      (rc.source_validation ? PORT_ACS_CAP_CTRL_SV : 0) |
                          (rc.translation_blocking ? PORT_ACS_CAP_CTRL_TB : 0));
    if (rc.rrs_visible) write_root_port(testbed, port, PORT_ROOTCTL_ROOTCAP, PORT_ROOTCTL_ROOTCAP_RRS_VIS_EN);
    if (rc.interrupts)
      enable_interrupts(testbed, port, dpc);
    else if (dpc && !config.driver.port_services)
      write_root_port(testbed, port, PORT_DPC_CAP_CTRL, dpc << PORT_DPC_CAP_CTRL_TRIGGER_EN_SHIFT);
  }
}

}  // namespace atcbench
