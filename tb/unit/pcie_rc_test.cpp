// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: invalidation (layout, D9, D13), device traffic, translation requests, CPU accesses, refusals.

#include "pcie_rc_bench.h"

namespace {

using tb::RcBench;
using tb::TbuAnswer;
using tb::TbuRequest;
using tb::Tlp;

constexpr std::array<uint16_t, 2> kRid = {0x100, 0x200};
constexpr unsigned kOkay = 0, kSlverr = 2;

Tlp Write(int port, uint64_t addr, unsigned dwords, uint8_t fill, tb::At at = tb::kUntranslated) {
  Tlp t = tb::Memory(true, kRid[port], 0, addr, dwords, 0xf, 0xf, at);
  for (unsigned i = 0; i < 4 * dwords; ++i) t.data[i] = static_cast<uint8_t>(fill + i);
  return t;
}

// ---------------------------------------------------------------- invalidation

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
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 0x80000001, 0));
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
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 1));
  b.rx[0].push_back(Write(0, 0x2000, 16, 2));  // after the message: must not delay it
  b.rx[1].push_back(tb::InvalidateCompletion(kRid[1], 2));
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
    return TbuAnswer{r.addr == 0x2000 ? unsigned{tb::kXlatAbort} : unsigned{tb::kXlatOk}, r.addr, 0, false};
  };
  b.hold_b[0] = true;
  b.rx[0].push_back(Write(0, 0x2000, 1, 1));
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 1));  // behind an abort only
  b.rx[0].push_back(Write(0, 0x1000, 1, 1));
  b.rx[0].push_back(Write(0, 0x2000, 1, 1));
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 2));  // behind a write, then an abort
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
  for (int i = 0; i < 20; ++i) b.rx[0].push_back(tb::Memory(false, kRid[0], static_cast<uint8_t>(i), 0x1000, 16));
  b.rx[0].push_back(Write(0, 0x1000, 16, 1));
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 4));
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
  b.rx[0].push_back(tb::TranslationRequest(kRid[0], 1, 0x1000));
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 4));
  b.rx[0].push_back(Write(0, 0x1000, 16, 1));
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 8));
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
      return TbuAnswer{(r.addr >> 12 & 7) == 3 ? unsigned{tb::kXlatAbort} : unsigned{tb::kXlatOk}, r.addr, 0, false};
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
            b.rx[p].push_back(tb::Memory(false, kRid[p], 1, 0x4000, 1 + rng() % 16));
            break;
          default:
            b.rx[p].push_back(tb::InvalidateCompletion(kRid[p], ++messages));
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

// ---------------------------------------------------------------- device traffic

TEST(RcDma, WritesReachMemoryWithTheirByteEnables) {
  RcBench b;
  std::mt19937 rng(5);
  b.stall = 2;
  b.translate = [](const TbuRequest& r) { return TbuAnswer{tb::kXlatOk, r.addr ^ 0x7700000000, 0, false}; };
  std::map<uint64_t, uint8_t> expected;
  for (int i = 0; i < 300; ++i) {
    const unsigned dwords = 1 + rng() % 16;
    const uint64_t addr = ((rng() % 2 ? 0x900000000 : 0x80000) + (rng() % 8) * 4096 + (rng() % (1024 - dwords + 1)) * 4);
    static constexpr std::array<unsigned, 4> kFirst = {0xf, 0xe, 0xc, 0x8}, kLast = {0xf, 0x7, 0x3, 0x1};
    unsigned fbe = dwords == 1 ? rng() % 16 : kFirst[rng() % 4];
    const unsigned lbe = kLast[rng() % 4];
    Tlp t = tb::Memory(true, kRid[0], 0, addr, dwords, fbe, lbe, rng() % 2 ? tb::kTranslated : tb::kUntranslated);
    for (auto& d : t.data) d = static_cast<uint8_t>(rng());
    for (unsigned n = 0; n < 4 * dwords; ++n) {
      const unsigned be = n < 4 ? fbe : n / 4 == dwords - 1 ? lbe : 0xf;
      if (be >> (n % 4) & 1) expected[(addr + n) ^ 0x7700000000] = t.data[n];
    }
    b.rx[0].push_back(t);
  }
  ASSERT_TRUE(b.Until([&] { return b.b_given[0] == 300; }, 50000));
  EXPECT_EQ(b.memory, expected);
  b.Run(2);
  EXPECT_EQ(b.done[tb::kDoneWrite][0], 300u);
}

TEST(RcDma, RequestFieldsReachTheSmmuAndTheUserBits) {
  RcBench b;
  Tlp w = Write(1, 0x123456789abc, 1, 0, tb::kTranslated);
  tb::SetPasid(w, 0x54321, true, false);
  b.rx[1].push_back(w);
  b.rx[1].push_back(tb::Memory(false, kRid[1], 3, 0x2000, 1));
  Tlp x = tb::TranslationRequest(kRid[1], 4, 0xfedcba9876543000, true);
  tb::SetPasid(x, 0x7, false, true);
  b.rx[1].push_back(x);
  b.rx[1].push_back(tb::TranslationRequest(kRid[1], 5, 0x5000, false));
  ASSERT_TRUE(b.Until([&] { return b.asked.size() == 4; }));
  b.Run(100);
  const TbuRequest& a = b.asked[0];
  EXPECT_EQ(a.port, 1u);
  EXPECT_EQ(a.sid, 0x200u);
  EXPECT_TRUE(a.ssv && a.priv && !a.exec && a.write);
  EXPECT_EQ(a.ssid, 0x54321u);
  EXPECT_EQ(a.at, unsigned{tb::kTranslated});
  EXPECT_EQ(a.addr, 0x123456789abcu);
  EXPECT_FALSE(b.asked[1].ssv || b.asked[1].write || b.asked[1].nw);
  EXPECT_EQ(b.asked[1].ssid, 0u);
  EXPECT_EQ(b.asked[2].at, unsigned{tb::kTranslationRequest});
  EXPECT_TRUE(b.asked[2].nw && b.asked[2].exec && !b.asked[2].priv);
  EXPECT_EQ(b.asked[2].addr, 0xfedcba9876543000u);
  EXPECT_FALSE(b.asked[3].nw);
  ASSERT_EQ(b.writes.size(), 1u);
  ASSERT_EQ(b.reads.size(), 1u);
  EXPECT_EQ(b.writes[0].user, 0x20200u);
  EXPECT_EQ(b.reads[0].user, 0x00200u);
  EXPECT_EQ(b.writes[0].id, 1u);
}

