// SPDX-License-Identifier: Apache-2.0
//
// The AArch64 port on a fake design: calls, hypercalls, messages, costs, and what a wild pointer comes to.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atcbench/driver_call.h"
#include "atcbench/error.h"
#include "sim_fake_model.h"

namespace atcbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Bench {
  explicit Bench(const std::string& port, uint64_t cpi = 1, unsigned cpus = 2)
      : sim(config(port, cpi, cpus), std::make_unique<FakeModel>(kNever / 2), {}) {
    sim.reset();
    sim.machine().on_log([this](Cycle, unsigned cpu, port_log_level level, const std::string& line) {
      lines.push_back(fmt::format("{} {} {}", cpu, static_cast<int>(level), line));
    });
  }
  static Config config(const std::string& port, uint64_t cpi, unsigned cpus) {
    Config c;
    c.system.cpus = cpus;
    c.system.dram_mib = 64;
    c.cpu.port = port;
    c.cpu.cpi = cpi;
    c.finish();
    return c;
  }
  // In a task of that CPU, from cycle `at` on.
  void run(unsigned cpu, std::function<void()> body, Cycle at = 200) {
    machine().spawn(cpu, "test", std::move(body), at);
    EXPECT_EQ(sim.run([this] { return machine().finished(); }, 1'000'000), StopReason::kDone);
  }
  Machine& machine() { return sim.machine(); }

  Simulation sim;
  std::vector<std::string> lines;
};

int probe(Bench& bench, unsigned cpu, const char* policy) {
  int result = 0;
  bench.run(cpu, [&] {
    smmu_platform plat;
    smmu_platform_init(&plat);
    plat.base = kSmmuBase;
    plat.policy = policy;
    smmu* made = nullptr;
    result = driver_call(bench.machine(), smmu_probe, bench.machine().handle(), &plat, &made);
    EXPECT_EQ(made, nullptr);
  });
  return result;
}

TEST(Aarch64, SameResultAndSameMessages) {
  for (const char* policy : {"minimal", "no such policy"}) {
    Bench native("native"), aarch64("aarch64");
    const int expected = probe(native, 1, policy);
    EXPECT_LT(expected, 0);
    EXPECT_EQ(probe(aarch64, 1, policy), expected);
    EXPECT_EQ(aarch64.lines, native.lines);
    EXPECT_THAT(native.lines, Not(IsEmpty()));
  }
}

TEST(Aarch64, AWildPointerNamesItsFunction) {
  Bench bench("aarch64");
  try {
    bench.run(0, [&] { driver_call(bench.machine(), pci_bdf, static_cast<const pci_dev*>(nullptr)); });
    FAIL() << "no error";
  } catch (const HostError& e) {
    EXPECT_THAT(e.what(), HasSubstr("pci_bdf+"));
  }
}

// One load of the CPU's own memory, where the tasks' stacks are.
Cycle cost(uint64_t cpi) {
  Bench bench("aarch64", cpi);
  Cycle cycles = 0;
  bench.run(0, [&] {
    const Cycle start = bench.machine().now();
    driver_call(bench.machine(), iommu_device_pci, reinterpret_cast<const iommu_device*>(0x4000800000));
    cycles = bench.machine().now() - start;
  });
  return cycles;
}

TEST(Aarch64, EachInstructionCostsCpi) {
  EXPECT_GE(cost(1), 3u);  // load, return, the hypercall that ends the call
  EXPECT_LE(cost(1), 8u);
  EXPECT_EQ(cost(3), 3 * cost(1));
}

TEST(Aarch64, AFunctionThatNobodyListedIsRefused) {
  Bench bench("aarch64");
  try {
    bench.run(0, [&] { driver_call(bench.machine(), smmu_policy_name, 0u); });
    FAIL() << "no error";
  } catch (const HostError& e) {
    EXPECT_THAT(e.what(), HasSubstr("aarch64_functions.cpp"));
  }
}

}  // namespace
}  // namespace atcbench
