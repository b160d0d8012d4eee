// SPDX-License-Identifier: Apache-2.0
//
// pcie_switch with 16 downstream ports: routes, order, blocking, refusals, links that are down, and random traffic of all
// kinds against the reference model. The long run (10^7 cycles, 100 seeds) is `--gtest_also_run_disabled_tests`, nightly.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "pcie_switch_bench.h"

namespace {

using sw::Bench;
using sw::Header;
using sw::kDown;
using sw::kPorts;

Header Write(uint16_t rid, uint32_t addr, uint32_t bits = 0) { return {0, 0, 0x40000001 | bits, uint32_t{rid} << 16 | 0xf, addr, 0}; }
Header Read(uint16_t rid, uint32_t addr, uint8_t tag, uint32_t len = 16) {
  return {0, 0, len, uint32_t{rid} << 16 | uint32_t{tag} << 8 | 0xff, addr, 0};
}
Header Answer(uint16_t to, uint8_t tag, bool ro = false) {
  return {0, 0, 0x4a000001 | (ro ? 1u << 13 : 0), 0x04, uint32_t{to} << 16 | uint32_t{tag} << 8, 0};
}
Header InvReq(uint16_t to) { return {0, 0, 0x72000002, 0x01, uint32_t{to} << 16, 0}; }
Header Config(bool type1, bool write, uint8_t bus, uint8_t device) {
  return {0, 0, (type1 ? 0x05000001u : 0x04000001u) | (write ? 0x40000000u : 0), 0x0000010f, uint32_t{bus} << 24 | uint32_t{device} << 19 | 0x10, 0};
}
uint32_t Bar(unsigned d) { return 0x50000000 + (d << 16); }
uint16_t Rid(unsigned d) { return static_cast<uint16_t>(sw::FirstBus(d) << 8); }

class Switch : public ::testing::Test {
 protected:
  Switch() {
    b.sent = &sent;
    b.acs.fill(sw::kSource | sw::kRequest | sw::kCompletion);
  }
  void TearDown() override {
    for (const auto& f : b.model.faults) ADD_FAILURE() << f;
  }
  void Run(unsigned n) {
    while (n--) b.Cycle();
  }
  // One packet into an idle switch: the ports that it leaves by.
  std::vector<unsigned> Where(unsigned in, const Header& h) {
    sent.clear();
    b.Offer(in, h);
    EXPECT_TRUE(b.Drain(100));
    Run(2);
    std::vector<unsigned> ports;
    for (const auto& s : sent) ports.push_back(s.out);
    return ports;
  }
  Bench b;
  std::vector<sw::Sent> sent;
};

using Ports = std::vector<unsigned>;

TEST_F(Switch, OneCycle) {
  b.Offer(0, Write(0, Bar(3)));
  Run(2);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].out, 4u);
  EXPECT_EQ(sent[0].cycle, 2u) << "offered in cycle 1, sent in cycle 2";
}

TEST_F(Switch, ByAddressAndId) {
  EXPECT_EQ(Where(0, Write(0, Bar(0))), Ports{1});
  EXPECT_EQ(Where(0, Write(0, Bar(kDown - 1) + 0xfffc)), Ports{kDown});
  EXPECT_EQ(Where(0, {0, 0, 0x60000001, 0xf, 0x41, 0x40000000}), Ports{6}) << "64-bit window of downstream port 5";
  EXPECT_EQ(Where(0, InvReq(Rid(7))), Ports{8});
  EXPECT_EQ(Where(0, Answer(Rid(2), 1)), Ports{3});
  EXPECT_EQ(Where(0, Answer(static_cast<uint16_t>((kDown + 4) << 8), 1)), Ports{kDown}) << "second bus behind the last port";
  EXPECT_EQ(Where(4, Write(Rid(3), 0x80000000)), Ports{0});
  EXPECT_EQ(Where(4, {0, 0, 0x32000000, uint32_t{Rid(3)} << 16 | 0x02, 0, 1}), Ports{0}) << "Invalidate Completion";
  EXPECT_EQ(Where(4, {0, 0, 0x30000000, uint32_t{Rid(3)} << 16 | 0x31, 0, 0}), Ports{0}) << "ERR_NONFATAL";
  EXPECT_EQ(Where(0, {0, 0, 0x34000000, 0x20, 0, 0}), Ports{}) << "a local message ends here";
  EXPECT_EQ(b.drops[0], 0u);
}

