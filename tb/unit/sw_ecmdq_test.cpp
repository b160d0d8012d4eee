// SPDX-License-Identifier: Apache-2.0
//
// Enhanced command queues: which CPU uses which, who is told of an error, the acknowledge that shares a register with the write index, what
// happens when the hardware that announces them does not have them.

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "sw_cmdq_fixture.h"

namespace {

using fake::Command;
using fake::kEnAck;
using fake::kErr;

class Ecmdq : public sw::CmdqFixture {
 protected:
  void TearDown() override {
    CmdqFixture::TearDown();
    EXPECT_EQ(m.false_acks, 0u);
    for (const auto& prods : m.ecmdq_prods)  // never back, by less than half a lap it would look like that
      for (size_t i = 1; i < prods.size(); i++)
        if (prods[i] & prods[i - 1] & kEnAck) {
          ASSERT_LE((prods[i] - prods[i - 1]) & 0xff, 128u);
        }
  }
  int IssueElsewhere(unsigned cpu, const smmu_batch& b) {
    int r = 0;
    std::thread([&] { r = Issue(cpu, b); }).join();
    return r;
  }
  // Queues that took commands since the probe.
  std::set<unsigned> Used() {
    std::set<unsigned> used;
    for (size_t i = base_commands; i < m.consumed.size(); i++) used.insert(m.consumed[i].queue);
    return used;
  }
};

TEST_F(Ecmdq, EachCpuHasItsOwn) {
  m.AddEcmdqs(3);
  Probe();
  for (const Command& c : m.consumed) EXPECT_EQ(c.queue, 0u) << "the flush of the probe";
  const size_t writes = m.prod_writes.size();
  for (unsigned cpu = 0; cpu < 5; cpu++) {
    const size_t from = m.consumed.size();
    ASSERT_EQ(Issue(cpu, Tlbis(1, 3)), 0);
    ASSERT_EQ(m.consumed.size(), from + 4);
    for (size_t i = from; i < m.consumed.size(); i++) EXPECT_EQ(m.consumed[i].queue, cpu + 1);
  }
  EXPECT_EQ(m.prod_writes.size(), writes) << "and nothing in CMDQ";
}

// The events name the queue, in [31:24] of an index.
TEST_F(Ecmdq, EventsNameTheQueue) {
  m.AddEcmdqs(1);
  Probe();
  const size_t from = m.events.size();
  ASSERT_EQ(Issue(1, Tlbis(1, 1)), 0);
  for (atc_log_event e : {EV_CMD_SLOT, EV_CMD_WRITTEN, EV_PROD_WRITE, EV_SYNC_WAIT, EV_SYNC_SEEN}) {
    const size_t at = m.Find(e, from);
    ASSERT_LT(at, m.events.size()) << e;
    EXPECT_EQ(m.events[at].a0 >> 24, 2u) << e;
  }
}

struct Layout {
  unsigned per_page_log2, pages_log2, used;
};
class Layouts : public Ecmdq, public ::testing::WithParamInterface<Layout> {};

// As many as five CPUs need, a power of two; or all there are, shared.
TEST_P(Layouts, CpusShareWhatThereIs) {
  m.AddEcmdqs(GetParam().per_page_log2, GetParam().pages_log2);
  Probe();
  const unsigned n = GetParam().used;
  EXPECT_EQ(s->ecmdqs, n);
  std::set<unsigned> expected;
  for (unsigned cpu = 0; cpu < 5; cpu++) {
    ASSERT_EQ(Issue(cpu, Tlbis(1, 1)), 0);
    expected.insert(1 + cpu % n);
  }
  EXPECT_EQ(Used(), expected);
  for (unsigned i = 0; i < 1u << (GetParam().per_page_log2 + GetParam().pages_log2); i++)
    EXPECT_EQ(m.EcmdqCons(i) & kEnAck, i < n ? kEnAck : 0) << i;
  smmu_remove(s);
  s = nullptr;
  for (unsigned i = 0; i < n; i++) EXPECT_EQ((m.EcmdqProd(i) | m.EcmdqCons(i)) & kEnAck, 0u) << i;
}
INSTANTIATE_TEST_SUITE_P(All, Layouts,
                         ::testing::Values(Layout{0, 0, 1}, Layout{1, 0, 2}, Layout{2, 0, 4}, Layout{8, 0, 8}, Layout{1, 1, 4},
                                           Layout{0, 2, 4}, Layout{2, 1, 8}));

TEST_F(Ecmdq, OffWhenNotWanted) {
  m.AddEcmdqs(2);
  plat.ecmdq = false;
  Probe();
  ASSERT_EQ(Issue(3, Tlbis(1, 2)), 0);
  EXPECT_EQ(Used(), std::set<unsigned>{0});
}

// What announces queues and has none: CMDQ is used, and the log says why.
TEST_F(Ecmdq, HardwareThatDoesNotKeepItsWord) {
  const std::vector<std::pair<const char*, std::function<void()>>> lies = {
      {"no control page", [&] { m.reg32[0x4000] = 0; }},
      {"no control page", [&] { m.lie = [](uint32_t off, uint64_t& v) { if (off == 0x4000) v = UINT64_MAX; }; }},
      {"size of a control page", [&] { m.reg32[0x4000] |= 1u << 2; }},
      {"IDR6", [&] { m.reg32[0x190] = 9u << 16; }},
      {"does not come on", [&] { m.deaf_ecmdqs = 1u << 2; }},
  };
  m.AddEcmdqs(2);
  plat.reg_timeout = 100;
  for (const auto& [why, lie] : lies) {
    m.log.clear();
    m.reg32[0x4000] = fake::kControlPage | 1u << 1 | 1;
    m.reg32[0x190] = 2u << 16;
    m.deaf_ecmdqs = 0;
    lie();
    Probe();
    EXPECT_TRUE(m.LogHas("not used: ")) << why;
    EXPECT_TRUE(m.LogHas(why));
    ASSERT_EQ(Issue(2, Tlbis(1, 2)), 0) << why;
    EXPECT_EQ(Used(), std::set<unsigned>{0}) << why;
    for (unsigned i = 0; i < 4; i++) EXPECT_EQ(m.EcmdqProd(i) & kEnAck, 0u) << why;
    smmu_remove(s);
    s = nullptr;
    m.lie = nullptr;
  }
}

TEST_F(Ecmdq, ProbeSurvivesEveryFailedAllocation) {
  m.AddEcmdqs(1);
  for (unsigned nth = 1;; nth++) {
    port_host_fail_alloc(m.p, nth);
    const int r = smmu_probe(m.p, &plat, &s);
    port_host_fail_alloc(m.p, 0);
    if (r == 0) {
      EXPECT_GT(nth, 12u);
      break;
    }
    ASSERT_EQ(r, -ENOMEM);
    ASSERT_EQ(port_host_allocs(m.p), 0u) << nth;
  }
}

// An error that an earlier owner of the hardware left behind does not stop the queue.
TEST_F(Ecmdq, AnErrorFromBeforeIsAcknowledged) {
  m.AddEcmdqs(0);
  m.EcmdqCons(0) = kErr | 3u << 24 | 5;
  Probe();
  EXPECT_EQ(m.EcmdqProd(0) & kErr, kErr);
  EXPECT_EQ(Issue(0, Tlbis(1, 2)), 0);
  EXPECT_EQ(Used(), std::set<unsigned>{1});
}

// D8: who waits for a dead device keeps nobody waiting who has another queue. In one queue he does.
TEST_F(Ecmdq, ADeadDeviceStopsItsOwnQueueOnly) {
  m.AddEcmdqs(1);
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  uint64_t others = 0, own = 0;
  int r = -1;
  bool started = false;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev != EV_SYNC_WAIT || started) return;
    started = true;
    const uint64_t from = port_now(m.p);
    r = IssueElsewhere(1, Tlbis(1, 3));
    others = port_now(m.p) - from;
  };
  const uint64_t from = port_now(m.p);
  EXPECT_EQ(Issue(0, Atc({0x100})), -EIO);
  own = port_now(m.p) - from;
  EXPECT_TRUE(started);
  EXPECT_EQ(r, 0);
  EXPECT_LT(others, 500u);
  EXPECT_GE(own, plat.atc_timeout);
  m.on_event = nullptr;
}

