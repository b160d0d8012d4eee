// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: root ports on bus 0, their links, interrupts, containment.

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

constexpr uint32_t kDoorbell = 0x08000040;

void EnableInterrupts(RcBench& b, int port, uint32_t value) {
  b.PortWrite(port, PORT_MSI_ADDR, kDoorbell);
  b.PortWrite(port, PORT_MSI_DATA, value);
  b.PortWrite(port, PORT_MSI_CAP, PORT_MSI_CAP_ENABLE);
  b.PortWrite(port, PORT_SLOTCTL_SLOTSTA,
              PORT_SLOTCTL_SLOTSTA_HPIE | PORT_SLOTCTL_SLOTSTA_PDCE | PORT_SLOTCTL_SLOTSTA_DLLSCE);
  b.PortWrite(port, PORT_AER_ROOT_CMD, 7);
}

unsigned Doorbells(const RcBench& b) {
  unsigned n = 0;
  for (const AxiBurst& w : b.writes) n += w.addr == kDoorbell;
  return n;
}

TEST(RcPort, EachIsADeviceOfBusZero) {
  RcBench b;
  for (int p = 0; p < 2; ++p) {
    EXPECT_EQ(b.PortRead(p, 0), 0xA7D41234u);
    EXPECT_EQ(b.PortRead(p, PORT_BUS), uint32_t(p + 1) << 16 | uint32_t(p + 1) << 8);
    EXPECT_EQ(b.PortRead(p, PORT_SLOTCAP) >> 19, uint32_t(p + 1));
    unsigned at = 0x100;
    std::vector<unsigned> ids;
    for (; at != 0 && ids.size() < 9; at = b.PortRead(p, at) >> 20) ids.push_back(b.PortRead(p, at) & 0xffff);
    EXPECT_EQ(ids, (std::vector<unsigned>{1, 0xD, 0x1D, 0xB}));
  }
  b.PortWrite(1, PORT_MSI_DATA, 0x11223344, 0x2);
  EXPECT_EQ(b.PortRead(1, PORT_MSI_DATA), 0x3300u) << "byte enables";
  EXPECT_EQ(b.PortRead(0, PORT_MSI_DATA), 0u);
  EXPECT_TRUE(b.tx[0].empty() && b.tx[1].empty());
}

// The line breaks and comes back: state, events, time, what the CPU and the SMMU see meanwhile.
TEST(RcPort, LinkDownAndRetrained) {
  RcBench b;
  EnableInterrupts(b, 0, 0x77);
  b.link_up[0] = false;
  b.Tick();
  EXPECT_EQ(b.link_state(), 2u) << "down in the same cycle";
  ASSERT_TRUE(b.Until([&] { return Doorbells(b) == 1; }, 50));
  EXPECT_EQ(b.memory[kDoorbell], 0x77);
  EXPECT_EQ(b.writes.back().user, 0u) << "requester ID of port 0";
  EXPECT_TRUE(b.PortRead(0, PORT_SLOTCTL_SLOTSTA) & PORT_SLOTCTL_SLOTSTA_DLLSC);
  EXPECT_FALSE(b.PortRead(0, PORT_LINKCTL_LINKSTA) & PORT_LINKCTL_LINKSTA_DL_ACTIVE);
  EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 1u << 5) << "surprise down";
  ASSERT_TRUE(b.BusAccess({false, 0x40100000, 0, 0xf}, 5));
  EXPECT_EQ(b.bus_done.back().resp, kSlverr);
  b.inv = {kRid[0], 9, false, 0, 0};
  b.inv_valid[0] = true;
  b.Tick();
  b.inv_valid[0] = false;
  b.Run(2);
  ASSERT_EQ(b.inv_ur.size(), 1u);
  EXPECT_EQ(b.inv_ur[0].itag, 9u);
  b.Run(60);
  EXPECT_TRUE(b.quiet);
  EXPECT_EQ(b.deadline, kNever);

  b.PortWrite(0, PORT_SLOTCTL_SLOTSTA, b.PortRead(0, PORT_SLOTCTL_SLOTSTA));
  b.link_up[0] = true;
  b.Tick();
  const uint64_t trained = b.now + 100;
  b.Run(40);
  EXPECT_TRUE(b.PortRead(0, PORT_LINKCTL_LINKSTA) & PORT_LINKCTL_LINKSTA_TRAINING);
  b.Run(10);
  EXPECT_TRUE(b.quiet);
  EXPECT_EQ(b.deadline, trained - 1) << "nothing happens until it is up";
  ASSERT_TRUE(b.Until([&] { return b.link_state() == 3; }));
  EXPECT_EQ(b.now, trained);
  ASSERT_TRUE(b.Until([&] { return Doorbells(b) == 2; }, 50));
  EXPECT_TRUE(b.PortRead(0, PORT_LINKCTL_LINKSTA) & PORT_LINKCTL_LINKSTA_DL_ACTIVE);
}

