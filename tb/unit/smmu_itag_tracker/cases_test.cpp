// SPDX-License-Identifier: Apache-2.0
//
// The cases that have a name: late, stray, duplicate, wrong count, release, exhaustion.

#include "tracker_bench.h"

namespace tracker {
namespace {

INSTANTIATE_TEST_SUITE_P(Scope, Tracker, testing::Bool(), [](const auto& info) { return info.param ? "Global" : "Device"; });

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
}  // namespace tracker