// Four CPUs in two queues.
class Blame : public Ecmdq, public ::testing::WithParamInterface<std::tuple<bool, int, bool>> {};

TEST_P(Blame, OnlyTheOwnerOfTheFailingSyncIsTold) {
  m.first_error_mode = std::get<0>(GetParam());
  plat.sync_msi = std::get<1>(GetParam()) == 1;
  plat.sync_sev = std::get<1>(GetParam()) == 2;
  plat.poll_timeout = 100000000;
  m.AddEcmdqs(1);
  OnlyTheOwnerIsTold(std::get<2>(GetParam()));
  EXPECT_EQ(Stats().sync_expired, 0u) << "somebody was saved by his poll limit only";
  EXPECT_EQ(Used(), (std::set<unsigned>{1, 2}));
}
INSTANTIATE_TEST_SUITE_P(All, Blame, ::testing::Combine(::testing::Bool(), ::testing::Values(0, 1, 2), ::testing::Bool()));

// Q12: while CPU 0 acknowledges, CPU 1 puts a batch into the same queue, at every place where the two can meet. PROD never goes back and
// ERRACK neither (TearDown), and nobody waits for ever.
TEST_F(Ecmdq, AcknowledgeAndIndexShareARegister) {
  m.AddEcmdqs(0);
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  plat.poll_timeout = 200000;
  bool reached = true;
  for (unsigned n = 0; reached; n++) {
    Probe();
    reached = false;
    unsigned at = 0;
    std::thread other;
    const unsigned waits = m.Count(EV_SYNC_WAIT);
    const auto meet = [&] {
      if (port_cpu(m.p) != 0 || __atomic_load_n(&s->gerror.lock.v, __ATOMIC_SEQ_CST) == 0 || at++ != n) return;
      reached = true;
      other = std::thread([&] { EXPECT_EQ(Issue(1, Tlbis(1, 1)), 0); });
      // it is through, or waits for its turn
      for (int i = 0; i < 300 && m.Count(EV_SYNC_WAIT) < waits + 2; i++) std::this_thread::yield();
    };
    m.on_access = m.on_tick = meet;
    EXPECT_EQ(Issue(0, Atc({0x100})), -EIO) << n;
    if (other.joinable()) other.join();
    m.on_access = m.on_tick = nullptr;
    EXPECT_EQ(Stats().sync_expired, 0u) << n;
    EXPECT_TRUE(!reached || n < 100) << "no end";
    if (!reached) {
      EXPECT_GT(n, 12u);
    }
    smmu_remove(s);
    s = nullptr;
  }
}

