// SPDX-License-Identifier: Apache-2.0
//
// Page requests: the test plays the SMMU and puts entries into the PRI queue (smmuv3.md §9). One answer to each group, by the
// worst of its requests; none to a stop marker; what overflow, want of memory and a dead queue leave behind.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <atomic>
#include <thread>
#include <mutex>
#include <vector>

#include "sw_driver_fixture.h"

namespace {

using sw::Bdf;

constexpr uint32_t kProd = 0x100c8, kCons = 0x100cc;
constexpr unsigned kLog2 = 3;
enum Response { kFailure = 0, kInvalid = 1, kSuccess = 2 };

struct Request {
  uint32_t sid = Bdf(0);
  unsigned group = 0;
  bool last = true;
  uint64_t iova = 0x1000;
  bool read = true, write = false, ssv = false;
  uint32_t ssid = 0;
};

struct Answer {
  uint32_t sid;
  unsigned group, resp;
  bool ssv;
  uint32_t ssid;
  bool operator==(const Answer& o) const {
    return sid == o.sid && group == o.group && resp == o.resp && ssv == o.ssv && ssid == o.ssid;
  }
};
std::ostream& operator<<(std::ostream& o, const Answer& a) {
  return o << std::hex << "{sid " << a.sid << " group " << a.group << " resp " << a.resp << " ssid " << a.ssv << ":" << a.ssid << "}";
}
Answer To(const Request& r, unsigned resp) { return {r.sid, r.group, resp, r.ssv, r.ssid}; }

class Priq : public sw::DriverFixture {
 protected:
  void SetUp() override {
    plat.priq_log2 = kLog2;
    Start();
    iommu_set_fault_handler(dom, &Priq::Handler, this);
  }
  static int Handler(void* arg, uint64_t iova, unsigned prot) {
    auto* t = static_cast<Priq*>(arg);
    t->asked.emplace_back(iova, prot);
    return t->refused.count(iova) ? -EFAULT : 0;
  }
  void Put(const Request& r) {
    const uint64_t base = ((uint64_t{m.reg32[0xc4]} << 32 | m.reg32[0xc0]) & 0x00ffffffffffffe0) & ~((uint64_t{16} << kLog2) - 1);
    const uint64_t pa = base + 16 * (m.reg32[kProd] & ((1u << kLog2) - 1));
    auto* dw = reinterpret_cast<uint64_t*>(pa);
    dw[0] = uint64_t{r.ssv} << 63 | uint64_t{r.last} << 62 | uint64_t{r.write} << 61 | uint64_t{r.read} << 60 |
            uint64_t{r.ssid} << 32 | r.sid;
    dw[1] = r.iova | r.group;
    m.reg32[kProd] = (m.reg32[kProd] & 0x80000000) | ((m.reg32[kProd] + 1) & ((2u << kLog2) - 1));
  }
  void Interrupt() {
    port_host_set_cpu(m.p, plat.irq_cpu);
    port_host_raise(m.p, PORT_IRQ_PRIQ);
    port_host_advance(m.p, 1);
    port_host_set_cpu(m.p, 0);
    port_host_run_work(m.p);
  }
  // The answers that the requests have led to.
  std::vector<Answer> Serve(const std::vector<Request>& requests) {
    m.consumed.clear();
    for (const auto& r : requests) Put(r);
    Interrupt();
    return Answers();
  }
  std::vector<Answer> Answers() {
    std::vector<Answer> out;
    for (const auto& c : m.consumed) {
      if (c.op() == 0x41) {
        out.push_back({c.sid(), static_cast<unsigned>(c.dw1 & 0x1ff), static_cast<unsigned>(c.dw1 >> 12 & 3), (c.dw0 >> 11 & 1) != 0,
                       static_cast<uint32_t>(c.dw0 >> 12 & 0xfffff)});
      }
    }
    return out;
  }

