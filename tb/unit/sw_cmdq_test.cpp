// SPDX-License-Identifier: Apache-2.0
//
// Command queue insertion with several producers on real threads against a model of the hardware: order, wholeness of
// reservations, wrap, full queue, errors to the right owner, poll limits, late MSIs, who acknowledges what.

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

class Cmdq : public sw::CmdqFixture {};

TEST_F(Cmdq, BatchThenItsSync) {
  Probe();
  smmu_batch b = Tlbis(3, 5);
  uint32_t id = 0;
  EXPECT_EQ(smmu_cmdq_issue(s, &b, &id), 0);
  ASSERT_EQ(m.consumed.size(), base_commands + 6);
  for (unsigned i = 0; i < 5; i++) EXPECT_EQ(m.consumed[base_commands + i].dw1, uint64_t{i} << 12 | 1);
  EXPECT_EQ(m.consumed.back().op(), 0x46u);
  EXPECT_GT(id, 0u);
}

TEST_F(Cmdq, WrapsManyTimesWithEachCompletionSignal) {
  for (unsigned cs : {1u, 2u, 0u}) {
    plat.sync_msi = cs == 1;
    plat.sync_sev = true;
    if (cs == 0) m.reg32[0x00] &= ~(1u << 14);  // no SEV: CONS is polled
    Probe();
    std::mt19937 rng(5);
    size_t expected = base_commands;
    for (int i = 0; i < 400; i++) {
      const unsigned n = 1 + rng() % 63;
      smmu_batch b = Tlbis(static_cast<uint16_t>(i + 1), n);
      ASSERT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
      expected += n + 1;
      ASSERT_EQ(m.consumed.size(), expected);  // issue returns only when the SYNC is consumed
      ASSERT_EQ(m.consumed.back().dw0 >> 12 & 3, cs);
    }
    smmu_remove(s);
    s = nullptr;
  }
}

// Another CPU sees CONS pass both SYNCs before this one begins to wait: CONS will not move any more, and the wait must end.
TEST_F(Cmdq, ConsThatSomebodyElseHasSeenIsNotWaitedFor) {
  plat.sync_msi = false;
  m.reg32[0x00] &= ~(1u << 14);  // no SEV: CONS is polled
  Probe();
  const uint64_t before = s->cmdq.owner_prod.v;
  bool done = false;
  m.on_access = [&] {
    const uint64_t llq = s->cmdq.llq.v;
    if (port_cpu(m.p) != 0 || done || s->cmdq.owner_prod.v == before || (llq & 0xffffffff) != s->cmdq.owner_prod.v) return;
    done = true;  // published, not yet waiting
    std::thread([&] {
      port_host_set_cpu(m.p, 1);
      smmu_batch b = Tlbis(2, 1);
      EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
    }).join();
  };
  port_host_set_cpu(m.p, 0);
  smmu_batch b = Tlbis(1, 1);
  const uint64_t from = port_now(m.p);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
  m.on_access = nullptr;
  EXPECT_TRUE(done);
  EXPECT_LT(port_now(m.p) - from, plat.poll_timeout / 10) << "it was the poll limit that ended it";
}

class CmdqProducers : public Cmdq, public ::testing::WithParamInterface<bool> {};

