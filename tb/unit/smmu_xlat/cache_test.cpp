// SPDX-License-Identifier: Apache-2.0
//
// What invalidations name, and what a SYNC relies on: nothing old after invalidation and drain.

#include "xlat_bench.h"

namespace xlat {
namespace {

TEST_F(XlatRows, GlobalEntriesAreSharedAndGoByAddressOnly) {
  Map(root, 0x10000, 0xDDD000, kRw & ~uint64_t{0x800});
  SetSte(20, 5, kCds + 64, 0, 0, 1);   // another ASID, same tables
  Ask(Untranslated(kFull, 0x10000));
  Ask(Untranslated(20, 0x1000));
  uint64_t reads = mem.requests;
  Ask(Untranslated(20, 0x10000));
  EXPECT_EQ(mem.requests, reads) << "global entry of the other ASID";
  Tlbi(kNhAsid, 11);
  Step();
  Ask(Untranslated(20, 0x10000));
  EXPECT_EQ(mem.requests, reads) << "TLBI by ASID leaves global entries";
  Ask(Untranslated(20, 0x1000));
  EXPECT_EQ(mem.requests, reads + 4) << "and drops the ASID's own";
  reads = mem.requests;
  Tlbi(kNhVa, 10, 0x10000);
  Step();
  Ask(Untranslated(20, 0x10000));
  EXPECT_EQ(mem.requests, reads + 4) << "TLBI by address drops them";
}

TEST_F(XlatRows, CfgiNamesWhatItSays) {
  const auto Cached = [&](const Req& q) {
    const uint64_t reads = mem.requests;
    Ask(q);
    return mem.requests == reads;
  };
  const Req a = Untranslated(kDssZero, 0x1000), b = WithSsid(Untranslated(kDssZero, 0x1000), 1),
            c = Untranslated(kFull, 0x1000);
  const auto Warm = [&] {
    for (const Req& q : {a, b, c}) Ask(q);
    for (const Req& q : {a, b, c}) EXPECT_TRUE(Cached(q));
  };
  Warm();
  Cfgi(kCdOne, kDssZero, 0);
  Step();
  EXPECT_FALSE(Cached(a)) << "no SSID uses CD 0";
  EXPECT_TRUE(Cached(b));
  EXPECT_TRUE(Cached(c));
  Warm();
  Cfgi(kCdAll, kDssZero);
  Step();
  EXPECT_FALSE(Cached(a));
  EXPECT_FALSE(Cached(b));
  EXPECT_TRUE(Cached(c));
  Warm();
  Cfgi(kSte, kFull);
  Step();
  EXPECT_TRUE(Cached(a));
  EXPECT_FALSE(Cached(c));
  Warm();
  Cfgi(kSteRange, 5, 0, 1);  // 4..7
  Step();
  EXPECT_FALSE(Cached(a));
  EXPECT_TRUE(Cached(c));
  Warm();
  Cfgi(kSteRange, 0xFFFF, 0, 31);
  Step();
  EXPECT_FALSE(Cached(a));
  EXPECT_FALSE(Cached(c));
  Warm();
  Cfgi(kSte, 0x10000 + kFull);  // out of range: no effect
  Step();
  EXPECT_TRUE(Cached(c));
}

TEST_F(XlatRows, DrainCountsColoursUntilTxnDone) {
  done_delay = 50;
  Ask(Untranslated(kFull, 0x1000));
  EXPECT_TRUE(drain_done) << "nothing of the other colour";
  const int old_colour = rsps.back().rsp.colour;
  top.drain_start_i = 1;
  to_send = Untranslated(kFull, 0x1000);  // accepted in the very cycle: old colour
  Step();
  Step();
  EXPECT_FALSE(drain_done);
  Step();
  EXPECT_EQ(rsps.back().rsp.colour, old_colour);
  const uint64_t last_old = rsps.back().cycle + done_delay;
  uint64_t done_cycle = 0;
  while (!done_cycle && now < 10000) {
    to_send = Untranslated(kFull, 0x1000, false, 1 + now % 3);  // new traffic does not hold the drain up
    Step();
    if (drain_done) done_cycle = now - 1;
    EXPECT_EQ(rsps.back().rsp.colour == old_colour, rsps.back().cycle < last_old - done_delay + 1);
  }
  EXPECT_EQ(done_cycle, last_old + 1);
}

// The race that a SYNC closes: software changes a table, invalidates, drains; from then on nothing old may be seen.
class XlatRace : public XlatTest {
 protected:
  static constexpr uint64_t kOldPa = 0x111000, kNewPa = 0x222000, kVa = 0x1000;
  XlatRace() {
    root = NewTable();
    SetCd(kCds, Cd0(7), root);
    for (uint32_t sid = 0; sid < 4; ++sid) SetSte(sid, 5, kCds, 0, 0, 1);
    mem.latency = 6;
    done_delay = 9;
  }
  // `offset` cycles of traffic, then change(), invalidate(), drain; all four ports busy throughout.
  template <typename Change, typename Invalidate, typename IsOld>
  void Run(int offset, std::mt19937_64& rng, Change change, Invalidate invalidate, IsOld is_old) {
    std::array<bool, 4> busy{};
    size_t taken = rsps.size();
    bool drained = false;
    int port = 0;
    const auto Traffic = [&] {
      if (!to_send && rng() % 4 != 0) {
        for (int k = 0; k < 4; ++k) {
          port = (port + 1) % 4;
          if (busy[port]) continue;
          Req q = rng() & 1 ? Ats(port, kVa, false, port) : Untranslated(port, kVa, false, port);
          if (rng() % 4 == 0) q.addr = 0x200000 * (1 + rng() % 3);       // other pages, to have walks
          to_send = q;
          busy[port] = true;
          asked[port] = q;
          break;
        }
      }
      Step();
      for (; taken < rsps.size(); ++taken) {
        const ref::Rsp& r = rsps[taken].rsp;
        busy[r.port] = false;
        if (asked[r.port].addr != kVa) continue;
        const bool old = is_old(asked[r.port], r);
        if (!drained) {
          olds += old;
        } else {
          ++news;
          ASSERT_FALSE(old) << "answer from the old table after the drain, offset " << offset;
        }
      }
    };
    for (int i = 0; i < offset && !HasFatalFailure(); ++i) Traffic();
    change();
    invalidate();
    Traffic();                                   // the command's cycle
    top.drain_start_i = 1;                       // in the next one
    Traffic();
    for (int i = 0; i < 3000 && !HasFatalFailure(); ++i) {
      Traffic();
      if (drain_done) break;
    }
    ASSERT_TRUE(drain_done);
    drained = true;
    for (int i = 0; i < 150 && !HasFatalFailure(); ++i) Traffic();
    while (std::any_of(busy.begin(), busy.end(), [](bool b) { return b; }) && !HasFatalFailure()) {
      Step();
      for (; taken < rsps.size(); ++taken) busy[rsps[taken].rsp.port] = false;
    }
  }

