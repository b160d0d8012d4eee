// SPDX-License-Identifier: Apache-2.0
//
// The endpoint against a reference of what its ATC holds: random transfers, answers and invalidations, one transfer at a time.
// Each transfer must go where the reference says (at once, or after a request), and the number of entries must agree after
// each. The reference with one of its rules broken must disagree, else the run would not test that rule.
#include <random>

#include "../ep_atc_ref.h"
#include "../ep_root.h"

namespace atcbench::tb {
namespace {

enum class Mutant {
  kNone,
  kFirstPageOnly,   // an invalidation reaches only the entry of its first page (pitfalls 11 and 12)
  kNarrowPrefixless,  // one without PASID spares entries with PASID (pitfall 27)
  kNoGlobal,        // Global Invalidate reaches its own PASID only
  kNoMark,          // open requests are not marked (pitfall 13)
  kMarkAll,         // ... or always
  kLargerUnchecked,  // ranges larger than asked are not compared with what was invalidated meanwhile (D11)
  kEmptyCached,     // answers without permission are cached
  kFirstRangeOnly,  // of an answer of several
};

class Reference {
 public:
  Reference(unsigned seed, unsigned pages, unsigned search, Mutant mutant, uint32_t fault = 0)
      : rng_(seed), pages_(pages), mutant_(mutant), atc_(1, 64, 0) {
    r_.dut().xlat_pages_i = static_cast<uint8_t>(pages - 1);
    r_.dut().inv_search_i = static_cast<uint16_t>(search);
    r_.Enable(false);
    r_.CfgWrite(CFG_PASID_CAP_CTRL, CFG_PASID_CAP_CTRL_ENABLE, 0xc);
    r_.CfgWrite(CFG_ATS_CAP_CTRL, 0x80000000, 0xc);
    r_.BarWrite(EP_FAULT_CTRL, fault);
    r_.translate = [](const Tlp&) { return Answer{true}; };
    r_.read = [](const Tlp&) { return Answer{}; };
  }

  // Runs until `transfers` are done or something disagrees; the number of disagreements.
  unsigned Go(unsigned transfers) {
    for (unsigned n = 0; n < transfers && wrong_ == 0; ++n) {
      if (rng_() % 6 == 0) Invalidate();
      Transfer();
      if (r_.BarRead(EP_STAT_ATC) != atc_.Count()) Wrong("number of entries");
    }
    return wrong_;
  }
  unsigned hits = 0, asked = 0, repeated = 0, dropped = 0;
  std::string what;

