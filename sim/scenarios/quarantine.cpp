// SPDX-License-Identifier: Apache-2.0
#include "quarantine.h"

#include <fmt/format.h>

#include "ep_regs.h"
#include "look.h"

namespace atcbench {
namespace {

constexpr unsigned kPatience = 800;  // looks
constexpr uint64_t kAccesses = 8;

}  // namespace

bool quarantine(Testbed& testbed, Testbed::Endpoint& ep) {
  const Config& c = testbed.config();
  testbed.unbind(ep);
  testbed.write_fault(ep.index, EP_FAULT_CTRL_NEVER_ANSWER, 0);
  const Cycle limit = testbed.machine().now() + 4 * (1 + c.system.cpus) * c.smmu.atc_timeout + 2 * c.cpu.poll_timeout;
  bool there = false;
  while (!there && testbed.machine().now() < limit) {
    testbed.machine().sleep(look_interval(testbed.config()));
    const iommu_device_state state = testbed.device_info(ep.index).state;
    there = state == IOMMU_DEV_QUARANTINED || state == IOMMU_DEV_BLOCKED;
  }
  testbed.call(iommu_flush_events, ep.dev);  // and whoever would have been asked has been
  return there && ats_is_off(testbed, ep);
}

bool ats_is_off(Testbed& testbed, Testbed::Endpoint& ep) {
  const iommu_device_info info = testbed.device_info(ep.index);
  return !info.ats_on && !info.ste_eats && testbed.call(pci_ats_read_enabled, ep.pdev) <= 0;
}

bool ats_is_on(Testbed& testbed, Testbed::Endpoint& ep) {
  const iommu_device_info info = testbed.device_info(ep.index);
  return info.state == IOMMU_DEV_OK && info.ats_on && info.ste_eats && testbed.call(pci_ats_read_enabled, ep.pdev) == 1;
}

void reset_from_outside(Testbed& testbed, Testbed::Endpoint& ep) {
  testbed.bind(ep);
  testbed.call(pci_reset_function, ep.pdev);
  testbed.start_dma(ep);
}

void ComebackWatch::on_event(const Event& e) { accesses_ += e.event == EV_DMA_DONE && e.src == endpoint_ && e.a2 == 0; }

bool ComebackWatch::works_again(Testbed& testbed) {
  accesses_ = 0;
  for (unsigned look = 0; look < kPatience && accesses_ < kAccesses; ++look)
    testbed.machine().sleep(access_interval(testbed.config()));
  return accesses_ >= kAccesses && ats_is_on(testbed, testbed.endpoints()[endpoint_]);
}

void AtsWatch::on_event(const Event& e) {
  switch (e.event) {
    case EV_STE_EATS_CLEAR:
    case EV_BLOCKED:
      off_[functions_.endpoint(e.a0)] = true;
      break;
    case EV_ATTACH_START:
      off_[functions_.endpoint(e.a0)] = false;
      break;
    case EV_ATS_ENABLED:
      if (off_[e.src]) violations_ += fmt::format(" endpoint {} has ATS on from cycle {}, with EATS = 0;", e.src, e.cycle);
      break;
    default:
      break;
  }
}

}  // namespace atcbench
