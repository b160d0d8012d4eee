// SPDX-License-Identifier: Apache-2.0
//
// Figures of the endpoint: latency and rate of invalidations, from an ATC hit to the wire.
#include "Vep_plain.h"
#include "../unit/ep_root.h"
#include "bench.h"

namespace bench {
namespace {

using atcbench::tb::Answer;
using atcbench::tb::Entry;
using atcbench::tb::IsInvCpl;
using atcbench::tb::IsTranslated;
using atcbench::tb::kBase;
using atcbench::tb::kPage;
using atcbench::tb::kR;
using atcbench::tb::kW;
using atcbench::tb::Root;

constexpr unsigned kMany = 4096;
constexpr unsigned kFillsQueue = 2 * 32;  // twice its depth

// Fills the ATC with `entries` pages; nothing is under way afterwards.
void Fill(Root& r, unsigned log2_entries) {
  r.Enable();
  r.StartDma(Root::Dma().log2_pages(log2_entries).interval(30).count(1u << log2_entries));
  r.Run(40u << log2_entries);
  ASSERT_EQ(r.BarRead(EP_STAT_ATC), 1u << log2_entries);
  r.Run(50);
}

TEST(EpBench, InvalidationLatency) {
  uint64_t worst = 0;
  Root r;
  Fill(r, 6);
  for (unsigned n = 0; n < 32; ++n) {
    const size_t from = r.up.size();
    const uint64_t start = r.now();
    r.Send(Root::InvTlp(n, kBase + n * kPage, n % 4));
    ASSERT_TRUE(r.RunUntil([&] { return r.SawInvCpl(n, from); }));
    worst = std::max(worst, r.up.back().cycle - start);
    r.Run(20);
  }
  Latency("ep-inv-in-to-cpl-out", static_cast<double>(worst), 6,
          "worst of 32 requests to a full ATC of 64 entries searched at once, nothing to drain, egress free");
}

void Sustained(const char* name, unsigned search, double bound, const char* what) {
  Root r;
  r.dut().inv_search_i = static_cast<uint16_t>(search);
  Fill(r, 6);
  const size_t from = r.up.size();
  for (unsigned n = 0; n < kMany; ++n) r.Send(Root::InvTlp(n % 32, kBase + n % 64 * kPage));
  // What the invalidation queue holds is taken at the rate of the link: the rate is that of the requests after them.
  ASSERT_TRUE(r.RunUntil([&] { return r.Waiting() <= kMany - kFillsQueue; }));
  const uint64_t start = r.last_taken;
  const size_t rest = r.Waiting();
  ASSERT_TRUE(r.RunUntil([&] { return r.Idle(); }, 20 * kMany));
  const uint64_t last = r.last_taken;
  r.Run(200);
  uint64_t answered = 0;
  for (size_t i = from; i < r.up.size(); ++i) {
    if (IsInvCpl(r.up[i].tlp)) answered += static_cast<unsigned>(__builtin_popcount(r.up[i].tlp.dw[3]));
  }
  if (search == 0) EXPECT_EQ(answered, kMany);  // no ITag is used again before it is answered
  Rate(name, static_cast<double>(rest) / static_cast<double>(last - start), bound, search == 0 ? 1.0 : 0.99, what);
}

TEST(EpBench, SustainedInvalidations) {
  Sustained("ep-inv-sustained", 0, 1.0,
            "4096 requests offered back to back; 24 bytes are one slot of a link of 32 bytes a cycle; ATC of 64 searched at once");
}
TEST(EpBench, SustainedInvalidationsSlowSearch) {
  Sustained("ep-inv-sustained-search-16", 16, 0.25, "as ep-inv-sustained, 16 of 64 entries searched in a cycle");
}

TEST(EpBench, HitToWire) {
  for (const auto& [name, flags] :
       {std::pair{"ep-atc-hit-to-write-out", EP_DMA_CTRL_WR}, {"ep-atc-hit-to-read-out", EP_DMA_CTRL_RD}}) {
    Root r;
    Fill(r, 0);
    r.StartDma(Root::Dma().interval(200).count(20).flags(flags | EP_DMA_CTRL_USE_ATS));
    uint64_t worst = 0;
    for (unsigned n = 0; n < 10; ++n) {
      r.Run(60);
      const size_t from = r.up.size();
      const uint64_t start = r.dut().next_deadline_o;  // the transfer starts, with its lookup in the next cycle
      ASSERT_TRUE(r.RunUntil([&] { return r.Saw(IsTranslated, from); }));
      worst = std::max(worst, r.up.back().cycle - start);
    }
    Latency(name, static_cast<double>(worst), 3, "from the start of a transfer of 64 bytes, lookup included; egress free");
  }
}

}  // namespace
}  // namespace bench
