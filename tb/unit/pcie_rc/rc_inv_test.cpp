// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: invalidation: layout, D9, D13.

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

TEST(RcInv, RequestHasTheLayoutOfTheFactSheet) {
  RcBench b;
  b.inv = {kRid[1], 0x15, false, 0, 0x123456789abcd800};
  b.inv_valid[1] = true;
  ASSERT_TRUE(b.Until([&] { return b.inv_taken[1]; }, 3));
  b.inv = {kRid[1], 0x1f, true, 0xabcde, 0xffffffff00000001};
  ASSERT_TRUE(b.Until([&] { return b.tx[1].size() == 2; }, 3));
  b.inv_valid[1] = false;
  b.Run(5);
  ASSERT_EQ(b.tx[1].size(), 2u);
  EXPECT_TRUE(b.tx[0].empty());
  EXPECT_TRUE(b.inv_ur.empty());

  Tlp expected;  // pcie-ats.md section 3
  expected.dw0 = 0x72000002;
  expected.dw1 = 0x00001501;
  expected.dw2 = 0x02000000;
  expected.dw3 = 0;
  const std::array<uint8_t, 8> bytes = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xd8, 0x00};
  std::copy(bytes.begin(), bytes.end(), expected.data.begin());
  Tlp first = b.tx[1][0].tlp;
  EXPECT_FALSE(first.pfx_valid);
  first.pfx = 0;  // not on the wire
  EXPECT_TRUE(first == expected);

  Tlp second = b.tx[1][1].tlp;
  EXPECT_TRUE(second.pfx_valid);
  EXPECT_EQ(second.pfx, 0x910abcdeu);
  EXPECT_EQ(second.dw1, 0x00001f01u);
  EXPECT_EQ(second.be64(), 0xffffffff00000001u);
  EXPECT_EQ(second.data[3], 0xff);
  EXPECT_EQ(second.data[7], 0x01);
  EXPECT_EQ(b.tx[1][1].cycle, b.tx[1][0].cycle + 1);  // no bubble
}

TEST(RcInv, WaitsOnlyForItsOwnPort) {
  RcBench b;
  b.tx_classes = {6, 7};  // port 0 has no posted credit
  b.inv = {kRid[0], 1, false, 0, 0};
  b.inv_valid = {true, false};
  b.Run(50);
  EXPECT_TRUE(b.tx[0].empty());
  b.inv = {kRid[1], 2, false, 0, 0};
  b.inv_valid = {false, true};
  b.Tick();
  EXPECT_TRUE(b.inv_taken[1]);
  EXPECT_EQ(b.tx[1].size(), 1u);
}

TEST(RcInv, UrLocalWithoutRouteOrLink) {
  RcBench b;
  b.inv = {0x0300, 7, false, 0, 0};  // no such function behind either port
  b.inv_valid = {true, true};
  std::array<bool, 2> taken{};
  const uint64_t start = b.now;
  ASSERT_TRUE(b.Until([&] {
    for (int p = 0; p < 2; ++p) {
      if (b.inv_taken[p]) {
        taken[p] = true;
        b.inv_valid[p] = false;
      }
    }
    return taken[0] && taken[1];
  }, 4));
  b.Run(3);
  ASSERT_EQ(b.inv_ur.size(), 2u);  // one a cycle, none lost
  EXPECT_EQ(b.inv_ur[0].cycle, start + 1);
  EXPECT_EQ(b.inv_ur[1].cycle, start + 2);
  EXPECT_EQ(b.inv_ur[0].rid, 0x0300);
  EXPECT_EQ(b.inv_ur[0].itag, 7u);

  b.inv = {kRid[1], 9, false, 0, 0};
  b.link_up[1] = false;
  b.inv_valid[1] = true;
  b.Tick();
  b.inv_valid[1] = false;
  b.Run(3);
  ASSERT_EQ(b.inv_ur.size(), 3u);
  EXPECT_EQ(b.inv_ur[2].rid, kRid[1]);
  EXPECT_EQ(b.inv_ur[2].itag, 9u);
  EXPECT_TRUE(b.tx[0].empty() && b.tx[1].empty());
}

TEST(RcInv, CompletionFieldsAndLatency) {
  RcBench b;
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 0x80000001, 0));
  const uint64_t start = b.now;
  b.Run(5);
  ASSERT_EQ(b.inv_cpl.size(), 1u);
  EXPECT_EQ(b.inv_cpl[0].cycle, start + 1);
  EXPECT_EQ(b.inv_cpl[0].rid, kRid[0]);
  EXPECT_EQ(b.inv_cpl[0].itags, 0x80000001u);
  EXPECT_EQ(b.inv_cpl[0].cc, 0u);
}

// D9, one case at a time.
TEST(RcInv, CompletionWaitsForTheResponseOfEarlierWrites) {
  RcBench b;
  b.hold_b[0] = true;
  b.rx[0].push_back(Write(0, 0x1000, 16, 1));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 1));
  b.rx[0].push_back(Write(0, 0x2000, 16, 2));  // after the message: must not delay it
  b.rx[1].push_back(InvalidateCompletion(kRid[1], 2));
  b.Run(200);
  ASSERT_EQ(b.inv_cpl.size(), 1u);  // the other port's went at once
  EXPECT_EQ(b.inv_cpl[0].rid, kRid[1]);
  EXPECT_EQ(b.writes.size(), 2u);   // both writes have been issued meanwhile
  b.hold_b[0] = false;
  ASSERT_TRUE(b.Until([&] { return b.b_given[0] == 1; }));
  b.hold_b[0] = true;               // the second write stays without a response
  b.Run(5);
  ASSERT_EQ(b.inv_cpl.size(), 2u);
  EXPECT_EQ(b.inv_cpl[1].cycle, b.b_last[0] + 1);
}

