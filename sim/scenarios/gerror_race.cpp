// SPDX-License-Identifier: Apache-2.0
//
// gerror-race: waiters keep interrupts on and look at GERROR often, so the handler and several pollers meet each error in the
// same window; meanwhile another GERROR bit comes up, by an MSI of a SYNC that memory refuses. Each error is acknowledged
// once, charged to its owner, and the other bit is the handler's.
#include <fmt/format.h>

#include "fault_cycle.h"
#include "smmu_fmt.h"
#include "smmu_regs.h"

namespace atcbench {
namespace {

class GerrorRace final : public FaultCycle {
 public:
  void configure(Config& config) const override {
    if (!config.given("system.cpus")) config.system.cpus = 4;
    if (!config.given("cpu.poll_period")) config.cpu.poll_period = config.time == "real" ? 200 : 4;
    // the SYNC whose MSI is lost is found through CONS at the limit
    if (!config.given("cpu.poll_timeout")) config.cpu.poll_timeout = config.smmu.atc_timeout + config.smmu.atc_timeout / 2;
    config.driver.sync_irq_off = 0;
    FaultCycle::configure(config);
  }
  void verify(Testbed& testbed) override {
    FaultCycle::verify(testbed);
    const smmu_stats stats = testbed.stats();
    testbed.check("one_error_once", stats.timeouts == sync_errors_ && cmdq_acks_ == sync_errors_,
                  fmt::format("{} errors, {} serviced, {} acknowledged", sync_errors_, stats.timeouts, cmdq_acks_));
    testbed.check("other_bit_once", stats.other_gerrors == 1 && other_acks_ == 1,
                  fmt::format("the other bit was seen {} times, acknowledged {} times", stats.other_gerrors, other_acks_));
    testbed.figure("met_by_poller", stats.gerror_polls);
    testbed.figure("met_by_handler", sync_errors_ - std::min(sync_errors_, stats.gerror_polls));
    testbed.figure("lost_the_lock", stats.gerror_lost);
  }

 protected:
  // After all of a CPU's batches have signalled, so that exactly one SYNC of another one is hit.
  void before_fault() override {
    if (msi_) testbed().sim().tcu_memory().add_abort_range({msi_ & ~Addr{4095}, msi_ | 4095, false, true, 1});
  }
  void observe(const Event& e) override {
    if (e.event == EV_CMD_WRITTEN && (e.a1 & 0xff) == OP_SYNC && (e.a2 & CMD_SYNC1_MSIADDR)) msi_ = e.a2 & CMD_SYNC1_MSIADDR;
    if (e.event == EV_SYNC_ERROR) ++sync_errors_;
    if (e.event == EV_GERROR_ACK) {
      const uint32_t changed = e.a0 ^ acked_;
      if (changed & SMMU_GERROR_CMDQ_ERR) ++cmdq_acks_;
      if (changed & ~(SMMU_GERROR_CMDQ_ERR | SMMU_GERROR_CMDQP_ERR)) ++other_acks_;
      acked_ = e.a0;
    }
    if (e.event == EV_ECMDQ_ACK) ++cmdq_acks_;  // CMDQP_ERR is of them all
  }

 private:
  Addr msi_ = 0;
  uint32_t acked_ = 0;
  uint64_t sync_errors_ = 0;
  uint64_t cmdq_acks_ = 0;
  uint64_t other_acks_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_gerror_race() { return std::make_unique<GerrorRace>(); }

}  // namespace atcbench
