// SPDX-License-Identifier: Apache-2.0
//
// shared-queue: several CPUs issue batches of two domains; the broken device is in one of them. A batch of the other domain
// waits behind the time-out (D8), may reach its poll limit there, and then finishes: it is never charged and fails nothing.
#include <fmt/format.h>

#include <cerrno>

#include "atcbench/error.h"
#include "fault_cycle.h"

namespace atcbench {
namespace {

class SharedQueue final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("system.cpus")) config.system.cpus = 4;
    if (!config.given("load.domains")) config.load.domains = 2;
    if (!config.given("cpu.poll_timeout")) config.cpu.poll_timeout = config.smmu.atc_timeout / 2;
    if (config.load.domains < 2 || config.system.cpus < 2 || config.system.devices < 2)
      throw UsageError("shared-queue needs two domains, two CPUs and two devices");
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    testbed.check("others_wait_only", others_failed_ == 0,
                  fmt::format("{} batches of the other domain were told of an error", others_failed_));
    testbed.check("stuck_behind", others_expired_ > 0, "no batch of the other domain reached its poll limit");
    testbed.figure("others_expired", others_expired_);
  }

 protected:
  void observe(const Event& e) override {
    const bool other = e.src % config().load.domains != first_faulty() % config().load.domains;
    if (e.event == EV_SYNC_FAILED && other && e.a2 == EIO) ++others_failed_;
    if (e.event == EV_SYNC_EXPIRED && other) ++others_expired_;
  }

 private:
  uint64_t others_failed_ = 0;
  uint64_t others_expired_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_shared_queue() { return std::make_unique<SharedQueue>(); }

}  // namespace atcbench
