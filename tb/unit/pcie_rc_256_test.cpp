// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc built for packets of 256 bytes: the tests of writes, with lengths up to that, and what only long packets do.
#include "Vpcie_rc_256_tb.h"
#define ATC_RC_DUT Vpcie_rc_256_tb
#define ATC_TLP_PAYLOAD 256
#include "pcie_rc/rc_dma_test.cpp"

namespace tb {
namespace {

TEST(Rc256, OneWriteIsOneBurst) {
  for (unsigned offset : {0u, 4u, 12u}) {
    RcBench b;
    b.rx[0].push_back(Write(0, 0x1000 + offset, 64, 1));
    b.Run(100);
    ASSERT_EQ(b.writes.size(), 1u);
    EXPECT_EQ(b.writes[0].addr, 0x1000u);
    EXPECT_EQ(b.writes[0].beats, offset == 0 ? 16u : 17u);
    EXPECT_EQ(b.memory.size(), 256u);
    for (unsigned n = 0; n < 256; ++n) ASSERT_EQ(b.memory.at(0x1000 + offset + n), static_cast<uint8_t>(1 + n));
    EXPECT_EQ(b.done[kDoneWrite][0], 1u);
  }
}

// A write of 256 bytes arrives every 18 cycles on a 16-byte link: 280 bytes with header and framing.
TEST(Rc256, PortKeepsUpWithItsLink) {
  for (uint64_t base : {uint64_t{0x1000}, uint64_t{0x100c}}) {
    RcBench b;
    b.b_latency = 60;
    for (int i = 0; i < 200; ++i) b.rx[0].push_back(Write(0, base, 64, 0));
    ASSERT_TRUE(b.Until([&] { return b.b_given[0] == 200; }, 10000));
    EXPECT_LE(b.now, 200u * 18 + 100);
  }
}

// What software has set counts, not what the port could do (section 9): longer is malformed.
TEST(Rc256, HonoursMaxPayloadSize) {
  for (unsigned dwords : {32u, 33u}) {
    RcBench b;
    EXPECT_EQ(b.PortRead(0, PORT_DEVCAP) & PORT_DEVCAP_MPS_SUPPORTED_MASK, 1u);
    b.PortWrite(0, PORT_DEVCTL_DEVSTA, PORT_DEVCTL_DEVSTA_RO_EN, 0x1);
    b.rx[0].push_back(Write(0, 0x1000, dwords, 1));
    b.rx[1].push_back(Write(1, 0x2000, 64, 1));
    b.Run(60);
    EXPECT_EQ(b.writes.size(), dwords == 32 ? 2u : 1u);
    EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), dwords == 32 ? 0u : PORT_AER_UNCOR_STATUS_MTLP);
    EXPECT_EQ(b.PortRead(1, PORT_AER_UNCOR_STATUS), 0u) << "the other port is set to 256 bytes";
  }
}

TEST(Rc256, LongerIsMalformed) {
  RcBench b;
  b.rx[0].push_back(Memory(true, kRid[0], 0, 0x1000, 65));
  b.Run(60);
  EXPECT_TRUE(b.writes.empty());
  EXPECT_TRUE(b.asked.empty());
  EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), PORT_AER_UNCOR_STATUS_MTLP);
}

// Reads of 256 bytes still come back in completions of one boundary of 64 (pcie-ats.md section 1.3).
TEST(Rc256, ReadsComeInPiecesOf64) {
  RcBench b;
  for (unsigned n = 0; n < 256; ++n) b.memory[0x2000 + n] = static_cast<uint8_t>(n);
  b.rx[0].push_back(Memory(false, kRid[0], 9, 0x2000, 64));
  b.Run(200);
  ASSERT_EQ(b.tx[0].size(), 4u);
  for (unsigned i = 0; i < 4; ++i) {
    const Tlp& t = b.tx[0][i].tlp;
    EXPECT_EQ(t.len(), 16u);
    EXPECT_EQ(t.dw1 & 0xfff, 256 - 64 * i);
    for (unsigned n = 0; n < kPayload; ++n) ASSERT_EQ(t.data[n], n < 64 ? 64 * i + n : 0u);
  }
}

}  // namespace
}  // namespace tb
