// SPDX-License-Identifier: Apache-2.0
//
// pcie_rc: packets that are wrong, and what is reported about them.

#include "../pcie_rc_bench.h"

namespace tb {
namespace {

TEST(RcError, MalformedAndForgedPacketsAreDropped) {
  RcBench b;
  std::vector<Tlp> bad;
  bad.push_back(Memory(false, kRid[1], 0, 0x1000, 4));                     // source validation
  bad.push_back(Write(1, 0x1000, 4, 0));
  bad.push_back(InvalidateCompletion(kRid[1], 1));
  bad.push_back(InvalidateCompletion(kRid[0], 1, 1, 0x0500));              // for another translation agent
  bad.push_back(Memory(true, kRid[0], 0, 0x1000, 17));                     // longer than MaxPayload
  Tlp many = TranslationRequest(kRid[0], 0, 0x1000);
  many.dw0 = (many.dw0 & ~0x3ffu) | 18;                                        // nine translations
  bad.push_back(many);
  bad.push_back(AtomicOp(kRid[0], 0, kFetchAdd, 0x1004, 2, {}));       // not naturally aligned
  bad.push_back(AtomicOp(kRid[0], 0, kSwap, 0x1000, 3, {}));
  bad.push_back(AtomicOp(kRid[0], 0, kCas, 0x1000, 1, {}));
  bad.push_back(Memory(false, kRid[0], 0, 0x1ff0, 5));                     // crosses 4 KiB
  bad.push_back(Memory(false, kRid[0], 0, 0x1004, 0));                     // 1024 dwords
  bad.push_back(Memory(false, kRid[0], 0, 0x1000, 2, 0x0, 0xf));           // byte enables
  Tlp lbe = Memory(false, kRid[0], 0, 0x1000, 1);
  lbe.dw1 |= 0x10;
  bad.push_back(lbe);
  bad.push_back(Write(0, 0x1000, 4, 0, kTranslationRequest));
  bad.push_back(Write(0, 0x1000, 4, 0, kReservedAt));
  Tlp odd = TranslationRequest(kRid[0], 0, 0x1000);
  odd.dw0 += 1;
  bad.push_back(odd);
  Tlp prefix = Memory(false, kRid[0], 0, 0x1000, 4);
  prefix.pfx_valid = true;
  prefix.pfx = 0x92000001;
  bad.push_back(prefix);
  Tlp unknown;
  unknown.dw0 = 0x5c000000;
  unknown.dw1 = uint32_t{kRid[0]} << 16;
  bad.push_back(unknown);
  Tlp page = ErrorMessage(kRid[0], 0x04);
  bad.push_back(page);
  bad.push_back(Completion(kRid[0], 0, 99, kSc, true));                // nothing waits for it
  for (const Tlp& t : bad) b.rx[0].push_back(t);
  b.rx[0].push_back(Memory(false, kRid[0], 77, 0x1000, 4));                // the port still works
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
  b.Run(50);
  ASSERT_EQ(b.tx[0].size(), 1u);
  EXPECT_EQ(b.tx[0][0].tlp.tag(), 77u);
  EXPECT_EQ(b.asked.size(), 1u);
  EXPECT_TRUE(b.inv_cpl.empty());
  EXPECT_TRUE(b.memory.empty());
}

TEST(RcError, MessagesAreCollectedByTheirPort) {
  RcBench b;
  EXPECT_EQ(b.PortRead(0, PORT_AER_ROOT_STATUS), 0u);
  b.rx[0].push_back(ErrorMessage(kRid[0], 0x30));
  b.rx[1].push_back(ErrorMessage(kRid[1], 0x33));
  b.Run(3);
  EXPECT_EQ(b.PortRead(0, PORT_AER_ROOT_STATUS), 0x01u);
  EXPECT_EQ(b.PortRead(0, PORT_AER_SOURCE), 0x0100u);
  EXPECT_EQ(b.PortRead(1, PORT_AER_ROOT_STATUS), 0x54u);
  EXPECT_EQ(b.PortRead(1, PORT_AER_SOURCE), 0x02000000u);
  b.rx[0].push_back(ErrorMessage(kRid[0], 0x31));
  b.Run(3);
  EXPECT_EQ(b.PortRead(0, PORT_AER_ROOT_STATUS), 0x25u);
}

// Every wrong packet of the fact sheet: the bit of the port's error status that it belongs to (pcie-ats.md section 8), and
// the status of the completion if one is owed.
struct Bad {
  const char* what;
  Tlp tlp;
  unsigned bit;
  int status;
};

Tlp Poisoned(Tlp t) {
  t.dw0 |= 1u << 14;
  return t;
}

std::vector<Bad> BadPackets() {
  constexpr unsigned kPoison = 12, kUnexpected = 16, kMalformed = 18, kUnsupported = 20, kAcs = 21;
  std::vector<Bad> bad;
  const auto add = [&bad](const char* what, const Tlp& t, unsigned bit, int status = -1) {
    bad.push_back({what, t, bit, status});
  };
  add("write longer than the payload limit", Memory(true, kRid[0], 0, 0x1000, 17), kMalformed);
  add("write of 1024 dwords", Memory(true, kRid[0], 0, 0x1000, 0), kMalformed);
  add("byte enables, first", Memory(false, kRid[0], 0, 0x1000, 2, 0x0, 0xf), kMalformed);
  add("byte enables, last", Memory(true, kRid[0], 0, 0x1000, 2, 0xf, 0x0), kMalformed);
  add("4 KiB crossing, read", Memory(false, kRid[0], 0, 0x1ff0, 5), kMalformed);
  add("4 KiB crossing, write", Memory(true, kRid[0], 0, 0x1ff0, 5), kMalformed);
  add("write with AT 01", Write(0, 0x1000, 4, 0, kTranslationRequest), kMalformed);
  Tlp odd = TranslationRequest(kRid[0], 0, 0x1000);
  odd.dw0 += 1;
  add("translation request of odd length", odd, kMalformed);
  Tlp prefix = Memory(false, kRid[0], 0, 0x1000, 4);
  prefix.pfx_valid = true;
  prefix.pfx = 0x92000001;
  add("unknown prefix", prefix, kMalformed);
  Tlp reserved;
  reserved.dw0 = 0x5c000000;
  reserved.dw1 = uint32_t{kRid[0]} << 16;
  add("reserved type", reserved, kMalformed);
  add("page request for nothing", ErrorMessage(kRid[0], 0x04), kMalformed);
  Tlp one = Memory(true, kRid[0], 0, 0x1000, 1);
  one.dw1 |= 0x10;
  add("last byte enables of one dword", one, kMalformed);
  add("4 KiB from the second dword of a page on", Memory(false, kRid[0], 0, 0x1004, 0), kMalformed);
  Tlp nine = TranslationRequest(kRid[0], 0, 0x1000);
  nine.dw0 = (nine.dw0 & ~0x3ffu) | 18;
  add("translation request for nine pieces", nine, kMalformed);
  Tlp partial = TranslationRequest(kRid[0], 0, 0x1000);
  partial.dw1 &= ~0x8u;
  add("translation request, byte enables", partial, kMalformed);
  add("AtomicOp, alignment", AtomicOp(kRid[0], 0, kFetchAdd, 0x1004, 2, {}), kMalformed);
  add("AtomicOp of three dwords", AtomicOp(kRid[0], 0, kSwap, 0x1000, 3, {}), kMalformed);
  add("CAS of one dword", AtomicOp(kRid[0], 0, kCas, 0x1000, 1, {}), kMalformed);
  Tlp masked = Completion(kRid[0], 0, 0, kSc, true);
  SetPasid(masked, 5);
  add("PASID on a completion", masked, kMalformed);
  Tlp two = Completion(kRid[0], 0, 99, kSc, true);
  two.dw0 += 1;
  add("completion longer than its request", two, kMalformed);
  add("unexpected completion", Completion(kRid[0], 0, 99, kSc, true), kUnexpected);
  add("completion for somebody else", Completion(kRid[0], 0x0800, 0, kSc, true), kUnexpected);
  add("unknown message", ErrorMessage(kRid[0], 0x7f), kUnsupported);
  Tlp vendor = ErrorMessage(kRid[0], 0x7e);
  vendor.dw0 = 0x70000001;
  add("unknown message with data", vendor, kUnsupported);
  add("invalidate completion for another agent", InvalidateCompletion(kRid[0], 1, 1, 0x0500), kUnsupported);
  add("invalidate completion routed to the root", ErrorMessage(kRid[0], 0x02), kUnsupported);
  Tlp loaded = InvalidateCompletion(kRid[0], 1);
  loaded.dw0 = 0x72000001;
  add("invalidate completion with data", loaded, kUnsupported);
  Tlp routed = ErrorMessage(kRid[0], 0x04);
  routed.dw0 = 0x32000000;
  routed.dw3 = 5;
  add("page request routed by ID", routed, kUnsupported);
  Tlp request = ErrorMessage(kRid[0], 0x01);
  request.dw0 = 0x72000002;
  add("invalidate request from below", request, kUnsupported);
  add("write with the reserved AT", Write(0, 0x1000, 4, 0, kReservedAt), kUnsupported);
  add("read with the reserved AT", Memory(false, kRid[0], 0, 0x1000, 4, 0xf, 0xf, kReservedAt), kUnsupported, kUr);
  Tlp config = Memory(false, kRid[0], 7, 0x1000, 1, 0xf, 0);
  config.dw0 = 0x04000001;
  add("configuration request", config, kUnsupported, kUr);
  config.dw0 = 0x45000001;
  add("configuration write of type 1", config, kUnsupported, kUr);
  config.dw0 = 0x02000001;
  add("I/O read", config, kUnsupported, kUr);
  config.dw0 = 0x42000001;
  add("I/O write", config, kUnsupported, kUr);
  config.dw0 = 0x42000002;
  add("I/O write of two dwords", config, kMalformed);
  config.dw0 = 0x02000001;
  config.dw1 |= 0x10;
  add("I/O read, last byte enables", config, kMalformed);
  config.dw1 &= ~0x10u;
  SetPasid(config, 5);
  add("I/O read with a PASID", config, kMalformed);
  Tlp locked = Memory(false, kRid[0], 7, 0x1008, 4, 0xc, 0x1);
  locked.dw0 |= 1u << 24;
  add("locked read", locked, kUnsupported, kUr);
  locked.dw0 = (locked.dw0 & ~0x3ffu) | 1023;
  add("locked read over 4 KiB", locked, kMalformed);
  Tlp unlocked = Completion(kRid[0], 0, 0, kUr, false);
  unlocked.dw0 |= 1u << 24;
  add("completion of a locked read", unlocked, kUnexpected);
  Tlp asked = AtomicOp(kRid[0], 3, kFetchAdd, 0x1000, 2, {});
  asked.dw0 |= 1u << 10;
  add("AtomicOp with AT 01", asked, kUnsupported, kUr);
  add("poisoned write", Poisoned(Write(0, 0x1000, 4, 9)), kPoison);
  add("poisoned AtomicOp", Poisoned(AtomicOp(kRid[0], 3, kSwap, 0x1000, 1, {})), kPoison, kUr);
  Tlp cargo = ErrorMessage(kRid[0], 0x7e);
  cargo.dw0 = 0x70000001;
  add("poisoned message", Poisoned(cargo), kPoison);
  add("forged requester, read", Memory(false, kRid[1], 0, 0x1000, 4), kAcs);
  add("forged requester, AtomicOp", AtomicOp(kRid[1], 0, kSwap, 0x1000, 2, {}), kAcs);
  add("forged requester, translation request", TranslationRequest(kRid[1], 0, 0x1000), kAcs);
  add("forged requester, write", Write(1, 0x1000, 4, 0), kAcs);
  add("forged requester, message", InvalidateCompletion(kRid[1], 1), kAcs);
  return bad;
}

TEST(RcError, EveryWrongPacketIsReportedInItsBitAndDropped) {
  for (const Bad& bad : BadPackets()) {
    RcBench b;
    b.rx[0].push_back(bad.tlp);
    b.Run(20);
    EXPECT_EQ(b.rx_taken[0], 1u) << bad.what << ": the credit does not come back";
    EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 1u << bad.bit) << bad.what;
    EXPECT_EQ(b.PortRead(1, PORT_AER_UNCOR_STATUS), 0u) << bad.what;
    EXPECT_TRUE(b.asked.empty() && b.memory.empty() && b.inv_cpl.empty() && b.pages.empty()) << bad.what;
    ASSERT_EQ(b.tx[0].size(), bad.status < 0 ? 0u : 1u) << bad.what;
    if (bad.status >= 0) {
      EXPECT_EQ(b.tx[0][0].tlp.status(), static_cast<unsigned>(bad.status)) << bad.what;
      EXPECT_EQ(b.tx[0][0].tlp.kind(), (bad.tlp.kind() & 0xdf) == 1 ? 0x0b : 0x0a) << bad.what;
    }
    // What is answered, and an unexpected completion, is advisory: masked, so that only others reach the header log.
    const bool advisory = bad.status >= 0 || bad.bit == 16;
    EXPECT_EQ(b.PortRead(0, PORT_AER_COR_STATUS), advisory ? 1u << 13 : 0u) << bad.what;
    if (!advisory) {
      EXPECT_EQ(b.PortRead(0, PORT_AER_CAP_CTL) & 31, bad.bit) << bad.what;
      EXPECT_EQ(b.PortRead(0, PORT_AER_HDR_LOG(0)), bad.tlp.dw0) << bad.what;
      EXPECT_EQ(b.PortRead(0, PORT_AER_HDR_LOG(1)), bad.tlp.dw1) << bad.what;
      EXPECT_EQ(b.PortRead(0, PORT_AER_HDR_LOG(2)), bad.tlp.dw2) << bad.what;
    }
    b.rx[0].push_back(Memory(false, kRid[0], 77, 0x1000, 4));   // the port still works
    ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == (bad.status < 0 ? 1u : 2u); })) << bad.what;
    EXPECT_EQ(b.tx[0].back().tlp.tag(), 77u);
  }
}

