// SPDX-License-Identifier: Apache-2.0
//
// Translations that have a stage 2 (smmuv3 section 6), and whose fault it is.

#include "xlat_bench.h"

namespace xlat {
namespace {

class XlatS2 : public XlatTest {
 protected:
  enum : uint32_t { kS2Only = 1, kNested, kNoRecord, kCdBehind, kByp, kS2Stall, kEl2Ignored, kTtd, kL1Behind, kS1Stall };
  // Stage 2 maps IPA = PA + 1 GiB for what the tables use, with 4 KiB pages, and a few windows with less access.
  XlatS2() {
    s2root = NewTable();
    root = NewTable();
    Map(root, 0x1000, 0x5000, kRw);
    Map(root, 0x2000, 0x6000, kRw);
    Map(root, 0x3000, 0x7000, kRw);                          // not mapped by stage 2
    Map(root, 0x4000, 0x8000, kRw);                          // AF = 0 there
    Map(root, 0xA000, 0x7000, kRo);                          // denied by stage 1, and not mapped by stage 2
    Map(root, 0xB000, 0x8000, kRo);
    Map(root, 0xC000, uint64_t{1} << 40, kRo);               // no entry at level 0 of stage 2
    Map(root, 0xD000, 0x7000, kPrivOnly | uint64_t{1} << 53);  // PXN
    Map(root, 0xE000, 0x5000, kRo);
    Map(root, 0x200000, 0x40000000, kRw, 2);                 // 2 MiB over 4 KiB pages and over a block
    Map(root, 0x400000, 0x40200000, kRo, 2);
    // The tables themselves: reachable through stage 2, identity.
    for (uint64_t t = kTables; t < kTables + 0x40000; t += 0x1000) Map(s2root, t, t, kS2Rw);
    Map(s2root, kCds, kCds, kS2Rw);
    Map(s2root, kCds + 0x1000, kCds + 0x1000, kS2Rw & ~uint64_t{0x40});   // no read
    Map(s2root, 0x5000, 0xA5000, kS2Rw);
    Map(s2root, 0x6000, 0xA6000, kS2Rw & ~uint64_t{0x80});                // read only
    Map(s2root, 0x8000, 0xA8000, kS2Rw & ~uint64_t{0x400});
    for (uint64_t p = 0; p < 4; ++p) Map(s2root, 0x40000000 + 0x1000 * p, 0xB0000000 + 0x1000 * p, kS2Rw);
    Map(s2root, 0x40200000, 0xC0000000, kS2Rw, 2);
    SetCd(kCds, Cd0(10), root);
    SetCd(kCds + 64, Cd0(11) & ~(uint64_t{1} << 45), root);               // CD.R = 0
    Map(s2root, 0x90000000, kTables + 0x1000, kS2Rw & ~uint64_t{0x40});   // some table, not readable at this IPA
    SetCd(kCds + 128, Cd0(12), 0x90000000);
    SetSte(kTtd, 7, kCds + 128, 0, 0, 1);
    SetSte(kS2Only, 6, 0, 0, 0, 1);
    SetSte(kNested, 7, kCds, 0, 0, 1);
    SetSte(kNoRecord, 7, kCds, 0, 0, 1);
    SetSte(kCdBehind, 7, kCds + 0x1000, 0, 0, 1);
    SetSte(kByp, 7, kCds, 2, 1, 1);
    SetSte(kS2Stall, 7, kCds, 0, 0, 0);
    SetSte(kEl2Ignored, 7, kCds, 0, 0, 1, 0, 2);
    for (uint32_t sid : {kS2Only, kNested, kCdBehind, kByp, kEl2Ignored, kTtd}) SetS2(sid, s2root, 5);
    SetS2(kNoRecord, s2root, 5, 0);
    SetS2(kS2Stall, s2root, 5, kS2S);
    mem.Write64(kCds + 0x3000, (kCds + 0x1000) | 1);                      // level 1 CD table, its leaf not readable
    Map(s2root, kCds + 0x3000, kCds + 0x3000, kS2Rw);
    SetSte(kL1Behind, 7, kCds + 0x3000, 7, 0, 1, 1);
    SetS2(kL1Behind, s2root, 5);
    SetCd(kCds + 192, Cd0(13) | uint64_t{1} << 44, root);                 // CD.S
    SetSte(kS1Stall, 7, kCds + 192);
    SetS2(kS1Stall, s2root, 5);
  }
  static constexpr uint64_t kS2Rw = 0x4F0 | 0xC;             // AF, S2AP = 3, Normal memory
  uint64_t s2root = 0, root = 0;
};

TEST_F(XlatS2, Rows) {
  for (int round = 0; round < 2; ++round) {
    Row("stage 2 only", Untranslated(kS2Only, 0x5008, true), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.pa, 0xA5008u);
    Row("stage 2 only, ro", Untranslated(kS2Only, 0x6000), ref::kOk, 0);
    Row("stage 2 only, ro, write", Untranslated(kS2Only, 0x6000, true), ref::kAbort, ref::kPermission);
    Row("stage 2 only, unmapped", Untranslated(kS2Only, 0x7000), ref::kAbort, ref::kTranslation);
    Row("stage 2 only, AF", Untranslated(kS2Only, 0x8000), ref::kAbort, ref::kAccess);
    Row("stage 2 only, beyond IAS", Untranslated(kS2Only, kBeyond), ref::kAbort, ref::kAddrSize);
    Row("stage 2 only, SSID", WithSsid(Untranslated(kS2Only, 0x5000), 1), ref::kAbort, ref::kBadSubstreamId);
    Row("nested", Untranslated(kNested, 0x1008, true), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.pa, 0xA5008u);
    Row("nested, STRW ignored", Untranslated(kEl2Ignored, 0x1008, true), ref::kOk, 0);
    Row("nested, stage 2 read only", Untranslated(kNested, 0x2000, true), ref::kAbort, ref::kPermission);
    Row("nested, stage 2 hole", Untranslated(kNested, 0x3000), ref::kAbort, ref::kTranslation);
    EXPECT_EQ(events.back().event, (ref::Event{0x0000'0002'0000'0010, 0x0000'0288'0000'0000, 0x3000, 0x7000}));
    Row("nested, stage 1 hole", Untranslated(kNested, 0x9000), ref::kAbort, ref::kTranslation);
    EXPECT_EQ(events.back().event, (ref::Event{0x0000'0002'0000'0010, 0x0000'0208'0000'0000, 0x9000, 0}));
    Row("nested, stage 2 not recorded", Untranslated(kNoRecord, 0x3000), ref::kAbort, 0);
    Row("nested, stage 1 recorded", Untranslated(kNoRecord, 0x9000), ref::kAbort, ref::kTranslation);
    Row("CD not readable through stage 2", Untranslated(kCdBehind, 0x1000, true), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event,
              (ref::Event{uint64_t{kCdBehind} << 32 | 0x13, 0x0000'0080'0000'0000, 0x1000, kCds + 0x1000}));
    Row("table not readable through stage 2", Untranslated(kTtd, 0x1000), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event, (ref::Event{uint64_t{kTtd} << 32 | 0x13, 0x0000'1188'0000'0000, 0x1000, 0x90000000}));
    Row("S1DSS bypass goes through stage 2", Untranslated(kByp, 0x5000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.pa, 0xA5000u);
    Row("stage 2 only, ATS", Ats(kS2Only, 0x5000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xA5003u);
    Row("stage 2 only, ATS, ro", Ats(kS2Only, 0x6000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xA6001u);
    Row("nested, ATS, the smaller size", Ats(kNested, 0x201000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xB0001003u);
    Row("nested, ATS, both 2 MiB, ro", Ats(kNested, 0x433000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xC00FF801u);
    Row("nested, ATS, stage 2 hole", Ats(kNested, 0x3000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("CD fault of stage 2, ATS", Ats(kCdBehind, 0x1000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry & 3, 0u);
    Row("ATS, SSID without stage 1", WithSsid(Ats(kS2Only, 0x5000), 1), ref::kCa, 0);
    Row("S1DSS bypass, ATS", Ats(kByp, 0x5000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0xA5003u);
    Row("translated", Translated(kS2Only, 0xDEAD000, true), ref::kOk, 0);
  }
  Check(Untranslated(kS2Stall, 0x3000), "stage 2 stalls");
  EXPECT_EQ(seen[0x2000], 1);
  mem.errors.insert(PteAddr(s2root, 0x5000) & ~uint64_t{15});
  FlushAll();
  Tlbi(kNhAll);
  Row("abort of a stage 2 descriptor", Untranslated(kNested, 0x1000), ref::kAbort, ref::kWalkEabt);
  EXPECT_EQ(events.back().event, (ref::Event{0x0000'0002'0000'000B, 0x0000'0288'0000'0000, 0x1000, PteAddr(s2root, 0x5000)}));
}

// What stage 1 denies is its fault, whatever stage 2 would make of the output.
TEST_F(XlatS2, Stage1DeniesBeforeStage2Faults) {
  const ref::Event denied = {uint64_t{kNested} << 32 | 0x13, uint64_t{ref::kClassIn} << 40, 0, 0};
  const auto Denied = [&](const char* what, uint64_t addr) {
    ref::Event want = denied;
    want[2] = addr;
    Row(what, Untranslated(kNested, addr, true), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event, want) << what;
  };
  for (int round = 0; round < 2; ++round) {
    Denied("F_TRANSLATION behind", 0xA008);
    Denied("F_ACCESS behind", 0xB008);
    Denied("F_TRANSLATION behind, no entry at level 0", 0xC008);
    Denied("nothing behind", 0xE008);
    Row("allowed by stage 1", Untranslated(kNested, 0xA008), ref::kAbort, ref::kTranslation);
    EXPECT_EQ(events.back().event[3], 0x7000u);
    Row("allowed by stage 1, AF", Untranslated(kNested, 0xB008), ref::kAbort, ref::kAccess);
    Row("privileged only", Untranslated(kNested, 0xD000), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event[1], uint64_t{ref::kClassIn} << 40 | uint64_t{1} << 35);
    Row("not denied by the table that stage 2 refuses", Untranslated(kTtd, 0xA000, true), ref::kAbort, ref::kPermission);
    EXPECT_EQ(events.back().event[1] >> 39 & 7, uint64_t{1 | ref::kClassTtd << 1});
    // Recording and stalling go by the stage that is named.
    Row("S2R = 0", Untranslated(kNoRecord, 0xA000, true), ref::kAbort, ref::kPermission);
    Row("S2R = 0, stage 2", Untranslated(kNoRecord, 0xA000), ref::kAbort, 0);
    Row("S2S = 1", Untranslated(kS2Stall, 0xA000, true), ref::kAbort, ref::kPermission);
    Row("translation request", Ats(kNested, 0xA000), ref::kOk, 0);
    EXPECT_EQ(rsps.back().rsp.entry, 0u);
  }
  EXPECT_EQ(seen[0x2000], 0);
  Check(Untranslated(kS1Stall, 0xA000, true), "CD.S");
  EXPECT_EQ(seen[0x2000], 1);
  mem.errors.insert(PteAddr(s2root, 0x7000) & ~uint64_t{15});
  FlushAll();
  Denied("F_WALK_EABT behind", 0xA008);
  Row("abort, allowed by stage 1", Untranslated(kNested, 0xA008), ref::kAbort, ref::kWalkEabt);
}

// A descriptor of stage 2 that cannot be read while a CD or a level 1 CD descriptor is fetched: S2 = 1, CLASS = CD.
TEST_F(XlatS2, AbortOnTheWayToACd) {
  cfg.rec_cfg_ats = true;
  const auto Walked = [&](const char* what, const Req& q, int status, uint64_t ipa, int klass) {
    Row(what, q, status, ref::kWalkEabt);
    EXPECT_EQ(events.back().event[1] >> 39 & 7, uint64_t(1 | klass << 1)) << what;
    EXPECT_EQ(events.back().event[3], PteAddr(s2root, ipa)) << what;
  };
  const auto Break = [&](uint64_t ipa) {
    mem.errors = {PteAddr(s2root, ipa) & ~uint64_t{15}};
    FlushAll();
  };
  for (bool ats : {false, true}) {
    const int status = ats ? ref::kCa : ref::kAbort;
    const auto Read = [&](uint32_t sid) { return ats ? Ats(sid, 0x1000) : Untranslated(sid, 0x1000); };
    Break(kCds);
    Walked("CD", Read(kNested), status, kCds, ref::kClassCd);
    Break(kCds + 0x3000);
    Walked("level 1 CD descriptor", WithSsid(Read(kL1Behind), 5), status, kCds + 0x3000, ref::kClassCd);
    Break(kCds + 0x1000);
    Walked("CD of a leaf table", WithSsid(Read(kL1Behind), 5), status, kCds + 0x1000, ref::kClassCd);
    Break(root);
    Walked("table", Read(kNested), status, root, ref::kClassTtd);
    Break(0x5000);
    Walked("input", Read(kNested), status, 0x5000, ref::kClassIn);
  }
}

}  // namespace
}  // namespace xlat
