// SPDX-License-Identifier: Apache-2.0
//
// The switch's ports as software sees them through ECAM: where they are, and that routing, links, errors and containment do
// what their registers say. Bus 1: the upstream port; bus 2: a downstream port for each device; buses 3 and 4: the devices.

#include "../../../sw/include/ep_regs.h"
#include "../../../sw/include/port_cfg.h"
#include "../pcie_fabric_bench.h"

namespace {

using namespace fabric;

constexpr uint32_t kNone = 0xffffffff;

class Ports : public ::testing::Test {
 protected:
  static uint32_t Up(uint32_t reg) { return Bench::Ecam(1, 0, 0, reg); }
  static uint32_t Down(unsigned d, uint32_t reg) { return Bench::Ecam(2, d, 0, reg); }
  static uint32_t Root(uint32_t reg) { return Bench::Ecam(0, 0, 0, reg); }
  uint32_t Read(uint32_t addr) {
    const Answer a = b.Read(addr);
    EXPECT_FALSE(a.error) << std::hex << addr;
    return a.data;
  }
  void Write(uint32_t addr, uint32_t data) { EXPECT_FALSE(b.Write(addr, data).error) << std::hex << addr; }
  void Set(uint32_t addr, uint32_t bits) { Write(addr, Read(addr) | bits); }
  void Clear(uint32_t addr, uint32_t bits) { Write(addr, Read(addr) & ~bits); }
  bool Answers(unsigned d) { return !b.Read(b.Config(d, 0)).error; }
  static uint32_t Buses(unsigned primary, unsigned secondary, unsigned subordinate) { return primary | secondary << 8 | subordinate << 16; }

