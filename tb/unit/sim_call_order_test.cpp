// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "atcbench/call_order.h"

namespace atcbench {
namespace {

constexpr Addr kWord = 0x1000;

TEST(CallOrder, WithoutAWriteOfTheSmmuNothingWasBefore) {
  EXPECT_EQ(CallOrder().before_smmu(kWord, 4, 0), std::nullopt);
}

TEST(CallOrder, AWordThatTheSmmuWroteHeldSomethingBefore) {
  CallOrder order;
  order.smmu_wrote(kWord, 1, 2);
  EXPECT_EQ(order.before_smmu(kWord, 4, 2), 1u);
  order.smmu_wrote(kWord, 2, 3);
  EXPECT_EQ(order.before_smmu(kWord, 4, 3), 2u);
}

TEST(CallOrder, AWordThatACpuChangedSinceIsNotTheSmmus) {
  CallOrder order;
  order.smmu_wrote(kWord, 1, 2);
  EXPECT_EQ(order.before_smmu(kWord, 4, 5), std::nullopt);
}

TEST(CallOrder, EightBytesChangeWordByWord) {
  CallOrder order;
  order.smmu_wrote(kWord + 4, 1, 2);
  EXPECT_EQ(order.before_smmu(kWord, 8, 0x2'0000'0007), 0x1'0000'0007u);
  order.smmu_wrote(kWord, 6, 7);
  EXPECT_EQ(order.before_smmu(kWord, 8, 0x2'0000'0007), 0x1'0000'0006u);
  EXPECT_EQ(order.before_smmu(kWord, 8, 0x3'0000'0007), std::nullopt);
}

}  // namespace
}  // namespace atcbench
