// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: accesses of the CPU.

#include <set>

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

TEST(RcEcam, ConfigurationRead) {
  RcBench b;
  b.bus = RcBench::Bus{false, 0x40200abc, 0, 0xf};  // bus 2, register 0xabc
  const uint64_t start = b.now;
  ASSERT_TRUE(b.Until([&] { return b.tx[1].size() == 1; }));
  const Tlp& t = b.tx[1][0].tlp;
  EXPECT_EQ(b.tx[1][0].cycle, start + 1);
  EXPECT_EQ(t.dw0, 0x04000001u);
  EXPECT_EQ(t.dw1 & 0xffff00ff, 0x0000000fu);
  EXPECT_EQ(t.dw2, 0x02000abcu);
  EXPECT_FALSE(t.pfx_valid);
  b.rx[1].push_back(Completion(kRid[1], 0, static_cast<uint8_t>(t.tag()), kSc, true, 0xcafe1234));
  const uint64_t answered = b.now;
  ASSERT_TRUE(b.Until([&] { return !b.bus; }));
  ASSERT_EQ(b.bus_done.size(), 1u);
  EXPECT_EQ(b.bus_done[0].resp, kOkay);
  EXPECT_EQ(b.bus_done[0].data, 0xcafe1234u);
  EXPECT_EQ(b.bus_done[0].cycle, answered + 1);
}

TEST(RcEcam, ConfigurationWriteCarriesItsByteEnables) {
  for (unsigned strb : {0xfu, 0x3u, 0xcu, 0x4u}) {
    RcBench b;
    b.bus = RcBench::Bus{true, 0x40100048, 0xa1b2c3d4, strb};
    ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
    const Tlp t = b.tx[0][0].tlp;
    EXPECT_EQ(t.dw0, 0x44000001u);
    EXPECT_EQ(t.dw1 & 0xff, strb);
    EXPECT_EQ(t.dw2, 0x01000048u);
    EXPECT_EQ(t.data[0], 0xd4);
    EXPECT_EQ(t.data[3], 0xa1);
    b.Run(20);
    EXPECT_TRUE(b.bus_done.empty());  // not posted
    b.rx[0].push_back(Completion(kRid[0], 0, static_cast<uint8_t>(t.tag()), kSc, false));
    ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
    EXPECT_EQ(b.bus_done[0].resp, kOkay);
  }
}

TEST(RcEcam, BarWindow) {
  RcBench b;
  ASSERT_TRUE(b.BusAccess({true, 0x50010014, 0x11223344, 0xf}, 5));  // posted: completes at once
  EXPECT_EQ(b.bus_done.back().resp, kOkay);
  ASSERT_EQ(b.tx[1].size(), 1u);
  EXPECT_EQ(b.tx[1][0].tlp.dw0, 0x40000001u);
  EXPECT_EQ(b.tx[1][0].tlp.dw2, 0x50010014u);
  EXPECT_EQ(b.tx[1][0].tlp.data[1], 0x33);
  b.bus = RcBench::Bus{false, 0x50000020, 0, 0xf};
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
  EXPECT_EQ(b.tx[0][0].tlp.dw0, 0x00000001u);
  EXPECT_EQ(b.tx[0][0].tlp.dw2, 0x50000020u);
  b.rx[0].push_back(
      Completion(kRid[0], 0, static_cast<uint8_t>(b.tx[0][0].tlp.tag()), kSc, true, 0x99));
  ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
  EXPECT_EQ(b.bus_done.back().data, 0x99u);
}

