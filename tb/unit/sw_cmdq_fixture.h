// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the command queues have in common (sw_cmdq_test: one queue; sw_ecmdq_test: several).

#ifndef ATCBENCH_SW_CMDQ_FIXTURE_H_
#define ATCBENCH_SW_CMDQ_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "sw_fake_smmu.h"

extern "C" {
#include "../../sw/smmu/smmu_master.h"
}

namespace sw {

class CmdqFixture : public ::testing::Test {
 protected:
  explicit CmdqFixture(unsigned cpus = 5) : m(cpus) {
    smmu_platform_init(&plat);
    plat.base = fake::kSmmu;
    plat.cmdq_log2 = 7;
    plat.atc_timeout = 2000;
    plat.poll_timeout = 1000000;
    plat.irq_cpu = cpus - 1;  // nobody unless a test starts a thread there: pollers only
  }
  void Probe() {
    ASSERT_EQ(smmu_probe(m.p, &plat, &s), 0);
    base_commands = m.consumed.size();
  }
  void TearDown() override {
    if (s) smmu_remove(s);
    EXPECT_EQ(port_host_allocs(m.p), 0u);
    EXPECT_EQ(m.overfull, 0u);
  }
  static smmu_batch Tlbis(uint16_t asid, unsigned n) {
    smmu_batch b{};
    for (unsigned i = 0; i < n; i++) b.cmd[b.n++] = cmd_tlbi_nh_va(0, asid, uint64_t{i} << 12);
    return b;
  }
  static smmu_batch Atc(const std::vector<uint32_t>& sids) {
    smmu_batch b{};
    b.atc = true;
    for (uint32_t sid : sids) b.cmd[b.n++] = cmd_atc_inv(sid, 0, atc_range{0x1000, 0});
    return b;
  }
  int Issue(unsigned cpu, const smmu_batch& b) {
    port_host_set_cpu(m.p, cpu);
    return smmu_cmdq_issue(s, &b, nullptr);
  }
  smmu_stats Stats() {
    smmu_stats st;
    smmu_stats_get(s, &st);
    return st;
  }

  // Four CPUs, each with a device of its own; every third batch names a dead one, and its CPU is told, and no other. With a thread on the
  // CPU of the interrupt, or with pollers alone.
  static constexpr unsigned kBlamed = 80;  // batches
  void OnlyTheOwnerIsTold(bool irq_thread) {
    constexpr unsigned kThreads = 4;
    for (unsigned k = 0; k < 2 * kThreads; k++) m.AddFunction(static_cast<uint16_t>((k + 1) << 8));
    for (unsigned k = 0; k < kThreads; k++) m.fn[static_cast<uint16_t>((kThreads + k + 1) << 8)].dead = true;
    Probe();

    port_host_set_jitter(m.p, 5);
    std::atomic<bool> stop{false};
    std::atomic<unsigned> failed{0};
    std::thread irq;
    if (irq_thread) {
      irq = std::thread([&] {
        port_host_set_cpu(m.p, plat.irq_cpu);
        while (!stop) {
          port_host_advance(m.p, 1);
          std::this_thread::yield();
        }
      });
    }
    std::vector<std::thread> threads;
    for (unsigned k = 0; k < kThreads; k++) {
      threads.emplace_back([&, k] {
        const uint32_t good = (k + 1) << 8, bad = (kThreads + k + 1) << 8;
        for (unsigned i = 0; i < 60; i++) {
          const bool with_bad = i % 3 == k % 3;
          const smmu_batch b = with_bad ? Atc({good, bad, good}) : i % 3 == 0 ? Tlbis(1, 2) : Atc({good, good});
          ASSERT_EQ(Issue(k, b), with_bad ? -EIO : 0) << "thread " << k << " batch " << i;
          failed += with_bad;
        }
      });
    }
    for (auto& t : threads) t.join();
    stop = true;
    if (irq_thread) irq.join();
    const auto st = Stats();
    EXPECT_EQ(failed, kBlamed);
    EXPECT_EQ(st.timeouts, m.errors_raised);
    EXPECT_GE(st.timeouts, kBlamed);
    EXPECT_EQ(st.foreign_errors, 0u);
    if (!irq_thread) {
      EXPECT_EQ(st.gerror_irqs, 0u);
      EXPECT_GT(st.gerror_polls, 0u);
    }
  }

  fake::Machine m;
  smmu_platform plat;
  smmu* s = nullptr;
  size_t base_commands = 0;
};

}  // namespace sw

#endif  // ATCBENCH_SW_CMDQ_FIXTURE_H_
