// SPDX-License-Identifier: Apache-2.0
//
// The endpoint as a root complex sees it: the descriptor ring, against a memory.
#include <map>
#include <random>

#include "../ep_root.h"

namespace atcbench::tb {
namespace {

constexpr uint64_t kRing = 0x2'0000'0000, kData = 0x1'4000'0000;
// doc/rtl/ep_ring.md
enum Op : uint32_t { kRead, kWrite, kFetchAdd, kSwap, kCas };
constexpr uint32_t kDone = 0, kDropped = 1, kAborted = 2, kBad = 4;
constexpr unsigned kAtsFlag = 1 << 8, kIrqFlag = 1 << 9;

class EpRing : public ::testing::Test {
 protected:
  void Begin(unsigned log2 = 3, bool ats = true) {
    r.Enable(ats);
    r.read = [this](const Tlp& t) { return Serve(t); };
    r.posted = [this](const Tlp& t) {
      if (!t.is_write()) return;
      EXPECT_EQ(t.at() == 2, t.addr() >= Root::kOffset + kRing || t.addr() >= Root::kOffset + kData) << "AT";
      for (unsigned i = 0; i < 4 * t.length(); ++i) memory[Home(t) + i] = t.data[i];
    };
    r.BarWrite(EP_RING_BASE_LO, static_cast<uint32_t>(kRing));
    r.BarWrite(EP_RING_BASE_HI, static_cast<uint32_t>(kRing >> 32));
    r.BarWrite(EP_RING_CTRL, EP_RING_CTRL_EN | (ats ? EP_RING_CTRL_USE_ATS : 0) | log2 << EP_RING_CTRL_LOG2_SHIFT);
    mask_ = (1u << log2) - 1;
  }
  // Untranslated address of a packet.
  static uint64_t Home(const Tlp& t) { return t.addr() - (t.at() == 2 ? Root::kOffset : 0); }
  Answer Serve(const Tlp& t) {
    Answer a{false, kSc, 0, latency};
    if (t.is_atomic()) {
      uint64_t old = Load(Home(t), 8), fresh = t.word(0);
      if ((t.kind() & 3) == 0) fresh += old;
      if ((t.kind() & 3) == 2) {
        old = Load(Home(t), 4);
        fresh = old == (t.word(0) & 0xffffffff) ? t.word(0) >> 32 : old;
        fresh |= Load(Home(t) + 4, 4) << 32;
      }
      Store(Home(t), fresh, 8);
      for (unsigned i = 0; i < 8; ++i) a.data.push_back(static_cast<uint8_t>(old >> 8 * i));
    } else {
      for (unsigned i = 0; i < 4 * t.length(); ++i) a.data.push_back(memory.count(Home(t) + i) ? memory[Home(t) + i] : 0);
    }
    return a;
  }
  void Store(uint64_t at, uint64_t v, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) memory[at + i] = static_cast<uint8_t>(v >> 8 * i);
  }
  uint64_t Load(uint64_t at, unsigned bytes) {
    uint64_t v = 0;
    for (unsigned i = bytes; i-- > 0;) v = v << 8 | (memory.count(at + i) ? memory[at + i] : 0);
    return v;
  }
  // Fills the next descriptor; the doorbell is Ring().
  void Push(uint64_t iova, uint32_t bytes, uint32_t control, uint64_t operand = 0, uint32_t pasid = 0) {
    const uint64_t at = kRing + 32 * (tail_++ & mask_);
    Store(at, iova, 8);
    Store(at + 8, bytes, 4);
    Store(at + 12, control, 4);
    Store(at + 16, pasid, 4);
    Store(at + 20, 0, 4);
    Store(at + 24, operand, 8);
  }
  void Ring() { r.BarWrite(EP_RING_TAIL, tail_ & 0xffff); }
  uint32_t Outcome(unsigned n) { return static_cast<uint32_t>(Load(kRing + 32 * (n & mask_) + 16, 4)); }
  uint32_t Number(unsigned n) { return static_cast<uint32_t>(Load(kRing + 32 * (n & mask_) + 20, 4)); }
  uint64_t Found(unsigned n) { return Load(kRing + 32 * (n & mask_) + 24, 8); }
  bool Finished() { return r.BarRead(EP_RING_HEAD) == (tail_ & 0xffff); }
  void CheckWritten(uint64_t iova, uint32_t bytes, uint32_t number) {
    for (uint64_t w = 0; w < bytes / 8; ++w)
      ASSERT_EQ(Load(iova + 8 * w, 8), uint64_t{kIndex} << 48 | uint64_t{number} << 16 | w) << std::hex << iova << " " << w;
  }

