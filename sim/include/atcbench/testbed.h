// SPDX-License-Identifier: Apache-2.0
//
// The rest of the operating system: brings up the driver, owns pages and devices, plays device drivers.
//
// Everything here runs in tasks of the virtual CPUs, through the port, at the port's cost; only the
// bookkeeping of page owners is free. A page goes back the moment the driver's unmap returns, whatever it
// returned, and belongs to another owner at once (D14, D24).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "atcbench/driver_call.h"
#include "atcbench/page_allocator.h"
#include "atcbench/rng.h"
#include "atcbench/simulation.h"

namespace atcbench {

// Page requests that a device may have outstanding (its allocation), with load.pri.
constexpr unsigned kPageRequests = 32;

// What a scenario_phase event means.
enum class Phase : uint32_t { kBoot = 1, kLoad = 2, kFault = 3, kRecovered = 4, kDrain = 5, kEnd = 6 };

class Testbed {
 public:
  static constexpr uint64_t kWindow = 0x10000000;  // IOVA of the first page
  static constexpr uint32_t kDomain = 1;           // owner numbers of the log: the devices' domain,
  static constexpr uint32_t kNextOwner = 2;        // and who gets a page after an unmap

  explicit Testbed(Simulation& sim);
  ~Testbed();

  struct Endpoint {
    Testbed* testbed = nullptr;
    unsigned index = 0;
    pci_dev* pdev = nullptr;
    iommu_device* dev = nullptr;
    unsigned lead = 0;    // endpoint whose IOMMU device this one is part of (load.share = master); else itself
    uint16_t group = 0;
    unsigned error_callbacks = 0;
    unsigned slot_resets = 0;
    unsigned resumes = 0;
    unsigned mmio_enabled = 0;
    unsigned taken_along = 0;  // by the reset of another function
    bool dma_wanted = false;
  };

  // ---- called in a task
  // A function of the driver, on the port that the machine has: call(iommu_attach, domain, dev).
  template <class R, class... P, class... A>
  R call(R (*function)(P...), A... args) {
    return driver_call(machine(), function, args...);
  }
  void boot();      // probe, devices, load.domains paging domains with the devices attached
  void shut_down();  // the opposite
  void start_dma(Endpoint& ep);
  // The same from bus address `base` on, over 2^log2 pages.
  void start_dma_at(Endpoint& ep, uint64_t base, unsigned log2_pages);
  void stop_dma(Endpoint& ep);
  // PASID of the endpoint in a domain (load.pasid); 0: it is there by its Requester ID.
  uint32_t pasid_of(const Endpoint& ep, unsigned domain) const;
  // Its DMA goes to that domain from now on.
  void dma_in(Endpoint& ep, unsigned domain);
  void write_ep(unsigned index, uint32_t reg, uint32_t value);
  uint32_t read_ep(unsigned index, uint32_t reg);
  // A register of its configuration space.
  void write_cfg(unsigned index, uint32_t reg, uint32_t value);
  // The function's objects go, whatever became of the device, and come again with the one that is in the slot then.
  void remove_function(Endpoint& ep);
  void add_function(Endpoint& ep);
  // Its driver goes, and nobody answers for it; and comes back.
  void unbind(Endpoint& ep);
  void bind(Endpoint& ep);
  // With driver.port_services: what the service of the port above it has seen.
  pci_port_info port_info(unsigned endpoint);
  iommu_device_info device_info(unsigned endpoint);
  // FAULT_CTRL as fault.* says; `never` is what fault.kind = never means to the scenario.
  void arm_fault(unsigned index, uint32_t never);
  // FAULT_CTRL as it is said here; `rid` for forged requester IDs.
  void write_fault(unsigned index, uint32_t ctrl, uint32_t rid);
  // fault.* asks for more than the scenario's own fault.
  bool fault_wanted() const;

  // `pages` pages of the CPU's part of the window from `slot` on, with fresh frames.
  void map(unsigned cpu, uint64_t slot, uint64_t pages);
  // One driver unmap; the frames change owner when it returns. Its result.
  int unmap(unsigned cpu, uint64_t slot, uint64_t pages);

