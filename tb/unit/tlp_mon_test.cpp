// SPDX-License-Identifier: Apache-2.0
//
// The protocol checker: good packets of every kind are silent, and each rule has packets that break it and only it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "Vtlp_mon_tb.h"

namespace {

std::vector<int> g_rules;  // what the checker reported; the import below has no other way in

}  // namespace

extern "C" void atc_mon_event(int, int src, int rule, long long, long long) {
  EXPECT_EQ(src, 5);
  g_rules.push_back(rule);
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint32_t kRid = 0x0100;

struct Packet {
  uint32_t dw0 = 0, dw1 = 0, dw2 = 0, dw3 = 0;
  std::optional<uint32_t> pfx;
};

Packet memory(uint32_t kind, uint32_t len, uint64_t addr, uint32_t at = 0, uint32_t be = 0, uint32_t tag = 0) {
  Packet p;
  p.dw0 = kind << 24 | at << 10 | len;
  p.dw1 = kRid << 16 | tag << 8 | (be ? be : len == 1 ? 0x0f : 0xff);
  const bool wide = kind & 0x20;
  p.dw2 = wide ? static_cast<uint32_t>(addr >> 32) : static_cast<uint32_t>(addr);
  p.dw3 = wide ? static_cast<uint32_t>(addr) : 0;
  return p;
}

Packet config(uint32_t kind, uint32_t tag, uint32_t bdf = kRid) {
  Packet p;
  p.dw0 = kind << 24 | 1;
  p.dw1 = tag << 8 | 0x0f;
  p.dw2 = bdf << 16;
  return p;
}

Packet completion(uint32_t kind, uint32_t status, uint32_t len, uint32_t bytes, uint32_t tag, uint32_t id = 0) {
  Packet p;
  p.dw0 = kind << 24 | len;
  p.dw1 = id << 16 | status << 13 | bytes;
  p.dw2 = tag << 8;
  return p;
}

Packet message(uint32_t kind, uint32_t code, uint32_t len, uint32_t dw2, uint32_t dw3, uint32_t id = kRid) {
  Packet p;
  p.dw0 = kind << 24 | len;
  p.dw1 = id << 16 | code;
  p.dw2 = dw2;
  p.dw3 = dw3;
  return p;
}

Packet with_prefix(Packet p, uint32_t pfx) {
  p.pfx = pfx;
  return p;
}

Packet with_dw0(Packet p, uint32_t bits) {
  p.dw0 |= bits;
  return p;
}

class TlpMon : public ::testing::Test {
 protected:
  TlpMon() : top_(std::make_unique<Vtlp_mon_tb>()) {
    g_rules.clear();
    top_->rst_ni = 0;
    top_->up_i = 1;
    clock();
    top_->rst_ni = 1;
    clock();
  }
  ~TlpMon() override { top_->final(); }

  std::vector<int> down(const Packet& p) { return send(p, false); }
  std::vector<int> up(const Packet& p) { return send(p, true); }
  void link(bool up) {
    top_->up_i = up;
    clock();
  }

 private:
  std::vector<int> send(const Packet& p, bool up) {
    g_rules.clear();
    top_->dw0_i = p.dw0;
    top_->dw1_i = p.dw1;
    top_->dw2_i = p.dw2;
    top_->dw3_i = p.dw3;
    top_->pfx_valid_i = p.pfx.has_value();
    top_->pfx_i = p.pfx.value_or(0);
    (up ? top_->up_take_i : top_->down_take_i) = 1;
    clock();
    top_->up_take_i = top_->down_take_i = 0;
    return g_rules;
  }
  void clock() {
    top_->clk_i = 0;
    top_->eval();
    top_->clk_i = 1;
    top_->eval();
  }
  std::unique_ptr<Vtlp_mon_tb> top_;
};

constexpr uint32_t kMRd3 = 0x00, kMWr3 = 0x40, kMWr4 = 0x60, kCfgRd = 0x04, kCfgWr = 0x44, kCpl = 0x0a,
                   kCplD = 0x4a, kMsgRoot = 0x30, kMsgId = 0x32, kMsgDId = 0x72, kFetchAdd = 0x4c;
constexpr uint32_t kPasid = 0x91000007;

TEST_F(TlpMon, GoodTrafficIsSilent) {
  EXPECT_THAT(down(config(kCfgWr, 1)), IsEmpty());
  EXPECT_THAT(up(completion(kCpl, 0, 0, 4, 1, kRid)), IsEmpty());
  EXPECT_THAT(down(config(kCfgRd, 2)), IsEmpty());
  EXPECT_THAT(up(completion(kCpl, 2, 0, 4, 2, kRid)), IsEmpty());   // RRS
  EXPECT_THAT(down(memory(kMWr3, 1, 0x50000000)), IsEmpty());
  EXPECT_THAT(up(memory(kMWr4, 16, 0x1'0000'0000)), IsEmpty());
  EXPECT_THAT(up(memory(kMRd3, 16, 0x80000fc0, 2, 0, 3)), IsEmpty());
  EXPECT_THAT(down(completion(kCplD, 0, 8, 64, 3)), IsEmpty());
  EXPECT_THAT(down(completion(kCplD, 0, 8, 32, 3)), IsEmpty());
  EXPECT_THAT(up(with_prefix(memory(kMRd3, 2, 0x7000, 1, 0, 4), kPasid)), IsEmpty());
  EXPECT_THAT(down(completion(kCpl, 1, 0, 8, 4)), IsEmpty());
  EXPECT_THAT(up(memory(kMRd3, 2, 0x7008, 0, 0x1f, 5)), IsEmpty()) << "holes are allowed in an aligned pair";
  EXPECT_THAT(up(memory(kFetchAdd, 2, 0x7000, 0, 0xff, 6)), IsEmpty());
  EXPECT_THAT(down(with_prefix(message(kMsgDId, 0x01, 2, kRid << 16, 0, 0), kPasid)), IsEmpty());
  EXPECT_THAT(up(message(kMsgId, 0x02, 0, 1, 1u << 9)), IsEmpty());
  EXPECT_THAT(up(with_prefix(message(kMsgRoot, 0x04, 0, 0, 0x1007), kPasid | 3u << 20)), IsEmpty());
  EXPECT_THAT(down(message(kMsgId, 0x05, 0, kRid << 16 | 5, 0, 0)), IsEmpty());
  EXPECT_THAT(up(message(kMsgRoot, 0x31, 0, 0, 0)), IsEmpty());
}

TEST_F(TlpMon, Kind) {
  EXPECT_THAT(up(memory(0x7f, 1, 0x1000)), ElementsAre(0));
  EXPECT_THAT(up(config(kCfgRd, 1)), ::testing::Contains(0)) << "no configuration request travels up";
  EXPECT_THAT(down(message(kMsgRoot, 0x30, 0, 0, 0)), ::testing::Contains(0));
  EXPECT_THAT(down(memory(kFetchAdd, 1, 0x1000)), ::testing::Contains(0));
}

// They are answered (Unsupported Request), and the other rules hold for them as well.
TEST_F(TlpMon, InputOutputAndLockedReads) {
  for (const uint32_t kind : {0x01u, 0x02u, 0x42u}) {
    EXPECT_THAT(up(memory(kind, 1, 0x1000, 0, 0, 20 + kind)), ElementsAre(0)) << kind;
    EXPECT_THAT(down(memory(kind, 1, 0x1000, 0, 0, 20 + kind)), ElementsAre(0)) << kind;
    EXPECT_THAT(up(memory(kind, 1, 0x1000, 0, 0, 20 + kind)), ElementsAre(0, 14)) << "the first one still waits";
    EXPECT_THAT(down(completion(kind == 0x01 ? 0x0b : kCpl, 1, 0, 4, 20 + kind)), IsEmpty()) << kind;
  }
  EXPECT_THAT(up(memory(0x42, 2, 0x1000, 0, 0, 30)), ElementsAre(0, 1, 2)) << "one dword";
  EXPECT_THAT(up(memory(0x01, 16, 0x1fc4, 0, 0, 31)), ElementsAre(0, 3)) << "4 KiB";
  EXPECT_THAT(up(memory(0x01, 2, 0x1000, 1, 0, 32)), ElementsAre(0, 5)) << "a Translation Request is no locked read";
  EXPECT_THAT(up(with_prefix(memory(0x02, 1, 0x1000, 0, 0, 33), kPasid)), ElementsAre(0, 10));
  EXPECT_THAT(up(completion(0x0b, 1, 0, 4, 21)), ElementsAre(0)) << "the root locks nothing";
}

TEST_F(TlpMon, Length) {
  EXPECT_THAT(up(memory(kMWr3, 17, 0x1000)), ElementsAre(1));
  EXPECT_THAT(up(memory(kMWr3, 0, 0x1000)), ElementsAre(1));
  EXPECT_THAT(up(memory(kFetchAdd, 3, 0x1000, 0, 0xff)), ElementsAre(1));
  up(memory(kMRd3, 16, 0x1000, 0, 0, 9));
  EXPECT_THAT(down(completion(kCpl, 1, 1, 64, 9)), ElementsAre(1));
}

TEST_F(TlpMon, ByteEnables) {
  EXPECT_THAT(up(memory(kMWr3, 1, 0x1000, 0, 0x1f)), ElementsAre(2));
  EXPECT_THAT(up(memory(kMWr3, 4, 0x1000, 0, 0x0f)), ElementsAre(2));
  EXPECT_THAT(up(memory(kMWr3, 4, 0x1000, 0, 0xf7)), ElementsAre(2));
  EXPECT_THAT(up(memory(kMWr3, 4, 0x1000, 0, 0xef)), ElementsAre(2));
  EXPECT_THAT(up(memory(kMWr3, 2, 0x1004, 0, 0x1f | 0x10)), IsEmpty());
  EXPECT_THAT(up(memory(kMWr3, 2, 0x1004, 0, 0x15)), ElementsAre(2)) << "the pair is not aligned";
}

TEST_F(TlpMon, Boundary) {
  EXPECT_THAT(up(memory(kMWr3, 16, 0x1fc0)), IsEmpty());
  EXPECT_THAT(up(memory(kMWr3, 16, 0x1fc4)), ElementsAre(3));
}

TEST_F(TlpMon, HeaderForm) { EXPECT_THAT(up(memory(kMWr4, 16, 0x1000)), ElementsAre(4)); }

TEST_F(TlpMon, AddressType) {
  EXPECT_THAT(up(memory(kMWr3, 16, 0x1000, 3)), ElementsAre(5));
  EXPECT_THAT(up(memory(kMWr3, 16, 0x1000, 1)), ElementsAre(5)) << "a Translation Request is a read";
  EXPECT_THAT(down(memory(kMWr3, 1, 0x1000, 2)), ElementsAre(5)) << "the root does not translate ahead";
  EXPECT_THAT(up(with_dw0(message(kMsgRoot, 0x31, 0, 0, 0), 1u << 10)), ElementsAre(5));
}

TEST_F(TlpMon, TranslationRequest) {
  EXPECT_THAT(up(memory(kMRd3, 3, 0x1000, 1, 0, 1)), ElementsAre(6));
  EXPECT_THAT(up(memory(kMRd3, 18, 0x1000, 1, 0, 2)), ElementsAre(6));
  EXPECT_THAT(up(memory(kMRd3, 2, 0x1010, 1, 0, 3)), ElementsAre(6));
  EXPECT_THAT(up(memory(kMRd3, 2, 0x1000, 1, 0xf8, 4)), ElementsAre(6));
  EXPECT_THAT(up(memory(kMRd3, 2, 0x1001, 1, 0, 5)), IsEmpty()) << "bit 0 is No Write";
}

TEST_F(TlpMon, Messages) {
  EXPECT_THAT(down(message(kMsgDId, 0x01, 1, kRid << 16, 0, 0)), ElementsAre(7));
  EXPECT_THAT(down(message(kMsgId, 0x02, 0, kRid << 16, 1, 0)), ::testing::Contains(7));
  EXPECT_THAT(up(message(kMsgRoot, 0x32, 0, 0, 0)), ElementsAre(7));
  EXPECT_THAT(up(message(kMsgId, 0x02, 0, 1, 0)), ElementsAre(8)) << "no tag";
  EXPECT_THAT(up(with_dw0(message(kMsgId, 0x02, 0, 1, 1), 1u << 13)), ElementsAre(8)) << "relaxed order";
  EXPECT_THAT(up(with_dw0(message(kMsgId, 0x02, 0, 1, 1), 1u << 18)), ElementsAre(8)) << "ID-based order";
  EXPECT_THAT(down(message(kMsgDId, 0x01 | 1u << 15, 2, kRid << 16, 0, 0)), ElementsAre(9));
  EXPECT_THAT(down(message(kMsgId, 0x05, 0, kRid << 16 | 1u << 10, 0, 0)), ElementsAre(9));
}

TEST_F(TlpMon, Prefix) {
  EXPECT_THAT(up(with_prefix(memory(kMWr3, 1, 0x1000), 0x92000007)), ElementsAre(10));
  EXPECT_THAT(up(with_prefix(message(kMsgId, 0x02, 0, 1, 1), kPasid)), ElementsAre(10));
  EXPECT_THAT(down(with_prefix(message(kMsgDId, 0x01, 2, kRid << 16, 0, 0), kPasid | 1u << 20)), ElementsAre(10));
}

TEST_F(TlpMon, Completions) {
  up(memory(kMRd3, 16, 0x1000, 0, 0, 9));
  EXPECT_THAT(down(completion(kCplD, 1, 16, 64, 9)), ElementsAre(11));
  EXPECT_THAT(down(completion(kCplD, 0, 16, 64, 9)), ElementsAre(13)) << "it was answered";
  up(memory(kMRd3, 16, 0x1000, 0, 0, 9));
  EXPECT_THAT(up(memory(kMRd3, 16, 0x1000, 0, 0, 9)), ElementsAre(14));
  EXPECT_THAT(down(completion(kCpl, 3, 0, 64, 9)), ElementsAre(11));
  up(memory(kMRd3, 16, 0x1000, 0, 0, 10));
  EXPECT_THAT(down(completion(kCpl, 2, 0, 64, 10)), ElementsAre(16)) << "RRS is for configuration requests";
}

TEST_F(TlpMon, ReservedBits) {
  for (const uint32_t bit : {14u, 15u, 16u, 17u, 19u, 23u})
    EXPECT_THAT(up(with_dw0(memory(kMWr3, 1, 0x1000), 1u << bit)), ElementsAre(12)) << bit;
}

TEST_F(TlpMon, RequesterId) {
  Packet forged = memory(kMWr3, 1, 0x1000);
  forged.dw1 = 0x0200u << 16 | 0x0f;
  EXPECT_THAT(up(forged), IsEmpty()) << "the function has no number yet";
  down(config(kCfgWr, 1));
  EXPECT_THAT(up(forged), ElementsAre(15));
  EXPECT_THAT(up(memory(kMWr3, 1, 0x1000)), IsEmpty());
}

TEST_F(TlpMon, TheLinkTakesRequestsWithIt) {
  up(memory(kMRd3, 16, 0x1000, 0, 0, 9));
  link(false);
  link(true);
  EXPECT_THAT(down(completion(kCplD, 0, 16, 64, 9)), ElementsAre(13));
  EXPECT_THAT(up(memory(kMRd3, 16, 0x1000, 0, 0, 9)), IsEmpty());
}

}  // namespace