TEST_F(Switch, Configuration) {
  EXPECT_EQ(Where(0, Config(true, false, 3, 0)), Ports{1});
  EXPECT_EQ(sent[0].h.kind(), 0x04u) << "type 1 becomes type 0 on the bus below the port";
  EXPECT_EQ(Where(0, Config(true, true, 3, 0)), Ports{1});
  EXPECT_EQ(sent[0].h.kind(), 0x44u);
  EXPECT_EQ(Where(0, Config(true, true, kDown + 4, 0)), Ports{kDown});
  EXPECT_EQ(sent[0].h.kind(), 0x45u) << "further down it stays type 1";
  // No such device, no such bus, from below: refused by the port that it came in by.
  for (const Header& h : {Config(true, false, 3, 1), Config(true, false, kDown + 5, 0), Config(false, false, 1, 1), Config(true, false, 2, kDown),
                          Config(true, false, 1, 0)}) {
    EXPECT_EQ(Where(0, h), Ports{0});
    EXPECT_EQ(sent[0].h.dw0, 0x0a000000u);
    EXPECT_EQ(sent[0].h.dw1, 0x0100u << 16 | 1u << 13 | 4) << "completer 01:00.0, Unsupported Request";
    EXPECT_EQ(sent[0].h.dw2, 0x00000100u);
  }
  EXPECT_EQ(Where(5, {0, 0, 0x05000001, uint32_t{Rid(4)} << 16 | 0x10f, 3u << 24, 0}), Ports{5});
  EXPECT_EQ(sent[0].h.dw1, (0x0200u | 4 << 3) << 16 | 1u << 13 | 4) << "completer 02:04.0";
}

// Well-formed, and no way for them: I/O and locked reads. The answer to a locked read says so.
TEST_F(Switch, InputOutputAndLockedReads) {
  for (unsigned in : {0u, 3u}) {
    const uint32_t rid = in == 0 ? 0 : uint32_t{Rid(in - 1)} << 16;
    const uint32_t completer = in == 0 ? 0x0100u << 16 : (0x0200u | (in - 1) << 3) << 16;
    for (uint32_t kind : {0x02u, 0x42u}) {
      EXPECT_EQ(Where(in, {0, 0, kind << 24 | 1, rid | 0x70f, 0x1000, 0}), Ports{in});
      EXPECT_EQ(sent[0].h.dw0, 0x0a000000u);
      EXPECT_EQ(sent[0].h.dw1, completer | 1u << 13 | 4);
    }
    for (uint32_t kind : {0x01u, 0x21u}) {
      EXPECT_EQ(Where(in, {0, 0, kind << 24 | 4, rid | 0x81c, 0x5, 0x50000000}), Ports{in});
      EXPECT_EQ(sent[0].h.dw0, 0x0b000000u);
      EXPECT_EQ(sent[0].h.dw1, completer | 1u << 13 | 11) << "two bytes less at the front, three at the end";
    }
  }
  EXPECT_EQ(Where(0, {0, 0, 0x0b000000, 1u << 13 | 4, uint32_t{Rid(3)} << 16 | 0x100, 0}), Ports{4}) << "its completion travels like any other";
}

// A payload longer than the port's Max_Payload_Size is malformed, whatever the packet is: logged, thrown away, not answered.
TEST_F(Switch, MaxPayloadSize) {
  for (uint32_t kind : {0x40u, 0x4au, 0x42u}) {
    const auto packet = [kind](uint32_t len) {
      return Header{0, 0, kind << 24 | len, kind == 0x4a ? 0x04u : uint32_t{Rid(2)} << 16 | 0x2ff, 0x80000000, 0};
    };
    for (uint32_t len : {17u, 64u, 0u}) {
      b.drops.fill(0);
      EXPECT_EQ(Where(3, packet(len)), Ports{}) << kind << " " << len;
      EXPECT_EQ(b.drops[3], 1u);
    }
    EXPECT_EQ(Where(3, packet(16)), Ports{kind == 0x42 ? 3u : 0u}) << kind;
  }
}

