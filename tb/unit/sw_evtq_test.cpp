// SPDX-License-Identifier: Apache-2.0
//
// Event queue: the test plays the SMMU and puts records into it (smmuv3.md §1.6, §8). Few records are taken by the handler, at
// once; a storm that refills the queue as soon as it is empty is left to the work item, so that the CPU gets on with its tasks.

#include <gtest/gtest.h>

#include <vector>

#include "sw_driver_fixture.h"

namespace {

constexpr uint32_t kBase = 0xa0, kProd = 0x100a8, kCons = 0x100ac;
constexpr unsigned kLog2 = 3, kMask = (2u << kLog2) - 1;

class Evtq : public sw::DriverFixture {
 protected:
  void SetUp() override {
    plat.evtq_log2 = kLog2;
    Start();
    smmu_set_event_handler(
        s, [](void* arg, const uint64_t rec[4]) { static_cast<Evtq*>(arg)->taken.push_back(rec[1]); }, this);
    m.lie = [this](uint32_t off, uint64_t& v) {
      if (off == kProd && storm > put && v == m.reg32[kCons]) Put();  // the driver has seen it empty
    };
    port_host_set_cpu(m.p, plat.irq_cpu);
  }
  void TearDown() override {
    m.lie = nullptr;
    port_host_set_cpu(m.p, 0);
    sw::DriverFixture::TearDown();
  }
  // A record; its number is in its second word. An interrupt, if the queue was empty.
  void Put() {
    const uint32_t prod = m.reg32[kProd];
    const uint64_t base = ((uint64_t{m.reg32[kBase + 4]} << 32 | m.reg32[kBase]) & 0x00ffffffffffffe0) & ~((uint64_t{32} << kLog2) - 1);
    auto* rec = reinterpret_cast<uint64_t*>(base + 32 * (prod & ((1u << kLog2) - 1)));
    rec[0] = 0x10, rec[1] = put++, rec[2] = rec[3] = 0;
    m.reg32[kProd] = (prod + 1) & kMask;
    if (prod == m.reg32[kCons]) port_host_raise(m.p, PORT_IRQ_EVENTQ);
  }
  // A task of this CPU that gives it to nobody; the handler comes between.
  void Compute() {
    for (unsigned i = 0; i < 5000; i++) port_host_advance(m.p, 1);
  }
  size_t Runs() {
    size_t n = 0;
    for (const auto& e : m.events) n += e.ev == EV_IRQ_ENTRY && e.a0 == PORT_IRQ_EVENTQ;
    return n;
  }
  void ExpectInOrder() {
    for (size_t i = 0; i < taken.size(); i++) ASSERT_EQ(taken[i], i);
  }

  uint64_t storm = 0;  // records that come as soon as the queue is empty
  uint64_t put = 0;
  std::vector<uint64_t> taken;
};

TEST_F(Evtq, TheHandlerTakesWhatComesNowAndThen) {
  for (unsigned i = 0; i < 100; i++) {
    Put();
    port_host_advance(m.p, 1);
    EXPECT_EQ(taken.size(), i + 1u);
    port_host_advance(m.p, 1000);
  }
  EXPECT_EQ(Runs(), 100u);
  EXPECT_EQ(port_host_run_work(m.p), 0u);
  ExpectInOrder();
}

TEST_F(Evtq, AStormLeavesTheCpuToOthers) {
  storm = 1000;
  Put();
  Compute();
  EXPECT_LT(put, 20u);
  EXPECT_LT(Runs(), 20u);
  const unsigned works = port_host_run_work(m.p);
  EXPECT_GT(works, 900u);
  EXPECT_EQ(taken.size(), 1000u);
  ExpectInOrder();
}

TEST_F(Evtq, AfterAStormTheHandlerTakesRecordsAgain) {
  storm = 100;
  Put();
  Compute();
  port_host_run_work(m.p);
  EXPECT_EQ(taken.size(), 100u);
  port_host_advance(m.p, 100000);
  Put();
  port_host_advance(m.p, 1);
  EXPECT_EQ(taken.size(), 101u);
  EXPECT_EQ(port_host_run_work(m.p), 0u);
  ExpectInOrder();
}

}  // namespace
