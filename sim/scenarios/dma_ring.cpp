// SPDX-License-Identifier: Apache-2.0
//
// dma-ring: beside the load of `healthy`, every device works through descriptors in memory (doc/rtl/ep_ring.md): signed writes on
// several traffic classes, reads, and FetchAdds on one word that all devices share. The last descriptor of a round asks for an
// interrupt, a message that the SMMU translates like any other write and that is all the CPU waits for: when it comes, every
// outcome of the round is in memory. In the end each outcome is good, memory holds the newest signature of every place, no count
// is lost, and there was one interrupt a round.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "atcbench/error.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "ep_regs.h"
#include "pcie_cfg.h"

namespace atcbench {
namespace {

constexpr uint64_t kRegion = Testbed::kWindow + 0x10000000;   // one page for the word, then kPages for each device
constexpr unsigned kLog2 = 5, kEntries = 1u << kLog2, kDescriptorBytes = 32;
constexpr unsigned kData = 2, kPages = 1 + kData;              // ring, data
constexpr unsigned kRounds = 6;
enum Op : uint64_t { kRead, kWrite, kFetchAdd };
constexpr uint64_t kAts = 1 << 8, kInterrupt = 1 << 9;
constexpr uint64_t kDoorbellIova = kRegion - kPageBytes;
// Value that a device writes to the doorbell: no interrupt line of the CPUs. Eight vectors are granted.
constexpr uint32_t kMsi = 0x200, kVector = 5;
constexpr uint32_t msi_data(unsigned device) { return kMsi | device << 3; }
constexpr uint32_t kGood = 0x80000000;

class DmaRing final : public Scenario {
 public:
  void configure(Config& config) const override {
    if (config.load.pri) throw UsageError("dma-ring needs load.pri = 0: its pages are mapped before use");
    if (config.load.domains != 1) throw UsageError("dma-ring needs load.domains = 1");
  }

  void start(Testbed& testbed) override {
    testbed_ = &testbed;
    interrupts_.resize(testbed.config().system.devices);
    testbed.sim().on_msi([this](uint32_t value) { interrupt(value); });
    const uint64_t rounds = testbed.config().load.iterations;
    workload_ = std::make_unique<Workload>(testbed, [this, rounds](unsigned, uint64_t round) { return round < rounds || !over_; });
    workload_->beside([this] { work(); });
    workload_->start();
  }

  void verify(Testbed& testbed) override {
    const smmu_stats stats = testbed.stats();
    testbed.check("interrupt_behind_outcomes", early_ == 0, fmt::format("{} outcomes were not in memory when the interrupt came", early_));
    testbed.check("rings_finished", over_ && gave_up_.empty(), gave_up_);
    testbed.check("outcomes_good", bad_.empty(), bad_);
    testbed.check("signatures_in_memory", wrong_.empty(), wrong_);
    testbed.check("no_count_lost", counted_ == expected_, fmt::format("the word counts {}, {} were added", counted_, expected_));
    testbed.check("counts_distinct", repeated_ == 0, fmt::format("{} FetchAdds saw a value that another one saw", repeated_));
    testbed.check("an_interrupt_a_round", odd_.empty(), odd_);
    testbed.check("no_timeout", stats.timeouts == 0, fmt::format("{} time-outs", stats.timeouts));
    testbed.check("unmap_success", testbed.unmap_failures() == 0, fmt::format("{} unmaps failed", testbed.unmap_failures()));
    testbed.figure("descriptors", uint64_t{kRounds} * kEntries * testbed.config().system.devices);
  }

 private:
  uint64_t page(unsigned device, unsigned n) const { return kRegion + (1 + uint64_t{device} * kPages + n) * kPageBytes; }
  Addr physical(uint64_t iova) const { return frames_[(iova - kRegion) / kPageBytes] + iova % kPageBytes; }
  uint64_t load(uint64_t iova) const { return port_mem_read64(testbed_->port(), physical(iova)); }
  void store(uint64_t iova, uint64_t value) { port_mem_write64(testbed_->port(), physical(iova), value); }

  struct Job {
    uint64_t iova;
    uint64_t bytes;
    Op op;
  };

  void fill(unsigned device, unsigned entry, Rng& rng) {
    Job job{kRegion, 8, kFetchAdd};
    const uint64_t kind = rng.below(8);
    if (kind < 7) {
      job.op = kind < 5 ? kWrite : kRead;
      // Not twice in one round, so that the order of the ring's transfers does not matter: a slice of the data pages for each entry.
      const uint64_t slice = kData * kPageBytes / kEntries;
      job.bytes = 8 * (1 + rng.below(slice / 8));
      job.iova = page(device, 1) + entry * slice + 8 * rng.below((slice - job.bytes) / 8 + 1);
    } else {
      ++expected_;
    }
    jobs_[device][entry] = job;
    const uint64_t at = page(device, 0) + entry * kDescriptorBytes;
    store(at, job.iova);
    store(at + 8, job.bytes | (job.op | (rng.below(4) ? kAts : 0) | (entry + 1 == kEntries ? kInterrupt : 0) | rng.below(4) << 4) << 32);
    store(at + 16, 0);
    store(at + 24, job.op == kFetchAdd ? 1 : 0);
  }