  std::vector<std::pair<uint64_t, unsigned>> asked;
  std::set<uint64_t> refused;
};

TEST_F(Priq, AGroupIsAnsweredOnceAtItsLastRequest) {
  Request r;
  r.group = 0x1a5;
  r.last = false;
  EXPECT_TRUE(Serve({r}).empty());
  r.iova = 0x2000;
  r.write = true;
  EXPECT_TRUE(Serve({r}).empty());
  r.iova = 0x7fff000;
  r.last = true;
  EXPECT_EQ(Serve({r}), (std::vector<Answer>{To(r, kSuccess)}));
  EXPECT_EQ(asked, (std::vector<std::pair<uint64_t, unsigned>>{
                       {0x1000, IOMMU_READ}, {0x2000, IOMMU_READ | IOMMU_WRITE}, {0x7fff000, IOMMU_READ | IOMMU_WRITE}}));
  EXPECT_EQ(m.reg32[kCons], m.reg32[kProd]);
  EXPECT_EQ(Stats().page_requests, 3u);
  EXPECT_EQ(Stats().page_responses, 1u);
}

TEST_F(Priq, TheWorstRequestDecides) {
  refused = {0x2000};
  Request ok, bad, last;
  ok.last = bad.last = false;
  bad.iova = 0x2000;
  last.iova = 0x3000;
  EXPECT_EQ(Serve({ok, bad, ok, last}), (std::vector<Answer>{To(last, kInvalid)}));
  EXPECT_EQ(Serve({bad, bad, last}), (std::vector<Answer>{To(last, kInvalid)}));
  EXPECT_EQ(Serve({ok, last}), (std::vector<Answer>{To(last, kSuccess)}));  // of that name, but the next one
  last.iova = 0x2000;
  EXPECT_EQ(Serve({ok, last}), (std::vector<Answer>{To(last, kInvalid)}));
}

// Same index, other StreamID; other PASID; without one.
TEST_F(Priq, GroupsDoNotMix) {
  iommu_domain* sva;
  ASSERT_EQ(iommu_domain_create(s, IOMMU_DOMAIN_PAGING, &sva), 0);
  iommu_set_fault_handler(sva, &Priq::Handler, this);
  for (uint32_t ssid : {3u, 4u}) ASSERT_EQ(iommu_attach_pasid(sva, dev[0], ssid), 0);
  refused = {0x2000};
  std::vector<Request> group(5);
  group[1].sid = Bdf(1);
  group[2].ssv = group[3].ssv = group[4].ssv = true;
  group[2].ssid = 3;
  group[3].ssid = 4;
  group[4].ssid = 3;
  group[4].group = 1;
  for (auto& g : group) g.last = false;
  group[0].iova = group[2].iova = 0x2000;
  Serve(group);
  for (auto& g : group) {
    g.last = true;
    g.iova = 0x1000;
  }
  EXPECT_EQ(Serve({group[4], group[3], group[2], group[1], group[0]}),
            (std::vector<Answer>{To(group[4], kSuccess), To(group[3], kSuccess), To(group[2], kInvalid), To(group[1], kSuccess),
                                 To(group[0], kInvalid)}));
  for (uint32_t ssid : {3u, 4u}) ASSERT_EQ(iommu_detach_pasid(dev[0], ssid), 0);
  ASSERT_EQ(iommu_domain_destroy(sva), 0);
}

TEST_F(Priq, WhoIsOutOfServiceGetsFailure) {
  Request nobody, no_pasid, wild_pasid, blocked;
  nobody.sid = 0x7700;
  no_pasid.ssv = wild_pasid.ssv = true;
  no_pasid.ssid = 5;
  wild_pasid.ssid = 0xfffff;
  blocked.sid = Bdf(2);
  ASSERT_EQ(iommu_reset_prepare(dev[2]), 0);
  EXPECT_EQ(Serve({nobody, no_pasid, wild_pasid, blocked}),
            (std::vector<Answer>{To(nobody, kFailure), To(no_pasid, kFailure), To(wild_pasid, kFailure), To(blocked, kFailure)}));
  ASSERT_EQ(iommu_reset_done(dev[2], true), 0);
  Request isolated;
  isolated.sid = Bdf(1);
  Fn(1).dead = true;
  EXPECT_EQ(MapUnmap(), 0);
  m.consumed.clear();
  Put(isolated);
  Interrupt();  // before its recovery, which is queued already? whichever runs first, the answer is its state's
  EXPECT_EQ(Answers(), (std::vector<Answer>{To(isolated, Info(1).state == IOMMU_DEV_OK ? kSuccess : kFailure)}));
  iommu_set_fault_handler(dom, nullptr, nullptr);
  EXPECT_EQ(Serve({blocked}), (std::vector<Answer>{To(blocked, kInvalid)}));  // nobody keeps its pages
}

TEST_F(Priq, AStopMarkerIsNotAnswered) {
  Request stop;
  stop.ssv = stop.last = true;
  stop.read = false;
  EXPECT_TRUE(Serve({stop}).empty());
  EXPECT_EQ(Stats().page_requests, 1u);
  EXPECT_TRUE(asked.empty());
  // what lacks one of its four marks is a request
  for (unsigned i = 0; i < 4; i++) {
    Request r = stop;
    if (i == 0) r.ssv = false;
    if (i == 1) r.last = false;
    if (i == 2) r.read = true;
    if (i == 3) r.write = true;
    asked.clear();
    const auto answers = Serve({r});
    EXPECT_EQ(answers.size(), i == 1 ? 0u : 1u) << i;
    EXPECT_EQ(asked.size(), 1u) << i;
  }
}

TEST_F(Priq, TheRingWraps) {
  Request r;
  for (unsigned i = 0; i < 5u << kLog2; i++) {
    r.group = i;
    ASSERT_EQ(Serve({r}), (std::vector<Answer>{To(r, kSuccess)})) << i;
    ASSERT_EQ(m.reg32[kCons], (i + 1) & ((2u << kLog2) - 1));
  }
  std::vector<Request> full(1u << kLog2);
  EXPECT_EQ(Serve(full).size(), full.size());
}

// The SMMU has answered what it could not queue, so an unfinished group may be over: it is forgotten.
TEST_F(Priq, OverflowForgetsUnfinishedGroups) {
  refused = {0x2000};
  Request first, last;
  first.last = false;
  first.iova = 0x2000;
  EXPECT_TRUE(Serve({first}).empty());
  m.reg32[kProd] ^= 0x80000000;
  Interrupt();
  EXPECT_EQ(m.reg32[kCons] & 0x80000000, 0x80000000u);
  EXPECT_EQ(Stats().page_overflows, 1u);
  EXPECT_EQ(Serve({last}), (std::vector<Answer>{To(last, kSuccess)}));
  // and at an overflow what is in the queue is served first
  m.reg32[kProd] ^= 0x80000000;
  EXPECT_EQ(Serve({last}), (std::vector<Answer>{To(last, kSuccess)}));
  EXPECT_EQ(m.reg32[kCons], m.reg32[kProd]);
}

TEST_F(Priq, AProducerIndexThatCannotBeIsNotBelieved) {
  m.reg32[kProd] = 0xffffffff;  // all ones: a register that does not answer
  Interrupt();
  EXPECT_EQ(Stats().page_requests, 0u);
  m.reg32[kProd] = (1u << kLog2) + 1;
  Interrupt();
  EXPECT_EQ(Stats().page_requests, 0u);
  EXPECT_EQ(m.reg32[kCons], 0u);
}

TEST_F(Priq, WithoutMemoryTheLastRequestDecides) {
  refused = {0x2000};
  Request bad, last;
  bad.last = false;
  bad.iova = 0x2000;
  port_host_fail_alloc(m.p, 1);
  EXPECT_TRUE(Serve({bad}).empty());
  port_host_fail_alloc(m.p, 0);
  EXPECT_TRUE(m.LogHas("no memory for a page request group"));
  EXPECT_EQ(Serve({last}), (std::vector<Answer>{To(last, kSuccess)}));
}

TEST_F(Priq, AnUnfinishedGroupIsFreedWithTheDriver) {
  refused = {0x2000};
  Request bad;
  bad.last = false;
  bad.iova = 0x2000;
  Serve({bad});  // TearDown counts what is left
}

TEST_F(Priq, AResponseThatCannotBeSentIsReported) {
  s->plat.poll_timeout = 500;
  s->plat.expiry_limit = 1;
  m.stuck = true;
  EXPECT_TRUE(Serve({Request{}}).empty());
  m.stuck = false;
  EXPECT_TRUE(m.LogHas("page response not sent"));
  port_host_advance(m.p, 1);
}

// A device that asks again for each answer, 500 times, and a work item that waits for the same worker meanwhile.
class PriqBudget : public Priq {
 protected:
  static constexpr unsigned kEndless = 500;

