// SPDX-License-Identifier: Apache-2.0
//
// What happens to each function while something is done to one of them, counted from what hardware and driver did.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "atcbench/testbed.h"

namespace atcbench {

class Siblings {
 public:
  struct One {
    unsigned blocked = 0;      // its StreamID got the blocking STE
    bool ats = false;
    unsigned ats_enabled = 0;  // its ATS Enable became 1,
    unsigned ats_lost = 0;     // and it lost ATS: by a write, by a reset, or because it was answered UR, whatever comes first
    unsigned resets = 0;  // function level resets of its own
    unsigned refused = 0;   // its memory requests that were aborted
    Cycle last_good = 0;    // access of its own page
    Cycle longest_gap = 0;  // between two of them
    Cycle round_trip = 0;   // longest of an invalidation that was answered
  };

  explicit Siblings(Testbed& testbed) : functions_(testbed.config().functions()), all_(testbed.config().system.devices) {
    testbed.sim().log().observe([this](const Event& e) { on_event(e); });
    testbed.sim().ownership().on_access([this](const Ownership::Access& a) { on_access(a); });
    for (unsigned i = 0; i < all_.size(); ++i)
      presents_.push_back(testbed.config().one_stream() && i < testbed.config().load.group ? functions_.rid(0) : functions_.rid(i));
  }

  // From here on: gaps and round trips of before do not count.
  void mark() {
    for (One& one : all_) one.longest_gap = one.round_trip = 0;
  }
  const One& operator[](unsigned index) const { return all_[index]; }

 private:
  void on_event(const Event& e) {
    over_ |= e.event == EV_SCENARIO_PHASE && e.a0 == static_cast<uint32_t>(Phase::kDrain);  // detached, like everybody
    if (over_) return;
    if (e.event == EV_BLOCKED) {
      for (unsigned i = 0; i < all_.size(); ++i) all_[i].blocked += presents_[i] == e.a0;
      return;
    }
    if (e.src >= all_.size()) return;
    One& one = all_[e.src];
    switch (e.event) {
      case EV_ATS_ENABLED:
        ++one.ats_enabled;
        one.ats = true;
        break;
      case EV_ATS_DISABLED:
        one.ats_lost += one.ats;
        one.ats = false;
        break;
      case EV_FLR_START:
        ++one.resets;
        break;
      case EV_TXN_ABORT:
        ++one.refused;
        break;
      case EV_INV_SENT:
        sent_[{e.src, e.a0}] = e.cycle;
        break;
      case EV_INV_CPL:
        one.round_trip = std::max(one.round_trip, e.cycle - sent_[{e.src, e.a0}]);
        break;
      default:
        break;
    }
  }
  void on_access(const Ownership::Access& a) {
    if (!a.good || a.endpoint >= all_.size()) return;
    One& one = all_[a.endpoint];
    if (one.last_good) one.longest_gap = std::max(one.longest_gap, a.cycle - one.last_good);
    one.last_good = a.cycle;
  }

  FunctionMap functions_;
  std::vector<One> all_;
  std::vector<uint16_t> presents_;  // StreamIDs
  std::map<std::pair<uint16_t, uint32_t>, Cycle> sent_;
  bool over_ = false;
};

// Where core, STE and device differ about the endpoint, or it is not in service; empty: nowhere. In a task.
inline std::string disagreement(Testbed& testbed, Testbed::Endpoint& ep, bool wants_ats) {
  iommu_device_info i;
  testbed.call(iommu_device_get_info, ep.dev, &i);
  const bool on = testbed.call(pci_ats_check_disabled, ep.pdev) != 0;
  if (i.reset_depth == 0 && i.state == IOMMU_DEV_OK && i.ats_on == wants_ats && (i.ste_eats || !wants_ats) && on == wants_ats) return {};
  return " endpoint " + std::to_string(ep.index) + ": depth " + std::to_string(i.reset_depth) + ", state " +
         std::to_string(static_cast<int>(i.state)) + ", core " + std::to_string(i.ats_on) + ", EATS " + std::to_string(i.ste_eats) +
         ", ATS enable " + std::to_string(on) + ";";
}

}  // namespace atcbench