// The ports' own configuration spaces: device 0 above, a device for each downstream port on the bus inside.
TEST_F(Switch, OwnPorts) {
  for (unsigned p : {0u, 1u, 5u, kDown}) {
    for (bool write : {false, true}) {
      Header h = p == 0 ? Config(false, write, 1, 0) : Config(true, write, 2, static_cast<uint8_t>(p - 1));
      h.dw1 = 0x00002205;  // byte enables 0 and 2
      h.dw2 |= 0x124;
      b.accesses.clear();
      EXPECT_EQ(Where(0, h), Ports{0});
      EXPECT_EQ(sent[0].h.dw0, write ? 0x0a000000u : 0x4a000001u);
      EXPECT_EQ(sent[0].h.dw1, (p == 0 ? 0x0100u : 0x0200u | (p - 1) << 3) << 16 | 4) << "completed by the port itself";
      EXPECT_EQ(sent[0].h.dw2, 0x00002200u);
      ASSERT_EQ(b.accesses.size(), 1u);
      EXPECT_EQ(b.accesses[0].port, p);
      EXPECT_EQ(b.accesses[0].write, write);
      EXPECT_EQ(b.accesses[0].offset, 0x134u);
      EXPECT_EQ(b.accesses[0].be, 5u);
    }
  }
  b.accesses.clear();
  // Another function, poison, from below: no access.
  Header poisoned = Config(false, true, 1, 0), function = Config(true, true, 2, 1);
  poisoned.dw0 |= 1u << 14;
  function.dw2 |= 1u << 16;
  for (const Header& h : {poisoned, function}) {
    EXPECT_EQ(Where(0, h), Ports{0});
    EXPECT_EQ(sent[0].h.dw1 >> 13 & 7, 1u);
  }
  EXPECT_EQ(Where(5, {0, 0, 0x44000001, uint32_t{Rid(4)} << 16 | 0x10f, 1u << 24, 0}), Ports{5});
  EXPECT_EQ(Where(5, {0, 0, 0x45000001, uint32_t{Rid(4)} << 16 | 0x10f, 2u << 24, 0}), Ports{5});
  EXPECT_TRUE(b.accesses.empty());
}

// Command registers: what a bridge does not let through is unsupported.
TEST_F(Switch, MemoryAndBusMasterEnable) {
  b.gates.mem_en = sw::kAll & ~(1u << 4);
  EXPECT_EQ(Where(0, Write(0, Bar(3))), Ports{});
  EXPECT_EQ(b.drops[0], 1u);
  EXPECT_EQ(Where(0, Read(0, Bar(3), 1)), Ports{0});
  EXPECT_EQ(Where(0, Write(0, Bar(4))), Ports{5});
  EXPECT_EQ(Where(0, InvReq(Rid(3))), Ports{4}) << "messages need no enable";
  EXPECT_EQ(Where(0, Config(true, false, 6, 0)), Ports{4}) << "nor do configuration requests";
  b.gates.mem_en = sw::kAll & ~1u;
  EXPECT_EQ(Where(0, Write(0, Bar(4))), Ports{});
  b.gates = {};
  b.gates.bme = sw::kAll & ~(1u << 2);
  EXPECT_EQ(Where(2, Write(Rid(1), 0x80000000)), Ports{});
  EXPECT_EQ(Where(2, Read(Rid(1), 0x80000000, 3)), Ports{2});
  EXPECT_EQ(Where(2, Answer(0, 3)), Ports{0});
  EXPECT_EQ(Where(2, {0, 0, 0x32000000, uint32_t{Rid(1)} << 16 | 0x02, 0, 1}), Ports{0}) << "Invalidate Completion";
  EXPECT_EQ(Where(3, Write(Rid(2), 0x80000000)), Ports{0});
  b.gates.bme = sw::kAll & ~1u;
  EXPECT_EQ(Where(3, Write(Rid(2), 0x80000000)), Ports{});
  b.acs[3] = 0;
  EXPECT_EQ(Where(3, Write(Rid(2), Bar(6))), Ports{7}) << "peer to peer does not go through the upstream port";
}

TEST_F(Switch, ErrorMessagesNeedTheirPort) {
  const auto message = [](unsigned d, uint32_t code) { return Header{0, 0, 0x30000000, uint32_t{Rid(d)} << 16 | code, 0, 0}; };
  for (uint32_t code : {0x30u, 0x31u, 0x33u}) EXPECT_EQ(Where(4, message(3, code)), Ports{0});
  EXPECT_EQ(b.messages, 3u);
  b.gates.messages = false;
  for (uint32_t code : {0x30u, 0x31u, 0x33u}) EXPECT_EQ(Where(4, message(3, code)), Ports{});
  EXPECT_EQ(Where(4, message(3, 0x04)), Ports{0}) << "a Page Request is none";
  EXPECT_EQ(b.messages, 6u);
  EXPECT_EQ(b.drops[4], 0u);
}