  Bench b{kSwitch};
};

TEST_F(Ports, AreFound) {
  EXPECT_EQ(Read(Up(PORT_HEADER_TYPE)) >> 16 & 0x7f, 1u);
  EXPECT_EQ(Read(Up(PORT_PCIE_CAP)) >> 20 & 15, 5u);
  EXPECT_EQ(Read(Up(PORT_BUS)), Buses(1, 2, 4));
  EXPECT_EQ(Read(Up(PORT_MEM_WINDOW)), 0x50105000u);
  for (unsigned d = 0; d < 2; ++d) {
    EXPECT_EQ(Read(Down(d, PORT_HEADER_TYPE)) >> 16 & 0x7f, 1u);
    EXPECT_EQ(Read(Down(d, PORT_PCIE_CAP)) >> 20 & 15, 6u);
    EXPECT_EQ(Read(Down(d, PORT_BUS)), Buses(2, 3 + d, 3 + d));
    EXPECT_EQ(Read(Down(d, PORT_MEM_WINDOW)), 0x50005000u | d << 20 | d << 4);
    EXPECT_EQ(Read(Down(d, PORT_SLOTCAP)) >> 19, 1u + d) << "its slot number";
  }
  EXPECT_EQ(Read(Up(0)) >> 16, (Read(Root(0)) >> 16) + 1) << "three kinds of ports, three device IDs";
}

// Unsupported Request, at once, for each function and device that is not there; the upstream port has it in its log.
TEST_F(Ports, WhatIsNotThereIsRefused) {
  EXPECT_EQ(Read(Up(PORT_AER_UNCOR_STATUS)), 0u);
  for (uint32_t addr : {Bench::Ecam(1, 0, 1, 0), Bench::Ecam(1, 1, 0, 0), Bench::Ecam(2, 0, 1, 0), Bench::Ecam(2, 2, 0, 0), Bench::Ecam(2, 31, 7, 0),
                        Bench::Ecam(3, 1, 0, 0), Bench::Ecam(3, 0, 1, 0), Bench::Ecam(5, 0, 0, 0)}) {
    const Answer none = b.Read(addr);
    EXPECT_TRUE(none.error) << std::hex << addr;
    EXPECT_EQ(none.data, kNone);
    EXPECT_LT(none.cycles, 500u);
  }
  EXPECT_EQ(Read(Up(PORT_AER_UNCOR_STATUS)), PORT_AER_UNCOR_STATUS_UR);
  EXPECT_TRUE(Read(Up(PORT_DEVCTL_DEVSTA)) & PORT_DEVCTL_DEVSTA_URD);
  EXPECT_EQ(Read(Up(PORT_AER_COR_STATUS)), PORT_AER_COR_STATUS_ADVNF) << "a completion tells the requester: advisory";
  for (unsigned d = 0; d < 2; ++d) EXPECT_EQ(Read(Down(d, PORT_AER_UNCOR_STATUS)), 0u);
}

TEST_F(Ports, ByteEnables) {
  Write(Down(0, PORT_BUS), 0x00112233);
  EXPECT_EQ(Read(Down(0, PORT_BUS)), 0x00112233u);
  EXPECT_EQ(Read(Down(1, PORT_BUS)), Buses(2, 4, 4)) << "of the other port nothing has changed";
}

// The windows decide: swap those of the two devices, close one.
TEST_F(Ports, WindowsRoute) {
  Write(b.Bar(0) + EP_DMA_SEED, 0x1111);
  Write(b.Bar(1) + EP_DMA_SEED, 0x2222);
  Write(Down(0, PORT_MEM_WINDOW), 0x50105010);
  Write(Down(1, PORT_MEM_WINDOW), 0x50005000);
  Write(b.Config(0, kBar0), b.Bar(1));
  Write(b.Config(1, kBar0), b.Bar(0));
  EXPECT_EQ(Read(b.Bar(0) + EP_DMA_SEED), 0x2222u);
  EXPECT_EQ(Read(b.Bar(1) + EP_DMA_SEED), 0x1111u);
  Write(Down(0, PORT_MEM_WINDOW), 0x00005010);  // base above limit
  EXPECT_TRUE(b.Read(b.Bar(1) + EP_DMA_SEED).error);
  EXPECT_FALSE(b.Read(b.Bar(0) + EP_DMA_SEED).error);
  EXPECT_TRUE(Answers(0)) << "configuration needs no window";
  Write(Down(0, PORT_MEM_WINDOW), 0x50105010);
  Write(Up(PORT_MEM_WINDOW), 0x50005000);       // the upstream port's window holds one device only
  EXPECT_TRUE(b.Read(b.Bar(1) + EP_DMA_SEED).error);
  EXPECT_FALSE(b.Read(b.Bar(0) + EP_DMA_SEED).error);
}

TEST_F(Ports, BusNumbersRoute) {
  Write(Down(1, PORT_BUS), Buses(2, 0, 0));  // as before it is enumerated
  EXPECT_FALSE(Answers(1));
  EXPECT_TRUE(Answers(0)) << "and bus 0, where the root is, has not become its own";
  Write(Down(0, PORT_BUS), Buses(2, 4, 4));  // device 0 has another number of its own, so it refuses
  EXPECT_FALSE(Answers(0));
  Write(Down(0, PORT_BUS), Buses(2, 3, 3));
  Write(Down(1, PORT_BUS), Buses(2, 4, 4));
  EXPECT_TRUE(Answers(0));
  EXPECT_TRUE(Answers(1));
  Write(Up(PORT_BUS), Buses(1, 2, 3));       // bus 4 is not behind the upstream port any more
  EXPECT_TRUE(Answers(0));
  EXPECT_FALSE(Answers(1));
  Write(Up(PORT_BUS), Buses(1, 2, 4));
  EXPECT_TRUE(Answers(1));
}

TEST_F(Ports, MemorySpaceEnable) {
  for (uint32_t port : {Down(1, PORT_COMMAND_STATUS), Up(PORT_COMMAND_STATUS)}) {
    Clear(port, PORT_COMMAND_STATUS_MEM_EN);
    EXPECT_TRUE(b.Read(b.Bar(1) + EP_DMA_SEED).error);
    EXPECT_TRUE(Answers(1));
    Set(port, PORT_COMMAND_STATUS_MEM_EN);
    EXPECT_FALSE(b.Read(b.Bar(1) + EP_DMA_SEED).error);
  }
}

// A link that is held down: requests for the device end at once, an invalidation is a local Unsupported Request (D13), the device has
// been reset when the link is back, and that takes the time of a training.
TEST_F(Ports, LinkDisable) {
  Set(Down(1, PORT_LINKCTL_LINKSTA), PORT_LINKCTL_LINKSTA_DISABLE);
  b.Run(5);
  EXPECT_FALSE(Answers(1));
  EXPECT_TRUE(Answers(0));
  ASSERT_TRUE(b.Send(1, 7));
  b.Run(5);
  EXPECT_TRUE(b.refused(1, 7));
  EXPECT_EQ(Read(Down(1, PORT_AER_UNCOR_STATUS)), 0u) << "it was asked for: no surprise";
  Clear(Down(1, PORT_LINKCTL_LINKSTA), PORT_LINKCTL_LINKSTA_DISABLE);
  b.Run(200);
  EXPECT_TRUE(Answers(1));
  EXPECT_EQ(Read(b.Config(1, kBar0)) & ~15u, 0u) << "the device has been in reset";
  ASSERT_TRUE(b.Send(1, 8));
  EXPECT_TRUE(b.Complete(1, 8, 2000));
}

TEST_F(Ports, SecondaryBusReset) {
  Set(Down(0, PORT_BRIDGE_CTL), PORT_BRIDGE_CTL_SBR);
  EXPECT_FALSE(Answers(0));
  EXPECT_TRUE(Answers(1));
  Clear(Down(0, PORT_BRIDGE_CTL), PORT_BRIDGE_CTL_SBR);
  b.Run(200);
  EXPECT_EQ(Read(b.Config(0, kBar0)) & ~15u, 0u);
  EXPECT_NE(Read(b.Config(1, kBar0)) & ~15u, 0u);
  Set(Up(PORT_BRIDGE_CTL), PORT_BRIDGE_CTL_SBR);  // the bus inside: all of it
  EXPECT_FALSE(Answers(0) || Answers(1));
  for (unsigned d = 0; d < 2; ++d) EXPECT_EQ(Read(Down(d, PORT_AER_UNCOR_STATUS)), 0u) << "no surprise";
  Clear(Up(PORT_BRIDGE_CTL), PORT_BRIDGE_CTL_SBR);
  b.Run(200);
  EXPECT_TRUE(Answers(0) && Answers(1));
  EXPECT_EQ(Read(b.Config(1, kBar0)) & ~15u, 0u);
}

TEST_F(Ports, SlotAndSurprise) {
  b.Present(1);
  b.Run(10);
  EXPECT_FALSE(Answers(1));
  const uint32_t slot = Read(Down(1, PORT_SLOTCTL_SLOTSTA));
  EXPECT_TRUE(slot & PORT_SLOTCTL_SLOTSTA_PDC);
  EXPECT_FALSE(slot & PORT_SLOTCTL_SLOTSTA_PDS);
  EXPECT_EQ(Read(Down(1, PORT_AER_UNCOR_STATUS)), PORT_AER_UNCOR_STATUS_SDES);
  EXPECT_FALSE(Read(Down(0, PORT_SLOTCTL_SLOTSTA)) & PORT_SLOTCTL_SLOTSTA_PDC);
  EXPECT_EQ(Read(Down(0, PORT_AER_UNCOR_STATUS)), 0u);
  b.Present(3);
  b.Run(200);
  EXPECT_TRUE(Answers(1));
  EXPECT_TRUE(Read(Down(1, PORT_SLOTCTL_SLOTSTA)) & PORT_SLOTCTL_SLOTSTA_PDS);
}

// The surprise of the port itself goes to the root as an error message with the port's ID, if the bridges above let it.
TEST_F(Ports, OwnErrorMessage) {
  for (bool forwarded : {false, true}) {
    Write(Root(PORT_AER_ROOT_STATUS), kNone);
    Write(Down(1, PORT_AER_UNCOR_STATUS), kNone);
    Set(Down(1, PORT_DEVCTL_DEVSTA), 0xf);
    (forwarded ? Set(Up(PORT_BRIDGE_CTL), PORT_BRIDGE_CTL_SERR_EN) : Clear(Up(PORT_BRIDGE_CTL), PORT_BRIDGE_CTL_SERR_EN));
    b.Present(1);
    b.Run(300);
    b.Present(3);
    b.Run(300);
    const uint32_t status = Read(Root(PORT_AER_ROOT_STATUS));
    EXPECT_EQ((status & PORT_AER_ROOT_STATUS_UNCOR) != 0, forwarded);
    if (forwarded) {
      EXPECT_TRUE(status & PORT_AER_ROOT_STATUS_FIRST_FATAL);
      EXPECT_EQ(Read(Root(PORT_AER_SOURCE)) >> 16, 0x0208u) << "02:01.0";
    }
  }
}

// An error message of a device: noted in the secondary status of the bridges, stopped by Bridge Control of either.
TEST_F(Ports, ErrorMessagesOfADevice) {
  const auto provoke = [&] {
    Write(Root(PORT_AER_ROOT_STATUS), kNone);
    Write(b.Config(0, PORT_DEVCTL_DEVSTA), 0xf);      // the endpoint has it at the same place
    EXPECT_FALSE(b.Write(b.Bar(0) + 0x10000, 1).error) << "posted: in the port's window, in no BAR";
    b.Run(500);
    return (Read(Root(PORT_AER_ROOT_STATUS)) & PORT_AER_ROOT_STATUS_UNCOR) != 0;
  };
  EXPECT_TRUE(provoke());
  EXPECT_EQ(Read(Root(PORT_AER_SOURCE)) >> 16, 0x0300u);
  EXPECT_TRUE(Read(Down(0, PORT_IO_SEC_STATUS)) & PORT_IO_SEC_STATUS_RCV_SERR);
  EXPECT_TRUE(Read(Up(PORT_IO_SEC_STATUS)) & PORT_IO_SEC_STATUS_RCV_SERR);
  EXPECT_FALSE(Read(Down(1, PORT_IO_SEC_STATUS)) & PORT_IO_SEC_STATUS_RCV_SERR);
  for (uint32_t bridge : {Down(0, PORT_BRIDGE_CTL), Up(PORT_BRIDGE_CTL)}) {
    Clear(bridge, PORT_BRIDGE_CTL_SERR_EN);
    EXPECT_FALSE(provoke());
    Set(bridge, PORT_BRIDGE_CTL_SERR_EN);
  }
  EXPECT_TRUE(provoke());
}

// Containment: by software, and by an ERR_NONFATAL of the device, which then goes no further; released, the device is back.
TEST_F(Ports, Containment) {
  for (bool by_software : {true, false}) {
    Write(Root(PORT_AER_ROOT_STATUS), kNone);
    if (by_software) {
      Write(Down(0, PORT_DPC_CAP_CTRL), PORT_DPC_CAP_CTRL_SW_TRIGGER);
    } else {
      Write(Down(0, PORT_DPC_CAP_CTRL), 2u << PORT_DPC_CAP_CTRL_TRIGGER_EN_SHIFT);
      Write(b.Config(0, PORT_COMMAND_STATUS), 0x6);
      Write(b.Config(0, kBar0), b.Bar(0));
      Write(b.Config(0, PORT_DEVCTL_DEVSTA), 0xf);
      Write(b.Bar(0) + 0x10000, 1);
    }
    b.Run(300);
    EXPECT_FALSE(Answers(0));
    EXPECT_TRUE(Answers(1));
    EXPECT_TRUE(Read(Down(0, PORT_DPC_STATUS)) & PORT_DPC_STATUS_TRIGGER);
    if (!by_software) EXPECT_EQ(Read(Down(0, PORT_DPC_STATUS)) >> 16, 0x0300u) << "who sent the message";
    EXPECT_FALSE(Read(Root(PORT_AER_ROOT_STATUS)) & PORT_AER_ROOT_STATUS_UNCOR);
    ASSERT_TRUE(b.Send(0, by_software));
    b.Run(5);
    EXPECT_TRUE(b.refused(0, by_software));
    Write(Down(0, PORT_DPC_STATUS), PORT_DPC_STATUS_TRIGGER);
    b.Run(200);
    EXPECT_TRUE(Answers(0));
  }
}

// ACS of a downstream port is what its register says: with Source Validation off nothing changes for an honest device.
TEST_F(Ports, AccessControlRegister) {
  EXPECT_EQ(Read(Down(0, PORT_ACS_CAP_CTRL)) >> 16, 0x0du) << "SV, RR, CR on, TB and UF off";
  Write(Down(0, PORT_ACS_CAP_CTRL), 0x001f0000);
  EXPECT_EQ(Read(Down(0, PORT_ACS_CAP_CTRL)) >> 16, 0x1fu);
  EXPECT_EQ(Read(Down(1, PORT_ACS_CAP_CTRL)) >> 16, 0x0du);
  EXPECT_EQ(Read(Up(PORT_ACS_CAP_CTRL)), 0u) << "an upstream port has none";
  ASSERT_TRUE(b.Send(0, 1));
  EXPECT_TRUE(b.Complete(0, 1, 2000));
}

}  // namespace
