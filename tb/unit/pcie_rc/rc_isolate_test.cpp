// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: isolation after an invalidation time-out (D16), function level resets that are seen (D17).

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

// What of {translated write, untranslated write, translated read, untranslated read, translation request} gets through.
struct Row {
  unsigned mode;
  unsigned passes;   // bits in this order
};

TEST(RcIsolate, DropsWhatItsModeSays) {
  for (const Row& row : {Row{0, 0x1f}, Row{1, 0x1a}, Row{2, 0x00}}) {
    RcBench b;
    b.straps.iso_mode = row.mode;
    b.inv_timeout = 1;
    b.Tick();
    b.Run(2);
    EXPECT_EQ(b.PortRead(0, PORT_ISO_CTRL), row.mode);
    EXPECT_EQ(b.PortRead(0, PORT_ISO_STATUS), row.mode == 0 ? 0u : 1u);
    const std::vector<Tlp> packets = {Write(0, 0x1000, 1, 1, kTranslated), Write(0, 0x2000, 1, 1),
                                      Memory(false, kRid[0], 2, 0x3000, 1, 0xf, 0, kTranslated),
                                      Memory(false, kRid[0], 3, 0x4000, 1), TranslationRequest(kRid[0], 4, 0x5000)};
    for (unsigned i = 0; i < packets.size(); ++i) {
      const size_t before = b.asked.size(), answers = b.tx[0].size();
      b.rx[0].push_back(packets[i]);
      b.Run(40);
      EXPECT_EQ(b.asked.size() - before, row.passes >> i & 1) << "mode " << row.mode << " packet " << i;
      if (packets[i].cls() == kNonPosted) {
        ASSERT_EQ(b.tx[0].size(), answers + 1);
        EXPECT_EQ(b.tx[0].back().tlp.status(), row.passes >> i & 1 ? unsigned{kSc} : unsigned{kUr});
      }
    }
    // Messages go on, the other device is not touched, no error is charged.
    b.rx[0].push_back(InvalidateCompletion(kRid[0], 1));
    b.rx[1].push_back(Write(1, 0x9000, 1, 1, kTranslated));
    b.Run(40);
    EXPECT_EQ(b.inv_cpl.size(), 1u);
    EXPECT_EQ(b.asked.back().port, 1u);
    EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 0u);
    b.PortWrite(0, PORT_ISO_STATUS, 1);
    const size_t before = b.asked.size();
    b.rx[0].push_back(Write(0, 0x1000, 1, 1, kTranslated));
    b.Run(40);
    EXPECT_EQ(b.asked.size(), before + 1) << "released";
  }
}

// A write that waits for its translation when the time-out comes does not reach memory, and is over for the SMMU.
TEST(RcIsolate, RequestInHandIsCutOff) {
  for (unsigned mode : {1u, 2u}) {
    for (At at : {kTranslated, kUntranslated}) {
      RcBench b;
      b.straps.iso_mode = mode;
      b.xlat_latency = 60;
      b.rx[0].push_back(Write(0, 0x1000, 4, 1, at));
      ASSERT_TRUE(b.Until([&] { return b.asked.size() == 1; }));
      b.inv_timeout = 1;
      b.Run(200);
      const bool cut = mode == 2 || at == kTranslated;
      EXPECT_EQ(b.memory.empty(), cut);
      EXPECT_EQ(b.done[kDoneAbort][0], cut ? 1u : 0u);
      EXPECT_EQ(b.done[kDoneWrite][0], cut ? 0u : 1u);
    }
  }
}

TEST(RcIsolate, ForgedRequesterDoesNotGetOut) {
  RcBench b;
  b.straps.iso_mode = 1;
  b.PortWrite(0, PORT_ACS_CAP_CTRL, 0);
  b.inv_timeout = 1;
  b.Run(3);
  b.rx[0].push_back(Write(1, 0x1000, 1, 1, kTranslated));
  b.Run(40);
  EXPECT_TRUE(b.asked.empty());
}

TEST(RcIsolate, ContainsThePort) {
  RcBench b;
  b.straps.iso_mode = 3;
  b.inv_timeout = 2;
  b.Run(3);
  EXPECT_EQ(b.link_state(), 1u);
  EXPECT_EQ(b.PortRead(1, PORT_DPC_STATUS) & 0x67, 0x27u) << "triggered, by something that is no error";
  EXPECT_EQ(b.PortRead(1, PORT_ISO_STATUS), 0u);
  b.PortWrite(1, PORT_DPC_STATUS, PORT_DPC_STATUS_TRIGGER);
  ASSERT_TRUE(b.Until([&] { return b.link_state() == 3; }, 150));
}

// ---------------------------------------------------------------- FLR

void Flr(RcBench& b, unsigned strb, uint32_t value, Status status) {
  const size_t sent = b.tx[0].size();
  b.bus = RcBench::Bus{true, 0x40100048, value, strb};
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == sent + 1; }));
  b.rx[0].push_back(Completion(kRid[0], 0, static_cast<uint8_t>(b.tx[0].back().tlp.tag()), status, false));
  ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
}

TEST(RcFlr, SeenResetRetiresTheTags) {
  for (bool snoop : {false, true}) {
    RcBench b;
    b.straps.flr_snoop = snoop;
    Flr(b, 0x3, 0x2910 | 0x8000, kSc);
    b.Run(60);
    ASSERT_EQ(b.inv_ur.size(), snoop ? 32u : 0u);
    for (unsigned i = 0; i < b.inv_ur.size(); ++i) {
      EXPECT_EQ(b.inv_ur[i].rid, kRid[0]);
      EXPECT_EQ(b.inv_ur[i].itag, i);
    }
    EXPECT_TRUE(b.quiet);
  }
}

TEST(RcFlr, OnlyAResetThatTookCounts) {
  RcBench b;
  b.straps.flr_snoop = true;
  Flr(b, 0xf, 0x2910, kSc);            // no Initiate FLR
  Flr(b, 0x1, 0x8000, kSc);            // byte not written
  Flr(b, 0x3, 0x8000, kUr);            // refused
  b.Run(60);
  EXPECT_TRUE(b.inv_ur.empty());
}

// Completions that are on their way go first: their writes may be waited for.
TEST(RcFlr, OlderCompletionsGoFirst) {
  RcBench b;
  b.straps.flr_snoop = true;
  b.hold_b[0] = true;
  b.rx[0].push_back(Write(0, 0x1000, 4, 1));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 1));
  b.Run(30);
  Flr(b, 0x3, 0x8000, kSc);
  b.Run(100);
  EXPECT_TRUE(b.inv_ur.empty() && b.inv_cpl.empty());
  b.hold_b[0] = false;
  b.Run(100);
  ASSERT_EQ(b.inv_cpl.size(), 1u);
  ASSERT_EQ(b.inv_ur.size(), 32u);
  EXPECT_GT(b.inv_ur[0].cycle, b.inv_cpl[0].cycle);
}

}  // namespace
}  // namespace tb
