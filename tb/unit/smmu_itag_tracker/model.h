// SPDX-License-Identifier: Apache-2.0
//
// A model of D4 to D7 that keeps its lists as deques and predicts every output of smmu_itag_tracker in every cycle.

#ifndef ATCBENCH_TB_UNIT_SMMU_ITAG_TRACKER_MODEL_H_
#define ATCBENCH_TB_UNIT_SMMU_ITAG_TRACKER_MODEL_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

namespace tracker {

constexpr int kEps = 3;
constexpr int kTags = 6;
constexpr int kQueues = 4;  // of the ports
constexpr int kStride = 8;  // tags of a device in the order in which done entries leave
constexpr uint64_t kNoDeadline = (uint64_t{1} << 48) - 1;

enum Cause { kLate, kNotBusy, kRequester, kCount, kZero, kCauses };

inline uint16_t Rid(int dev) { return static_cast<uint16_t>((dev + 1) << 8); }

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

}  // namespace tracker

#endif  // ATCBENCH_TB_UNIT_SMMU_ITAG_TRACKER_MODEL_H_