// Completion by MSI, and by wake-up events that every CPU sees and each must not lose.
TEST_P(CmdqProducers, OnThreads) {
  plat.sync_msi = !GetParam();
  plat.sync_sev = GetParam();
  plat.poll_timeout = 100000000;
  constexpr unsigned kThreads = 4, kBatches = 300;
  Probe();
  port_host_set_jitter(m.p, 3);
  std::vector<std::thread> threads;
  std::array<std::atomic<unsigned>, kThreads> sent{};
  for (unsigned k = 0; k < kThreads; k++) {
    threads.emplace_back([&, k] {
      port_host_set_cpu(m.p, k);
      std::mt19937 rng(k);
      for (unsigned i = 0; i < kBatches; i++) {
        // ASID = producer, address = {batch, position}
        const unsigned n = 1 + rng() % (i % 10 ? 4 : 63);
        smmu_batch b{};
        for (unsigned j = 0; j < n; j++)
          b.cmd[b.n++] = cmd_tlbi_nh_va(0, static_cast<uint16_t>(k + 1), (uint64_t{i} << 20) | (uint64_t{j} << 12));
        ASSERT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
        sent[k] += n;
      }
    });
  }
  for (auto& t : threads) t.join();

  std::array<uint64_t, kThreads + 1> got{}, next_batch{};
  for (size_t i = base_commands; i < m.consumed.size();) {
    // a reservation: one producer, one batch, positions 0 .. n - 1, then its SYNC
    ASSERT_EQ(m.consumed[i].op(), 0x12u);
    const auto who = static_cast<unsigned>(m.consumed[i].dw0 >> 48);
    ASSERT_LE(who, kThreads);
    const uint64_t batch = m.consumed[i].dw1 >> 20;
    ASSERT_EQ(batch, next_batch[who]++);
    for (uint64_t j = 0; m.consumed[i].op() != 0x46; i++, j++) {
      ASSERT_EQ(m.consumed[i].dw0 >> 48, who);
      ASSERT_EQ(m.consumed[i].dw1, batch << 20 | j << 12 | 1);
      got[who]++;
    }
    i++;
  }
  for (unsigned k = 0; k < kThreads; k++) EXPECT_EQ(got[k + 1], sent[k]);
  // PROD never moves back (by less than half a lap it would look like that)
  for (size_t i = 1; i < m.prod_writes.size(); i++)
    ASSERT_LE((m.prod_writes[i] - m.prod_writes[i - 1]) & 0xff, 128u);
  EXPECT_EQ(Stats().sync_expired, 0u);
}
INSTANTIATE_TEST_SUITE_P(Signal, CmdqProducers, ::testing::Bool());

TEST_F(Cmdq, QueueOfExactlyTwoReservations) {
  m.commands_per_tick = 1;
  Probe();
  port_host_set_jitter(m.p, 3);
  std::vector<std::thread> threads;
  for (unsigned k = 0; k < 4; k++) {
    threads.emplace_back([&, k] {
      port_host_set_cpu(m.p, k);
      for (unsigned i = 0; i < 40; i++) {
        smmu_batch b = Tlbis(static_cast<uint16_t>(k + 1), 63);
        ASSERT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(m.consumed.size() - base_commands, 4u * 40 * 64);
  EXPECT_GT(Stats().queue_full, 0u);
}

TEST_F(Cmdq, TheLastFreeSlotIsUsedAndNotOneMore) {
  plat.poll_timeout = 200;
  plat.expiry_limit = 1;
  Probe();
  m.stuck = true;
  smmu_batch b = Tlbis(1, 63);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ETIMEDOUT);
  b = Tlbis(1, 61);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ETIMEDOUT);
  const size_t writes = m.prod_writes.size();
  b = Tlbis(1, 2);  // three slots, two are free
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ETIMEDOUT);
  EXPECT_EQ(m.prod_writes.size(), writes);
  b = Tlbis(1, 1);  // the last two
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ETIMEDOUT);
  EXPECT_EQ(m.prod_writes.size(), writes + 1);
  m.stuck = false;
  b = Tlbis(1, 2);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
}

class Blame : public Cmdq, public ::testing::WithParamInterface<std::tuple<bool, bool, bool>> {};

TEST_P(Blame, OnlyTheOwnerOfTheFailingSyncIsTold) {
  m.first_error_mode = std::get<0>(GetParam());
  plat.sync_msi = std::get<1>(GetParam());
  const bool irq_thread = std::get<2>(GetParam());
  OnlyTheOwnerIsTold(irq_thread);
  if (!irq_thread) {
    EXPECT_LE(Stats().gerror_polls, m.errors_raised);  // one poller may find the next error when it unlocks
  }
}

INSTANTIATE_TEST_SUITE_P(All, Blame,
                         ::testing::Combine(::testing::Bool(), ::testing::Bool(), ::testing::Bool()));