TEST(RcPort, PulledDeviceChangesPresenceToo) {
  RcBench b;
  b.straps.surprise = true;
  b.present[1] = false;
  b.Run(5);
  EXPECT_EQ(b.link_state(), 1u);
  EXPECT_EQ(b.PortRead(1, PORT_SLOTCTL_SLOTSTA), PORT_SLOTCTL_SLOTSTA_PDC | PORT_SLOTCTL_SLOTSTA_DLLSC);
  EXPECT_EQ(b.PortRead(1, PORT_AER_UNCOR_STATUS), 0u) << "the slot said so";
  EXPECT_EQ(b.writes.size(), 0u) << "no interrupt without enables";
}

TEST(RcPort, SoftwareHoldsTheLinkDown) {
  RcBench b;
  for (auto [offset, bit] : {std::pair{unsigned{PORT_LINKCTL_LINKSTA}, uint32_t{PORT_LINKCTL_LINKSTA_DISABLE}},
                             std::pair{unsigned{PORT_BRIDGE_CTL}, uint32_t{PORT_BRIDGE_CTL_SBR}}}) {
    const uint32_t old = b.PortRead(0, offset);
    b.PortWrite(0, offset, old | bit);
    EXPECT_EQ(b.link_state(), 2u);
    b.Run(300);
    EXPECT_EQ(b.link_state(), 2u);
    b.PortWrite(0, offset, old);
    ASSERT_TRUE(b.Until([&] { return b.link_state() == 3; }, 150));
  }
  EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 0u);
}

// Containment: the link goes down, everything ends at once, the other port goes on; software releases, the link trains.
TEST(RcPort, ContainmentOnAFatalMessage) {
  RcBench b;
  EnableInterrupts(b, 0, 0x55);
  b.PortWrite(0, PORT_DPC_CAP_CTRL, 1u << PORT_DPC_CAP_CTRL_TRIGGER_EN_SHIFT | PORT_DPC_CAP_CTRL_INT_EN);
  b.bus = RcBench::Bus{false, 0x40100000, 0, 0xf};   // an access is under way
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
  b.rx[0].push_back(ErrorMessage(kRid[0], 0x33));
  ASSERT_TRUE(b.Until([&] { return b.link_state() == 2; }, 5));
  ASSERT_TRUE(b.Until([&] { return !b.bus; }, 3));
  EXPECT_EQ(b.bus_done.back().resp, kSlverr);
  ASSERT_TRUE(b.Until([&] { return Doorbells(b) >= 1; }, 50));
  const uint32_t status = b.PortRead(0, PORT_DPC_STATUS);
  EXPECT_EQ(status & 0xffff, 0xdu) << "triggered, interrupt, ERR_FATAL";
  EXPECT_EQ(status >> 16, kRid[0]);
  EXPECT_EQ(b.PortRead(0, PORT_AER_ROOT_STATUS), 0u) << "the message went no further";
  EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 0u) << "no surprise";
  b.inv = {kRid[0], 3, false, 0, 0};
  b.inv_valid[0] = true;
  b.Tick();
  b.inv_valid[0] = false;
  b.rx[1].push_back(Memory(false, kRid[1], 5, 0x1000, 4));
  b.Run(60);
  EXPECT_EQ(b.inv_ur.size(), 1u);
  EXPECT_EQ(b.tx[1].size(), 1u);
  b.PortWrite(0, PORT_DPC_STATUS, PORT_DPC_STATUS_TRIGGER | PORT_DPC_STATUS_INT);
  ASSERT_TRUE(b.Until([&] { return b.link_state() == 3; }, 150));
}

