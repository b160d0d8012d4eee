// SPDX-License-Identifier: Apache-2.0
//
// Root complex, links, switch and two endpoints: both topologies of D12 in one bench. Configuration and BAR accesses find
// their device, invalidations come back, a device that is gone is a local Unsupported Request (D13), and how long one
// device's invalidations wait behind another one that stops returning credits.

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "Vpcie_fabric_tb.h"

namespace {

enum Topology { kRootPorts, kSwitch };

constexpr uint32_t kCommand = 0x04, kBar0 = 0x10;
constexpr uint32_t kFaultCtrl = 0x100, kFaultDelay = 0x104, kNeverAnswer = 1u << 0, kNoCredit = 1u << 20;
constexpr unsigned kLatency = 50;

struct Answer {
  bool error;
  uint32_t data;
  uint64_t cycles;
};

class Bench {
 public:
  explicit Bench(Topology topology) : first_bus_(topology == kSwitch ? 3 : 1) {
    top_.sel_i = topology == kSwitch;
    top_.latency_i = kLatency;
    top_.present_i = 3;
    top_.rst_ni = 0;
    top_.eval();
    Edge();
    top_.rst_ni = 1;
    for (unsigned d = 0; d < 2; ++d) {
      EXPECT_FALSE(Write(Config(d, kBar0), Bar(d)).error);
      EXPECT_FALSE(Write(Config(d, kCommand), 0x6).error);
    }
  }

  uint64_t now() const { return now_; }
  uint32_t Config(unsigned d, uint32_t reg, unsigned device = 0) const {
    return 0x40000000 + ((first_bus_ + d) << 20) + (device << 15) + reg;
  }
  static uint32_t Bar(unsigned d) { return 0x50000000 + (d << 16); }
  uint16_t Rid(unsigned d) const { return static_cast<uint16_t>((first_bus_ + d) << 8); }
  void Present(unsigned mask) { top_.present_i = static_cast<uint8_t>(mask); }

  Answer Write(uint32_t addr, uint32_t data) { return Access(true, addr, data); }
  Answer Read(uint32_t addr) { return Access(false, addr, 0); }

  // Cycles until the root complex takes it; nothing if it does not.
  std::optional<uint64_t> Send(unsigned d, unsigned itag, uint64_t limit = 100) {
    top_.inv_valid_i = static_cast<uint8_t>(1u << d);
    top_.inv_itag_i = static_cast<uint8_t>(itag);
    const uint64_t start = now_;
    std::optional<uint64_t> taken;
    while (!taken && now_ - start < limit) {
      Look();
      if (top_.inv_ready_o >> d & 1) taken = now_ - start;
      Edge();
    }
    top_.inv_valid_i = 0;
    return taken;
  }
  // Cycles until the completion of that tag; nothing if it does not come.
  std::optional<uint64_t> Complete(unsigned d, unsigned itag, uint64_t limit) {
    const uint64_t start = now_;
    while (now_ - start < limit) {
      if (completed_[d] >> itag & 1) return now_ - start;
      Cycle();
    }
    return std::nullopt;
  }
  bool refused(unsigned d, unsigned itag) const { return refused_[d] >> itag & 1; }
  void Run(uint64_t cycles) {
    while (cycles--) Cycle();
  }

 private:
  Vpcie_fabric_tb top_;
  unsigned first_bus_;
  uint64_t now_ = 0;
  uint32_t completed_[2] = {}, refused_[2] = {};

  void Look() {
    top_.now_i = now_;
    top_.clk_i = 0;
    top_.eval();
    for (unsigned d = 0; d < 2; ++d) {
      if (top_.cpl_valid_o && top_.cpl_rid_o == Rid(d)) completed_[d] |= top_.cpl_itags_o;
      if (top_.ur_valid_o && top_.ur_rid_o == Rid(d)) refused_[d] |= 1u << top_.ur_itag_o;
    }
  }
  void Edge() {
    top_.clk_i = 1;
    top_.eval();
    ++now_;
  }
  void Cycle() {
    Look();
    Edge();
  }
  Answer Access(bool write, uint32_t addr, uint32_t data) {
    top_.addr_i = addr;
    top_.wdata_i = data;
    (write ? top_.write_i : top_.read_i) = 1;
    const uint64_t start = now_;
    bool taken = false;
    for (;;) {
      Look();
      if (taken && top_.done_o) break;
      const bool take = !taken && top_.taken_o;
      if (now_ - start > 20000) {
        ADD_FAILURE() << "no answer to " << std::hex << addr;
        break;
      }
      Edge();
      if (take) {
        taken = true;
        top_.write_i = top_.read_i = 0;
      }
    }
    const Answer a{top_.error_o != 0, top_.rdata_o, now_ - start};
    Edge();
    return a;
  }
};

class Fabric : public ::testing::TestWithParam<Topology> {};

TEST_P(Fabric, AccessesFindTheirDevice) {
  Bench b(GetParam());
  for (unsigned d = 0; d < 2; ++d) {
    EXPECT_FALSE(b.Write(Bench::Bar(d) + kFaultDelay, 0x1000 + d).error);
    const Answer id = b.Read(b.Config(d, 0));
    EXPECT_FALSE(id.error);
    EXPECT_NE(id.data, 0xffffffffu);
    EXPECT_EQ(b.Read(b.Config(d, kBar0)).data, Bench::Bar(d));
  }
  for (unsigned d = 0; d < 2; ++d) EXPECT_EQ(b.Read(Bench::Bar(d) + kFaultDelay).data, 0x1000 + d);
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
  EXPECT_FALSE(b.Write(Bench::Bar(0) + kFaultDelay, 20000).error);
  EXPECT_FALSE(b.Write(Bench::Bar(0) + kFaultCtrl, kNeverAnswer | kNoCredit).error);
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
