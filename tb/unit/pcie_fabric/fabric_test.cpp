// SPDX-License-Identifier: Apache-2.0
//
// Root complex, links, switch and two endpoints: both topologies of D12 in one bench. Configuration and BAR accesses find
// their device, invalidations come back, a device that is gone is a local Unsupported Request (D13), and how long one
// device's invalidations wait behind another one that stops returning credits.

#include <cstdio>
#include <string>

#include "../pcie_fabric_bench.h"

namespace {

using namespace fabric;

class Fabric : public ::testing::TestWithParam<Topology> {};

TEST_P(Fabric, AccessesFindTheirDevice) {
  Bench b(GetParam());
  for (unsigned d = 0; d < 2; ++d) {
    EXPECT_FALSE(b.Write(b.Bar(d) + kFaultDelay, 0x1000 + d).error);
    const Answer id = b.Read(b.Config(d, 0));
    EXPECT_FALSE(id.error);
    EXPECT_NE(id.data, 0xffffffffu);
    EXPECT_EQ(b.Read(b.Config(d, kBar0)).data, b.Bar(d));
  }
  for (unsigned d = 0; d < 2; ++d) EXPECT_EQ(b.Read(b.Bar(d) + kFaultDelay).data, 0x1000 + d);
  // No such device, no such bus: an error, and not by a time-out.
  for (uint32_t addr : {b.Config(0, 0, 1), b.Config(2, 0)}) {
    const Answer none = b.Read(addr);
    EXPECT_TRUE(none.error) << std::hex << addr;
    EXPECT_EQ(none.data, 0xffffffffu);
    EXPECT_LT(none.cycles, 500u);
  }
}

TEST_P(Fabric, InvalidationsComeBack) {
  Bench b(GetParam());
  for (unsigned d = 0; d < 2; ++d) {
    for (unsigned itag = 0; itag < 8; ++itag) ASSERT_TRUE(b.Send(d, itag));
    for (unsigned itag = 0; itag < 8; ++itag) EXPECT_TRUE(b.Complete(d, itag, 2000)) << d << " " << itag;
  }
  // One alone: two links each way instead of one, one cycle in the switch each way.
  b.Run(500);
  ASSERT_TRUE(b.Send(1, 20));
  const uint64_t one = b.Complete(1, 20, 2000).value_or(0);
  EXPECT_EQ(one, GetParam() == kSwitch ? 214u : 108u);
}

TEST_P(Fabric, DeviceThatIsGone) {
  Bench b(GetParam());
  b.Present(1);
  b.Run(5);
  ASSERT_TRUE(b.Send(1, 3));
  b.Run(5);
  EXPECT_TRUE(b.refused(1, 3)) << "local Unsupported Request (D13)";
  ASSERT_TRUE(b.Send(0, 3));
  EXPECT_TRUE(b.Complete(0, 3, 2000));
  EXPECT_FALSE(b.refused(0, 3));
  const Answer gone = b.Read(b.Config(1, 0));
  EXPECT_TRUE(gone.error);
  EXPECT_LT(gone.cycles, 500u) << "at once, not by a time-out";
  EXPECT_FALSE(b.Read(b.Config(0, 0)).error);
}

// Device 0 takes nothing for 20,000 cycles while `ahead` of its invalidations are on the way; how long one of device 1 takes.
uint64_t Behind(Topology topology, unsigned ahead) {
  Bench b(topology);
  EXPECT_FALSE(b.Write(b.Bar(0) + kFaultDelay, 20000).error);
  EXPECT_FALSE(b.Write(b.Bar(0) + kFaultCtrl, kNeverAnswer | kNoCredit).error);
  b.Run(500);
  for (unsigned itag = 0; itag < ahead; ++itag) EXPECT_TRUE(b.Send(0, itag, 30000));
  EXPECT_TRUE(b.Send(1, 0, 30000));
  return b.Complete(1, 0, 30000).value_or(0);
}

TEST(Blocking, RootPortsNever) {
  for (unsigned ahead : {0u, 16u, 32u}) EXPECT_LE(Behind(kRootPorts, ahead), 120u) << ahead;
}
TEST(Blocking, SwitchWhileItsBuffersHave) {
  for (unsigned ahead : {0u, 16u, 23u}) EXPECT_LE(Behind(kSwitch, ahead), 230u) << ahead;
}
TEST(Blocking, SwitchWhenTheyAreFull) {
  for (unsigned ahead : {24u, 32u}) {
    const uint64_t wait = Behind(kSwitch, ahead);
    EXPECT_GT(wait, 18000u) << ahead;
    EXPECT_LT(wait, 20500u) << ahead << ": as long as the device stays dead, and no longer";
    RecordProperty("behind_" + std::to_string(ahead), std::to_string(wait));
    std::printf("behind %u requests of a device without credits: %llu cycles\n", ahead, static_cast<unsigned long long>(wait));
  }
}

INSTANTIATE_TEST_SUITE_P(Both, Fabric, ::testing::Values(kRootPorts, kSwitch),
                         [](const auto& info) { return info.param == kSwitch ? "switch" : "rootports"; });

}  // namespace
