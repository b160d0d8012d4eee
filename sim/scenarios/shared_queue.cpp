// SPDX-License-Identifier: Apache-2.0
//
// shared-queue: several CPUs issue batches of two domains; the broken device is in one of them. A batch of the other domain
// waits behind the time-out (D8), may reach its poll limit there, and then finishes: it is never charged and fails nothing. With enhanced
// command queues it waits only if a CPU of the broken domain uses the same one.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>

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
    bool shared = false;
    for (uint16_t cpu = 0; cpu < config().system.cpus; ++cpu) shared |= other(cpu) && in_broken_queue(cpu);
    testbed.check("stuck_behind", !shared || others_expired_ > 0, "no batch of the other domain reached its poll limit");
    testbed.check("own_queue_is_free", apart_expired_ == 0,
                  fmt::format("{} waits in queues without a batch of the broken domain reached their poll limit", apart_expired_));
    testbed.figure("others_expired", others_expired_);
  }

 protected:
  void observe(const Event& e) override {
    if (e.event == EV_SYNC_WAIT) queue_of_[e.src] = queue_of_slot(e.a0);
    if (e.event == EV_SYNC_FAILED && other(e.src) && e.a2 == EIO) ++others_failed_;
    if (e.event == EV_SYNC_EXPIRED && other(e.src)) ++(in_broken_queue(e.src) ? others_expired_ : apart_expired_);
  }

 private:
  bool other(uint16_t cpu) const { return cpu % config().load.domains != first_faulty() % config().load.domains; }
  bool in_broken_queue(uint16_t cpu) const {
    return std::any_of(queue_of_.begin(), queue_of_.end(),
                       [&](const auto& of) { return !other(of.first) && of.second == queue_of_.at(cpu); });
  }

  std::map<uint16_t, uint32_t> queue_of_;  // of each CPU
  uint64_t others_failed_ = 0;
  uint64_t others_expired_ = 0;  // behind batches of the broken domain
  uint64_t apart_expired_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_shared_queue() { return std::make_unique<SharedQueue>(); }

}  // namespace atcbench
