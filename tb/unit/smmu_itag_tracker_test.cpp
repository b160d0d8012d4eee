// SPDX-License-Identifier: Apache-2.0
//
// smmu_itag_tracker, both tag scopes and 1, 2 and 4 queues, against a model of D4 to D7 that keeps its lists as deques
// and predicts every output of every cycle; then the cases that have a name: late, stray,
// duplicate, wrong count, release, exhaustion.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

#include "Vsmmu_itag_tracker_tb.h"

namespace {

constexpr int kEps = 3;
constexpr int kTags = 6;
constexpr int kQueues = 4;  // of the ports
constexpr int kStride = 8;  // tags of a device in the order in which done entries leave
constexpr uint64_t kNoDeadline = (uint64_t{1} << 48) - 1;

enum Cause { kLate, kNotBusy, kRequester, kCount, kZero, kCauses };

uint16_t Rid(int dev) { return static_cast<uint16_t>((dev + 1) << 8); }

struct Completion {
  uint16_t rid;
  uint32_t itags;
  unsigned cc;
};
struct Ur {
  uint16_t rid;
  unsigned itag;
};

// What is given in one cycle.
struct Inputs {
  uint64_t now = 0;
  std::array<int, kQueues> ask = {};  // device that each queue asks for
  bool alloc = false;
  bool refuse = false;
  int qid = 0;
  int AllocDev() const { return ask[qid]; }
  std::array<int, kEps> sent = {-1, -1, -1};
  std::optional<Completion> cpl;
  std::optional<Ur> ur;
  unsigned release = 0;
  unsigned clear = 0;
};

class Model {
 public:
  Model(bool global, int queues, uint64_t timeout, uint64_t interval)
      : global_(global), queues_(queues), timeout_(timeout), interval_(interval) {
    for (int t = 0; t < kTags; ++t) {
      for (auto& ring : free_) ring.push_back(t);
      order_.push_back(t);
    }
  }

  enum State { kFree, kPending, kLeaving, kQuarantined, kReleasing };
  struct Tag {
    State state = kFree;
    bool sent = false;
    unsigned got = 0, cc = 0;
    int qid = 0;
    uint64_t start = 0;
  };

  // Outputs that depend on state only.
  int NextTag(int dev) const {  // -1: none
    if (!global_) return free_[dev].empty() ? -1 : free_[dev].front();
    for (int t : order_)
      if (tag(dev, t).state == kFree) return t;
    return -1;
  }
  // D7: tags that a queue holds, of the device or, in scope global, of numbers that are busy.
  int Held(int dev, int q) const {
    int n = 0;
    for (int d = 0; d < kEps; ++d)
      for (const Tag& t : tags_[d])
        n += t.qid == q && (global_ ? t.state == kPending || t.state == kLeaving : d == dev && t.state != kFree);
    return n;
  }
  int Free(int dev) const {
    return static_cast<int>(global_ ? order_.size() : free_[dev].size());
  }
  bool Avail(int dev, int q) const {
    if (NextTag(dev) < 0) return false;
    if (Held(dev, q) == 0) return true;
    int others = 0;
    for (int r = 0; r < queues_; ++r) others += r != q && Held(dev, r) == 0;
    return Free(dev) > others;
  }
  // Nothing for this queue, and nothing to wait for but the end of a quarantine.
  bool AllQuar(int dev, int q) const {
    if (global_) return Count(dev, kQuarantined) == kTags;
    return !Avail(dev, q) && Count(dev, kPending) + Count(dev, kLeaving) + Count(dev, kReleasing) == 0;
  }
  int queues() const { return queues_; }
  // Scope global: every number that is not busy is quarantined for the device.
  bool NoneForDevice(int dev) const { return global_ && NextTag(dev) < 0; }
  int Count(int dev, State s) const {
    int n = 0;
    for (int t = 0; t < kTags; ++t) n += tag(dev, t).state == s;
    return n;
  }
  int Busy() const {
    int n = 0;
    for (int d = 0; d < kEps; ++d) n += Count(d, kPending);
    return n;
  }
  bool Idle(int q) const {
    for (const auto& dev : tags_)
      for (const Tag& t : dev)
        if (t.state == kPending && t.qid == q) return false;
    return true;
  }
  bool TimedOut(int q) const { return timed_out_[q]; }
  bool Settled() const {  // nothing waits to leave a list
    for (const auto& dev : tags_)
      for (const Tag& t : dev)
        if (t.state == kLeaving || t.state == kReleasing) return false;
    return true;
  }
  uint64_t Deadline() const {
    uint64_t d = kNoDeadline;
    if (!list_.empty()) d = std::min(d, at(list_.front()).start + timeout_);
    if (!quar_.empty()) d = std::min(d, at(quar_.front()).start + interval_);
    return d;
  }
  const Tag& tag(int dev, int t) const { return tags_[dev][t]; }