  // Page requests that had been served when the other one's turn came.
  uint64_t ServedBeforeTheOther() {
    port_work other{};
    iommu_set_fault_handler(
        dom,
        [](void* arg, uint64_t, unsigned) {
          auto* t = static_cast<PriqBudget*>(arg);
          if (++t->served < kEndless) t->Put(Request{});
          return 0;
        },
        this);
    other.fn = [](void* arg) {
      auto* t = static_cast<PriqBudget*>(arg);
      t->before_other = t->served;
    };
    other.arg = this;
    other.cpu = plat.irq_cpu;
    m.consumed.clear();
    Put(Request{});
    port_host_set_cpu(m.p, plat.irq_cpu);
    port_host_raise(m.p, PORT_IRQ_PRIQ);
    port_host_advance(m.p, 1);
    EXPECT_TRUE(port_work_queue(m.p, &other));
    port_host_set_cpu(m.p, 0);
    port_host_run_work(m.p);
    EXPECT_EQ(served, kEndless);
    EXPECT_EQ(Answers().size(), kEndless);
    EXPECT_EQ(m.reg32[kCons], m.reg32[kProd]);
    return before_other;
  }
  uint64_t served = 0, before_other = 0;
};

TEST_F(PriqBudget, ARunTakesSoManyAndGivesWay) {
  EXPECT_EQ(ServedBeforeTheOther(), plat.priq_budget);
  EXPECT_LT(plat.priq_budget, kEndless);
}

TEST_F(PriqBudget, OneARun) {
  s->plat.priq_budget = 1;
  EXPECT_EQ(ServedBeforeTheOther(), 1u);
}

TEST_F(PriqBudget, PlantedWithoutOneNobodyElseGetsATurn) {
  s->plat.plants = SMMU_PLANT_PRI_ENDLESS;
  EXPECT_EQ(ServedBeforeTheOther(), kEndless);
}

// The overflow is acknowledged behind the last of the entries before it, in whichever run that is taken.
TEST_F(PriqBudget, AnOverflowWaitsForTheRunThatTakesTheLast) {
  s->plat.priq_budget = 3;
  refused = {0x2000};
  Request first, other, last;
  first.last = false;
  first.iova = 0x2000;
  other.group = 1;
  m.reg32[kProd] ^= 0x80000000;
  const auto answers = Serve({first, other, other, other, other, other, other, last});
  ASSERT_EQ(answers.size(), 7u);
  EXPECT_EQ(answers.back(), To(last, kInvalid));  // its group began before the overflow
  EXPECT_EQ(Stats().page_overflows, 1u);
  EXPECT_EQ(m.reg32[kCons], m.reg32[kProd]);
  EXPECT_EQ(Serve({last}), (std::vector<Answer>{To(last, kSuccess)}));
}

// Each request brings another one: what was there at the call is answered, and the flush does not wait for the rest.
TEST_F(Priq, AFlushEndsUnderEndlessRequests) {
  std::atomic<bool> asks{true}, quit{false};
  std::atomic<uint64_t> served{0};
  std::function<void()> again = [&] {
    ++served;
    std::lock_guard<std::recursive_mutex> lock(m.mu);
    if (asks) Put(Request{});
  };
  iommu_set_fault_handler(
      dom,
      [](void* arg, uint64_t, unsigned) {
        (*static_cast<std::function<void()>*>(arg))();
        return 0;
      },
      &again);
  for (int i = 0; i < 5; i++) Put(Request{});
  std::thread worker([&] {
    port_host_set_cpu(m.p, plat.irq_cpu);
    while (!quit) {
      port_host_run_work(m.p);
      std::this_thread::yield();
    }
  });
  smmu_flush_page_requests(s);
  EXPECT_GE(served, 5u);
  EXPECT_TRUE(asks);
  asks = false;
  smmu_flush_page_requests(s);
  quit = true;
  worker.join();
  EXPECT_EQ(m.reg32[kCons], m.reg32[kProd]);
  EXPECT_EQ(Stats().page_responses, served);
  EXPECT_FALSE(m.LogHas("not taken"));
}

TEST_F(Priq, AFlushEndsWhenNobodyTakesThem) {
  s->plat.poll_timeout = 300;
  smmu_flush_page_requests(s);
  EXPECT_FALSE(m.LogHas("not taken"));
  Put(Request{});
  smmu_flush_page_requests(s);
  EXPECT_TRUE(m.LogHas("page requests are not taken"));
  EXPECT_EQ(port_host_run_work(m.p), 1u) << "the flush has queued the item";
  EXPECT_EQ(m.reg32[kCons], m.reg32[kProd]);
}

// PROD reads all ones: nothing is waited for.
TEST_F(Priq, AFlushOfASilentQueue) {
  m.mute = true;
  smmu_flush_page_requests(s);
  EXPECT_FALSE(m.LogHas("not taken"));
  m.mute = false;
}

TEST_F(Priq, PlantedAnswers) {
  refused = {0x2000};
  Request bad;
  bad.iova = 0x2000;
  s->plat.plants = SMMU_PLANT_NO_ANSWER;
  EXPECT_TRUE(Serve({bad}).empty());
  EXPECT_EQ(Serve({Request{}}).size(), 1u);
  s->plat.plants = SMMU_PLANT_ANSWER_TWICE;
  EXPECT_EQ(Serve({bad}), (std::vector<Answer>{To(bad, kInvalid), To(bad, kInvalid)}));
}

TEST_F(Priq, AMasterThatLeavesTakesItsRequestsAlong) {
  Put(Request{});
  port_host_set_cpu(m.p, plat.irq_cpu);
  port_host_raise(m.p, PORT_IRQ_PRIQ);
  port_host_advance(m.p, 1);
  port_host_set_cpu(m.p, 0);
  m.consumed.clear();
  iommu_device_destroy(dev[0]);  // the work item runs after it has left the list
  dev[0] = nullptr;
  EXPECT_EQ(Answers().size(), 1u);
}

}  // namespace