  Root r;
  std::map<uint64_t, uint8_t> memory;
  uint64_t latency = 20;

 private:
  unsigned tail_ = 0, mask_ = 0;
};

bool IsStatus(const Tlp& t) { return t.is_write() && t.length() == 4 && (t.dw[3] & 0xfff) < 0x100 && (t.dw[3] & 0x10); }

TEST_F(EpRing, WritesReadsAndOutcomes) {
  Begin();
  Push(kData + 0x20, 200, kWrite | kAtsFlag | 3 << 4);       // over pieces of 64 bytes, not aligned to them
  Push(kData + 0x1000, 64, kRead | kAtsFlag);
  Push(kData + 0x2fc0, 128, kWrite | 1 << 4);                // untranslated, over a page
  Ring();
  ASSERT_TRUE(r.RunUntil([&] { return r.Count(IsStatus) == 3; }));
  r.Run(20);
  EXPECT_TRUE(Finished());
  for (unsigned n = 0; n < 3; ++n) {
    EXPECT_EQ(Outcome(n), 0x80000000u) << n;
    EXPECT_EQ(Number(n), 0x80000000u + n);
  }
  CheckWritten(kData + 0x20, 200, Number(0));
  CheckWritten(kData + 0x2fc0, 128, Number(2));
  EXPECT_EQ(memory.count(kData + 0x20 + 200), 0u);
  // Traffic classes: data and outcome of one descriptor share one; descriptors come on class 0.
  for (const Sent& s : r.up) {
    if (s.tlp.is_write()) EXPECT_EQ(s.tlp.tc(), IsStatus(s.tlp) ? (Home(s.tlp) - kRing) / 32 == 0 ? 3u : (Home(s.tlp) - kRing) / 32 == 2 ? 1u : 0u
                                              : Home(s.tlp) < kData + 0x1000 ? 3u : 1u);
    if (s.tlp.is_mrd()) EXPECT_EQ(s.tlp.tc(), 0u);
  }
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 4u + 1 + 2);                      // packets of data
  EXPECT_EQ(r.BarRead(EP_RING_STATUS), 0u);
}