// The waiter is slow to look, and meanwhile its slots are used again and err again: the record must still be there.
TEST_F(Cmdq, ALateOwnerStillFindsItsError) {
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  std::atomic<bool> held{false};
  m.on_tick = [&] {
    // CPU 0, after the service of its error: held up while CPU 1 goes round the whole ring and errs in the same slot
    if (port_cpu(m.p) != 0 || m.errors_raised != 1 || port_atomic_read(m.p, &s->gerror.lock) != 0 || held) return;
    held = true;
    std::thread([&] {
      port_host_set_cpu(m.p, 1);
      for (int i = 0; i < 64; i++) {
        smmu_batch b = i == 63 ? Atc({0x100}) : Tlbis(1, 1);
        ASSERT_EQ(smmu_cmdq_issue(s, &b, nullptr), i == 63 ? -EIO : 0);
      }
    }).join();
  };
  smmu_batch b = Atc({0x100});
  const uint64_t start = port_now(m.p);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -EIO);
  EXPECT_TRUE(held);
  EXPECT_EQ(m.errors_raised, 2u);
  // nor is it left waiting, until its limit, for an MSI that has been overwritten
  EXPECT_LT(port_now(m.p) - start, plat.poll_timeout / 2);
  m.on_tick = nullptr;
}

TEST_F(Cmdq, RereportedErrorsAreTheSameOwners) {
  m.rereport = 3;  // D3
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  smmu_batch b = Atc({0x100});
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -EIO);
  EXPECT_EQ(m.errors_raised, 4u);
  b = Tlbis(1, 1);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
}

TEST_F(Cmdq, IllegalCommandIsReplacedAndItsOwnerTold) {
  Probe();
  smmu_batch b = Tlbis(1, 3);
  b.cmd[1].dw[0] = 0xff;
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -EINVAL);
  EXPECT_EQ(m.consumed[base_commands + 1].dw0, 0x46u);  // CMD_SYNC, CS = 0
  b = Tlbis(1, 3);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
  EXPECT_EQ(Stats().cerror_ill, 1u);
  EXPECT_TRUE(m.LogHas("CERROR_ILL"));
}

TEST_F(Cmdq, AbortedFetchIsRetried) {
  Probe();
  m.abort_fetches = 3;
  smmu_batch b = Tlbis(1, 3);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
  EXPECT_EQ(Stats().cerror_abt, 3u);
}

TEST_F(Cmdq, AQueueThatAbortsForEverIsGivenUp) {
  Probe();
  m.abort_fetches = -1;
  smmu_batch b = Tlbis(1, 3);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ENXIO);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ENXIO);
  EXPECT_TRUE(m.LogHas("given up"));
}

TEST_F(Cmdq, ShortPollLimitKeepsWaitingAndBlamesTheRightBatch) {
  plat.poll_timeout = 300;
  plat.atc_timeout = 2000;
  m.AddFunction(0x100);
  m.AddFunction(0x200);
  m.fn[0x100].dead = true;
  Probe();
  smmu_batch b = Atc({0x100});
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -EIO);
  EXPECT_GT(Stats().sync_expired, 3u);
  EXPECT_TRUE(m.LogHas("prod 0x"));  // every expiry says prod, cons, gerror
  EXPECT_TRUE(m.LogHas("gerror 0x"));
  b = Atc({0x200});
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
}

TEST_F(Cmdq, StuckQueueEndsWithATimeOut) {
  plat.poll_timeout = 500;
  plat.expiry_limit = 4;
  Probe();
  m.stuck = true;
  smmu_batch b = Tlbis(1, 1);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ETIMEDOUT);
  EXPECT_EQ(Stats().sync_expired, 4u);
  m.stuck = false;
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
}

TEST_F(Cmdq, SilentRegistersEndWithATimeOut) {  // all ones: GERROR "active" at every sample
  plat.poll_timeout = 500;
  plat.expiry_limit = 3;
  Probe();
  m.mute = true;
  m.stuck = true;
  smmu_batch b = Tlbis(1, 1);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ETIMEDOUT);
  m.mute = m.stuck = false;
  EXPECT_EQ(m.gerrorn_writes.size(), 1u);  // only the one of probe
}