struct ReadCase {
  uint64_t addr;
  unsigned dwords, fbe, lbe, bytes, lower;
};

TEST(RcDma, ReadCompletionsCarryDataCountAndLowerAddress) {
  const std::vector<ReadCase> cases = {
      {0x1000, 16, 0xf, 0xf, 64, 0x00}, {0x1004, 16, 0xf, 0xf, 64, 0x04}, {0x100c, 3, 0xf, 0xf, 12, 0x0c},
      {0x1034, 1, 0xf, 0, 4, 0x34},     {0x1038, 1, 0x2, 0, 1, 0x39},     {0x1038, 1, 0x6, 0, 2, 0x39},
      {0x1038, 1, 0x0, 0, 1, 0x38},     {0x103c, 1, 0x8, 0, 1, 0x3f},     {0x10f8, 2, 0xc, 0x3, 4, 0x7a},
      {0x1fc0, 16, 0x8, 0x1, 58, 0x43}, {0x1018, 13, 0xe, 0x7, 50, 0x19}};
  RcBench b;
  for (uint64_t a = 0x1000; a < 0x2000; ++a) b.memory[a] = static_cast<uint8_t>(a * 7 + (a >> 8));
  uint8_t tag = 0;
  for (const ReadCase& c : cases) {
    Tlp t = tb::Memory(false, kRid[0], tag++, c.addr, c.dwords, c.fbe, c.lbe);
    t.dw0 |= 3u << 20 | 1u << 13 | 1u << 18;  // TC 3, relaxed ordering, IDO: copied
    b.rx[0].push_back(t);
  }
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == cases.size(); }));
  for (size_t i = 0; i < cases.size(); ++i) {
    const ReadCase& c = cases[i];
    const Tlp& t = b.tx[0][i].tlp;
    EXPECT_EQ(t.dw0, 0x4a000000 | 3u << 20 | 1u << 18 | 1u << 13 | c.dwords) << i;
    EXPECT_EQ(t.dw1, c.bytes) << i;  // completer 0x0000, SC
    EXPECT_EQ(t.dw2, uint32_t{kRid[0]} << 16 | static_cast<uint32_t>(i) << 8 | c.lower) << i;
    for (unsigned n = 0; n < 4 * c.dwords; ++n) ASSERT_EQ(t.data[n], b.memory[c.addr + n]) << i << " byte " << n;
  }
  EXPECT_EQ(b.done[tb::kDoneRead][0], cases.size());
}

// Reads of more than one read completion boundary: pieces that end at one, Byte Count counting down, one transaction.
TEST(RcDma, LongReadsAreCompletedInPieces) {
  const std::vector<ReadCase> cases = {
      {0x1000, 32, 0xf, 0xf, 128, 0x00}, {0x1010, 64, 0xf, 0xf, 256, 0x10}, {0x203c, 17, 0x8, 0x1, 62, 0x3f},
      {0x3000, 0, 0xf, 0xf, 0, 0x00},    {0x1fc0, 16, 0xf, 0xf, 64, 0x40},  {0x1e04, 127, 0xc, 0x7, 505, 0x06}};
  RcBench b;
  b.shuffle = true;
  b.stall = 3;
  for (uint64_t a = 0x1000; a < 0x4000; ++a) b.memory[a] = static_cast<uint8_t>(a * 7 + (a >> 8));
  uint8_t tag = 0;
  for (const ReadCase& c : cases) b.rx[0].push_back(tb::Memory(false, kRid[0], tag++, c.addr, c.dwords, c.fbe, c.lbe));
  ASSERT_TRUE(b.Until([&] { return b.done[tb::kDoneRead][0] == cases.size(); }));
  b.Run(200);
  size_t at = 0;
  for (size_t i = 0; i < cases.size(); ++i) {
    const ReadCase& c = cases[i];
    unsigned left = c.bytes ? c.bytes : 4096;                    // Byte Count 0 is 4096
    unsigned dwords = c.dwords ? c.dwords : 1024, lower = c.lower;
    uint64_t addr = c.addr;
    while (dwords != 0) {
      ASSERT_LT(at, b.tx[0].size());
      const Tlp& t = b.tx[0][at++].tlp;
      ASSERT_EQ(t.tag(), i);
      EXPECT_EQ(t.dw1, left & 0xfff) << i;
      EXPECT_EQ(t.dw2 & 0x7f, lower) << i;
      const unsigned piece = dwords <= 16 && addr == c.addr ? dwords : std::min<unsigned>(dwords, 16 - (addr / 4) % 16);
      ASSERT_EQ(t.len(), piece) << i;
      for (unsigned n = 0; n < 4 * piece; ++n) ASSERT_EQ(t.data[n], b.memory[addr + n]) << i << " byte " << n;
      left -= 4 * piece - lower % 4;
      addr += 4 * piece;
      dwords -= piece;
      lower = addr & 0x7f;
    }
  }
  EXPECT_EQ(at, b.tx[0].size());
  EXPECT_EQ(b.done[tb::kDoneRead][0], cases.size());
}

struct AmoCase {
  tb::Atomic op;
  uint64_t addr;
  unsigned dwords;
  uint64_t a, b;           // operand; CAS: compare, swap
  uint64_t after;
};

