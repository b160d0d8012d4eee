// SPDX-License-Identifier: Apache-2.0
//
// Says when a device that was isolated first reaches memory again: event first_good_access.
#pragma once

#include <map>

#include "atcbench/simulation.h"

namespace atcbench {

class RecoveryWatch {
 public:
  explicit RecoveryWatch(Simulation& sim) : log_(sim.log()), functions_(sim.config().functions()) {
    sim.log().observe([this](const Event& e) { on_event(e); });
    sim.ownership().on_access([this](const Ownership::Access& a) { on_access(a); });
  }

 private:
  enum class State { kHealthy, kBroken, kBack };

  void on_event(const Event& e) {
    if (e.event == EV_INV_TIMEOUT) devices_[e.src] = State::kBroken;
    if (e.event == EV_REATTACHED) {
      const auto it = devices_.find(functions_.endpoint(e.a0));
      if (it != devices_.end() && it->second == State::kBroken) it->second = State::kBack;
    }
  }
  void on_access(const Ownership::Access& a) {
    if (devices_.empty() || !a.good || !a.translated) return;
    const auto it = devices_.find(a.endpoint);
    if (it == devices_.end() || it->second != State::kBack) return;
    log_.add(EV_FIRST_GOOD_ACCESS, static_cast<uint16_t>(a.endpoint), 0, a.addr, 0);
    devices_.erase(it);
  }

  EventLog& log_;
  FunctionMap functions_;
  std::map<unsigned, State> devices_;
};

}  // namespace atcbench