// What the ports send themselves takes turns with the traffic of the others.
TEST_F(Switch, PacketsOfThePorts) {
  b.inject.push_back({0, 0, 0x30000000, uint32_t{0x0210} << 16 | 0x31, 0, 0});
  b.ready[0] = 6;
  Run(10);
  EXPECT_TRUE(sent.empty()) << "no posted credit";
  b.ready[0] = 7;
  for (unsigned n = 0; n < 20; ++n)
    for (unsigned p = 1; p < kPorts; ++p) b.Offer(p, Write(Rid(p - 1), 0x80000000));
  b.inject.push_back({0, 0, 0x40000001, uint32_t{0x0208} << 16 | 0x0f, 0xfee00000, 0x41});
  Run(60);
  EXPECT_TRUE(b.inject.empty());
  EXPECT_EQ(b.model.own_packets, 2u);
}

TEST_F(Switch, Broadcast) {
  Ports all;
  for (unsigned p = 1; p < kPorts; ++p) all.push_back(p);
  EXPECT_EQ(Where(0, {0, 0, 0x33000000, 0x19, 0, 0}), all);
  EXPECT_EQ(Where(3, {0, 0, 0x33000000, uint32_t{Rid(2)} << 16 | 0x19, 0, 0}), Ports{}) << "only the root broadcasts";
  EXPECT_EQ(b.drops[3], 1u);
}

TEST_F(Switch, AccessControl) {
  EXPECT_EQ(Where(2, Write(Rid(4), 0x80000000)), Ports{}) << "another port's requester ID";
  EXPECT_EQ(b.acs_drops[2], 1u);
  EXPECT_EQ(Where(2, Read(Rid(4), 0x80000000, 9)), Ports{2});
  EXPECT_EQ(sent[0].h.dw1 >> 13 & 7, 4u) << "Completer Abort";
  EXPECT_EQ(sent[0].h.dw1 & 0xfff, 64u);
  EXPECT_EQ(Where(2, Write(Rid(1), 0x80000000, 2u << 10)), Ports{0}) << "Translation Blocking is off";
  EXPECT_EQ(Where(2, Write(Rid(1), Bar(6))), Ports{0}) << "peer to peer: by way of the root";
  EXPECT_EQ(Where(2, Answer(Rid(6), 3)), Ports{0});
  EXPECT_EQ(Where(2, Answer(Rid(6), 3, true)), Ports{7}) << "RO frees a completion";
  b.acs[2] = sw::kSource | sw::kRequest | sw::kDirect;
  EXPECT_EQ(Where(2, Write(Rid(1), Bar(6), 2u << 10)), Ports{7}) << "translated, directly";
  EXPECT_EQ(Where(2, Write(Rid(1), Bar(6))), Ports{0});
  EXPECT_EQ(Where(2, Answer(Rid(6), 3)), Ports{7});
  b.acs[2] = sw::kBlocking;
  EXPECT_EQ(Where(2, Write(Rid(4), 0x80000000)), Ports{0}) << "nobody validates the source";
  EXPECT_EQ(Where(2, Write(Rid(1), Bar(6))), Ports{7});
  EXPECT_EQ(Where(2, Write(Rid(1), Bar(1))), Ports{}) << "back where it came from";
  for (uint32_t at : {1u, 2u}) {
    EXPECT_EQ(Where(2, {0, 0, 2 | at << 10, uint32_t{Rid(1)} << 16 | 0x5ff, 0x80000000, 0}), Ports{2});
    EXPECT_EQ(sent[0].h.dw1 >> 13 & 7, 4u);
  }
}