TEST(RcDma, AtomicOps) {
  constexpr uint64_t kOld = 0x1122334455667788;
  const std::vector<AmoCase> cases = {
      {tb::kFetchAdd, 0x1000, 2, 0x10, 0, kOld + 0x10},
      {tb::kFetchAdd, 0x1014, 1, 0xf0000000, 0, 0x0122334455667788},          // 32 bits wrap in their own half
      {tb::kSwap, 0x1028, 2, 0xabcdef, 0, 0xabcdef},
      {tb::kSwap, 0x1030, 1, 0xabcdef, 0, 0x1122334400abcdef},
      {tb::kCas, 0x1048, 4, kOld, 0x42, 0x42},
      {tb::kCas, 0x1050, 4, kOld + 1, 0x42, kOld},
      {tb::kCas, 0x1064, 2, 0x11223344, 0x42, 0x0000004255667788},
      {tb::kCas, 0x1070, 2, 0x55667789, 0x42, kOld}};
  RcBench b;
  for (size_t i = 0; i < cases.size(); ++i)
    for (unsigned n = 0; n < 8; ++n) b.memory[0x1000 + 16 * i + (cases[i].addr & 8) + n] = static_cast<uint8_t>(kOld >> 8 * n);
  for (size_t i = 0; i < cases.size(); ++i) {
    const AmoCase& c = cases[i];
    b.rx[0].push_back(tb::AtomicOp(kRid[0], static_cast<uint8_t>(i), c.op, c.addr, c.dwords, {c.a, c.b}));
  }
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == cases.size(); }));
  for (size_t i = 0; i < cases.size(); ++i) {
    const AmoCase& c = cases[i];
    const Tlp& t = b.tx[0][i].tlp;
    const bool wide = c.op == tb::kCas ? c.dwords == 4 : c.dwords == 2;
    ASSERT_EQ(t.kind(), 0x4a) << i;
    EXPECT_EQ(t.tag(), i);
    EXPECT_EQ(t.len(), wide ? 2u : 1u) << i;
    EXPECT_EQ(t.dw1, wide ? 8u : 4u) << i;
    uint64_t old = 0, after = 0;
    for (unsigned n = 8; n-- > 0;) {
      if (n < 4 * t.len()) old = old << 8 | t.data[n];
      after = after << 8 | b.memory[0x1000 + 16 * i + (c.addr & 8) + n];
    }
    EXPECT_EQ(old, wide ? kOld : c.addr & 4 ? kOld >> 32 : kOld & 0xffffffff) << i;
    EXPECT_EQ(after, c.after) << i;
  }
  ASSERT_EQ(b.asked.size(), 2 * cases.size());          // read, then write
  for (size_t i = 0; i < b.asked.size(); ++i) EXPECT_EQ(b.asked[i].write, i % 2 == 1);
  EXPECT_EQ(b.done[tb::kDoneWrite][0], cases.size());
  EXPECT_EQ(b.done[tb::kDoneAbort][0], cases.size());   // the read halves
}

TEST(RcDma, AtomicOpsNeedBothPermissionsAndReportErrors) {
  for (unsigned deny = 0; deny < 4; ++deny) {
    RcBench b;
    b.translate = [&](const TbuRequest& r) {
      return TbuAnswer{deny == (r.write ? 1u : 0u) ? tb::kXlatAbort : tb::kXlatOk, r.addr, 0, false};
    };
    if (deny == 2) b.bad_address = [](uint64_t) { return true; };
    Tlp op = tb::AtomicOp(kRid[0], 3, tb::kCas, 0x1000, deny == 3 ? 8 : 4, {});   // 16 bytes: not supported
    b.rx[0].push_back(op);
    b.rx[0].push_back(tb::Memory(false, kRid[0], 4, 0x2000, 4, 0xf, 0xf));
    if (deny == 0) b.rx[0].pop_back();
    ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == (deny == 0 ? 1u : 2u); })) << deny;
    EXPECT_EQ(b.tx[0][0].tlp.status(), deny == 2 ? tb::kCa : tb::kUr) << deny;
    EXPECT_EQ(b.tx[0][0].tlp.len(), 0u);
    EXPECT_TRUE(b.writes.empty()) << deny;
    b.Run(50);
    EXPECT_TRUE(b.quiet) << deny;
  }
}

// Both ports count in one word, between writes around it: no count is lost, and each sees a value of its own.
TEST(RcDma, AtomicOpsAreAtomicAmongDevices) {
  constexpr unsigned kCount = 100;
  RcBench b;
  b.shuffle = true;
  b.stall = 2;
  for (unsigned i = 0; i < kCount; ++i) {
    for (unsigned p = 0; p < 2; ++p) {
      b.rx[p].push_back(Write(p, 0x2000 + 64 * i, 4, static_cast<uint8_t>(i)));
      b.rx[p].push_back(tb::AtomicOp(kRid[p], static_cast<uint8_t>(i), tb::kFetchAdd, 0x1008, 2, {1, 0}));
      b.rx[p].push_back(tb::Memory(false, kRid[p], static_cast<uint8_t>(i + 128), 0x1000, 4));
    }
  }
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 2 * kCount && b.tx[1].size() == 2 * kCount; }, 100000));
  std::vector<uint64_t> seen;
  for (unsigned p = 0; p < 2; ++p) {
    for (const auto& s : b.tx[p]) {
      if (s.tlp.tag() >= 128) continue;
      uint64_t old = 0;
      for (unsigned n = 8; n-- > 0;) old = old << 8 | s.tlp.data[n];
      seen.push_back(old);
    }
  }
  std::sort(seen.begin(), seen.end());
  ASSERT_EQ(seen.size(), 2 * kCount);
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
  EXPECT_EQ(b.memory[0x1008], 2 * kCount);
  for (unsigned i = 0; i < kCount; ++i) EXPECT_EQ(b.memory[0x2000 + 64 * i], i);
}

