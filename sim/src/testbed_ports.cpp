// SPDX-License-Identifier: Apache-2.0
//
// The ports right above the devices and, behind a switch, the root port above it: as requesters, and with the driver's services.
#include <fmt/format.h>

#include "atcbench/root_ports.h"
#include "atcbench/testbed.h"

namespace atcbench {
namespace {

// Devices in use, each behind a link of its own.
unsigned links_of(const Config& config) { return config.functions().device(static_cast<unsigned>(config.system.devices - 1)) + 1; }

}  // namespace

// Past the SMMU as they are: the doorbell's address is not for them to choose.
void Testbed::attach_switch_ports() {
  int error = call(iommu_domain_create, smmu_, IOMMU_DOMAIN_IDENTITY, &switch_domain_);
  switch_ports_.resize(links_of(config_));
  for (unsigned i = 0; i < switch_ports_.size() && !error; ++i) {
    SwitchPort& port = switch_ports_[i];
    iommu_device_cfg cfg{};
    cfg.sid = port_bdf(config_, i);
    cfg.worker_cpu = static_cast<unsigned>(config_.system.cpus - 1);
    error = call(pci_dev_create, host_, port_bdf(config_, i), &port.pdev);
    if (!error) error = call(iommu_device_create, smmu_, port.pdev, &cfg, &port.dev);
    if (!error) error = call(iommu_attach, switch_domain_, port.dev);
    if (error) machine().fatal(fmt::format("switch port {}: {}", i, error));
  }
}

pci_port* Testbed::create_port(unsigned port) {
  const bool switched = config_.topology == "switch", above = switched && port == kSwitchRoot;
  pci_port_cfg cfg{};
  cfg.bdf = port_bdf(config_, port);
  cfg.irq = PORT_IRQ_PCIE + port;
  cfg.cpu = static_cast<unsigned>(config_.system.cpus - 1);
  // the switch stays where it is, and containment of the port above it would take everybody along
  cfg.hotplug = config_.slot.event != 0 && !above;
  cfg.aer = true;
  cfg.dpc = above ? 0 : config_.rc.dpc == "fatal" ? 1 : config_.rc.dpc == "nonfatal" ? 2 : 3;
  pci_port* created = nullptr;
  const int error = call(pci_port_create, host_, &cfg, &created);
  if (error) machine().fatal(fmt::format("port {:04x}: pci_port_create: {}", cfg.bdf, error));
  return created;
}

void Testbed::create_ports() {
  ports_.resize(links_of(config_));
  if (config_.topology == "switch") switch_root_ = create_port(kSwitchRoot);
  for (unsigned i = 0; i < ports_.size(); ++i) ports_[i] = create_port(i);
}

void Testbed::destroy_ports() {
  if (switch_root_) call(pci_port_destroy, switch_root_);
  for (pci_port* port : ports_) call(pci_port_destroy, port);
  int error = 0;
  for (SwitchPort& port : switch_ports_) {
    error = error ? error : call(iommu_detach, port.dev);
    call(iommu_device_destroy, port.dev);
    call(pci_dev_destroy, port.pdev);
  }
  if (switch_domain_) error = error ? error : call(iommu_domain_destroy, switch_domain_);
  if (error) machine().fatal(fmt::format("switch ports: {}", error));
}

pci_port_info Testbed::port_info(unsigned endpoint) {
  pci_port_info info;
  call(pci_port_get_info, ports_.at(config_.functions().device(endpoint)), &info);
  return info;
}

}  // namespace atcbench
