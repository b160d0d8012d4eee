// SPDX-License-Identifier: Apache-2.0
//
// Bad packets to the endpoint: each is reported in the bit it belongs to, with the message that severity and enables ask for,
// is taken and dropped, and disturbs nothing else.
#include <string>

#include "../ep_root.h"

namespace atcbench::tb {
namespace {

constexpr uint32_t kUrBit = CFG_AER_UNCOR_STATUS_UR, kUcBit = CFG_AER_UNCOR_STATUS_UC, kMalformed = CFG_AER_UNCOR_STATUS_MTLP,
                   kPoison = CFG_AER_UNCOR_STATUS_POISON;
constexpr unsigned kCor = 0x30, kNonfatal = 0x31, kFatal = 0x33;

struct Bad {
  std::string name;
  Tlp tlp;
  uint32_t bits;
  unsigned message;        // with default severities
  bool answered = false;   // a completion with UR
};

Tlp With(Tlp t, unsigned dw, uint32_t clear, uint32_t set) {
  t.dw[dw] = (t.dw[dw] & ~clear) | set;
  return t;
}

std::vector<Bad> Zoo(Root& r) {
  const Tlp wr = r.MemTlp(true, kBar + EP_DMA_SEED, 0xf, 0xbad), rd = r.MemTlp(false, kBar + EP_DMA_SEED, 0xf, 0);
  const Tlp cfg_wr = r.CfgTlp(true, CFG_BAR0, 0xf, 0xffff0000), cfg_rd = r.CfgTlp(false, 0, 0xf, 0);
  const Tlp inv = Root::InvTlp(7, kBase);
  Tlp prg, cpl, msg;
  prg.dw = {0x32u << 24, 0x05, uint32_t{kBdf} << 16 | 4, 0};
  msg.dw = {0x32u << 24, 0x06, uint32_t{kBdf} << 16, 0};
  cpl.dw = {0x4au << 24 | 16, 64, uint32_t{kBdf} << 16 | 3u << 8, 0};
  auto kind = [](Tlp t, uint32_t k) { return With(t, 0, 0xffu << 24, k << 24); };
  auto length = [](Tlp t, uint32_t n) { return With(t, 0, 0x3ff, n); };
  auto be = [](Tlp t, uint32_t v) { return With(t, 1, 0xff, v); };
  auto at = [](Tlp t, uint32_t v) { return With(t, 0, 3u << 10, v << 10); };
  auto poisoned = [](Tlp t) { return With(t, 0, 0, 1u << 14); };
  auto prefixed = [](Tlp t, uint32_t p) { return t.pfx_valid = true, t.pfx = p, t; };
  return {
      // Length
      {"write longer than any payload", be(length(wr, 1000), 0xff), kMalformed, kFatal},
      {"write of 1024 dwords, coded 0", be(length(wr, 0), 0xff), kMalformed, kFatal},
      {"configuration read of two dwords", length(cfg_rd, 2), kMalformed, kFatal},
      {"configuration write of two dwords", length(cfg_wr, 2), kMalformed, kFatal},
      {"I/O read of two dwords", length(kind(rd, 0x02), 2), kMalformed, kFatal},
      {"FetchAdd of three dwords", length(kind(wr, 0x4c), 3), kMalformed, kFatal},
      {"FetchAdd of four dwords", length(kind(wr, 0x4c), 4), kMalformed, kFatal},
      {"CAS of sixteen dwords", length(kind(wr, 0x4e), 16), kMalformed, kFatal},
      {"completion longer than any payload", length(cpl, 900), kMalformed, kFatal},
      // Kinds
      {"reserved type 1_1011 with data", kind(wr, 0x5b), kMalformed, kFatal},
      {"reserved type 0_0111", kind(rd, 0x07), kMalformed, kFatal},
      {"a prefix in the place of a header", kind(rd, 0x91), kMalformed, kFatal},
      {"message with reserved routing 110", kind(msg, 0x36), kMalformed, kFatal},
      {"message with data, reserved routing 111", length(kind(msg, 0x77), 1), kMalformed, kFatal},
      // Byte enables
      {"one dword with last byte enables", be(wr, 0x1f), kMalformed, kFatal},
      {"burst without first byte enables", be(length(wr, 2), 0xf0), kMalformed, kFatal},
      {"burst without last byte enables", be(length(rd, 2), 0x0f), kMalformed, kFatal},
      {"configuration request with last byte enables", be(cfg_rd, 0x1f), kMalformed, kFatal},
      // 4 KiB
      {"write over a 4 KiB boundary", With(be(length(wr, 2), 0xff), 2, 0xfff, 0xffc), kMalformed, kFatal},
      {"read over a 4 KiB boundary", With(be(length(rd, 16), 0xff), 2, 0xfff, 0xfc8), kMalformed, kFatal},
      {"read of 4 KiB from the middle of a page", With(be(length(rd, 0), 0xff), 2, 0xfff, 0x800), kMalformed, kFatal},
      // Address type
      {"Translation Request", be(at(length(rd, 2), 1), 0xff), kUrBit, kCor, true},
      {"read with AT = 11", at(rd, 3), kUrBit, kCor, true},
      {"write with AT = 01", at(wr, 1), kUrBit, kNonfatal},
      {"write with AT = 11", at(wr, 3), kUrBit, kNonfatal},
      // Poison
      {"poisoned write", poisoned(wr), kPoison, kNonfatal},
      {"poisoned configuration write", poisoned(cfg_wr), kPoison, kCor, true},
      {"poisoned Invalidate Request", poisoned(inv), kPoison, kNonfatal},
      {"poisoned I/O write", poisoned(kind(wr, 0x42)), kPoison, kCor, true},
      {"poisoned AtomicOp", poisoned(kind(wr, 0x4d)), kPoison, kCor, true},
      {"poisoned message", poisoned(length(kind(msg, 0x72), 1)), kPoison, kNonfatal},
      {"poisoned completion of an idle tag", poisoned(cpl), kUcBit, kCor},
      {"poisoned and malformed", poisoned(be(wr, 0x1f)), kMalformed, kFatal},
      // Completions
      {"completion of an idle tag", cpl, kUcBit, kCor},
      {"completion for another function", With(cpl, 2, 0xffff0000, 0x0301u << 16), kUcBit, kCor},
      {"completion of an idle translation tag", With(length(cpl, 2), 2, 0xff00, 0x1000), kUcBit, kCor},
      {"locked completion", kind(cpl, 0x4b), kUcBit, kCor},
      {"translation of one and a half entries", With(length(cpl, 3), 2, 0xff00, 0x1000), kMalformed, kFatal},
      // Messages
      {"unknown message", msg, kUrBit, kNonfatal},
      {"unknown message with data", length(kind(msg, 0x72), 1), kUrBit, kNonfatal},
      {"Invalidate Request without data", kind(length(inv, 0), 0x32), kMalformed, kFatal},
      {"Invalidate Request of one dword", length(inv, 1), kMalformed, kFatal},
      {"Invalidate Request of four dwords", length(inv, 4), kMalformed, kFatal},
      {"Invalidate Request routed to the root", kind(inv, 0x70), kMalformed, kFatal},
      {"Invalidate Request for another function", With(inv, 2, 0xffff0000, 0x0301u << 16), kUrBit, kNonfatal},
      {"Invalidate Completion", With(msg, 1, 0xff, 0x02), kUrBit, kNonfatal},
      {"Page Request", With(kind(msg, 0x30), 1, 0xff, 0x04), kUrBit, kNonfatal},
      {"error message", With(kind(msg, 0x30), 1, 0xff, 0x33), kUrBit, kNonfatal},
      {"PRG Response for another function", With(prg, 2, 0xffff0000, 0x0301u << 16), kUrBit, kNonfatal},
      {"PRG Response by broadcast", kind(prg, 0x33), kMalformed, kFatal},
      {"PRG Response with data", length(kind(prg, 0x72), 1), kMalformed, kFatal},
      // Prefixes
      {"unknown prefix", prefixed(wr, 0x9e000000), kMalformed, kFatal},
      {"PASID on a configuration request", prefixed(cfg_rd, 0x91000001), kMalformed, kFatal},
      {"PASID on a completion", prefixed(cpl, 0x91000001), kMalformed, kFatal},
      // Not supported here
      {"I/O write", kind(wr, 0x42), kUrBit, kCor, true},
      {"locked read", kind(rd, 0x01), kUrBit, kCor, true},
      {"configuration read of another function", With(cfg_rd, 2, 0xffff0000, 0x0301u << 16), kUrBit, kCor, true},
      {"configuration write of another device", With(cfg_wr, 2, 0xffff0000, 0x0308u << 16), kUrBit, kCor, true},
      {"configuration request of type 1", kind(cfg_rd, 0x05), kUrBit, kCor, true},
      {"Swap", kind(wr, 0x4d), kUrBit, kCor, true},
      {"read of two dwords", be(length(rd, 2), 0xff), kUrBit, kCor, true},
      {"write outside the BAR", With(wr, 2, 0xffffffff, 0x1000), kUrBit, kNonfatal},
  };
}

class EpBad : public ::testing::Test {
 protected:
  void Begin(uint32_t enables = 0xf) {
    r.Enable();
    r.CfgWrite(CFG_DEVCTL_DEVSTA, enables, 0x1);
    r.CfgWrite(CFG_AER_COR_MASK, 0);
    r.StartDma(Root::Dma().interval(40).count(0));
    r.Run(200);
    Clear();
  }
  void Clear() {
    r.CfgWrite(CFG_AER_UNCOR_STATUS, 0xffffffff);
    r.CfgWrite(CFG_AER_COR_STATUS, 0xffffffff);
    r.CfgWrite(CFG_DEVCTL_DEVSTA, 0xf0000, 0xc);
  }
  static bool IsMessage(const Tlp& t) { return t.kind() == 0x30 && (t.dw[1] & 0xff) >= 0x30; }

