// SPDX-License-Identifier: Apache-2.0
//
// Virtual CPUs on a fake design: who runs when, what waits see, and that the idle jump cannot be noticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "atcbench/error.h"
#include "atcbench/hang_report.h"
#include "sim_fake_model.h"

namespace atcbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Bench {
  explicit Bench(Cycle fires_at, bool skip = true, unsigned cpus = 2)
      : sim(config(cpus), std::make_unique<FakeModel>(fires_at), options(skip)) {
    sim.reset();
  }
  static Config config(unsigned cpus) {
    Config c;
    c.system.cpus = cpus;
    c.system.dram_mib = 64;
    c.finish();
    return c;
  }
  static Simulation::Options options(bool skip) {
    Simulation::Options o;
    o.skip = skip;
    return o;
  }
  StopReason run(uint64_t limit = 1'000'000) {
    return sim.run([this] { return sim.machine().finished(); }, limit);
  }
  ::port* port() { return sim.machine().handle(); }
  Machine& machine() { return sim.machine(); }

  Simulation sim;
};

port_src flag() {
  port_src s{};
  s.kind = PORT_SRC_MMIO32;
  s.addr = kSmmuBase;
  s.mask = s.value = 1;
  s.until_equal = true;
  return s;
}

TEST(Machine, PortCallsCostTheirCycles) {
  Bench b(kNever / 2);
  Cycle after_mem = 0, after_mmio = 0;
  b.machine().spawn(0, "t", [&] {
    port_mem_write64(b.port(), kDramBase, 7);
    after_mem = port_now(b.port());
    EXPECT_EQ(port_mem_read64(b.port(), kDramBase), 7u);
    const Cycle start = port_now(b.port());
    port_read32(b.port(), kSmmuBase);
    after_mmio = port_now(b.port()) - start;
  });
  EXPECT_EQ(b.run(), StopReason::kDone);
  EXPECT_EQ(after_mem, b.sim.config().cpu.cost.mem);
  // On the pins the cycle after the request, three more until the answer.
  EXPECT_EQ(after_mmio, b.sim.config().cpu.cost.mmio + 1 + 3);
}

TEST(Machine, RegisterWritesReachTheDesign) {
  Bench b(kNever / 2);
  b.machine().spawn(0, "t", [&] {
    port_write64(b.port(), kSmmuBase + 8, 0x1122334455667788);
    EXPECT_EQ(port_read64(b.port(), kSmmuBase + 8), 0x1122334455667788u);
    EXPECT_EQ(port_read32(b.port(), kSmmuBase + 12), 0x11223344u);
    EXPECT_EQ(port_read8(b.port(), kSmmuBase + 9), 0x77u);
    EXPECT_EQ(port_read32(b.port(), 0x1000), 0xFFFFFFFFu);  // nobody there
  });
  EXPECT_EQ(b.run(), StopReason::kDone);
}

TEST(Machine, WaitSamplesOnItsGrid) {
  Bench b(1000);
  Cycle start = 0, seen = 0;
  b.machine().spawn(0, "t", [&] {
    start = port_now(b.port());
    port_src s = flag();
    EXPECT_EQ(port_wait(b.port(), &s, 1, 32, PORT_FOREVER, 0), 0);
    seen = port_now(b.port());
  });
  EXPECT_EQ(b.run(), StopReason::kDone);
  // The register changes at the edge of cycle 1000; a sample takes 2 + 1 + 3 cycles, its read falls in the fifth.
  const Cycle sample = seen - 6;
  EXPECT_EQ((sample - start) % 32, 0u);
  EXPECT_GE(sample + 6, 1001u);
  EXPECT_LT(sample, 1001u + 32);
}

