// SPDX-License-Identifier: Apache-2.0
//
// Figures that are made of single events.
#include <gtest/gtest.h>

#include "atcbench/figures.h"
#include "atcbench/ownership.h"
#include "atcbench/testbed.h"
#include "lock_id.h"
#include "log_events.h"

namespace atcbench {
namespace {

Event held(Cycle cycle, lock_id lock, uint64_t cycles) {
  Event e{};
  e.cycle = cycle;
  e.event = EV_LOCK_HOLD;
  e.a0 = lock;
  e.a1 = cycles;
  return e;
}

TEST(Figures, HoldsByLockByKindAndInAll) {
  const Figures f = derive_figures({held(10, LOCK_GROUP, 4000), held(20, LOCK_MASTER, 30), held(30, LOCK_MASTER, 70), held(40, LOCK_PCI_BELOW, 5)});
  EXPECT_EQ(f.at("lock_hold").count(), 4u);
  EXPECT_EQ(f.at("lock_hold").max(), 4000u);
  EXPECT_EQ(f.at("lock_hold_raw").count(), 3u);
  EXPECT_EQ(f.at("lock_hold_raw").max(), 70u);
  EXPECT_EQ(f.at("lock_hold.group").max(), 4000u);
  EXPECT_EQ(f.at("lock_hold.master").min(), 30u);
  EXPECT_EQ(f.at("lock_hold.master").max(), 70u);
  EXPECT_EQ(f.at("lock_hold.pci_below").count(), 1u);
  EXPECT_EQ(f.count("lock_hold.domain"), 0u);
  EXPECT_EQ(f.count("lock_wait"), 0u);
}

TEST(Figures, AHoldOfAnUnknownLockIsLeftOut) {
  const Figures f = derive_figures({held(10, LOCK_NONE, 1), held(20, LOCK_ID_COUNT, 1)});
  EXPECT_EQ(f.count("lock_hold"), 0u);
}

TEST(Figures, StaleAccessesAfterATimeOutAreThoseByTranslatedRequests) {
  const auto event = [](Cycle cycle, uint16_t kind, uint16_t device, uint32_t a0) {
    Event e{};
    e.cycle = cycle;
    e.event = kind;
    e.src = device;
    e.a0 = a0;
    e.a2 = 5;
    return e;
  };
  const Figures f = derive_figures({event(10, EV_STALE_ACCESS, 1, 1 | kStaleTranslated), event(20, EV_INV_TIMEOUT, 1, 0),
                                    event(30, EV_STALE_ACCESS, 1, 1), event(40, EV_STALE_ACCESS, 2, 1 | kStaleTranslated)});
  EXPECT_EQ(f.count("stale.timed_out"), 0u);
  const Figures g = derive_figures({event(20, EV_INV_TIMEOUT, 1, 0), event(30, EV_STALE_ACCESS, 1, 1 | kStaleTranslated)});
  EXPECT_EQ(g.at("stale.timed_out").max(), 25u);
}

TEST(Figures, ThroughputIsThatOfTheLoad) {
  const auto event = [](Cycle cycle, uint16_t kind, uint32_t a0) {
    Event e{};
    e.cycle = cycle;
    e.event = kind;
    e.src = kind == EV_SCENARIO_PHASE ? 0 : 1;
    e.a0 = a0;
    return e;
  };
  std::vector<Event> events{event(100, EV_INV_SENT, 7), event(200, EV_INV_CPL, 7)};
  const auto rate = [&events] { return derive_figures(events).at("inv.per_million_cycles").max(); };
  EXPECT_EQ(rate(), 10000u);  // no phases: all of it
  events.push_back(event(900, EV_INV_SENT, 3));  // still of the attach, answered under load: not counted
  events.push_back(event(1000, EV_SCENARIO_PHASE, static_cast<uint32_t>(Phase::kLoad)));
  events.push_back(event(1010, EV_INV_CPL, 3));
  for (uint32_t n = 0; n < 4; ++n) {
    events.push_back(event(2000 + 100 * n, EV_INV_SENT, n));
    events.push_back(event(2050 + 100 * n, EV_INV_CPL, n));
  }
  EXPECT_EQ(rate(), 4 * 1000000u / 350);
  events.push_back(event(3000, EV_SCENARIO_PHASE, static_cast<uint32_t>(Phase::kDrain)));
  events.push_back(event(4000, EV_INV_SENT, 1));
  events.push_back(event(9000, EV_INV_CPL, 1));
  EXPECT_EQ(rate(), 4 * 1000000u / 350);
}

}  // namespace
}  // namespace atcbench