  Root r;
};

TEST_F(EpBad, EachKindIsReportedAndDropped) {
  Begin();
  for (const Bad& b : Zoo(r)) {
    SCOPED_TRACE(b.name);
    const size_t from = r.up.size();
    r.Send(b.tlp);
    r.Run(100);
    EXPECT_TRUE(r.Idle()) << "not taken: its credits do not return";
    EXPECT_EQ(Aer(r), b.bits);
    if (b.bits) EXPECT_EQ(1u << (r.CfgRead(CFG_AER_CAP_CTL) & 0x1f), b.bits);
    for (unsigned n = 0; n < 4; ++n) EXPECT_EQ(r.CfgRead(CFG_AER_HDR_LOG(n)), b.tlp.dw[n]);
    EXPECT_EQ(r.CfgRead(CFG_AER_COR_STATUS), b.message == kCor ? CFG_AER_COR_STATUS_ADVNF : 0u);
    const uint32_t sta = b.message == kFatal ? CFG_DEVCTL_DEVSTA_FED
                                             : b.message == kNonfatal ? CFG_DEVCTL_DEVSTA_NFED : CFG_DEVCTL_DEVSTA_CED;
    EXPECT_EQ(r.CfgRead(CFG_DEVCTL_DEVSTA) & 0xf0000, sta | (b.bits == kUrBit ? CFG_DEVCTL_DEVSTA_URD : 0));
    EXPECT_EQ(r.Count(IsMessage, from), 1u);
    EXPECT_EQ(r.Count([&](const Tlp& t) { return IsMessage(t) && (t.dw[1] & 0xff) == b.message; }, from), 1u);
    EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_cpl() && t.status() == kUr; }, from), b.answered ? 1u : 0u);
    // Nothing else is disturbed.
    EXPECT_FALSE(r.Saw(IsInvCpl, from));
    EXPECT_GE(r.Count(IsTranslated, from), 2u);
    EXPECT_FALSE(r.Saw(IsXlat, from));
    EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
    EXPECT_EQ(r.BarRead(EP_DMA_SEED), 1u);
    EXPECT_EQ(r.CfgRead(CFG_BAR0), kBar);
    Clear();
  }
}

