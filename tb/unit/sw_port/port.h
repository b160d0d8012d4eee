// SPDX-License-Identifier: Apache-2.0
//
// What the files of this program have in common: the driver with the services of a root port above each device.

#ifndef ATCBENCH_TB_UNIT_SW_PORT_PORT_H_
#define ATCBENCH_TB_UNIT_SW_PORT_PORT_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "../sw_driver_fixture.h"
#include "../sw_fake_port.h"

namespace sw_port {

using fake::Machine;
using fake::RootPort;
using sw::Bdf;
using sw::DeviceDriver;
using sw::DriverFixture;
using sw::kDriver;
using Calls = std::vector<std::string>;

class PortFixture : public DriverFixture {
 protected:
  PortFixture() {
    hcfg.flr_wait = 600;
    hcfg.ready_timeout = 20000;
    hcfg.link_timeout = 5000;
    for (unsigned i = 0; i < kDevices; i++)
      root[i] = std::make_unique<RootPort>(m, RootBdf(i), static_cast<uint8_t>(i + 1), PORT_IRQ_PCIE + i);
    before_devices = [this] {
      for (unsigned i = 0; i < kDevices; i++) ASSERT_EQ(Create(i), 0);
    };
    before_host_goes = [this] {
      for (auto* p : port) {
        if (p) pci_port_destroy(p);
      }
    };
  }
  static uint16_t RootBdf(unsigned i) { return static_cast<uint16_t>(i << 3); }
  int Create(unsigned i) {
    pci_port_cfg c{};
    c.bdf = RootBdf(i);
    c.irq = PORT_IRQ_PCIE + i;
    c.cpu = 0;
    c.hotplug = hotplug;
    c.aer = true;
    c.dpc = 3;
    return pci_port_create(host, &c, &port[i]);
  }
  pci_port_info PortInfo(unsigned i) {
    pci_port_info info;
    pci_port_get_info(port[i], &info);
    return info;
  }
  // The interrupt is taken at the end of a port call.
  void TakeInterrupt() { port_now(m.p), port_irq_restore(m.p, port_irq_save(m.p)); }
  void Serve() {
    TakeInterrupt();
    port_host_run_work(m.p);
  }
  void Destroy(unsigned i) {
    iommu_device_destroy(dev[i]);
    pci_dev_destroy(pdev[i]);
    dev[i] = nullptr, pdev[i] = nullptr;
  }
  void Recreate(unsigned i) {
    Destroy(i);
    iommu_device_cfg c{};
    c.sid = Bdf(i);
    c.hw_index = i;
    c.ats = true;
    c.ssid_bits = 4;
    ASSERT_EQ(pci_dev_create(host, Bdf(i), &pdev[i]), 0);
    ASSERT_EQ(pci_assign_bar(pdev[i], 0, 0x50000000 + i * 0x10000), 0);
    ASSERT_EQ(pci_enable_device(pdev[i]), 0);
    ASSERT_EQ(iommu_device_create(s, pdev[i], &c, &dev[i]), 0);
    pci_bind_driver(pdev[i], &kDriver, &drv[i]);
  }

  bool hotplug = true;
  std::array<std::unique_ptr<RootPort>, kDevices> root;
  std::array<pci_port*, kDevices> port{};
};

}  // namespace sw_port

#endif  // ATCBENCH_TB_UNIT_SW_PORT_PORT_H_