// The answer to a locked read says that it is one, and counts what the read would have given (section 1.3).
TEST(RcError, AnswerToALockedRead) {
  RcBench b;
  Tlp locked = Memory(false, kRid[0], 7, 0x1008, 4, 0xc, 0x1);
  locked.dw0 |= 1u << 24;
  b.rx[0].push_back(locked);
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
  EXPECT_EQ(b.tx[0][0].tlp.dw0, 0x0b000000u);
  EXPECT_EQ(b.tx[0][0].tlp.dw1, uint32_t{kUr} << 13 | 11);
  EXPECT_EQ(b.tx[0][0].tlp.dw2 >> 8, uint32_t{kRid[0]} << 8 | 7);
  Tlp io = Memory(false, kRid[0], 8, 0x1008, 1, 0x1, 0x0);
  io.dw0 |= 2u << 24;
  b.rx[0].push_back(io);
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 2; }));
  EXPECT_EQ(b.tx[0][1].tlp.dw0, 0x0a000000u);
  EXPECT_EQ(b.tx[0][1].tlp.dw1, uint32_t{kUr} << 13 | 4) << "one dword, whatever the byte enables";
}

// What another device sees of a port full of wrong packets: nothing, not one cycle.
TEST(RcError, OtherPortsDoNotNotice) {
  std::array<RcBench, 2> runs;
  for (unsigned k = 0; k < 2; ++k) {
    RcBench& b = runs[k];
    std::mt19937 rng(11);
    const std::vector<Bad> bad = BadPackets();
    size_t next = 0;
    for (unsigned i = 0; i < 4000; ++i) {
      if (b.rx[1].size() < 8 && rng() % 4 == 0) {
        const uint64_t addr = (rng() % 64) << 12;
        const unsigned dwords = 1 + rng() % 16;
        switch (rng() % 4) {
          case 0: b.rx[1].push_back(Write(1, addr, dwords, static_cast<uint8_t>(i))); break;
          case 1: b.rx[1].push_back(Memory(false, kRid[1], static_cast<uint8_t>(i), addr, dwords)); break;
          case 2: b.rx[1].push_back(TranslationRequest(kRid[1], static_cast<uint8_t>(i), addr)); break;
          default: b.rx[1].push_back(InvalidateCompletion(kRid[1], 1u << (i % 32))); break;
        }
      }
      if (k == 1 && b.rx[0].empty()) b.rx[0].push_back(bad[next++ % bad.size()].tlp);
      b.Tick();
    }
    if (k == 1) { EXPECT_GT(next, 3 * bad.size()); }
  }
  EXPECT_EQ(runs[0].memory, runs[1].memory);
  ASSERT_EQ(runs[0].tx[1].size(), runs[1].tx[1].size());
  for (size_t i = 0; i < runs[0].tx[1].size(); ++i) {
    EXPECT_EQ(runs[0].tx[1][i].cycle, runs[1].tx[1][i].cycle);
    EXPECT_TRUE(runs[0].tx[1][i].tlp == runs[1].tx[1][i].tlp) << i;
  }
  ASSERT_EQ(runs[0].inv_cpl.size(), runs[1].inv_cpl.size());
  for (size_t i = 0; i < runs[0].inv_cpl.size(); ++i) EXPECT_EQ(runs[0].inv_cpl[i].cycle, runs[1].inv_cpl[i].cycle);
  ASSERT_EQ(runs[0].writes.size(), runs[1].writes.size());
  for (size_t i = 0; i < runs[0].writes.size(); ++i) EXPECT_EQ(runs[0].writes[i].cycle, runs[1].writes[i].cycle);
}

