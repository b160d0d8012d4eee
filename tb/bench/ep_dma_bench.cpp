// SPDX-License-Identifier: Apache-2.0
//
// Figures of the endpoint: 256-byte DMA writes through the ATC, against the data rate of the link.
#include "Vep_link_tb.h"
#define ATC_ROOT_DUT Vep_link_tb
#include "../unit/ep_root.h"
#include "bench.h"

namespace bench {
namespace {

using atcbench::tb::IsTranslated;
using atcbench::tb::IsXlat;
using atcbench::tb::kBase;
using atcbench::tb::kPage;
using atcbench::tb::Root;

constexpr unsigned kBytes = 256, kWrites = 2000;
constexpr unsigned kHeader = 16, kFraming = 8;  // four dwords: the translated addresses are above 4 GiB; pcie_link_dir

struct Conditions {
  const char* name;
  unsigned width, latency;
  unsigned invalidate;  // one Invalidate Request in so many cycles, 0 = none
  const char* also;
};

void Measure(const Conditions& c) {
  Root r(false, [&](Vep_link_tb& dut) {
    dut.latency_i = static_cast<uint16_t>(c.latency);
    dut.width_i = static_cast<uint8_t>(c.width);
  });
  r.Enable();
  r.CfgWrite(CFG_DEVCTL_DEVSTA, 1 << CFG_DEVCTL_DEVSTA_MPS_SHIFT | 2 << CFG_DEVCTL_DEVSTA_MRRS_SHIFT, 0x3);
  r.BarWrite(EP_DMA_XFER, 2 << EP_DMA_XFER_LOG2_LINES_SHIFT | 1 << EP_DMA_XFER_TCS_SHIFT);
  r.StartDma(Root::Dma().log2_pages(6).interval(c.latency).count(64));  // fills the ATC
  r.Run(64 * c.latency + 20 * c.latency + 4000);
  ASSERT_EQ(r.BarRead(EP_STAT_ATC), 64u);

  const size_t from = r.up.size();
  r.StartDma(Root::Dma().log2_pages(6).count(kWrites).flags(EP_DMA_CTRL_WR | EP_DMA_CTRL_USE_ATS | EP_DMA_CTRL_RANDOM));
  unsigned sent = 0, writes = 0;
  r.posted = [&](const atcbench::tb::Tlp& t) { writes += IsTranslated(t); };
  for (const uint64_t limit = r.now() + 400 * kWrites; writes < kWrites && r.now() < limit;) {
    if (c.invalidate) r.Send(Root::InvTlp(sent++ % 32, kBase + 0x1000 * kPage));  // of a page that is not cached
    r.Run(c.invalidate ? c.invalidate : 100);
  }
  ASSERT_EQ(writes, kWrites);
  EXPECT_EQ(r.Count(IsXlat, from), 0u) << "not only hits";
  uint64_t first = 0, last = 0, others = 0;
  for (size_t i = from; i < r.up.size(); ++i) {
    if (IsTranslated(r.up[i].tlp)) {
      ASSERT_EQ(4 * r.up[i].tlp.length(), kBytes);
      if (first == 0) first = r.up[i].cycle;
      last = r.up[i].cycle;
    } else {
      ++others;
    }
  }
  if (c.invalidate) EXPECT_GT(others, kWrites / 50) << "few answers beside the writes";
  const unsigned slot = (kBytes + kHeader + kFraming + c.width - 1) / c.width;
  char text[300];
  std::snprintf(text, sizeof text,
                "bytes of data a cycle; %u writes of 256 bytes, random over 64 pages that the ATC holds, MPS 256; link of %u bytes a cycle, "
                "latency %u, 64 credits, receiver takes at once%s; bound: a packet of 280 bytes is %u cycles, %.4g raw",
                kWrites, c.width, c.latency, c.also, slot, static_cast<double>(c.width));
  Rate(c.name, kBytes * (kWrites - 1) / static_cast<double>(last - first), kBytes / static_cast<double>(slot), 0.95, text);
}

TEST(EpDmaBench, Width16) { Measure({"ep-dma-write-256", 16, 50, 0, ""}); }
TEST(EpDmaBench, Width16Far) { Measure({"ep-dma-write-256-latency-250", 16, 250, 0, ""}); }
TEST(EpDmaBench, Width32) { Measure({"ep-dma-write-256-width-32", 32, 50, 0, ""}); }
TEST(EpDmaBench, Width8) { Measure({"ep-dma-write-256-width-8", 8, 50, 0, ""}); }
TEST(EpDmaBench, Width4) { Measure({"ep-dma-write-256-width-4", 4, 50, 0, ""}); }
TEST(EpDmaBench, BesideInvalidations) {
  Measure({"ep-dma-write-256-beside-inv", 16, 50, 100, ", an Invalidate Request every 100 cycles"});
}

}  // namespace
}  // namespace bench
