// SPDX-License-Identifier: Apache-2.0
//
// The tables of the fact sheet (smmuv3 sections 5.1, 5.2, 7.1, 7.2), events bit for bit, answers of several entries.

#include "xlat_bench.h"

namespace xlat {
namespace {

TEST_F(XlatRows, Untranslated) {
  for (int round = 0; round < 2; ++round) {  // from memory, then as cached as it gets
    Row("bad sid", Untranslated(256, 0x1000), ref::kAbort, ref::kBadStreamId);
    Row("huge sid", Untranslated(0x10003, 0x1000), ref::kAbort, ref::kBadStreamId);
    cfg.recinvsid = false;
    Row("bad sid, not recorded", Untranslated(256, 0x1000), ref::kAbort, 0);
    cfg.recinvsid = true;
    Row("ste abort", Untranslated(kSteErr, 0x1000), ref::kAbort, ref::kSteFetch);
    Row("ste invalid", Untranslated(kInvalid, 0x1000), ref::kAbort, ref::kBadSte);
    Row("config 000", Untranslated(kAbortS, 0x1000), ref::kAbort, 0);
    Row("bypass", Untranslated(kBypassS, 0x1234567, true), ref::kOk, 0);
    Row("bypass beyond OAS", Untranslated(kBypassS, kBeyond), ref::kAbort, ref::kAddrSize);
    Row("bypass with ssid", WithSsid(Untranslated(kBypassS, 0x1000), 1), ref::kAbort, ref::kBadSubstreamId);
    Row("read", Untranslated(kFull, 0x1234), ref::kOk, 0);
    Row("write", Untranslated(kFull, 0x1FFF, true), ref::kOk, 0);
    Row("ro read", Untranslated(kFull, 0x2008), ref::kOk, 0);
    Row("ro write", Untranslated(kFull, 0x2008, true), ref::kAbort, ref::kPermission);
    Row("privileged page", Untranslated(kFull, 0x3000), ref::kAbort, ref::kPermission);
    Row("AF", Untranslated(kFull, 0x4000), ref::kAbort, ref::kAccess);
    Row("output size", Untranslated(kFull, 0x5000), ref::kAbort, ref::kAddrSize);
    Row("unmapped", Untranslated(kFull, 0x8123, true), ref::kAbort, ref::kTranslation);
    Row("EPD1", Untranslated(kFull, ~uint64_t{0xFFF}), ref::kAbort, ref::kTranslation);
    Row("2 MiB", Untranslated(kFull, 0x712345), ref::kOk, 0);
    Row("1 GiB", Untranslated(kFull, (uint64_t{3} << 30) + 0x12345678), ref::kOk, 0);
    Row("ssid without substreams", WithSsid(Untranslated(kFull, 0x1000), 0), ref::kAbort, ref::kBadSubstreamId);
    Row("ssid 3", WithSsid(Untranslated(kDssTerm, 0x1000), 3), ref::kOk, 0);
    Row("ssid 4 of 4", WithSsid(Untranslated(kDssTerm, 0x1000), 4), ref::kAbort, ref::kBadSubstreamId);
    Row("no ssid, S1DSS 0", Untranslated(kDssTerm, 0x1000), ref::kAbort, ref::kStreamDisabled);
    Row("no ssid, S1DSS 1", Untranslated(kDssBypass, 0x7654321), ref::kOk, 0);
    Row("no ssid, S1DSS 1, beyond OAS", Untranslated(kDssBypass, kBeyond), ref::kAbort, ref::kAddrSize);
    Row("ssid 0, S1DSS 1", WithSsid(Untranslated(kDssBypass, 0x1000), 0), ref::kOk, 0);
    Row("no ssid, S1DSS 2", Untranslated(kDssZero, 0x1000), ref::kOk, 0);
    Row("ssid 0, S1DSS 2", WithSsid(Untranslated(kDssZero, 0x1000), 0), ref::kAbort, ref::kStreamDisabled);
    Row("ssid 1, S1DSS 2", WithSsid(Untranslated(kDssZero, 0x1000), 1), ref::kOk, 0);
    Row("cd abort", Untranslated(kCdErr, 0x1000), ref::kAbort, ref::kCdFetch);
    Row("cd invalid", Untranslated(kBadCdS, 0x1000), ref::kAbort, ref::kBadCd);
    Row("walk abort", Untranslated(kWalkErr, 0x1000, true), ref::kAbort, ref::kWalkEabt);
    Row("two-level CD", WithSsid(Untranslated(kTwoLevel, 0x1000), 5), ref::kOk, 0);
    Row("two-level CD, hole", WithSsid(Untranslated(kTwoLevel, 0x1000), 64), ref::kAbort, ref::kBadSubstreamId);
    Row("R = 0", Untranslated(kQuietCd, 0x8000), ref::kAbort, 0);
    Row("R = 0, permission", Untranslated(kQuietCd, 0x2000, true), ref::kAbort, 0);
    Req x = WithSsid(Untranslated(kDssTerm, 0x1000), 3);
    x.exec = true;
    Row("execute", x, ref::kOk, 0);
    x.addr = 0x6000;
    Row("execute, UXN", x, ref::kAbort, ref::kPermission);
    x.addr = 0x3000;
    x.exec = false;
    x.priv = true;
    Row("privileged", x, ref::kOk, 0);
    Req reserved = Untranslated(kFull, 0x1000);
    reserved.at = ref::kReserved;
    Row("reserved AT", reserved, ref::kAbort, ref::kUut);
  }
  cfg.smmuen = false;
  Row("disabled", Untranslated(kInvalid, 0xFEDC, true), ref::kOk, 0);
  Row("disabled, beyond OAS", Untranslated(kInvalid, kBeyond), ref::kAbort, 0);
  cfg.gbpa_abort = true;
  Row("disabled, GBPA abort", Untranslated(kInvalid, 0xFEDC), ref::kAbort, 0);
}

TEST_F(XlatRows, TranslatedRequests) {
  for (int round = 0; round < 2; ++round) {
    Row("config 000", Translated(kAbortS, 0x1000), ref::kAbort, 0);
    Row("config 100", Translated(kBypassS, 0x1000), ref::kAbort, ref::kTranslForbidden);
    Row("EATS 00", Translated(kNoAts, 0x1000, true), ref::kAbort, ref::kTranslForbidden);
    Row("EATS 11", Translated(kReservedEats, 0x1000), ref::kAbort, ref::kTranslForbidden);
    Row("config fault", Translated(kInvalid, 0x1000), ref::kAbort, 0);
    Row("bad sid", Translated(256, 0x1000), ref::kAbort, 0);
    Row("ste abort", Translated(kSteErr, 0x1000), ref::kAbort, 0);
    Row("EATS 01", Translated(kFull, 0xDEADBEEF, true), ref::kOk, 0);
    Row("EATS 01, CD not looked at", Translated(kBadCdS, 0x1000), ref::kOk, 0);
    Row("EATS 01, beyond OAS", Translated(kFull, kBeyond), ref::kAbort, 0);
    Row("with PASID", WithSsid(Translated(kFull, 0x1000), 99), ref::kOk, 0);
    Row("CD needed after it", Untranslated(kFull, 0x1000), ref::kOk, 0);
  }
  cfg.atschk = false;
  const uint64_t reads = mem.requests;
  Row("ATSCHK 0", Translated(kNoAts, 0x1000), ref::kOk, 0);
  Row("ATSCHK 0, no stream", Translated(0xFFFF, 0x1000), ref::kOk, 0);
  Row("ATSCHK 0, beyond OAS", Translated(kFull, kBeyond), ref::kAbort, 0);
  EXPECT_EQ(mem.requests, reads) << "no STE lookup";
  cfg.atschk = true;
  cfg.smmuen = false;
  Row("disabled", Translated(kFull, 0x1000, true), ref::kAbort, ref::kTranslForbidden);
}

TEST_F(XlatRows, TranslationRequests) {
  for (int round = 0; round < 2; ++round) {
    Row("bad sid", Ats(256, 0x1000), ref::kCa, 0);
    Row("ste abort", Ats(kSteErr, 0x1000), ref::kCa, 0);
    Row("ste invalid", Ats(kInvalid, 0x1000), ref::kCa, 0);
    Row("config 000", Ats(kAbortS, 0x1000), ref::kUr, 0);
    Row("config 100", Ats(kBypassS, 0x1000), ref::kUr, ref::kBadAtsTreq);
    Row("EATS 00", Ats(kNoAts, 0x1000), ref::kUr, ref::kBadAtsTreq);
    Row("EATS 11", Ats(kReservedEats, 0x1000, true), ref::kUr, ref::kBadAtsTreq);
    Row("bad ssid", WithSsid(Ats(kFull, 0x1000), 1), ref::kCa, 0);
    Row("S1DSS 0", Ats(kDssTerm, 0x1000), ref::kCa, 0);
    Row("cd abort", Ats(kCdErr, 0x1000), ref::kCa, 0);
    Row("cd invalid", Ats(kBadCdS, 0x1000), ref::kCa, 0);
    Row("walk abort", Ats(kWalkErr, 0x1000), ref::kCa, 0);
    Row("F_TRANSLATION", Ats(kFull, 0x8000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("region", Ats(kFull, uint64_t{1} << 60), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("F_ADDR_SIZE", Ats(kFull, 0x5000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("F_ACCESS", Ats(kFull, 0x4000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("rw", Ats(kFull, 0x1000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xABC003u);
    Row("rw, NW", Ats(kFull, 0x1000, true), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xABC003u);
    Row("ro", Ats(kFull, 0x2000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xABD001u);
    Row("privileged page", Ats(kFull, 0x3000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0u);
    Row("2 MiB", Ats(kFull, 0x712000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0x12400000u | 0xFF000u | 0x803u);
    Row("1 GiB", Ats(kFull, (uint64_t{3} << 30) + 0x12345000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, (uint64_t{5} << 30) | 0x1FFFF000u | 0x803u);
    Row("S1DSS 1 without PASID", Ats(kDssBypass, 0x7654000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0x7654003u);
    Req p = WithSsid(Ats(kDssBypass, 0x3000), 2);
    p.priv = true;
    p.exec = true;
    Row("PASID, privileged, execute", p, ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xABE01Bu);                          // Priv, Exe, W, R
  }
  cfg.smmuen = false;
  Row("disabled", Ats(kFull, 0x1000), ref::kUr, ref::kBadAtsTreq);
}

TEST_F(XlatRows, EventsBitForBit) {
  const auto Last = [&] { return events.back().event; };
  Ask(Untranslated(kFull, 0x8123, true));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0003'0000'0010, 0x0000'0200'0000'0000, 0x8123, 0}));
  Ask(Untranslated(kFull, 0x8123));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0003'0000'0010, 0x0000'0208'0000'0000, 0x8123, 0}));
  Req x = WithSsid(Untranslated(kDssTerm, 0x6004), 3);
  x.exec = true;
  x.priv = false;
  Ask(x);
  EXPECT_EQ(Last(), (ref::Event{0x0000'0006'0000'3813, 0x0000'020C'0000'0000, 0x6004, 0}));
  x.write = true;  // a write is never an instruction fetch; privileged
  x.priv = true;
  x.addr = 0x8000;
  Ask(x);
  EXPECT_EQ(Last(), (ref::Event{0x0000'0006'0000'3810, 0x0000'0202'0000'0000, 0x8000, 0}));
  Ask(Untranslated(kWalkErr, 0x1004));
  EXPECT_EQ(Last(), (ref::Event{0x0000'000B'0000'000B, 0x0000'0108'0000'0000, 0x1004, PteAddr(walk_root, 0x1000, 2)}));
  Ask(Untranslated(kSteErr, 0x1004));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0008'0000'0003, 0, 0, SteAddr(kSteErr)}));
  Ask(Untranslated(kCdErr, 0x1004));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0009'0000'0009, 0, 0, kCds + 64 * 10}));
  Ask(WithSsid(Untranslated(kBypassS, 0x1004), 0xABCDE));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0002'ABCD'E008, 0, 0, 0}));        // SSID without SSV
  Ask(WithSsid(Untranslated(kDssZero, 0x1004), 0));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0007'0000'0006, 0, 0, 0}));
  Ask(WithSsid(Translated(kNoAts, 0x1004, true), 5));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0004'0000'5807, 0, 0x1004, 0}));
  Ask(Translated(kNoAts, 0x1004));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0004'0000'0007, 0x0000'0008'0000'0000, 0x1004, 0}));
  Req a = WithSsid(Ats(kNoAts, 0x1234, false), 5);
  a.priv = true;
  a.exec = true;
  Ask(a);
  EXPECT_EQ(Last(), (ref::Event{0x0000'0004'0000'5805, 0x0000'101E'0000'0000, 0x1000, 0}));
  Ask(Ats(kNoAts, 0x1000, true));
  EXPECT_EQ(Last(), (ref::Event{0x0000'0004'0000'0005, 0x0000'1002'0000'0000, 0x1000, 0}));
  Req u = Untranslated(kFull, 0x1004, true);
  u.at = ref::kReserved;
  Ask(u);
  EXPECT_EQ(Last(), (ref::Event{0x0000'0003'0000'0001, 0, 0x1004, 0}));
}

// Configuration faults of ATS requests are recorded on demand.
TEST_F(XlatRows, RecCfgAts) {
  cfg.rec_cfg_ats = true;
  for (int round = 0; round < 2; ++round) {
    cfg.recinvsid = round == 0;
    Row("bad sid", Ats(256, 0x1000), ref::kCa, cfg.recinvsid ? ref::kBadStreamId : 0);
    Row("ste abort", Ats(kSteErr, 0x1000), ref::kCa, ref::kSteFetch);
    Row("ste invalid", Ats(kInvalid, 0x1000), ref::kCa, ref::kBadSte);
    Row("bad ssid", WithSsid(Ats(kFull, 0x1000), 1), ref::kCa, ref::kBadSubstreamId);
    Row("S1DSS 0", Ats(kDssTerm, 0x1000), ref::kCa, ref::kStreamDisabled);
    Row("cd abort", Ats(kCdErr, 0x1000), ref::kCa, ref::kCdFetch);
    Row("cd invalid", Ats(kBadCdS, 0x1000), ref::kCa, ref::kBadCd);
    Row("walk abort", Ats(kWalkErr, 0x1000), ref::kCa, ref::kWalkEabt);
    Row("F_TRANSLATION", Ats(kFull, 0x8000), ref::kOk, 0);
    Row("config 000", Ats(kAbortS, 0x1000), ref::kUr, 0);
    Row("translated, ste invalid", Translated(kInvalid, 0x1000), ref::kAbort, ref::kBadSte);
    Row("translated, bad sid", Translated(256, 0x1000), ref::kAbort, cfg.recinvsid ? ref::kBadStreamId : 0);
  }
}

TEST_F(XlatRows, SeveralTranslations) {
  for (uint64_t page = 0; page < 12; ++page) Map(root, 0x100000 + (page << 12), 0xC00000 + (page << 13), page == 10 ? kPrivOnly : kRw);
  Map(root, 0x5FF000, 0xE00000, kRw);
  Map(root, 0x800000, 0x22400000, kRw, 2);
  Map(root, 0xA00000, 0x22800000, kRo, 2);
  const auto Ask8 = [&](uint64_t addr, int num) {
    Req q = Ats(kFull, addr);
    q.num = num;
    Row("several", q, ref::kOk, 0);
    return 1 + rsps.back().rsp.further.size();
  };
  for (int round = 0; round < 2; ++round) {
    for (int num = 0; num < 8; ++num) EXPECT_EQ(Ask8(0x100000, num), size_t(num) + 1);
    EXPECT_EQ(rsps.back().rsp.further.back(), 0xC00003u + (7 << 13));
    EXPECT_EQ(Ask8(0x108000, 7), 2u) << "ends before the page without access";
    EXPECT_EQ(Ask8(0x107000, 2), 3u);
    EXPECT_EQ(Ask8(0x10B000, 7), 1u) << "ends before the unmapped page";
    EXPECT_EQ(Ask8(0x10C000, 7), 1u) << "the first has no access";
    EXPECT_EQ(Ask8(0x7FF000, 7), 2u) << "two leaves of 2 MiB";
    EXPECT_EQ(Ask8(0x5FF000, 7), 1u) << "ends where the size changes";
    EXPECT_EQ(Ask8(0x812000, 7), 1u) << "one leaf covers it";
    EXPECT_EQ(Ask8(0x9FD000, 3), 2u) << "two leaves";
    EXPECT_EQ(Ask8(0x9FD000, 2), 1u);
    Req byp = Ats(kDssBypass, 0xFFFFFFFE000);
    byp.num = 3;
    Row("identity", byp, ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.further.size(), 3u);
    byp.addr = 0xFFFF'FFFF'E000;
    Row("identity up to the output size", byp, ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.further.size(), 1u);
  }
  Req refused = Ats(kNoAts, 0x1000);
  refused.num = 4;
  Row("refused", refused, ref::kUr, ref::kBadAtsTreq);
  EXPECT_EQ(events.back().event[1] >> 44 & 0xFF, 5u) << "Span";
  // Hits of other ports pass between the entries, and nothing gets lost when the root complex is slow.
  for (int i = 0; i < 400; ++i) {
    top.rsp_ready_i = i % 3 == 0;
    if (!to_send) {
      for (int port = 0; port < 4 && !to_send; ++port) {
        if (open[port]) continue;
        Req q = Ats(kFull, 0x100000 + 0x1000 * uint64_t(i % 3), false, port);
        q.num = port == 0 ? 5 : 0;
        to_send = q;
      }
    }
    const size_t before = rsps.size();
    Step();
    for (size_t k = before; k < rsps.size(); ++k) EXPECT_EQ(rsps[k].rsp.further.size(), rsps[k].rsp.port == 0 ? 5u : 0u);
  }
  top.rsp_ready_i = 1;
}

TEST_F(XlatTest, IllegalContextDescriptors) {
  const uint64_t root = NewTable();
  Map(root, 0x1000, 0xABC000, kRw);
  SetSte(1, 5, kCds);
  const uint64_t good = Cd0(1);
  const auto With = [&](uint64_t d0, int fault, uint64_t ttb0, uint64_t ttb1 = 0) {
    SetCd(kCds, d0, ttb0, ttb1);
    FlushAll();
    Row("cd", Untranslated(1, 0x1000), fault ? ref::kAbort : ref::kOk, fault);
  };
  With(good, 0, root);
  for (int bit : {31, 41, 46}) With(good & ~(uint64_t{1} << bit), ref::kBadCd, root);  // V, AA64, A
  for (int bit : {15, 42, 43}) With(good | uint64_t{1} << bit, ref::kBadCd, root);  // ENDI, HD, HA
  With(good | uint64_t{1} << 44, 0, root);                                             // S
  mem.Write64(SteAddr(1) + 8, uint64_t{1} << 27);                                      // S1STALLD
  With(good, 0, root);
  With(good | uint64_t{1} << 44, ref::kBadCd, root);
  mem.Write64(SteAddr(1) + 8, 0);
  for (int tg : {1, 2, 3}) With(good | uint64_t(tg) << 6, ref::kBadCd, root);
  for (int tsz : {0, 15, 40, 63}) With((good & ~uint64_t{63}) | tsz, ref::kBadCd, root);
  const uint64_t both = good & ~(uint64_t{1} << 30);  // EPD1 = 0: T1SZ = 0, TG1 = 0 are wrong
  With(both, ref::kBadCd, root);
  With(both | uint64_t{16} << 16 | uint64_t{2} << 22, 0, root, root);
  With(both | uint64_t{16} << 16 | uint64_t{1} << 22, ref::kBadCd, root, root);
  With(both | uint64_t{15} << 16 | uint64_t{2} << 22, ref::kBadCd, root, root);
  With(both | uint64_t{16} << 16 | uint64_t{2} << 22, ref::kBadCd, root, uint64_t{1} << 48);
  With(good, ref::kBadCd, uint64_t{1} << 48);
  With(good & ~(uint64_t{7} << 32), ref::kBadCd, uint64_t{1} << 32);                  // IPS = 32 bits
  With((good & ~(uint64_t{7} << 32)) | uint64_t{7} << 32, 0, root);                   // IPS is clamped
}

TEST_F(XlatTest, El2HasOneHalfAndOnePrivilegeLevelUnlessE2h) {
  const uint64_t root = NewTable();
  Map(root, 0x1000, 0xABC000, kPrivOnly);
  Map(root, 0x7FFFFFFFF000 | uint64_t{0x800000000000}, 0xABD000, kRw);
  SetSte(1, 5, kCds, 0, 0, 1, 0, 2);
  SetCd(kCds, (Cd0(1) & ~(uint64_t{1} << 30)) | uint64_t{16} << 16 | uint64_t{2} << 22, root, root);
  for (bool e2h : {false, true}) {
    cfg.e2h = e2h;
    FlushAll();
    for (int round = 0; round < 2; ++round) {
      Row("no privileges", Untranslated(1, 0x1000, true), e2h ? ref::kAbort : ref::kOk, e2h ? ref::kPermission : 0);
      Row("upper half", Untranslated(1, 0xFFFFFFFFFFFFF000), e2h ? ref::kOk : ref::kAbort, e2h ? 0 : ref::kTranslation);
    }
    // NS-EL1 operations leave EL2 alone.
    Tlbi(kNsnhAll);
    const uint64_t reads = mem.requests;
    Ask(Untranslated(1, e2h ? 0xFFFFFFFFFFFFF000 : 0x1000, false));
    EXPECT_EQ(mem.requests, reads);
  }
}

}  // namespace
}  // namespace xlat