TEST_F(EpBad, NoMessageWithoutEnable) {
  Begin(0);
  for (const Bad& b : Zoo(r)) {
    SCOPED_TRACE(b.name);
    const size_t from = r.up.size();
    r.Send(b.tlp);
    r.Run(30);
    EXPECT_EQ(Aer(r), b.bits);
    EXPECT_FALSE(r.Saw(IsMessage, from));
    Clear();
  }
}

TEST_F(EpBad, SeverityAndMaskDecide) {
  Begin();
  const std::vector<Bad> zoo = Zoo(r);
  r.CfgWrite(CFG_AER_UNCOR_SEVERITY, 0xffffffff);  // all fatal
  for (const Bad& b : zoo) {
    SCOPED_TRACE(b.name);
    const size_t from = r.up.size();
    r.Send(b.tlp);
    r.Run(30);
    EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(kFatal); }, from), 1u);
    Clear();
  }
  r.CfgWrite(CFG_AER_UNCOR_SEVERITY, 0);  // malformed is no longer fatal
  for (const Bad& b : zoo) {
    if (b.bits != kMalformed) continue;
    SCOPED_TRACE(b.name);
    const size_t from = r.up.size();
    r.Send(b.tlp);
    r.Run(30);
    EXPECT_EQ(r.Count([](const Tlp& t) { return t.is_msg(kNonfatal); }, from), 1u);
    Clear();
  }
  r.CfgWrite(CFG_AER_UNCOR_MASK, 0xffffffff);
  for (const Bad& b : zoo) {
    const size_t from = r.up.size();
    r.Send(b.tlp);
    r.Run(30);
    EXPECT_EQ(Aer(r), b.bits) << b.name;  // logged, not reported
    EXPECT_FALSE(r.Saw([](const Tlp& t) { return t.is_msg(kFatal) || t.is_msg(kNonfatal); }, from)) << b.name;
    Clear();
  }
}