TEST_F(EpRing, AtomicOps) {
  Begin();
  Store(kData, 100, 8);
  Store(kData + 8, 0x1111222233334444, 8);
  Store(kData + 16, 0x5555666677778888, 8);
  Store(kData + 32, 2, 8);
  Store(kData + 40, 0x77778887, 4);
  Push(kData, 8, kFetchAdd | kAtsFlag, 23);
  Push(kData + 32, 8, kFetchAdd, uint64_t(-3));                        // transfers in flight have no order among each other
  Push(kData + 8, 8, kSwap | kAtsFlag, 0xabc);
  Push(kData + 16, 8, kCas | kAtsFlag, 0x42'77778888);
  Push(kData + 40, 8, kCas, 0x43'77778888);                            // does not compare
  Ring();
  ASSERT_TRUE(r.RunUntil([&] { return r.Count(IsStatus) == 5; }));
  const std::vector<uint64_t> found = {100, 2, 0x1111222233334444, 0x77778888, 0x77778887};
  for (unsigned n = 0; n < 5; ++n) {
    EXPECT_EQ(Outcome(n), 0x80000000u);
    EXPECT_EQ(n < 3 ? Found(n) : Found(n) & 0xffffffff, found[n]) << n;
  }
  EXPECT_EQ(Load(kData, 8), 123u);
  EXPECT_EQ(Load(kData + 32, 8), ~uint64_t{0});
  EXPECT_EQ(Load(kData + 8, 8), 0xabcu);
  EXPECT_EQ(Load(kData + 16, 8), 0x5555666600000042u);
  EXPECT_EQ(Load(kData + 40, 4), 0x77778887u);
}

// Several transfers are in flight; outcomes come in order although the first one is slow; the ring wraps.
TEST_F(EpRing, SeveralInFlightInOrder) {
  Begin(2);
  latency = 300;
  for (unsigned n = 0; n < 3; ++n) Push(kData + 0x1000 * n, 256, kRead | kAtsFlag);
  Ring();
  unsigned most = 0;
  ASSERT_TRUE(r.RunUntil([&] {
    unsigned open = 0;
    for (const Sent& s : r.up) open += s.tlp.is_read() && s.tlp.length() == 64 && s.cycle + 300 > r.now();
    most = std::max(most, open);
    return r.Count(IsStatus) == 3;
  }));
  EXPECT_GE(most, 3u);
  latency = 10;
  for (unsigned round = 0; round < 20; ++round) {
    for (unsigned n = 0; n < 4; ++n) Push(kData + 64 * n, 64, kWrite | kAtsFlag);
    Ring();
    ASSERT_TRUE(r.RunUntil([&] { return r.Count(IsStatus) == 3 + 4 * (round + 1); }));
    r.Run(20);
    ASSERT_TRUE(Finished());
  }
  EXPECT_EQ(Number(3 + 80 - 1), 0x80000000u + 82);
  CheckWritten(kData + 3 * 64, 64, 0x80000000u + 82);
}

// What cannot be done is said in the outcome, and the ring goes on.
TEST_F(EpRing, OutcomesOfFailures) {
  Begin();
  r.translate = [](const Tlp& t) {
    const bool denied = t.addr() == kData + 0x5000, refused = t.addr() == kData + 0x6000;
    return Answer{false, refused ? kCa : kSc, Entry(t.addr() + Root::kOffset, denied ? kR : kR | kW), 20};
  };
  r.read = [this](const Tlp& t) {
    Answer a = Serve(t);
    if (Home(t) == kData + 0x7000) a.status = kUr;
    return a;
  };
  Push(kData + 0x4fc0, 128, kWrite | kAtsFlag);              // the second page may only be read
  Push(kData + 0x6000, 64, kRead | kAtsFlag);                // Translation Request answered CA
  Push(kData + 0x7000, 64, kRead);                           // UR
  Push(kData + 0x8000, 64, 7);                                         // no such operation
  Push(kData + 0x8000, 12, kWrite);
  Push(kData + 0x8000, 16, kSwap);
  Push(kData + 0x5000, 8, kSwap | kAtsFlag, 1);              // may not write
  Push(kData + 0x8000, 64, kWrite);
  Ring();
  ASSERT_TRUE(r.RunUntil([&] { return r.Count(IsStatus) == 8; }));
  const std::vector<uint32_t> expected = {kDropped, kAborted, kAborted, kBad,
                                          kBad, kBad, kDropped, kDone};
  for (unsigned n = 0; n < 8; ++n) EXPECT_EQ(Outcome(n), 0x80000000u | expected[n]) << n;
  CheckWritten(kData + 0x4fc0, 64, Number(0));
  CheckWritten(kData + 0x8000, 64, Number(7));
  EXPECT_EQ(memory.count(kData + 0x5000), 0u);
}

TEST_F(EpRing, StopsWhenTheRingItselfCannotBeReached) {
  Begin();
  r.read = [this](const Tlp& t) {
    Answer a = Serve(t);
    if (Home(t) == kRing + 32) a.status = kUr;
    return a;
  };
  for (unsigned n = 0; n < 3; ++n) Push(kData + 64 * n, 64, kWrite | kAtsFlag);
  Ring();
  r.Run(1000);
  EXPECT_EQ(r.BarRead(EP_RING_STATUS), EP_RING_STATUS_ERROR);
  EXPECT_LE(r.BarRead(EP_RING_HEAD), 1u);
  EXPECT_TRUE(r.dut().quiet_o);
  // Off and on again: from the start.
  r.BarWrite(EP_RING_CTRL, 0);
  r.BarWrite(EP_RING_TAIL, 0);
  r.Run(50);
  EXPECT_EQ(r.BarRead(EP_RING_STATUS), 0u);
  EXPECT_EQ(r.BarRead(EP_RING_HEAD), 0u);
  r.read = [this](const Tlp& t) { return Serve(t); };
  r.BarWrite(EP_RING_CTRL, EP_RING_CTRL_EN | EP_RING_CTRL_USE_ATS | 3 << EP_RING_CTRL_LOG2_SHIFT);
  const size_t before = r.Count(IsStatus);
  r.BarWrite(EP_RING_TAIL, 3);
  ASSERT_TRUE(r.RunUntil([&] { return r.Count(IsStatus) == before + 3; }));
}

// The interrupt of a descriptor comes behind its outcome.
TEST_F(EpRing, InterruptBehindTheOutcome) {
  Begin();
  r.CfgWrite(CFG_MSI_ADDR_LO, 0x08000000);
  r.CfgWrite(CFG_MSI_ADDR_HI, 0);
  r.CfgWrite(CFG_MSI_DATA, 0xabc8);
  r.CfgWrite(CFG_MSI_CTRL, 3u << 20 | 1u << 16, 0xc);
  r.BarWrite(EP_RING_CTRL, EP_RING_CTRL_EN | EP_RING_CTRL_USE_ATS | 3 << EP_RING_CTRL_LOG2_SHIFT | 5 << EP_RING_CTRL_IRQ_VEC_SHIFT);
  const auto is_msi = [](const Tlp& t) { return t.is_write() && t.addr() == 0x08000000; };
  Push(kData, 64, kWrite | kAtsFlag);
  Push(kData + 64, 64, kWrite | kAtsFlag | kIrqFlag);
  Ring();
  ASSERT_TRUE(r.RunUntil([&] { return r.Saw(is_msi); }));
  EXPECT_EQ(r.Count(IsStatus), 2u);                                    // none before the outcomes
  const Tlp& msi = r.up[static_cast<size_t>(r.Find(is_msi))].tlp;
  EXPECT_EQ(static_cast<uint32_t>(msi.word(0)), 0xabc8u + 5);
  EXPECT_EQ(msi.at(), 0u);
  r.Run(100);
  EXPECT_EQ(r.Count(is_msi), 1u);                                      // the first descriptor wanted none
}

// A read of the ring that used a translation is waited for by an invalidation, an AtomicOp too.
TEST_F(EpRing, InvalidationWaitsForAtomicOps) {
  Begin();
  latency = 500;
  Push(kData, 8, kFetchAdd | kAtsFlag, 1);
  Ring();
  const auto is_atomic = [](const Tlp& t) { return t.is_atomic(); };
  ASSERT_TRUE(r.RunUntil([&] { return r.Saw(is_atomic); }));
  const uint64_t left = r.up[static_cast<size_t>(r.Find(is_atomic))].cycle;
  r.Invalidate(7, kData);
  ASSERT_TRUE(r.RunUntil([&] { return r.SawInvCpl(7); }));
  EXPECT_GE(r.now(), left + 500);
}

// An FLR forgets the ring; nothing of it leaves afterwards, and it works again.
TEST_F(EpRing, FunctionLevelReset) {
  Begin();
  latency = 200;
  for (unsigned n = 0; n < 4; ++n) Push(kData + 0x1000 * n, 128, n % 2 ? kWrite | kAtsFlag : kRead | kAtsFlag);
  Ring();
  r.Run(120);
  r.CfgWrite(CFG_DEVCTL_DEVSTA, 0x8000 | r.CfgRead(CFG_DEVCTL_DEVSTA), 0x3);
  const size_t before = r.up.size();
  r.Run(1200);
  EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_write(); }, before), 0u);
  Begin();
  EXPECT_EQ(r.BarRead(EP_RING_HEAD), 0u);
}