TEST(RcEcam, ErrorsBecomeSlverr) {
  for (Status s : {kUr, kRrs, kCa}) {
    RcBench b;
    b.bus = RcBench::Bus{false, 0x40100000, 0, 0xf};
    ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
    b.rx[0].push_back(Completion(kRid[0], 0, static_cast<uint8_t>(b.tx[0][0].tlp.tag()), s, false));
    ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
    EXPECT_EQ(b.bus_done.back().resp, kSlverr);
    EXPECT_EQ(b.bus_done.back().data, 0xffffffffu);
  }
  RcBench b;  // nothing there: devices of bus 0 behind the root ports, bus 3, device 1, beyond the windows
  for (uint32_t addr : {0x40010000u, 0x40001000u, 0x40300000u, 0x40108000u, 0x50020000u, 0x60000000u}) {
    for (bool write : {false, true}) {
      ASSERT_TRUE(b.BusAccess({write, addr, 0, 0xf}, 5)) << std::hex << addr;
      EXPECT_EQ(b.bus_done.back().resp, kSlverr);
    }
  }
  EXPECT_TRUE(b.tx[0].empty() && b.tx[1].empty());
  b.link_up[0] = false;
  ASSERT_TRUE(b.BusAccess({false, 0x40100000, 0, 0xf}, 5));
  EXPECT_EQ(b.bus_done.back().resp, kSlverr);
  b.link_up[0] = true;  // goes down while waiting
  b.Run(150);
  b.bus = RcBench::Bus{false, 0x40100000, 0, 0xf};
  b.Run(20);
  EXPECT_TRUE(b.bus.has_value());
  b.link_up[0] = false;
  ASSERT_TRUE(b.Until([&] { return !b.bus; }, 3));
  EXPECT_EQ(b.bus_done.back().resp, kSlverr);
}

// The device never answers: everything else goes on, the access ends on time, the late answer harms nothing.
TEST(RcEcam, TimeOutBlocksNothingAndLateCompletionIsDropped) {
  RcBench b;
  b.bus = RcBench::Bus{false, 0x40100000, 0, 0xf};
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
  const unsigned old_tag = b.tx[0][0].tlp.tag();
  b.inv = {kRid[0], 3, false, 0, 0};
  b.inv_valid[0] = true;
  b.Tick();
  EXPECT_TRUE(b.inv_taken[0]);
  b.inv_valid[0] = false;
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 8));
  b.rx[0].push_back(Memory(false, kRid[0], 5, 0x1000, 4));
  b.Run(100);
  EXPECT_EQ(b.inv_cpl.size(), 1u);
  EXPECT_EQ(b.tx[0].size(), 3u);  // request, invalidation, completion of the read
  EXPECT_TRUE(b.bus.has_value());
  EXPECT_TRUE(b.quiet);
  EXPECT_EQ(b.deadline, 1000u);
  ASSERT_TRUE(b.Until([&] { return !b.bus; }));
  EXPECT_EQ(b.bus_done[0].resp, kSlverr);
  EXPECT_EQ(b.bus_done[0].cycle - b.bus_done[0].start, 1000u + 1u);
  // the late answer arrives while the next access waits
  b.bus = RcBench::Bus{false, 0x40100004, 0, 0xf};
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 4; }));
  const unsigned new_tag = b.tx[0][3].tlp.tag();
  EXPECT_NE(new_tag, old_tag);
  b.rx[0].push_back(Completion(kRid[0], 0, static_cast<uint8_t>(old_tag), kSc, true, 0xbad));
  b.Run(20);
  EXPECT_TRUE(b.bus.has_value());
  // nor does an answer from the wrong port count
  b.rx[1].push_back(Completion(kRid[1], 0, static_cast<uint8_t>(new_tag), kSc, true, 0xbad));
  b.Run(20);
  EXPECT_TRUE(b.bus.has_value());
  b.rx[0].push_back(Completion(kRid[0], 0, static_cast<uint8_t>(new_tag), kSc, true, 0x900d));
  ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
  EXPECT_EQ(b.bus_done[1].data, 0x900du);
}

TEST(RcEcam, RequestWithoutCreditTimesOutUnsent) {
  RcBench b;
  b.tx_classes[0] = 5;  // no non-posted credit
  ASSERT_TRUE(b.BusAccess({false, 0x40100000, 0, 0xf}));
  EXPECT_EQ(b.bus_done[0].resp, kSlverr);
  b.tx_classes[0] = 7;
  b.Run(20);
  EXPECT_TRUE(b.tx[0].empty());
}