// An AtomicOp is behind the posted writes before it, and nobody else's write slips in between its read and its write.
TEST(RcDma, AtomicOpsWaitForEarlierWritesAndLockMemory) {
  RcBench b;
  b.hold_b[0] = true;
  b.rx[0].push_back(Write(0, 0x1000, 4, 0x40));
  b.rx[0].push_back(tb::AtomicOp(kRid[0], 1, tb::kSwap, 0x1000, 2, {7, 0}));
  b.Run(100);
  EXPECT_TRUE(b.reads.empty());
  b.hold_b[0] = false;
  ASSERT_TRUE(b.Until([&] { return b.reads.size() == 1; }));
  b.hold_b[0] = true;                                    // the operation's own response
  b.rx[1].push_back(Write(1, 0x1000, 4, 0x80));
  b.Run(100);
  EXPECT_EQ(b.writes.size(), 2u);                        // the first write and the operation's
  b.hold_b[0] = false;
  ASSERT_TRUE(b.Until([&] { return b.writes.size() == 3 && b.tx[0].size() == 1; }));
  EXPECT_EQ(b.tx[0][0].tlp.data[1], 0x41);
}

TEST(RcDma, ReadsStayBehindEarlierWrites) {
  RcBench b;
  b.hold_b[0] = true;
  b.rx[0].push_back(Write(0, 0x1000, 4, 0x40));
  b.rx[0].push_back(tb::Memory(false, kRid[0], 1, 0x1000, 4));
  b.rx[0].push_back(Write(0, 0x3000, 4, 0x80));
  b.Run(100);
  EXPECT_TRUE(b.reads.empty());
  EXPECT_EQ(b.writes.size(), 2u);  // the later write is not held up by the read
  b.hold_b[0] = false;
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
  EXPECT_EQ(b.tx[0][0].tlp.data[5], 0x45);
}

TEST(RcDma, RefusalsAndBusErrors) {
  RcBench b;
  b.translate = [](const TbuRequest& r) {
    TbuAnswer a{tb::kXlatOk, r.addr, 0x8877665544332211, (r.addr >> 16 & 1) != 0};
    if ((r.addr >> 12 & 15) == 1) a.status = tb::kXlatAbort;
    if ((r.addr >> 12 & 15) == 2) a.status = tb::kXlatUr;
    if ((r.addr >> 12 & 15) == 3) a.status = tb::kXlatCa;
    return a;
  };
  b.bad_address = [](uint64_t a) { return a >= 0x90000 && a < 0x91000; };
  b.rx[0].push_back(tb::Memory(false, kRid[0], 0, 0x80000, 4));
  b.rx[0].push_back(tb::Memory(false, kRid[0], 1, 0x11000, 4));            // aborted: UR
  b.rx[0].push_back(tb::Memory(false, kRid[0], 2, 0x90000, 4));            // bus error: CA
  b.rx[0].push_back(tb::TranslationRequest(kRid[0], 3, 0x10000));          // answered
  b.rx[0].push_back(tb::TranslationRequest(kRid[0], 4, 0x02000));          // UR
  b.rx[0].push_back(tb::TranslationRequest(kRid[0], 5, 0x13000));          // CA
  b.rx[0].push_back(Write(0, 0x11000, 4, 9));                              // dropped
  Tlp reserved = tb::Memory(false, kRid[0], 6, 0x80000, 4, 0xf, 0xf, tb::kReservedAt);
  b.rx[0].push_back(reserved);
  Tlp config = tb::Memory(false, kRid[0], 7, 0x80000, 1, 0xf, 0);
  config.dw0 = 0x04000001;
  b.rx[0].push_back(config);
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 8; }));
  b.Run(50);
  ASSERT_EQ(b.tx[0].size(), 8u);
  const std::array<unsigned, 8> status = {tb::kSc, tb::kUr, tb::kCa, tb::kSc, tb::kUr, tb::kCa, tb::kUr, tb::kUr};
  for (unsigned i = 0; i < 8; ++i) {
    const Tlp& t = b.tx[0][i].tlp;
    EXPECT_EQ(t.tag(), i);
    EXPECT_EQ(t.status(), status[i]) << i;
    EXPECT_EQ(t.kind(), status[i] == tb::kSc ? 0x4a : 0x0a) << i;
    EXPECT_EQ(t.len(), i == 0 ? 4u : i == 3 ? 2u : 0u);
  }
  EXPECT_EQ(b.tx[0][3].tlp.be64(), 0x8877665544332211u);
  EXPECT_EQ(b.tx[0][3].tlp.dw1, 8u);  // byte count 8
  EXPECT_EQ(b.tx[0][3].tlp.dw2 & 0x7f, 0u);
  EXPECT_TRUE(b.memory.empty());
  // reads 0 and 2; translations 3 (colour 1), 4 (0), 5 (1); aborts 1 and the write (both colour 1)
  EXPECT_EQ(b.done[tb::kDoneRead], (std::array<unsigned, 2>{1, 1}));
  EXPECT_EQ(b.done[tb::kDoneXlat], (std::array<unsigned, 2>{1, 2}));
  EXPECT_EQ(b.done[tb::kDoneAbort], (std::array<unsigned, 2>{0, 2}));
  EXPECT_EQ(b.done[tb::kDoneWrite], (std::array<unsigned, 2>{0, 0}));
  EXPECT_EQ(b.asked.size(), 7u);  // the two refused without looking asked nothing
}

