// SPDX-License-Identifier: Apache-2.0
//
// Figures of the translation side: hits per cycle, untranslated and translated; latency of walks.

#include <string>

#include "Vsmmu_bench.h"
#include "bench.h"
#include "smmu_bench.h"

namespace bench {
namespace {

using Dut = SmmuBench<Vsmmu_bench>;

constexpr uint64_t kVa = 0x1234'5678'9000, kPa = 0x8080'0000;

uint64_t Page(unsigned port) { return kVa + (uint64_t{port} << 12); }

// One request per port, so that everything they need is cached.
void Warm(Dut& b) {
  b.MakeTables();
  for (unsigned d = 0; d < kEps; ++d) b.Map(Page(d), kPa + (uint64_t{d} << 12));
  b.Start();
  for (unsigned d = 0; d < kEps; ++d) b.requests.push_back({d, kUntranslated, Page(d)});
  b.Until([&] { return b.responses.size() == kEps; });
  for (const DeviceResponse& r : b.responses) {
    ASSERT_EQ(r.status, 0u);
    ASSERT_EQ(r.pa, kPa + (uint64_t{r.port} << 12));
  }
  b.responses.clear();
  b.accepted.clear();
}

double Hits(At at) {
  constexpr unsigned kRequests = 4000;
  Dut b;
  Warm(b);
  const size_t reads = b.ar.size();
  for (unsigned i = 0; i < kRequests; ++i)
    b.requests.push_back({i % kEps, at, (at == kTranslated ? kPa : kVa) + (uint64_t{i % kEps} << 12) + i % 4096});
  b.Until([&] { return b.responses.size() == kRequests; });
  EXPECT_EQ(b.ar.size(), reads) << "a request was not answered from the caches";
  for (const DeviceResponse& r : b.responses) EXPECT_EQ(r.status, 0u);
  return (kRequests - 1) / static_cast<double>(b.responses.back().cycle - b.accepted.front() - 2);
}

TEST(Xlat, HitsPerCycle) {
  const std::string conditions = "8 ports in turn, 4000 requests, all from the caches, ATSCHK = 1";
  Rate("tlb-hit-untranslated", Hits(kUntranslated), 1.0, 0.999, conditions);
  Rate("tlb-hit-translated", Hits(kTranslated), 1.0, 0.999, conditions);
}

// Accept to response of one untranslated request, and how many descriptors were read for it.
struct Walk {
  double cycles;
  size_t reads;
};
Walk Miss(Dut& b, uint64_t va, uint64_t pa) {
  const size_t asked = b.accepted.size(), answered = b.responses.size(), reads = b.ar.size();
  b.requests.push_back({0, kUntranslated, va});
  b.Until([&] { return b.responses.size() == answered + 1; });
  EXPECT_EQ(b.responses.back().status, 0u);
  EXPECT_EQ(b.responses.back().pa, pa);
  return {static_cast<double>(b.responses.back().cycle - b.accepted[asked]), b.ar.size() - reads};
}
// Nothing is left in the TLB and the walk cache; the configuration cache stays.
void ForgetWalks(Dut& b) {
  const uint64_t consumed = b.count[EV_CMD_CONSUMED];
  b.Issue({TlbiAll()});
  b.Until([&] { return b.count[EV_CMD_CONSUMED] == consumed + 1; });
  b.Run(4);
}

TEST(Xlat, Stage1Walk) {
  Dut b;
  Warm(b);
  ForgetWalks(b);
  const Walk cold = Miss(b, kVa, kPa);
  EXPECT_EQ(cold.reads, 4u);
  Latency("walk-stage1-cold", cold.cycles, 4 * kMemLatency + 12,
          "request to response, TLB miss, 4 levels, configuration cached, walk cache empty, memory latency 40",
          4 * kMemLatency);
  const Walk hot = Miss(b, kVa + 0x1000, kPa + 0x1000);
  EXPECT_EQ(hot.reads, 1u);
  Latency("walk-stage1-cached", hot.cycles, kMemLatency + 12, "the same for the next page: its level 3 table is cached",
          kMemLatency);
}

}  // namespace
}  // namespace bench
