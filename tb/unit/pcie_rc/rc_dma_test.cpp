// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: writes, rates, latencies, random traffic.

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

TEST(RcDma, WritesReachMemoryWithTheirByteEnables) {
  RcBench b;
  std::mt19937 rng(5);
  b.stall = 2;
  b.translate = [](const TbuRequest& r) { return TbuAnswer{kXlatOk, r.addr ^ 0x7700000000, 0, false}; };
  std::map<uint64_t, uint8_t> expected;
  for (int i = 0; i < 300; ++i) {
    const unsigned dwords = 1 + rng() % (kPayload / 4);
    const uint64_t addr = ((rng() % 2 ? 0x900000000 : 0x80000) + (rng() % 8) * 4096 + (rng() % (1024 - dwords + 1)) * 4);
    static constexpr std::array<unsigned, 4> kFirst = {0xf, 0xe, 0xc, 0x8}, kLast = {0xf, 0x7, 0x3, 0x1};
    unsigned fbe = dwords == 1 ? rng() % 16 : kFirst[rng() % 4];
    const unsigned lbe = kLast[rng() % 4];
    Tlp t = Memory(true, kRid[0], 0, addr, dwords, fbe, lbe, rng() % 2 ? kTranslated : kUntranslated);
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
  EXPECT_EQ(b.done[kDoneWrite][0], 300u);
}

TEST(RcDma, RequestFieldsReachTheSmmuAndTheUserBits) {
  RcBench b;
  Tlp w = Write(1, 0x123456789abc, 1, 0, kTranslated);
  SetPasid(w, 0x54321, true, false);
  b.rx[1].push_back(w);
  b.rx[1].push_back(Memory(false, kRid[1], 3, 0x2000, 1));
  Tlp x = TranslationRequest(kRid[1], 4, 0xfedcba9876543000, true);
  SetPasid(x, 0x7, false, true);
  b.rx[1].push_back(x);
  b.rx[1].push_back(TranslationRequest(kRid[1], 5, 0x5000, false));
  ASSERT_TRUE(b.Until([&] { return b.asked.size() == 4; }));
  b.Run(100);
  const TbuRequest& a = b.asked[0];
  EXPECT_EQ(a.port, 1u);
  EXPECT_EQ(a.sid, 0x200u);
  EXPECT_TRUE(a.ssv && a.priv && !a.exec && a.write);
  EXPECT_EQ(a.ssid, 0x54321u);
  EXPECT_EQ(a.at, unsigned{kTranslated});
  EXPECT_EQ(a.addr, 0x123456789abcu);
  EXPECT_FALSE(b.asked[1].ssv || b.asked[1].write || b.asked[1].nw);
  EXPECT_EQ(b.asked[1].ssid, 0u);
  EXPECT_EQ(b.asked[2].at, unsigned{kTranslationRequest});
  EXPECT_TRUE(b.asked[2].nw && b.asked[2].exec && !b.asked[2].priv);
  EXPECT_EQ(b.asked[2].addr, 0xfedcba9876543000u);
  EXPECT_FALSE(b.asked[3].nw);
  ASSERT_EQ(b.writes.size(), 1u);
  ASSERT_EQ(b.reads.size(), 1u);
  EXPECT_EQ(b.writes[0].user, 0x20200u);
  EXPECT_EQ(b.reads[0].user, 0x00200u);
  EXPECT_EQ(b.writes[0].id, 1u);
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
  c.rx[0].push_back(Memory(false, kRid[0], 1, 0x1000, 16));
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
  b.rx[0].push_front(InvalidateCompletion(kRid[0], 1));
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
      if (r.at == kTranslationRequest) {
        return TbuAnswer{refuse ? unsigned{kXlatUr} : unsigned{kXlatOk}, 0, r.addr | 3, colour};
      }
      return TbuAnswer{refuse ? unsigned{kXlatAbort} : unsigned{kXlatOk}, r.addr, 0, colour};
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
          b.rx[p].push_back(Memory(false, kRid[p], tag[p]++, addr, dwords));
          Want w{refuse ? unsigned{kUr} : unsigned{kSc}, 0, dwords, addr, {}};
          for (unsigned n = 0; n < 4 * dwords; ++n) {
            auto& versions = model[p][addr + n];
            if (versions.empty()) versions.push_back(0);
            w.since.push_back(versions.size() - 1);
          }
          want[p].push_back(w);
        } else {
          b.rx[p].push_back(TranslationRequest(kRid[p], tag[p]++, addr));
          want[p].push_back({refuse ? unsigned{kUr} : unsigned{kSc}, 1, 2, addr & ~uint64_t{0xfff}, {}});
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
          if (w.status == kSc) {
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

}  // namespace
}  // namespace tb
