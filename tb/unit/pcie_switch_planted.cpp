// SPDX-License-Identifier: Apache-2.0
//
// The reference model of the switch finds what is wrong: a switch with bugs that are turned on one at a time
// (tb/CMakeLists.txt has them), and without one as a control.

#include <gtest/gtest.h>

#include <string>

#include "pcie_switch_bench.h"

namespace {

// The first fault of some seeds, or nothing.
std::string FirstFault(const char* mutant) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const auto r = sw::RandomRun(seed, 3000, mutant);
    if (!r.faults.empty()) return r.faults.front();
  }
  return "";
}

TEST(SwitchPlanted, Nothing) { EXPECT_EQ(FirstFault(""), ""); }
TEST(SwitchPlanted, CompletionPassesPosted) { EXPECT_NE(FirstFault("order").find("passes a posted one"), std::string::npos); }
TEST(SwitchPlanted, SlotIsNotGivenBack) { EXPECT_NE(FirstFault("slot").find("is lost"), std::string::npos); }
// The port that misses its packet is noticed first, then the one that gets it.
TEST(SwitchPlanted, WrongPort) {
  EXPECT_NE(FirstFault("port"), "");
  unsigned strangers = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed)
    for (const std::string& fault : sw::RandomRun(seed, 3000, "port").faults) strangers += fault.find("is not for it") != std::string::npos;
  EXPECT_GT(strangers, 0u);
}
TEST(SwitchPlanted, OnePortAlwaysFirst) { EXPECT_NE(FirstFault("turns").find("starves"), std::string::npos); }

}  // namespace