TEST(Machine, WaitExpiresAtItsDeadline) {
  Bench b(kNever / 2);
  Cycle end = 0;
  b.machine().spawn(0, "t", [&] {
    port_atomic_t a{0};
    port_src s{};
    s.kind = PORT_SRC_ATOMIC;
    s.atomic = &a;
    s.mask = ~uint64_t{0};
    s.value = 1;
    s.until_equal = true;
    EXPECT_EQ(port_wait(b.port(), &s, 1, 30, 1000, 0), -ETIMEDOUT);
    end = port_now(b.port());
  });
  EXPECT_EQ(b.run(), StopReason::kDone);
  EXPECT_EQ(end, 1000u);
  EXPECT_LT(b.sim.steps(), 200u);  // jumped
}

TEST(Machine, SleepersShareTheCpuSpinnersDoNot) {
  Bench b(kNever / 2, true, 1);
  std::vector<int> order;
  b.machine().spawn(0, "a", [&] {
    order.push_back(1);
    b.machine().sleep(100);
    order.push_back(3);
    b.machine().delay(1000);
    order.push_back(4);
  });
  b.machine().spawn(0, "b", [&] {
    order.push_back(2);
    b.machine().sleep(200);  // over while `a` spins
    order.push_back(5);
  });
  EXPECT_EQ(b.run(), StopReason::kDone);
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4, 5));
}

TEST(Machine, InterruptWhileWaitingAndWhileMasked) {
  Bench b(500);
  static Cycle taken;
  taken = 0;
  Cycle restored = 0;
  b.machine().spawn(0, "t", [&] {
    port_irq_request(
        b.port(), PORT_IRQ_GERROR, [](void* arg) { taken = port_now(static_cast<::port*>(arg)); }, b.port(), 1);
  });
  b.machine().spawn(1, "masked", [&] {
    const unsigned long flags = port_irq_save(b.port());
    b.machine().delay(800);
    EXPECT_EQ(taken, 0u);
    restored = port_now(b.port());
    port_irq_restore(b.port(), flags);
    EXPECT_GE(taken, restored);
  });
  EXPECT_EQ(b.run(), StopReason::kDone);
  EXPECT_GE(b.machine().stats().irq_off_max, 800u);

  Bench open(500);
  taken = 0;
  open.machine().spawn(0, "t", [&] {
    port_irq_request(
        open.port(), PORT_IRQ_GERROR, [](void* arg) { taken = port_now(static_cast<::port*>(arg)); }, open.port(), 0);
    open.machine().delay(5000);
  });
  EXPECT_EQ(open.run(), StopReason::kDone);
  EXPECT_EQ(taken, 501 + open.sim.config().cpu.cost.irq);
}

TEST(Machine, WorkRunsOnItsCpuAndFlushWaits) {
  Bench b(kNever / 2);
  struct Context {
    Bench* bench;
    unsigned cpu = 99;
    unsigned runs = 0;
  } context{&b};
  static Context* c;
  c = &context;
  port_work work{};
  work.fn = [](void*) {
    c->cpu = port_cpu(c->bench->port());
    c->bench->machine().sleep(300);
    ++c->runs;
  };
  work.cpu = 1;
  b.machine().spawn(0, "t", [&] {
    EXPECT_TRUE(port_work_queue(b.port(), &work));
    EXPECT_FALSE(port_work_queue(b.port(), &work));
    b.machine().sleep(200);
    EXPECT_TRUE(port_work_queue(b.port(), &work));  // it is running: again
    port_work_flush(b.port(), &work);
    EXPECT_EQ(context.runs, 2u);
  });
  EXPECT_EQ(b.run(), StopReason::kDone);
  EXPECT_EQ(context.cpu, 1u);
}

TEST(Machine, HangNamesTheWaiters) {
  Bench quiet(100);
  quiet.machine().spawn(0, "stuck", [&] {
    port_src s = flag();
    s.value = 2;
    s.mask = 2;
    port_wait(quiet.port(), &s, 1, 50, PORT_FOREVER, 0);
  });
  EXPECT_EQ(quiet.run(), StopReason::kHang);
  EXPECT_LT(quiet.sim.steps(), 2000u);
  const auto lines = quiet.machine().waiters();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("cpu 0 stuck: forever; register 0x2b400000 & 0x2 == 0x2"));
}