TEST(RcError, PoisonedCompletionEndsTheAccessWithAnError) {
  RcBench b;
  b.bus = RcBench::Bus{false, 0x40100004, 0, 0xf};
  ASSERT_TRUE(b.Until([&] { return b.tx[0].size() == 1; }));
  b.rx[0].push_back(Poisoned(Completion(kRid[0], 0, static_cast<uint8_t>(b.tx[0][0].tlp.tag()), kSc, true, 5)));
  ASSERT_TRUE(b.Until([&] { return !b.bus; }, 5));
  EXPECT_EQ(b.bus_done.back().resp, kSlverr);
  EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 1u << 12);
}

TEST(RcError, CompletionTimeOutIsThePortsError) {
  RcBench b;
  ASSERT_TRUE(b.BusAccess({false, 0x40200000, 0, 0xf}));
  EXPECT_EQ(b.bus_done.back().resp, kSlverr);
  EXPECT_EQ(b.PortRead(1, PORT_AER_UNCOR_STATUS), 1u << 14);
  EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 0u);
  b.rx[1].push_back(Completion(kRid[1], 0, static_cast<uint8_t>(b.tx[1][0].tlp.tag()), kSc, true));
  b.Run(5);
  EXPECT_EQ(b.PortRead(1, PORT_AER_UNCOR_STATUS), 1u << 14 | 1u << 16) << "the late one is unexpected";
}

