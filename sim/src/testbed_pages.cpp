// SPDX-License-Identifier: Apache-2.0
//
// The pages that the load maps and unmaps: frames, their owners, and those that devices ask for.
#include <fmt/format.h>

#include <cerrno>

#include "atcbench/testbed.h"

namespace atcbench {
namespace {

constexpr size_t kCooling = 256;  // frames that stay with their next owner

}  // namespace

uint64_t Testbed::iova(unsigned cpu, uint64_t slot) const {
  return kWindow + (cpu / config_.load.domains * config_.load.pages + slot) * kPageBytes;
}

Addr Testbed::take_frame() {
  machine().order_point();
  if (cooling_.size() > kCooling) {
    const Addr frame = cooling_.front();
    cooling_.pop_front();
    sim_.ownership().release(sim_.now(), frame, true);
    frames_.release(frame, kPageBytes);
  }
  const Addr frame = frames_.allocate(kPageBytes);
  if (!frame) machine().fatal("no frame left");
  return frame;
}

void Testbed::retire_frame(Addr frame, bool success) {
  machine().order_point();
  sim_.ownership().release(machine().now(), frame, success);
  sim_.ownership().grant(machine().now(), frame, kNextOwner, 0, 0, 0);
  cooling_.push_back(frame);
}

void Testbed::map(unsigned cpu, uint64_t slot, uint64_t pages) {
  const unsigned domain = cpu % static_cast<unsigned>(config_.load.domains);
  uint32_t users = 0;
  for (const Endpoint& ep : endpoints_)
    if (config_.load.pasid || domain_index(ep.index) == domain) users |= 1u << ep.index;
  for (uint64_t i = slot; i < slot + pages; ++i) {
    const Addr frame = take_frame();
    sim_.ownership().grant(machine().now(), frame, domain ? kNextOwner + domain : kDomain, iova(cpu, i),
                           Ownership::kRead | Ownership::kWrite, users);
    const int error = call(iommu_map, domains_[domain], iova(cpu, i), frame, 1, IOMMU_READ | IOMMU_WRITE);
    if (error) machine().fatal(fmt::format("iommu_map: {}", error));
    mapped_[cpu][i] = frame;
  }
}

int Testbed::unmap(unsigned cpu, uint64_t slot, uint64_t pages) {
  machine().delay(1);  // two unmaps never share a cycle of the log
  const int error = call(iommu_unmap, domains_[cpu % config_.load.domains], iova(cpu, slot), pages);
  if (error) ++unmap_failures_;
  for (uint64_t i = slot; i < slot + pages; ++i) {
    retire_frame(mapped_[cpu][i], error == 0);
    mapped_[cpu][i] = 0;
  }
  return error;
}

Addr Testbed::map_page(uint64_t iova) {
  const Addr frame = take_frame();
  sim_.ownership().grant(machine().now(), frame, kDomain, iova, Ownership::kRead | Ownership::kWrite, ~0u);
  const int error = call(iommu_map, domains_[0], iova, frame, 1, IOMMU_READ | IOMMU_WRITE);
  if (error) machine().fatal(fmt::format("iommu_map: {}", error));
  return frame;
}

void Testbed::map_doorbell(uint64_t iova) {
  const int error = call(iommu_map, domains_[0], iova, kDoorbellBase, 1, IOMMU_WRITE);
  if (error) machine().fatal(fmt::format("iommu_map of the doorbell: {}", error));
}

void Testbed::unmap_doorbell(uint64_t iova) {
  if (call(iommu_unmap, domains_[0], iova, 1)) ++unmap_failures_;
}

void Testbed::unmap_page(uint64_t iova, Addr frame) {
  machine().delay(1);
  const int error = call(iommu_unmap, domains_[0], iova, 1);
  if (error) ++unmap_failures_;
  retire_frame(frame, error == 0);
}

// One task maps, many unmap; each works on a slot that nobody else works on. The window of a domain is its CPUs' parts.
int Testbed::page_request(unsigned domain, uint64_t iova) {
  const uint64_t page = (iova - kWindow) / kPageBytes;
  const auto cpu = static_cast<unsigned>(page / config_.load.pages * config_.load.domains + domain);
  const uint64_t slot = page % config_.load.pages;
  if (iova < kWindow || cpu >= mapped_.size() || slot == hole()) return -EFAULT;
  if (mapped_[cpu][slot] || busy_[cpu][slot]) return 0;  // there by now, or on its way out: the device asks again
  busy_[cpu][slot] = true;
  map(cpu, slot, 1);
  busy_[cpu][slot] = false;
  return 0;
}

bool Testbed::unmap_if_mapped(unsigned cpu, uint64_t slot) {
  if (!mapped_[cpu][slot] || busy_[cpu][slot]) return false;
  busy_[cpu][slot] = true;
  unmap(cpu, slot, 1);
  busy_[cpu][slot] = false;
  return true;
}

}  // namespace atcbench