 private:
  void Wrong(const char* why) {
    ++wrong_;
    what = why;
  }
  // A range of the window, and what reaches it.
  void Invalidate() {
    AtcRange key;
    const unsigned log2 = rng_() % 4 ? static_cast<unsigned>(rng_() % 4) : static_cast<unsigned>(rng_() % 11);
    key.mask = (1ull << log2) - 1;
    key.page = (kBase >> 12) + (rng_() % 40 & ~key.mask);
    const int pasid = static_cast<int>(rng_() % 4) - 1;  // -1: none
    const bool global = pasid >= 0 && rng_() % 4 == 0;
    key.pasid_valid = pasid >= 0;
    key.pasid = pasid >= 0 ? static_cast<uint32_t>(pasid) : 0;
    key.any = pasid < 0 ? mutant_ != Mutant::kNarrowPrefixless : global && mutant_ != Mutant::kNoGlobal;
    r_.Send(Root::InvTlp(itag_++ % 32, key.page << 12, log2, pasid, global));
    r_.Run(100);
    if (mutant_ == Mutant::kFirstPageOnly) key.mask = 0;
    atc_.Invalidate(key);
    since_.push_back(key);
  }
  static bool Reaches(const AtcRange& key, const AtcRange& of, uint64_t first, uint64_t last) {
    return (key.page & ~key.mask) <= last && first <= (key.page | key.mask) &&
           (key.any || (key.pasid_valid == of.pasid_valid && (!key.pasid_valid || key.pasid == of.pasid)));
  }
  void Transfer() {
    AtcRange key;
    key.page = (kBase >> 12) + rng_() % 32;
    key.pasid_valid = rng_() % 3 != 0;
    key.pasid = key.pasid_valid ? static_cast<uint32_t>(rng_() % 3) : 0;
    const bool write = rng_() % 2;
    const size_t from = r_.up.size();
    r_.StartDma(Root::Dma()
                    .base(key.page << 12)
                    .pasid(key.pasid_valid ? EP_DMA_PASID_VALID | key.pasid : 0)
                    .flags((write ? EP_DMA_CTRL_WR : EP_DMA_CTRL_RD) | EP_DMA_CTRL_USE_ATS));
    r_.Run(30);
    const AtcRef::Entry* e = atc_.Lookup(key);
    if (e != nullptr && e->rwxu & (write ? 4u : 8u)) {
      ++hits;
      if (!r_.held.empty()) Wrong("a request although the ATC holds the translation");
      Check(from, key, *e);
      r_.held.clear();
      return;
    }
    ++asked;
    for (unsigned round = 0;; ++round) {
      if (r_.held.size() != 1) return Wrong("no request");
      const Tlp req = r_.held[0];
      r_.held.clear();
      if (req.addr() >> 12 != key.page || req.length() != 2 * pages_) return Wrong("another request");
      since_.clear();
      while (round < 3 && rng_() % 2) Invalidate();
      if (!Answered(req, key)) {
        ++repeated;
        continue;
      }
      break;
    }
    e = atc_.Lookup(key);
    if (e != nullptr && e->rwxu & (write ? 4u : 8u)) return Check(from, key, *e);
    ++dropped;
    if (r_.Saw(IsTranslated, from) || r_.Saw(IsUntranslated, from)) Wrong("a transfer without permission");
    if (!r_.held.empty()) Wrong("a request after an answer");
    r_.held.clear();
  }
  // Answers the request; false if the reference says that the answer is stale.
  bool Answered(const Tlp& req, const AtcRange& key) {
    const unsigned log2 = rng_() % 3 ? 0 : static_cast<unsigned>(rng_() % 10);
    const uint64_t size = 1ull << log2;
    const unsigned count = 1 + static_cast<unsigned>(rng_() % pages_);
    const uint64_t to = (rng_() % 0xffffff) << 20 & ~(size - 1);
    std::vector<unsigned> flags(count);
    for (unsigned& f : flags) f = static_cast<unsigned>(rng_() % 8);
    Answer a{false, kSc, Entry(to << 12, flags[0], log2), 0};
    for (unsigned k = 1; k < count; ++k) a.more.push_back(Entry((to + k * size) << 12, flags[k], log2));
    r_.Send(Root::CplTlp(req, a));
    r_.Run(60);
    bool stale = mutant_ == Mutant::kMarkAll && !since_.empty();
    for (const AtcRange& inv : since_) stale |= Reaches(inv, key, key.page, key.page + pages_ - 1);
    if (mutant_ == Mutant::kNoMark) stale = false;
    if (stale) return false;
    for (unsigned k = count; k-- > 0;) {
      AtcRange range = key;
      range.mask = size - 1;
      range.page = (key.page & ~range.mask) + k * size;
      for (const AtcRange& inv : since_) {
        if (log2 > 0 && mutant_ != Mutant::kLargerUnchecked && Reaches(inv, key, range.page, range.page + size - 1)) return false;
      }
      const bool cached = (flags[k] & 3) != 0 || mutant_ == Mutant::kEmptyCached;
      if (!cached || (k > 0 && mutant_ == Mutant::kFirstRangeOnly)) continue;
      atc_.Insert(range, to + k * size, (flags[k] & 1) << 3 | (flags[k] & 2) << 1 | (flags[k] & 4) >> 2);
    }
    return true;
  }
  // The transfer has left with the address that the entry gives.
  void Check(size_t from, const AtcRange& key, const AtcRef::Entry& e) {
    const long at = r_.Find([](const Tlp& t) { return IsTranslated(t) || IsUntranslated(t); }, from);
    if (at < 0) return Wrong("no transfer");
    const Tlp& t = r_.up[static_cast<size_t>(at)].tlp;
    const bool untranslated = e.rwxu & 1;
    const uint64_t page = untranslated ? key.page : (e.pa & ~e.range.mask) | (key.page & e.range.mask);
    if (t.at() != (untranslated ? 0u : 2u) || t.addr() >> 12 != page) Wrong("a transfer to another page");
  }

  Root r_;
  std::mt19937_64 rng_;
  const unsigned pages_;
  const Mutant mutant_;
  AtcRef atc_;
  std::vector<AtcRange> since_;  // invalidated since the request left
  unsigned itag_ = 0;
  unsigned wrong_ = 0;
};

TEST(EpModel, RandomRunsAgree) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    Reference x(seed, 1 + seed % 4, seed % 2 ? 0 : 7, Mutant::kNone);
    EXPECT_EQ(x.Go(500), 0u) << x.what << ", seed " << seed;
    EXPECT_GT(x.hits, 30u);
    EXPECT_GT(x.asked, 150u);
    EXPECT_GT(x.repeated, 20u);
    EXPECT_GT(x.dropped, 20u);
  }
}

TEST(EpModel, EachRuleMatters) {
  for (int m = static_cast<int>(Mutant::kFirstPageOnly); m <= static_cast<int>(Mutant::kFirstRangeOnly); ++m) {
    unsigned found = 0;
    for (unsigned seed = 1; seed <= 4 && found == 0; ++seed) {
      found = Reference(seed, 3, 0, static_cast<Mutant>(m)).Go(500);
    }
    EXPECT_GT(found, 0u) << "mutant " << m;
  }
}

TEST(EpModel, SeesADeviceThatKeepsEntries) {
  EXPECT_GT(Reference(1, 1, 0, Mutant::kNone, EP_FAULT_CTRL_KEEP_STALE).Go(500), 0u);
}

}  // namespace
}  // namespace atcbench::tb