// An error of one class is not lost to one of another class that waits for credit; the worst goes first.
TEST_F(EpBad, MessagesOfEachClassWait) {
  Begin();
  const std::vector<Bad> zoo = Zoo(r);
  r.BarWrite(EP_DMA_CTRL, 0);
  r.Run(20);
  r.class_ready = 6;
  const size_t from = r.up.size();
  for (unsigned n = 0; n < 10; ++n) r.Invalidate(n, kBase);  // fills the egress
  r.Run(50);
  for (unsigned message : {kCor, kNonfatal, kFatal}) {
    for (const Bad& b : zoo) {
      if (b.message == message && !b.answered) {
        r.Send(b.tlp);
        break;
      }
    }
  }
  r.Run(20);
  r.class_ready = 7;
  r.Run(100);
  std::vector<unsigned> got;
  for (size_t i = from; i < r.up.size(); ++i)
    if (IsMessage(r.up[i].tlp)) got.push_back(r.up[i].tlp.dw[1] & 0xff);
  EXPECT_EQ(got.size(), 3u);
  EXPECT_NE(std::find(got.begin(), got.end(), kFatal), got.end());
  EXPECT_NE(std::find(got.begin(), got.end(), kCor), got.end());
}

TEST_F(EpBad, PoisonedCompletionsEndTheirRequests) {
  Begin();
  r.translate = [](const Tlp&) { return Answer{true}; };
  r.read = r.translate;
  r.StartDma(Root::Dma().base(kBase + kPage).count(1));
  r.RunUntil([&] { return r.held.size() == 1; });
  Tlp t = Root::CplTlp(r.held[0], {false, kSc, Entry(0x7'0000'0000, kR | kW)});
  t.dw[0] |= 1u << 14;
  r.held.clear();
  r.Send(t);
  r.Run(50);
  EXPECT_EQ(Aer(r), kPoison);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 1u);
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
  r.StartDma(Root::Dma().count(1).flags(EP_DMA_CTRL_RD));
  r.RunUntil([&] { return r.held.size() == 1; });
  t = Root::CplTlp(r.held[0], {});
  t.dw[0] |= 1u << 14;
  r.Send(t);
  r.Run(50);
  EXPECT_EQ(r.BarRead(EP_STAT_ABORTED), 2u);
  EXPECT_FALSE(r.CfgRead(CFG_DEVCTL_DEVSTA) & CFG_DEVCTL_DEVSTA_TRPND);
}

// The payload of an Invalidate Request cannot be wrong: reserved bits are ignored, every size code means something.
TEST_F(EpBad, OddInvalidatePayloads) {
  Begin();
  Tlp t = Root::InvTlp(1, kBase + 8 * kPage);
  PutBig64(&t, (kBase + 8 * kPage) | 0x7fe);  // reserved bits
  r.Send(t);
  r.Run(30);
  EXPECT_TRUE(r.SawInvCpl(1));
  EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
  for (uint64_t all : {~0ull, ~0ull >> 1, 0x7fffffff'fffff800ull}) {  // the whole space, three ways
    r.StartDma(Root::Dma().count(1));
    r.Run(100);
    EXPECT_EQ(r.BarRead(EP_STAT_ATC), 1u);
    PutBig64(&t, all);
    r.Send(t);
    r.Run(30);
    EXPECT_EQ(r.BarRead(EP_STAT_ATC), 0u);
  }
  EXPECT_EQ(Aer(r), 0u);
}

}  // namespace
}  // namespace atcbench::tb