// Two queues stand, one bit says so, one interrupt comes.
TEST_F(Ecmdq, OneInterruptServicesAllThatStand) {
  m.AddEcmdqs(1);
  plat.policy = "legacy";  // nobody polls
  plat.irq_cpu = 2;
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  std::atomic<bool> both{false};
  std::vector<std::thread> threads;
  for (unsigned cpu = 0; cpu < 2; cpu++) threads.emplace_back([&, cpu] { EXPECT_EQ(Issue(cpu, Atc({0x100})), 0); });
  while (!both) {
    port_host_set_cpu(m.p, 3);
    port_host_advance(m.p, 1);
    std::lock_guard<std::recursive_mutex> l(m.mu);
    both = m.errors_raised == 2;
  }
  port_host_set_cpu(m.p, 2);
  port_host_advance(m.p, 1);
  for (auto& t : threads) t.join();
  EXPECT_EQ(Stats().gerror_irqs, 1u);
  EXPECT_EQ(Stats().timeouts, 2u);
  EXPECT_EQ(m.gerrorn_writes.back() & 1u << 9, 1u << 9);
}

// G5: a queue that stops after the handler has looked at it raises the bit again, because the bit was acknowledged before the look.
TEST_F(Ecmdq, AnErrorBehindTheLookIsSeenByTheNextInterrupt) {
  m.AddEcmdqs(1);
  plat.policy = "legacy";
  plat.irq_cpu = 2;
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  std::thread second;
  std::atomic<bool> in_handler{false};
  auto until = [&](unsigned errors) {
    for (bool there = false; !there;) {
      port_host_set_cpu(m.p, 3);
      port_host_advance(m.p, 1);
      std::lock_guard<std::recursive_mutex> l(m.mu);
      there = m.errors_raised == errors;
    }
  };
  // right after the handler has found that queue 2 is fine, queue 2 stops
  std::atomic<bool> looked{false};
  m.lie = [&](uint32_t off, uint64_t&) { looked = looked || (in_handler && port_cpu(m.p) == 2 && off == fake::kControlPage + 0x8000 + 12); };
  m.on_access = [&] {
    if (port_cpu(m.p) != 2 || !looked || second.joinable()) return;
    second = std::thread([&] { EXPECT_EQ(Issue(1, Atc({0x100})), 0); });
    until(2);
    port_host_set_cpu(m.p, 2);
  };
  std::thread first([&] { EXPECT_EQ(Issue(0, Atc({0x100})), 0); });
  until(1);
  in_handler = true;
  port_host_set_cpu(m.p, 2);
  port_host_advance(m.p, 1);
  in_handler = false;
  first.join();
  ASSERT_TRUE(second.joinable());
  port_host_set_cpu(m.p, 2);
  port_host_advance(m.p, 1);
  second.join();
  EXPECT_EQ(Stats().timeouts, 2u);
  EXPECT_EQ(Stats().gerror_irqs, 2u);
  EXPECT_EQ(Stats().sync_expired, 0u);
  m.on_access = nullptr;
  m.lie = nullptr;
}