TEST_F(EpRing, RandomAgainstMemory) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    Root fresh(seed % 2 == 0);
    memory.clear();
    std::mt19937 rng(seed);
    // A ring of its own for each seed; the fixture's object is not used.
    struct Job {
      uint64_t iova;
      uint32_t bytes;
      uint32_t control;
    };
    std::vector<Job> jobs;
    fresh.Enable();
    fresh.read = [&](const Tlp& t) {
      Answer a = Serve(t);
      a.latency = 5 + rng() % 60;
      return a;
    };
    fresh.posted = [&](const Tlp& t) {
      if (t.is_write()) for (unsigned i = 0; i < 4 * t.length(); ++i) memory[Home(t) + i] = t.data[i];
    };
    constexpr unsigned kJobs = 200;
    uint64_t next = kData;
    for (unsigned n = 0; n < kJobs; ++n) {
      const uint32_t op = rng() % 8 < 5 ? 1 : static_cast<uint32_t>(rng() % 5);
      const uint32_t bytes = op > 1 ? 8 : static_cast<uint32_t>(8 * (1 + rng() % 100));
      jobs.push_back({next, bytes, static_cast<uint32_t>(op | (rng() % 2 ? kAtsFlag : 0) | (rng() % 8) << 4)});
      next += bytes + 8 * (rng() % 30);
      Store(kRing + 32 * n, jobs[n].iova, 8);
      Store(kRing + 32 * n + 8, bytes, 4);
      Store(kRing + 32 * n + 12, jobs[n].control, 4);
      for (unsigned i = 16; i < 32; i += 8) Store(kRing + 32 * n + i, 0, 8);
    }
    fresh.BarWrite(EP_RING_BASE_LO, static_cast<uint32_t>(kRing));
    fresh.BarWrite(EP_RING_BASE_HI, static_cast<uint32_t>(kRing >> 32));
    fresh.BarWrite(EP_RING_CTRL, EP_RING_CTRL_EN | EP_RING_CTRL_USE_ATS | 8 << EP_RING_CTRL_LOG2_SHIFT);
    // The generator works beside it.
    fresh.StartDma(Dma().base(0x7'0000'0000).log2_pages(4).interval(9).count(300).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
    for (unsigned t = 10; t <= kJobs; t += 10) {
      fresh.BarWrite(EP_RING_TAIL, t);
      fresh.Run(rng() % 400);
      fresh.Invalidate(rng() % 32, kData + (rng() % 16) * 0x1000);
      fresh.class_ready = rng() % 4 ? 7 : 5;
      fresh.Run(rng() % 100);
      fresh.class_ready = 7;
    }
    ASSERT_TRUE(fresh.RunUntil([&] { return fresh.BarRead(EP_RING_HEAD) == kJobs; }, 200000)) << seed;
    for (unsigned n = 0; n < kJobs; ++n) {
      ASSERT_EQ(Load(kRing + 32 * n + 16, 8), 0x80000000'80000000u + (uint64_t{n} << 32)) << seed << " " << n;
      if ((jobs[n].control & 7) == 1) CheckWritten(jobs[n].iova, jobs[n].bytes, 0x80000000u + n);
    }
    EXPECT_TRUE(fresh.RunUntil([&] { return fresh.BarRead(EP_STAT_DONE) >= 300; }));
  }
}

}  // namespace
}  // namespace atcbench::tb
