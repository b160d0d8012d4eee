// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>
#include <utility>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"

namespace atcbench {
namespace {

// At the device: what it asked, and what it was told (events page_asked, page_answered). A response carries the PASID of the
// group that it answers (pcie-ats.md section 10; the endpoints say PRG Response PASID Required).
class PriOracle final : public Oracle {
 public:
  explicit PriOracle(const FunctionMap& functions) : Oracle("page_requests_answered_once"), functions_(functions) {}

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_PAGE_ASKED: {
        if (!(e.a2 & kLast)) break;  // the group is answered when its last request has been sent
        if (!open_.emplace(group(e), Asked{e.cycle, e.a1}).second)
          fail(e.cycle, fmt::format("endpoint {} asks with group index {} while that is unanswered", e.src, e.a0));
        break;
      }
      case EV_PAGE_ANSWERED:
        if (const auto it = open_.find(group(e)); it != open_.end()) {
          if (it->second.pasid != e.a2)
            fail(e.cycle, fmt::format("endpoint {}: group {} was asked for with PASID {:#x}, answered with {:#x}", e.src, e.a0,
                                      it->second.pasid, e.a2));
          open_.erase(it);
          break;
        }
        if (lost_.erase(group(e))) break;  // asked in a former life of the function
        fail(e.cycle, fmt::format("endpoint {}: group {} is answered, but is not waiting", e.src, e.a0));
        break;
      // A reset of a physical function takes its virtual ones along, the link everybody behind it.
      case EV_FLR_START:
        lose({e.src, e.src + 1u});
        lose(functions_.taken_along(e.src));
        break;
      case EV_LINK_DOWN: {
        const FunctionMap::Span behind = functions_.behind(e.src);
        open_.erase(of(behind.first), of(behind.last));
        break;
      }
      default:
        break;
    }
  }

  void finish(Cycle) override {
    for (const auto& [group, asked] : open_)
      fail(asked.cycle, fmt::format("endpoint {}: group {} was never answered", group.first, group.second));
  }

 private:
  using Group = std::pair<uint16_t, uint32_t>;
  static constexpr uint64_t kLast = 4;

  struct Asked {
    Cycle cycle;
    uint64_t pasid;  // 0: none
  };

  static Group group(const Event& e) { return {e.src, e.a0}; }
  std::map<Group, Asked>::iterator of(unsigned endpoint) { return open_.lower_bound({static_cast<uint16_t>(endpoint), 0}); }
  void lose(FunctionMap::Span endpoints) {
    lost_.insert(of(endpoints.first), of(endpoints.last));
    open_.erase(of(endpoints.first), of(endpoints.last));
  }

  const FunctionMap functions_;

  std::map<Group, Asked> open_;
  std::map<Group, Asked> lost_;
};

}  // namespace

std::unique_ptr<Oracle> make_pri_oracle(const FunctionMap& functions) { return std::make_unique<PriOracle>(functions); }

}  // namespace atcbench
