// SPDX-License-Identifier: Apache-2.0
//
// sva: every device is in several domains, by Requester ID in one and by PASID in the others, and uses them in turn; unmaps
// are called with interrupts off, as a notifier calls them. When a device stops answering, every domain stops sending to it,
// and no unmap sleeps (a wait that gives the CPU away with interrupts off ends the run).
#include <fmt/format.h>

#include <set>

#include "atcbench/error.h"
#include "fault_cycle.h"
#include "smmu_fmt.h"

namespace atcbench {
namespace {

constexpr Cycle kTurn = 1500;  // in one domain

class Sva final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("load.domains")) config.load.domains = 2;
    if (!config.given("load.pasid")) config.load.pasid = 1;
    if (!config.given("load.irq_off")) config.load.irq_off = 1;
    if (config.load.domains < 2) throw UsageError("sva needs several domains: load.domains >= 2");
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    testbed.check("every_domain_marked", unmarked_ == 0,
                  fmt::format("{} isolations marked the device in fewer than {} domains", unmarked_, config().load.domains));
    testbed.check("every_domain_stops", late_ == 0, fmt::format("{} invalidations of a device that was marked everywhere", late_));
    testbed.check("pasids_used", with_pasid_ > 0 && without_ > 0,
                  fmt::format("{} translation requests with a PASID, {} without", with_pasid_, without_));
    testbed.figure("with_pasid", with_pasid_);
  }

 protected:
  std::function<void()> beside() override {
    return [this] {
      for (unsigned turn = 1; !finished(); ++turn) {
        testbed().machine().sleep(std::max<Cycle>(kTurn, config().load.hold));
        for (auto& ep : testbed().endpoints())
          if (ep.dma_wanted) testbed().dma_in(ep, turn % static_cast<unsigned>(config().load.domains));
      }
    };
  }
  void observe(const Event& e) override {
    switch (e.event) {
      case EV_INVS_MARKED:
        marked_[e.a0].insert(e.a1);
        if (marked_[e.a0].size() == config().load.domains) marked_at_[e.a0] = e.cycle;
        break;
      case EV_UNMAP_ENTER:
        entered_[e.src] = e.cycle;
        break;
      case EV_QUARANTINED:
        unmarked_ += marked_[e.a0].size() != config().load.domains;
        break;
      case EV_INVS_UNMARKED:
      case EV_RESET_PREPARE:
        marked_.erase(e.a0);
        break;
      case EV_CMD_WRITTEN:
        // An unmap that had looked at its list before the last mark may still send what it saw.
        if ((e.a1 & 0xff) == OP_ATC_INV) {
          const auto it = marked_.find(static_cast<uint32_t>(e.a1 >> 32));
          late_ += it != marked_.end() && it->second.size() == config().load.domains && entered_[e.src] > marked_at_[it->first];
        }
        break;
      case EV_XLAT_REQ:
        ++(e.a1 ? with_pasid_ : without_);
        break;
      default:
        break;
    }
  }

 private:
  std::map<uint64_t, std::set<uint64_t>> marked_;  // StreamID -> domains
  std::map<uint64_t, Cycle> marked_at_;            // in all of them
  std::map<uint16_t, Cycle> entered_;              // CPU -> its last unmap's begin
  uint64_t unmarked_ = 0, late_ = 0, with_pasid_ = 0, without_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_sva() { return std::make_unique<Sva>(); }

}  // namespace atcbench