  // A page beside the window, in domain 0, for all devices.
  Addr map_page(uint64_t iova);
  void unmap_page(uint64_t iova, Addr frame);
  // The page of the MSI doorbell in domain 0, for writes: a device's interrupt is translated like any other write.
  void map_doorbell(uint64_t iova);
  void unmap_doorbell(uint64_t iova);
  // With load.pri: a device asks for a page. 0: it is mapped, or may be asked for again; -EFAULT: nobody's.
  int page_request(unsigned domain, uint64_t iova);
  // False: there is nothing to unmap, or somebody is at it.
  bool unmap_if_mapped(unsigned cpu, uint64_t slot);
  // The slot of each CPU's part that is never mapped on request.
  uint64_t hole() const { return config_.load.pages - 1; }

  // Who grants the pages of a domain.
  struct Pager {
    Testbed* testbed;
    unsigned domain;
  };

  // ---- anywhere
  void phase(Phase phase) { sim_.log().add(EV_SCENARIO_PHASE, 0, static_cast<uint32_t>(phase), 0, 0); }
  // A promise of the scenario; `holds` false fails the run.
  void check(const std::string& name, bool holds, const std::string& message);
  const std::vector<CheckResult>& checks() const { return checks_; }
  // A number of the scenario, in the report's counters and in the matrix.
  void figure(const std::string& name, uint64_t value) { counters_[name] = value; }
  const std::map<std::string, uint64_t>& counters() const { return counters_; }

  Simulation& sim() { return sim_; }
  const Config& config() const { return config_; }
  Machine& machine() { return sim_.machine(); }
  ::port* port() { return sim_.machine().handle(); }
  ::smmu* smmu() { return smmu_; }
  // Endpoint i and CPU i use domain i modulo load.domains; functions of one group that of its first.
  iommu_domain* domain_of_endpoint(unsigned index) { return domains_[domain_index(index)]; }
  std::deque<Endpoint>& endpoints() { return endpoints_; }
  smmu_stats stats() const { return stats_; }  // as of shut_down
  void read_stats();
  uint64_t unmap_failures() const { return unmap_failures_; }

 private:
  void attach_switch_ports();
  void create_ports();
  void destroy_ports();
  pci_port* create_port(unsigned port);
  void create_function(Endpoint& ep);
  void bring_up(Endpoint& ep);
  void add_device(Endpoint& ep);
  void create_device(Endpoint& ep);
  iommu_group* group_of(Endpoint& ep);
  unsigned domain_index(unsigned index) const;
  uint64_t iova(unsigned cpu, uint64_t slot) const;
  Addr take_frame();
  void retire_frame(Addr frame, bool success);

  Simulation& sim_;
  const Config& config_;
  PageAllocator frames_;
  std::deque<Addr> cooling_;  // with the next owner
  std::vector<std::vector<Addr>> mapped_;  // [cpu][slot]
  std::vector<std::vector<bool>> busy_;    // somebody maps or unmaps it on request
  ::smmu* smmu_ = nullptr;
  pci_host* host_ = nullptr;
  // A port of the switch as a requester of its own: its interrupts go through the SMMU.
  struct SwitchPort {
    pci_dev* pdev = nullptr;
    iommu_device* dev = nullptr;
  };
  std::vector<SwitchPort> switch_ports_;
  iommu_domain* switch_domain_ = nullptr;
  pci_port* switch_root_ = nullptr;
  std::vector<pci_port*> ports_;  // right above the devices
  std::vector<iommu_domain*> domains_;
  std::map<uint16_t, iommu_group*> groups_;  // by the first requester ID in it
  std::deque<Pager> pagers_;  // of each domain
  std::deque<Endpoint> endpoints_;
  smmu_stats stats_{};
  uint64_t unmap_failures_ = 0;
  std::map<std::string, uint64_t> counters_;
  std::vector<CheckResult> checks_;
};

}  // namespace atcbench