// The order of leaving with every class stopped, then some let go.
TEST_F(Switch, Order) {
  b.ready[1] = 0;
  const uint64_t np0 = b.Offer(0, Read(0, Bar(0), 1)), p0 = b.Offer(0, Write(0, Bar(0))), cpl = b.Offer(0, Answer(Rid(0), 1)),
                 ro = b.Offer(0, Answer(Rid(0), 2, true)), np1 = b.Offer(0, Read(0, Bar(0), 2)), p1 = b.Offer(0, Write(0, Bar(0)));
  Run(12);
  EXPECT_TRUE(sent.empty());
  b.ready[1] = 6;  // no posted credit: what was there before the first write goes
  Run(4);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].id, np0) << "behind p0: neither the completion, nor the read, nor a completion with RO behind another";
  b.ready[1] = 1;  // posted packets pass everything
  Run(4);
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(sent[1].id, p0);
  EXPECT_EQ(sent[2].id, p1);
  b.ready[1] = 4;  // completions pass the read
  Run(4);
  ASSERT_EQ(sent.size(), 5u);
  EXPECT_EQ(sent[3].id, cpl);
  EXPECT_EQ(sent[4].id, ro);
  b.ready[1] = 7;
  Run(4);
  ASSERT_EQ(sent.size(), 6u);
  EXPECT_EQ(sent[5].id, np1);
}

TEST_F(Switch, RelaxedCompletionPassesPosted) {
  b.ready[1] = 6;
  b.Offer(0, Write(0, Bar(0)));
  Run(2);
  const uint64_t ro = b.Offer(0, Answer(Rid(0), 2, true));
  Run(3);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].id, ro);
}

// D12: one egress that takes nothing fills the shared posted slots, and only then the others wait.
TEST_F(Switch, BlockingIsReal) {
  b.ready[1] = 0;
  for (unsigned n = 0; n < sw::kSlots[sw::kP] - 1; ++n) b.Offer(0, InvReq(Rid(0)));
  Run(30);
  const uint64_t passes = b.Offer(0, InvReq(Rid(1)));
  Run(3);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].id, passes) << "a slot is left: another egress is not affected";
  b.Offer(0, InvReq(Rid(0)));
  b.Offer(0, InvReq(Rid(1)));
  b.Offer(0, Answer(Rid(1), 1));
  Run(1000);
  EXPECT_EQ(sent.size(), 1u) << "all slots are the dead port's: everything behind a posted packet waits";
  b.ready[1] = 1;
  Run(4);
  EXPECT_GT(sent.size(), 3u);
}

TEST_F(Switch, PortDown) {
  b.ready[3] = 0;
  b.Offer(0, Read(0, Bar(2) + 0x11c, 0x55, 3));
  Run(5);
  EXPECT_TRUE(sent.empty());
  ASSERT_TRUE(b.SetUp(((1u << kPorts) - 1) & ~8u));
  Run(3);
  ASSERT_EQ(sent.size(), 1u) << "what waited for the port is answered";
  EXPECT_EQ(sent[0].out, 0u);
  EXPECT_EQ(sent[0].h.dw1, 0x0100u << 16 | 1u << 13 | 12);
  EXPECT_EQ(sent[0].h.dw2, 0x0000551cu);
  EXPECT_EQ(Where(0, Config(true, false, 5, 0)), Ports{0}) << "and what comes later at once";
  EXPECT_EQ(Where(0, InvReq(Rid(2))), Ports{3}) << "into a link that is down: lost";
  EXPECT_EQ(Where(0, {0, 0, 0x33000000, 0x19, 0, 0}).size(), kDown - 1);
}

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Seconds by default; the night sets ATC_SWITCH_SEEDS = 100 and ATC_SWITCH_CYCLES = 100000 (of each seed).
TEST(SwitchRandom, Run) {
  const uint64_t seeds = FromEnvironment("ATC_SWITCH_SEEDS", 12), cycles = FromEnvironment("ATC_SWITCH_CYCLES", 2500);
  uint64_t delivered = 0, refused = 0, latency = 0;
  unsigned worst = 0;
  for (uint64_t seed = 1001; seed < 1001 + seeds; ++seed) {
    const auto r = sw::RandomRun(seed, cycles);
    for (const auto& f : r.faults) ADD_FAILURE() << "seed " << seed << " " << f;
    delivered += r.delivered;
    refused += r.refused;
    latency = std::max(latency, r.worst_latency);
    worst = std::max(worst, r.worst_overtaken);
  }
  EXPECT_GT(delivered, seeds * cycles);
  EXPECT_GT(refused, seeds * cycles / 30);
  std::printf("%llu cycles, %llu seeds, %u ports: delivered %llu, refused %llu, overtaken at most %u times (bound %u), "
              "longest stay %llu cycles\n", static_cast<unsigned long long>(seeds * cycles),
              static_cast<unsigned long long>(seeds), kDown, static_cast<unsigned long long>(delivered),
              static_cast<unsigned long long>(refused), worst, sw::kBound, static_cast<unsigned long long>(latency));
}

}  // namespace