// A wake-up event wakes whoever waits for one, is kept for who comes late, once, and the jump sees it coming.
TEST(Machine, WakeUpEvents) {
  for (bool skip : {true, false}) {
    Bench b(5000, skip);
    static_cast<FakeModel&>(b.sim.model()).sends_event();
    std::vector<Cycle> woken;
    int again = 0;
    port_src event{};
    event.kind = PORT_SRC_EVENT;
    b.machine().spawn(0, "early", [&, event]() mutable {
      EXPECT_EQ(port_wait(b.port(), &event, 1, 1, 100000, 0), 0);
      woken.push_back(port_now(b.port()));
      again = port_wait(b.port(), &event, 1, 8, 9000, 0);
    });
    b.machine().spawn(1, "late", [&, event]() mutable {
      b.machine().sleep(8000);
      EXPECT_EQ(port_wait(b.port(), &event, 1, 8, PORT_FOREVER, 0), 0);
      woken.push_back(port_now(b.port()));
    });
    EXPECT_EQ(b.run(), StopReason::kDone);
    EXPECT_EQ(again, -ETIMEDOUT);
    ASSERT_EQ(woken.size(), 2u);
    EXPECT_EQ(woken[0], 5001u) << "the cycle in which the pin is high";
    EXPECT_GE(woken[1], 8000u);
    EXPECT_LE(woken[1], 8200u) << "woken, and the task switches";
    if (skip) EXPECT_LT(b.sim.steps(), 500u);
  }
}

TEST(Machine, HangOfAWaitForAnEvent) {
  Bench b(100);
  b.machine().spawn(0, "stuck", [&] {
    port_src event{};
    event.kind = PORT_SRC_EVENT;
    port_wait(b.port(), &event, 1, 50, PORT_FOREVER, 0);
  });
  EXPECT_EQ(b.run(), StopReason::kHang);
  EXPECT_THAT(b.machine().waiters(), ElementsAre(HasSubstr("cpu 0 stuck: forever; a wake-up event")));
  b.sim.log().add(EV_ITAG_ALLOC, 2, 7, 0x300, 0);
  b.sim.step();
  const std::string text = who_waits(b.sim);
  EXPECT_THAT(text, HasSubstr("cpu 0 stuck: forever; a wake-up event; CMDQ prod 0x0 cons 0x0; gerror 0x0 gerrorn 0x0"));
  EXPECT_THAT(text, HasSubstr("1 tags outstanding: device 2 itag 7 since cycle"));
}

TEST(Machine, SleepWithInterruptsOffIsFatal) {
  Bench b(kNever / 2);
  b.machine().spawn(0, "t", [&] {
    port_irq_save(b.port());
    b.machine().sleep(10);
  });
  EXPECT_THROW(b.run(), HostError);
}

