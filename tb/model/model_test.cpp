// SPDX-License-Identifier: Apache-2.0
//
// The reference model against numbers worked out by hand from the fact sheet, so that an error of the model is not taken
// for one of the design.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/registers.h"
#include "model/stall.h"
#include "model/staleness.h"
#include "model/tracker.h"
#include "model/translate.h"

namespace model {
namespace {

class Words : public Memory {
 public:
  uint64_t Read64(uint64_t addr) const override {
    const auto it = word.find(addr);
    return it == word.end() ? 0 : it->second;
  }
  bool Fails(uint64_t addr) const override { return bad.count(addr & ~uint64_t{15}) != 0; }
  std::map<uint64_t, uint64_t> word;
  std::set<uint64_t> bad;
};

// One stream 0x100 with a linear table at 1 MiB, a CD at 2 MiB, tables from 3 MiB: VA 0x40201000 is page 0x123456000.
struct Fixture : ::testing::Test {
  Fixture() {
    f.s2p = true;
    f.vmid16 = true;
    c.smmuen = true;
    c.recinvsid = true;
    c.strtab_base = 0x10'0000;
    c.strtab_log2size = 9;
    Ste(STE_CONFIG_S1);
    m.word[0x20'0000] = 25 | uint64_t{1} << 30 | CD0_V | Put(5, CD0_IPS) | CD0_AA64 | CD0_R | CD0_A | Put(7, CD0_ASID);
    m.word[0x20'0008] = 0x30'0000;
    m.word[0x30'0008] = 0x30'1000 | 3;              // L1 index 1
    m.word[0x30'1008] = 0x30'2000 | 3;              // L2 index 1
    m.word[0x30'2008] = 0x1'2345'6000 | 0xC43 | 3;  // L3 index 1: AF, nG, EL0, writable
  }
  void Ste(uint64_t config, uint64_t dw1 = Put(1, STE1_EATS)) {
    m.word[0x10'4000] = 1 | config << 1 | 0x20'0000;
    m.word[0x10'4008] = dw1;
  }
  Answer Ask(uint64_t addr = 0x4020'1234, At at = At::kUntranslated, bool write = false) {
    Request q;
    q.sid = 0x100;
    q.addr = addr;
    q.at = at;
    q.write = write;
    return Translate(Views(m), c, f, q);
  }
  Words m;
  Control c;
  Features f;
};

TEST_F(Fixture, StageOne) {
  const Answer a = Ask();
  EXPECT_EQ(a.status, Status::kOk);
  EXPECT_EQ(a.pa, 0x1'2345'6234u);
  EXPECT_EQ(a.tag.asid, 7u);
  EXPECT_FALSE(a.tag.global);
  EXPECT_EQ(Ask(0x4020'1000, At::kTranslationReq).entry, 0x1'2345'6003u);
  m.word[0x30'1008] = 0x4000'0000 | 0xC41;  // a 2 MiB block
  EXPECT_EQ(Ask(0x4020'1000, At::kTranslationReq).entry, 0x4000'0000u | 0xFF800 | 3) << "S, ones below bit 20";
}

TEST_F(Fixture, StallsInsteadOfAborting) {
  f.stall_model = 0;
  m.word[0x20'0000] = (m.word[0x20'0000] | CD0_S) & ~CD0_R;
  const Answer a = Ask(0x4020'3010);
  EXPECT_TRUE(a.stall);
  EXPECT_EQ(a.record, (Record{0x10000000010, uint64_t{2} << 40 | uint64_t{1} << 35 | uint64_t{1} << 31, 0x40203010, 0}));
  EXPECT_FALSE(Ask(0x4020'3000, At::kTranslationReq).stall) << "translation requests never stall";
  f.stall_model = 1;
  EXPECT_EQ(Ask(0x4020'3010).record[0] & 0xFF, uint64_t{EVT_C_BAD_CD});
}

TEST_F(Fixture, SeveralPages) {
  Request q, next;
  q.addr = 0x40'0000'6000;
  q.num = 4;  // five pages
  ASSERT_TRUE(NextPages(q, 0x1000, &next));
  EXPECT_EQ(next.addr, 0x40'0000'7000u);
  EXPECT_EQ(next.num, 3u);
  EXPECT_FALSE(NextPages(q, 0x20'0000, &next)) << "one block holds all of them";
  q.addr = 0x40'001F'E000;
  ASSERT_TRUE(NextPages(q, 0x20'0000, &next));
  EXPECT_EQ(next.addr, 0x40'0020'0000u);
  EXPECT_EQ(next.num, 2u);
  q.addr = ~uint64_t{0xFFF};
  EXPECT_FALSE(NextPages(q, 0x1000, &next)) << "the address space ends";
  EXPECT_EQ(EntrySize(0x1'2345'6003), 0x1000u);
  EXPECT_EQ(EntrySize(0x4000'0000 | 0xFF800 | 3), 0x20'0000u);
  Answer a;
  a.entry = 0x1'2345'6003;
  EXPECT_TRUE(Continues(a, 0x1000));
  EXPECT_FALSE(Continues(a, 0x20'0000));
  a.entry = 0;
  EXPECT_FALSE(Continues(a, 0x1000));
}

TEST(Stalls, WhatResumeAndTermName) {
  Stalls s(2);
  const auto resume = [](uint64_t sid, uint64_t stag, uint64_t bits) { return Command{OP_RESUME | Put(sid, CMD_RESUME0_SID) | bits, stag}; };
  s.Accepted(0, 0x100, 3);
  ASSERT_TRUE(s.Seen(0, 0x70, 10));
  EXPECT_FALSE(s.Seen(0, 0x80, 11)) << "it is stalled already";
  s.Consumed(resume(0x100, 0x71, CMD_RESUME0_AC), 20, 5);
  s.Consumed(resume(0x200, 0x70, CMD_RESUME0_AC), 20, 5);
  EXPECT_TRUE(s.At(0).open);
  s.Consumed(resume(0x100, 0x70, CMD_RESUME0_AC), 20, 5);
  EXPECT_FALSE(s.At(0).open || s.At(0).must_abort);
  EXPECT_EQ(s.At(0).mark, 5u);
  ASSERT_TRUE(s.Seen(0, 0x80, 30));
  s.Consumed(resume(0x100, 0x80, CMD_RESUME0_AB), 40, 5);
  EXPECT_TRUE(s.At(0).must_abort);
  s.Accepted(0, 0x100, 5);
  s.Accepted(1, 0x100, 5);
  ASSERT_TRUE(s.Seen(0, 0x90, 50));
  ASSERT_TRUE(s.Seen(1, 0xA1, 60));
  s.Consumed({OP_STALL_TERM | uint64_t{0x100} << 32, 0}, 55, 6);
  EXPECT_TRUE(s.At(0).must_abort);
  EXPECT_TRUE(s.At(1).open && s.At(1).may_abort) << "pushed before its record was seen";
  s.Accepted(0, 0x100, 6);
  EXPECT_TRUE(s.At(0).may_abort) << "the STALL_TERM may be carried out now";
  s.TermSeen();
  s.Accepted(0, 0x100, 6);
  EXPECT_FALSE(s.At(0).may_abort);
  s.Disabled();
  EXPECT_TRUE(s.At(1).must_abort);
  EXPECT_FALSE(s.AnyOpen());
}

TEST_F(Fixture, Faults) {
  const Answer a = Ask(0x4020'3010, At::kUntranslated, true);
  EXPECT_EQ(a.status, Status::kAbort);
  ASSERT_TRUE(a.has_record);
  EXPECT_EQ(a.record, (Record{0x10000000010, uint64_t{2} << 40, 0x40203010, 0}));
  EXPECT_EQ(Ask(0x4020'3000, At::kTranslationReq).status, Status::kOk) << "UR would make the device turn ATS off";
  EXPECT_EQ(Ask(0x4020'3000, At::kTranslationReq).entry, 0u);
  EXPECT_EQ(Ask(uint64_t{1} << 39).record[0] & 0xFF, EVT_F_TRANSLATION);
  m.word[0x30'2008] |= 0x80;  // read-only
  EXPECT_EQ(Ask(0x4020'1000, At::kUntranslated, true).record[0] & 0xFF, EVT_F_PERMISSION);
  m.bad.insert(0x30'1000);
  const Answer e = Ask();
  EXPECT_EQ(e.record[0] & 0xFF, EVT_F_WALK_EABT);
  EXPECT_EQ(e.record[3], 0x30'1008u);
  EXPECT_EQ(Ask(0x4020'1000, At::kTranslationReq).status, Status::kCa);
}

TEST_F(Fixture, Nested) {
  Ste(STE_CONFIG_NESTED);
  // Stage 2: 40 bits from level 1 (two concatenated tables), IPA = PA for the first GiB, IPA 0x1'2345'6000 -> 0x9'8765'4000.
  m.word[0x10'4010] = 24 | 0;
  m.word[0x10'4010] = Put(24, STE2_S2T0SZ) | Put(1, STE2_S2SL0) | Put(5, STE2_S2PS) | STE2_S2AA64 | STE2_S2R | 9;
  m.word[0x10'4018] = 0x50'0000;
  m.word[0x50'0000] = 0x7FD;                       // IPA 0, 1 GiB block, AF, R, W, Normal
  m.word[0x50'0020] = 0x50'2000 | 3;               // IPA 4 GiB
  m.word[0x50'2000 + 8 * 0x11A] = 0x50'3000 | 3;   // 0x1'2345'6000: level 2 index 0x11A, level 3 index 0x56
  m.word[0x50'3000 + 8 * 0x56] = 0x9'8765'4000 | 0x7FF;
  const Answer a = Ask();
  EXPECT_EQ(a.status, Status::kOk);
  EXPECT_EQ(a.pa, 0x9'8765'4234u);
  EXPECT_EQ(a.tag.vmid, 9u);
  m.word[0x50'3000 + 8 * 0x56] &= ~uint64_t{0x80};  // stage 2 read-only
  const Answer w = Ask(0x4020'1008, At::kUntranslated, true);
  EXPECT_EQ(w.record[0] & 0xFF, EVT_F_PERMISSION);
  EXPECT_EQ(w.record[1], EVT_FAULT1_S2 | Put(2, EVT_FAULT1_CLASS));
  EXPECT_EQ(w.record[3], 0x1'2345'6000u);
  EXPECT_EQ(Ask(0x4020'1000, At::kTranslationReq).entry, 0x9'8765'4001u);
  // What stage 1 denies is its fault, also when stage 2 would not translate the output.
  const uint64_t page = m.word[0x30'2008], behind = m.word[0x50'3000 + 8 * 0x56];
  for (uint64_t second : {behind, uint64_t{0}}) {
    m.word[0x50'3000 + 8 * 0x56] = second;
    m.word[0x30'2008] = page | 0x80;
    const Answer d = Ask(0x4020'1008, At::kUntranslated, true);
    EXPECT_EQ(d.record[0] & 0xFF, EVT_F_PERMISSION);
    EXPECT_EQ(d.record[1], Put(EVT_CLASS_INPUT, EVT_FAULT1_CLASS));
    EXPECT_EQ(d.record[3], 0u);
    m.word[0x30'2008] = page;
  }
  const Answer h = Ask(0x4020'1008, At::kUntranslated, true);
  EXPECT_EQ(h.record[0] & 0xFF, EVT_F_TRANSLATION);
  EXPECT_EQ(h.record[3], 0x1'2345'6000u);
  EXPECT_EQ(Ask(0x4020'1000, At::kTranslationReq).entry, 0u);
  m.word[0x50'3000 + 8 * 0x56] = behind;
  m.word[0x50'0000] = 0;  // nothing of stage 1 can be read
  EXPECT_EQ(Ask().record[1], EVT_FAULT1_RNW | EVT_FAULT1_S2 | Put(EVT_CLASS_CD, EVT_FAULT1_CLASS));
}

TEST_F(Fixture, Refusals) {
  Ste(STE_CONFIG_S1, 0);
  EXPECT_EQ(Ask(0x1000, At::kTranslationReq).status, Status::kUr);
  EXPECT_EQ(Ask(0x1000, At::kTranslationReq).record[0] & 0xFF, EVT_F_BAD_ATS_TREQ);
  EXPECT_EQ(Ask(0x1000, At::kTranslated).status, Status::kOk) << "ATSCHK = 0";
  c.atschk = true;
  EXPECT_EQ(Ask(0x1000, At::kTranslated).record[0] & 0xFF, EVT_F_TRANSL_FORBIDDEN);
  Ste(STE_CONFIG_ABORT);
  EXPECT_EQ(Ask().status, Status::kAbort);
  EXPECT_FALSE(Ask().has_record);
  c.smmuen = false;
  EXPECT_EQ(Ask(0x77).pa, 0x77u);
}

TEST(Payload, TableOfTheSheet) {
  const struct { uint64_t size, addr, payload; } kRows[] = {
      {0, 0x12345000, 0x12345000},
      {1, 0x12344000, 0x12344800},
      {4, 0x1234F000, 0x12347800},
      {9, 0x40000000, 0x400FF800},
      {18, 0x80000000, 0x9FFFF800},
      {51, 0x8000000000000000, 0xBFFFFFFFFFFFF800},
      {52, 0x123456789000, 0x7FFFFFFFFFFFF800},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(MessageOf({0x40 | uint64_t{0x100} << 32 | CMD_ATC_INV0_G, row.addr | row.size}, Features{}).payload,
              row.payload)
        << row.size;
  }
  const InvMessage m = MessageOf({0x40 | CMD_ATC_INV0_G | CMD_ATC_INV0_SSV | 0x12345000 | uint64_t{0x200} << 32, 0}, Features{});
  EXPECT_EQ(m.payload, 1u);
  EXPECT_EQ(m.ssid, 0x12345u);
}

TEST(Legality, Rows) {
  Features f;
  EXPECT_TRUE(Legal({OP_SYNC, 0}, f));
  EXPECT_FALSE(Legal({OP_SYNC | CMD_SYNC0_CS, 0}, f));
  EXPECT_FALSE(Legal({0, 0}, f));
  EXPECT_FALSE(Legal({OP_ATC_INV, 53}, f));
  EXPECT_FALSE(Legal({OP_ATC_INV | CMD0_SSEC, 0}, f));
  EXPECT_FALSE(Legal({OP_TLBI_S2_IPA, 0}, f));
  EXPECT_FALSE(Legal({OP_RESUME, 0}, f));
  EXPECT_FALSE(Legal({OP_TLBI_NH_VA, CMD_TLBI_NH_VA1_TG}, f));
  EXPECT_TRUE(Legal({OP_TLBI_NH_VA | CMD_TLBI_NH_VA0_NUM, CMD_TLBI_NH_VA1_TG}, f));
  f.pri = true;
  EXPECT_FALSE(Legal({OP_PRI_RESP, CMD_PRI_RESP1_RESP}, f));
  EXPECT_TRUE(Legal({OP_PRI_RESP, 0}, f));
}

TEST(Tlbi, Covers) {
  TlbTag t;
  t.used = t.stage1 = true;
  t.asid = 7;
  t.vmid = 3;
  t.va = 0x4020'1000;
  t.size = 0x20'0000;
  const uint64_t tags = Put(3, CMD_TLBI_NH_VA0_VMID) | Put(7, CMD_TLBI_NH_VA0_ASID);
  EXPECT_TRUE(TlbiCovers({OP_TLBI_NH_VA | tags, 0x4000'0000 + 0x3F'F000}, t, false, true)) << "any page of the block";
  EXPECT_FALSE(TlbiCovers({OP_TLBI_NH_VA | tags, 0x4040'0000}, t, false, true));
  EXPECT_FALSE(TlbiCovers({OP_TLBI_NH_VA | Put(3, CMD_TLBI_NH_VA0_VMID), 0x4020'0000}, t, false, true)) << "other ASID";
  EXPECT_TRUE(TlbiCovers({OP_TLBI_NH_VAA | Put(3, CMD_TLBI_NH_VA0_VMID), 0x4020'0000}, t, false, true));
  const uint64_t range = Put(3, CMD_TLBI_NH_VA0_NUM) | Put(9, CMD_TLBI_NH_VA0_SCALE);  // 4 x 512 pages
  EXPECT_TRUE(TlbiCovers({OP_TLBI_NH_VA | tags | range, 0x3FC0'0000 | 1 << 10}, t, false, true));
  EXPECT_FALSE(TlbiCovers({OP_TLBI_NH_VA | tags | range, 0x3FA0'0000 | 1 << 10}, t, false, true));
  t.global = true;
  EXPECT_FALSE(TlbiCovers({OP_TLBI_NH_ASID | tags, 0}, t, false, true));
  EXPECT_FALSE(TlbiCovers({OP_TLBI_NSNH_ALL, 0}, TlbTag{true, Regime::kEl2, true}, false, true));
}

TEST(Staleness, CountsFromTheSyncOn) {
  Staleness s;
  s.Consumed({OP_CFGI_STE | uint64_t{0x100} << 32, 1}, 4);
  EXPECT_TRUE(s.ConfigAllowed(3, s.Mark(), 0x100, false, 0)) << "not complete";
  const size_t before = s.Mark();
  s.Complete(1);
  EXPECT_FALSE(s.ConfigAllowed(3, s.Mark(), 0x100, false, 0));
  EXPECT_TRUE(s.ConfigAllowed(3, before, 0x100, false, 0)) << "accepted before the SYNC completed";
  EXPECT_TRUE(s.ConfigAllowed(4, s.Mark(), 0x100, false, 0));
  EXPECT_TRUE(s.ConfigAllowed(3, s.Mark(), 0x200, false, 0));
}

TEST(Tracker, TagsAndCounts) {
  Tracker t(2, 32);
  InvMessage m;
  m.rid = 0x200;
  t.Expect(0, m);
  t.Expect(0, m);
  EXPECT_EQ(t.Outstanding(0), 2);
  EXPECT_NE(t.Sent(0, 0, m, 1), "") << "wrong port";
  EXPECT_EQ(t.Sent(1, 4, m, 1), "");
  EXPECT_NE(t.Sent(1, 4, m, 1), "") << "busy";
  t.Complete(0x200, 1u << 4, 2);
  EXPECT_EQ(t.Outstanding(0), 2) << "one of two copies";
  t.Complete(0x200, 1u << 4, 3);
  EXPECT_EQ(t.Stray(kStrayCount), 1u);
  t.Complete(0x200, 1u << 4, 2);
  EXPECT_EQ(t.Outstanding(0), 1);
  EXPECT_EQ(t.Sent(1, 5, m, 10), "");
  t.Expire(10);
  EXPECT_EQ(t.TimedOut(0), 1);
  EXPECT_EQ(t.Quarantined(1), 1);
  t.Complete(0x200, 1u << 5, 1);
  EXPECT_EQ(t.Stray(kStrayLate), 1u);
  EXPECT_EQ(t.Quarantined(1), 0);
  t.Complete(0x200, 1u << 5, 1);
  EXPECT_EQ(t.Stray(kStrayNotBusy), 1u);
  t.Complete(0x900, 3, 1);
  EXPECT_EQ(t.Stray(kStrayRequester), 2u);
}

TEST(Registers, Guards) {
  Registers r{Features{}};
  r.Write(SMMU_CMDQ_BASE, 0x8010'0000 | 8);
  r.Write(SMMU_CR0, SMMU_CR0_CMDQEN);
  r.Write(SMMU_CMDQ_BASE, 0);
  r.Write(SMMU_CMDQ_CONS, 5);
  uint32_t v = 0;
  ASSERT_TRUE(r.Read(SMMU_CMDQ_BASE, &v));
  EXPECT_EQ(v, 0x8010'0008u);
  ASSERT_TRUE(r.Read(SMMU_CMDQ_CONS, &v));
  EXPECT_EQ(v, 0u);
  r.CommandError(CERROR_ILL);
  r.CommandError(CERROR_ILL);
  EXPECT_EQ(r.ActiveErrors(), 1u) << "a second error while active changes nothing";
  r.Write(SMMU_GERRORN, 0x14);
  EXPECT_EQ(r.ActiveErrors(), 1u) << "inactive bits are not toggled";
  r.Write(SMMU_GERRORN, 1);
  EXPECT_EQ(r.ActiveErrors(), 0u);
}

}  // namespace
}  // namespace model