  // In the cycle in which a doorbell write is visible.
  void interrupt(uint32_t value) {
    const unsigned device = (value - kMsi) >> 3;
    if (value < kMsi || device >= interrupts_.size()) return;  // somebody else's
    if ((value & 7) != kVector) odd_ = fmt::format("endpoint {} used vector {}", device, value & 7);
    for (unsigned entry = 0; entry < kEntries; ++entry)
      early_ += !(testbed_->sim().dram().read<uint64_t>(physical(page(device, 0) + entry * kDescriptorBytes + 16)) & kGood);
    ++interrupts_[device].v;
  }

  void collect(unsigned device, unsigned entry) {
    const Job& job = jobs_[device][entry];
    const uint64_t at = page(device, 0) + entry * kDescriptorBytes;
    const uint64_t outcome = load(at + 16);
    const auto number = static_cast<uint32_t>(outcome >> 32);
    if (static_cast<uint32_t>(outcome) != kGood) bad_ = fmt::format("endpoint {} descriptor {}: outcome {:#x}", device, entry, outcome);
    if (job.op == kFetchAdd) repeated_ += !seen_.emplace(load(at + 24), device).second;
    if (job.op != kWrite) return;
    for (uint64_t w = 0; w < job.bytes / 8; ++w) {
      const uint64_t expect = uint64_t{device} << 48 | uint64_t{number} << 16 | w;
      const uint64_t found = load(job.iova + 8 * w);
      if (found != expect) wrong_ = fmt::format("IOVA {:#x} holds {:#x}, endpoint {} wrote {:#x}", job.iova + 8 * w, found, device, expect);
    }
  }

  void work() {
    const unsigned devices = static_cast<unsigned>(testbed_->config().system.devices);
    Rng rng(testbed_->config().seed, 500);
    jobs_.assign(devices, std::vector<Job>(kEntries));
    for (uint64_t p = 0; p < 1 + uint64_t{devices} * kPages; ++p) frames_.push_back(testbed_->map_page(kRegion + p * kPageBytes));
    store(kRegion, 0);
    testbed_->map_doorbell(kDoorbellIova);
    for (unsigned d = 0; d < devices; ++d) {
      testbed_->write_ep(d, EP_RING_BASE_LO, static_cast<uint32_t>(page(d, 0)));
      testbed_->write_ep(d, EP_RING_BASE_HI, static_cast<uint32_t>(page(d, 0) >> 32));
      testbed_->write_cfg(d, CFG_MSI_ADDR_LO, static_cast<uint32_t>(kDoorbellIova));
      testbed_->write_cfg(d, CFG_MSI_ADDR_HI, static_cast<uint32_t>(kDoorbellIova >> 32));
      testbed_->write_cfg(d, CFG_MSI_DATA, msi_data(d));
      testbed_->write_cfg(d, CFG_MSI_CTRL, CFG_MSI_CTRL_ENABLE | 3 << CFG_MSI_CTRL_MULTI_EN_SHIFT);
      testbed_->write_ep(d, EP_RING_CTRL, EP_RING_CTRL_EN | EP_RING_CTRL_USE_ATS | kLog2 << EP_RING_CTRL_LOG2_SHIFT |
                                              kVector << EP_RING_CTRL_IRQ_VEC_SHIFT);
    }
    for (unsigned round = 0; round < kRounds && gave_up_.empty(); ++round) {
      for (unsigned d = 0; d < devices; ++d) {
        for (unsigned entry = 0; entry < kEntries; ++entry) fill(d, entry, rng);
        port_wmb(testbed_->port());
        testbed_->write_ep(d, EP_RING_TAIL, (round + 1) * kEntries);
      }
      for (unsigned d = 0; d < devices && gave_up_.empty(); ++d) {
        port_src last{};
        last.kind = PORT_SRC_ATOMIC;
        last.atomic = &interrupts_[d];
        last.mask = ~uint64_t{0};
        last.value = round;
        if (port_wait(testbed_->port(), &last, 1, 64, testbed_->machine().now() + kPatience, PORT_WAIT_SLEEP) < 0) {
          gave_up_ = fmt::format("endpoint {}: no interrupt of round {}, head {}, status {}", d, round, testbed_->read_ep(d, EP_RING_HEAD),
                                 testbed_->read_ep(d, EP_RING_STATUS));
          break;
        }
        for (unsigned entry = 0; entry < kEntries; ++entry) collect(d, entry);
      }
    }
    counted_ = load(kRegion);
    for (unsigned d = 0; d < devices; ++d) {
      testbed_->write_ep(d, EP_RING_CTRL, 0);
      testbed_->write_cfg(d, CFG_MSI_CTRL, 0);
      if (odd_.empty() && gave_up_.empty() && interrupts_[d].v != kRounds)
        odd_ = fmt::format("endpoint {}: {} interrupts in {} rounds", d, interrupts_[d].v, kRounds);
    }
    testbed_->unmap_doorbell(kDoorbellIova);
    for (uint64_t p = 0; p < frames_.size(); ++p) testbed_->unmap_page(kRegion + p * kPageBytes, frames_[p]);
    over_ = true;
  }

  static constexpr uint64_t kPatience = 2000000;
  Testbed* testbed_ = nullptr;
  std::unique_ptr<Workload> workload_;
  std::vector<Addr> frames_;           // of the region
  std::vector<std::vector<Job>> jobs_;
  std::map<uint64_t, unsigned> seen_;  // values that FetchAdds found
  std::deque<port_atomic_t> interrupts_;  // of each device
  uint64_t counted_ = 0, expected_ = 0, repeated_ = 0, early_ = 0;
  std::string gave_up_, bad_, wrong_, odd_;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<Scenario> make_dma_ring() { return std::make_unique<DmaRing>(); }

}  // namespace atcbench