// Requests for several translations: the answer is as many entries as the SMMU gives, in one completion, done once.
TEST(RcDma, AnswersOfSeveralEntries) {
  RcBench b;
  b.shuffle = true;
  const auto Entry = [](uint64_t addr, unsigned k) { return 0x1122334400000003u + (addr << 32) + (uint64_t{k} << 12); };
  b.translate = [&](const TbuRequest& r) {
    if (r.at != 1) return TbuAnswer{tb::kXlatOk, r.addr, 0, false};
    TbuAnswer a{tb::kXlatOk, 0, Entry(r.addr, 0), false};
    const unsigned given = r.addr >> 16 & 1 ? r.num / 2 : r.num;     // fewer than asked is legal
    for (unsigned k = 1; k <= given; ++k) a.further.push_back(Entry(r.addr, k));
    return a;
  };
  for (unsigned a = 0; a < 0x100; ++a) b.memory[0x80000 + a] = static_cast<uint8_t>(a);
  std::vector<unsigned> want;
  for (unsigned n = 1; n <= 8; ++n) {
    for (unsigned few = 0; few < 2; ++few) {
      Tlp t = tb::TranslationRequest(kRid[0], static_cast<uint8_t>(want.size()), 0x40000 + (few << 16) + (n << 20));
      t.dw0 = (t.dw0 & ~0x3ffu) | 2 * n;
      b.rx[0].push_back(t);
      want.push_back(few ? (n - 1) / 2 + 1 : n);
      b.rx[0].push_back(tb::Memory(false, kRid[0], 0x80, 0x80000 + 64 * (n % 4), 16));   // data beside entries
      b.rx[1].push_back(tb::Memory(false, kRid[1], 0x80, 0x80000, 16));
    }
  }
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 32; }));
  for (unsigned i = 0; i < 16; ++i) {
    const Tlp& t = b.tx[0][2 * i].tlp;
    const TbuRequest& q = *std::find_if(b.asked.begin(), b.asked.end(), [&](const TbuRequest& r) {
      return r.at == 1 && r.addr == 0x40000 + ((i & 1) << 16) + ((i / 2 + 1) << 20);
    });
    EXPECT_EQ(q.num, i / 2);
    EXPECT_EQ(t.tag(), i);
    EXPECT_EQ(t.len(), 2 * want[i]);
    EXPECT_EQ(t.dw1, 8 * want[i]);
    for (unsigned k = 0; k < want[i]; ++k) {
      uint64_t got = 0;
      for (unsigned byte = 0; byte < 8; ++byte) got = got << 8 | t.data[8 * k + byte];
      EXPECT_EQ(got, Entry(q.addr, k)) << i << " entry " << k;
    }
    const Tlp& d = b.tx[0][2 * i + 1].tlp;
    for (unsigned a = 0; a < 64; ++a) EXPECT_EQ(d.data[a], static_cast<uint8_t>(64 * ((i / 2 + 1) % 4) + a));
  }
  EXPECT_EQ(b.done[tb::kDoneXlat][0], 16u);
}

// D1, D7: a device that takes no completions cannot keep a translation request from being done.
TEST(RcDma, TranslationIsDoneWithoutCompletionCredit) {
  RcBench b;
  b.tx_classes[0] = 3;
  for (int i = 0; i < 12; ++i) b.rx[0].push_back(tb::TranslationRequest(kRid[0], static_cast<uint8_t>(i), 0x1000));
  b.Run(300);
  EXPECT_EQ(b.asked.size(), 8u);  // what the completion queue holds
  EXPECT_EQ(b.done[tb::kDoneXlat][0], 8u);
}

TEST(RcDma, MalformedAndForgedPacketsAreDropped) {
  RcBench b;
  std::vector<Tlp> bad;
  bad.push_back(tb::Memory(false, kRid[1], 0, 0x1000, 4));                     // source validation
  bad.push_back(Write(1, 0x1000, 4, 0));
  bad.push_back(tb::InvalidateCompletion(kRid[1], 1));
  bad.push_back(tb::InvalidateCompletion(kRid[0], 1, 1, 0x0500));              // for another translation agent
  bad.push_back(tb::Memory(true, kRid[0], 0, 0x1000, 17));                     // longer than MaxPayload
  Tlp many = tb::TranslationRequest(kRid[0], 0, 0x1000);
  many.dw0 = (many.dw0 & ~0x3ffu) | 18;                                        // nine translations
  bad.push_back(many);
  bad.push_back(tb::AtomicOp(kRid[0], 0, tb::kFetchAdd, 0x1004, 2, {}));       // not naturally aligned
  bad.push_back(tb::AtomicOp(kRid[0], 0, tb::kSwap, 0x1000, 3, {}));
  bad.push_back(tb::AtomicOp(kRid[0], 0, tb::kCas, 0x1000, 1, {}));
  bad.push_back(tb::Memory(false, kRid[0], 0, 0x1ff0, 5));                     // crosses 4 KiB
  bad.push_back(tb::Memory(false, kRid[0], 0, 0x1004, 0));                     // 1024 dwords
  bad.push_back(tb::Memory(false, kRid[0], 0, 0x1000, 2, 0x0, 0xf));           // byte enables
  Tlp lbe = tb::Memory(false, kRid[0], 0, 0x1000, 1);
  lbe.dw1 |= 0x10;
  bad.push_back(lbe);
  bad.push_back(Write(0, 0x1000, 4, 0, tb::kTranslationRequest));
  bad.push_back(Write(0, 0x1000, 4, 0, tb::kReservedAt));
  Tlp odd = tb::TranslationRequest(kRid[0], 0, 0x1000);
  odd.dw0 += 1;
  bad.push_back(odd);
  Tlp prefix = tb::Memory(false, kRid[0], 0, 0x1000, 4);
  prefix.pfx_valid = true;
  prefix.pfx = 0x92000001;
  bad.push_back(prefix);
  Tlp unknown;
  unknown.dw0 = 0x5c000000;
  unknown.dw1 = uint32_t{kRid[0]} << 16;
  bad.push_back(unknown);
  Tlp page = tb::ErrorMessage(kRid[0], 0x04);
  bad.push_back(page);
  bad.push_back(tb::Completion(kRid[0], 0, 99, tb::kSc, true));                // nothing waits for it
  for (const Tlp& t : bad) b.rx[0].push_back(t);
  b.rx[0].push_back(tb::Memory(false, kRid[0], 77, 0x1000, 4));                // the port still works
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
  b.Run(50);
  ASSERT_EQ(b.tx[0].size(), 1u);
  EXPECT_EQ(b.tx[0][0].tlp.tag(), 77u);
  EXPECT_EQ(b.asked.size(), 1u);
  EXPECT_TRUE(b.inv_cpl.empty());
  EXPECT_TRUE(b.memory.empty());
}

