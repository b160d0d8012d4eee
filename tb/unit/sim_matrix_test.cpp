// SPDX-License-Identifier: Apache-2.0
//
// The matrix's table: nothing in it is dead or misspelt, and the last entry that fits counts.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "atcbench/config.h"
#include "atcbench/scenario.h"
#include "matrix_rows.h"

extern "C" {
#include "smmu.h"
}

namespace atcbench {
namespace {

bool policy_exists(const std::string& name) {
  for (unsigned i = 0; const char* p = smmu_policy_name(i); ++i)
    if (name == p) return true;
  return false;
}

TEST(Matrix, RowsCanRun) {
  for (const MatrixRow& row : matrix_rows()) {
    EXPECT_NO_THROW(find_scenario(row.scenario));
    EXPECT_GE(row.devices.size() + row.cpus.size(), 2u);
    for (unsigned devices : row.devices)
      for (unsigned cpus : row.cpus) {
        Config config;
        config.set("system.devices", std::to_string(devices));
        config.set("system.cpus", std::to_string(cpus));
        for (const char* setting : row.settings) config.set(setting);
        config.finish();
        EXPECT_NO_THROW(find_scenario(row.scenario).create()->configure(config)) << row.scenario;
      }
  }
}

TEST(Matrix, EveryExpectationCounts) {
  for (const Expectation& e : expectations()) {
    for (const char* policy : e.policies) {
      EXPECT_TRUE(policy_exists(policy)) << policy;
      bool used = false;
      for (const MatrixRow& row : matrix_rows())
        for (unsigned devices : row.devices) used |= &expectation_of(row, policy, devices) == &e;
      EXPECT_TRUE(used) << e.scenario << " " << policy << ": another entry hides it, or no row fits";
    }
    for (const char* check : e.fails)
      for (const char* other : e.may_fail) EXPECT_STRNE(check, other) << e.scenario;
  }
}

TEST(Matrix, WithoutAnEntryAllHoldsAndNothingIsStale) {
  for (const MatrixRow& row : matrix_rows()) {
    const Expectation& e = expectation_of(row, "minimal", row.devices.back());
    EXPECT_TRUE(e.fails.empty() && e.may_fail.empty()) << row.scenario;
    ASSERT_EQ(e.bounds.size(), 1u);
    EXPECT_STREQ(e.bounds[0].figure, "stale");
    EXPECT_EQ(e.bounds[0].max, 0u);
  }
}

TEST(Matrix, PoliciesThatMustNotLeaveAStalePageNeverMay) {
  for (const Expectation& e : expectations())
    for (const char* policy : e.policies) {
      if (!std::strcmp(policy, "legacy") || !std::strcmp(policy, "isr-reset")) continue;
      for (const auto& list : {e.fails, e.may_fail})
        for (const char* check : list) EXPECT_STRNE(check, "stale_access") << e.scenario << " " << policy;
    }
}

TEST(Matrix, NumberOfDevicesAndSettingChoose) {
  const MatrixRow plain = {"hang", {1, 4}, {2}, {}};
  EXPECT_EQ(expectation_of(plain, "block-all", 1).fails.size(), 0u);
  EXPECT_EQ(expectation_of(plain, "block-all", 4).fails.size(), 1u);
  const MatrixRow prepare = {"flr-race", {2}, {2}, {}}, raw = {"flr-race", {2}, {2}, {"fault.reset=raw"}};
  EXPECT_TRUE(expectation_of(prepare, "block-all", 2).fails.empty());
  EXPECT_FALSE(expectation_of(raw, "block-all", 2).fails.empty());
}

}  // namespace
}  // namespace atcbench