TEST(RcInv, AbortedWritesRetireInOrder) {
  RcBench b;
  b.translate = [](const TbuRequest& r) {
    return TbuAnswer{r.addr == 0x2000 ? unsigned{kXlatAbort} : unsigned{kXlatOk}, r.addr, 0, false};
  };
  b.hold_b[0] = true;
  b.rx[0].push_back(Write(0, 0x2000, 1, 1));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 1));  // behind an abort only
  b.rx[0].push_back(Write(0, 0x1000, 1, 1));
  b.rx[0].push_back(Write(0, 0x2000, 1, 1));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 2));  // behind a write, then an abort
  b.Run(100);
  ASSERT_EQ(b.inv_cpl.size(), 1u);
  EXPECT_EQ(b.inv_cpl[0].itags, 1u);
  b.hold_b[0] = false;
  b.Run(20);
  ASSERT_EQ(b.inv_cpl.size(), 2u);
  EXPECT_EQ(b.inv_cpl[1].itags, 2u);
  EXPECT_EQ(b.writes.size(), 1u);
}

// Reads whose data do not come, and reads whose completion has no credit, hold up neither writes nor messages.
TEST(RcInv, CompletionPassesWaitingReads) {
  RcBench b;
  b.tx_classes = {3, 7};  // no completion credit
  b.hold_r[0] = true;
  for (int i = 0; i < 20; ++i) b.rx[0].push_back(Memory(false, kRid[0], static_cast<uint8_t>(i), 0x1000, 16));
  b.rx[0].push_back(Write(0, 0x1000, 16, 1));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 4));
  b.Run(300);
  EXPECT_EQ(b.inv_cpl.size(), 1u);
  EXPECT_EQ(b.writes.size(), 1u);
  b.hold_r[0] = false;
  b.Run(200);
  EXPECT_TRUE(b.tx[0].empty());
  b.tx_classes[0] = 7;
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 20; }));
  for (unsigned i = 0; i < 20; ++i) EXPECT_EQ(b.tx[0][i].tlp.tag(), i);
}

// A translation that takes long (a table walk) does not hold up a message behind it.
TEST(RcInv, CompletionPassesASlowTranslation) {
  RcBench b;
  b.xlat_latency = 500;
  b.rx[0].push_back(TranslationRequest(kRid[0], 1, 0x1000));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 4));
  b.rx[0].push_back(Write(0, 0x1000, 16, 1));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 8));
  const uint64_t start = b.now;
  b.Run(400);
  ASSERT_EQ(b.inv_cpl.size(), 1u);
  EXPECT_EQ(b.inv_cpl[0].cycle, start + 2);  // taken one cycle after the request before it
  b.Run(1000);
  EXPECT_EQ(b.inv_cpl.size(), 2u);
}

// D9 at random: responses of the two ports come late and mixed; every message is checked against the writes before it.
TEST(RcInv, RandomOrder) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    RcBench b;
    b.rng.seed(seed);
    b.shuffle = true;
    b.stall = 3;
    std::mt19937 rng(seed + 100);
    std::array<std::deque<uint64_t>, 2> needs;  // per message: writes of the port with a response needed before it
    std::array<uint64_t, 2> issued{};
    b.translate = [](const TbuRequest& r) {
      return TbuAnswer{(r.addr >> 12 & 7) == 3 ? unsigned{kXlatAbort} : unsigned{kXlatOk}, r.addr, 0, false};
    };
    unsigned messages = 0, seen = 0;
    for (int i = 0; i < 20000; ++i) {
      for (int p = 0; p < 2; ++p) {
        if (i > 18000 || b.rx[p].size() > 20 || rng() % 6 != 0) continue;
        switch (rng() % 3) {
          case 0: {
            const uint64_t addr = (rng() % 64) << 12;
            b.rx[p].push_back(Write(p, addr, 1 + rng() % 16, 0));
            if ((addr >> 12 & 7) != 3) ++issued[p];
            break;
          }
          case 1:
            b.rx[p].push_back(Memory(false, kRid[p], 1, 0x4000, 1 + rng() % 16));
            break;
          default:
            b.rx[p].push_back(InvalidateCompletion(kRid[p], ++messages));
            needs[p].push_back(issued[p]);
        }
      }
      b.Tick();
      for (; seen < b.inv_cpl.size(); ++seen) {
        const int p = b.inv_cpl[seen].rid == kRid[1];
        ASSERT_FALSE(needs[p].empty());
        const uint64_t given = b.b_given[p] - (b.b_last[p] == b.now - 1);  // before this cycle
        ASSERT_GE(given, needs[p].front()) << "seed " << seed << " cycle " << b.now;
        needs[p].pop_front();
      }
    }
    EXPECT_EQ(seen, messages);
    EXPECT_GT(messages, 300u);
  }
}

}  // namespace
}  // namespace tb
