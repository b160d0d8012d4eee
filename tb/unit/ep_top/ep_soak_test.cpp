// SPDX-License-Identifier: Apache-2.0
//
// The endpoint under random traffic and invalidations.
#include <random>
#include <set>

#include "../ep_root.h"

namespace atcbench::tb {
namespace {

// Pages are unmapped and mapped to new addresses all the time. After the completion of an invalidation, and in link
// order, no request may use an address that was unmapped before the invalidation was sent, and no read of it may be
// unanswered.
struct Shape {
  unsigned pages = 1;      // translations a request asks for
  unsigned search = 0;     // entries searched in a cycle
  bool stale_all = false;
  uint32_t tcs = 0;        // traffic classes of DMA
};

struct Soak {
  Root r;
  std::mt19937_64 rng;
  std::array<uint64_t, 8> pa{};
  uint64_t next_pa = 0x1'0000'0000;
  std::map<unsigned, std::set<uint64_t>> pending;  // itag -> addresses that must be gone after its completion
  std::set<uint64_t> dead;
  std::multiset<uint64_t> reads;  // addresses of unanswered translated reads
  unsigned stale = 0, early = 0, completed = 0;

  std::map<unsigned, unsigned> copies;  // of the completion of an itag

  explicit Soak(unsigned seed, uint32_t fault, uint32_t delay, Shape shape = {}) : rng(seed) {
    for (auto& p : pa) p = next_pa += kPage;
    r.dut().xlat_pages_i = static_cast<uint8_t>(shape.pages - 1);
    r.dut().inv_search_i = static_cast<uint16_t>(shape.search);
    r.dut().stale_all_i = shape.stale_all;
    r.Enable();
    r.BarWrite(EP_FAULT_DELAY, delay);
    r.BarWrite(EP_FAULT_CTRL, fault);
    r.translate = [this](const Tlp& t) {
      const uint64_t n = (t.addr() - kBase) / kPage;
      EXPECT_LT(n, 8u);
      // The answer is fixed when the request arrives; it may be long on its way.
      Answer a{false, kSc, Entry(pa[n], kR | kW), 5 + rng() % 300};
      for (uint64_t k = 1; k < t.length() / 2 && n + k < 8; ++k) a.more.push_back(Entry(pa[n + k], kR | kW));
      return a;
    };
    r.BarWrite(EP_DMA_XFER, shape.tcs << EP_DMA_XFER_TCS_SHIFT);
    r.read = [](const Tlp&) { return Answer{true}; };
    r.StartDma(Dma()
                   .log2_pages(3)
                   .interval(7)
                   .count(0)
                   .flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_RANDOM)
                   .seed(seed));
  }
  void Go(uint64_t cycles) {
    size_t seen = r.up.size();
    const uint64_t end = r.now() + cycles;
    std::multimap<uint64_t, Tlp> due;
    while (r.now() < end) {
      if (rng() % 120 == 0) Move();
      if (rng() % 50 == 0) r.class_ready = rng() % 8;
      if (rng() % 10 == 0) r.class_ready = 7;
      r.Run(1);
      for (; seen < r.up.size(); ++seen) Look(r.up[seen].tlp);
      while (!r.held.empty()) {
        due.emplace(r.now() + 10 + rng() % 200, r.held.front());
        r.held.pop_front();
      }
      while (!due.empty() && due.begin()->first <= r.now()) {
        const Tlp t = due.begin()->second;
        due.erase(due.begin());
        if (IsTranslated(t)) reads.erase(reads.find(t.addr() & ~0xfffull));
        r.Send(Root::CplTlp(t, {}));
      }
    }
  }
  void Move() {
    if (pending.size() == 32) return;
    unsigned itag = rng() % 32;
    while (pending.count(itag)) itag = (itag + 1) % 32;
    const unsigned log2 = rng() % 4, n = rng() % 8 & ~((1u << log2) - 1);
    for (unsigned i = n; i < n + (1u << log2); ++i) {
      pending[itag].insert(pa[i]);
      pa[i] = next_pa += kPage;
    }
    r.Send(Root::InvTlp(itag, kBase + n * kPage, log2));
  }
  void Look(const Tlp& t) {
    if (IsTranslated(t)) {
      const uint64_t page = t.addr() & ~0xfffull;
      stale += dead.count(page);
      if (t.is_read()) reads.insert(page);
    } else if (t.is_inv_cpl()) {
      for (unsigned i = 0; i < 32; ++i) {
        if (!(t.dw[3] >> i & 1)) continue;
        ASSERT_TRUE(pending.count(i)) << "completion of an idle ITag";
        if (++copies[i] % 8 != t.cc()) continue;
        copies[i] = 0;
        for (uint64_t p : pending[i]) {
          early += reads.count(p) > 0;
          dead.insert(p);
        }
        pending.erase(i);
        ++completed;
      }
    }
  }
};

TEST(EpSoak, HealthyNeverUsesADeadAddress) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    Soak s(seed, 0, 0);
    s.Go(40000);
    EXPECT_EQ(s.stale, 0u);
    EXPECT_EQ(s.early, 0u);
    EXPECT_GT(s.completed, 250u);
    EXPECT_GT(s.r.Count(IsTranslated), 800u);
    s.r.class_ready = 7;
    s.r.Run(2000);
    EXPECT_EQ(s.r.BarRead(EP_STAT_DROPPED), 0u);
  }
}

TEST(EpSoak, EveryShape) {
  for (const Shape& shape : {Shape{4, 0, false, 0}, {1, 5, false, 0}, {8, 9, true, 0}, {2, 3, false, 0x8b}, {3, 0, false, 0xff}}) {
    Soak s(shape.pages, 0, 0, shape);
    s.Go(20000);
    EXPECT_EQ(s.stale, 0u);
    EXPECT_EQ(s.early, 0u);
    EXPECT_GT(s.completed, 100u);
    EXPECT_GT(s.r.Count(IsTranslated), 300u);
  }
}

TEST(EpSoak, TheCheckSeesKeptEntries) {
  Soak s(9, EP_FAULT_CTRL_KEEP_STALE, 0);
  s.Go(5000);
  EXPECT_GT(s.stale, 0u);
}

TEST(EpSoak, TheCheckSeesEarlyCompletions) {
  Soak s(9, EP_FAULT_CTRL_EARLY_CPL, 0);
  s.Go(5000);
  EXPECT_GT(s.early, 0u);
  Soak t(9, EP_FAULT_CTRL_EARLY_CPL, 100);
  t.Go(5000);
  EXPECT_GT(t.stale, 0u);
}

}  // namespace
}  // namespace atcbench::tb