  // One cycle. Returns the device whose oldest unsent request is cancelled, or -1.
  int Step(const Inputs& in) {
    expired.clear();
    // Entries that leave without having been done in this very cycle are chosen from the state
    // before it.
    const int list_done = FirstDone(list_, kLeaving);
    const int quar_done = FirstDone(quar_, kReleasing);

    for (int d = 0; d < kEps; ++d)
      if (in.sent[d] >= 0) tags_[d][in.sent[d]].sent_now = true;
    if (in.cpl) Complete(*in.cpl);
    if (in.ur) Retire(*in.ur);
    for (int d = 0; d < kEps; ++d)
      if ((in.release >> d) & 1)
        for (int t = 0; t < kTags; ++t)
          if (tags_[d][t].state == kQuarantined) tags_[d][t].state = kReleasing;
    for (int q = 0; q < kQueues; ++q)
      if ((in.clear >> q) & 1) timed_out_[q] = false;
    if (in.refuse) timed_out_[in.qid] = true;

    int cancelled = -1;
    int freed = -1, released = -1;  // entries
    int quarantined = -1;
    // Time-out list: the head if it is due or done, else the first done one.
    if (!list_.empty()) {
      FullTag& head = at(list_.front());
      const int e = list_.front();
      if (head.state == kPending && head.start + timeout_ <= in.now) {
        EXPECT_EQ(head.start + std::max<uint64_t>(timeout_, 1), in.now) << "model: not exact";
        expired.push_back(e);
        timed_out_[head.qid] = true;
        list_.pop_front();
        if (head.sent || head.sent_now) {
          head.state = kQuarantined;
          head.start = in.now;
          quarantined = e;
          if (global_) order_.push_back(e % kStride);
        } else {
          cancelled = e / kStride;
          freed = e;
        }
      } else if (head.state == kLeaving) {
        freed = e;
        list_.pop_front();
      } else if (list_done >= 0) {
        freed = list_done;
        list_.erase(std::find(list_.begin(), list_.end(), list_done));
      }
    }
    if (!quar_.empty()) {
      FullTag& head = at(quar_.front());
      const int e = quar_.front();
      if (head.state == kReleasing || head.start + interval_ <= in.now) {
        released = e;
        quar_.pop_front();
      } else if (quar_done >= 0) {
        released = quar_done;
        quar_.erase(std::find(quar_.begin(), quar_.end(), quar_done));
      }
    }
    if (quarantined >= 0) quar_.push_back(quarantined);

    if (in.alloc) {
      const int t = NextTag(in.AllocDev());
      FullTag& tag = tags_[in.AllocDev()][t];
      if (global_)
        order_.erase(std::find(order_.begin(), order_.end(), t));
      else
        free_[in.AllocDev()].pop_front();
      tag = FullTag{};
      tag.state = kPending;
      tag.qid = in.qid;
      tag.start = in.now;
      list_.push_back(in.AllocDev() * kStride + t);
    }
    for (const int e : {freed, released}) {
      if (e < 0) continue;
      at(e).state = kFree;
      if (!global_) free_[e / kStride].push_back(e % kStride);
    }
    if (freed >= 0 && global_) order_.push_back(freed % kStride);
    for (auto& dev : tags_)
      for (FullTag& t : dev) {
        t.sent |= t.sent_now;
        t.sent_now = false;
      }
    return cancelled;
  }

  std::array<int, kCauses> strays = {};
  std::vector<int> expired;

 private:
  struct FullTag : Tag {
    bool sent_now = false;
  };

  FullTag& at(int e) { return tags_[e / kStride][e % kStride]; }
  const Tag& at(int e) const { return tags_[e / kStride][e % kStride]; }

  int FirstDone(const std::deque<int>& list, State state) const {
    int first = -1;
    for (int e : list)
      if (at(e).state == state && (first < 0 || e < first)) first = e;
    return first;
  }