TEST(Rc, QuietWhenNothingHappens) {
  RcBench b;
  b.Run(5);
  EXPECT_TRUE(b.quiet);
  EXPECT_EQ(b.deadline, kNever);
  b.hold_b[0] = true;
  b.hold_r[1] = true;
  b.tx_classes[1] = 3;
  b.rx[0].push_back(Write(0, 0x1000, 16, 1));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 1));
  b.rx[1].push_back(Memory(false, kRid[1], 1, 0x1000, 16));
  b.rx[1].push_back(TranslationRequest(kRid[1], 1, 0x1000));
  b.Tick();
  EXPECT_FALSE(b.quiet);
  b.Run(40);
  EXPECT_TRUE(b.quiet);  // everything waits for memory or credit
  b.hold_b[0] = false;
  b.Tick();
  EXPECT_FALSE(b.quiet);
}

// RRS (pcie-ats.md section 1.3): what the CPU sees depends on software visibility, the register and the retry strap.
TEST(RcEcam, RetryStatus) {
  struct Row {
    bool visible, retry;
    unsigned reg;
    bool write;
  };
  for (const Row& r : {Row{false, false, 0, false}, Row{true, false, 0, false}, Row{true, false, 4, false},
                       Row{false, true, 0, false}, Row{true, true, 0, false}, Row{true, true, 4, false},
                       Row{true, true, 0, true}}) {
    RcBench b;
    b.straps.rrs_retry = r.retry;
    if (r.visible) b.PortWrite(0, PORT_ROOTCTL_ROOTCAP, PORT_ROOTCTL_ROOTCAP_RRS_VIS_EN);
    b.bus_done.clear();
    const bool shown = r.visible && r.reg == 0 && !r.write;
    b.bus = RcBench::Bus{r.write, 0x40100000u + r.reg, 0, 0xf};
    const uint64_t start = b.now;
    std::vector<unsigned> tags;
    for (unsigned i = 0; i < 3 && b.bus; ++i) {   // three times not yet, then ready
      ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == i + 1; }, 20));
      tags.push_back(b.tx[0].back().tlp.tag());
      EXPECT_EQ(b.tx[0].back().tlp.dw2, b.tx[0][0].tlp.dw2);
      b.Run(100);
      b.rx[0].push_back(Completion(kRid[0], 0, static_cast<uint8_t>(tags.back()), kRrs, false));
      b.Run(5);
    }
    if (shown || !r.retry) {
      ASSERT_EQ(b.bus_done.size(), 1u);
      EXPECT_EQ(b.bus_done[0].resp, shown ? kOkay : kSlverr);
      EXPECT_EQ(b.bus_done[0].data, shown ? 0xffff0001u : 0xffffffffu);
      EXPECT_EQ(b.tx[0].size(), 1u);
      continue;
    }
    ASSERT_EQ(b.tx[0].size(), 4u);
    EXPECT_EQ(std::set<unsigned>(tags.begin(), tags.end()).size(), 3u) << "a new tag each time";
    b.rx[0].push_back(Completion(kRid[0], 0, static_cast<uint8_t>(b.tx[0].back().tlp.tag()), kSc, !r.write, 7));
    ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
    EXPECT_EQ(b.bus_done[0].resp, kOkay);
    // Never ready: over at the time-out, counted from the access.
    b.bus_done.clear();
    b.bus = RcBench::Bus{r.write, 0x40100000u + r.reg, 0, 0xf};
    const uint64_t again = b.now;
    for (unsigned n = 4; b.bus && b.now < start + 5000;) {
      if (b.tx[0].size() > n) {
        b.rx[0].push_back(Completion(kRid[0], 0, static_cast<uint8_t>(b.tx[0].back().tlp.tag()), kRrs, false));
        n = static_cast<unsigned>(b.tx[0].size());
      }
      b.Tick();
    }
    ASSERT_EQ(b.bus_done.size(), 1u);
    EXPECT_EQ(b.bus_done[0].resp, kSlverr);
    EXPECT_NEAR(static_cast<double>(b.bus_done[0].cycle - again), 1001, 3);
  }
}


}  // namespace
}  // namespace tb