// Waiters find it too when somebody else has acknowledged the bit in GERROR and gone.
TEST_F(Ecmdq, AWaiterLooksAtItsOwnQueue) {
  m.AddEcmdqs(0);
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_GERROR_POLL_HIT) m.reg32[0x64] = m.reg32[0x60];
  };
  EXPECT_EQ(Issue(0, Atc({0x100})), -EIO);
  EXPECT_EQ(Stats().sync_expired, 0u);
  m.on_event = nullptr;
}

// One bit: between two samples of CPU 1 another CPU acknowledges an error and the next one comes (D3), and that CPU does not look again.
// Without an interrupt CPU 1 has to notice all the same.
class Aba : public Ecmdq, public ::testing::WithParamInterface<bool> {};
TEST_P(Aba, TwoErrorsBetweenTwoSamples) {
  if (GetParam()) m.AddEcmdqs(0);
  plat.gerror_irq = false;
  m.rereport = 1;
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  std::atomic<bool> first_waits{false}, waits{false}, done{false};
  m.on_event = [&](const fake::Event& e) {
    if (e.ev == EV_SYNC_WAIT) (port_cpu(m.p) == 1 ? waits : first_waits) = true;
  };
  const auto raised = [&] {
    std::lock_guard<std::recursive_mutex> l(m.mu);
    return m.errors_raised;
  };
  m.on_tick = [&] {
    if (port_cpu(m.p) == 0 && first_waits && !waits) {
      while (!waits) std::this_thread::yield();  // the first error comes when CPU 1 has begun to wait
    } else if (port_cpu(m.p) == 0 && raised() == 2 && port_atomic_read(m.p, &s->gerror.lock) == 0) {
      while (!done) std::this_thread::yield();
    } else if (port_cpu(m.p) == 1 && waits) {
      while (raised() < 2) std::this_thread::yield();
    }
  };
  // CPU 0 reserves first: its ATC_INV is ahead of what CPU 1 waits for
  std::thread first([&] { EXPECT_EQ(Issue(0, Atc({0x100})), -EIO); });
  while (!first_waits) std::this_thread::yield();
  const uint64_t from = port_now(m.p);
  EXPECT_EQ(Issue(1, Tlbis(1, 1)), 0);
  EXPECT_LT(port_now(m.p) - from, plat.poll_timeout / 10);
  done = true;
  first.join();
  EXPECT_EQ(Stats().sync_expired, 0u);
  m.on_tick = nullptr;
  m.on_event = nullptr;
}
INSTANTIATE_TEST_SUITE_P(Queue, Aba, ::testing::Bool());

