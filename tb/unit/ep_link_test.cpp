// SPDX-License-Identifier: Apache-2.0
//
// The endpoint behind its link, in builds whose packets carry more than 64 bytes: Max_Payload_Size, the lengths and contents of
// writes, long completions, and that the credits of long packets come back.
#ifdef ATC_PAYLOAD_128
#include "Vep_link_128_tb.h"
#define ATC_ROOT_DUT Vep_link_128_tb
#else
#include "Vep_link_tb.h"
#define ATC_ROOT_DUT Vep_link_tb
#endif
#include <set>

#include "ep_root.h"

namespace atcbench::tb {
namespace {

constexpr uint64_t kLatency = 20;

class EpLink : public ::testing::Test {
 protected:
  EpLink()
      : r(false, [](ATC_ROOT_DUT& dut) {
          dut.latency_i = kLatency;
          dut.width_i = 16;
        }) {}
  void MaxPayloadSize(unsigned code) { r.CfgWrite(CFG_DEVCTL_DEVSTA, code << CFG_DEVCTL_DEVSTA_MPS_SHIFT | 2 << CFG_DEVCTL_DEVSTA_MRRS_SHIFT, 0x3); }
  void Lines(unsigned log2) { r.BarWrite(EP_DMA_XFER, log2 << EP_DMA_XFER_LOG2_LINES_SHIFT | 1 << EP_DMA_XFER_TCS_SHIFT); }
  // A write: signed to its last word, nothing behind it, inside a page.
  static void Check(const Tlp& t, unsigned bytes) {
    ASSERT_EQ(4 * t.length(), bytes);
    EXPECT_EQ(t.addr() % bytes, 0u);
    const uint64_t number = t.word(0) >> 16 & 0xffffffff;
    for (unsigned w = 0; w < kPayload / 8; ++w) {
      ASSERT_EQ(t.word(w), w < bytes / 8 ? uint64_t{kIndex} << 48 | number << 16 | w : 0u) << w;
    }
  }

  Root r;
};

TEST_F(EpLink, WritesAreAsLongAsMaxPayloadSizeSays) {
  r.Enable();
  EXPECT_EQ(r.CfgRead(CFG_DEVCAP) & CFG_DEVCAP_MPS_SUPPORTED_MASK, kPayload > 128 ? 1u : 0u);
  for (unsigned code : {0u, 1u, 5u}) {
    MaxPayloadSize(code);
    const unsigned most = std::min<unsigned>(static_cast<unsigned>(kPayload), 128u << code);
    for (unsigned log2 = 0; log2 < 4; ++log2) {
      Lines(log2);
      const size_t from = r.up.size();
      r.StartDma(Dma().log2_pages(2).interval(10).count(64 * 5));
      r.Run(64 * 5 * 24 + 1000);
      ASSERT_EQ(r.Count(IsWrite, from), 64u * 5);
      for (size_t i = from; i < r.up.size(); ++i) {
        if (IsWrite(r.up[i].tlp)) Check(r.up[i].tlp, std::min(64u << log2, most));
      }
    }
  }
  EXPECT_EQ(Aer(r), 0u);
}

// Reads of 256 bytes, answered in completions of the whole payload.
TEST_F(EpLink, LongCompletions) {
  r.Enable();
  MaxPayloadSize(1);
  Lines(2);
  r.read = [](const Tlp&) { return Answer{true}; };
  const unsigned piece = static_cast<unsigned>(kPayload) / 4;  // dwords
  r.StartDma(Dma().interval(30).count(8).flags(EP_DMA_CTRL_RD | EP_DMA_CTRL_USE_ATS));
  ASSERT_TRUE(r.RunUntil([&] { return r.held.size() == 8; }));
  for (unsigned round = 0; round < 8; ++round) {
    const Tlp req = r.held[round];
    ASSERT_EQ(req.length(), 64u);
    for (unsigned at = 0; at < 64; at += piece) {
      EXPECT_EQ(r.BarRead(EP_STAT_DONE), round);
      Tlp t = Root::CplTlp(req, {});
      t.dw[0] = (t.dw[0] & ~0x3ffu) | piece;
      t.dw[1] = (t.dw[1] & ~0xfffu) | 4 * (64 - at);
      t.data.fill(0xa5);
      r.Send(t);
      r.Run(2 * kLatency + 80);
    }
  }
  EXPECT_EQ(r.BarRead(EP_STAT_DONE), 8u);
  EXPECT_EQ(Aer(r), 0u);
}

// A packet that says more than the receiver's largest payload is malformed (section 1.3); one of exactly that length is not.
TEST_F(EpLink, LongerThanThePayloadIsMalformed) {
  r.Enable(false);
  MaxPayloadSize(1);
  Tlp t = r.MemTlp(true, kBar, 0xf, 0);
  t.dw[1] |= 0xf0;
  t.dw[0] = (t.dw[0] & ~0x3ffu) | kPayload / 4;
  r.Send(t);
  r.Run(200);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);  // a BAR takes one dword
  r.CfgWrite(CFG_AER_UNCOR_STATUS, ~0u);
  t.dw[0] += 1;
  r.Send(t);
  r.Run(200);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_MTLP);
  // nor may it be longer than what software has set
  r.CfgWrite(CFG_AER_UNCOR_STATUS, ~0u);
  MaxPayloadSize(0);
  t.dw[0] = (t.dw[0] & ~0x3ffu) | 32;
  r.Send(t);
  r.Run(200);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_UR);
  r.CfgWrite(CFG_AER_UNCOR_STATUS, ~0u);
  t.dw[0] += 1;
  r.Send(t);
  r.Run(200);
  EXPECT_EQ(Aer(r), CFG_AER_UNCOR_STATUS_MTLP);
}

// Many more long packets than there are credits, the receiver takes nothing at times: each arrives once, and every invalidation
// is answered.
TEST_F(EpLink, CreditsComeBackAndOrderHolds) {
  r.Enable();
  MaxPayloadSize(1);
  Lines(2);
  r.StartDma(Dma().log2_pages(3).count(700));
  for (unsigned n = 0; n < 12; ++n) {
    r.class_ready = 6;  // no posted packet
    r.Run(300);
    r.class_ready = 7;
    r.Run(400);
    r.Send(Root::InvTlp(n, kBase + n % 8 * kPage));
  }
  ASSERT_TRUE(r.RunUntil([&] { return r.Count(IsWrite) == 700; }, 40000));
  r.Run(1000);
  EXPECT_EQ(r.Count(IsInvCpl), 12u);
  std::set<uint64_t> seen;
  for (const Sent& s : r.up) {
    if (!IsWrite(s.tlp)) continue;
    Check(s.tlp, static_cast<unsigned>(kPayload));
    EXPECT_TRUE(seen.insert(s.tlp.word(0) >> 16 & 0xffffffff).second);
  }
  EXPECT_EQ(Aer(r), 0u);
}

}  // namespace
}  // namespace atcbench::tb
