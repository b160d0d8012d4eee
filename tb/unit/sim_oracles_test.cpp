// SPDX-License-Identifier: Apache-2.0
//
// Each oracle on a stream that keeps its promise, and on the same stream doctored so that it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"
#include "ep_regs.h"
#include "atcbench/ownership.h"

namespace atcbench {
namespace {

using Stream = std::vector<Event>;

Event event(Cycle cycle, atc_log_event number, uint16_t src = 0, uint32_t a0 = 0, uint64_t a1 = 0, uint64_t a2 = 0) {
  return Event{cycle, static_cast<uint16_t>(number), src, a0, a1, a2, 0};
}

CheckResult judge(std::unique_ptr<Oracle> oracle, const Stream& stream) {
  for (const Event& e : stream) oracle->on_event(e);
  oracle->finish(stream.empty() ? 0 : stream.back().cycle + 1);
  return oracle->result();
}

// Invalidation of device 2 with tag 5, then its SYNC.
Stream healthy() {
  return {event(10, EV_UNMAP_ENTER),        event(20, EV_SYNC_WAIT, 0, 4, 1),
          event(30, EV_ITAG_ALLOC, 2, 5),   event(31, EV_INV_SENT, 2, 5),
          event(40, EV_SYNC_START, 0, 4),   event(80, EV_INV_RECEIVED, 2, 5),
          event(81, EV_ATC_CLEARED, 2, 5),  event(90, EV_DRAIN_DONE, 2, 5),
          event(91, EV_INV_CPL_SENT, 2, 1u << 5, 1), event(140, EV_INV_CPL, 2, 5),
          event(141, EV_SYNC_COMPLETE, 0, 4), event(180, EV_SYNC_SEEN, 0, 4, 1),
          event(190, EV_UNMAP_EXIT)};
}

Stream without(Stream stream, atc_log_event number) {
  stream.erase(std::remove_if(stream.begin(), stream.end(), [number](const Event& e) { return e.event == number; }),
               stream.end());
  return stream;
}

TEST(SyncOracle, HoldsOnAHealthyStream) {
  EXPECT_TRUE(judge(make_sync_oracle(), healthy()).pass);
  EXPECT_TRUE(judge(make_completion_oracle(), healthy()).pass);
  EXPECT_TRUE(judge(make_conservation_oracle(), healthy()).pass);
}

TEST(SyncOracle, SyncBeforeTheCompletion) {
  Stream early = healthy();
  early.insert(early.begin() + 9, event(100, EV_SYNC_COMPLETE, 0, 3));
  const CheckResult result = judge(make_sync_oracle(), early);
  EXPECT_FALSE(result.pass);
  EXPECT_EQ(result.cycle, 100u);
}

TEST(SyncOracle, CompletionInTheSyncsCycleIsInTime) {
  Stream same = healthy();
  same[9].cycle = 141;
  std::sort(same.begin(), same.end());
  EXPECT_TRUE(judge(make_sync_oracle(), same).pass);
}

TEST(SyncOracle, TimeoutMustBeReported) {
  const Stream swallowed = {event(10, EV_ITAG_ALLOC, 1, 0), event(20010, EV_INV_TIMEOUT, 1, 0),
                            event(20020, EV_SYNC_COMPLETE, 0, 7)};
  EXPECT_FALSE(judge(make_sync_oracle(), swallowed).pass);
  Stream reported = swallowed;
  reported.insert(reported.begin() + 2, event(20012, EV_SYNC_ERROR, 0, 7, 3));
  EXPECT_TRUE(judge(make_sync_oracle(), reported).pass);
  reported[2].a1 = 1;  // another error does not report it
  EXPECT_FALSE(judge(make_sync_oracle(), reported).pass);
}

// Two queues: what one of them waits for is nothing to the other (D7).
TEST(SyncOracle, EachQueueWaitsForItsOwn) {
  const Stream good = {event(10, EV_ITAG_ALLOC, 2, 5), event(20, EV_ITAG_ALLOC, 2, 6),   event(20, EV_INV_QUEUE, 2, 6, 1),
                       event(90, EV_INV_CPL, 2, 6),    event(95, EV_SYNC_COMPLETE, 1, 4), event(140, EV_INV_CPL, 2, 5),
                       event(141, EV_SYNC_COMPLETE, 0, 9)};
  EXPECT_TRUE(judge(make_sync_oracle(), good).pass) << judge(make_sync_oracle(), good).message;
  Stream early = good;
  early[3].a0 = 5;  // the tag of queue 0 is answered instead
  early[5].a0 = 6;
  EXPECT_EQ(judge(make_sync_oracle(), early).cycle, 95u);
  EXPECT_EQ(judge(make_sync_oracle(), early).message, "SYNC 0x4 of queue 1 completed while device 2 itag 6 of cycle 20 was not answered");
  EXPECT_FALSE(judge(make_sync_oracle(), without(early, EV_INV_CPL)).pass);
}

TEST(SyncOracle, EachQueueReportsItsOwnTimeouts) {
  const Stream good = {event(10, EV_ITAG_ALLOC, 1, 0),       event(10, EV_INV_QUEUE, 1, 0, 2),   event(20010, EV_INV_TIMEOUT, 1, 0),
                       event(20012, EV_SYNC_COMPLETE, 0, 3), event(20013, EV_SYNC_ERROR, 2, 7, 3), event(20020, EV_SYNC_COMPLETE, 2, 7)};
  EXPECT_TRUE(judge(make_sync_oracle(), good).pass) << judge(make_sync_oracle(), good).message;
  Stream other = good;
  other[4].src = 1;
  EXPECT_EQ(judge(make_sync_oracle(), other).cycle, 20020u);
  const Stream refused = {event(10, EV_INV_REFUSED, 1, 2), event(12, EV_SYNC_COMPLETE, 1, 0), event(15, EV_SYNC_COMPLETE, 2, 0)};
  EXPECT_EQ(judge(make_sync_oracle(), refused).cycle, 15u);
}

// Two SYNCs of different queues in one cycle are both judged.
TEST(SyncOracle, TwoQueuesInOneCycle) {
  const Stream both = {event(10, EV_ITAG_ALLOC, 1, 0), event(10, EV_INV_QUEUE, 1, 0, 1), event(50, EV_SYNC_COMPLETE, 0, 3),
                       event(50, EV_SYNC_COMPLETE, 1, 3)};
  EXPECT_EQ(judge(make_sync_oracle(), both).violations, 1u);
  EXPECT_THAT(judge(make_sync_oracle(), both).message, ::testing::HasSubstr("of queue 1"));
}

TEST(CompletionOracle, CompletionWithoutRequest) {
  EXPECT_EQ(judge(make_completion_oracle(), without(healthy(), EV_INV_RECEIVED)).cycle, 91u);
}

TEST(CompletionOracle, CompletionBeforeTheDrain) {
  const CheckResult result = judge(make_completion_oracle(), without(healthy(), EV_DRAIN_DONE));
  EXPECT_FALSE(result.pass);
  EXPECT_EQ(result.cycle, 91u);
}

TEST(CompletionOracle, TagMustBeReceivedAgain) {
  Stream twice = healthy();
  twice.push_back(event(200, EV_ITAG_ALLOC, 2, 5));
  twice.push_back(event(260, EV_INV_CPL, 2, 5));
  EXPECT_EQ(judge(make_completion_oracle(), twice).cycle, 260u);
}

TEST(ConservationOracle, EverythingEnds) {
  EXPECT_FALSE(judge(make_conservation_oracle(), without(healthy(), EV_INV_CPL)).pass);
  EXPECT_FALSE(judge(make_conservation_oracle(), without(healthy(), EV_SYNC_SEEN)).pass);
  EXPECT_FALSE(judge(make_conservation_oracle(), without(healthy(), EV_UNMAP_EXIT)).pass);
  Stream twice = healthy();
  twice.push_back(event(300, EV_INV_CPL, 2, 5));
  EXPECT_EQ(judge(make_conservation_oracle(), twice).cycle, 300u);
}

TEST(ConservationOracle, CommandsAndTranslationRequests) {
  const Stream good = {event(1, EV_CMD_WRITTEN, 0, 8, 0x40), event(5, EV_CMD_CONSUMED, 0, 8), event(6, EV_XLAT_REQ, 1, 3),
                       event(9, EV_XLAT_CPL, 1, 3), event(10, EV_XLAT_REQ, 1, 4), event(11, EV_FLR_START, 1)};
  EXPECT_TRUE(judge(make_conservation_oracle(), good).pass);
  for (atc_log_event lost : {EV_CMD_WRITTEN, EV_CMD_CONSUMED, EV_XLAT_CPL})
    EXPECT_EQ(judge(make_conservation_oracle(), without(good, lost)).pass, lost == EV_XLAT_CPL) << lost;
  EXPECT_FALSE(judge(make_conservation_oracle(), without(good, EV_FLR_START)).pass);
  // a link that goes down takes those of every function behind it, and of nobody else
  const FunctionMap two{1, 2, 2};
  const Stream down = {event(6, EV_XLAT_REQ, 2, 3), event(7, EV_XLAT_REQ, 3, 3), event(8, EV_LINK_DOWN, 1)};
  EXPECT_TRUE(judge(make_conservation_oracle(two), down).pass);
  EXPECT_FALSE(judge(make_conservation_oracle(), down).pass);
}

TEST(ConservationOracle, CommandsOfSeveralQueues) {
  const Stream good = {event(1, EV_CMD_WRITTEN, 0, 8, 0x40),          event(2, EV_CMD_WRITTEN, 1, 1u << 24 | 8, 0x40),
                       event(5, EV_CMD_CONSUMED, 1, 8),               event(6, EV_CMD_CONSUMED, 0, 8)};
  EXPECT_TRUE(judge(make_conservation_oracle(), good).pass);
  Stream twice = good;
  twice[3].src = 1;
  EXPECT_EQ(judge(make_conservation_oracle(), twice).cycle, 6u);
}

TEST(ConservationOracle, EventRecords) {
  const Stream good = {event(1, EV_EVENT_ACCEPTED, 0, 0, 0x10), event(2, EV_EVENT_ACCEPTED, 0, 0, 0x10), event(3, EV_EVENT_ACCEPTED, 0, 0, 0x20),
                       event(5, EV_EVENT_WRITTEN, 0, 0, 0x10),  event(6, EV_EVENT_LOST, 0, 1, 0x10),     event(7, EV_EVENT_WRITTEN, 0, 1, 0x20)};
  EXPECT_TRUE(judge(make_conservation_oracle(), good).pass);
  for (size_t gone = 0; gone < good.size(); ++gone) {
    Stream bad = good;
    bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(gone));
    EXPECT_FALSE(judge(make_conservation_oracle(), bad).pass) << gone;
  }
  Stream other = good;
  other[5].a1 = 0x30;
  EXPECT_EQ(judge(make_conservation_oracle(), other).cycle, 7u);
}

TEST(ConservationOracle, PacketsAndCreditsOfLinks) {
  const auto balance = [](uint64_t sent, uint64_t received, uint64_t lost, int32_t missing) {
    return judge(make_conservation_oracle(),
                 {event(900, EV_LINK_BALANCE, 3, 4 | 1, sent << 32 | received, lost << 32 | static_cast<uint32_t>(missing))});
  };
  EXPECT_TRUE(balance(10, 10, 0, 0).pass);
  EXPECT_TRUE(balance(10, 7, 3, 0).pass) << "the link was down";
  EXPECT_EQ(balance(10, 9, 0, 0).message, "link 3 towards the root non-posted: 10 packets sent, 9 received, 0 lost with the link");
  EXPECT_FALSE(balance(10, 11, 0, 0).pass);
  EXPECT_EQ(balance(10, 10, 0, 2).message, "link 3 towards the root non-posted: 2 credits of the sender did not come back");
  EXPECT_FALSE(balance(10, 10, 0, -1).pass);
}

// Page 0x90001000 is at 0x5000 for domain 1 from cycle 10 to 100, then somebody else's.
Stream translated(Cycle asked, Cycle answered, uint64_t addr, uint64_t entry) {
  Stream s = {event(10, EV_PAGE_GRANT, 0, 1, 0x90001000, 0x5001),    event(10, EV_PAGE_GRANT, 0, 1, 0x90002000, 0x6000),
              event(100, EV_PAGE_RELEASE, 0, 1, 0x90001000, 0x5000), event(100, EV_PAGE_GRANT, 0, 2, 0x90001000, 0),
              event(asked, EV_XLAT_REQ, 0, 7, 0, addr),              event(answered, EV_XLAT_CPL, 0, 7, 0, entry)};
  std::stable_sort(s.begin(), s.end(), [](const Event& a, const Event& b) { return a.cycle < b.cycle; });
  return s;
}

TEST(TranslationOracle, LegalAnswers) {
  for (const Stream& s : {translated(20, 40, 0x5080, 0x90001003), translated(20, 40, 0x5000, 0x90001001), translated(90, 130, 0x5000, 0x90001003),
                          translated(20, 40, 0x6000, 0x90002001), translated(150, 170, 0x5000, 0x90001000)})
    EXPECT_TRUE(judge(make_translation_oracle(), s).pass) << judge(make_translation_oracle(), s).message;
}

TEST(TranslationOracle, WrongAnswers) {
  EXPECT_FALSE(judge(make_translation_oracle(), translated(20, 40, 0x5000, 0x90002001)).pass);    // another page
  EXPECT_FALSE(judge(make_translation_oracle(), translated(20, 40, 0x7000, 0x90003003)).pass);    // a page nobody owns
  EXPECT_FALSE(judge(make_translation_oracle(), translated(20, 40, 0x6000, 0x90002003)).pass);    // writable, granted to read
  EXPECT_FALSE(judge(make_translation_oracle(), translated(110, 140, 0x5000, 0x90001003)).pass);  // asked after the release
  EXPECT_FALSE(judge(make_translation_oracle(), translated(1, 5, 0x5000, 0x90001003)).pass);      // before the grant
  EXPECT_FALSE(judge(make_translation_oracle(), without(translated(20, 40, 0x5000, 0x90001003), EV_XLAT_REQ)).pass);
}

TEST(TranslationOracle, LargePages) {
  // 8 KiB at 0x90000000: the answer names both pages.
  EXPECT_TRUE(judge(make_translation_oracle(), translated(20, 40, 0x5000, 0x90000803)).pass);
  EXPECT_FALSE(judge(make_translation_oracle(), translated(20, 40, 0x6000, 0x90000801)).pass);
}

TEST(CpuOracle, WakeUpsAndLimits) {
  const CpuPromises promises{true, 1000, 100, 0};
  const Stream good = {event(10, EV_SYNC_WAIT, 0, 4, 1),  event(50, EV_SYNC_COMPLETE, 0, 4), event(90, EV_SYNC_SEEN, 0, 4, 1),
                       event(95, EV_IRQ_ASSERT, 0, 0),    event(99, EV_IRQ_ENTRY, 0, 0),     event(100, EV_WORK_QUEUED, 0, 1, 0x100),
                       event(120, EV_WORKER_START, 1, 1, 0x100)};
  EXPECT_TRUE(judge(make_cpu_oracle(promises), good).pass);
  EXPECT_FALSE(judge(make_cpu_oracle(promises), without(good, EV_IRQ_ENTRY)).pass);
  EXPECT_TRUE(judge(make_cpu_oracle({false, 1000, 100, 0}), without(good, EV_IRQ_ENTRY)).pass);
  EXPECT_FALSE(judge(make_cpu_oracle(promises), without(good, EV_WORKER_START)).pass);
  Stream late = good;
  late[2].cycle = 151;
  EXPECT_FALSE(judge(make_cpu_oracle(promises), late).pass);
  late.insert(late.begin(), event(5, EV_GERROR_SET, 0, 0x10, 0));  // an MSI was aborted
  EXPECT_FALSE(judge(make_cpu_oracle(promises), late).pass);
  EXPECT_TRUE(judge(make_cpu_oracle({true, 1000, 100, 10}), late).pass);
  late.front() = event(5, EV_GERROR_SET, 0, 0x1, 0);  // that is another error
  EXPECT_FALSE(judge(make_cpu_oracle({true, 1000, 100, 10}), late).pass);
  const Stream endless = {event(10, EV_SYNC_WAIT, 0, 4, 1), event(2500, EV_SYNC_FAILED, 0, 4, 1)};
  EXPECT_FALSE(judge(make_cpu_oracle(promises), endless).pass);
  const Stream late_expiry = {event(10, EV_SYNC_WAIT, 0, 4, 1), event(2500, EV_SYNC_EXPIRED, 0, 4, 1), event(2600, EV_SYNC_SEEN, 0, 4, 1)};
  EXPECT_EQ(judge(make_cpu_oracle(promises), late_expiry).cycle, 2500u);
  const Stream told = {event(10, EV_SYNC_WAIT, 0, 4, 1), event(1010, EV_SYNC_EXPIRED, 0, 4, 1), event(2500, EV_SYNC_FAILED, 0, 4, 1)};
  EXPECT_TRUE(judge(make_cpu_oracle(promises), told).pass);
}

TEST(CpuOracle, SyncsOfSeveralQueues) {
  const CpuPromises promises{true, 1000, 100, 0};
  const Stream good = {event(10, EV_SYNC_WAIT, 0, 1u << 24 | 4, 1), event(20, EV_SYNC_COMPLETE, 0, 4), event(500, EV_SYNC_COMPLETE, 1, 4),
                       event(520, EV_SYNC_SEEN, 0, 1u << 24 | 4, 1)};
  EXPECT_TRUE(judge(make_cpu_oracle(promises), good).pass);
  Stream late = good;
  late[2].cycle = 300;
  EXPECT_FALSE(judge(make_cpu_oracle(promises), late).pass);
}

TEST(EatsOracle, ProtectedNeedsTheStoreAndASync) {
  const Stream good = {event(10, EV_STE_EATS_CLEAR, 0, 0x100), event(30, EV_SYNC_COMPLETE),
                       event(40, EV_PROTECTED, 0, 0x100), event(50, EV_INV_SUPPRESSED, 0, 0x100)};
  EXPECT_TRUE(judge(make_eats_oracle(nullptr), good).pass);
  EXPECT_EQ(judge(make_eats_oracle(nullptr), without(good, EV_STE_EATS_CLEAR)).cycle, 40u);
  EXPECT_EQ(judge(make_eats_oracle(nullptr), without(good, EV_SYNC_COMPLETE)).cycle, 40u);
  EXPECT_EQ(judge(make_eats_oracle(nullptr), without(good, EV_PROTECTED)).cycle, 50u);
}

TEST(EatsOracle, NoTranslatedAccessWhileProtected) {
  EventLog log;
  Ownership ownership(log);
  ownership.grant(0, kDramBase, 1, 0, Ownership::kRead, 1);
  auto oracle = make_eats_oracle(&ownership);
  for (const Event& e : {event(10, EV_STE_EATS_CLEAR, 0, 0x100), event(30, EV_SYNC_COMPLETE),
                         event(40, EV_PROTECTED, 0, 0x100)})
    oracle->on_event(e);
  ownership.on_arrival(45, false, kDramBase, 64, 0x100);
  EXPECT_TRUE(oracle->result().pass);
  ownership.on_arrival(46, false, kDramBase, 64, 0x100 | 1u << 17);
  EXPECT_FALSE(oracle->result().pass);
  EXPECT_EQ(oracle->result().cycle, 46u);
}

// A write of endpoint 1, transfer 7, to page offset 0x140, that left at cycle 20.
Stream written() { return {event(10, EV_DMA_START, 1, 7, 0x10000140, 1), event(20, EV_DMA_DONE, 1, 7, 0x10000140, 0)}; }

Beat signature(uint16_t device, uint32_t transfer, uint16_t word) {
  const uint64_t low = uint64_t{device} << 48 | uint64_t{transfer} << 16 | word;
  return {static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32), static_cast<uint32_t>(low + 1),
          static_cast<uint32_t>((low + 1) >> 32)};
}

