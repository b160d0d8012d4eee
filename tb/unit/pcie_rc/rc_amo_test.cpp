// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: AtomicOps.

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

struct AmoCase {
  Atomic op;
  uint64_t addr;
  unsigned dwords;
  uint64_t a, b;           // operand; CAS: compare, swap
  uint64_t after;
};

TEST(RcDma, AtomicOps) {
  constexpr uint64_t kOld = 0x1122334455667788;
  const std::vector<AmoCase> cases = {
      {kFetchAdd, 0x1000, 2, 0x10, 0, kOld + 0x10},
      {kFetchAdd, 0x1014, 1, 0xf0000000, 0, 0x0122334455667788},          // 32 bits wrap in their own half
      {kSwap, 0x1028, 2, 0xabcdef, 0, 0xabcdef},
      {kSwap, 0x1030, 1, 0xabcdef, 0, 0x1122334400abcdef},
      {kCas, 0x1048, 4, kOld, 0x42, 0x42},
      {kCas, 0x1050, 4, kOld + 1, 0x42, kOld},
      {kCas, 0x1064, 2, 0x11223344, 0x42, 0x0000004255667788},
      {kCas, 0x1070, 2, 0x55667789, 0x42, kOld}};
  RcBench b;
  for (size_t i = 0; i < cases.size(); ++i)
    for (unsigned n = 0; n < 8; ++n) b.memory[0x1000 + 16 * i + (cases[i].addr & 8) + n] = static_cast<uint8_t>(kOld >> 8 * n);
  for (size_t i = 0; i < cases.size(); ++i) {
    const AmoCase& c = cases[i];
    b.rx[0].push_back(AtomicOp(kRid[0], static_cast<uint8_t>(i), c.op, c.addr, c.dwords, {c.a, c.b}));
  }
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == cases.size(); }));
  for (size_t i = 0; i < cases.size(); ++i) {
    const AmoCase& c = cases[i];
    const Tlp& t = b.tx[0][i].tlp;
    const bool wide = c.op == kCas ? c.dwords == 4 : c.dwords == 2;
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
  EXPECT_EQ(b.done[kDoneWrite][0], cases.size());
  EXPECT_EQ(b.done[kDoneAbort][0], cases.size());   // the read halves
}

TEST(RcDma, AtomicOpsNeedBothPermissionsAndReportErrors) {
  for (unsigned deny = 0; deny < 4; ++deny) {
    RcBench b;
    b.translate = [&](const TbuRequest& r) {
      return TbuAnswer{deny == (r.write ? 1u : 0u) ? kXlatAbort : kXlatOk, r.addr, 0, false};
    };
    if (deny == 2) b.bad_address = [](uint64_t) { return true; };
    Tlp op = AtomicOp(kRid[0], 3, kCas, 0x1000, deny == 3 ? 8 : 4, {});   // 16 bytes: not supported
    b.rx[0].push_back(op);
    b.rx[0].push_back(Memory(false, kRid[0], 4, 0x2000, 4, 0xf, 0xf));
    if (deny == 0) b.rx[0].pop_back();
    ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == (deny == 0 ? 1u : 2u); })) << deny;
    EXPECT_EQ(b.tx[0][0].tlp.status(), deny == 2 ? kCa : kUr) << deny;
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
      // A read right before the operation may wait for the other port's lock when this one's turn comes.
      if (i % 2 == 0) b.rx[p].push_back(Write(p, 0x2000 + 64 * i, 4, static_cast<uint8_t>(i)));
      else b.rx[p].push_back(tb::Memory(false, kRid[p], static_cast<uint8_t>(128 + kCount), 0x3000, 16));
      b.rx[p].push_back(AtomicOp(kRid[p], static_cast<uint8_t>(i), kFetchAdd, 0x1008, 2, {1, 0}));
      b.rx[p].push_back(Memory(false, kRid[p], static_cast<uint8_t>(i + 128), 0x1000, 4));
    }
  }
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 5 * kCount / 2 && b.tx[1].size() == 5 * kCount / 2; }, 100000));
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
  for (unsigned i = 0; i < kCount; i += 2) EXPECT_EQ(b.memory[0x2000 + 64 * i], i);
}

// An AtomicOp is behind the posted writes before it, and nobody else's write slips in between its read and its write.
TEST(RcDma, AtomicOpsWaitForEarlierWritesAndLockMemory) {
  RcBench b;
  b.hold_b[0] = true;
  b.rx[0].push_back(Write(0, 0x1000, 4, 0x40));
  b.rx[0].push_back(AtomicOp(kRid[0], 1, kSwap, 0x1000, 2, {7, 0}));
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

}  // namespace
}  // namespace tb
