// SPDX-License-Identifier: Apache-2.0
//
// The reference model of the switch finds what is wrong: a switch with bugs that `plant` turns on one at a time
// (tb/CMakeLists.txt has them), and without one as a control.

#include <gtest/gtest.h>

#include <string>

#include "pcie_switch_bench.h"

namespace {

// The first fault of some seeds, or nothing.
std::string FirstFault(unsigned plant) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const auto r = sw::RandomRun(seed, 3000, plant);
    if (!r.faults.empty()) return r.faults.front();
  }
  return "";
}

TEST(SwitchPlanted, Nothing) { EXPECT_EQ(FirstFault(0), ""); }
TEST(SwitchPlanted, CompletionPassesPosted) { EXPECT_NE(FirstFault(1).find("passes a posted one"), std::string::npos); }
TEST(SwitchPlanted, SlotIsNotGivenBack) { EXPECT_NE(FirstFault(2).find("is lost"), std::string::npos); }
// The port that misses its packet is noticed first, then the one that gets it.
TEST(SwitchPlanted, WrongPort) {
  EXPECT_NE(FirstFault(3), "");
  unsigned strangers = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed)
    for (const std::string& fault : sw::RandomRun(seed, 3000, 3).faults) strangers += fault.find("is not for it") != std::string::npos;
  EXPECT_GT(strangers, 0u);
}
TEST(SwitchPlanted, OnePortAlwaysFirst) { EXPECT_NE(FirstFault(4).find("starves"), std::string::npos); }

}  // namespace
