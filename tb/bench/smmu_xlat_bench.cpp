// SPDX-License-Identifier: Apache-2.0
//
// Figures of the translation side: hits per cycle, untranslated and translated.

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

}  // namespace
}  // namespace bench
