// SPDX-License-Identifier: Apache-2.0
//
// The invalidation contract, from the SYNC's side and from the device's.
#include <fmt/format.h>

#include <map>
#include <vector>

#include "atcbench/event_names.h"
#include "atcbench/oracle.h"

namespace atcbench {
namespace {

constexpr uint64_t kCerrorAtcInvSync = 3;
constexpr unsigned kTags = 32;

using Tag = std::pair<uint16_t, uint32_t>;  // device, itag

// A SYNC waits for what was issued before it in its queue (D7): every tag of the queue that is busy when a SYNC is
// consumed belongs to commands before it, for a SYNC holds back all later ones (D8).
class SyncOracle final : public Oracle {
 public:
  SyncOracle() : Oracle("sync_waits_for_atc_inv") {}

  void on_event(const Event& e) override {
    // Within a cycle the log's order says nothing, so a SYNC is judged when its cycle is over.
    if (!done_.empty() && e.cycle != done_.front().cycle) judge();
    switch (e.event) {
      case EV_ITAG_ALLOC:
        busy_[{e.src, e.a0}] = {0, e.cycle};
        break;
      case EV_INV_QUEUE:
        busy_[{e.src, e.a0}].queue = static_cast<uint16_t>(e.a1);
        break;
      case EV_INV_CPL:
      case EV_INV_UR_LOCAL:
        busy_.erase({e.src, e.a0});
        break;
      case EV_INV_TIMEOUT:
        if (const auto it = busy_.find({e.src, e.a0}); it != busy_.end()) {
          unreported_.emplace(it->second.queue, e.cycle);
          busy_.erase(it);
        }
        break;
      case EV_INV_REFUSED:
        unreported_.emplace(static_cast<uint16_t>(e.a0), e.cycle);
        break;
      case EV_SYNC_ERROR:
        if (e.a1 == kCerrorAtcInvSync) unreported_.erase(e.src);
        break;
      case EV_SYNC_COMPLETE:
        done_.push_back(e);
        break;
      default:
        break;
    }
  }
  void finish(Cycle) override { judge(); }

 private:
  struct Busy {
    uint16_t queue = 0;
    Cycle since = 0;
  };

  void judge() {
    for (const Event& sync : done_) {
      const std::string which = fmt::format("SYNC {:#x}{}", sync.a0, sync.src ? fmt::format(" of queue {}", sync.src) : "");
      for (const auto& [tag, busy] : busy_)
        if (busy.queue == sync.src && busy.since < sync.cycle)
          fail(sync.cycle, fmt::format("{} completed while device {} itag {} of cycle {} was not answered", which, tag.first,
                                       tag.second, busy.since));
      const auto it = unreported_.find(sync.src);
      if (it != unreported_.end() && it->second < sync.cycle)
        fail(sync.cycle, fmt::format("{} completed, the time-out of cycle {} was never reported", which, it->second));
    }
    done_.clear();
  }

  std::map<Tag, Busy> busy_;
  std::map<uint16_t, Cycle> unreported_;  // queue -> its first time-out that no SYNC has reported
  std::vector<Event> done_;               // SYNCs of the cycle that is not over
};

// What the device must have done before its completion counts.
class CompletionOracle final : public Oracle {
 public:
  CompletionOracle() : Oracle("completion_after_drain") {}

  void on_event(const Event& e) override {
    switch (e.event) {
      case EV_ITAG_ALLOC:
        tags_[{e.src, e.a0}].received = false;
        break;
      case EV_INV_RECEIVED: {
        State& state = tags_[{e.src, e.a0}];
        state = State{};
        state.received = state.open = true;
        break;
      }
      case EV_DRAIN_DONE:
        tags_[{e.src, e.a0}].drained = true;
        if (e.a1 != 0)
          fail(e.cycle, fmt::format("device {} answers itag {} with {} older translated reads outstanding", e.src, e.a0, e.a1));
        break;
      case EV_INV_CPL_SENT:
        for (uint32_t itag = 0; itag < kTags; ++itag) {
          if (!(e.a0 >> itag & 1)) continue;
          const State& state = tags_[{e.src, itag}];
          if (!state.open)
            fail(e.cycle, fmt::format("device {} completed itag {}, which it was never sent", e.src, itag));
          else if (!state.drained)
            fail(e.cycle, fmt::format("device {} completed itag {} before the drain was done", e.src, itag));
        }
        break;
      case EV_INV_CPL: {
        const auto it = tags_.find({e.src, e.a0});
        if (it == tags_.end() || !it->second.received)
          fail(e.cycle, fmt::format("a completion was taken for device {} itag {}, which it had not received", e.src,
                                    e.a0));
        break;
      }
      default:
        break;
    }
  }

 private:
  struct State {
    bool open = false;      // received by the device at some time
    bool received = false;  // received since the tag was allocated
    bool drained = false;
  };
  std::map<Tag, State> tags_;
};

}  // namespace

std::unique_ptr<Oracle> make_sync_oracle() { return std::make_unique<SyncOracle>(); }
std::unique_ptr<Oracle> make_completion_oracle() { return std::make_unique<CompletionOracle>(); }

void OracleSet::attach(EventLog& log) {
  log.observe([this](const Event& e) {
    for (auto& oracle : oracles_) oracle->on_event(e);
  });
}

void OracleSet::finish(Cycle now) {
  for (auto& oracle : oracles_) oracle->finish(now);
}

std::vector<CheckResult> OracleSet::results() const {
  std::vector<CheckResult> all;
  for (const auto& oracle : oracles_) all.push_back(oracle->result());
  return all;
}

}  // namespace atcbench