TEST(RcPort, OwnErrorContainsWhenSoftwareWantsIt) {
  for (unsigned enable : {0u, 1u, 2u}) {
    RcBench b;
    b.PortWrite(1, PORT_DPC_CAP_CTRL, enable << PORT_DPC_CAP_CTRL_TRIGGER_EN_SHIFT);
    b.rx[1].push_back(Write(1, 0x1000, 4, 0, kReservedAt));   // unsupported: not fatal
    b.Run(10);
    EXPECT_EQ(b.link_state(), enable == 2 ? 1u : 3u) << enable;
    b.rx[1].push_back(Write(1, 0x1000, 4, 0, kTranslationRequest));   // malformed: fatal
    b.Run(10);
    EXPECT_EQ(b.link_state(), enable == 0 ? 3u : 1u) << enable;
  }
}

// Messages of the ports among device writes: all arrive, no device write is lost, changed or reordered.
TEST(RcPort, InterruptsAmongDeviceWrites) {
  RcBench b;
  b.stall = 3;
  b.shuffle = true;
  EnableInterrupts(b, 0, 0x1111);
  EnableInterrupts(b, 1, 0x2222);
  for (int p = 0; p < 2; ++p) b.PortWrite(p, PORT_SLOTCTL_SLOTSTA, 0x01081028);
  std::mt19937 rng(3);
  std::map<uint64_t, uint8_t> expected;
  std::array<unsigned, 2> sent{};
  unsigned errors = 0;
  for (unsigned i = 0; i < 6000; ++i) {
    for (int p = 0; p < 2; ++p) {
      if (i < 5500 && b.rx[p].size() < 4 && rng() % 8 == 0) {
        const uint64_t addr = 0x100000u * (p + 1) + (rng() % 16) * 256;
        const Tlp t = Write(p, addr, 1 + rng() % 16, static_cast<uint8_t>(rng()));
        for (unsigned n = 0; n < 4 * t.len(); ++n) expected[addr + n] = t.data[n];
        b.rx[p].push_back(t);
        ++sent[p];
      }
    }
    if (i % 500 == 250 && i < 5500) {
      b.rx[errors % 2].push_back(ErrorMessage(kRid[errors % 2], 0x30));
      ++errors;
    }
    if (i % 500 == 450 && !b.bus) {
      const int p = static_cast<int>((errors + 1) % 2);
      b.bus = RcBench::Bus{true, 0x40000000u + (static_cast<unsigned>(p) << 15) + PORT_AER_ROOT_STATUS, 0x7f, 0xf};
    }
    b.Tick();
  }
  EXPECT_EQ(Doorbells(b), errors);
  EXPECT_EQ(b.b_given[0] + b.b_given[1], sent[0] + sent[1] + errors);
  EXPECT_EQ(b.done[kDoneWrite][0] + b.done[kDoneWrite][1], sent[0] + sent[1]) << "messages are not transactions of the SMMU";
  for (unsigned n = 0; n < 4; ++n) b.memory.erase(kDoorbell + n);
  EXPECT_EQ(b.memory, expected);
}

}  // namespace
}  // namespace tb
