// SPDX-License-Identifier: Apache-2.0
//
// Both tag scopes and 1, 2 and 4 queues at random against the model.

#include "tracker_bench.h"

namespace tracker {
namespace {

struct Totals {
  int allocated = 0, expired = 0, cancelled = 0, late = 0, refused = 0, count = 0, reserved = 0;
};

void RandomRun(bool global, int queues, unsigned seed, Totals* totals) {
  std::mt19937 rng(seed);
  auto percent = [&](int p) { return static_cast<int>(rng() % 100) < p; };
  const uint64_t timeout = 5 + rng() % 120;
  const uint64_t interval = 1 + rng() % 200;
  Bench b(global, timeout, interval, queues);
  std::array<std::deque<int>, kEps> unsent;
  const int alloc_p = 10 + rng() % 90, send_p = 5 + rng() % 95, cpl_p = rng() % 60;
  const unsigned dead = rng() % 8;  // devices that rarely answer
  const bool greedy = rng() % 2;    // one queue takes most tags
  for (int cycle = 0; cycle < 3000; ++cycle) {
    Inputs in;
    for (int& dev : in.ask) dev = static_cast<int>(rng() % kEps);
    in.qid = static_cast<int>(rng() % static_cast<unsigned>(queues));
    if (greedy && percent(80)) in.qid = 0;
    const bool calm = (cycle / 100) % 3 == 2;  // lets the lists run out by time
    if (!calm && percent(alloc_p)) {
      in.alloc = b.model.Avail(in.AllocDev(), in.qid);
      in.refuse = !in.alloc && b.model.AllQuar(in.AllocDev(), in.qid);
      totals->reserved += !in.alloc && b.model.NextTag(in.AllocDev()) >= 0;
    }
    for (int d = 0; d < kEps; ++d)
      if (!unsent[d].empty() && percent(send_p)) in.sent[d] = unsent[d].front();
    if (!calm && percent(cpl_p)) {
      const int d = rng() % kEps;
      if (!((dead >> d) & 1) || percent(10)) {
        Completion c{Rid(d), 0, percent(70) ? 1u : static_cast<unsigned>(rng() % 8)};
        for (int t = 0; t < kTags; ++t) {
          const auto& tag = b.model.tag(d, t);
          const bool live = tag.state == Model::kPending || tag.state == Model::kQuarantined;
          if (percent(live ? 50 : 4)) c.itags |= 1u << t;
          if (live && tag.got != 0 && percent(60)) c.cc = tag.cc;
        }
        if (percent(3)) c.itags |= rng();
        if (percent(3)) c.rid = static_cast<uint16_t>(rng() % 2 ? rng() : Rid(kEps));
        in.cpl = c;
      }
    }
    // Aim completions at the cycle of a deadline.
    for (int d = 0; d < kEps && percent(40); ++d)
      for (int t = 0; t < kTags; ++t)
        if (b.model.tag(d, t).state == Model::kPending &&
            b.model.tag(d, t).start + timeout == b.now)
          in.cpl = Completion{Rid(d), 1u << t, 1};
    if (percent(3)) in.ur = Ur{Rid(rng() % (kEps + 1)), static_cast<unsigned>(rng() % 16)};
    if (percent(1)) in.release = rng() % 8;
    if (percent(3)) in.clear = rng() % (1u << queues);
    // A UR may come in the cycle in which its request leaves.
    for (int d = 0; d < kEps; ++d)
      if (in.sent[d] >= 0 && percent(4)) in.ur = Ur{Rid(d), static_cast<unsigned>(in.sent[d])};

    const int tag = b.model.NextTag(in.AllocDev());
    // Jump when this cycle's inputs do nothing.
    uint64_t step = 1;
    b.Peek(0);
    const bool nothing = !in.alloc && !in.refuse && !in.cpl && !in.ur && !in.release && !in.clear &&
                         *std::max_element(in.sent.begin(), in.sent.end()) < 0;
    if (nothing && b.Peek(0).quiet_o) {
      const uint64_t limit = std::min<uint64_t>(b.model.Deadline(), b.now + 50) - b.now;
      step = 1 + rng() % limit;
    }
    const std::array<int, kCauses> before = b.model.strays;
    b.Cycle(in, step);
    if (testing::Test::HasFatalFailure()) return;
    for (int d = 0; d < kEps; ++d)
      if (in.sent[d] >= 0) unsent[d].pop_front();
    if (b.cancelled >= 0) {
      // The tracker promises that the expired unsent request is the oldest of its device.
      ASSERT_FALSE(unsent[b.cancelled].empty());
      ASSERT_EQ(b.model.expired.front(), b.cancelled * kStride + unsent[b.cancelled].front());
      unsent[b.cancelled].pop_front();
      ++totals->cancelled;
    }
    if (in.alloc) unsent[in.AllocDev()].push_back(tag);
    totals->allocated += in.alloc;
    totals->refused += in.refuse;
    totals->expired += b.model.expired.size();
    totals->late += b.model.strays[kLate] - before[kLate];
    totals->count += b.model.strays[kCount] - before[kCount];
  }
  b.Run(timeout + interval + 200);
  ASSERT_TRUE(b.quiet) << "never quiet after the input stopped";
  EXPECT_EQ(b.strays_reported, b.model.strays) << "a stray was lost";
}

TEST_P(Tracker, RandomAgainstModel) {
  Totals totals;
  for (unsigned seed = 1; seed <= 90; ++seed) {
    RandomRun(GetParam(), 1 << seed % 3, seed, &totals);
    if (HasFatalFailure()) FAIL() << "seed " << seed;
  }
  // The run has been where it should.
  EXPECT_GT(totals.allocated, 10000);
  EXPECT_GT(totals.expired, 500);
  EXPECT_GT(totals.cancelled, 100);
  EXPECT_GT(totals.late, 100);
  EXPECT_GT(totals.count, 100);
  EXPECT_GT(totals.refused, 10);
  EXPECT_GT(totals.reserved, 100) << "a queue was never told to leave the last tags to others";
}

}  // namespace
}  // namespace tracker