  void Complete(const Completion& c) {
    const int dev = (c.rid >> 8) - 1;
    const int bits = __builtin_popcount(c.itags);
    if (c.itags == 0) {
      ++strays[kZero];
    } else if (dev < 0 || dev >= kEps || (c.rid & 0xff)) {
      strays[kRequester] += bits;
    } else {
      for (int t = 0; t < 32; ++t) {
        if (!((c.itags >> t) & 1)) continue;
        FullTag* tag = t < kTags ? &tags_[dev][t] : nullptr;
        const bool quar = tag && tag->state == kQuarantined;
        if (!tag || !(quar || (tag->state == kPending && tag->sent))) {
          ++strays[kNotBusy];
        } else if (tag->got != 0 && tag->cc != c.cc) {
          ++strays[kCount];
        } else {
          if (quar) ++strays[kLate];
          tag->cc = c.cc;
          ++tag->got;
          if (tag->got == (c.cc ? c.cc : 8)) tag->state = quar ? kReleasing : kLeaving;
        }
      }
    }
  }

  void Retire(const Ur& u) {
    const int dev = (u.rid >> 8) - 1;
    if (dev < 0 || dev >= kEps || (u.rid & 0xff) || u.itag >= kTags) return;
    FullTag& tag = tags_[dev][u.itag];
    if (tag.state == kPending && (tag.sent || tag.sent_now))
      tag.state = kLeaving;
    else if (tag.state == kQuarantined)
      tag.state = kReleasing;
  }

  bool global_;
  int queues_;
  uint64_t timeout_, interval_;
  std::array<std::array<FullTag, kStride>, kEps> tags_;
  std::array<std::deque<int>, kEps> free_;
  std::deque<int> order_, list_, quar_;
  std::array<bool, kQueues> timed_out_ = {};
};

class Bench {
 public:
  Bench(bool global, uint64_t timeout, uint64_t interval, int queues = 1)
      : model(global, queues, timeout, interval) {
    top_.dut_i = static_cast<unsigned>(queues / 2 * 2 + global);
    top_.timeout_i = timeout;
    top_.quar_interval_i = interval;
    top_.rst_ni = 0;
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    top_.rst_ni = 1;
  }

  // One cycle with `in`: compares every output with the model, then takes the edge. `in.now` is set
  // here.
  void Cycle(Inputs in, uint64_t step = 1) {
    in.now = now;
    Drive(in);
    const int tag = model.NextTag(in.AllocDev());
    if (tag >= 0) {
      ASSERT_EQ(top_.alloc_itag_o, tag) << "cycle " << now;
    }
    for (int q = 0; q < model.queues(); ++q) {
      const int dev = in.ask[q];
      ASSERT_EQ((top_.ask_avail_o >> q) & 1, model.Avail(dev, q)) << "queue " << q << " cycle " << now;
      ASSERT_EQ((top_.ask_quar_o >> q) & 1, model.AllQuar(dev, q)) << "queue " << q << " cycle " << now;
      ASSERT_EQ((top_.ask_pending_o >> (6 * q)) & 63, static_cast<unsigned>(model.Count(dev, Model::kPending)));
      if (model.Held(dev, q) == 0 && !model.NoneForDevice(dev)) {
        ASSERT_TRUE(model.Avail(dev, q)) << "queue " << q << " lost its reserved tag, cycle " << now;
      }
    }
    for (int d = 0; d < kEps; ++d)
      ASSERT_EQ((top_.quar_busy_o >> (6 * d)) & 63,
                static_cast<unsigned>(model.Count(d, Model::kQuarantined)));
    for (int q = 0; q < model.queues(); ++q) {
      ASSERT_EQ((top_.idle_o >> q) & 1, model.Idle(q)) << "queue " << q << " cycle " << now;
      ASSERT_EQ((top_.timed_out_o >> q) & 1, model.TimedOut(q))
          << "queue " << q << " cycle " << now;
    }
    ASSERT_EQ(top_.busy_o, model.Busy()) << "cycle " << now;
    const bool settled = model.Settled();
    const uint64_t deadline = model.Deadline();
    if (top_.quiet_o) {
      ASSERT_TRUE(settled);
      ASSERT_FALSE(in.alloc || in.refuse || in.cpl);
      ASSERT_EQ(top_.next_deadline_o, deadline);
      ASSERT_LT(now, deadline);
      ASSERT_EQ(strays_reported, model.strays) << "quiet with a stray still to report";
    }
    if (top_.stray_valid_o) strays_reported[top_.stray_cause_o] += top_.stray_count_o;
    quiet = top_.quiet_o;
    next_deadline = top_.next_deadline_o;
    const int busy_before = model.Busy();
    const int cancel = model.Step(in);
    ASSERT_EQ(top_.expired_o, model.expired.size()) << "cycle " << now;
    ASSERT_EQ(top_.ended_o + model.expired.size(), busy_before + in.alloc - model.Busy()) << "cycle " << now;
    ASSERT_EQ(top_.cancel_o, cancel < 0 ? 0 : 1 << cancel) << "cycle " << now;
    cancelled = cancel;
    top_.clk_i = 1;
    top_.eval();
    now += step;
  }