TEST_F(Ecmdq, IllegalCommandIsReplacedInItsQueue) {
  m.AddEcmdqs(2);
  Probe();
  smmu_batch b = Tlbis(1, 3);
  b.cmd[1].dw[0] = 0xff;
  EXPECT_EQ(Issue(2, b), -EINVAL);
  EXPECT_EQ(m.consumed[base_commands + 1].dw0, 0x46u);
  EXPECT_EQ(Used(), std::set<unsigned>{3});
  EXPECT_EQ(Issue(2, Tlbis(1, 3)), 0);
  EXPECT_EQ(Issue(1, Tlbis(1, 3)), 0);
  EXPECT_EQ(Stats().cerror_ill, 1u);
}

TEST_F(Ecmdq, AQueueThatIsGivenUpIsThatOfItsCpusOnly) {
  m.AddEcmdqs(1);
  Probe();
  m.abort_fetches = -1;
  EXPECT_EQ(Issue(1, Tlbis(1, 3)), -ENXIO);
  EXPECT_TRUE(m.LogHas("command queue 2 given up"));
  m.abort_fetches = 0;
  EXPECT_EQ(Issue(1, Tlbis(1, 3)), -ENXIO);
  EXPECT_EQ(Issue(3, Tlbis(1, 3)), -ENXIO);
  EXPECT_EQ(Issue(0, Tlbis(1, 3)), 0);
  EXPECT_EQ(Issue(2, Tlbis(1, 3)), 0);
}

TEST_F(Ecmdq, RereportedErrorsAreTheSameOwners) {
  m.rereport = 3;  // D3
  m.AddEcmdqs(0);
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  EXPECT_EQ(Issue(0, Atc({0x100})), -EIO);
  EXPECT_EQ(m.errors_raised, 4u);
  EXPECT_EQ(Issue(0, Tlbis(1, 1)), 0);
}

TEST_F(Ecmdq, SilentRegistersEndWithATimeOut) {
  m.AddEcmdqs(0);
  plat.poll_timeout = 500;
  plat.expiry_limit = 4;
  Probe();
  m.mute = m.stuck = true;
  EXPECT_EQ(Issue(0, Tlbis(1, 1)), -ETIMEDOUT);
  EXPECT_EQ(Stats().sync_expired, 4u);
  m.mute = m.stuck = false;
  EXPECT_EQ(Issue(0, Tlbis(1, 1)), 0);
}

// An error bit that never settles: every look finds a new error. Waits end all the same, and the lie is forgotten: a real error is seen.
TEST_F(Ecmdq, AnErrorThatNeverSettles) {
  m.AddEcmdqs(0);
  plat.poll_timeout = 500;
  plat.expiry_limit = 8;
  Probe();
  m.stuck = true;
  m.lie = [&](uint32_t off, uint64_t& v) {
    if (off == fake::kControlPage + 12) v = (v & ~uint64_t{kErr}) | (~m.EcmdqProd(0) & kErr) | 3u << 24;
  };
  EXPECT_EQ(Issue(0, Tlbis(1, 1)), -ETIMEDOUT);
  m.lie = nullptr;
  m.stuck = false;
  m.false_acks = 0;  // it was lied to
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  EXPECT_EQ(Issue(0, Atc({0x100})), -EIO);
  EXPECT_EQ(Issue(0, Tlbis(1, 1)), 0);
}

// The same of one wrong read: software believes that it has acknowledged what never was, and ERR = ERRACK for it when an error comes.
TEST_F(Ecmdq, OneWrongReadDoesNotBlindForGood) {
  m.AddEcmdqs(0);
  plat.poll_timeout = 3000;
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  bool lied = false;
  m.lie = [&](uint32_t off, uint64_t& v) {
    if (off == fake::kControlPage + 12 && !lied) {
      v = (v ^ kErr) | 3u << 24;
      lied = true;
    }
  };
  port_host_set_cpu(m.p, 0);
  smmu_gerror_service(s, 1u << 9);
  ASSERT_TRUE(lied);
  EXPECT_NE(s->ecmdq[0].errack.v, m.EcmdqProd(0) & kErr) << "the lie was believed";
  m.false_acks = 0;
  EXPECT_EQ(Issue(0, Atc({0x100})), -EIO);
  EXPECT_EQ(Issue(0, Tlbis(1, 1)), 0);
  m.false_acks = 0;
  m.lie = nullptr;
}

}  // namespace