// ACS of the port's own registers (D15).
TEST(RcError, AccessControlSwitches) {
  RcBench b;
  b.PortWrite(0, PORT_ACS_CAP_CTRL, PORT_ACS_CAP_CTRL_TB);   // validation off, blocking on
  b.rx[0].push_back(Write(1, 0x1000, 1, 1));                 // forged: passes
  b.rx[0].push_back(Write(0, 0x2000, 1, 2, kTranslated));
  b.rx[0].push_back(Memory(false, kRid[0], 5, 0x3000, 1, 0xf, 0, kTranslated));
  b.rx[0].push_back(TranslationRequest(kRid[0], 6, 0x4000));
  b.rx[0].push_back(Write(0, 0x5000, 1, 3));
  ASSERT_TRUE(b.Until([&] { return b.b_given[0] == 2; }));
  b.Run(20);
  ASSERT_EQ(b.asked.size(), 2u);
  EXPECT_EQ(b.asked[0].sid, kRid[1]);
  EXPECT_EQ(b.asked[1].addr, 0x5000u);
  ASSERT_EQ(b.tx[0].size(), 2u);
  for (unsigned i = 0; i < 2; ++i) EXPECT_EQ(b.tx[0][i].tlp.status(), unsigned{kCa});
  EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 1u << 21);
  b.PortWrite(0, PORT_ACS_CAP_CTRL, PORT_ACS_CAP_CTRL_SV);
  b.rx[0].push_back(Write(0, 0x2000, 1, 2, kTranslated));
  b.rx[0].push_back(Write(1, 0x1000, 1, 1));
  b.Run(60);
  EXPECT_EQ(b.asked.size(), 3u);
}