TEST(DmaOracle, WritesAreSeenOrAccountedFor) {
  const auto seen = [](Addr addr, const Beat& beat) {
    EventLog log;
    Ownership ownership(log);
    auto oracle = make_dma_oracle(&ownership);
    for (const Event& e : written()) oracle->on_event(e);
    ownership.on_beat(60, true, addr, 0x200, beat, 0xFFFF);
    oracle->finish(100);
    return oracle->result();
  };
  EXPECT_TRUE(seen(0x80003140, signature(1, 7, 0)).pass);
  EXPECT_FALSE(seen(0x80003180, signature(1, 7, 0)).pass);   // another line
  EXPECT_FALSE(seen(0x80003140, signature(2, 7, 0)).pass);   // another device's
  EXPECT_FALSE(seen(0x80003140, signature(1, 8, 0)).pass);
  const CheckResult lost = judge(make_dma_oracle(nullptr), written());
  EXPECT_FALSE(lost.pass);
  EXPECT_EQ(lost.cycle, 20u);
  const auto with = [](const Event& e) {
    Stream s = written();
    s.push_back(e);
    return judge(make_dma_oracle(nullptr), s).pass;
  };
  EXPECT_TRUE(with(event(30, EV_TXN_ABORT, 1, 2, 0x200, 0x80003140)));
  EXPECT_FALSE(with(event(30, EV_TXN_ABORT, 2, 2, 0x300, 0x80003140)));
  EXPECT_FALSE(with(event(30, EV_TXN_ABORT, 1, 2, 0x200, 0x80003180)));
  EXPECT_TRUE(with(event(30, EV_TLP_DROP, 1, 0, 0x40000010, 0x80003140)));
  EXPECT_TRUE(with(event(30, EV_FLR_START, 1)));
  EXPECT_FALSE(with(event(30, EV_FLR_START, 2)));
  EXPECT_TRUE(with(event(30, EV_LINK_DOWN, 1)));
  // function 0's reset takes its virtual function 1 along, and a link both of its functions
  const auto of_two = [](unsigned physical, const Event& e) {
    Stream s = written();
    s.push_back(e);
    return judge(make_dma_oracle(nullptr, FunctionMap{1, 2, physical}), s).pass;
  };
  EXPECT_TRUE(of_two(1, event(30, EV_FLR_START, 0)));
  EXPECT_FALSE(of_two(2, event(30, EV_FLR_START, 0)));
  EXPECT_TRUE(of_two(2, event(30, EV_LINK_DOWN, 0)));
  EXPECT_FALSE(of_two(2, event(30, EV_LINK_DOWN, 1)));
  Stream dropped = written();
  dropped[1].a2 = 1;                                         // never left
  EXPECT_TRUE(judge(make_dma_oracle(nullptr), dropped).pass);
}

