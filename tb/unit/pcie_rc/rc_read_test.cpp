// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: reads, translation requests, their completions, refusals.

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

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
    Tlp t = Memory(false, kRid[0], tag++, c.addr, c.dwords, c.fbe, c.lbe);
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
  EXPECT_EQ(b.done[kDoneRead][0], cases.size());
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
  for (const ReadCase& c : cases) b.rx[0].push_back(Memory(false, kRid[0], tag++, c.addr, c.dwords, c.fbe, c.lbe));
  ASSERT_TRUE(b.Until([&] { return b.done[kDoneRead][0] == cases.size(); }));
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
  EXPECT_EQ(b.done[kDoneRead][0], cases.size());
}

TEST(RcDma, ReadsStayBehindEarlierWrites) {
  RcBench b;
  b.hold_b[0] = true;
  b.rx[0].push_back(Write(0, 0x1000, 4, 0x40));
  b.rx[0].push_back(Memory(false, kRid[0], 1, 0x1000, 4));
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
    TbuAnswer a{kXlatOk, r.addr, 0x8877665544332211, (r.addr >> 16 & 1) != 0};
    if ((r.addr >> 12 & 15) == 1) a.status = kXlatAbort;
    if ((r.addr >> 12 & 15) == 2) a.status = kXlatUr;
    if ((r.addr >> 12 & 15) == 3) a.status = kXlatCa;
    return a;
  };
  b.bad_address = [](uint64_t a) { return a >= 0x90000 && a < 0x91000; };
  b.rx[0].push_back(Memory(false, kRid[0], 0, 0x80000, 4));
  b.rx[0].push_back(Memory(false, kRid[0], 1, 0x11000, 4));            // aborted: UR
  b.rx[0].push_back(Memory(false, kRid[0], 2, 0x90000, 4));            // bus error: CA
  b.rx[0].push_back(TranslationRequest(kRid[0], 3, 0x10000));          // answered
  b.rx[0].push_back(TranslationRequest(kRid[0], 4, 0x02000));          // UR
  b.rx[0].push_back(TranslationRequest(kRid[0], 5, 0x13000));          // CA
  b.rx[0].push_back(Write(0, 0x11000, 4, 9));                              // dropped
  Tlp reserved = Memory(false, kRid[0], 6, 0x80000, 4, 0xf, 0xf, kReservedAt);
  b.rx[0].push_back(reserved);
  Tlp config = Memory(false, kRid[0], 7, 0x80000, 1, 0xf, 0);
  config.dw0 = 0x04000001;
  b.rx[0].push_back(config);
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 8; }));
  b.Run(50);
  ASSERT_EQ(b.tx[0].size(), 8u);
  const std::array<unsigned, 8> status = {kSc, kUr, kCa, kSc, kUr, kCa, kUr, kUr};
  for (unsigned i = 0; i < 8; ++i) {
    const Tlp& t = b.tx[0][i].tlp;
    EXPECT_EQ(t.tag(), i);
    EXPECT_EQ(t.status(), status[i]) << i;
    EXPECT_EQ(t.kind(), status[i] == kSc ? 0x4a : 0x0a) << i;
    EXPECT_EQ(t.len(), i == 0 ? 4u : i == 3 ? 2u : 0u);
  }
  EXPECT_EQ(b.tx[0][3].tlp.be64(), 0x8877665544332211u);
  EXPECT_EQ(b.tx[0][3].tlp.dw1, 8u);  // byte count 8
  EXPECT_EQ(b.tx[0][3].tlp.dw2 & 0x7f, 0u);
  EXPECT_TRUE(b.memory.empty());
  // reads 0 and 2; translations 3 (colour 1), 4 (0), 5 (1); aborts 1 and the write (both colour 1)
  EXPECT_EQ(b.done[kDoneRead], (std::array<unsigned, 2>{1, 1}));
  EXPECT_EQ(b.done[kDoneXlat], (std::array<unsigned, 2>{1, 2}));
  EXPECT_EQ(b.done[kDoneAbort], (std::array<unsigned, 2>{0, 2}));
  EXPECT_EQ(b.done[kDoneWrite], (std::array<unsigned, 2>{0, 0}));
  EXPECT_EQ(b.asked.size(), 7u);  // the two refused without looking asked nothing
}

// Requests for several translations: the answer is as many entries as the SMMU gives, in one completion, done once.
TEST(RcDma, AnswersOfSeveralEntries) {
  RcBench b;
  b.shuffle = true;
  const auto Entry = [](uint64_t addr, unsigned k) { return 0x1122334400000003u + (addr << 32) + (uint64_t{k} << 12); };
  b.translate = [&](const TbuRequest& r) {
    if (r.at != 1) return TbuAnswer{kXlatOk, r.addr, 0, false};
    TbuAnswer a{kXlatOk, 0, Entry(r.addr, 0), false};
    const unsigned given = r.addr >> 16 & 1 ? r.num / 2 : r.num;     // fewer than asked is legal
    for (unsigned k = 1; k <= given; ++k) a.further.push_back(Entry(r.addr, k));
    return a;
  };
  for (unsigned a = 0; a < 0x100; ++a) b.memory[0x80000 + a] = static_cast<uint8_t>(a);
  std::vector<unsigned> want;
  for (unsigned n = 1; n <= 8; ++n) {
    for (unsigned few = 0; few < 2; ++few) {
      Tlp t = TranslationRequest(kRid[0], static_cast<uint8_t>(want.size()), 0x40000 + (few << 16) + (n << 20));
      t.dw0 = (t.dw0 & ~0x3ffu) | 2 * n;
      b.rx[0].push_back(t);
      want.push_back(few ? (n - 1) / 2 + 1 : n);
      b.rx[0].push_back(Memory(false, kRid[0], 0x80, 0x80000 + 64 * (n % 4), 16));   // data beside entries
      b.rx[1].push_back(Memory(false, kRid[1], 0x80, 0x80000, 16));
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
  EXPECT_EQ(b.done[kDoneXlat][0], 16u);
}

// D1, D7: a device that takes no completions cannot keep a translation request from being done.
TEST(RcDma, TranslationIsDoneWithoutCompletionCredit) {
  RcBench b;
  b.tx_classes[0] = 3;
  for (int i = 0; i < 12; ++i) b.rx[0].push_back(TranslationRequest(kRid[0], static_cast<uint8_t>(i), 0x1000));
  b.Run(300);
  EXPECT_EQ(b.asked.size(), 8u);  // what the completion queue holds
  EXPECT_EQ(b.done[kDoneXlat][0], 8u);
}

}  // namespace
}  // namespace tb
