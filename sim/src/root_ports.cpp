// SPDX-License-Identifier: Apache-2.0
#include "atcbench/root_ports.h"

#include "port_cfg.h"

namespace atcbench {
namespace {

constexpr uint16_t kInnerBus = 2;  // of the switch (rtl/pcie/pcie_switch_tree.sv)

Addr register_at(Testbed& t, unsigned port, uint32_t offset) { return kEcamBase + (Addr{port_bdf(t.config(), port)} << 12) + offset; }

void enable_interrupts(Testbed& t, unsigned port, uint32_t dpc) {
  write_port_cfg(t, port, PORT_MSI_ADDR, static_cast<uint32_t>(kDoorbellBase));
  write_port_cfg(t, port, PORT_MSI_DATA, root_port_msi(port));
  write_port_cfg(t, port, PORT_MSI_CAP, PORT_MSI_CAP_ENABLE);
  write_port_cfg(t, port, PORT_DEVCTL_DEVSTA,
                  read_port_cfg(t, port, PORT_DEVCTL_DEVSTA) | PORT_DEVCTL_DEVSTA_CERE | PORT_DEVCTL_DEVSTA_NFERE |
                      PORT_DEVCTL_DEVSTA_FERE | PORT_DEVCTL_DEVSTA_URRE);
  write_port_cfg(t, port, PORT_AER_ROOT_CMD, PORT_AER_ROOT_CMD_COR | PORT_AER_ROOT_CMD_NONFATAL | PORT_AER_ROOT_CMD_FATAL);
  write_port_cfg(t, port, PORT_SLOTCTL_SLOTSTA,
                  PORT_SLOTCTL_SLOTSTA_PDCE | PORT_SLOTCTL_SLOTSTA_DLLSCE | PORT_SLOTCTL_SLOTSTA_HPIE);
  write_port_cfg(t, port, PORT_DPC_CAP_CTRL, dpc << PORT_DPC_CAP_CTRL_TRIGGER_EN_SHIFT | PORT_DPC_CAP_CTRL_INT_EN);
}

}  // namespace

uint16_t port_bdf(const Config& config, unsigned port) {
  if (config.topology != "switch") return static_cast<uint16_t>(port << 3);
  return port == kSwitchRoot ? 0 : static_cast<uint16_t>(kInnerBus << 8 | port << 3);
}

uint32_t read_port_cfg(Testbed& testbed, unsigned port, uint32_t offset) {
  return port_read32(testbed.port(), register_at(testbed, port, offset));
}

void write_port_cfg(Testbed& testbed, unsigned port, uint32_t offset, uint32_t value) {
  port_write32(testbed.port(), register_at(testbed, port, offset), value);
}

void readmit(Testbed& testbed, unsigned endpoint) {
  const std::string& mode = testbed.config().rc.isolate;
  const FunctionMap functions = testbed.config().functions();
  // it is the root complex that isolates: behind a switch all devices are below the one root port
  const bool one_port = testbed.config().topology == "switch";
  const unsigned port = one_port ? kSwitchRoot : functions.device(endpoint);
  const unsigned requester = one_port ? endpoint : functions.function(endpoint);
  if (mode == "translated" || mode == "all") write_port_cfg(testbed, port, PORT_ISO_STATUS, 1u << requester);
  if (mode == "port") write_port_cfg(testbed, port, PORT_DPC_STATUS, PORT_DPC_STATUS_TRIGGER);
}

void set_up_root_ports(Testbed& testbed) {
  const Config& config = testbed.config();
  const Config::Rc& rc = config.rc;
  const uint32_t dpc = rc.dpc == "fatal" ? 1 : rc.dpc == "nonfatal" ? 2 : 0;
  const bool switched = config.topology == "switch";
  const auto last = static_cast<unsigned>(config.system.devices - 1);
  // Behind a switch the root port first. It contains nobody: that would take everybody along.
  std::vector<unsigned> ports;
  if (switched) ports.push_back(kSwitchRoot);
  for (unsigned port = 0; port <= config.functions().device(last); ++port) ports.push_back(port);
  for (const unsigned port : ports) {
    const bool root = !switched || port == kSwitchRoot;
    if (!rc.source_validation || rc.translation_blocking)
      write_port_cfg(testbed, port, PORT_ACS_CAP_CTRL,
                     (rc.source_validation ? PORT_ACS_CAP_CTRL_SV : 0) |
                         (rc.translation_blocking ? PORT_ACS_CAP_CTRL_TB : 0) |
                         (root ? 0 : PORT_ACS_CAP_CTRL_RR | PORT_ACS_CAP_CTRL_CR));  // peers meet at the SMMU
    if (rc.rrs_visible && root) write_port_cfg(testbed, port, PORT_ROOTCTL_ROOTCAP, PORT_ROOTCTL_ROOTCAP_RRS_VIS_EN);
    const uint32_t contains = port == kSwitchRoot ? 0 : dpc;
    if (rc.interrupts)
      enable_interrupts(testbed, port, contains);
    else if (contains && !config.driver.port_services)
      write_port_cfg(testbed, port, PORT_DPC_CAP_CTRL, contains << PORT_DPC_CAP_CTRL_TRIGGER_EN_SHIFT);
  }
}

}  // namespace atcbench