  // Idle cycles, jumping where the design allows it.
  void Run(uint64_t cycles) {
    const uint64_t end = now + cycles;
    while (now < end) {
      Peek(0);
      const uint64_t step = top_.quiet_o ? std::min<uint64_t>(top_.next_deadline_o, end) - now : 1;
      Cycle({}, step);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  Vsmmu_itag_tracker_tb& Peek(int dev) {
    Inputs in;
    in.now = now;
    in.ask.fill(dev);
    Drive(in);
    return top_;
  }

  int Alloc(int dev, int qid = 0) {
    const int tag = model.NextTag(dev);
    Inputs in;
    in.ask[qid] = dev;
    in.alloc = true;
    in.qid = qid;
    EXPECT_TRUE(model.Avail(dev, qid));
    Cycle(in);
    return tag;
  }
  void Send(int dev, int tag) {
    Inputs in;
    in.sent[dev] = tag;
    Cycle(in);
  }
  void Complete(int dev, uint32_t itags, unsigned cc = 1) {
    Inputs in;
    in.cpl = Completion{Rid(dev), itags, cc & 7};
    Cycle(in);
  }

  Model model;
  uint64_t now = 100;
  bool quiet = false;
  uint64_t next_deadline = 0;
  int cancelled = -1;
  std::array<int, kCauses> strays_reported = {};

 private:
  void Drive(const Inputs& in) {
    top_.clk_i = 0;
    top_.now_i = in.now;
    top_.ask_dev_i = 0;
    for (int q = 0; q < kQueues; ++q) top_.ask_dev_i |= in.ask[q] << (2 * q);
    top_.alloc_valid_i = in.alloc;
    top_.alloc_refuse_i = in.refuse;
    top_.alloc_qid_i = in.qid;
    top_.sent_valid_i = 0;
    top_.sent_itag_i = 0;
    for (int d = 0; d < kEps; ++d) {
      if (in.sent[d] < 0) continue;
      top_.sent_valid_i |= 1 << d;
      top_.sent_itag_i |= in.sent[d] << (5 * d);
    }
    top_.cpl_valid_i = in.cpl.has_value();
    if (in.cpl) {
      top_.cpl_rid_i = in.cpl->rid;
      top_.cpl_itags_i = in.cpl->itags;
      top_.cpl_cc_i = in.cpl->cc;
    }
    top_.ur_valid_i = in.ur.has_value();
    if (in.ur) {
      top_.ur_rid_i = in.ur->rid;
      top_.ur_itag_i = in.ur->itag;
    }
    top_.quar_release_i = in.release;
    top_.timed_out_clear_i = in.clear;
    top_.eval();
  }

  Vsmmu_itag_tracker_tb top_;
};

class Tracker : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Scope, Tracker, testing::Bool(),
                         [](const auto& info) { return info.param ? "Global" : "Device"; });

// ------------------------------------------------------------------------------------------------
// random
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

// ------------------------------------------------------------------------------------------------
// named cases
TEST_P(Tracker, LateCompletionReleasesAfterAllCopies) {
  Bench b(GetParam(), 50, 100000);
  const int tag = b.Alloc(1);
  b.Send(1, tag);
  b.Complete(1, 1u << tag, 3);  // one of three in time
  b.Run(60);
  EXPECT_EQ(b.model.Count(1, Model::kQuarantined), 1);
  b.Complete(1, 1u << tag, 3);
  b.Run(5);
  EXPECT_EQ(b.model.Count(1, Model::kQuarantined), 1) << "released by the second of three copies";
  b.Complete(1, 1u << tag, 2);  // wrong count: ignored
  b.Run(5);
  EXPECT_EQ(b.model.Count(1, Model::kQuarantined), 1);
  b.Complete(1, 1u << tag, 3);
  b.Run(5);
  EXPECT_EQ(b.model.Count(1, Model::kQuarantined), 0);
  EXPECT_EQ(b.strays_reported, (std::array<int, kCauses>{2, 0, 0, 1, 0}));
  EXPECT_EQ(b.Peek(1).timed_out_o, 1);
}

TEST_P(Tracker, CountZeroMeansEight) {
  Bench b(GetParam(), 1000, 1000);
  const int tag = b.Alloc(0);
  b.Send(0, tag);
  for (int copy = 0; copy < 7; ++copy) b.Complete(0, 1u << tag, 8);
  EXPECT_EQ(b.Peek(0).idle_o, 0);
  b.Complete(0, 1u << tag, 8);
  EXPECT_EQ(b.Peek(0).idle_o, 1) << "idle in the cycle after the last copy";
}

TEST_P(Tracker, StraysDisturbNothing) {
  Bench b(GetParam(), 1000, 1000);
  const int tag = b.Alloc(0);
  b.Complete(0, 1u << tag);  // not sent yet
  b.Send(0, tag);
  b.Complete(1, 1u << tag);     // another requester
  b.Complete(5, 0xffffffff);    // no such device
  b.Complete(0, 0);             // nothing
  b.Complete(0, ~(1u << tag));  // all the others
  EXPECT_EQ((b.Peek(0).ask_pending_o & 63), 1);
  b.Complete(0, 1u << tag);
  EXPECT_EQ((b.Peek(0).ask_pending_o & 63), 0);
  b.Complete(0, 1u << tag);  // duplicate
  b.Run(20);
  EXPECT_EQ(b.strays_reported, (std::array<int, kCauses>{0, 1 + 1 + 31 + 1, 32, 0, 1}));
  EXPECT_EQ(b.Peek(0).timed_out_o, 0);
}

TEST_P(Tracker, LeastRecentlyFreedFirst) {
  Bench b(GetParam(), 100000, 1000);
  std::vector<int> tags;
  for (int i = 0; i < kTags; ++i) tags.push_back(b.Alloc(0));
  for (int t : tags) b.Send(0, t);
  const std::vector<int> done = {4, 1, 5, 0};
  for (int t : done) {
    b.Complete(0, 1u << t);
    b.Run(3);
  }
  for (int t : done) EXPECT_EQ(b.Alloc(0), t);
  EXPECT_EQ(b.model.NextTag(0), -1);
}

TEST_P(Tracker, CompletionInTheCycleOfTheDeadlineWins) {
  for (const int offset : {-1, 0, 1}) {
    Bench b(GetParam(), 50, 1000, 2);
    const uint64_t start = b.now;
    const int tag = b.Alloc(2, 1);
    b.Send(2, tag);
    b.Run(start + 50 + offset - b.now);
    b.Complete(2, 1u << tag);
    b.Run(10);
    EXPECT_EQ(b.Peek(2).timed_out_o, offset > 0 ? 2 : 0) << offset;
  }
}

TEST_P(Tracker, UnsentRequestIsCancelledNotQuarantined) {
  Bench b(GetParam(), 50, 1000);
  b.Alloc(0);
  b.Alloc(0);
  b.Run(100);
  EXPECT_EQ(b.Peek(0).timed_out_o, 1);
  EXPECT_EQ(b.model.Count(0, Model::kQuarantined), 0);
  EXPECT_EQ(b.model.Count(0, Model::kFree), kTags);
}

TEST_P(Tracker, SentInTheCycleOfTheDeadlineIsQuarantined) {
  Bench b(GetParam(), 50, 1000);
  const uint64_t start = b.now;
  const int tag = b.Alloc(0);
  b.Run(start + 50 - b.now);
  b.Send(0, tag);
  EXPECT_EQ(b.cancelled, -1);
  EXPECT_EQ(b.model.Count(0, Model::kQuarantined), 1);
}

TEST_P(Tracker, LocalUrRetiresWithoutError) {
  Bench b(GetParam(), 50, 1000);
  const int tag = b.Alloc(1);
  Inputs in;
  in.sent[1] = tag;
  in.ur = Ur{Rid(1), static_cast<unsigned>(tag)};  // in the very cycle in which it leaves
  b.Cycle(in);
  EXPECT_EQ(b.Peek(1).idle_o, 1);
  b.Run(100);
  EXPECT_EQ(b.Peek(1).timed_out_o, 0);
  EXPECT_EQ(b.model.Count(1, Model::kFree), kTags);
}

// `hang` forty times: every tag times out, and each way of release gives all of them back.
TEST_P(Tracker, FortyHangsDoNotRunOut) {
  enum Way { kInterval, kSoftware, kLateCompletion, kWays };
  const uint64_t timeout = 100, interval = 150;
  Bench b(GetParam(), timeout, interval);
  for (int round = 0; round < 40; ++round) {
    const Way way = static_cast<Way>(round % kWays);
    for (int i = 0; i < kTags; ++i) {
      const int tag = b.Alloc(0);
      b.Send(0, tag);
      if (HasFatalFailure()) return;
    }
    b.Run(timeout);
    ASSERT_TRUE(b.Peek(0).ask_quar_o & 1) << "round " << round;
    // Another device may use the same numbers at once.
    const int other = b.Alloc(1);
    b.Send(1, other);
    b.Complete(1, 1u << other);
    Inputs in;
    if (way == kSoftware) in.release = 1;
    if (way == kLateCompletion) in.cpl = Completion{Rid(0), (1u << kTags) - 1, 1};
    b.Cycle(in);
    b.Run(way == kInterval ? interval : kTags + 1);
    ASSERT_EQ(b.model.Count(0, Model::kFree), kTags) << "round " << round;
    if (HasFatalFailure()) return;
  }
}

// D7: one queue takes all it can; every other queue still finds a tag at once, and no more than its own.
TEST_P(Tracker, EachQueueHasATagOfItsOwn) {
  for (const int queues : {2, 4}) {
    Bench b(GetParam(), 1000, 1000, queues);
    for (int i = 0; i < kTags - (queues - 1); ++i) b.Alloc(0, 0);
    EXPECT_FALSE(b.Peek(0).ask_avail_o & 1) << "the rest is for the others";
    EXPECT_FALSE(b.Peek(0).ask_quar_o & 1) << "busy, not quarantined: worth waiting for";
    for (int q = 1; q < queues; ++q) {
      EXPECT_TRUE(b.Peek(0).ask_avail_o >> q & 1);
      b.Alloc(0, q);
      EXPECT_FALSE(b.Peek(0).ask_avail_o >> q & 1) << "one of its own, not two";
    }
    EXPECT_EQ(b.Peek(0).idle_o, 0);
    if (HasFatalFailure()) return;
  }
}

// D1 with several queues: the tags of one queue are all quarantined, what is left is another's: refused, not waiting.
TEST(TrackerQueues, RefusedWhenOnlyReservedTagsAreLeft) {
  Bench b(false, 50, 1000, 2);
  for (int i = 0; i < kTags - 1; ++i) b.Send(0, b.Alloc(0, 0));
  EXPECT_FALSE(b.Peek(0).ask_quar_o & 1);
  b.Run(60);
  EXPECT_EQ(b.model.Count(0, Model::kQuarantined), kTags - 1);
  EXPECT_TRUE(b.Peek(0).ask_quar_o & 1);
  EXPECT_TRUE(b.Peek(0).ask_avail_o & 2) << "the other queue can still use its tag";
  EXPECT_EQ(b.Peek(0).timed_out_o, 1) << "and has no time-out of its own";
}

// Scope global: all tags in use by one device leave none for another; quarantined ones do.
TEST(TrackerGlobal, BusyTagsAreSharedQuarantineIsNot) {
  Bench b(true, 100, 10000);
  for (int i = 0; i < kTags; ++i) {
    const int tag = b.Alloc(0);
    b.Send(0, tag);
  }
  EXPECT_FALSE(b.Peek(1).ask_avail_o & 1);
  b.Run(100);
  EXPECT_TRUE(b.Peek(1).ask_avail_o & 1);
  EXPECT_FALSE(b.Peek(0).ask_avail_o & 1);
  EXPECT_TRUE(b.Peek(0).ask_quar_o & 1);
  const int tag = b.Alloc(1);
  b.Send(1, tag);
  b.Complete(0, 1u << tag);  // late one of device 0: must not complete device 1's request
  EXPECT_EQ((b.Peek(1).ask_pending_o & 63), 1);
}

// A storm of stray bits of all causes: the counts arrive whole.
TEST(TrackerStray, StormIsCountedWhole) {
  std::mt19937 rng(7);
  Bench b(false, 1000, 100000);
  for (int i = 0; i < 2000; ++i) {
    Inputs in;
    const unsigned kind = rng() % 3;
    in.cpl = Completion{kind == 0 ? Rid(9) : Rid(0), kind == 1 ? 0 : 0xffffffff, 1};
    b.Cycle(in);
  }
  b.Run(20);
  EXPECT_EQ(b.strays_reported, b.model.strays);
  EXPECT_GT(b.model.strays[kNotBusy], 15000);
}

}  // namespace
