// SPDX-License-Identifier: Apache-2.0
//
// Table-update order. Hardware may fetch an entry at any time, dword by dword, and keep it until CFGI + SYNC. So between two
// syncs any subset of the stores made so far may be what it acts on, on top of anything it could have had before. The test
// replays the stores of each transition and asks an oracle, written from smmuv3.md §5 with its own constants, what each such
// mixture means: for a hitless transition it must be the old meaning or the new one, otherwise also "aborts".

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

extern "C" {
#include "../../sw/smmu/smmu_master.h"
}

namespace {

using Entry = std::array<uint64_t, 8>;

uint64_t Bits(uint64_t v, unsigned hi, unsigned lo) { return v >> lo & ((uint64_t{2} << (hi - lo)) - 1); }

// What an STE makes the SMMU do. Two equal strings cannot be told apart by any device.
std::string SteMeaning(const Entry& e) {
  if (!(e[0] & 1)) return "C_BAD_STE";
  const uint64_t config = Bits(e[0], 3, 1);
  if (config < 4) return "abort";
  auto hex = [](uint64_t v) { return std::to_string(v) + "."; };
  if (config == 4) return "bypass." + hex(Bits(e[1], 45, 44)) + hex(Bits(e[1], 51, 46)) + hex(Bits(e[1], 40, 32));
  if (config == 5) {
    if (Bits(e[1], 27, 27)) return "C_BAD_STE";  // S1STALLD with STALL_MODEL = 1
    if (Bits(e[1], 30, 30)) return "C_BAD_STE";  // STRW x1
    return "s1." + hex(Bits(e[0], 5, 4)) + hex(Bits(e[0], 55, 6)) + hex(Bits(e[0], 63, 59)) + hex(Bits(e[1], 7, 0)) +
           "eats" + hex(Bits(e[1], 29, 28)) + hex(Bits(e[1], 31, 30));
  }
  return "stage 2";
}

std::string CdMeaning(const Entry& e) {
  if (!(e[0] >> 31 & 1)) return "C_BAD_CD";
  // EPD1 = 1: T1SZ .. SH1 and dword 2 mean nothing; the same of TTB0 with EPD0
  uint64_t dw0 = e[0], dw1 = e[1], dw2 = e[2];
  if (dw0 >> 30 & 1) {
    dw0 &= ~uint64_t{0x3fff0000};
    dw2 = 0;
  }
  if (dw0 >> 14 & 1) {
    dw0 &= ~uint64_t{0x3fff};
    dw1 &= ~uint64_t{0x000ffffffffffff0};
  }
  auto text = [](uint64_t v) { return std::to_string(v) + "."; };
  return text(dw0) + text(dw1 & 0x000fffffffffffff) + text(dw2) + text(e[3]) + text(e[4]);
}

// Plays hardware: everything it may be holding, as a set of entries, after each store and each sync.
class Replay {
 public:
  Replay(const Entry& start, std::string (*meaning)(const Entry&)) : mem(start), meaning_(meaning) { Observe(start); }

  void Store(unsigned i, uint64_t v) {
    stores.push_back(i);
    versions_[i].push_back(v);
    mem[i] = v;
    // every mixture of the versions of this interval
    Entry e{};
    Mix(0, e);
  }
  void Sync() {
    syncs++;
    for (auto& v : versions_) v.clear();
    base_ = mem;
    Observe(mem);
    at_sync.push_back(meaning_(mem));
  }

  Entry mem;
  std::set<std::string> meanings;
  std::vector<std::string> at_sync;
  std::vector<unsigned> stores;
  int syncs = 0;

  static uint64_t Load(void* ctx, unsigned i) { return static_cast<Replay*>(ctx)->mem[i]; }
  static void StoreOp(void* ctx, unsigned i, uint64_t v) { static_cast<Replay*>(ctx)->Store(i, v); }
  static int SyncOp(void* ctx) {
    static_cast<Replay*>(ctx)->Sync();
    return 0;
  }

 private:
  void Observe(const Entry& e) { meanings.insert(meaning_(e)); }
  void Mix(unsigned i, Entry& e) {
    if (i == 8) {
      Observe(e);
      return;
    }
    e[i] = base_[i];
    Mix(i + 1, e);
    for (uint64_t v : versions_[i]) {
      e[i] = v;
      Mix(i + 1, e);
    }
  }

