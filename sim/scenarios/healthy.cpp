// SPDX-License-Identifier: Apache-2.0
//
// healthy: N ATS devices share a domain, maps and unmaps under DMA load. Nothing may time out, no access may
// be stale, the round trip must stay well below the threshold (D19), no translated access may be refused, and what the devices
// write must arrive.
#include <fmt/format.h>

#include "atcbench/event_names.h"
#include "atcbench/figures.h"
#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "ep_regs.h"
#include "look.h"

namespace atcbench {
namespace {

class Healthy final : public Scenario {
 public:
  void configure(Config& config) const override {
    // a healthy run is shorter than the interval with which the others bridge a real time-out
    real_dma_interval(config, "100000000");
  }
  void start(Testbed& testbed) override {
    testbed.sim().log().observe([this](const Event& e) { refused_ += e.event == EV_TXN_ABORT && e.a0 == kTranslated; });
    testbed.sim().ownership().on_access([this](const Ownership::Access& a) { writes_ += a.write; });
    const uint64_t rounds = testbed.config().load.iterations;
    workload_ = std::make_unique<Workload>(testbed, [rounds](unsigned, uint64_t round) { return round < rounds; });
    workload_->start([this, &testbed] {
      for (auto& ep : testbed.endpoints()) transfers_ += testbed.read_ep(ep.index, EP_STAT_DONE);
    });
  }

  void verify(Testbed& testbed) override {
    const Config& config = testbed.config();
    const smmu_stats stats = testbed.stats();
    testbed.check("no_timeout", stats.timeouts == 0, fmt::format("{} time-outs", stats.timeouts));
    testbed.check("unmap_success", testbed.unmap_failures() == 0,
                  fmt::format("{} unmaps failed", testbed.unmap_failures()));
    testbed.check("dma_ran", transfers_ > 0 || config.load.dma_interval == 0, "no endpoint transferred anything");
    testbed.check("translated_access_passes", refused_ == 0, fmt::format("{} translated requests were aborted", refused_));
    testbed.check("writes_arrive", writes_ > 0 || !config.load.dma_writes || transfers_ < kMany,
                  fmt::format("none of {} transfers was a write that arrived", transfers_));
    const Figures figures = derive_figures(testbed.sim().log().events());
    const auto trip = figures.find("inv.round_trip");
    if (trip != figures.end())
      testbed.check("round_trip_below_quarter", trip->second.max() * 4 <= config.smmu.atc_timeout,
                    fmt::format("round trip {} cycles, threshold {}", trip->second.max(), config.smmu.atc_timeout));
    if (config.load.use_ats)
      testbed.check("invalidations_sent", trip != figures.end(), "no invalidation completed");
  }

 private:
  static constexpr uint32_t kTranslated = 2;  // AT
  static constexpr uint64_t kMany = 32;       // transfers, half of them writes

  std::unique_ptr<Workload> workload_;
  uint64_t transfers_ = 0, refused_ = 0, writes_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_healthy() { return std::make_unique<Healthy>(); }

}  // namespace atcbench