TEST_F(Cmdq, AbandonedBatchIsBlamedForItsErrorAndNobodyElse) {
  plat.poll_timeout = 100;
  plat.expiry_limit = 1;
  plat.atc_timeout = 5000;
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  smmu_batch b = Atc({0x100});
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -ETIMEDOUT);
  port_host_advance(m.p, 6000);  // the error comes up with nobody waiting
  // the next batch polls it away, is not charged, and completes
  b = Tlbis(1, 1);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
  EXPECT_EQ(Stats().timeouts, 1u);
  // a whole lap later the slot is used again: the old record must not hit its new owner
  for (int i = 0; i < 200; i++) {
    b = Tlbis(1, 1);
    ASSERT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
  }
}

TEST_F(Cmdq, LateMsiCompletesNobodyElse) {
  m.msi_delay = 3000;
  plat.poll_timeout = 200;  // expires, finds CONS past the SYNC, goes on; the MSI lands laps later
  Probe();
  for (int i = 0; i < 300; i++) {
    const size_t before = m.consumed.size();
    smmu_batch b = Tlbis(1, 1);
    ASSERT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
    ASSERT_EQ(m.consumed.size(), before + 2) << i;
    m.msi_delay = i % 7 ? 3000 : 0;
  }
}

TEST_F(Cmdq, APollerAcknowledgesOnlyTheCommandQueueError) {
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  m.RaiseGerror(1u << 2);  // EVENTQ_ABT_ERR, its interrupt not taken: no thread is on that CPU
  smmu_batch b = Atc({0x100});
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -EIO);
  EXPECT_EQ(m.reg32[0x60] ^ m.reg32[0x64], 1u << 2);
  EXPECT_EQ(Stats().other_gerrors, 0u);
  // the handler takes the rest
  port_host_set_cpu(m.p, plat.irq_cpu);
  port_host_advance(m.p, 1);
  port_host_set_cpu(m.p, 0);
  EXPECT_EQ(m.reg32[0x60] ^ m.reg32[0x64], 0u);
  EXPECT_EQ(Stats().other_gerrors, 1u);
}

TEST_F(Cmdq, ALoserOfTheTryLockLeavesItsBitsToTheHolder) {
  Probe();
  // somebody holds the lock
  port_atomic_set(m.p, &s->gerror.lock, 1);
  m.RaiseGerror(1u << 2);
  EXPECT_EQ(smmu_gerror_service(s, 1u << 2), GERROR_LOST);
  EXPECT_NE(m.reg32[0x60] ^ m.reg32[0x64], 0u);
  // the holder, a poller that came for CMDQ_ERR only, finds them when it is done
  port_atomic_set(m.p, &s->gerror.lock, 0);
  EXPECT_EQ(smmu_gerror_service(s, 1), GERROR_DONE);
  EXPECT_EQ(m.reg32[0x60] ^ m.reg32[0x64], 0u);
}

TEST_F(Cmdq, RecordPrecedesAcknowledge) {
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  bool recorded = false;
  m.on_event = [&](const fake::Event& e) {
    if (e.ev != EV_GERROR_ACK) return;
    recorded |= s->cmdq.waiter[0].result.v != 0;
  };
  smmu_batch b = Atc({0x100});
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -EIO);
  EXPECT_TRUE(recorded);
}

TEST_F(Cmdq, WithoutPollingOnlyTheHandlerSees) {
  plat.poll_gerror = false;
  plat.irq_cpu = 0;  // the waiter's own CPU, interrupts off until the first expiry: the case of `irq-blocked`
  plat.poll_timeout = 10000;
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  smmu_batch b = Atc({0x100});
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), -EIO);
  const auto st = Stats();
  EXPECT_EQ(st.gerror_polls, 0u);
  EXPECT_EQ(st.gerror_irqs, 1u);
  EXPECT_EQ(st.sync_expired, 1u);  // not before the poll limit
}

TEST_F(Cmdq, PlantedNoOwnSyncChargesAnInnocentBatch) {
  plat.plants = SMMU_PLANT_NO_OWN_SYNC;
  m.AddFunction(0x100);
  m.fn[0x100].dead = true;
  Probe();
  smmu_batch b = Atc({0x100});
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
  b = Tlbis(1, 1);
  EXPECT_EQ(smmu_cmdq_issue(s, &b, nullptr), 0);
  EXPECT_EQ(Stats().foreign_errors, 1u);
}

}  // namespace
