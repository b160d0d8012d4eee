// SPDX-License-Identifier: Apache-2.0
//
// short-poll: the driver's poll limit is shorter than the hardware's time-out, as it is with real values. The batch keeps its
// pages until the SYNC is consumed (D22), and the error that comes later is charged to the batches that wait for it.
#include <fmt/format.h>

#include "fault_cycle.h"

namespace atcbench {
namespace {

class ShortPoll final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("cpu.poll_timeout") && config.time == "scaled") config.cpu.poll_timeout = config.smmu.atc_timeout / 4;
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    testbed.check("poll_limit_expired", testbed.stats().sync_expired > 0, "no wait reached the poll limit");
  }
};

}  // namespace

std::unique_ptr<Scenario> make_short_poll() { return std::make_unique<ShortPoll>(); }

}  // namespace atcbench