TEST(RcError, WithoutBusMasterEnableMemoryRequestsEnd) {
  RcBench b;
  b.PortWrite(0, PORT_COMMAND_STATUS, PORT_COMMAND_STATUS_MEM_EN);
  b.rx[0].push_back(Write(0, 0x1000, 4, 1));
  b.rx[0].push_back(Memory(false, kRid[0], 5, 0x1000, 4));
  b.rx[0].push_back(InvalidateCompletion(kRid[0], 1));   // messages are not memory requests
  b.Run(20);
  EXPECT_TRUE(b.asked.empty());
  ASSERT_EQ(b.tx[0].size(), 1u);
  EXPECT_EQ(b.tx[0][0].tlp.status(), unsigned{kUr});
  EXPECT_EQ(b.inv_cpl.size(), 1u);
  EXPECT_EQ(b.PortRead(0, PORT_AER_UNCOR_STATUS), 1u << 20);
  // Memory space enable gates the other direction.
  b.PortWrite(0, PORT_COMMAND_STATUS, PORT_COMMAND_STATUS_BME);
  ASSERT_TRUE(b.BusAccess({true, 0x50000014, 1, 0xf}, 5));
  EXPECT_EQ(b.bus_done.back().resp, kSlverr);
  ASSERT_TRUE(b.BusAccess({true, 0x50010014, 1, 0xf}, 5));
  EXPECT_EQ(b.bus_done.back().resp, kOkay);
}


}  // namespace
}  // namespace tb