TEST(RcDma, ErrorMessagesAreRemembered) {
  RcBench b;
  EXPECT_EQ(b.err_seen(), 0u);
  b.rx[0].push_back(tb::ErrorMessage(kRid[0], 0x30));
  b.rx[1].push_back(tb::ErrorMessage(kRid[1], 0x33));
  b.Run(3);
  EXPECT_EQ(b.err_seen(), 0x21u);  // {fatal, non-fatal, correctable} of port 1, of port 0
  b.rx[0].push_back(tb::ErrorMessage(kRid[0], 0x31));
  b.Run(3);
  EXPECT_EQ(b.err_seen(), 0x23u);
}

// A 64-byte write arrives every 6 cycles on a 16-byte link; with a translation of 3 cycles the port is faster than that.
TEST(RcDma, PortKeepsUpWithItsLink) {
  for (uint64_t base : {uint64_t{0x1000}, uint64_t{0x100c}}) {  // 4 beats, 5 beats
    RcBench b;
    b.b_latency = 60;
    for (int i = 0; i < 400; ++i) b.rx[0].push_back(Write(0, base, 16, 0));
    ASSERT_TRUE(b.Until([&] { return b.b_given[0] == 400; }));
    EXPECT_LE(b.now, 400u * 6 + 100) << "cycles for 400 writes: " << b.now;
    EXPECT_EQ(b.asked[301].cycle - b.asked[201].cycle, 500u);  // one every translation + 2
  }
}

TEST(RcDma, LatencyOfAWriteAndOfARead) {
  RcBench b;
  b.rx[0].push_back(Write(0, 0x1000, 16, 0));
  const uint64_t start = b.now;
  b.Run(50);
  ASSERT_EQ(b.asked.size(), 1u);
  EXPECT_EQ(b.asked[0].cycle - start, 1u);
  EXPECT_EQ(b.writes[0].cycle - start, 3u + 3u);  // translation of 3 cycles
  RcBench c;
  c.rx[0].push_back(tb::Memory(false, kRid[0], 1, 0x1000, 16));
  const uint64_t begin = c.now;
  c.Run(50);
  ASSERT_EQ(c.tx[0].size(), 1u);
  EXPECT_EQ(c.reads[0].cycle - begin, 3u + 3u);
  EXPECT_EQ(c.tx[0][0].cycle - begin, 3u + 3u + 10u + 4u);  // memory of 10, four beats
}

// Memory takes nothing, then everything but answers nothing: the port stops taking writes and loses none.
TEST(RcDma, WritesWaitWhenTheirPlacesAreTaken) {
  RcBench b;
  b.stall = 8;  // no AXI or SMMU ready at all
  for (unsigned i = 0; i < 40; ++i) b.rx[0].push_back(Write(0, 0x1000 + 64 * i, 16, static_cast<uint8_t>(i)));
  b.Run(50);
  EXPECT_EQ(b.rx_taken[0], 1u);
  b.axi_stall = true;
  b.stall = 0;
  b.Run(300);
  EXPECT_EQ(b.rx_taken[0], 1u + 4u);  // one at AXI, four in the buffer
  b.axi_stall = false;
  b.hold_b[0] = true;
  b.Run(400);
  EXPECT_EQ(b.rx_taken[0], 16u);
  EXPECT_EQ(b.writes.size(), 16u);
  b.rx[0].push_front(tb::InvalidateCompletion(kRid[0], 1));
  b.Run(20);
  EXPECT_TRUE(b.inv_cpl.empty());
  b.hold_b[0] = false;
  ASSERT_TRUE(b.Until([&] { return b.b_given[0] == 40; }));
  EXPECT_EQ(b.inv_cpl.size(), 1u);
  for (unsigned i = 0; i < 40; ++i) {
    for (unsigned n = 0; n < 64; ++n) ASSERT_EQ(b.memory[0x1000 + 64 * i + n], static_cast<uint8_t>(i + n));
  }
}

