// SPDX-License-Identifier: Apache-2.0
//
// Every translation that a device is given is one that the tables held at a legal moment.
#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <vector>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"

namespace atcbench {
namespace {

constexpr uint64_t kPageMask = 0xfff;
constexpr uint64_t kReadable = 1, kWritable = 2;  // of a translation completion entry
constexpr uint64_t kSizeBit = 1 << 11;            // more than one page
constexpr size_t kKept = 8;                       // former owners of a page

// A page is mapped for a domain from its grant to its release at most (the entry is written after the one and cleared
// before the other), so an answer is legal if such an interval overlaps the time between request and answer.
class TranslationOracle final : public Oracle {
 public:
  TranslationOracle() : Oracle("translation_in_tables") {}

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_PAGE_GRANT: {
        std::vector<Interval>& owners = pages_[e.a1 & ~kPageMask];
        if (owners.size() == kKept) owners.erase(owners.begin());
        owners.push_back({e.a0, e.a2 & ~kPageMask, (e.a2 & 1) != 0, e.cycle, kNever});
        break;
      }
      case EV_PAGE_RELEASE:
        for (Interval& owner : pages_[e.a1 & ~kPageMask])
          if (owner.domain == e.a0 && owner.to == kNever) owner.to = e.cycle;
        break;
      case EV_XLAT_REQ:
        open_[{e.src, e.a0}] = {e.cycle, e.a2};
        break;
      case EV_XLAT_CPL: {
        const auto it = open_.find({e.src, e.a0});
        if (it == open_.end()) {
          fail(e.cycle, fmt::format("device {} got an answer with tag {:#x}, which it did not ask with", e.src, e.a0));
          break;
        }
        if (e.a1 == 0 && (e.a2 & (kReadable | kWritable))) judge(e, it->second);
        open_.erase(it);
        break;
      }
      case EV_FLR_START:
        open_.erase(open_.lower_bound({e.src, 0}), open_.upper_bound({e.src, UINT32_MAX}));
        break;
      default:
        break;
    }
  }

 private:
  struct Interval {
    uint32_t domain;
    uint64_t iova;
    bool writable;
    Cycle from, to;
  };
  struct Request {
    Cycle cycle = 0;
    uint64_t addr = 0;
  };

  void judge(const Event& e, const Request& request) {
    uint64_t page = e.a2 & ~kPageMask;
    if (e.a2 & kSizeBit) {
      // The lowest zero bit from bit 12 on says how large it is; the bits below it are not part of the address.
      uint64_t size = 2 * (kPageMask + 1);
      while (size && (e.a2 & (size >> 1))) size <<= 1;
      page = (e.a2 & ~(size - 1)) | (request.addr & (size - 1) & ~kPageMask);
    }
    const bool write = (e.a2 & kWritable) != 0;
    const auto it = pages_.find(page);
    if (it != pages_.end())
      for (const Interval& owner : it->second)
        if (owner.iova == (request.addr & ~kPageMask) && owner.from <= e.cycle && owner.to >= request.cycle &&
            (owner.writable || !write))
          return;
    fail(e.cycle, fmt::format("device {} was told that {:#x} is at {:#x}{}; no table said so between cycles {} and {}", e.src,
                              request.addr, page, write ? ", writable" : "", request.cycle, e.cycle));
  }

  std::unordered_map<uint64_t, std::vector<Interval>> pages_;
  std::map<std::pair<uint16_t, uint32_t>, Request> open_;  // device, tag
};

}  // namespace

std::unique_ptr<Oracle> make_translation_oracle() { return std::make_unique<TranslationOracle>(); }

}  // namespace atcbench