// Two CPUs poll with different periods, one sleeps on memory, one interrupt comes in: the log and every
// counter must be the same with and without the jump.
TEST(Machine, IdleJumpCannotBeNoticed) {
  struct Seen {
    std::vector<Event> events;
    Cycle end;
    uint64_t samples, mmio;
  };
  const auto run = [](Cycle fires_at, uint64_t p0, uint64_t p1, bool skip, uint64_t* steps) {
    Bench b(fires_at, skip);
    for (unsigned cpu = 0; cpu < 2; ++cpu)
      b.machine().spawn(cpu, "poll", [&b, cpu, p0, p1] {
        port_src s = flag();
        const int r = port_wait(b.port(), &s, 1, cpu ? p1 : p0, 400'000, cpu ? PORT_WAIT_SLEEP : 0);
        port_trace(b.port(), EV_SYNC_SEEN, static_cast<uint32_t>(r), 0, 0);
      });
    b.machine().spawn(1, "memory", [&b] {
      port_src s{};
      s.kind = PORT_SRC_MEM32;
      s.addr = kDramBase;
      s.mask = s.value = 1;
      s.until_equal = true;
      const int r = port_wait(b.port(), &s, 1, 7, 333'333, PORT_WAIT_SLEEP);
      port_trace(b.port(), EV_SYNC_FAILED, static_cast<uint32_t>(r), 0, 0);
    });
    // Takes the CPU of two sleepers away for a while.
    b.machine().spawn(1, "spin", [&b] {
      b.machine().sleep(40'000);
      b.machine().delay(20'005);
      port_trace(b.port(), EV_SYNC_WAIT, 0, 0, 0);
    });
    EXPECT_EQ(b.run(), StopReason::kDone);
    *steps = b.sim.steps();
    return Seen{b.sim.log().events(), b.sim.now(), b.machine().stats().register_samples, b.machine().stats().mmio};
  };
  for (Cycle fires_at : {100u, 5'000u, 99'999u, 300'001u, 900'000u})
    for (const auto& [p0, p1] : std::vector<std::pair<uint64_t, uint64_t>>{{32, 32}, {17, 48}, {100, 64}, {6, 9}}) {
      uint64_t jumped = 0, walked = 0;
      const Seen a = run(fires_at, p0, p1, true, &jumped);
      const Seen b = run(fires_at, p0, p1, false, &walked);
      SCOPED_TRACE(::testing::Message() << fires_at << " " << p0 << " " << p1);
      EXPECT_EQ(a.events, b.events);
      EXPECT_EQ(a.end, b.end);
      EXPECT_EQ(a.samples, b.samples);
      EXPECT_EQ(a.mmio, b.mmio);
      // Samples every 6 cycles keep the bus busy all the time.
      if (fires_at >= 99'999 && p0 > 6) EXPECT_LT(jumped * 5, walked) << fires_at << " " << p0 << " " << p1;
    }
}

// Two CPUs hand a token to and fro through an atomic and through memory, with pauses of every length.
TEST(Machine, IdleJumpSeesWhatOtherCpusStored) {
  const auto run = [](bool skip) {
    Bench b(kNever / 2, skip);
    port_atomic_t token{0};
    for (unsigned cpu = 0; cpu < 2; ++cpu)
      b.machine().spawn(cpu, "t", [&b, &token, cpu] {
        for (uint64_t i = 0; i < 100; ++i) {
          port_src s{};
          s.kind = i % 3 ? PORT_SRC_ATOMIC : PORT_SRC_MEM64;
          s.atomic = &token;
          s.addr = kDramBase;
          s.mask = ~uint64_t{0};
          s.value = 2 * i + cpu;
          s.until_equal = true;
          port_wait(b.port(), &s, 1, 4 + i % 5, PORT_FOREVER, i % 2 ? PORT_WAIT_SLEEP : 0);
          port_trace(b.port(), EV_SYNC_SEEN, static_cast<uint32_t>(i), 0, 0);
          b.machine().delay(i % 13);
          port_mem_write64(b.port(), kDramBase, 2 * i + cpu + 1);
          port_atomic_set(b.port(), &token, 2 * i + cpu + 1);
        }
      });
    EXPECT_EQ(b.run(), StopReason::kDone);
    return b.sim.log().events();
  };
  EXPECT_EQ(run(true), run(false));
}

TEST(Machine, SameProgramSameLog) {
  const auto run = [] {
    Bench b(2000);
    for (unsigned cpu = 0; cpu < 2; ++cpu)
      b.machine().spawn(cpu, "t", [&b] {
        for (int i = 0; i < 50; ++i) {
          port_trace(b.port(), EV_CMD_SLOT, static_cast<uint32_t>(port_read32(b.port(), kSmmuBase)), 0, 0);
          port_mem_write32(b.port(), kDramBase, port_mem_read32(b.port(), kDramBase) + 1);
          b.machine().sleep(port_mem_read32(b.port(), kDramBase) % 37);
        }
      });
    EXPECT_EQ(b.run(), StopReason::kDone);
    return b.sim.log().events();
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace atcbench