TEST(PriOracle, EachGroupIsAnsweredOnce) {
  constexpr uint64_t kLast = 4, kRead = 1;
  const Event first = event(10, EV_PAGE_ASKED, 1, 33, 0, 0x5000 | kRead), last = event(11, EV_PAGE_ASKED, 1, 33, 0, 0x4000 | kLast | kRead);
  const Event answer = event(50, EV_PAGE_ANSWERED, 1, 33, 0), reset = event(40, EV_FLR_START, 1);
  const auto passes = [](const Stream& s) { return judge(make_pri_oracle(), s).pass; };
  EXPECT_TRUE(passes({first, last, answer}));
  EXPECT_FALSE(passes({first, last}));                        // never
  EXPECT_FALSE(passes({first, last, answer, answer}));        // twice
  EXPECT_FALSE(passes({answer}));                             // unasked
  EXPECT_FALSE(passes({first, answer}));                      // before the last request
  EXPECT_FALSE(passes({last, last, answer}));                 // an index in use
  EXPECT_FALSE(passes({last, event(50, EV_PAGE_ANSWERED, 2, 33, 0)}));
  EXPECT_TRUE(passes({last, reset, answer}));                 // of the former life
  EXPECT_TRUE(passes({last, reset}));
  EXPECT_FALSE(passes({last, reset, answer, answer}));
  // With several functions: a link is that of a device, and a physical function takes its virtual ones along.
  FunctionMap two;
  two.per_device = 2;
  const auto passes_two = [&two](const Stream& s) { return judge(make_pri_oracle(two), s).pass; };
  EXPECT_TRUE(passes_two({last, event(20, EV_LINK_DOWN, 0)}));   // endpoint 1 is behind link 0
  EXPECT_FALSE(passes_two({last, event(20, EV_LINK_DOWN, 1)}));
  EXPECT_TRUE(passes_two({last, event(20, EV_FLR_START, 0), answer}));
  EXPECT_FALSE(passes_two({last, event(20, EV_FLR_START, 0), answer, answer}));
  EXPECT_FALSE(passes_two({last, event(20, EV_FLR_START, 2)}));
  // The PASID of the group comes back with the response.
  const Event with = event(11, EV_PAGE_ASKED, 1, 33, 7, 0x4000 | kLast | kRead);
  EXPECT_TRUE(passes({with, event(50, EV_PAGE_ANSWERED, 1, 33, 0, 7)}));
  EXPECT_FALSE(passes({with, event(50, EV_PAGE_ANSWERED, 1, 33, 0, 6)}));
  EXPECT_FALSE(passes({with, answer}));
  EXPECT_FALSE(passes({last, event(50, EV_PAGE_ANSWERED, 1, 33, 0, 7)}));
}

}  // namespace
// What a fault makes is expected of the device that has it, of no other packet and of no other device.
// The link counts a tag as in use until its completion; the requester may have given up before.
TEST(TlpOracle, ATagIsFreeAfterItsTimeOut) {
  const auto again = [](uint64_t cycle, uint64_t tag) {
    return event(cycle, EV_TLP_VIOLATION, 1, 14, uint64_t{0x10} << 32 | 0x01000000 | tag << 8 | 0xff);
  };
  EXPECT_TRUE(judge(make_tlp_oracle({}), {event(5, EV_CPL_TIMEOUT, 1, 0x40), again(9, 0x40)}).pass);
  EXPECT_FALSE(judge(make_tlp_oracle({}), {again(9, 0x40)}).pass);
  EXPECT_FALSE(judge(make_tlp_oracle({}), {event(5, EV_CPL_TIMEOUT, 1, 0x41), again(9, 0x40)}).pass);
  EXPECT_FALSE(judge(make_tlp_oracle({}), {event(5, EV_CPL_TIMEOUT, 2, 0x40), again(9, 0x40)}).pass);
  EXPECT_EQ(judge(make_tlp_oracle({}), {event(5, EV_CPL_TIMEOUT, 1, 0x40), again(9, 0x40), again(11, 0x40)}).cycle, 11u);
}