  uint64_t root = 0, olds = 0, news = 0;
  std::array<Req, 4> asked{};
};

TEST_F(XlatRace, TlbiThenDrain) {
  std::mt19937_64 rng(5);
  uint64_t pa = kOldPa;
  Map(root, kVa, pa, kRw);
  for (int offset = 0; offset < 400 && !HasFatalFailure(); ++offset) {
    const uint64_t old_pa = pa;
    pa = pa == kOldPa ? kNewPa : kOldPa;
    if (offset % 3 == 0) FlushAll();
    Run(offset % 130, rng, [&] { mem.Write64(PteAddr(root, kVa), pa | kRw | 3); },
        [&] { SetTlbi(offset & 1 ? kNhVa : kNhAsid, 7, kVa); },
        [&](const Req& q, const ref::Rsp& r) {
          return (q.at == ref::kTranslationReq ? r.entry & ~uint64_t{0xFFF} : r.pa & ~uint64_t{0xFFF}) == old_pa;
        });
  }
  EXPECT_GT(olds, 1000u) << "the race was there";
  EXPECT_GT(news, 1000u);
}

// One walk, and the invalidation in each of its cycles: what it read before must not be found after.
TEST_F(XlatRace, NoFillAfterInvalidation) {
  enum Kind { kLeaf, kTable, kContext };
  Map(root, kVa, kOldPa, kRw);
  const uint64_t other = NewTable(), level0 = mem.Read64(root);
  Map(other, kVa, kNewPa, kRw);
  for (const Kind kind : {kLeaf, kTable, kContext}) {
    int raced = 0;
    for (int offset = 0; offset < 120; ++offset) {
      SetCd(kCds, Cd0(7), root);
      mem.Write64(root, level0);
      Map(root, kVa, kOldPa, kRw);
      FlushAll();
      const size_t before = rsps.size();
      to_send = Untranslated(0, kVa);
      Step();
      for (int i = 0; i < offset; ++i) Step();
      switch (kind) {
        case kLeaf:
          mem.Write64(PteAddr(root, kVa), kNewPa | kRw | 3);
          Tlbi(kNhVa, 7, kVa);
          break;
        case kTable:
          mem.Write64(root, mem.Read64(other));
          Tlbi(kNhAsid, 7);
          break;
        case kContext:
          SetCd(kCds, Cd0(8), other);
          Cfgi(kCdOne, 0, 0);
          break;
      }
      const uint64_t applied = now;
      do {
        Step();
      } while (rsps.size() == before || !inval_idle);
      raced += rsps.back().cycle > applied && rsps.back().rsp.pa == kOldPa;
      EXPECT_EQ(Ask(Untranslated(0, kVa)).pa, kNewPa) << "kind " << kind << " at " << offset;
    }
    EXPECT_GE(raced, kind == kLeaf ? 2 : 15) << "the invalidation met a walk that had read the old entry";
  }
}

TEST_F(XlatRace, CfgiThenDrain) {
  std::mt19937_64 rng(6);
  Map(root, kVa, kOldPa, kRw);
  bool full = true;
  for (int offset = 0; offset < 400 && !HasFatalFailure(); ++offset) {
    full = !full;
    if (offset % 3 == 0) FlushAll();
    Run(offset % 130, rng, [&] {
          for (uint32_t sid = 0; sid < 4; ++sid) SetSte(sid, full ? 5 : 0, kCds, 0, 0, full ? 1 : 0);
        },
        [&] {
          top.cfgi_valid_i = 1;
          top.cfgi_op_i = kSteRange;
          top.cfgi_sid_i = 0;
          top.cfgi_range_i = 1;
        },
        [&](const Req&, const ref::Rsp& r) { return (r.status == ref::kOk) != full; });
  }
  EXPECT_GT(olds, 1000u);
  EXPECT_GT(news, 1000u);
}

}  // namespace
}  // namespace xlat
