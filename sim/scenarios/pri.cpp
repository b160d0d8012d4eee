// SPDX-License-Identifier: Apache-2.0
//
// pri: nothing is mapped until a device asks for it. Devices fault at random in a window that the CPUs keep unmapping; the
// driver takes the page requests, maps, and answers. In the middle fault.count devices stop answering invalidations, with
// page requests in flight: they are quarantined, asked nothing, reset, and fault pages in again. Each request is answered
// once (oracle page_requests_answered_once). One page of each CPU's window is nobody's: asking for it is an invalid request.
// With load.pasid every device is in several domains, by Requester ID in one and by PASID in the others, and faults in each of them
// in turn: the response carries the PASID of its requests.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "atcbench/error.h"
#include "fault_cycle.h"
#include "look.h"

namespace atcbench {
namespace {

constexpr uint32_t kSuccess = 0, kInvalid = 1, kFailure = 15;
constexpr Cycle kTurn = 3000;  // in one domain

class Pri final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (config.given("load.pri") && !config.load.pri) throw UsageError("pri needs load.pri = 1");
    if (config.load.pasid && !config.given("load.domains")) config.load.domains = 2;
    if (config.load.pasid && config.load.domains < 2) throw UsageError("load.pasid = 1 needs several domains: load.domains >= 2");
    if (config.load.domains > config.system.cpus) throw UsageError("pri needs a CPU for each domain: load.domains <= system.cpus");
    if (config.cpu.port != "native") throw UsageError("pri needs cpu.port = native: who grants the pages is not AArch64 code");
    if (config.load.pages < 2) throw UsageError("pri needs load.pages >= 2: one of them is never mapped");
    config.load.pri = 1;
    // room for all that may be outstanding
    if (!config.given("driver.priq_log2"))
      config.driver.priq_log2 = std::max<uint64_t>(config.driver.priq_log2, log2_ceil(config.system.devices * kPageRequests));
    real_dma_interval(config, "10000000");
    FaultCycle::configure(config);
  }

  // With real times next to nothing but thresholds passes before the cycles are over.
  uint64_t rounds_after() const override { return config().time == "real" ? 100 : 0; }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    const smmu_stats stats = testbed.stats();
    const uint64_t devices = config().system.devices;
    asked_.resize(std::max<size_t>(asked_.size(), devices));
    uint64_t silent = 0, asked = 0;
    for (unsigned i = 0; i < devices; ++i) {
      asked += asked_[i];
      silent += asked_[i] == 0;
    }
    testbed.check("everybody_asked", silent == 0, fmt::format("{} devices never asked for a page", silent));
    testbed.check("pages_granted", told_[kSuccess] > 0, "no page request was granted");
    testbed.check("hole_refused", told_[kInvalid] > 0, "nobody was told that a page is nobody's");
    testbed.check("faulted_in_again", back_ > 0, "no device that was reset has faulted a page in again");
    if (config().load.pasid) {
      std::set<uint64_t> missing;  // of those that a device uses; 0: without one
      for (const auto& ep : testbed.endpoints())
        for (unsigned domain = 0; domain < config().load.domains; ++domain)
          if (granted_[testbed.pasid_of(ep, domain)] == 0) missing.insert(testbed.pasid_of(ep, domain));
      testbed.check("every_pasid_granted", missing.empty(), fmt::format("no page was granted for PASIDs {}", fmt::join(missing, ", ")));
    }
    testbed.check("driver_answered", stats.page_responses <= stats.page_requests,
                  fmt::format("{} requests, {} responses", stats.page_requests, stats.page_responses));
    // With room for two requests a device, some are not queued; the SMMU answers them by itself. In between it depends on the load.
    const uint64_t room = uint64_t{1} << config().driver.priq_log2;
    if (room * 2 <= devices * 4)
      testbed.check("overflow_seen", stats.page_overflows > 0 && asked > stats.page_requests,
                    fmt::format("{} overflows, {} asked, {} queued", stats.page_overflows, asked, stats.page_requests));
    else if (room >= devices * kPageRequests)
      testbed.check("nothing_lost", stats.page_overflows == 0, fmt::format("{} overflows", stats.page_overflows));
    testbed.figure("page_requests", asked);
    testbed.figure("page_success", told_[kSuccess]);
    testbed.figure("page_invalid", told_[kInvalid]);
    testbed.figure("page_failure", told_[kFailure]);
    testbed.figure("page_overflows", stats.page_overflows);
    testbed.figure("page_latency_max", longest_);
  }

 protected:
  std::function<void()> beside() override {
    if (!config().load.pasid) return {};
    return [this] {
      for (unsigned turn = 1; !finished(); ++turn) {
        testbed().machine().sleep(std::max<Cycle>(kTurn, config().load.hold));
        for (auto& ep : testbed().endpoints())
          if (ep.dma_wanted) testbed().dma_in(ep, turn % static_cast<unsigned>(config().load.domains));
      }
    };
  }
  // The device that was reset must fault something in before the run may end.
  bool over(const Device& d) const override { return FaultCycle::over(d) && back_ > 0; }
  void observe(const Event& e) override {
    if (asked_.size() <= e.src && (e.event == EV_PAGE_ASKED)) asked_.resize(e.src + 1u);
    if (e.event == EV_PAGE_ASKED) {
      ++asked_[e.src];
      since_[{e.src, e.a0}] = e.cycle;
    }
    if (e.event == EV_PAGE_ANSWERED) {
      ++told_[e.a1];
      if (e.a1 == kSuccess) ++granted_[e.a2];
      longest_ = std::max(longest_, e.cycle - since_[{e.src, e.a0}]);
      if (e.a1 == kSuccess && device(e.src).flrs) ++back_;
    }
  }

 private:
  std::vector<uint64_t> asked_;
  std::map<uint64_t, uint64_t> told_;     // by code
  std::map<uint64_t, uint64_t> granted_;  // by PASID, 0 = none
  std::map<std::pair<uint16_t, uint32_t>, Cycle> since_;
  Cycle longest_ = 0;
  uint64_t back_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_pri() { return std::make_unique<Pri>(); }

}  // namespace atcbench