// Everything at once: data are checked by value, completions by order, the drain count by colour.
TEST(RcDma, RandomTraffic) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    RcBench b;
    b.rng.seed(seed);
    b.shuffle = true;
    b.stall = 2;
    std::mt19937 rng(seed);
    bool colour = false;
    std::array<unsigned, 2> given{};
    b.translate = [&](const TbuRequest& r) {
      if (rng() % 50 == 0) colour = !colour;
      ++given[colour];
      const bool refuse = (r.addr >> 12 & 7) == 5;
      if (r.at == tb::kTranslationRequest) {
        return TbuAnswer{refuse ? unsigned{tb::kXlatUr} : unsigned{tb::kXlatOk}, 0, r.addr | 3, colour};
      }
      return TbuAnswer{refuse ? unsigned{tb::kXlatAbort} : unsigned{tb::kXlatOk}, r.addr, 0, colour};
    };
    struct Want {
      unsigned status, kind, dwords;  // kind 0 read, 1 translation
      uint64_t addr;
      std::vector<size_t> since;  // per byte: first version that the read may return
    };
    std::array<std::deque<Want>, 2> want;
    // Each port has its own region. Every version of a byte: a read sees all writes before it, perhaps later ones.
    std::array<std::map<uint64_t, std::vector<uint8_t>>, 2> model;
    std::array<size_t, 2> checked{};
    std::array<uint8_t, 2> tag{};
    for (int i = 0; i < 15000; ++i) {
      for (int p = 0; p < 2; ++p) {
        b.tx_classes[p] = rng() % 4 ? 7 : 3;
        if (i > 13000 || b.rx[p].size() > 6 || rng() % 4) continue;
        const unsigned dwords = 1 + rng() % 16;
        const uint64_t addr = uint64_t(p + 1) << 20 | (rng() % 8) << 12 | (rng() % 48) * 4;
        const bool refuse = (addr >> 12 & 7) == 5;
        const unsigned kind = rng() % 3;
        if (kind == 0) {
          Tlp t = Write(p, addr, dwords, static_cast<uint8_t>(rng()));
          b.rx[p].push_back(t);
          for (unsigned n = 0; n < 4 * dwords && !refuse; ++n) {
            auto& versions = model[p][addr + n];
            if (versions.empty()) versions.push_back(0);
            versions.push_back(t.data[n]);
          }
        } else if (kind == 1) {
          b.rx[p].push_back(tb::Memory(false, kRid[p], tag[p]++, addr, dwords));
          Want w{refuse ? unsigned{tb::kUr} : unsigned{tb::kSc}, 0, dwords, addr, {}};
          for (unsigned n = 0; n < 4 * dwords; ++n) {
            auto& versions = model[p][addr + n];
            if (versions.empty()) versions.push_back(0);
            w.since.push_back(versions.size() - 1);
          }
          want[p].push_back(w);
        } else {
          b.rx[p].push_back(tb::TranslationRequest(kRid[p], tag[p]++, addr));
          want[p].push_back({refuse ? unsigned{tb::kUr} : unsigned{tb::kSc}, 1, 2, addr & ~uint64_t{0xfff}, {}});
        }
      }
      b.Tick();
      for (int p = 0; p < 2; ++p) {
        for (; checked[p] < b.tx[p].size(); ++checked[p]) {
          const Tlp& t = b.tx[p][checked[p]].tlp;
          ASSERT_FALSE(want[p].empty());
          const Want w = want[p].front();
          want[p].pop_front();
          ASSERT_EQ(t.tag(), checked[p] % 256) << "completions out of order";
          ASSERT_EQ(t.status(), w.status);
          if (w.status == tb::kSc) {
            ASSERT_EQ(t.len(), w.dwords);
            if (w.kind == 1) ASSERT_EQ(t.be64(), w.addr | 3);
            for (size_t n = 0; n < w.since.size(); ++n) {
              const auto& v = model[p][w.addr + n];
              ASSERT_NE(std::find(v.begin() + static_cast<long>(w.since[n]), v.end(), t.data[n]), v.end())
                  << "seed " << seed << " read of " << std::hex << w.addr + n << " saw an old value";
            }
          } else {
            ASSERT_EQ(t.kind(), 0x0a);
          }
        }
      }
    }
    EXPECT_TRUE(want[0].empty() && want[1].empty());
    for (int p = 0; p < 2; ++p) {
      for (const auto& [a, v] : model[p]) ASSERT_EQ(b.memory[a], v.back());
      EXPECT_GT(checked[p], 500u);
    }
    for (int c = 0; c < 2; ++c) {
      EXPECT_EQ(b.done[0][c] + b.done[1][c] + b.done[2][c] + b.done[3][c], given[c]) << "colour " << c;
    }
    EXPECT_GT(given[1], 100u);
  }
}

// ---------------------------------------------------------------- page requests

TEST(RcPri, RequestFieldsOrderAndDrops) {
  RcBench b;
  Tlp first = tb::PageRequest(kRid[0], 0x123456789abcd000, 0x1a5, 7);
  Tlp second = tb::PageRequest(kRid[0], 0xfffffffffffff000, 0, 2);
  tb::SetPasid(second, 0xabcde, true, true);
  Tlp stop = tb::PageRequest(kRid[0], 0, 0x1ff, 4);
  tb::SetPasid(stop, 1);
  Tlp nothing = tb::PageRequest(kRid[0], 0x1000, 3, 0);       // asks for nothing
  Tlp forged = tb::PageRequest(kRid[1], 0x1000, 4, 7);        // the other port's requester
  Tlp prefix = tb::PageRequest(kRid[0], 0x1000, 5, 7);
  prefix.pfx_valid = true;
  prefix.pfx = 0x90000000;                                    // not a PASID prefix
  for (const Tlp& t : {first, nothing, second, forged, prefix, stop}) b.rx[0].push_back(t);
  b.Run(10);
  ASSERT_EQ(b.pages.size(), 3u);
  EXPECT_EQ(b.rx_taken[0], 6u);
  EXPECT_EQ(b.pages[0].rid, kRid[0]);
  EXPECT_EQ(b.pages[0].page, 0x123456789abcdu);
  EXPECT_EQ(b.pages[0].prgi, 0x1a5u);
  EXPECT_TRUE(b.pages[0].last && b.pages[0].w && b.pages[0].r);
  EXPECT_FALSE(b.pages[0].ssv || b.pages[0].priv || b.pages[0].exec);
  EXPECT_EQ(b.pages[0].ssid, 0u);
  EXPECT_EQ(b.pages[1].page, 0xfffffffffffffu);
  EXPECT_TRUE(b.pages[1].ssv && b.pages[1].priv && b.pages[1].exec && b.pages[1].w);
  EXPECT_FALSE(b.pages[1].last || b.pages[1].r);
  EXPECT_EQ(b.pages[1].ssid, 0xabcdeu);
  EXPECT_TRUE(b.pages[2].ssv && b.pages[2].last && !b.pages[2].r && !b.pages[2].w);
  EXPECT_EQ(b.pages[2].prgi, 0x1ffu);
  EXPECT_TRUE(b.tx[0].empty() && b.tx[1].empty());
  EXPECT_TRUE(b.quiet);
}

TEST(RcPri, RequestWaitsForTheSmmuAndPortsTakeTurns) {
  RcBench b;
  b.pri_ready = false;
  for (unsigned i = 0; i < 20; ++i) {
    b.rx[0].push_back(tb::PageRequest(kRid[0], 0x1000, i, 7));
    b.rx[1].push_back(tb::PageRequest(kRid[1], 0x1000, i, 7));
  }
  b.Run(20);
  EXPECT_TRUE(b.pages.empty());
  EXPECT_TRUE(b.quiet) << "a stalled request is quiet";
  b.pri_ready = true;
  b.Run(40);
  ASSERT_EQ(b.pages.size(), 40u) << "one a cycle";
  std::array<unsigned, 2> next{};
  for (size_t i = 0; i < b.pages.size(); ++i) {
    const int p = b.pages[i].rid == kRid[1];
    EXPECT_EQ(b.pages[i].prgi, next[p]++);
    if (i > 0) EXPECT_NE(b.pages[i].rid, b.pages[i - 1].rid);
  }
}

