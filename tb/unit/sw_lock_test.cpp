// SPDX-License-Identifier: Apache-2.0
//
// The driver's two locks: what their events say. A hold begins with the exchange that got the lock, not with the first try, and ends
// with the store that gives it back, not with the interrupt that comes after it.

#include <gtest/gtest.h>

#include <functional>
#include <vector>

extern "C" {
#include "../../sw/iommu/lock.h"
#include "port_host.h"
}

namespace {

struct Seen {
  atc_log_event event;
  uint32_t lock;
  uint64_t cycles;
  bool operator==(const Seen& o) const { return event == o.event && lock == o.lock && cycles == o.cycles; }
};
std::ostream& operator<<(std::ostream& o, const Seen& s) {
  return o << "{event " << s.event << " lock " << s.lock << " cycles " << s.cycles << "}";
}

class Locks : public ::testing::Test {
 protected:
  Locks() {
    port_host_ops ops{};
    ops.tick = [](void* ctx, uint64_t now) {
      auto* t = static_cast<Locks*>(ctx);
      if (t->tick) t->tick(now);
    };
    ops.trace = [](void* ctx, atc_log_event ev, uint32_t a0, uint64_t a1, uint64_t) {
      static_cast<Locks*>(ctx)->seen.push_back({ev, a0, a1});
    };
    ops.log = [](void*, port_log_level, const char*) {};
    p = port_host_create(2, &ops, this);
  }
  ~Locks() override { EXPECT_EQ(port_host_destroy(p), 0u); }

  port* p;
  std::vector<Seen> seen;
  std::function<void(uint64_t)> tick;
};

TEST_F(Locks, AHoldIsMeasuredOfBothKinds) {
  raw_lock raw;
  mutex m;
  raw_lock_init(&raw, LOCK_MASTER, nullptr);
  mutex_init(&m, LOCK_GROUP);
  mutex_lock(p, &m);
  port_host_advance(p, 100);
  const unsigned long flags = raw_lock_acquire(p, &raw);
  port_host_advance(p, 7);
  raw_lock_release(p, &raw, flags);
  mutex_unlock(p, &m);
  EXPECT_EQ(seen, (std::vector<Seen>{{EV_LOCK_HOLD, LOCK_MASTER, 7}, {EV_LOCK_HOLD, LOCK_GROUP, 107}}));
  // the next hold starts anew
  seen.clear();
  port_host_advance(p, 1000);
  mutex_lock(p, &m);
  port_host_advance(p, 3);
  mutex_unlock(p, &m);
  EXPECT_EQ(seen, (std::vector<Seen>{{EV_LOCK_HOLD, LOCK_GROUP, 3}}));
}

TEST_F(Locks, AHoldDoesNotBeginBeforeTheWaitIsOver) {
  mutex m;
  mutex_init(&m, LOCK_DOMAIN);
  mutex_lock(p, &m);
  const uint64_t start = port_now(p);
  bool given = false;
  tick = [&](uint64_t now) {
    if (given || now < start + 400) return;
    given = true;
    mutex_unlock(p, &m);  // as another CPU would
  };
  mutex_lock(p, &m);
  tick = nullptr;
  port_host_advance(p, 5);
  mutex_unlock(p, &m);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].event, EV_LOCK_HOLD);
  EXPECT_GE(seen[0].cycles, 400u);
  EXPECT_EQ(seen[1].event, EV_LOCK_WAIT);
  EXPECT_GE(seen[1].cycles, 400u);
  EXPECT_EQ(seen[2], (Seen{EV_LOCK_HOLD, LOCK_DOMAIN, 5}));
}

// An interrupt that was held off runs as soon as interrupts are on again: what it takes is nobody's hold.
TEST_F(Locks, WhatComesAfterTheReleaseIsNotHeld) {
  raw_lock raw;
  raw_lock_init(&raw, LOCK_MASTER_PCI, nullptr);
  ASSERT_EQ(port_irq_request(p, PORT_IRQ_PRIQ, [](void* arg) { port_host_advance(static_cast<port*>(arg), 5000); }, p, 0), 0);
  const unsigned long flags = raw_lock_acquire(p, &raw);
  port_host_raise(p, PORT_IRQ_PRIQ);
  port_host_advance(p, 9);
  raw_lock_release(p, &raw, flags);
  port_host_advance(p, 1);
  EXPECT_EQ(seen, (std::vector<Seen>{{EV_LOCK_HOLD, LOCK_MASTER_PCI, 9}}));
}

}  // namespace