TEST(TlpOracle, NothingIsThrownAwayAsMalformed) {
  constexpr uint32_t kMalformed = 0, kUnsupported = 1;
  const auto passes = [](const Stream& s) { return judge(make_tlp_oracle({}), s).pass; };
  const Event armed = event(5, EV_FAULT_ARMED, 1, 1u << EP_FAULT_CTRL_MALFORMED_SHIFT), reset = event(6, EV_FLR_START, 1);
  EXPECT_FALSE(passes({event(9, EV_TLP_DROP, 1, kMalformed, 0x40000040)}));
  EXPECT_TRUE(passes({event(9, EV_TLP_DROP, 1, kUnsupported, 0x40000040)}));
  EXPECT_TRUE(passes({armed, reset, event(9, EV_TLP_DROP, 1, kMalformed, 0x40000040)})) << "it may have been under way";
  EXPECT_FALSE(passes({armed, event(9, EV_TLP_DROP, 2, kMalformed, 0x40000040)}));
  EXPECT_FALSE(passes({event(5, EV_FAULT_ARMED, 1, 1), event(9, EV_TLP_DROP, 1, kMalformed, 0x40000040)}));
}

TEST(TlpOracle, ExpectsWhatTheArmedFaultMakes) {
  const auto armed = [](uint32_t ctrl, uint16_t device, uint32_t rule, uint64_t header) {
    return Stream{event(10, EV_FAULT_ARMED, 1, ctrl), event(20, EV_TLP_VIOLATION, device, rule, header)};
  };
  const auto passes = [](const Stream& s) { return judge(make_tlp_oracle(), s).pass; };
  constexpr uint64_t kWrite = 0x60000010'010000ff, kRead = 0x20000010'010000ff, kCpl = 0x32000000'ffff0002;
  struct Case {
    uint32_t ctrl, rule;
    uint64_t header;
  };
  const std::vector<Case> cases = {{EP_FAULT_CTRL_WRONG_RID, 15, kCpl},
                                   {EP_FAULT_CTRL_FORGE_REQ, 15, kWrite},
                                   {EP_FAULT_CTRL_FORGE_REQ, 15, kRead},
                                   {MALFORMED_LENGTH << EP_FAULT_CTRL_MALFORMED_SHIFT, 1, kWrite},
                                   {MALFORMED_BE << EP_FAULT_CTRL_MALFORMED_SHIFT, 2, kWrite},
                                   {MALFORMED_CROSSING << EP_FAULT_CTRL_MALFORMED_SHIFT, 3, kWrite},
                                   {MALFORMED_AT << EP_FAULT_CTRL_MALFORMED_SHIFT, 5, kWrite},
                                   {MALFORMED_POISON << EP_FAULT_CTRL_MALFORMED_SHIFT, 12, kWrite},
                                   {MALFORMED_CPL << EP_FAULT_CTRL_MALFORMED_SHIFT, 13, 0x0a000000'01002004},
                                   {MALFORMED_MSG << EP_FAULT_CTRL_MALFORMED_SHIFT, 7, 0x30000000'0100002a}};
  for (const Case& c : cases) {
    EXPECT_TRUE(passes(armed(c.ctrl, 1, c.rule, c.header))) << c.rule;
    EXPECT_FALSE(passes(armed(c.ctrl, 2, c.rule, c.header))) << c.rule;
    EXPECT_FALSE(passes(armed(0, 1, c.rule, c.header))) << c.rule;
    EXPECT_FALSE(passes(armed(EP_FAULT_CTRL_NEVER_ANSWER | EP_FAULT_CTRL_WRONG_ITAG, 1, c.rule, c.header))) << c.rule;
    EXPECT_FALSE(passes(armed(c.ctrl, 1, 14, c.header))) << c.rule;
    EXPECT_FALSE(passes(armed(c.ctrl, 1, c.rule, 0x4a000001'01000004))) << c.rule;
    Stream reset = armed(c.ctrl, 1, c.rule, c.header);
    reset.insert(reset.begin() + 1, event(15, EV_FLR_START, 1));
    EXPECT_FALSE(passes(reset)) << c.rule;
    reset[0].a0 |= EP_FAULT_CTRL_SURVIVE_FLR;
    EXPECT_TRUE(passes(reset)) << c.rule;
  }
  EXPECT_FALSE(passes(armed(EP_FAULT_CTRL_WRONG_RID, 1, 15, kWrite)));
  EXPECT_FALSE(passes(armed(EP_FAULT_CTRL_FORGE_REQ, 1, 15, kCpl)));
}

}  // namespace atcbench
