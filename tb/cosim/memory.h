// SPDX-License-Identifier: Apache-2.0
//
// The memory that both sides read: pages of 64-bit words, beats that abort, and the past, so that the model can ask what
// a cache may have seen. Every change of a word or of an abort is one version, or joins the version of its batch.

#ifndef ATCBENCH_TB_COSIM_MEMORY_H_
#define ATCBENCH_TB_COSIM_MEMORY_H_

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/types.h"

namespace cosim {

class Memory : public model::Memory {
 public:
  uint64_t Read64(uint64_t addr) const override {
    if (record) touched.insert(addr >> 4);
    return Peek(addr);
  }
  bool Fails(uint64_t addr) const override {
    if (record) touched.insert(addr >> 4);
    return Bad(addr);
  }
  uint64_t Peek(uint64_t addr) const {
    const Page* page = Find(addr >> 12);
    return page ? (*page)[addr >> 3 & 511] : background ? background(addr & ~uint64_t{7}) : 0;
  }
  bool Bad(uint64_t addr) const { return !bad_.empty() && bad_.count(addr >> 4) != 0; }

  // Contents that nobody caches: queues, MSIs.
  void Poke(uint64_t addr, uint64_t value) {
    const uint64_t number = addr >> 12;
    if (number != last_ || !page_) {
      std::unique_ptr<Page>& p = pages_[number];
      if (!p) {
        p = std::make_unique<Page>();
        for (uint64_t i = 0; background && i < 512; ++i) (*p)[i] = background(number << 12 | i << 3);
      }
      page_ = p.get();
      last_ = number;
    }
    (*page_)[addr >> 3 & 511] = value;
  }
  void SetBad(uint64_t addr, bool bad) {
    if (bad) {
      bad_.insert(addr >> 4);
    } else {
      bad_.erase(addr >> 4);
    }
  }

  // Tables: the old value stays visible to views of older versions.
  void Write(uint64_t addr, uint64_t value) {
    Remember(addr, Peek(addr));
    Poke(addr, value);
  }
  void WriteBad(uint64_t addr, bool bad) {
    Remember(addr | 1, Bad(addr));
    SetBad(addr, bad);
  }
  // Opens a new version; the writes that follow belong to it.
  void Batch() { open_ = false; }
  uint64_t Version() const { return version_; }
  uint64_t Oldest() const { return oldest_; }
  // No cache holds anything older than now.
  void Forget() {
    past_.clear();
    oldest_ = version_;
    open_ = false;
  }
  void Clear() {
    pages_.clear();
    page_ = nullptr;
    last_ = ~uint64_t{0};
    bad_.clear();
    Forget();
  }

  // Memory as it was at a version.
  class View : public model::Memory {
   public:
    View(const cosim::Memory& memory, uint64_t version) : m_(memory), version_(version) {}
    uint64_t Read64(uint64_t addr) const override {
      if (m_.record) m_.touched.insert(addr >> 4);
      uint64_t value;
      return m_.Old(addr, version_, &value) ? value : m_.Peek(addr);
    }
    bool Fails(uint64_t addr) const override {
      if (m_.record) m_.touched.insert(addr >> 4);
      uint64_t value;
      const uint64_t beat = addr & ~uint64_t{15};
      return m_.Old(beat | 1, version_, &value) ? value != 0 : m_.Bad(addr);
    }

   private:
    const cosim::Memory& m_;
    uint64_t version_;
  };

  // The first `reads` words are those of one view, the rest those of another: upper levels from a walk cache.
  class Mixed : public model::Memory {
   public:
    Mixed(const View& upper, const View& rest, int reads) : upper_(upper), rest_(rest), reads_(reads) {}
    uint64_t Read64(uint64_t addr) const override { return reads_-- > 0 ? upper_.Read64(addr) : rest_.Read64(addr); }
    bool Fails(uint64_t addr) const override { return reads_ > 0 ? upper_.Fails(addr) : rest_.Fails(addr); }

   private:
    const View& upper_;
    const View& rest_;
    mutable int reads_;
  };

  // Words that were never written, for memory that is all random; nothing = zero.
  uint64_t (*background)(uint64_t addr) = nullptr;

  // Beats that the model has read, as address / 16.
  bool record = false;
  mutable std::unordered_set<uint64_t> touched;

 private:
  using Page = std::array<uint64_t, 512>;
  struct Past {
    uint64_t until;  // the version that overwrote it
    uint64_t value;
  };
  const Page* Find(uint64_t number) const {
    if (number == last_ && page_) return page_;
    const auto it = pages_.find(number);
    if (it == pages_.end()) return nullptr;
    last_ = number;
    return page_ = it->second.get();
  }
  void Remember(uint64_t key, uint64_t value) {
    if (!open_) ++version_;
    open_ = true;
    std::vector<Past>& past = past_[key];
    if (past.empty() || past.back().until != version_) past.push_back({version_, value});
  }
  bool Old(uint64_t key, uint64_t version, uint64_t* value) const {
    const auto it = past_.find(key);
    if (it == past_.end()) return false;
    for (const Past& p : it->second) {
      if (p.until > version) {
        *value = p.value;
        return true;
      }
    }
    return false;
  }

  std::unordered_map<uint64_t, std::unique_ptr<Page>> pages_;
  std::unordered_set<uint64_t> bad_;
  std::unordered_map<uint64_t, std::vector<Past>> past_;
  uint64_t version_ = 0, oldest_ = 0;
  bool open_ = false;
  mutable uint64_t last_ = ~uint64_t{0};
  mutable Page* page_ = nullptr;
};

}  // namespace cosim

#endif  // ATCBENCH_TB_COSIM_MEMORY_H_
