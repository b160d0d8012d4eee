// SPDX-License-Identifier: Apache-2.0
//
// Figures of the command path: TLBI rate, CMD_SYNC to CONS and MSI, time-out to the GERROR pin (D2).

#include <algorithm>
#include <string>

#include "Vsmmu_bench.h"
#include "bench.h"
#include "smmu_bench.h"

namespace bench {
namespace {

using Dut = SmmuBench<Vsmmu_bench>;

TEST(Sync, TlbiConsumed) {
  constexpr unsigned kCommands = 4000;
  Dut b;
  b.Start();
  std::vector<Command> batch;
  for (unsigned i = 0; i < kCommands; ++i) {
    batch.push_back(i % 16 == 15 ? TlbiAll() : TlbiVa(uint64_t{i} << 12, static_cast<uint16_t>(i % 4)));
  }
  b.Issue(batch);
  b.Until([&] { return b.count[EV_CMD_CONSUMED] == kCommands; });
  const double cycles = static_cast<double>(b.Last(EV_CMD_CONSUMED) - b.First(EV_CMD_CONSUMED));
  Rate("tlbi-consumed", (kCommands - 1) / cycles, 1.0, 0.90, "TLBI_NH_VA and NH_ALL, memory latency 40, 128-bit bus");
}

// The first cycle after the SYNC has come to the head in which a read of CMDQ_CONS returns an index past it: the
// experiment is repeated with the read one cycle later each time.
TEST(Sync, SyncToCons) {
  const std::vector<Command> batch = {TlbiAll(), SyncMsi(kMsi, 0xCAFE)};
  Cycle head = 0, readable = 0, bus = 0;
  for (Cycle wait = 0; wait <= 8 && !readable; ++wait) {
    Dut b;
    b.Start();
    b.Issue(batch);
    if (!b.Until([&] { return b.count[EV_SYNC_START] == 1; })) return;
    head = b.First(EV_SYNC_START);  // the cycle just passed
    ASSERT_EQ(b.now, head + 1);
    b.Run(wait);
    const Cycle read = b.now;
    if (b.Cons() == b.prod) readable = read;
    b.Until([&] { return !b.aw.empty(); });
    bus = b.aw.front();
    b.Until([&] { return b.Load(kMsi) == 0xCAFE; });
  }
  ASSERT_NE(readable, 0u);
  Latency("sync-to-cons", static_cast<double>(readable - head), 4,
          "SYNC at the head, nothing outstanding, to the AR that reads CONS past it");
  Latency("sync-cons-to-msi", static_cast<double>(bus - readable), 4, "CONS readable to AW of the MSI");
}

// D2: from the event that makes the condition true to the pin.
Cycle Detection(bool first, Cycle slow) {
  Dut b;
  b.top.sync_err_first_i = first;
  b.rtt.fill(50);
  b.rtt[3] = 0;
  if (slow) b.rtt[5] = slow;
  b.Start(1000);
  std::vector<Command> batch;
  for (unsigned i = 0; i < 4 * kEps; ++i) batch.push_back(AtcInv(i % kEps));
  batch.push_back(Sync());
  b.Issue(batch);
  b.Until([&] { return !b.irq_gerror.empty(); });
  const Cycle event = first ? b.First(EV_INV_TIMEOUT) : std::max(b.Last(EV_INV_TIMEOUT), b.Last(EV_INV_CPL));
  EXPECT_LT(b.First(EV_SYNC_START), event) << "the SYNC was not waiting";
  return b.irq_gerror.front() - event;
}

TEST(Sync, TimeoutToGerror) {
  Latency("timeout-to-gerror-drained", static_cast<double>(Detection(false, 0)), 6,
          "D2 drained: last inv_timeout to the GERROR pin, SYNC waiting, 8 devices, one dead");
  // The last request of the slow device was allocated after the dead device's last: its answer comes last.
  Latency("completion-to-gerror-drained", static_cast<double>(Detection(false, 999)), 6,
          "D2 drained: last inv_cpl, after a time-out, to the GERROR pin, SYNC waiting");
  Latency("timeout-to-gerror-first", static_cast<double>(Detection(true, 0)), 6,
          "D2 first: first inv_timeout to the GERROR pin, SYNC waiting");
}

}  // namespace
}  // namespace bench