TEST(RcPri, ResponseHasTheLayoutOfTheFactSheet) {
  RcBench b;
  b.prg.push_back({kRid[1], false, 0, 0x155, 0});
  b.prg.push_back({kRid[1], true, 0x54321, 0x1aa, 15});
  b.prg.push_back({kRid[0], false, 0, 1, 1});
  b.Run(8);
  ASSERT_EQ(b.tx[1].size(), 2u);
  ASSERT_EQ(b.tx[0].size(), 1u);
  Tlp expected;  // pcie-ats.md section 10
  expected.dw0 = 0x32000000;
  expected.dw1 = 0x00000005;
  expected.dw2 = 0x02000155;
  Tlp first = b.tx[1][0].tlp;
  EXPECT_FALSE(first.pfx_valid);
  first.pfx = 0;  // not on the wire
  EXPECT_TRUE(first == expected);
  EXPECT_TRUE(b.tx[1][1].tlp.pfx_valid);
  EXPECT_EQ(b.tx[1][1].tlp.pfx, 0x91054321u);
  EXPECT_EQ(b.tx[1][1].tlp.dw2, 0x0200f1aau);
  EXPECT_EQ(b.tx[0][0].tlp.dw2, 0x01001001u);
  EXPECT_EQ(b.prg_drops, 0u);
}

TEST(RcPri, ResponsesWaitForTheirOwnPortOnly) {
  RcBench b;
  b.tx_classes = {6, 7};  // port 0 has no posted credit
  for (unsigned i = 0; i < 40; ++i) b.prg.push_back({kRid[0], false, 0, i, 0});
  for (unsigned i = 0; i < 5; ++i) b.prg.push_back({kRid[1], false, 0, i, 0});
  b.prg.push_back({0x0300, false, 0, 0, 0});  // behind no port
  b.Run(60);
  EXPECT_TRUE(b.prg.empty());
  EXPECT_TRUE(b.tx[0].empty());
  EXPECT_EQ(b.tx[1].size(), 5u);
  EXPECT_EQ(b.prg_drops, 8u + 1u) << "32 wait for port 0";
  b.tx_classes[0] = 7;
  b.Run(40);
  ASSERT_EQ(b.tx[0].size(), 32u);
  for (unsigned i = 0; i < 32; ++i) EXPECT_EQ(b.tx[0][i].tlp.dw2 & 0x1ff, i);
  b.link_up[1] = false;
  b.prg.push_back({kRid[1], false, 0, 9, 0});
  b.Run(5);
  EXPECT_EQ(b.tx[1].size(), 5u);
  EXPECT_EQ(b.prg_drops, 10u);
}

// ---------------------------------------------------------------- CPU

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
  b.rx[1].push_back(tb::Completion(kRid[1], 0, static_cast<uint8_t>(t.tag()), tb::kSc, true, 0xcafe1234));
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
    b.rx[0].push_back(tb::Completion(kRid[0], 0, static_cast<uint8_t>(t.tag()), tb::kSc, false));
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
      tb::Completion(kRid[0], 0, static_cast<uint8_t>(b.tx[0][0].tlp.tag()), tb::kSc, true, 0x99));
  ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
  EXPECT_EQ(b.bus_done.back().data, 0x99u);
}

TEST(RcEcam, ErrorsBecomeSlverr) {
  for (tb::Status s : {tb::kUr, tb::kRrs, tb::kCa}) {
    RcBench b;
    b.bus = RcBench::Bus{false, 0x40100000, 0, 0xf};
    ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
    b.rx[0].push_back(tb::Completion(kRid[0], 0, static_cast<uint8_t>(b.tx[0][0].tlp.tag()), s, false));
    ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
    EXPECT_EQ(b.bus_done.back().resp, kSlverr);
    EXPECT_EQ(b.bus_done.back().data, 0xffffffffu);
  }
  RcBench b;  // nothing there: bus 0, bus 3, device 1, beyond the windows
  for (uint32_t addr : {0x40000000u, 0x40300000u, 0x40108000u, 0x50020000u, 0x60000000u}) {
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
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 8));
  b.rx[0].push_back(tb::Memory(false, kRid[0], 5, 0x1000, 4));
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
  b.rx[0].push_back(tb::Completion(kRid[0], 0, static_cast<uint8_t>(old_tag), tb::kSc, true, 0xbad));
  b.Run(20);
  EXPECT_TRUE(b.bus.has_value());
  // nor does an answer from the wrong port count
  b.rx[1].push_back(tb::Completion(kRid[1], 0, static_cast<uint8_t>(new_tag), tb::kSc, true, 0xbad));
  b.Run(20);
  EXPECT_TRUE(b.bus.has_value());
  b.rx[0].push_back(tb::Completion(kRid[0], 0, static_cast<uint8_t>(new_tag), tb::kSc, true, 0x900d));
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
  EXPECT_EQ(b.deadline, tb::kNever);
  b.hold_b[0] = true;
  b.hold_r[1] = true;
  b.tx_classes[1] = 3;
  b.rx[0].push_back(Write(0, 0x1000, 16, 1));
  b.rx[0].push_back(tb::InvalidateCompletion(kRid[0], 1));
  b.rx[1].push_back(tb::Memory(false, kRid[1], 1, 0x1000, 16));
  b.rx[1].push_back(tb::TranslationRequest(kRid[1], 1, 0x1000));
  b.Tick();
  EXPECT_FALSE(b.quiet);
  b.Run(40);
  EXPECT_TRUE(b.quiet);  // everything waits for memory or credit
  b.hold_b[0] = false;
  b.Tick();
  EXPECT_FALSE(b.quiet);
}

}  // namespace
