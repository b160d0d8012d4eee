// SPDX-License-Identifier: Apache-2.0
//
// cmdq-error: an illegal command and an aborted command fetch. Each stops the queue once, is handled by the
// driver, and the queue goes on; the load around them sees nothing.
#include <fmt/format.h>

#include <cerrno>

#include "atcbench/scenario.h"
#include "atcbench/workload.h"
#include "smmu_fmt.h"
#include "smmu_regs.h"

namespace atcbench {
namespace {

constexpr uint64_t kReservedOpcode = 0x8F;

class CmdqError final : public Scenario {
 public:
  void start(Testbed& testbed) override {
    const uint64_t rounds = testbed.config().load.iterations;
    workload_ = std::make_unique<Workload>(testbed, [this, &testbed, rounds](unsigned cpu, uint64_t round) {
      if (cpu == 0 && round == rounds / 3) illegal(testbed);
      if (cpu == 0 && round == 2 * rounds / 3) abort_fetch(testbed);
      return round < rounds;
    });
    workload_->start();
  }

  void verify(Testbed& testbed) override {
    const smmu_stats stats = testbed.stats();
    testbed.check("illegal_reported", illegal_result_ == -EINVAL,
                  fmt::format("smmu_raw_commands returned {}, -EINVAL expected", illegal_result_));
    testbed.check("cerror_ill_once", stats.cerror_ill == 1, fmt::format("{} CERROR_ILL", stats.cerror_ill));
    testbed.check("cerror_abt_once", stats.cerror_abt == 1, fmt::format("{} CERROR_ABT", stats.cerror_abt));
    testbed.check("no_timeout", stats.timeouts == 0, fmt::format("{} time-outs", stats.timeouts));
    testbed.check("unmap_success", testbed.unmap_failures() == 0,
                  fmt::format("{} unmaps failed", testbed.unmap_failures()));
  }

 private:
  void illegal(Testbed& testbed) {
    const uint64_t commands[3][2] = {{OP_TLBI_NSNH_ALL, 0}, {kReservedOpcode, 0}, {OP_TLBI_NSNH_ALL, 0}};
    illegal_result_ = testbed.call(smmu_raw_commands, testbed.smmu(), commands_argument(commands, 3), 3u);
  }

  // BASE of the queue that CPU 0 uses: with enhanced ones the first of them.
  static uint64_t queue_base(Testbed& testbed) {
    const bool enhanced = testbed.config().smmu.ecmdqs && testbed.config().driver.ecmdq;
    return port_read64(testbed.port(), kSmmuBase + (enhanced ? SMMU_ECMDQ_BASE : SMMU_CMDQ_BASE));
  }
  // The next read of the queue's memory is answered with an error.
  void abort_fetch(Testbed& testbed) {
    const uint64_t base = queue_base(testbed);
    const unsigned log2 = static_cast<unsigned>(base & SMMU_CMDQ_BASE_LOG2SIZE_MASK);
    const Addr first = base & SMMU_CMDQ_BASE_ADDR_MASK;
    testbed.sim().tcu_memory().add_abort_range({first, first + (Addr{16} << log2) - 1, true, false, 1});
  }

  std::unique_ptr<Workload> workload_;
  int illegal_result_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_cmdq_error() { return std::make_unique<CmdqError>(); }

}  // namespace atcbench