  std::string (*meaning_)(const Entry&);
  Entry base_ = mem;
  std::array<std::vector<uint64_t>, 8> versions_;
};

const smmu_entry_ops kSteOps = {smmu_ste_used, 1, Replay::Load, Replay::StoreOp, Replay::SyncOp};
const smmu_entry_ops kCdOps = {smmu_cd_used, 0, Replay::Load, Replay::StoreOp, Replay::SyncOp};

struct Named {
  const char* name;
  Entry e;
};

Entry Ste(smmu_ste_kind kind, uint64_t cd_table, bool eats, unsigned ssid_bits = 0) {
  smmu_master m{};
  m.ssid_bits = ssid_bits;
  Entry e;
  smmu_ste_make(&m, kind, cd_table, eats, e.data());
  return e;
}

std::vector<Named> Stes() {
  return {
      {"abort", Ste(SMMU_STE_ABORT, 0, false)},
      {"bypass", Ste(SMMU_STE_BYPASS, 0, false)},
      {"s1 table A", Ste(SMMU_STE_S1, 0x80010000, false)},
      {"s1 table A, EATS", Ste(SMMU_STE_S1, 0x80010000, true)},
      {"s1 table B", Ste(SMMU_STE_S1, 0x80020040, false)},
      {"s1 table B, EATS", Ste(SMMU_STE_S1, 0x80020040, true)},
  };
}

TEST(SteMake, HandConstants) {
  EXPECT_EQ(Ste(SMMU_STE_ABORT, 0, false), (Entry{1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Ste(SMMU_STE_BYPASS, 0, false), (Entry{9, uint64_t{1} << 44, 0, 0, 0, 0, 0, 0}));
  // V, Config 101, linear, pointer, S1CDMax 4; S1DSS 2, CIR = COR = 1, CSH = 3, EATS 01, STRW 0
  EXPECT_EQ(Ste(SMMU_STE_S1, 0x80010000, true, 4),
            (Entry{0x200000008001000b, 0x100000d6, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Ste(SMMU_STE_S1, 0x80010000, false)[1], 0xd6u);
}

TEST(SteUpdate, EveryTransitionShowsOldOrNewOnly) {
  const auto all = Stes();
  for (const auto& from : all) {
    for (const auto& to : all) {
      SCOPED_TRACE(std::string(from.name) + " -> " + to.name);
      Replay r(from.e, SteMeaning);
      smmu_entry_how how;
      ASSERT_EQ(smmu_entry_write(&kSteOps, &r, to.e.data(), &how), 0);
      EXPECT_EQ(r.mem, to.e);
      const std::string before = SteMeaning(from.e), after = SteMeaning(to.e);
      std::set<std::string> allowed = {before, after};
      if (how == ENTRY_STOPPED) allowed.insert("abort");
      for (const auto& m : r.meanings) EXPECT_TRUE(allowed.count(m)) << m;
      if (before == after) {
        EXPECT_EQ(how, ENTRY_SAME);
      } else {
        ASSERT_GT(r.syncs, 0);
        EXPECT_EQ(r.at_sync.back(), after);
        EXPECT_FALSE(r.stores.empty());
      }
    }
  }
}

TEST(SteUpdate, TheTransitionsOfTheDriverAreHitless) {
  const auto all = Stes();
  // All but those that change the table (dword 0) and EATS (dword 1) at once: a re-attach of an isolated, unblocked device.
  const std::set<std::pair<int, int>> stopped = {{2, 5}, {5, 2}, {3, 4}, {4, 3}};
  for (int i = 0; i < 6; i++) {
    for (int j = 0; j < 6; j++) {
      Replay r(all[static_cast<size_t>(i)].e, SteMeaning);
      smmu_entry_how how;
      ASSERT_EQ(smmu_entry_write(&kSteOps, &r, all[static_cast<size_t>(j)].e.data(), &how), 0);
      EXPECT_EQ(how == ENTRY_STOPPED, stopped.count({i, j}) != 0)
          << all[static_cast<size_t>(i)].name << " -> " << all[static_cast<size_t>(j)].name;
    }
  }
}

TEST(SteUpdate, EatsOnAndOffIsOneStoreOfDword1) {
  for (bool on : {false, true}) {
    Replay r(Ste(SMMU_STE_S1, 0x80010000, !on), SteMeaning);
    ASSERT_EQ(smmu_entry_write(&kSteOps, &r, Ste(SMMU_STE_S1, 0x80010000, on).data(), nullptr), 0);
    EXPECT_EQ(r.stores, std::vector<unsigned>{1});
    EXPECT_EQ(r.syncs, 1);
  }
}

TEST(SteUpdate, NothingToDoCostsNothing) {
  const Entry e = Ste(SMMU_STE_S1, 0x80010000, true);
  Replay r(e, SteMeaning);
  smmu_entry_how how;
  ASSERT_EQ(smmu_entry_write(&kSteOps, &r, e.data(), &how), 0);
  EXPECT_EQ(how, ENTRY_SAME);
  EXPECT_TRUE(r.stores.empty());
  EXPECT_EQ(r.syncs, 0);
}

TEST(SteUpdate, UsedBitsAreExactlyThoseThatChangeTheMeaning) {
  for (const auto& s : Stes()) {
    Entry used;
    smmu_ste_used(s.e.data(), used.data());
    const std::string before = SteMeaning(s.e);
    for (unsigned i = 0; i < 8; i++) {
      for (unsigned bit = 0; bit < 64; bit++) {
        Entry flipped = s.e;
        flipped[i] ^= uint64_t{1} << bit;
        if (SteMeaning(flipped) != before) {
          EXPECT_TRUE(used[i] >> bit & 1) << s.name << " dword " << i << " bit " << bit;
        }
      }
    }
  }
}

// Whichever sync fails: its error is the result, nothing is stored after it, and what hardware can have seen is still allowed.
TEST(SteUpdate, AnErrorOfAnySyncStopsTheUpdate) {
  struct Failing : Replay {
    using Replay::Replay;
    int fail_at = 0;
  };
  smmu_entry_ops ops = kSteOps;
  ops.sync = [](void* ctx) {
    auto* r = static_cast<Failing*>(static_cast<Replay*>(ctx));
    r->Sync();
    return r->syncs == r->fail_at ? -5 : 0;
  };
  const auto all = Stes();
  unsigned stopped_early = 0;
  for (const auto& from : all) {
    for (const auto& to : all) {
      for (int at = 1; at <= 3; at++) {
        SCOPED_TRACE(std::string(from.name) + " -> " + to.name + " sync " + std::to_string(at));
        Failing r(from.e, SteMeaning);
        r.fail_at = at;
        smmu_entry_how how;
        const int result = smmu_entry_write(&ops, static_cast<Replay*>(&r), to.e.data(), &how);
        EXPECT_EQ(result, r.syncs >= at ? -5 : 0);
        EXPECT_LE(r.syncs, at);
        if (r.syncs < at) EXPECT_EQ(r.mem, to.e);
        std::set<std::string> allowed = {SteMeaning(from.e), SteMeaning(to.e)};
        if (how == ENTRY_STOPPED) allowed.insert("abort");
        for (const auto& m : r.meanings) EXPECT_TRUE(allowed.count(m)) << m;
        stopped_early += result != 0 && r.mem != to.e;
      }
    }
  }
  EXPECT_GT(stopped_early, 0u);
}

// A writer without the intermediate syncs must be caught, or the oracle is worth nothing.
TEST(SteUpdate, TheOracleSeesAMissingSync) {
  Replay r(Ste(SMMU_STE_ABORT, 0, false), SteMeaning);
  const Entry to = Ste(SMMU_STE_S1, 0x80010000, true);
  r.Store(0, to[0]);
  r.Store(1, to[1]);
  EXPECT_GT(r.meanings.size(), 2u);
}

TEST(CdMake, HandConstants) {
  smmu s{};
  s.oas = 5;
  Entry cd;
  smmu_cd_make(&s, 0x80030000, 0x1234, cd.data());
  // T0SZ 16, TG0 0, IR0 = OR0 = 1, SH0 = 3, EPD1, V, IPS 5, AA64, R, A, ASET, ASID
  EXPECT_EQ(cd[0], 0x1234e205c0003510u);
  EXPECT_EQ(cd[1], 0x80030000u);
  EXPECT_EQ(cd[3], 0xffu);
}

TEST(CdUpdate, UsedBitsCoverAllThatChangesTheMeaning) {
  smmu s{};
  s.oas = 5;
  Entry cd;
  smmu_cd_make(&s, 0x80030000, 0x1234, cd.data());
  for (const Entry& from : {cd, Entry{}}) {
    Entry used;
    smmu_cd_used(from.data(), used.data());
    for (unsigned i = 0; i < 8; i++) {
      for (unsigned bit = 0; bit < 64; bit++) {
        // no CD of this driver has them other than smmu_cd_make() does
        if (i == 0 && (bit == 14 || bit == 30)) continue;
        Entry flipped = from;
        flipped[i] ^= uint64_t{1} << bit;
        if (CdMeaning(flipped) != CdMeaning(from)) EXPECT_TRUE(used[i] >> bit & 1) << "dword " << i << " bit " << bit;
      }
    }
  }
  EXPECT_TRUE(cd[0] >> 30 & 1);
  EXPECT_FALSE(cd[0] >> 14 & 1);
}

TEST(CdUpdate, ValidIsTheSwitchInBothDirections) {
  smmu s{};
  s.oas = 5;
  Entry cd;
  smmu_cd_make(&s, 0x80030000, 7, cd.data());
  for (bool on : {true, false}) {
    Replay r(on ? Entry{} : cd, CdMeaning);
    smmu_entry_how how;
    ASSERT_EQ(smmu_entry_write(&kCdOps, &r, on ? cd.data() : Entry{}.data(), &how), 0);
    EXPECT_EQ(how, ENTRY_HITLESS);
    EXPECT_EQ(r.mem, on ? cd : Entry{});
    EXPECT_EQ(r.meanings.size(), 2u);
  }
}

TEST(CdUpdate, AnotherDomainInPlaceGoesThroughInvalid) {
  smmu s{};
  s.oas = 5;
  Entry a, b;
  smmu_cd_make(&s, 0x80030000, 7, a.data());
  smmu_cd_make(&s, 0x80040000, 8, b.data());
  Replay r(a, CdMeaning);
  smmu_entry_how how;
  ASSERT_EQ(smmu_entry_write(&kCdOps, &r, b.data(), &how), 0);
  EXPECT_EQ(how, ENTRY_STOPPED);
  for (const auto& m : r.meanings) EXPECT_TRUE(m == CdMeaning(a) || m == CdMeaning(b) || m == "C_BAD_CD");
}

}  // namespace
