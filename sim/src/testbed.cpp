// SPDX-License-Identifier: Apache-2.0
#include "atcbench/testbed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <map>

#include "atcbench/root_ports.h"
#include "ep_regs.h"

namespace atcbench {
namespace {

uint32_t position(const std::string& word, std::initializer_list<const char*> words) {
  return static_cast<uint32_t>(std::find(words.begin(), words.end(), word) - words.begin());
}

uint32_t fault_bits(const Config::Fault& fault) {
  static const std::map<std::string, uint32_t> kKinds = {
      {"never", 0},
      {"none", 0},
      {"ur", EP_FAULT_CTRL_UR},
      {"wrong-itag", EP_FAULT_CTRL_WRONG_ITAG},
      {"wrong-rid", EP_FAULT_CTRL_WRONG_RID},
      {"wrong-cc", EP_FAULT_CTRL_WRONG_CC},
      {"duplicate", EP_FAULT_CTRL_DUPLICATE},
      {"forge", EP_FAULT_CTRL_FORGE_REQ},
      {"rogue", EP_FAULT_CTRL_ROGUE},
      {"no-credit", EP_FAULT_CTRL_NO_CREDIT},
      {"cfg-dead", EP_FAULT_CTRL_CFG_DEAD},
  };
  // The words in the order of flr_fault_e and malformed_e.
  uint32_t bits = kKinds.at(fault.kind) | static_cast<uint32_t>(fault.ctrl);
  bits |= position(fault.flr, {"normal", "ignore", "never", "broken"}) << EP_FAULT_CTRL_FLR_SHIFT;
  bits |= position(fault.malformed,
                   {"none", "length", "byte-enables", "crossing", "at", "poison", "completion", "message"})
          << EP_FAULT_CTRL_MALFORMED_SHIFT;
  if (fault.keep_stale) bits |= EP_FAULT_CTRL_KEEP_STALE;
  if (fault.early_cpl) bits |= EP_FAULT_CTRL_EARLY_CPL;
  return bits;
}

unsigned plant_of(const std::string& name) {
  if (name == "keep-eats") return SMMU_PLANT_KEEP_EATS;
  if (name == "unlocked-rmw") return SMMU_PLANT_UNLOCKED_RMW;
  if (name == "no-own-sync") return SMMU_PLANT_NO_OWN_SYNC;
  if (name == "no-claim") return SMMU_PLANT_NO_CLAIM;
  if (name == "skip-atc") return SMMU_PLANT_SKIP_ATC;
  if (name == "skip-tlbi") return SMMU_PLANT_SKIP_TLBI;
  if (name == "answer-twice") return SMMU_PLANT_ANSWER_TWICE;
  if (name == "no-answer") return SMMU_PLANT_NO_ANSWER;
  if (name == "answer-no-pasid") return SMMU_PLANT_ANSWER_NO_PASID;
  if (name == "resume-ats") return SMMU_PLANT_RESUME_ATS;
  if (name == "alias-ats") return SMMU_PLANT_ALIAS_ATS;
  if (name == "one-stream") return SMMU_PLANT_ONE_STREAM;
  if (name == "forget-vf") return SMMU_PLANT_FORGET_VF;
  return 0;
}

unsigned pci_plant_of(const std::string& name) {
  if (name == "no-disconnect") return PCI_PLANT_NO_DISCONNECT;
  if (name == "believe-ones") return PCI_PLANT_BELIEVE_ONES;
  if (name == "restore-ats") return PCI_PLANT_RESTORE_ATS;
  if (name == "d3-in-use") return PCI_PLANT_D3_IN_USE;
  if (name == "keep-contained") return PCI_PLANT_KEEP_CONTAINED;
  if (name == "deaf-aer") return PCI_PLANT_DEAF_AER;
  if (name == "one-ended-mps") return PCI_PLANT_ONE_ENDED_MPS;
  return 0;
}

// ---- the devices' driver: asks for a reset, and runs its DMA again afterwards

Testbed::Endpoint& endpoint(void* arg) { return *static_cast<Testbed::Endpoint*>(arg); }

pci_ers_result on_error(pci_dev*, void* arg, pci_channel_state state) {
  ++endpoint(arg).error_callbacks;
  switch (state) {
    case PCI_CHANNEL_PERM_FAILURE: return PCI_ERS_DISCONNECT;
    case PCI_CHANNEL_NORMAL: return PCI_ERS_CAN_RECOVER;  // it reported something, and works
    default: return PCI_ERS_NEED_RESET;
  }
}

pci_ers_result on_mmio_enabled(pci_dev*, void* arg) {
  Testbed::Endpoint& ep = endpoint(arg);
  ++ep.mmio_enabled;
  // its registers answer: all ones would be nobody's DMA_CTRL
  return ep.testbed->read_ep(ep.index, EP_DMA_CTRL) == ~0u ? PCI_ERS_NEED_RESET : PCI_ERS_RECOVERED;
}

// A device of several functions has one driver: what the first is told is about all of them.
template <class F>
void for_all_of_it(Testbed::Endpoint& lead, F&& f) {
  for (Testbed::Endpoint& ep : lead.testbed->endpoints())
    if (ep.lead == lead.index) f(ep);
}

pci_ers_result on_slot_reset(pci_dev*, void* arg) {
  for_all_of_it(endpoint(arg), [](Testbed::Endpoint& ep) {
    ++ep.slot_resets;
    readmit(*ep.testbed, ep.index);  // it has lost every translation
  });
  return PCI_ERS_RECOVERED;
}

void on_resume(pci_dev*, void* arg) {
  for_all_of_it(endpoint(arg), [](Testbed::Endpoint& ep) {
    ++ep.resumes;
    if (ep.dma_wanted) ep.testbed->start_dma(ep);
  });
}

void on_reset_done(pci_dev*, void* arg, bool good) {
  Testbed::Endpoint& ep = endpoint(arg);
  ++ep.taken_along;
  if (good && ep.dma_wanted) ep.testbed->start_dma(ep);
}

int on_page_request(void* arg, uint64_t iova, unsigned) {
  const auto* pager = static_cast<Testbed::Pager*>(arg);
  return pager->testbed->page_request(pager->domain, iova);
}

const pci_driver kDriver = {"dma-engine", on_error, on_slot_reset, on_resume, on_mmio_enabled, on_reset_done};

}  // namespace

Testbed::Testbed(Simulation& sim)
    : sim_(sim),
      config_(sim.config()),
      frames_(sim.dram().base() + driver_pool_bytes(sim.dram().bytes()),
              sim.dram().bytes() - driver_pool_bytes(sim.dram().bytes())),
      mapped_(config_.system.cpus, std::vector<Addr>(config_.load.pages, 0)),
      busy_(config_.system.cpus, std::vector<bool>(config_.load.pages, false)) {}

Testbed::~Testbed() = default;

void Testbed::check(const std::string& name, bool holds, const std::string& message) {
  checks_.push_back(CheckResult{name, holds, holds ? 0 : sim_.now(), holds ? "" : message, holds ? 0u : 1u});
}

// ---- bring-up

void Testbed::boot() {
  ::port* p = port();
  smmu_platform plat;
  smmu_platform_init(&plat);
  plat.base = kSmmuBase;
  plat.irq_cpu = static_cast<unsigned>(config_.driver.irq_cpu);
  plat.gerror_irq = config_.driver.gerror_irq != 0;
  plat.sync_msi = config_.driver.sync == "msi";
  plat.sync_sev = config_.driver.sync == "sev";
  plat.sync_irq_off = config_.driver.sync_irq_off != 0;
  plat.poll_timeout = config_.cpu.poll_timeout;
  plat.poll_period = config_.cpu.poll_period;
  plat.atc_timeout = config_.smmu.atc_timeout;
  plat.ecmdq = config_.driver.ecmdq != 0;
  plat.cmdq_log2 = static_cast<unsigned>(config_.driver.cmdq_log2);
  plat.evtq_log2 = static_cast<unsigned>(config_.driver.evtq_log2);
  plat.priq_budget = static_cast<unsigned>(config_.driver.priq_budget);
  plat.priq_log2 = config_.load.pri ? static_cast<unsigned>(config_.driver.priq_log2) : 0;
  plat.expiry_limit = static_cast<unsigned>(config_.driver.expiry_limit);
  plat.use_qdep = config_.driver.use_qdep != 0;
  plat.policy = config_.driver.policy.c_str();
  plat.order = config_.driver.order == "pci-first" ? SMMU_PCI_FIRST : SMMU_EATS_FIRST;
  plat.poll_gerror = config_.driver.poll_gerror != 0;
  plat.plants = plant_of(config_.driver.plant);
  int error = call(smmu_probe, p, &plat, &smmu_);
  if (error) machine().fatal(fmt::format("smmu_probe: {}", error));

  pci_host_cfg host_cfg;
  pci_host_cfg_init(&host_cfg);
  host_cfg.ecam_base = kEcamBase;
  host_cfg.flr_wait = config_.cpu.flr_wait ? config_.cpu.flr_wait : config_.ep.flr_cycles;
  host_cfg.ready_timeout = config_.cpu.ready_timeout;
  host_cfg.plants = pci_plant_of(config_.driver.plant);
  host_cfg.delivery = config_.driver.delivery == "subtree" ? PCI_ERR_SUBTREE : PCI_ERR_FUNCTION;
  // Packets of 64 bytes are legal for every Max_Payload_Size, so without longer ones there is nothing to gain.
  const bool long_packets = config_.max_payload > 64;
  host_cfg.bus_config = long_packets ? PCI_BUS_SAFE : PCI_BUS_AS_IS;
  error = call(pci_host_create, p, &host_cfg, &host_);
  if (error) machine().fatal(fmt::format("pci_host_create: {}", error));
  if (long_packets) error = call(pci_configure_mps, host_);
  if (error) machine().fatal(fmt::format("pci_configure_mps: {}", error));

  const bool ports_interrupt = config_.rc.interrupts || config_.driver.port_services;
  if (config_.topology == "switch" && ports_interrupt && config_.driver.plant != "unknown-port") attach_switch_ports();
  set_up_root_ports(*this);
  if (config_.driver.port_services) create_ports();

  domains_.resize(config_.load.domains);
  for (iommu_domain*& domain : domains_) {
    error = call(iommu_domain_create, smmu_, IOMMU_DOMAIN_PAGING, &domain);
    if (error) machine().fatal(fmt::format("iommu_domain_create: {}", error));
    pagers_.push_back({this, static_cast<unsigned>(pagers_.size())});
    if (config_.load.pri) iommu_set_fault_handler(domain, on_page_request, &pagers_.back());
  }
  const unsigned joined = config_.one_master() ? static_cast<unsigned>(config_.load.group) : 1;
  for (unsigned i = 0; i < config_.system.devices; ++i) {
    endpoints_.emplace_back();
    endpoints_[i].testbed = this;
    endpoints_[i].index = i;
    endpoints_[i].lead = i < joined ? 0 : i;
  }
  for (unsigned i = 0; i < config_.system.devices; ++i) {
    Endpoint& ep = endpoints_[i];
    // a master of several functions is created with all of them
    const unsigned end = i == 0 ? joined : i + 1;
    for (unsigned f = i; f < end && !endpoints_[f].pdev; ++f) {
      bring_up(endpoints_[f]);
      if (f != i) call(pci_join_function, ep.pdev, endpoints_[f].pdev);
    }
    if (ep.lead != i) {
      ep.dev = endpoints_[ep.lead].dev;
      ep.group = endpoints_[ep.lead].group;
      continue;
    }
    add_device(ep);
  }
  phase(Phase::kBoot);
}

void Testbed::shut_down() {
  phase(Phase::kDrain);
  for (Endpoint& ep : endpoints_) {
    if (!ep.dev) continue;
    call(iommu_flush_events, ep.dev);
    stop_dma(ep);
  }
  const uint64_t settle = 20 * config_.link.latency + 20 * config_.mem.latency + 1000;
  machine().sleep(settle);
  for (unsigned twice = 0; config_.load.pri && twice < 2; ++twice) {  // what is answered first may be asked again
    call(smmu_flush_page_requests, smmu_);
    machine().sleep(settle);
  }
  for (unsigned cpu = 0; cpu < mapped_.size(); ++cpu)
    for (uint64_t slot = 0; slot < config_.load.pages; ++slot)
      if (mapped_[cpu][slot]) unmap(cpu, slot, 1);
  read_stats();
  // Who follows goes before whom it follows: virtual functions, those behind another one's StreamID.
  const FunctionMap functions = config_.functions();
  const bool backwards = functions.per_device > 1 || config_.load.share != "group";
  for (unsigned n = 0; n < endpoints_.size(); ++n) {
    Endpoint& ep = endpoints_[backwards ? endpoints_.size() - 1 - n : n];
    if (!ep.dev || ep.lead != ep.index) continue;
    call(iommu_detach, ep.dev);
    remove_function(ep);
  }
  destroy_ports();
  int left = 0;
  for (auto& [first, group] : groups_) left = left ? left : call(iommu_group_destroy, group);
  if (!groups_.empty()) check("group_destroyed", left == 0, fmt::format("iommu_group_destroy: {}", left));
  int error = 0;
  for (iommu_domain* domain : domains_) error = error ? error : call(iommu_domain_destroy, domain);
  check("domain_destroyed", error == 0, fmt::format("iommu_domain_destroy: {}", error));
  call(pci_host_destroy, host_);
  call(smmu_remove, smmu_);
  smmu_ = nullptr;
  check("driver_memory_freed", machine().allocations() == 0,
        fmt::format("the driver has left {} pieces of memory behind", machine().allocations()));
  phase(Phase::kEnd);
}

void Testbed::read_stats() { call(smmu_stats_get, smmu_, &stats_); }

// ---- endpoints

iommu_device_info Testbed::device_info(unsigned endpoint) {
  iommu_device_info info;
  call(iommu_device_get_info, endpoints_[endpoint].dev, &info);
  return info;
}

void Testbed::bind(Endpoint& ep) { driver_bind(machine(), ep.pdev, &kDriver, &ep); }

void Testbed::unbind(Endpoint& ep) { driver_bind(machine(), ep.pdev, nullptr, nullptr); }

void Testbed::add_function(Endpoint& ep) {
  bring_up(ep);
  add_device(ep);
}

void Testbed::bring_up(Endpoint& ep) {
  create_function(ep);
  const int error = call(pci_enable_device, ep.pdev);
  if (error) machine().fatal(fmt::format("endpoint {}: pci_enable_device: {}", ep.index, error));
}

void Testbed::add_device(Endpoint& ep) {
  const FunctionMap functions = config_.functions();
  ep.group = functions.per_device > 1 ? call(pci_group, ep.pdev) : functions.rid(ep.index);
  create_device(ep);
  bind(ep);
  int error = call(iommu_attach, domain_of_endpoint(ep.index), ep.dev);
  if (error) machine().fatal(fmt::format("endpoint {}: iommu_attach: {}", ep.index, error));
  for (unsigned domain = 0; config_.load.pasid && domain < domains_.size(); ++domain) {
    if (pasid_of(ep, domain)) error = call(iommu_attach_pasid, domains_[domain], ep.dev, pasid_of(ep, domain));
    if (error) machine().fatal(fmt::format("endpoint {}: iommu_attach_pasid: {}", ep.index, error));
  }
}

void Testbed::remove_function(Endpoint& ep) {
  unbind(ep);
  call(iommu_device_destroy, ep.dev);
  for (auto part = endpoints_.rbegin(); part != endpoints_.rend(); ++part) {
    if (part->lead != ep.lead) continue;
    call(pci_dev_destroy, part->pdev);
    part->dev = nullptr;
    part->pdev = nullptr;
  }
}

void Testbed::create_function(Endpoint& ep) {
  const FunctionMap functions = config_.functions();
  const unsigned i = ep.index, first = i - functions.function(i);
  int error;
  if (functions.is_virtual(i)) {
    error = call(pci_vf_create, endpoints_[first].pdev, functions.function(i) - functions.physical, &ep.pdev);
    if (error) machine().fatal(fmt::format("endpoint {}: pci_vf_create: {}", i, error));
    return;
  }
  error = call(pci_dev_create, host_, functions.rid(i), &ep.pdev);
  if (error) machine().fatal(fmt::format("endpoint {}: pci_dev_create: {}", i, error));
  error = call(pci_assign_bar, ep.pdev, 0, functions.bar(i));
  if (error) machine().fatal(fmt::format("endpoint {}: pci_assign_bar: {}", i, error));
  // The virtual functions that are in use; before anything is told the depth of the invalidation queue, which they share.
  const uint64_t end = std::min<uint64_t>(config_.system.devices, first + functions.per_device);
  const unsigned first_virtual = first + functions.physical;
  if (i != first || end <= first_virtual) return;
  error = call(pci_enable_sriov, ep.pdev, static_cast<unsigned>(end - first_virtual), functions.bar(first_virtual));
  if (error) machine().fatal(fmt::format("endpoint {}: pci_enable_sriov: {}", i, error));
}

void Testbed::create_device(Endpoint& ep) {
  const FunctionMap functions = config_.functions();
  iommu_device_cfg cfg{};
  cfg.sid = config_.one_stream() && ep.index < config_.load.group ? functions.rid(0) : functions.rid(ep.index);
  cfg.hw_index = ep.index;
  cfg.ssid_bits = config_.load.pasid ? log2_ceil(config_.load.domains + 1) : 0;
  for (const Endpoint& other : endpoints_) {
    if (other.index == ep.index || other.lead != ep.index) continue;
    cfg.also[cfg.more].pdev = other.pdev;
    cfg.also[cfg.more].sid = functions.rid(other.index);
    cfg.also[cfg.more++].hw_index = other.index;
  }
  cfg.group = group_of(ep);
  cfg.ats = config_.load.use_ats != 0;
  cfg.page_requests = config_.load.pri ? kPageRequests : 0;
  cfg.worker_cpu = static_cast<unsigned>(config_.system.cpus - 1);
  const int error = call(iommu_device_create, smmu_, ep.pdev, &cfg, &ep.dev);
  if (error) machine().fatal(fmt::format("endpoint {}: iommu_device_create: {}", ep.index, error));
}

// One for those that load.group puts together, and for functions that cannot be told apart; nullptr: one of its own.
iommu_group* Testbed::group_of(Endpoint& ep) {
  const FunctionMap functions = config_.functions();
  if (config_.load.group > 1 && ep.index < config_.load.group) {
    if (config_.one_master()) return nullptr;  // one device
    ep.group = functions.rid(0);
  } else if (functions.physical == 1 || functions.is_virtual(ep.index)) {
    return nullptr;
  }
  iommu_group*& group = groups_[ep.group];
  if (group) return group;
  const int error = call(iommu_group_create, smmu_, &group);
  if (error) machine().fatal(fmt::format("iommu_group_create: {}", error));
  return group;
}

unsigned Testbed::domain_index(unsigned index) const {
  // Functions that cannot be told apart share a domain: the first of the group says which.
  for (const Endpoint& ep : endpoints_)
    if (ep.group == endpoints_[index].group) return ep.index % static_cast<unsigned>(config_.load.domains);
  return 0;
}

void Testbed::write_ep(unsigned index, uint32_t reg, uint32_t value) {
  port_write32(port(), config_.functions().bar(index) + reg, value);
}

uint32_t Testbed::read_ep(unsigned index, uint32_t reg) { return port_read32(port(), config_.functions().bar(index) + reg); }

void Testbed::write_cfg(unsigned index, uint32_t reg, uint32_t value) {
  port_write32(port(), kEcamBase + (Addr{config_.functions().rid(index)} << 12) + reg, value);
}

void Testbed::start_dma(Endpoint& ep) {
  ep.dma_wanted = true;
  if (config_.load.dma_interval == 0) return;
  const uint64_t sharers = (config_.system.cpus + config_.load.domains - 1) / config_.load.domains;
  start_dma_at(ep, kWindow, log2_ceil(sharers * config_.load.pages));
}

void Testbed::start_dma_at(Endpoint& ep, uint64_t base, unsigned log2_pages) {
  write_ep(ep.index, EP_DMA_BASE_LO, static_cast<uint32_t>(base));
  write_ep(ep.index, EP_DMA_BASE_HI, static_cast<uint32_t>(base >> 32));
  write_ep(ep.index, EP_DMA_PAGES, log2_pages);
  write_ep(ep.index, EP_DMA_INTERVAL, static_cast<uint32_t>(config_.load.dma_interval));
  write_ep(ep.index, EP_DMA_SEED, static_cast<uint32_t>(Rng(config_.seed, 1000 + ep.index).next() | 1));
  write_ep(ep.index, EP_DMA_COUNT, 0);
  const uint32_t lines = log2_ceil((config_.load.dma_bytes ? config_.load.dma_bytes : config_.max_payload) / 64);
  const uint32_t group = config_.load.pri ? static_cast<uint32_t>(config_.load.pri_log2) : 0;
  if (config_.load.pri || lines)
    write_ep(ep.index, EP_DMA_XFER,
             lines << EP_DMA_XFER_LOG2_LINES_SHIFT | group << EP_DMA_XFER_PRI_LOG2_SHIFT | 1 << EP_DMA_XFER_TCS_SHIFT);
  uint32_t ctrl = EP_DMA_CTRL_EN | EP_DMA_CTRL_RANDOM;
  if (config_.load.dma_writes) ctrl |= EP_DMA_CTRL_WR;
  if (config_.load.dma_reads) ctrl |= EP_DMA_CTRL_RD;
  if (config_.load.use_ats) ctrl |= EP_DMA_CTRL_USE_ATS;
  if (config_.load.pri) ctrl |= EP_DMA_CTRL_PRI;
  write_ep(ep.index, EP_DMA_CTRL, ctrl);
}

uint32_t Testbed::pasid_of(const Endpoint& ep, unsigned domain) const {
  return config_.load.pasid && domain_index(ep.index) != domain ? domain + 1 : 0;
}

void Testbed::dma_in(Endpoint& ep, unsigned domain) {
  const uint32_t pasid = pasid_of(ep, domain);
  write_ep(ep.index, EP_DMA_PASID, pasid ? EP_DMA_PASID_VALID | pasid : 0);
}

void Testbed::stop_dma(Endpoint& ep) {
  ep.dma_wanted = false;
  if (config_.load.dma_interval) write_ep(ep.index, EP_DMA_CTRL, 0);
}

bool Testbed::fault_wanted() const { return fault_bits(config_.fault) != 0; }

void Testbed::arm_fault(unsigned index, uint32_t never) {
  uint32_t ctrl = fault_bits(config_.fault);
  if (config_.fault.kind == "never") ctrl |= never;
  if (config_.fault.survive_flr) ctrl |= EP_FAULT_CTRL_SURVIVE_FLR;
  write_fault(index, ctrl, static_cast<uint32_t>(config_.fault.rid));
}

void Testbed::write_fault(unsigned index, uint32_t ctrl, uint32_t rid) {
  if (ctrl & (EP_FAULT_CTRL_WRONG_RID | EP_FAULT_CTRL_FORGE_REQ)) write_ep(index, EP_FAULT_RID, rid);
  if (config_.fault.every) write_ep(index, EP_FAULT_EVERY, static_cast<uint32_t>(config_.fault.every));
  write_ep(index, EP_FAULT_DELAY, static_cast<uint32_t>(config_.fault.delay));
  write_ep(index, EP_FAULT_SKIP, static_cast<uint32_t>(config_.fault.skip));
  write_ep(index, EP_FAULT_CTRL, ctrl);
  sim_.log().add(EV_FAULT_ARMED, static_cast<uint16_t>(index), ctrl, config_.fault.delay, config_.fault.skip);
}

}  // namespace atcbench
